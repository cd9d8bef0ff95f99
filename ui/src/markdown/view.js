/**
 * A growing Markdown text on the page. Finished blocks are put there once and never touched again, so that selections, scroll
 * positions and the engine's layout of them last; only open blocks are exchanged, and of a growing code block only the
 * new letters are added. Holds no words of its own: labels are pseudo-elements and ARIA, so that `textContent` is the answer.
 *
 * A long text that is there already is read from its end: its last piece at once, the others as the reader comes near them.
 */
import { copyText } from "../clipboard.js";
import { t } from "../i18n.js";
import { textHeight } from "../scrolling/guess.js";
import { trustedFragment } from "../trusted.js";
import { colourLater } from "./colours.js";
import { layOutFormulas } from "./formulas.js";
import { GrowingMarkdown } from "./growing.js";
import { split } from "./split.js";
import { Stretches } from "./stretches.js";
import { parseBlocks } from "./syntax.js";
import "./prose.css";

/** @import { Piece } from "./split.js" */
/** @import { Block } from "./syntax.js" */

/** @typedef {{ element: HTMLElement, html: string, code: string | undefined, finished: boolean }} Placed */

/**
 * What stands before the part that is read at once.
 * @typedef {{ text: string, pieces: Piece[], stretches: Stretches }} Earlier
 */

/** From how many characters on a text is read in pieces. */
export const LONG = 16_000;
/** What a line of prose has, for guessing how high it is. */
const MEASURE = { letters: 92, line: 26 };

/** The code that begins in a figure and goes on in those after it. @type {WeakMap<Element, () => string>} */
const wholeCode = new WeakMap();

export class MarkdownView {
  #root;
  #text = new GrowingMarkdown();
  /** @type {Placed[]} */
  #placed = [];
  /** @type {Earlier | undefined} */
  #earlier;

  /** @param {HTMLElement} root Empty; nothing else may write into it. */
  constructor(root) {
    this.#root = root;
  }

  /**
   * @param {string} text
   * @param {"growing" | "ended"} state
   */
  update(text, state) {
    if (this.#earlier && !text.startsWith(this.#earlier.text)) {
      this.#earlier.stretches.remove();
      this.#earlier = undefined;
      this.#restart();
    }
    if (!this.#earlier && this.#placed.length === 0 && text.length > LONG) this.#readInPieces(text);
    const { frozen, revised, restarted } = this.#text.update(text.slice(this.#earlier?.text.length ?? 0), state);
    if (restarted) this.#cut(0);
    const blocks = this.#text.blocks;
    for (const n of revised) this.#placeAt(n, /** @type {Block} */ (blocks[n]), true);
    for (let n = 0; n < blocks.length; n += 1) {
      if (this.#placed[n]?.finished) continue;
      this.#placeAt(n, /** @type {Block} */ (blocks[n]), n < frozen);
    }
    this.#cut(blocks.length);
  }

  #restart() {
    this.#cut(0);
    this.#text = new GrowingMarkdown();
  }

  /** @param {string} text */
  #readInPieces(text) {
    const { pieces, definitions } = split(text);
    const last = pieces.pop();
    // What goes on with a block of the piece before cannot be read by itself: then all of them are pieces.
    const whole = last !== undefined && last.before === "" && last.codeFrom < 0;
    if (last && !whole) pieces.push(last);
    const length = whole ? last.begin : text.length;
    if (pieces.length === 0) return;
    /** @type {Record<string, unknown>} */
    const references = {};
    if (definitions !== "") parseBlocks(definitions, { references });
    this.#text = new GrowingMarkdown(references);
    const stretches = new Stretches(
      this.#root,
      pieces.map((piece) => ({
        guess: Math.round(textHeight(text.slice(piece.begin, piece.end), MEASURE)),
        fill: (element) => this.#fill(element, text, piece, references),
      })),
    );
    this.#earlier = { text: text.slice(0, length), pieces, stretches };
    if (!whole) stretches.show(pieces.length - 1);
    if (this.#root.isConnected) stretches.connect();
  }

  /**
   * @param {HTMLElement} element
   * @param {string} text
   * @param {Piece} piece
   * @param {Record<string, unknown>} references
   */
  #fill(element, text, { begin, end, before, after, codeFrom }, references) {
    const source = before + text.slice(begin, end) + after;
    for (const [n, { html }] of parseBlocks(source, { references: Object.create(references) }).entries()) {
      const block = blockOf(html);
      const figure = n === 0 && codeFrom >= 0 ? block.querySelector("figure.code") : null;
      figure?.setAttribute("data-goes-on", "");
      element.append(block);
      this.#finish(block);
    }
    const broken = after === "" ? null : element.lastElementChild?.querySelector("figure.code");
    if (!broken) return;
    broken.setAttribute("data-broken", "");
    const mark = after.trim();
    wholeCode.set(broken, () => {
      const opened = text.lastIndexOf(`\n${mark}`, end - 1);
      const from = text.indexOf("\n", opened + 1) + 1;
      const close = text.indexOf(`\n${mark}`, end - 1);
      return text.slice(from, close < 0 ? text.length : close);
    });
  }

  /** Whether only a part of the text is on the page. */
  get partial() {
    return this.#earlier !== undefined;
  }

  /**
   * Puts the part of the text on the page in which a letter stands.
   * @param {number} at Its place in the text.
   * @returns {HTMLElement | undefined} What holds it, where the text is in pieces.
   */
  show(at) {
    const n = this.#earlier?.pieces.findIndex(({ begin, end }) => begin <= at && at < end) ?? -1;
    return n < 0 ? undefined : this.#earlier?.stretches.show(n);
  }

  /** The element is on the page again. */
  connect() {
    this.#earlier?.stretches.connect();
  }

  disconnect() {
    this.#earlier?.stretches.disconnect();
  }

  /**
   * @param {number} n
   * @param {Block} block
   * @param {boolean} finished
   */
  #placeAt(n, block, finished) {
    const former = this.#placed[n];
    if (former?.html === block.html) {
      // Already on the page, perhaps with the reader's selection in it.
      if (finished && !former.finished) this.#finish(former.element);
      this.#placed[n] = { ...former, finished };
      return;
    }
    if (former && !finished && grows(former, block)) {
      const code = former.element.querySelector("code");
      const letters = code?.firstChild;
      if (letters instanceof Text && former.code !== undefined) {
        letters.appendData(block.code.slice(former.code.length));
        this.#placed[n] = { ...former, html: block.html, code: block.code };
        return;
      }
    }
    const element = blockOf(block.html);
    if (former) former.element.replaceWith(element);
    else this.#root.append(element);
    this.#placed[n] = { element, html: block.html, code: block.code, finished };
    if (finished) this.#finish(element);
  }

  /** @param {number} from */
  #cut(from) {
    for (const { element } of this.#placed.splice(from)) element.remove();
  }

  /** What a block gets once it is finished. @param {HTMLElement} element */
  #finish(element) {
    colourLater(element);
    for (const figure of element.querySelectorAll("figure.code")) {
      const pre = figure.querySelector("pre");
      const language = figure.getAttribute("data-language");
      if (pre) {
        pre.tabIndex = 0;
        pre.setAttribute("role", "group");
        pre.setAttribute("aria-label", t("code-language", { language: language || t("code-plain") }));
      }
      const copy = document.createElement("button");
      copy.type = "button";
      copy.className = "code-copy";
      copy.setAttribute("aria-label", t("code-copy"));
      copy.dataset.label = t("code-copy");
      figure.append(copy);
    }
    for (const table of element.querySelectorAll(".table")) {
      if (!(table instanceof HTMLElement)) continue;
      table.tabIndex = 0;
      table.setAttribute("role", "group");
      table.setAttribute("aria-label", t("table-label"));
    }
    for (const picture of element.querySelectorAll("a.picture")) {
      picture.setAttribute("aria-label", t("image-blocked", { alt: picture.textContent ?? "" }));
      picture.setAttribute("title", t("image-blocked-help"));
    }
  }
}

/** @param {string} html */
function blockOf(html) {
  const element = document.createElement("div");
  element.className = "block";
  // Each block runs as its own first letter says: an answer may quote another script, or mix several.
  element.dir = "auto";
  element.append(trustedFragment(html));
  layOutFormulas(element);
  return element;
}

/**
 * @param {Placed} former
 * @param {Block} block
 * @returns {block is Block & { code: string }} Whether it is the same code block with more at its end.
 */
function grows(former, block) {
  return (
    former.code !== undefined &&
    former.code !== "" &&
    block.code?.startsWith(former.code) === true &&
    opening(former.html) === opening(block.html)
  );
}

/** @param {string} html */
function opening(html) {
  return html.slice(0, html.indexOf("<pre>"));
}

/**
 * Copies the code whose button was pressed. For one listener above all messages.
 * @param {Event} event
 * @returns {boolean} Whether it was such a button.
 */
export function copyCode(event) {
  const button = event.target instanceof Element ? event.target.closest(".code-copy") : null;
  if (!(button instanceof HTMLElement)) return false;
  const figure = button.closest("figure");
  const code = (figure && wholeCode.get(figure)?.()) ?? figure?.querySelector("code")?.textContent ?? "";
  void copyText(code.replace(/\n$/, "")).then((copied) => {
    if (!copied) return;
    button.dataset.label = t("code-copied");
    setTimeout(() => {
      button.dataset.label = t("code-copy");
    }, 1500);
  });
  return true;
}
