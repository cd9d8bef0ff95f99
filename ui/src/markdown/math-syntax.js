/**
 * Where formulas begin and end: `$…$`, `$$…$$`, `\(…\)` and `\[…\]`. Dollars follow Pandoc's rule for `tex_math_dollars` (no space inside
 * the opening and the closing sign, no digit after the closing one), made stricter for prices, because "$4 and $5" must
 * stay words. Only finds; what a formula looks like is decided elsewhere.
 */

/** @import { MarkdownIt, StateBlock, StateInline } from "markdown-it" */

/** The longest formula over several lines. Also how far a reader of a growing text has to wait before it is none. */
export const MATH_LINES = 60;
/** The longest formula inside a line, in characters. */
const MATH_LENGTH = 2000;

const DOLLAR = 0x24;
const BACKSLASH = 0x5c;

/**
 * @param {string} tex What stands between two single dollars.
 * @param {string} before The character before the opening one.
 * @param {string} after The character after the closing one.
 * @returns {boolean} Whether it can be a formula.
 */
export function isDollarMath(tex, before, after) {
  if (tex === "" || /^\s|\s$/.test(tex) || /\n\s*\n/.test(tex)) return false;
  // US$ and 5$ are currencies; $x$s is not a formula either.
  if (/[\p{L}\p{N}$]/u.test(before) || /[\p{L}\p{N}$]/u.test(after)) return false;
  // A price and then prose: it begins with a number, and words follow that no formula has.
  const prose = /^\d[\d.,]*\s*(?:[-–/]|[\p{L}]{2,}|\p{L}\s)/u.test(tex);
  return !(prose && !/[\\^_={}]/.test(tex));
}

/**
 * `$…$`, `$$…$$`, `\(…\)`, `\[…\]` inside a line.
 * @param {StateInline} state
 * @param {boolean} silent
 */
function inline(state, silent) {
  const { src, pos, posMax } = state;
  const sign = src.charCodeAt(pos);
  /** @type {[open: string, close: string, display: boolean]} */
  let fence;
  if (sign === DOLLAR) fence = src.startsWith("$$", pos) ? ["$$", "$$", true] : ["$", "$", false];
  else if (sign === BACKSLASH && src[pos + 1] === "(") fence = ["\\(", "\\)", false];
  else if (sign === BACKSLASH && src[pos + 1] === "[") fence = ["\\[", "\\]", true];
  else return false;
  const [open, close, display] = fence;
  const begin = pos + open.length;
  const end = closing(src, begin, Math.min(posMax, begin + MATH_LENGTH), close);
  if (end < 0) return false;
  const tex = src.slice(begin, end);
  const after = end + close.length;
  if (open === "$" && !isDollarMath(tex, src[pos - 1] ?? "", src[after] ?? "")) return false;
  if (open === "$$" && (tex.trim() === "" || src[after] === "$")) return false;
  // `\[text\](address)` is a link that somebody escaped.
  if (open === "\\[" && src[after] === "(") return false;
  if (tex.trim() === "") return false;
  if (!silent) {
    const token = state.push("math_inline", "", 0);
    token.content = tex.trim();
    token.meta = { display };
  }
  state.pos = after;
  return true;
}

/**
 * @param {string} src
 * @param {number} from
 * @param {number} to
 * @param {string} close
 * @returns {number} Where the closing sign stands; -1 where there is none.
 */
function closing(src, from, to, close) {
  for (let at = src.indexOf(close, from); at >= 0 && at + close.length <= to; at = src.indexOf(close, at + 1)) {
    // A sign after an odd number of backslashes is part of the formula; `\)` brings its own.
    let slashes = 0;
    while (src.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return at;
  }
  return -1;
}

/**
 * A formula on lines of its own. Blank lines may be inside. A formula that is not closed within `MATH_LINES` is none; while the end of
 * the text is nearer than that, nothing is decided yet, which is noted in `env.undecided` (the line where it would begin).
 * @param {StateBlock} state
 * @param {number} startLine
 * @param {number} endLine
 * @param {boolean} silent
 */
function block(state, startLine, endLine, silent) {
  if ((state.sCount[startLine] ?? 0) - state.blkIndent >= 4) return false;
  const begin = (state.bMarks[startLine] ?? 0) + (state.tShift[startLine] ?? 0);
  const open = state.src.startsWith("$$", begin) ? "$$" : state.src.startsWith("\\[", begin) ? "\\[" : undefined;
  if (open === undefined || state.src[begin + 2] === "$") return false;
  const close = open === "$$" ? "$$" : "\\]";
  const first = state.src.slice(begin + 2, state.eMarks[startLine]).trimEnd();
  if (first.includes(close)) {
    // All on one line, and nothing after it: otherwise it stands inside a paragraph.
    if (!first.endsWith(close) || first.indexOf(close) !== first.length - 2) return false;
    return emit(state, silent, startLine, startLine + 1, first.slice(0, -2));
  }
  const lines = [first];
  for (let line = startLine + 1; line < endLine; line += 1) {
    if (line - startLine >= MATH_LINES) return false;
    if ((state.sCount[line] ?? 0) < state.blkIndent && !state.isEmpty(line)) return false;
    const text = state.getLines(line, line + 1, state.blkIndent, false).trimEnd();
    const at = text.indexOf(close);
    if (at >= 0) {
      if (at !== text.length - 2) return false;
      lines.push(text.slice(0, -2));
      return emit(state, silent, startLine, line + 1, lines.join("\n"));
    }
    lines.push(text);
  }
  const env = /** @type {{ undecided?: number }} */ (state.env);
  env.undecided = Math.min(env.undecided ?? startLine, startLine);
  return false;
}

/**
 * @param {StateBlock} state
 * @param {boolean} silent
 * @param {number} begin
 * @param {number} end
 * @param {string} tex
 */
function emit(state, silent, begin, end, tex) {
  const content = tex.trim();
  if (content === "") return false;
  if (silent) return true;
  const token = state.push("math_block", "", 0);
  token.block = true;
  token.content = content;
  token.map = [begin, end];
  state.line = end;
  return true;
}

/** @param {MarkdownIt} md */
export function mathSyntax(md) {
  md.inline.ruler.before("escape", "math", inline);
  md.block.ruler.after("fence", "math", block, { alt: ["paragraph", "reference", "blockquote", "list"] });
  const { escapeHtml } = md.utils;
  md.renderer.rules.math_inline = (tokens, n) => {
    const token = tokens[n];
    return `<span class="math" data-display="${token?.meta?.display === true}">${escapeHtml(token?.content ?? "")}</span>`;
  };
  md.renderer.rules.math_block = (tokens, n) =>
    `<div class="math" data-display="true">${escapeHtml(tokens[n]?.content ?? "")}</div>\n`;
}
