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
 * Whole calendar days from `then` to `now`; negative where `then` is on a later day.
 * @param {Date} then
 * @param {Date} now
 * @returns {number}
 */
function daysBetween(then, now) {
  // UTC has no change of clocks: the difference of two dates at its midnight is a whole number of days.
  const midnight = (/** @type {Date} */ date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((midnight(now) - midnight(then)) / 86_400_000);
}

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
  for (const conversation of conversations) {
    const { kind, month } = place(conversation, now);
    const key = month ? `${month.getFullYear()}-${month.getMonth()}` : kind;
    const group = groups.get(key);
    if (group) group.conversations.push(conversation);
    else
      groups.set(key, month ? { kind, month, conversations: [conversation] } : { kind, conversations: [conversation] });
  }
  return [...groups.values()];
}

/**
 * @param {ConversationSummary} conversation
 * @param {Date} now
 * @returns {Pick<Group, "kind" | "month">}
 */
function place(conversation, now) {
  if (conversation.pinned) return { kind: "pinned" };
  const then = new Date(conversation.updated_at);
  const days = daysBetween(then, now);
  if (days <= 0) return { kind: "today" };
  if (days === 1) return { kind: "yesterday" };
  if (days <= 7) return { kind: "last-week" };
  return { kind: "month", month: new Date(then.getFullYear(), then.getMonth(), 1) };
}
