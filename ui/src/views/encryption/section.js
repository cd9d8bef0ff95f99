/**
 * The settings' section "Privacy": how the history lies on disk, and what changes that. A passphrase leaves the page as soon as
 * it is sent.
 */
import { html, nothing } from "lit";
import { LightElement } from "../../element.js";
import { t } from "../../i18n.js";
import { isComposing } from "../../ime.js";
import { encryption } from "../../state/index.js";
import { SHORTEST, strengthOf } from "../account/passphrase.js";
import "../confirm.js";
import { ALERT, LOCK } from "../icons.js";
import "./encryption.css";

/** @import { PlainBackups } from "../../bridge/types.js" */
/** @import { Confirm } from "../confirm.js" */

/** Which form is open. @typedef {"enable" | "passphrase"} Form */

export class EncryptionSection extends LightElement {
  static properties = {
    form: { state: true },
    typed: { state: true },
    mismatch: { state: true },
    backups: { state: true },
    said: { state: true },
  };

  constructor() {
    super();
    /** @type {Form | undefined} */
    this.form = undefined;
    /** The passphrase while it is typed. */
    this.typed = "";
    /** Whether the second one differs from the first. */
    this.mismatch = false;
    /** What becomes of plain backups. @type {PlainBackups} */
    this.backups = "delete";
    /** What the last thing has come to. */
    this.said = "";
    this.watch(encryption);
  }

  connectedCallback() {
    super.connectedCallback();
    void encryption.load();
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
    const { now, error } = encryption;
    if (!now) return error ? this.#error() : nothing;
    const { state } = now;
    return html`
      <p class="encryption-state" data-testid="encryption" data-state=${state}>
        ${state === "plain" ? ALERT : LOCK}<span>${t(`encryption-${state}`)}</span>
      </p>
      ${this.#key()} ${this.form === undefined ? this.#buttons() : this.#passphrases(this.form)}
      ${this.form === undefined ? this.#error() : nothing}
      <p class="encryption-said" role="status">${this.said}</p>
      <c6-confirm></c6-confirm>
    `;
  }

  #error() {
    return encryption.error ? html`<c6-error class="settings-error" .error=${encryption.error}></c6-error>` : nothing;
  }

  /** Where the key is, and what follows where it is not in the keyring. */
  #key() {
    const now = encryption.now;
    if (!now || now.state === "plain") return nothing;
    const code = now.key_not_kept;
    return html`
      <p class="hint" data-testid="encryption-key" data-code=${code ?? nothing}>
        ${t(code === undefined ? "encryption-key-kept" : "encryption-key-not-kept")}
      </p>
      ${code === undefined || code === "not-found" ? nothing : html`<p class="hint">${t(`error-${code}`)}</p>`}
      ${now.plain_backups > 0 ? html`<p class="hint">${t("encryption-backups-plain", { count: now.plain_backups })}</p>` : nothing}
    `;
  }

  #buttons() {
    const busy = encryption.doing !== undefined;
    switch (encryption.now?.state) {
      case "plain":
        return html`<div class="settings-buttons">
          <button class="button" data-testid="encryption-begin" ?disabled=${busy} @click=${() => this.#open("enable")}>
            ${t("encryption-begin")}
          </button>
        </div>`;
      case "encrypted":
        return html`<div class="settings-buttons">
          <button class="button" data-testid="encryption-change" ?disabled=${busy} @click=${() => this.#open("passphrase")}>
            ${t("encryption-change")}
          </button>
          <button class="button button--quiet" data-testid="encryption-disable" ?disabled=${busy} @click=${this.#disable}>
            ${t(encryption.doing === "disable" ? "encryption-working" : "encryption-disable")}
          </button>
        </div>`;
      default:
        return nothing;
    }
  }

  /** @param {Form} form */
  #passphrases(form) {
    const busy = encryption.doing !== undefined;
    const none = this.typed === "";
    const strength = strengthOf(this.typed);
    const plain = encryption.now?.plain_backups ?? 0;
    return html`
      <form
        class="encryption-form"
        aria-label=${t(form === "enable" ? "encryption-begin" : "encryption-change")}
        @submit=${(/** @type {SubmitEvent} */ event) => {
          event.preventDefault();
          void this.#send(form);
        }}
      >
        <p class="hint">${t("encryption-passphrase-for")}</p>
        ${this.#words("new", t("encryption-passphrase"), "encryption-strength")}
        <p class="hint" id="encryption-strength" data-strength=${none ? "none" : strength}>
          ${t(none ? "keeping-strength-none" : `keeping-strength-${strength}`, { least: SHORTEST })}
        </p>
        ${this.#words("repeat", t("keeping-repeat"), "encryption-mismatch")}
        <p class="encryption-problem" id="encryption-mismatch" role="alert">${this.mismatch ? t("keeping-mismatch") : nothing}</p>
        <p class="encryption-warning">${ALERT}<span>${t("encryption-both-lost")}</span></p>
        ${form === "enable" && plain > 0 ? this.#choice(plain) : nothing}
        ${form === "enable" ? html`<p class="hint">${t("encryption-interrupts")}</p>` : nothing}
        ${this.#error()}
        <div class="settings-buttons">
          <button class="button button--primary" data-testid="encryption-confirm" ?disabled=${busy}>
            ${t(busy ? "encryption-working" : form === "enable" ? "encryption-enable" : "encryption-change")}
          </button>
          <button type="button" class="button button--quiet" data-testid="encryption-cancel" ?disabled=${busy} @click=${() => this.#close()}>
            ${t("action-cancel")}
          </button>
        </div>
      </form>
    `;
  }

  /** @param {number} count How many backups anybody can read. */
  #choice(count) {
    return html`<fieldset class="encryption-backups">
      <legend class="settings-label">${t("encryption-backups", { count })}</legend>
      ${
        /** @type {const} */ (["delete", "keep"]).map(
          (each) => html`<label class="encryption-choice">
            <input
              type="radio"
              name="plain-backups"
              value=${each}
              data-testid=${`plain-backups-${each}`}
              .checked=${this.backups === each}
              @change=${() => {
                this.backups = each;
              }}
            />
            <span>${t(`encryption-backups-${each}`)}</span>
          </label>`,
        )
      }
    </fieldset>`;
  }

  /**
   * @param {"new" | "repeat"} name
   * @param {string} label
   * @param {string} described
   */
  #words(name, label, described) {
    return html`
      <label class="label" for=${`encryption-${name}`}>${label}</label>
      <input
        class="field"
        type="password"
        id=${`encryption-${name}`}
        data-testid=${`encryption-${name}`}
        autocomplete="new-password"
        spellcheck="false"
        aria-describedby=${described}
        ?readonly=${encryption.doing !== undefined}
        @input=${(/** @type {InputEvent} */ event) => {
          this.mismatch = false;
          if (name === "new") this.typed = /** @type {HTMLInputElement} */ (event.target).value;
        }}
        @keydown=${(/** @type {KeyboardEvent} */ event) => {
          if (event.key === "Enter" && isComposing(event)) event.preventDefault();
        }}
      />
    `;
  }

  /** @param {"new" | "repeat"} name @returns {HTMLInputElement | null} */
  #field(name) {
    return this.querySelector(`#encryption-${name}`);
  }

  /** @param {Form} form */
  async #open(form) {
    encryption.dismissError();
    this.said = "";
    this.backups = "delete";
    this.form = form;
    await this.updateComplete;
    this.#field("new")?.focus();
  }

  /** @param {string} [said] */
  async #close(said = "") {
    const former = this.form;
    this.#forgetWords();
    encryption.dismissError();
    this.form = undefined;
    this.said = said;
    await this.updateComplete;
    const next = encryption.now?.state === "plain" && former === "enable" ? "encryption-begin" : "encryption-change";
    /** @type {HTMLElement | null} */ (this.querySelector(`[data-testid=${next}]`))?.focus();
  }

  /** @param {Form} form */
  async #send(form) {
    const [first, second] = [this.#field("new"), this.#field("repeat")];
    const passphrase = first?.value ?? "";
    if ([...passphrase].length < SHORTEST) {
      first?.focus();
      return;
    }
    if (passphrase !== second?.value) {
      this.mismatch = true;
      second?.focus();
      return;
    }
    const done =
      form === "enable"
        ? await encryption.enable(passphrase, this.backups)
        : await encryption.setPassphrase(passphrase);
    if (!done) return;
    if (first) first.value = "";
    second.value = "";
    await this.#close(t(form === "enable" ? "encryption-enabled" : "encryption-changed"));
  }

  async #disable() {
    this.said = "";
    const confirm = /** @type {Confirm | null} */ (this.querySelector("c6-confirm"));
    const sure = await confirm?.ask({
      title: t("encryption-disable-title"),
      help: t("encryption-disable-help"),
      yes: t("encryption-disable-yes"),
    });
    if (sure && (await encryption.disable())) this.said = t("encryption-disabled");
  }
}

customElements.define("c6-encryption-section", EncryptionSection);
