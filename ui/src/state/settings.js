/**
 * What the user has set. A change is shown at once and written behind; if writing fails the former state comes back and
 * `error` says why. Changes made while one is being written are kept and written after it, in order.
 */
import { Observable } from "./observable.js";

/** @import { AppError, Settings as Values } from "../bridge/types.js" */
/** @import { Call } from "./index.js" */

/** @type {Values} */
export const DEFAULTS = {
  theme: "system",
  type_size: 100,
  model_titles: false,
  notify: true,
  mode: "auto",
  parameters: {},
  keep_secrets: "system",
  plain_consents: [],
  dismissed_warnings: [],
  consensus: { presets: [] },
};

export const TYPE_SIZE = { least: 80, most: 160, step: 10, delivered: 100 };

export class Settings extends Observable {
  #call;
  /** @type {Values} */
  #values = DEFAULTS;
  /** @type {AppError | undefined} */
  #error;
  /** @type {Promise<unknown>} */
  #writing = Promise.resolve();

  /** @param {Call} call */
  constructor(call) {
    super();
    this.#call = call;
  }

  /** All values. Never changed in place. */
  get values() {
    return this.#values;
  }

  /** Why the last change could not be written. */
  get error() {
    return this.#error;
  }

  /**
   * Takes over what the core said, at the start or after a profile was chosen.
   * @param {Values} values
   */
  adopt(values) {
    this.#values = values;
    this.#error = undefined;
    this.changed();
  }

  /** Waits for nothing any more that was being written: another history has other settings. */
  forget() {
    this.#writing = Promise.resolve();
  }

  /**
   * @param {Partial<Values>} change `undefined` removes an optional value.
   * @returns {Promise<void>} Settled when it is on disk or was taken back.
   */
  async update(change) {
    const before = this.#values;
    const next = { ...before, ...change };
    this.#values = next;
    this.#error = undefined;
    this.changed();
    const write = this.#writing.then(() => this.#call("settings_set", next));
    this.#writing = write.catch(() => {});
    try {
      const kept = await write;
      if (this.#values === next) this.adopt(kept);
    } catch (error) {
      this.#error = /** @type {AppError} */ (error);
      if (this.#values === next) this.#values = before;
      this.changed();
    }
  }

  /**
   * Larger, smaller or delivered type.
   * @param {"larger" | "smaller" | "reset"} how
   */
  async resizeType(how) {
    const step = { larger: TYPE_SIZE.step, smaller: -TYPE_SIZE.step, reset: 0 }[how];
    const size = how === "reset" ? TYPE_SIZE.delivered : this.#values.type_size + step;
    await this.update({ type_size: Math.min(TYPE_SIZE.most, Math.max(TYPE_SIZE.least, size)) });
  }
}
