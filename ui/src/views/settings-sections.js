/** The sections of the settings, in order. Each has its heading in the catalogue as `settings-<section>`. */
export const SECTIONS = /** @type {const} */ ([
  "profile",
  "language",
  "appearance",
  "generation",
  "consensus",
  "conversations",
  "transfer",
  "backups",
  "privacy",
  "account",
  "keys",
  "diagnostics",
  "about",
]);

/** @typedef {typeof SECTIONS[number]} Section */
