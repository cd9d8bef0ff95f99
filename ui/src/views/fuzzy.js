/**
 * Finds what somebody means by a few letters: without accents and case, every word of the query somewhere in the text, at best
 * at the beginning of a word, at worst as letters in the right order. Used by the palette and by the search over titles.
 */

/**
 * The text without accents and case, for comparing. `ñ` becomes `n`, `İ` becomes `i`, `ß` becomes `ss`.
 * @param {string} text
 * @returns {string}
 */
export function fold(text) {
  return text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/ß/g, "ss")
    .normalize("NFKD")
    .replace(/\p{M}/gu, "");
}

/**
 * Whether every word of the query is part of the text.
 * @param {string} query
 * @param {string} text
 * @returns {boolean}
 */
export function contains(query, text) {
  const haystack = fold(text);
  return words(query).every((word) => haystack.includes(word));
}

/**
 * How well a text answers a query.
 * @param {string} query
 * @param {string} text
 * @returns {number} Higher is better; 0 where it does not match; 1 where the query is empty.
 */
export function score(query, text) {
  const wanted = words(query);
  if (wanted.length === 0) return 1;
  const haystack = fold(text);
  let total = 0;
  for (const word of wanted) {
    const part = scoreWord(word, haystack);
    if (part === 0) return 0;
    total += part;
  }
  // Between equal matches the shorter text is the more exact one; never as much as one class of match.
  return total / wanted.length + 1 / (1 + haystack.length);
}

/**
 * @param {string} query
 * @returns {string[]}
 */
function words(query) {
  return fold(query).split(/\s+/u).filter(Boolean);
}

/**
 * @param {string} word
 * @param {string} text Both folded.
 * @returns {number} 10 at the very beginning, 8 at the beginning of a word, 5 inside one, 1 to 3 as scattered letters, 0 not at all.
 */
function scoreWord(word, text) {
  const at = text.indexOf(word);
  if (at === 0) return 10;
  if (at > 0) {
    for (let next = at; next !== -1; next = text.indexOf(word, next + 1)) {
      if (!/[\p{L}\p{N}]/u.test(text[next - 1] ?? "")) return 8;
    }
    return 5;
  }
  return word.length < 3 ? 0 : scattered(word, text);
}

/**
 * Letters in the right order, each near the one before: `nvcnv` finds “nueva conversación”, not any long text.
 * @param {string} word
 * @param {string} text
 * @returns {number}
 */
function scattered(word, text) {
  let at = text.indexOf(word[0] ?? "");
  if (at > 0 && /[\p{L}\p{N}]/u.test(text[at - 1] ?? "")) return 0;
  const begin = at;
  for (const letter of word.slice(1)) {
    if (at === -1) return 0;
    at = text.indexOf(letter, at + 1);
  }
  if (at === -1) return 0;
  const stretch = (at - begin + 1) / word.length;
  return stretch > 4 ? 0 : 1 + 2 / stretch;
}
