/**
 * Asking several models in the in-memory host. Nothing has been asked here yet: there are no runs, nothing was learned, and a new
 * run is refused as a fleet without models would refuse it.
 */

/** @import { AppError, Commands, ErrorCode } from "./types.js" */

/**
 * @param {object} host
 * @param {(code: ErrorCode, more?: Partial<AppError>) => AppError} host.failure
 */
export function createConsensus({ failure }) {
  return {
    /** @param {Commands["consensus_begin"]["request"]} _request @returns {Commands["consensus_begin"]["response"]} */
    consensus_begin: (_request) => {
      throw failure("no-model");
    },
    /** @param {Commands["consensus_ask_others"]["request"]} _request @returns {Commands["consensus_ask_others"]["response"]} */
    consensus_ask_others: (_request) => {
      throw failure("no-model");
    },
    /** @param {Commands["consensus_run"]["request"]} _request @returns {Commands["consensus_run"]["response"]} */
    consensus_run: (_request) => {
      throw failure("not-found");
    },
    /** @param {Commands["consensus_list"]["request"]} _request @returns {Commands["consensus_list"]["response"]} */
    consensus_list: (_request) => [],
    /** @param {Commands["consensus_record"]["request"]} _request @returns {Commands["consensus_record"]["response"]} */
    consensus_record: (_request) => {
      throw failure("not-found");
    },
    /** @param {Commands["consensus_answers"]["request"]} _request @returns {Commands["consensus_answers"]["response"]} */
    consensus_answers: (_request) => {
      throw failure("not-found");
    },
    /** @param {Commands["consensus_stop_candidate"]["request"]} _request @returns {Commands["consensus_stop_candidate"]["response"]} */
    consensus_stop_candidate: (_request) => {
      throw failure("not-found");
    },
    /** @param {Commands["consensus_stop"]["request"]} _request @returns {Commands["consensus_stop"]["response"]} */
    consensus_stop: (_request) => {
      throw failure("not-found");
    },
    /** @param {Commands["consensus_choose"]["request"]} _request @returns {Commands["consensus_choose"]["response"]} */
    consensus_choose: (_request) => {
      throw failure("not-found");
    },
    /** @returns {Commands["consensus_weights"]["response"]} */
    consensus_weights: () => ({ classes: [], upheld: [] }),
    /** @param {Commands["consensus_weights_set"]["request"]} _request @returns {Commands["consensus_weights_set"]["response"]} */
    consensus_weights_set: (_request) => ({ classes: [], upheld: [] }),
    /** @param {Commands["model_stats"]["request"]} _request @returns {Commands["model_stats"]["response"]} */
    model_stats: (_request) => ({ models: [], tiers: [], endpoints: [], agreements: [] }),
  };
}
