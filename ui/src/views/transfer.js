/** The report of an export or import: what was written or brought in, what was left out and why. */
import { html, nothing } from "lit";
import { deeds } from "../deeds.js";
import { LightElement } from "../element.js";
import { i18n, t } from "../i18n.js";
import { navigation } from "../navigation.js";
import { transfers } from "../state/index.js";
import { outcome } from "./history/words.js";
import { CLOSE } from "./icons.js";
import "./dialog.css";

/** @import { Skipped, TransferReport } from "../bridge/types.js" */

export class TransferReportView extends LightElement {
  static properties = { params: { attribute: false } };

  constructor() {
    super();
    /** @type {Readonly<Record<string, string>>} */
    this.params = {};
    this.watch(transfers);
  }

  firstUpdated() {
    const { id } = this.params;
    // An event holds as much as fits a frame; here is room for more.
    if (id !== undefined) void transfers.read(id).catch(() => {});
  }

  render() {
    const transfer = transfers.get(this.params.id);
    const report = transfer?.report;
    if (!transfer || !report) return nothing;
    return html`
      <div class="dialog" data-testid="transfer-details" data-kind=${report.kind}>
        <header class="dialog-head">
          <h2>${t(`transfer-${report.kind}-title`)}</h2>
          <button class="action" autofocus aria-label=${t("action-close")} @click=${() => navigation.close()}>${CLOSE}</button>
        </header>
        <p class="dialog-lead">${outcome(report)}</p>
        ${report.error ? html`<c6-error .error=${report.error}></c6-error>` : nothing}
        <dl class="figures">
          ${this.#figures(report).map(([name, value]) => html`<div><dt>${name}</dt><dd dir="auto">${value}</dd></div>`)}
        </dl>
        ${this.#skipped(report)}
        <footer class="dialog-foot">
          <span class="dialog-gap"></span>
          ${
            report.kind === "export" && report.path !== undefined
              ? html`<button class="button" @click=${() => void deeds.make(() => transfers.reveal(transfer.id))}>${t("transfer-reveal")}</button>`
              : nothing
          }
          <button
            class="button button--primary"
            @click=${() => {
              transfers.dismiss(transfer.id);
              navigation.close();
            }}
          >
            ${t("action-close")}
          </button>
        </footer>
      </div>
    `;
  }

  /**
   * @param {TransferReport} report
   * @returns {Array<[name: string, value: string]>}
   */
  #figures({ kind, conversations, messages, grown, already_there: known, path }) {
    /** @type {Array<[string, string]>} */
    const figures = [
      [t(kind === "import" ? "transfer-new-conversations" : "transfer-conversations"), i18n.number(conversations)],
      [t(kind === "import" ? "transfer-new-messages" : "transfer-messages"), i18n.number(messages)],
    ];
    if (grown > 0) figures.push([t("transfer-grown"), i18n.number(grown)]);
    if (known > 0) figures.push([t("transfer-known"), i18n.number(known)]);
    if (path !== undefined) figures.push([t(kind === "import" ? "transfer-from" : "transfer-to"), path]);
    return figures;
  }

  /** @param {TransferReport} report */
  #skipped({ skipped, skipped_total: total }) {
    if (total === 0) return nothing;
    return html`
      <h3 class="dialog-sub">${t("transfer-skipped", { count: total })}</h3>
      <p class="hint">${t("transfer-skipped-help")}</p>
      <ul class="rows" data-testid="transfer-skipped">
        ${skipped.map((each) => this.#skip(each))}
      </ul>
      ${total > skipped.length ? html`<p class="hint">${t("transfer-skipped-more", { count: total - skipped.length })}</p>` : nothing}
    `;
  }

  /** @param {Skipped} skip */
  #skip({ file, record, title, code, detail }) {
    return html`<li class="row" data-code=${code}>
      <p>
        ${title === undefined ? nothing : html`<strong dir="auto">${title}</strong> · `}${t(`skip-${code}`)}
      </p>
      <p class="hint" dir="auto">
        ${file}${record === undefined ? nothing : html` · ${t("skip-record", { record })}`}${
          detail === undefined ? nothing : html` · <code>${detail}</code>`
        }
      </p>
    </li>`;
  }
}

customElements.define("c6-transfer", TransferReportView);
