/**
 * The content security policy of the real window, for the page under test: one source, so that a browser test fails where the window
 * would refuse something.
 */
import { readFileSync } from "node:fs";

/** @type {{ app: { security: { csp: Record<string, string> } } }} */
const configuration = JSON.parse(readFileSync(new URL("../tauri.conf.json", import.meta.url), "utf8"));

export const contentSecurityPolicy = Object.entries(configuration.app.security.csp)
  .map(([directive, sources]) => `${directive} ${sources}`)
  .join("; ");
