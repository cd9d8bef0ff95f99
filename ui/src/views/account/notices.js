/**
 * What lasts and matters about accounts, above the conversation and quietly: a session that ended, a vault that is closed, what
 * became of somebody's history who signed out. It also brings the view of signing in to the front when somebody arrives.
 */
import { html, nothing } from "lit";
import { LightElement } from "../../element.js";
import { t } from "../../i18n.js";
import { navigation } from "../../navigation.js";
import { accounts } from "../../state/index.js";
import "./notices.css";
import { personName, providerName } from "./words.js";

/** @import { SignInAttempt } from "../../bridge/types.js" */
/** @import { Farewell } from "../../state/accounts.js" */

export class AccountNotices extends LightElement {
  /** The stage that the attempt was last seen at. @type {SignInAttempt["stage"] | undefined} */
  #seen = accounts.attempt?.stage;
  /** @type {(() => void) | undefined} */
  #end;

  constructor() {
    super();
    this.watch(accounts, navigation);
  }

  connectedCallback() {
    super.connectedCallback();
    this.#end = accounts.observe(() => this.#look());
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#end?.();
  }

  /** Somebody who arrived, or could not, is shown wherever the reader has gone meanwhile. */
  #look() {
    const stage = accounts.attempt?.stage;
    if (stage === this.#seen) return;
    this.#seen = stage;
    if ((stage === "arrived" || stage === "failed") && navigation.current?.name !== "sign-in")
      navigation.open("sign-in");
  }

  render() {
    return html`${this.#expired()} ${this.#vault()} ${accounts.farewell ? this.#farewell(accounts.farewell) : nothing}`;
  }

  #expired() {
    const { active, attempt } = accounts;
    // A vault that is opened may bring the session back.
    if (!active || !accounts.remindsOfExpiry || attempt || this.#vaultIsLocked) return nothing;
    const provider = providerName(active.method, active.provider);
    return html`<section class="banner banner--account" data-testid="session-expired" aria-label=${t("error-session-expired")}>
      <p><strong>${t("error-session-expired")}</strong> ${t("account-expired-help", { provider })}</p>
      <button type="button" class="button button--quiet" data-testid="session-later" @click=${() => accounts.silenceExpiry()}>
        ${t("account-later")}
      </button>
      <button
        type="button"
        class="button"
        data-testid="session-renew"
        @click=${() => navigation.open("sign-in", { method: active.method, name: personName(active) })}
      >
        ${t("account-sign-in-again")}
      </button>
    </section>`;
  }

  get #vaultIsLocked() {
    const { place, vault } = accounts.keeping;
    return place === "vault" && vault === "locked";
  }

  #vault() {
    if (!this.#vaultIsLocked) return nothing;
    return html`<section class="banner banner--account" data-testid="vault-locked" aria-label=${t("keeping-vault-locked")}>
      <p><strong>${t("keeping-vault-locked")}</strong> ${t("keeping-vault-locked-help")}</p>
      <button type="button" class="button" data-testid="vault-open" @click=${() => navigation.open("settings", { section: "account" })}>
        ${t("keeping-unlock")}
      </button>
    </section>`;
  }

  /** @param {Farewell} farewell */
  #farewell({ account, outcome }) {
    const stored = outcome.still_stored;
    return html`<section class=${stored ? "banner banner--account banner--warn" : "banner banner--account"} data-testid="signed-out" aria-label=${t("account-state-signed-out")}>
      <p>
        <strong>${t("signed-out-what", { name: personName(account) })}</strong>
        ${t("signed-out-history")} ${t(`signed-out-${outcome.revocation}`, { provider: providerName(account.method, account.provider) })}
        ${stored ? html`${t("signed-out-still-stored")} ${t(`error-${stored.code}`)}` : nothing}
      </p>
      <button type="button" class="button" data-testid="signed-out-dismiss" @click=${() => accounts.dismissFarewell()}>${t("signed-out-understood")}</button>
    </section>`;
  }
}

customElements.define("c6-account-notices", AccountNotices);
