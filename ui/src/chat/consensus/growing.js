/** The words of one message, whole, as they grow: a candidate that is looked at, or a synthesis that has no place of its own yet. */
import { html } from "lit";
import { LightElement } from "../../element.js";
import { MarkdownView } from "../../markdown/view.js";

/** @import { MessageState } from "../../state/message.js" */

export class Growing extends LightElement {
  static properties = { message: { attribute: false }, testId: { attribute: false } };

  /** @type {MarkdownView | undefined} */
  #text;
  /** @type {MessageState | undefined} */
  #observed;
  /** @type {AbortController | undefined} */
  #connection;

  constructor() {
    super();
    /** @type {MessageState | undefined} */
    this.message = undefined;
    this.testId = "";
  }

  connectedCallback() {
    super.connectedCallback();
    this.#text?.connect();
    this.requestUpdate();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#connection?.abort();
    this.#observed = undefined;
    this.#text?.disconnect();
  }

  /** One rendering per frame is all that can be seen. A hidden window has no frames. */
  async scheduleUpdate() {
    if (this.hasUpdated && this.message?.value.status === "streaming" && !document.hidden) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    super.scheduleUpdate();
  }

  willUpdate() {
    if (this.message === this.#observed) return;
    this.#connection?.abort();
    this.#connection = new AbortController();
    this.#observed = this.message;
    this.message?.observe(() => this.requestUpdate(), this.#connection.signal);
  }

  updated() {
    const root = this.querySelector(".prose");
    const value = this.message?.value;
    if (!(root instanceof HTMLElement) || !value) return;
    this.#text ??= new MarkdownView(root);
    this.#text.update(value.content, value.status === "streaming" ? "growing" : "ended");
  }

  render() {
    return html`<div class="prose" data-testid=${this.testId} dir="auto"></div>`;
  }
}

customElements.define("c6-growing", Growing);
