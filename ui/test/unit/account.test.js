/** The stores behind the views of accounts: order of what is told and asked, and that no history is seen in another. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Accounts } from "../../src/state/accounts.js";
import { Drafts } from "../../src/state/drafts.js";
import { Space } from "../../src/state/space.js";
import { strengthOf } from "../../src/views/account/passphrase.js";

/** @import { AccountView, Accounts as Values } from "../../src/bridge/types.js" */
/** @import { Call } from "../../src/state/index.js" */

/** @type {AccountView} */
const ANA = { account: "a1", method: "oidc", provider: "https://id.example", subject: "ana", state: "confirmed" };

/** @type {Values} */
const NOBODY = { known: [], ways: [], keeping: { place: "system", vault: "absent" }, consents: [] };

/** A core whose answers wait until the test gives them. */
function core() {
  /** @type {Array<{ name: string, request: unknown, answer: (value: unknown) => void, refuse: (error: unknown) => void }>} */
  const asked = [];
  /** @type {any} */
  const call = (/** @type {string} */ name, /** @type {unknown} */ request) =>
    new Promise((answer, refuse) => asked.push({ name, request, answer, refuse }));
  return { asked, call: /** @type {Call} */ (call) };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("an answer that was overtaken by an event is asked for again", async () => {
  const { asked, call } = core();
  const accounts = new Accounts(call);
  const loading = accounts.load();
  accounts.apply({
    type: "sign-in-changed",
    attempt: { stage: "starting", method: "oidc", provider: "https://id.example" },
  });
  asked[0]?.answer(NOBODY);
  await turn();
  assert.equal(accounts.attempt?.stage, "starting", "the older answer takes nothing back");
  assert.deepEqual(
    asked.map(({ name }) => name),
    ["account_state", "account_state"],
  );
  asked[1]?.answer({ ...NOBODY, known: [ANA], active: ANA });
  await loading;
  assert.deepEqual([accounts.active, accounts.loaded], [ANA, true]);
});

test("the first stage that was answered does not hide a later one that was told before", async () => {
  const { asked, call } = core();
  const accounts = new Accounts(call);
  const begun = accounts.begin("oidc");
  const waiting = /** @type {const} */ ({
    stage: "waiting",
    method: "oidc",
    provider: "https://id.example",
    expires_at: 1,
  });
  accounts.apply({ type: "sign-in-changed", attempt: waiting });
  asked[0]?.answer({ stage: "starting", method: "oidc", provider: "https://id.example" });
  await begun;
  assert.deepEqual(accounts.attempt, waiting);
});

test("the reader is reminded of a session that ended until they say not now, and of the next one anew", () => {
  const { call } = core();
  const accounts = new Accounts(call);
  accounts.adopt({ ...ANA, state: "expired" });
  assert.equal(accounts.remindsOfExpiry, true);
  accounts.silenceExpiry();
  assert.equal(accounts.remindsOfExpiry, false);
  accounts.apply({ type: "account-changed", active: ANA });
  assert.equal(accounts.remindsOfExpiry, false);
  accounts.apply({ type: "account-changed", active: { ...ANA, state: "expired" } });
  assert.equal(accounts.remindsOfExpiry, true);
});

test("what was asked for in another space never arrives, neither as an answer nor as an error", async () => {
  const { asked, call } = core();
  const space = new Space();
  const here = space.bound(call);
  /** @type {string[]} */
  const arrived = [];
  const ask = () =>
    here("conversation_list", { limit: 1 }).then(
      () => arrived.push("answer"),
      () => arrived.push("error"),
    );
  void ask();
  void ask();
  space.enter("b2");
  asked[0]?.answer({ conversations: [] });
  asked[1]?.refuse({ code: "internal" });
  await turn();
  assert.deepEqual(arrived, []);
  void ask();
  asked[2]?.answer({ conversations: [] });
  await turn();
  assert.deepEqual([arrived, space.account, space.visit], [["answer"], "b2", 1]);
});

test("drafts belong to an account, and nobody's are where they always were", () => {
  /** @type {Map<string, string>} */
  const kept = new Map();
  const storage = {
    getItem: (/** @type {string} */ key) => kept.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => void kept.set(key, value),
    removeItem: (/** @type {string} */ key) => void kept.delete(key),
  };
  const drafts = new Drafts(storage);
  drafts.set(undefined, "nobody's");
  drafts.enter("a1");
  assert.equal(drafts.get(undefined), "");
  drafts.set(undefined, "Ana's");
  drafts.enter(undefined);
  assert.equal(drafts.get(undefined), "nobody's");
  assert.deepEqual([...kept.keys()], ["capibara6.draft.new", "capibara6.draft.a1.new"]);
});

test("a passphrase is as strong as it is long and unlike a count", () => {
  for (const [passphrase, expected] of [
    ["", "short"],
    ["corta", "short"],
    ["aaaaaaaaaaaaaaaa", "weak"],
    ["12345678901234", "weak"],
    ["password", "weak"],
    ["rio rio rio rio rio", "weak"],
    ["rio barro sombra lenta", "fair"],
    ["rio barro sombra lenta canoa", "good"],
    ["kV7#qLz2!mXw", "good"],
    ["río bárro sómbra lénta canóa", "good"],
  ]) {
    assert.equal(strengthOf(passphrase ?? ""), expected, passphrase);
  }
});
