/**
 * The window's one catalogue and its shorthand. Separate from `locale.js` because only a bundler can list the catalogue files.
 */
import { I18n } from "./locale.js";

/** @import { FluentVariable } from "@fluent/bundle" */

// Each file becomes a chunk of its own; a language costs nothing until it is used.
/** @type {Record<string, () => Promise<string>>} */
const catalogues = import.meta.glob("../locales/*/*.ftl", { query: "?raw", import: "default" });

/** @param {string} path @returns {string} */
const tagOf = (path) => path.split("/").at(-2) ?? "";

/** The window's one catalogue. */
export const i18n = new I18n([...new Set(Object.keys(catalogues).map(tagOf))], (tag) =>
  Promise.all(
    Object.entries(catalogues)
      .filter(([path]) => tagOf(path) === tag)
      .map(([, load]) => load()),
  ),
);

/**
 * A text in the reader's language.
 * @param {string} id
 * @param {Record<string, FluentVariable>} [vars]
 * @returns {string}
 */
export function t(id, vars) {
  return i18n.text(id, vars);
}
