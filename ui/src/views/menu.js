/**
 * A menu of entries that is made when it is opened. A popover: the browser puts it above everything, closes it on a click elsewhere,
 * and no list that scrolls can cut it off. One for each place that has menus; the keyboard is that of the ARIA Authoring
 * Practices.
 */
import { html, nothing } from "lit";
import { LightElement } from "../element.js";
import { CHECK } from "./icons.js";
import "./menu.css";
import { fitsBelow, lineStart, place, walk } from "./popover.js";

/** @import { TemplateResult } from "lit" */

/**
 * @typedef {object} Entry
 * @property {string} id Also the end of its test id: `<prefix>-<id>`.
 * @property {string} words
 * @property {string} [key] The key that does the same.
 * @property {TemplateResult} [sign]
 * @property {boolean} [checked] Makes it a choice.
 * @property {"danger"} [kind]
 * @property {boolean} [apart] Whether a line stands before it.
 * @property {() => void} run
 */

/**
 * @typedef {object} Opening
 * @property {string} label What the menu is called.
 * @property {string} prefix Of the test ids.
 * @property {Entry[]} entries
 * @property {HTMLElement} opener Gets the focus back.
 * @property {{ x: number, y: number }} [place] In the window; below the opener where absent.
 */

/** Between the menu and its opener, in px. */
const GAP = 4;

export class Menu extends LightElement {
  static properties = { opening: { state: true } };

  constructor() {
    super();
    /** @type {Opening | undefined} */
    this.opening = undefined;
  }

  /** @param {Opening} opening */
  async open(opening) {
    this.opening = opening;
    await this.updateComplete;
    const menu = this.#menu;
    if (!menu) return;
    menu.showPopover();
    const box = opening.opener.getBoundingClientRect();
    const { x, y } = opening.place ?? { x: lineStart(menu, box), y: box.bottom + GAP };
    const above = (opening.place ? y : box.top - GAP) - menu.offsetHeight;
    place(menu, x, fitsBelow(menu, y) ? y : above);
    this.#entries[0]?.focus();
  }

  get #menu() {
    return /** @type {HTMLElement | null} */ (this.querySelector("[popover]"));
  }

  /** @returns {HTMLElement[]} */
  get #entries() {
    return [.../** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll("[role^=menuitem]"))];
  }

  render() {
    const { opening } = this;
    return html`
      <div class="menu" popover role="menu" aria-label=${opening?.label ?? nothing} @keydown=${this.#onKey}>
        ${opening?.entries.map((entry) => this.#entry(entry, opening.prefix))}
      </div>
    `;
  }

  /**
   * @param {Entry} entry
   * @param {string} prefix
   */
  #entry({ id, words, key, sign, checked, kind, apart, run }, prefix) {
    return html`
      ${apart ? html`<div class="menu-line" role="separator"></div>` : nothing}
      <button
        class="menu-entry ${kind === "danger" ? "menu-entry--danger" : ""}"
        role=${checked === undefined ? "menuitem" : "menuitemradio"}
        aria-checked=${checked ?? nothing}
        tabindex="-1"
        data-testid=${`${prefix}-${id}`}
        data-action=${id}
        @click=${() => this.#pick(run)}
      >
        ${sign ?? nothing}<span class="menu-words" dir="auto">${words}</span>
        ${key ? html`<kbd aria-hidden="true">${key}</kbd>` : nothing} ${checked ? CHECK : nothing}
      </button>
    `;
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const entries = this.#entries;
    // What is behind has keys of its own, and Escape would also stop an answer.
    event.stopPropagation();
    if (walk(event, entries)) return;
    if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      this.#menu?.hidePopover();
      this.opening?.opener.focus();
    } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey && event.key !== " ") {
      // A letter goes to the next entry that begins with it.
      const at = entries.indexOf(/** @type {HTMLElement} */ (document.activeElement));
      const letter = event.key.toLocaleLowerCase();
      const order = [...entries.slice(at + 1), ...entries.slice(0, at + 1)];
      order.find((each) => each.textContent?.trim().toLocaleLowerCase().startsWith(letter))?.focus();
    }
  }

  /** @param {() => void} run */
  #pick(run) {
    this.#menu?.hidePopover();
    this.opening?.opener.focus();
    run();
  }
}

customElements.define("c6-menu", Menu);
