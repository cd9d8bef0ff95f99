/**
 * One message. It looks at its own store only, so that a word that arrives renders this element and no other; while it is being
 * written it renders at most once per frame. The text itself belongs to `MarkdownView`; a person's words are shown
 * as they were typed.
 */
import { html, nothing } from "lit";
import { copyText } from "../clipboard.js";
import { deeds } from "../deeds.js";
import { LightElement } from "../element.js";
import { i18n, t } from "../i18n.js";
import { isComposing } from "../ime.js";
import { PlainView } from "../markdown/plain.js";
import { LONG, MarkdownView } from "../markdown/view.js";
import { consensus, conversation, session, settings } from "../state/index.js";
import "./consensus/panel.js";
import { chosenBy } from "./consensus/words.js";
import "./error.js";
import { canContinue, reason, speed, tokens } from "./figures.js";
import { focus } from "./focus.js";
import { AFTER, AGAIN, BEFORE, BRANCH, COPIED, COPY, EDIT, ON, OTHERS } from "./icons.js";
import "./message.css";

/** @import { TemplateResult } from "lit" */
/** @import { ConsensusQuestion, Message } from "../bridge/types.js" */
/** @import { RunState } from "../state/consensus.js" */
/** @import { MessageState } from "../state/message.js" */

/** How the next answer's model is chosen. @returns {import("../state/conversation.js").Choice} */
export function choice() {
  const { mode, model } = settings.values;
  const chosen = session.models.find(({ id }) => id === model) ?? session.models[0];
  return mode === "single" && chosen ? { mode, model: chosen.id } : { mode: "auto" };
}

/** Whether several models are asked. */
export const asksSeveral = () => settings.values.mode === "consensus" && session.models.length > 0;

/**
 * Asks several models.
 * @param {ConsensusQuestion} question
 */
export const askSeveral = (question) => consensus.ask({ kind: "question", question });

/** Who answers next, as it is chosen beside the composer: that is who answers again, too, whoever wrote the answer there is. */
function nextWords() {
  if (asksSeveral()) return t("mode-consensus");
  const { mode, model } = choice();
  return mode === "single" ? session.labelOf(model) : t("mode-auto");
}

export class MessageView extends LightElement {
  static properties = {
    message: { attribute: false },
    _copied: { state: true },
  };

  /** @type {AbortController | undefined} */
  #connection;
  /** @type {MarkdownView | undefined} */
  #text;
  /** @type {MessageState | undefined} */
  #observed;
  /** A person's words, where they are too many for one element. @type {PlainView | undefined} */
  #plain;
  #editing = false;
  /** What the text was last rendered from. @type {Pick<Message, "content" | "status"> | undefined} */
  #rendered;

  constructor() {
    super();
    /** @type {MessageState | undefined} */
    this.message = undefined;
    this._copied = false;
    this.watch(consensus, conversation, focus, session, settings);
  }

  connectedCallback() {
    super.connectedCallback();
    this.#observe();
    this.#text?.connect();
    this.#plain?.connect();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#connection?.abort();
    this.#observed = undefined;
    this.#text?.disconnect();
    this.#plain?.disconnect();
  }

  /** The run of several models that this answer came from. */
  get #run() {
    return this.message?.value.role === "assistant" ? consensus.runOf(this.message.id) : undefined;
  }

  /** Whether the answer itself is shown: not before a verdict says which one it is. @param {Message} value */
  #standsAlone({ id }) {
    const run = this.#run;
    if (!run) return true;
    const { verdict } = run.value;
    return verdict?.message !== undefined && (verdict.message === id || !run.awaited);
  }

  #observe() {
    if (this.#observed === this.message) return;
    this.#connection?.abort();
    this.#connection = new AbortController();
    this.#observed = this.message;
    this.message?.observe(() => this.requestUpdate(), this.#connection.signal);
  }

  /** While words arrive, one rendering per frame is all that can be seen. A hidden window has no frames. */
  async scheduleUpdate() {
    if (this.hasUpdated && this.message?.value.status === "streaming" && !document.hidden) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    super.scheduleUpdate();
  }

  willUpdate() {
    this.#observe();
    const value = this.message?.value;
    if (!value) return;
    this.dataset.testid = "message";
    this.dataset.id = value.id;
    this.dataset.role = value.role;
    // While several answer, the one that stands for them is not the answer yet.
    this.dataset.status = this.#run?.gathering ? "streaming" : value.status;
    if (value.model === undefined) delete this.dataset.model;
    else this.dataset.model = value.model;
    if (value.role === "assistant") this.setAttribute("aria-busy", String(value.status === "streaming"));
  }

  updated() {
    const value = this.message?.value;
    if (!value) return;
    if (value.role === "assistant") {
      const root = this.querySelector(".message-text");
      const same = this.#rendered?.content === value.content && this.#rendered.status === value.status;
      if (root instanceof HTMLElement && !same && this.#standsAlone(value)) {
        this.#rendered = value;
        this.#text ??= new MarkdownView(root);
        this.#text.update(value.content, value.status === "streaming" ? "growing" : "ended");
      }
    } else this.#showPlain(value);
    const editing = focus.edited === value.id;
    if (editing && !this.#editing) {
      const area = this.querySelector("textarea");
      area?.focus();
      area?.setSelectionRange(area.value.length, area.value.length);
      if (area) this.#grow(area);
      this.querySelector(".edit")?.scrollIntoView({ block: "nearest" });
    }
    this.#editing = editing;
    this.dispatchEvent(new CustomEvent("message-painted", { bubbles: true }));
  }

  /** @param {Message} value */
  #showPlain({ content }) {
    const root = content.length > LONG ? this.querySelector(".question") : null;
    if (this.#plain?.root === root && this.#plain?.text === content) return;
    this.#plain?.remove();
    this.#plain = root instanceof HTMLElement ? new PlainView(root, content) : undefined;
  }

  /** Whether only a part of the text is on the page. */
  get partial() {
    return this.#plain !== undefined || this.#text?.partial === true;
  }

  /**
   * Makes sure that a part of a long text is on the page.
   * @param {number} at The place of a letter in the content.
   * @returns {Element} What holds it.
   */
  show(at) {
    return this.#text?.show(at) ?? this.#plain?.show(at) ?? this;
  }

  /** @param {HTMLTextAreaElement} area */
  #grow(area) {
    // While it is measured it is low, and would forget where the reader writes.
    const { scrollTop } = area;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
    area.scrollTop = scrollTop;
  }

  async #copy() {
    if (!(await copyText(this.message?.value.content ?? ""))) return;
    this._copied = true;
    this.dispatchEvent(new CustomEvent("announce", { bubbles: true, detail: t("announce-copied") }));
    setTimeout(() => {
      this._copied = false;
    }, 1500);
  }

  /** @param {KeyboardEvent} event */
  #onEditKey(event) {
    if (isComposing(event)) return;
    if (event.key === "Escape") {
      event.preventDefault();
      this.#endEdit();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      void this.#saveEdit();
    }
  }

  async #saveEdit() {
    const value = this.message?.value;
    const text = this.querySelector("textarea")?.value ?? "";
    if (!value || text.trim() === "" || this.#busy) return;
    const asked = asksSeveral()
      ? askSeveral({ kind: "edited", message: value.id, text })
      : conversation.edit(value.id, text, choice());
    if (await asked) this.#endEdit();
  }

  /** Whether an answer is being written or decided about. */
  get #busy() {
    return conversation.streaming !== undefined || consensus.gathering !== undefined;
  }

  #endEdit() {
    focus.edit(undefined);
    /** @type {HTMLElement | null} */ (document.querySelector('[data-testid="composer"]'))?.focus();
  }

  /**
   * @param {string} name
   * @param {TemplateResult} sign
   * @param {string} testid
   * @param {() => void} act
   * @param {boolean} [disabled]
   * @param {string} [more] What else is said of it.
   */
  #action(name, sign, testid, act, disabled = false, more = "") {
    return html`<button
      type="button"
      class="action"
      data-testid=${testid}
      aria-label=${name}
      aria-description=${more === "" ? nothing : more}
      title=${more === "" ? name : `${name}: ${more}`}
      ?disabled=${disabled}
      @click=${act}
    >
      ${sign}
    </button>`;
  }

  /** @param {Message} value */
  #versions({ id, versions, role }) {
    if (versions.length < 2) return nothing;
    // All candidates of a run are one version; the run itself shows them.
    const editions =
      role === "assistant" ? consensus.editions(versions) : versions.map((each) => ({ ids: [each], shown: each }));
    if (editions.length < 2) return nothing;
    const place = editions.findIndex(({ ids }) => ids.includes(id));
    const show = (/** @type {number} */ n) => {
      const edition = editions[n];
      if (edition !== undefined) void conversation.select(edition.shown);
    };
    const busy = conversation.streaming !== undefined && conversation.streaming.id !== id;
    return html`<span class="versions" role="group" aria-label=${t("message-versions")}>
      ${this.#action(t("message-branch-prev"), BEFORE, "branch-prev", () => show(place - 1), busy || place === 0)}
      <span class="versions-place">${t("message-version", { index: place + 1, count: editions.length })}</span>
      ${this.#action(
        t("message-branch-next"),
        AFTER,
        "branch-next",
        () => show(place + 1),
        busy || place === editions.length - 1,
      )}
    </span>`;
  }

  #copyAction() {
    return this.#action(
      t(this._copied ? "message-copied" : "message-copy"),
      this._copied ? COPIED : COPY,
      "copy",
      () => {
        void this.#copy();
      },
    );
  }

  /** @param {Message} value */
  #branchAction({ id, status }) {
    return this.#action(
      t("message-branch"),
      BRANCH,
      "branch",
      () => void deeds.branch(id),
      status === "streaming" || this.#busy,
    );
  }

  /** Where it was before its conversation was merged with others. @param {Message} value */
  #origin({ origin }) {
    if (!origin) return nothing;
    // Once for each stretch that came from the same conversation.
    const { messages } = conversation;
    const at = messages.findIndex(({ id }) => id === this.message?.id);
    if (messages[at - 1]?.value.origin?.conversation === origin.conversation) return nothing;
    return html`<p class="message-origin" data-testid="origin" data-conversation=${origin.conversation}>
      <span>${t("message-origin", { title: origin.title })}</span>
    </p>`;
  }

  render() {
    const value = this.message?.value;
    if (!value) return nothing;
    return value.role === "user" ? this.#question(value) : this.#answer(value);
  }

  /** @param {Message} value */
  #question(value) {
    if (focus.edited === value.id) {
      return html`<form class="edit" @submit=${(/** @type {Event} */ event) => event.preventDefault()}>
        <textarea
          class="edit-text"
          data-testid="edit-text"
          rows="1"
          aria-label=${t("edit-label")}
          .value=${value.content}
          @keydown=${this.#onEditKey}
          @input=${(/** @type {InputEvent} */ event) => this.#grow(/** @type {HTMLTextAreaElement} */ (event.target))}
        ></textarea>
        <div class="edit-foot">
          <p class="hint">${t("edit-hint")}</p>
          <button type="button" class="button button--quiet" data-testid="edit-cancel" @click=${this.#endEdit}>
            ${t("edit-cancel")}
          </button>
          <button type="button" class="button button--primary" data-testid="edit-save" @click=${this.#saveEdit}>
            ${t("edit-save")}
          </button>
        </div>
      </form>`;
    }
    return html`${this.#origin(value)}<h2 class="sr-only">${t("message-you")}</h2>
      <div class="question message-text" data-testid="message-text" dir="auto">${value.content.length > LONG ? nothing : value.content}</div>
      <div class="message-foot message-foot--question" role="group" aria-label=${t("message-actions")}>
        ${this.#versions(value)} ${this.#copyAction()}
        ${this.#action(t("message-edit"), EDIT, "edit", () => focus.edit(value.id), this.#busy)}
        ${this.#branchAction(value)}
      </div>`;
  }

  /** @param {Message} value */
  #answer(value) {
    const streaming = value.status === "streaming";
    const run = this.#run;
    const alone = this.#standsAlone(value);
    const label = session.labelOf(value.model);
    const why = reason(value, session);
    return html`
      ${this.#origin(value)} ${run ? html`<c6-consensus .run=${run}></c6-consensus>` : nothing}
      <header class="message-head" ?hidden=${!alone}>
        <span class="dot" data-hue=${session.hueOf(value.model) ?? nothing}></span>
        <h2 class="message-model"><span class="sr-only">${t("message-by", { model: "" })}</span>${label}</h2>
        ${
          value.scripted
            ? html`<span class="scripted" data-testid="scripted" title=${t("message-scripted-help")}
                >${t("message-scripted")}</span
              >`
            : nothing
        }
        ${
          run
            ? this.#chosen(run, value)
            : value.routing
              ? html`<span
                class="message-why"
                data-testid="routing-reason"
                data-tier=${value.routing.tier}
                data-rule=${value.routing.rule}
                >${why}</span
              >`
              : nothing
        }
      </header>
      ${alone ? html`${this.#omitted(value)} ${this.#reasoning(value, streaming)}` : nothing}
      <div class="message-text prose" data-testid="message-text" dir="auto" ?hidden=${!alone}></div>
      ${alone ? this.#standing(value) : nothing}
      ${
        value.error && alone
          ? html`<c6-error .error=${value.error} .retryAt=${this.message?.retryAt} .testId=${"message-error"}></c6-error>`
          : nothing
      }
      ${(alone ? streaming : run?.gathering || run?.awaited) ? nothing : this.#foot(value)}
    `;
  }

  /**
   * How it came to be the one that goes on.
   * @param {RunState} run
   * @param {Message} value
   */
  #chosen({ value: { verdict } }, { id }) {
    if (!verdict) return nothing;
    const { by, words } =
      verdict.message === id ? chosenBy(verdict) : { by: "nobody", words: t("consensus-chosen-not") };
    return html`<span class="message-why" data-testid="chosen-by" data-by=${by}>${words}</span>`;
  }

  /** @param {Message} value */
  #omitted({ omitted }) {
    if (!omitted) return nothing;
    const text = t(omitted.estimated ? "message-omitted-estimated" : "message-omitted", {
      messages: omitted.messages,
      tokens: omitted.tokens,
      context: omitted.context,
    });
    return html`<p class="note" data-testid="omitted">${text}</p>`;
  }

  /**
   * @param {Message} value
   * @param {boolean} streaming
   */
  #reasoning({ reasoning, content }, streaming) {
    if (reasoning === "") return nothing;
    const thinking = streaming && content === "";
    return html`<details class="reasoning" data-testid="reasoning">
      <summary class=${thinking ? "thinking" : ""}>
        ${t(thinking ? "message-reasoning-streaming" : "message-reasoning")}
      </summary>
      <div class="reasoning-text" dir="auto">${reasoning}</div>
    </details>`;
  }

  /** What is said about how it stands, where that is not simply complete. @param {Message} value */
  #standing({ status, content, reasoning, metrics }) {
    if (status === "streaming") {
      return content === "" && reasoning === ""
        ? html`<p class="waiting" data-testid="waiting"><span class="waiting-dots" aria-hidden="true"></span>${t("message-status-waiting")}</p>`
        : nothing;
    }
    if (status === "stopped" || status === "interrupted")
      return html`<p class="note">${t(`message-status-${status}`)}</p>`;
    if (metrics?.finish_reason === "length") return html`<p class="note">${t("message-status-length")}</p>`;
    if (status === "complete" && content === "") return html`<p class="note">${t("message-empty")}</p>`;
    return nothing;
  }

  /** @param {Message} value */
  #foot(value) {
    const busy = this.#busy;
    // What is not shown cannot be seen to go on: where several were asked and none was chosen, the way on is to ask again.
    const more = canContinue(value) && this.#standsAlone(value);
    const last = conversation.lastAnswer?.id === value.id;
    return html`<div class="message-foot" role="group" aria-label=${t("message-actions")}>
      ${this.#versions(value)} ${value.content === "" ? nothing : this.#copyAction()}
      ${this.#action(
        t(value.status === "failed" ? "message-retry" : "message-regenerate"),
        AGAIN,
        "regenerate",
        () => this.#regenerate(value),
        busy,
        nextWords(),
      )}
      ${
        this.#run || value.model === undefined || session.models.length < 2 || value.content === ""
          ? nothing
          : html`<button
              type="button"
              class="action action--worded"
              data-testid="ask-others"
              title=${t("consensus-ask-others-help")}
              ?disabled=${busy}
              @click=${() => void consensus.ask({ kind: "others", message: value.id })}
            >
              ${OTHERS}${t("consensus-ask-others")}
            </button>`
      }
      ${this.#branchAction(value)}
      ${
        more && last
          ? html`<button
              type="button"
              class="action action--worded"
              data-testid="continue"
              ?disabled=${busy}
              @click=${() => void conversation.continue(value.id)}
            >
              ${ON}${t("message-continue")}
            </button>`
          : nothing
      }
      ${this.#metrics(value)}
    </div>`;
  }

  /** @param {Message} value */
  #regenerate({ id, parent }) {
    if (asksSeveral() && parent !== undefined) void askSeveral({ kind: "again", message: parent });
    else void conversation.regenerate(id, choice());
  }

  /** @param {Message} value */
  #metrics({ id, metrics }) {
    if (!metrics) return nothing;
    const shown = [
      metrics.ttft_ms === undefined ? undefined : i18n.duration(metrics.ttft_ms),
      speed(metrics),
      tokens(metrics) && `${tokens(metrics)} ${t("metrics-tokens").toLocaleLowerCase(i18n.tag)}`,
    ].filter((each) => each !== undefined);
    if (shown.length === 0) return nothing;
    return html`<button
      type="button"
      class="metrics"
      data-testid="metrics"
      data-ttft-ms=${metrics.ttft_ms ?? nothing}
      data-tokens=${metrics.completion_tokens ?? nothing}
      data-tokens-per-second=${metrics.tokens_per_second ?? nothing}
      title=${t("inspector-open")}
      @click=${() => {
        focus.inspect(id);
        this.dispatchEvent(new CustomEvent("inspect", { bubbles: true }));
      }}
    >
      <span class="sr-only">${t("metrics-label")}: </span>${shown.join(" · ")}
    </button>`;
  }
}

customElements.define("c6-message", MessageView);
