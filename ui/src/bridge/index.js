/**
 * The one door between the window and the core. Nothing else imports Tauri, so that the whole window also runs in a plain
 * browser, where `fake.js` stands in for the core. Never holds state of its own and never words an error: a refusal is
 * an `AppError`, whose code the catalogues translate.
 */
import { Channel, invoke } from "@tauri-apps/api/core";

/** @import { AppError, Commands, Frame } from "./types.js" */

/**
 * What stands behind the door.
 * @typedef {object} Host
 * @property {<N extends keyof Commands>(name: N, request: Commands[N]["request"]) => Promise<Commands[N]["response"]>} call
 *   One command. Rejects with an `AppError`.
 * @property {(onFrame: (frame: Frame) => void) => Promise<void>} subscribe
 *   Sends all frames from now on to `onFrame`, beginning with `seq` 1. A new subscriber takes the place of the former.
 */

/** @type {Host} */
const tauri = {
  async call(name, request) {
    try {
      return await invoke(name, request === null ? {} : { request });
    } catch (error) {
      throw appError(error);
    }
  },
  async subscribe(onFrame) {
    /** @type {Channel<Frame>} */
    const channel = new Channel();
    channel.onmessage = onFrame;
    try {
      await invoke("events_subscribe", { channel });
    } catch (error) {
      throw appError(error);
    }
  },
};

/** @type {Promise<Host> | undefined} */
let opened;

/** @returns {Promise<Host>} */
function host() {
  opened ??= open();
  return opened;
}

/** @returns {Promise<Host>} */
async function open() {
  if (window.__TAURI_INTERNALS__ === undefined && __BROWSER_HOST__) {
    const { createFakeHost } = await import("./fake.js");
    return createFakeHost(new URLSearchParams(window.location.search));
  }
  return tauri;
}

/**
 * Whatever was thrown, as an `AppError`. What is not one already (a refused permission, a bug) keeps its text as detail.
 * @param {unknown} error
 * @returns {AppError}
 */
export function appError(error) {
  if (typeof error === "object" && error !== null && "code" in error && typeof error.code === "string") {
    return /** @type {AppError} */ (error);
  }
  return { code: "internal", detail: error instanceof Error ? error.message : String(error) };
}

/**
 * Calls one command of the core.
 * @template {keyof Commands} N
 * @param {N} name
 * @param {Commands[N]["request"]} request
 * @returns {Promise<Commands[N]["response"]>} Rejects with an `AppError`.
 */
export async function call(name, request) {
  return (await host()).call(name, request);
}

/**
 * Receives everything the core tells without being asked. One subscriber at a time.
 * @param {(frame: Frame) => void} onFrame
 * @returns {Promise<void>}
 */
export async function subscribe(onFrame) {
  await (await host()).subscribe(onFrame);
}
