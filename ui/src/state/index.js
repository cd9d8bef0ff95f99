/**
 * The stores, put together once. Views import them from here; tests make their own around a host of theirs.
 */
import { call, subscribe } from "../bridge/index.js";
import { Conversation } from "./conversation.js";
import { Conversations } from "./conversations.js";
import { Drafts } from "./drafts.js";
import { Feed } from "./feed.js";
import { Health } from "./health.js";
import { Session } from "./session.js";
import { Settings } from "./settings.js";

/** @import { Event } from "../bridge/types.js" */

/** @typedef {typeof call} Call */

export const session = new Session(call);
export const settings = new Settings(call);
export const health = new Health(call);
export const conversations = new Conversations(call);
export const conversation = new Conversation(call);
export const drafts = new Drafts(window.localStorage);

const LAST = "capibara6.conversation";

/** @param {Event} event */
function apply(event) {
  session.apply(event);
  health.apply(event);
  conversations.apply(event);
  conversation.apply(event);
}

async function heal() {
  await Promise.allSettled([health.load(), conversations.load(), conversation.heal()]);
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
      else if (event.type === "history-changed") void heal();
    },
    () => void heal(),
  );
  const listening = subscribe((frame) => feed.receive(frame));
  const boot = await session.start();
  await listening.catch(() => {});
  if (!boot) return;
  settings.adopt(boot.settings);
  if (session.phase === "ready") enter();
  // Where the reader was, for a reload and for the next start.
  conversation.observe(() => {
    if (conversation.id === undefined) localStorage.removeItem(LAST);
    else localStorage.setItem(LAST, conversation.id);
  });
}

/** Loads what belongs to the profile in use: after the start, and after another profile was chosen. */
export function enter() {
  void health.load().catch(() => {});
  void conversations.load();
  const last = localStorage.getItem(LAST);
  if (last !== null && conversation.id === undefined) {
    void conversation.open(last).then(() => {
      if (conversation.error?.code === "not-found") conversation.begin();
    });
  }
}
