/** How much each model was used today, for the inspector. Read again whenever an answer ended. */
import { html, nothing } from "lit";
import { run } from "../../actions.js";
import { call } from "../../bridge/index.js";
import { LightElement } from "../../element.js";
import { i18n, t } from "../../i18n.js";
import { consensus, conversation, session } from "../../state/index.js";
import { shares } from "./charts.js";
import { beginningsAndEnds } from "./ends.js";
import "./models.css";

/** @import { ModelUse } from "../../bridge/types.js" */

export class UseToday extends LightElement {
  static properties = { models: { state: true } };

  /** What had begun and ended when this was read. @type {string | undefined} */
  #read;

  constructor() {
    super();
    /** @type {readonly ModelUse[]} */
    this.models = [];
    this.watch(session, conversation, consensus);
  }

  willUpdate() {
    const now = beginningsAndEnds();
    if (now === this.#read) return;
    this.#read = now;
    void this.#load();
  }

  async #load() {
    const since = new Date().setHours(0, 0, 0, 0);
    const stats = await call("model_stats", { since, bucket_ms: 3_600_000 }).catch(() => undefined);
    if (stats) this.models = stats.models.filter(({ answers }) => answers > 0);
  }

  render() {
    const { models } = this;
    const all = models.reduce((sum, { answers }) => sum + answers, 0);
    return html`<section class="use-today" data-testid="use-today">
      ${
        all === 0
          ? nothing
          : html`<h2>${t("models-use-today")}</h2>
              ${shares(
                t("models-use-today"),
                models.map(({ model, answers }) => ({
                  label: session.labelOf(model),
                  hue: session.hueOf(model),
                  value: answers,
                })),
              )}
              <dl>
                ${models.map(
                  ({ model, answers }) =>
                    html`<div><dt>${session.labelOf(model)}</dt><dd>${i18n.number(answers / all, { style: "percent", maximumFractionDigits: 0 })}</dd></div>`,
                )}
              </dl>`
      }
      <button type="button" class="use-more" data-testid="models-open" @click=${() => run("models")}>${t("models-more")}</button>
    </section>`;
  }
}

customElements.define("c6-use-today", UseToday);
