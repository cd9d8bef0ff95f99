/**
 * Who owns the scroll: the reader. The end is followed only while the reader is at the end; any move upwards lets go at once, and
 * coming back to the end by oneself takes hold again. Pure: it is told what happened and says whether to go to the end.
 */

/**
 * A scroller's figures in CSS pixels.
 * @typedef {object} Position
 * @property {number} top
 * @property {number} height Of what is inside.
 * @property {number} view Of the scroller itself.
 */

/** Positions are fractions on dense screens; less than this from the end is the end. */
const SLACK = 2;

export class EndFollower {
  #following = true;
  /** @type {Position} */
  #last = { top: 0, height: 0, view: 0 };

  /** Whether what grows pulls the view along. */
  get following() {
    return this.#following;
  }

  /**
   * @param {Position} position
   * @returns {number} How far the end is below the view; 0 at the end.
   */
  static below({ top, height, view }) {
    const left = height - view - top;
    return left <= SLACK ? 0 : left;
  }

  /** The reader wants to go up: a wheel, a key, a finger. */
  upward() {
    this.#following = false;
  }

  /** The reader asked for the end, or said something new. */
  toEnd() {
    this.#following = true;
  }

  /**
   * The scroller moved, whoever moved it.
   * @param {Position} position
   */
  scrolled(position) {
    const shrunk = position.height < this.#last.height || position.view !== this.#last.view;
    if (EndFollower.below(position) === 0) this.#following = true;
    // Nobody but the reader (the scroll bar, a search) moves it up while nothing shrinks.
    else if (position.top < this.#last.top - SLACK && !shrunk) this.#following = false;
    this.#last = position;
  }

  /**
   * What is inside, or the scroller, changed its size.
   * @param {Position} position
   * @returns {boolean} Whether to go to the end now.
   */
  resized(position) {
    this.#last = position;
    return this.#following && EndFollower.below(position) > 0;
  }
}

/**
 * Whether a key takes the reader up.
 * @param {Pick<KeyboardEvent, "key" | "shiftKey">} event
 */
export function isUpwardKey({ key, shiftKey }) {
  return key === "ArrowUp" || key === "PageUp" || key === "Home" || (key === " " && shiftKey);
}
