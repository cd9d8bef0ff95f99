/**
 * The window's frame: three regions, of which two become drawers in a narrow window, the one view that is open in front of them, the
 * banner for lasting trouble, and the keyboard. It owns no data: it looks at the stores and places elements.
 */
import { html, nothing } from "lit";
import { runByKey, setFrame } from "./actions.js";
import "./chat/index.js";
import { LightElement } from "./element.js";
import { i18n, t } from "./i18n.js";
import { isComposing } from "./ime.js";
import { watchLinks } from "./link-door.js";
import { navigation } from "./navigation.js";
import { keepFocus } from "./shell/keep-focus.js";
import "./shell/overlay.js";
import { backups, conversations, search, session, settings } from "./state/index.js";
import "./shell/shell.css";
import { undoOf } from "./undo-keys.js";

/** Views that the shell places itself. Loaded when they are first needed. */
const PLACED = {
  sidebar: () => import("./views/sidebar.js"),
  onboarding: () => import("./views/onboarding.js"),
  locked: () => import("./views/encryption/locked.js"),
};

/** Loads what the shell will place now, so that the window is whole when it is first shown. */
export async function loadPlaced() {
  if (session.locked) await PLACED.locked();
  if (session.phase === "onboarding" && !session.locked) await PLACED.onboarding();
  else if (session.phase === "ready") await PLACED.sidebar();
}

/** @typedef {"sidebar" | "main" | "inspector"} Region */

const NARROW = { sidebar: window.matchMedia("(width < 760px)"), inspector: window.matchMedia("(width < 1100px)") };
const REMEMBERED = "capibara6.regions";

export class AppShell extends LightElement {
  static properties = { _shown: { state: true } };

  /** @type {AbortController | undefined} */
  #connection;
  /** Which report about a damaged history was shown. @type {number | undefined} */
  #salvageSaid;
  /** Which drawer had the focus before, to give it back. @type {Element | null} */
  #opener = null;

  constructor() {
    super();
    /** Which of the two outer regions are shown. In a narrow window at most one, as a drawer over the rest. */
    this._shown = { sidebar: !NARROW.sidebar.matches, inspector: !NARROW.inspector.matches, ...this.#remembered() };
    this.watch(session, settings, navigation);
  }

  #remembered() {
    try {
      const kept = JSON.parse(localStorage.getItem(REMEMBERED) ?? "{}");
      return {
        ...(kept.sidebar === false && !NARROW.sidebar.matches ? { sidebar: false } : {}),
        ...(kept.inspector === false && !NARROW.inspector.matches ? { inspector: false } : {}),
      };
    } catch {
      return {};
    }
  }

  connectedCallback() {
    super.connectedCallback();
    this.#connection = new AbortController();
    const { signal } = this.#connection;
    setFrame({
      toggle: (region) => this.toggle(region),
      moveRegion: (step) => this.#moveRegion(step),
      focusComposer: () => this.#focusComposer(),
      focusSearch: () => void this.#focusSearch(),
      newProject: () => void this.#newProject(),
      focusList: () => void this.#showSidebar().then(() => this.#focusRegion("sidebar")),
    });
    watchLinks(document, signal);
    keepFocus(signal);
    // What was lost of a damaged history is said once, before anything else.
    backups.observe(() => {
      const at = backups.salvage?.at;
      if (at === undefined || at === this.#salvageSaid || session.phase !== "ready") return;
      this.#salvageSaid = at;
      navigation.open("salvage");
    }, signal);
    document.addEventListener("keydown", (event) => this.#onKey(event), { signal });
    for (const region of /** @type {const} */ (["sidebar", "inspector"])) {
      NARROW[region].addEventListener("change", ({ matches }) => this.#show(region, !matches), { signal });
    }
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#connection?.abort();
  }

  /**
   * Shows or hides an outer region. Over a narrow window it is a drawer and takes the focus.
   * @param {"sidebar" | "inspector"} region
   */
  toggle(region) {
    const shown = !this._shown[region];
    this.#show(region, shown);
    if (!NARROW[region].matches) localStorage.setItem(REMEMBERED, JSON.stringify(this._shown));
    else if (shown) {
      this.#opener = document.activeElement;
      void this.updateComplete.then(() => this.#focusRegion(region));
    } else if (this.#opener instanceof HTMLElement) this.#opener.focus();
  }

  /**
   * @param {"sidebar" | "inspector"} region
   * @param {boolean} shown
   */
  #show(region, shown) {
    this._shown = { ...this._shown, [region]: shown };
  }

  /** Closes whatever is drawn over the conversation. @returns {boolean} Whether there was something. */
  #closeDrawers() {
    let closed = false;
    for (const region of /** @type {const} */ (["sidebar", "inspector"])) {
      if (NARROW[region].matches && this._shown[region]) {
        this.toggle(region);
        closed = true;
      }
    }
    return closed;
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.defaultPrevented || isComposing(event)) return;
    const target = event.composedPath()[0];
    const typing = target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
    if (event.key === "Escape" && navigation.current === undefined && this.#closeDrawers()) {
      event.preventDefault();
      return;
    }
    const undo = typing ? undoOf(event, session.platform) : undefined;
    if (undo) {
      event.preventDefault();
      document.execCommand(undo);
      return;
    }
    if (runByKey(event, typing)) event.preventDefault();
  }

  /** The regions that can be reached now, in reading order. @returns {Region[]} */
  #regions() {
    if (session.phase !== "ready") return ["main"];
    return [
      ...(this._shown.sidebar ? /** @type {const} */ (["sidebar"]) : []),
      "main",
      ...(this._shown.inspector ? /** @type {const} */ (["inspector"]) : []),
    ];
  }

  /** @param {1 | -1} step */
  #moveRegion(step) {
    if (navigation.current !== undefined) return;
    const regions = this.#regions();
    const here = regions.findIndex((name) =>
      this.querySelector(`[data-region="${name}"]`)?.contains(document.activeElement),
    );
    const next = regions.at((here + step + regions.length) % regions.length);
    if (next === "main") this.#focusComposer();
    else if (next) this.#focusRegion(next);
  }

  /** @param {Region} name */
  #focusRegion(name) {
    const region = this.querySelector(`[data-region="${name}"]`);
    /** @type {HTMLElement | null | undefined} */
    const first = region?.querySelector("[aria-current], input, button:not(:disabled), a[href], [tabindex='0']");
    first?.focus();
  }

  #focusComposer() {
    void this.updateComplete.then(() => {
      /** @type {HTMLElement | null} */ (this.querySelector('[data-testid="composer"]'))?.focus();
    });
  }

  async #showSidebar() {
    navigation.close();
    if (!this._shown.sidebar) this.toggle("sidebar");
    await this.updateComplete;
  }

  async #newProject() {
    await this.#showSidebar();
    if (search.active) search.clear();
    if (conversations.scope.kind !== "unfiled") await conversations.show({ kind: "unfiled" });
    await new Promise((resolve) => requestAnimationFrame(resolve));
    const projects = /** @type {import("./views/history/projects.js").ProjectsView | null} */ (
      this.querySelector("c6-projects")
    );
    projects?.create();
  }

  async #focusSearch() {
    await this.#showSidebar();
    /** @type {HTMLElement | null} */ (this.querySelector('[data-region="sidebar"] [data-testid="search"]'))?.focus();
  }

  render() {
    if (!i18n.loaded) return nothing;
    switch (session.phase) {
      case "starting":
        return nothing;
      case "failed":
        return html`<main class="shell-failed" data-region="main">
          <h1>${t("app-failed")}</h1>
          <c6-error .error=${session.error}></c6-error>
          <button class="button" @click=${() => window.location.reload()}>${t("app-retry")}</button>
        </main>`;
      case "onboarding":
        // Which profile was chosen stands in what is locked.
        if (session.locked) {
          void PLACED.locked();
          return html`<main class="shell-onboarding" data-region="main"><c6-locked></c6-locked></main>
            <c6-overlay></c6-overlay><c6-link-door></c6-link-door>`;
        }
        void PLACED.onboarding();
        return html`<main class="shell-onboarding" data-region="main"><c6-onboarding></c6-onboarding></main>
          <c6-overlay></c6-overlay><c6-link-door></c6-link-door>`;
      case "ready":
        return this.#frame();
    }
  }

  #frame() {
    void PLACED.sidebar();
    if (session.locked) void PLACED.locked();
    const { sidebar } = this._shown;
    const inspector = this._shown.inspector && !session.locked;
    return html`
      <div class="shell" data-sidebar=${sidebar ? "shown" : "hidden"} data-inspector=${inspector ? "shown" : "hidden"}>
        <aside class="shell-sidebar" data-region="sidebar" aria-label=${t("region-sidebar")} ?inert=${!sidebar}>
          <c6-sidebar @conversation-picked=${() => this.#closeDrawers()}></c6-sidebar>
        </aside>
        <main class="shell-main" data-region="main" aria-label=${t("region-main")}>
          ${
            session.locked
              ? html`<c6-locked></c6-locked>`
              : html`<c6-chat .sidebarShown=${sidebar} .inspectorShown=${inspector}></c6-chat>`
          }
        </main>
        <aside class="shell-inspector" data-region="inspector" aria-label=${t("region-inspector")} ?inert=${!inspector}>
          <c6-inspector></c6-inspector>
        </aside>
        <div class="shell-backdrop" @click=${() => this.#closeDrawers()}></div>
      </div>
      <c6-overlay></c6-overlay>
      <c6-link-door></c6-link-door>
    `;
  }
}

customElements.define("c6-app", AppShell);
