/**
 * What is said about a run, in the reader's words. Never more than the core says: agreement read from resemblance is called
 * similar and not the same, and what follows for trust is what the simulation in `docs/consensus.md` bears out.
 */
import { i18n, t } from "../../i18n.js";
import { changedLate } from "../../state/consensus.js";

/** @import { Candidate, ConsensusRun, Verdict } from "../../bridge/types.js" */
/** @import { Session } from "../../state/session.js" */

/** @param {number} weight */
export const weightWords = (weight) => i18n.number(weight, { maximumFractionDigits: 2 });

/** @param {ConsensusRun} run @param {number} slot */
export const candidateAt = (run, slot) => run.candidates.find((each) => each.slot === slot);

/**
 * The name of a candidate; with its number where one model is asked several times.
 * @param {ConsensusRun} run
 * @param {number} slot
 * @param {Session} session
 */
export function nameOf(run, slot, session) {
  const candidate = candidateAt(run, slot);
  const label = session.labelOf(candidate?.model);
  const alike = run.candidates.filter(({ model }) => model === candidate?.model);
  return alike.length < 2 ? label : t("consensus-sample", { model: label, number: slot + 1 });
}

/** @param {ConsensusRun} run @param {readonly number[]} slots @param {Session} session */
export const namesOf = (run, slots, session) => i18n.list(slots.map((slot) => nameOf(run, slot, session)));

/** How many voted. @param {Verdict} verdict */
export const votersOf = ({ groups }) => groups.reduce((sum, { slots }) => sum + slots.length, 0);

/** The group that the agreement is about: the heaviest. @param {Verdict} verdict */
const leading = ({ groups }) => groups[0];

/**
 * Those who say something else than most of the weight, which is what the agreement is about: also where the reader or a judge
 * went with another answer.
 * @param {Verdict} verdict
 * @returns {Array<{ slot: number, answer?: string }>}
 */
export function dissenting({ winner, groups, dissent }) {
  const [first, ...others] = groups;
  if (winner === undefined || first === undefined || first.slots.includes(winner)) return dissent;
  return others.flatMap(({ slots, answer }) =>
    slots.map((slot) => ({ slot, ...(answer === undefined ? {} : { answer }) })),
  );
}

/**
 * How far they agree.
 * @param {Verdict} verdict
 * @returns {string}
 */
export function agreementWords(verdict) {
  const values = { count: leading(verdict)?.slots.length ?? 0, of: votersOf(verdict) };
  if (verdict.basis === "answers" || verdict.agreement === "none")
    return t(`consensus-agreement-${verdict.agreement}`, values);
  return t(`consensus-similar-${verdict.agreement}`, values);
}

/**
 * Weight and dissent, beside how far they agree.
 * @param {ConsensusRun} run
 * @param {Verdict} verdict
 * @param {Session} session
 * @returns {string[]}
 */
export function besideWords(run, verdict, session) {
  const first = leading(verdict);
  const words = [];
  if (first && verdict.agreement === "majority" && verdict.answered_weight !== votersOf(verdict)) {
    words.push(t("consensus-weight", { weight: weightWords(first.weight), of: weightWords(verdict.answered_weight) }));
  }
  const others = dissenting(verdict);
  for (const { slot, answer } of others.slice(0, 3)) {
    const model = nameOf(run, slot, session);
    words.push(
      answer === undefined ? t("consensus-dissents", { model }) : t("consensus-dissents-in", { model, answer }),
    );
  }
  if (others.length > 3) words.push(t("consensus-dissents-more", { count: others.length - 3 }));
  return words;
}

/** What follows for trust, in one calm sentence. @param {Verdict} verdict */
export const trustWords = ({ agreement }) => t(`consensus-trust-${agreement}`);

/**
 * What else has to be known about how it came about.
 * @param {ConsensusRun} run
 * @param {Verdict} verdict
 * @param {Session} session
 * @returns {Array<{ id: string, words: string }>}
 */
export function remarks(run, verdict, session) {
  const remarks = [];
  const answered = votersOf(verdict);
  if (changedLate(run.revisions)) remarks.push({ id: "late", words: lateWords(verdict) });
  if (verdict.quorum === "missed")
    remarks.push({ id: "quorum", words: t("consensus-note-quorum", { answered, quorum: run.plan.quorum }) });
  if (verdict.moment === "deadline")
    remarks.push({
      id: "deadline",
      words: t("consensus-note-deadline", { time: i18n.duration(run.plan.deadline_ms ?? 0) }),
    });
  if (verdict.tie !== undefined) remarks.push({ id: "tie", words: t(`consensus-tie-${verdict.tie}`) });
  if (verdict.judge) {
    const model = session.labelOf(verdict.judge.model);
    remarks.push({ id: "judge", words: t(`consensus-judge-${verdict.judge.result}`, { model }) });
  }
  if (verdict.rule === "synthesis-failed")
    remarks.push({ id: "synthesis", words: t("consensus-rule-synthesis-failed") });
  const waiting = run.candidates.filter(({ status }) => status === "late");
  if (waiting.length > 0)
    remarks.push({
      id: "waiting",
      // What the reader chose no answer changes any more.
      words: t(verdict.decided_by === "user" ? "consensus-note-waiting-chosen" : "consensus-note-waiting", {
        count: waiting.length,
        models: namesOf(
          run,
          waiting.map(({ slot }) => slot),
          session,
        ),
      }),
    });
  return remarks;
}

/** What a late answer has changed: after the reader's own choice not who goes on. @param {Verdict} verdict */
const lateWords = ({ decided_by: by }) => t(by === "user" ? "consensus-note-late-chosen" : "consensus-note-late");

/**
 * What the method had said, where the reader's verdict stands in its place.
 * @param {ConsensusRun} run
 * @param {Session} session
 * @returns {string}
 */
export function ruledWords(run, session) {
  const { ruled } = run;
  if (!ruled) return "";
  if (ruled.rule === "synthesised") return t("consensus-ruled-synthesis");
  if (ruled.winner === undefined) return t("consensus-ruled-nobody");
  return t("consensus-ruled", { model: nameOf(run, ruled.winner, session) });
}

/** Whom the reader had chosen before that was given back. @param {ConsensusRun} run */
export const formerChoice = ({ revisions }) => revisions.findLast(({ moment }) => moment === "user-choice")?.winner;

/**
 * How the answer below came to be the one that goes on.
 * @param {Verdict} verdict
 */
export function chosenBy(verdict) {
  if (verdict.decided_by === "user") return { by: "user", words: t("consensus-chosen-user") };
  if (verdict.rule === "synthesised") return { by: "synthesis", words: t("consensus-chosen-synthesis") };
  if (verdict.rule === "server-choice") return { by: "server", words: t("consensus-chosen-server") };
  if (verdict.rule === "only-answer") return { by: "alone", words: t("consensus-chosen-alone") };
  if (verdict.rule === "judge-choice") return { by: "judge", words: t("consensus-chosen-judge") };
  if (verdict.agreement === "split") return { by: "split", words: t("consensus-chosen-split") };
  return { by: "consensus", words: t("consensus-chosen") };
}

/**
 * How a candidate stands, in words; nothing where its answer says it.
 * @param {ConsensusRun} run
 * @param {Candidate} candidate
 * @returns {string | undefined}
 */
export function standing(run, { status, naming, reading, error, slot }) {
  const decided = run.verdict !== undefined;
  if (naming) return t("candidate-naming");
  switch (status) {
    case "waiting":
      return t("candidate-waiting");
    case "streaming":
      return t("candidate-streaming");
    case "late":
      return t(run.verdict?.moment === "deadline" ? "candidate-late-deadline" : "candidate-late");
    case "stopped":
      return t("candidate-stopped");
    case "failed": {
      // Who fails says why; without a reason the program ended while it was being written.
      if (!error) return t("candidate-interrupted");
      const why = t(`error-${error.code}`);
      return decided ? t("candidate-failed-decided", { why }) : why;
    }
    case "complete":
      if (reading?.kind === "refusal") return t("candidate-refusal");
      if (reading?.kind === "empty") return t("candidate-empty");
      return run.verdict && dissenting(run.verdict).some((each) => each.slot === slot)
        ? t("candidate-dissents")
        : undefined;
  }
}

/**
 * What was measured of a candidate, and its weight.
 * @param {Candidate} candidate
 * @returns {string[]}
 */
export function figures({ weight, ttft_ms: first, duration_ms: whole, tokens_per_second: speed, status }) {
  return [
    weightWords(weight),
    first === undefined ? undefined : i18n.duration(first),
    speed === undefined
      ? undefined
      : t("metrics-tokens-per-second", { value: i18n.number(speed, { maximumFractionDigits: speed < 10 ? 1 : 0 }) }),
    first === undefined && status === "failed" && whole !== undefined ? i18n.duration(whole) : undefined,
  ].filter((each) => each !== undefined);
}

/** What a screen reader hears of a verdict. @param {ConsensusRun} run @param {Verdict} verdict @param {Session} session */
export function spoken(run, verdict, session) {
  const parts = [agreementWords(verdict), ...besideWords(run, verdict, session)];
  const late = changedLate(run.revisions) ? [lateWords(verdict)] : [];
  return [...late, `${parts.join(", ")}.`, trustWords(verdict)].join(" ");
}
