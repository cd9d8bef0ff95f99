/**
 * The settings: one scrolling page with its sections named beside it. A change is written at once and says so; a value that
 * cannot be used is explained next to its field and not written. Profiles are edited in the same place, in a form of their own.
 */
import { negotiateLanguages } from "@fluent/langneg";
import { html, nothing } from "lit";
import { run } from "../actions.js";
import { call } from "../bridge/index.js";
import { copyText } from "../clipboard.js";
import { LightElement } from "../element.js";
import { i18n, t } from "../i18n.js";
import { navigation } from "../navigation.js";
import { enter, session, settings } from "../state/index.js";
import { TYPE_SIZE } from "../state/settings.js";
import "./account/section.js";
import "./backups.js";
import "./encryption/section.js";
import "./generation.js";
import "./history/section.js";
import { CHECK, CLOSE } from "./icons.js";
import "./keys.js";
import "./learned.js";
import { emptyDraft } from "./profile-draft.js";
import "./profile-form.js";
import { profileName } from "./profile-words.js";
import { SECTIONS } from "./settings-sections.js";
import "./form-field.css";
import "./settings.css";

/** @import { AppError, ProfileId, ProfileOption, Settings as Values, Theme } from "../bridge/types.js" */
/** @import { Start } from "./profile-form.js" */
/** @import { Section } from "./settings-sections.js" */

/** What the last change has come to. @typedef {"none" | "saving" | "saved"} Saving */

/**
 * @typedef {{ state: "hidden" | "loading" } | { state: "shown", text: string, copied: boolean } | { state: "failed", error: AppError }} Diagnostics
 */

export class Settings extends LightElement {
  /** Whether the next scrolling is our own. */
  #jumping = false;

  static properties = {
    params: { attribute: false },
    section: { state: true },
    saving: { state: true },
    form: { state: true },
    switching: { state: true },
    error: { state: true },
    diagnostics: { state: true },
  };

  constructor() {
    super();
    /** @type {Readonly<Record<string, string>>} */
    this.params = {};
    /** The section that is in view. @type {Section} */
    this.section = "profile";
    /** @type {Saving} */
    this.saving = "none";
    /** What the profile form is open with. @type {Start | undefined} */
    this.form = undefined;
    /** The profile that is being put to use. @type {ProfileId | undefined} */
    this.switching = undefined;
    /** Why the profile could not be changed. @type {AppError | undefined} */
    this.error = undefined;
    /** @type {Diagnostics} */
    this.diagnostics = { state: "hidden" };
    this.watch(session, settings);
  }

  connectedCallback() {
    super.connectedCallback();
    void session.loadProfiles().catch(() => {});
  }

  firstUpdated() {
    const wanted = SECTIONS.find((section) => section === this.params.section);
    // The dialog opens after this; only then has the page a height to scroll.
    if (wanted) requestAnimationFrame(() => this.#goTo(wanted));
  }

  render() {
    return html`
      <div class="settings" data-testid="settings">
        ${
          this.form
            ? html`<div class="settings-form">
                <c6-profile-form
                  .start=${this.form}
                  @profile-saved=${this.#onProfileSaved}
                  @profile-deleted=${this.#closeForm}
                  @profile-left=${this.#closeForm}
                ></c6-profile-form>
              </div>`
            : this.#page()
        }
      </div>
    `;
  }

  #page() {
    return html`
      <header class="settings-head">
        <h2>${t("settings-title")}</h2>
        <span class="settings-saved" role="status">${this.#savedWords()}</span>
        <button class="button button--quiet settings-close" autofocus aria-label=${t("settings-close")} @click=${() => navigation.close()}>
          ${CLOSE}
        </button>
      </header>
      <div class="settings-body">
        <nav class="settings-nav" aria-label=${t("settings-sections")}>
          ${SECTIONS.map(
            (section) => html`<button
              class="settings-link"
              aria-current=${section === this.section ? "true" : nothing}
              @click=${() => this.#goTo(section)}
            >
              ${t(`settings-${section}`)}
            </button>`,
          )}
        </nav>
        <div class="settings-page" tabindex="-1" @scroll=${this.#onScroll}>
          ${settings.error ? html`<c6-error class="settings-error" .error=${settings.error}></c6-error>` : nothing}
          ${this.#section("profile", this.#profiles())}
          ${this.#section("language", this.#language())}
          ${this.#section("appearance", this.#appearance())}
          ${this.#section("generation", html`<c6-generation @change-settings=${this.#onChange}></c6-generation>`)}
          ${this.#section("consensus", html`<c6-learned></c6-learned>`)}
          ${this.#section("conversations", this.#conversations())}
          ${this.#section("transfer", html`<c6-transfer-section></c6-transfer-section>`)}
          ${this.#section("backups", html`<c6-backups .wanted=${this.params.backup}></c6-backups>`)}
          ${this.#section("privacy", html`<c6-encryption-section></c6-encryption-section>`)}
          ${this.#section("account", html`<c6-account-section></c6-account-section>`)}
          ${this.#section("keys", html`<c6-keys></c6-keys>`)}
          ${this.#section("diagnostics", this.#diagnosticsPart())}
          ${this.#section("about", this.#about())}
        </div>
      </div>
    `;
  }

  #savedWords() {
    if (settings.error) return t("settings-not-saved");
    if (this.saving === "saving") return t("settings-saving");
    return this.saving === "saved" ? html`${CHECK}${t("settings-saved")}` : nothing;
  }

  /**
   * @param {Section} section
   * @param {unknown} content
   */
  #section(section, content) {
    return html`
      <section class="settings-section" data-section=${section} aria-labelledby=${`settings-heading-${section}`}>
        <h3 id=${`settings-heading-${section}`}>${t(`settings-${section}`)}</h3>
        ${content}
      </section>
    `;
  }

  // ---- profile ------------------------------------------------------------------------------------------------------------

  #profiles() {
    return html`
      <p class="hint">${t("settings-profile-lead")}</p>
      ${this.error ? html`<c6-error class="settings-error" .error=${this.error}></c6-error>` : nothing}
      <ul class="settings-profiles">
        ${session.profiles.map((option) => this.#profile(option))}
      </ul>
      <button class="button settings-add" data-testid="profile-add" @click=${() => this.#openForm({ draft: emptyDraft() })}>
        ${t("settings-profile-add")}
      </button>
    `;
  }

  /** @param {ProfileOption} option */
  #profile(option) {
    const { id, origin, models, error } = option;
    const name = profileName(option);
    const active = id === session.profile?.id;
    const busy = this.switching !== undefined;
    return html`
      <li class="settings-profile" data-testid="settings-profile" data-profile=${id} data-active=${active}>
        <div class="settings-profile-line">
          <div class="settings-profile-words">
            <p dir="auto"><strong>${name}</strong></p>
            <p class="hint">${t(`profile-origin-${origin}`)} · ${error ? t("profile-broken") : i18n.list(models)}</p>
          </div>
          ${
            origin === "practice" || error
              ? nothing
              : html`<button
                  class="button button--quiet"
                  data-testid="profile-edit"
                  aria-label=${t(origin === "file" ? "settings-profile-edit-named" : "settings-profile-copy-named", { name })}
                  @click=${() => this.#openForm({ id })}
                >
                  ${t(origin === "file" ? "settings-profile-edit" : "settings-profile-copy")}
                </button>`
          }
          ${
            active
              ? html`<span class="settings-active">${CHECK}${t("settings-profile-active")}</span>`
              : error
                ? nothing
                : html`<button
                    class="button"
                    data-testid="settings-profile-use"
                    aria-label=${t("profile-use-named", { name })}
                    ?disabled=${busy}
                    @click=${() => this.#use(id)}
                  >
                    ${this.switching === id ? t("settings-profile-switching") : t("profile-use")}
                  </button>`
          }
        </div>
        ${error ? html`<c6-error .error=${error}></c6-error>` : nothing}
      </li>
    `;
  }

  /** @param {ProfileId} id */
  async #use(id) {
    this.switching = id;
    this.error = undefined;
    try {
      await session.selectProfile(id);
      enter();
    } catch (error) {
      this.error = /** @type {AppError} */ (error);
    } finally {
      this.switching = undefined;
    }
  }

  /** @param {Start} start */
  #openForm(start) {
    this.form = start;
  }

  async #closeForm() {
    this.form = undefined;
    await this.updateComplete;
    /** @type {HTMLElement | null} */ (this.querySelector("[data-testid=profile-add]"))?.focus();
  }

  /** @param {CustomEvent<{ id: ProfileId, use: boolean }>} event */
  async #onProfileSaved({ detail: { id, use } }) {
    await this.#closeForm();
    if (use && id !== session.profile?.id) await this.#use(id);
  }

  // ---- language and appearance ------------------------------------------------------------------------------------------

  #language() {
    const [system] = negotiateLanguages(
      session.systemLocales,
      i18n.languages.map(({ tag }) => tag),
      { defaultLocale: "en", strategy: "lookup" },
    );
    const systemName = i18n.languages.find(({ tag }) => tag === system)?.name ?? "";
    const { locale } = settings.values;
    // A language without a catalogue, from a newer version, shows as the one in use in its place.
    const value = locale === undefined ? "" : i18n.tag;
    return html`
      <div class="settings-row">
        <label class="settings-label" for="settings-locale">${t("settings-language-label")}</label>
        <select
          class="field select settings-select"
          id="settings-locale"
          data-testid="locale-picker"
          data-value=${i18n.tag}
          aria-describedby="settings-locale-help"
          .value=${value}
          @change=${(/** @type {Event} */ event) => {
            const tag = /** @type {HTMLSelectElement} */ (event.target).value;
            this.#update({ locale: tag === "" ? undefined : tag });
          }}
        >
          <option value="" ?selected=${value === ""}>${t("settings-language-system", { language: systemName })}</option>
          ${i18n.languages.map(({ tag, name }) => html`<option value=${tag} lang=${tag} ?selected=${value === tag}>${name}</option>`)}
        </select>
      </div>
      <p class="hint" id="settings-locale-help">${t("settings-language-help")}</p>
    `;
  }

  #appearance() {
    const { theme, type_size: size } = settings.values;
    return html`
      <div class="settings-row">
        <label class="settings-label" for="settings-theme">${t("settings-theme")}</label>
        <select
          class="field select settings-select"
          id="settings-theme"
          data-testid="theme-picker"
          data-value=${theme}
          .value=${theme}
          @change=${(/** @type {Event} */ event) => {
            this.#update({ theme: /** @type {Theme} */ (/** @type {HTMLSelectElement} */ (event.target).value) });
          }}
        >
          ${
            /** @type {const} */ (["system", "light", "dark"]).map(
              (each) => html`<option value=${each} ?selected=${theme === each}>${t(`settings-theme-${each}`)}</option>`,
            )
          }
        </select>
      </div>
      <div class="settings-row">
        <label class="settings-label" for="settings-type-size">${t("settings-type-size")}</label>
        <div class="settings-size">
          <input
            type="range"
            id="settings-type-size"
            data-testid="type-size"
            min=${TYPE_SIZE.least}
            max=${TYPE_SIZE.most}
            step=${TYPE_SIZE.step}
            aria-valuetext=${t("settings-type-size-value", { percent: size })}
            .value=${String(size)}
            @input=${(/** @type {InputEvent} */ event) => {
              this.#update({ type_size: /** @type {HTMLInputElement} */ (event.target).valueAsNumber });
            }}
          />
          <output for="settings-type-size">${t("settings-type-size-value", { percent: size })}</output>
          <button
            class="button button--quiet"
            ?disabled=${size === TYPE_SIZE.delivered}
            @click=${() => this.#update({ type_size: TYPE_SIZE.delivered })}
          >
            ${t("settings-type-size-reset")}
          </button>
        </div>
      </div>
      <p class="settings-sample" aria-hidden="true">${t("settings-type-size-sample")}</p>
    `;
  }

  #conversations() {
    return html`
      ${this.#toggle("model_titles", t("settings-model-titles"), t("settings-model-titles-help"))}
      ${this.#toggle("notify", t("settings-notify"), t("settings-notify-help"))}
    `;
  }

  /**
   * @param {"model_titles" | "notify"} name
   * @param {string} label
   * @param {string} help
   */
  #toggle(name, label, help) {
    const id = `settings-${name}`;
    return html`
      <div class="settings-toggle">
        <input
          type="checkbox"
          role="switch"
          class="switch"
          id=${id}
          data-testid=${`setting-${name.replace("_", "-")}`}
          aria-describedby=${`${id}-help`}
          .checked=${settings.values[name]}
          @change=${(/** @type {Event} */ event) => {
            this.#update({ [name]: /** @type {HTMLInputElement} */ (event.target).checked });
          }}
        />
        <div>
          <label class="settings-label" for=${id}>${label}</label>
          <p class="hint" id=${`${id}-help`}>${help}</p>
        </div>
      </div>
    `;
  }

  /** @param {Partial<Values>} change */
  #update(change) {
    this.saving = "saving";
    void settings.update(change).then(() => {
      this.saving = "saved";
    });
  }

  /** @param {CustomEvent<Partial<Values>>} event */
  #onChange({ detail }) {
    this.#update(detail);
  }

  // ---- diagnostics and about ----------------------------------------------------------------------------------------------

  #diagnosticsPart() {
    const { diagnostics } = this;
    const shown = diagnostics.state === "shown";
    return html`
      <p class="hint">${t("settings-diagnostics-lead")}</p>
      <div class="settings-buttons">
        <button
          class="button"
          data-testid="diagnostics-show"
          aria-expanded=${shown}
          ?disabled=${diagnostics.state === "loading"}
          @click=${shown ? this.#hideDiagnostics : this.#showDiagnostics}
        >
          ${this.#diagnosticsWords()}
        </button>
        <button class="button" data-testid="diagnostics-copy" ?disabled=${diagnostics.state === "loading"} @click=${this.#copyDiagnostics}>
          ${shown && diagnostics.copied ? html`${CHECK}${t("settings-diagnostics-copied")}` : t("settings-diagnostics-copy")}
        </button>
        <span class="sr-only" role="status">${shown && diagnostics.copied ? t("settings-diagnostics-copied") : nothing}</span>
      </div>
      ${diagnostics.state === "failed" ? html`<c6-error class="settings-error" .error=${diagnostics.error}></c6-error>` : nothing}
      ${
        shown
          ? html`<pre
              class="settings-preview"
              data-testid="diagnostics"
              dir="ltr"
              tabindex="0"
              role="region"
              aria-label=${t("settings-diagnostics-preview")}
            >${diagnostics.text}</pre>`
          : nothing
      }
    `;
  }

  #diagnosticsWords() {
    const { state } = this.diagnostics;
    if (state === "loading") return t("settings-diagnostics-loading");
    return state === "shown" ? t("settings-diagnostics-hide") : t("settings-diagnostics-show");
  }

  /** @returns {Promise<string | undefined>} The text, which is shown now; absent where it could not be had. */
  async #showDiagnostics() {
    this.diagnostics = { state: "loading" };
    try {
      const text = await call("diagnostics", null);
      this.diagnostics = { state: "shown", text, copied: false };
      return text;
    } catch (error) {
      this.diagnostics = { state: "failed", error: /** @type {AppError} */ (error) };
      return undefined;
    }
  }

  #hideDiagnostics() {
    this.diagnostics = { state: "hidden" };
  }

  async #copyDiagnostics() {
    // Nobody copies what they have not had before their eyes.
    const text = this.diagnostics.state === "shown" ? this.diagnostics.text : await this.#showDiagnostics();
    if (text === undefined) return;
    this.diagnostics = { state: "shown", text, copied: await copyText(text) };
  }

  #about() {
    return html`
      <p class="hint">${t("app-name")} ${session.version}</p>
      <div class="settings-buttons">
        <button class="button" @click=${() => run("about")}>${t("settings-about-open")}</button>
        <button class="button" @click=${() => navigation.open("shortcuts")}>${t("settings-shortcuts-open")}</button>
      </div>
    `;
  }

  /** @param {Map<PropertyKey, unknown>} changed */
  updated(changed) {
    if (changed.has("section")) this.#showLink();
  }

  /** In a narrow window the names of the sections are one line, of which only a part is seen: that of the section belongs to it. */
  #showLink() {
    const nav = this.querySelector(".settings-nav");
    const link = nav?.querySelector("[aria-current]");
    if (!nav || !link || nav.scrollWidth <= nav.clientWidth) return;
    const [box, name] = [nav.getBoundingClientRect(), link.getBoundingClientRect()];
    if (name.left < box.left || name.right > box.right)
      nav.scrollLeft += (name.left + name.right - box.left - box.right) / 2;
  }

  // ---- sections -------------------------------------------------------------------------------------------------------------

  /** @param {Section} section */
  #goTo(section) {
    const page = this.querySelector(".settings-page");
    const target = page?.querySelector(`[data-section=${section}]`);
    if (page && target) {
      const before = page.scrollTop;
      page.scrollTop += target.getBoundingClientRect().top - page.getBoundingClientRect().top;
      // A section near the end cannot come to the top: what was asked for is named, not what is there.
      this.#jumping = page.scrollTop !== before;
    }
    this.section = section;
  }

  /** Names the section that the reader looks at: the last one that begins in the first quarter of the page. */
  #onScroll() {
    const page = this.querySelector(".settings-page");
    if (!page) return;
    if (this.#jumping) {
      this.#jumping = false;
      return;
    }
    const box = page.getBoundingClientRect();
    const sections = [.../** @type {NodeListOf<HTMLElement>} */ (page.querySelectorAll("[data-section]"))];
    const atEnd = page.scrollTop + page.clientHeight >= page.scrollHeight - 2;
    const line = box.top + box.height / 4;
    const seen = atEnd ? sections.at(-1) : sections.findLast((each) => each.getBoundingClientRect().top <= line);
    this.section = SECTIONS.find((section) => section === seen?.dataset.section) ?? this.section;
  }
}

customElements.define("c6-settings", Settings);
