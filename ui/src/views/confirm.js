/**
 * Asks before something that cannot be undone, in a modal dialog of the platform. Escape and the quiet button mean no; the focus
 * begins on the quiet button.
 */
import { html, nothing } from "lit";
import { LightElement } from "../element.js";
import { t } from "../i18n.js";
import { isComposing } from "../ime.js";
import "./confirm.css";

/**
 * @typedef {object} Question
 * @property {string} title
 * @property {string} help What happens, and what does not.
 * @property {string} yes
 * @property {string} [no]
 */

export class Confirm extends LightElement {
  static properties = { question: { state: true } };

  /** @type {((yes: boolean) => void) | undefined} */
  #answer;

  constructor() {
    super();
    /** @type {Question | undefined} */
    this.question = undefined;
  }

  /**
   * @param {Question} question
   * @returns {Promise<boolean>} Whether to do it.
   */
  async ask(question) {
    this.#settle(false);
    this.question = question;
    await this.updateComplete;
    this.querySelector("dialog")?.showModal();
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#settle(false);
  }

  /** @param {boolean} yes */
  #settle(yes) {
    const answer = this.#answer;
    this.#answer = undefined;
    this.querySelector("dialog")?.close();
    this.question = undefined;
    answer?.(yes);
  }

  render() {
    const { question } = this;
    if (!question) return nothing;
    return html`
      <dialog
        class="overlay confirm"
        aria-labelledby="confirm-title"
        aria-describedby="confirm-help"
        @cancel=${(/** @type {Event} */ event) => {
          // Else the dialog around this one would close, too.
          event.stopPropagation();
        }}
        @close=${(/** @type {Event} */ event) => {
          event.stopPropagation();
          this.#settle(false);
        }}
        @keydown=${(/** @type {KeyboardEvent} */ event) => {
          if (event.key === "Escape" && isComposing(event)) event.preventDefault();
          event.stopPropagation();
        }}
      >
        <h2 id="confirm-title">${question.title}</h2>
        <p id="confirm-help">${question.help}</p>
        <div class="confirm-buttons">
          <button class="button" autofocus @click=${() => this.#settle(false)}>${question.no ?? t("action-cancel")}</button>
          <button class="button button--danger" data-confirm @click=${() => this.#settle(true)}>${question.yes}</button>
        </div>
      </dialog>
    `;
  }
}

customElements.define("c6-confirm", Confirm);
