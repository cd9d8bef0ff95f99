/** Where a menu opens: beside what opened it, inside the window. */

/** Distance that it keeps from the edges of the window, in px. */
const MARGIN = 8;

/**
 * Puts an open popover above its opener, at the side where lines begin.
 * @param {HTMLElement} menu Reads `--menu-x` and `--menu-y`.
 * @param {HTMLElement} opener
 */
export function place(menu, opener) {
  const box = opener.getBoundingClientRect();
  const x = document.dir === "rtl" ? box.right - menu.offsetWidth : box.left;
  const within = (/** @type {number} */ value, /** @type {number} */ most) =>
    Math.max(MARGIN, Math.min(value, most - MARGIN));
  menu.style.setProperty("--menu-x", `${within(x, window.innerWidth - menu.offsetWidth)}px`);
  menu.style.setProperty(
    "--menu-y",
    `${within(box.top - menu.offsetHeight - 6, window.innerHeight - menu.offsetHeight)}px`,
  );
}
