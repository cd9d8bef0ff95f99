/**
 * Backups of the in-memory host. `?backups=none` has none yet, `?backups=damaged` has a damaged one among them, `?backups=differ` some
 * that hold other things than the history, and one of a newer version. `?salvage=1` has a report about a damaged history, `whole` about one
 * of which nothing was lost, `much` about one that could hardly be read and of which there is no backup.
 */

/** @import { BackupConversation, BackupEntry, BackupReason, Commands, ConversationSummary, Event, Restored, Retention, SalvageReport } from "./types.js" */

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
  const differs = situation.get("backups") === "differ";
  if (differs) {
    const newer = entry("manual", Date.now() - 9 * DAY);
    newer.state = "newer";
    entries = [
      entry("before-restore", Date.now() - 5 * 60_000),
      ...entries,
      newer,
      entry("daily", Date.now() - 11 * DAY),
    ];
  }

  /**
   * @param {ConversationSummary[]} of
   * @returns {BackupConversation[]}
   */
  const described = (of) => of.map(({ id, title, updated_at }) => ({ id, title, updated_at, messages: 4 }));
  const difference = (/** @type {ConversationSummary[]} */ of) => ({
    conversations: of.length,
    messages: of.length * 4,
    newest: described(of.slice(0, 3)),
  });

  /** @returns {SalvageReport} */
  const lostMuch = () => ({
    at: Date.now() - 60_000,
    detail: "file is not a database",
    set_aside: "/home/ana/.local/share/capibara6/damaged/2026-01-02T10-20-30Z",
    saved_conversations: 1_204,
    saved_messages: 38_127,
    messages_from_backup: 0,
    lost_conversations: 3,
    lost_messages: 1_961,
    lost: [
      ...conversations().map(({ id, title }, n) => ({ conversation: id, title, messages: 900 - n * 73 })),
      {
        title:
          "Acta de la asamblea general extraordinaria de la cooperativa, con todas las enmiendas al artículo cuarto",
        messages: 1,
      },
      { messages: 40 },
    ],
    lost_settings: true,
    incomplete: true,
  });

  /** @returns {SalvageReport} */
  const lostNothing = () => ({
    ...lostMuch(),
    lost_conversations: 0,
    lost_messages: 0,
    lost: [],
    lost_settings: false,
    incomplete: false,
    ...(entries[0] ? { backup: entries[0] } : {}),
  });

  /** @type {SalvageReport | undefined} */
  let salvage =
    situation.get("salvage") === "much" ? lostMuch() : situation.get("salvage") === "whole" ? lostNothing() : undefined;
  if (situation.get("salvage") === "1")
    salvage = {
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
    };

  /** @type {Restored | undefined} */
  let restored;
  const list = () => {
    const back = restored && entries.some(({ id }) => id === restored?.before) ? { restored } : {};
    return { folder: "–", entries, retention, ...back };
  };

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
      newest: described(conversations().slice(0, 20)),
      only_here: difference(differs ? conversations().slice(0, 2) : []),
      only_there: difference(differs ? conversations().slice(-1) : []),
    }),
    backup_restore: ({ id }) => {
      const wanted = found(id);
      restored = { at: Date.now(), to: wanted.created_at, before: make("before-restore").id };
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
