/**
 * What the search has found, conversation by conversation, newest first. The field keeps the focus and points at the chosen hit (the combobox
 * pattern of the ARIA Authoring Practices), so that one can go through the hits while the conversation behind follows.
 *
 * Event, bubbles: `conversation-picked`.
 */
import { html, nothing } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { LightElement } from "../../element.js";
import { i18n, t } from "../../i18n.js";
import { conversation, search, session } from "../../state/index.js";
import { groupHits } from "../../state/search.js";
import { ARCHIVE } from "./signs.js";
import "./results.css";

/** @import { ConversationId, SearchHit, SnippetPart } from "../../bridge/types.js" */
/** @import { Found } from "../../state/search.js" */

/** How many hits of one conversation are shown before it is unfolded. */
const FEW = 3;
/** How near to the end of what is loaded more is read, in pixels. */
const NEAR = 800;

export class SearchResults extends LightElement {
  static properties = { chosen: { attribute: false }, _unfolded: { state: true } };

  /** The hits that are shown now, in order. @type {SearchHit[]} */
  #visible = [];
  /** @type {AbortController | undefined} */
  #connection;

  constructor() {
    super();
    /** Which hit Enter opens; the first where absent. @type {string | undefined} */
    this.chosen = undefined;
    /** Conversations of which all hits are shown. @type {ReadonlySet<ConversationId>} */
    this._unfolded = new Set();
    this.watch(search, session, conversation);
  }

  connectedCallback() {
    super.connectedCallback();
    this.#connection = new AbortController();
    const scroller = this.closest(".sidebar-list");
    scroller?.addEventListener("scroll", () => this.#look(), { passive: true, signal: this.#connection.signal });
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#connection?.abort();
  }

  #look() {
    const scroller = this.closest(".sidebar-list");
    if (!scroller || !search.more) return;
    if (scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop < NEAR) void search.loadMore();
  }

  /** The element id of the hit that Enter opens. */
  get active() {
    const hit = this.#chosenHit();
    return hit ? elementId(hit) : undefined;
  }

  #chosenHit() {
    return this.#visible.find((hit) => keyOf(hit) === this.chosen) ?? this.#visible[0];
  }

  /** @param {1 | -1} step */
  move(step) {
    const hit = this.#chosenHit();
    if (!hit) return;
    // Nothing is chosen until a key says so: the first step down stays on the first hit.
    const at = this.#visible.indexOf(hit);
    const next = this.chosen === undefined ? hit : this.#visible[at + step];
    if (!next) return;
    this.chosen = keyOf(next);
    void this.updateComplete.then(() =>
      this.querySelector(`#${CSS.escape(elementId(next))}`)?.scrollIntoView({ block: "nearest" }),
    );
  }

  /** Opens the chosen hit. */
  open() {
    const hit = this.#chosenHit();
    if (hit) this.#open(hit);
  }

  /** @param {SearchHit} hit */
  #open(hit) {
    this.chosen = keyOf(hit);
    if (hit.message === undefined) void conversation.open(hit.conversation.id);
    else void conversation.openAt(hit.conversation.id, hit.message, search.answered);
    this.dispatchEvent(new CustomEvent("conversation-picked", { bubbles: true }));
  }

  render() {
    const groups = groupHits(search.hits);
    this.#visible = groups.flatMap((group) => this.#shownOf(group));
    return html`
      <div class="results" id="search-results" role="listbox" aria-label=${t("search-results")} aria-busy=${search.busy}>
        ${repeat(
          groups,
          ({ conversation: { id } }) => id,
          (group) => this.#group(group),
        )}
      </div>
      ${this.#end()}
    `;
  }

  /** @param {Found} group @returns {SearchHit[]} */
  #shownOf({ conversation: { id }, title, messages }) {
    const few = this._unfolded.has(id) || messages.length <= FEW + 1 ? messages : messages.slice(0, FEW);
    return title ? [title, ...few] : few;
  }

  /** @param {Found} group */
  #group(group) {
    const { conversation: summary, title, messages } = group;
    const shown = this.#shownOf(group);
    const hidden = messages.length + (title ? 1 : 0) - shown.length;
    const id = `found-${summary.id}`;
    return html`
      <div class="results-group" role="group" aria-labelledby=${id}>
        ${
          title
            ? html`<span class="sr-only" id=${id}>${summary.title}</span>`
            : html`<div class="results-head" id=${id} role="presentation">
                <span class="results-title" dir="auto">${summary.title}</span>
                ${summary.archived_at === undefined ? nothing : html`<span class="results-sign" title=${t("archive-title")}>${ARCHIVE}</span>`}
              </div>`
        }
        ${shown.map((hit) => this.#hit(hit))}
        ${
          hidden > 0
            ? html`<div role="presentation">
                <button class="results-more" tabindex="-1" @click=${() => {
                  this._unfolded = new Set([...this._unfolded, summary.id]);
                }}>
                  ${t("search-more-here", { count: hidden })}
                </button>
              </div>`
            : nothing
        }
      </div>
    `;
  }

  /** @param {SearchHit} hit */
  #hit(hit) {
    const chosen = this.chosen === keyOf(hit);
    const { message, role, model } = hit;
    const who = role === "user" ? t("message-you") : session.labelOf(model);
    return html`<div
      class="results-hit ${message === undefined ? "results-hit--title" : ""}"
      role="option"
      id=${elementId(hit)}
      data-testid="search-result"
      data-conversation=${hit.conversation.id}
      data-message=${message ?? nothing}
      aria-selected=${chosen}
      @click=${() => this.#open(hit)}
    >
      ${
        message === undefined
          ? html`<span class="results-title" dir="auto">${snippet(hit.snippet)}</span>`
          : html`<span class="results-snippet" dir="auto">${snippet(hit.snippet)}</span>
              <span class="results-meta">
                ${role === "assistant" ? html`<span class="dot" data-hue=${session.hueOf(model) ?? nothing}></span>` : nothing}
                <span>${who}</span><span>${i18n.date(hit.created_at, dateStyle(hit.created_at))}</span>
              </span>`
      }
    </div>`;
  }

  #end() {
    const { hits, busy, more, searchedTo, error, pending, answered, text } = search;
    if (error) return html`<c6-error .error=${error}></c6-error>`;
    // While the answer for other words is under way, nothing is said about these.
    const settled = !busy && answered === text;
    return html`
      ${
        pending > 0
          ? html`<p class="hint results-note" data-testid="search-building">${t("search-building", { count: pending })}</p>`
          : nothing
      }
      ${
        settled && hits.length === 0 && !more
          ? html`<p class="sidebar-empty" data-testid="search-none">
              ${
                search.filtered
                  ? t("search-none-filtered", { query: text.trim() })
                  : html`${t("search-none", { query: text.trim() })}<br />${t("search-none-help")}`
              }
            </p>`
          : nothing
      }
      ${
        more && searchedTo !== undefined
          ? html`<p class="hint results-note">${t("search-searched-to", { date: i18n.date(searchedTo, { dateStyle: "long" }) })}</p>`
          : nothing
      }
      ${
        more
          ? html`<button class="button button--quiet sidebar-next" ?disabled=${busy} @click=${() => search.loadMore()}>
              ${t("search-more")}
            </button>`
          : nothing
      }
    `;
  }
}

/** @param {SearchHit} hit */
function keyOf({ conversation: { id }, message }) {
  return `${id}-${message ?? "title"}`;
}

/** @param {SearchHit} hit */
function elementId(hit) {
  return `hit-${keyOf(hit)}`;
}

/** @param {readonly SnippetPart[]} parts */
function snippet(parts) {
  return parts.map(({ text, marked }) => (marked ? html`<mark>${text}</mark>` : text));
}

/** @param {number} at @returns {Intl.DateTimeFormatOptions} */
function dateStyle(at) {
  return new Date(at).getFullYear() === new Date().getFullYear()
    ? { day: "numeric", month: "short" }
    : { day: "numeric", month: "short", year: "numeric" };
}

customElements.define("c6-search-results", SearchResults);
