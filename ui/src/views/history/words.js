/** What is said about exports, imports and backups in more than one place. */
import { i18n, t } from "../../i18n.js";

/** @import { TransferReport } from "../../bridge/types.js" */

/**
 * How an export or import ended, in one sentence.
 * @param {TransferReport} report
 * @returns {string}
 */
export function outcome({ kind, conversations, grown, already_there: known, cancelled, error }) {
  if (error) return t(`transfer-${kind}-failed`);
  if (cancelled) return t(`transfer-${kind}-cancelled`, { count: conversations });
  if (kind === "import" && conversations === 0 && grown === 0 && known > 0)
    return t("transfer-import-known", { count: known });
  return t(`transfer-${kind}-done`, { count: conversations });
}

const UNITS = /** @type {const} */ (["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"]);

/**
 * A size as people of the language write it, with two figures at least.
 * @param {number} bytes
 * @returns {string}
 */
export function size(bytes) {
  // Nobody counts bytes of a history.
  let unit = 1;
  let value = bytes / 1000;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return i18n.number(value, {
    style: "unit",
    unit: UNITS[unit] ?? "byte",
    unitDisplay: "short",
    maximumFractionDigits: value < 10 && unit > 1 ? 1 : 0,
  });
}
