/**
 * Encryption of the open history in the in-memory host: a switch with a passphrase. `?encryption=encrypted` begins encrypted,
 * `?encryption=locked` begins locked until "correct horse" is said; `secrets=absent|locked|…` says why a keyring has no key,
 * `backups=none` that nothing lies in plain backups. `locked=own` only the history of nobody begins locked, `locked=leo` only that
 * of the second account.
 */

/** @import { AppError, Commands, Encryption, ErrorCode, HistoryLock } from "./types.js" */

/** The passphrase that opens what begins locked. */
const PASSPHRASE = "correct horse";

/**
 * @param {object} host
 * @param {URLSearchParams} host.situation
 * @param {(code: ErrorCode, more?: Partial<AppError>) => AppError} host.failure
 * @param {() => void} host.reopened The history was closed and opened again.
 * @param {() => string} host.open Whose history is open; nobody's where empty.
 * @param {() => string[]} host.accounts
 */
export function createEncryption({ situation, failure, reopened, open, accounts }) {
  const whose = /** @type {Record<string, string>} */ ({ own: "", leo: "b2" })[situation.get("locked") ?? ""];
  const wanted = whose === undefined ? situation.get("encryption") : "locked";
  /** @param {string} key */
  const concerns = (key) => key === (whose ?? open());
  const secrets = situation.get("secrets");
  const trouble = secrets === null ? undefined : /** @type {ErrorCode} */ (`secret-store-${secrets}`);
  let state = /** @type {Encryption["state"]} */ (wanted === "locked" || wanted === "encrypted" ? wanted : "plain");
  let plain = situation.get("backups") === "none" || state !== "plain" ? 0 : 2;
  let passphrase = PASSPHRASE;
  /** @returns {Encryption} */
  const now = () => {
    if (!concerns(open())) return { state: "plain", plain_backups: 0 };
    const missing = trouble ?? (state === "locked" ? "not-found" : undefined);
    return {
      state,
      plain_backups: plain,
      ...(state === "plain" || missing === undefined ? {} : { key_not_kept: missing }),
    };
  };
  /** @param {string} chosen */
  const check = (chosen) => {
    if ([...chosen].length < 8) throw failure("invalid-input", { field: "passphrase" });
  };
  return {
    locked: () => state === "locked" && concerns(open()),
    commands: {
      encryption_state: now,
      /** @returns {HistoryLock[]} */
      encryption_list: () =>
        ["", ...accounts()].map((key) => ({
          ...(key === "" ? {} : { account: key }),
          state: concerns(key) ? state : "plain",
        })),
      /** @param {Commands["encryption_enable"]["request"]} request @returns {Encryption} */
      encryption_enable: (request) => {
        check(request.passphrase);
        ({ passphrase } = request);
        state = "encrypted";
        if (request.plain_backups === "delete") plain = 0;
        reopened();
        return now();
      },
      /** @returns {Encryption} */
      encryption_disable: () => {
        state = "plain";
        reopened();
        return now();
      },
      /** @param {Commands["encryption_unlock"]["request"]} request @returns {Encryption} */
      encryption_unlock: (request) => {
        if (request.passphrase === undefined) throw failure("history-locked");
        if (request.passphrase !== passphrase) throw failure("vault-wrong-passphrase");
        state = "encrypted";
        reopened();
        return now();
      },
      /** @param {Commands["encryption_passphrase_set"]["request"]} request @returns {Encryption} */
      encryption_passphrase_set: (request) => {
        check(request.passphrase);
        ({ passphrase } = request);
        return now();
      },
    },
  };
}
