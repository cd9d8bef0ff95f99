/** The about box: what runs here, in versions that can be copied into a report. */
import { html, nothing } from "lit";
import { call } from "../bridge/index.js";
import { copyText } from "../clipboard.js";
import { LightElement } from "../element.js";
import { t } from "../i18n.js";
import { navigation } from "../navigation.js";
import { CLOSE, MARK } from "./icons.js";
import "./about.css";

/** @import { About as Versions, AppError } from "../bridge/types.js" */

/** @type {readonly (keyof Versions)[]} */
const LINES = ["version", "commit", "system", "webview", "tauri", "sqlite", "data_directory"];

export class About extends LightElement {
  static properties = {
    params: { attribute: false },
    versions: { state: true },
    error: { state: true },
    copied: { state: true },
  };

  constructor() {
    super();
    /** @type {Readonly<Record<string, string>>} */
    this.params = {};
    /** @type {Versions | undefined} */
    this.versions = undefined;
    /** @type {AppError | undefined} */
    this.error = undefined;
    this.copied = false;
  }

  connectedCallback() {
    super.connectedCallback();
    void this.#load();
  }

  async #load() {
    try {
      this.versions = await call("about", null);
    } catch (error) {
      this.error = /** @type {AppError} */ (error);
    }
  }

  render() {
    const { versions } = this;
    return html`
      <div class="about" data-testid="about">
        <button class="button button--quiet about-close" autofocus aria-label=${t("action-close")} @click=${() => navigation.close()}>
          ${CLOSE}
        </button>
        <div class="about-head">
          ${MARK}
          <div>
            <h2>${t("app-name")}</h2>
            <p class="hint">${t("about-tagline")}</p>
          </div>
        </div>
        ${this.error ? html`<c6-error .error=${this.error}></c6-error>` : nothing}
        ${
          versions
            ? html`<dl class="about-versions">
                ${LINES.filter((name) => versions[name] !== "").map(
                  (name) => html`<div><dt>${labelOf(name)}</dt><dd dir="ltr">${versions[name]}</dd></div>`,
                )}
              </dl>`
            : nothing
        }
        <footer class="about-foot">
          <span class="hint">${t("about-license")}</span>
          <button class="button" ?disabled=${!versions} @click=${this.#copy}>
            ${this.copied ? t("about-copied") : t("about-copy")}
          </button>
          <span class="sr-only" role="status">${this.copied ? t("about-copied") : ""}</span>
        </footer>
      </div>
    `;
  }

  async #copy() {
    const { versions } = this;
    if (!versions) return;
    const lines = LINES.filter((name) => name !== "data_directory").map(
      (name) => `${labelOf(name)}: ${versions[name]}`,
    );
    this.copied = await copyText(lines.join("\n"));
  }
}

/**
 * @param {keyof Versions} name
 * @returns {string}
 */
function labelOf(name) {
  return name === "data_directory" ? t("about-data") : t(`about-${name}`);
}

customElements.define("c6-about", About);
