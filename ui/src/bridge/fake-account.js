/**
 * Accounts of the in-memory host. `?account=ana` somebody is signed in, `expired` their session ended, `two` there are two of
 * them, `left` one signed out; `ways=oidc,github,google,device` what the profile offers (all by default, none for `ways=`),
 * `plain=1` the first of them unencrypted; `signin=manual` waits for `fakeHost.signIn(…)`, and otherwise somebody arrives after a
 * moment, or the attempt fails with the code that is given; `browser=none` none could be opened; `secrets=absent|locked|…` what is
 * wrong with the system's store, `keeping=session|vault|locked` where secrets are kept. The vault's passphrase is "correct horse".
 */

/** @import { AccountView, AppError, Commands, ErrorCode, Event, KeepIn, PlainConsent, SecretKeeping, SignInAttempt, SignInMethod, SignInWay } from "./types.js" */

const MINUTE = 60_000;
const PROVIDERS = /** @type {Record<string, string>} */ ({
  oidc: "https://id.cooperativa.example",
  github: "https://auth.cooperativa.example",
  google: "https://auth.cooperativa.example",
  device: "https://github.com",
});

/** @type {Record<"ana" | "leo", AccountView>} */
const PEOPLE = {
  ana: {
    account: "a1",
    method: "oidc",
    provider: "https://id.cooperativa.example",
    subject: "248289761001",
    name: "Ana Ñandú Öztürk",
    email: "ana@cooperativa.example",
    state: "confirmed",
  },
  leo: {
    account: "b2",
    method: "github",
    provider: "https://auth.cooperativa.example",
    subject: "github_4711",
    name: "Leo",
    state: "remembered",
  },
};

/**
 * For tests, as part of `window.fakeHost`.
 * @typedef {object} AccountControls
 * @property {(what: "arrive" | "arrive-without-email" | ErrorCode) => void} signIn How the attempt goes on.
 * @property {() => void} expireSession The session of the account that is signed in ends.
 */

/**
 * @param {object} host
 * @param {URLSearchParams} host.situation
 * @param {(event: Event) => void} host.send
 * @param {(code: ErrorCode, more?: Partial<AppError>) => AppError} host.failure
 * @param {(account: string | undefined) => void} host.enter Shows another history.
 * @param {() => string | undefined} host.profile
 */
export function createAccounts({ situation, send, failure, enter, profile }) {
  const who = situation.get("account");
  /** @type {Map<string, AccountView>} */
  const known = new Map();
  if (who !== null) known.set("a1", { ...PEOPLE.ana, ...(who === "expired" ? { state: "expired" } : {}) });
  if (who === "two") known.set("b2", { ...PEOPLE.leo });
  if (who === "left") known.set("a1", { ...PEOPLE.ana, state: "signed-out" });
  let active = who === null || who === "left" ? undefined : "a1";
  /** @type {SignInAttempt | undefined} */
  let attempt;
  let tried = 0;
  /** @type {PlainConsent[]} */
  const consents = [];
  const keptIn = situation.get("keeping");
  const trouble = situation.get("secrets");
  /** @type {SecretKeeping} */
  const keeping = {
    place: keptIn === "session" ? "session" : keptIn === "vault" || keptIn === "locked" ? "vault" : "system",
    vault: keptIn === "vault" ? "open" : keptIn === "locked" ? "locked" : "absent",
    ...(trouble === null ? {} : { trouble: /** @type {ErrorCode} */ (`secret-store-${trouble}`) }),
  };
  if (keptIn === "locked") keeping.trouble = "secret-store-locked";

  /** @returns {SignInWay[]} */
  const ways = () => [
    ...(situation.get("ways") ?? "oidc,github,google,device")
      .split(",")
      .filter((method) => method !== "")
      .map((method, at) => {
        const provider = PROVIDERS[method] ?? "";
        const plain = "http://192.0.2.10:5004";
        const insecure = situation.has("plain") && at === 0 && !consents.some(({ origin }) => origin === plain);
        return {
          method: /** @type {SignInMethod} */ (method),
          provider: situation.has("plain") && at === 0 ? plain : provider,
          ...(insecure ? { insecure: plain } : {}),
        };
      }),
    { method: "api-key" },
  ];

  const activeView = () => (active === undefined ? undefined : known.get(active));

  /** @returns {Commands["account_state"]["response"]} */
  const state = () => {
    const view = activeView();
    return {
      ...(view ? { active: view } : {}),
      known: [...known.values()],
      ways: ways(),
      ...(attempt ? { attempt } : {}),
      keeping,
      consents,
    };
  };

  function changed() {
    const view = activeView();
    send({ type: "account-changed", ...(view ? { active: view } : {}) });
  }

  /** @param {SignInAttempt | undefined} next */
  function attempted(next) {
    attempt = next;
    send({ type: "sign-in-changed", ...(next ? { attempt: next } : {}) });
  }

  /** @param {string | undefined} account */
  function move(account) {
    active = account;
    enter(account);
    changed();
  }

  /** @param {"arrive" | "arrive-without-email" | ErrorCode} what */
  function goOn(what) {
    if (attempt?.stage !== "waiting") return;
    const { method, provider } = attempt;
    if (what === "arrive" || what === "arrive-without-email") {
      const { subject, name = "", email } = method === "github" || what !== "arrive" ? PEOPLE.leo : PEOPLE.ana;
      attempted({ stage: "arrived", method, provider, subject, name, ...(email ? { email } : {}) });
    } else {
      const detail = what === "port-taken" ? { detail: "port 8000: python3 (4711)" } : {};
      attempted({ stage: "failed", method, provider, error: failure(what, detail) });
    }
  }

  /** @type {AccountControls} */
  const controls = {
    signIn: goOn,
    expireSession() {
      const view = activeView();
      if (view) view.state = "expired";
      changed();
    },
  };

  /** @type {Pick<{ [N in keyof Commands]: (request: Commands[N]["request"]) => Commands[N]["response"] | Promise<Commands[N]["response"]> }, "account_state" | "account_switch" | "account_leave" | "account_forget" | "sign_in_begin" | "sign_in_open_again" | "sign_in_link" | "sign_in_cancel" | "sign_in_confirm" | "sign_out" | "secret_keeping_check" | "secret_keeping_set" | "vault_unlock" | "vault_discard" | "plain_consent_set">} */
  const commands = {
    account_state: state,
    account_switch({ account }) {
      if (!known.has(account)) throw failure("not-found");
      move(account);
      return state();
    },
    account_leave() {
      if (active !== undefined) move(undefined);
      return state();
    },
    account_forget({ account }) {
      known.delete(account);
      if (active === account) move(undefined);
      else changed();
      return state();
    },
    sign_in_begin({ method }) {
      tried += 1;
      const turn = tried;
      const provider = ways().find((way) => way.method === method)?.provider ?? "";
      const starting = /** @type {const} */ ({ stage: "starting", method, provider });
      attempted(starting);
      const outcome = situation.get("signin");
      setTimeout(() => {
        if (turn !== tried) return;
        attempted({
          stage: "waiting",
          method,
          provider,
          expires_at: Date.now() + 5 * MINUTE,
          ...(method === "device"
            ? { device: { user_code: "WDJB-MJHT", address: "https://github.com/login/device" } }
            : {}),
          ...(situation.get("browser") === "none" ? { browser: failure("internal", { detail: "no browser" }) } : {}),
        });
        if (outcome === "manual") return;
        setTimeout(() => turn === tried && goOn(/** @type {ErrorCode | null} */ (outcome) ?? "arrive"), 2500);
      }, 300);
      return starting;
    },
    sign_in_open_again: () => null,
    sign_in_link: () => "https://id.cooperativa.example/auth?client_id=desktop-chat&state=practice",
    sign_in_cancel() {
      tried += 1;
      attempted(undefined);
      return null;
    },
    sign_in_confirm() {
      if (attempt?.stage !== "arrived") throw failure("not-found");
      const account = attempt.subject === PEOPLE.leo.subject ? "b2" : "a1";
      const { method, provider, subject, name, email } = attempt;
      const view = /** @type {AccountView} */ ({ account, method, provider, subject, state: "confirmed" });
      if (name) view.name = name;
      if (email) view.email = email;
      known.set(account, view);
      attempted(undefined);
      move(account);
      return {
        account: view,
        ...(keeping.trouble && keeping.place === "system" ? { not_kept: failure(keeping.trouble) } : {}),
      };
    },
    sign_out({ account }) {
      const view = known.get(account);
      if (!view) throw failure("not-found");
      view.state = "signed-out";
      if (active === account) move(undefined);
      else changed();
      return { revocation: view.method === "oidc" ? "done" : "not-offered" };
    },
    secret_keeping_check: async () => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      return state();
    },
    secret_keeping_set: async ({ place, passphrase }) => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      if (place === "vault") {
        if (keeping.vault !== "absent" && passphrase !== "correct horse") throw failure("vault-wrong-passphrase");
        keeping.vault = "open";
      }
      keeping.place = /** @type {KeepIn} */ (place);
      if (place !== "system") delete keeping.trouble;
      changed();
      return state();
    },
    vault_unlock: async ({ passphrase }) => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      if (passphrase !== "correct horse") throw failure("vault-wrong-passphrase");
      keeping.vault = "open";
      delete keeping.trouble;
      changed();
      return state();
    },
    vault_discard() {
      if (keeping.vault !== "locked") throw failure("not-found");
      keeping.place = "system";
      keeping.vault = "absent";
      delete keeping.trouble;
      changed();
      return state();
    },
    plain_consent_set({ origin, consent }) {
      const at = consents.findIndex((each) => each.origin === origin);
      if (at >= 0) consents.splice(at, 1);
      if (consent === "given") consents.push({ profile: profile() ?? "", origin });
      return state();
    },
  };
  return { commands, controls, activeView, known: () => [...known.keys()] };
}
