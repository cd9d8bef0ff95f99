/**
 * How the open history lies on disk: what the core last said. A passphrase only passes through; a key never comes here.
 */
import { Observable } from "./observable.js";

/** @import { AccountKey, AppError, Encryption as Values, HistoryLock, PlainBackups } from "../bridge/types.js" */
/** @import { Call } from "./index.js" */

/** What is being done. @typedef {"enable" | "disable" | "passphrase" | "unlock" | "keyring"} Doing */

export class Encryption extends Observable {
  #call;
  /** @type {Values | undefined} */
  #now;
  /** @type {readonly HistoryLock[]} */
  #all = [];
  /** @type {Doing | undefined} */
  #doing;
  /** @type {AppError | undefined} */
  #error;

  /** @param {Call} call */
  constructor(call) {
    super();
    this.#call = call;
  }

  /** Absent until it was read. */
  get now() {
    return this.#now;
  }

  /**
   * Whether a history of this computer would show that it is locked, as far as the core was asked.
   * @param {AccountKey | undefined} account Nobody's in particular where absent.
   */
  isLocked(account) {
    return this.#all.some((each) => each.account === account && each.state === "locked");
  }

  /** Asks how every history of this computer lies on disk; a keyring may take a moment. */
  async loadAll() {
    try {
      this.#all = await this.#call("encryption_list", null);
      this.changed();
    } catch {
      // The signs beside other histories are no more than a hint: going there says what is.
    }
  }

  get doing() {
    return this.#doing;
  }

  /** Why the last thing that was asked for could not be done. */
  get error() {
    return this.#error;
  }

  async load() {
    try {
      this.#now = await this.#call("encryption_state", null);
    } catch (error) {
      this.#error = /** @type {AppError} */ (error);
    }
    this.changed();
  }

  /**
   * @param {string} passphrase
   * @param {PlainBackups} plainBackups
   */
  enable(passphrase, plainBackups) {
    return this.#do("enable", () => this.#call("encryption_enable", { passphrase, plain_backups: plainBackups }));
  }

  disable() {
    return this.#do("disable", () => this.#call("encryption_disable", null));
  }

  /** @param {string} passphrase */
  setPassphrase(passphrase) {
    return this.#do("passphrase", () => this.#call("encryption_passphrase_set", { passphrase }));
  }

  /** @param {string} passphrase */
  unlock(passphrase) {
    return this.#do("unlock", () => this.#call("encryption_unlock", { passphrase }));
  }

  /** Asks the system's keyring again. */
  tryKeyring() {
    return this.#do("keyring", () => this.#call("encryption_unlock", {}));
  }

  dismissError() {
    this.#error = undefined;
    this.changed();
  }

  /**
   * @param {Doing} doing
   * @param {() => Promise<Values>} act
   * @returns {Promise<boolean>} Whether it was done; `error` says why not.
   */
  async #do(doing, act) {
    this.#doing = doing;
    this.#error = undefined;
    this.changed();
    try {
      this.#now = await act();
      return true;
    } catch (error) {
      this.#error = /** @type {AppError} */ (error);
      return false;
    } finally {
      this.#doing = undefined;
      this.changed();
    }
  }
}
