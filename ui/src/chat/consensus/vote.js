/**
 * Everything behind a verdict: the vote, the weights, what other ways would have chosen, what a judge or a writer did, every raw
 * answer, what was sent to whom in which order with which seed, and how the verdict changed. It can be read again from the
 * history without a network. Only what the core recorded is shown; what it does not say is left out.
 */
import { html, nothing } from "lit";
import { LightElement } from "../../element.js";
import { i18n, t } from "../../i18n.js";
import { plain } from "../../markdown/excerpt.js";
import { consensus, session } from "../../state/index.js";
import "./vote.css";
import { candidateAt, nameOf, namesOf, ruledWords, weightWords } from "./words.js";

/** @import { Candidate, CitedPart, ConsensusRecord, ConsensusRun, JudgeOutcome, Synthesis, Verdict } from "../../bridge/types.js" */
/** @import { RunState } from "../../state/consensus.js" */

export class Vote extends LightElement {
  static properties = { run: { attribute: false } };

  /** @type {AbortController | undefined} */
  #connection;
  /** @type {RunState | undefined} */
  #observed;

  constructor() {
    super();
    /** @type {RunState | undefined} */
    this.run = undefined;
    this.watch(session);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#connection?.abort();
    this.#observed = undefined;
  }

  willUpdate() {
    const { run } = this;
    if (run && run !== this.#observed) {
      this.#connection?.abort();
      this.#connection = new AbortController();
      this.#observed = run;
      run.observe(() => this.requestUpdate(), this.#connection.signal);
    }
    if (run && !run.record && !run.error) void consensus.readRecord(run);
  }

  /** @param {number} slot */
  #name(slot) {
    return this.run ? nameOf(this.run.value, slot, session) : "";
  }

  render() {
    const { run } = this;
    const verdict = run?.value.verdict;
    if (!run || !verdict) return nothing;
    const { value, record } = run;
    return html`<div class="vote" data-testid="vote">
      ${this.#part("vote-groups", this.#groups(value, verdict))}
      ${this.#part("vote-how", this.#how(value, verdict))}
      ${verdict.dissent.some(({ passages }) => passages.length > 0) ? this.#part("vote-dissent", this.#dissent(verdict)) : nothing}
      ${verdict.judge ? this.#part("vote-judge", this.#judge(verdict.judge)) : nothing}
      ${verdict.synthesis ? this.#part("vote-synthesis", this.#synthesis(verdict.synthesis)) : nothing}
      ${verdict.server ? this.#part("vote-server", html`<p>${t("vote-server-said", { model: session.labelOf(verdict.server.model), count: verdict.server.successful_models })}</p>`) : nothing}
      ${this.#part("vote-baselines", this.#baselines(verdict))}
      ${value.revisions.length > 1 ? this.#part("vote-revisions", this.#revisions(value)) : nothing}
      ${this.#part("vote-answers", this.#answers(run))}
      ${record ? this.#part("vote-record", this.#record(value, record)) : nothing}
    </div>`;
  }

  /** @param {string} id @param {unknown} content */
  #part(id, content) {
    return html`<section class="vote-part" data-part=${id}><h3>${t(id)}</h3>${content}</section>`;
  }

  /** @param {ConsensusRun} run @param {Verdict} verdict */
  #groups(run, verdict) {
    return html`<table class="vote-table">
      <thead><tr><th scope="col">${t("vote-answer")}</th><th scope="col">${t("vote-members")}</th><th scope="col" class="vote-number">${t("vote-weight")}</th></tr></thead>
      <tbody>
        ${verdict.groups.map(
          ({ answer, slots, weight }, n) => html`<tr>
            <td dir="auto">${answer ?? t("vote-group", { number: n + 1 })}</td>
            <td>${namesOf(run, slots, session)}</td>
            <td class="vote-number">${weightWords(weight)}</td>
          </tr>`,
        )}
        ${verdict.silent.map(
          ({ slot, why }) => html`<tr class="vote-silent">
            <td>${t(`vote-silence-${why}`)}</td>
            <td>${this.#name(slot)}</td>
            <td class="vote-number">–</td>
          </tr>`,
        )}
      </tbody>
    </table>
    <p class="hint">${t("vote-total", { answered: weightWords(verdict.answered_weight), total: weightWords(verdict.total_weight) })}</p>`;
  }

  /** @param {ConsensusRun} run @param {Verdict} verdict */
  #how(run, verdict) {
    /** @type {Array<[string, string | undefined]>} */
    const rows = [
      ["class", t(`class-${run.class}`)],
      ["basis", t(`basis-${verdict.basis}`)],
      ["asked", t(`method-${run.plan.method}`)],
      ["rule", t(`consensus-rule-${verdict.rule}`)],
      ["tie", verdict.tie && t(`consensus-tie-${verdict.tie}`)],
      ["moment", t(`moment-${verdict.moment}`)],
      ["quorum", t(`quorum-${verdict.quorum}`, { quorum: run.plan.quorum })],
      ["deadline", run.plan.deadline_ms === undefined ? undefined : i18n.duration(run.plan.deadline_ms)],
      ["weights", t(`weights-${run.plan.weights}`)],
      ["ruled", run.ruled && ruledWords(run, session)],
      [
        "neff",
        verdict.n_eff === undefined
          ? t("vote-neff-none")
          : t("vote-neff-value", { value: i18n.number(verdict.n_eff, { maximumFractionDigits: 1 }) }),
      ],
      ["took", verdict.took_us === undefined ? undefined : i18n.duration(verdict.took_us / 1000)],
    ];
    return html`<dl class="vote-facts">
      ${rows.map(([name, words]) => (words === undefined ? nothing : html`<div><dt>${t(`vote-fact-${name}`)}</dt><dd data-fact=${name}>${words}</dd></div>`))}
    </dl>`;
  }

  /** @param {Verdict} verdict */
  #dissent({ dissent }) {
    return dissent.map(
      ({ slot, answer, passages }) => html`<p class="vote-who">${this.#cite([slot])} ${answer ?? nothing}</p>
        ${passages.length === 0 ? nothing : html`<ul class="vote-quotes">${passages.map((each) => html`<li dir="auto">${each}</li>`)}</ul>`}`,
    );
  }

  /** Leads to the candidates. @param {readonly number[]} slots */
  #cite(slots) {
    return slots.map(
      (slot) => html`<button
        type="button"
        class="vote-cite"
        data-testid="cite"
        data-slot=${slot}
        title=${t("vote-cite", { model: this.#name(slot) })}
        @click=${() => this.dispatchEvent(new CustomEvent("candidate-shown", { bubbles: true, detail: slot }))}
      >
        <span class="dot" data-hue=${session.hueOf(this.run && candidateAt(this.run.value, slot)?.model) ?? nothing}></span>${this.#name(slot)}
      </button>`,
    );
  }

  /** @param {JudgeOutcome} judge */
  #judge({ model, result, choices, reasons, excluded, left_out: out }) {
    return html`<p>${t(`consensus-judge-${result}`, { model: session.labelOf(model) })}</p>
      <ol class="vote-rounds">
        ${choices.map(
          (choice, n) => html`<li>
            ${choice === null ? t("vote-judge-none") : this.#cite([choice])}
            ${reasons[n] ? html`<p class="vote-reason" dir="auto">${reasons[n]}</p>` : nothing}
          </li>`,
        )}
      </ol>
      ${excluded.length === 0 || !this.run ? nothing : html`<p class="hint">${t("vote-judge-excluded", { models: namesOf(this.run.value, excluded, session) })}</p>`}
      ${this.#leftOut(out)}`;
  }

  /** Whom a judge or a writer was not shown. @param {readonly number[] | undefined} out */
  #leftOut(out) {
    if (!this.run || out === undefined || out.length === 0) return nothing;
    return html`<p class="hint" data-testid="left-out">${t("vote-left-out", { models: namesOf(this.run.value, out, session) })}</p>`;
  }

  /** @param {Synthesis} synthesis */
  #synthesis({ parts, consensus: agreed, contradictions, unique, gaps }) {
    return html`
      ${this.#points("vote-parts", parts)} ${this.#points("vote-agreed", agreed)}
      ${
        contradictions.length === 0
          ? nothing
          : html`<h4>${t("vote-contradictions")}</h4>
              <ul class="vote-points">
                ${contradictions.map(
                  ({ about, positions }) => html`<li dir="auto">${about}
                    <ul class="vote-points">${positions.map((each) => this.#point(each))}</ul>
                  </li>`,
                )}
              </ul>`
      }
      ${this.#points("vote-unique", unique)}
      ${gaps.length === 0 ? nothing : html`<h4>${t("vote-gaps")}</h4><ul class="vote-points">${gaps.map((each) => html`<li dir="auto">${each}</li>`)}</ul>`}
    `;
  }

  /** @param {string} id @param {readonly CitedPart[]} parts */
  #points(id, parts) {
    if (parts.length === 0) return nothing;
    return html`<h4>${t(id)}</h4><ul class="vote-points">${parts.map((each) => this.#point(each))}</ul>`;
  }

  /** @param {CitedPart} part */
  #point({ text, from }) {
    return html`<li dir="auto">${plain(text)} ${from.length === 0 ? html`<span class="hint">${t("vote-uncited")}</span>` : this.#cite(from)}</li>`;
  }

  /** @param {Verdict} verdict */
  #baselines({ baselines }) {
    /** @type {Array<[string, number | undefined]>} */
    const rows = [
      ["best-single", baselines.best_single],
      ["majority", baselines.majority],
      ["weighted-vote", baselines.weighted_vote],
      ["medoid", baselines.medoid],
    ];
    return html`<dl class="vote-facts">
      ${rows.map(
        ([name, slot]) =>
          html`<div><dt>${t(`baseline-${name}`)}</dt><dd data-fact=${name}>${slot === undefined ? t("baseline-nobody") : this.#cite([slot])}</dd></div>`,
      )}
    </dl>`;
  }

  /** @param {ConsensusRun} run */
  #revisions({ revisions, plan }) {
    return html`<ol class="vote-revisions" data-testid="revisions">
      ${revisions.map(
        ({ revision, after_ms: after, moment, agreement, winner }) => html`<li data-revision=${revision}>
          <span class="vote-when">${i18n.duration(after)}</span>
          <span>${t("vote-revision", {
            moment: t(`moment-${moment}`),
            agreement: t(`agreement-${agreement}`),
            winner:
              winner !== undefined
                ? this.#name(winner)
                : moment === "judged" && plan.method === "synthesis"
                  ? t("consensus-rule-synthesised")
                  : t("baseline-nobody"),
          })}</span>
        </li>`,
      )}
    </ol>`;
  }

  /** @param {RunState} run */
  #answers(run) {
    return run.value.candidates.map(({ slot, message }) => {
      const answer = run.answer(message)?.value;
      return html`<details class="vote-raw" data-testid="raw-answer" data-slot=${slot}>
        <summary>${this.#name(slot)} <span class="hint">${t("vote-letters", { count: answer?.content.length ?? 0 })}</span></summary>
        <pre dir="auto" tabindex="0">${answer?.content ?? ""}</pre>
      </details>`;
    });
  }

  /** @param {ConsensusRun} run @param {ConsensusRecord} record */
  #record(run, { seed, sent, lines, asked, resemblance }) {
    return html`
      <dl class="vote-facts">
        <div><dt>${t("vote-fact-seed")}</dt><dd data-fact="seed">${String(seed)}</dd></div>
        ${sent.map(
          ({ slot, messages, parameters }) => html`<div>
            <dt>${this.#name(slot)}</dt>
            <dd>${t("vote-sent", { count: messages })}${parameters.temperature === undefined ? nothing : ` · ${t("vote-temperature", { value: i18n.number(parameters.temperature) })}`}${parameters.seed === undefined ? nothing : ` · ${t("vote-seed", { value: String(parameters.seed) })}`}</dd>
          </div>`,
        )}
      </dl>
      ${told(sent).map(
        ([text, slots]) => html`<details class="vote-raw" data-testid="told">
          <summary>${t("vote-told", { models: namesOf(run, slots, session) })}</summary>
          <pre dir="auto" tabindex="0">${text}</pre>
        </details>`,
      )}
      ${lines === undefined || lines.length === 0 ? nothing : this.#lines(run, lines)}
      ${
        resemblance.length === 0
          ? nothing
          : html`<h4>${t("vote-resemblance")}</h4>
              <dl class="vote-facts">
                ${resemblance.map(
                  ({ a, b, value }) =>
                    html`<div><dt>${namesOf(run, [a, b], session)}</dt><dd>${i18n.number(value, { style: "percent", maximumFractionDigits: 0 })}</dd></div>`,
                )}
              </dl>`
      }
      ${asked.map(
        (each, n) => html`<details class="vote-raw" data-testid="asked" data-purpose=${each.purpose}>
          <summary>${t(`vote-asked-${each.purpose}`, { number: n + 1, model: session.labelOf(each.model) })}</summary>
          <p>${t("vote-order", { order: i18n.list(each.shown.map(({ slot, label }) => t("vote-label", { label, model: this.#name(slot) }))) })}</p>
          ${this.#leftOut(each.left_out)}
          ${this.#raw("vote-system", each.system)} ${this.#raw("vote-prompt", each.prompt)} ${this.#raw("vote-schema", each.schema)}
          ${each.reply === undefined ? nothing : this.#raw("vote-reply", each.reply)}
          ${each.error === undefined ? nothing : html`<p>${t(`error-${each.error}`)}</p>`}
        </details>`,
      )}
    `;
  }

  /**
   * Who had not closed with its line and was asked for it, with what, and what each said.
   * @param {ConsensusRun} run
   * @param {NonNullable<ConsensusRecord["lines"]>} lines
   */
  #lines(run, lines) {
    const [first] = lines;
    return html`<h4>${t("vote-lines")}</h4>
      <dl class="vote-facts">
        ${lines.map(({ slot, shown, of }) => {
          const [state, words] = lineOf(candidateAt(run, slot));
          const part = { shown: i18n.number(shown), of: i18n.number(of) };
          return html`<div>
            <dt>${this.#name(slot)}</dt>
            <dd data-testid="line" data-slot=${slot} data-state=${state}><span dir="auto">${words}</span>${shown < of ? html` · ${t("vote-line-shown", part)}` : nothing}</dd>
          </div>`;
        })}
      </dl>
      ${
        first === undefined
          ? nothing
          : html`<details class="vote-raw" data-testid="line-asked">
              <summary>${t("vote-line-asked")}</summary>
              ${this.#raw("vote-prompt", first.prompt)} ${this.#raw("vote-schema", first.schema)}
            </details>`
      }`;
  }

  /** @param {string} id @param {string} text */
  #raw(id, text) {
    return html`<h4>${t(id)}</h4><pre dir="auto" tabindex="0">${text}</pre>`;
  }
}

/**
 * What came of asking a candidate for its line.
 * @param {Candidate | undefined} candidate
 * @returns {[state: string, words: string]}
 */
function lineOf(candidate) {
  const { said, naming } = candidate ?? {};
  if (naming) return ["waiting", t("vote-line-waiting")];
  if (said === undefined) return ["silent", t("vote-line-silent")];
  return said === "" ? ["none", t("vote-line-none")] : ["said", t("vote-line-said", { answer: said })];
}

/**
 * What members were told beside the conversation, with those who were told it: most often all of them the same.
 * @param {ConsensusRecord["sent"]} sent
 * @returns {[text: string, slots: number[]][]}
 */
function told(sent) {
  /** @type {Map<string, number[]>} */
  const slots = new Map();
  for (const { slot, parameters } of sent) {
    const text = parameters.system_prompt;
    if (text !== "") slots.set(text, [...(slots.get(text) ?? []), slot]);
  }
  return [...slots];
}

customElements.define("c6-vote", Vote);
