/** A long plain text on the page, in pieces of which only those near the view are there. */
import { textHeight } from "../scrolling/guess.js";
import { splitPlain } from "./split.js";
import { Stretches } from "./stretches.js";

/** What a line of a question has, for guessing how high it is. */
const MEASURE = { letters: 68, line: 23 };

export class PlainView {
  #parts;
  #stretches;

  /**
   * @param {HTMLElement} root Empty; nothing else may write into it.
   * @param {string} text
   */
  constructor(root, text) {
    this.root = root;
    this.text = text;
    this.#parts = splitPlain(text);
    this.#stretches = new Stretches(
      root,
      this.#parts.map((part) => ({
        guess: Math.round(textHeight(part, MEASURE)),
        fill: (element) => element.append(part),
      })),
    );
    // The end is what is seen first.
    this.#stretches.show(this.#parts.length - 1);
    this.#stretches.connect();
  }

  /**
   * @param {number} at
   * @returns {HTMLElement | undefined} What holds that letter, now on the page.
   */
  show(at) {
    let begin = 0;
    const n = this.#parts.findIndex((part) => {
      begin += part.length;
      return begin > at;
    });
    return this.#stretches.show(n);
  }

  connect() {
    this.#stretches.connect();
  }

  disconnect() {
    this.#stretches.disconnect();
  }

  remove() {
    this.#stretches.remove();
  }
}
