/**
 * When figures of the models have to be read again: whenever an answer of the open conversation has begun or ended, however short
 * the time between.
 */
import { consensus, conversation } from "../../state/index.js";

/** @returns {string} Another one after each beginning and end. */
export function beginningsAndEnds() {
  const last = conversation.lastAnswer;
  const candidates = consensus.runs.flatMap(({ value }) => value.candidates);
  return [
    `${last?.id} ${last?.value.status}`,
    ...candidates.map(({ message, status }) => `${message} ${status}`),
  ].join();
}
