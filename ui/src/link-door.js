/**
 * The one door to addresses. Nothing in the window navigates: every click on a link ends here, the reader sees where it leads, and
 * only then is the core asked to open it, which checks once more. Only `https`, `http` and `mailto` pass.
 */
import { html, nothing } from "lit";
import { call } from "./bridge/index.js";
import { copyText } from "./clipboard.js";
import { LightElement } from "./element.js";
import { t } from "./i18n.js";
import { destination } from "./link-destination.js";
import "./link-door.css";

/** @import { AppError } from "./bridge/types.js" */
/** @import { Destination } from "./link-destination.js" */

/**
 * Catches every way in which a link can be followed.
 * @param {Document} root
 * @param {AbortSignal} signal
 */
export function watchLinks(root, signal) {
  /** @param {Event} event */
  const caught = (event) => {
    const link = event
      .composedPath()
      .find(
        (each) =>
          (each instanceof HTMLAnchorElement || each instanceof SVGAElement || each instanceof HTMLAreaElement) &&
          each.hasAttribute("href"),
      );
    if (!(link instanceof Element)) return;
    event.preventDefault();
    if (event.type === "click" || (event.type === "auxclick" && /** @type {MouseEvent} */ (event).button === 1)) {
      const door = root.querySelector("c6-link-door");
      if (door instanceof LinkDoor) door.ask(link.getAttribute("href") ?? "");
    }
  };
  for (const type of ["click", "auxclick", "dragstart"]) root.addEventListener(type, caught, { capture: true, signal });
  // Nothing that is dropped on the window is opened by it.
  for (const type of ["dragover", "drop"]) {
    root.addEventListener(
      type,
      (event) => {
        const target = event.target;
        if (!(target instanceof Element && target.matches("input, textarea"))) event.preventDefault();
      },
      { signal },
    );
  }
}

export class LinkDoor extends LightElement {
  static properties = { _destination: { state: true }, _error: { state: true } };

  constructor() {
    super();
    /** @type {Destination | undefined} */
    this._destination = undefined;
    /** @type {AppError | undefined} */
    this._error = undefined;
  }

  /** Asks the reader whether to go there. @param {string} address */
  ask(address) {
    const found = destination(address);
    if (!found) return;
    this._error = undefined;
    this._destination = found;
  }

  updated() {
    const dialog = this.querySelector("dialog");
    if (dialog && !dialog.open) dialog.showModal();
  }

  #close() {
    this._destination = undefined;
  }

  async #open() {
    const found = this._destination;
    if (!found) return;
    try {
      await call("link_open", { url: found.url });
      this.#close();
    } catch (error) {
      this._error = /** @type {AppError} */ (error);
    }
  }

  async #copy() {
    if (await copyText(this._destination?.url ?? "")) this.#close();
  }

  render() {
    const found = this._destination;
    if (!found) return nothing;
    const mail = found.kind === "mail";
    return html`<dialog class="overlay overlay--link" data-testid="link-door" data-host=${found.host} aria-labelledby="link-door-title" @close=${this.#close}>
      <div class="link-door">
        <h2 id="link-door-title">${t("link-door-title")}</h2>
        <p>${mail ? t("link-door-mail", { address: found.host }) : t("link-door-host", { host: found.mixed ? found.ascii : found.host })}</p>
        <p class="link-door-address" tabindex="0">${found.url}</p>
        ${found.mixed ? html`<p class="link-door-warning" data-testid="link-homograph">${t("link-door-homograph", { ascii: found.ascii })}</p>` : nothing}
        ${found.kind === "plain" ? html`<p class="hint">${t("link-door-insecure")}</p>` : nothing}
        ${this._error ? html`<c6-error .error=${this._error}></c6-error>` : nothing}
        <div class="link-door-foot">
          <button type="button" class="button button--quiet" data-testid="link-copy" @click=${this.#copy}>${t("link-door-copy")}</button>
          <button type="button" class="button" data-testid="link-cancel" autofocus @click=${this.#close}>${t("link-door-cancel")}</button>
          <button type="button" class="button button--primary" data-testid="link-open" @click=${this.#open}>${t("link-door-open")}</button>
        </div>
      </div>
    </dialog>`;
  }
}

customElements.define("c6-link-door", LinkDoor);
