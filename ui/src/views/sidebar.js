/**
 * The sidebar: the conversations by day, a search over their titles, and the way to a new one. It never deletes for good: what
 * is deleted leaves the list at once and a bar keeps the way back until it is dismissed. One item is in the tab order; arrows
 * move between them (the roving tabindex of the ARIA Authoring Practices).
 *
 * Event: `conversation-picked`, when somebody opened a conversation or began a new one from here.
 */
import { html, nothing } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { ACTIONS, keyCaps, run } from "../actions.js";
import { LightElement } from "../element.js";
import { i18n, t } from "../i18n.js";
import { isComposing } from "../ime.js";
import { navigation } from "../navigation.js";
import { conversation, conversations, session } from "../state/index.js";
import "./account/row.js";
import { groupByDay, nextDay } from "./calendar.js";
import { contains } from "./fuzzy.js";
import { CLOSE, GEAR, MARK, MORE, PIN } from "./icons.js";
import "./item-menu.js";
import "./sidebar.css";

/** @import { AppError, ConversationId, ConversationSummary } from "../bridge/types.js" */
/** @import { Group } from "./calendar.js" */
/** @import { ItemMenu, ItemAction } from "./item-menu.js" */

/** What the core accepts as a title, in characters. */
const TITLE_MAX = 200;

/**
 * @typedef {object} Renaming
 * @property {ConversationId} id
 * @property {"item-title-empty" | "item-title-long"} [problem]
 */

/**
 * @typedef {object} Deleted
 * @property {ConversationSummary} conversation
 * @property {boolean} wasOpen It is opened again when it comes back.
 */

export class Sidebar extends LightElement {
  static properties = {
    query: { state: true },
    current: { state: true },
    renaming: { state: true },
    deleted: { state: true },
    error: { state: true },
    announcement: { state: true },
  };

  /** @type {IntersectionObserver | undefined} */
  #endInView;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #midnight;
  /** When the day that the headings speak of is over. */
  #dayEnds = 0;

  constructor() {
    super();
    /** What the titles are searched for. */
    this.query = "";
    /** The item that is in the tab order. @type {ConversationId | undefined} */
    this.current = undefined;
    /** @type {Renaming | undefined} */
    this.renaming = undefined;
    /** What can be brought back, the latest last. @type {Deleted[]} */
    this.deleted = [];
    /** Why the last change could not be made. @type {AppError | undefined} */
    this.error = undefined;
    /** What a screen reader hears. */
    this.announcement = "";
    this.watch(conversations, conversation, session, navigation);
  }

  connectedCallback() {
    super.connectedCallback();
    this.#awaitNextDay();
    // A computer that slept over midnight ran no timers.
    document.addEventListener("visibilitychange", this.#onWake);
    window.addEventListener("focus", this.#onWake);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#endInView?.disconnect();
    this.#endInView = undefined;
    clearTimeout(this.#midnight);
    document.removeEventListener("visibilitychange", this.#onWake);
    window.removeEventListener("focus", this.#onWake);
  }

  /** The headings name days, which end by themselves. */
  #awaitNextDay() {
    clearTimeout(this.#midnight);
    this.#dayEnds = nextDay(new Date()).getTime();
    // A second more: a timer may be early, the new day must have begun.
    this.#midnight = setTimeout(this.#onWake, this.#dayEnds - Date.now() + 1000);
  }

  #onWake = () => {
    if (Date.now() < this.#dayEnds) return;
    this.#awaitNextDay();
    this.requestUpdate();
  };

  /** The conversations that are shown, in order. */
  get shown() {
    const { items } = conversations;
    return this.query.trim() === "" ? items : items.filter(({ title }) => contains(this.query, title));
  }

  render() {
    const { shown } = this;
    return html`
      <div class="sidebar-brand">${MARK}<span>${t("app-name")}</span></div>
      ${this.#search(shown)}
      <button class="sidebar-new" data-testid="new-chat" @click=${this.#begin}>
        <span class="sidebar-plus" aria-hidden="true">+</span>${t("sidebar-new")}
      </button>
      <nav
        class="sidebar-list"
        data-testid="conversation-list"
        aria-label=${t("sidebar-list")}
        aria-busy=${conversations.loading}
        @keydown=${this.#onListKey}
        @focusin=${this.#onListFocus}
      >
        ${repeat(groupByDay(shown, new Date()), groupKey, (group) => this.#group(group, this.#tabStop(shown)))}
        ${this.#listEnd(shown)}
      </nav>
      ${this.error ? html`<c6-error class="sidebar-error" .error=${this.error}></c6-error>` : nothing}
      ${this.#undo()}
      <p class="sr-only" role="status">${this.announcement}</p>
      ${this.#foot()}
      <c6-item-menu @item-action=${this.#onItemAction}></c6-item-menu>
    `;
  }

  /** @param {ConversationSummary[]} shown */
  #search(shown) {
    const keys = ACTIONS.find(({ id }) => id === "find")?.keys?.[0];
    return html`
      <div class="sidebar-search" role="search">
        <input
          class="field"
          type="search"
          data-testid="search"
          autocomplete="off"
          spellcheck="false"
          aria-label=${t("sidebar-search")}
          aria-describedby="sidebar-search-help"
          placeholder=${t("sidebar-search")}
          .value=${this.query}
          @input=${(/** @type {InputEvent} */ event) => {
            this.query = /** @type {HTMLInputElement} */ (event.target).value;
          }}
          @keydown=${this.#onSearchKey}
        />
        ${
          this.query === ""
            ? keys &&
              html`<span class="sidebar-keys" aria-hidden="true">${keyCaps(keys, session.platform).map((cap) => html`<kbd>${cap}</kbd>`)}</span>`
            : html`<button class="sidebar-clear" aria-label=${t("sidebar-search-clear")} @click=${this.#clearSearch}>${CLOSE}</button>`
        }
        <span class="sr-only" id="sidebar-search-help">${t("sidebar-search-help")}</span>
        <span class="sr-only" role="status">
          ${this.query.trim() === "" ? nothing : t("sidebar-search-count", { count: shown.length })}
        </span>
      </div>
    `;
  }

  /**
   * @param {Group} group
   * @param {ConversationId | undefined} tabStop
   */
  #group(group, tabStop) {
    const id = `sidebar-${groupKey(group)}`;
    const heading = group.month
      ? i18n.date(group.month.getTime(), { month: "long", year: "numeric" })
      : t(`group-${group.kind}`);
    return html`
      <section class="sidebar-group">
        <h2 class="sidebar-heading" id=${id}>${heading}</h2>
        <ul aria-labelledby=${id}>
          ${repeat(
            group.conversations,
            (each) => each.id,
            (each) => this.#item(each, each.id === tabStop),
          )}
        </ul>
      </section>
    `;
  }

  /**
   * @param {ConversationSummary} item
   * @param {boolean} tabbable
   */
  #item(item, tabbable) {
    const active = item.id === conversation.id;
    if (this.renaming?.id === item.id) {
      return html`
        <li class="sidebar-item sidebar-item--renaming" data-testid="conversation-item" data-id=${item.id} data-active=${active}>
          ${this.#renameField(item, this.renaming)}
        </li>
      `;
    }
    return html`
      <li
        class="sidebar-item"
        data-testid="conversation-item"
        data-id=${item.id}
        data-active=${active}
        @dblclick=${() => this.#beginRename(item.id)}
        @contextmenu=${(/** @type {MouseEvent} */ event) => this.#openMenu(item, event)}
      >
        <button
          class="sidebar-open"
          tabindex=${tabbable ? 0 : -1}
          aria-current=${active ? "page" : nothing}
          title=${item.title}
          @click=${() => this.#open(item.id)}
        >
          <span class="sidebar-title" dir="auto">${item.title}</span>
          ${item.pinned ? html`<span class="sidebar-pinned">${PIN}<span class="sr-only">${t("item-pinned")}</span></span>` : nothing}
        </button>
        <button
          class="sidebar-more"
          data-testid="conversation-menu"
          tabindex=${tabbable ? 0 : -1}
          aria-haspopup="menu"
          aria-label=${t("item-menu", { title: item.title })}
          @click=${(/** @type {MouseEvent} */ event) => this.#openMenu(item, event)}
          @dblclick=${(/** @type {MouseEvent} */ event) => event.stopPropagation()}
        >
          ${MORE}
        </button>
      </li>
    `;
  }

  /**
   * @param {ConversationSummary} item
   * @param {Renaming} renaming
   */
  #renameField(item, renaming) {
    return html`
      <input
        class="field sidebar-rename"
        data-testid="rename"
        aria-label=${t("item-title-label")}
        aria-describedby="sidebar-rename-hint"
        aria-invalid=${renaming.problem !== undefined}
        autocomplete="off"
        .value=${item.title}
        @keydown=${this.#onRenameKey}
        @blur=${this.#onRenameBlur}
        @input=${() => {
          if (renaming.problem) this.renaming = { id: renaming.id };
        }}
      />
      <span id="sidebar-rename-hint" class=${renaming.problem ? "sidebar-problem" : "sr-only"}>
        ${renaming.problem ? t(renaming.problem, { max: TITLE_MAX }) : t("item-title-hint")}
      </span>
    `;
  }

  /** @param {ConversationSummary[]} shown */
  #listEnd(shown) {
    const searching = this.query.trim() !== "";
    return html`
      ${shown.length === 0 ? this.#empty(searching) : nothing}
      ${searching ? html`<p class="hint sidebar-note">${t("sidebar-search-help")}</p>` : nothing}
      ${conversations.error ? html`<c6-error .error=${conversations.error}></c6-error>` : nothing}
      ${
        conversations.more
          ? html`<button class="button button--quiet sidebar-next" @click=${() => conversations.loadMore()}>
              ${searching ? t("sidebar-search-more") : t("sidebar-more")}
            </button>`
          : nothing
      }
    `;
  }

  /** @param {boolean} searching */
  #empty(searching) {
    if (searching) return html`<p class="sidebar-empty">${t("sidebar-search-none", { query: this.query.trim() })}</p>`;
    if (conversations.loading) return html`<p class="sidebar-empty">${t("sidebar-loading")}</p>`;
    if (conversations.error) return nothing;
    return html`<p class="sidebar-empty">${t("sidebar-empty")}<br />${t("sidebar-empty-help")}</p>`;
  }

  #undo() {
    const last = this.deleted.at(-1);
    if (!last) return nothing;
    return html`
      <div class="sidebar-undo" data-testid="undo-bar" role="group" aria-label=${t("undo-region")}>
        <p><span>${t("undo-deleted", { title: last.conversation.title })}</span></p>
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

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    if (changed.has("renaming") && this.renaming) {
      const field = /** @type {HTMLInputElement | null} */ (this.querySelector(".sidebar-rename"));
      if (field && document.activeElement !== field) {
        field.focus();
        field.select();
      }
    }
    this.#watchEnd();
  }

  /** Reads the next page when the reader comes near the end of the list. */
  #watchEnd() {
    const button = this.query.trim() === "" ? this.querySelector(".sidebar-next") : null;
    this.#endInView?.disconnect();
    if (!button) return;
    this.#endInView = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) void conversations.loadMore();
      },
      { root: this.querySelector(".sidebar-list"), rootMargin: "200px" },
    );
    this.#endInView.observe(button);
  }

  /**
   * @param {ConversationSummary[]} shown
   * @returns {ConversationId | undefined} Where Tab enters the list: where the focus was, else at the open conversation.
   */
  #tabStop(shown) {
    for (const id of [this.current, conversation.id]) {
      if (shown.some((each) => each.id === id)) return id;
    }
    return shown[0]?.id;
  }

  /** @param {ConversationId} id */
  #open(id) {
    this.current = id;
    if (id !== conversation.id) void conversation.open(id);
    this.#picked();
  }

  #begin() {
    run("new-chat");
    this.#picked();
  }

  /** Says that the reader is done here: over a narrow window the sidebar is a drawer, which the shell closes now. */
  #picked() {
    this.dispatchEvent(new CustomEvent("conversation-picked"));
  }

  /**
   * @param {ConversationId | undefined} id
   */
  async #focusItem(id) {
    if (id === undefined) {
      /** @type {HTMLElement | null} */ (this.querySelector(".sidebar-new"))?.focus();
      return;
    }
    this.current = id;
    await this.updateComplete;
    const button = /** @type {HTMLElement | null} */ (
      this.querySelector(`[data-id="${CSS.escape(id)}"] .sidebar-open`)
    );
    button?.focus();
    button?.scrollIntoView({ block: "nearest" });
  }

  /** @param {FocusEvent} event */
  #onListFocus(event) {
    const id = itemOf(event);
    if (id !== undefined) this.current = id;
  }

  /** @param {KeyboardEvent} event */
  #onListKey(event) {
    const id = itemOf(event);
    if (id === undefined || this.renaming || isComposing(event) || event.altKey || event.ctrlKey || event.metaKey)
      return;
    const { shown } = this;
    const at = shown.findIndex((each) => each.id === id);
    const item = shown[at];
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: shown.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      if (shown[to]) void this.#focusItem(shown[to].id);
    } else if (event.key === "F2") {
      event.preventDefault();
      this.#beginRename(id);
    } else if (event.key === "Delete" && item) {
      event.preventDefault();
      void this.#delete(item);
    }
  }

  /** @param {KeyboardEvent} event */
  #onSearchKey(event) {
    if (isComposing(event)) return;
    if (event.key === "Escape" && this.query !== "") {
      event.preventDefault();
      event.stopPropagation();
      this.#clearSearch();
    } else if (event.key === "ArrowDown" && this.shown[0]) {
      event.preventDefault();
      void this.#focusItem(this.shown[0].id);
    } else if (event.key === "Enter" && this.query.trim() !== "" && this.shown[0]) {
      event.preventDefault();
      this.#open(this.shown[0].id);
    }
  }

  #clearSearch() {
    this.query = "";
    /** @type {HTMLElement | null} */ (this.querySelector("[data-testid=search]"))?.focus();
  }

  /**
   * @param {ConversationSummary} item
   * @param {MouseEvent} event
   */
  #openMenu(item, event) {
    event.preventDefault();
    event.stopPropagation();
    const button = /** @type {HTMLElement | null} */ (
      this.querySelector(`[data-id="${CSS.escape(item.id)}"] .sidebar-more`)
    );
    if (!button) return;
    this.current = item.id;
    const atPointer = event.type === "contextmenu" && event.button === 2;
    const place = atPointer ? { x: event.clientX, y: event.clientY } : undefined;
    /** @type {ItemMenu | null} */ (this.querySelector("c6-item-menu"))?.open(item, button, place);
  }

  /** @param {CustomEvent<{ action: ItemAction, conversation: ConversationSummary }>} event */
  #onItemAction({ detail: { action, conversation: item } }) {
    if (action === "rename") this.#beginRename(item.id);
    else if (action === "delete") void this.#delete(item);
    else void this.#change(() => conversations.pin(item.id, action === "pin")).then(() => this.#focusItem(item.id));
  }

  /** @param {ConversationId} id */
  #beginRename(id) {
    this.current = id;
    this.renaming = { id };
  }

  /** @param {KeyboardEvent} event */
  #onRenameKey(event) {
    event.stopPropagation();
    if (isComposing(event)) return;
    if (event.key === "Enter") {
      event.preventDefault();
      void this.#commitRename(/** @type {HTMLInputElement} */ (event.target).value);
    } else if (event.key === "Escape") {
      event.preventDefault();
      this.#endRename("focus");
    }
  }

  /** @param {FocusEvent} event */
  #onRenameBlur(event) {
    // Leaving keeps what makes sense and drops what does not; a window that loses the focus is not left.
    if (!this.renaming || !document.hasFocus()) return;
    const { value } = /** @type {HTMLInputElement} */ (event.target);
    if (titleProblem(value)) this.#endRename("leave");
    else void this.#rename(value, "leave");
  }

  /** @param {string} value */
  async #commitRename(value) {
    const id = this.renaming?.id;
    const problem = titleProblem(value);
    if (id !== undefined && problem) this.renaming = { id, problem };
    else await this.#rename(value, "focus");
  }

  /**
   * @param {string} value
   * @param {"focus" | "leave"} then
   */
  async #rename(value, then) {
    const id = this.renaming?.id;
    if (id === undefined) return;
    const title = value.trim();
    const same = conversations.get(id)?.title === title;
    this.#endRename(then);
    if (!same) await this.#change(() => conversations.rename(id, title));
  }

  /** @param {"focus" | "leave"} then Whether the focus goes back to the item. */
  #endRename(then) {
    const id = this.renaming?.id;
    this.renaming = undefined;
    if (then === "focus") void this.#focusItem(id);
  }

  /** @param {ConversationSummary} item */
  async #delete(item) {
    const { shown } = this;
    const at = shown.findIndex(({ id }) => id === item.id);
    const neighbour = shown[at + 1] ?? shown[at - 1];
    const wasOpen = conversation.id === item.id;
    const done = await this.#change(() => conversations.delete(item.id));
    if (!done) return;
    this.deleted = [...this.deleted, { conversation: item, wasOpen }];
    this.announcement = t("undo-deleted", { title: item.title });
    await this.#focusItem(neighbour?.id);
  }

  async #restore() {
    const last = this.deleted.at(-1);
    if (!last) return;
    const { conversation: item, wasOpen } = last;
    const done = await this.#change(() => conversations.restore(item.id));
    if (!done) return;
    this.deleted = this.deleted.filter((each) => each !== last);
    this.announcement = t("undo-restored", { title: item.title });
    if (wasOpen && conversation.id === undefined) void conversation.open(item.id);
    await this.#focusItem(item.id);
  }

  #dismissUndo() {
    this.deleted = [];
    void this.#focusItem(this.#tabStop(this.shown));
  }

  /**
   * Makes a change; an error is shown above the foot until the next change.
   * @param {() => Promise<void>} make
   * @returns {Promise<boolean>} Whether it was made.
   */
  async #change(make) {
    this.error = undefined;
    try {
      await make();
      return true;
    } catch (error) {
      this.error = /** @type {AppError} */ (error);
      return false;
    }
  }
}

/**
 * @param {Group} group
 * @returns {string}
 */
function groupKey({ kind, month }) {
  return month ? `${kind}-${month.getFullYear()}-${month.getMonth() + 1}` : kind;
}

/**
 * @param {Event} event
 * @returns {ConversationId | undefined} The conversation of the item it happened in.
 */
function itemOf(event) {
  const item = event.target instanceof Element ? event.target.closest("[data-testid=conversation-item]") : null;
  return item instanceof HTMLElement ? item.dataset.id : undefined;
}

/**
 * @param {string} value
 * @returns {Renaming["problem"]}
 */
function titleProblem(value) {
  const title = value.trim();
  if (title === "") return "item-title-empty";
  return [...title].length > TITLE_MAX ? "item-title-long" : undefined;
}

customElements.define("c6-sidebar", Sidebar);
