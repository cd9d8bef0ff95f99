/**
 * The list of conversations: those of one scope (in no project, in one project, archived, deleted), pinned ones first, then by the time
 * something was last said. It is loaded page by page and kept up by events; grouping by day is the view's. What is done to
 * conversations is done here, to any number of them at once.
 */
import { Observable } from "./observable.js";

/** @import { AppError, ConversationId, ConversationScope, ConversationSummary, Event, MessageId, ProjectId } from "../bridge/types.js" */
/** @import { Call } from "./index.js" */

/** How many are read first: more than a window shows. */
const FIRST = 100;
/** How many are read at once after that: the most that one call may ask for. */
const PAGE = 200;

/**
 * @param {ConversationScope} scope
 * @returns {(a: ConversationSummary, b: ConversationSummary) => number} The list's order.
 */
function order({ kind }) {
  return kind === "deleted"
    ? (a, b) => (b.deleted_at ?? 0) - (a.deleted_at ?? 0) || (a.id < b.id ? 1 : -1)
    : (a, b) => Number(b.pinned) - Number(a.pinned) || b.updated_at - a.updated_at || (a.id < b.id ? 1 : -1);
}

/**
 * @param {ConversationScope} scope
 * @param {ConversationSummary} summary
 * @returns {boolean} Whether it belongs there.
 */
export function isWithin(scope, { archived_at, deleted_at, project }) {
  if (scope.kind === "deleted") return deleted_at !== undefined;
  if (deleted_at !== undefined) return false;
  if (scope.kind === "archived") return archived_at !== undefined;
  if (archived_at !== undefined) return false;
  if (scope.kind === "project") return project === scope.project;
  return scope.kind === "active" || project === undefined;
}

export class Conversations extends Observable {
  #call;
  /** @type {ConversationScope} */
  #scope = { kind: "unfiled" };
  /** @type {Map<ConversationId, ConversationSummary>} */
  #known = new Map();
  /** @type {ConversationSummary[]} */
  #items = [];
  /** @type {string | undefined} */
  #next;
  #loading = false;
  /** @type {AppError | undefined} */
  #error;
  /** Grows whenever the list begins anew: answers to older calls are dropped. */
  #visit = 0;

  /** @param {Call} call */
  constructor(call) {
    super();
    this.#call = call;
  }

  /** Which conversations the list holds. */
  get scope() {
    return this.#scope;
  }

  /** Those that are loaded, in order. A new array after each change. */
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

  /** Forgets everything: another history is shown from now on. */
  forget() {
    this.#visit += 1;
    this.#scope = { kind: "unfiled" };
    this.#known = new Map();
    this.#items = [];
    this.#next = undefined;
    this.#loading = false;
    this.#error = undefined;
    this.changed();
  }

  /**
   * Shows other conversations.
   * @param {ConversationScope} scope
   */
  async show(scope) {
    this.#scope = scope;
    this.#known = new Map();
    this.#items = [];
    this.#next = undefined;
    await this.load();
  }

  /** Reads the first page; forgets what was loaded. */
  async load() {
    this.#visit += 1;
    const visit = this.#visit;
    this.#loading = true;
    this.changed();
    try {
      const page = await this.#call("conversation_list", { limit: FIRST, scope: this.#scope });
      if (visit !== this.#visit) return;
      this.#known = new Map(page.conversations.map((each) => [each.id, each]));
      this.#next = page.next;
      this.#error = undefined;
    } catch (error) {
      if (visit !== this.#visit) return;
      this.#error = /** @type {AppError} */ (error);
    }
    this.#loading = false;
    this.#sorted();
  }

  /** Reads the next page. */
  async loadMore() {
    if (this.#next === undefined || this.#loading) return;
    const visit = this.#visit;
    this.#loading = true;
    try {
      const page = await this.#call("conversation_list", { after: this.#next, limit: PAGE, scope: this.#scope });
      if (visit !== this.#visit) return;
      for (const each of page.conversations) this.#known.set(each.id, each);
      this.#next = page.next;
      this.#error = undefined;
    } catch (error) {
      if (visit !== this.#visit) return;
      this.#error = /** @type {AppError} */ (error);
    }
    this.#loading = false;
    this.#sorted();
  }

  // ---- what is done to them -----------------------------------------------------------------------------------------------

  /**
   * @param {ConversationId} id
   * @param {string} title
   */
  async rename(id, title) {
    this.#put(await this.#call("conversation_rename", { id, title }));
  }

  /**
   * @param {readonly ConversationId[]} ids
   * @param {boolean} pinned
   */
  async pin(ids, pinned) {
    await this.#many(ids, (some) => this.#call("conversations_pin", { ids: some, pinned }));
  }

  /**
   * @param {readonly ConversationId[]} ids
   * @param {boolean} archived
   */
  async archive(ids, archived) {
    await this.#many(ids, (some) => this.#call("conversations_archive", { ids: some, archived }));
  }

  /**
   * @param {readonly ConversationId[]} ids
   * @param {ProjectId | undefined} project Out of every project where absent.
   */
  async move(ids, project) {
    await this.#many(ids, (some) =>
      this.#call("conversations_move", { ids: some, ...(project === undefined ? {} : { project }) }),
    );
  }

  /**
   * Puts them into the trash; `restore` brings them back.
   * @param {readonly ConversationId[]} ids
   */
  async delete(ids) {
    await this.#many(ids, async (some) => {
      await this.#call("conversations_delete", { ids: some });
      for (const id of some) this.#drop(id);
      return [];
    });
  }

  /** @param {readonly ConversationId[]} ids */
  async restore(ids) {
    await this.#many(ids, (some) => this.#call("conversations_restore", { ids: some }));
  }

  /**
   * Removes deleted ones for good.
   * @param {readonly ConversationId[]} ids
   */
  async purge(ids) {
    await this.#many(ids, async (some) => {
      await this.#call("conversations_purge", { ids: some });
      for (const id of some) this.#drop(id);
      return [];
    });
  }

  /**
   * Makes one conversation out of several; those go to the trash.
   * @param {readonly ConversationId[]} ids The first gives the title.
   */
  async merge(ids) {
    const made = await this.#call("conversations_merge", { ids: [...ids] });
    for (const id of ids) this.#drop(id);
    this.#put(made);
    return made;
  }

  /**
   * @param {ConversationId} id
   * @param {string} copy What a copy is called, for its title.
   */
  async duplicate(id, copy) {
    const made = await this.#call("conversation_duplicate", { id, copy });
    this.#put(made);
    return made;
  }

  /**
   * Makes another conversation with everything up to this message.
   * @param {MessageId} message
   */
  async branch(message) {
    const made = await this.#call("conversation_branch", { message });
    this.#put(made);
    return made;
  }

  /**
   * One call for as many as it takes.
   * @param {readonly ConversationId[]} ids
   * @param {(some: ConversationId[]) => Promise<ConversationSummary[]>} act
   */
  async #many(ids, act) {
    const most = 1_000;
    for (let at = 0; at < ids.length; at += most) {
      for (const summary of await act(ids.slice(at, at + most))) this.#put(summary);
    }
  }

  // ---- what the core tells ------------------------------------------------------------------------------------------------

  /** @param {Event} event */
  apply(event) {
    if (event.type === "conversation-changed") this.#put(event.conversation);
    else if (event.type === "conversation-removed") {
      if (this.#scope.kind !== "deleted") this.#drop(event.id);
      // It came into the trash, or went out of it for good.
      else if (!this.#loading) void this.load();
    }
  }

  /** @param {ConversationSummary} summary */
  #put(summary) {
    if (!isWithin(this.#scope, summary)) {
      this.#drop(summary.id);
      return;
    }
    const items = this.#without(summary.id);
    const before = order(this.#scope);
    let [from, to] = [0, items.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (before(/** @type {ConversationSummary} */ (items[middle]), summary) < 0) from = middle + 1;
      else to = middle;
    }
    items.splice(from, 0, summary);
    this.#known.set(summary.id, summary);
    this.#items = items;
    this.changed();
  }

  /** @param {ConversationId} id */
  #drop(id) {
    if (!this.#known.has(id)) return;
    this.#items = this.#without(id);
    this.#known.delete(id);
    this.changed();
  }

  /** @param {ConversationId} id */
  #without(id) {
    return this.#known.has(id) ? this.#items.filter((each) => each.id !== id) : [...this.#items];
  }

  #sorted() {
    this.#items = [...this.#known.values()].sort(order(this.#scope));
    this.changed();
  }
}
