### Settings: saved at once; a value that cannot be used is explained next to its field.

settings-title = Settings
settings-close = Close the settings
settings-sections = Sections of the settings
settings-saved = Saved
settings-saving = Saving…
settings-not-saved = Not saved

settings-profile = Profile
settings-profile-lead = Where the models are.
settings-profile-active = In use
settings-profile-edit = Edit
settings-profile-edit-named = Edit the profile { $name }
settings-profile-copy = Copy to edit
settings-profile-copy-named = Copy to edit: { $name }
settings-profile-add = Add a profile
settings-profile-switching = Switching profiles…

settings-language = Language
settings-language-label = Language of the window
settings-language-system = The system’s ({ $language })
settings-language-help = Models answer in the language of your question.

settings-appearance = Appearance
settings-theme = Colours
settings-theme-system = Like the system
settings-theme-light = Light
settings-theme-dark = Dark
settings-type-size = Type size
settings-type-size-value = { $percent }%
settings-type-size-reset = Normal size
settings-type-size-sample = The capybara eats grass and knows how to swim.

settings-generation = Model parameters
settings-generation-lead = Empty means what the profile says; where it says nothing, what the server decides.
settings-generation-model = Model
settings-generation-none = The profile in use has no models.
settings-temperature = Temperature
settings-temperature-help = From 0 (steady) to 2 (varied).
settings-top-p = Top-p
settings-top-p-help = Above 0, up to 1. Keeps to the most likely words.
settings-max-tokens = Maximum length
settings-max-tokens-help = In tokens.
settings-seed = Seed
settings-seed-help = A whole number, for repeatable answers.
settings-stop = Stop texts
settings-stop-help = The answer ends when it reaches one of them.
settings-stop-new = New stop text
settings-stop-add = Add
settings-stop-remove-named = Remove the stop text { $text }
settings-system-prompt = Instructions
settings-system-prompt-help = What the model is told before every conversation.
settings-parameters-reset = Reset
settings-parameters-reset-named = Reset the parameters of { $model }
settings-from-profile = { $value } (profile)
settings-from-server = the server decides

settings-conversations = Conversations
settings-model-titles = Titles written by a model
settings-model-titles-help = The fast model gives each new conversation a title. Otherwise the title is its first words.
settings-notify = Tell me when it ends
settings-notify-help = A system notification when a long answer ends while the window is in the background.

settings-keys = Keys

settings-diagnostics = Diagnostics
settings-diagnostics-lead = Versions, the profile without keys, the state of the models and the last lines of the log. Nothing is sent: look at it, copy it, and decide for yourself.
settings-diagnostics-show = Show diagnostics
settings-diagnostics-hide = Hide
settings-diagnostics-loading = Collecting diagnostics…
settings-diagnostics-copy = Copy diagnostics
settings-diagnostics-copied = Diagnostics copied
settings-diagnostics-preview = Text of the diagnostics

settings-about = About
settings-about-open = About Capibara6
settings-shortcuts-open = Keyboard shortcuts
