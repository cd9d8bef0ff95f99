/** Which conversations of the list are selected, to do something with all of them at once. */
import { Observable } from "./observable.js";

/** @import { ConversationId } from "../bridge/types.js" */

export class Selection extends Observable {
  /** @type {Set<ConversationId>} */
  #ids = new Set();
  /** Where a stretch begins. @type {ConversationId | undefined} */
  #anchor;
  /** Whether a click selects instead of opening: where there is no keyboard to hold. */
  #choosing = false;

  get size() {
    return this.#ids.size;
  }

  /** Whether the boxes are shown. */
  get active() {
    return this.#choosing || this.#ids.size > 0;
  }

  get choosing() {
    return this.#choosing;
  }

  /** @param {ConversationId} id */
  has(id) {
    return this.#ids.has(id);
  }

  /**
   * @param {readonly { id: ConversationId }[]} list In its order.
   * @returns {ConversationId[]} Those of it that are selected.
   */
  within(list) {
    return list.filter(({ id }) => this.#ids.has(id)).map(({ id }) => id);
  }

  /** From now on a click selects. @param {ConversationId} [first] */
  choose(first) {
    this.#choosing = true;
    if (first !== undefined) this.#ids = new Set([first]);
    this.#anchor = first;
    this.changed();
  }

  /** @param {ConversationId} id */
  toggle(id) {
    const next = new Set(this.#ids);
    if (!next.delete(id)) next.add(id);
    this.#ids = next;
    this.#anchor = id;
    this.changed();
  }

  /**
   * Selects everything from where the last selection was made.
   * @param {readonly { id: ConversationId }[]} list
   * @param {ConversationId} id
   * @param {ConversationId | undefined} from Where nothing was selected before.
   */
  extend(list, id, from) {
    const anchor = this.#anchor ?? from ?? id;
    const [a, b] = [list.findIndex((each) => each.id === anchor), list.findIndex((each) => each.id === id)];
    const [begin, end] = a < 0 ? [b, b] : [Math.min(a, b), Math.max(a, b)];
    this.#ids = new Set(list.slice(begin, end + 1).map((each) => each.id));
    this.#anchor = anchor;
    this.changed();
  }

  /** @param {readonly { id: ConversationId }[]} list */
  all(list) {
    this.#ids = new Set(list.map(({ id }) => id));
    this.changed();
  }

  clear() {
    if (!this.active) return;
    this.#ids = new Set();
    this.#anchor = undefined;
    this.#choosing = false;
    this.changed();
  }
}
