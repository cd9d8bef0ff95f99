/**
 * A menu of entries that is made when it is opened. A popover: the browser puts it above everything, closes it on a click elsewhere,
 * and no list that scrolls can cut it off. One for each place that has menus; the keyboard is that of the ARIA Authoring
 * Practices.
 */
import { html, nothing } from "lit";
import { LightElement } from "../element.js";
import { CHECK } from "./icons.js";
import "./menu.css";

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

/** Distance that the menu keeps from the edges of the window, in px. */
const MARGIN = 8;

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
    const { x, y } = opening.place ?? {
      x: document.dir === "rtl" ? box.right - menu.offsetWidth : box.left,
      y: box.bottom + 4,
    };
    const fits = y + menu.offsetHeight <= window.innerHeight - MARGIN;
    const top = fits ? y : (opening.place ? y : box.top - 4) - menu.offsetHeight;
    menu.style.setProperty("--menu-x", `${clamp(x, window.innerWidth - menu.offsetWidth)}px`);
    menu.style.setProperty("--menu-y", `${clamp(top, window.innerHeight - menu.offsetHeight)}px`);
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
    const at = entries.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      entries.at(to % entries.length)?.focus();
    } else if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      this.#menu?.hidePopover();
      this.opening?.opener.focus();
    } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey && event.key !== " ") {
      // A letter goes to the next entry that begins with it.
      const letter = event.key.toLocaleLowerCase();
      const order = [...entries.slice(at + 1), ...entries.slice(0, at + 1)];
      order.find((each) => each.textContent?.trim().toLocaleLowerCase().startsWith(letter))?.focus();
    }
    // What is behind has keys of its own, and Escape would also stop an answer.
    event.stopPropagation();
  }

  /** @param {() => void} run */
  #pick(run) {
    this.#menu?.hidePopover();
    this.opening?.opener.focus();
    run();
  }
}

/**
 * @param {number} value
 * @param {number} most
 * @returns {number} The value, kept away from the edges.
 */
function clamp(value, most) {
  return Math.max(MARGIN, Math.min(value, most - MARGIN));
}

customElements.define("c6-menu", Menu);
