/**
 * Keeps the focus on the page. What has it may be taken away by what it does (an answer asked for again, a conversation deleted, a
 * candidate chosen) or by what happens meanwhile; the engines then leave the focus nowhere, and whoever works with the keyboard or a
 * screen reader begins anew at the top. It never takes the focus from anything that has it.
 *
 * An element that knows better than "what is left around it" where to go on has a method `focusHome(lost, around)`; the innermost one
 * that names an element wins.
 */

/**
 * What had the focus, and the elements it stood in, from the inside.
 * @typedef {object} Lost
 * @property {HTMLElement} element
 * @property {readonly HTMLElement[]} around
 */

/**
 * @typedef {{ focusHome?: (lost: HTMLElement, around: readonly HTMLElement[]) => Element | null | undefined }} Home
 */

const FOCUSABLE =
  'button:not(:disabled), a[href], input:not(:disabled), select:not(:disabled), textarea:not(:disabled), summary, [tabindex]:not([tabindex="-1"])';

/** @param {Element | null | undefined} element @returns {element is HTMLElement} */
function usable(element) {
  return (
    element instanceof HTMLElement && element.isConnected && element.checkVisibility() && !element.matches(":disabled")
  );
}

/** @param {HTMLElement} element @returns {Lost} */
function remember(element) {
  /** @type {HTMLElement[]} */
  const around = [];
  for (let up = element.parentElement; up && up !== document.body; up = up.parentElement) around.push(up);
  return { element, around };
}

/** @param {Lost} lost @param {Lost | undefined} behind What had the focus before a view was opened in front of it. */
function homeOf({ element, around }, behind) {
  // Rendered again at another place: it is still there.
  if (usable(element)) return element;
  const left = around.filter((each) => each.isConnected && each.checkVisibility());
  for (const each of left) {
    const home = /** @type {Home} */ (each).focusHome?.(element, around);
    if (usable(home)) return home;
  }
  // Of a view that is gone nothing is left but the frame.
  const gone = around.find((each) => each.matches("dialog, [popover]") && !left.includes(each));
  if (gone && usable(behind?.element)) return behind?.element;
  for (const each of left) {
    const first = [...each.querySelectorAll(FOCUSABLE)].find(usable);
    if (first) return first;
  }
  return undefined;
}

/**
 * Watches the page until `signal` is aborted.
 * @param {AbortSignal} signal
 */
export function keepFocus(signal) {
  /** @type {Lost | undefined} */
  let last;
  /** @type {Lost | undefined} */
  let behind;
  let looking = false;

  /** Whether what had the focus has lost it without anything else having it. */
  const isLost = () => {
    if (!last) return false;
    const { activeElement } = document;
    if (activeElement === null || activeElement === document.body) return true;
    return activeElement === last.element && !last.element.checkVisibility();
  };

  const look = () => {
    looking = false;
    if (!last || !isLost()) return;
    homeOf(last, behind)?.focus({ preventScroll: true });
  };

  document.addEventListener(
    "focusin",
    ({ target }) => {
      if (!(target instanceof HTMLElement)) return;
      last = remember(target);
      if (!target.closest("dialog, [popover]")) behind = last;
    },
    { capture: true, signal },
  );
  // Whoever presses where nothing takes the focus has let go of it.
  document.addEventListener(
    "pointerdown",
    () => {
      setTimeout(() => {
        if (document.activeElement === document.body && last && usable(last.element)) last = undefined;
      });
    },
    { capture: true, signal },
  );
  const observer = new MutationObserver(() => {
    if (looking || !last) return;
    const { activeElement } = document;
    // Hidden things keep the focus until the next frame.
    if (activeElement !== document.body && activeElement !== last.element) return;
    looking = true;
    // What takes things away often knows where to go on and does so at once.
    requestAnimationFrame(look);
  });
  observer.observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["hidden"] });
  signal.addEventListener("abort", () => observer.disconnect());
}
