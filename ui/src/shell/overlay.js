/**
 * The one view that is open in front of the conversation, in a modal dialog of the platform: it traps the focus, makes the rest
 * inert and gives the focus back by itself.
 */
import { html, nothing } from "lit";
import { LightElement } from "../element.js";
import { t } from "../i18n.js";
import { isComposing } from "../ime.js";
import { navigation } from "../navigation.js";

/** @import { OpenView, ViewName } from "../navigation.js" */

/** @type {Record<ViewName, () => Promise<unknown>>} */
const LOAD = {
  settings: () => import("../views/settings.js"),
  palette: () => import("../views/palette.js"),
  shortcuts: () => import("../views/shortcuts.js"),
  about: () => import("../views/about.js"),
  "sign-in": () => import("../views/sign-in.js"),
  export: () => import("../views/export.js"),
  transfer: () => import("../views/transfer.js"),
  salvage: () => import("../views/salvage.js"),
  plan: () => import("../views/plan.js"),
  models: () => import("../views/models.js"),
};

export class Overlay extends LightElement {
  static properties = { _element: { state: true } };

  /** @type {OpenView | undefined} */
  #view;

  constructor() {
    super();
    /** @type {HTMLElement | undefined} */
    this._element = undefined;
    this.watch(navigation);
  }

  willUpdate() {
    if (this.#view === navigation.current) return;
    this.#view = navigation.current;
    this._element = undefined;
    if (this.#view) void this.#load(this.#view);
  }

  /** @param {OpenView} view */
  async #load(view) {
    await LOAD[view.name]();
    if (navigation.current !== view) return;
    const element = document.createElement(`c6-${view.name}`);
    this._element = Object.assign(element, { params: view.params });
  }

  updated() {
    const dialog = this.querySelector("dialog");
    if (dialog && this._element && !dialog.open) {
      const element = /** @type {any} */ (this._element);
      // Focus begins where the view says, which it can only once it has rendered.
      void Promise.resolve(element.updateComplete).then(() => {
        if (dialog.isConnected && !dialog.open) dialog.showModal();
      });
    }
  }

  /** @param {MouseEvent} event */
  #onPointer(event) {
    if (event.target === event.currentTarget) navigation.close();
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    // The platform would close the dialog also where Escape only ends a composition.
    if (event.key === "Escape" && isComposing(event)) event.preventDefault();
  }

  render() {
    if (!this.#view || !this._element) return nothing;
    const view = this.#view;
    const { name } = view;
    return html`<dialog
      class="overlay overlay--${name}"
      aria-label=${t(`${name}-title`)}
      @close=${() => {
        // Its end may be told when another view is open already.
        if (navigation.current === view) navigation.close();
      }}
      @pointerdown=${this.#onPointer}
      @keydown=${this.#onKey}
    >
      ${this._element}
    </dialog>`;
  }
}

customElements.define("c6-overlay", Overlay);
