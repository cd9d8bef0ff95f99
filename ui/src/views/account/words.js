/** How an account, a way to sign in and its provider are called. */
import { i18n, t } from "../../i18n.js";

/** @import { AccountView, SignInMethod } from "../../bridge/types.js" */

/** Providers that people know by name, whatever their address. */
const KNOWN = /** @type {Record<string, string>} */ ({ github: "GitHub", google: "Google" });

/**
 * The host of an address, as people read it; the address where it is none.
 * @param {string} address
 */
export function hostOf(address) {
  try {
    return new URL(address).host;
  } catch {
    return address;
  }
}

/**
 * The origin of an address that is another computer's and not encrypted; absent for every other one.
 * @param {string} address
 * @returns {string | undefined}
 */
export function plainOrigin(address) {
  try {
    const { protocol, hostname, origin } = new URL(address);
    const own = hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
    return protocol === "http:" && !own ? origin : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Who vouches for a person: a name that people know, or the provider's host.
 * @param {SignInMethod} method
 * @param {string | undefined} provider
 */
export function providerName(method, provider) {
  if (method === "device" && provider !== undefined && /(^|\.)github\.com$/.test(hostOf(provider))) return "GitHub";
  return KNOWN[method] ?? (provider === undefined ? "" : hostOf(provider));
}

/**
 * What an account is called: the name, else the e-mail, else the subject.
 * @param {Pick<AccountView, "name" | "email" | "subject">} person
 */
export function personName({ name, email, subject }) {
  return name || email || subject;
}

/**
 * The first letter of a name, for the round sign beside it.
 * @param {string} name
 */
export function initial(name) {
  const [first = ""] = [...new Intl.Segmenter(i18n.tag, { granularity: "grapheme" }).segment(name.trim())].map(
    ({ segment }) => segment,
  );
  return first.toLocaleUpperCase(i18n.tag);
}

/**
 * How the session of an account stands.
 * @param {AccountView} account
 */
export function stateWords({ state }) {
  return t(`account-state-${state}`);
}

/**
 * What is left of some time, as a clock shows it: `4:07`.
 * @param {number} milliseconds
 */
export function clock(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const two = { minimumIntegerDigits: 2 };
  return `${i18n.number(Math.floor(seconds / 60))}:${i18n.number(seconds % 60, two)}`;
}
