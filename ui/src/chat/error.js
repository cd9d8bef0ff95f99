/**
 * An error where it happened: what happened, what is safe and what to do, in the reader's words. What the other side said stays
 * behind a disclosure, as text. Counts down to the moment the server asked for, where it is known.
 */
import { html, nothing } from "lit";
import { LightElement } from "../element.js";
import { i18n, t } from "../i18n.js";
import "./error.css";

/** @import { AppError } from "../bridge/types.js" */

export class ErrorNote extends LightElement {
  static properties = {
    error: { attribute: false },
    words: { attribute: false },
    retryAt: { attribute: false },
    testId: { attribute: false },
  };

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #tick;

  constructor() {
    super();
    /** @type {AppError | undefined} */
    this.error = undefined;
    /** What is said of it, where that is more than its code tells. @type {{ what: string, help: string } | undefined} */
    this.words = undefined;
    /** In milliseconds since 1970. @type {number | undefined} */
    this.retryAt = undefined;
    /** The test id, where it is not simply an error. @type {string | undefined} */
    this.testId = undefined;
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.#tick);
  }

  updated() {
    clearTimeout(this.#tick);
    const left = (this.retryAt ?? 0) - Date.now();
    if (left > 0) this.#tick = setTimeout(() => this.requestUpdate(), left % 1000 || 1000);
  }

  render() {
    const { error } = this;
    if (!error) return nothing;
    const known = i18n.has(`error-${error.code}`) ? error.code : "internal";
    const seconds = Math.ceil(((this.retryAt ?? 0) - Date.now()) / 1000);
    return html`<div class="error" role="group" data-testid=${this.testId ?? "error"} data-code=${error.code}>
      <p class="error-what">${this.words?.what ?? t(`error-${known}`)}</p>
      <p class="error-help">${this.words?.help ?? t(`error-${known}-help`)}</p>
      ${seconds > 0 ? html`<p class="error-wait">${t("error-retry-after", { seconds })}</p>` : nothing}
      ${
        error.detail
          ? html`<details class="error-details">
              <summary>${t("error-details")}</summary>
              <pre tabindex="0">${error.code}: ${error.detail}</pre>
            </details>`
          : nothing
      }
    </div>`;
  }
}

customElements.define("c6-error", ErrorNote);
