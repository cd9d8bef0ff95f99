/**
 * One candidate of a run: who writes, how it stands, its words as they come, and what was measured. It looks at its own message
 * only and renders at most once per frame. While it is written its words stand in a field of fixed height whose end stays in
 * sight, so that nothing around it moves; once there is a verdict a line or two of it remain, and the whole on request.
 */
import { html, nothing } from "lit";
import { LightElement } from "../../element.js";
import { t } from "../../i18n.js";
import { excerpt } from "../../markdown/excerpt.js";
import { MarkdownView } from "../../markdown/view.js";
import { consensus, session } from "../../state/index.js";
import { figures, nameOf, standing } from "./words.js";

/** @import { Candidate as Value } from "../../bridge/types.js" */
/** @import { RunState } from "../../state/consensus.js" */
/** @import { MessageState } from "../../state/message.js" */

export class Candidate extends LightElement {
  static properties = {
    run: { attribute: false },
    value: { attribute: false },
    reached: { attribute: false },
  };

  /** @type {AbortController | undefined} */
  #connection;
  /** @type {MessageState | undefined} */
  #observed;
  /** @type {RunState | undefined} */
  #watched;
  /** @type {MarkdownView | undefined} */
  #text;
  /** @type {Element | undefined} */
  #root;
  /** @type {string | undefined} */
  #rendered;

  constructor() {
    super();
    /** @type {RunState | undefined} */
    this.run = undefined;
    /** @type {Value | undefined} */
    this.value = undefined;
    /** Whether the keyboard reaches it first among all. */
    this.reached = false;
    this.watch(session);
  }

  connectedCallback() {
    super.connectedCallback();
    this.#observe();
    this.#text?.connect();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#connection?.abort();
    this.#observed = undefined;
    this.#watched = undefined;
    this.#text?.disconnect();
  }

  get #message() {
    return this.value && this.run?.answer(this.value.message);
  }

  #observe() {
    const { run } = this;
    const message = this.#message;
    if (run === this.#watched && message === this.#observed) return;
    this.#connection?.abort();
    this.#connection = new AbortController();
    this.#watched = run;
    this.#observed = message;
    const { signal } = this.#connection;
    // The words of an old run come after it; the run says when.
    run?.observe(() => this.requestUpdate(), signal);
    message?.observe(() => this.requestUpdate(), signal);
  }

  get #writing() {
    const status = this.value?.status;
    return status === "streaming" || status === "waiting" || status === "late";
  }

  /**
   * While words arrive, one rendering per frame is all that can be seen, and of more than two at once one in two frames. A hidden
   * window has no frames.
   */
  async scheduleUpdate() {
    if (this.hasUpdated && this.#writing && !document.hidden) {
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
      await frame();
      const writing = this.run?.value.candidates.filter(({ status }) => status === "streaming" || status === "late");
      if ((writing?.length ?? 0) > 2 && !document.hidden) await frame();
    }
    super.scheduleUpdate();
  }

  willUpdate() {
    this.#observe();
    const { value } = this;
    if (!value) return;
    this.dataset.testid = "candidate";
    this.dataset.model = value.model;
    this.dataset.slot = String(value.slot);
    this.dataset.weight = String(value.weight);
    this.dataset.status = value.status;
    if (value.reading) this.dataset.reading = value.reading.kind;
    else delete this.dataset.reading;
    const { verdict } = this.run?.value ?? {};
    this.toggleAttribute("data-naming", value.naming === true);
    this.toggleAttribute("data-winner", verdict?.winner === value.slot);
  }

  updated() {
    const root = this.querySelector(".candidate-live");
    const message = this.#message;
    if (!(root instanceof HTMLElement) || !message) return;
    if (root !== this.#root) {
      this.#root = root;
      this.#text = new MarkdownView(root);
      this.#rendered = undefined;
    }
    const { content } = message.value;
    if (content === this.#rendered) return;
    this.#rendered = content;
    this.#text?.update(content, this.#writing ? "growing" : "ended");
  }

  /** What stopped it is gone once it has ended. */
  focusHome() {
    return this.querySelector(".candidate-open");
  }

  render() {
    const { run, value } = this;
    if (!run || !value) return nothing;
    const name = nameOf(run.value, value.slot, session);
    const message = this.#message?.value;
    const decided = run.value.verdict !== undefined;
    const text = message?.content ?? "";
    const thinking = text === "" && (message?.reasoning ?? "") !== "" && this.#writing;
    const words = thinking ? t("candidate-thinking") : standing(run.value, value);
    const silent = value.status === "failed" || value.status === "stopped" || value.status === "late";
    const answer = value.reading?.kind === "answer" ? value.reading.shown : undefined;
    const measured = figures(value);
    const opened = run.opened === value.slot;
    const names = [name, words, answer, t("consensus-weight-one", { weight: measured[0] ?? "" }), ...measured.slice(1)];
    return html`
      <button
        type="button"
        class="candidate-open"
        data-testid="candidate-open"
        tabindex=${this.reached ? 0 : -1}
        aria-expanded=${text === "" ? nothing : opened}
        aria-label=${names.filter((each) => each !== undefined).join(", ")}
        aria-keyshortcuts="Enter"
        title=${text === "" ? nothing : t("candidate-open-help")}
        @click=${() => this.#toggle(text)}
        @keydown=${this.#onKey}
      ></button>
      <div class="candidate-head">
        <span class="dot" data-hue=${session.hueOf(value.model) ?? nothing} data-state=${silent ? "down" : nothing}></span>
        <span class="candidate-name" title=${name}>${name}</span>
        ${
          this.#writing
            ? html`<button
                type="button"
                class="action candidate-stop"
                data-testid="candidate-stop"
                aria-label=${t("candidate-stop", { model: name })}
                title=${t("candidate-stop", { model: name })}
                @click=${() => void consensus.stopCandidate(run, value.slot)}
              >
                <span class="stop-sign" aria-hidden="true"></span>
              </button>`
            : nothing
        }
      </div>
      ${decided ? this.#settled(run, { answer, words, text, silent }) : this.#live(answer, words)}
      <p class="candidate-figures" data-testid="candidate-figures" title=${t("candidate-figures-help")}>${measured.join(" · ")}</p>
    `;
  }

  /**
   * Its words as they come.
   * @param {string | undefined} answer
   * @param {string | undefined} words
   */
  #live(answer, words) {
    return html`<div class="candidate-field"><div class="candidate-live prose" data-testid="candidate-text" dir="auto"></div></div>
      <p class="candidate-state">${answer === undefined ? (words ?? "") : html`<strong dir="auto">${answer}</strong>`}</p>`;
  }

  /**
   * What is left of it beside a verdict.
   * @param {RunState} run
   * @param {{ answer: string | undefined, words: string | undefined, text: string, silent: boolean }} shown
   */
  #settled(run, { answer, words, text, silent }) {
    const said = silent || text === "" ? (words ?? "") : excerpt(text);
    const mark = silent || text === "" ? undefined : this.#strongest(run) ? t("candidate-strongest") : words;
    const marked = mark === undefined ? nothing : html`<span class="candidate-mark">${mark}</span>`;
    return html`${
      answer === undefined
        ? nothing
        : html`<p class="candidate-answer"><span data-testid="candidate-answer" dir="auto">${answer}</span>${marked}</p>`
    }
      <p class="candidate-excerpt" data-testid="candidate-text" dir="auto">${said}</p>
      ${answer === undefined && mark !== undefined ? html`<p>${marked}</p>` : nothing}`;
  }

  /** Where they disagree, the heaviest member is named as such. @param {RunState} run */
  #strongest({ value: { verdict } }) {
    return verdict?.agreement === "split" && verdict.baselines.best_single === this.value?.slot;
  }

  /** @param {string} text */
  #toggle(text) {
    const { run, value } = this;
    if (!run || !value || text === "") return;
    run.opened = run.opened === value.slot ? undefined : value.slot;
    this.dispatchEvent(new CustomEvent("reading", { bubbles: true }));
    run.changed();
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (this.value) this.dispatchEvent(new CustomEvent("candidate-chosen", { bubbles: true, detail: this.value.slot }));
  }
}

customElements.define("c6-candidate", Candidate);
