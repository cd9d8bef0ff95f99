/**
 * The exports and imports of this run of the program, as they come along. A reload finds them again. Files that are dropped onto the window
 * are imported at once: what is no conversation is left out and said.
 */
import { Observable } from "./observable.js";

/** @import { AppError, Event, ExportFormat, ExportScope, ImportSource, Transfer, TransferId } from "../bridge/types.js" */
/** @import { Call } from "./index.js" */

export class Transfers extends Observable {
  #call;
  /** @type {Transfer[]} */
  #items = [];
  /** Those whose report was read. @type {Set<TransferId>} */
  #seen = new Set();
  /** @type {AppError | undefined} */
  #error;

  /** @param {Call} call */
  constructor(call) {
    super();
    this.#call = call;
  }

  /** Oldest first. */
  get items() {
    return this.#items;
  }

  /** Those that are under way, or ended and not yet looked at. */
  get shown() {
    return this.#items.filter(({ id, report }) => report === undefined || !this.#seen.has(id));
  }

  /** Why the last one could not begin. */
  get error() {
    return this.#error;
  }

  /** @param {TransferId | undefined} id */
  get(id) {
    return this.#items.find((each) => each.id === id);
  }

  async load() {
    try {
      this.#items = await this.#call("transfer_list", null);
      // What ended before the page was loaded was said then.
      for (const { id, report } of this.#items) if (report) this.#seen.add(id);
    } catch {
      // It is told again by events.
    }
    this.changed();
  }

  /**
   * Reads one again: its report may hold more than an event could.
   * @param {TransferId} id
   */
  async read(id) {
    const items = await this.#call("transfer_list", null);
    this.#items = items;
    this.changed();
    return this.get(id);
  }

  /**
   * @param {ExportScope} what
   * @param {ExportFormat} format
   * @returns {Promise<boolean>} Whether it began.
   */
  export(what, format) {
    return this.#begin(() => this.#call("export_begin", { what, format }), "export");
  }

  /**
   * @param {ImportSource} source
   * @returns {Promise<boolean>} Whether it began.
   */
  import(source) {
    return this.#begin(() => this.#call("import_begin", { source }), "import");
  }

  /**
   * @param {() => Promise<{ transfer?: TransferId }>} ask
   * @param {"export" | "import"} kind
   */
  async #begin(ask, kind) {
    this.#error = undefined;
    this.changed();
    try {
      const { transfer } = await ask();
      if (transfer === undefined) return false;
      if (!this.get(transfer)) this.#put({ id: transfer, progress: { kind, done: 0, bytes: 0 } });
      return true;
    } catch (error) {
      this.#error = /** @type {AppError} */ (error);
      this.changed();
      return false;
    }
  }

  /** @param {TransferId} id */
  async cancel(id) {
    await this.#call("transfer_cancel", { id });
  }

  /** @param {TransferId} id */
  async reveal(id) {
    await this.#call("transfer_reveal", { id });
  }

  /** @param {TransferId} id */
  dismiss(id) {
    this.#seen.add(id);
    this.changed();
  }

  dismissError() {
    this.#error = undefined;
    this.changed();
  }

  /** @param {Event} event */
  apply(event) {
    if (event.type === "transfer-progress") {
      const known = this.get(event.id);
      if (!known?.report) this.#put({ ...known, id: event.id, progress: event.progress });
    } else if (event.type === "transfer-ended") {
      const known = this.get(event.id);
      const { kind } = event.report;
      this.#put({ id: event.id, progress: known?.progress ?? { kind, done: 0, bytes: 0 }, report: event.report });
    } else if (event.type === "files-dropped") void this.import("dropped");
  }

  /** @param {Transfer} transfer */
  #put(transfer) {
    const at = this.#items.findIndex(({ id }) => id === transfer.id);
    this.#items = at < 0 ? [...this.#items, transfer] : this.#items.with(at, transfer);
    this.changed();
  }
}
