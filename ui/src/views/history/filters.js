/** What narrows the search, as chips: they are folded away until they are asked for or one of them is set. */
import { html, nothing } from "lit";
import { LightElement } from "../../element.js";
import { t } from "../../i18n.js";
import { projects, search, session } from "../../state/index.js";
import { CARET_DOWN, FILTER } from "./signs.js";

/** @import { SearchFilters } from "../../bridge/types.js" */

const DAY = 24 * 60 * 60_000;
/** Spans of time that can be chosen, in days. */
const SPANS = /** @type {const} */ ([
  ["week", 7],
  ["month", 31],
  ["year", 365],
]);

export class SearchFilterChips extends LightElement {
  static properties = { _open: { state: true }, _span: { state: true } };

  constructor() {
    super();
    this._open = false;
    /** Which span of time is chosen. */
    this._span = "";
    this.watch(search, projects, session);
  }

  render() {
    const { filters, hits, busy, more, filtered, active } = search;
    if (!active) {
      this._span = "";
      return nothing;
    }
    const open = this._open || filtered;
    const count =
      busy && hits.length === 0
        ? t("search-busy")
        : t(more ? "search-count-more" : "search-count", { count: hits.length });
    return html`
      <div class="filters-line">
        <span class="filters-count" role="status" data-testid="search-count">${count}</span>
        <button
          class="filters-toggle"
          data-testid="search-filters"
          ?data-set=${filtered}
          aria-expanded=${open}
          aria-controls="search-filters"
          @click=${() => {
            if (filtered) {
              this._span = "";
              search.filter({
                model: undefined,
                role: undefined,
                from: undefined,
                to: undefined,
                project: undefined,
                pinned: false,
                has_code: false,
                archive: "include",
              });
            }
            this._open = !open;
          }}
        >
          ${FILTER}${t(filtered ? "search-filters-clear" : "search-filters")}
        </button>
      </div>
      <div class="filters" id="search-filters" role="group" aria-label=${t("search-filters")} ?hidden=${!open}>
        ${this.#choice(
          "date",
          this._span,
          t("filter-date"),
          [
            ["", t("filter-date-any")],
            ...SPANS.map(([name]) => /** @type {[string, string]} */ ([name, t(`filter-date-${name}`)])),
          ],
          (value) => {
            this._span = value;
            const days = SPANS.find(([name]) => name === value)?.[1];
            search.filter({ from: days === undefined ? undefined : Date.now() - days * DAY });
          },
        )}
        ${this.#choice(
          "role",
          filters.role ?? "",
          t("filter-role"),
          [
            ["", t("filter-role-any")],
            ["user", t("filter-role-user")],
            ["assistant", t("filter-role-assistant")],
          ],
          (value) => search.filter({ role: value === "" ? undefined : /** @type {SearchFilters["role"]} */ (value) }),
        )}
        ${this.#choice(
          "model",
          filters.model ?? "",
          t("filter-model"),
          [
            ["", t("filter-model-any")],
            ...session.models.map(({ id }) => /** @type {[string, string]} */ ([id, session.labelOf(id)])),
          ],
          (value) => search.filter({ model: value === "" ? undefined : value }),
        )}
        ${
          projects.items.length === 0
            ? nothing
            : this.#choice(
                "project",
                filters.project ?? "",
                t("filter-project"),
                [
                  ["", t("filter-project-any")],
                  ...projects.items.map(({ id, name }) => /** @type {[string, string]} */ ([id, name])),
                ],
                (value) => search.filter({ project: value === "" ? undefined : value }),
              )
        }
        ${this.#switch("pinned", filters.pinned, t("filter-pinned"), (on) => search.filter({ pinned: on }))}
        ${this.#switch("code", filters.has_code, t("filter-code"), (on) => search.filter({ has_code: on }))}
        ${this.#choice(
          "archive",
          filters.archive,
          t("filter-archive"),
          [
            ["include", t("filter-archive-include")],
            ["exclude", t("filter-archive-exclude")],
            ["only", t("filter-archive-only")],
          ],
          (value) => search.filter({ archive: /** @type {SearchFilters["archive"]} */ (value) }),
        )}
      </div>
    `;
  }

  /**
   * @param {string} name
   * @param {string} value
   * @param {string} label
   * @param {Array<[value: string, words: string]>} options The first is none.
   * @param {(value: string) => void} choose
   */
  #choice(name, value, label, options, choose) {
    return html`<span class="chip-select">
      <select
        class="chip"
        data-testid=${`filter-${name}`}
        aria-label=${label}
        ?data-set=${value !== options[0]?.[0]}
        .value=${value}
        @change=${(/** @type {Event} */ event) => choose(/** @type {HTMLSelectElement} */ (event.target).value)}
      >
        ${options.map(([each, words]) => html`<option value=${each} ?selected=${each === value}>${words}</option>`)}
      </select>
      ${CARET_DOWN}
    </span>`;
  }

  /**
   * @param {string} name
   * @param {boolean} on
   * @param {string} words
   * @param {(on: boolean) => void} turn
   */
  #switch(name, on, words, turn) {
    return html`<button class="chip" data-testid=${`filter-${name}`} aria-pressed=${on} @click=${() => turn(!on)}>${words}</button>`;
  }
}

customElements.define("c6-search-filters", SearchFilterChips);
