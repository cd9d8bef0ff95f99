/**
 * The list of messages in its scroller. Earlier ones are read when the reader comes near the beginning, and what is on the screen stays
 * where it is; the end is followed as `EndFollower` says.
 */
import { html, nothing } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { LightElement } from "../element.js";
import { t } from "../i18n.js";
import { copyCode } from "../markdown/view.js";
import { conversation, session } from "../state/index.js";
import { focus } from "./focus.js";
import { EndFollower, isUpwardKey } from "./follow.js";
import { END } from "./icons.js";
import "./message.js";
import "./messages.css";

const EXAMPLES = /** @type {const} */ (["fast", "code", "complex"]);
/** How near to the beginning, in pixels, the messages before it are read. */
const NEAR = 600;
/** From how many messages on those out of sight are not laid out. */
const MANY = 40;

/**
 * @param {ArrayLike<Element>} elements One below the other.
 * @param {number} edge
 * @returns {Element | undefined} The first that reaches below the edge.
 */
function firstBelow(elements, edge) {
  let [from, to] = [0, elements.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((elements[middle]?.getBoundingClientRect().bottom ?? 0) > edge) to = middle;
    else from = middle + 1;
  }
  return elements[from];
}

export class Messages extends LightElement {
  static properties = { _below: { state: true } };

  #follower = new EndFollower();
  /** @type {ResizeObserver | undefined} */
  #sizes;
  /** @type {string | undefined} */
  #shown;
  /** @type {string | undefined} */
  #lastMessage;
  /** The list that is on the page. @type {readonly unknown[]} */
  #listed = [];
  /** What the reader looks at, and where it stands in the whole. @type {{ element: Element, top: number } | undefined} */
  #anchor;
  /** @type {number | undefined} */
  #touchY;

  constructor() {
    super();
    /** Whether there is something below the view that is not followed. */
    this._below = false;
    this.watch(conversation, session);
  }

  /** @returns {HTMLElement | null} */
  get #scroller() {
    return this.querySelector(".messages");
  }

  get #position() {
    const scroller = this.#scroller;
    return { top: scroller?.scrollTop ?? 0, height: scroller?.scrollHeight ?? 0, view: scroller?.clientHeight ?? 0 };
  }

  firstUpdated() {
    const scroller = this.#scroller;
    const column = this.querySelector(".messages-column");
    if (!scroller || !column) return;
    this.#sizes = new ResizeObserver(() => this.#resized());
    this.#sizes.observe(column);
    this.#sizes.observe(scroller);
    scroller.addEventListener("wheel", (event) => event.deltaY < 0 && this.#upward(), { passive: true });
    scroller.addEventListener("keydown", (event) => isUpwardKey(event) && this.#upward());
    scroller.addEventListener(
      "touchstart",
      (event) => {
        this.#touchY = event.touches[0]?.clientY;
      },
      { passive: true },
    );
    scroller.addEventListener(
      "touchmove",
      (event) => {
        const y = event.touches[0]?.clientY;
        if (y !== undefined && this.#touchY !== undefined && y > this.#touchY) this.#upward();
        this.#touchY = y;
      },
      { passive: true },
    );
    scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    scroller.addEventListener("click", (event) => void copyCode(event));
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#sizes?.disconnect();
  }

  #upward() {
    // Where everything fits there is nowhere to go.
    if (this.#position.height > this.#position.view) this.#follower.upward();
    this.#look();
  }

  #scrolled() {
    this.#follower.scrolled(this.#position);
    this.#mark();
    this.#look();
    if (this.#position.top < NEAR) void conversation.loadEarlier();
  }

  #resized() {
    if (this.#follower.resized(this.#position)) this.#goToEnd();
    else if (!this.#follower.following) this.#hold();
    this.#look();
  }

  /**
   * Notes what stands first on the screen. WebKit keeps nothing in place by itself when something above it grows (a formula, colours,
   * earlier messages), so it is done here, for all engines alike.
   */
  #mark() {
    const scroller = this.#scroller;
    if (!scroller) return;
    const { top } = scroller.getBoundingClientRect();
    const message = firstBelow(this.querySelectorAll("c6-message"), top);
    const element = (message && firstBelow(message.querySelectorAll(".prose > .block"), top)) ?? message;
    this.#anchor = element && { element, top: element.getBoundingClientRect().top - top + scroller.scrollTop };
  }

  /** Puts it back where it stood on the screen. */
  #hold() {
    const scroller = this.#scroller;
    const anchor = this.#anchor;
    if (!scroller || !anchor?.element.isConnected) return;
    const place =
      anchor.element.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop;
    if (Math.abs(place - anchor.top) < 1) return;
    scroller.scrollTop += place - anchor.top;
    anchor.top = place;
  }

  #look() {
    this._below =
      conversation.messages.length > 0 && !this.#follower.following && EndFollower.below(this.#position) > 0;
  }

  #goToEnd() {
    const scroller = this.#scroller;
    if (scroller) scroller.scrollTop = scroller.scrollHeight;
  }

  /** Takes the reader to the end and stays there. */
  toEnd() {
    this.#follower.toEnd();
    this.#goToEnd();
    this.#look();
  }

  willUpdate() {
    if (conversation.id !== this.#shown) {
      // A new conversation that has just got its id is the same one for the reader.
      if (this.#shown !== undefined || conversation.messages.length === 0) focus.inspect(undefined);
      focus.edit(undefined);
      this.#shown = conversation.id;
      this.#lastMessage = undefined;
      this.#follower.toEnd();
    }
    const last = conversation.messages.at(-1);
    if (last && last.id !== this.#lastMessage) {
      // Something new was said: the reader is taken along.
      if (last.value.status === "streaming" || this.#lastMessage === undefined) this.#follower.toEnd();
      this.#lastMessage = last.id;
      focus.inspect(undefined);
    }
    if (this.#listed === conversation.messages) return;
    this.#listed = conversation.messages;
    this.#mark();
  }

  async updated() {
    await Promise.all(
      [...this.querySelectorAll("c6-message:not([data-role])")].map((each) => /** @type {any} */ (each).updateComplete),
    );
    const scroller = this.#scroller;
    if (!scroller) return;
    if (this.#follower.following) this.#goToEnd();
    else this.#hold();
    this.#look();
    if (conversation.messages.length > MANY) this.#restLater();
  }

  /** Once laid out, a message out of sight keeps its size and costs nothing. */
  #restLater() {
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        for (const element of this.querySelectorAll("c6-message:not([data-laid-out], [data-status='streaming'])")) {
          element.setAttribute("data-laid-out", "");
        }
      }),
    );
  }

  /** @param {string} text */
  #example(text) {
    this.dispatchEvent(new CustomEvent("example", { bubbles: true, detail: text }));
  }

  render() {
    const { messages, loading, earlier } = conversation;
    return html`
      <div class="messages" data-testid="messages" role="region" tabindex="0" aria-label=${t("conversation-messages")}>
        <div class="messages-column">
          ${
            earlier
              ? html`<button
                  type="button"
                  class="button button--quiet messages-earlier"
                  data-testid="earlier"
                  ?disabled=${loading === "earlier"}
                  @click=${() => void conversation.loadEarlier()}
                >
                  ${t(loading === "earlier" ? "conversation-earlier-loading" : "conversation-earlier")}
                </button>`
              : nothing
          }
          ${messages.length === 0 && loading === "idle" && !conversation.error ? this.#empty() : nothing}
          ${repeat(
            messages,
            ({ id }) => id,
            (message) => html`<c6-message role="article" .message=${message}></c6-message>`,
          )}
        </div>
      </div>
      <button type="button" class="to-end" data-testid="to-end" ?hidden=${!this._below} @click=${() => this.toEnd()}>
        ${END}${t("conversation-jump-end")}
      </button>
    `;
  }

  #empty() {
    return html`<div class="empty" data-testid="empty">
      <h2 class="empty-title">${t("empty-title")}</h2>
      <p class="empty-hint">${t("empty-hint")}</p>
      <ul class="empty-examples">
        ${EXAMPLES.map((name) => {
          const text = t(`empty-example-${name}`);
          return html`<li>
            <button type="button" class="empty-example" data-testid="example" @click=${() => this.#example(text)}>
              ${text}
            </button>
          </li>`;
        })}
      </ul>
    </div>`;
  }
}

customElements.define("c6-messages", Messages);
