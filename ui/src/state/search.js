/**
 * The search over everything that was said, as one types. At most one question is under way: what is typed meanwhile is asked when its
 * answer has come, so that an older answer never takes the place of a newer one and the core is never asked in vain.
 */
import { Observable } from "./observable.js";

/** @import { AppError, ConversationId, ConversationSummary, Event, SearchFilters, SearchHit } from "../bridge/types.js" */
/** @import { Call } from "./index.js" */

const FIRST = 40;
const PAGE = 60;

/** Without any filter. @type {SearchFilters} */
export const EVERYWHERE = Object.freeze({ pinned: false, has_code: false, archive: "include" });

/**
 * What was found in one conversation, where its hits stand next to each other.
 * @typedef {object} Found
 * @property {ConversationSummary} conversation
 * @property {SearchHit | undefined} title
 * @property {SearchHit[]} messages Newest first.
 */

/**
 * Puts hits of the same conversation together, at the place of the first of them.
 * @param {readonly SearchHit[]} hits
 * @returns {Found[]}
 */
export function groupHits(hits) {
  /** @type {Map<ConversationId, Found>} */
  const groups = new Map();
  for (const hit of hits) {
    const { id } = hit.conversation;
    const group = groups.get(id) ?? { conversation: hit.conversation, title: undefined, messages: [] };
    if (hit.message === undefined) group.title = hit;
    else group.messages.push(hit);
    groups.set(id, group);
  }
  return [...groups.values()];
}

export class Search extends Observable {
  #call;
  #text = "";
  /** @type {SearchFilters} */
  #filters = EVERYWHERE;
  /** @type {SearchHit[]} */
  #hits = [];
  /** What the hits answer. */
  #answered = "";
  /** @type {string | undefined} */
  #next;
  /** @type {number | undefined} */
  #searchedTo;
  #pending = 0;
  #busy = false;
  /** Grows with everything that is asked anew. */
  #asked = 0;
  /** @type {AppError | undefined} */
  #error;

  /** @param {Call} call */
  constructor(call) {
    super();
    this.#call = call;
  }

  get text() {
    return this.#text;
  }

  get filters() {
    return this.#filters;
  }

  /** Whether anything is searched for. */
  get active() {
    return this.#text.trim() !== "";
  }

  /** What was found: for the text as it is, or for that before while the answer is under way. */
  get hits() {
    return this.#hits;
  }

  /** The text that the hits belong to. */
  get answered() {
    return this.#answered;
  }

  get more() {
    return this.#next !== undefined;
  }

  /** Where there is more: everything newer than this was looked at. */
  get searchedTo() {
    return this.#searchedTo;
  }

  /** Messages that cannot be found yet. */
  get pending() {
    return this.#pending;
  }

  /** Whether an answer is awaited. */
  get busy() {
    return this.#busy;
  }

  get error() {
    return this.#error;
  }

  /** Whether any filter is set. */
  get filtered() {
    return Object.entries(this.#filters).some(
      ([name, value]) => value !== undefined && value !== EVERYWHERE[/** @type {keyof SearchFilters} */ (name)],
    );
  }

  /** @param {string} text */
  type(text) {
    this.#text = text;
    this.#askAnew();
  }

  /** @param {Partial<SearchFilters>} change `undefined` takes a filter away. */
  filter(change) {
    const next = /** @type {Record<string, unknown>} */ ({ ...this.#filters, ...change });
    for (const name of Object.keys(next)) if (next[name] === undefined) delete next[name];
    this.#filters = /** @type {SearchFilters} */ (/** @type {unknown} */ (next));
    this.#askAnew();
  }

  clear() {
    this.#text = "";
    this.#filters = EVERYWHERE;
    this.#askAnew();
  }

  /** Forgets everything: another history is searched from now on, and answers about the former may never come. */
  forget() {
    this.#busy = false;
    this.#pending = 0;
    this.clear();
  }

  #askAnew() {
    this.#asked += 1;
    if (!this.active) {
      this.#hits = [];
      this.#answered = "";
      this.#next = undefined;
      this.#searchedTo = undefined;
      this.#error = undefined;
    } else if (!this.#busy) void this.#ask();
    this.changed();
  }

  async #ask() {
    this.#busy = true;
    while (this.active) {
      const asked = this.#asked;
      const text = this.#text;
      try {
        const page = await this.#call("search", { text, filters: this.#filters, limit: FIRST });
        if (asked !== this.#asked) continue;
        this.#hits = page.hits;
        this.#next = page.next;
        this.#searchedTo = page.searched_to;
        this.#pending = page.pending;
        this.#error = undefined;
      } catch (error) {
        if (asked !== this.#asked) continue;
        this.#hits = [];
        this.#next = undefined;
        this.#error = /** @type {AppError} */ (error);
      }
      this.#answered = text;
      break;
    }
    this.#busy = false;
    this.changed();
    // A page may hold nothing and yet have more behind it.
    if (this.#next !== undefined && this.#hits.length < FIRST / 4) void this.loadMore();
  }

  async loadMore() {
    if (this.#next === undefined || this.#busy) return;
    const asked = this.#asked;
    this.#busy = true;
    this.changed();
    try {
      const page = await this.#call("search", {
        text: this.#text,
        filters: this.#filters,
        after: this.#next,
        limit: PAGE,
      });
      if (asked === this.#asked) {
        this.#hits = [...this.#hits, ...page.hits];
        this.#next = page.next;
        this.#searchedTo = page.searched_to;
        this.#pending = page.pending;
      }
    } catch (error) {
      if (asked === this.#asked) this.#error = /** @type {AppError} */ (error);
    }
    this.#busy = false;
    this.changed();
    if (asked !== this.#asked && this.active) void this.#ask();
  }

  /** @param {Event} event */
  apply(event) {
    if (event.type === "search-indexed") {
      const before = this.#pending;
      this.#pending = event.pending;
      // What could not be found before may be found now.
      if (this.active && event.pending === 0 && before > 0 && !this.#busy) void this.#ask();
      this.changed();
    } else if (event.type === "conversation-removed" && this.#hits.some((hit) => hit.conversation.id === event.id)) {
      this.#hits = this.#hits.filter((hit) => hit.conversation.id !== event.id);
      this.changed();
    }
  }
}
