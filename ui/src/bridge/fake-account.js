/**
 * Accounts of the in-memory host: somebody signs in by whichever way at once. `?account=signed-in` has somebody signed in.
 */

/** @import { AccountView, Accounts, Commands, Event, SignInAttempt, SignInMethod } from "./types.js" */

/**
 * @param {object} host
 * @param {URLSearchParams} host.situation
 * @param {(event: Event) => void} host.send
 */
export function createAccounts({ situation, send }) {
  const provider = "http://127.0.0.1:5004";
  /** @returns {AccountView} */
  const ana = () => ({
    account: "a1",
    method: "github",
    provider,
    subject: "1001",
    name: "Ana Muñoz",
    email: "ana@example.org",
    state: "confirmed",
  });
  /** @type {AccountView | undefined} */
  let active = situation.get("account") === "signed-in" ? ana() : undefined;
  /** @type {AccountView[]} */
  let known = active ? [active] : [];
  /** @type {SignInAttempt | undefined} */
  let attempt;
  /** @type {Accounts["keeping"]} */
  let keeping = { place: "system", vault: "absent" };
  /** @type {Accounts["consents"]} */
  let consents = [];

  /** @returns {Accounts} */
  const state = () => ({
    ...(active ? { active } : {}),
    known,
    ways: [
      { method: "github", provider },
      { method: "google", provider },
      { method: "api-key" },
    ],
    ...(attempt ? { attempt } : {}),
    keeping,
    consents,
  });

  /** @param {SignInAttempt | undefined} next */
  const attempted = (next) => {
    attempt = next;
    send({ type: "sign-in-changed", ...(next ? { attempt: next } : {}) });
  };

  /** @param {AccountView | undefined} next */
  const signed = (next) => {
    active = next;
    send({ type: "account-changed", ...(next ? { active: next } : {}) });
    send({ type: "space-changed", ...(next ? { account: next.account } : {}) });
  };

  /** @satisfies {Partial<{ [N in keyof Commands]: (request: Commands[N]["request"]) => Commands[N]["response"] }>} */
  const commands = {
    account_state: state,
    account_switch: ({ account }) => {
      signed(known.find((each) => each.account === account));
      return state();
    },
    account_forget: ({ account }) => {
      known = known.filter((each) => each.account !== account);
      if (active?.account === account) signed(undefined);
      return state();
    },
    sign_in_begin: ({ method }) => {
      const { subject, name, email } = ana();
      /** @type {SignInAttempt} */
      const waiting = { stage: "waiting", method, provider, expires_at: Date.now() + 300_000 };
      attempted(waiting);
      setTimeout(() => {
        if (attempt === waiting) {
          attempted({
            stage: "arrived",
            method,
            provider,
            subject,
            ...(name ? { name } : {}),
            ...(email ? { email } : {}),
          });
        }
      }, 300);
      return waiting;
    },
    sign_in_open_again: () => null,
    sign_in_link: () => `${provider}/auth/github`,
    sign_in_cancel: () => {
      attempted(undefined);
      return null;
    },
    sign_in_confirm: () => {
      /** @type {SignInMethod} */
      const method = attempt?.method ?? "github";
      const account = { ...ana(), method };
      known = [account];
      attempted(undefined);
      signed(account);
      return { account };
    },
    sign_out: ({ account }) => {
      known = known.map((each) => (each.account === account ? { ...each, state: "signed-out" } : each));
      if (active?.account === account) signed(undefined);
      return { revocation: /** @type {const} */ ("done") };
    },
    secret_keeping_check: state,
    secret_keeping_set: ({ place }) => {
      keeping = { place, vault: place === "vault" ? "open" : keeping.vault };
      return state();
    },
    vault_unlock: () => {
      keeping = { place: "vault", vault: "open" };
      return state();
    },
    plain_consent_set: ({ origin, consent }) => {
      const others = consents.filter((each) => each.origin !== origin);
      consents = consent === "given" ? [...others, { profile: "practice", origin }] : others;
      return state();
    },
  };
  return commands;
}
