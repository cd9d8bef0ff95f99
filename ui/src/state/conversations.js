/**
 * The list of conversations: pinned ones first, then by the time something was last said. It is loaded page by page and kept
 * up by events; grouping by day is the view's.
 */
import { Observable } from "./observable.js";

/** @import { AppError, ConversationId, ConversationSummary, Event } from "../bridge/types.js" */
/** @import { Call } from "./index.js" */

const PAGE = 100;

/**
 * The list's order.
 * @param {ConversationSummary} a
 * @param {ConversationSummary} b
 */
function byRecency(a, b) {
  return Number(b.pinned) - Number(a.pinned) || b.updated_at - a.updated_at || (a.id < b.id ? 1 : -1);
}

export class Conversations extends Observable {
  #call;
  /** @type {Map<ConversationId, ConversationSummary>} */
  #known = new Map();
  /** @type {ConversationSummary[]} */
  #items = [];
  /** @type {string | undefined} */
  #next;
  #loading = false;
  /** @type {AppError | undefined} */
  #error;

  /** @param {Call} call */
  constructor(call) {
    super();
    this.#call = call;
  }

  /** Those that are loaded, in order. */
  get items() {
    return this.#items;
  }

  /** Whether there are more than those that are loaded. */
  get more() {
    return this.#next !== undefined;
  }

  get loading() {
    return this.#loading;
  }

  /** Why the list could not be read. */
  get error() {
    return this.#error;
  }

  /** @param {ConversationId} id */
  get(id) {
    return this.#known.get(id);
  }

  /** Reads the first page; forgets what was loaded. */
  async load() {
    this.#loading = true;
    this.changed();
    try {
      const page = await this.#call("conversation_list", { limit: PAGE });
      this.#known = new Map(page.conversations.map((each) => [each.id, each]));
      this.#next = page.next;
      this.#error = undefined;
    } catch (error) {
      this.#error = /** @type {AppError} */ (error);
    }
    this.#loading = false;
    this.#sorted();
  }

  /** Reads the next page. */
  async loadMore() {
    if (this.#next === undefined || this.#loading) return;
    this.#loading = true;
    try {
      const page = await this.#call("conversation_list", { after: this.#next, limit: PAGE });
      for (const each of page.conversations) this.#known.set(each.id, each);
      this.#next = page.next;
    } catch (error) {
      this.#error = /** @type {AppError} */ (error);
    }
    this.#loading = false;
    this.#sorted();
  }

  /**
   * @param {ConversationId} id
   * @param {string} title
   */
  async rename(id, title) {
    this.#put(await this.#call("conversation_rename", { id, title }));
  }

  /**
   * @param {ConversationId} id
   * @param {boolean} pinned
   */
  async pin(id, pinned) {
    this.#put(await this.#call("conversation_pin", { id, pinned }));
  }

  /**
   * Takes it out of the list; `restore` brings it back.
   * @param {ConversationId} id
   */
  async delete(id) {
    await this.#call("conversation_delete", { id });
    this.#drop(id);
  }

  /** @param {ConversationId} id */
  async restore(id) {
    this.#put(await this.#call("conversation_restore", { id }));
  }

  /** @param {Event} event */
  apply(event) {
    if (event.type === "conversation-changed") this.#put(event.conversation);
    else if (event.type === "conversation-removed") this.#drop(event.id);
  }

  /** @param {ConversationSummary} summary */
  #put(summary) {
    this.#known.set(summary.id, summary);
    this.#sorted();
  }

  /** @param {ConversationId} id */
  #drop(id) {
    if (this.#known.delete(id)) this.#sorted();
  }

  #sorted() {
    this.#items = [...this.#known.values()].sort(byRecency);
    this.changed();
  }
}
