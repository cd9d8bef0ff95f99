/**
 * Asking several models in the in-memory host: scripted candidates, votes over what the script says that they answer, a judge, a
 * synthesis. It keeps the core's promises about ids, branches, states and revisions; how answers are read and compared is left
 * to the script. The question chooses the scene: `6 * 7` (all agree), `capital` (one dissents, one is dead), `late` (late answers
 * change the verdict), `split`, `train` (who did not close with its line is asked for it), `refuse`, `dead` (nobody answers), `alone` (one does), anything else is an open question.
 */
import { answerTo, languageOf } from "./fake-words.js";

/** @import { Agreement, AppError, Candidate, Commands, ConsensusPlan, ConsensusRecord, ConsensusRun, ErrorCode, Event, LearnedWeights, Message, ModelEntry, Moment, Reading, Settings, Verdict } from "./types.js" */
/** @import { Kept } from "./fake.js" */

/**
 * What one candidate does.
 * @typedef {object} Part
 * @property {string} text
 * @property {string} [answer] What is read out of it; absent for an open one.
 * @property {"refusal"} [kind]
 * @property {string | null} [line] What it says when it is asked for its line, `null` for nothing; absent where it closes with it.
 * @property {number} [silence] How many pieces it waits first.
 * @property {ErrorCode} [fail]
 */

/** @typedef {{ run: ConsensusRun, parts: Part[], chosen: number | undefined, stopped: Set<number>, decided: boolean, judged: boolean, synthesis: string | undefined, begun: number }} Live */

const KEPT = "capibara6.fake.consensus";
const DEADLINE = 60_000;

/** @param {string} question @returns {{ class: ConsensusRun["class"], quorum?: number, parts: Part[] }} */
function sceneOf(question) {
  const es = languageOf(question) === "es";
  const say = (/** @type {string} */ a, /** @type {string} */ b) => (es ? a : b);
  if (/6\s*[*×x]\s*7/.test(question)) {
    return {
      class: "number",
      parts: [
        { text: say("6 × 7 son **42**.", "6 × 7 is **42**."), answer: "42" },
        { text: "42", answer: "42" },
        { text: say("Son 42.", "That is 42."), answer: "42" },
        {
          text: say("La respuesta, como siempre, es cuarenta y dos.", "The answer, as ever, is forty-two."),
          answer: "42",
        },
      ],
    };
  }
  if (/capital/i.test(question)) {
    return {
      class: "short-fact",
      parts: [
        {
          text: say(
            "La capital de Australia es **Canberra**, desde 1913. En línea recta está a unos 248 km de Sídney; puede comprobarse así:\n\n```python\nfrom math import radians, sin, cos, asin, sqrt\n\ndef haversine(a, b, r=6371.0):\n    (la, lo), (lb, ob) = ([radians(x) for x in p] for p in (a, b))\n    h = sin((lb-la)/2)**2 + cos(la)*cos(lb)*sin((ob-lo)/2)**2\n    return 2*r*asin(sqrt(h))\n```",
            "The capital of Australia is **Canberra**, since 1913. As the crow flies it is some 248 km from Sydney; this checks it:\n\n```python\nfrom math import radians, sin, cos, asin, sqrt\n\ndef haversine(a, b, r=6371.0):\n    (la, lo), (lb, ob) = ([radians(x) for x in p] for p in (a, b))\n    h = sin((lb-la)/2)**2 + cos(la)*cos(lb)*sin((ob-lo)/2)**2\n    return 2*r*asin(sqrt(h))\n```",
          ),
          answer: "Canberra",
        },
        {
          text: say(
            "Canberra; con la fórmula de haversine sale una distancia de unos 248 km hasta Sídney.",
            "Canberra; the haversine formula gives some 248 km to Sydney.",
          ),
          answer: "Canberra",
        },
        {
          text: say(
            "Sídney es la ciudad más grande y la capital del país.",
            "Sydney is the largest city and the capital of the country.",
          ),
          answer: say("Sídney", "Sydney"),
        },
        { text: "", silence: 12, fail: "timeout-first-token" },
      ],
    };
  }
  if (/\blate\b|\btarde\b/i.test(question)) {
    return {
      class: "number",
      quorum: 2,
      parts: [
        { text: "42", answer: "42", silence: 30 },
        { text: say("Es 42, sin duda.", "It is 42, no doubt."), answer: "42", silence: 34 },
        { text: "41", answer: "41" },
        { text: say("Creo que 41.", "I think 41."), answer: "41" },
      ],
    };
  }
  if (/\bsplit\b|\bdividid/i.test(question)) {
    return {
      class: "date",
      parts: ["1912", "1913", "1914", "1927"].map((answer) => ({
        text: say(`Fue en ${answer}.`, `It was in ${answer}.`),
        answer,
      })),
    };
  }
  if (/\btrain\b|\btren\b/i.test(question)) {
    return {
      class: "number",
      quorum: 4,
      parts: [
        {
          text: say("De 9:40 a 13:05.\n\nRespuesta final: 205", "From 9:40 to 13:05.\n\nFinal answer: 205"),
          answer: "205",
        },
        {
          text: say(
            "Tres horas son 180; con 25 más es lo que tarda.",
            "Three hours are 180, and 25 more is what it takes.",
          ),
          answer: "205",
          line: say("205 minutos", "205 minutes"),
        },
        { text: say("Depende del retraso.", "That depends on the delay."), line: "" },
        { text: say("Son 195 minutos.", "It takes 195 minutes."), answer: "195", line: null },
      ],
    };
  }
  if (/\brefuse\b|\bniega/i.test(question)) {
    return {
      class: "yes-no",
      parts: [
        { text: say("Sí.", "Yes."), answer: say("sí", "yes") },
        { text: say("Sí, claro.", "Yes, of course."), answer: say("sí", "yes") },
        { text: say("No puedo ayudar con eso.", "I cannot help with that."), kind: "refusal" },
        { text: "" },
      ],
    };
  }
  if (/\bdead\b|\bmuert/i.test(question)) {
    return {
      class: "open",
      parts: /** @type {ErrorCode[]} */ (["refused", "timeout-connect", "overloaded", "refused"]).map((fail) => ({
        text: "",
        fail,
      })),
    };
  }
  if (/\balone\b|\bsol[oa]\b/i.test(question)) {
    return {
      class: "open",
      parts: [
        { text: answerTo("", es ? "es" : "en") },
        { text: "", fail: "refused" },
        { text: "", fail: "overloaded" },
        { text: "", fail: "timeout-connect" },
      ],
    };
  }
  const whole = answerTo(question, es ? "es" : "en");
  return {
    class: "open",
    parts: [
      { text: whole },
      { text: `${say("En pocas palabras:", "In short:")}\n\n${whole}` },
      { text: whole.slice(0, Math.max(80, whole.length >> 1)) },
      {
        text: say(
          "Imagina un río lento. Cada capibara tiene una voz, y ninguna flota más alto que otra; lo que el río trae se reparte en la orilla.",
          "Imagine a slow river. Each capybara has one voice, and none floats higher than another; what the river brings is shared on the bank.",
        ),
      },
    ],
  };
}

/**
 * @param {object} host
 * @param {(code: ErrorCode, more?: Partial<AppError>) => AppError} host.failure
 * @param {(event: Event) => void} host.send
 * @param {() => string} host.id
 * @param {() => ModelEntry[]} host.models
 * @param {() => Settings} host.settings
 * @param {() => boolean} host.scripted
 * @param {(key: string) => Kept} host.kept
 * @param {(message: string) => Kept} host.holder
 * @param {(title: string) => Kept} host.newConversation
 * @param {(conversation: Kept, more: Partial<Message> & Pick<Message, "role">) => Message} host.newMessage
 * @param {(conversation: Kept, message: Message) => Message} host.shown
 * @param {(conversation: Kept) => void} host.touch
 * @param {() => Promise<void>} host.nextPiece
 * @param {URLSearchParams} host.situation
 */
export function createConsensus(host) {
  const { failure, send, id, kept, holder, newConversation, newMessage, shown, touch, nextPiece } = host;
  /** @type {Map<string, Live>} */
  const runs = new Map();
  /** @type {LearnedWeights} */
  let learned = {
    classes: host.situation.has("learned")
      ? [
          {
            class: "number",
            verdicts: 54,
            n_eff: 2.1,
            models: host.models().map(({ id: model }, n) => ({
              model,
              right: 40 - 6 * n,
              judged: 54,
              probability: 0.74 - 0.06 * n,
              learned: 1.05 - 0.3 * n,
            })),
          },
        ]
      : [],
    upheld: host.situation.has("learned") ? [{ agreement: "unanimous", judged: 20, upheld: 19 }] : [],
  };

  /** @param {string} key */
  function found(key) {
    const live = runs.get(key);
    if (!live) throw failure("not-found");
    return live;
  }

  /** @param {Live} live */
  const tell = (live) => {
    const { run } = live;
    const revision = run.revisions.at(-1);
    send({
      type: "consensus-changed",
      conversation: run.conversation,
      run: run.id,
      state: run.state,
      ...(revision ? { revision } : {}),
    });
  };

  /** @param {Live} live @param {number} slot @param {Partial<Candidate>} change */
  function amend(live, slot, change) {
    const { run } = live;
    run.candidates = run.candidates.map((each) => (each.slot === slot ? { ...each, ...change } : each));
    const candidate = run.candidates.find((each) => each.slot === slot);
    if (candidate) send({ type: "consensus-candidate", conversation: run.conversation, run: run.id, candidate });
  }

  /** @param {Candidate} candidate */
  const votes = ({ status, reading }) =>
    status === "complete" && (reading?.kind === "answer" || reading?.kind === "open");
  /** @param {Candidate} candidate */
  const over = ({ status }) => status === "complete" || status === "failed" || status === "stopped";

  /** @param {Live} live @param {Moment} moment */
  function decide(live, moment) {
    const { run, parts } = live;
    for (const each of run.candidates)
      if (each.status === "waiting" || each.status === "streaming") amend(live, each.slot, { status: "late" });
    const voters = run.candidates.filter(votes);
    const byHead = run.plan.method === "majority" || run.plan.method === "self-consistency";
    const counts = (/** @type {Candidate} */ { weight }) => (byHead ? 1 : weight);
    const keyOf = (/** @type {Candidate} */ { slot }) => parts[slot]?.answer ?? (slot === 3 ? "apart" : "alike");
    /** @type {Map<string, Candidate[]>} */
    const grouped = new Map();
    for (const each of voters) grouped.set(keyOf(each), [...(grouped.get(keyOf(each)) ?? []), each]);
    const sum = (/** @type {Candidate[]} */ all) =>
      Math.round(all.reduce((total, each) => total + counts(each), 0) * 1e9) / 1e9;
    const groups = [...grouped.values()].sort((a, b) => sum(b) - sum(a) || b.length - a.length);
    const answered = sum(voters);
    const first = groups[0];
    /** @type {Agreement} */
    const agreement =
      voters.length < 2
        ? "none"
        : groups.length === 1
          ? "unanimous"
          : first && sum(first) > answered / 2
            ? "majority"
            : "split";
    const heaviest = first && [...first].sort((a, b) => b.weight - a.weight || a.slot - b.slot)[0];
    const closed = voters.some(({ reading }) => reading?.kind === "answer");
    const tie =
      groups[1] && first && sum(groups[1]) === sum(first) ? /** @type {const} */ ("heaviest-member") : undefined;
    const judging = run.plan.method === "judge" && groups.length > 1;
    const writing = run.plan.method === "synthesis" && voters.length > 1;
    const written = writing && live.synthesis !== undefined;
    const judged = judging && live.judged;
    const winner = live.chosen ?? (written ? undefined : judged ? voters[1]?.slot : heaviest?.slot);
    const against = winner ?? heaviest?.slot;
    const winnersKey = run.candidates.filter(({ slot }) => slot === against).map(keyOf)[0];
    /** @type {Verdict} */
    const verdict = {
      revision: (run.verdict?.revision ?? 0) + 1,
      moment,
      quorum: voters.length >= run.plan.quorum ? "met" : "missed",
      agreement,
      basis: closed ? "answers" : "resemblance",
      method: written ? "synthesis" : judged ? "judge" : judging || writing ? "weighted-vote" : run.plan.method,
      rule:
        live.chosen !== undefined
          ? "user-choice"
          : voters.length === 0
            ? "nobody-answered"
            : voters.length === 1
              ? "only-answer"
              : written
                ? "synthesised"
                : judged
                  ? "judge-choice"
                  : groups.length === 1 && closed
                    ? "all-agree"
                    : closed
                      ? byHead
                        ? "most-frequent-answer"
                        : "heaviest-answer"
                      : "most-similar",
      decided_by: live.chosen === undefined ? "method" : "user",
      groups: groups.map((all) => {
        const answer = parts[all[0]?.slot ?? 0]?.answer;
        return { ...(answer === undefined ? {} : { answer }), slots: all.map(({ slot }) => slot), weight: sum(all) };
      }),
      silent: run.candidates
        .filter((each) => !votes(each))
        .map(({ slot, status, reading }) => ({
          slot,
          why:
            status === "failed"
              ? "failed"
              : status === "stopped"
                ? "stopped"
                : status !== "complete"
                  ? "late"
                  : reading?.kind === "refusal"
                    ? "refusal"
                    : "empty",
        })),
      answered_weight: answered,
      total_weight: sum(run.candidates),
      dissent: voters
        .filter((each) => keyOf(each) !== winnersKey)
        .map(({ slot }) => {
          const part = parts[slot];
          return part?.answer === undefined
            ? { slot, passages: [part?.text.split(". ")[0] ?? ""] }
            : { slot, answer: part.answer, passages: [] };
        }),
      baselines:
        heaviest === undefined
          ? {}
          : {
              best_single: voters[0]?.slot ?? 0,
              majority: heaviest.slot,
              weighted_vote: heaviest.slot,
              medoid: heaviest.slot,
            },
      took_us: 900,
      ...(tie && live.chosen === undefined ? { tie } : {}),
      ...(winner === undefined ? {} : { winner }),
    };
    const message =
      written && live.chosen === undefined
        ? live.synthesis
        : run.candidates.find(({ slot }) => slot === winner)?.message;
    if (message !== undefined) verdict.message = message;
    if (judging) {
      const [first, second] = voters;
      verdict.judge = {
        model: judgeOf(run.plan),
        result: judged ? "stable" : "waiting",
        choices: judged ? [second?.slot ?? null, second?.slot ?? null] : [],
        reasons: judged ? ["It is correct and checks itself.", "The second says how it knows."] : [],
        excluded: first?.model === judgeOf(run.plan) ? [first.slot] : [],
        left_out: [],
      };
    }
    if (written) {
      const [a, b, c] = voters.map(({ slot }) => slot);
      const from = (/** @type {Array<number | undefined>} */ ...slots) => slots.filter((slot) => slot !== undefined);
      verdict.synthesis = {
        parts: [
          { text: parts[0]?.text.split("\n")[0] ?? "", from: from(a, b) },
          { text: "Where they differ, the first one checks itself.", from: from(a) },
        ],
        consensus: [{ text: "They name the same place.", from: from(a, b) }],
        contradictions: [
          {
            about: "Which city it is",
            positions: [
              { text: "Canberra", from: from(a, b) },
              { text: "Sydney", from: from(c) },
            ],
          },
        ],
        unique: [{ text: "Since 1913", from: from(a) }],
        gaps: ["How long the way is by road"],
      };
    }
    if (live.chosen === undefined) delete run.ruled;
    else if (run.verdict?.decided_by === "method") run.ruled = run.verdict;
    const last = run.revisions.at(-1);
    const same =
      run.verdict !== undefined &&
      last?.agreement === agreement &&
      last.winner === winner &&
      run.verdict.decided_by === verdict.decided_by &&
      run.verdict.rule === verdict.rule &&
      JSON.stringify(run.verdict.groups) === JSON.stringify(verdict.groups);
    if (same && run.verdict) verdict.revision = run.verdict.revision;
    else
      run.revisions = [
        ...run.revisions,
        {
          revision: verdict.revision,
          after_ms: Date.now() - live.begun,
          moment,
          agreement,
          ...(winner === undefined ? {} : { winner }),
        },
      ];
    if (same && run.verdict) verdict.moment = run.verdict.moment;
    run.verdict = verdict;
    const waiting = (judging && !live.judged) || (writing && live.synthesis === undefined);
    run.state = waiting ? "deciding" : run.candidates.every(over) ? "ended" : "decided";
    const conversation = kept(run.conversation);
    if (verdict.message !== undefined) conversation.leaf = verdict.message;
    tell(live);
    touch(conversation);
    if (waiting && !live.decided) {
      live.decided = true;
      void (judging ? judge(live) : write(live, conversation));
    }
  }

  /** @param {ConsensusPlan} plan */
  const judgeOf = (plan) => plan.judge ?? plan.members[0]?.model ?? "";

  /** @param {Live} live */
  async function judge(live) {
    for (let n = 0; n < 8; n += 1) await nextPiece();
    live.judged = true;
    decide(live, "judged");
  }

  /** @param {Live} live @param {Kept} conversation */
  async function write(live, conversation) {
    const leaf = conversation.leaf;
    const message = newMessage(conversation, {
      role: "assistant",
      status: "streaming",
      model: judgeOf(live.run.plan),
      scripted: host.scripted(),
      parent: live.run.question,
      routing: { mode: "consensus", tier: "complex", rule: "synthesis" },
    });
    conversation.leaf = leaf;
    live.run.synthesis = { message: message.id, status: "writing" };
    tell(live);
    const text = `${live.parts[0]?.text.split("\n")[0] ?? ""}\n\nWhere they differ, the first one checks itself.`;
    await stream(live, message, text);
    message.status = "complete";
    message.metrics = { finish_reason: "stop" };
    send({
      type: "message-ended",
      conversation: message.conversation,
      message: message.id,
      status: "complete",
      content_length: message.content.length,
      reasoning_length: 0,
      metrics: message.metrics,
    });
    live.synthesis = message.id;
    live.run.synthesis = { message: message.id, status: "complete" };
    decide(live, "judged");
  }

  /**
   * Figures of a candidate while it is written: its first piece at once, then how fast it goes.
   * @param {Live} live
   * @param {number} slot
   * @param {number} tokens
   * @param {{ begun: number, first: number, told: number }} clock
   */
  function measure(live, slot, tokens, clock) {
    const now = performance.now();
    if (tokens > 1 && now - clock.told < 500) return;
    if (tokens === 1) clock.first = now;
    clock.told = now;
    const speed = (tokens - 1) / ((now - clock.first) / 1000);
    amend(live, slot, {
      ttft_ms: 95 + 106 * Math.abs(3 - slot) + Math.round(clock.first - clock.begun),
      ...(tokens > 1 && Number.isFinite(speed) ? { tokens_per_second: Math.round(speed * 10) / 10 } : {}),
    });
  }

  /** @param {Live} live @param {Message} message @param {string} text @param {number} [slot] */
  async function stream(live, message, text, slot) {
    let tokens = 0;
    const clock = { begun: performance.now(), first: 0, told: 0 };
    for (const piece of text.match(/\s*\S{1,6}(?:\s+(?=$))?|\s+$/gu) ?? []) {
      await nextPiece();
      if (slot !== undefined && live.stopped.has(slot)) return tokens;
      if (slot !== undefined && tokens === 0 && live.run.candidates[slot]?.status === "waiting")
        amend(live, slot, { status: "streaming" });
      send({
        type: "message-delta",
        conversation: message.conversation,
        message: message.id,
        part: "content",
        at: message.content.length,
        text: piece,
      });
      message.content += piece;
      tokens += 1;
      if (slot !== undefined) measure(live, slot, tokens, clock);
    }
    return tokens;
  }

  /** @param {Message} message */
  function sendStopped(message) {
    message.metrics = {};
    send({
      type: "message-ended",
      conversation: message.conversation,
      message: message.id,
      status: "stopped",
      content_length: message.content.length,
      reasoning_length: 0,
      metrics: message.metrics,
    });
  }

  /** @param {Live} live @param {number} slot @param {Message} message */
  async function play(live, slot, message) {
    const part = live.parts[slot] ?? { text: "" };
    const begun = performance.now();
    for (let n = 0; n < (part.silence ?? 0) && !live.stopped.has(slot); n += 1) await nextPiece();
    const first = performance.now();
    const tokens = live.stopped.has(slot) ? 0 : await stream(live, message, part.text, slot);
    const ended = performance.now();
    if (live.stopped.has(slot)) {
      sendStopped(message);
      return;
    }
    const measured = {
      duration_ms: Math.max(1, Math.round(ended - begun)),
      ...(part.fail || part.text === ""
        ? {}
        : {
            ttft_ms: 95 + 106 * Math.abs(3 - slot) + Math.round(first - begun),
            tokens_per_second: Math.round((tokens / Math.max(0.02, (ended - first) / 1000)) * 10) / 10,
          }),
    };
    message.status = part.fail ? "failed" : "complete";
    message.metrics = { ...measured, ...(part.fail ? {} : { completion_tokens: tokens, finish_reason: "stop" }) };
    if (part.fail) message.error = failure(part.fail);
    send({
      type: "message-ended",
      conversation: message.conversation,
      message: message.id,
      status: message.status,
      content_length: message.content.length,
      reasoning_length: 0,
      metrics: message.metrics,
      ...(message.error ? { error: message.error } : {}),
    });
    if (part.line !== undefined) {
      amend(live, slot, { ...measured, naming: true });
      for (let n = 0; n < 40 && !live.stopped.has(slot); n += 1) await nextPiece();
      if (live.stopped.has(slot)) return;
      amend(live, slot, { naming: false, ...(part.line === null ? {} : { said: part.line }) });
    }
    end(live, slot, {
      ...measured,
      status: part.fail ? "failed" : "complete",
      ...(message.error ? { error: message.error } : {}),
    });
  }

  /** @param {Live} live @param {number} slot @param {Partial<Candidate>} change */
  function end(live, slot, change) {
    const part = live.parts[slot] ?? { text: "" };
    /** @type {Reading} */
    const reading =
      part.answer !== undefined
        ? { kind: "answer", shown: part.answer }
        : { kind: part.kind ?? (part.text === "" ? "empty" : "open") };
    const complete = change.status === "complete";
    const late = live.run.verdict !== undefined;
    amend(live, slot, {
      ...change,
      ...(complete ? { reading, arrival: late ? "late" : "in-time" } : {}),
    });
    const { run } = live;
    if (late) decide(live, "late-answer");
    else if (run.candidates.every(over)) decide(live, "all-ended");
    else if (run.candidates.filter(votes).length >= run.plan.quorum) decide(live, "quorum");
  }

  /** @param {ConsensusPlan | undefined} asked @returns {ConsensusPlan} */
  function planOf(asked) {
    const { presets, preset } = host.settings().consensus;
    const plan = asked ??
      presets.find(({ name }) => name === preset)?.plan ?? {
        members: [],
        method: "weighted-vote",
        quorum: 3,
        deadline_ms: DEADLINE,
        weights: "given",
        form: "last-line",
      };
    const all = host.models().map(({ id: model, weight }) => ({ model, weight }));
    const alone = plan.method === "self-consistency";
    const members = plan.members.length > 0 ? plan.members : alone ? all.slice(0, 1) : all;
    if (members.length < (alone ? 1 : 2)) throw failure("no-model");
    const answers = alone ? (plan.samples ?? 5) : members.length;
    return { ...plan, members, quorum: Math.max(2, Math.min(plan.quorum, answers)), seed: 20_260_412 };
  }

  /**
   * @param {Kept} conversation
   * @param {Message} question
   * @param {ConsensusPlan} plan
   * @param {Message} [known]
   */
  function begin(conversation, question, plan, known) {
    const scene = sceneOf(question.content);
    const seats =
      plan.method === "self-consistency"
        ? Array.from({ length: plan.samples ?? 5 }, () => ({ model: plan.members[0]?.model ?? "", weight: 1 }))
        : plan.members;
    const all = host.models();
    // A part belongs to a model, whoever else is asked.
    const parts = seats.map(({ model }, n) => {
      const place = plan.method === "self-consistency" ? n : all.findIndex((each) => each.id === model);
      return scene.parts[place % scene.parts.length] ?? { text: "" };
    });
    /** @type {Message[]} */
    const answers = [];
    const candidates = seats.map(({ model, weight }, slot) => {
      const there = known?.model === model ? known : undefined;
      const message =
        there ??
        newMessage(conversation, {
          role: "assistant",
          status: "streaming",
          parent: question.id,
          model,
          scripted: host.scripted(),
          routing: {
            mode: "consensus",
            tier: all.find((each) => each.id === model)?.tier ?? "complex",
            rule: "member",
          },
        });
      if (!there) answers.push(message);
      return /** @type {Candidate} */ ({
        slot,
        model,
        weight,
        status: "waiting",
        message: message.id,
        scripted: host.scripted(),
      });
    });
    conversation.leaf = known?.id ?? answers[0]?.id ?? question.id;
    /** @type {Live} */
    const live = {
      run: {
        id: id(),
        conversation: conversation.summary.id,
        question: question.id,
        class: scene.class,
        plan: { ...plan, quorum: Math.min(plan.quorum, scene.quorum ?? plan.quorum) },
        state: "gathering",
        candidates,
        revisions: [],
        created_at: Date.now(),
      },
      parts,
      chosen: undefined,
      stopped: new Set(),
      decided: false,
      judged: false,
      synthesis: undefined,
      begun: Date.now(),
    };
    runs.set(live.run.id, live);
    touch(conversation);
    const started = structuredClone(live.run);
    setTimeout(() => {
      for (const { slot, message } of candidates) {
        const answer = conversation.messages.get(message);
        if (!answer) continue;
        if (known?.id === message) {
          live.parts[slot] = { ...parts[slot], text: known.content };
          end(live, slot, { status: "complete", duration_ms: 900 });
        } else void play(live, slot, answer);
      }
      const deadline = live.run.plan.deadline_ms;
      if (deadline !== undefined)
        setTimeout(() => {
          if (live.run.verdict === undefined) decide(live, "deadline");
        }, deadline);
    });
    return { run: started, answers: answers.map((each) => shown(conversation, each)) };
  }

  /** @param {Live} live @returns {ConsensusRecord} */
  function record({ run, parts }) {
    const voters = run.candidates.filter(votes);
    const shownTo = voters.map(({ slot }, n) => ({
      slot,
      label: ["K", "T", "F", "W"][n] ?? "X",
      shown: parts[slot]?.text.length ?? 0,
      of: parts[slot]?.text.length ?? 0,
    }));
    const judged = run.verdict?.judge?.result === "stable" || run.verdict?.rule === "synthesised";
    const purpose =
      run.plan.method === "synthesis" ? /** @type {const} */ ("synthesis") : /** @type {const} */ ("judge");
    return {
      run: run.id,
      seed: run.plan.seed ?? 0,
      sent: run.candidates.map(({ slot }) => ({
        slot,
        parameters: {
          temperature: 0.7,
          stop: [],
          system_prompt: run.plan.form === "last-line" ? "Close with a last line that holds the answer alone." : "",
        },
        messages: 1,
      })),
      lines: run.candidates
        .filter(({ slot, naming, status }) => parts[slot]?.line !== undefined && (naming || status === "complete"))
        .map(({ slot }) => ({
          slot,
          prompt: "Now give only the answer that you have just stated.",
          schema: '{"type":"object"}',
          shown: parts[slot]?.text.length ?? 0,
          of: parts[slot]?.text.length ?? 0,
        })),
      asked: judged
        ? Array.from({ length: purpose === "judge" ? 2 : 1 }, (_, round) => ({
            purpose,
            round,
            model: judgeOf(run.plan),
            shown: round === 0 ? shownTo : [...shownTo].reverse(),
            left_out: [],
            system: "You compare answers that several anonymous candidates gave to the same question.",
            prompt: "<<<question 5f1c>>>\n…\n<<<end of question 5f1c>>>",
            schema: '{"type":"object"}',
            reply: '{"reason":"It checks itself.","choice":"T"}',
          }))
        : [],
      resemblance: voters.flatMap((a, n) =>
        voters.slice(n + 1).map((b) => ({ a: a.slot, b: b.slot, value: b.slot === 3 ? 0.08 : 0.71 })),
      ),
    };
  }

  window.addEventListener("pagehide", () => {
    sessionStorage.setItem(
      KEPT,
      JSON.stringify([...runs.values()].map((live) => ({ ...live, stopped: [...live.stopped] }))),
    );
  });
  for (const each of JSON.parse(sessionStorage.getItem(KEPT) ?? "[]")) {
    runs.set(each.run.id, { ...each, stopped: new Set(each.stopped) });
  }

  return {
    /** @param {Commands["consensus_begin"]["request"]} request @returns {Commands["consensus_begin"]["response"]} */
    consensus_begin: ({ question: asked, plan }) => {
      const whole = planOf(plan);
      if (asked.kind !== "again" && asked.text.trim() === "") throw failure("invalid-input", { field: "text" });
      const conversation =
        asked.kind === "new"
          ? asked.conversation === undefined
            ? newConversation(asked.text.trim().slice(0, 60))
            : kept(asked.conversation)
          : holder(asked.message);
      if (
        [...runs.values()].some(
          ({ run }) => run.conversation === conversation.summary.id && !run.verdict && run.state === "gathering",
        )
      )
        throw failure("busy");
      const former = asked.kind === "new" ? undefined : conversation.messages.get(asked.message);
      if (asked.kind === "edited") conversation.leaf = former?.parent;
      const question =
        asked.kind === "again" && former
          ? former
          : newMessage(conversation, { role: "user", content: asked.kind === "again" ? "" : asked.text });
      const begun = begin(conversation, question, whole);
      return {
        conversation: conversation.summary.id,
        ...(asked.kind === "again" ? {} : { question: shown(conversation, question) }),
        ...begun,
      };
    },
    /** @param {Commands["consensus_ask_others"]["request"]} request @returns {Commands["consensus_ask_others"]["response"]} */
    consensus_ask_others: ({ message, plan }) => {
      const conversation = holder(message);
      const known = conversation.messages.get(message);
      const question = conversation.messages.get(known?.parent ?? "");
      if (!known || !question) throw failure("not-found");
      return { conversation: conversation.summary.id, ...begin(conversation, question, planOf(plan), known) };
    },
    /** @param {Commands["consensus_run"]["request"]} request @returns {Commands["consensus_run"]["response"]} */
    consensus_run: ({ run }) => found(run).run,
    /** @param {Commands["consensus_list"]["request"]} request @returns {Commands["consensus_list"]["response"]} */
    consensus_list: ({ id: key }) =>
      [...runs.values()].map(({ run }) => run).filter(({ conversation }) => conversation === key),
    /** @param {Commands["consensus_record"]["request"]} request @returns {Commands["consensus_record"]["response"]} */
    consensus_record: ({ run }) => record(found(run)),
    /** @param {Commands["consensus_answers"]["request"]} request @returns {Commands["consensus_answers"]["response"]} */
    consensus_answers: ({ run: key }) => {
      const { run } = found(key);
      const conversation = kept(run.conversation);
      return [...run.candidates.map(({ message }) => message), ...(run.synthesis ? [run.synthesis.message] : [])]
        .map((message) => conversation.messages.get(message))
        .filter((message) => message !== undefined)
        .map((message) => shown(conversation, message));
    },
    /** @param {Commands["consensus_stop_candidate"]["request"]} request @returns {null} */
    consensus_stop_candidate: ({ run, slot }) => {
      stop(found(run), slot);
      return null;
    },
    /** @param {Commands["consensus_stop"]["request"]} request @returns {null} */
    consensus_stop: ({ run }) => {
      const live = found(run);
      for (const candidate of live.run.candidates) stop(live, candidate.slot);
      return null;
    },
    /** @param {Commands["consensus_choose"]["request"]} request @returns {Commands["consensus_choose"]["response"]} */
    consensus_choose: ({ run, slot }) => {
      const live = found(run);
      const candidate = live.run.candidates.find((each) => each.slot === slot);
      if (candidate?.status !== "complete" && candidate?.status !== "stopped")
        throw failure("invalid-input", { field: "slot" });
      live.chosen = slot;
      decide(live, "user-choice");
      return live.run;
    },
    /** @param {Commands["consensus_give_back"]["request"]} request @returns {Commands["consensus_give_back"]["response"]} */
    consensus_give_back: ({ run }) => {
      const live = found(run);
      if (live.chosen === undefined) return live.run;
      live.chosen = undefined;
      decide(live, "given-back");
      return live.run;
    },
    /** @returns {Commands["consensus_weights"]["response"]} */
    consensus_weights: () => learned,
    /** @param {Commands["consensus_weights_set"]["request"]} request @returns {Commands["consensus_weights_set"]["response"]} */
    consensus_weights_set: ({ class: of, model, weight }) => {
      if (weight !== undefined && !(weight >= 0)) throw failure("invalid-input", { field: "weight" });
      learned = {
        ...learned,
        classes: learned.classes.map((each) =>
          each.class === of
            ? {
                ...each,
                models: each.models.map(({ edited: _, ...rest }) =>
                  rest.model === model && weight !== undefined
                    ? { ...rest, edited: weight }
                    : { ...rest, ...(_ !== undefined && rest.model !== model ? { edited: _ } : {}) },
                ),
              }
            : each,
        ),
      };
      return learned;
    },
    /** @param {Commands["model_stats"]["request"]} request @returns {Commands["model_stats"]["response"]} */
    model_stats: ({ since, bucket_ms: bucket }) => {
      // The practice fleet's words are scripted and never counted.
      if (!host.situation.has("used")) return { models: [], tiers: [], endpoints: [], agreements: [] };
      const all = host.models();
      const shares = [41, 33, 19, 7];
      const buckets = Math.min(200, Math.max(1, Math.floor((Date.now() - since) / bucket)));
      return {
        models: all.map(({ id: model, tier }, n) => ({
          model,
          tier,
          answers: shares[n] ?? 3,
          failed: n === 3 ? 4 : 0,
          completion_tokens: (shares[n] ?? 3) * 214,
          chosen: 9 - 2 * n,
          voted: 12 - n,
        })),
        tiers: all.map(({ tier }, n) => ({ tier, answers: shares[n] ?? 3 })),
        endpoints: all.map(({ id: model }, n) => ({
          model,
          points: Array.from({ length: Math.min(24, buckets) }, (_, m) => ({
            at: since + m * bucket,
            answers: 1 + ((m * 7 + n) % 4),
            failed: n === 3 && m % 6 === 0 ? 1 : 0,
            ttft_ms: Math.round(140 + 90 * n + 60 * Math.sin(m / 2 + n)),
            tokens_per_second: Math.round((61 + 28 * ((n + 1) % 3) + 8 * Math.cos(m / 3 + n)) * 10) / 10,
          })),
        })),
        agreements: [
          { agreement: "unanimous", runs: 7 },
          { agreement: "majority", runs: 4 },
          { agreement: "split", runs: 2 },
          { agreement: "none", runs: 1 },
        ],
      };
    },
  };

  /** @param {Live} live @param {number} slot */
  function stop(live, slot) {
    const candidate = live.run.candidates.find((each) => each.slot === slot);
    if (!candidate || over(candidate) || live.stopped.has(slot)) return;
    live.stopped.add(slot);
    if (candidate.naming) {
      // Its text is whole, and is read as it is.
      amend(live, slot, { naming: false });
      end(live, slot, { status: "complete" });
      return;
    }
    const message = kept(live.run.conversation).messages.get(candidate.message);
    if (message) message.status = "stopped";
    amend(live, slot, { status: "stopped" });
    if (live.run.verdict) decide(live, "late-answer");
    else if (live.run.candidates.every(over)) decide(live, "all-ended");
  }
}
