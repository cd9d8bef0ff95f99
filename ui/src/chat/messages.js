/**
 * The list of messages in its scroller. Only those near the view are on the page, the others are gaps as high as they are (measured
 * once they were shown). Earlier and later ones are read when the reader comes near them, and what is on the screen
 * stays where it is; the end is followed as `EndFollower` says.
 */
import { html, nothing } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { LightElement } from "../element.js";
import { t } from "../i18n.js";
import { copyCode } from "../markdown/view.js";
import { Extents, places } from "../scrolling/extents.js";
import { textHeight } from "../scrolling/guess.js";
import { height } from "../scrolling/height.js";
import { consensus, conversation, session } from "../state/index.js";
import { focus } from "./focus.js";
import { EndFollower, isUpwardKey } from "./follow.js";
import { END } from "./icons.js";
import { clearMarks, showMarks } from "./marks.js";
import "./message.js";
import "./messages.css";

/** @import { Goal } from "../state/conversation.js" */
/** @import { MessageState } from "../state/message.js" */
/** @import { MessageView } from "./message.js" */
/** @import { Place, Range } from "../scrolling/extents.js" */

const EXAMPLES = /** @type {const} */ (["fast", "code", "complex"]);
/** How near to what is not loaded, in pixels, it is read. */
const NEAR = 1_200;
/** How far around the view messages are on the page, in views; and how that far is reached after a conversation was opened. */
const AROUND = 1.5;
const AROUND_FIRST = 0.4;
const WIDER = [0.8, 1.2, AROUND];
/** The least of that, in pixels. */
const LEAST = 900;
/** How many messages a selection may hold on the page. */
const SELECTED = 200;
/** What a message has beside its text, in pixels, and how its lines are. */
const FRAME = 84;
/** What a run of several models has above its answer. */
const RUN = 230;
const MEASURE = { letters: 84, line: 25 };

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

/** @type {WeakMap<MessageState, { length: number, height: number }>} */
const guesses = new WeakMap();

/** @param {MessageState} message */
function guess(message) {
  const { content } = message.value;
  const run = message.value.role === "assistant" && consensus.runOf(message.id) ? RUN : 0;
  const known = guesses.get(message);
  if (known?.length === content.length) return known.height + run;
  const made = Math.round(FRAME + textHeight(content, MEASURE));
  guesses.set(message, { length: content.length, height: made });
  return made + run;
}

/**
 * What an element on the page is kept for: a message, or a run of several models whatever its answer is by now.
 * @param {MessageState | undefined} message
 */
function keyOf(message) {
  const run = message?.value.role === "assistant" ? consensus.runOf(message.id) : undefined;
  return run?.id ?? message?.id ?? "";
}

export class Messages extends LightElement {
  static properties = { _below: { state: true } };

  #follower = new EndFollower();
  #extents = new Extents((/** @type {MessageState} */ { id }) => id, guess);
  /** What is on the page. @type {Place[]} */
  #places = [];
  /** @type {Range} */
  #range = { from: 0, to: 0 };
  /** How far around the view the page is filled now, in views. */
  #around = AROUND_FIRST;
  /** @type {ResizeObserver | undefined} */
  #sizes;
  /** The messages whose size is watched, with the id they had. @type {Map<Element, string | undefined>} */
  #sized = new Map();
  /** Whether a frame is awaited in which is done what new sizes ask for. */
  #afterSizes = false;
  /** @type {string | undefined} */
  #shown;
  /** @type {string | undefined} */
  #lastMessage;
  /** The list that is on the page. @type {readonly unknown[]} */
  #listed = [];
  /**
   * What the reader looks at: where it stands in the whole, in which message, and how far into that the view begins.
   * @type {{ element: Element, top: number, message: string, into: number } | undefined}
   */
  #anchor;
  /** @type {number | undefined} */
  #touchY;
  /** Where the reader was last taken. @type {Goal | undefined} */
  #reached;
  #reaching = false;

  constructor() {
    super();
    /** Whether there is something below the view that is not followed. */
    this._below = false;
    this.watch(consensus, conversation, session);
  }

  /** @returns {HTMLElement | null} */
  get #scroller() {
    return this.querySelector(".messages");
  }

  get #position() {
    const scroller = this.#scroller;
    return { top: scroller?.scrollTop ?? 0, height: scroller?.scrollHeight ?? 0, view: scroller?.clientHeight ?? 0 };
  }

  /** Whether what grows pulls the view along: only where the end of the conversation is loaded. */
  get #following() {
    return this.#follower.following && !conversation.later;
  }

  /** Where the list begins inside the scroller. */
  get #offset() {
    const list = this.querySelector(".messages-list");
    const scroller = this.#scroller;
    if (!list || !scroller) return 0;
    return list.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop;
  }

  firstUpdated() {
    const scroller = this.#scroller;
    const column = this.querySelector(".messages-column");
    if (!scroller || !column) return;
    this.#sizes = new ResizeObserver((entries) => this.#resized(entries));
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
    scroller.addEventListener("keydown", (event) => this.#onKey(event));
    scroller.addEventListener("stretches-filled", () => this.#following || this.#hold());
    scroller.addEventListener("click", (event) => void copyCode(event));
    // What the reader opens is read from where it begins, not from its end.
    scroller.addEventListener("reading", () => {
      this.#follower.upward();
      this.#mark();
    });
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#sizes?.disconnect();
  }

  #upward() {
    // Where everything fits there is nowhere to go.
    if (this.#position.height > this.#position.view) this.#follower.upward();
    // From the first moment on something must be held, also where no scrolling was told of yet.
    if (!this.#following && !this.#anchor) this.#mark();
    this.#look();
  }

  /** Home and End mean the whole conversation, of which only a part may be loaded. @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.target !== this.#scroller || event.defaultPrevented) return;
    if (event.key === "End" && !event.shiftKey && conversation.later) {
      event.preventDefault();
      this.toEnd();
    }
  }

  #scrolled() {
    this.#follower.scrolled(this.#position);
    this.#mark();
    this.#look();
    this.#readOn();
    // Who scrolls already does not wait for what is around to come bit by bit.
    if (!this.#following && this.#around !== AROUND && this.#listed.length > 0) {
      this.#around = AROUND;
      this.requestUpdate();
    }
    if (!this.#covers()) this.requestUpdate();
  }

  /** Reads what stands before and after, where the reader is near it. */
  #readOn() {
    const { top, height: whole, view } = this.#position;
    if (top < NEAR) void conversation.loadEarlier();
    if (conversation.later && whole - view - top < NEAR) void conversation.loadLater();
  }

  /** @param {ResizeObserverEntry[]} entries */
  #resized(entries) {
    for (const { target, borderBoxSize } of entries) {
      const id = target instanceof HTMLElement && target.localName === "c6-message" ? target.dataset.id : undefined;
      const size = borderBoxSize[0]?.blockSize;
      if (id !== undefined && size !== undefined && size > 0) this.#extents.measure(id, size);
    }
    // Scrolling changes no size, so that what is on the screen stands right before it is painted. Whatever renders waits for a frame
    // of its own: it would change sizes that were told already, which every engine reports as an error.
    if (this.#follower.resized(this.#position) && this.#following) this.#goToEnd();
    else if (!this.#following) this.#hold();
    if (this.#afterSizes) return;
    this.#afterSizes = true;
    requestAnimationFrame(() => {
      this.#afterSizes = false;
      this.#look();
      if (!this.#covers()) this.requestUpdate();
    });
  }

  /**
   * Notes what stands first on the screen. WebKit keeps nothing in place by itself when something above it grows (a formula, colours,
   * earlier messages), so it is done here, for all engines alike.
   */
  #mark() {
    const scroller = this.#scroller;
    if (!scroller) return;
    // What has grown since is not the reader's doing.
    if (!this.#following) this.#hold();
    const message = /** @type {HTMLElement | undefined} */ (
      firstBelow(this.querySelectorAll("c6-message"), scroller.getBoundingClientRect().top)
    );
    const { top, bottom } = scroller.getBoundingClientRect();
    const element = (message && firstBelow(message.querySelectorAll(".prose .block"), top)) ?? message;
    this.#anchor = element && message && this.#anchorAt(element, message);
    // The bar was dragged to where nothing is on the page yet.
    if (message && message.getBoundingClientRect().top > bottom) this.#anchor = undefined;
  }

  /**
   * @param {Element} element
   * @param {HTMLElement} message
   */
  #anchorAt(element, message) {
    const scroller = this.#scroller;
    const top = scroller?.getBoundingClientRect().top ?? 0;
    return {
      element,
      top: element.getBoundingClientRect().top - top + (scroller?.scrollTop ?? 0),
      message: message.dataset.id ?? "",
      into: top - message.getBoundingClientRect().top,
    };
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
      conversation.messages.length > 0 &&
      (conversation.later || (!this.#follower.following && EndFollower.below(this.#position) > 0));
  }

  #goToEnd() {
    const scroller = this.#scroller;
    if (scroller) scroller.scrollTop = scroller.scrollHeight;
    // What was looked at before stands elsewhere now, and is not to be held when the reader lets go of the end.
    this.#anchor = undefined;
  }

  /** Takes the reader to the end and stays there. */
  toEnd() {
    this.#follower.toEnd();
    if (conversation.later) void conversation.toEnd();
    else {
      this.#goToEnd();
      if (!this.#covers()) this.requestUpdate();
    }
    this.#look();
  }

  // ---- what is on the page ------------------------------------------------------------------------------------------------

  /**
   * @param {number} views How far around the view.
   * @returns {Range} The messages that belong on the page now.
   */
  #wanted(views) {
    const { messages } = conversation;
    const { top, view } = this.#position;
    const room = view || window.innerHeight;
    const around = Math.max(views * room, views === AROUND ? LEAST : 0);
    const goal = this.#goal();
    if (goal >= 0) {
      const begin = this.#extents.begin(goal);
      return this.#extents.within(begin - around, begin + room + around);
    }
    if (this.#following) {
      const end = this.#extents.height;
      return this.#extents.within(end - room - around, end);
    }
    if (messages.length === 0) return { from: 0, to: 0 };
    // By what the reader looks at, because messages may have come before it since.
    const held = this.#anchor ? messages.findIndex(({ id }) => id === this.#anchor?.message) : -1;
    const begin = held >= 0 ? this.#extents.begin(held) + (this.#anchor?.into ?? 0) : top - this.#offset;
    return this.#extents.within(begin - around, begin + room + around);
  }

  /** Where the message stands to which the reader is being taken; -1 where there is none. */
  #goal() {
    const { goal } = conversation;
    if (!goal || goal === this.#reached) return -1;
    return conversation.messages.findIndex(({ id }) => id === goal.message);
  }

  /** Whether what is on the page suffices for where the reader is, with something to spare. */
  #covers() {
    if (this.#around !== AROUND) return true;
    const { from, to } = this.#wanted(AROUND / 2);
    return this.#range.from <= from && this.#range.to >= to;
  }

  /** Messages that stay on the page wherever the reader is: the one in use, and those that are selected. @returns {number[]} */
  #pinned() {
    const { messages } = conversation;
    const at = (/** @type {Node | null | undefined} */ node) => {
      const element = (node instanceof Element ? node : node?.parentElement)?.closest("c6-message");
      const id = element instanceof HTMLElement && this.contains(element) ? element.dataset.id : undefined;
      return id === undefined ? -1 : messages.findIndex((each) => each.id === id);
    };
    const pinned = [at(document.activeElement)];
    if (focus.edited !== undefined) pinned.push(messages.findIndex(({ id }) => id === focus.edited));
    const selection = document.getSelection();
    if (selection && !selection.isCollapsed) {
      const [a, b] = [at(selection.anchorNode), at(selection.focusNode)];
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      if (from >= 0 && to - from <= SELECTED) for (let n = from; n <= to; n += 1) pinned.push(n);
      else pinned.push(a, b);
    }
    return pinned;
  }

  willUpdate() {
    if (conversation.id !== this.#shown) {
      // A new conversation that has just got its id is the same one for the reader.
      if (this.#shown !== undefined || conversation.messages.length === 0) focus.inspect(undefined);
      focus.edit(undefined);
      this.#shown = conversation.id;
      this.#lastMessage = undefined;
      this.#anchor = undefined;
      this.#around = AROUND_FIRST;
      this.#follower.toEnd();
      clearMarks();
    }
    const last = conversation.later ? undefined : conversation.messages.at(-1);
    if (last && last.id !== this.#lastMessage) {
      // Something new was said: the reader is taken along.
      if (last.value.status === "streaming" || (this.#lastMessage === undefined && !conversation.goal))
        this.#follower.toEnd();
      this.#lastMessage = last.id;
      focus.inspect(undefined);
    }
    if (this.#listed !== conversation.messages) {
      if (this.#listed.length === 0) this.#around = AROUND_FIRST;
      this.#listed = conversation.messages;
      this.#extents.things = conversation.messages;
      this.#mark();
    }
    if (this.#goal() >= 0) {
      this.#follower.upward();
      this.#anchor = undefined;
    }
    this.#range = this.#wanted(this.#around);
    this.#places = places(conversation.messages.length, this.#range, this.#pinned());
  }

  async updated() {
    const elements = /** @type {MessageView[]} */ ([...this.querySelectorAll("c6-message")]);
    await Promise.all(elements.filter((each) => !each.dataset.role).map((each) => each.updateComplete));
    for (const element of this.#sized.keys()) {
      if (element.isConnected) continue;
      this.#sized.delete(element);
      this.#sizes?.unobserve(element);
    }
    for (const element of elements) {
      const { id } = element.dataset;
      if (this.#sized.has(element) && this.#sized.get(element) === id) continue;
      // One that shows another answer of its run is measured anew, also where it is as high as before.
      if (this.#sized.has(element)) this.#sizes?.unobserve(element);
      this.#sized.set(element, id);
      this.#sizes?.observe(element);
    }
    const scroller = this.#scroller;
    if (!scroller) return;
    if (this.#goal() >= 0) await this.#reach();
    else if (this.#following) this.#goToEnd();
    else this.#hold();
    this.#look();
    if (this.#around !== AROUND && conversation.messages.length > 0) this.#widenLater();
  }

  /** What is seen is painted first; what is around it follows, a little at a time. */
  #widenLater() {
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        if (this.#around === AROUND) return;
        this.#around = WIDER.find((views) => views > this.#around) ?? AROUND;
        this.#mark();
        this.requestUpdate();
        if (this.#around === AROUND) this.#readOn();
      }),
    );
  }

  /** Takes the reader to the message that was asked for, with the words marked. */
  async #reach() {
    const { goal } = conversation;
    const scroller = this.#scroller;
    if (!goal || !scroller) return;
    const element = /** @type {MessageView | null} */ (
      this.querySelector(`c6-message[data-id="${CSS.escape(goal.message)}"]`)
    );
    if (!element || this.#reaching) return;
    this.#reaching = true;
    const found = await showMarks(element, goal.words).catch(() => undefined);
    this.#reaching = false;
    if (goal !== conversation.goal || !element.isConnected) return;
    this.#reached = goal;
    // While the core was asked, the end may have taken hold again.
    this.#follower.upward();
    const { top } = scroller.getBoundingClientRect();
    const place = (found ?? element).getBoundingClientRect().top - top + scroller.scrollTop;
    // Marked words stand where the eye is; a message without them begins at the top.
    scroller.scrollTop = place - (found ? scroller.clientHeight * 0.3 : 16);
    const anchor = found?.startContainer.parentElement?.closest(".block") ?? element;
    this.#anchor = this.#anchorAt(anchor, element);
    element.dataset.reached = "";
    setTimeout(() => delete element.dataset.reached, 1600);
    this.requestUpdate();
  }

  /**
   * Where the focus goes on when what had it is gone: in the other version where one was left, in the scroller after what belongs to it.
   * @param {HTMLElement} lost
   * @param {readonly HTMLElement[]} around
   */
  focusHome({ dataset }, around) {
    if (dataset.testid === "to-end" || dataset.testid === "earlier") return this.#scroller;
    const place = around.find(({ localName }) => localName === "c6-message")?.ariaPosInSet;
    if (!dataset.testid?.startsWith("branch-") || !place) return null;
    const message = this.querySelector(`c6-message[aria-posinset="${CSS.escape(place)}"]`);
    const other = dataset.testid === "branch-next" ? "branch-prev" : "branch-next";
    return [dataset.testid, other]
      .map((id) => message?.querySelector(`[data-testid="${id}"]:not(:disabled)`))
      .find((each) => each);
  }

  /** @param {string} text */
  #example(text) {
    this.dispatchEvent(new CustomEvent("example", { bubbles: true, detail: text }));
  }

  render() {
    const { messages, loading, earlier, later } = conversation;
    // How many there are in all is only known where all are loaded.
    const count = earlier || later ? -1 : messages.length;
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
          <div
            class="messages-list"
            role=${messages.length === 0 ? nothing : "feed"}
            aria-label=${messages.length === 0 ? nothing : t("conversation-messages")}
            aria-busy=${loading === "earlier" || loading === "later" ? "true" : nothing}
          >
            ${repeat(
              this.#places,
              (place) => (place.kind === "gap" ? `gap-${place.from}` : keyOf(messages[place.n])),
              (place) =>
                place.kind === "gap"
                  ? html`<div class="messages-gap" role="none" ${height(this.#extents.between(place))}></div>`
                  : html`<c6-message
                      role="article"
                      aria-setsize=${count}
                      aria-posinset=${place.n + 1}
                      .message=${messages[place.n]}
                    ></c6-message>`,
            )}
          </div>
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
