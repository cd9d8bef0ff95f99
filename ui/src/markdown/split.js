/**
 * Cuts a long Markdown text into pieces that can be read each by itself and give the same blocks as the whole, without reading it:
 * one pass over the lines that knows only what can hold a blank line (code, formulas, lists, quotes). A megabyte takes a few
 * milliseconds. A block that is longer than a piece may be is cut too, and says so.
 */
import { MATH_LINES } from "./math-syntax.js";

/**
 * @typedef {object} Piece
 * @property {number} begin In the text.
 * @property {number} end
 * @property {string} before What makes the piece whole: the opening of the code or the head of the table it goes on with.
 * @property {string} after
 * @property {number} codeFrom Where the code begins that goes on in it from the piece before; -1 where none does.
 */

/** How long a piece is at least, in characters. */
export const PIECE = 4_000;
/** How long it is at most, where its lines allow. */
const MOST = 12_000;

const FENCE = /^( {0,3})(`{3,}|~{3,})([^\n]*)$/;
const MARKER = /^ {0,3}(?:[-+*]|\d{1,9}[.)])(?:[ \t]|$)/;
const HEADING = /^#{1,6}(?:[ \t]|$)/;
const DELIMITERS = /^ {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;
const DEFINITION = /^ {0,3}\[[^\]\n]+\]:/;

/**
 * @param {string} text
 * @returns {{ pieces: Piece[], definitions: string }} The link definitions are those of the outermost level, for all pieces.
 */
export function split(text) {
  /** @type {Piece[]} */
  const pieces = [];
  let definitions = "";
  let begin = 0;
  let before = "";
  let codeFrom = -1;
  /** The open code block. @type {{ line: string, mark: string, from: number, inList: boolean, indent: number } | undefined} */
  let fence;
  /** The open table's head. */
  let table = "";
  let former = "";
  let blank = true;
  let inList = false;
  /** Until which line a formula may reach. */
  let formulaEnds = -1;
  let formulaClose = "";

  /**
   * @param {number} at
   * @param {{ before?: string, after?: string, codeFrom?: number }} [joint]
   */
  const cut = (at, joint = {}) => {
    pieces.push({ begin, end: at, before, after: joint.after ?? "", codeFrom });
    begin = at;
    before = joint.before ?? "";
    codeFrom = joint.codeFrom ?? -1;
  };

  let n = 0;
  for (let at = 0; at < text.length; n += 1) {
    const ended = text.indexOf("\n", at);
    const next = ended < 0 ? text.length : ended + 1;
    const long = next - begin;
    // Most lines begin with a letter, which is nothing but a paragraph going on or beginning.
    if (!fence && n >= formulaEnds && next - begin < PIECE && beginsWord(text, at)) {
      if (blank) inList = false;
      former = "";
      blank = false;
      at = next;
      continue;
    }
    const line = text.slice(at, Math.min(ended < 0 ? text.length : ended, at + 400)).replace(/\r$/, "");
    const empty = line.trim() === "";
    const flush = !empty && line[0] !== " " && line[0] !== "\t";

    if (fence?.inList && !empty && /^ */.exec(line)?.[0].length === 0 && fence.indent > 0) {
      // The list has ended, and what was open in it.
      fence = undefined;
    }
    if (fence) {
      const closing = FENCE.exec(line);
      if (closing?.[2]?.startsWith(fence.mark) && closing[3]?.trim() === "") fence = undefined;
      else if (long > MOST && !fence.inList && at > begin) {
        cut(at, { after: fence.mark, before: `${fence.line}\n`, codeFrom: fence.from });
      }
    } else if (n < formulaEnds) {
      if (line.includes(formulaClose)) formulaEnds = -1;
    } else {
      const mayCut =
        flush && (blank || HEADING.test(line)) && !MARKER.test(line) && !(blank && inList && line[0] === ">");
      if (mayCut && at - begin >= PIECE) {
        cut(at);
        table = "";
      } else if (long > MOST && at > begin) {
        // One block that does not end: at a line, with what it needs to go on.
        cut(at, table === "" ? {} : { before: table });
      }
      if (flush && blank && !MARKER.test(line)) inList = false;
      else if (HEADING.test(line)) inList = false;
      if (MARKER.test(line)) inList = true;
      const opening = FENCE.exec(line);
      const rest = line.trimStart();
      if (opening && !(opening[2]?.startsWith("`") && opening[3]?.includes("`"))) {
        const indent = opening[1]?.length ?? 0;
        fence = { line, mark: opening[2] ?? "```", from: next, inList: inList && indent > 0, indent };
        if (indent === 0) inList = false;
        table = "";
      } else if (rest.startsWith("$$") || rest.startsWith("\\[")) {
        formulaClose = rest.startsWith("$$") ? "$$" : "\\]";
        if (!rest.slice(2).includes(formulaClose)) formulaEnds = n + MATH_LINES;
      } else if (former.includes("|") && line.includes("-") && DELIMITERS.test(line)) {
        table = `${former}\n${line}\n`;
      } else if (empty) table = "";
      if (DEFINITION.test(line) && (blank || DEFINITION.test(former))) {
        // With its title, which may be on the lines that follow.
        const more = text.indexOf("\n\n", at);
        definitions += `${text.slice(at, Math.min(more < 0 ? text.length : more, at + 2_000))}\n\n`;
      }
    }
    // A line longer than a piece: between two words, and never inside a letter.
    while (next - begin > MOST && next - at > MOST) {
      const from = Math.max(begin, at) + PIECE;
      const space = text.indexOf(" ", from);
      let place = space < 0 || space > from + 400 || space >= next ? from : space + 1;
      if ((text.charCodeAt(place) & 0xfc00) === 0xdc00) place += 1;
      if (place >= next) break;
      cut(place, fence ? { after: `\n${fence.mark}`, before: `${fence.line}\n`, codeFrom: fence.from } : {});
      if (next - begin <= MOST) break;
    }
    former = line;
    blank = empty;
    at = next;
  }
  if (begin < text.length || pieces.length === 0) cut(text.length);
  return { pieces, definitions };
}

/**
 * @param {string} text
 * @param {number} at
 * @returns {boolean} Whether a letter stands there, and no table's row.
 */
function beginsWord(text, at) {
  const code = text.charCodeAt(at) | 0x20;
  if (code < 0x61 || code > 0x7a) return false;
  const end = text.indexOf("\n", at);
  return !text.slice(at, end < 0 ? text.length : end).includes("|");
}

/**
 * Cuts a plain text at the ends of lines.
 * @param {string} text
 * @returns {string[]} Together they are the text.
 */
export function splitPlain(text) {
  const parts = [];
  for (let at = 0; at < text.length; ) {
    let end = Math.min(text.length, at + PIECE);
    const line = text.indexOf("\n", end);
    const word = text.indexOf(" ", end);
    if (end < text.length) {
      if (line >= 0 && line < end + PIECE) end = line + 1;
      else if (word >= 0 && word < end + PIECE) end = word + 1;
      else if ((text.charCodeAt(end) & 0xfc00) === 0xdc00) end += 1;
    }
    parts.push(text.slice(at, end));
    at = end;
  }
  return parts;
}
