/**
 * Backups of the in-memory host. `?backups=none` has none yet, `?backups=damaged` has a damaged one among them, `?salvage=1` has a
 * report about a damaged history.
 */

/** @import { BackupEntry, BackupReason, Commands, ConversationSummary, Event, Retention, SalvageReport } from "./types.js" */

const DAY = 24 * 60 * 60_000;

/**
 * @param {object} host
 * @param {URLSearchParams} host.situation
 * @param {(event: Event) => void} host.send
 * @param {() => ConversationSummary[]} host.conversations The newest first.
 */
export function createBackups({ situation, send, conversations }) {
  /** @type {Retention} */
  let retention = { daily: 7, weekly: 4, occasional: 3, limit_mib: 10_240 };
  let made = 0;

  /**
   * @param {BackupReason} reason
   * @param {number} at
   * @returns {BackupEntry}
   */
  const entry = (reason, at) => {
    made += 1;
    return {
      id: `${String(made).padStart(6, "0")}-${new Date(at).toISOString().slice(0, 19).replaceAll(":", "-")}Z-${reason}`,
      created_at: at,
      bytes: 1_400_000 + made * 4_096,
      reason,
      state: "good",
      conversations: conversations().length,
      messages: conversations().length * 4,
      newest_at: conversations()[0]?.updated_at ?? at,
      verified_at: at,
    };
  };

  /** @type {BackupEntry[]} The newest first. */
  let entries = [];
  if (situation.get("backups") !== "none") {
    entries = [entry("before-migration", Date.now() - 3 * DAY), entry("daily", Date.now() - DAY)].reverse();
    const [, older] = entries;
    if (situation.get("backups") === "damaged" && older) older.state = "damaged";
  }

  /** @type {SalvageReport | undefined} */
  let salvage = situation.has("salvage")
    ? {
        at: Date.now() - 60_000,
        detail: "database disk image is malformed",
        set_aside: "/home/ana/.local/share/capibara6/damaged/2026-01-02T10-20-30Z",
        saved_conversations: 41,
        saved_messages: 380,
        messages_from_backup: 12,
        lost_conversations: 1,
        lost_messages: 7,
        lost: conversations()
          .slice(0, 1)
          .map(({ id, title }) => ({ conversation: id, title, messages: 7 })),
        lost_settings: false,
        incomplete: false,
        ...(entries[0] ? { backup: entries[0] } : {}),
      }
    : undefined;

  const list = () => ({ folder: "–", entries, retention });

  /** @param {string} id */
  const found = (id) => {
    const wanted = entries.find((each) => each.id === id);
    if (!wanted) throw { code: "not-found" };
    if (wanted.state !== "good") throw { code: "storage-damaged" };
    return wanted;
  };

  /** @param {BackupReason} reason */
  const make = (reason) => {
    const fresh = entry(reason, Date.now());
    entries = [fresh, ...entries];
    send({ type: "backup-progress", progress: { step: "copying", percent: 100 } });
    send({ type: "backup-made", entry: fresh });
    return fresh;
  };

  /** @satisfies {Partial<{ [N in keyof Commands]: (request: Commands[N]["request"]) => Commands[N]["response"] }>} */
  const commands = {
    backup_list: list,
    backup_create: () => make("manual"),
    backup_preview: ({ id }) => ({
      entry: found(id),
      newest: conversations()
        .slice(0, 20)
        .map((each) => ({ id: each.id, title: each.title, updated_at: each.updated_at, messages: 4 })),
      only_here: { conversations: 0, messages: 0, newest: [] },
      only_there: { conversations: 0, messages: 0, newest: [] },
    }),
    backup_restore: ({ id }) => {
      const wanted = found(id);
      make("before-restore");
      send({ type: "space-changed" });
      return wanted;
    },
    backup_delete: ({ id }) => {
      entries = entries.filter((each) => each.id !== id);
      return list();
    },
    backup_retention_set: (request) => {
      retention = request;
      return list();
    },
    storage_report: () => ({
      ...(salvage ? { salvage } : {}),
      checked_at: Date.now() - DAY,
      bytes: 1_500_000,
      backup_bytes: entries.reduce((sum, each) => sum + each.bytes, 0),
      free_bytes: 80_000_000_000,
    }),
    salvage_dismiss: () => {
      salvage = undefined;
      return null;
    },
  };
  return commands;
}
