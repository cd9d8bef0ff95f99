### The window as a whole: regions, drawers, notices, native menu, shortcuts, palette and about box.

app-name = Capibara6
app-failed = Capibara6 could not open.
app-retry = Try again
region-sidebar = Conversations
region-main = Conversation
region-inspector = Inspector
drawer-open-sidebar = Show the conversations
storage-trouble = A notice about the history
action-cancel = Cancel
action-close = Close
action-save = Save
action-delete = Delete
action-undo = Undo
action-retry = Try again

## What people with a screen reader hear

announce-started = { $model } is answering.
announce-ended = { $model } has finished. { $text }
announce-stopped = Answer stopped. { $text }
announce-failed = The answer failed. { $error }
announce-copied = Copied to the clipboard.
announce-opened = Conversation opened: { $title }

## System notifications

notification-answer-title = Answer ready
notification-answer-body = { $model } has finished in “{ $title }”.
notification-failed-title = The answer did not finish
notification-failed-body = There was a problem in “{ $title }”. What arrived is saved.

## Native menu

menu-app = Capibara6
menu-about = About Capibara6
menu-settings = Settings…
menu-services = Services
menu-hide = Hide Capibara6
menu-hide-others = Hide Others
menu-show-all = Show All
menu-quit = Quit
menu-file = File
menu-new-chat = New Conversation
menu-close-window = Close Window
menu-edit = Edit
menu-undo = Undo
menu-redo = Redo
menu-cut = Cut
menu-copy = Copy
menu-paste = Paste
menu-select-all = Select All
menu-find = Find
menu-view = View
menu-toggle-sidebar = Show or Hide Conversations
menu-toggle-inspector = Show or Hide Inspector
menu-larger-type = Larger Type
menu-smaller-type = Smaller Type
menu-reset-type = Normal Type Size
menu-fullscreen = Full Screen
menu-window = Window
menu-minimize = Minimize
menu-maximize = Maximize
menu-help = Help
menu-palette = Command Palette…
menu-shortcuts = Keyboard Shortcuts

## Shortcuts

shortcuts-title = Keyboard shortcuts
shortcut-group-general = Anywhere in the window
shortcut-group-conversation = In the conversation
shortcut-group-list = In the list of conversations
shortcut-palette = Open the command palette
shortcut-new-chat = New conversation
shortcut-find = Find a conversation
shortcut-settings = Open the settings
shortcut-shortcuts = Keyboard shortcuts
shortcut-about = About Capibara6
shortcut-stop = Stop the answer
shortcut-next-region = Go to the next region
shortcut-prev-region = Go to the previous region
shortcut-toggle-sidebar = Show or hide the conversations
shortcut-toggle-inspector = Show or hide the inspector
shortcut-larger-type = Larger type
shortcut-smaller-type = Smaller type
shortcut-reset-type = Normal type size
shortcut-edit-last = Edit the last question
shortcut-send = Send the question
shortcut-newline = Start a new line
shortcut-move = Move through the list
shortcut-open = Open the conversation
key-enter = Enter
key-delete = Del
key-f2 = F2

## Command palette

palette-title = Command palette
palette-placeholder = Search for an action, a conversation, a model…
palette-empty = Nothing matches “{ $query }”.
palette-results = { $count ->
    [0] No results
    [one] { $count } result
   *[other] { $count } results
}
palette-group-actions = Actions
palette-group-conversations = Conversations
palette-group-models = Models
palette-group-modes = Modes
palette-group-settings = Settings
palette-group-locales = Languages
palette-group-themes = Appearance
palette-hint-move = move
palette-hint-run = run
palette-hint-close = close
palette-use-model = Ask { $model }
palette-use-mode = Mode: { $mode }
palette-use-locale = Language: { $language }
palette-use-theme = Appearance: { $theme }
palette-current = in use
palette-open-settings = Settings: { $section }

## About

about-title = About Capibara6
about-tagline = Your models, in your house, nothing made up.
about-version = Version
about-commit = Build
about-system = System
about-webview = Web engine
about-tauri = Tauri
about-sqlite = SQLite
about-data = Data in
about-license = Free software under the Apache 2.0 licence
about-copy = Copy versions
about-copied = Versions copied

### Exports and imports

dialog-export = Export conversations
dialog-import = Import conversations
dialog-print = Print or save as PDF
export-user = You
export-assistant = Assistant
export-reasoning = Reasoning
export-stopped = Stopped by you.
export-interrupted = Interrupted before its end.
export-failed = The answer failed.
export-scripted = scripted
