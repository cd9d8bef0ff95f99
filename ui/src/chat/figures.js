/**
 * What was measured, in the reader's words. What a server did not say is left out, never guessed.
 */
import { i18n, t } from "../i18n.js";

/** @import { Message, Metrics } from "../bridge/types.js" */
/** @import { Session } from "../state/session.js" */

/** @param {Metrics} metrics @returns {string | undefined} */
export function speed({ tokens_per_second: speed }) {
  if (speed === undefined) return undefined;
  return t("metrics-tokens-per-second", { value: i18n.number(speed, { maximumFractionDigits: speed < 10 ? 1 : 0 }) });
}

/** @param {Metrics} metrics @returns {string | undefined} */
export function tokens({ prompt_tokens: prompt, completion_tokens: completion }) {
  if (completion === undefined) return undefined;
  if (prompt === undefined) return i18n.number(completion);
  return t("metrics-tokens-both", { prompt: i18n.number(prompt), completion: i18n.number(completion) });
}

/**
 * Why this model answers, in one short sentence.
 * @param {Message} message
 * @param {Session} session
 * @returns {string | undefined}
 */
export function reason({ routing }, session) {
  if (!routing) return undefined;
  const why = t(`routing-${routing.rule}`);
  if (routing.instead_of === undefined) return why;
  const fallback = t("routing-fallback", {
    model: session.labelOf(routing.instead_of),
    reason: t(`error-${routing.because ?? "unreachable"}`).replace(/\.$/, ""),
  });
  return `${why} · ${fallback}`;
}

/**
 * Whether an answer can go on where it ended. One without a word has no such place: it is asked for again.
 * @param {Message} message
 */
export function canContinue({ role, status, content, metrics }) {
  if (role !== "assistant" || content === "") return false;
  return (
    status === "interrupted" ||
    status === "stopped" ||
    status === "failed" ||
    (status === "complete" && metrics?.finish_reason === "length")
  );
}
