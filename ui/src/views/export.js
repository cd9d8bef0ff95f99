/**
 * Asks as what conversations are written: one, some, those of a project, or all. Where to is asked by the system's own dialog, after this.
 */
import { html, nothing } from "lit";
import { call } from "../bridge/index.js";
import { deeds } from "../deeds.js";
import { LightElement } from "../element.js";
import { t } from "../i18n.js";
import { navigation } from "../navigation.js";
import { conversation, conversations, projects, transfers } from "../state/index.js";
import { CLOSE } from "./icons.js";
import "./dialog.css";

/** @import { ExportFormat, ExportScope } from "../bridge/types.js" */

const FORMATS = /** @type {const} */ (["json", "markdown", "html"]);
const KEPT = "capibara6.export";

export class Export extends LightElement {
  static properties = { params: { attribute: false }, format: { state: true }, busy: { state: true } };

  constructor() {
    super();
    /** `ids` (apart by spaces) or `project`; all where both are absent. @type {Readonly<Record<string, string>>} */
    this.params = {};
    /** @type {ExportFormat} */
    this.format = FORMATS.find((each) => each === localStorage.getItem(KEPT)) ?? "json";
    this.busy = false;
    this.watch(transfers);
  }

  get #ids() {
    return this.params.ids?.split(" ").filter(Boolean) ?? [];
  }

  /** @returns {ExportScope} */
  get #what() {
    const { project } = this.params;
    if (project !== undefined) return { scope: "project", id: project };
    return this.#ids.length > 0 ? { scope: "conversations", ids: this.#ids } : { scope: "all" };
  }

  get #words() {
    const what = this.#what;
    if (what.scope === "all") return t("export-all");
    if (what.scope === "project") return t("export-project", { name: projects.get(what.id)?.name ?? "" });
    const [first] = what.ids;
    const title = first === undefined ? undefined : (conversations.get(first)?.title ?? titleOfOpen(first));
    return what.ids.length === 1 && title !== undefined
      ? t("export-one", { title })
      : t("export-many", { count: what.ids.length });
  }

  render() {
    const { error } = transfers;
    const [only] = this.#ids;
    return html`
      <form class="dialog" data-testid="export" @submit=${this.#submit}>
        <header class="dialog-head">
          <h2>${t("export-title")}</h2>
          <button type="button" class="action" aria-label=${t("action-close")} @click=${() => navigation.close()}>${CLOSE}</button>
        </header>
        <p class="dialog-lead" dir="auto">${this.#words}</p>
        <div class="choices" role="radiogroup" aria-label=${t("export-format")}>
          ${FORMATS.map(
            (format) => html`<label class="choice">
              <input
                type="radio"
                name="format"
                value=${format}
                data-testid=${`export-${format}`}
                ?autofocus=${format === this.format}
                .checked=${format === this.format}
                @change=${() => {
                  this.format = format;
                }}
              />
              <span><strong>${t(`export-${format}`)}</strong><span class="hint">${t(`export-${format}-help`)}</span></span>
            </label>`,
          )}
        </div>
        ${error ? html`<c6-error .error=${error}></c6-error>` : nothing}
        <footer class="dialog-foot">
          ${
            this.#ids.length === 1 && only !== undefined
              ? html`<button type="button" class="button button--quiet" data-testid="export-print" @click=${() => print(only)}>
                  ${t("export-print")}
                </button>`
              : nothing
          }
          <span class="dialog-gap"></span>
          <button type="button" class="button" @click=${() => navigation.close()}>${t("action-cancel")}</button>
          <button type="submit" class="button button--primary" data-testid="export-begin" ?disabled=${this.busy}>
            ${t("export-begin")}
          </button>
        </footer>
      </form>
    `;
  }

  /** @param {Event} event */
  async #submit(event) {
    event.preventDefault();
    localStorage.setItem(KEPT, this.format);
    this.busy = true;
    const begun = await transfers.export(this.#what, this.format);
    this.busy = false;
    // Where the person cancelled the system's dialog, this one is still there.
    if (begun) navigation.close();
  }
}

/** @param {string} id */
function titleOfOpen(id) {
  return conversation.id === id ? conversation.summary?.title : undefined;
}

/** @param {string} id */
function print(id) {
  navigation.close();
  void deeds.make(() => call("conversation_print", { id }));
}

customElements.define("c6-export", Export);
