/**
 * A growing Markdown text on the page. Finished blocks are put there once and never touched again, so that selections, scroll
 * positions and the engine's layout of them last; only open blocks are exchanged, and of a growing code block only the
 * new letters are added. Holds no words of its own: labels are pseudo-elements and ARIA, so that `textContent` is the answer.
 */
import { copyText } from "../clipboard.js";
import { t } from "../i18n.js";
import { trustedFragment } from "../trusted.js";
import { colourLater } from "./colours.js";
import { layOutFormulas } from "./formulas.js";
import { GrowingMarkdown } from "./growing.js";
import "./prose.css";

/** @import { Block } from "./syntax.js" */

/** @typedef {{ element: HTMLElement, html: string, code: string | undefined, finished: boolean }} Placed */

export class MarkdownView {
  #root;
  #text = new GrowingMarkdown();
  /** @type {Placed[]} */
  #placed = [];

  /** @param {HTMLElement} root Empty; nothing else may write into it. */
  constructor(root) {
    this.#root = root;
  }

  /**
   * @param {string} text
   * @param {"growing" | "ended"} state
   */
  update(text, state) {
    const { frozen, revised, restarted } = this.#text.update(text, state);
    if (restarted) this.#cut(0);
    const blocks = this.#text.blocks;
    for (const n of revised) this.#placeAt(n, /** @type {Block} */ (blocks[n]), true);
    for (let n = 0; n < blocks.length; n += 1) {
      if (this.#placed[n]?.finished) continue;
      this.#placeAt(n, /** @type {Block} */ (blocks[n]), n < frozen);
    }
    this.#cut(blocks.length);
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
    const element = document.createElement("div");
    element.className = "block";
    // Each block runs as its own first letter says: an answer may quote another script, or mix several.
    element.dir = "auto";
    element.append(trustedFragment(block.html));
    layOutFormulas(element);
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
  const code = button.closest("figure")?.querySelector("code")?.textContent ?? "";
  void copyText(code.replace(/\n$/, "")).then((copied) => {
    if (!copied) return;
    button.dataset.label = t("code-copied");
    setTimeout(() => {
      button.dataset.label = t("code-copy");
    }, 1500);
  });
  return true;
}
