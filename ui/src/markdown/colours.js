/**
 * Colours for finished code blocks that come near the view. By classes only. Loaded with the first block that asks for it; a block
 * that is too long, in an unknown language, or just being selected stays plain.
 */
import { trustedFragment } from "../trusted.js";

/** @typedef {typeof import("highlight.js/lib/common")["default"]} Highlighter */

/** The longest block that is coloured, in characters: the lexers work line by line, but in one go. */
const LONGEST = 40_000;

/** @type {Promise<Highlighter> | undefined} */
let loading;

/** @param {Element} figure */
async function colour(figure) {
  const code = figure.querySelector("code");
  const text = code?.textContent ?? "";
  const language = figure.getAttribute("data-language") ?? "";
  if (!code || language === "" || text.length > LONGEST) return;
  loading ??= import("highlight.js/lib/common").then((module) => module.default);
  const highlighter = await loading;
  // A task of its own for each block: reading the lexers, and the first use of each, take long enough by themselves.
  await new Promise((resolve) => setTimeout(resolve));
  if (!highlighter.getLanguage(language)) return;
  const selection = document.getSelection();
  if (selection && !selection.isCollapsed && selection.containsNode(code, true)) return;
  const fragment = trustedFragment(highlighter.highlight(text, { language, ignoreIllegals: true }).value);
  // The words are what counts: colours that would change one are not shown.
  if (fragment.textContent === text && code.textContent === text) code.replaceChildren(fragment);
}

const near = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      void colour(target);
    }
  },
  { rootMargin: "400px" },
);

/** @param {Element} root */
export function colourLater(root) {
  for (const figure of root.querySelectorAll("figure.code")) near.observe(figure);
}
