/**
 * Exports and imports of the in-memory host: each counts up to the number of conversations, in a few steps, and ends. The
 * system's dialogs answer at once; `?dialog=cancel` is a user who cancels them, `?import=skips` a file with records that
 * cannot be taken, `?import=held` one that stays half read until it is cancelled.
 */

/** @import { Commands, Event, Skipped, Transfer, TransferKind, TransferReport } from "./types.js" */

const STEP = 120;
const STEPS = 5;

/**
 * @param {object} host
 * @param {URLSearchParams} host.situation
 * @param {() => string} host.id
 * @param {(event: Event) => void} host.send
 * @param {() => number} host.count How many conversations there are.
 */
export function createTransfers({ situation, id, send, count }) {
  /** @type {Map<string, Transfer>} */
  const transfers = new Map();
  const cancelled = new Set();

  /** @type {Skipped[]} */
  const skips = [
    { file: "conversations.json", record: 7, title: "Rivers", code: "shape", detail: "mapping" },
    { file: "conversations.json", record: 9, code: "syntax", detail: "expected `:` at line 1 column 12" },
    { file: "conversations.json", code: "truncated" },
  ];

  /**
   * @param {TransferKind} kind
   * @param {string} path
   * @param {number} total
   */
  function begin(kind, path, total) {
    if (situation.get("dialog") === "cancel") return {};
    const key = id();
    const skipped = kind === "import" && situation.get("import") === "skips" ? skips : [];
    /** @type {Transfer} */
    const transfer = { id: key, progress: { kind, done: 0, total, bytes: 0 } };
    transfers.set(key, transfer);
    let step = 0;
    const turn = () => {
      if (step < STEPS / 2 || situation.get("import") !== "held" || kind !== "import") step += 1;
      const done = Math.round((total * step) / STEPS);
      if (step < STEPS && !cancelled.has(key)) {
        transfer.progress = { kind, done, total, bytes: done * 4_000 };
        send({ type: "transfer-progress", id: key, progress: transfer.progress });
        setTimeout(turn, STEP);
        return;
      }
      /** @type {TransferReport} */
      const report = {
        kind,
        conversations: done,
        messages: done * 4,
        grown: 0,
        already_there: 0,
        skipped,
        skipped_total: skipped.length,
        cancelled: cancelled.has(key),
        path,
      };
      transfer.report = report;
      send({ type: "transfer-ended", id: key, report });
    };
    setTimeout(turn, STEP);
    return { transfer: key };
  }

  return /** @type {const} */ ({
    /** @param {Commands["export_begin"]["request"]} request */
    export_begin: ({ what, format }) => {
      const total = what.scope === "conversations" ? what.ids.length : count();
      return begin("export", format === "json" ? "/home/ana/capibara6.json" : "/home/ana/capibara6", total);
    },
    import_begin: () => begin("import", "/home/ana/conversations.json", 12),
    transfer_list: () => [...transfers.values()],
    /** @param {Commands["transfer_cancel"]["request"]} request */
    transfer_cancel: ({ id: key }) => {
      cancelled.add(key);
      return null;
    },
    transfer_reveal: () => null,
    conversation_print: () => null,
  });
}
