/** Markdown in one line, where there is no room for more: for cards, points and what a screen reader says. */

/**
 * The beginning of an answer without its marks, for a line or two.
 * @param {string} text
 */
export const excerpt = (text) => plain(text.slice(0, 600)).slice(0, 220);

/** Marks of emphasis: before a word that begins or behind one that ends. `snake_case`, `6*7` and `2 * 3` are none. */
const EMPHASIS = /(?<![\p{L}\p{N}])[*_]+(?=[^\s*_])|(?<=[^\s*_])[*_]+(?![\p{L}\p{N}])/gu;

/**
 * A text in one line and without its marks.
 * @param {string} text
 */
export function plain(text) {
  return text
    .replace(/^```.*$/gm, " ")
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/^\s*(?:#{1,6}|>|[-*+]|\d+\.)\s+/gm, "")
    .replace(/`+|(?<!\|)\|(?!\|)/g, "")
    .replace(EMPHASIS, "")
    .replace(/\s+/g, " ")
    .trim();
}
