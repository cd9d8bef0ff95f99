/** What menus in popovers have in common: where they stand, and how the keyboard walks through their entries. */

/** Distance that a menu keeps from the edges of the window, in px. */
const MARGIN = 8;

/**
 * Where a menu begins that opens at its opener: at the side where lines begin.
 * @param {HTMLElement} menu
 * @param {DOMRect} opener
 */
export function lineStart(menu, opener) {
  return document.dir === "rtl" ? opener.right - menu.offsetWidth : opener.left;
}

/**
 * Whether an open menu that begins there ends inside the window.
 * @param {HTMLElement} menu
 * @param {number} y
 */
export function fitsBelow(menu, y) {
  return y + menu.offsetHeight <= window.innerHeight - MARGIN;
}

/**
 * Puts an open popover where it was asked for, or as near as the window allows.
 * @param {HTMLElement} menu Reads `--menu-x` and `--menu-y`.
 * @param {number} x
 * @param {number} y
 */
export function place(menu, x, y) {
  menu.style.setProperty("--menu-x", `${within(x, window.innerWidth - menu.offsetWidth)}px`);
  menu.style.setProperty("--menu-y", `${within(y, window.innerHeight - menu.offsetHeight)}px`);
}

/**
 * @param {number} value
 * @param {number} most
 * @returns {number} The value, kept away from the edges.
 */
function within(value, most) {
  return Math.max(MARGIN, Math.min(value, most - MARGIN));
}

/**
 * Walks between entries by the arrows, Home and End, from the last to the first and back.
 * @param {KeyboardEvent} event
 * @param {HTMLElement[]} entries
 * @returns {boolean} Whether the key was one of these.
 */
export function walk(event, entries) {
  const at = entries.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
  if (to === undefined) return false;
  event.preventDefault();
  entries.at(to % entries.length)?.focus();
  return true;
}
