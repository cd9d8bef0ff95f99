### Asking several models at once: the run, its verdict, everything behind it, and the plans that say how it is done.

consensus-label = Several models on one question
consensus-candidates = Candidates. The arrows walk between them, Enter chooses one, Space shows the whole answer.
consensus-sample = { $model } ({ $number })
consensus-answered = { $answered } of { $of } answered
consensus-until-quorum = a verdict from { $quorum } answers on
consensus-left = { $time } left
consensus-stop = Stop all
consensus-see-vote = See the vote
consensus-hide-vote = Hide the vote
consensus-ask-others = Ask the others
consensus-ask-others-help = The other models answer the same question, and this answer becomes one of the candidates
consensus-whole = Whole answer of { $model }
consensus-choose = Go on with this answer
consensus-undo = Back to { $model }
consensus-give-back = Undo my choice

## How far they agree: read from the answers, or only from how similar the texts are

consensus-agreement-unanimous = Unanimous: { $count } of { $of }
consensus-agreement-majority = Majority: { $count } of { $of }
consensus-agreement-split = Split: no answer has most of the weight
consensus-agreement-none = { $of ->
    [one] Only one answered
   *[other] Nobody answered
}
consensus-similar-unanimous = All similar: { $count } of { $of }
consensus-similar-majority = Mostly similar: { $count } of { $of }
consensus-similar-split = Different: no similar answers have most of the weight
consensus-weight = weight { $weight } of { $of }
consensus-weight-one = weight { $weight }
consensus-dissents = { $model } dissents
consensus-dissents-in = { $model } says { $answer }
consensus-dissents-more = { $count ->
    [one] and one more dissents
   *[other] and { $count } more dissent
}

## What follows for trust: docs/consensus.md says why

consensus-trust-unanimous = They agree, which is a good sign and no proof: on what none of them knows, models share the same error.
consensus-trust-majority = Most agree: look at what the others say before you use it.
consensus-trust-split = They disagree, so the vote recommends nothing. Compare the answers and check before you use one.
consensus-trust-none = There is nothing to compare: agreement says nothing here.

## What else has to be known

consensus-note-late = A late answer changed the verdict.
consensus-note-late-chosen = A late answer changed how far they agree. Your choice stays.
consensus-note-quorum = Fewer answered than wanted: { $answered } of { $quorum }.
consensus-note-deadline = The deadline of { $time } decided.
consensus-note-waiting = { $count ->
    [one] Still waiting for { $models }; the answer may change the verdict.
   *[other] Still waiting for { $models }; their answers may change the verdict.
}
consensus-note-waiting-chosen = { $count ->
    [one] Still waiting for { $models }. Your choice stays, whatever the answer.
   *[other] Still waiting for { $models }. Your choice stays, whatever their answers.
}
consensus-note-deciding = { $model } is comparing the answers. Until then the vote counts.
consensus-note-writing = { $model } is writing one answer from all. Until then the vote counts.
consensus-note-user = You chose this answer.
consensus-ruled = The method had chosen { $model }.
consensus-ruled-synthesis = The method had chosen the synthesis of all.
consensus-ruled-nobody = The method had chosen nobody.
consensus-note-given-back = You undid your choice: the method decides.
consensus-tie-weight = There was a tie: more weight decided.
consensus-tie-more-members = There was a tie: more members decided.
consensus-tie-heaviest-member = There was a tie: the heaviest member decided.
consensus-tie-lowest-slot = There was a tie in everything: the order of the plan decided.
consensus-judge-waiting = { $model } is judging.
consensus-judge-stable = { $model } judged, with the same result in both orders.
consensus-judge-unstable = { $model } judged, but its choice changed with the order: it does not count, and the vote decided.
consensus-judge-undecided = { $model } found no answer better than the others: the vote decided.
consensus-judge-malformed = { $model } did not keep to the form of a judgement: the vote decided.
consensus-judge-failed = { $model } could not be asked to judge: the vote decided.
consensus-judge-useless = There were fewer than two answers for { $model } to judge: the vote decided.

consensus-chosen = chosen by consensus
consensus-chosen-user = chosen by you
consensus-chosen-synthesis = written from all answers
consensus-chosen-server = chosen by the fleet’s consensus service
consensus-chosen-alone = the only answer
consensus-chosen-judge = chosen by the judge
consensus-chosen-split = no consensus: the answer with the most weight
consensus-chosen-not = not the answer that was chosen
consensus-chosen-said = { $model } goes on. You can choose again.

## A candidate

candidate-waiting = Waiting for the first word…
candidate-thinking = Reasoning…
candidate-streaming = Writing…
candidate-naming = Asked again, for its answer alone…
candidate-late = Not there yet; the verdict was given without it.
candidate-late-deadline = No answer before the deadline. The vote went on without it.
candidate-stopped = Stopped by you. It does not vote.
candidate-interrupted = Interrupted: the program closed while it was being written. It does not vote.
candidate-failed-decided = { $why } The vote went on without it.
candidate-refusal = Declines, and does not vote.
candidate-empty = Says nothing, and does not vote.
candidate-dissents = dissents
candidate-strongest = the heaviest member
candidate-stop = Stop { $model }
candidate-open-help = Show the whole answer (Space); Enter goes on with it
candidate-figures-help = Weight, time to the first word, speed

consensus-bar = { $model }, weight { $weight }, { $stand }
consensus-stand-with = with the heaviest answer
consensus-stand-against = dissents
consensus-stand-silent = did not vote
consensus-stand-waiting = waiting
consensus-stand-writing = writing
consensus-stand-done = answered

## Everything behind the verdict

vote-groups = The vote
vote-how = How it was decided
vote-dissent = What those who dissent say
vote-judge = The judge
vote-synthesis = The synthesis
vote-server = The fleet’s consensus service
vote-baselines = What other ways would have chosen
vote-revisions = How the verdict changed
vote-answers = All answers as they came
vote-record = What was sent
vote-answer = Answer
vote-members = Who
vote-weight = Weight
vote-group = Similar answers, group { $number }
vote-total = { $answered } of { $total } of the weight answered.
vote-silence-refusal = Declines
vote-silence-empty = Empty
vote-silence-failed = Failed
vote-silence-stopped = Stopped
vote-silence-late = Not there yet
vote-fact-class = Kind of question
vote-fact-basis = Compared by
vote-fact-asked = Method
vote-fact-rule = Decided by
vote-fact-tie = Tie
vote-fact-moment = When
vote-fact-quorum = Quorum
vote-fact-deadline = Deadline
vote-fact-weights = Weights
vote-fact-neff = Independent votes
vote-fact-ruled = The method
vote-fact-took = Time for the vote
vote-fact-seed = Seed
vote-neff-none = not known: too few verdicts of yours
vote-neff-value = these members are worth about { $value }
vote-cite = Show the answer of { $model }
vote-judge-none = found none better
vote-left-out = Not shown, for lack of room: { $models }.
vote-judge-excluded = Not shown to the judge, because they are its own: { $models }.
vote-server-said = It gives the answer of { $model }, the heaviest of { $count } that answered it. It does not compare answers.
vote-parts = The answer, part by part
vote-agreed = What they agree on
vote-contradictions = Where they contradict each other
vote-unique = What only one says
vote-gaps = What none says
vote-uncited = no source named
vote-revision = { $moment }: { $agreement }, { $winner }
vote-letters = { $count ->
    [one] one character
   *[other] { $count } characters
}
vote-sent = { $count ->
    [one] one message
   *[other] { $count } messages
}
vote-told = Instructions for { $models }
vote-lines = Asked again, for the answer alone
vote-line-said = says “{ $answer }”
vote-line-none = says that it gave no definite answer
vote-line-silent = did not say: its text was read
vote-line-waiting = has not said yet
vote-line-shown = shown { $shown } of the { $of } characters of its answer
vote-line-asked = What it was asked after its answer
vote-temperature = temperature { $value }
vote-seed = seed { $value }
vote-resemblance = How similar the texts are
vote-asked-judge = Question { $number } to { $model }, the judge
vote-asked-synthesis = Question { $number } to { $model }, the writer
vote-order = In this order: { $order }.
vote-label = { $label } = { $model }
vote-system = Role
vote-prompt = Question
vote-schema = Form of the reply
vote-reply = Reply

baseline-best-single = The heaviest member alone
baseline-majority = One vote each
baseline-weighted-vote = Weighted vote
baseline-medoid = The most similar answer
baseline-nobody = nobody

agreement-unanimous = unanimous
agreement-majority = majority
agreement-split = split
agreement-none = no agreement

basis-answers = what the answers say
basis-resemblance = how similar the texts are

moment-all-ended = all had ended
moment-quorum = as many as wanted had answered
moment-deadline = the deadline had come
moment-late-answer = a late answer came
moment-judged = judge or writer had ended
moment-user-choice = you had chosen
moment-given-back = you had given the choice back

quorum-met = { $quorum } wanted, reached
quorum-missed = { $quorum } wanted, not reached

weights-given = as set
weights-learned = learned from your verdicts

class-number = a number
class-choice = a choice
class-yes-no = yes or no
class-date = a date
class-time = a time
class-list = a list
class-short-fact = a short fact
class-code = code
class-open = open

consensus-rule-nobody-answered = nobody answered
consensus-rule-only-answer = the only answer
consensus-rule-all-agree = all say the same
consensus-rule-heaviest-answer = the answer with the most weight
consensus-rule-most-frequent-answer = the answer that most gave
consensus-rule-most-similar = the answer most similar to the others
consensus-rule-judge-choice = the judge, in both orders
consensus-rule-judge-unstable = the vote, because the judge did not settle on one answer
consensus-rule-judge-failed = the vote, because the judge failed
consensus-rule-judge-useless = the vote, because there was too little to judge
consensus-rule-synthesised = a synthesis of all
consensus-rule-synthesis-failed = The synthesis failed: the vote decided.
consensus-rule-server-choice = the fleet’s service
consensus-rule-user-choice = you

## Methods, each explained in one line

method-weighted-vote = Weighted vote
method-weighted-vote-help = The answer with the most weight; for open questions the most similar one.
method-majority = Majority
method-majority-help = One vote for each model.
method-medoid = Most similar answer
method-medoid-help = The answer that most resembles all others.
method-judge = Judge
method-judge-help = A model compares the answers without names, in two orders that must agree.
method-synthesis = Synthesis
method-synthesis-help = A model writes one answer from all and says what came from whom.
method-self-consistency = One model several times
method-self-consistency-help = The same model answers several times, and its answers vote.
method-server = Service of the fleet
method-server-help = The fleet’s own service: the answer of its heaviest model, without a comparison.

## The plan

plan-label = Who is asked
plan-models = { $count ->
    [one] One model
   *[other] { $count } models
}
plan-samples = { $count ->
    [one] Once
   *[other] { $count } times
}
plan-delivered = { $count ->
    [one] As delivered: one model
   *[other] As delivered: all { $count } models
}
plan-set-up = Choose models and method…
plan-title = Asking several models
plan-lead = Who answers, how much each counts, and how that becomes one answer.
plan-presets = Plans
plan-presets-none = None of your own yet: what you save here gets a name and can be picked beside the mode.
plan-new = New plan
plan-name = Name
plan-name-first = My plan
plan-members = Models and weights
plan-weight = Weight of { $model }
plan-method = Method
plan-quorum = Answers needed
plan-quorum-help = A verdict is given as soon as so many have answered; late answers may change it.
plan-deadline = Deadline
plan-deadline-help = Then whatever is there decides. Empty: no deadline.
plan-seconds = s
plan-samples-label = How often
plan-judge = Who judges or writes
plan-judge-delivered = The heaviest model that is no member
plan-weights = Weights
plan-weights-given = As set here
plan-weights-learned = Learned from your verdicts, where there are enough
plan-form = Answers to closed questions
plan-form-last-line = Closed with a line that holds the answer alone
plan-form-free = As each model likes
plan-save = Save and use
plan-delete = Delete
plan-up = Move { $name } up
plan-down = Move { $name } down
plan-use = Use
plan-in-use = in use
plan-edit = Edit { $name }
plan-problem-name = A plan needs a name.
plan-problem-name-long = At most { $most } characters.
plan-problem-name-taken = There is a plan of this name.
plan-problem-members = Choose 2 to { $most } models.
plan-problem-one = Choose exactly one model.
plan-problem-missing = This profile does not have this model: leave it out.
plan-problem-weight = A number above 0.
plan-problem-samples = A whole number from { $least } to { $most }.
plan-problem-quorum = A whole number from 2 to { $most }.
plan-problem-quorum-two = Here it can only be 2.
plan-problem-deadline = From { $least } to { $most } seconds, or empty.

## Why a plan cannot be followed

plan-refused-member = The plan asks { $model }, which this profile does not have.
plan-refused-judge = The plan has { $model } judge or write, and this profile does not have it.
plan-refused-service = The plan wants the fleet’s consensus service, and this profile has none.
plan-refused-few = Asking several needs at least two models, and this profile has one.
plan-refused-other = The plan cannot be followed as it is.
plan-refused-help = Nobody was asked, and nothing is lost. Change the plan, or pick another one.

mode-consensus-help = Several models at once, and how far they agree

## Learned weights in the settings

settings-consensus = Consensus
learned-lead = What your own verdicts say about each model, by kind of question. They are only used where a plan says so, and never by themselves.
learned-none = Nothing yet: whenever you go on with another answer, or confirm one, it is counted here.
learned-verdicts = { $count ->
    [one] one verdict of yours
   *[other] { $count } verdicts of yours
}
learned-few = Useful from about 50 on.
learned-right = { $right } of { $judged } right
learned-weight = Weight of { $model } for { $class }
learned-reset = As learned
learned-set = set by you
learned-plans = Plans and methods
