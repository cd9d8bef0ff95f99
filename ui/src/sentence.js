/**
 * A sentence for people with a screen reader. It tells what happened, not what is: so it stays only as long as it takes to be
 * heard, and one in another language than the window's is gone with that language.
 */
import { Observable } from "./state/observable.js";

/** How long it can be found, in milliseconds: longer than a screen reader waits with what is polite. */
const STAYS = 60_000;

export class Sentence extends Observable {
  #text = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #end;

  /** @param {Observable & { readonly tag: string }} language The window's. */
  constructor(language) {
    super();
    let { tag } = language;
    language.observe(() => {
      if (tag !== language.tag) this.clear();
      tag = language.tag;
    });
  }

  /** Empty where there is none. */
  get text() {
    return this.#text;
  }

  /** @param {string} text */
  say(text) {
    // The same words twice are only heard twice where they differ.
    this.#set(this.#text === text ? `${text}\u00a0` : text);
    this.#end = setTimeout(() => this.clear(), STAYS);
  }

  clear() {
    this.#set("");
  }

  /** @param {string} text */
  #set(text) {
    clearTimeout(this.#end);
    if (this.#text === text) return;
    this.#text = text;
    this.changed();
  }
}
