/**
 * Where a question is written. Enter sends, except while an input method has it; the draft belongs to its conversation and survives a
 * reload. Which model answers is chosen here and remembered in the settings.
 */
import { html } from "lit";
import { live } from "lit/directives/live.js";
import { run } from "../actions.js";
import { LightElement } from "../element.js";
import { t } from "../i18n.js";
import { isComposing } from "../ime.js";
import { consensus, conversation, drafts, session, settings } from "../state/index.js";
import "./composer.css";
import { focus } from "./focus.js";
import { CARET } from "./icons.js";
import { askSeveral, asksSeveral, choice } from "./message.js";
import "./consensus/picker.js";

export class Composer extends LightElement {
  static properties = { _text: { state: true } };

  /** Whose draft is in the field. */
  #owner = "";
  #sending = false;
  /** How wide the field was when it was last measured. */
  #width = 0;
  /** Words break elsewhere in a field of another width. In a frame of its own: growing changes the size that was just told. */
  #widths = new ResizeObserver(() => {
    requestAnimationFrame(() => this.#area?.clientWidth !== this.#width && this.#grow());
  });

  constructor() {
    super();
    this._text = drafts.get(conversation.id);
    this.#owner = drafts.keyOf(conversation.id);
    this.watch(consensus, conversation, settings, session);
  }

  /** @returns {HTMLTextAreaElement | null} */
  get #area() {
    return this.querySelector("textarea");
  }

  /**
   * Puts words into the field, for the reader to change or send.
   * @param {string} text
   */
  async fill(text) {
    this.#write(text);
    await this.updateComplete;
    this.#area?.focus();
    this.#area?.setSelectionRange(text.length, text.length);
  }

  /** @param {string} text */
  #write(text) {
    this._text = text;
    drafts.set(conversation.id, text);
  }

  willUpdate() {
    const owner = drafts.keyOf(conversation.id);
    if (owner === this.#owner || this.#sending) return;
    this.#owner = owner;
    this._text = drafts.get(conversation.id);
  }

  firstUpdated() {
    const area = this.#area;
    if (area) this.#widths.observe(area);
  }

  connectedCallback() {
    super.connectedCallback();
    const area = this.#area;
    if (area) this.#widths.observe(area);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#widths.disconnect();
  }

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    // Measuring lays the page out: only for other words, not for everything that happens in the conversation.
    if (changed.has("_text")) this.#grow();
  }

  /** As high as its words need; the style sheet says where that ends. */
  #grow() {
    const area = this.#area;
    if (!area) return;
    // While it is measured it is low, and would forget where the reader writes.
    const { scrollTop } = area;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
    area.scrollTop = scrollTop;
    this.#width = area.clientWidth;
  }

  /** Whether an answer is being written or decided about. */
  get #busy() {
    return conversation.streaming !== undefined || consensus.gathering !== undefined;
  }

  async #send() {
    const text = this._text;
    if (text.trim() === "" || this.#sending || this.#busy) return;
    const from = conversation.id;
    const owner = drafts.keyOf(from);
    this.#sending = true;
    // The button that sends gives way to one that stops.
    this.#area?.focus();
    // The words leave the field at once, and come back where they could not be sent.
    this._text = "";
    const sent = asksSeveral()
      ? await askSeveral({ kind: "new", text, ...(from === undefined ? {} : { conversation: from }) })
      : await conversation.send(text, choice());
    this.#sending = false;
    // Whoever signed in or out meanwhile has other drafts.
    const here = drafts.keyOf(from) === owner;
    if (sent && here) {
      drafts.set(from, "");
      this.#owner = drafts.keyOf(conversation.id);
      // What was typed meanwhile belongs to the conversation that now has a name.
      drafts.set(conversation.id, this._text);
    } else if (drafts.keyOf(conversation.id) === owner) this._text = text;
    this.requestUpdate();
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (isComposing(event)) return;
    if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      void this.#send();
    } else if (event.key === "ArrowUp" && this._text === "" && !this.#busy) {
      const last = conversation.messages.findLast(({ value }) => value.role === "user");
      if (!last) return;
      event.preventDefault();
      focus.edit(last.id);
    }
  }

  /** @param {Event} event */
  #onMode(event) {
    const mode = /** @type {HTMLSelectElement} */ (event.target).value;
    if (mode === "auto" || mode === "single" || mode === "consensus") void settings.update({ mode });
  }

  /** @param {Event} event */
  #onModel(event) {
    const model = /** @type {HTMLSelectElement} */ (event.target).value;
    // Choosing a model means wanting it; giving it up means leaving the choice to the rules.
    if (model === "") void settings.update({ mode: "auto" });
    else void settings.update({ mode: "single", model });
  }

  render() {
    return html`<form class="composer" @submit=${(/** @type {Event} */ event) => event.preventDefault()}>
      <textarea
        class="composer-text"
        data-testid="composer"
        rows="1"
        aria-label=${t("composer-label")}
        aria-describedby="composer-hint"
        placeholder=${t("composer-placeholder")}
        .value=${live(this._text)}
        @input=${(/** @type {InputEvent} */ event) => this.#write(/** @type {HTMLTextAreaElement} */ (event.target).value)}
        @keydown=${this.#onKey}
      ></textarea>
      <div class="composer-foot">
        ${this.#mode()} ${settings.values.mode === "consensus" ? html`<c6-plan-picker></c6-plan-picker>` : this.#model()}
        <p class="composer-hint" id="composer-hint">${t("composer-hint")}</p>
        ${
          this.#busy
            ? html`<button type="button" class="button composer-stop" data-testid="stop" @click=${() => run("stop")}>
                <span class="stop-sign" aria-hidden="true"></span>${t("composer-stop")}
              </button>`
            : html`<button
                type="button"
                class="button button--primary composer-send"
                data-testid="send"
                ?disabled=${this._text.trim() === ""}
                @click=${this.#send}
              >
                ${t("composer-send")}
              </button>`
        }
      </div>
    </form>`;
  }

  #mode() {
    const { mode } = settings.values;
    return html`<span class="pill ${mode === "auto" ? "" : "pill--chosen"}">
      <select aria-label=${t("mode-label")} data-testid="mode-picker" data-value=${mode} title=${t(`mode-${mode}-help`)} @change=${this.#onMode}>
        <option value="auto" data-value="auto" .selected=${mode === "auto"}>${t("mode-auto")}</option>
        <option value="single" data-value="single" .selected=${mode === "single"}>${t("mode-single")}</option>
        <option value="consensus" data-value="consensus" .selected=${mode === "consensus"} ?disabled=${session.models.length === 0}>
          ${t("mode-consensus")}
        </option>
      </select>
      <span class="pill-text" aria-hidden="true">${t(`mode-${mode}`)}${CARET}</span>
    </span>`;
  }

  #model() {
    const picked = choice();
    const value = picked.model ?? "";
    return html`<span class="pill ${value === "" ? "" : "pill--chosen"}">
      <select aria-label=${t("model-label")} data-testid="model-picker" data-value=${value} @change=${this.#onModel}>
        <option value="" data-value="" .selected=${value === ""}>${t("model-auto")}</option>
        ${session.models.map(
          ({ id, label }) =>
            html`<option value=${id} data-value=${id} .selected=${id === value}>${label || id}</option>`,
        )}
      </select>
      <span class="pill-text" aria-hidden="true">
        <span class="dot" data-hue=${session.hueOf(picked.model) ?? ""} ?hidden=${value === ""}></span>
        <span class="pill-name">${value === "" ? t("model-auto") : session.labelOf(value)}</span>${CARET}
      </span>
    </span>`;
  }
}

customElements.define("c6-composer", Composer);
