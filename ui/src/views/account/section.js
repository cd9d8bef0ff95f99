/**
 * The settings' section "Account and secrets": who is known on this computer, how one signs in, where secrets are kept and how
 * that goes, and the addresses to which credentials may go unencrypted. A passphrase leaves the page as soon as it is sent.
 */
import { html, nothing } from "lit";
import { LightElement } from "../../element.js";
import { t } from "../../i18n.js";
import { isComposing } from "../../ime.js";
import { navigation } from "../../navigation.js";
import { accounts, session } from "../../state/index.js";
import "../confirm.js";
import { ALERT, CHECK } from "../icons.js";
import { SHORTEST, strengthOf } from "./passphrase.js";
import "./section.css";
import { askToSignOut } from "./sign-out.js";
import { hostOf, initial, personName, plainOrigin, providerName, stateWords } from "./words.js";

/** @import { AccountKey, AccountView, AppError, ForgottenHistory, KeepIn, ProfileId, SignInWay } from "../../bridge/types.js" */
/** @import { Confirm } from "../confirm.js" */

const PLACES = /** @type {const} */ (["system", "session", "vault"]);

/**
 * An address on another computer that is not encrypted; `profile` where the consent belongs to another one than that in use.
 * @typedef {{ origin: string, given: boolean, profile?: ProfileId }} Plain
 */

/** Which part of the section something went wrong in. @typedef {"accounts" | "keeping" | "consents"} Part */

export class AccountSection extends LightElement {
  static properties = {
    wanted: { state: true },
    forgetting: { state: true },
    typed: { state: true },
    mismatch: { state: true },
    busy: { state: true },
    failure: { state: true },
    announcement: { state: true },
  };

  constructor() {
    super();
    /** The place that is being chosen. @type {KeepIn | undefined} */
    this.wanted = undefined;
    /** The account that is about to be forgotten. @type {AccountKey | undefined} */
    this.forgetting = undefined;
    /** The passphrase while it is typed. */
    this.typed = "";
    /** Whether the second one differs from the first. */
    this.mismatch = false;
    this.busy = false;
    /** @type {{ part: Part, error: AppError } | undefined} */
    this.failure = undefined;
    this.announcement = "";
    this.watch(accounts, session);
  }

  connectedCallback() {
    super.connectedCallback();
    void accounts.load();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#forgetWords();
  }

  #forgetWords() {
    this.typed = "";
    this.mismatch = false;
  }

  render() {
    const { known } = accounts;
    const ways = accounts.ways.filter(({ method }) => method !== "api-key");
    return html`
      ${accounts.error ? html`<c6-error class="settings-error" .error=${accounts.error}></c6-error>` : nothing}
      ${known.length > 0 ? html`<ul class="accounts">${known.map((each) => this.#account(each))}</ul>` : html`<p class="hint">${t("accounts-none")}</p>`}
      ${this.#failureOf("accounts")}
      <div class="settings-buttons">
        ${ways.map((way) => this.#way(way))}
        ${ways.length === 0 && accounts.loaded ? html`<p class="hint">${t("sign-in-no-ways")}</p>` : nothing}
      </div>
      <h4 class="accounts-heading" id="keeping-heading">${t("keeping-title")}</h4>
      <p class="hint">${t("keeping-lead")}</p>
      ${this.#trouble()}
      ${this.#locked()}
      <div class="keeping" role="radiogroup" aria-labelledby="keeping-heading">${PLACES.map((place) => this.#place(place))}</div>
      ${this.#failureOf("keeping")}
      ${this.#plain.length > 0 ? this.#consents(this.#plain) : nothing}
      <p class="sr-only" role="status">${this.announcement}</p>
      <c6-confirm></c6-confirm>
    `;
  }

  /** @param {Part} part */
  #failureOf(part) {
    return this.failure?.part === part
      ? html`<c6-error class="settings-error" .error=${this.failure.error}></c6-error>`
      : nothing;
  }

  /**
   * @param {Part} part
   * @param {() => Promise<unknown>} what
   * @returns {Promise<boolean>} Whether it was done.
   */
  async #do(part, what) {
    this.failure = undefined;
    this.busy = true;
    try {
      await what();
      return true;
    } catch (error) {
      this.failure = { part, error: /** @type {AppError} */ (error) };
      return false;
    } finally {
      this.busy = false;
    }
  }

  // ---- accounts -------------------------------------------------------------------------------------------------------------

  /** @param {AccountView} account */
  #account(account) {
    const name = personName(account);
    const active = account.account === accounts.active?.account;
    const away = account.state === "signed-out" || account.state === "expired";
    return html`
      <li class="accounts-item" data-testid="known-account" data-provider=${account.provider} data-subject=${account.subject} data-active=${active} data-state=${account.state}>
        <span class="avatar" data-state=${account.state} aria-hidden="true">${initial(name)}</span>
        <div class="accounts-words">
          <p dir="auto"><strong>${name}</strong></p>
          ${account.email && account.name ? html`<p class="hint" dir="auto">${account.email}</p>` : nothing}
          <p class="hint">${providerName(account.method, account.provider)} · ${active && !away ? t("accounts-active") : stateWords(account)}</p>
        </div>
        <div class="accounts-buttons">
          ${
            away
              ? html`<button
                  class="button"
                  aria-label=${t("accounts-sign-in-named", { name })}
                  @click=${() => navigation.open("sign-in", { method: account.method, name })}
                >
                  ${t("account-sign-in-again")}
                </button>`
              : active
                ? nothing
                : html`<button
                    class="button"
                    aria-label=${t("accounts-switch-named", { name })}
                    ?disabled=${this.busy}
                    @click=${() => this.#do("accounts", () => accounts.switch(account.account))}
                  >
                    ${t("accounts-switch")}
                  </button>`
          }
          ${
            account.state === "signed-out"
              ? nothing
              : html`<button
                  class="button"
                  data-testid="sign-out"
                  data-provider=${account.provider}
                  data-subject=${account.subject}
                  aria-label=${t("accounts-sign-out-named", { name })}
                  ?disabled=${this.busy}
                  @click=${() => this.#signOut(account)}
                >
                  ${t("account-sign-out")}
                </button>`
          }
          <button
            class="button button--quiet"
            data-testid="account-forget"
            aria-label=${t("accounts-forget-named", { name })}
            ?disabled=${this.busy}
            aria-expanded=${this.forgetting === account.account}
            @click=${() => this.#askToForget(account.account)}
          >
            ${t("accounts-forget")}
          </button>
        </div>
        ${this.forgetting === account.account ? this.#forgetForm(account, name) : nothing}
      </li>
    `;
  }

  /**
   * Forgetting has two ways, and one of them cannot be undone.
   * @param {AccountView} account
   * @param {string} name
   */
  #forgetForm(account, name) {
    return html`
      <div class="accounts-forget" role="group" aria-label=${t("forget-title", { name })}>
        <p><strong>${t("forget-title", { name })}</strong></p>
        <p class="hint">${t("forget-help")}</p>
        <div class="settings-buttons">
          <button class="button" data-testid="forget-keep" ?disabled=${this.busy} @click=${() => this.#forget(account, name, "keep")}>
            ${t("forget-keep")}
          </button>
          <button class="button button--danger" data-testid="forget-delete" ?disabled=${this.busy} @click=${() => this.#forget(account, name, "delete")}>
            ${t("forget-delete")}
          </button>
          <button class="button button--quiet" @click=${() => this.#askToForget(undefined)}>${t("action-cancel")}</button>
        </div>
      </div>
    `;
  }

  /** @param {AccountKey | undefined} account */
  async #askToForget(account) {
    const before = this.forgetting;
    this.forgetting = account === before ? undefined : account;
    await this.updateComplete;
    const next = this.forgetting ? "forget-keep" : "account-forget";
    /** @type {HTMLElement | null} */ (this.querySelector(`[data-testid=${next}]`))?.focus();
  }

  /** @param {SignInWay} way */
  #way(way) {
    const provider = providerName(way.method, way.provider);
    return html`<button
      class="button"
      data-testid="sign-in"
      data-method=${way.method}
      @click=${() => navigation.open("sign-in", { method: way.method })}
    >
      ${t(`sign-in-way-${way.method}`, { provider })}
    </button>`;
  }

  get #confirm() {
    return /** @type {Confirm} */ (this.querySelector("c6-confirm"));
  }

  /** @param {AccountView} account */
  async #signOut(account) {
    const error = await askToSignOut(this.#confirm, account);
    this.failure = error ? { part: "accounts", error } : undefined;
  }

  /**
   * @param {AccountView} account
   * @param {string} name
   * @param {ForgottenHistory} history
   */
  async #forget(account, name, history) {
    if (!(await this.#do("accounts", () => accounts.forget(account.account, history)))) return;
    this.forgetting = undefined;
    this.announcement = t("forget-done", { name });
  }

  // ---- where secrets are kept -----------------------------------------------------------------------------------------------

  #trouble() {
    const { trouble, place } = accounts.keeping;
    if (!trouble || (place === "vault" && accounts.keeping.vault === "locked")) return nothing;
    return html`
      <div class="keeping-trouble" data-testid="keeping-trouble" data-code=${trouble}>
        <c6-error .error=${{ code: trouble }}></c6-error>
        <p class="hint">${t(place === "system" ? "keeping-trouble-system" : "keeping-trouble-other")}</p>
        <button class="button" data-testid="keeping-check" ?disabled=${this.busy} @click=${() => this.#do("keeping", () => accounts.check())}>
          ${t("keeping-check")}
        </button>
      </div>
    `;
  }

  #locked() {
    const { place, vault } = accounts.keeping;
    if (place !== "vault" || vault !== "locked") return nothing;
    return html`
      <div class="keeping-form" data-testid="vault-unlock">
        <p><strong>${t("keeping-vault-locked")}</strong></p>
        <p class="hint">${t("keeping-vault-locked-help")}</p>
        ${this.#words("unlock", t("keeping-passphrase"), "current-password", () => void this.#unlock())}
        <div class="settings-buttons">
          <button class="button button--primary" ?disabled=${this.busy} @click=${() => this.#unlock()}>
            ${t(this.busy ? "keeping-opening" : "keeping-unlock")}
          </button>
          ${this.#forgotten()}
        </div>
      </div>
    `;
  }

  /** @param {KeepIn} place */
  #place(place) {
    const { keeping } = accounts;
    const used = keeping.place === place;
    const chosen = (this.wanted ?? keeping.place) === place;
    return html`
      <div class="keeping-place" data-testid="keeping-place" data-place=${place} data-active=${used}>
        <input
          type="radio"
          name="keeping"
          id=${`keeping-${place}`}
          value=${place}
          aria-describedby=${`keeping-${place}-help`}
          .checked=${chosen}
          ?disabled=${this.busy}
          @change=${() => this.#want(place)}
        />
        <div>
          <label class="settings-label" for=${`keeping-${place}`}>${t(`keeping-${place}`)}</label>
          ${used ? html`<span class="keeping-used">${CHECK}${t("keeping-used")}</span>` : nothing}
          <p class="hint" id=${`keeping-${place}-help`}>${t(place === "system" ? `keeping-system-${session.platform}` : `keeping-${place}-help`)}</p>
          ${chosen && !used ? this.#change(place) : nothing}
        </div>
      </div>
    `;
  }

  /** @param {KeepIn} place */
  #want(place) {
    this.failure = undefined;
    this.#forgetWords();
    this.wanted = place === accounts.keeping.place ? undefined : place;
  }

  /** What it takes to keep secrets there. @param {KeepIn} place */
  #change(place) {
    if (place === "vault") return accounts.keeping.vault === "absent" ? this.#newVault() : this.#oldVault();
    return html`
      <div class="keeping-form">
        <p class="hint">${t(`keeping-${place}-change`)}</p>
        ${this.#buttons(t(`keeping-${place}-use`), () => this.#keep(place))}
      </div>
    `;
  }

  #oldVault() {
    return html`
      <div class="keeping-form">
        <p class="hint">${t("keeping-vault-there")}</p>
        ${this.#words("old", t("keeping-passphrase"), "current-password", () => void this.#keep("vault"))}
        ${this.#buttons(t("keeping-vault-unlock-use"), () => this.#keep("vault"))}
        ${this.#forgotten()}
      </div>
    `;
  }

  /** The way on for whoever does not know the passphrase any more. */
  #forgotten() {
    return html`<button
      type="button"
      class="button button--quiet"
      data-testid="vault-discard"
      ?disabled=${this.busy}
      @click=${() => this.#discard()}
    >
      ${t("keeping-vault-discard")}
    </button>`;
  }

  async #discard() {
    const sure = await this.#confirm.ask({
      title: t("keeping-vault-discard-title"),
      help: t("keeping-vault-discard-help"),
      yes: t("keeping-vault-discard-yes"),
      typed: t("keeping-vault-discard-word"),
    });
    if (!sure || !(await this.#do("keeping", () => accounts.discardVault()))) return;
    this.#emptyFields();
    this.announcement = t("keeping-vault-discarded");
  }

  #newVault() {
    const strength = strengthOf(this.typed);
    const none = this.typed === "";
    return html`
      <div class="keeping-form">
        ${this.#words("new", t("keeping-passphrase"), "new-password", () => this.#field("repeat")?.focus(), "keeping-strength")}
        <div class="keeping-strength" data-strength=${none ? "none" : strength}>
          <span class="keeping-bar" aria-hidden="true"><span></span><span></span><span></span></span>
          <span class="hint" id="keeping-strength">${t(none ? "keeping-strength-none" : `keeping-strength-${strength}`, { least: SHORTEST })}</span>
        </div>
        ${this.#words("repeat", t("keeping-repeat"), "new-password", () => void this.#create(), "keeping-mismatch")}
        <p class="keeping-problem" id="keeping-mismatch" role="alert">${this.mismatch ? t("keeping-mismatch") : nothing}</p>
        <p class="keeping-warning">${ALERT}<span>${t("keeping-vault-forget")}</span></p>
        ${this.#buttons(t("keeping-vault-create"), () => this.#create())}
      </div>
    `;
  }

  /**
   * @param {string} name
   * @param {string} label
   * @param {string} autocomplete
   * @param {() => void} onEnter
   * @param {string} [described]
   */
  #words(name, label, autocomplete, onEnter, described) {
    return html`
      <label class="label" for=${`passphrase-${name}`}>${label}</label>
      <input
        class="field"
        type="password"
        id=${`passphrase-${name}`}
        data-testid=${`passphrase-${name}`}
        autocomplete=${autocomplete}
        spellcheck="false"
        aria-describedby=${described ?? nothing}
        ?readonly=${this.busy}
        @input=${(/** @type {InputEvent} */ event) => {
          this.mismatch = false;
          if (name === "new") this.typed = /** @type {HTMLInputElement} */ (event.target).value;
        }}
        @keydown=${(/** @type {KeyboardEvent} */ event) => {
          if (event.key !== "Enter" || isComposing(event)) return;
          event.preventDefault();
          onEnter();
        }}
      />
    `;
  }

  /** @param {string} name @returns {HTMLInputElement | null} */
  #field(name) {
    return this.querySelector(`#passphrase-${name}`);
  }

  /**
   * @param {string} words
   * @param {() => void} onYes
   */
  #buttons(words, onYes) {
    return html`
      <div class="settings-buttons">
        <button class="button button--primary" data-testid="keeping-use" ?disabled=${this.busy} @click=${onYes}>
          ${this.busy ? t("keeping-opening") : words}
        </button>
        <button class="button button--quiet" ?disabled=${this.busy} @click=${() => this.#want(accounts.keeping.place)}>${t("action-cancel")}</button>
      </div>
    `;
  }

  async #create() {
    const passphrase = this.#field("new")?.value ?? "";
    if ([...passphrase].length < SHORTEST) {
      this.#field("new")?.focus();
      return;
    }
    if (passphrase !== this.#field("repeat")?.value) {
      this.mismatch = true;
      this.#field("repeat")?.focus();
      return;
    }
    await this.#keep("vault", passphrase);
  }

  /**
   * @param {KeepIn} place
   * @param {string} [passphrase] The one in the field where absent.
   */
  async #keep(place, passphrase = this.#field("old")?.value) {
    if (place === "vault" && !passphrase) {
      this.#field("old")?.focus();
      return;
    }
    if (!(await this.#do("keeping", () => accounts.keep(place, passphrase)))) return;
    this.wanted = undefined;
    this.#emptyFields();
    this.announcement = t("keeping-done", { place: t(`keeping-${place}`) });
    await this.updateComplete;
    /** @type {HTMLElement | null} */ (this.querySelector(`#keeping-${place}`))?.focus();
  }

  async #unlock() {
    const passphrase = this.#field("unlock")?.value ?? "";
    if (passphrase === "") {
      this.#field("unlock")?.focus();
      return;
    }
    const done = await this.#do("keeping", () => accounts.unlock(passphrase));
    this.#emptyFields();
    if (done) this.announcement = t("keeping-unlocked");
    else this.#field("unlock")?.focus();
  }

  #emptyFields() {
    this.#forgetWords();
    for (const field of /** @type {NodeListOf<HTMLInputElement>} */ (this.querySelectorAll("input[type=password]"))) {
      field.value = "";
    }
  }

  // ---- unencrypted connections ----------------------------------------------------------------------------------------------

  /** Every address that is asked about, and the consent it has: those of the profile in use first. @returns {Plain[]} */
  get #plain() {
    const profile = session.profile?.id;
    const ways = accounts.ways.flatMap(({ insecure }) => (insecure === undefined ? [] : [insecure]));
    const servers = session.models.flatMap(({ url }) => plainOrigin(url) ?? []);
    const given = accounts.consents.filter((each) => each.profile === profile).map(({ origin }) => origin);
    const here = [...new Set([...ways, ...servers, ...given])].map((origin) => ({
      origin,
      given: given.includes(origin),
    }));
    const elsewhere = accounts.consents.filter((each) => each.profile !== profile);
    return [...here, ...elsewhere.map((each) => ({ ...each, given: true }))];
  }

  /** @param {Plain[]} addresses */
  #consents(addresses) {
    return html`
      <h4 class="accounts-heading">${t("consents-title")}</h4>
      <p class="hint">${t("consents-lead")}</p>
      <ul class="accounts">
        ${addresses.map((each) => this.#address(each))}
      </ul>
      ${this.#failureOf("consents")}
    `;
  }

  /** @param {Plain} address */
  #address({ origin, given, profile }) {
    const host = hostOf(origin);
    return html`
      <li class="accounts-item" data-testid="plain-address" data-origin=${origin} data-consent=${given ? "given" : "none"}>
        <div class="accounts-words">
          <p dir="ltr">${origin}</p>
          <p class="hint">
            ${t(given ? "consents-given" : "consents-none")}${profile === undefined ? nothing : html` · ${t("consents-profile", { profile: this.#profileName(profile) })}`}
          </p>
        </div>
        ${
          // A consent belongs to a profile, and is given and taken back where that is in use.
          profile !== undefined
            ? nothing
            : given
              ? html`<button
                  class="button"
                  aria-label=${t("consents-withdraw-named", { host })}
                  ?disabled=${this.busy}
                  @click=${() => this.#do("consents", () => accounts.consent(origin, "withdrawn"))}
                >
                  ${t("consents-withdraw")}
                </button>`
              : html`<button class="button" aria-label=${t("consents-give-named", { host })} ?disabled=${this.busy} @click=${() => this.#allow(origin)}>
                  ${t("consents-give")}
                </button>`
        }
      </li>
    `;
  }

  /** @param {string} origin */
  async #allow(origin) {
    const yes = await this.#confirm.ask({
      title: t("sign-in-plain-title"),
      help: `${t("sign-in-plain-what", { origin })} ${t("sign-in-plain-help")}`,
      yes: t("sign-in-plain-yes"),
      no: t("sign-in-plain-no"),
    });
    if (yes) await this.#do("consents", () => accounts.consent(origin, "given"));
  }

  /** @param {string} id */
  #profileName(id) {
    return session.profiles.find((option) => option.id === id)?.name ?? id;
  }
}

customElements.define("c6-account-section", AccountSection);
