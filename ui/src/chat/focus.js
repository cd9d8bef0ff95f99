/**
 * Which message the reader looks into and which question is being edited. Both belong to the open conversation only.
 */
import { Observable } from "../state/observable.js";

/** @import { MessageId } from "../bridge/types.js" */

class Focus extends Observable {
  /** @type {MessageId | undefined} */
  #inspected;
  /** @type {MessageId | undefined} */
  #edited;

  /** The answer in the inspector; the last one where absent. */
  get inspected() {
    return this.#inspected;
  }

  /** The question that is being edited. */
  get edited() {
    return this.#edited;
  }

  /** @param {MessageId | undefined} message */
  inspect(message) {
    this.#inspected = message;
    this.changed();
  }

  /** @param {MessageId | undefined} message */
  edit(message) {
    this.#edited = message;
    this.changed();
  }
}

export const focus = new Focus();
