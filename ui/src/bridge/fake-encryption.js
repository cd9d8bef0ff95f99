/** Encryption of the open history in the in-memory host: a switch with a passphrase. `?encryption=locked` begins locked. */

/** @import { AppError, Commands, Encryption, ErrorCode } from "./types.js" */

/** The passphrase that opens what begins locked. */
const PASSPHRASE = "correct horse";

/**
 * @param {object} host
 * @param {(code: ErrorCode, more?: Partial<AppError>) => AppError} host.failure
 */
export function createEncryption({ failure }) {
  const wanted = new URLSearchParams(window.location.search).get("encryption");
  /** @type {Encryption} */
  let now = { state: wanted === "locked" || wanted === "encrypted" ? wanted : "plain", plain_backups: 2 };
  let passphrase = PASSPHRASE;
  /** @param {string} chosen */
  const check = (chosen) => {
    if ([...chosen].length < 8) throw failure("invalid-input", { field: "passphrase" });
  };
  return {
    /** @returns {Encryption} */
    encryption_state: () => now,
    /** @param {Commands["encryption_enable"]["request"]} request @returns {Encryption} */
    encryption_enable: (request) => {
      check(request.passphrase);
      ({ passphrase } = request);
      now = { state: "encrypted", plain_backups: request.plain_backups === "delete" ? 0 : now.plain_backups };
      return now;
    },
    /** @returns {Encryption} */
    encryption_disable: () => {
      now = { ...now, state: "plain" };
      return now;
    },
    /** @param {Commands["encryption_unlock"]["request"]} request @returns {Encryption} */
    encryption_unlock: (request) => {
      if (request.passphrase === undefined) throw failure("history-locked");
      if (request.passphrase !== passphrase) throw failure("vault-wrong-passphrase");
      now = { ...now, state: "encrypted" };
      return now;
    },
    /** @param {Commands["encryption_passphrase_set"]["request"]} request @returns {Encryption} */
    encryption_passphrase_set: (request) => {
      check(request.passphrase);
      ({ passphrase } = request);
      return now;
    },
  };
}
