/**
 * The middle of the window: title and endpoints above, what lasts and matters as banners, the messages, and the composer.
 */
import { html, nothing } from "lit";
import { run } from "../actions.js";
import { LightElement } from "../element.js";
import { i18n, t } from "../i18n.js";
import { navigation } from "../navigation.js";
import { inUse, refusal } from "../plan.js";
import { conversation, conversations, session, settings } from "../state/index.js";
import "../views/account/notices.js";
import "./announcer.js";
import "./chat.css";
import "./composer.js";
import "./error.js";
import "./health.js";
import { CLOSE, INSPECTOR, SIDEBAR } from "./icons.js";
import "./messages.js";

export class Chat extends LightElement {
  static properties = { sidebarShown: { attribute: false }, inspectorShown: { attribute: false } };

  constructor() {
    super();
    this.sidebarShown = true;
    this.inspectorShown = true;
    this.watch(conversation, conversations, session, settings);
    this.addEventListener("example", (event) => {
      const composer = /** @type {import("./composer.js").Composer | null} */ (this.querySelector("c6-composer"));
      void composer?.fill(/** @type {CustomEvent<string>} */ (event).detail);
    });
    this.addEventListener("inspect", () => {
      if (!this.inspectorShown) run("toggle-inspector");
    });
  }

  /** What was in use here is gone: whoever asks and answers goes on in the field. */
  focusHome() {
    return this.querySelector(".composer-text");
  }

  get #title() {
    const { id, summary } = conversation;
    return (id !== undefined && conversations.get(id)?.title) || summary?.title || t("conversation-untitled");
  }

  render() {
    return html`
      <div class="chat">
        <header class="chat-head">
          ${this.sidebarShown ? nothing : this.#toggle("sidebar", t("drawer-open-sidebar"), SIDEBAR)}
          <h1 class="chat-title" data-testid="title" dir="auto">${this.#title}</h1>
          <c6-health></c6-health>
          ${this.inspectorShown ? nothing : this.#toggle("inspector", t("inspector-open"), INSPECTOR)}
        </header>
        <div class="banners">${this.#storage()} ${this.#insecure()} ${this.#settings()}<c6-account-notices></c6-account-notices></div>
        <c6-messages></c6-messages>
        <div class="chat-foot">${this.#error()}<c6-composer></c6-composer></div>
        <c6-announcer></c6-announcer>
      </div>
    `;
  }

  /**
   * What opens a region that is hidden. The regions close themselves.
   * @param {"sidebar" | "inspector"} region
   * @param {string} name
   * @param {import("lit").TemplateResult} sign
   */
  #toggle(region, name, sign) {
    return html`<button
      type="button"
      class="action chat-toggle"
      data-testid="toggle-${region}"
      aria-label=${name}
      title=${name}
      aria-expanded="false"
      @click=${() => run(`toggle-${region}`)}
    >
      ${sign}
    </button>`;
  }

  #storage() {
    const code = session.storageTrouble;
    if (code === undefined) return nothing;
    return html`<section class="banner banner--bad" data-testid="storage-trouble" data-code=${code} aria-label=${t("storage-trouble")}>
      <p><strong>${t(`error-${code}`)}</strong> ${t(`error-${code}-help`)}</p>
    </section>`;
  }

  #insecure() {
    const { profile } = session;
    if (!profile || profile.insecure.length === 0 || settings.values.dismissed_warnings.includes(profile.id))
      return nothing;
    const models = i18n.list(profile.insecure.map((id) => session.labelOf(id)));
    return html`<section class="banner banner--warn" data-testid="insecure-warning" aria-label=${t("error-insecure-transport")}>
      <p>${t("insecure-warning", { count: profile.insecure.length, models })}</p>
      <button
        type="button"
        class="button"
        data-testid="insecure-dismiss"
        @click=${() => void settings.update({ dismissed_warnings: [...settings.values.dismissed_warnings, profile.id] })}
      >
        ${t("insecure-dismiss")}
      </button>
    </section>`;
  }

  #settings() {
    const { error } = settings;
    if (!error) return nothing;
    return html`<section class="banner banner--bad" aria-label=${t(`error-${error.code}`)}>
      <p><strong>${t(`error-${error.code}`)}</strong> ${t(`error-${error.code}-help`)}</p>
    </section>`;
  }

  #error() {
    const { error } = conversation;
    if (!error) return nothing;
    const refused = refusal(error, inUse(settings.values.consensus));
    const model = session.labelOf(refused?.model);
    const words = refused && { what: t(refused.id, { model }), help: t("plan-refused-help") };
    return html`<div class="chat-error" role="alert">
      <c6-error .error=${error} .words=${words} .testId=${"conversation-error"}></c6-error>
      ${refused ? html`<button type="button" class="button" data-testid="plan-open" @click=${() => navigation.open("plan")}>${t("plan-set-up")}</button>` : nothing}
      <button type="button" class="action" aria-label=${t("action-close")} @click=${() => conversation.dismissError()}>${CLOSE}</button>
    </div>`;
  }
}

customElements.define("c6-chat", Chat);
