### The models in use: how much each was used, how far they agreed, how fast they were.

models-title = Models in use
models-lead = Only what was measured, in imported conversations too. Scripted answers of the practice fleet are not counted.
models-period = Period
models-period-day = Today
models-period-week = 7 days
models-period-month = 30 days
models-now = Now
models-share = Use by model
models-tiers = Use by category
models-agreement = How far they agreed
models-history = Speed over time
models-none = Nothing measured in this period.
models-none-help = Ask something with a fleet of your own: answers, times and votes will be counted here.
models-agreement-none = No question was put to several models yet. Choose the mode “Consensus”, or “Ask the others” below an answer.
models-answers = { $count ->
    [one] one answer
   *[other] { $count } answers
}
models-failed = { $count ->
    [one] one failed
   *[other] { $count } failed
}
models-tokens = { $count ->
    [one] one token
   *[other] { $count } tokens
}
models-chosen = chosen in { $chosen } of { $voted } votes
models-runs = { $count ->
    [one] one question
   *[other] { $count } questions
}
models-upheld = You kept the chosen answer in { $upheld } of { $judged }.
models-ttft = First word
models-speed = Speed
models-range = { $least } to { $most }, last { $last }
models-chart = { $label }: { $model }, { $range }
models-bar = { $label }: { $share }
models-use-today = Use today
models-more = All about the models
models-writing = writing now
models-metrics-last = last measured: { $figures }
models-last-none = nothing measured in this period
inspector-consensus = Consensus
shortcut-models = Models in use
shortcut-plan = Asking several models…
