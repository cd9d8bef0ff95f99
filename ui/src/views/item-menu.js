/**
 * The menu of one conversation in the list. A popover: the browser puts it above everything, closes it on a click elsewhere,
 * and no list that scrolls can cut it off. Says what was picked as an `item-action` event; does nothing by itself.
 */
import { html } from "lit";
import { LightElement } from "../element.js";
import { t } from "../i18n.js";
import "./item-menu.css";

/** @import { ConversationSummary } from "../bridge/types.js" */

/** @typedef {"rename" | "pin" | "unpin" | "delete"} ItemAction */

/** Distance that the menu keeps from the edges of the window, in px. */
const MARGIN = 8;

export class ItemMenu extends LightElement {
  static properties = { conversation: { state: true } };

  /** What had the focus before. @type {HTMLElement | undefined} */
  #opener;

  constructor() {
    super();
    /** @type {ConversationSummary | undefined} */
    this.conversation = undefined;
  }

  /**
   * @param {ConversationSummary} conversation
   * @param {HTMLElement} opener Gets the focus back.
   * @param {{ x: number, y: number }} [place] In the window; below the opener where absent.
   */
  async open(conversation, opener, place) {
    this.conversation = conversation;
    this.#opener = opener;
    await this.updateComplete;
    const menu = this.#menu;
    if (!menu) return;
    menu.showPopover();
    const box = opener.getBoundingClientRect();
    const { x, y } = place ?? {
      x: document.dir === "rtl" ? box.right - menu.offsetWidth : box.left,
      y: box.bottom + 4,
    };
    const fits = y + menu.offsetHeight <= window.innerHeight - MARGIN;
    const top = fits ? y : (place ? y : box.top - 4) - menu.offsetHeight;
    menu.style.setProperty("--menu-x", `${clamp(x, window.innerWidth - menu.offsetWidth)}px`);
    menu.style.setProperty("--menu-y", `${clamp(top, window.innerHeight - menu.offsetHeight)}px`);
    this.#entries[0]?.focus();
  }

  get #menu() {
    return /** @type {HTMLElement | null} */ (this.querySelector("[popover]"));
  }

  /** @returns {HTMLElement[]} */
  get #entries() {
    return [.../** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll("[role=menuitem]"))];
  }

  render() {
    const { conversation } = this;
    const pin = conversation?.pinned ? "unpin" : "pin";
    return html`
      <div
        class="item-menu"
        popover
        role="menu"
        aria-label=${t("item-menu", { title: conversation?.title ?? "" })}
        @keydown=${this.#onKey}
      >
        ${this.#entry("rename", t("item-rename"), t("key-f2"))}
        ${this.#entry(pin, pin === "pin" ? t("item-pin") : t("item-unpin"))}
        ${this.#entry("delete", t("item-delete"), t("key-delete"))}
      </div>
    `;
  }

  /**
   * @param {ItemAction} action
   * @param {string} words
   * @param {string} [key]
   */
  #entry(action, words, key) {
    return html`
      <button
        class="item-menu-entry"
        role="menuitem"
        tabindex="-1"
        data-testid=${`conversation-${action === "unpin" ? "pin" : action}`}
        data-action=${action}
        @click=${() => this.#pick(action)}
      >
        <span>${words}</span>${key ? html`<kbd aria-hidden="true">${key}</kbd>` : ""}
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
      this.#opener?.focus();
    }
    // The list behind has keys of its own, and Escape would also stop an answer.
    event.stopPropagation();
  }

  /** @param {ItemAction} action */
  #pick(action) {
    const { conversation } = this;
    this.#menu?.hidePopover();
    if (!conversation) return;
    this.dispatchEvent(new CustomEvent("item-action", { detail: { action, conversation } }));
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

customElements.define("c6-item-menu", ItemMenu);
