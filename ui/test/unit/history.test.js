import assert from "node:assert/strict";
import { test } from "node:test";
import { densest } from "../../src/chat/densest.js";
import { Conversation } from "../../src/state/conversation.js";
import { Conversations, isWithin } from "../../src/state/conversations.js";
import { groupHits, Search } from "../../src/state/search.js";
import { Selection } from "../../src/state/selection.js";
import { Undo } from "../../src/state/undo.js";

/** @import { ConversationSummary, Message, SearchHit } from "../../src/bridge/types.js" */
/** @import { Call } from "../../src/state/index.js" */

/**
 * A host whose answers come when the test lets them.
 * @returns {{ call: Call, calls: Array<{ name: string, request: any, answer: (value: unknown) => Promise<void>, fail: (error: unknown) => Promise<void> }> }}
 */
function gated() {
  /** @type {ReturnType<typeof gated>["calls"]} */
  const calls = [];
  const settled = () => new Promise((/** @type {(value?: unknown) => void} */ resolve) => setImmediate(resolve));
  const call = (/** @type {string} */ name, /** @type {unknown} */ request) =>
    new Promise((resolve, reject) => {
      calls.push({
        name,
        request,
        answer: async (value) => {
          resolve(value);
          await settled();
        },
        fail: async (error) => {
          reject(error);
          await settled();
        },
      });
    });
  return { call: /** @type {Call} */ (call), calls };
}

/**
 * @param {string} id
 * @param {Partial<ConversationSummary>} [more]
 * @returns {ConversationSummary}
 */
const summary = (id, more) => ({ id, title: id, pinned: false, created_at: 0, updated_at: 0, messages: 2, ...more });

/** @param {string} conversation @param {string} [message] @returns {SearchHit} */
const hit = (conversation, message) => ({
  conversation: summary(conversation),
  created_at: 0,
  snippet: [],
  ...(message === undefined ? {} : { message }),
});

test("one question is under way at a time, and only the answer to the last words is shown", async () => {
  const { call, calls } = gated();
  const search = new Search(call);
  for (const text of ["r", "ri", "rio"]) search.type(text);
  assert.deepEqual(
    calls.map(({ request }) => request.text),
    ["r"],
  );
  await calls[0]?.answer({ hits: [hit("old", "m")], pending: 0 });
  assert.equal(search.hits.length, 0);
  assert.deepEqual([calls.length, calls[1]?.request.text], [2, "rio"]);
  await calls[1]?.answer({ hits: [hit("new", "m")], pending: 0 });
  assert.deepEqual(
    search.hits.map(({ conversation }) => conversation.id),
    ["new"],
  );
  assert.deepEqual([search.busy, search.answered], [false, "rio"]);
});

test("an answer that comes after the field was emptied is not shown, and another history begins anew", async () => {
  const { call, calls } = gated();
  const search = new Search(call);
  search.type("rio");
  search.clear();
  await calls[0]?.answer({ hits: [hit("a", "m")], pending: 0 });
  assert.deepEqual([search.hits, search.busy], [[], false]);
  search.type("mar");
  search.forget();
  search.type("sol");
  assert.deepEqual(
    calls.map(({ request }) => request.text),
    ["rio", "mar", "sol"],
  );
});

test("a page that holds little is followed by the next one by itself", async () => {
  const { call, calls } = gated();
  const search = new Search(call);
  search.type("rare");
  await calls[0]?.answer({ hits: [], next: "n", searched_to: 5, pending: 0 });
  assert.equal(calls[1]?.request.after, "n");
  await calls[1]?.answer({ hits: [hit("a", "m")], pending: 0 });
  assert.deepEqual([search.hits.length, search.more], [1, false]);
});

test("hits of one conversation stand together, at the place of the first", () => {
  const groups = groupHits([hit("a"), hit("b", "1"), hit("a", "2"), hit("b", "3")]);
  assert.deepEqual(
    groups.map(({ conversation, title, messages }) => [
      conversation.id,
      title !== undefined,
      messages.map(({ message }) => message),
    ]),
    [
      ["a", true, ["2"]],
      ["b", false, ["1", "3"]],
    ],
  );
});

test("the words of a search are looked for where they stand together", () => {
  assert.equal(densest([]), 0);
  assert.equal(
    densest([
      [0, "Part"],
      [900, "part"],
      [5000, "Part"],
      [5005, "333"],
      [9000, "333"],
    ]),
    2,
  );
});

test("the list keeps its order and its scope, whatever is told", async () => {
  const { call, calls } = gated();
  const list = new Conversations(call);
  void list.load();
  assert.deepEqual(calls[0]?.request, { limit: 100, scope: { kind: "unfiled" } });
  await calls[0]?.answer({ conversations: [summary("b", { updated_at: 2 }), summary("a", { updated_at: 1 })] });
  const ids = () => list.items.map(({ id }) => id);
  const changed = (/** @type {ConversationSummary} */ conversation) =>
    list.apply({ type: "conversation-changed", conversation });
  changed(summary("c", { updated_at: 3 }));
  assert.deepEqual(ids(), ["c", "b", "a"]);
  changed(summary("a", { updated_at: 9 }));
  assert.deepEqual(ids(), ["a", "c", "b"]);
  changed(summary("b", { pinned: true }));
  assert.deepEqual(ids(), ["b", "a", "c"]);
  changed(summary("a", { project: "p" }));
  assert.deepEqual(ids(), ["b", "c"]);
  changed(summary("c", { archived_at: 1 }));
  assert.deepEqual(ids(), ["b"]);
  void list.show({ kind: "project", project: "p" });
  await calls[1]?.answer({ conversations: [summary("a", { project: "p" })] });
  changed(summary("d"));
  assert.deepEqual(ids(), ["a"]);
  list.apply({ type: "conversation-removed", id: "a" });
  assert.deepEqual(ids(), []);
});

test("an answer for a list that is no longer shown is dropped", async () => {
  const { call, calls } = gated();
  const list = new Conversations(call);
  void list.load();
  void list.show({ kind: "archived" });
  await calls[1]?.answer({ conversations: [summary("kept", { archived_at: 1 })] });
  await calls[0]?.answer({ conversations: [summary("late")] });
  assert.deepEqual(
    list.items.map(({ id }) => id),
    ["kept"],
  );
});

test("each scope holds what belongs to it", () => {
  const all = [
    summary("plain"),
    summary("filed", { project: "p" }),
    summary("archived", { archived_at: 1, project: "p" }),
    summary("deleted", { deleted_at: 1 }),
  ];
  const within = (/** @type {import("../../src/bridge/types.js").ConversationScope} */ scope) =>
    all.filter((each) => isWithin(scope, each)).map(({ id }) => id);
  assert.deepEqual(within({ kind: "unfiled" }), ["plain"]);
  assert.deepEqual(within({ kind: "active" }), ["plain", "filed"]);
  assert.deepEqual(within({ kind: "project", project: "p" }), ["filed"]);
  assert.deepEqual(within({ kind: "archived" }), ["archived"]);
  assert.deepEqual(within({ kind: "deleted" }), ["deleted"]);
});

/** @param {number} n @returns {Message} */
const message = (n) => ({
  id: `m${n}`,
  conversation: "c",
  role: n % 2 === 0 ? "user" : "assistant",
  status: "complete",
  content: `${n}`,
  reasoning: "",
  scripted: false,
  created_at: n,
  versions: [`m${n}`],
  ...(n === 0 ? {} : { parent: `m${n - 1}` }),
});

/** @param {number} from @param {number} to @param {number} of */
const stretch = (from, to, of) => ({
  conversation: summary("c"),
  messages: Array.from({ length: to - from }, (_, n) => message(from + n)),
  earlier: from > 0,
  later: to < of,
});

test("a conversation opens around a message, reads on in both directions, and keeps only so much", async () => {
  const { call, calls } = gated();
  const conversation = new Conversation(call);
  void conversation.openAt("c", "m5000", "word");
  assert.deepEqual(calls[0]?.request, { id: "c", around: "m5000", limit: 24 });
  await calls[0]?.answer(stretch(4988, 5012, 10_000));
  assert.deepEqual(conversation.goal, { message: "m5000", words: "word" });
  assert.deepEqual([conversation.earlier, conversation.later], [true, true]);
  for (let n = 1; n <= 25; n += 1) {
    void conversation.loadLater();
    const from = 5012 + (n - 1) * 60;
    assert.equal(calls[n]?.request.after, `m${from - 1}`);
    await calls[n]?.answer(stretch(from, from + 60, 10_000));
  }
  assert.equal(conversation.messages.length, 1_200);
  assert.equal(conversation.messages.at(-1)?.id, `m${5012 + 25 * 60 - 1}`);
  // What is said at the end is not seen here, and breaks nothing.
  conversation.apply({ type: "message-begun", message: { ...message(10_000), status: "streaming" } });
  assert.equal(calls.length, 26);
  void conversation.toEnd();
  await calls[26]?.answer(stretch(9_977, 10_001, 10_001));
  assert.deepEqual([conversation.later, conversation.goal], [false, undefined]);
});

test("a stretch is selected from where the last selection was made, and lists say what of it they hold", () => {
  const list = ["a", "b", "c", "d"].map((id) => ({ id }));
  const selection = new Selection();
  selection.toggle("b");
  selection.extend(list, "d", undefined);
  assert.deepEqual(selection.within(list), ["b", "c", "d"]);
  selection.extend(list, "a", undefined);
  assert.deepEqual(selection.within(list), ["a", "b"]);
  selection.toggle("a");
  assert.deepEqual([selection.within(list), selection.active], [["b"], true]);
  selection.clear();
  assert.equal(selection.active, false);
});

test("the latest deed is undone first; one that cannot be undone stays", async () => {
  const undo = new Undo();
  /** @type {string[]} */
  const undone = [];
  let broken = true;
  undo.add({ words: () => "first", undo: async () => void undone.push("first") });
  undo.add({
    words: () => "second",
    undo: async () => {
      if (broken) throw { code: "storage-full" };
      undone.push("second");
    },
  });
  await assert.rejects(undo.undo(), { code: "storage-full" });
  assert.equal(undo.latest?.words(), "second");
  broken = false;
  await undo.undo();
  await undo.undo();
  assert.deepEqual([undone, undo.latest], [["second", "first"], undefined]);
});
