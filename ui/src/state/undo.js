/**
 * What can be undone: the latest first, until it is dismissed. Each entry knows its words (made when they are shown, in the language of
 * then) and how it is undone; nothing here is persistent, because the trash is.
 */
import { Observable } from "./observable.js";

/** @import { AppError } from "../bridge/types.js" */

/**
 * @typedef {object} Deed
 * @property {() => string} words What was done.
 * @property {() => string} [undone] What is said once it is undone.
 * @property {() => Promise<void>} undo
 * @property {boolean} [lasts] Whether it can be undone also once another history took the place of this one.
 */

/** How many are kept. */
const MOST = 20;

export class Undo extends Observable {
  /** @type {Deed[]} */
  #deeds = [];
  #busy = false;

  /** The one that would be undone next. */
  get latest() {
    return this.#deeds.at(-1);
  }

  /** @param {Deed} deed */
  add(deed) {
    this.#deeds = [...this.#deeds.slice(1 - MOST), deed];
    this.changed();
  }

  /**
   * Undoes the latest.
   * @returns {Promise<Deed | undefined>} It, where it was undone. Rejects where it could not be, and keeps it; unless what it was
   *   done to is gone for good, which would stand in the way of all that was done before.
   */
  async undo() {
    const deed = this.latest;
    if (!deed || this.#busy) return undefined;
    this.#busy = true;
    try {
      await deed.undo();
    } catch (error) {
      if (/** @type {AppError} */ (error).code === "not-found") this.#drop(deed);
      throw error;
    } finally {
      this.#busy = false;
    }
    this.#drop(deed);
    return deed;
  }

  /** @param {Deed} deed */
  #drop(deed) {
    this.#deeds = this.#deeds.filter((each) => each !== deed);
    this.changed();
  }

  /** Another history took the place of the one that the deeds were done in. */
  forgetHistory() {
    this.#deeds = this.#deeds.filter((each) => each.lasts);
    this.changed();
  }

  dismiss() {
    this.#deeds = [];
    this.changed();
  }
}
