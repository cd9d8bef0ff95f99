/** How profiles are called in the reader's language, where the core cannot know. */
import { t } from "../i18n.js";

/** @import { ProfileOption } from "../bridge/types.js" */

/**
 * The name people see. The practice fleet is ours, so its name is in the catalogues; all others were named by somebody.
 * @param {Pick<ProfileOption, "name" | "origin">} profile
 * @returns {string}
 */
export function profileName({ name, origin }) {
  return origin === "practice" ? t("profile-practice") : name;
}
