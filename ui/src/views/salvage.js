/**
 * What was lost when the history was found damaged, exactly: what is here, what came from a backup, what is missing and where. It stays to be
 * read again in the settings until it is dismissed; the damaged files were set aside and stay.
 */
import { html, nothing } from "lit";
import { LightElement } from "../element.js";
import { i18n, t } from "../i18n.js";
import { navigation } from "../navigation.js";
import { backups, conversation } from "../state/index.js";
import { CLOSE } from "./icons.js";
import "./dialog.css";

/** @import { LostMessages, SalvageReport } from "../bridge/types.js" */

export class Salvage extends LightElement {
  static properties = { params: { attribute: false } };

  constructor() {
    super();
    /** @type {Readonly<Record<string, string>>} */
    this.params = {};
    this.watch(backups);
  }

  render() {
    const report = backups.salvage;
    if (!report) return nothing;
    const nothingLost = report.lost_messages === 0 && report.lost_conversations === 0 && !report.incomplete;
    return html`
      <div class="dialog" data-testid="salvage" data-lost=${report.lost_messages}>
        <header class="dialog-head">
          <h2>${t("salvage-title")}</h2>
          <button class="action" aria-label=${t("action-close")} @click=${() => navigation.close()}>${CLOSE}</button>
        </header>
        <p>${t(nothingLost ? "salvage-lead-whole" : "salvage-lead", { date: i18n.date(report.at, { dateStyle: "long", timeStyle: "short" }) })}</p>
        <dl class="figures">
          ${this.#figures(report).map(([name, value, kind]) => html`<div class=${kind ?? nothing}><dt>${name}</dt><dd>${value}</dd></div>`)}
        </dl>
        ${report.lost_settings ? html`<p>${t("salvage-settings")}</p>` : nothing}
        ${report.incomplete ? html`<p><strong>${t("salvage-incomplete")}</strong></p>` : nothing}
        ${
          report.lost.length === 0
            ? nothing
            : html`<h3 class="dialog-sub">${t("salvage-where")}</h3>
                <ul class="rows" data-testid="salvage-lost">
                  ${report.lost.map((each) => this.#lost(each))}
                </ul>`
        }
        ${
          report.backup
            ? html`<p data-testid="salvage-backup">
                ${t("salvage-backup", { date: i18n.date(report.backup.created_at, { dateStyle: "long", timeStyle: "short" }), count: report.backup.conversations })}
              </p>`
            : html`<p>${t("salvage-no-backup")}</p>`
        }
        <details class="salvage-details">
          <summary>${t("salvage-details")}</summary>
          <p class="hint" dir="auto">${t("salvage-aside")}<br /><code>${report.set_aside}</code><br /><code>${report.detail}</code></p>
        </details>
        <footer class="dialog-foot">
          <span class="dialog-gap"></span>
          ${
            report.backup
              ? html`<button
                  class="button"
                  data-testid="salvage-look"
                  @click=${() => navigation.open("settings", { section: "backups", backup: report.backup?.id ?? "" })}
                >
                  ${t("salvage-look")}
                </button>`
              : nothing
          }
          <button class="button button--primary" autofocus data-testid="salvage-dismiss" @click=${this.#dismiss}>${t("salvage-dismiss")}</button>
        </footer>
      </div>
    `;
  }

  /**
   * @param {SalvageReport} report
   * @returns {Array<[name: string, value: string, kind?: string]>}
   */
  #figures(report) {
    const { lost_conversations: conversations, lost_messages: messages, messages_from_backup: fromBackup } = report;
    const number = (/** @type {number} */ value) => i18n.number(value);
    const lost = (/** @type {number} */ value) => (value > 0 ? "figures-lost" : undefined);
    return [
      [t("salvage-saved-conversations"), number(report.saved_conversations)],
      [t("salvage-saved-messages"), number(report.saved_messages)],
      ...(fromBackup > 0
        ? [/** @type {[string, string, string]} */ ([t("salvage-from-backup"), number(fromBackup), "figures-part"])]
        : []),
      [t("salvage-lost-conversations"), number(conversations), lost(conversations)],
      [t("salvage-lost-messages"), number(messages), lost(messages)],
    ];
  }

  /** @param {LostMessages} lost */
  #lost({ conversation: id, title, messages }) {
    const name = title ?? t("salvage-unknown");
    return html`<li class="row salvage-row">
      ${
        id === undefined
          ? html`<span dir="auto">${name}</span>`
          : html`<button
              class="salvage-open"
              dir="auto"
              @click=${() => {
                navigation.close();
                void conversation.open(id);
              }}
            >
              ${name}
            </button>`
      }
      <span class="hint">${t("salvage-lost-count", { count: messages })}</span>
    </li>`;
  }

  async #dismiss() {
    await backups.dismissSalvage();
    navigation.close();
  }
}

customElements.define("c6-salvage", Salvage);
