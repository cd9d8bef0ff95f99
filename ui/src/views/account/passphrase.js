/**
 * How well a passphrase would hold against somebody who has the vault's file. A rough count of what they would have to try, not a
 * promise: length counts most, because that is what people can remember and machines cannot shorten.
 */

/** @typedef {"short" | "weak" | "fair" | "good"} Strength */

/** The fewest characters that are taken at all. */
export const SHORTEST = 8;

/**
 * @param {string} passphrase
 * @returns {Strength}
 */
export function strengthOf(passphrase) {
  const characters = [...passphrase];
  if (characters.length < SHORTEST) return "short";
  const words = passphrase.split(/\s+/).filter((word) => [...word].length >= 3);
  // A word of a list of some thousands has about 12 bits; more words are more than their letters by a machine's rules.
  const byWords = new Set(words.map((word) => word.toLowerCase())).size * 12;
  const byLetters = distinct(characters) * Math.log2(alphabet(passphrase));
  const bits = words.length >= 3 ? Math.max(byWords, Math.min(byLetters, byWords * 1.15)) : byLetters;
  if (bits < 45) return "weak";
  return bits < 60 ? "fair" : "good";
}

/**
 * Characters that are no repetition and no counting on of the one before.
 * @param {string[]} characters
 */
function distinct(characters) {
  let count = 0;
  for (const [at, character] of characters.entries()) {
    const step = (character.codePointAt(0) ?? 0) - (characters[at - 1]?.codePointAt(0) ?? -9);
    if (Math.abs(step) > 1) count += 1;
  }
  return count;
}

/**
 * How many characters somebody who guesses has to try in each place.
 * @param {string} passphrase
 */
function alphabet(passphrase) {
  let size = 0;
  if (/\p{Ll}/u.test(passphrase)) size += 26;
  if (/\p{Lu}/u.test(passphrase)) size += 26;
  if (/\p{Nd}/u.test(passphrase)) size += 10;
  if (/[^\p{L}\p{Nd}]/u.test(passphrase)) size += 20;
  return Math.max(size, 10);
}
