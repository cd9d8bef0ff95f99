/** What can be done with all selected conversations at once. */
import { html, nothing } from "lit";
import { deeds } from "../../deeds.js";
import { LightElement } from "../../element.js";
import { t } from "../../i18n.js";
import { navigation } from "../../navigation.js";
import { conversations, selection } from "../../state/index.js";
import "../confirm.js";
import { CLOSE, PIN } from "../icons.js";
import { ARCHIVE, EXPORT, FOLDER, MERGE, RESTORE, TRASH } from "./signs.js";
import "./selection-bar.css";

/** @import { TemplateResult } from "lit" */
/** @import { ConversationSummary } from "../../bridge/types.js" */
/** @import { Confirm } from "../confirm.js" */

export class SelectionBar extends LightElement {
  constructor() {
    super();
    this.watch(selection, conversations);
  }

  get #items() {
    return conversations.items.filter(({ id }) => selection.has(id));
  }

  render() {
    if (!selection.active) return nothing;
    const items = this.#items;
    const { kind } = conversations.scope;
    const pinned = items.length > 0 && items.every((each) => each.pinned);
    return html`
      <div class="selection" data-testid="selection-bar" role="toolbar" aria-label=${t("selection-actions")}>
        <div class="selection-head">
          <span class="selection-count" role="status">${t("selection-count", { count: items.length })}</span>
          <button class="selection-all" data-testid="selection-all" @click=${() => selection.all(conversations.items)}>
            ${t("selection-all")}
          </button>
          <button class="action" data-testid="selection-close" aria-label=${t("selection-end")} title=${t("selection-end")} @click=${() => selection.clear()}>
            ${CLOSE}
          </button>
        </div>
        <div class="selection-actions">
          ${
            kind === "deleted"
              ? html`${this.#action("restore", t("item-restore"), RESTORE, items, () => deeds.restore(items))}
                ${this.#action("purge", t("item-purge"), TRASH, items, () => this.#purge(items))}`
              : html`
                  ${this.#action("move", t("item-move"), FOLDER, items, (opener) => this.#move(items, opener))}
                  ${
                    kind === "archived"
                      ? this.#action("archive", t("item-unarchive"), RESTORE, items, () =>
                          deeds.archive(items, "unarchived"),
                        )
                      : this.#action("archive", t("item-archive"), ARCHIVE, items, () =>
                          deeds.archive(items, "archived"),
                        )
                  }
                  ${this.#action("pin", t(pinned ? "item-unpin" : "item-pin"), PIN, items, () => deeds.pin(items, !pinned))}
                  ${this.#action("merge", t("item-merge"), MERGE, items, () => deeds.merge(items), items.length < 2)}
                  ${this.#action("export", t("item-export"), EXPORT, items, () =>
                    navigation.open("export", { ids: items.map(({ id }) => id).join(" ") }),
                  )}
                  ${this.#action("delete", t("item-delete"), TRASH, items, () => deeds.delete(items))}
                `
          }
        </div>
        <c6-confirm></c6-confirm>
      </div>
    `;
  }

  /**
   * @param {string} name
   * @param {string} words
   * @param {TemplateResult} sign
   * @param {ConversationSummary[]} items
   * @param {(opener: HTMLElement) => unknown} act
   * @param {boolean} [disabled]
   */
  #action(name, words, sign, items, act, disabled = false) {
    return html`<button
      class="action selection-action"
      data-testid=${`selection-${name}`}
      aria-label=${words}
      title=${words}
      ?disabled=${disabled || items.length === 0}
      @click=${(/** @type {MouseEvent} */ event) => act(/** @type {HTMLElement} */ (event.currentTarget))}
    >
      ${sign}
    </button>`;
  }

  /**
   * @param {ConversationSummary[]} items
   * @param {HTMLElement} opener
   */
  #move(items, opener) {
    this.dispatchEvent(new CustomEvent("move-asked", { bubbles: true, detail: { items, opener } }));
  }

  /** @param {ConversationSummary[]} items */
  async #purge(items) {
    const confirm = /** @type {Confirm | null} */ (this.querySelector("c6-confirm"));
    const yes = await confirm?.ask({
      title: t("purge-title", { count: items.length }),
      help: t("purge-help"),
      yes: t("item-purge"),
    });
    if (yes) await deeds.purge(items);
  }
}

customElements.define("c6-selection-bar", SelectionBar);
