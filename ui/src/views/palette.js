/**
 * The command palette: one field over everything that has a name here: actions, conversations, models, modes, settings,
 * languages and colours. The field keeps the focus and points at the chosen option (the combobox pattern of the ARIA
 * Authoring Practices); the best match is chosen from the first letter on.
 */
import { html, nothing } from "lit";
import { ACTIONS, keyCaps, run } from "../actions.js";
import { LightElement } from "../element.js";
import { i18n, t } from "../i18n.js";
import { isComposing } from "../ime.js";
import { navigation } from "../navigation.js";
import { conversation, conversations, health, search, session, settings } from "../state/index.js";
import { score } from "./fuzzy.js";
import { CHECK } from "./icons.js";
import { SECTIONS } from "./settings-sections.js";
import "./palette.css";

/** @import { TemplateResult } from "lit" */

/**
 * @typedef {object} Entry
 * @property {string} id Unique in the palette; also the end of the option's element id.
 * @property {string} words What is shown and searched.
 * @property {string} [keys] Its shortcut.
 * @property {boolean} [current] Whether this is what is in use.
 * @property {TemplateResult} [sign] Stands before the words.
 * @property {() => void} run
 */

/** @typedef {{ id: string, entries: Entry[] }} Group */

/** How many of one group are shown. */
const MOST = 8;

/** How many conversations are looked through. */
const LATEST = 1_000;

/** How many conversations are shown before anything is typed. */
const RECENT = 5;

export class Palette extends LightElement {
  static properties = { params: { attribute: false }, query: { state: true }, chosen: { state: true } };

  constructor() {
    super();
    /** @type {Readonly<Record<string, string>>} */
    this.params = {};
    this.query = "";
    /** Which entry Enter runs, counted over all that are shown. */
    this.chosen = 0;
    this.watch(conversations, session, settings, health);
  }

  /** What is shown, best group first once something is typed. @returns {Group[]} */
  get groups() {
    const query = this.query.trim();
    const groups = this.#everything().map(({ id, entries }) => ({
      id,
      entries: entries
        // By its own words first; by the name of its group as well, so that “models” finds all of them.
        .map((entry) => ({
          entry,
          points: score(query, entry.words) || score(query, `${entry.words} ${t(`palette-group-${id}`)}`) / 10,
        }))
        .filter(({ points }) => points > 0)
        .sort((a, b) => b.points - a.points),
    }));
    if (query !== "") groups.sort((a, b) => (b.entries[0]?.points ?? 0) - (a.entries[0]?.points ?? 0));
    const found = groups
      .map(({ id, entries }) => ({
        id,
        entries: entries.slice(0, query === "" && id === "conversations" ? RECENT : MOST).map(({ entry }) => entry),
      }))
      .filter(({ entries }) => entries.length > 0);
    const everywhere = this.#everywhere();
    return everywhere.length > 0 ? [...found, { id: "search", entries: everywhere }] : found;
  }

  /** The way from here to everything that was said. @returns {Entry[]} */
  #everywhere() {
    const query = this.query.trim();
    if (query === "" || session.phase !== "ready") return [];
    return [
      {
        id: "search",
        words: t("palette-search", { query }),
        run: () => {
          run("find");
          search.type(query);
        },
      },
    ];
  }

  /** @returns {Group[]} In the order in which they stand before anything is typed. */
  #everything() {
    const { mode, model, theme } = settings.values;
    const always = [
      { id: "actions", entries: actions() },
      {
        id: "settings",
        entries: SECTIONS.map((section) => ({
          id: `settings-${section}`,
          words: t("palette-open-settings", { section: t(`settings-${section}`) }),
          run: () => navigation.open("settings", { section }),
        })),
      },
      {
        id: "locales",
        entries: i18n.languages.map(({ tag, name }) => ({
          id: `locale-${tag}`,
          words: t("palette-use-locale", { language: name }),
          current: i18n.tag === tag,
          run: () => void settings.update({ locale: tag }),
        })),
      },
      {
        id: "themes",
        entries: /** @type {const} */ (["system", "light", "dark"]).map((each) => ({
          id: `theme-${each}`,
          words: t("palette-use-theme", { theme: t(`settings-theme-${each}`) }),
          current: theme === each,
          run: () => void settings.update({ theme: each }),
        })),
      },
    ];
    const [first, ...rest] = always;
    if (session.phase !== "ready" || !first) return always;
    return [
      {
        id: "conversations",
        // The latest ones: further back the search over everything is the way.
        entries: conversations.items.slice(0, LATEST).map(({ id, title }) => ({
          id: `conversation-${id}`,
          words: title,
          current: id === conversation.id,
          run: () => void conversation.open(id),
        })),
      },
      first,
      {
        id: "models",
        entries: session.models.map(({ id }, place) => ({
          id: `model-${place}`,
          words: t("palette-use-model", { model: session.labelOf(id) }),
          sign: html`<span class="dot" data-hue=${session.hueOf(id) ?? nothing} data-state=${health.of(id)?.state ?? "unknown"}></span>`,
          current: mode === "single" && model === id,
          run: () => void settings.update({ mode: "single", model: id }),
        })),
      },
      {
        id: "modes",
        entries: /** @type {const} */ (["auto", "single", "consensus"]).map((each) => ({
          id: `mode-${each}`,
          words: t("palette-use-mode", { mode: t(`mode-${each}`) }),
          current: mode === each,
          run: () => void settings.update({ mode: each }),
        })),
      },
      ...rest,
    ];
  }

  render() {
    const { groups } = this;
    const entries = groups.flatMap((group) => group.entries);
    const chosen = entries[this.chosen] ?? entries[0];
    return html`
      <div class="palette" data-testid="palette">
        <input
          class="palette-field"
          type="text"
          role="combobox"
          autofocus
          autocomplete="off"
          autocapitalize="off"
          spellcheck="false"
          aria-label=${t("palette-title")}
          aria-expanded="true"
          aria-controls="palette-list"
          aria-autocomplete="list"
          aria-activedescendant=${chosen ? optionId(chosen) : nothing}
          placeholder=${t("palette-placeholder")}
          .value=${this.query}
          @input=${(/** @type {InputEvent} */ event) => {
            this.query = /** @type {HTMLInputElement} */ (event.target).value;
            this.chosen = 0;
          }}
          @keydown=${(/** @type {KeyboardEvent} */ event) => this.#onKey(event, entries)}
        />
        <div class="palette-list" id="palette-list" role="listbox" aria-label=${t("palette-title")}>
          ${groups.map((group) => this.#group(group, chosen))}
        </div>
        ${entries.length === 0 ? html`<p class="palette-empty">${t("palette-empty", { query: this.query.trim() })}</p>` : nothing}
        <p class="sr-only" role="status">${this.query.trim() === "" ? nothing : t("palette-results", { count: entries.length })}</p>
        <p class="palette-keys" aria-hidden="true">
          <span><kbd>↑</kbd><kbd>↓</kbd> ${t("palette-hint-move")}</span>
          <span><kbd>${t("key-enter")}</kbd> ${t("palette-hint-run")}</span>
          <span><kbd>${keyCaps("Escape", session.platform)}</kbd> ${t("palette-hint-close")}</span>
        </p>
      </div>
    `;
  }

  /**
   * @param {Group} group
   * @param {Entry | undefined} chosen
   */
  #group({ id, entries }, chosen) {
    return html`
      <div role="group" aria-labelledby=${`palette-group-${id}`}>
        <div class="palette-heading" id=${`palette-group-${id}`} role="presentation">${t(`palette-group-${id}`)}</div>
        ${entries.map(
          (entry) => html`
            <div
              class="palette-option"
              role="option"
              id=${optionId(entry)}
              data-entry=${entry.id}
              aria-selected=${entry.id === chosen?.id}
              @click=${() => this.#run(entry)}
            >
              ${entry.sign ?? nothing}
              <span class="palette-words" dir="auto">${entry.words}</span>
              ${
                entry.current
                  ? html`<span class="palette-current">${CHECK}<span class="sr-only">${t("palette-current")}</span></span>`
                  : nothing
              }
              ${
                entry.keys
                  ? html`<span class="palette-shortcut">
                      ${keyCaps(entry.keys, session.platform).map((cap) => html`<kbd>${cap}</kbd>`)}
                    </span>`
                  : nothing
              }
            </div>
          `,
        )}
      </div>
    `;
  }

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    if (!changed.has("chosen") && !changed.has("query")) return;
    const list = this.querySelector(".palette-list");
    const option = list?.querySelector("[aria-selected=true]");
    // The heading of the first entry belongs to it.
    if (this.chosen === 0) list?.scrollTo({ top: 0 });
    else option?.scrollIntoView({ block: "nearest" });
  }

  /**
   * @param {KeyboardEvent} event
   * @param {Entry[]} entries
   */
  #onKey(event, entries) {
    if (isComposing(event) || event.altKey || event.ctrlKey || event.metaKey) return;
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: MOST, PageUp: -MOST }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      const last = entries.length - 1;
      const next = this.chosen + step;
      // One step beyond an end goes round; a page stops there.
      this.chosen = Math.abs(step) > 1 ? Math.max(0, Math.min(next, last)) : next < 0 ? last : next > last ? 0 : next;
    } else if (event.key === "Enter") {
      event.preventDefault();
      const entry = entries[this.chosen];
      if (entry) this.#run(entry);
    }
  }

  /** @param {Entry} entry */
  #run(entry) {
    navigation.close();
    entry.run();
  }
}

/** @returns {Entry[]} */
function actions() {
  return ACTIONS.filter((action) => action.listed !== false && action.possible?.() !== false).map((action) => ({
    id: `action-${action.id}`,
    words: t(`shortcut-${action.id}`),
    ...(action.keys?.[0] ? { keys: action.keys[0] } : {}),
    run: () => void run(action.id),
  }));
}

/** @param {Entry} entry */
function optionId({ id }) {
  return `palette-${id}`;
}

customElements.define("c6-palette", Palette);
