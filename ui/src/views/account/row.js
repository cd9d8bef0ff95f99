/**
 * The account in the sidebar's foot: who is signed in, and a menu to change that. Without an account it says where the
 * conversations are and leads to signing in. While an attempt is under way it says so and leads back to it.
 */
import { html, nothing } from "lit";
import { LightElement } from "../../element.js";
import { t } from "../../i18n.js";
import { navigation } from "../../navigation.js";
import { accounts, encryption } from "../../state/index.js";
import "../confirm.js";
import { CHECK, COMPUTER, LEAVE, LOCK, PLUS } from "../icons.js";
import { lineStart, place, walk } from "../popover.js";
import "../menu.css";
import "./row.css";
import { askToSignOut } from "./sign-out.js";
import { initial, personName, providerName, stateWords } from "./words.js";

/** @import { AccountView, AppError } from "../../bridge/types.js" */
/** @import { Confirm } from "../confirm.js" */

/** Between the menu and its button, in px. */
const GAP = 6;

export class AccountRow extends LightElement {
  static properties = { open: { state: true }, error: { state: true } };

  constructor() {
    super();
    /** Whether the menu is shown. */
    this.open = false;
    /** Why the last thing could not be done. @type {AppError | undefined} */
    this.error = undefined;
    this.watch(accounts, encryption);
  }

  get #menu() {
    return /** @type {HTMLElement | null} */ (this.querySelector("[popover]"));
  }

  get #button() {
    return /** @type {HTMLElement | null} */ (this.querySelector("[data-testid=account]"));
  }

  /** @returns {HTMLElement[]} */
  get #entries() {
    return [.../** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll("[role=menuitem]"))];
  }

  render() {
    const { active } = accounts;
    return html`
      ${this.error ? html`<c6-error class="account-error" .error=${this.error}></c6-error>` : nothing}
      <button
        class="account-row"
        data-testid="account"
        data-provider=${active?.provider ?? nothing}
        data-subject=${active?.subject ?? nothing}
        data-state=${active?.state ?? "none"}
        aria-haspopup=${this.#leadsToView ? "dialog" : "menu"}
        aria-expanded=${this.#leadsToView ? nothing : this.open}
        title=${active ? nothing : t("account-none-help")}
        @click=${this.#onClick}
      >
        ${this.#sign(active)}
        <span class="account-words">
          <span class="account-name" dir="auto">${active ? personName(active) : t("account-none")}</span>
          ${this.#second(active)}
        </span>
      </button>
      <div
        class="menu account-menu"
        popover
        role="menu"
        aria-label=${t("account-menu")}
        @toggle=${(/** @type {ToggleEvent} */ event) => {
          this.open = event.newState === "open";
        }}
        @keydown=${this.#onKey}
      >
        ${active ? this.#person(active) : nothing}
        ${accounts.known.filter(({ account }) => account !== active?.account).map((each) => this.#other(each))}
        ${active ? html`${this.#own()}<div class="menu-line" role="separator"></div>` : nothing}
        <button class="menu-entry account-entry" role="menuitem" tabindex="-1" data-testid="account-add" @click=${() => this.#signIn()}>
          <span class="account-entry-sign">${PLUS}</span>${t(accounts.known.length > 0 ? "account-add" : "account-sign-in")}
        </button>
        <button
          class="menu-entry account-entry"
          role="menuitem"
          tabindex="-1"
          data-testid="account-settings"
          @click=${() => this.#pick(() => navigation.open("settings", { section: "account" }))}
        >
          <span class="account-entry-sign">${LOCK}</span>${t("account-settings")}
        </button>
        ${
          active
            ? html`<button class="menu-entry account-entry" role="menuitem" tabindex="-1" data-testid="sign-out" @click=${() => this.#signOut(active)}>
                <span class="account-entry-sign">${LEAVE}</span>${t("account-sign-out")}
              </button>`
            : nothing
        }
      </div>
      <c6-confirm></c6-confirm>
    `;
  }

  /** Whether the row leads to the view of signing in at once. */
  get #leadsToView() {
    return accounts.attempt !== undefined || (accounts.active === undefined && accounts.known.length === 0);
  }

  /** @param {AccountView | undefined} account */
  #sign(account) {
    return account
      ? html`<span class="avatar" data-state=${account.state} aria-hidden="true">${initial(personName(account))}</span>`
      : html`<span class="avatar" aria-hidden="true">${COMPUTER}</span>`;
  }

  /** What stands under the name: an attempt first, then what is wrong, then who vouches. @param {AccountView | undefined} active */
  #second(active) {
    const { attempt } = accounts;
    if (attempt)
      return html`<span class="account-note account-note--now">${t(`account-attempt-${attempt.stage}`)}</span>`;
    if (!active) return html`<span class="account-note">${t("account-sign-in")}</span>`;
    if (active.state === "expired")
      return html`<span class="account-note account-note--warn">${stateWords(active)}</span>`;
    return html`<span class="account-note">${providerName(active.method, active.provider)}</span>`;
  }

  /** @param {AccountView} active */
  #person(active) {
    return html`
      <div class="account-person" role="none">
        ${this.#sign(active)}
        <span class="account-words">
          <span class="account-name" dir="auto">${personName(active)}</span>
          ${active.email && active.name ? html`<span class="account-note" dir="auto">${active.email}</span>` : nothing}
          <span class="account-note">${providerName(active.method, active.provider)}</span>
          ${active.state === "expired" ? html`<span class="account-note account-note--warn">${stateWords(active)}</span>` : nothing}
        </span>
        ${active.state === "expired" ? nothing : html`<span class="account-check">${CHECK}</span>`}
      </div>
      ${
        active.state === "expired"
          ? html`<button class="menu-entry account-entry account-entry--accent" role="menuitem" tabindex="-1" data-testid="account-renew" @click=${() => this.#signIn(active)}>
              <span class="account-entry-sign"></span>${t("account-sign-in-again")}
            </button>`
          : nothing
      }
      <div class="menu-line" role="separator"></div>
    `;
  }

  /** @param {AccountView} account */
  #other(account) {
    const out = account.state === "signed-out";
    return html`
      <button
        class="menu-entry account-entry account-entry--person"
        role="menuitem"
        tabindex="-1"
        data-testid="account-switch"
        data-provider=${account.provider}
        data-subject=${account.subject}
        @click=${() => (out ? this.#signIn(account) : this.#go(() => accounts.switch(account.account)))}
      >
        ${this.#sign(account)}
        <span class="account-words">
          <span class="account-name" dir="auto">${personName(account)}</span>
          <span class="account-note">
            ${providerName(account.method, account.provider)}${out || account.state === "expired" ? ` · ${stateWords(account)}` : nothing}
          </span>
        </span>
        ${this.#lock(account.account)}
      </button>
    `;
  }

  /** The history of nobody in particular: an account like the others, without a person. */
  #own() {
    return html`
      <button
        class="menu-entry account-entry account-entry--person"
        role="menuitem"
        tabindex="-1"
        data-testid="account-own"
        @click=${() => this.#go(() => accounts.leave())}
      >
        ${this.#sign(undefined)}
        <span class="account-words">
          <span class="account-name">${t("account-none")}</span>
          <span class="account-note">${t("account-own-note")}</span>
        </span>
        ${this.#lock(undefined)}
      </button>
    `;
  }

  /** The sign of a history that has to be unlocked. @param {AccountView["account"] | undefined} account */
  #lock(account) {
    if (!encryption.isLocked(account)) return nothing;
    return html`<span class="account-lock" data-testid="account-lock" title=${t("account-history-locked")}>
      ${LOCK}<span class="sr-only">${t("account-history-locked")}</span>
    </span>`;
  }

  async #onClick() {
    this.error = undefined;
    if (this.#leadsToView) {
      navigation.open("sign-in");
      return;
    }
    const menu = this.#menu;
    const button = this.#button;
    if (!menu || !button) return;
    if (this.open) {
      menu.hidePopover();
      return;
    }
    // A keyring may have been unlocked meanwhile.
    if (accounts.known.length > 0) void encryption.loadAll();
    menu.showPopover();
    const box = button.getBoundingClientRect();
    place(menu, lineStart(menu, box), box.top - menu.offsetHeight - GAP);
    this.#entries[0]?.focus();
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    // Escape would also stop an answer.
    event.stopPropagation();
    if (!walk(event, this.#entries) && (event.key === "Escape" || event.key === "Tab")) {
      event.preventDefault();
      this.#menu?.hidePopover();
      this.#button?.focus();
    }
  }

  /** @param {() => unknown} then */
  #pick(then) {
    this.#menu?.hidePopover();
    // The dialog that opens gives the focus back to where it was.
    this.#button?.focus();
    void then();
  }

  /** @param {AccountView} [account] Who is to come back. */
  #signIn(account) {
    this.#pick(() => navigation.open("sign-in", account ? { method: account.method, name: personName(account) } : {}));
  }

  /** @param {() => Promise<void>} where To another history. */
  #go(where) {
    this.#pick(async () => {
      this.error = undefined;
      // A row of another sidebar may stand in the place of this one by then.
      const sidebar = this.closest("c6-sidebar");
      try {
        await where();
        // Over a narrow window it is a drawer, which has served.
        sidebar?.dispatchEvent(new CustomEvent("conversation-picked"));
      } catch (error) {
        this.error = /** @type {AppError} */ (error);
      }
    });
  }

  /** @param {AccountView} account */
  #signOut(account) {
    this.#pick(async () => {
      this.error = await askToSignOut(/** @type {Confirm} */ (this.querySelector("c6-confirm")), account);
    });
  }
}

customElements.define("c6-account-row", AccountRow);
