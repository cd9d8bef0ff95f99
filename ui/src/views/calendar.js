/**
 * Puts conversations under the headings of the list: pinned, today, yesterday, the last seven days, then month by month.
 * Days are the reader's own calendar days, so a change of clocks neither doubles nor swallows one. Keeps the order it is given.
 */

/** @import { ConversationSummary } from "../bridge/types.js" */

/**
 * @typedef {object} Group
 * @property {"pinned" | "today" | "yesterday" | "last-week" | "month"} kind
 * @property {Date} [month] The first day of the month, for `month`.
 * @property {ConversationSummary[]} conversations Never empty.
 */

/**
 * When the next day of the reader begins.
 * @param {Date} now
 */
export function nextDay(now) {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1);
}

/**
 * @param {ConversationSummary[]} conversations Pinned ones first, then newest first, as the core sends them.
 * @param {Date} now
 * @returns {Group[]}
 */
export function groupByDay(conversations, now) {
  /** @type {Map<string, Group>} */
  const groups = new Map();
  /** Where the last one stood: most stand where the one before them did, and calendars are slow to ask. */
  let span = { from: 0, to: 0 };
  /** @type {Group | undefined} */
  let last;
  for (const conversation of conversations) {
    const { pinned, updated_at: at } = conversation;
    if (last && (pinned ? last.kind === "pinned" : last.kind !== "pinned" && at >= span.from && at < span.to)) {
      last.conversations.push(conversation);
      continue;
    }
    const { kind, month, from, to } = place(conversation, now);
    const key = month ? `${month.getFullYear()}-${month.getMonth()}` : kind;
    last = groups.get(key);
    if (last) last.conversations.push(conversation);
    else {
      last = month ? { kind, month, conversations: [conversation] } : { kind, conversations: [conversation] };
      groups.set(key, last);
    }
    span = { from, to };
  }
  return [...groups.values()];
}

/**
 * @param {ConversationSummary} conversation
 * @param {Date} now
 * @returns {Pick<Group, "kind" | "month"> & { from: number, to: number }} With the moments between which others stand there too, the
 *   last one excluded.
 */
function place({ pinned, updated_at: at }, now) {
  if (pinned) return { kind: "pinned", from: 0, to: 0 };
  // By the calendar: a day has not always 24 hours.
  const midnight = (/** @type {number} */ days) =>
    new Date(now.getFullYear(), now.getMonth(), now.getDate() - days).getTime();
  const [today, yesterday, week] = [midnight(0), midnight(1), midnight(7)];
  if (at >= today) return { kind: "today", from: today, to: Number.POSITIVE_INFINITY };
  if (at >= yesterday) return { kind: "yesterday", from: yesterday, to: today };
  if (at >= week) return { kind: "last-week", from: week, to: yesterday };
  const then = new Date(at);
  const month = new Date(then.getFullYear(), then.getMonth(), 1);
  const next = new Date(then.getFullYear(), then.getMonth() + 1, 1).getTime();
  return { kind: "month", month, from: month.getTime(), to: Math.min(next, week) };
}
