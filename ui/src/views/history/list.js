/**
 * The conversations by day. Only the rows near the view are on the page, however many there are; the headings of the days stay at the top
 * while their rows go by. One item is in the tab order; arrows move between them (the roving tabindex of the ARIA Authoring
 * Practices). Rows are selected as files are: with Ctrl and Shift, or by their boxes.
 *
 * Events, both bubble: `conversation-picked`, when somebody opened a conversation; `conversation-menu` with what the menu is for.
 */
import { html, nothing } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { deeds } from "../../deeds.js";
import { LightElement } from "../../element.js";
import { i18n, t } from "../../i18n.js";
import { isComposing } from "../../ime.js";
import { height } from "../../scrolling/height.js";
import { room } from "../../scrolling/room.js";
import { conversation, conversations, selection, session } from "../../state/index.js";
import { groupByDay, nextDay } from "../calendar.js";
import { MORE, PIN } from "../icons.js";
import { watchDrag } from "./drag.js";
import "./list.css";

/** @import { ConversationId, ConversationSummary } from "../../bridge/types.js" */
/** @import { Group } from "../calendar.js" */

/** What the core accepts as a title, in characters. */
const TITLE_MAX = 200;
/** How high a row is, with its distance to the next; as the style sheet says. */
const ROW = 40;
/** How far around the view rows are on the page, in pixels. */
const AROUND = 480;
/** How near to the end of what is loaded more is read, in pixels. */
const NEAR = 1_600;

/**
 * What is asked of the menu of a conversation.
 * @typedef {object} MenuRequest
 * @property {ConversationSummary} conversation
 * @property {HTMLElement} opener
 * @property {{ x: number, y: number }} [place]
 */

/**
 * @typedef {object} Renaming
 * @property {ConversationId} id
 * @property {"item-title-empty" | "item-title-long"} [problem]
 */

export class ConversationListView extends LightElement {
  static properties = { current: { state: true }, renaming: { state: true }, _shown: { state: true } };

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #midnight;
  /** When the day that the headings speak of is over. */
  #dayEnds = 0;
  /** @type {{ items: readonly ConversationSummary[], day: number, groups: Group[] } | undefined} */
  #grouped;
  /** How high a heading is. */
  #head = 48;
  /** @type {AbortController | undefined} */
  #connection;
  /** What had the focus before it was rendered. @type {Element | null} */
  #focused = null;
  /** The items that were rendered last. @type {readonly ConversationSummary[]} */
  #listed = [];
  /** Whether the item in the tab order was taken away since the last rendering. */
  #currentGone = false;

  constructor() {
    super();
    /** The item that is in the tab order. @type {ConversationId | undefined} */
    this.current = undefined;
    /** @type {Renaming | undefined} */
    this.renaming = undefined;
    /** The part of the list that is on the page, in pixels from its beginning. */
    this._shown = { top: 0, bottom: 1_200 };
    this.watch(conversations, conversation, selection);
  }

  connectedCallback() {
    super.connectedCallback();
    this.#connection = new AbortController();
    const { signal } = this.#connection;
    this.#awaitNextDay();
    // A computer that slept over midnight ran no timers.
    document.addEventListener("visibilitychange", this.#onWake, { signal });
    window.addEventListener("focus", this.#onWake, { signal });
    const scroller = this.#scroller;
    scroller?.addEventListener("scroll", this.#look, { passive: true, signal });
    // In a frame of its own: what is rendered now would change sizes that were told already.
    const sizes = new ResizeObserver(() => requestAnimationFrame(this.#look));
    if (scroller) sizes.observe(scroller);
    sizes.observe(this);
    signal.addEventListener("abort", () => sizes.disconnect());
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#connection?.abort();
    clearTimeout(this.#midnight);
  }

  /** @returns {HTMLElement | null} */
  get #scroller() {
    return this.closest(".sidebar-list");
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

  /** The days with their conversations; made anew only when one of them changed. */
  get #groups() {
    const { items, scope } = conversations;
    if (this.#grouped?.items !== items || this.#grouped.day !== this.#dayEnds) {
      const groups = groupByDay(
        scope.kind === "deleted"
          ? items.map((each) => ({ ...each, pinned: false, updated_at: each.deleted_at ?? each.updated_at }))
          : items,
        new Date(),
      );
      this.#grouped = { items, day: this.#dayEnds, groups };
    }
    return this.#grouped.groups;
  }

  // ---- what is on the page ------------------------------------------------------------------------------------------------

  /** Where the list begins inside its scroller. */
  get #offset() {
    const scroller = this.#scroller;
    return scroller ? this.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop : 0;
  }

  #look = () => {
    const scroller = this.#scroller;
    if (!scroller) return;
    const top = scroller.scrollTop - this.#offset;
    const bottom = top + scroller.clientHeight;
    if (conversations.more && this.scrollHeight - bottom < NEAR) void conversations.loadMore();
    // Half of what is around the view is there to be used up before anything is rendered.
    if (top - AROUND / 2 >= this._shown.top && bottom + AROUND / 2 <= this._shown.bottom) return;
    this._shown = { top: top - AROUND, bottom: bottom + AROUND };
  };

  /** @param {number} at Its place in the whole list. @returns {number} Where its row begins, in pixels. */
  #rowTop(at) {
    let top = 0;
    let before = 0;
    for (const { conversations: inside } of this.#groups) {
      if (at < before + inside.length) return top + this.#head + (at - before) * ROW;
      before += inside.length;
      top += this.#head + inside.length * ROW;
    }
    return top;
  }

  willUpdate() {
    const { activeElement } = document;
    this.#focused = this.contains(activeElement) ? activeElement : null;
    const { items } = conversations;
    if (items === this.#listed) return;
    // Of what went away, what came after it takes the place, else what came before.
    if (this.current !== undefined && !conversations.get(this.current)) {
      const here = new Set(items.map(({ id }) => id));
      const at = this.#listed.findIndex(({ id }) => id === this.current);
      const stayed = (/** @type {ConversationSummary} */ { id }) => here.has(id);
      const next = this.#listed.slice(at + 1).find(stayed) ?? this.#listed.slice(0, Math.max(at, 0)).findLast(stayed);
      this.current = next?.id;
      this.#currentGone = true;
    }
    this.#listed = items;
  }

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    const heading = /** @type {HTMLElement | null} */ (this.querySelector(".sidebar-heading"));
    if (heading && heading.offsetHeight > 0 && heading.offsetHeight !== this.#head) {
      this.#head = heading.offsetHeight;
      this.requestUpdate();
    }
    if (changed.has("renaming") && this.renaming) {
      const field = /** @type {HTMLInputElement | null} */ (this.querySelector(".sidebar-rename"));
      if (field && document.activeElement !== field) {
        field.focus();
        field.select();
      }
    } else if (this.#focused && document.activeElement === document.body) {
      // Put elsewhere, it keeps the focus. Of what was taken away, what came after it goes on. Of what went out of sight, the list
      // itself keeps its place for the keyboard.
      if (this.#focused instanceof HTMLElement && this.#focused.isConnected)
        this.#focused.focus({ preventScroll: true });
      else if (this.#currentGone && this.current !== undefined) void this.focusItem(this.current);
      else if (conversations.items.length > 0) this.focus({ preventScroll: true });
    }
    this.#currentGone = false;
    this.#look();
  }

  render() {
    this.tabIndex = -1;
    const groups = this.#groups;
    const { top, bottom } = this._shown;
    const tabStop = this.#tabStop();
    /** @type {unknown[]} */
    const parts = [];
    let y = 0;
    let gap = 0;
    let begin = 0;
    for (const group of groups) {
      const whole = this.#head + group.conversations.length * ROW;
      const renamed = this.renaming && group.conversations.some(({ id }) => id === this.renaming?.id);
      if ((y + whole < top || y > bottom) && !renamed) gap += whole;
      else {
        parts.push({ gap, key: `gap-${begin}` }, { group, y, begin });
        gap = 0;
      }
      y += whole;
      begin += group.conversations.length;
    }
    parts.push({ gap, key: "gap-end" });
    return html`
      ${repeat(
        /** @type {Array<{ gap: number, key: string } | { group: Group, y: number, begin: number }>} */ (parts),
        (part) => ("group" in part ? groupKey(part.group) : part.key),
        (part) =>
          "group" in part
            ? this.#group(part.group, part.y, tabStop)
            : part.gap > 0
              ? html`<div ${height(part.gap)}></div>`
              : nothing,
      )}
      ${conversations.items.length === 0 ? this.#empty() : nothing}
      ${conversations.error ? html`<c6-error .error=${conversations.error}></c6-error>` : nothing}
      ${
        conversations.more
          ? html`<button class="button button--quiet sidebar-next" @click=${() => conversations.loadMore()}>${t("sidebar-more")}</button>`
          : nothing
      }
    `;
  }

  /**
   * @param {Group} group
   * @param {number} y
   * @param {ConversationId | undefined} tabStop
   */
  #group(group, y, tabStop) {
    const id = `sidebar-${groupKey(group)}`;
    const heading = group.month
      ? i18n.date(group.month.getTime(), { month: "long", year: "numeric" })
      : t(`group-${group.kind}`);
    const { conversations: all } = group;
    const inside = y + this.#head;
    const from = Math.max(0, Math.min(all.length, Math.floor((this._shown.top - inside) / ROW)));
    const to = Math.max(from, Math.min(all.length, Math.ceil((this._shown.bottom - inside) / ROW)));
    const renamed = this.renaming ? all.findIndex((each) => each.id === this.renaming?.id) : -1;
    const [first, last] = renamed < 0 ? [from, to] : [Math.min(from, renamed), Math.max(to, renamed + 1)];
    return html`
      <section class="sidebar-group">
        <h2 class="sidebar-heading" id=${id}>${heading}</h2>
        <ul aria-labelledby=${id} ${room(first * ROW, (all.length - last) * ROW)}>
          ${repeat(
            all.slice(first, last),
            (each) => each.id,
            (each, n) => this.#item(conversations.get(each.id) ?? each, each.id === tabStop, first + n + 1, all.length),
          )}
        </ul>
      </section>
    `;
  }

  /**
   * @param {ConversationSummary} item
   * @param {boolean} tabbable
   * @param {number} place Among those of its day, from 1.
   * @param {number} count
   */
  #item(item, tabbable, place, count) {
    const active = item.id === conversation.id;
    if (this.renaming?.id === item.id) {
      return html`
        <li class="sidebar-item sidebar-item--renaming" data-testid="conversation-item" data-id=${item.id} data-active=${active}>
          ${this.#renameField(item, this.renaming)}
        </li>
      `;
    }
    const selecting = selection.active;
    const selected = selection.has(item.id);
    return html`
      <li
        class="sidebar-item"
        data-testid="conversation-item"
        data-id=${item.id}
        data-active=${active}
        data-selected=${selecting ? selected : nothing}
        aria-posinset=${place}
        aria-setsize=${count}
        @pointerdown=${(/** @type {PointerEvent} */ event) => this.#onPointer(item, event)}
        @dblclick=${() => selection.active || this.#beginRename(item.id)}
        @contextmenu=${(/** @type {MouseEvent} */ event) => this.#openMenu(item, event)}
      >
        ${
          selecting
            ? html`<input
                type="checkbox"
                class="sidebar-check"
                data-testid="conversation-select"
                tabindex=${tabbable ? 0 : -1}
                aria-label=${t("item-select", { title: item.title })}
                .checked=${selected}
                @click=${(/** @type {MouseEvent} */ event) => this.#onCheck(item, event)}
              />`
            : nothing
        }
        <button
          class="sidebar-open"
          tabindex=${tabbable ? 0 : -1}
          aria-current=${active ? "page" : nothing}
          title=${item.title}
          @click=${(/** @type {MouseEvent} */ event) => this.#onClick(item, event)}
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

  #empty() {
    const { scope, loading, error } = conversations;
    if (error) return nothing;
    if (loading) return html`<p class="sidebar-empty">${t("sidebar-loading")}</p>`;
    if (scope.kind === "project") return html`<p class="sidebar-empty">${t("project-empty")}</p>`;
    if (scope.kind === "archived") return html`<p class="sidebar-empty">${t("archive-empty")}</p>`;
    if (scope.kind === "deleted") return html`<p class="sidebar-empty">${t("trash-empty")}</p>`;
    return html`<p class="sidebar-empty">${t("sidebar-empty")}<br />${t("sidebar-empty-help")}</p>`;
  }

  // ---- moving and opening -------------------------------------------------------------------------------------------------

  /** @returns {ConversationId | undefined} Where Tab enters the list: where the focus was, else at the open conversation. */
  #tabStop() {
    for (const id of [this.current, conversation.id]) {
      if (id !== undefined && conversations.get(id)) return id;
    }
    return conversations.items[0]?.id;
  }

  /** @param {ConversationId} id */
  #open(id) {
    this.current = id;
    if (conversations.scope.kind === "deleted") return;
    if (id !== conversation.id) void conversation.open(id);
    this.dispatchEvent(new CustomEvent("conversation-picked", { bubbles: true }));
  }

  /**
   * @param {ConversationId | undefined} id
   * @returns {Promise<boolean>} Whether there is such an item.
   */
  async focusItem(id) {
    const at = conversations.items.findIndex((each) => each.id === id);
    if (id === undefined || at < 0) return false;
    this.current = id;
    const scroller = this.#scroller;
    const top = this.#rowTop(at);
    if (scroller && (top < this._shown.top || top + ROW > this._shown.bottom)) {
      scroller.scrollTop = top + this.#offset - scroller.clientHeight / 2;
      this.#look();
    }
    await this.updateComplete;
    const button = /** @type {HTMLElement | null} */ (
      this.querySelector(`[data-id="${CSS.escape(id)}"] .sidebar-open`)
    );
    button?.focus();
    button?.closest("li")?.scrollIntoView({ block: "nearest" });
    return button !== null;
  }

  /** Puts the focus on the first item. */
  focusFirst() {
    return this.focusItem(conversations.items[0]?.id);
  }

  /** Where Tab would enter, where that is on the page; the list itself, where it is out of sight. @returns {HTMLElement | undefined} */
  get homeOfFocus() {
    const id = this.#tabStop();
    if (id === undefined) return undefined;
    return this.querySelector(`[data-id="${CSS.escape(id)}"] .sidebar-open`) ?? this;
  }

  /** Puts the focus where Tab would enter. */
  focusCurrent() {
    return this.focusItem(this.#tabStop());
  }

  /** @param {FocusEvent} event */
  onFocus(event) {
    const id = itemOf(event);
    if (id !== undefined) this.current = id;
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const id = itemOf(event) ?? (event.target === this ? this.current : undefined);
    if (id === undefined || this.renaming || event.defaultPrevented || isComposing(event) || event.altKey) return;
    const { items } = conversations;
    const at = items.findIndex((each) => each.id === id);
    const item = items[at];
    if (!item) return;
    const mod = session.platform === "macos" ? event.metaKey : event.ctrlKey;
    if (mod) {
      if (event.key.toLowerCase() === "a") {
        event.preventDefault();
        selection.all(items);
      } else if (event.key === " ") {
        event.preventDefault();
        selection.toggle(id);
      }
      return;
    }
    if (event.ctrlKey || event.metaKey) return;
    const page = Math.max(1, Math.floor((this.#scroller?.clientHeight ?? 400) / ROW) - 1);
    const to = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: Math.min(items.length - 1, at + page),
      PageUp: Math.max(0, at - page),
      Home: 0,
      End: items.length - 1,
    }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      const next = items[to];
      if (!next) return;
      if (event.shiftKey) selection.extend(items, next.id, id);
      void this.focusItem(next.id);
    } else if (event.key === "F2" && conversations.scope.kind !== "deleted") {
      event.preventDefault();
      this.#beginRename(id);
    } else if (event.key === "Delete" && conversations.scope.kind !== "deleted") {
      event.preventDefault();
      void this.deleteAt(id);
    } else if (event.key === "Escape" && selection.active) {
      event.preventDefault();
      event.stopPropagation();
      selection.clear();
      void this.focusItem(id);
    } else if (event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) {
      event.preventDefault();
      const button = /** @type {HTMLElement | null} */ (
        this.querySelector(`[data-id="${CSS.escape(id)}"] .sidebar-more`)
      );
      if (button) this.#ask(item, button);
    }
  }

  /**
   * Deletes it, or all that are selected where it is one of them, and puts the focus on what comes after.
   * @param {ConversationId} id
   */
  async deleteAt(id) {
    const { items } = conversations;
    const gone = selection.has(id) ? new Set(selection.within(items)) : new Set([id]);
    const at = items.findIndex((each) => each.id === id);
    const after = items.slice(at).find((each) => !gone.has(each.id));
    const neighbour = after ?? items.slice(0, at).findLast((each) => !gone.has(each.id));
    if (!(await deeds.delete(items.filter((each) => gone.has(each.id))))) return;
    if (!(await this.focusItem(neighbour?.id))) this.dispatchEvent(new CustomEvent("list-emptied", { bubbles: true }));
  }

  // ---- selecting and dragging ---------------------------------------------------------------------------------------------

  /**
   * @param {ConversationSummary} item
   * @param {MouseEvent} event
   */
  #onClick(item, event) {
    const mod = session.platform === "macos" ? event.metaKey : event.ctrlKey;
    if (event.shiftKey) selection.extend(conversations.items, item.id, this.current ?? conversation.id);
    else if (mod || selection.choosing) selection.toggle(item.id);
    else {
      selection.clear();
      this.#open(item.id);
    }
    this.current = item.id;
  }

  /**
   * @param {ConversationSummary} item
   * @param {MouseEvent} event
   */
  #onCheck(item, event) {
    event.stopPropagation();
    if (event.shiftKey) selection.extend(conversations.items, item.id, this.current);
    else selection.toggle(item.id);
    this.current = item.id;
  }

  /**
   * @param {ConversationSummary} item
   * @param {PointerEvent} event
   */
  #onPointer(item, event) {
    if (conversations.scope.kind === "deleted" || conversations.scope.kind === "archived") return;
    if (event.target instanceof Element && event.target.closest(".sidebar-more, .sidebar-check")) return;
    const items = () => (selection.has(item.id) ? conversations.items.filter(({ id }) => selection.has(id)) : [item]);
    watchDrag(event, {
      label: () => (items().length === 1 ? item.title : t("drag-many", { count: items().length })),
      drop: (place) => {
        const { drop, project } = place.dataset;
        if (drop === "project") void deeds.move(items(), project);
        else if (drop === "unfiled") void deeds.move(items(), undefined);
        else if (drop === "archive") void deeds.archive(items(), "archived");
        else if (drop === "trash") void deeds.delete(items());
      },
    });
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
    const atPointer = event.type === "contextmenu" && event.button === 2;
    this.#ask(item, button, atPointer ? { x: event.clientX, y: event.clientY } : undefined);
  }

  /**
   * @param {ConversationSummary} item
   * @param {HTMLElement} opener
   * @param {{ x: number, y: number }} [place]
   */
  #ask(item, opener, place) {
    this.current = item.id;
    /** @type {MenuRequest} */
    const detail = { conversation: item, opener, ...(place ? { place } : {}) };
    this.dispatchEvent(new CustomEvent("conversation-menu", { bubbles: true, detail }));
  }

  // ---- titles -------------------------------------------------------------------------------------------------------------

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

  /** @param {ConversationId} id */
  beginRename(id) {
    this.#beginRename(id);
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
    const item = conversations.get(id);
    this.#endRename(then);
    if (item && item.title !== title) await deeds.rename(item, title);
  }

  /** @param {"focus" | "leave"} then Whether the focus goes back to the item. */
  #endRename(then) {
    const id = this.renaming?.id;
    this.renaming = undefined;
    if (then === "focus") void this.focusItem(id);
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

customElements.define("c6-conversation-list", ConversationListView);
