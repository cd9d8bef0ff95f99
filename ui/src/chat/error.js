/**
 * An error where it happened: what happened, what is safe and what to do, in the reader's words; what the other side said stays
 * behind a disclosure.
 */
import { html, nothing } from "lit";
import { LightElement } from "../element.js";
import { t } from "../i18n.js";
import "./error.css";

/** @import { AppError } from "../bridge/types.js" */

export class ErrorNote extends LightElement {
  static properties = { error: { attribute: false } };

  constructor() {
    super();
    /** @type {AppError | undefined} */
    this.error = undefined;
  }

  render() {
    const { error } = this;
    if (!error) return nothing;
    return html`<div class="error" role="alert" data-code=${error.code}>
      <p class="error-what">${t(`error-${error.code}`)}</p>
      <p class="error-help">${t(`error-${error.code}-help`)}</p>
    </div>`;
  }
}

customElements.define("c6-error", ErrorNote);
