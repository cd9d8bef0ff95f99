/**
 * The models in use: how they stand now, how much each and each category was used, how far they agreed, and how their endpoints did
 * over time. Only what the core measured; what was not measured is left out, and what is empty says how to fill it.
 */
import { html, nothing, svg } from "lit";
import { call } from "../bridge/index.js";
import { speed } from "../chat/figures.js";
import { endpointDetails } from "../chat/health.js";
import { LightElement } from "../element.js";
import { i18n, t } from "../i18n.js";
import { navigation } from "../navigation.js";
import { consensus, conversation, health, session } from "../state/index.js";
import { CLOSE } from "./icons.js";
import { line, shares } from "./models/charts.js";
import { beginningsAndEnds } from "./models/ends.js";
import "./dialog.css";
import "./form-field.css";
import "./models/models.css";

/** @import { AppError, HistoryPoint, LearnedWeights, ModelId, ModelStats } from "../bridge/types.js" */

const HOUR = 3_600_000;
/** The longest that each can be. */
const PERIODS = /** @type {const} */ ({ day: 24 * HOUR, week: 7 * 24 * HOUR, month: 30 * 24 * HOUR });
/** How many points a line has. */
const POINTS = 48;

export class Models extends LightElement {
  static properties = {
    params: { attribute: false },
    period: { state: true },
    stats: { state: true },
    learned: { state: true },
    error: { state: true },
  };

  /** What had begun and ended when this was read. @type {string | undefined} */
  #read;

  constructor() {
    super();
    /** @type {Readonly<Record<string, string>>} */
    this.params = {};
    /** @type {keyof typeof PERIODS} */
    this.period = "week";
    /** @type {ModelStats | undefined} */
    this.stats = undefined;
    /** @type {LearnedWeights | undefined} */
    this.learned = undefined;
    /** @type {AppError | undefined} */
    this.error = undefined;
    this.watch(health, session, conversation, consensus);
  }

  connectedCallback() {
    super.connectedCallback();
    void this.#load();
  }

  /** Reads again whenever an answer began or ended meanwhile. */
  willUpdate() {
    const now = beginningsAndEnds();
    if (now === this.#read) return;
    const known = this.#read !== undefined;
    this.#read = now;
    if (known) void this.#load();
  }

  async #load() {
    const { period } = this;
    try {
      const [stats, learned] = await Promise.all([
        call("model_stats", {
          since: period === "day" ? new Date().setHours(0, 0, 0, 0) : Date.now() - PERIODS[period],
          bucket_ms: Math.max(60_000, Math.round(PERIODS[period] / POINTS)),
        }),
        call("consensus_weights", null),
      ]);
      if (period !== this.period) return;
      this.stats = stats;
      this.learned = learned;
      this.error = undefined;
    } catch (error) {
      this.error = /** @type {AppError} */ (error);
    }
  }

  render() {
    const { stats } = this;
    return html`<div class="dialog models" data-testid="models">
      <header class="dialog-head">
        <h2>${t("models-title")}</h2>
        <select
          class="field select"
          aria-label=${t("models-period")}
          data-testid="models-period"
          .value=${this.period}
          @change=${(/** @type {Event} */ event) => {
            this.period = /** @type {keyof typeof PERIODS} */ (/** @type {HTMLSelectElement} */ (event.target).value);
            void this.#load();
          }}
        >
          ${/** @type {const} */ (["day", "week", "month"]).map((each) => html`<option value=${each} ?selected=${each === this.period}>${t(`models-period-${each}`)}</option>`)}
        </select>
        <button type="button" class="action" autofocus aria-label=${t("action-close")} @click=${() => navigation.close()}>${CLOSE}</button>
      </header>
      <p class="hint">${t("models-lead")}</p>
      ${this.error ? html`<c6-error .error=${this.error}></c6-error>` : nothing}
      <section class="models-part"><h3>${t("models-now")}</h3>${this.#now()}</section>
      ${
        stats === undefined
          ? nothing
          : stats.models.length === 0
            ? html`<div class="models-empty" data-testid="models-empty"><p><strong>${t("models-none")}</strong></p><p class="hint">${t("models-none-help")}</p></div>`
            : html`<section class="models-part"><h3>${t("models-share")}</h3>${this.#share(stats)}</section>
                <section class="models-part"><h3>${t("models-tiers")}</h3>${this.#tiers(stats)}</section>
                <section class="models-part"><h3>${t("models-history")}</h3>${this.#history(stats)}</section>`
      }
      <section class="models-part"><h3>${t("models-agreement")}</h3>${this.#agreement(stats)}</section>
    </div>`;
  }

  /** @param {ModelId} model Whether it writes an answer of the open conversation. */
  #writes(model) {
    return (
      conversation.streaming?.value.model === model ||
      consensus.runs.some(({ value }) =>
        value.candidates.some((each) => each.model === model && each.status === "streaming"),
      )
    );
  }

  #now() {
    return html`<ul class="models-now">
      ${health.endpoints.map((each) => {
        const last = this.stats?.endpoints.find(({ model }) => model === each.model)?.points.at(-1);
        const figures =
          last &&
          [last.ttft_ms === undefined ? undefined : i18n.duration(last.ttft_ms), speed(last)].filter(
            (one) => one !== undefined,
          );
        return html`<li data-testid="model-now" data-model=${each.model} data-state=${each.state}>
          <span class="dot" data-hue=${session.hueOf(each.model) ?? nothing} data-state=${each.state}></span>
          <span class="models-words">
            <strong>${each.label}</strong>${this.#writes(each.model) ? html`<span class="thinking models-writing">${t("models-writing")}</span>` : nothing}
            <span class="hint">${endpointDetails(each)}</span>
            <span class="hint">${figures && figures.length > 0 ? t("models-metrics-last", { figures: figures.join(" · ") }) : t("models-last-none")}</span>
          </span>
        </li>`;
      })}
    </ul>`;
  }

  /** @param {ModelStats} stats */
  #share({ models }) {
    const parts = models.map(({ model, answers }) => ({
      label: session.labelOf(model),
      hue: session.hueOf(model),
      value: answers,
    }));
    const all = parts.reduce((sum, { value }) => sum + value, 0) || 1;
    return html`${shares(t("models-share"), parts)}
      <dl class="models-rows">
        ${models.map(
          ({
            model,
            answers,
            failed,
            completion_tokens: tokens,
            chosen,
            voted,
          }) => html`<div data-testid="model-use" data-model=${model} data-answers=${answers}>
            <dt><span class="dot" data-hue=${session.hueOf(model) ?? nothing}></span>${session.labelOf(model)}</dt>
            <dd class="models-detail">${[
              t("models-answers", { count: answers }),
              failed === 0 ? undefined : t("models-failed", { count: failed }),
              tokens === 0 ? undefined : t("models-tokens", { count: tokens }),
              voted === 0 ? undefined : t("models-chosen", { chosen, voted }),
            ]
              .filter((each) => each !== undefined)
              .join(" · ")}</dd>
            <dd class="models-share">${i18n.number(answers / all, { style: "percent", maximumFractionDigits: 0 })}</dd>
          </div>`,
        )}
      </dl>`;
  }

  /** @param {ModelStats} stats */
  #tiers({ tiers }) {
    if (tiers.length === 0) return html`<p class="hint">${t("models-none")}</p>`;
    const all = tiers.reduce((sum, { answers }) => sum + answers, 0) || 1;
    return html`<dl class="models-rows">
      ${tiers.map(({ tier, answers }) => {
        const share = answers / all;
        return html`<div data-testid="tier-use" data-tier=${tier} data-answers=${answers}>
          <dt>${t(`tier-${tier}`)}</dt>
          <dd class="models-detail">${bar(share)}<span class="hint">${t("models-answers", { count: answers })}</span></dd>
          <dd class="models-share">${i18n.number(share, { style: "percent", maximumFractionDigits: 0 })}</dd>
        </div>`;
      })}
    </dl>`;
  }

  /** @param {ModelStats | undefined} stats */
  #agreement(stats) {
    const agreements = stats?.agreements.filter(({ runs }) => runs > 0) ?? [];
    if (agreements.length === 0)
      return html`<p class="hint" data-testid="agreement-empty">${t("models-agreement-none")}</p>`;
    const all = agreements.reduce((sum, { runs }) => sum + runs, 0);
    return html`<dl class="models-rows">
      ${agreements.map(({ agreement, runs }) => {
        const upheld = this.learned?.upheld.find((each) => each.agreement === agreement);
        return html`<div data-testid="agreement-use" data-agreement=${agreement} data-runs=${runs}>
          <dt>${t(`agreement-${agreement}`)}</dt>
          <dd class="models-detail">${bar(runs / all)}<span class="hint">${t("models-runs", { count: runs })}${upheld && upheld.judged > 0 ? ` · ${t("models-upheld", { upheld: upheld.upheld, judged: upheld.judged })}` : nothing}</span></dd>
          <dd class="models-share">${i18n.number(runs / all, { style: "percent", maximumFractionDigits: 0 })}</dd>
        </div>`;
      })}
    </dl>`;
  }

  /** @param {ModelStats} stats */
  #history({ endpoints }) {
    return html`<ul class="models-history">
      ${endpoints.map(
        ({ model, points }) => html`<li data-testid="model-history" data-model=${model}>
          <p class="models-name"><span class="dot" data-hue=${session.hueOf(model) ?? nothing}></span><strong>${session.labelOf(model)}</strong></p>
          <div class="models-lines">
            ${this.#line(
              model,
              "ttft",
              t("models-ttft"),
              points,
              ({ ttft_ms: ms }) => ms,
              (ms) => i18n.duration(ms),
            )}
            ${this.#line(
              model,
              "speed",
              t("models-speed"),
              points,
              ({ tokens_per_second: each }) => each,
              (value) => speed({ tokens_per_second: value }) ?? "",
            )}
          </div>
        </li>`,
      )}
    </ul>`;
  }

  /**
   * @param {ModelId} model
   * @param {"ttft" | "speed"} figure
   * @param {string} label
   * @param {readonly HistoryPoint[]} points
   * @param {(point: HistoryPoint) => number | undefined} read
   * @param {(value: number) => string} word
   */
  #line(model, figure, label, points, read, word) {
    const measured = points.flatMap((point) => {
      const value = read(point);
      return value === undefined ? [] : [{ at: point.at, value }];
    });
    const values = measured.map(({ value }) => value);
    const last = values.at(-1);
    if (last === undefined) return nothing;
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const range =
      values.length === 1 ? word(last) : t("models-range", { least: word(least), most: word(most), last: word(last) });
    return html`<figure class="models-line" data-testid="history-line" data-figure=${figure} data-values=${values.join(" ")}>
      ${line(t("models-chart", { label, model: session.labelOf(model), range }), session.hueOf(model), measured)}
      <figcaption>${label} <span class="hint">${range}</span></figcaption>
    </figure>`;
  }
}

/** @param {number} share From 0 to 1. Said in words beside it. */
function bar(share) {
  return html`<svg class="models-bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
    ${svg`<rect class="models-bar-ground" width="100" height="6"></rect><rect class="models-bar-part" width=${(100 * share).toFixed(1)} height="6"></rect>`}
  </svg>`;
}

customElements.define("c6-models", Models);
