/**
 * The projects above the list, and the ways to the archive and the trash. Each is a place that conversations can be dropped on. Inside one of
 * them it is the way back, which takes conversations out of a project.
 *
 * Event, bubbles: `project-menu` with what the menu is for.
 */
import { html, nothing } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { deeds } from "../../deeds.js";
import { LightElement } from "../../element.js";
import { i18n, t } from "../../i18n.js";
import { isComposing } from "../../ime.js";
import { conversations, projects, selection } from "../../state/index.js";
import { BACK, MORE } from "../icons.js";
import { watchDrag } from "./drag.js";
import { ARCHIVE, CARET_DOWN, FOLDER, TRASH } from "./signs.js";
import "./projects.css";

/** @import { TemplateResult } from "lit" */
/** @import { ConversationScope, ConversationSummary, Project, ProjectId } from "../../bridge/types.js" */

/** What the core accepts as a name, in characters. */
const NAME_MAX = 200;
const KEPT = "capibara6.projects";

/**
 * @typedef {object} ProjectMenuRequest
 * @property {Project} project
 * @property {HTMLElement} opener
 */

/** Which name is being written. @typedef {{ id: ProjectId | undefined, problem?: "project-name-empty" | "project-name-long", items: ConversationSummary[] }} Naming */

export class ProjectsView extends LightElement {
  static properties = { naming: { state: true }, open: { state: true }, current: { state: true } };

  constructor() {
    super();
    /** @type {Naming | undefined} */
    this.naming = undefined;
    /** Whether the section is unfolded. */
    this.open = localStorage.getItem(KEPT) !== "folded";
    /** Which row is in the tab order. @type {string | undefined} */
    this.current = undefined;
    this.watch(projects, conversations);
  }

  render() {
    const { scope } = conversations;
    if (scope.kind !== "unfiled" && scope.kind !== "active") return this.#inside(scope);
    const rows = [...projects.items.map(({ id }) => id), "archived", "deleted"];
    const tabStop = this.current !== undefined && rows.includes(this.current) ? this.current : rows[0];
    return html`
      <section class="projects" data-testid="projects" aria-labelledby="projects-heading">
        <div class="projects-head">
          <h2 id="projects-heading" class="projects-heading">
            <button class="projects-fold" aria-expanded=${this.open} aria-controls="projects-list" @click=${this.#fold}>
              ${t("projects-title")}<span class="projects-caret">${CARET_DOWN}</span>
            </button>
          </h2>
          <button
            class="projects-add"
            data-testid="project-add"
            aria-label=${t("project-add")}
            title=${t("project-add")}
            @click=${() => this.create()}
          >
            +
          </button>
        </div>
        <ul id="projects-list" aria-labelledby="projects-heading" ?hidden=${!this.open} @keydown=${this.#onKey}>
          ${repeat(
            projects.items,
            ({ id }) => id,
            (project) => (this.naming?.id === project.id ? this.#name(project.name) : this.#project(project, tabStop)),
          )}
          ${this.naming && this.naming.id === undefined ? this.#name("") : nothing}
          ${this.#place("archived", t("archive-title"), ARCHIVE, "archive", tabStop)}
          ${this.#place("deleted", t("trash-title"), TRASH, "trash", tabStop)}
        </ul>
        ${projects.error ? html`<c6-error .error=${projects.error}></c6-error>` : nothing}
      </section>
    `;
  }

  /**
   * @param {Project} project
   * @param {string | undefined} tabStop
   */
  #project(project, tabStop) {
    const { id, name, conversations: count } = project;
    return html`
      <li
        class="projects-row"
        data-testid="project"
        data-project=${id}
        data-drop="project"
        data-row=${id}
        @pointerdown=${(/** @type {PointerEvent} */ event) => this.#onPointer(project, event)}
        @contextmenu=${(/** @type {MouseEvent} */ event) => this.#menu(project, event)}
      >
        <button class="projects-open" tabindex=${tabStop === id ? 0 : -1} title=${name} @click=${() => this.#enter({ kind: "project", project: id })}>
          ${FOLDER}<span class="projects-name" dir="auto">${name}</span>
          <span class="projects-count"
            >${i18n.number(count)}<span class="sr-only"> ${t("project-count", { count })}</span></span
          >
        </button>
        <button
          class="sidebar-more projects-more"
          data-testid="project-menu"
          tabindex=${tabStop === id ? 0 : -1}
          aria-haspopup="menu"
          aria-label=${t("project-menu", { name })}
          @click=${(/** @type {MouseEvent} */ event) => this.#menu(project, event)}
        >
          ${MORE}
        </button>
      </li>
    `;
  }

  /**
   * @param {"archived" | "deleted"} kind
   * @param {string} name
   * @param {TemplateResult} sign
   * @param {"archive" | "trash"} drop
   * @param {string | undefined} tabStop
   */
  #place(kind, name, sign, drop, tabStop) {
    return html`<li class="projects-row projects-row--place" data-drop=${drop} data-row=${kind}>
      <button class="projects-open" data-testid=${drop} tabindex=${tabStop === kind ? 0 : -1} @click=${() => this.#enter({ kind })}>
        ${sign}<span class="projects-name">${name}</span>
      </button>
    </li>`;
  }

  /** @param {ConversationScope} scope */
  #inside(scope) {
    const project = scope.kind === "project" ? projects.get(scope.project) : undefined;
    const [name, sign] =
      scope.kind === "archived"
        ? [t("archive-title"), ARCHIVE]
        : scope.kind === "deleted"
          ? [t("trash-title"), TRASH]
          : [project?.name ?? "", FOLDER];
    return html`
      <section class="projects projects--inside" data-testid="scope" data-scope=${scope.kind} data-project=${project?.id ?? nothing}>
        <button
          class="projects-back"
          data-testid="scope-back"
          data-drop=${project ? "unfiled" : nothing}
          @click=${this.#leave}
        >
          ${BACK}${t("projects-back")}
        </button>
        ${
          project && this.naming?.id === project.id
            ? html`<ul>${this.#name(project.name)}</ul>`
            : html`<div class="projects-here">
                ${sign}
                <h2 class="projects-name" dir="auto">${name}</h2>
                ${
                  project
                    ? html`<button
                        class="action projects-here-more"
                        data-testid="project-menu"
                        aria-haspopup="menu"
                        aria-label=${t("project-menu", { name })}
                        @click=${(/** @type {MouseEvent} */ event) => this.#menu(project, event)}
                      >
                        ${MORE}
                      </button>`
                    : nothing
                }
              </div>`
        }
        ${scope.kind === "deleted" && conversations.items.length > 0 ? html`<p class="hint projects-hint">${t("trash-help")}</p>` : nothing}
      </section>
    `;
  }

  /** @param {string} value */
  #name(value) {
    const problem = this.naming?.problem;
    return html`<li class="projects-row projects-row--naming">
      <input
        class="field sidebar-rename"
        data-testid="project-name"
        aria-label=${t("project-name-label")}
        aria-describedby="project-name-hint"
        aria-invalid=${problem !== undefined}
        autocomplete="off"
        placeholder=${t("project-name-label")}
        .value=${value}
        @keydown=${this.#onNameKey}
        @blur=${this.#onNameBlur}
        @input=${() => {
          if (this.naming?.problem) this.naming = { id: this.naming.id, items: this.naming.items };
        }}
      />
      <span id="project-name-hint" class=${problem ? "sidebar-problem" : "sr-only"}>
        ${problem ? t(problem, { max: NAME_MAX }) : t("item-title-hint")}
      </span>
    </li>`;
  }

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    if (!changed.has("naming") || !this.naming) return;
    const field = /** @type {HTMLInputElement | null} */ (this.querySelector(".sidebar-rename"));
    if (field && document.activeElement !== field) {
      field.focus();
      field.select();
    }
  }

  /**
   * A project that is gone leaves the focus among the others.
   * @param {HTMLElement} _lost
   * @param {readonly HTMLElement[]} around
   */
  focusHome(_lost, around) {
    const inside = around.some((each) => each.matches("[data-row], .projects--inside"));
    return inside ? this.querySelector('.projects-open[tabindex="0"]') : null;
  }

  // ---- what happens ---------------------------------------------------------------------------------------------------------

  #fold() {
    this.open = !this.open;
    localStorage.setItem(KEPT, this.open ? "open" : "folded");
  }

  /** @param {ConversationScope} scope */
  #enter(scope) {
    selection.clear();
    void conversations.show(scope);
    void this.updateComplete.then(() => {
      /** @type {HTMLElement | null} */ (this.querySelector(".projects-back"))?.focus();
    });
  }

  #leave() {
    const { scope } = conversations;
    this.current = scope.kind === "project" ? scope.project : scope.kind;
    selection.clear();
    void conversations.show({ kind: "unfiled" });
    void this.updateComplete.then(() => this.#focusRow(this.current));
  }

  /**
   * Asks for the name of a new project.
   * @param {ConversationSummary[]} [items] What goes into it.
   */
  create(items = []) {
    this.open = true;
    this.naming = { id: undefined, items };
  }

  /** @param {ProjectId} id */
  rename(id) {
    this.naming = { id, items: [] };
  }

  /**
   * @param {Project} project
   * @param {MouseEvent} event
   */
  #menu(project, event) {
    event.preventDefault();
    event.stopPropagation();
    const row = event.currentTarget instanceof Element ? event.currentTarget : null;
    const opener = /** @type {HTMLElement | null} */ (
      row?.matches("button") ? row : row?.querySelector("[data-testid=project-menu]")
    );
    if (!opener) return;
    /** @type {ProjectMenuRequest} */
    const detail = { project, opener };
    this.dispatchEvent(new CustomEvent("project-menu", { bubbles: true, detail }));
  }

  /**
   * @param {Project} project
   * @param {PointerEvent} event
   */
  #onPointer(project, event) {
    if (event.target instanceof Element && event.target.closest(".sidebar-more, input")) return;
    watchDrag(event, {
      label: () => project.name,
      // Before the one that it is dropped on; at the end, where it is dropped on what follows them.
      drop: (place) => {
        const { drop, project: before } = place.dataset;
        if (before === project.id) return;
        if (drop === "project") void deeds.make(() => projects.move(project.id, before));
        else if (drop === "archive") void deeds.make(() => projects.move(project.id, undefined));
      },
    });
  }

  /** @param {string | undefined} row */
  #focusRow(row) {
    if (row === undefined) return;
    this.current = row;
    /** @type {HTMLElement | null} */ (this.querySelector(`[data-row="${CSS.escape(row)}"] .projects-open`))?.focus();
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.target instanceof HTMLInputElement || isComposing(event)) return;
    const rows = [.../** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll("[data-row]"))];
    const row = event.target instanceof Element ? event.target.closest("[data-row]") : null;
    const at = rows.indexOf(/** @type {HTMLElement} */ (row));
    const project = projects.items[at];
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (event.altKey && project && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      // With Alt the project itself moves.
      event.preventDefault();
      const up = event.key === "ArrowUp";
      if (up ? at === 0 : at === projects.items.length - 1) return;
      const before = projects.items[up ? at - 1 : at + 2]?.id;
      void deeds.make(() => projects.move(project.id, before)).then(() => this.#focusRow(project.id));
    } else if (event.altKey || event.ctrlKey || event.metaKey) return;
    else if (to !== undefined) {
      event.preventDefault();
      this.#focusRow(rows[to]?.dataset.row);
    } else if (event.key === "F2" && project) {
      event.preventDefault();
      this.rename(project.id);
    } else if (event.key === "Delete" && project) {
      event.preventDefault();
      void deeds.deleteProject(project.id).then(() => this.#focusRow(projects.items[at]?.id ?? "archived"));
    }
  }

  /** @param {KeyboardEvent} event */
  #onNameKey(event) {
    event.stopPropagation();
    if (isComposing(event)) return;
    if (event.key === "Enter") {
      event.preventDefault();
      void this.#commit(/** @type {HTMLInputElement} */ (event.target).value);
    } else if (event.key === "Escape") {
      event.preventDefault();
      const row = this.naming?.id;
      this.naming = undefined;
      void this.updateComplete.then(() => this.#focusRow(row ?? projects.items.at(-1)?.id ?? "archived"));
    }
  }

  /** @param {FocusEvent} event */
  #onNameBlur(event) {
    if (!this.naming || !document.hasFocus()) return;
    const { value } = /** @type {HTMLInputElement} */ (event.target);
    if (problemOf(value)) this.naming = undefined;
    else void this.#commit(value);
  }

  /** @param {string} value */
  async #commit(value) {
    const { naming } = this;
    if (!naming) return;
    const problem = problemOf(value);
    if (problem) {
      this.naming = { ...naming, problem };
      return;
    }
    this.naming = undefined;
    if (naming.id !== undefined) {
      if (projects.get(naming.id)?.name !== value.trim()) await deeds.renameProject(naming.id, value.trim());
      await this.updateComplete;
      this.#focusRow(naming.id);
      return;
    }
    const made = await deeds.createProject(value.trim(), naming.items);
    await this.updateComplete;
    this.#focusRow(made?.id);
  }
}

/**
 * @param {string} value
 * @returns {Naming["problem"]}
 */
function problemOf(value) {
  const name = value.trim();
  if (name === "") return "project-name-empty";
  return [...name].length > NAME_MAX ? "project-name-long" : undefined;
}

customElements.define("c6-projects", ProjectsView);
