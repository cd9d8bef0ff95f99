/**
 * Runs of several models in the open conversation: what the core said about each, and the words of their candidates, which come
 * as any other message's do. A run is read anew whenever its verdict changed; a candidate that changed tells only its own run, so
 * that four streams render four cards and nothing else. Holds no rule of its own: who won and why is the core's.
 */
import { MessageState } from "./message.js";
import { Observable } from "./observable.js";

/** @import { AppError, Candidate, ConsensusId, ConsensusPlan, ConsensusQuestion, ConsensusRecord, ConsensusRun, ConsensusStarted, ConversationId, Event, Message, MessageId, Revision } from "../bridge/types.js" */
/** @import { Conversation } from "./conversation.js" */
/** @import { Call } from "./index.js" */

export class RunState extends Observable {
  #value;
  /** @type {Map<MessageId, MessageState>} */
  #answers = new Map();
  /** @type {ConsensusRecord | undefined} */
  #record;
  /** @type {AppError | undefined} */
  #error;
  /** Which candidate is shown whole; kept here because elements far from the view are taken off the page. @type {number | undefined} */
  opened;
  /** Whether everything behind the verdict is shown. */
  detailed = false;
  /** Whether the conversation has still to be brought to the verdict's message. */
  awaited;

  /** @param {ConsensusRun} value */
  constructor(value) {
    super();
    this.#value = value;
    this.awaited = value.verdict === undefined;
  }

  get id() {
    return this.#value.id;
  }

  /** The run as the core last said; a new object after each change. */
  get value() {
    return this.#value;
  }

  /** Prompts, orders and resemblances; absent until somebody asked for them. */
  get record() {
    return this.#record;
  }

  /** Why the last thing that was asked of this run could not be done. */
  get error() {
    return this.#error;
  }

  /** What a synthesis has written so far, before it has a place in the conversation. */
  get draft() {
    const { synthesis } = this.#value;
    return synthesis?.status === "writing" ? this.#answers.get(synthesis.message) : undefined;
  }

  /** Every message that belongs to it: its candidates, and what is written from them. @returns {MessageId[]} */
  get messages() {
    const { candidates, synthesis } = this.#value;
    return [...candidates.map(({ message }) => message), ...(synthesis ? [synthesis.message] : [])];
  }

  /** Whether nothing was decided yet, and something may still be. */
  get gathering() {
    return this.#value.verdict === undefined && this.#value.state !== "ended";
  }

  /** Whether the words of its candidates are here. */
  get complete() {
    return this.messages.every((message) => this.#answers.has(message));
  }

  /** @param {MessageId} message @returns {MessageState | undefined} */
  answer(message) {
    return this.#answers.get(message);
  }

  /** Whether a message is one of its candidates, or what was written from them. @param {MessageId} message */
  holds(message) {
    return this.#value.verdict?.message === message || this.messages.includes(message);
  }

  /** The message that stands for it: the one the verdict says, else its first candidate's. */
  get shown() {
    return this.#value.verdict?.message ?? this.#value.candidates[0]?.message;
  }

  /** @param {ConsensusRun} value */
  replace(value) {
    this.#value = value;
    this.#record = undefined;
    this.changed();
  }

  /** @param {Candidate} candidate */
  amend(candidate) {
    const candidates = this.#value.candidates.map((each) => (each.slot === candidate.slot ? candidate : each));
    this.#value = { ...this.#value, candidates };
    this.changed();
  }

  /**
   * Takes words over, keeping whichever text is longer.
   * @param {readonly Message[]} messages
   */
  tell(messages) {
    for (const message of messages) {
      const known = this.#answers.get(message.id);
      if (!known) this.#answers.set(message.id, new MessageState(message));
      else if (message.content.length >= known.value.content.length) known.replace(message);
    }
    this.changed();
  }

  /** @param {ConsensusRecord | undefined} record @param {AppError} [error] */
  note(record, error) {
    this.#record = record ?? this.#record;
    this.#error = error;
    this.changed();
  }
}

/** What several models are asked about. @typedef {{ kind: "question", question: ConsensusQuestion } | { kind: "others", message: MessageId }} Asked */

export class ConsensusRuns extends Observable {
  #call;
  #conversation;
  /** @type {ConversationId | undefined} */
  #of;
  /** Oldest first. @type {RunState[]} */
  #runs = [];
  #pending = 0;
  /** @type {Event[]} */
  #held = [];
  /** Runs that are being read, and whether they have to be read once more. @type {Map<ConsensusId, boolean>} */
  #reading = new Map();
  /** @type {Set<ConsensusId>} */
  #telling = new Set();

  /**
   * @param {Call} call
   * @param {Conversation} conversation
   */
  constructor(call, conversation) {
    super();
    this.#call = call;
    this.#conversation = conversation;
    conversation.observe(() => {
      if (conversation.id !== this.#of) void this.load();
    });
  }

  /** Those of the open conversation, oldest first. */
  get runs() {
    return this.#runs;
  }

  /**
   * The run that a message belongs to: the newest, where it is in several.
   * @param {MessageId | undefined} message
   * @returns {RunState | undefined}
   */
  runOf(message) {
    return message === undefined ? undefined : this.#runs.findLast((run) => run.holds(message));
  }

  /** The run on the shown branch that has no verdict yet. @returns {RunState | undefined} */
  get gathering() {
    const { messages } = this.#conversation;
    return this.#runs.findLast((run) => run.gathering && messages.some(({ id }) => run.holds(id)));
  }

  /**
   * The versions of an answer as a reader counts them: all candidates of a run are one.
   * @param {readonly MessageId[]} versions
   * @returns {Array<{ ids: MessageId[], shown: MessageId }>}
   */
  editions(versions) {
    /** @type {Map<string, { ids: MessageId[], shown: MessageId }>} */
    const editions = new Map();
    for (const id of versions) {
      const run = this.runOf(id);
      const key = run?.id ?? id;
      const known = editions.get(key);
      if (known) known.ids.push(id);
      else editions.set(key, { ids: [id], shown: run?.shown ?? id });
    }
    return [...editions.values()];
  }

  /** Reads the runs of the open conversation. */
  async load() {
    const id = this.#conversation.id;
    const former = this.#of;
    this.#of = id;
    if (id !== former && this.#runs.length > 0) {
      // A conversation that has just got its id keeps the run that it begins with.
      this.#runs = this.#runs.filter(({ value }) => value.conversation === id);
      this.changed();
    }
    if (id === undefined) return;
    await this.#exchange(
      () => this.#call("consensus_list", { id }),
      (runs) => {
        if (this.#of !== id) return;
        for (const run of runs) this.#adopt(run);
        const known = new Set(runs.map((run) => run.id));
        this.#runs = this.#runs.filter((run) => known.has(run.id) || run.gathering);
        for (const run of this.#runs) if (run.value.state !== "ended") void this.readAnswers(run);
        this.changed();
      },
    ).catch(() => {});
  }

  /**
   * Asks several models.
   * @param {Asked} asked
   * @param {ConsensusPlan} [plan] The preset in use where absent.
   * @returns {Promise<boolean>} Whether it was begun; if not, the conversation's `error` says why.
   */
  async ask(asked, plan) {
    const more = plan === undefined ? {} : { plan };
    return this.#conversation.askSeveral(
      () =>
        this.#exchange(
          () =>
            asked.kind === "others"
              ? this.#call("consensus_ask_others", { message: asked.message, ...more })
              : this.#call("consensus_begin", { question: asked.question, ...more }),
          (started) => this.#started(started),
        ),
      asked.kind === "others" ? "beside" : "anew",
    );
  }

  /** @param {RunState} run @param {number} slot */
  stopCandidate(run, slot) {
    return this.#try(run, () => this.#call("consensus_stop_candidate", { run: run.id, slot }));
  }

  /** @param {RunState} run */
  stop(run) {
    return this.#try(run, () => this.#call("consensus_stop", { run: run.id }));
  }

  /**
   * The reader's own verdict: this candidate continues the conversation.
   * @param {RunState} run
   * @param {number} slot
   */
  choose(run, slot) {
    return this.#decide(run, () => this.#call("consensus_choose", { run: run.id, slot }));
  }

  /** The reader's verdict is taken back: the method's counts again, a synthesis too. @param {RunState} run */
  giveBack(run) {
    return this.#decide(run, () => this.#call("consensus_give_back", { run: run.id }));
  }

  /**
   * @param {RunState} run
   * @param {() => Promise<ConsensusRun>} act
   */
  async #decide(run, act) {
    run.awaited = true;
    await this.#try(run, async () => {
      run.replace(await act());
      this.changed();
      await this.#follow(run);
    });
    run.awaited = false;
    this.changed();
  }

  /** Reads the words of a run's candidates, for old runs and after a gap. @param {RunState} run */
  async readAnswers(run) {
    if (this.#telling.has(run.id)) return;
    this.#telling.add(run.id);
    await this.#exchange(
      () => this.#call("consensus_answers", { run: run.id }),
      (messages) => run.tell(messages),
    ).catch((error) => run.note(undefined, error));
    this.#telling.delete(run.id);
  }

  /** Reads what is behind a run. @param {RunState} run */
  async readRecord(run) {
    await this.#try(run, async () => run.note(await this.#call("consensus_record", { run: run.id })));
  }

  /** @param {Event} event */
  apply(event) {
    if (this.#pending > 0) this.#held.push(event);
    else this.#apply(event);
  }

  /** Forgets everything: another history is shown. */
  forget() {
    this.#of = undefined;
    this.#runs = [];
    this.changed();
  }

  /**
   * @template T
   * @param {() => Promise<T>} ask
   * @param {(answer: T) => void} take
   * @returns {Promise<T>}
   */
  async #exchange(ask, take) {
    this.#pending += 1;
    try {
      const answer = await ask();
      take(answer);
      return answer;
    } finally {
      this.#pending -= 1;
      if (this.#pending === 0) {
        const held = this.#held;
        this.#held = [];
        for (const event of held) this.#apply(event);
      }
    }
  }

  /**
   * @param {RunState} run
   * @param {() => Promise<unknown>} act
   */
  async #try(run, act) {
    try {
      await act();
      if (run.error) run.note(undefined);
    } catch (error) {
      run.note(undefined, /** @type {AppError} */ (error));
    }
  }

  /** @param {ConsensusStarted} started */
  #started({ conversation, run, answers }) {
    this.#of = conversation;
    const state = this.#adopt(run);
    state.awaited = true;
    state.tell(answers);
    if (!state.complete) void this.readAnswers(state);
    this.changed();
  }

  /** @param {ConsensusRun} value */
  #adopt(value) {
    const known = this.#runs.find(({ id }) => id === value.id);
    if (known) {
      known.replace(value);
      return known;
    }
    const run = new RunState(value);
    this.#runs = [...this.#runs, run].sort((a, b) => a.value.created_at - b.value.created_at);
    return run;
  }

  /** @param {Event} event */
  #apply(event) {
    switch (event.type) {
      case "message-delta": {
        const run = this.#holder(event.conversation, event.message);
        const answer = run?.answer(event.message);
        if (run && (!answer || answer.append(event.part, event.at, event.text) === "gap")) void this.readAnswers(run);
        break;
      }
      case "message-ended": {
        const run = this.#holder(event.conversation, event.message);
        const answer = run?.answer(event.message);
        if (!run || !answer) break;
        const { error: _, ...rest } = answer.value;
        answer.replace({
          ...rest,
          status: event.status,
          metrics: event.metrics,
          ...(event.error ? { error: event.error } : {}),
        });
        if (answer.value.content.length !== event.content_length) void this.readAnswers(run);
        break;
      }
      case "consensus-candidate":
        this.#find(event.run)?.amend(event.candidate);
        break;
      case "consensus-changed":
        if (event.conversation === this.#of) void this.#read(event.run);
        break;
      default:
        break;
    }
  }

  /** @param {ConversationId} conversation @param {MessageId} message */
  #holder(conversation, message) {
    return conversation === this.#of ? this.runOf(message) : undefined;
  }

  /** @param {ConsensusId} id */
  #find(id) {
    return this.#runs.find((run) => run.id === id);
  }

  /** Reads a run once more, and takes the conversation along where it shows another answer. @param {ConsensusId} id */
  async #read(id) {
    if (this.#reading.has(id)) {
      this.#reading.set(id, true);
      return;
    }
    this.#reading.set(id, false);
    const of = this.#of;
    try {
      const value = await this.#call("consensus_run", { run: id });
      if (of === this.#of) {
        const run = this.#adopt(value);
        // What is written from all has just got its name; words of it that came before are read.
        if (run.draft === undefined && value.synthesis?.status === "writing") void this.readAnswers(run);
        this.changed();
        await this.#follow(run);
      }
    } catch {
      // It is read again with the next change, and with the conversation.
    }
    const again = this.#reading.get(id);
    this.#reading.delete(id);
    if (again) await this.#read(id);
  }

  /** @param {RunState} run */
  async #follow(run) {
    const { verdict } = run.value;
    if (!verdict) return;
    const { messages } = this.#conversation;
    const there = verdict.message === undefined || messages.some(({ id }) => id === verdict.message);
    if (!there && messages.some(({ id, value }) => run.holds(id) || value.parent === run.value.question)) {
      await this.#conversation.heal();
    }
    run.awaited = false;
    this.changed();
  }
}

/**
 * Whether late answers have made the newest verdict say something else than the one that stood before they came.
 * @param {readonly Revision[]} revisions
 */
export function changedLate(revisions) {
  const now = revisions.at(-1);
  const before = revisions.findLast(({ moment }) => moment !== "late-answer");
  return (
    before !== undefined && now !== undefined && (before.winner !== now.winner || before.agreement !== now.agreement)
  );
}
