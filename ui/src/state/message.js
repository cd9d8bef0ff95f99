/**
 * One message on the screen. It is its own observable, so that a word that arrives renders one message and not the list.
 */
import { Observable } from "./observable.js";

/** @import { Message, Part } from "../bridge/types.js" */

/**
 * How a delta fits onto the text that is known.
 * - `applied`: it (or the part of it that was new) was added
 * - `known`: all of it was there already
 * - `gap`: something before it is missing; nothing was changed
 * @typedef {"applied" | "known" | "gap"} Fit
 */

/**
 * Joins a delta to a text. Offsets count UTF-16 code units, as `String.length` does.
 * @param {string} text What is known.
 * @param {number} at Where the delta belongs.
 * @param {string} delta
 * @returns {{ fit: Fit, text: string }}
 */
export function join(text, at, delta) {
  if (at > text.length) return { fit: "gap", text };
  const fresh = delta.slice(text.length - at);
  return fresh === "" ? { fit: "known", text } : { fit: "applied", text: text + fresh };
}

export class MessageState extends Observable {
  #value;
  /** @type {number | undefined} */
  #retryAt;

  /** @param {Message} value */
  constructor(value) {
    super();
    this.#value = value;
  }

  /** The message as it is now; a new object after each change. */
  get value() {
    return this.#value;
  }

  /** When it makes sense to ask again, in milliseconds since 1970; known only for what failed while it was watched. */
  get retryAt() {
    return this.#retryAt;
  }

  set retryAt(moment) {
    this.#retryAt = moment;
  }

  get id() {
    return this.#value.id;
  }

  /** @param {Message} value */
  replace(value) {
    this.#value = value;
    this.changed();
  }

  /** @param {Partial<Message>} change */
  amend(change) {
    this.replace({ ...this.#value, ...change });
  }

  /**
   * @param {Part} part
   * @param {number} at
   * @param {string} delta
   * @returns {Fit}
   */
  append(part, at, delta) {
    const { fit, text } = join(this.#value[part], at, delta);
    if (fit === "applied") this.amend({ [part]: text });
    return fit;
  }
}
