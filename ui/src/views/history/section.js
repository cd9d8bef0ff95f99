/** Import and export in the settings, and the index of the search. */
import { html, nothing } from "lit";
import { call } from "../../bridge/index.js";
import { LightElement } from "../../element.js";
import { t } from "../../i18n.js";
import { navigation } from "../../navigation.js";
import { search, transfers } from "../../state/index.js";

/** @import { AppError, SearchState } from "../../bridge/types.js" */

export class TransferSection extends LightElement {
  static properties = { _index: { state: true }, _error: { state: true } };

  constructor() {
    super();
    /** @type {SearchState | undefined} */
    this._index = undefined;
    /** @type {AppError | undefined} */
    this._error = undefined;
    this.watch(transfers, search);
  }

  connectedCallback() {
    super.connectedCallback();
    void this.#read();
  }

  async #read() {
    try {
      this._index = await call("search_state", null);
    } catch (error) {
      this._error = /** @type {AppError} */ (error);
    }
  }

  render() {
    const running = transfers.items.some(({ report }) => report === undefined);
    return html`
      <p class="hint">${t("transfer-lead")}</p>
      <div class="settings-buttons">
        <button class="button" data-testid="import" ?disabled=${running} @click=${() => void transfers.import("choose")}>
          ${t("import-choose")}
        </button>
        <button class="button" data-testid="export-all" ?disabled=${running} @click=${() => navigation.open("export")}>
          ${t("export-everything")}
        </button>
      </div>
      <p class="hint">${t("import-help")}</p>
      <c6-transfers></c6-transfers>
      ${this.#search()}
    `;
  }

  #search() {
    const pending = Math.max(search.pending, this._index?.pending ?? 0);
    const building = search.pending > 0 || (this._index?.pending ?? 0) > 0;
    return html`
      <div class="settings-row">
        <div>
          <p class="settings-label">${t("index-title")}</p>
          <p class="hint" role="status">
            ${
              building
                ? t("search-building", { count: pending })
                : this._index
                  ? t("index-state", { count: this._index.indexed })
                  : nothing
            }
          </p>
        </div>
        <button class="button" data-testid="index-rebuild" ?disabled=${building} @click=${this.#rebuild}>${t("index-rebuild")}</button>
      </div>
      ${this._error ? html`<c6-error class="settings-error" .error=${this._error}></c6-error>` : nothing}
    `;
  }

  async #rebuild() {
    this._error = undefined;
    try {
      await call("search_rebuild", null);
      this._index = await call("search_state", null);
    } catch (error) {
      this._error = /** @type {AppError} */ (error);
    }
  }

  willUpdate() {
    // What the index told since by events is newer than what was read.
    if (this._index && search.pending === 0 && this._index.pending > 0) void this.#read();
  }
}

customElements.define("c6-transfer-section", TransferSection);
