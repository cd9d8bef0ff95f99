/**
 * What is known about one answer: who wrote it, why, how fast, at what cost; and how the endpoints do. Only what was measured.
 */
import { html, nothing } from "lit";
import { LightElement } from "../element.js";
import { i18n, t } from "../i18n.js";
import { consensus, conversation, health, session } from "../state/index.js";
import "../views/models/use-today.js";
import { agreementWords, besideWords, trustWords } from "./consensus/words.js";
import { reason, speed, tokens } from "./figures.js";
import { focus } from "./focus.js";
import { endpointDetails } from "./health.js";
import { CLOSE } from "./icons.js";
import "./inspector.css";
import { run } from "../actions.js";

/** @import { MessageState } from "../state/message.js" */

export class Inspector extends LightElement {
  /** @type {MessageState | undefined} */
  #observed;
  /** @type {AbortController | undefined} */
  #connection;

  constructor() {
    super();
    this.watch(consensus, conversation, focus, health, session);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#connection?.abort();
    this.#observed = undefined;
  }

  get #message() {
    const { inspected } = focus;
    const chosen = inspected === undefined ? undefined : conversation.messages.find(({ id }) => id === inspected);
    return chosen ?? conversation.lastAnswer;
  }

  willUpdate() {
    const message = this.#message;
    if (message === this.#observed) return;
    this.#connection?.abort();
    this.#connection = new AbortController();
    this.#observed = message;
    let state = message?.value.status;
    let model = message?.value.model;
    // Not for every word: only when it ends or somebody else answers.
    message?.observe(() => {
      const { value } = message;
      if (value.status === state && value.model === model) return;
      state = value.status;
      model = value.model;
      this.requestUpdate();
    }, this.#connection.signal);
  }

  render() {
    return html`<div class="inspector" data-testid="inspector">
      <header class="inspector-head">
        <h2>${t("inspector-title")}</h2>
        <button type="button" class="action" data-testid="inspector-close" aria-label=${t("inspector-close")} title=${t("inspector-close")} @click=${() => run("toggle-inspector")}>
          ${CLOSE}
        </button>
      </header>
      ${this.#run()} ${this.#consensus()}
      <c6-use-today></c6-use-today>
      ${this.#endpoints()}
    </div>`;
  }

  #run() {
    const value = this.#message?.value;
    if (!value) return html`<p class="hint">${t("inspector-empty")}</p>`;
    const metrics = value.metrics ?? {};
    /** @type {Array<[string, string | undefined]>} */
    const rows = [
      ["model", session.labelOf(value.model)],
      ["why", reason(value, session)],
      ["tier", value.routing && t(`tier-${value.routing.tier}`)],
      ["ttft", metrics.ttft_ms === undefined ? undefined : i18n.duration(metrics.ttft_ms)],
      ["speed", speed(metrics)],
      ["tokens", tokens(metrics)],
      ["duration", metrics.duration_ms === undefined ? undefined : i18n.duration(metrics.duration_ms)],
      [
        "finish",
        metrics.finish_reason === undefined || value.status !== "complete"
          ? undefined
          : t(`finish-${metrics.finish_reason}`),
      ],
      ["status", value.status === "complete" ? undefined : t(`message-status-${value.status}`)],
    ];
    return html`<dl class="facts" data-testid="run">
      ${rows.map(([name, text]) =>
        text === undefined || text === ""
          ? nothing
          : html`<div><dt>${t(`metrics-${name}`)}</dt><dd data-fact=${name}>${text}</dd></div>`,
      )}
      ${value.scripted ? html`<div><dt>${t("message-scripted")}</dt><dd class="facts-note">${t("message-scripted-help")}</dd></div>` : nothing}
    </dl>`;
  }

  /** How far those agreed whom this answer comes from. */
  #consensus() {
    const run = consensus.runOf(this.#message?.id)?.value;
    const verdict = run?.verdict;
    if (!run || !verdict) return nothing;
    return html`<h2>${t("inspector-consensus")}</h2>
      <dl class="facts" data-testid="inspector-consensus">
        <div><dt>${t("vote-fact-basis")}</dt><dd data-fact="basis">${t(`basis-${verdict.basis}`)}</dd></div>
        <div><dt>${t("vote-fact-asked")}</dt><dd data-fact="method">${t(`method-${run.plan.method}`)}</dd></div>
        <div><dt>${t("vote-fact-rule")}</dt><dd data-fact="rule">${t(`consensus-rule-${verdict.rule}`)}</dd></div>
      </dl>
      <p class="inspector-agreement"><strong>${agreementWords(verdict)}</strong> ${besideWords(run, verdict, session).join(" · ")}</p>
      <p class="hint">${trustWords(verdict)}</p>`;
  }

  #endpoints() {
    if (health.endpoints.length === 0) return nothing;
    return html`<h2>${t("health-label")}</h2>
      <ul class="inspector-endpoints">
        ${health.endpoints.map(
          (each) => html`<li>
            <span class="dot" data-hue=${session.hueOf(each.model) ?? nothing} data-state=${each.state}></span>
            <span class="inspector-endpoint">
              <span>${each.label}</span>
              <span class="hint">${endpointDetails(each)}</span>
            </span>
          </li>`,
        )}
      </ul>`;
  }
}

customElements.define("c6-inspector", Inspector);
