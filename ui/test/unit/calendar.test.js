import assert from "node:assert/strict";
import { test } from "node:test";
import { groupByDay, nextDay } from "../../src/views/calendar.js";

/** @import { ConversationSummary } from "../../src/bridge/types.js" */

/**
 * @param {string} id
 * @param {Date} updated
 * @param {boolean} [pinned]
 * @returns {ConversationSummary}
 */
function conversation(id, updated, pinned = false) {
  return { id, title: id, pinned, created_at: updated.getTime(), updated_at: updated.getTime(), messages: 0 };
}

/**
 * @param {ConversationSummary[]} conversations
 * @param {Date} now
 */
function headings(conversations, now) {
  return groupByDay(conversations, now).map((group) => [
    group.month ? `${group.month.getFullYear()}-${group.month.getMonth() + 1}` : group.kind,
    group.conversations.map(({ id }) => id).join(" "),
  ]);
}

test("conversations stand under the reader's own days", () => {
  const now = new Date(2026, 2, 15, 0, 30);
  assert.deepEqual(
    headings(
      [
        conversation("kept", new Date(2024, 0, 1), true),
        conversation("minutes-ago", new Date(2026, 2, 15, 0, 5)),
        conversation("before-midnight", new Date(2026, 2, 14, 23, 59)),
        conversation("two-days", new Date(2026, 2, 13, 12)),
        conversation("seven-days", new Date(2026, 2, 8, 0)),
        conversation("eight-days", new Date(2026, 2, 7, 23, 59)),
        conversation("february", new Date(2026, 1, 28)),
        conversation("last-year", new Date(2025, 1, 10)),
      ],
      now,
    ),
    [
      ["pinned", "kept"],
      ["today", "minutes-ago"],
      ["yesterday", "before-midnight"],
      ["last-week", "two-days seven-days"],
      ["2026-3", "eight-days"],
      ["2026-2", "february"],
      ["2025-2", "last-year"],
    ],
  );
});

test("a clock that ran ahead leaves its conversation under today", () => {
  assert.deepEqual(headings([conversation("ahead", new Date(2026, 2, 17))], new Date(2026, 2, 15)), [
    ["today", "ahead"],
  ]);
});

test("no conversations, no headings", () => {
  assert.deepEqual(groupByDay([], new Date(2026, 2, 15)), []);
});

test("a day ends at the reader's midnight, also where the clocks change", () => {
  for (const [year, month, day] of [
    [2026, 2, 28],
    [2026, 9, 24],
    [2026, 11, 31],
  ]) {
    const next = nextDay(new Date(year, month, day, 23, 59, 59));
    assert.deepEqual(next, new Date(year, month, day + 1));
    assert.deepEqual(nextDay(next), new Date(year, month, day + 2));
  }
});

test("each stands where it would stand alone, whatever stands before it", () => {
  const now = new Date(2026, 2, 31, 0, 10);
  // Every five hours over fourteen months: changes of clocks, ends of months and of a year among them.
  const all = Array.from({ length: 2_000 }, (_, n) =>
    conversation(String(n), new Date(now.getTime() - n * 5 * 3_600_000), n % 97 === 0),
  );
  const alone = new Map(all.map((each) => [each.id, headings([each], now)[0]?.[0]]));
  for (const [heading, ids] of headings(all, now)) {
    for (const id of String(ids).split(" ")) assert.equal(alone.get(id), heading, id);
  }
  assert.equal(headings(all, now).flatMap(([, ids]) => String(ids).split(" ")).length, all.length);
});
