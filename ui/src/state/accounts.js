/**
 * Who is signed in, who else is known on this computer, an attempt to sign in, and where secrets are kept: what the core last
 * said about it. No secret ever comes here; a passphrase only passes through. Whatever is asked for is done by the core and
 * told by events, so that two windows' worth of history can never be mixed up here.
 */
import { Observable } from "./observable.js";

/** @import { Accounts as Values, AccountKey, AccountView, AppError, Consent, Event, ForgottenHistory, KeepIn, SecretKeeping, SignedIn, SignedOut, SignInAttempt, SignInMethod } from "../bridge/types.js" */
/** @import { Call } from "./index.js" */

/** @type {SecretKeeping} */
const KEEPING = { place: "system", vault: "absent" };

/**
 * Somebody signed out, and what became of it.
 * @typedef {object} Farewell
 * @property {AccountView} account
 * @property {SignedOut} outcome
 */

export class Accounts extends Observable {
  #call;
  /** @type {Values} */
  #values = { known: [], ways: [], keeping: KEEPING, consents: [] };
  /** @type {AppError | undefined} */
  #error;
  #loaded = false;
  /** Grows with everything that was told: an answer to an older question says nothing any more. */
  #told = 0;
  /** @type {Farewell | undefined} */
  #farewell;
  /** @type {AccountKey | undefined} */
  #silenced;
  /** Whose history was open before this one; nobody's where its `account` is absent. @type {{ account?: AccountKey } | undefined} */
  #former;

  /** @param {Call} call */
  constructor(call) {
    super();
    this.#call = call;
  }

  /** Who is signed in. */
  get active() {
    return this.#values.active;
  }

  /** Everybody who signed in on this computer and was not forgotten. */
  get known() {
    return this.#values.known;
  }

  /** How one can sign in with the profile in use. */
  get ways() {
    return this.#values.ways;
  }

  /** The attempt that is under way, or has failed. */
  get attempt() {
    return this.#values.attempt;
  }

  get keeping() {
    return this.#values.keeping;
  }

  /** The addresses to which credentials may go unencrypted. */
  get consents() {
    return this.#values.consents;
  }

  /** Whether the core was asked already. */
  get loaded() {
    return this.#loaded;
  }

  /** Why it could not be asked. */
  get error() {
    return this.#error;
  }

  /** Who signed out last, until that was read. */
  get farewell() {
    return this.#farewell;
  }

  /** Whose histories can be gone to without signing in; nobody's is absent from it. @returns {AccountView[]} */
  get others() {
    return this.known.filter(({ account, state }) => account !== this.active?.account && state !== "signed-out");
  }

  /**
   * The history that was open before this one, where one can go back to it.
   * @returns {{ account?: AccountView } | undefined} Nobody's where its `account` is absent.
   */
  get former() {
    const { account } = this.#former ?? {};
    if (this.#former === undefined || account === this.active?.account) return undefined;
    if (account === undefined) return {};
    const view = this.others.find((each) => each.account === account);
    return view && { account: view };
  }

  /**
   * Another history takes the place of this one.
   * @param {AccountKey | undefined} account Whose was open.
   */
  came(account) {
    this.#former = optional("account", account);
  }

  dismissFarewell() {
    this.#farewell = undefined;
    this.changed();
  }

  /** Whether the reader wants to be told that the session ended. */
  get remindsOfExpiry() {
    const { active } = this.#values;
    return active?.state === "expired" && active.account !== this.#silenced;
  }

  /** Not now: until the next start, or until the session ended once more. */
  silenceExpiry() {
    this.#silenced = this.#values.active?.account;
    this.changed();
  }

  /**
   * What the first paint shows, before anything was asked.
   * @param {AccountView | undefined} active
   */
  adopt(active) {
    this.#values = { ...this.#values, ...optional("active", active), known: active ? [active] : [] };
    this.changed();
  }

  async load() {
    await this.#ask(() => this.#call("account_state", null)).catch((error) => {
      this.#error = error;
      this.changed();
    });
  }

  /** @param {Event} event */
  apply(event) {
    if (event.type === "account-changed") {
      this.#told += 1;
      const { active: _, ...rest } = this.#values;
      this.#values = { ...rest, ...optional("active", event.active) };
      if (event.active?.state !== "expired") this.#silenced = undefined;
      this.changed();
      void this.load();
    } else if (event.type === "sign-in-changed") {
      this.#told += 1;
      this.#attempted(event.attempt);
    }
  }

  /** @param {SignInAttempt | undefined} attempt */
  #attempted(attempt) {
    const { attempt: _, ...rest } = this.#values;
    this.#values = { ...rest, ...optional("attempt", attempt) };
    this.changed();
  }

  /**
   * Takes over what the core answers, unless it has told something newer meanwhile: then it is asked again.
   * @param {() => Promise<Values>} ask
   */
  async #ask(ask) {
    const told = this.#told;
    const values = await ask();
    if (told !== this.#told) {
      await this.load();
      return;
    }
    this.#values = values;
    this.#error = undefined;
    this.#loaded = true;
    this.changed();
  }

  /**
   * Starts an attempt; one that is there is given up.
   * @param {SignInMethod} method
   */
  async begin(method) {
    this.#farewell = undefined;
    const told = this.#told;
    const attempt = await this.#call("sign_in_begin", { method });
    // What was told while this answer was on its way is newer.
    if (told === this.#told) this.#attempted(attempt);
  }

  async openAgain() {
    await this.#call("sign_in_open_again", null);
  }

  /** @returns {Promise<string>} What the browser opens. */
  async link() {
    return this.#call("sign_in_link", null);
  }

  async cancel() {
    await this.#call("sign_in_cancel", null);
    this.#attempted(undefined);
  }

  /** @returns {Promise<SignedIn>} Who is signed in now. */
  async confirm() {
    const signed = await this.#call("sign_in_confirm", null);
    this.#attempted(undefined);
    return signed;
  }

  /** @param {AccountView} account */
  async signOut(account) {
    const outcome = await this.#call("sign_out", { account: account.account });
    this.#farewell = { account, outcome };
    this.changed();
  }

  /** @param {AccountKey} account */
  async switch(account) {
    this.#farewell = undefined;
    await this.#ask(() => this.#call("account_switch", { account }));
  }

  /** Opens the history of nobody in particular; whoever was signed in stays so. */
  async leave() {
    this.#farewell = undefined;
    await this.#ask(() => this.#call("account_leave", null));
  }

  /**
   * @param {AccountKey} account
   * @param {ForgottenHistory} history
   */
  async forget(account, history) {
    await this.#ask(() => this.#call("account_forget", { account, history }));
  }

  /** Asks the secret store how it does; takes up to some seconds. */
  async check() {
    await this.#ask(() => this.#call("secret_keeping_check", null));
  }

  /**
   * @param {KeepIn} place
   * @param {string} [passphrase] For the vault.
   */
  async keep(place, passphrase) {
    await this.#ask(() => this.#call("secret_keeping_set", { place, ...optional("passphrase", passphrase) }));
  }

  /** @param {string} passphrase */
  async unlock(passphrase) {
    await this.#ask(() => this.#call("vault_unlock", { passphrase }));
  }

  /** Deletes the vault that is closed, with all that is in it: whoever calls this has asked. */
  async discardVault() {
    await this.#ask(() => this.#call("vault_discard", null));
  }

  /**
   * Lets credentials go unencrypted to an address, or takes that back.
   * @param {string} origin
   * @param {Consent} consent
   */
  async consent(origin, consent) {
    await this.#ask(() => this.#call("plain_consent_set", { origin, consent }));
  }
}

/**
 * @template {string} K
 * @template V
 * @param {K} name
 * @param {V | undefined} value
 * @returns {{ [key in K]?: V }} An object that has the field only where there is a value.
 */
function optional(name, value) {
  return /** @type {{ [key in K]?: V }} */ (value === undefined ? {} : { [name]: value });
}
