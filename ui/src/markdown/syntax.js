/**
 * The Markdown that models write, as HTML: CommonMark with tables, strikethrough, task lists and formulas. No raw HTML ever, no
 * link but to `http`, `https` and `mailto`, no image: a picture becomes a link that says what it would show, because fetching it
 * would tell its server that it was read. Knows nothing of the page; the same text always gives the same HTML.
 */
import MarkdownIt from "markdown-it";
import { mathSyntax } from "./math-syntax.js";

/** @import { StateCore, Token } from "markdown-it" */

const LINK = /^(?:https?:\/\/[^\s/]|mailto:[^\s@]+@)/i;

/**
 * `- [ ] text` and `- [x] text`: the item's first words become the label of a box that cannot be ticked.
 * @param {StateCore} state
 */
function taskLists(state) {
  const { tokens } = state;
  for (let n = 2; n < tokens.length; n += 1) {
    const [item, paragraph, text] = [tokens[n - 2], tokens[n - 1], tokens[n]];
    if (item?.type !== "list_item_open" || paragraph?.type !== "paragraph_open" || text?.type !== "inline") continue;
    const first = text.children?.[0];
    const box = first?.type === "text" ? /^\[([ xX])\](?:\s+|$)/.exec(first.content) : null;
    if (!first || !box || !text.children) continue;
    first.content = first.content.slice(box[0].length);
    const open = new state.Token("task_open", "", 0);
    open.meta = { done: box[1] !== " " };
    text.children = [open, ...text.children, new state.Token("task_close", "", 0)];
    item.attrJoin("class", "task");
  }
}

/**
 * The words a picture would have: what its author wrote, else the end of its address.
 * @param {Token} token
 * @returns {string}
 */
function pictureName(token) {
  const alt = token.children ? token.children.map(({ content }) => content).join("") : token.content;
  const address = String(token.attrGet("src") ?? "");
  return alt.trim() || (address.split(/[?#]/)[0]?.split("/").filter(Boolean).at(-1) ?? address);
}

/** @returns {import("markdown-it").MarkdownIt} */
function build() {
  const md = new MarkdownIt({ html: false, linkify: true, typographer: false, breaks: false, maxNesting: 50 });
  md.validateLink = (address) => LINK.test(address.trim());
  // `main.py` and `node.js` are files, not addresses: only what begins with a scheme is linked by itself.
  md.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
  md.use(mathSyntax);
  md.core.ruler.after("inline", "task-lists", taskLists);
  const { rules } = md.renderer;
  const { escapeHtml } = md.utils;
  rules.task_open = (tokens, n) => `<label><input type="checkbox" disabled${tokens[n]?.meta?.done ? " checked" : ""}> `;
  rules.task_close = () => "</label>";
  rules.table_open = () => '<div class="table"><table>\n';
  rules.table_close = () => "</table></div>\n";
  // Alignment comes as a style attribute, which the window's policy forbids.
  for (const cell of ["th", "td"]) {
    rules[`${cell}_open`] = (tokens, n) => {
      const align = /text-align:(left|center|right)/.exec(String(tokens[n]?.attrGet("style") ?? ""))?.[1];
      return align ? `<${cell} align="${align}">` : `<${cell}>`;
    };
  }
  rules.fence = (tokens, n) => {
    const token = tokens[n];
    const language = /^[\w+#.-]{1,32}/.exec(token?.info.trim() ?? "")?.[0] ?? "";
    return `<figure class="code" data-language="${escapeHtml(language)}"><pre><code>${escapeHtml(token?.content ?? "")}</code></pre></figure>\n`;
  };
  rules.code_block = (tokens, n) =>
    `<figure class="code" data-language=""><pre><code>${escapeHtml(tokens[n]?.content ?? "")}</code></pre></figure>\n`;
  rules.image = (tokens, n) => {
    const token = tokens[n];
    if (!token) return "";
    const name = escapeHtml(pictureName(token));
    let depth = 0;
    for (const each of tokens.slice(0, n)) depth += each.type === "link_open" ? 1 : each.type === "link_close" ? -1 : 0;
    // A link inside a link is none: the outer one stays.
    if (depth > 0) return `<span class="picture">${name}</span>`;
    return `<a class="picture" href="${escapeHtml(String(token.attrGet("src") ?? ""))}">${name}</a>`;
  };
  return md;
}

const md = build();

/**
 * What reading one text leaves behind for the next: link definitions, and where a formula may have begun.
 * @typedef {object} Env
 * @property {Record<string, unknown>} references
 * @property {number} [undecided]
 */

/**
 * One block of the outermost level.
 * @typedef {object} Block
 * @property {string} html
 * @property {string} kind The type of its first token.
 * @property {[begin: number, end: number]} lines
 * @property {string} [code] The text of a code block.
 */

/**
 * Reads a text and gives the blocks of its outermost level.
 * @param {string} text
 * @param {Env} env Filled with the definitions found.
 * @returns {Block[]}
 */
export function parseBlocks(text, env) {
  const tokens = md.parse(text, /** @type {any} */ (env));
  /** @type {Block[]} */
  const blocks = [];
  for (let begin = 0; begin < tokens.length; ) {
    let end = begin;
    for (let depth = 0; end < tokens.length; end += 1) {
      depth += tokens[end]?.nesting ?? 0;
      if (depth === 0) break;
    }
    const first = /** @type {Token} */ (tokens[begin]);
    const slice = tokens.slice(begin, end + 1);
    blocks.push({
      html: md.renderer.render(slice, md.options, /** @type {any} */ (env)),
      kind: first.type,
      lines: /** @type {[number, number]} */ (first.map ?? [0, 0]),
      ...(first.type === "fence" || first.type === "code_block" ? { code: first.content } : {}),
    });
    begin = end + 1;
  }
  return blocks;
}

/**
 * Where the blocks of the outermost level begin and end, without what is inside a line.
 * @param {string} text
 * @param {Env} env
 * @returns {Array<Pick<Block, "kind" | "lines">>}
 */
export function outline(text, env) {
  /** @type {Token[]} */
  const tokens = [];
  md.block.parse(text.replace(/\r\n?/g, "\n").replaceAll("\0", "\ufffd"), md, /** @type {any} */ (env), tokens);
  return tokens
    .filter(({ level, nesting, map }) => level === 0 && nesting >= 0 && map)
    .map(({ type, map }) => ({ kind: type, lines: /** @type {[number, number]} */ (map) }));
}

/**
 * The whole text in one pass.
 * @param {string} text
 * @returns {string}
 */
export function renderWhole(text) {
  return parseBlocks(text, { references: {} })
    .map(({ html }) => html)
    .join("");
}
