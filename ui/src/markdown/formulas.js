/**
 * Formulas as MathML, which the engine lays out itself: no fonts and no inline styles. KaTeX is loaded with the first formula; until
 * then, and where it cannot read one, its source stays. Results are kept, because an open paragraph is rendered often.
 */
import { trustedFragment } from "../trusted.js";

/** @typedef {typeof import("katex")["default"]} Katex */

/** The longest source that is laid out, in characters. */
const LONGEST = 4000;
const KEPT = 400;

/** @type {Katex | undefined} */
let katex;
/** @type {Promise<unknown> | undefined} */
let loading;
/** @type {Map<string, string | null>} */
const known = new Map();

/**
 * @param {Katex} engine
 * @param {string} tex
 * @param {boolean} displayMode
 * @returns {string | null} Nothing where it is no formula that KaTeX knows.
 */
function mathML(engine, tex, displayMode) {
  const key = `${displayMode}${tex}`;
  const kept = known.get(key);
  if (kept !== undefined) return kept;
  /** @type {string | null} */
  let html = null;
  try {
    html = engine.renderToString(tex, {
      displayMode,
      output: "mathml",
      throwOnError: true,
      trust: false,
      strict: "ignore",
      maxSize: 20,
      maxExpand: 500,
    });
  } catch {
    // Not a formula, or one that goes beyond the limits: the reader sees its source.
  }
  if (known.size >= KEPT) known.delete(known.keys().next().value ?? "");
  known.set(key, html);
  return html;
}

/**
 * Lays out all formulas below `root`.
 * @param {Element} root
 */
export function layOutFormulas(root) {
  const sources = [...root.querySelectorAll(".math:not([data-done])")];
  if (sources.length === 0) return;
  const engine = katex;
  if (!engine) {
    loading ??= import("katex").then((module) => {
      katex = module.default;
    });
    void loading.then(() => root.isConnected && layOutFormulas(root));
    return;
  }
  for (const element of sources) {
    const tex = element.textContent ?? "";
    const display = element.getAttribute("data-display") === "true";
    const html = tex.length > LONGEST ? null : mathML(engine, tex, display);
    element.setAttribute("data-done", html === null ? "source" : "math");
    if (html === null) continue;
    const formula = trustedFragment(html);
    setOperators(formula);
    element.replaceChildren(formula);
  }
}

/** TeX's thin space. */
const THIN = "0.1667em";
const APPLY = "\u2061";
const VECTOR = "\u20d7";

/**
 * Sets what WebKit leaves to the author: the thin spaces around a named operator (`2 arcsin x`, not `2arcsinx`), and an arrow above
 * a letter as an arrow of its own, because the combining one is drawn beside the letter.
 * @param {ParentNode} formula
 */
function setOperators(formula) {
  for (const sign of formula.querySelectorAll("mo")) {
    if (sign.textContent === VECTOR) sign.textContent = "\u2192";
    if (sign.textContent !== APPLY) continue;
    /** @type {Element} */
    let first = sign.previousElementSibling ?? sign;
    /** @type {Element} */
    let last = sign;
    // With an index or a power, the whole of it is the operator.
    const base = sign.parentElement;
    const script = base?.parentElement;
    if (
      base &&
      script?.firstElementChild === base &&
      /^m(?:sub|sup|subsup|under|over|underover)$/.test(script.localName)
    ) {
      first = script;
      last = script;
    }
    const before = first.previousElementSibling;
    const after = last.nextElementSibling;
    if (before && before.localName !== "mo" && before.localName !== "mspace") first.before(thinSpace());
    if (after && after.localName !== "mo" && after.localName !== "mspace" && !opens(after)) last.after(thinSpace());
  }
}

/** @param {Element} element Whether it begins with a bracket. */
function opens(element) {
  return element.localName === "mrow" && element.firstElementChild?.getAttribute("fence") === "true";
}

function thinSpace() {
  const space = document.createElementNS("http://www.w3.org/1998/Math/MathML", "mspace");
  space.setAttribute("width", THIN);
  return space;
}
