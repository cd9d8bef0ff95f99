/**
 * What stands in the place of the conversations while the history is encrypted and its key is not at hand: what happened, that
 * nothing is lost, the two ways on, and the way back to where one came from. The passphrase leaves the page as soon as it is sent.
 */
import { html, nothing } from "lit";
import { LightElement } from "../../element.js";
import { t } from "../../i18n.js";
import { isComposing } from "../../ime.js";
import { accounts, encryption, session } from "../../state/index.js";
import { personName } from "../account/words.js";
import { CHECK, LOCK } from "../icons.js";
import "./encryption.css";

/** @import { AccountView, AppError } from "../../bridge/types.js" */

export class LockedHistory extends LightElement {
  static properties = { empty: { state: true }, refused: { state: true } };

  constructor() {
    super();
    /** Whether somebody asked to unlock without a passphrase. */
    this.empty = false;
    /** Why another history could not be gone to. @type {AppError | undefined} */
    this.refused = undefined;
    this.watch(encryption, accounts, session);
  }

  connectedCallback() {
    super.connectedCallback();
    void encryption.load();
  }

  firstUpdated() {
    this.#field?.focus();
  }

  /** @returns {HTMLInputElement | null} */
  get #field() {
    return this.querySelector("#history-passphrase");
  }

  render() {
    const busy = encryption.doing !== undefined;
    return html`
      <section class="locked" data-testid="history-locked" aria-labelledby="locked-title" aria-busy=${busy}>
        <span class="locked-sign">${LOCK}</span>
        <h1 id="locked-title">${this.#whose}</h1>
        <p>${t("locked-lead")}</p>
        <p class="locked-safe">${CHECK}<span>${t("locked-safe")}</span></p>
        <form
          class="locked-form"
          @submit=${(/** @type {SubmitEvent} */ event) => {
            event.preventDefault();
            void this.#unlock();
          }}
        >
          <label class="label" for="history-passphrase">${t("locked-passphrase")}</label>
          <input
            class="field"
            type="password"
            id="history-passphrase"
            data-testid="history-passphrase"
            autocomplete="current-password"
            spellcheck="false"
            aria-describedby="locked-problem"
            ?readonly=${busy}
            @input=${() => {
              this.empty = false;
              if (encryption.error) encryption.dismissError();
            }}
            @keydown=${(/** @type {KeyboardEvent} */ event) => {
              if (event.key === "Enter" && isComposing(event)) event.preventDefault();
            }}
          />
          <div class="locked-problem" id="locked-problem" role="alert">${this.#problem()}</div>
          <div class="locked-buttons">
            <button class="button button--primary" data-testid="history-unlock" ?disabled=${busy}>
              ${t(encryption.doing === "unlock" ? "locked-opening" : "locked-unlock")}
            </button>
            <button type="button" class="button" data-testid="history-keyring" ?disabled=${busy} @click=${this.#tryKeyring}>
              ${t(encryption.doing === "keyring" ? "locked-asking" : "locked-keyring")}
            </button>
          </div>
        </form>
        <p class="hint">${this.#why()}</p>
        ${this.#others(busy)}
      </section>
    `;
  }

  /** Whose history it is: said where this computer has several. */
  get #whose() {
    const { active, known } = accounts;
    if (known.length === 0) return t("locked-title");
    return active ? t("locked-title-of", { name: personName(active) }) : t("locked-title-own");
  }

  /** Back to where one came from; where nothing else leads on, to any other history. @param {boolean} busy */
  #others(busy) {
    const { former, others, active } = accounts;
    /** @type {Array<AccountView | undefined>} */
    const ways = former
      ? [former.account]
      : session.phase === "ready"
        ? []
        : [...(active ? [undefined] : []), ...others];
    if (ways.length === 0) return nothing;
    return html`
      <div class="locked-others">
        ${ways.map(
          (account) => html`<button
            type="button"
            class="button button--quiet"
            data-testid="history-other"
            data-subject=${account?.subject ?? nothing}
            ?disabled=${busy}
            @click=${() => this.#go(account)}
          >
            ${t(former ? "locked-back" : "locked-go", { name: account ? personName(account) : t("account-none") })}
          </button>`,
        )}
        ${this.refused ? html`<c6-error .error=${this.refused}></c6-error>` : nothing}
      </div>
    `;
  }

  /** @param {AccountView | undefined} account Nobody's in particular where absent. */
  async #go(account) {
    this.refused = undefined;
    this.empty = false;
    const field = this.#field;
    // What was typed for one history is not for another one.
    if (field) field.value = "";
    try {
      await (account ? accounts.switch(account.account) : accounts.leave());
    } catch (error) {
      this.refused = /** @type {AppError} */ (error);
    }
  }

  /** Why the key is not at hand, and what becomes of it. */
  #why() {
    const code = encryption.now?.key_not_kept;
    if (code === undefined) return nothing;
    return t(
      code === "secret-store-locked"
        ? "locked-why-locked"
        : code === "secret-store-absent"
          ? "locked-why-absent"
          : code === "not-found"
            ? "locked-why-missing"
            : "locked-why-other",
    );
  }

  #problem() {
    const { error } = encryption;
    if (this.empty)
      return html`<p class="locked-wrong" data-testid="history-problem" data-code="empty">${t("locked-empty")}</p>`;
    if (!error) return nothing;
    const words = {
      "vault-wrong-passphrase": "locked-wrong",
      "history-locked": "locked-keyring-not",
      "vault-damaged": "locked-damaged",
      "not-found": "locked-damaged",
    }[/** @type {string} */ (error.code)];
    return words === undefined
      ? html`<c6-error .error=${error}></c6-error>`
      : html`<p class="locked-wrong" data-testid="history-problem" data-code=${error.code}>${t(words)}</p>`;
  }

  async #unlock() {
    const field = this.#field;
    const passphrase = field?.value ?? "";
    if (passphrase === "") {
      this.empty = true;
      field?.focus();
      return;
    }
    const done = await encryption.unlock(passphrase);
    if (field) field.value = "";
    // What was locked is read anew by itself; otherwise one tries again.
    if (!done) field?.focus();
  }

  async #tryKeyring() {
    this.empty = false;
    if (!(await encryption.tryKeyring())) void encryption.load();
  }
}

customElements.define("c6-locked", LockedHistory);
