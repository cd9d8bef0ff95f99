/**
 * The stores, put together once. Views import them from here; tests make their own around a host of theirs.
 */
import { call, subscribe } from "../bridge/index.js";
import { Accounts } from "./accounts.js";
import { Backups } from "./backups.js";
import { ConsensusRuns } from "./consensus.js";
import { Conversation } from "./conversation.js";
import { Conversations } from "./conversations.js";
import { Drafts } from "./drafts.js";
import { Encryption } from "./encryption.js";
import { Feed } from "./feed.js";
import { Health } from "./health.js";
import { Projects } from "./projects.js";
import { Search } from "./search.js";
import { Selection } from "./selection.js";
import { Session } from "./session.js";
import { Settings } from "./settings.js";
import { Space } from "./space.js";
import { Transfers } from "./transfers.js";
import { Undo } from "./undo.js";

/** @import { AccountKey, Event } from "../bridge/types.js" */

/** @typedef {typeof call} Call */

const space = new Space();
const callHere = space.bound(call);

export const session = new Session(call);
export const accounts = new Accounts(call);
export const settings = new Settings(callHere);
export const health = new Health(call);
export const conversations = new Conversations(callHere);
export const conversation = new Conversation(call);
export const consensus = new ConsensusRuns(call, conversation);
export const projects = new Projects(callHere);
export const search = new Search(callHere);
export const transfers = new Transfers(call);
export const backups = new Backups(call);
export const encryption = new Encryption(call);
export const undo = new Undo();
export const selection = new Selection();
export const drafts = new Drafts(window.localStorage);

/** Where the reader was, in each history. */
const last = () => (space.account === undefined ? "capibara6.conversation" : `capibara6.conversation.${space.account}`);
/** Whether one history makes way for another. */
let moving = false;

/** @param {Event} event */
function apply(event) {
  session.apply(event);
  accounts.apply(event);
  health.apply(event);
  conversations.apply(event);
  conversation.apply(event);
  consensus.apply(event);
  projects.apply(event);
  search.apply(event);
  transfers.apply(event);
  backups.apply(event);
}

async function heal() {
  await Promise.allSettled([
    health.load(),
    conversations.load(),
    projects.load(),
    conversation.heal(),
    consensus.load(),
  ]);
}

/**
 * Starts everything: listens first, so that nothing is missed, then asks. What is needed for the first paint is awaited; the
 * lists follow by themselves.
 * @param {(event: Event) => void} onRequest Called with what the core asks of the window itself.
 */
export async function start(onRequest) {
  const feed = new Feed(
    (event) => {
      apply(event);
      if (event.type === "request") onRequest(event);
      else if (event.type === "space-changed") void move(event.account);
      else if (event.type === "history-changed") void heal();
    },
    () => void heal(),
  );
  const listening = subscribe((frame) => feed.receive(frame));
  const boot = await session.start();
  await listening.catch(() => {});
  if (!boot) return;
  settings.adopt(boot.settings);
  accounts.adopt(boot.account);
  space.enter(boot.account?.account);
  drafts.enter(space.account);
  if (session.phase === "ready") enter();
  else if (session.locked) void people();
  // Where the reader was, for a reload and for the next start.
  conversation.observe(() => {
    if (moving) return;
    if (conversation.id === undefined) localStorage.removeItem(last());
    else localStorage.setItem(last(), conversation.id);
  });
}

/**
 * Shows another history, or the same one where it was replaced: everything is read anew, and nothing that was asked for before
 * is shown.
 * @param {AccountKey | undefined} account
 */
async function move(account) {
  const isReplaced = account === space.account;
  if (account !== space.account) {
    accounts.came(space.account);
    encryption.dismissError();
  }
  space.enter(account);
  const { visit } = space;
  moving = true;
  drafts.enter(account);
  conversations.forget();
  projects.forget();
  search.forget();
  if (isReplaced) undo.forgetHistory();
  else undo.dismiss();
  selection.clear();
  settings.forget();
  conversation.begin();
  consensus.forget();
  moving = false;
  const boot = await session.start();
  if (visit !== space.visit || !boot) return;
  settings.adopt(boot.settings);
  void encryption.load();
  if (session.phase === "ready") enter();
  else if (session.locked) void people();
}

/** Who is known, and which of their histories are locked. */
async function people() {
  await accounts.load();
  if (accounts.known.length > 0) await encryption.loadAll();
}

/** Loads what belongs to the profile in use: after the start, and after another profile was chosen. */
export function enter() {
  // Nothing can be read before it is unlocked; then everything is read anew.
  if (session.locked) {
    void people();
    return;
  }
  void health.load().catch(() => {});
  // What the first look needs comes first.
  void conversations.load().then(() => {
    void backups.load();
    void transfers.load();
  });
  void projects.load();
  void people();
  const place = localStorage.getItem(last());
  if (place !== null && conversation.id === undefined) {
    void conversation.open(place).then(() => {
      if (conversation.error?.code === "not-found") conversation.begin();
    });
  }
}
