import assert from "node:assert/strict";
import { test } from "node:test";
import { plain } from "../../src/markdown/excerpt.js";
import { delivered, draftOf, inUse, kept, membersOf, moved, planOf, refusal } from "../../src/plan.js";
import { ConsensusRuns, changedLate } from "../../src/state/consensus.js";
import { Conversation } from "../../src/state/conversation.js";

/** @import { Candidate, ConsensusRun, Message, ModelEntry, Revision, Verdict } from "../../src/bridge/types.js" */

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** @param {string} id @param {Partial<Message>} [more] @returns {Message} */
const message = (id, more) => ({
  id,
  conversation: "c",
  role: "assistant",
  status: "streaming",
  content: "",
  reasoning: "",
  scripted: false,
  created_at: 0,
  versions: ["a0", "a1"],
  parent: "q",
  ...more,
});

/** @param {number} slot @returns {Candidate} */
const candidate = (slot) => ({
  slot,
  model: `m${slot}`,
  weight: 1,
  status: "waiting",
  message: `a${slot}`,
  scripted: false,
});

/** @param {Partial<ConsensusRun>} [more] @returns {ConsensusRun} */
const run = (more) => ({
  id: "r",
  conversation: "c",
  question: "q",
  class: "number",
  plan: { members: [], method: "weighted-vote", quorum: 2, weights: "given", form: "free" },
  state: "gathering",
  candidates: [candidate(0), candidate(1)],
  revisions: [],
  created_at: 0,
  ...more,
});

/** @param {string} winner */
const verdict = (winner) =>
  /** @type {Verdict} */ (/** @type {unknown} */ ({ revision: 1, message: winner, groups: [] }));

/** A core that answers at once from a table. @param {Record<string, (request: any) => unknown>} answers */
function stores(answers) {
  /** @type {Array<[string, unknown]>} */
  const calls = [];
  /** @type {any} */
  const call = async (/** @type {string} */ name, /** @type {unknown} */ request) => {
    calls.push([name, request]);
    const answer = answers[name];
    if (!answer) throw { code: "not-found" };
    return answer(request);
  };
  const conversation = new Conversation(call);
  const consensus = new ConsensusRuns(call, conversation);
  const question = message("q", { role: "user", status: "complete", content: "?", versions: ["q"] });
  delete question.parent;
  return { calls, conversation, consensus, question };
}

/** @param {string} text @param {number} [at] */
const delta = (text, at = 0, id = "a1") =>
  /** @type {const} */ ({ type: "message-delta", conversation: "c", message: id, part: "content", at, text });

test("words of every candidate arrive, also while the beginning is still being answered", async () => {
  /** @type {(value: unknown) => void} */
  let begin = () => {};
  const { conversation, consensus, question } = stores({
    consensus_begin: () =>
      new Promise((resolve) => {
        begin = resolve;
      }),
  });
  const asked = consensus.ask({ kind: "question", question: { kind: "new", text: "?" } });
  consensus.apply(delta("forty"));
  begin({ conversation: "c", question, run: run(), answers: [message("a0"), message("a1")] });
  assert.equal(await asked, true);
  consensus.apply(delta("-two", 5));
  const state = consensus.runOf("a1");
  assert.equal(state?.answer("a1")?.value.content, "forty-two");
  assert.deepEqual(
    conversation.messages.map(({ id }) => id),
    ["q", "a0"],
  );
  assert.equal(consensus.gathering, state);
});

test("a gap in a candidate is healed by reading the answers", async () => {
  const { calls, consensus, question } = stores({
    consensus_begin: () => ({ conversation: "c", question, run: run(), answers: [message("a0"), message("a1")] }),
    consensus_answers: () => [message("a0"), message("a1", { content: "forty-two" })],
  });
  await consensus.ask({ kind: "question", question: { kind: "new", text: "?" } });
  consensus.apply(delta("two", 6));
  await settled();
  assert.deepEqual(calls.at(-1), ["consensus_answers", { run: "r" }]);
  assert.equal(consensus.runOf("a1")?.answer("a1")?.value.content, "forty-two");
});

test("with a verdict the conversation is brought to the winner, and several changes at once are read twice at most", async () => {
  const decided = run({ state: "ended", verdict: verdict("a1"), revisions: [] });
  const view = (/** @type {Message} */ question) => ({
    conversation: { id: "c", title: "", pinned: false, created_at: 0, updated_at: 0, messages: 3 },
    messages: [question, message("a1", { status: "complete", content: "42" })],
    earlier: false,
    later: false,
  });
  const { calls, conversation, consensus, question } = stores({
    consensus_begin: () => ({ conversation: "c", question, run: run(), answers: [message("a0"), message("a1")] }),
    consensus_run: () => decided,
    conversation_open: () => view(question),
  });
  await consensus.ask({ kind: "question", question: { kind: "new", text: "?" } });
  for (let n = 0; n < 5; n += 1)
    consensus.apply({ type: "consensus-changed", conversation: "c", run: "r", state: "ended" });
  await settled();
  await settled();
  assert.deepEqual(
    conversation.messages.map(({ id }) => id),
    ["q", "a1"],
  );
  assert.equal(calls.filter(([name]) => name === "consensus_run").length, 2);
  assert.equal(consensus.gathering, undefined);
  assert.deepEqual(consensus.editions(["a0", "a1", "x"]), [
    { ids: ["a0", "a1"], shown: "a1" },
    { ids: ["x"], shown: "x" },
  ]);
});

test("words of a synthesis are kept before it has a place, also those that came before its name", async () => {
  /** @type {ConsensusRun["plan"]} */
  const plan = { members: [], method: "synthesis", quorum: 2, weights: "given", form: "free" };
  const named = run({ plan, state: "deciding", synthesis: { message: "s", status: "writing" } });
  const { consensus, question } = stores({
    consensus_begin: () => ({
      conversation: "c",
      question,
      run: run({ plan }),
      answers: [message("a0"), message("a1")],
    }),
    consensus_run: () => named,
    consensus_answers: () => [message("a0"), message("a1"), { ...message("s"), content: "All " }],
  });
  await consensus.ask({ kind: "question", question: { kind: "new", text: "?" } });
  const draft = () => consensus.runOf("a0")?.draft?.value.content;
  consensus.apply({ type: "consensus-changed", conversation: "c", run: "r", state: "deciding" });
  // The run has still to be read: these words belong to nobody yet.
  consensus.apply(delta("All ", 0, "s"));
  consensus.apply(delta("nobody's", 0, "t"));
  assert.equal(draft(), undefined);
  await settled();
  await settled();
  assert.equal(draft(), "All ");
  consensus.apply(delta("say", 4, "s"));
  assert.equal(draft(), "All say");
  assert.equal(consensus.runOf("s")?.id, "r", "it belongs to its run");
  assert.equal(consensus.runOf("t"), undefined);
});

test("a choice is given back, and the conversation goes along", async () => {
  const view = (/** @type {Message} */ question) => ({
    conversation: { id: "c", title: "", pinned: false, created_at: 0, updated_at: 0, messages: 3 },
    messages: [question, message("a1", { status: "complete", content: "42" })],
    earlier: false,
    later: false,
  });
  const { consensus, conversation, question, calls } = stores({
    consensus_begin: () => ({ conversation: "c", question, run: run({}), answers: [message("a0"), message("a1")] }),
    consensus_give_back: () => run({ state: "ended", verdict: verdict("a1") }),
    conversation_open: () => view(question),
  });
  await consensus.ask({ kind: "question", question: { kind: "new", text: "?" } });
  const [asked] = consensus.runs;
  assert.ok(asked);
  await consensus.giveBack(asked);
  assert.deepEqual(calls.find(([name]) => name === "consensus_give_back")?.[1], { run: "r" });
  assert.deepEqual(
    conversation.messages.map(({ id }) => id),
    ["q", "a1"],
  );
});

test("only a late answer that says something else has changed the verdict", () => {
  const revision = (/** @type {Partial<Revision>} */ more) =>
    /** @type {Revision} */ ({ revision: 1, after_ms: 0, moment: "quorum", agreement: "majority", winner: 0, ...more });
  assert.equal(changedLate([revision({})]), false);
  assert.equal(changedLate([revision({}), revision({ moment: "late-answer" })]), false);
  assert.equal(changedLate([revision({}), revision({ moment: "late-answer", winner: 1 })]), true);
  assert.equal(changedLate([revision({}), revision({ moment: "user-choice", winner: 1 })]), false);
  const late = revision({ moment: "late-answer", winner: 1 });
  assert.equal(changedLate([revision({}), late, late]), true, "a second one that changes nothing does not undo it");
  assert.equal(changedLate([revision({}), late, revision({ moment: "late-answer" })]), false, "it is as it was");
  assert.equal(changedLate([revision({}), late, revision({ moment: "judged", winner: 1 })]), false);
});

const MODELS = /** @type {ModelEntry[]} */ ([
  { id: "a", label: "A", url: "", tier: "fast", weight: 0.5 },
  { id: "b", label: "B", url: "", tier: "code", weight: 0.9 },
]);

test("a plan without members is everybody, and the heaviest alone where one is asked several times", () => {
  assert.deepEqual(membersOf(delivered(), MODELS), [
    { model: "a", weight: 0.5 },
    { model: "b", weight: 0.9 },
  ]);
  assert.deepEqual(membersOf({ ...delivered(), method: "self-consistency" }, MODELS), [{ model: "b", weight: 0.9 }]);
  assert.deepEqual(inUse({ presets: [], preset: "gone" }), delivered());
});

test("a draft becomes a plan, or says field by field what is wrong", () => {
  const draft = draftOf(delivered(), MODELS, "Mine");
  assert.deepEqual(planOf(draft, []), {
    plan: {
      members: [
        { model: "a", weight: 0.5 },
        { model: "b", weight: 0.9 },
      ],
      method: "weighted-vote",
      quorum: 2,
      weights: "given",
      form: "last-line",
      deadline_ms: 60_000,
    },
    problems: {},
  });
  const wrong = planOf(
    {
      ...draft,
      name: " Mine ",
      members: [{ model: "a", weight: "-1", chosen: true, missing: false }],
      quorum: "1",
      deadline: "0",
    },
    ["Mine"],
  ).problems;
  for (const weight of ["0", "", "NaN", "Infinity", "1e999", "uno", "-0"]) {
    const [first, ...others] = draft.members;
    assert.ok(first);
    const { problems } = planOf({ ...draft, members: [{ ...first, weight }, ...others] }, []);
    assert.deepEqual(problems, { [`weight:${first.model}`]: { id: "plan-problem-weight" } }, weight);
  }
  assert.deepEqual(Object.keys(wrong).sort(), ["deadline", "members", "name", "quorum", "weight:a"]);
  const alone = planOf({ ...draft, method: "self-consistency", samples: "9" }, []).problems;
  assert.deepEqual(Object.keys(alone).sort(), ["members", "samples"]);
  const judged = planOf({ ...draft, method: "judge", judge: "b", deadline: "" }, []);
  assert.deepEqual([judged.plan.judge, judged.plan.deadline_ms, judged.problems], ["b", undefined, {}]);
});

test("a member that the profile does not have any more is shown as such, and cannot be asked", () => {
  const plan = {
    ...delivered(),
    quorum: 2,
    judge: "gone",
    members: ["a", "gone"].map((model) => ({ model, weight: 1 })),
  };
  const draft = draftOf(plan, MODELS, "Old");
  assert.deepEqual(
    draft.members.filter(({ missing }) => missing),
    [{ model: "gone", weight: "1", chosen: true, missing: true }],
  );
  assert.equal(draft.judge, "", "nobody judges who is not there");
  assert.deepEqual(planOf(draft, []).problems, { "member:gone": { id: "plan-problem-missing" } });
  const without = { ...draft, members: draft.members.map((each) => ({ ...each, chosen: !each.missing })) };
  assert.deepEqual(planOf(without, []).problems, {});
});

test("a plan that was refused is told from everything else that can go wrong", () => {
  const plan = { ...delivered(), judge: "judge", members: ["a", "gone"].map((model) => ({ model, weight: 1 })) };
  const told = (/** @type {import("../../src/bridge/types.js").ErrorCode} */ code, /** @type {string} */ field) =>
    refusal({ code, field }, plan);
  assert.deepEqual(told("not-found", "members[1].model"), { id: "plan-refused-member", model: "gone" });
  assert.deepEqual(told("not-found", "judge"), { id: "plan-refused-judge", model: "judge" });
  assert.deepEqual(told("no-model", "members"), { id: "plan-refused-few" });
  assert.deepEqual(told("invalid-input", "method"), { id: "plan-refused-service" });
  assert.deepEqual(told("invalid-input", "members[0].weight"), { id: "plan-refused-other" });
  for (const other of [told("invalid-input", "text"), told("not-found", "message"), refusal({ code: "busy" }, plan)])
    assert.equal(other, undefined);
});

test("presets are replaced in place and moved", () => {
  const preset = (/** @type {string} */ name) => ({ name, plan: delivered() });
  const all = ["a", "b", "c"].map(preset);
  const names = (/** @type {Array<{ name: string }>} */ presets) => presets.map(({ name }) => name);
  assert.deepEqual(names(kept(all, "b", preset("x"))), ["a", "x", "c"]);
  assert.deepEqual(names(kept(all, undefined, preset("x"))), ["a", "b", "c", "x"]);
  assert.deepEqual(names(moved(all, 2, -1)), ["a", "c", "b"]);
  assert.deepEqual(names(moved(all, 0, -1)), ["a", "b", "c"]);
});

test("a line for a card has no marks, and keeps what only looks like one", () => {
  const lines = [
    ["It is **Canberra**, since *1913*.", "It is Canberra, since 1913."],
    ["# Title\n\n- one\n- _two_", "Title one two"],
    ["`my_var_name = 6*7 + 2 * 3`", "my_var_name = 6*7 + 2 * 3"],
    ["| a | b |\nif (a || b)", "a b if (a || b)"],
    ["[words](https://example.invalid/)", "words"],
    ["```js\nx ** 2\n```", "x ** 2"],
  ];
  for (const [text, expected] of lines) assert.equal(plain(text ?? ""), expected);
});
