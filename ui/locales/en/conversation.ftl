### The conversation: header, state of the models, messages, composer, pickers and inspector.

conversation-region = Conversation
conversation-untitled = New conversation
conversation-loading = Opening the conversation…
conversation-earlier = Show earlier messages
conversation-earlier-loading = Loading earlier messages…
conversation-jump-end = Jump to the end
conversation-messages = Messages

## Empty state: teaches with three real examples

empty-title = Where shall we start?
empty-hint = Ask in your own words, or try one of these:
empty-example-fast = Explain in three sentences what a worker co-operative is
empty-example-code = Write a Python function that validates an IBAN, with its tests
empty-example-complex = Compare renting and buying servers for 40 people, in a table

## State of the models

health-label = State of the models
health-up = available
health-down = not answering
health-degraded = failing at times
health-unknown = not checked
health-since = since { $time }
health-latency = answers in { $ms } ms
health-latency-least = answers in under 1 ms
health-scripted = scripted
health-refresh = Check now
health-endpoint = { $model }: { $state }

insecure-warning = { $count ->
    [one] The connection to { $models } is not encrypted and its address is public: anyone on the way can read what you write.
   *[other] The connections to { $models } are not encrypted and their addresses are public: anyone on the way can read what you write.
}
insecure-dismiss = Understood

## Messages

message-you = You
message-by = Answer by { $model }
message-scripted = scripted
message-scripted-help = These words are a script of the practice fleet: no model wrote them.
message-status-streaming = Answering…
message-status-waiting = Waiting for the first word…
message-status-complete = Answer complete
message-status-stopped = Stopped by you
message-status-interrupted = Interrupted: the program closed while it was being written
message-status-failed = Not finished because of an error
message-status-length = Cut at the maximum length
message-empty = The model finished without writing anything.
message-reasoning = Reasoning
message-reasoning-streaming = Reasoning…
message-versions = Versions of this message
message-version = { $index } of { $count }
message-branch-prev = Previous version
message-branch-next = Next version
message-copy = Copy
message-copied = Copied
message-regenerate = Answer again
message-edit = Edit the question
message-continue = Continue
message-retry = Try again
message-actions = Message actions
message-omitted = { $messages ->
    [one] To fit the context of { $context } tokens, the oldest message was left out ({ $tokens } tokens).
   *[other] To fit the context of { $context } tokens, the { $messages } oldest messages were left out ({ $tokens } tokens).
}
message-omitted-estimated = { $messages ->
    [one] To fit the context of { $context } tokens, the oldest message was left out (about { $tokens } tokens).
   *[other] To fit the context of { $context } tokens, the { $messages } oldest messages were left out (about { $tokens } tokens).
}
edit-label = Edit the question
edit-hint = The earlier question and its answer are kept as another version.
edit-save = Ask again
edit-cancel = Cancel

code-language = Code in { $language }
code-plain = text
code-copy = Copy
code-copied = Copied
image-blocked = Image not loaded: { $alt }
image-blocked-help = Remote images are never loaded by themselves: doing so would tell their server.
table-label = Table

## Why this model

routing-pinned = you picked it
routing-code-text = the question contains code
routing-code-words = the question is about programming
routing-creative-words = the question asks for a piece of writing
routing-complex-words = the question asks for reasoning or comparison
routing-long-question = the question is long
routing-short-question = the question is short
routing-otherwise = no more specific rule applies
routing-member = it was asked together with others
routing-synthesis = it writes one answer from those of the others
routing-fallback = instead of { $model }: { $reason }

tier-fast = fast
tier-code = code
tier-complex = complex
tier-creative = creative

## Metrics (only what was measured; what the server does not say is not shown)

metrics-label = Measurements of the answer
metrics-model = Model
metrics-why = Why
metrics-tier = Category
metrics-ttft = First word
metrics-duration = Duration
metrics-speed = Speed
metrics-tokens = Tokens
metrics-finish = End
metrics-status = Status
metrics-ms = { $value } ms
metrics-seconds = { $value } s
metrics-tokens-per-second = { $value } tok/s
metrics-tokens-both = { $prompt } + { $completion }
metrics-tokens-help = { $prompt } in the request, { $completion } in the answer
metrics-not-reported = the server does not say
finish-stop = complete
finish-length = maximum length
finish-tool-calls = asks for a tool
finish-content-filter = content filter
finish-other = another reason

inspector-title = This answer
inspector-empty = Pick an answer to see which model wrote it, why, and how fast.
inspector-open = Show the inspector
inspector-close = Close the inspector

## Composer

composer-label = Your question
composer-placeholder = Ask anything…
composer-hint = Enter sends, Shift + Enter starts a new line
composer-send = Send
composer-stop = Stop

mode-label = Mode
mode-auto = Automatic
mode-auto-help = Picks the model by the question and says why
mode-single = One model
mode-single-help = The model you pick always answers
mode-consensus = Consensus
model-label = Model
model-auto = By the question
model-choose = Pick a model

## The door for links

link-door-title = Open this link?
link-door-host = It leads to { $host }
link-door-mail = Write an email to { $address }
link-door-insecure = This address is not encrypted.
link-door-homograph = Careful: the name mixes alphabets and may imitate another. Its exact form is { $ascii }.
link-door-open = Open in the browser
link-door-copy = Copy the address
link-door-cancel = Cancel
