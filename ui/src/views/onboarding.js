/**
 * The first run: where are the models? Shows the profiles at hand, looks for servers on this computer when asked to, and lets
 * somebody write a profile of their own. Contacts nothing before a profile is picked or a button says so.
 */
import { html, nothing } from "lit";
import { call } from "../bridge/index.js";
import { LightElement } from "../element.js";
import { i18n, t } from "../i18n.js";
import { enter, session, settings } from "../state/index.js";
import { MARK } from "./icons.js";
import { draftOfServers, emptyDraft } from "./profile-draft.js";
import "./profile-form.js";
import { profileName } from "./profile-words.js";
import "./form-field.css";
import "./onboarding.css";

/** @import { AppError, FoundServer, ProfileId, ProfileOption } from "../bridge/types.js" */
/** @import { Start } from "./profile-form.js" */

/** The ports that the core looks at, to be named before it does. */
const PORTS = ["8000–8003", "11434", "1234", "8080"];

/**
 * What the search for servers has come to.
 * @typedef {{ state: "idle" | "running" } | { state: "done", servers: FoundServer[] } | { state: "failed", error: AppError }} Scan
 */

export class Onboarding extends LightElement {
  static properties = {
    scan: { state: true },
    form: { state: true },
    choosing: { state: true },
    error: { state: true },
  };

  constructor() {
    super();
    /** @type {Scan} */
    this.scan = { state: "idle" };
    /** What the form is open with. @type {Start | undefined} */
    this.form = undefined;
    /** The profile that is being put to use. @type {ProfileId | undefined} */
    this.choosing = undefined;
    /** @type {AppError | undefined} */
    this.error = undefined;
    this.watch(session, settings);
  }

  render() {
    return html`
      <div class="onboarding" data-testid="onboarding">
        ${
          this.form
            ? html`<c6-profile-form
                .start=${this.form}
                @profile-saved=${this.#onSaved}
                @profile-deleted=${this.#closeForm}
                @profile-left=${this.#closeForm}
              ></c6-profile-form>`
            : this.#choices()
        }
      </div>
    `;
  }

  #choices() {
    const own = session.profiles.filter(({ origin }) => origin !== "practice");
    const practice = session.profiles.filter(({ origin }) => origin === "practice");
    return html`
      <header class="onboarding-head">
        <div class="onboarding-brand">${MARK}<span>${t("app-name")}</span></div>
        ${this.#languages()}
      </header>
      <h1>${t("onboarding-title")}</h1>
      <p class="onboarding-lead">${t("onboarding-lead")}</p>
      ${this.error ? html`<c6-error .error=${this.error}></c6-error>` : nothing}
      ${own.length > 0 ? this.#section(t("onboarding-profiles"), this.#options(own)) : nothing}
      ${this.#section(t("onboarding-scan"), this.#servers())}
      ${this.#section(
        t("onboarding-add"),
        html`<div class="onboarding-row">
          <p class="hint">${t("onboarding-add-lead")}</p>
          <button class="button" data-testid="profile-add" ?disabled=${this.#busy} @click=${() => this.#openForm({ draft: emptyDraft() })}>
            ${t("onboarding-add-start")}
          </button>
        </div>`,
      )}
      ${practice.length > 0 ? this.#section(t("onboarding-practice"), this.#options(practice)) : nothing}
    `;
  }

  #languages() {
    return html`
      <label class="onboarding-language">
        <span class="sr-only">${t("onboarding-language")}</span>
        <select
          class="field select"
          @change=${(/** @type {Event} */ event) => {
            void settings.update({ locale: /** @type {HTMLSelectElement} */ (event.target).value });
          }}
        >
          ${i18n.languages.map(({ tag, name }) => html`<option value=${tag} lang=${tag} ?selected=${tag === i18n.tag}>${name}</option>`)}
        </select>
      </label>
    `;
  }

  /**
   * @param {string} heading
   * @param {unknown} content
   */
  #section(heading, content) {
    return html`<section class="onboarding-section"><h2>${heading}</h2>${content}</section>`;
  }

  get #busy() {
    return this.choosing !== undefined;
  }

  /** @param {ProfileOption[]} options */
  #options(options) {
    return html`<ul class="onboarding-options">
      ${options.map((option) => html`<li>${option.error ? this.#broken(option, option.error) : this.#option(option)}</li>`)}
    </ul>`;
  }

  /** @param {ProfileOption} option */
  #option(option) {
    const { id, origin, models } = option;
    const name = profileName(option);
    return html`
      <button
        class="onboarding-option"
        data-testid="profile-option"
        data-profile=${id}
        ?disabled=${this.#busy}
        aria-describedby=${`profile-${id}-help`}
        @click=${() => this.#choose(id)}
      >
        <span class="onboarding-option-head">
          <span class="onboarding-option-name" dir="auto">${name}</span>
          <span class="onboarding-tag" data-origin=${origin}>${t(`profile-origin-${origin}`)}</span>
          <span class="onboarding-option-use" aria-hidden="true">
            ${this.choosing === id ? t("onboarding-choosing", { name }) : t("profile-use")}
          </span>
        </span>
        <span class="onboarding-models">
          ${models.map((label, place) => html`<span class="onboarding-model"><span class="dot" data-hue=${(place % 4) + 1}></span>${label}</span>`)}
        </span>
        <span class="hint" id=${`profile-${id}-help`}>${t(`profile-origin-${origin}-help`)}</span>
      </button>
    `;
  }

  /**
   * @param {ProfileOption} option
   * @param {AppError} error
   */
  #broken(option, error) {
    return html`
      <div class="onboarding-option onboarding-option--broken" data-testid="profile-broken" data-profile=${option.id}>
        <span class="onboarding-option-head">
          <span class="onboarding-option-name" dir="auto">${profileName(option)}</span>
          <span class="onboarding-tag">${t("profile-broken")}</span>
        </span>
        <c6-error .error=${error}></c6-error>
      </div>
    `;
  }

  #servers() {
    const { scan } = this;
    const running = scan.state === "running";
    return html`
      <div class="onboarding-row">
        <div>
          <p class="hint" id="onboarding-scan-lead">${t("onboarding-scan-lead")}</p>
          <p class="hint">${t("onboarding-scan-ports", { ports: PORTS.join(", ") })}</p>
        </div>
        <button
          class="button"
          data-testid="servers-scan"
          aria-describedby="onboarding-scan-lead"
          ?disabled=${running || this.#busy}
          @click=${this.#look}
        >
          ${running ? t("onboarding-scan-running") : scan.state === "idle" ? t("onboarding-scan-start") : t("onboarding-scan-again")}
        </button>
      </div>
      <div role="status">${scan.state === "done" ? this.#found(scan.servers) : nothing}</div>
      ${scan.state === "failed" ? html`<c6-error .error=${scan.error}></c6-error>` : nothing}
    `;
  }

  /** @param {FoundServer[]} servers */
  #found(servers) {
    if (servers.length === 0) {
      return html`<p class="onboarding-none">${t("onboarding-scan-none")}</p><p class="hint">${t("onboarding-scan-none-help")}</p>`;
    }
    return html`
      <ul class="onboarding-servers" aria-label=${t("onboarding-scan-found", { count: servers.length })}>
        ${servers.map((server) => {
          const host = new URL(server.url).host;
          return html`
            <li class="onboarding-server" data-testid="found-server" data-url=${server.url}>
              <div>
                <p>
                  <strong dir="ltr">${host}</strong>
                  <span class="hint">${t(`server-${server.kind}`)} · ${t("server-models", { count: server.models.length })}</span>
                </p>
                <p class="hint" dir="auto">${i18n.list(server.models)}</p>
              </div>
              <button
                class="button"
                aria-label=${t("onboarding-scan-use-named", { server: host })}
                ?disabled=${this.#busy}
                @click=${() => this.#use([server])}
              >
                ${t("onboarding-scan-use")}
              </button>
            </li>
          `;
        })}
      </ul>
      ${
        servers.length > 1
          ? html`<button class="button button--primary onboarding-all" ?disabled=${this.#busy} @click=${() => this.#use(servers)}>
              ${t("onboarding-scan-use-all")}
            </button>`
          : nothing
      }
    `;
  }

  async #look() {
    this.scan = { state: "running" };
    try {
      this.scan = { state: "done", servers: await call("servers_scan", null) };
    } catch (error) {
      this.scan = { state: "failed", error: /** @type {AppError} */ (error) };
    }
  }

  /** @param {FoundServer[]} servers */
  #use(servers) {
    this.#openForm({ draft: draftOfServers(servers, t("onboarding-scan-profile-name")) });
  }

  /** @param {Start} start */
  #openForm(start) {
    this.error = undefined;
    this.form = start;
    this.closest("main")?.scrollTo({ top: 0 });
  }

  async #closeForm() {
    this.form = undefined;
    await this.updateComplete;
    /** @type {HTMLElement | null} */ (this.querySelector("[data-testid=profile-add]"))?.focus();
  }

  /** @param {CustomEvent<{ id: ProfileId, use: boolean }>} event */
  async #onSaved({ detail: { id, use } }) {
    this.form = undefined;
    if (use) await this.#choose(id);
    else {
      await this.updateComplete;
      /** @type {HTMLElement | null} */ (this.querySelector(`[data-profile="${CSS.escape(id)}"]`))?.focus();
    }
  }

  /** @param {ProfileId} id */
  async #choose(id) {
    this.choosing = id;
    this.error = undefined;
    try {
      await session.selectProfile(id);
      enter();
    } catch (error) {
      this.error = /** @type {AppError} */ (error);
    } finally {
      this.choosing = undefined;
    }
  }
}

customElements.define("c6-onboarding", Onboarding);
