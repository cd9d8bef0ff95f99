/**
 * A run of several models where its answer stands: the verdict in words and as a picture, the candidates side by side, and behind
 * one click everything that led to it. It looks at its run only. What the reader opened is kept with the run, because whatever
 * is far from the view is taken off the page.
 */
import { html, nothing } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { copyText } from "../../clipboard.js";
import { LightElement } from "../../element.js";
import { i18n, t } from "../../i18n.js";
import { consensus, session } from "../../state/index.js";
import "../error.js";
import { CLOSE, COPY } from "../icons.js";
import "./candidate.js";
import "./consensus.css";
import "./growing.js";
import { votePicture } from "./picture.js";
import "./vote.js";
import {
  agreementWords,
  besideWords,
  candidateAt,
  formerChoice,
  nameOf,
  remarks,
  ruledWords,
  spoken,
  trustWords,
} from "./words.js";

/** @import { ConsensusRun, Verdict } from "../../bridge/types.js" */
/** @import { RunState } from "../../state/consensus.js" */

export class ConsensusPanel extends LightElement {
  static properties = { run: { attribute: false } };

  /** @type {AbortController | undefined} */
  #connection;
  /** @type {RunState | undefined} */
  #observed;
  /** Which candidate the keyboard reaches. */
  #reached = 0;
  /** What was told to a screen reader last. */
  #said = { answered: 0, revision: 0 };
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #clock;

  constructor() {
    super();
    /** @type {RunState | undefined} */
    this.run = undefined;
    this.watch(session);
    this.addEventListener("candidate-chosen", (event) => {
      void this.#choose(/** @type {CustomEvent<number>} */ (event).detail);
    });
    this.addEventListener("candidate-shown", (event) => {
      this.#open(/** @type {CustomEvent<number>} */ (event).detail);
    });
  }

  connectedCallback() {
    super.connectedCallback();
    this.#observe();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#connection?.abort();
    this.#observed = undefined;
    clearInterval(this.#clock);
    this.#clock = undefined;
  }

  #observe() {
    const { run } = this;
    if (run === this.#observed) return;
    this.#connection?.abort();
    this.#connection = new AbortController();
    this.#observed = run;
    if (!run) return;
    this.#said = { answered: this.#answered(run.value), revision: run.value.verdict?.revision ?? 0 };
    this.#reached = run.value.verdict?.winner ?? 0;
    run.observe(() => this.requestUpdate(), this.#connection.signal);
    if (!run.complete) void consensus.readAnswers(run);
  }

  willUpdate() {
    this.#observe();
    const { run } = this;
    if (!run) return;
    this.dataset.testid = "consensus";
    this.dataset.state = run.value.state;
    this.dataset.id = run.id;
    const ticks = run.gathering && run.value.plan.deadline_ms !== undefined;
    if (ticks) this.#clock ??= setInterval(() => this.requestUpdate(), 1000);
    else {
      clearInterval(this.#clock);
      this.#clock = undefined;
    }
    this.#tell(run.value);
  }

  /** @param {ConsensusRun} run */
  #answered({ candidates }) {
    return candidates.filter(({ status }) => status === "complete").length;
  }

  /** Says politely how many answered, and the verdict whenever it is another. @param {ConsensusRun} run */
  #tell(run) {
    const answered = this.#answered(run);
    const revision = run.verdict?.revision ?? 0;
    const before = this.#said;
    this.#said = { answered, revision };
    /** @type {string | undefined} */
    let words;
    if (run.verdict && revision > before.revision) words = spoken(run, run.verdict, session);
    else if (!run.verdict && answered > before.answered)
      words = t("consensus-answered", { answered, of: run.candidates.length });
    if (words !== undefined) this.#announce(words);
  }

  /** @param {string} words */
  #announce(words) {
    queueMicrotask(() => this.dispatchEvent(new CustomEvent("announce", { bubbles: true, detail: words })));
  }

  /** @param {number} slot */
  async #choose(slot) {
    const { run } = this;
    if (!run || !this.#choosable(run, slot)) return;
    await consensus.choose(run, slot);
    if (!run.error) this.#announce(t("consensus-chosen-said", { model: nameOf(run.value, slot, session) }));
  }

  /** @param {RunState} run @param {number} slot */
  #choosable(run, slot) {
    const candidate = candidateAt(run.value, slot);
    if (!candidate || run.value.verdict?.winner === slot) return false;
    const text = run.answer(candidate.message)?.value.content ?? "";
    return (candidate.status === "complete" || candidate.status === "stopped") && text.trim() !== "";
  }

  /** @param {number | undefined} slot */
  #open(slot) {
    const { run } = this;
    if (!run) return;
    run.opened = slot;
    this.dispatchEvent(new CustomEvent("reading", { bubbles: true }));
    run.changed();
    void this.updateComplete.then(() => this.querySelector(".candidate-whole")?.scrollIntoView({ block: "nearest" }));
  }

  /** Arrows walk between the candidates. @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const cards = /** @type {HTMLElement[]} */ ([...this.querySelectorAll(".candidate-open")]);
    const at = cards.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    if (at < 0) return;
    const forward = document.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
    const back = document.dir === "rtl" ? "ArrowRight" : "ArrowLeft";
    const to = { [forward]: at + 1, ArrowDown: at + 1, [back]: at - 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = cards.at(to % cards.length);
    this.#reached = cards.indexOf(/** @type {HTMLElement} */ (next));
    next?.focus();
    this.requestUpdate();
  }

  /**
   * Where the focus goes on when what had it is gone: at the way back after a choice, at the card after it was shown whole, else at what
   * opens everything behind the verdict.
   * @param {HTMLElement} lost
   * @param {readonly HTMLElement[]} around
   */
  focusHome(lost, around) {
    const { testid } = lost.dataset;
    const slot = around.find((each) => each.classList.contains("candidate-whole"))?.dataset.slot;
    if (testid === "candidate-close") return this.querySelector(`c6-candidate[data-slot="${slot}"] .candidate-open`);
    if (testid === "candidate-choose" || testid === "consensus-redo" || testid === "consensus-undo") {
      const back = this.querySelector(".verdict-undo");
      if (back) return back;
    }
    const within = slot !== undefined || around.some((each) => each.matches(".consensus, c6-vote"));
    return within ? this.querySelector(".verdict-more") : null;
  }

  render() {
    const { run } = this;
    if (!run) return nothing;
    const { value } = run;
    return html`
      <section class="consensus" aria-label=${t("consensus-label")} data-count=${value.candidates.length}>
        ${value.verdict ? this.#verdict(run, value, value.verdict) : this.#progress(run, value)}
        <div class="candidates" role="group" aria-label=${t("consensus-candidates")} data-count=${value.candidates.length} data-decided=${value.verdict !== undefined} @keydown=${this.#onKey}>
          ${repeat(
            value.candidates,
            ({ slot }) => slot,
            (candidate, n) =>
              html`<c6-candidate .run=${run} .value=${candidate} .reached=${n === Math.min(this.#reached, value.candidates.length - 1)}></c6-candidate>`,
          )}
        </div>
        ${this.#wholeAnswer(run)}
        ${run.error ? html`<div class="consensus-error"><c6-error .error=${run.error}></c6-error></div>` : nothing}
        ${run.detailed ? html`<c6-vote .run=${run}></c6-vote>` : nothing}
      </section>
      ${this.#draft(run)}
    `;
  }

  /** @param {RunState} run @param {ConsensusRun} value */
  #progress(run, value) {
    const answered = this.#answered(value);
    const { deadline_ms: deadline, quorum } = value.plan;
    const left = deadline === undefined ? undefined : Math.max(0, value.created_at + deadline - Date.now());
    const beside = [
      t("consensus-until-quorum", { quorum }),
      left === undefined ? undefined : t("consensus-left", { time: i18n.duration(Math.ceil(left / 1000) * 1000) }),
    ].filter((each) => each !== undefined);
    return html`<header class="verdict-line" data-testid="consensus-progress">
      ${votePicture(value, session)}
      <p class="verdict-words">
        <strong>${t("consensus-answered", { answered, of: value.candidates.length })}</strong>
        <span class="verdict-beside">${beside.join(" · ")}</span>
      </p>
      <button type="button" class="verdict-more" data-testid="consensus-stop" @click=${() => void consensus.stop(run)}>
        ${t("consensus-stop")}
      </button>
    </header>`;
  }

  /** @param {RunState} run @param {ConsensusRun} value @param {Verdict} verdict */
  #verdict(run, value, verdict) {
    const winner = verdict.winner === undefined ? undefined : candidateAt(value, verdict.winner)?.model;
    const notes = remarks(value, verdict, session);
    const beside = besideWords(value, verdict, session);
    return html`<header
      class="verdict-line"
      data-testid="verdict"
      data-method=${verdict.method}
      data-winner=${winner ?? nothing}
      data-agreement=${verdict.agreement}
      data-revision=${verdict.revision}
      data-by=${verdict.decided_by}
    >
      ${votePicture(value, session)}
      <p class="verdict-words">
        <strong>${agreementWords(verdict)}</strong>
        <span class="verdict-beside">${beside.join(" · ")}</span>
      </p>
      <button
        type="button"
        class="verdict-more"
        data-testid="vote-open"
        aria-expanded=${run.detailed}
        @click=${() => {
          run.detailed = !run.detailed;
          this.dispatchEvent(new CustomEvent("reading", { bubbles: true }));
          run.changed();
        }}
      >
        ${t(run.detailed ? "consensus-hide-vote" : "consensus-see-vote")}
      </button>
      <p class="verdict-trust" data-testid="verdict-trust">${trustWords(verdict)}</p>
      ${
        notes.length === 0 &&
        verdict.decided_by === "method" &&
        value.state !== "deciding" &&
        verdict.moment !== "given-back"
          ? nothing
          : html`<ul class="verdict-notes">
              ${
                value.state === "deciding"
                  ? html`<li data-note="deciding"><span class="thinking">${t(
                      value.plan.method === "synthesis" ? "consensus-note-writing" : "consensus-note-deciding",
                      { model: session.labelOf(this.#decider(value)) },
                    )}</span></li>`
                  : nothing
              }
              ${notes.map(({ id, words }) => html`<li data-testid="verdict-note" data-note=${id}>${words}</li>`)}
              ${verdict.decided_by === "user" ? this.#byUser(run) : nothing}
              ${verdict.moment === "given-back" ? this.#givenBack(run) : nothing}
            </ul>`
      }
    </header>`;
  }

  /** Who judges or writes, where that is known. @param {ConsensusRun} run */
  #decider(run) {
    return run.verdict?.judge?.model ?? run.plan.judge;
  }

  /** The reader's verdict, what the method had said, and the way back to it. @param {RunState} run */
  #byUser(run) {
    return html`<li data-testid="verdict-note" data-note="user">
      ${t("consensus-note-user")} ${ruledWords(run.value, session)}
      <button type="button" class="verdict-undo" data-testid="consensus-undo" @click=${() => void this.#giveBack(run)}>
        ${t("consensus-give-back")}
      </button>
    </li>`;
  }

  /** The way back to what the reader had chosen. @param {RunState} run */
  #givenBack(run) {
    const former = formerChoice(run.value);
    return html`<li data-testid="verdict-note" data-note="given-back">
      ${t("consensus-note-given-back")}
      ${
        former === undefined
          ? nothing
          : html`<button type="button" class="verdict-undo" data-testid="consensus-redo" @click=${() => void this.#choose(former)}>
              ${t("consensus-undo", { model: nameOf(run.value, former, session) })}
            </button>`
      }
    </li>`;
  }

  /** @param {RunState} run */
  async #giveBack(run) {
    await consensus.giveBack(run);
    if (!run.error) this.#announce(t("consensus-note-given-back"));
  }

  /** @param {RunState} run */
  #wholeAnswer(run) {
    const { opened, value } = run;
    const candidate = opened === undefined ? undefined : candidateAt(value, opened);
    if (!candidate || opened === undefined) return nothing;
    const message = run.answer(candidate.message)?.value;
    const name = nameOf(value, opened, session);
    return html`<section class="candidate-whole" data-testid="candidate-whole" data-slot=${opened} aria-label=${t("consensus-whole", { model: name })}>
      <header class="candidate-whole-head">
        <span class="dot" data-hue=${session.hueOf(candidate.model) ?? nothing}></span>
        <h3>${name}</h3>
        <span class="dialog-gap"></span>
        ${
          this.#choosable(run, opened)
            ? html`<button type="button" class="button" data-testid="candidate-choose" @click=${() => void this.#choose(opened)}>
                ${t("consensus-choose")}
              </button>`
            : nothing
        }
        <button type="button" class="action" data-testid="candidate-copy" aria-label=${t("message-copy")} title=${t("message-copy")} @click=${() => void this.#copy(message?.content ?? "")}>${COPY}</button>
        <button type="button" class="action" data-testid="candidate-close" aria-label=${t("action-close")} title=${t("action-close")} @click=${() => this.#open(undefined)}>${CLOSE}</button>
      </header>
      ${
        message?.reasoning
          ? html`<details class="reasoning"><summary>${t("message-reasoning")}</summary><div class="reasoning-text" dir="auto">${message.reasoning}</div></details>`
          : nothing
      }
      <c6-growing .message=${run.answer(candidate.message)} .testId=${"candidate-whole-text"}></c6-growing>
    </section>`;
  }

  /** @param {string} text */
  async #copy(text) {
    if (await copyText(text)) this.#announce(t("announce-copied"));
  }

  /** What a synthesis has written so far. @param {RunState} run */
  #draft(run) {
    return run.draft
      ? html`<c6-growing class="consensus-draft" .message=${run.draft} .testId=${"synthesis-draft"}></c6-growing>`
      : nothing;
  }
}

customElements.define("c6-consensus", ConsensusPanel);
