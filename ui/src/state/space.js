/**
 * Whose history is shown. Another account has another history, and nothing of one may ever be seen in the other: answers that
 * were asked for in a space that was left since never arrive.
 */

/** @import { AccountKey } from "../bridge/types.js" */
/** @import { Call } from "./index.js" */

export class Space {
  /** @type {AccountKey | undefined} */
  #account;
  #entered = 0;

  /** Whose it is; nobody's in particular where absent. */
  get account() {
    return this.#account;
  }

  /**
   * Which visit this is, to tell whether it has ended.
   * @returns {number}
   */
  get visit() {
    return this.#entered;
  }

  /** @param {AccountKey | undefined} account */
  enter(account) {
    this.#account = account;
    this.#entered += 1;
  }

  /**
   * The same calls, of which those that were made in another space are never answered: nobody is left who could want it.
   * @param {Call} call
   * @returns {Call}
   */
  bound(call) {
    return (name, request) => {
      const visit = this.#entered;
      return new Promise((resolve, reject) => {
        call(name, request).then(
          (answer) => {
            if (visit === this.#entered) resolve(answer);
          },
          (error) => {
            if (visit === this.#entered) reject(error);
          },
        );
      });
    };
  }
}
