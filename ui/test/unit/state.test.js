import assert from "node:assert/strict";
import { test } from "node:test";
import { Conversation } from "../../src/state/conversation.js";
import { Drafts } from "../../src/state/drafts.js";
import { Feed } from "../../src/state/feed.js";
import { join } from "../../src/state/message.js";
import { Session } from "../../src/state/session.js";
import { DEFAULTS, Settings } from "../../src/state/settings.js";

/** @import { ConversationView, Event, Message } from "../../src/bridge/types.js" */

/**
 * A core that answers as the test says, one call at a time.
 */
class Core {
  /** @type {Array<[string, unknown]>} */
  calls = [];
  /** @type {Array<{ resolve: (value: any) => void, reject: (error: unknown) => void }>} */
  #open = [];

  /** @type {any} */
  call = (/** @type {string} */ name, /** @type {unknown} */ request) => {
    this.calls.push([name, request]);
    return new Promise((resolve, reject) => this.#open.push({ resolve, reject }));
  };

  /** @param {unknown} value */
  async answer(value) {
    this.#open.shift()?.resolve(value);
    await settled();
  }

  /** @param {unknown} error */
  async refuse(error) {
    this.#open.shift()?.reject(error);
    await settled();
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

/**
 * @param {string} id
 * @param {Partial<Message>} [more]
 * @returns {Message}
 */
const message = (id, more) => ({
  id,
  conversation: "c",
  role: "user",
  status: "complete",
  content: id,
  reasoning: "",
  scripted: false,
  created_at: 0,
  versions: [id],
  ...more,
});

/**
 * @param {Message[]} messages
 * @param {boolean} [earlier]
 * @returns {ConversationView}
 */
const view = (messages, earlier = false) => ({
  conversation: { id: "c", title: "Title", pinned: false, created_at: 0, updated_at: 0, messages: 0 },
  messages,
  earlier,
  later: false,
});

/**
 * @param {number} at
 * @param {string} text
 * @param {string} [id]
 * @returns {Event}
 */
const delta = (at, text, id = "a") => ({
  type: "message-delta",
  conversation: "c",
  message: id,
  part: "content",
  at,
  text,
});

/** @param {Conversation} conversation */
const texts = (conversation) => conversation.messages.map(({ value }) => value.content);

/** A conversation with a question and an answer that is being written. */
async function writing() {
  const core = new Core();
  const conversation = new Conversation(core.call);
  void conversation.open("c");
  await core.answer(
    view([message("q"), message("a", { role: "assistant", status: "streaming", content: "", parent: "q" })]),
  );
  core.calls = [];
  return { core, conversation };
}

test("a delta joins where it belongs", () => {
  assert.deepEqual(join("", 0, "ab"), { fit: "applied", text: "ab" });
  assert.deepEqual(join("ab", 2, "cd"), { fit: "applied", text: "abcd" });
  assert.deepEqual(join("abc", 2, "cd"), { fit: "applied", text: "abcd" });
  assert.deepEqual(join("abcd", 2, "cd"), { fit: "known", text: "abcd" });
  assert.deepEqual(join("abcdef", 2, "cd"), { fit: "known", text: "abcdef" });
  assert.deepEqual(join("ab", 3, "d"), { fit: "gap", text: "ab" });
  // Offsets count UTF-16 code units: this family is eight of them, an accent in NFD is one of its own.
  assert.deepEqual(join("👩‍👩‍👧", 8, "!"), { fit: "applied", text: "👩‍👩‍👧!" });
  assert.deepEqual(join("e\u0301", 2, "x"), { fit: "applied", text: "e\u0301x" });
});

test("deltas grow the answer; what came twice is known already", async () => {
  const { core, conversation } = await writing();
  for (const event of [delta(0, "Hel"), delta(3, "lo"), delta(3, "lo"), delta(0, "Hello you")])
    conversation.apply(event);
  assert.deepEqual(texts(conversation), ["q", "Hello you"]);
  assert.deepEqual(core.calls, []);
});

test("a delta beyond the end is healed from a snapshot, and what comes meanwhile follows it", async () => {
  const { core, conversation } = await writing();
  conversation.apply(delta(0, "Hel"));
  conversation.apply(delta(7, "there"));
  assert.deepEqual(core.calls, [["conversation_open", { id: "c", limit: 24 }]]);
  conversation.apply(delta(12, "!"));
  assert.deepEqual(texts(conversation), ["q", "Hel"]);
  await core.answer(
    view([message("q"), message("a", { role: "assistant", status: "streaming", content: "Hello there", parent: "q" })]),
  );
  assert.deepEqual(texts(conversation), ["q", "Hello there"]);
  // The held `!` belongs at 12, the snapshot ends at 11: still a gap, so it asks once more.
  assert.equal(core.calls.length, 2);
  await core.answer(
    view([
      message("q"),
      message("a", { role: "assistant", status: "streaming", content: "Hello there!", parent: "q" }),
    ]),
  );
  assert.deepEqual(texts(conversation), ["q", "Hello there!"]);
});

test("what is left out of a request is shown while the answer is written, and no longer than it is true", async () => {
  const { conversation } = await writing();
  const omitted = { messages: 2, tokens: 700, context: 1500, estimated: false };
  conversation.apply({ type: "message-fitted", conversation: "c", message: "a", omitted });
  assert.deepEqual(conversation.messages[1]?.value.omitted, omitted);
  // Another model is asked, into whose context all of it fits.
  conversation.apply({ type: "message-fitted", conversation: "c", message: "a" });
  assert.equal("omitted" in (conversation.messages[1]?.value ?? {}), false);
});

test("trouble with the storage is over when the core says so", () => {
  const session = new Session(new Core().call);
  session.apply({ type: "storage-trouble", error: { code: "storage-full" } });
  assert.equal(session.storageTrouble, "storage-full");
  session.apply({ type: "storage-recovered" });
  assert.equal(session.storageTrouble, undefined);
});

test("an answer whose length is not what the core wrote is read again", async () => {
  const { core, conversation } = await writing();
  conversation.apply(delta(0, "Hel"));
  conversation.apply({
    type: "message-ended",
    conversation: "c",
    message: "a",
    status: "complete",
    content_length: 5,
    reasoning_length: 0,
    metrics: { finish_reason: "stop" },
  });
  assert.equal(conversation.messages[1]?.value.status, "complete");
  await core.answer(view([message("q"), message("a", { role: "assistant", content: "Hello", parent: "q" })]));
  assert.deepEqual(texts(conversation), ["q", "Hello"]);
});

test("events that overtake the answer to a call wait for it", async () => {
  const core = new Core();
  const conversation = new Conversation(core.call);
  const sent = conversation.send("Hi", { mode: "auto" });
  conversation.apply({
    type: "message-begun",
    message: message("a", { role: "assistant", status: "streaming", content: "", parent: "q" }),
  });
  conversation.apply(delta(0, "Hello"));
  assert.deepEqual(texts(conversation), []);
  await core.answer({
    conversation: "c",
    question: message("q", { content: "Hi" }),
    answer: message("a", { role: "assistant", status: "streaming", content: "", parent: "q" }),
  });
  assert.equal(await sent, true);
  assert.equal(conversation.id, "c");
  assert.deepEqual(texts(conversation), ["Hi", "Hello"]);
  assert.deepEqual(core.calls, [["chat_send", { text: "Hi", mode: "auto" }]]);
});

test("a new version takes the place of what stood after its parent", async () => {
  const { core, conversation } = await writing();
  conversation.apply({
    type: "message-begun",
    message: message("b", { role: "assistant", status: "streaming", content: "", parent: "q", versions: ["a", "b"] }),
  });
  assert.deepEqual(texts(conversation), ["q", ""]);
  assert.equal(conversation.streaming?.id, "b");
  conversation.apply({ type: "message-begun", message: message("q2", { versions: ["q", "q2"] }) });
  assert.deepEqual(texts(conversation), ["q2"]);
  assert.deepEqual(core.calls, []);
});

test("a continued answer keeps its element and its text", async () => {
  const { conversation } = await writing();
  conversation.apply(delta(0, "Half"));
  const before = conversation.messages[1];
  conversation.apply({
    type: "message-begun",
    message: message("a", { role: "assistant", status: "streaming", content: "", parent: "q" }),
  });
  conversation.apply(delta(4, " and whole"));
  assert.equal(conversation.messages[1], before);
  assert.equal(before?.value.content, "Half and whole");
});

test("an answer to a call for another conversation is dropped", async () => {
  const core = new Core();
  const conversation = new Conversation(core.call);
  void conversation.open("old");
  void conversation.open("c");
  await core.answer(view([message("from the old one")]));
  assert.deepEqual(texts(conversation), []);
  await core.answer(view([message("from the new one")]));
  assert.deepEqual(texts(conversation), ["from the new one"]);
});

test("earlier messages stand before, and survive a healing of the end", async () => {
  const core = new Core();
  const conversation = new Conversation(core.call);
  void conversation.open("c");
  await core.answer(view([message("3"), message("4", { parent: "3" })], true));
  void conversation.loadEarlier();
  assert.deepEqual(core.calls.at(-1), ["conversation_open", { id: "c", before: "3", limit: 60 }]);
  await core.answer(view([message("1"), message("2", { parent: "1" })]));
  assert.deepEqual(texts(conversation), ["1", "2", "3", "4"]);
  assert.equal(conversation.earlier, false);
  void conversation.heal();
  await core.answer(view([message("3"), message("4", { parent: "3" }), message("5", { parent: "4" })], true));
  assert.deepEqual(texts(conversation), ["1", "2", "3", "4", "5"]);
});

test("a refusal is kept and nothing else changes", async () => {
  const { core, conversation } = await writing();
  const sent = conversation.send("More", { mode: "single", model: "m" });
  await core.refuse({ code: "busy" });
  assert.equal(await sent, false);
  assert.deepEqual(conversation.error, { code: "busy" });
  assert.deepEqual(texts(conversation), ["q", ""]);
});

test("a missing frame is told before its successor is applied; a second subscription begins anew", () => {
  /** @type {string[]} */
  const log = [];
  const feed = new Feed(
    (event) => log.push(event.type),
    () => log.push("gap"),
  );
  /** @type {Event} */
  const event = { type: "conversation-removed", id: "x" };
  feed.receive({ seq: 1, events: [event] });
  feed.receive({ seq: 2, events: [event, event] });
  feed.receive({ seq: 4, events: [event] });
  feed.receive({ seq: 4, events: [event] });
  feed.receive({ seq: 5, events: [] });
  feed.receive({ seq: 1, events: [event] });
  feed.receive({ seq: 2, events: [] });
  assert.deepEqual(log, [event.type, event.type, event.type, "gap", event.type, event.type]);
});

test("a setting that cannot be written comes back as it was, and says why", async () => {
  const core = new Core();
  const settings = new Settings(core.call);
  const written = settings.update({ theme: "dark" });
  assert.equal(settings.values.theme, "dark");
  await settled();
  await core.refuse({ code: "storage-full" });
  await written;
  assert.deepEqual(settings.values, DEFAULTS);
  assert.deepEqual(settings.error, { code: "storage-full" });
});

test("settings changed in quick succession are written in order", async () => {
  const core = new Core();
  const settings = new Settings(core.call);
  void settings.update({ theme: "dark" });
  void settings.update({ notify: false });
  await settled();
  assert.deepEqual(core.calls, [["settings_set", { ...DEFAULTS, theme: "dark" }]]);
  await core.answer({ ...DEFAULTS, theme: "dark" });
  assert.deepEqual(core.calls.at(-1), ["settings_set", { ...DEFAULTS, theme: "dark", notify: false }]);
  await core.answer({ ...DEFAULTS, theme: "dark", notify: false });
  assert.deepEqual(settings.values, { ...DEFAULTS, theme: "dark", notify: false });
});

test("drafts belong to their conversation, survive a reload, and a storage that refuses", () => {
  /** @type {Map<string, string>} */
  const kept = new Map();
  const storage = {
    getItem: (/** @type {string} */ key) => kept.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => void kept.set(key, value),
    removeItem: (/** @type {string} */ key) => void kept.delete(key),
  };
  const drafts = new Drafts(storage);
  drafts.set(undefined, "new one");
  drafts.set("c", "in c");
  const reloaded = new Drafts(storage);
  assert.deepEqual([reloaded.get(undefined), reloaded.get("c"), reloaded.get("d")], ["new one", "in c", ""]);
  reloaded.set("c", "");
  assert.deepEqual([...kept.values()], ["new one"]);
  const refusing = new Drafts({
    ...storage,
    setItem: () => {
      throw new Error("quota");
    },
  });
  refusing.set("c", "kept in memory");
  assert.equal(refusing.get("c"), "kept in memory");
});
