/**
 * Markdown of a text that grows: blocks that can no longer change are rendered once and frozen, only the open end is read again.
 * When the text has ended, the result equals that of one pass over the whole; a test compares them over a corpus that is
 * cut at random places. Knows nothing of the page.
 *
 * A block is finished when a later one has begun after it and nothing that may still come can join the two. CommonMark decides line
 * by line, so only whole lines count; what can look ahead further are tables (one line), link definitions over several lines
 * (ended by a blank line) and formulas (ended after `MATH_LINES` lines). Link definitions work backwards too: once
 * one is frozen, frozen blocks that hold a bracket are rendered again, and replaced where that made a difference.
 */
import { outline, parseBlocks } from "./syntax.js";

/** @import { Block } from "./syntax.js" */

/**
 * @typedef {object} Growth
 * @property {number} frozen How many blocks are finished.
 * @property {number[]} revised Finished blocks whose rendering changed.
 * @property {boolean} restarted Whether the text was not a continuation, so that everything is new.
 */

const BLANK = /^[ \t]*$/;
/** How much of the finished text's ends is compared while the text grows. */
const SAMPLE = 256;
/** Ended by their own last line: what follows cannot join them. */
const CLOSED = new Set(["heading_open", "hr", "fence"]);

export class GrowingMarkdown {
  /** The finished part of the text. */
  #done = "";
  /** @type {Array<Block & { source: string }>} */
  #finished = [];
  /** @type {Block[]} */
  #open = [];
  #given;
  /** @type {Record<string, unknown>} */
  #references;
  /** How much of the open end was whole lines when it was last divided. */
  #divided = 0;
  /** Whether the text was said to have ended: then its last block is finished too, although more words would join it. */
  #ended = false;

  /** @param {Record<string, unknown>} [references] Link definitions that stand before the text. */
  constructor(references = {}) {
    this.#given = references;
    this.#references = { ...references };
  }

  /** Finished blocks, then open ones. */
  get blocks() {
    return [...this.#finished, ...this.#open];
  }

  get html() {
    return this.blocks.map(({ html }) => html).join("");
  }

  /**
   * @param {string} text The whole text as it is now.
   * @param {"growing" | "ended"} state
   * @returns {Growth}
   */
  update(text, state) {
    // An ended answer can be continued: its last paragraph goes on in the middle.
    const continued = this.#ended && (state === "growing" || text.length > this.#done.length);
    const restarted = continued || !this.#continues(text, state);
    if (restarted) this.#restart();
    this.#ended = state === "ended";
    /** @type {Set<number>} */
    const revised = new Set();
    if (state === "ended") this.#finish(text.length, text, revised);
    else {
      const end = text.slice(this.#done.length);
      const whole = wholeLines(end);
      if (whole > this.#divided) {
        const length = finishedLength(end.slice(0, whole));
        if (length > 0) this.#finish(this.#done.length + length, text, revised);
        this.#divided = whole - length;
      }
    }
    this.#open = parseBlocks(text.slice(this.#done.length), { references: Object.create(this.#references) });
    return { frozen: this.#finished.length, revised: [...revised], restarted };
  }

  /**
   * Whether a text begins with the finished part. While it grows, only the ends of that part are compared, so that a word costs as
   * much behind a long answer as behind a short one; what was replaced in between shows when the text has ended.
   * @param {string} text
   * @param {"growing" | "ended"} state
   */
  #continues(text, state) {
    const done = this.#done;
    if (state === "ended" || done.length <= 2 * SAMPLE) return text.startsWith(done);
    return text.startsWith(done.slice(0, SAMPLE)) && text.startsWith(done.slice(-SAMPLE), done.length - SAMPLE);
  }

  #restart() {
    this.#done = "";
    this.#finished = [];
    this.#references = { ...this.#given };
    this.#divided = 0;
  }

  /**
   * @param {number} upTo
   * @param {string} text
   * @param {Set<number>} revised
   */
  #finish(upTo, text, revised) {
    const source = text.slice(this.#done.length, upTo);
    const known = Object.keys(this.#references).length;
    const lines = source.split(/\r\n|\r|\n/);
    for (const block of parseBlocks(source, { references: this.#references })) {
      this.#finished.push({ ...block, source: lines.slice(...block.lines).join("\n") });
    }
    this.#done = text.slice(0, upTo);
    if (Object.keys(this.#references).length === known) return;
    for (const [n, block] of this.#finished.entries()) {
      if (!block.source.includes("[")) continue;
      const html = parseBlocks(block.source, { references: Object.create(this.#references) })
        .map((each) => each.html)
        .join("");
      if (html === block.html) continue;
      this.#finished[n] = { ...block, html };
      revised.add(n);
    }
  }
}

/**
 * @param {string} text
 * @returns {number} Length of its whole lines. A carriage return at the very end may be half of a line's end.
 */
function wholeLines(text) {
  const end = text.endsWith("\r") ? text.slice(0, -1) : text;
  return Math.max(end.lastIndexOf("\n"), end.lastIndexOf("\r")) + 1;
}

/**
 * @param {string} text Whole lines.
 * @returns {number} Length of the part whose blocks can no longer change.
 */
function finishedLength(text) {
  /** @type {{ references: Record<string, unknown>, undecided?: number }} */
  const env = { references: {} };
  const blocks = outline(text, env);
  if (blocks.length < 2) return 0;
  const lines = text.split(/\r\n|\r|\n/);
  const limit = env.undecided ?? Number.POSITIVE_INFINITY;
  for (let n = blocks.length - 1; n > 0; n -= 1) {
    const [begin] = blocks[n]?.lines ?? [0];
    const before = blocks[n - 1];
    if (begin > limit || !before) continue;
    const closed = CLOSED.has(before.kind) && before.lines[1] === begin;
    if (closed || BLANK.test(lines[begin - 1] ?? "")) return lengthOfLines(text, begin);
  }
  return 0;
}

/**
 * @param {string} text
 * @param {number} count
 * @returns {number} Length of the first lines with their ends.
 */
function lengthOfLines(text, count) {
  const ends = /\r\n|\r|\n/g;
  for (let n = 0; n < count; n += 1) ends.exec(text);
  return ends.lastIndex;
}
