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
 * @property {string} [typed] A word that has to be typed before it can be done.
 */

export class Confirm extends LightElement {
  static properties = { question: { state: true }, typed: { state: true } };

  /** @type {((yes: boolean) => void) | undefined} */
  #answer;

  constructor() {
    super();
    /** @type {Question | undefined} */
    this.question = undefined;
    /** What was typed of the word that has to be. */
    this.typed = "";
  }

  /**
   * @param {Question} question
   * @returns {Promise<boolean>} Whether to do it.
   */
  async ask(question) {
    this.#settle(false);
    this.question = question;
    this.typed = "";
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
    const { typed } = question;
    const may = typed === undefined || this.typed.trim().toLocaleLowerCase() === typed.toLocaleLowerCase();
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
        ${
          typed === undefined
            ? nothing
            : html`<label class="label" for="confirm-typed">${t("confirm-type", { word: typed })}</label>
              <input
                class="field"
                id="confirm-typed"
                data-testid="confirm-typed"
                autocomplete="off"
                spellcheck="false"
                .value=${this.typed}
                @input=${(/** @type {InputEvent} */ event) => {
                  this.typed = /** @type {HTMLInputElement} */ (event.target).value;
                }}
                @keydown=${(/** @type {KeyboardEvent} */ event) => {
                  if (event.key === "Enter" && !isComposing(event) && may) this.#settle(true);
                }}
              />`
        }
        <div class="confirm-buttons">
          <button class="button" autofocus @click=${() => this.#settle(false)}>${question.no ?? t("action-cancel")}</button>
          <button class="button button--danger" data-confirm ?disabled=${!may} @click=${() => this.#settle(true)}>${question.yes}</button>
        </div>
      </dialog>
    `;
  }
}

customElements.define("c6-confirm", Confirm);
