/**
 * A long text as pieces of which only those near the view are on the page; the others are empty and as high as they were, or as high as
 * they will probably be. Filling one is a small task; no frame gets more of them than it has room for.
 *
 * Event, bubbles: `stretches-filled`, at once after pieces were filled, for whoever keeps the reader's place: engines differ in
 * whether a frame could otherwise show them out of place.
 */

/**
 * @typedef {object} Stretch
 * @property {number} guess Its probable height in pixels.
 * @property {(element: HTMLElement) => void} fill Puts its content into the empty element.
 */

/** How far from the view a piece is filled, and how far it is emptied again, in pixels. */
const NEAR = 1_000;
const FAR = 3_000;
/** How long filling may take in one frame, in milliseconds, and how many pieces it may fill at most. */
const BUDGET = 6;
const PER_FRAME = 3;

/**
 * @param {DOMRectReadOnly} box
 * @param {number} y
 */
const distance = ({ top, bottom }, y) => Math.max(top - y, y - bottom, 0);

export class Stretches {
  /** How far each was from the middle of the view when it was last looked at. @type {Map<Element, Stretch & { filled: boolean, near: boolean, far: number }>} */
  #all = new Map();
  /** @type {HTMLElement[]} */
  #elements = [];
  /** @type {IntersectionObserver | undefined} */
  #near;
  /** @type {IntersectionObserver | undefined} */
  #far;
  #queued = false;
  #root;

  /**
   * @param {HTMLElement} root The pieces are put at its beginning.
   * @param {Stretch[]} stretches
   */
  constructor(root, stretches) {
    this.#root = root;
    for (const stretch of stretches) {
      const element = document.createElement("div");
      element.className = "stretch";
      element.style.height = `${stretch.guess}px`;
      this.#all.set(element, { ...stretch, filled: false, near: false, far: 0 });
      this.#elements.push(element);
    }
    root.prepend(...this.#elements);
  }

  /** Begins to look which pieces are near; their scroller must be on the page. */
  connect() {
    const [first] = this.#elements;
    if (!first || this.#near) return;
    const root = first.closest(".messages");
    this.#near = new IntersectionObserver((entries) => this.#see(entries), { root, rootMargin: `${NEAR}px 0px` });
    this.#far = new IntersectionObserver((entries) => this.#leave(entries), { root, rootMargin: `${FAR}px 0px` });
    for (const element of this.#elements) {
      this.#near.observe(element);
      this.#far.observe(element);
    }
  }

  disconnect() {
    this.#near?.disconnect();
    this.#far?.disconnect();
    this.#near = undefined;
    this.#far = undefined;
  }

  remove() {
    this.disconnect();
    for (const element of this.#elements) element.remove();
  }

  /**
   * Fills one piece now, wherever it is.
   * @param {number} n
   * @returns {HTMLElement | undefined}
   */
  show(n) {
    const element = this.#elements[n];
    if (element) this.#fill(element);
    return element;
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #see(entries) {
    for (const { target, isIntersecting, boundingClientRect, rootBounds } of entries) {
      const stretch = this.#all.get(target);
      if (!stretch) continue;
      stretch.near = isIntersecting;
      if (rootBounds) stretch.far = distance(boundingClientRect, (rootBounds.top + rootBounds.bottom) / 2);
    }
    // A frame that has had its share gets no more of it.
    if (!this.#queued) this.#work();
  }

  /** What the reader sees first, then what is around it. */
  #work() {
    const waiting = [...this.#all]
      .filter(([, { near, filled }]) => near && !filled)
      .sort(([, a], [, b]) => a.far - b.far);
    if (waiting.length === 0) return;
    const begun = performance.now();
    let done = 0;
    for (const [element] of waiting) {
      if (done === PER_FRAME || performance.now() - begun > BUDGET) break;
      this.#fill(element);
      done += 1;
    }
    this.#workOn();
    this.#root.dispatchEvent(new CustomEvent("stretches-filled", { bubbles: true }));
  }

  /** Goes on in the next frame; until then nothing is filled. */
  #workOn() {
    if (this.#queued) return;
    this.#queued = true;
    requestAnimationFrame(() => {
      this.#queued = false;
      this.#work();
    });
  }

  /** @param {Element} element */
  #fill(element) {
    const stretch = this.#all.get(element);
    if (!stretch || stretch.filled || !(element instanceof HTMLElement)) return;
    stretch.filled = true;
    element.style.height = "";
    stretch.fill(element);
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #leave(entries) {
    const selection = document.getSelection();
    for (const { target, isIntersecting, boundingClientRect } of entries) {
      const stretch = this.#all.get(target);
      if (isIntersecting || !stretch?.filled || !(target instanceof HTMLElement)) continue;
      // What the reader has selected or is in stays.
      if (target.contains(document.activeElement)) continue;
      if (selection && !selection.isCollapsed && selection.containsNode(target, true)) continue;
      stretch.filled = false;
      target.style.height = `${boundingClientRect.height}px`;
      target.replaceChildren();
    }
  }
}
