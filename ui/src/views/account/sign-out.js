/** Signing out, wherever it is asked for: it says what becomes of the history before it does anything. */
import { t } from "../../i18n.js";
import { accounts } from "../../state/index.js";
import { personName } from "./words.js";

/** @import { AccountView, AppError } from "../../bridge/types.js" */
/** @import { Confirm } from "../confirm.js" */

/**
 * @param {Confirm} confirm
 * @param {AccountView} account
 * @returns {Promise<AppError | undefined>} Why it could not be done.
 */
export async function askToSignOut(confirm, account) {
  const name = personName(account);
  const yes = await confirm.ask({
    title: t("sign-out-title", { name }),
    help: t("sign-out-help"),
    yes: t("account-sign-out"),
  });
  if (!yes) return undefined;
  try {
    await accounts.signOut(account);
    document.dispatchEvent(new CustomEvent("announce", { detail: t("sign-out-done", { name }) }));
    return undefined;
  } catch (error) {
    return /** @type {AppError} */ (error);
  }
}
