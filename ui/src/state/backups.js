/** The backups of the history, and what was saved of a damaged one. */
import { Observable } from "./observable.js";

/** @import { AppError, BackupId, BackupProgress, Backups as List, Event, Retention, StorageReport } from "../bridge/types.js" */
/** @import { Call } from "./index.js" */

/** What is being done on this window's request. @typedef {"create" | "preview" | "restore" | "delete" | "retention"} Doing */

export class Backups extends Observable {
  #call;
  /** @type {List | undefined} */
  #list;
  /** @type {StorageReport | undefined} */
  #storage;
  /** @type {BackupProgress | undefined} */
  #progress;
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
  get list() {
    return this.#list;
  }

  get storage() {
    return this.#storage;
  }

  /** What was saved of a damaged history, until it is dismissed. */
  get salvage() {
    return this.#storage?.salvage;
  }

  get progress() {
    return this.#progress;
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
      [this.#list, this.#storage] = await Promise.all([
        this.#call("backup_list", null),
        this.#call("storage_report", null),
      ]);
    } catch (error) {
      this.#error = /** @type {AppError} */ (error);
    }
    this.changed();
  }

  create() {
    return this.#do("create", async () => {
      const entry = await this.#call("backup_create", null);
      await this.load();
      return entry;
    });
  }

  /** @param {BackupId} id */
  preview(id) {
    return this.#do("preview", () => this.#call("backup_preview", { id }));
  }

  /** @param {BackupId} id */
  restore(id) {
    return this.#do("restore", async () => {
      const entry = await this.#call("backup_restore", { id });
      await this.load();
      return entry;
    });
  }

  /** @param {BackupId} id */
  delete(id) {
    return this.#do("delete", async () => {
      this.#list = await this.#call("backup_delete", { id });
      return this.#list;
    });
  }

  /** @param {Retention} retention */
  keep(retention) {
    return this.#do("retention", async () => {
      this.#list = await this.#call("backup_retention_set", retention);
      return this.#list;
    });
  }

  /** The report about the damaged history was read. */
  async dismissSalvage() {
    await this.#do("delete", async () => {
      await this.#call("salvage_dismiss", null);
      await this.load();
      return true;
    });
  }

  dismissError() {
    this.#error = undefined;
    this.changed();
  }

  /** @param {Event} event */
  apply(event) {
    if (event.type === "backup-progress") {
      this.#progress = event.progress;
      this.changed();
    } else if (event.type === "backup-made" || event.type === "backup-failed") {
      this.#progress = undefined;
      if (this.#list) void this.load();
    } else if (event.type === "storage-salvaged") void this.load();
  }

  /**
   * @template T
   * @param {Doing} doing
   * @param {() => Promise<T>} act
   * @returns {Promise<T | undefined>} Nothing where it failed: `error` says why.
   */
  async #do(doing, act) {
    this.#doing = doing;
    this.#error = undefined;
    this.changed();
    try {
      return await act();
    } catch (error) {
      this.#error = /** @type {AppError} */ (error);
      return undefined;
    } finally {
      this.#doing = undefined;
      this.#progress = undefined;
      this.changed();
    }
  }
}
