/**
 * The sidebar: a search over everything that was said, the projects, the conversations by day, what can be done with those that are selected,
 * and the way to a new one. It never deletes for good: what is taken away leaves the list at once and a bar keeps the way back
 * until it is dismissed.
 *
 * Event: `conversation-picked`, when somebody opened a conversation or began a new one from here.
 */
import { html, nothing } from "lit";
import { ACTIONS, keyCaps, run } from "../actions.js";
import { call } from "../bridge/index.js";
import { deeds } from "../deeds.js";
import { LightElement } from "../element.js";
import { t } from "../i18n.js";
import { isComposing } from "../ime.js";
import { navigation } from "../navigation.js";
import { conversation, conversations, projects, search, selection, session, undo } from "../state/index.js";
import "./account/row.js";
import "./history/filters.js";
import "./history/list.js";
import "./history/projects.js";
import "./history/results.js";
import "./history/selection-bar.js";
import { ARCHIVE, DUPLICATE, EXPORT, FOLDER, PRINT, RENAME, RESTORE, SELECT, TRASH } from "./history/signs.js";
import "./history/transfers.js";
import { CLOSE, GEAR, MARK, PIN } from "./icons.js";
import "./menu.js";
import "./sidebar.css";

/** @import { ConversationSummary } from "../bridge/types.js" */
/** @import { Confirm } from "./confirm.js" */
/** @import { ConversationListView, MenuRequest } from "./history/list.js" */
/** @import { ProjectMenuRequest, ProjectsView } from "./history/projects.js" */
/** @import { SearchResults } from "./history/results.js" */
/** @import { Entry, Menu } from "./menu.js" */

export class Sidebar extends LightElement {
  static properties = { chosen: { state: true } };

  constructor() {
    super();
    /** The element id of the hit that Enter opens. @type {string | undefined} */
    this.chosen = undefined;
    this.watch(conversations, conversation, session, navigation, search, undo, deeds);
  }

  get #list() {
    return /** @type {ConversationListView | null} */ (this.querySelector("c6-conversation-list"));
  }

  get #projects() {
    return /** @type {ProjectsView | null} */ (this.querySelector("c6-projects"));
  }

  get #results() {
    return /** @type {SearchResults | null} */ (this.querySelector("c6-search-results"));
  }

  get #menu() {
    return /** @type {Menu | null} */ (this.querySelector("c6-menu"));
  }

  render() {
    if (session.locked) return this.#locked();
    const searching = search.active;
    return html`
      <div class="sidebar-brand">${MARK}<span>${t("app-name")}</span></div>
      ${this.#search(searching)}
      <c6-search-filters></c6-search-filters>
      ${
        searching
          ? nothing
          : html`<button class="sidebar-new" data-testid="new-chat" @click=${this.#begin}>
              <span class="sidebar-plus" aria-hidden="true">+</span>${t("sidebar-new")}
            </button>`
      }
      <nav
        class="sidebar-list"
        data-testid="conversation-list"
        tabindex=${searching ? 0 : nothing}
        aria-label=${t(searching ? "search-results" : "sidebar-list")}
        aria-busy=${conversations.loading}
        @keydown=${(/** @type {KeyboardEvent} */ event) => this.#list?.onKey(event)}
        @focusin=${(/** @type {FocusEvent} */ event) => this.#list?.onFocus(event)}
        @conversation-picked=${this.#onPicked}
        @conversation-menu=${this.#onMenu}
        @project-menu=${this.#onProjectMenu}
        @list-emptied=${() => this.#focusNew()}
      >
        ${searching ? html`<c6-search-results></c6-search-results>` : html`<c6-projects></c6-projects><c6-conversation-list></c6-conversation-list>`}
      </nav>
      ${
        deeds.error
          ? html`<div class="sidebar-error">
              <c6-error .error=${deeds.error}></c6-error>
              <button class="sidebar-undo-close" aria-label=${t("action-close")} @click=${() => deeds.dismissError()}>${CLOSE}</button>
            </div>`
          : nothing
      }
      <c6-selection-bar @move-asked=${this.#onMoveAsked}></c6-selection-bar>
      ${this.#undo()}
      <c6-transfers></c6-transfers>
      <p class="sr-only" role="status">${deeds.said}</p>
      ${this.#foot()}
      <c6-menu></c6-menu>
    `;
  }

  /** Nothing of the history, and the way to other accounts and to the settings. */
  #locked() {
    return html`<div class="sidebar-brand">${MARK}<span>${t("app-name")}</span></div>
      <div class="sidebar-list"></div>
      ${this.#foot()}`;
  }

  /** @param {boolean} searching */
  #search(searching) {
    const keys = ACTIONS.find(({ id }) => id === "find")?.keys?.[0];
    return html`
      <div class="sidebar-search" role="search">
        <input
          class="field"
          type="search"
          role="combobox"
          data-testid="search"
          autocomplete="off"
          spellcheck="false"
          aria-label=${t("sidebar-search")}
          aria-describedby="sidebar-search-help"
          aria-autocomplete="list"
          aria-expanded=${searching}
          aria-controls=${searching ? "search-results" : nothing}
          aria-activedescendant=${(searching && this.chosen) || nothing}
          placeholder=${t("sidebar-search")}
          .value=${search.text}
          @input=${(/** @type {InputEvent} */ event) => {
            this.#choose(undefined);
            search.type(/** @type {HTMLInputElement} */ (event.target).value);
          }}
          @keydown=${this.#onSearchKey}
        />
        ${
          search.text === ""
            ? keys &&
              html`<span class="sidebar-keys" aria-hidden="true">${keyCaps(keys, session.platform).map((cap) => html`<kbd>${cap}</kbd>`)}</span>`
            : html`<button class="sidebar-clear" data-testid="search-clear" aria-label=${t("sidebar-search-clear")} @click=${this.#clearSearch}>${CLOSE}</button>`
        }
        <span class="sr-only" id="sidebar-search-help">${t("sidebar-search-help")}</span>
      </div>
    `;
  }

  #undo() {
    const deed = undo.latest;
    if (!deed) return nothing;
    return html`
      <div class="sidebar-undo" data-testid="undo-bar" role="group" aria-label=${t("undo-region")}>
        <p><span>${deed.words()}</span></p>
        <button class="sidebar-undo-close" aria-label=${t("undo-dismiss")} @click=${this.#dismissUndo}>${CLOSE}</button>
        <button class="sidebar-undo-action" data-testid="undo" @click=${this.#restore}>${t("undo-action")}</button>
      </div>
    `;
  }

  #foot() {
    // The name stands for the way in while the settings are shut, and for the view itself while it is open.
    const testId = navigation.current?.name === "settings" ? nothing : "settings";
    return html`
      <footer class="sidebar-foot">
        <c6-account-row></c6-account-row>
        <button class="sidebar-settings" data-testid=${testId} @click=${() => run("settings")}>
          <span class="sidebar-settings-sign">${GEAR}</span>${t("sidebar-settings")}
        </button>
      </footer>
    `;
  }

  // ---- searching ----------------------------------------------------------------------------------------------------------

  /** @param {KeyboardEvent} event */
  #onSearchKey(event) {
    if (isComposing(event)) return;
    const results = this.#results;
    if (event.key === "Escape" && search.text !== "") {
      event.preventDefault();
      event.stopPropagation();
      this.#clearSearch();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (results) {
        results.move(event.key === "ArrowDown" ? 1 : -1);
        this.chosen = results.active;
      } else if (event.key === "ArrowDown") void this.#list?.focusFirst();
    } else if (event.key === "Enter" && results) {
      event.preventDefault();
      results.open();
      this.chosen = results.active;
    }
  }

  /** @param {string | undefined} key */
  #choose(key) {
    const results = this.#results;
    if (results) results.chosen = key;
    this.chosen = undefined;
  }

  #clearSearch() {
    search.clear();
    this.chosen = undefined;
    /** @type {HTMLElement | null} */ (this.querySelector("[data-testid=search]"))?.focus();
  }

  // ---- opening and beginning ----------------------------------------------------------------------------------------------

  /** Says that the reader is done here: over a narrow window the sidebar is a drawer, which the shell closes now. */
  #picked() {
    this.dispatchEvent(new CustomEvent("conversation-picked"));
  }

  /** @param {Event} event */
  #onPicked(event) {
    event.stopPropagation();
    this.#picked();
  }

  #begin() {
    const { scope } = conversations;
    run("new-chat");
    // What is begun inside a project belongs to it.
    conversation.project = scope.kind === "project" ? scope.project : undefined;
    this.#picked();
  }

  /** What was in use here is gone: the list goes on where it is, and one without anything in it where something is begun. */
  focusHome() {
    return this.#list?.homeOfFocus ?? this.querySelector(".sidebar-new") ?? this.querySelector("[data-testid=search]");
  }

  #focusNew() {
    /** @type {HTMLElement | null} */ (this.querySelector(".sidebar-new"))?.focus();
  }

  async #restore() {
    const before = new Set(conversations.items.map(({ id }) => id));
    if (!(await deeds.undo())) return;
    await this.updateComplete;
    const back = conversations.items.find(({ id }) => !before.has(id));
    if (!(await this.#list?.focusItem(back?.id))) await this.#list?.focusCurrent();
  }

  #dismissUndo() {
    undo.dismiss();
    void this.#list?.focusCurrent();
  }

  // ---- menus --------------------------------------------------------------------------------------------------------------

  /** @param {CustomEvent<MenuRequest>} event */
  #onMenu({ detail: { conversation: item, opener, place } }) {
    // The menu of one that is selected is for all that are.
    const items = selection.has(item.id) ? conversations.items.filter(({ id }) => selection.has(id)) : [item];
    const label = items.length > 1 ? t("selection-actions") : t("item-menu", { title: item.title });
    void this.#menu?.open({
      label,
      prefix: "conversation",
      entries: conversations.scope.kind === "deleted" ? this.#trashEntries(items) : this.#entries(items, opener, place),
      opener,
      ...(place ? { place } : {}),
    });
  }

  /**
   * @param {ConversationSummary[]} items
   * @param {HTMLElement} opener
   * @param {{ x: number, y: number } | undefined} place
   * @returns {Entry[]}
   */
  #entries(items, opener, place) {
    const [item] = items;
    if (!item) return [];
    const one = items.length === 1;
    const pinned = items.every((each) => each.pinned);
    const archived = items.every((each) => each.archived_at !== undefined);
    /** @type {Array<Entry | false>} */
    const entries = [
      one && {
        id: "rename",
        words: t("item-rename"),
        key: t("key-f2"),
        sign: RENAME,
        run: () => this.#list?.beginRename(item.id),
      },
      {
        id: "pin",
        words: t(pinned ? "item-unpin" : "item-pin"),
        sign: PIN,
        run: () => void deeds.pin(items, !pinned).then(() => this.#list?.focusItem(item.id)),
      },
      { id: "move", words: t("item-move"), sign: FOLDER, run: () => this.#askWhere(items, opener, place) },
      {
        id: "archive",
        words: t(archived ? "item-unarchive" : "item-archive"),
        sign: archived ? RESTORE : ARCHIVE,
        run: () => void deeds.archive(items, archived ? "unarchived" : "archived"),
      },
      one && { id: "duplicate", words: t("item-duplicate"), sign: DUPLICATE, run: () => void deeds.duplicate(item) },
      one && { id: "select", words: t("item-select-more"), sign: SELECT, run: () => selection.choose(item.id) },
      {
        id: "export",
        words: t("item-export"),
        sign: EXPORT,
        apart: true,
        run: () => navigation.open("export", { ids: items.map(({ id }) => id).join(" ") }),
      },
      one && {
        id: "print",
        words: t("item-print"),
        sign: PRINT,
        run: () => void deeds.make(() => call("conversation_print", { id: item.id })),
      },
      {
        id: "delete",
        words: t("item-delete"),
        key: t("key-delete"),
        sign: TRASH,
        apart: true,
        run: () => void this.#list?.deleteAt(item.id),
      },
    ];
    return entries.filter((each) => each !== false);
  }

  /** @param {ConversationSummary[]} items @returns {Entry[]} */
  #trashEntries(items) {
    return [
      { id: "restore", words: t("item-restore"), sign: RESTORE, run: () => void deeds.restore(items) },
      {
        id: "purge",
        words: t("item-purge"),
        sign: TRASH,
        kind: "danger",
        apart: true,
        run: () => void this.#purge(items),
      },
    ];
  }

  /** @param {ConversationSummary[]} items */
  async #purge(items) {
    await import("./confirm.js");
    const confirm = /** @type {Confirm} */ (document.createElement("c6-confirm"));
    this.append(confirm);
    const yes = await confirm.ask({
      title: t("purge-title", { count: items.length }),
      help: t("purge-help"),
      yes: t("item-purge"),
    });
    confirm.remove();
    if (yes) await deeds.purge(items);
  }

  /** @param {CustomEvent<{ items: ConversationSummary[], opener: HTMLElement }>} event */
  #onMoveAsked({ detail: { items, opener } }) {
    this.#askWhere(items, opener, undefined);
  }

  /**
   * Asks into which project.
   * @param {ConversationSummary[]} items
   * @param {HTMLElement} opener
   * @param {{ x: number, y: number } | undefined} place
   */
  #askWhere(items, opener, place) {
    const [first] = items;
    const same = items.every((each) => each.project === first?.project) ? first?.project : null;
    void this.#menu?.open({
      label: t("item-move"),
      prefix: "move",
      opener,
      ...(place ? { place } : {}),
      entries: [
        ...projects.items.map(({ id, name }) => ({
          id: `to-${id}`,
          words: name,
          sign: FOLDER,
          checked: same === id,
          run: () => void deeds.move(items, id),
        })),
        {
          id: "out",
          words: t("move-out"),
          checked: same === undefined,
          apart: projects.items.length > 0,
          run: () => void deeds.move(items, undefined),
        },
        { id: "new", words: t("move-new"), apart: true, run: () => void this.#moveIntoNew(items) },
      ],
    });
  }

  /** @param {ConversationSummary[]} items */
  async #moveIntoNew(items) {
    if (conversations.scope.kind !== "unfiled") await conversations.show({ kind: "unfiled" });
    await this.updateComplete;
    this.#projects?.create(items);
  }

  /** @param {CustomEvent<ProjectMenuRequest>} event */
  #onProjectMenu({ detail: { project, opener } }) {
    void this.#menu?.open({
      label: t("project-menu", { name: project.name }),
      prefix: "project",
      opener,
      entries: [
        {
          id: "rename",
          words: t("project-rename"),
          key: t("key-f2"),
          sign: RENAME,
          run: () => this.#projects?.rename(project.id),
        },
        {
          id: "export",
          words: t("item-export"),
          sign: EXPORT,
          run: () => navigation.open("export", { project: project.id }),
        },
        {
          id: "delete",
          words: t("project-delete"),
          key: t("key-delete"),
          sign: TRASH,
          apart: true,
          run: () => void deeds.deleteProject(project.id),
        },
      ],
    });
  }
}

customElements.define("c6-sidebar", Sidebar);
