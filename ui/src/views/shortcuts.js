/**
 * The sheet of shortcuts: made from the table of actions, so that it cannot say anything that the keyboard does not do. What
 * the list of conversations does with keys of its own is added here, because it is no action of the window.
 */
import { html } from "lit";
import { ACTIONS, keyCaps } from "../actions.js";
import { LightElement } from "../element.js";
import { t } from "../i18n.js";
import { navigation } from "../navigation.js";
import { session } from "../state/index.js";
import { CLOSE } from "./icons.js";
import "./shortcuts.css";

/** @typedef {{ words: string, keys: string[] }} Line */

const GROUPS = /** @type {const} */ (["general", "conversation", "list"]);

/** Keys that have a name in the reader's language. */
const NAMED = new Map([
  ["Enter", "key-enter"],
  ["Delete", "key-delete"],
  ["F2", "key-f2"],
]);

export class Shortcuts extends LightElement {
  static properties = { params: { attribute: false } };

  constructor() {
    super();
    /** @type {Readonly<Record<string, string>>} */
    this.params = {};
    this.watch(session);
  }

  render() {
    return html`
      <div class="shortcuts">
        <header class="shortcuts-head">
          <h2>${t("shortcuts-title")}</h2>
          <button class="button button--quiet shortcuts-close" autofocus aria-label=${t("action-close")} @click=${() => navigation.close()}>
            ${CLOSE}
          </button>
        </header>
        ${GROUPS.map((group) => this.#section(t(`shortcut-group-${group}`), linesOf(group)))}
      </div>
    `;
  }

  /**
   * @param {string} heading
   * @param {Line[]} lines
   */
  #section(heading, lines) {
    return html`
      <section>
        <h3>${heading}</h3>
        <dl>
          ${lines.map(
            ({ words, keys }) => html`
              <div class="shortcuts-line">
                <dt>${words}</dt>
                <dd>${keys.map((each) => html`<span class="shortcuts-keys">${this.#caps(each)}</span>`)}</dd>
              </div>
            `,
          )}
        </dl>
      </section>
    `;
  }

  /** @param {string} keys */
  #caps(keys) {
    return keyCaps(keys, session.platform).map((cap) => {
      const name = NAMED.get(cap);
      return html`<kbd>${name ? t(name) : cap}</kbd>`;
    });
  }
}

/**
 * @param {typeof GROUPS[number]} group
 * @returns {Line[]}
 */
function linesOf(group) {
  const lines = ACTIONS.filter((action) => action.group === group && action.keys).map(({ id, keys = [] }) => ({
    words: t(`shortcut-${id}`),
    // `=` stands for `+` on keyboards where that needs Shift: one of them is enough to read.
    keys: keys.filter((each) => each !== "Mod+="),
  }));
  if (group === "list") {
    lines.push(
      { words: t("shortcut-move"), keys: ["↑", "↓"] },
      { words: t("shortcut-open"), keys: ["Enter"] },
      { words: t("item-rename"), keys: ["F2"] },
      { words: t("item-delete"), keys: ["Delete"] },
    );
  }
  return lines;
}

customElements.define("c6-shortcuts", Shortcuts);
