/**
 * The exports and imports that are under way or have just ended: how far they are, what ends them, and where their report is. One line for
 * each, above the foot of the sidebar.
 */
import { html, nothing } from "lit";
import { deeds } from "../../deeds.js";
import { LightElement } from "../../element.js";
import { t } from "../../i18n.js";
import { navigation } from "../../navigation.js";
import { transfers } from "../../state/index.js";
import { ALERT, CHECK, CLOSE } from "../icons.js";
import "./transfers.css";
import { outcome } from "./words.js";

/** @import { Transfer } from "../../bridge/types.js" */

export class TransferLines extends LightElement {
  constructor() {
    super();
    this.watch(transfers);
  }

  render() {
    const { shown, error } = transfers;
    return html`
      ${
        error
          ? html`<div class="transfer transfer--failed">
              <c6-error .error=${error}></c6-error>
              <button class="action" aria-label=${t("action-close")} @click=${() => transfers.dismissError()}>${CLOSE}</button>
            </div>`
          : nothing
      }
      ${shown.map((each) => (each.report ? this.#ended(each) : this.#running(each)))}
    `;
  }

  /** @param {Transfer} transfer */
  #running({ id, progress }) {
    const { kind, done, total, bytes, bytes_total: all } = progress;
    const part =
      total !== undefined && total > 0 ? done / total : all !== undefined && all > 0 ? bytes / all : undefined;
    const words = t(`transfer-${kind}-running`, { count: done });
    return html`<div class="transfer" data-testid="transfer" data-kind=${kind} data-state="running">
      <span class="transfer-words">${words}</span>
      <button
        class="transfer-action"
        data-testid="transfer-cancel"
        @click=${() => void deeds.make(() => transfers.cancel(id))}
      >
        ${t("action-cancel")}
      </button>
      <progress class="transfer-bar" aria-label=${words} max="1" .value=${part ?? nothing}></progress>
    </div>`;
  }

  /** @param {Transfer} transfer */
  #ended({ id, report }) {
    if (!report) return nothing;
    const bad = report.error !== undefined;
    const doubt = bad || report.skipped_total > 0;
    return html`<div
      class="transfer transfer--ended"
      data-testid="transfer"
      data-kind=${report.kind}
      data-state=${bad ? "failed" : report.cancelled ? "cancelled" : "done"}
      role="status"
    >
      <span class="transfer-sign ${doubt ? "transfer-sign--doubt" : ""}">${doubt ? ALERT : CHECK}</span>
      <span class="transfer-words">${outcome(report)}</span>
      <button class="transfer-close" aria-label=${t("transfer-dismiss")} @click=${() => transfers.dismiss(id)}>${CLOSE}</button>
      <span class="transfer-links">
        ${
          report.kind === "export" && report.path !== undefined && !bad
            ? html`<button class="transfer-action" data-testid="transfer-reveal" @click=${() => void deeds.make(() => transfers.reveal(id))}>
                ${t("transfer-reveal")}
              </button>`
            : nothing
        }
        <button class="transfer-action" data-testid="transfer-report" @click=${() => navigation.open("transfer", { id })}>
          ${
            report.skipped_total > 0
              ? t("transfer-skipped-open", { count: report.skipped_total })
              : t("transfer-report")
          }
        </button>
      </span>
    </div>`;
  }
}

customElements.define("c6-transfers", TransferLines);
