// Generated from src-tauri/crates/protocol by `make types`. Do not edit.

/**
 * Versions, for the about box.
 */
export type About = { 
/**
 * The program.
 */
version: string, 
/**
 * The commit it was built from, where known.
 */
commit: string, 
/**
 * Tauri.
 */
tauri: string, 
/**
 * The system's webview.
 */
webview: string, 
/**
 * SQLite.
 */
sqlite: string, 
/**
 * Operating system and architecture.
 */
system: string, 
/**
 * Where data lives.
 */
data_directory: string, };

/**
 * Forgets an account on this computer.
 */
export type AccountForget = { 
/**
 * Which one.
 */
account: AccountKey, 
/**
 * What becomes of its history.
 */
history: ForgottenHistory, };

/**
 * An account and its space: letters and digits that say nothing about the person.
 */
export type AccountKey = string;

/**
 * Names an account.
 */
export type AccountRef = { 
/**
 * Which one.
 */
account: AccountKey, };

/**
 * How the session of an account stands.
 */
export type AccountState = "remembered" | "confirmed" | "expired" | "signed-out";

/**
 * An account.
 */
export type AccountView = { 
/**
 * Its name among the accounts.
 */
account: AccountKey, 
/**
 * How the person came.
 */
method: SignInMethod, 
/**
 * Who vouches for them: an OpenID issuer, or the origin of a sign-in server.
 */
provider: string, 
/**
 * Who they are to the provider.
 */
subject: string, 
/**
 * What they call themselves, where they say.
 */
name?: string, 
/**
 * Their e-mail, where they say. It proves nothing.
 */
email?: string, 
/**
 * How the session stands.
 */
state: AccountState, 
/**
 * When the token at hand expires, where that is known; what can be renewed is renewed before.
 */
expires_at?: number, };

/**
 * Everything about accounts. It is put together from what is in memory and waits for nothing.
 */
export type Accounts = { 
/**
 * Who is signed in.
 */
active?: AccountView, 
/**
 * Everybody who has signed in on this computer and was not forgotten; the active account is among them.
 */
known: Array<AccountView>, 
/**
 * How one can sign in with the active profile.
 */
ways: Array<SignInWay>, 
/**
 * The attempt to sign in that is under way or has failed.
 */
attempt?: SignInAttempt, 
/**
 * Where secrets are kept.
 */
keeping: SecretKeeping, 
/**
 * The addresses to which credentials may go unencrypted because the user said so.
 */
consents: Array<PlainConsent>, };

/**
 * How far those who answered agree.
 */
export type Agreement = "unanimous" | "majority" | "split" | "none";

/**
 * How many runs came to a degree of agreement.
 */
export type AgreementUse = { 
/**
 * The degree.
 */
agreement: Agreement, 
/**
 * How many runs.
 */
runs: number, };

/**
 * What members are told about the form of their answers.
 */
export type AnswerForm = "free" | "last-line";

/**
 * Candidates that say the same.
 */
export type AnswerGroup = { 
/**
 * The canonical answer; absent where they are grouped by resemblance.
 */
answer?: string, 
/**
 * Who, by slot.
 */
slots: Array<Slot>, 
/**
 * Their weight, as counted.
 */
weight: number, };

/**
 * An error as the window receives it.
 */
export type AppError = { 
/**
 * What happened, as a code.
 */
code: ErrorCode, 
/**
 * What the other side said, untranslated; redacted, shown behind a disclosure.
 */
detail?: string, 
/**
 * When it makes sense to try again, in milliseconds from now.
 */
retry_after_ms?: number, 
/**
 * The input the error is about, as a path like `models[0].url`.
 */
field?: string, };

/**
 * What about archived conversations.
 */
export type ArchiveFilter = "include" | "exclude" | "only";

/**
 * When an answer came.
 */
export type Arrival = "in-time" | "late";

/**
 * A member was asked for the line that holds its answer alone: after the question and its own answer it was sent this.
 */
export type AskedForLine = { 
/**
 * Which one.
 */
slot: Slot, 
/**
 * What it was asked.
 */
prompt: string, 
/**
 * The JSON schema that its reply had to keep.
 */
schema: string, 
/**
 * How much of its own answer it was shown, in UTF-16 code units.
 */
shown: number, 
/**
 * The answer's length without its thinking: more than `shown` where the middle was left out.
 */
of: number, };

/**
 * One question to a judge or to the writer of a synthesis.
 */
export type AskedOfJudge = { 
/**
 * What for.
 */
purpose: JudgePurpose, 
/**
 * Which of its questions, from 0.
 */
round: number, 
/**
 * Who was asked.
 */
model: ModelId, 
/**
 * In which order it was shown the candidates, and under which label.
 */
shown: Array<ShownCandidate>, 
/**
 * Whom it was not shown because there was no room for all: the best of every answer stay, whatever they say.
 */
left_out: Array<Slot>, 
/**
 * What it was told to be.
 */
system: string, 
/**
 * What it was asked.
 */
prompt: string, 
/**
 * The JSON schema that its answer had to keep.
 */
schema: string, 
/**
 * What it answered; absent where it failed or was not needed any more.
 */
reply?: string, 
/**
 * Why it failed.
 */
error?: ErrorCode, };

/**
 * A conversation in a backup.
 */
export type BackupConversation = { 
/**
 * Its id.
 */
id: ConversationId, 
/**
 * Its title.
 */
title: string, 
/**
 * When something was last said in it.
 */
updated_at: number, 
/**
 * How many messages it has there, in all its branches.
 */
messages: number, };

/**
 * One backup.
 */
export type BackupEntry = { 
/**
 * Its name: that of its file, without the ending.
 */
id: BackupId, 
/**
 * When it was made, by the clock of then.
 */
created_at: number, 
/**
 * Its size on disk.
 */
bytes: number, 
/**
 * Why it was made.
 */
reason: BackupReason, 
/**
 * Whether it can be relied on.
 */
state: BackupState, 
/**
 * How many conversations it holds, without those that were deleted.
 */
conversations: number, 
/**
 * How many messages these have, in all their branches.
 */
messages: number, 
/**
 * When something was last said in it; absent where it is empty.
 */
newest_at?: number, 
/**
 * When it was last read from end to end.
 */
verified_at?: number, };

/**
 * An attempt to make a backup that failed. Nothing of it is left on disk, and the history is as it was.
 */
export type BackupFailure = { 
/**
 * When.
 */
at: number, 
/**
 * Why it was to be made.
 */
reason: BackupReason, 
/**
 * What happened.
 */
error: AppError, };

/**
 * A backup: the stem of its file.
 */
export type BackupId = string;

/**
 * What a backup holds, beside what there is now.
 */
export type BackupPreview = { 
/**
 * The backup, read from end to end just now: what is damaged has no preview but an error.
 */
entry: BackupEntry, 
/**
 * Its newest conversations, at most 20.
 */
newest: Array<BackupConversation>, 
/**
 * What there is now and not in the backup: after restoring it would be in the backup that is made before.
 */
only_here: Difference, 
/**
 * What is in the backup and no longer here.
 */
only_there: Difference, };

/**
 * How far the making, reading or restoring of a backup is.
 */
export type BackupProgress = { 
/**
 * What is being done.
 */
step: BackupStep, 
/**
 * How much of the step is done, in percent.
 */
percent: number, };

/**
 * Why a backup was made.
 */
export type BackupReason = "daily" | "before-migration" | "manual" | "before-restore" | "encryption";

/**
 * Names a backup.
 */
export type BackupRef = { 
/**
 * Which one.
 */
id: BackupId, };

/**
 * Whether a backup can be relied on.
 */
export type BackupState = "good" | "damaged" | "newer";

/**
 * A step in the life of a backup.
 */
export type BackupStep = "copying" | "verifying" | "restoring" | "salvaging";

/**
 * The backups at hand.
 */
export type Backups = { 
/**
 * Where they lie.
 */
folder: string, 
/**
 * All of them, the newest first.
 */
entries: Array<BackupEntry>, 
/**
 * How long they are kept.
 */
retention: Retention, 
/**
 * What is being done at this moment, if anything is.
 */
running?: BackupProgress, 
/**
 * Why the last attempt to make one failed; absent where it did not.
 */
failure?: BackupFailure, 
/**
 * The last time a backup took the place of the history, as long as there is a way back.
 */
restored?: Restored, };

/**
 * What other ways would have chosen from the same answers.
 */
export type Baselines = { 
/**
 * The heaviest member's answer, where it voted: the best single model.
 */
best_single?: Slot, 
/**
 * Plain majority.
 */
majority?: Slot, 
/**
 * Weighted vote.
 */
weighted_vote?: Slot, 
/**
 * Weighted medoid.
 */
medoid?: Slot, };

/**
 * What agreement was read from.
 */
export type Basis = "answers" | "resemblance";

/**
 * What the window needs before it can be used. Nothing in here waited for a network or a secret store.
 */
export type Boot = { 
/**
 * The program's version.
 */
version: string, 
/**
 * The system's preferred languages, best first.
 */
system_locales: Array<string>, 
/**
 * What the user has set.
 */
settings: Settings, 
/**
 * The profile in use; onboarding is due where absent.
 */
profile?: ProfileView, 
/**
 * The profiles at hand.
 */
profiles: Array<ProfileOption>, 
/**
 * Who is signed in, as it was remembered; nothing was asked yet.
 */
account?: AccountView, 
/**
 * Which shortcuts are usual here.
 */
platform: Platform, 
/**
 * Why history cannot be written (or read), when it cannot.
 */
storage_trouble?: ErrorCode, };

/**
 * One answer of a run.
 */
export type Candidate = { 
/**
 * Its place.
 */
slot: Slot, 
/**
 * Who answers.
 */
model: ModelId, 
/**
 * How much it counts in this run (what `weights` of the plan says).
 */
weight: number, 
/**
 * How it stands.
 */
status: CandidateStatus, 
/**
 * Its message: a branch of its own.
 */
message: MessageId, 
/**
 * Whether its words are scripted, which is always shown.
 */
scripted: boolean, 
/**
 * From sending the request to the first non-empty delta, as soon as that has come.
 */
ttft_ms?: number, 
/**
 * From sending the request to the end.
 */
duration_ms?: number, 
/**
 * Speed, measured as in `Metrics`; so far while it is written, where the server counts as it goes.
 */
tokens_per_second?: number, 
/**
 * Whether its text has ended without the line that holds its answer alone, and it is asked for that line: for everybody
 * else it is still at work.
 */
naming?: boolean, 
/**
 * The line that it gave when it was asked for it, which counts before its text; empty where it says that it gave no
 * definite answer. Absent where it was not asked, or said nothing that could be read.
 */
said?: string, 
/**
 * What was read out of it; absent until it is complete.
 */
reading?: Reading, 
/**
 * Whether it came before the first verdict; absent until it is complete.
 */
arrival?: Arrival, 
/**
 * Why it failed.
 */
error?: AppError, };

/**
 * How a candidate stands.
 */
export type CandidateStatus = "waiting" | "streaming" | "complete" | "stopped" | "failed" | "late";

/**
 * Asks the same question again in other words: a new version beside the old one.
 */
export type ChatEdit = { 
/**
 * The question to put anew.
 */
message: MessageId, 
/**
 * The new words.
 */
text: string, 
/**
 * How the model is chosen.
 */
mode: Mode, 
/**
 * The model, for `single`.
 */
model?: ModelId, };

/**
 * Answers again: a new version beside the old one.
 */
export type ChatRegenerate = { 
/**
 * The answer to write anew.
 */
message: MessageId, 
/**
 * How the model is chosen.
 */
mode: Mode, 
/**
 * The model, for `single`.
 */
model?: ModelId, };

/**
 * Asks a question.
 */
export type ChatSend = { 
/**
 * Where; a new conversation where absent.
 */
conversation?: ConversationId, 
/**
 * The question; not only white space.
 */
text: string, 
/**
 * How the model is chosen.
 */
mode: Mode, 
/**
 * The model, for `single`.
 */
model?: ModelId, };

/**
 * What was begun: the messages that are now on disk.
 */
export type ChatStarted = { 
/**
 * The conversation.
 */
conversation: ConversationId, 
/**
 * The question, where it is new.
 */
question?: Message, 
/**
 * The answer, still empty (or, when continued, with its text so far).
 */
answer: Message, };

/**
 * A part of a synthesis and the candidates it came from.
 */
export type CitedPart = { 
/**
 * The text.
 */
text: string, 
/**
 * Where it came from; only candidates that the writer was shown. Empty where it named none.
 */
from: Array<Slot>, };

/**
 * What was learned about one class of task.
 */
export type ClassWeights = { 
/**
 * The class.
 */
class: TaskClass, 
/**
 * How many verdicts of the user's there are.
 */
verdicts: number, 
/**
 * The models, by name.
 */
models: Array<LearnedWeight>, 
/**
 * How many independent votes all of them together are worth; absent where there are too few verdicts.
 */
n_eff?: number, };

/**
 * Asks several models.
 */
export type ConsensusAsk = { 
/**
 * What is asked.
 */
question: ConsensusQuestion, 
/**
 * How; the preset in use where absent.
 */
plan?: ConsensusPlan, };

/**
 * Asks the others about a question that one model has answered: its answer becomes one of the candidates.
 */
export type ConsensusAskOthers = { 
/**
 * The answer there is.
 */
message: MessageId, 
/**
 * How; the preset in use where absent. Where its model is no member it is added, with the weight of the profile.
 */
plan?: ConsensusPlan, };

/**
 * Several models asked about one question.
 */
export type ConsensusId = string;

/**
 * How several answers become one.
 */
export type ConsensusMethod = "weighted-vote" | "majority" | "medoid" | "judge" | "synthesis" | "self-consistency" | "server";

/**
 * Who answers, and how that becomes one answer.
 */
export type ConsensusPlan = { 
/**
 * Who is asked: 2 to 8, exactly one for `self-consistency`. Empty: every model of the profile, with its weights (the
 * heaviest for `self-consistency`).
 */
members: Array<Member>, 
/**
 * How it is decided.
 */
method: ConsensusMethod, 
/**
 * How often the one member is asked, 2 to 8: for `self-consistency` only.
 */
samples?: number, 
/**
 * A verdict is given as soon as this many have answered; late answers may change it. At least 2.
 */
quorum: number, 
/**
 * A verdict is given this long after the start with whatever has been answered; without it, quorum and ends decide.
 */
deadline_ms?: number, 
/**
 * Who judges or synthesises. Absent: the heaviest model that is no member, else the heaviest member.
 */
judge?: ModelId, 
/**
 * Which weights count.
 */
weights: WeightSource, 
/**
 * What members are told about the form of their answers.
 */
form: AnswerForm, 
/**
 * For orders, labels and samples. Absent in a preset: each run draws its own; a run always has it.
 */
seed?: number, };

/**
 * A plan with a name.
 */
export type ConsensusPreset = { 
/**
 * Its name: not empty, no two alike, at most 60 characters.
 */
name: string, 
/**
 * The plan.
 */
plan: ConsensusPlan, };

/**
 * What several models are asked.
 */
export type ConsensusQuestion = { "kind": "new", 
/**
 * Where; a new conversation where absent.
 */
conversation?: ConversationId, 
/**
 * The question; not only white space.
 */
text: string, } | { "kind": "edited", 
/**
 * The question to put anew.
 */
message: MessageId, 
/**
 * The new words.
 */
text: string, } | { "kind": "again", 
/**
 * The question.
 */
message: MessageId, };

/**
 * Everything behind a run that is not in its view: what was sent, in which order, and what came back.
 */
export type ConsensusRecord = { 
/**
 * The run.
 */
run: ConsensusId, 
/**
 * The seed of orders and labels.
 */
seed: number, 
/**
 * What the members were sent beside the conversation.
 */
sent: Array<SentToMember>, 
/**
 * Which members were asked for the line that they had not closed with, in order. What each said is its candidate's `said`.
 */
lines?: Array<AskedForLine>, 
/**
 * What judge and synthesis were asked, in order.
 */
asked: Array<AskedOfJudge>, 
/**
 * How much two answers resemble each other, for every pair that voted.
 */
resemblance: Array<Resemblance>, };

/**
 * Names a run.
 */
export type ConsensusRef = { 
/**
 * Which one.
 */
run: ConsensusId, };

/**
 * Several models asked about one question.
 */
export type ConsensusRun = { 
/**
 * Its id.
 */
id: ConsensusId, 
/**
 * The conversation.
 */
conversation: ConversationId, 
/**
 * The question.
 */
question: MessageId, 
/**
 * What the question asks for.
 */
class: TaskClass, 
/**
 * How it is done; with members and seed, whatever the preset left out.
 */
plan: ConsensusPlan, 
/**
 * Where it stands.
 */
state: ConsensusState, 
/**
 * One per slot, in their order.
 */
candidates: Array<Candidate>, 
/**
 * The verdict as it is now; absent until one is given.
 */
verdict?: Verdict, 
/**
 * The method's own verdict while the user's stands in its place, and what counts again when that is given back.
 */
ruled?: Verdict, 
/**
 * What is written from all candidates, the newest; absent where nothing is.
 */
synthesis?: SynthesisMessage, 
/**
 * The verdicts before and including it, oldest first.
 */
revisions: Array<Revision>, 
/**
 * When it was begun.
 */
created_at: number, };

/**
 * What is set about asking several models.
 */
export type ConsensusSettings = { 
/**
 * The user's presets, in their order.
 */
presets: Array<ConsensusPreset>, 
/**
 * The name of the preset in use. Absent: every model of the profile, weighted vote, as delivered.
 */
preset?: string, };

/**
 * Names a candidate of a run.
 */
export type ConsensusSlotRef = { 
/**
 * The run.
 */
run: ConsensusId, 
/**
 * The candidate.
 */
slot: Slot, };

/**
 * What was begun: everything that is now on disk.
 */
export type ConsensusStarted = { 
/**
 * The conversation.
 */
conversation: ConversationId, 
/**
 * The question, where it is new.
 */
question?: Message, 
/**
 * The run.
 */
run: ConsensusRun, 
/**
 * The candidates' messages, still empty (but one that was there before).
 */
answers: Array<Message>, };

/**
 * Where a run stands.
 */
export type ConsensusState = "gathering" | "deciding" | "decided" | "ended";

/**
 * Whether the user agrees.
 */
export type Consent = "given" | "withdrawn";

/**
 * A point on which candidates contradict each other.
 */
export type Contradiction = { 
/**
 * What it is about.
 */
about: string, 
/**
 * Who says what.
 */
positions: Array<CitedPart>, };

/**
 * Makes another conversation with the same messages.
 */
export type ConversationDuplicate = { 
/**
 * Of which one.
 */
id: ConversationId, 
/**
 * What a copy is called in the reader's language, as it stands in brackets behind the title: one line of at most 40
 * characters. Further copies are numbered.
 */
copy: string, };

/**
 * A conversation.
 */
export type ConversationId = string;

/**
 * Which page of the list.
 */
export type ConversationList = { 
/**
 * `next` of the page before; the first page where absent.
 */
after?: string, 
/**
 * At most this many, up to 200.
 */
limit: number, 
/**
 * Of which conversations.
 */
scope?: ConversationScope, };

/**
 * Opens a conversation at the end of its active branch, or shows what stands elsewhere on it. At most one of `before`,
 * `after` and `around` is given.
 */
export type ConversationOpen = { 
/**
 * Which one.
 */
id: ConversationId, 
/**
 * The messages before this one.
 */
before?: MessageId, 
/**
 * The messages after this one.
 */
after?: MessageId, 
/**
 * This message and those on both sides of it. Where it is not on the active branch, the branch through it becomes the
 * active one.
 */
around?: MessageId, 
/**
 * At most this many messages, up to 200.
 */
limit: number, };

/**
 * A page of the list: pinned ones first, then by `updated_at`, newest first; of the trash, by `deleted_at`, newest first.
 */
export type ConversationPage = { 
/**
 * The conversations.
 */
conversations: Array<ConversationSummary>, 
/**
 * Where the next page begins; absent on the last.
 */
next?: string, };

/**
 * Pins or unpins.
 */
export type ConversationPin = { 
/**
 * Which one.
 */
id: ConversationId, 
/**
 * Whether it stays at the top.
 */
pinned: boolean, };

/**
 * Names a conversation.
 */
export type ConversationRef = { 
/**
 * Which one.
 */
id: ConversationId, };

/**
 * Changes the title.
 */
export type ConversationRename = { 
/**
 * Which one.
 */
id: ConversationId, 
/**
 * The new title, at most 200 characters; white space around it is dropped.
 */
title: string, };

/**
 * Which conversations a list holds.
 */
export type ConversationScope = { "kind": "active" } | { "kind": "unfiled" } | { "kind": "project", 
/**
 * Which one.
 */
project: ProjectId, } | { "kind": "archived" } | { "kind": "deleted" };

/**
 * A conversation in the list.
 */
export type ConversationSummary = { 
/**
 * Its id.
 */
id: ConversationId, 
/**
 * Its title; never empty.
 */
title: string, 
/**
 * Whether it stays at the top.
 */
pinned: boolean, 
/**
 * When it was begun.
 */
created_at: number, 
/**
 * When something was last said in it; the list is ordered by this.
 */
updated_at: number, 
/**
 * How many messages it holds, in all its branches.
 */
messages: number, 
/**
 * The project it is in.
 */
project?: ProjectId, 
/**
 * When it was archived; absent where it is not.
 */
archived_at?: number, 
/**
 * When it was deleted; absent where it is not.
 */
deleted_at?: number, };

/**
 * A stretch of the active branch, oldest first.
 */
export type ConversationView = { 
/**
 * The conversation.
 */
conversation: ConversationSummary, 
/**
 * Its messages.
 */
messages: Array<Message>, 
/**
 * Whether there are messages before these.
 */
earlier: boolean, 
/**
 * Whether there are messages after these.
 */
later: boolean, };

/**
 * Archives conversations or takes them out of the archive.
 */
export type ConversationsArchive = { 
/**
 * Which ones, at most 1,000.
 */
ids: Array<ConversationId>, 
/**
 * Whether they shall be in the archive.
 */
archived: boolean, };

/**
 * Makes one conversation out of several: turn by turn in order of time, with every version that they hold, each message
 * with its origin. The sources go to the trash.
 */
export type ConversationsMerge = { 
/**
 * Which ones: at least two, at most 100, the first of which gives the title and the project.
 */
ids: Array<ConversationId>, };

/**
 * Puts conversations into a project or takes them out.
 */
export type ConversationsMove = { 
/**
 * Which ones, at most 1,000.
 */
ids: Array<ConversationId>, 
/**
 * Into which; out of every project where absent.
 */
project?: ProjectId, };

/**
 * Pins or unpins conversations.
 */
export type ConversationsPin = { 
/**
 * Which ones, at most 1,000.
 */
ids: Array<ConversationId>, 
/**
 * Whether they stay at the top.
 */
pinned: boolean, };

/**
 * Names conversations.
 */
export type ConversationsRef = { 
/**
 * Which ones, at most 1,000. What is done is done to all of them or, where one is not there, to none.
 */
ids: Array<ConversationId>, };

/**
 * Who decided.
 */
export type DecidedBy = "method" | "user";

/**
 * Why a method was used, and which of its rules decided.
 */
export type DecisionRule = "nobody-answered" | "only-answer" | "all-agree" | "heaviest-answer" | "most-frequent-answer" | "most-similar" | "judge-choice" | "judge-unstable" | "judge-failed" | "judge-useless" | "synthesised" | "synthesis-failed" | "server-choice" | "user-choice";

/**
 * The device flow (RFC 8628): GitHub's, unless other addresses are given. All three belong to one server.
 */
export type Device = { 
/**
 * The client id.
 */
client_id: string, 
/**
 * Where codes are asked for.
 */
authorization?: string, 
/**
 * Where tokens are.
 */
token?: string, 
/**
 * What tells whose a token is.
 */
user?: string, };

/**
 * What the person does in the device flow.
 */
export type DevicePrompt = { 
/**
 * The code to type.
 */
user_code: string, 
/**
 * The page to type it on.
 */
address: string, };

/**
 * What one history has and the other has not.
 */
export type Difference = { 
/**
 * How many conversations.
 */
conversations: number, 
/**
 * How many messages, those of these conversations included.
 */
messages: number, 
/**
 * The newest of these conversations, at most 20.
 */
newest: Array<BackupConversation>, };

/**
 * A candidate that says something else than the winner.
 */
export type Dissent = { 
/**
 * Which one.
 */
slot: Slot, 
/**
 * Its canonical answer, where the question is closed.
 */
answer?: string, 
/**
 * Its passages without a counterpart in the winner, the most different first; at most 5, each of at most 240 characters.
 */
passages: Array<string>, };

/**
 * How the open history lies on disk.
 */
export type Encryption = { 
/**
 * How it lies there.
 */
state: EncryptionState, 
/**
 * Why its key is not in the system's secret store, when it is not: then the recovery passphrase is asked for at every
 * start.
 */
key_not_kept?: ErrorCode, 
/**
 * How many of its backups anybody can read.
 */
plain_backups: number, };

/**
 * Encrypts the open history.
 */
export type EncryptionEnable = { 
/**
 * The recovery passphrase, at least 8 characters: it opens the history where the system's secret store is lost. Where
 * the history was encrypted before, the one of then.
 */
passphrase: string, 
/**
 * What becomes of backups that were made before.
 */
plain_backups: PlainBackups, };

/**
 * Changes the recovery passphrase of an encrypted history that is open.
 */
export type EncryptionPassphraseSet = { 
/**
 * The new one, at least 8 characters.
 */
passphrase: string, };

/**
 * How a history lies on disk.
 */
export type EncryptionState = "plain" | "encrypted" | "locked";

/**
 * Opens an encrypted history.
 */
export type EncryptionUnlock = { 
/**
 * The recovery passphrase; where absent the secret store is asked again.
 */
passphrase?: string, };

/**
 * How an endpoint does, in one word.
 */
export type EndpointHealth = "up" | "down" | "degraded" | "unknown";

/**
 * How an endpoint did over time.
 */
export type EndpointHistory = { 
/**
 * The model it serves.
 */
model: ModelId, 
/**
 * Buckets with at least one answer, oldest first.
 */
points: Array<HistoryPoint>, };

/**
 * How an endpoint does.
 */
export type EndpointState = { 
/**
 * The model it serves.
 */
model: ModelId, 
/**
 * The name people see.
 */
label: string, 
/**
 * How it does.
 */
state: EndpointHealth, 
/**
 * Since when.
 */
since: number, 
/**
 * Time of the last probe that was answered.
 */
latency_ms?: number, 
/**
 * Why it is not up.
 */
code?: ErrorCode, 
/**
 * The models that the server says it serves.
 */
served: Array<string>, 
/**
 * Whether its answers are scripted.
 */
scripted: boolean, };

/**
 * What a connection test found at one model's address.
 */
export type EndpointTest = { 
/**
 * The model asked for.
 */
model: ModelId, 
/**
 * Its address.
 */
url: string, 
/**
 * The models that the server says it serves.
 */
served: Array<string>, 
/**
 * Time of the answer to `/v1/models`.
 */
latency_ms?: number, 
/**
 * Why it cannot answer; `model-not-found` where the server is there but does not serve the model.
 */
error?: AppError, };

/**
 * What went wrong, as a closed set that the window translates.
 *
 * The first group classifies what a model server did; a failure is classified once, where it is seen.
 */
export type ErrorCode = "unreachable" | "refused" | "timeout-connect" | "timeout-first-token" | "timeout-idle" | "tls" | "unauthorised" | "rate-limited" | "model-not-found" | "context-too-long" | "bad-request" | "overloaded" | "server" | "truncated" | "malformed" | "simulated" | "cancelled" | "not-found" | "invalid-input" | "no-profile" | "no-model" | "profile-invalid" | "busy" | "storage-full" | "storage-read-only" | "storage-newer" | "storage-damaged" | "storage-failed" | "history-locked" | "secret-store-absent" | "secret-store-locked" | "secret-store-denied" | "secret-store-failed" | "vault-wrong-passphrase" | "vault-damaged" | "sign-in-expired" | "sign-in-refused" | "sign-in-rejected" | "sign-in-unavailable" | "session-expired" | "port-taken" | "insecure-transport" | "link-refused" | "print-failed" | "internal";

/**
 * One thing that happened.
 */
export type Event = { "type": "message-begun", 
/**
 * The message.
 */
message: Message, } | { "type": "message-delta", 
/**
 * The conversation.
 */
conversation: ConversationId, 
/**
 * The message.
 */
message: MessageId, 
/**
 * Which of its two texts.
 */
part: Part, 
/**
 * Where the text belongs.
 */
at: number, 
/**
 * The text.
 */
text: string, } | { "type": "message-rerouted", 
/**
 * The conversation.
 */
conversation: ConversationId, 
/**
 * The message.
 */
message: MessageId, 
/**
 * The model that answers now.
 */
model: ModelId, 
/**
 * Whether its words are scripted.
 */
scripted: boolean, 
/**
 * Why.
 */
routing: Routing, } | { "type": "message-fitted", 
/**
 * The conversation.
 */
conversation: ConversationId, 
/**
 * The message.
 */
message: MessageId, 
/**
 * What is left out.
 */
omitted?: Omitted, } | { "type": "message-ended", 
/**
 * The conversation.
 */
conversation: ConversationId, 
/**
 * The message.
 */
message: MessageId, 
/**
 * How it stands now; never `streaming`.
 */
status: MessageStatus, 
/**
 * Length of the content in UTF-16 code units.
 */
content_length: number, 
/**
 * Length of the reasoning in UTF-16 code units.
 */
reasoning_length: number, 
/**
 * What was measured.
 */
metrics: Metrics, 
/**
 * Why it failed.
 */
error?: AppError, } | { "type": "consensus-candidate", 
/**
 * The conversation.
 */
conversation: ConversationId, 
/**
 * The run.
 */
run: ConsensusId, 
/**
 * How it is now.
 */
candidate: Candidate, } | { "type": "consensus-changed", 
/**
 * The conversation.
 */
conversation: ConversationId, 
/**
 * The run.
 */
run: ConsensusId, 
/**
 * Where it stands.
 */
state: ConsensusState, 
/**
 * The newest verdict in short; absent until one is given.
 */
revision?: Revision, } | { "type": "conversation-changed", 
/**
 * How it is now.
 */
conversation: ConversationSummary, } | { "type": "conversation-removed", 
/**
 * Which one.
 */
id: ConversationId, } | { "type": "health", 
/**
 * All of them, in the profile's order. Where their lists of served models are too long for a frame, those are empty
 * here; `health` gives them.
 */
endpoints: Array<EndpointState>, } | { "type": "storage-trouble", 
/**
 * What happened.
 */
error: AppError, } | { "type": "storage-recovered" } | { "type": "storage-salvaged" } | { "type": "backup-progress", 
/**
 * How far.
 */
progress: BackupProgress, } | { "type": "backup-made", 
/**
 * It.
 */
entry: BackupEntry, } | { "type": "backup-failed", 
/**
 * Why.
 */
failure: BackupFailure, } | { "type": "transfer-progress", 
/**
 * Which one.
 */
id: TransferId, 
/**
 * How far.
 */
progress: TransferProgress, } | { "type": "transfer-ended", 
/**
 * Which one.
 */
id: TransferId, 
/**
 * How.
 */
report: TransferReport, } | { "type": "files-dropped", 
/**
 * How many.
 */
count: number, } | { "type": "history-changed" } | { "type": "projects-changed" } | { "type": "search-indexed", 
/**
 * Messages that cannot be found yet.
 */
pending: number, } | { "type": "space-changed", 
/**
 * Whose it is; nobody's in particular where absent.
 */
account?: AccountKey, } | { "type": "account-changed", 
/**
 * Who is signed in.
 */
active?: AccountView, } | { "type": "sign-in-changed", 
/**
 * How it stands; it is over where absent.
 */
attempt?: SignInAttempt, } | { "type": "request", 
/**
 * What.
 */
action: WindowAction, };

/**
 * What is written.
 */
export type ExportFormat = "markdown" | "json" | "html";

/**
 * Writes conversations to where the user says. Nothing begins where the user cancels.
 */
export type ExportRequest = { 
/**
 * Which conversations.
 */
what: ExportScope, 
/**
 * As what.
 */
format: ExportFormat, };

/**
 * Which conversations are written. Deleted ones never are.
 */
export type ExportScope = { "scope": "all" } | { "scope": "conversations", 
/**
 * Which ones; those that are not there (any more) are left out.
 */
ids: Array<ConversationId>, } | { "scope": "project", 
/**
 * Which one.
 */
id: ProjectId, };

/**
 * Why a model stopped.
 */
export type FinishReason = "stop" | "length" | "tool-calls" | "content-filter" | "other";

/**
 * What becomes of the history of an account that is forgotten.
 */
export type ForgottenHistory = "keep" | "delete";

/**
 * An OpenAI-compatible server found on this computer.
 */
export type FoundServer = { 
/**
 * Base address up to and including `/v1`.
 */
url: string, 
/**
 * What answered.
 */
kind: ServerKind, 
/**
 * The models it serves.
 */
models: Array<string>, };

/**
 * Some events in order.
 */
export type Frame = { 
/**
 * One more than that of the frame before; the first is 1.
 */
seq: number, 
/**
 * What happened.
 */
events: Array<Event>, };

/**
 * One of the histories that this computer keeps apart, and how it lies on disk. Its key is not at hand where opening it would
 * show that it is locked.
 */
export type HistoryLock = { 
/**
 * Whose it is; nobody's in particular where absent.
 */
account?: AccountKey, 
/**
 * How it lies there.
 */
state: EncryptionState, };

/**
 * What was measured of an endpoint in one bucket of time.
 */
export type HistoryPoint = { 
/**
 * Where the bucket begins.
 */
at: number, 
/**
 * Answers that ended by themselves.
 */
answers: number, 
/**
 * Answers that failed.
 */
failed: number, 
/**
 * Median time to the first token.
 */
ttft_ms?: number, 
/**
 * Median speed.
 */
tokens_per_second?: number, };

/**
 * Brings conversations in. What the files hold is recognised from their content.
 */
export type ImportRequest = { 
/**
 * Which files.
 */
source: ImportSource, };

/**
 * Where the files come from.
 */
export type ImportSource = "choose" | "dropped";

/**
 * What the judge did.
 */
export type JudgeOutcome = { 
/**
 * Who judged.
 */
model: ModelId, 
/**
 * What came of it.
 */
result: JudgeResult, 
/**
 * What it chose, in the order in which it was asked; `null` where it found none better.
 */
choices: Array<Slot | null>, 
/**
 * Its reasons, in the same order, as it wrote them.
 */
reasons: Array<string>, 
/**
 * Candidates that it was not shown, because they are its own.
 */
excluded: Array<Slot>, 
/**
 * Answers that were not shown to it because there was no room for all.
 */
left_out: Array<Slot>, };

/**
 * What a model was asked for.
 */
export type JudgePurpose = "judge" | "synthesis";

/**
 * What came of asking a judge.
 */
export type JudgeResult = "waiting" | "stable" | "unstable" | "undecided" | "malformed" | "failed" | "useless";

/**
 * A place for secrets.
 */
export type KeepIn = "system" | "session" | "vault";

/**
 * Stores an endpoint's key in the secret store.
 */
export type KeySet = { 
/**
 * The model of the active profile.
 */
model: ModelId, 
/**
 * The key.
 */
key: string, };

/**
 * The secret store and the keys in it (their presence, never their text).
 */
export type KeyStates = { 
/**
 * What is wrong with the secret store, when something is.
 */
trouble?: ErrorCode, 
/**
 * The models of the active profile that have a key.
 */
present: Array<ModelId>, };

/**
 * What was learned about one model.
 */
export type LearnedWeight = { 
/**
 * The model.
 */
model: ModelId, 
/**
 * How often it was right, by the user's verdicts.
 */
right: number, 
/**
 * Out of how many.
 */
judged: number, 
/**
 * The estimated probability that it is right, shrunk towards all models'.
 */
probability: number, 
/**
 * `ln(p / (1 - p))`, never below 0.
 */
learned: number, 
/**
 * What the user set instead.
 */
edited?: number, };

/**
 * Sets a learned weight by hand.
 */
export type LearnedWeightSet = { 
/**
 * The class of task.
 */
class: TaskClass, 
/**
 * The model.
 */
model: ModelId, 
/**
 * At least 0; back to what was learned where absent.
 */
weight?: number, };

/**
 * What was learned from the user's own verdicts.
 */
export type LearnedWeights = { 
/**
 * By class of task; only classes with at least one verdict or one edited weight.
 */
classes: Array<ClassWeights>, 
/**
 * How often each degree of agreement was upheld by the user.
 */
upheld: Array<UpheldAgreement>, };

/**
 * Opens a link outside, through the one checked door.
 */
export type LinkOpen = { 
/**
 * `https`, `http` or `mailto`.
 */
url: string, };

/**
 * Messages of one conversation that are lost.
 */
export type LostMessages = { 
/**
 * The conversation; absent where it is lost itself and nothing says which it was.
 */
conversation?: ConversationId, 
/**
 * Its title, where it is known.
 */
title?: string, 
/**
 * How many.
 */
messages: number, };

/**
 * A model that is asked, and how much its answer counts.
 */
export type Member = { 
/**
 * The model.
 */
model: ModelId, 
/**
 * Above 0; only the proportions to the others matter.
 */
weight: number, };

/**
 * One message.
 */
export type Message = { 
/**
 * Its id.
 */
id: MessageId, 
/**
 * The conversation it belongs to.
 */
conversation: ConversationId, 
/**
 * The message it answers; absent for the first.
 */
parent?: MessageId, 
/**
 * Who speaks.
 */
role: Role, 
/**
 * How it stands.
 */
status: MessageStatus, 
/**
 * The text, unmodified.
 */
content: string, 
/**
 * What the model thought aloud.
 */
reasoning: string, 
/**
 * The model that answers.
 */
model?: ModelId, 
/**
 * Whether the words are scripted (practice fleet), which is always shown.
 */
scripted: boolean, 
/**
 * Why this model.
 */
routing?: Routing, 
/**
 * What was left out of the request, when something was.
 */
omitted?: Omitted, 
/**
 * What was measured; absent while streaming.
 */
metrics?: Metrics, 
/**
 * Why it failed.
 */
error?: AppError, 
/**
 * Where it was before its conversation was merged with others.
 */
origin?: MessageOrigin, 
/**
 * When it was begun.
 */
created_at: number, 
/**
 * All versions at this place, oldest first, this one among them.
 */
versions: Array<MessageId>, };

/**
 * A message, in whichever branch.
 */
export type MessageId = string;

/**
 * Where a message was before its conversation was merged with others.
 */
export type MessageOrigin = { 
/**
 * The conversation, which may be gone by now.
 */
conversation: ConversationId, 
/**
 * Its title at that time.
 */
title: string, };

/**
 * Names a message.
 */
export type MessageRef = { 
/**
 * Which one.
 */
message: MessageId, };

/**
 * How a message stands.
 */
export type MessageStatus = "streaming" | "complete" | "stopped" | "interrupted" | "failed";

/**
 * What was measured while a message was written. Nothing here is estimated: what the server did not say is absent.
 */
export type Metrics = { 
/**
 * From sending the request to the first non-empty delta (content or reasoning).
 */
ttft_ms?: number, 
/**
 * From sending the request to the end.
 */
duration_ms?: number, 
/**
 * Tokens of the request, from the server's usage.
 */
prompt_tokens?: number, 
/**
 * Tokens of the answer, from the server's usage.
 */
completion_tokens?: number, 
/**
 * `(completion_tokens - 1) / (time of the last delta - time of the first)`; absent below two tokens or 1 ms.
 */
tokens_per_second?: number, 
/**
 * Why the model stopped.
 */
finish_reason?: FinishReason, };

/**
 * How the model is chosen.
 */
export type Mode = "auto" | "single" | "consensus";

/**
 * One model on one server.
 */
export type ModelEntry = { 
/**
 * What is sent as `model`; unique in the profile.
 */
id: ModelId, 
/**
 * The name people see; the id where empty.
 */
label: string, 
/**
 * Base address up to and including `/v1`.
 */
url: string, 
/**
 * What the model is best at.
 */
tier: Tier, 
/**
 * Weight of its vote in a consensus, above 0.
 */
weight: number, 
/**
 * Context window in tokens; asked from the server where absent.
 */
context?: number, 
/**
 * Sampling temperature; the server's default where absent.
 */
temperature?: number, 
/**
 * Longest answer in tokens; the server's default where absent.
 */
max_tokens?: number, };

/**
 * A model as its server calls it: what is sent as `model`.
 */
export type ModelId = string;

/**
 * Names a model of the active profile.
 */
export type ModelRef = { 
/**
 * Which one.
 */
model: ModelId, };

/**
 * What was measured of models and endpoints. Scripted answers are never counted.
 */
export type ModelStats = { 
/**
 * By model, most answers first.
 */
models: Array<ModelUse>, 
/**
 * By tier, most answers first.
 */
tiers: Array<TierUse>, 
/**
 * By model: how its endpoint did over time.
 */
endpoints: Array<EndpointHistory>, 
/**
 * How many runs came to which degree of agreement.
 */
agreements: Array<AgreementUse>, };

/**
 * Which time the statistics are about.
 */
export type ModelStatsAsk = { 
/**
 * From when on.
 */
since: number, 
/**
 * Length of a bucket of the history in milliseconds, at least a minute; at most 200 buckets are given.
 */
bucket_ms: number, };

/**
 * How much a model was used.
 */
export type ModelUse = { 
/**
 * The model.
 */
model: ModelId, 
/**
 * Its tier in the profile, where it is in it.
 */
tier?: Tier, 
/**
 * Answers that ended by themselves.
 */
answers: number, 
/**
 * Answers that failed.
 */
failed: number, 
/**
 * Tokens written, where servers said so.
 */
completion_tokens: number, 
/**
 * Runs of several models in which it was chosen.
 */
chosen: number, 
/**
 * Runs of several models in which it voted.
 */
voted: number, };

/**
 * Why a verdict was given when it was given.
 */
export type Moment = "all-ended" | "quorum" | "deadline" | "late-answer" | "judged" | "user-choice" | "given-back";

/**
 * How the fleet is reached.
 */
export type Network = { 
/**
 * A PEM file with further roots, relative to the profile's folder or absolute.
 */
ca_file?: string, 
/**
 * A proxy for everything that is not loopback.
 */
proxy?: string, 
/**
 * Seconds until a connection must stand.
 */
connect_timeout_s: number, 
/**
 * Seconds until the first token must have arrived.
 */
first_token_timeout_s: number, 
/**
 * Longest silence inside a stream, in seconds.
 */
idle_timeout_s: number, };

/**
 * An OpenID Connect provider.
 */
export type Oidc = { 
/**
 * The issuer's address.
 */
issuer: string, 
/**
 * The public client's id.
 */
client_id: string, 
/**
 * Scopes asked for.
 */
scopes: Array<string>, };

/**
 * The oldest turns that did not fit the model's context.
 */
export type Omitted = { 
/**
 * How many messages were left out.
 */
messages: number, 
/**
 * How many tokens those are, counted by the server or estimated (`estimated`).
 */
tokens: number, 
/**
 * The model's context in tokens.
 */
context: number, 
/**
 * Whether `tokens` is an estimate.
 */
estimated: boolean, };

/**
 * Generation parameters of one model.
 */
export type Parameters = { 
/**
 * 0 to 2.
 */
temperature?: number, 
/**
 * Above 0, at most 1.
 */
top_p?: number, 
/**
 * Longest answer in tokens.
 */
max_tokens?: number, 
/**
 * For repeatable answers.
 */
seed?: number, 
/**
 * Texts that end the answer; never an empty one.
 */
stop: Array<string>, 
/**
 * What the model is told before the conversation.
 */
system_prompt: string, };

/**
 * Which of a message's two texts.
 */
export type Part = "content" | "reasoning";

/**
 * What becomes of backups that anybody can read.
 */
export type PlainBackups = "keep" | "delete";

/**
 * An address on another computer to which credentials may go unencrypted, with one profile.
 */
export type PlainConsent = { 
/**
 * The profile.
 */
profile: ProfileId, 
/**
 * Scheme, host and port.
 */
origin: string, };

/**
 * Gives or takes back the consent for the active profile.
 */
export type PlainConsentSet = { 
/**
 * An address; its scheme, host and port count.
 */
origin: string, 
/**
 * Which of the two.
 */
consent: Consent, };

/**
 * The operating system.
 */
export type Platform = "linux" | "macos" | "windows";

/**
 * A fleet of model servers and services.
 */
export type Profile = { 
/**
 * The name people see.
 */
name: string, 
/**
 * The models, in the order in which a fallback is sought.
 */
models: Array<ModelEntry>, 
/**
 * Base addresses of other services by name; a missing one hides its feature.
 */
services?: { [key in Service]?: string }, 
/**
 * OpenID Connect, where the fleet has it.
 */
oidc?: Oidc, 
/**
 * The device flow, with a client id of the user's own.
 */
device?: Device, 
/**
 * Origins (scheme, host, port) whose models and services get the session's token. None by itself: whoever signs in
 * shows their token to nobody but the provider.
 */
token_origins?: Array<string>, 
/**
 * The port of this computer to which the fleet's sign-in server (`services.auth`) sends browsers; 8000 where absent.
 */
sign_in_port?: number, 
/**
 * How to reach all of it.
 */
network?: Network, };

/**
 * A profile: the stem of its file.
 */
export type ProfileId = string;

/**
 * A profile in the list of those at hand.
 */
export type ProfileOption = { 
/**
 * Its id.
 */
id: ProfileId, 
/**
 * The name people see.
 */
name: string, 
/**
 * Where it comes from.
 */
origin: ProfileOrigin, 
/**
 * The models' shown names.
 */
models: Array<string>, 
/**
 * Why it cannot be used, when it cannot.
 */
error?: AppError, };

/**
 * Where a profile comes from.
 */
export type ProfileOrigin = "file" | "example" | "practice";

/**
 * Names a profile.
 */
export type ProfileRef = { 
/**
 * Which one.
 */
id: ProfileId, };

/**
 * A profile to be written.
 */
export type ProfileSave = { 
/**
 * The profile to replace; a new one where absent.
 */
id?: ProfileId, 
/**
 * What it shall say.
 */
profile: Profile, };

/**
 * The active profile as the window needs it.
 */
export type ProfileView = { 
/**
 * Its id.
 */
id: ProfileId, 
/**
 * Where it comes from.
 */
origin: ProfileOrigin, 
/**
 * What it says.
 */
profile: Profile, 
/**
 * Models whose address is neither loopback nor private and not encrypted.
 */
insecure: Array<ModelId>, };

/**
 * A folder of conversations.
 */
export type Project = { 
/**
 * Its id.
 */
id: ProjectId, 
/**
 * Its name; never empty.
 */
name: string, 
/**
 * Conversations in it that are neither archived nor deleted.
 */
conversations: number, 
/**
 * When it was made.
 */
created_at: number, };

/**
 * Makes a project, the last in the list.
 */
export type ProjectCreate = { 
/**
 * Its name, at most 200 characters; white space around it is dropped.
 */
name: string, };

/**
 * A project: a folder of conversations.
 */
export type ProjectId = string;

/**
 * Moves a project in the list.
 */
export type ProjectMove = { 
/**
 * Which one.
 */
id: ProjectId, 
/**
 * The one that it shall stand before; it becomes the last where absent.
 */
before?: ProjectId, };

/**
 * Names a project.
 */
export type ProjectRef = { 
/**
 * Which one.
 */
id: ProjectId, };

/**
 * Changes a project's name.
 */
export type ProjectRename = { 
/**
 * Which one.
 */
id: ProjectId, 
/**
 * The new name, at most 200 characters; white space around it is dropped.
 */
name: string, };

/**
 * Whether as many as the plan wants had answered.
 */
export type Quorum = "met" | "missed";

/**
 * What was read out of an answer.
 */
export type Reading = { "kind": "answer", 
/**
 * With this, in its canonical form; at most 200 characters.
 */
shown: string, } | { "kind": "refusal" } | { "kind": "empty" } | { "kind": "open" };

/**
 * How much two answers resemble each other.
 */
export type Resemblance = { 
/**
 * One.
 */
a: Slot, 
/**
 * The other, with the higher slot.
 */
b: Slot, 
/**
 * From 0 (no word in common) to 1 (the same words).
 */
value: number, };

/**
 * A backup took the place of the history.
 */
export type Restored = { 
/**
 * When.
 */
at: number, 
/**
 * Which moment the history went back to: when the backup was made.
 */
to: number, 
/**
 * The backup of what was here until then: restoring it is the way back.
 */
before: BackupId, };

/**
 * How long backups are kept. A backup that falls into none of these is removed after a newer good one was made; the newest
 * good one is never removed.
 */
export type Retention = { 
/**
 * The newest of each of so many days.
 */
daily: number, 
/**
 * The newest of each of so many weeks.
 */
weekly: number, 
/**
 * So many of those made before a migration or a restore, or when the history was encrypted.
 */
occasional: number, 
/**
 * How much disk all of them may take, in mebibytes; those that somebody asked for are counted and kept. 0: no limit.
 */
limit_mib: number, };

/**
 * One verdict of several, in short.
 */
export type Revision = { 
/**
 * Its number.
 */
revision: number, 
/**
 * Milliseconds after the start of the run.
 */
after_ms: number, 
/**
 * Why it was given.
 */
moment: Moment, 
/**
 * How far they agreed.
 */
agreement: Agreement, 
/**
 * Who was chosen.
 */
winner?: Slot, };

/**
 * What a provider did with the tokens of a session that was ended.
 */
export type Revocation = "done" | "not-offered" | "failed";

/**
 * Who speaks.
 */
export type Role = "user" | "assistant";

/**
 * Why this model answers.
 */
export type Routing = { 
/**
 * How it was asked for.
 */
mode: Mode, 
/**
 * The tier that the rule chose (`auto`), or the model's own (`single`).
 */
tier: Tier, 
/**
 * The rule that fired.
 */
rule: RoutingRule, 
/**
 * The model first chosen, when another one answers in its place.
 */
instead_of?: ModelId, 
/**
 * Why the first one could not.
 */
because?: ErrorCode, };

/**
 * The rules of `auto`, in the order in which they are tried.
 */
export type RoutingRule = "pinned" | "code-text" | "code-words" | "creative-words" | "complex-words" | "long-question" | "short-question" | "otherwise" | "member" | "synthesis";

/**
 * What happened when the history was found damaged. Kept until it is dismissed.
 */
export type SalvageReport = { 
/**
 * When.
 */
at: number, 
/**
 * What was wrong, in the words of SQLite.
 */
detail: string, 
/**
 * The folder in which the damaged files lie, as they were found.
 */
set_aside: string, 
/**
 * How many conversations are here.
 */
saved_conversations: number, 
/**
 * How many messages are here; those from a backup are counted.
 */
saved_messages: number, 
/**
 * How many of these messages could not be read in the damaged file and were taken from the newest good backup.
 */
messages_from_backup: number, 
/**
 * How many conversations are known to be missing.
 */
lost_conversations: number, 
/**
 * How many messages are known to be missing.
 */
lost_messages: number, 
/**
 * Where these messages are missing, the newest conversations first, at most 50.
 */
lost: Array<LostMessages>, 
/**
 * Whether the settings had to be given up.
 */
lost_settings: boolean, 
/**
 * Whether more may be missing than is known: the part of the file that says what there was is broken, too.
 */
incomplete: boolean, 
/**
 * The newest good backup, where there is one.
 */
backup?: BackupEntry, };

/**
 * Which messages come into question. Each filter narrows; without any, everything but the trash is searched.
 *
 * Filters that only a message can fulfil (`model`, `role`, `has_code`) leave the titles out.
 */
export type SearchFilters = { 
/**
 * Only what this model said.
 */
model?: ModelId, 
/**
 * Only what this side said.
 */
role?: Role, 
/**
 * Only what was said at this time or later.
 */
from?: number, 
/**
 * Only what was said before this time.
 */
to?: number, 
/**
 * Only in pinned conversations.
 */
pinned: boolean, 
/**
 * Only messages with a code block.
 */
has_code: boolean, 
/**
 * Only in this project.
 */
project?: ProjectId, 
/**
 * What about the archive.
 */
archive: ArchiveFilter, };

/**
 * A message, or a conversation by its title.
 */
export type SearchHit = { 
/**
 * The conversation.
 */
conversation: ConversationSummary, 
/**
 * The message; absent where the title was found.
 */
message?: MessageId, 
/**
 * Who said it.
 */
role?: Role, 
/**
 * The model that said it.
 */
model?: ModelId, 
/**
 * When it was said; for a title, when something was last said in the conversation.
 */
created_at: number, 
/**
 * The place in the text, or the title: in order, white space made single spaces, `…` where something is left out.
 */
snippet: Array<SnippetPart>, };

/**
 * Asks what a query would mark in texts: those that the window shows.
 */
export type SearchMarks = { 
/**
 * The query.
 */
query: string, 
/**
 * The texts as they are shown, at most 4 MB together. A match never goes from one into the next.
 */
texts: Array<string>, };

/**
 * Some of what was found: on the first page titles first, then messages, each newest first.
 */
export type SearchPage = { 
/**
 * What was found.
 */
hits: Array<SearchHit>, 
/**
 * Where to go on; absent where everything was looked at. A page does a bounded amount of work: it may hold fewer hits
 * than asked for, even none, and still have a `next`.
 */
next?: string, 
/**
 * Where there is a `next`: everything newer than this was looked at.
 */
searched_to?: number, 
/**
 * Messages that cannot be found yet, because the index has not come to them; beyond ten thousand they are not counted.
 */
pending: number, };

/**
 * Looks for something.
 */
export type SearchQuery = { 
/**
 * What the person typed, as it is. Where it says nothing, nothing is found.
 */
text: string, 
/**
 * Where to look.
 */
filters: SearchFilters, 
/**
 * `next` of the page before; the first page where absent.
 */
after?: string, 
/**
 * At most this many hits, up to 100.
 */
limit: number, };

/**
 * How far the index is.
 */
export type SearchState = { 
/**
 * Messages that the index has yet to come to.
 */
pending: number, 
/**
 * Messages that can be found.
 */
indexed: number, };

/**
 * Where secrets are kept, and how that goes.
 */
export type SecretKeeping = { 
/**
 * Where.
 */
place: KeepIn, 
/**
 * What is wrong there, as far as it was asked.
 */
trouble?: ErrorCode, 
/**
 * The vault file.
 */
vault: VaultState, };

/**
 * Chooses where secrets are kept from now on. The active session and the keys at hand go along.
 */
export type SecretKeepingSet = { 
/**
 * Where.
 */
place: KeepIn, 
/**
 * For the vault: that of the one that is there, or of the new one.
 */
passphrase?: string, };

/**
 * What a member was sent beside the conversation.
 */
export type SentToMember = { 
/**
 * Which one.
 */
slot: Slot, 
/**
 * Its parameters and system prompt.
 */
parameters: Parameters, 
/**
 * How many messages of the conversation, the question included.
 */
messages: number, };

/**
 * What kind of server answered, known by what it answers, not by its port.
 */
export type ServerKind = "vllm" | "capibara6" | "ollama" | "openai-compatible";

/**
 * What the fleet's consensus service said: the answer of the heaviest model that answered it, without a comparison.
 */
export type ServerVote = { 
/**
 * Whose answer it is.
 */
model: ModelId, 
/**
 * How many models answered it.
 */
successful_models: number, 
/**
 * Their weight, where it says so.
 */
total_weight?: number, 
/**
 * The weight of the one it chose, where it says so.
 */
selected_weight?: number, };

/**
 * A service beside the models.
 */
export type Service = "auth" | "consensus" | "backend" | "tts" | "mcp" | "rag" | "n8n";

/**
 * Everything the user can set, apart from profiles.
 */
export type Settings = { 
/**
 * A BCP 47 tag, or the system's language where absent.
 */
locale?: string, 
/**
 * Light, dark, or as the system says.
 */
theme: Theme, 
/**
 * Size of type in percent, 80 to 160.
 */
type_size: number, 
/**
 * Whether the fast model writes the titles.
 */
model_titles: boolean, 
/**
 * Whether a long answer that ends in the background is announced by the system.
 */
notify: boolean, 
/**
 * The profile in use.
 */
profile?: ProfileId, 
/**
 * What was picked last in the mode picker.
 */
mode: Mode, 
/**
 * What was picked last in the model picker, for `single`.
 */
model?: ModelId, 
/**
 * Generation parameters by model; absent values come from the profile, then from the server.
 */
parameters: { [key in ModelId]: Parameters }, 
/**
 * Where secrets are kept; `secret_keeping_set` changes it, `settings_set` does not.
 */
keep_secrets: KeepIn, 
/**
 * Where credentials may go unencrypted; `plain_consent_set` changes it, `settings_set` does not.
 */
plain_consents: Array<PlainConsent>, 
/**
 * Profiles whose plain-HTTP warning was dismissed.
 */
dismissed_warnings: Array<string>, 
/**
 * Asking several models at once.
 */
consensus: ConsensusSettings, };

/**
 * How a candidate was shown to a judge.
 */
export type ShownCandidate = { 
/**
 * Which one.
 */
slot: Slot, 
/**
 * Its label, which says nothing about its author or place.
 */
label: string, 
/**
 * How much of it was shown, in UTF-16 code units.
 */
shown: number, 
/**
 * Its length without its thinking: more than `shown` where it was cut.
 */
of: number, };

/**
 * An attempt to sign in.
 */
export type SignInAttempt = { "stage": "starting", 
/**
 * By which way.
 */
method: SignInMethod, 
/**
 * Whose page it leads to.
 */
provider: string, } | { "stage": "waiting", 
/**
 * By which way.
 */
method: SignInMethod, 
/**
 * Whose page it leads to.
 */
provider: string, 
/**
 * Until when.
 */
expires_at: number, 
/**
 * What the person types there, in the device flow.
 */
device?: DevicePrompt, 
/**
 * Why no browser was opened: the person has to take the link there themselves.
 */
browser?: AppError, } | { "stage": "arrived", 
/**
 * By which way.
 */
method: SignInMethod, 
/**
 * Who vouches for them.
 */
provider: string, 
/**
 * Who they are to the provider.
 */
subject: string, 
/**
 * What they call themselves, where they say.
 */
name?: string, 
/**
 * Their e-mail, where they say.
 */
email?: string, } | { "stage": "failed", 
/**
 * By which way.
 */
method: SignInMethod, 
/**
 * Whose page it led to.
 */
provider: string, 
/**
 * Why.
 */
error: AppError, };

/**
 * Starts an attempt; one that is there is given up.
 */
export type SignInBegin = { 
/**
 * By which way; `api-key` is none.
 */
method: SignInMethod, };

/**
 * A way to sign in.
 */
export type SignInMethod = "oidc" | "github" | "google" | "device" | "api-key";

/**
 * A way to sign in that the profile offers.
 */
export type SignInWay = { 
/**
 * Which one.
 */
method: SignInMethod, 
/**
 * The origin that it leads to; absent for keys.
 */
provider?: string, 
/**
 * The origin for which `plain_http_consent` is due before: it is another computer's and not encrypted.
 */
insecure?: string, };

/**
 * Somebody is signed in.
 */
export type SignedIn = { 
/**
 * Who.
 */
account: AccountView, 
/**
 * Why the session is not in the secret store: it lasts until the program ends.
 */
not_kept?: AppError, };

/**
 * What became of a session that was ended.
 */
export type SignedOut = { 
/**
 * What the provider did.
 */
revocation: Revocation, 
/**
 * Why the secret is still in the store, when it is. Nobody is signed in with it all the same; asking again removes it.
 */
still_stored?: AppError, };

/**
 * Why a candidate did not vote.
 */
export type Silence = "refusal" | "empty" | "failed" | "stopped" | "late";

/**
 * A candidate that did not vote.
 */
export type Silent = { 
/**
 * Which one.
 */
slot: Slot, 
/**
 * Why not.
 */
why: Silence, };

/**
 * Why something was left out, as a closed set that the window translates.
 */
export type SkipCode = "unreadable" | "unknown-format" | "newer" | "truncated" | "syntax" | "shape" | "too-large" | "empty" | "message" | "run" | "content";

/**
 * Something that was left out.
 */
export type Skipped = { 
/**
 * The file's name, without its folder.
 */
file: string, 
/**
 * Which record of the file, from 1; absent where it is about the file as a whole.
 */
record?: number, 
/**
 * The conversation's title, where it could be read.
 */
title?: string, 
/**
 * Why.
 */
code: SkipCode, 
/**
 * What exactly, untranslated: the name of a field, the parser's words, a kind of content.
 */
detail?: string, };

/**
 * A place in a run, counted from 0 in the order of the plan.
 */
export type Slot = number;

/**
 * A piece of a snippet.
 */
export type SnippetPart = { 
/**
 * Its text.
 */
text: string, 
/**
 * Whether it is what was looked for.
 */
marked: boolean, };

/**
 * What the disk holds of the history.
 */
export type StorageReport = { 
/**
 * What was saved of a damaged history, until it is dismissed.
 */
salvage?: SalvageReport, 
/**
 * When the history was last read from end to end and found whole; absent where it was not yet.
 */
checked_at?: number, 
/**
 * Size of the history with its log.
 */
bytes: number, 
/**
 * Size of all backups.
 */
backup_bytes: number, 
/**
 * How much the disk has left; absent where the system does not say.
 */
free_bytes?: number, };

/**
 * An answer written from several candidates.
 */
export type Synthesis = { 
/**
 * The answer, part by part; its message holds the same text.
 */
parts: Array<CitedPart>, 
/**
 * What they agree on.
 */
consensus: Array<CitedPart>, 
/**
 * Where they contradict each other.
 */
contradictions: Array<Contradiction>, 
/**
 * What only one of them says.
 */
unique: Array<CitedPart>, 
/**
 * What none of them says.
 */
gaps: Array<string>, };

/**
 * The message of a synthesis.
 */
export type SynthesisMessage = { 
/**
 * Its message.
 */
message: MessageId, 
/**
 * How far it is.
 */
status: SynthesisStatus, };

/**
 * How far a synthesis is.
 */
export type SynthesisStatus = "writing" | "complete" | "failed";

/**
 * What a question asks for, and so what its answers are compared by.
 */
export type TaskClass = "number" | "choice" | "yes-no" | "date" | "time" | "list" | "short-fact" | "code" | "open";

/**
 * A stretch of a text in UTF-16 code units.
 */
export type TextSpan = { 
/**
 * Where it begins.
 */
start: number, 
/**
 * Where the text after it begins.
 */
end: number, };

/**
 * The colours of the window.
 */
export type Theme = "system" | "light" | "dark";

/**
 * How a tie between answers (or between members of one) is broken, in this order.
 */
export type TieRule = "weight" | "more-members" | "heaviest-member" | "lowest-slot";

/**
 * What a model is best at; `auto` routing chooses one of these.
 */
export type Tier = "fast" | "code" | "complex" | "creative";

/**
 * How much a tier was used.
 */
export type TierUse = { 
/**
 * The tier that was asked for.
 */
tier: Tier, 
/**
 * Answers that ended by themselves.
 */
answers: number, };

/**
 * A transfer of this run of the program.
 */
export type Transfer = { 
/**
 * Its id.
 */
id: TransferId, 
/**
 * How far it is.
 */
progress: TransferProgress, 
/**
 * How it ended; absent while it runs.
 */
report?: TransferReport, };

/**
 * What was begun.
 */
export type TransferBegun = { 
/**
 * The transfer; absent where the user cancelled the dialog.
 */
transfer?: TransferId, };

/**
 * An export or import of this run of the program.
 */
export type TransferId = string;

/**
 * Which way conversations go.
 */
export type TransferKind = "export" | "import";

/**
 * How far a transfer is.
 */
export type TransferProgress = { 
/**
 * Which way.
 */
kind: TransferKind, 
/**
 * Conversations so far.
 */
done: number, 
/**
 * Conversations in all; absent where that is not known (a file that is being read says it at its end).
 */
total?: number, 
/**
 * Bytes read or written so far.
 */
bytes: number, 
/**
 * Bytes in all; absent where that is not known.
 */
bytes_total?: number, };

/**
 * Names a transfer.
 */
export type TransferRef = { 
/**
 * Which one.
 */
id: TransferId, };

/**
 * How a transfer ended. What was brought in or written before a cancellation or an error stays.
 */
export type TransferReport = { 
/**
 * Which way.
 */
kind: TransferKind, 
/**
 * Conversations that were written, or brought in: new ones.
 */
conversations: number, 
/**
 * Messages that were written, or brought in: new ones, in new and in known conversations.
 */
messages: number, 
/**
 * Conversations that were known and got new messages.
 */
grown: number, 
/**
 * Conversations that were known with all their messages.
 */
already_there: number, 
/**
 * What was left out: the first ones, in the order of the files. In an event as many as fit a frame; `transfer_list`
 * gives more.
 */
skipped: Array<Skipped>, 
/**
 * How many were left out in all.
 */
skipped_total: number, 
/**
 * Whether the user ended it.
 */
cancelled: boolean, 
/**
 * What was written, or read where that was a single file, as the system shows it; `transfer_reveal` opens its folder.
 */
path?: string, 
/**
 * Why it could not go on to the end.
 */
error?: AppError, };

/**
 * How often a degree of agreement was upheld.
 */
export type UpheldAgreement = { 
/**
 * The degree.
 */
agreement: Agreement, 
/**
 * How many verdicts of that degree the user answered with one of their own.
 */
judged: number, 
/**
 * How many of those kept the winner's answer.
 */
upheld: number, };

/**
 * How the vault file stands.
 */
export type VaultState = "absent" | "locked" | "open";

/**
 * Opens the vault.
 */
export type VaultUnlock = { 
/**
 * Its passphrase.
 */
passphrase: string, };

/**
 * What came of the answers so far.
 */
export type Verdict = { 
/**
 * 1 for the first, one more for each that says something else.
 */
revision: number, 
/**
 * Why it was given when it was given.
 */
moment: Moment, 
/**
 * Whether as many as the plan wanted had answered.
 */
quorum: Quorum, 
/**
 * How far those who answered agree.
 */
agreement: Agreement, 
/**
 * What agreement was read from.
 */
basis: Basis, 
/**
 * How the winner was found: the plan's method, or `weighted-vote` while and where a judge or a synthesis decided nothing.
 */
method: ConsensusMethod, 
/**
 * Why that method, and which of its rules decided.
 */
rule: DecisionRule, 
/**
 * Which rule broke a tie; absent where there was none.
 */
tie?: TieRule, 
/**
 * The rules or the user.
 */
decided_by: DecidedBy, 
/**
 * The candidate that was chosen; absent where nobody answered, or where a synthesis continues the conversation.
 */
winner?: Slot, 
/**
 * The message that continues the conversation: the winner's, or the synthesis.
 */
message?: MessageId, 
/**
 * The answers given, heaviest first. Every candidate that voted is in exactly one of them.
 */
groups: Array<AnswerGroup>, 
/**
 * Those who did not vote, and why.
 */
silent: Array<Silent>, 
/**
 * Weight of those who voted, as counted (`majority` counts each as 1).
 */
answered_weight: number, 
/**
 * Weight of all members.
 */
total_weight: number, 
/**
 * Those who say something else than the winner, and in what.
 */
dissent: Array<Dissent>, 
/**
 * What other ways would have chosen, always on record.
 */
baselines: Baselines, 
/**
 * How many independent votes these members are worth, estimated from earlier verdicts of the user's; absent where
 * there are too few.
 */
n_eff?: number, 
/**
 * What the judge did.
 */
judge?: JudgeOutcome, 
/**
 * What the synthesis says, once it is complete.
 */
synthesis?: Synthesis, 
/**
 * What the fleet's service said.
 */
server?: ServerVote, 
/**
 * From the end of the slowest answer that counts (that of its line, where it was asked for one) to the verdict,
 * microseconds, without the time of a judge or synthesis.
 */
took_us?: number, };

/**
 * Which weights count.
 */
export type WeightSource = "given" | "learned";

/**
 * What the native menu can ask of the window.
 */
export type WindowAction = "new-chat" | "settings" | "find" | "palette" | "shortcuts" | "about" | "toggle-sidebar" | "toggle-inspector" | "larger-type" | "smaller-type" | "reset-type";

/** The commands of the bridge: what each takes and gives. */
export interface Commands {
  /** What the window needs before it can be used. */
  boot: { request: null; response: Boot };
  /** The window can be used: ends the measured start. Idempotent. */
  window_ready: { request: null; response: null };
  /** Versions. */
  about: { request: null; response: About };
  /** Text for a bug report: versions, profile without secrets, endpoint states, last log lines. */
  diagnostics: { request: null; response: string };
  /** Opens a link in the system's browser. */
  link_open: { request: LinkOpen; response: null };
  /** All settings. */
  settings_get: { request: null; response: Settings };
  /** Replaces all settings but the profile. */
  settings_set: { request: Settings; response: Settings };
  /** The profiles at hand. */
  profile_list: { request: null; response: Array<ProfileOption> };
  /** Uses a profile from now on. */
  profile_select: { request: ProfileRef; response: ProfileView };
  /** Reads a profile, to edit or copy it. */
  profile_read: { request: ProfileRef; response: ProfileView };
  /** Writes a profile of the user's own. */
  profile_save: { request: ProfileSave; response: ProfileOption };
  /** Removes a profile of the user's own. */
  profile_delete: { request: ProfileRef; response: null };
  /** Asks every model's address what it serves. */
  profile_test: { request: Profile; response: Array<EndpointTest> };
  /** Looks for servers on this computer: loopback only, and only on this request. */
  servers_scan: { request: null; response: Array<FoundServer> };
  /** The states of the active profile's endpoints. */
  health: { request: null; response: Array<EndpointState> };
  /** Asks the endpoints again now. */
  health_refresh: { request: null; response: null };
  /** Which endpoints have a key. */
  key_states: { request: null; response: KeyStates };
  /** Stores a key. */
  key_set: { request: KeySet; response: KeyStates };
  /** Removes a key. */
  key_clear: { request: ModelRef; response: KeyStates };
  /** Everything about accounts; waits for nothing. */
  account_state: { request: null; response: Accounts };
  /** Makes another account the active one, with its history. */
  account_switch: { request: AccountRef; response: Accounts };
  /** Opens the history of nobody in particular; whoever was signed in stays so. */
  account_leave: { request: null; response: Accounts };
  /** Forgets an account on this computer; where it is the active one, it is signed out before. */
  account_forget: { request: AccountForget; response: Accounts };
  /** Starts an attempt to sign in and opens the browser. What becomes of it is told by `sign-in-changed`. */
  sign_in_begin: { request: SignInBegin; response: SignInAttempt };
  /** Opens the browser again. */
  sign_in_open_again: { request: null; response: null };
  /** The link that the browser opens, to be copied. Whoever has it can take part in this attempt and in no other. */
  sign_in_link: { request: null; response: string };
  /** Gives the attempt up, or puts away that it failed. Nothing happens where there is none. */
  sign_in_cancel: { request: null; response: null };
  /** The person who arrived is the user: signs them in and opens their history. */
  sign_in_confirm: { request: null; response: SignedIn };
  /** Ends an account's session, removes its secret and closes its history. */
  sign_out: { request: AccountRef; response: SignedOut };
  /** Asks the secret store again how it does: takes up to some seconds. */
  secret_keeping_check: { request: null; response: Accounts };
  /** Chooses where secrets are kept. */
  secret_keeping_set: { request: SecretKeepingSet; response: Accounts };
  /** Opens the vault with its passphrase and takes up the session in it. */
  vault_unlock: { request: VaultUnlock; response: Accounts };
  /** Deletes a vault that is closed, with all that is in it. */
  vault_discard: { request: null; response: Accounts };
  /** Lets credentials go unencrypted to an address on another computer, or takes that back. */
  plain_consent_set: { request: PlainConsentSet; response: Accounts };
  /** A page of conversations. */
  conversation_list: { request: ConversationList; response: ConversationPage };
  /** A stretch of a conversation. */
  conversation_open: { request: ConversationOpen; response: ConversationView };
  /** Changes a title. */
  conversation_rename: { request: ConversationRename; response: ConversationSummary };
  /** Pins or unpins. */
  conversation_pin: { request: ConversationPin; response: ConversationSummary };
  /** Removes a conversation from the list; `conversation_restore` brings it back. */
  conversation_delete: { request: ConversationRef; response: null };
  /** Brings a deleted conversation back. */
  conversation_restore: { request: ConversationRef; response: ConversationSummary };
  /** Shows another version: makes the branch through this message the active one. */
  conversation_select: { request: MessageRef; response: ConversationView };
  /** Writes conversations to a place that the user is asked for. */
  export_begin: { request: ExportRequest; response: TransferBegun };
  /** Brings in conversations from files that the user is asked for, or has dropped on the window. */
  import_begin: { request: ImportRequest; response: TransferBegun };
  /** The exports and imports of this run of the program, oldest first. */
  transfer_list: { request: null; response: Array<Transfer> };
  /** Ends an export or import; what it did so far stays. */
  transfer_cancel: { request: TransferRef; response: null };
  /** Shows what was written in the system's file manager. */
  transfer_reveal: { request: TransferRef; response: null };
  /** Opens the system's print dialog for the branch of a conversation that is shown (where it can also become a PDF). */
  conversation_print: { request: ConversationRef; response: null };
  /** Makes another conversation with the same messages, all versions among them. */
  conversation_duplicate: { request: ConversationDuplicate; response: ConversationSummary };
  /** Makes another conversation with everything up to this message, as it stands on its branch. */
  conversation_branch: { request: MessageRef; response: ConversationSummary };
  /** Puts conversations into a project or takes them out. */
  conversations_move: { request: ConversationsMove; response: Array<ConversationSummary> };
  /** Archives conversations or takes them out of the archive. */
  conversations_archive: { request: ConversationsArchive; response: Array<ConversationSummary> };
  /** Pins or unpins conversations. */
  conversations_pin: { request: ConversationsPin; response: Array<ConversationSummary> };
  /** Removes conversations from the list; `conversations_restore` brings them back. */
  conversations_delete: { request: ConversationsRef; response: null };
  /** Brings deleted conversations back. */
  conversations_restore: { request: ConversationsRef; response: Array<ConversationSummary> };
  /** Removes deleted conversations for good, their words from the disk as well. Cannot be undone. */
  conversations_purge: { request: ConversationsRef; response: null };
  /** Makes one conversation out of several. Undone by deleting it and restoring the sources. */
  conversations_merge: { request: ConversationsMerge; response: ConversationSummary };
  /** The projects in their order. */
  project_list: { request: null; response: Array<Project> };
  /** Makes a project. */
  project_create: { request: ProjectCreate; response: Project };
  /** Changes a project's name. */
  project_rename: { request: ProjectRename; response: Project };
  /** Moves a project in the list. */
  project_move: { request: ProjectMove; response: Array<Project> };
  /** Removes a project; its conversations stay, in no project. `project_restore` brings it back with those of them that */
  /** are still in none. */
  project_delete: { request: ProjectRef; response: null };
  /** Brings a deleted project back. */
  project_restore: { request: ProjectRef; response: Project };
  /** Finds what was said. */
  search: { request: SearchQuery; response: SearchPage };
  /** What a query would mark in texts: for each of them the stretches, in order, at most 2,000. */
  search_marks: { request: SearchMarks; response: Array<Array<TextSpan>> };
  /** How far the index is. */
  search_state: { request: null; response: SearchState };
  /** Makes the index anew from the messages. What is not yet in it is not found meanwhile. */
  search_rebuild: { request: null; response: null };
  /** Asks. */
  chat_send: { request: ChatSend; response: ChatStarted };
  /** Asks in other words. */
  chat_edit: { request: ChatEdit; response: ChatStarted };
  /** Answers again. */
  chat_regenerate: { request: ChatRegenerate; response: ChatStarted };
  /** Goes on with an answer that was interrupted, stopped or cut short, in the same message. */
  chat_continue: { request: MessageRef; response: ChatStarted };
  /** Stops an answer. */
  chat_stop: { request: MessageRef; response: null };
  /** Asks several models at once. */
  consensus_begin: { request: ConsensusAsk; response: ConsensusStarted };
  /** Asks the others what one has answered already. */
  consensus_ask_others: { request: ConsensusAskOthers; response: ConsensusStarted };
  /** A run as it stands. */
  consensus_run: { request: ConsensusRef; response: ConsensusRun };
  /** The runs of a conversation, oldest first. */
  consensus_list: { request: ConversationRef; response: Array<ConsensusRun> };
  /** Prompts, orders, seed and resemblances of a run. */
  consensus_record: { request: ConsensusRef; response: ConsensusRecord };
  /** The answers of a run: its candidates in the order of the slots, then what was written from them. */
  consensus_answers: { request: ConsensusRef; response: Array<Message> };
  /** Stops one candidate; the others go on. */
  consensus_stop_candidate: { request: ConsensusSlotRef; response: null };
  /** Stops all that are not done: what is there decides. */
  consensus_stop: { request: ConsensusRef; response: null };
  /** The user's own verdict: this candidate continues the conversation, and weights learn from it. */
  consensus_choose: { request: ConsensusSlotRef; response: ConsensusRun };
  /** Takes the user's own verdict back: the method's counts again, and nothing is learned from it. */
  consensus_give_back: { request: ConsensusRef; response: ConsensusRun };
  /** What was learned from the user's own verdicts. */
  consensus_weights: { request: null; response: LearnedWeights };
  /** Sets a learned weight by hand, or gives it back. */
  consensus_weights_set: { request: LearnedWeightSet; response: LearnedWeights };
  /** What was measured of models and endpoints. */
  model_stats: { request: ModelStatsAsk; response: ModelStats };
  /** How the open history lies on disk. */
  encryption_state: { request: null; response: Encryption };
  /** How every history of this computer lies on disk: nobody's in particular first. Waits a moment for the secret store. */
  encryption_list: { request: null; response: Array<HistoryLock> };
  /** Encrypts the open history. */
  encryption_enable: { request: EncryptionEnable; response: Encryption };
  /** Takes the encryption of the open history away. */
  encryption_disable: { request: null; response: Encryption };
  /** Opens an encrypted history. */
  encryption_unlock: { request: EncryptionUnlock; response: Encryption };
  /** Changes the recovery passphrase. */
  encryption_passphrase_set: { request: EncryptionPassphraseSet; response: Encryption };
  /** The backups at hand. */
  backup_list: { request: null; response: Backups };
  /** Makes a backup now, and gives it once it was read from end to end. */
  backup_create: { request: null; response: BackupEntry };
  /** What a backup holds: reads all of it, which takes seconds where it is large. */
  backup_preview: { request: BackupRef; response: BackupPreview };
  /** Puts a backup in the place of the history, after a backup of the history. Answers that are being written end before. */
  backup_restore: { request: BackupRef; response: BackupEntry };
  /** Removes a backup. */
  backup_delete: { request: BackupRef; response: Backups };
  /** Changes how long backups are kept; what is no longer wanted is removed at once. */
  backup_retention_set: { request: Retention; response: Backups };
  /** What the disk holds of the history, and what was saved of a damaged one. */
  storage_report: { request: null; response: StorageReport };
  /** The report about a damaged history was read. The files that were set aside stay. */
  salvage_dismiss: { request: null; response: null };
}
