/**
 * The open conversation: a stretch of its active branch, which ends where the conversation ends unless the reader was taken to a
 * place further up. Events are applied to it as they come; what was lost on the way is noticed (by frame numbers, by a
 * delta's place, by an ended text's length) and healed by reading the stretch again. While an answer to one of our own
 * calls is under way, events wait, so that none can overtake it. However far the reader goes, only so much of it is kept.
 */
import { MessageState } from "./message.js";
import { Observable } from "./observable.js";

/** @import { AppError, ChatStarted, ConsensusStarted, ConversationId, ConversationSummary, ConversationView, Event, Message, MessageId, Mode, ModelId, ProjectId } from "../bridge/types.js" */
/** @import { Call } from "./index.js" */

/** How many messages are read first: more than a window shows, few enough to be painted at once. */
const FIRST = 24;
/** How many messages are read at once after that. */
const PAGE = 60;
/** The most that one call may ask for. */
const MOST = 200;
/** How many messages are kept: what is further away is read again when the reader comes back. */
const KEPT = 1_200;
/** How many messages are read around one that the reader is taken to. */
const AROUND = 24;

/**
 * A message that the reader wants to be taken to.
 * @typedef {object} Goal
 * @property {MessageId} message
 * @property {string} words What was searched for, to be marked.
 */

/**
 * How the model is chosen for a question.
 * @typedef {object} Choice
 * @property {Mode} mode
 * @property {ModelId} [model] For `single`.
 */

export class Conversation extends Observable {
  #call;
  /** @type {ConversationId | undefined} */
  #id;
  /** @type {ConversationSummary | undefined} */
  #summary;
  /** @type {MessageState[]} */
  #messages = [];
  #earlier = false;
  #later = false;
  /** @type {ProjectId | undefined} */
  #project;
  /** @type {Goal | undefined} */
  #goal;
  /** @type {"idle" | "opening" | "earlier" | "later"} */
  #loading = "idle";
  /** @type {AppError | undefined} */
  #error;
  /** Grows whenever another conversation is shown: answers to older calls are dropped. */
  #visit = 0;
  #pending = 0;
  /** @type {Event[]} */
  #held = [];
  #healing = false;
  #healAgain = false;

  /** @param {Call} call */
  constructor(call) {
    super();
    this.#call = call;
  }

  /** Absent while the conversation is new and nothing was asked yet. */
  get id() {
    return this.#id;
  }

  get summary() {
    return this.#summary;
  }

  /** Oldest first. A new array whenever a message comes or goes; a message's own changes are told by itself. */
  get messages() {
    return this.#messages;
  }

  /** Whether there are messages before these. */
  get earlier() {
    return this.#earlier;
  }

  /** Whether there are messages after these. */
  get later() {
    return this.#later;
  }

  /** Where the reader is to be taken; a new object for each time. */
  get goal() {
    return this.#goal;
  }

  get loading() {
    return this.#loading;
  }

  /** Why the last thing that was asked for could not be done. */
  get error() {
    return this.#error;
  }

  /** The message that is being written. */
  get streaming() {
    return this.#messages.findLast((message) => message.value.status === "streaming");
  }

  /** The last answer that is shown. */
  get lastAnswer() {
    return this.#messages.findLast((message) => message.value.role === "assistant");
  }

  dismissError() {
    this.#error = undefined;
    this.changed();
  }

  /**
   * The project in which the conversation is begun: it is put there with its first question.
   * @param {ProjectId | undefined} project
   */
  set project(project) {
    this.#project = project;
  }

  /** Shows a new, empty conversation. */
  begin() {
    this.#visit += 1;
    this.#project = undefined;
    this.#id = undefined;
    this.#summary = undefined;
    this.#messages = [];
    this.#earlier = false;
    this.#later = false;
    this.#goal = undefined;
    this.#loading = "idle";
    this.#error = undefined;
    this.changed();
  }

  /**
   * Shows a conversation from its end.
   * @param {ConversationId} id
   */
  async open(id) {
    this.begin();
    this.#id = id;
    this.#loading = "opening";
    this.changed();
    await this.#exchange(
      () => this.#call("conversation_open", { id, limit: FIRST }),
      (view) => this.#show(view),
    );
  }

  /**
   * Shows a conversation at one of its messages, which is made part of the branch that is shown.
   * @param {ConversationId} id
   * @param {MessageId} message
   * @param {string} [words] What to mark in it.
   */
  async openAt(id, message, words = "") {
    const goal = { message, words };
    if (id === this.#id && this.#messages.some((each) => each.id === message)) {
      this.#goal = goal;
      this.changed();
      return;
    }
    this.begin();
    this.#id = id;
    this.#loading = "opening";
    this.changed();
    await this.#exchange(
      () => this.#call("conversation_open", { id, around: message, limit: AROUND }),
      (view) => {
        this.#goal = goal;
        this.#show(view);
      },
    );
  }

  /** Shows the end again, after the reader was taken elsewhere. */
  async toEnd() {
    const id = this.#id;
    if (id === undefined || !this.#later) return;
    await this.#exchange(
      () => this.#call("conversation_open", { id, limit: FIRST }),
      (view) => {
        this.#goal = undefined;
        this.#show(view);
      },
    );
  }

  /** Reads what stands after the messages that are shown. */
  async loadLater() {
    const last = this.#messages.at(-1);
    if (!this.#later || this.#loading !== "idle" || this.#id === undefined || last === undefined) return;
    const id = this.#id;
    this.#loading = "later";
    this.changed();
    await this.#exchange(
      () => this.#call("conversation_open", { id, after: last.id, limit: PAGE }),
      (view) => {
        if (this.#messages.at(-1)?.id !== last.id) return;
        const all = [...this.#messages, ...view.messages.map((message) => new MessageState(message))];
        this.#later = view.later;
        this.#messages = all.slice(-KEPT);
        if (all.length > KEPT) this.#earlier = true;
      },
    );
  }

  /** Reads what stands before the messages that are shown. */
  async loadEarlier() {
    const [first] = this.#messages;
    if (!this.#earlier || this.#loading !== "idle" || this.#id === undefined || first === undefined) return;
    const id = this.#id;
    this.#loading = "earlier";
    this.changed();
    await this.#exchange(
      () => this.#call("conversation_open", { id, before: first.id, limit: PAGE }),
      (view) => {
        // The branch may have changed under way: what does not join is not shown.
        if (this.#messages[0]?.id !== first.id) return;
        const all = [...view.messages.map((message) => new MessageState(message)), ...this.#messages];
        this.#earlier = view.earlier;
        // What is being written stays: its words have no other place to go.
        const kept = this.streaming ? all.length : KEPT;
        this.#messages = all.slice(0, kept);
        if (all.length > kept) this.#later = true;
      },
    );
  }

  /**
   * @param {string} text
   * @param {Choice} choice
   * @returns {Promise<boolean>} Whether it was sent; if not, `error` says why.
   */
  send(text, choice) {
    const request = { text, ...choice, ...(this.#id === undefined ? {} : { conversation: this.#id }) };
    return this.#exchange(
      () => this.#call("chat_send", request),
      (started) => this.#started(started),
    );
  }

  /**
   * Puts a question anew, in other words.
   * @param {MessageId} message
   * @param {string} text
   * @param {Choice} choice
   */
  edit(message, text, choice) {
    return this.#exchange(
      () => this.#call("chat_edit", { message, text, ...choice }),
      (started) => this.#started(started),
    );
  }

  /**
   * @param {MessageId} message
   * @param {Choice} choice
   */
  regenerate(message, choice) {
    return this.#exchange(
      () => this.#call("chat_regenerate", { message, ...choice }),
      (started) => this.#started(started),
    );
  }

  /**
   * Puts a question to several models. Which runs there are is known elsewhere; here stand the question and one of the answers.
   * @param {() => Promise<ConsensusStarted>} ask
   * @param {"anew" | "beside"} where Whether the answers take the place of what is shown, or come beside it.
   */
  askSeveral(ask, where) {
    return this.#exchange(ask, ({ conversation, question, answers }) => {
      const [answer] = answers;
      if (where === "anew" && answer) this.#started({ conversation, ...(question ? { question } : {}), answer });
    });
  }

  /** @param {MessageId} message */
  continue(message) {
    return this.#exchange(
      () => this.#call("chat_continue", { message }),
      (started) => this.#started(started),
    );
  }

  /** Stops the answer that is being written. */
  async stop() {
    const message = this.streaming;
    if (message)
      await this.#exchange(
        () => this.#call("chat_stop", { message: message.id }),
        () => {},
      );
  }

  /**
   * Shows another version: the branch through this message.
   * @param {MessageId} message
   */
  select(message) {
    return this.#exchange(
      () => this.#call("conversation_select", { message }),
      (view) => this.#show(view),
    );
  }

  /** Reads again what is shown: something was lost. */
  async heal() {
    if (this.#id === undefined) return;
    if (this.#healing) {
      this.#healAgain = true;
      return;
    }
    this.#healing = true;
    const id = this.#id;
    const limit = Math.min(MOST, Math.max(FIRST, this.#messages.length));
    // Elsewhere than at the end, the middle of what is shown says where that is.
    const middle = this.#later ? this.#messages[this.#messages.length >> 1]?.id : undefined;
    await this.#exchange(
      () => this.#call("conversation_open", middle === undefined ? { id, limit } : { id, around: middle, limit }),
      (view) => this.#show(view),
    );
    this.#healing = false;
    if (this.#healAgain) {
      this.#healAgain = false;
      await this.heal();
    }
  }

  /** @param {Event} event */
  apply(event) {
    if (this.#pending > 0) this.#held.push(event);
    else this.#apply(event);
  }

  /**
   * One call and what it does to the screen. Events wait until then. An answer for a conversation that is no longer shown is
   * dropped: the core has done its work all the same.
   * @template T
   * @param {() => Promise<T>} ask
   * @param {(answer: T) => void} show
   * @returns {Promise<boolean>}
   */
  async #exchange(ask, show) {
    const visit = this.#visit;
    this.#pending += 1;
    try {
      const answer = await ask();
      if (visit === this.#visit) {
        this.#error = undefined;
        show(answer);
      }
      return true;
    } catch (error) {
      if (visit === this.#visit) this.#error = /** @type {AppError} */ (error);
      return false;
    } finally {
      this.#pending -= 1;
      if (visit === this.#visit) this.#loading = "idle";
      this.changed();
      if (this.#pending === 0) {
        const held = this.#held;
        this.#held = [];
        for (const event of held) this.#apply(event);
      }
    }
  }

  /** @param {Event} event */
  #apply(event) {
    switch (event.type) {
      case "message-begun":
        if (event.message.conversation === this.#id) {
          this.#place(event.message);
          this.changed();
        }
        break;
      case "message-delta": {
        const message = this.#find(event.conversation, event.message);
        if (message?.append(event.part, event.at, event.text) === "gap") void this.heal();
        break;
      }
      case "message-rerouted":
        this.#find(event.conversation, event.message)?.amend({
          model: event.model,
          scripted: event.scripted,
          routing: event.routing,
        });
        break;
      case "message-fitted": {
        const message = this.#find(event.conversation, event.message);
        if (!message) break;
        const { omitted: _, ...rest } = message.value;
        message.replace({ ...rest, ...(event.omitted ? { omitted: event.omitted } : {}) });
        break;
      }
      case "message-ended": {
        const message = this.#find(event.conversation, event.message);
        if (!message) break;
        const { error: _, ...rest } = message.value;
        const wait = event.error?.retry_after_ms;
        message.retryAt = wait === undefined ? undefined : Date.now() + wait;
        message.replace({
          ...rest,
          status: event.status,
          metrics: event.metrics,
          ...(event.error ? { error: event.error } : {}),
        });
        const { content, reasoning } = message.value;
        if (content.length !== event.content_length || reasoning.length !== event.reasoning_length) void this.heal();
        this.changed();
        break;
      }
      case "conversation-changed":
        if (event.conversation.id === this.#id) {
          this.#summary = event.conversation;
          this.changed();
        }
        break;
      case "conversation-removed":
        if (event.id === this.#id) this.begin();
        break;
      default:
        break;
    }
  }

  /**
   * @param {ConversationId} conversation
   * @param {MessageId} message
   */
  #find(conversation, message) {
    return conversation === this.#id ? this.#messages.findLast(({ id }) => id === message) : undefined;
  }

  /** @param {ChatStarted} started */
  #started({ conversation, question, answer }) {
    if (this.#id === undefined && this.#project !== undefined) {
      const project = this.#project;
      // Where it cannot be put there it stays in the list, from where it can be moved.
      void this.#call("conversations_move", { ids: [conversation], project }).catch(() => {});
    }
    this.#id = conversation;
    this.#goal = undefined;
    const first = question ?? answer;
    if (this.#later && !this.#messages.some(({ id }) => id === first.id || id === first.parent)) {
      // Said at the end while the reader was further up: the reader is taken there.
      void this.toEnd();
      return;
    }
    if (question) this.#place(question);
    this.#place(answer);
  }

  /**
   * Puts a message where its parent says: after it, in place of everything that stood there. One that is shown already is
   * brought up to date, keeping whichever text is longer.
   * @param {Message} message
   */
  #place(message) {
    const shown = this.#messages.find(({ id }) => id === message.id);
    if (shown) {
      const { content, reasoning } = shown.value;
      shown.replace({
        ...message,
        content: content.length > message.content.length ? content : message.content,
        reasoning: reasoning.length > message.reasoning.length ? reasoning : message.reasoning,
      });
      return;
    }
    const parent = message.parent === undefined ? -1 : this.#messages.findLastIndex(({ id }) => id === message.parent);
    if (parent < 0 && message.parent !== undefined) {
      // Further up, what is said at the end is not seen; the way to the end is there.
      if (!this.#later) void this.heal();
      return;
    }
    // A first message replaces the whole branch, also the part of it that is not loaded.
    if (message.parent === undefined) this.#earlier = false;
    this.#later = false;
    this.#messages = [...this.#messages.slice(0, parent + 1), new MessageState(message)];
  }

  /**
   * Shows what the core said, keeping the elements of messages that stay.
   * @param {ConversationView} view
   */
  #show(view) {
    const before = new Map(this.#messages.map((message) => [message.id, message]));
    const first = view.messages[0]?.id;
    const joint = this.#messages.findIndex(({ id }) => id === first);
    // What is loaded further up stays where the stretch joins it.
    const kept = view.earlier && joint > 0 ? this.#messages.slice(0, joint) : [];
    this.#summary = view.conversation;
    this.#earlier = kept.length > 0 ? this.#earlier : view.earlier;
    this.#later = view.later ?? false;
    this.#messages = [
      ...kept,
      ...view.messages.map((message) => {
        const shown = before.get(message.id);
        shown?.replace(message);
        return shown ?? new MessageState(message);
      }),
    ];
  }
}
