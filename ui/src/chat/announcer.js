/**
 * What people with a screen reader hear: that an answer begins, and the whole answer when it ends; never single words. A polite
 * status of its own, apart from what is seen, so that nothing is read twice.
 */
import { html } from "lit";
import { LightElement } from "../element.js";
import { i18n, t } from "../i18n.js";
import { Sentence } from "../sentence.js";
import { consensus, conversation, session } from "../state/index.js";

/** @import { MessageState } from "../state/message.js" */

const sentence = new Sentence(i18n);

export class Announcer extends LightElement {
  /** @type {MessageState | undefined} */
  #listeningTo;
  /** @type {string | undefined} */
  #opened = conversation.id;
  /** @type {AbortController | undefined} */
  #connection;

  constructor() {
    super();
    this.watch(sentence);
  }

  connectedCallback() {
    super.connectedCallback();
    this.#connection = new AbortController();
    const { signal } = this.#connection;
    conversation.observe(() => this.#look(), signal);
    document.addEventListener("announce", (event) => this.say(/** @type {CustomEvent<string>} */ (event).detail), {
      signal,
    });
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#connection?.abort();
    sentence.clear();
  }

  /** @param {string} text */
  say(text) {
    sentence.say(text);
  }

  #look() {
    const { id, streaming, loading } = conversation;
    if (id !== this.#opened && loading === "idle") {
      this.#opened = id;
      // One that has just begun with a question says enough by answering.
      if (id !== undefined && !streaming && conversation.summary) {
        this.say(t("announce-opened", { title: conversation.summary.title }));
      }
    }
    const former = this.#listeningTo;
    // A run of several models speaks for all its candidates.
    if (streaming && consensus.runOf(streaming.id)) return;
    if (streaming && streaming !== former) {
      this.#listeningTo = streaming;
      this.say(t("announce-started", { model: session.labelOf(streaming.value.model) }));
    } else if (!streaming && former) {
      this.#listeningTo = undefined;
      if (conversation.messages.includes(former) && !consensus.runOf(former.id)) void this.#ended(former);
    }
  }

  /** @param {MessageState} message */
  async #ended({ id, value }) {
    const element = document.querySelector(`c6-message[data-id="${CSS.escape(id)}"]`);
    // Rendered first, so that formulas and marks are read as they are shown.
    await /** @type {any} */ (element)?.updateComplete;
    const text = element?.querySelector(".message-text")?.textContent?.trim() ?? value.content;
    const model = session.labelOf(value.model);
    if (value.status === "failed")
      this.say(t("announce-failed", { error: t(`error-${value.error?.code ?? "internal"}`) }));
    else if (value.status === "stopped") this.say(t("announce-stopped", { text }));
    else this.say(t("announce-ended", { model, text }));
  }

  render() {
    return html`<div class="sr-only" role="status" aria-live="polite" aria-atomic="true" data-testid="status">${sentence.text}</div>`;
  }
}

customElements.define("c6-announcer", Announcer);
