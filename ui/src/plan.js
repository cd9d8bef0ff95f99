/**
 * Plans of asking several models, as the window edits them: what a preset leaves open, and what makes one unusable. The rules are
 * those of the core (`capibara6-consensus`, `plan.rs`), which has the last word; here they stand so that a field can say at once
 * what is wrong with it.
 */

/** @import { AppError, ConsensusMethod, ConsensusPlan, ConsensusPreset, ConsensusSettings, Member, ModelEntry, ModelId } from "./bridge/types.js" */
/** @import { Problem } from "./views/profile-draft.js" */

/** In the order in which they are offered. @type {readonly ConsensusMethod[]} */
export const METHODS = ["weighted-vote", "majority", "medoid", "judge", "synthesis", "self-consistency", "server"];
export const MOST_MEMBERS = 8;
export const SAMPLES = { least: 2, most: 8, delivered: 5 };
export const DEADLINE_S = { least: 1, most: 3600, delivered: 60 };
export const LONGEST_NAME = 60;

/** @returns {ConsensusPlan} The plan as delivered: every model, weighted vote, one of them may be missing. */
export const delivered = () => ({
  members: [],
  method: "weighted-vote",
  quorum: 3,
  deadline_ms: DEADLINE_S.delivered * 1000,
  weights: "given",
  form: "last-line",
});

/** @param {ConsensusSettings} settings @returns {ConsensusPlan} The plan of the preset in use. */
export function inUse({ presets, preset }) {
  return presets.find(({ name }) => name === preset)?.plan ?? delivered();
}

/**
 * Who is asked: those of the plan, or everybody where it names nobody.
 * @param {ConsensusPlan} plan
 * @param {readonly ModelEntry[]} models
 * @returns {Member[]}
 */
export function membersOf(plan, models) {
  if (plan.members.length > 0) return plan.members;
  const all = models.slice(0, MOST_MEMBERS).map(({ id, weight }) => ({ model: id, weight }));
  if (plan.method !== "self-consistency") return all;
  return [...all].sort((a, b) => b.weight - a.weight).slice(0, 1);
}

/**
 * A plan being edited: everything as it was typed, so that nothing is lost where it cannot be kept.
 * @typedef {object} PlanDraft
 * @property {string} name
 * @property {ConsensusMethod} method
 * @property {Array<{ model: string, weight: string, chosen: boolean, missing: boolean }>} members All models of the profile, and
 *   those of the plan: one that the profile does not have is missing.
 * @property {string} quorum
 * @property {string} deadline In seconds; empty for none.
 * @property {string} samples
 * @property {string} judge Empty: whoever is heaviest and no member.
 * @property {ConsensusPlan["weights"]} weights
 * @property {ConsensusPlan["form"]} form
 */

/**
 * @param {ConsensusPlan} plan
 * @param {readonly ModelEntry[]} models
 * @param {string} name
 * @returns {PlanDraft}
 */
export function draftOf(plan, models, name) {
  const members = membersOf(plan, models);
  const known = new Map(members.map(({ model, weight }) => [model, weight]));
  const all = [
    ...models.map(({ id, weight }) => ({ id, weight })),
    ...members.map(({ model, weight }) => ({ id: model, weight })),
  ];
  return {
    name,
    method: plan.method,
    members: [...new Map(all.map((each) => [each.id, each])).values()].map(({ id, weight }) => ({
      model: id,
      weight: String(known.get(id) ?? weight),
      chosen: known.has(id),
      missing: !models.some((each) => each.id === id),
    })),
    quorum: String(
      Math.min(
        plan.quorum,
        Math.max(2, plan.method === "self-consistency" ? (plan.samples ?? SAMPLES.delivered) : members.length),
      ),
    ),
    deadline: plan.deadline_ms === undefined ? "" : String(plan.deadline_ms / 1000),
    samples: String(plan.samples ?? SAMPLES.delivered),
    judge: models.find(({ id }) => id === plan.judge)?.id ?? "",
    weights: plan.weights,
    form: plan.form,
  };
}

/** @param {string} text @returns {number} Not a number where it is none; a comma may stand for the point. */
export const numberOf = (text) => (text.trim() === "" ? Number.NaN : Number(text.trim().replace(",", ".")));

/**
 * @param {PlanDraft} draft
 * @param {readonly string[]} taken Names of the other presets.
 * @returns {{ plan: ConsensusPlan, problems: Readonly<Record<string, Problem>> }} The plan is only usable without problems.
 */
export function planOf(draft, taken) {
  /** @type {Record<string, Problem>} */
  const problems = {};
  const alone = draft.method === "self-consistency";
  const members = draft.members
    .filter(({ chosen }) => chosen)
    .map(({ model, weight }) => ({ model, weight: numberOf(weight) }));
  const name = draft.name.trim();
  if (name === "") problems.name = { id: "plan-problem-name" };
  else if ([...name].length > LONGEST_NAME)
    problems.name = { id: "plan-problem-name-long", args: { most: LONGEST_NAME } };
  else if (taken.some((each) => each.trim() === name)) problems.name = { id: "plan-problem-name-taken" };
  if (alone ? members.length !== 1 : members.length < 2 || members.length > MOST_MEMBERS)
    problems.members = alone
      ? { id: "plan-problem-one" }
      : { id: "plan-problem-members", args: { most: MOST_MEMBERS } };
  for (const { model } of draft.members.filter(({ chosen, missing }) => chosen && missing))
    problems[`member:${model}`] = { id: "plan-problem-missing" };
  for (const { model, weight } of members) {
    if (!(Number.isFinite(weight) && weight > 0)) problems[`weight:${model}`] = { id: "plan-problem-weight" };
  }
  const samples = numberOf(draft.samples);
  if (alone && !(Number.isInteger(samples) && samples >= SAMPLES.least && samples <= SAMPLES.most))
    problems.samples = { id: "plan-problem-samples", args: { least: SAMPLES.least, most: SAMPLES.most } };
  const answers = alone ? (Number.isInteger(samples) ? samples : SAMPLES.most) : Math.max(2, members.length);
  const quorum = numberOf(draft.quorum);
  if (!(Number.isInteger(quorum) && quorum >= 2 && quorum <= answers))
    problems.quorum =
      answers === 2 ? { id: "plan-problem-quorum-two" } : { id: "plan-problem-quorum", args: { most: answers } };
  const deadline = draft.deadline.trim() === "" ? undefined : numberOf(draft.deadline);
  if (deadline !== undefined && !(deadline >= DEADLINE_S.least && deadline <= DEADLINE_S.most))
    problems.deadline = { id: "plan-problem-deadline", args: { least: DEADLINE_S.least, most: DEADLINE_S.most } };
  const judged = draft.method === "judge" || draft.method === "synthesis";
  return {
    plan: {
      members,
      method: draft.method,
      quorum,
      weights: draft.weights,
      form: draft.form,
      ...(alone ? { samples } : {}),
      ...(deadline === undefined ? {} : { deadline_ms: Math.round(deadline * 1000) }),
      ...(judged && draft.judge !== "" ? { judge: draft.judge } : {}),
    },
    problems,
  };
}

/**
 * Puts a preset in the place of the one with this name, or after all.
 * @param {readonly ConsensusPreset[]} presets
 * @param {string | undefined} former
 * @param {ConsensusPreset} preset
 * @returns {ConsensusPreset[]}
 */
export function kept(presets, former, preset) {
  const place = presets.findIndex(({ name }) => name === former);
  return place < 0 ? [...presets, preset] : presets.map((each, n) => (n === place ? preset : each));
}

/**
 * @param {readonly ConsensusPreset[]} presets
 * @param {number} place
 * @param {1 | -1} step
 * @returns {ConsensusPreset[]} With the preset one place further.
 */
export function moved(presets, place, step) {
  const to = place + step;
  const all = [...presets];
  const [one] = all.splice(place, 1);
  if (one) all.splice(Math.max(0, Math.min(to, all.length)), 0, one);
  return all;
}

/**
 * What is said where a run was refused because of its plan; nothing where something else is the reason.
 * @param {AppError} error
 * @param {ConsensusPlan} plan The plan that was to be followed.
 * @returns {{ id: string, model?: ModelId } | undefined}
 */
export function refusal({ code, field = "" }, plan) {
  const member = plan.members[Number(/^members\[(\d+)\]\.model$/.exec(field)?.[1])];
  if (code === "not-found" && member) return { id: "plan-refused-member", model: member.model };
  if (code === "not-found" && field === "judge" && plan.judge !== undefined)
    return { id: "plan-refused-judge", model: plan.judge };
  if (code === "no-model" && field === "members") return { id: "plan-refused-few" };
  if (code === "invalid-input" && field === "method") return { id: "plan-refused-service" };
  if (code === "invalid-input" && /^(members|samples|quorum|deadline_ms)\b/.test(field))
    return { id: "plan-refused-other" };
  return undefined;
}
