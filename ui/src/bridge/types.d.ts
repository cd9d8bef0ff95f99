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
 * Which shortcuts are usual here.
 */
platform: Platform, 
/**
 * Why history cannot be written (or read), when it cannot.
 */
storage_trouble?: ErrorCode, };

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
limit: number, };

/**
 * Opens a conversation at the end of its active branch, or shows what stands before.
 */
export type ConversationOpen = { 
/**
 * Which one.
 */
id: ConversationId, 
/**
 * Only messages before this one; the end of the branch where absent.
 */
before?: MessageId, 
/**
 * At most this many messages, up to 200.
 */
limit: number, };

/**
 * A page of the list: pinned ones first, then by `updated_at`, newest first.
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
updated_at: number, };

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
earlier: boolean, };

/**
 * How an endpoint does, in one word.
 */
export type EndpointHealth = "up" | "down" | "degraded" | "unknown";

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
export type ErrorCode = "unreachable" | "refused" | "timeout-connect" | "timeout-first-token" | "timeout-idle" | "tls" | "unauthorised" | "rate-limited" | "model-not-found" | "context-too-long" | "bad-request" | "overloaded" | "server" | "truncated" | "malformed" | "simulated" | "cancelled" | "not-found" | "invalid-input" | "no-profile" | "no-model" | "profile-invalid" | "busy" | "storage-full" | "storage-read-only" | "storage-newer" | "storage-damaged" | "storage-failed" | "secret-store-absent" | "secret-store-locked" | "secret-store-denied" | "secret-store-failed" | "vault-wrong-passphrase" | "vault-damaged" | "sign-in-expired" | "sign-in-refused" | "sign-in-rejected" | "sign-in-unavailable" | "session-expired" | "port-taken" | "insecure-transport" | "link-refused" | "internal";

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
error?: AppError, } | { "type": "conversation-changed", 
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
error: AppError, } | { "type": "storage-recovered" } | { "type": "transfer-progress", 
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
count: number, } | { "type": "history-changed" } | { "type": "request", 
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
 * Opens a link outside, through the one checked door.
 */
export type LinkOpen = { 
/**
 * `https`, `http` or `mailto`.
 */
url: string, };

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
export type Mode = "auto" | "single";

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
 * A project: a folder of conversations.
 */
export type ProjectId = string;

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
export type RoutingRule = "pinned" | "code-text" | "code-words" | "creative-words" | "complex-words" | "long-question" | "short-question" | "otherwise";

/**
 * What kind of server answered, known by what it answers, not by its port.
 */
export type ServerKind = "vllm" | "capibara6" | "ollama" | "openai-compatible";

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
 * Profiles whose plain-HTTP warning was dismissed.
 */
dismissed_warnings: Array<string>, };

/**
 * Why something was left out, as a closed set that the window translates.
 */
export type SkipCode = "unreadable" | "unknown-format" | "newer" | "truncated" | "syntax" | "shape" | "too-large" | "empty" | "message" | "content" | "conflict";

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
 * The colours of the window.
 */
export type Theme = "system" | "light" | "dark";

/**
 * What a model is best at; `auto` routing chooses one of these.
 */
export type Tier = "fast" | "code" | "complex" | "creative";

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
}
