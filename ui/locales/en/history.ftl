### The history: search, projects, archive and trash, what is done to many conversations at once, exports, imports, backups.

## Search

search-results = Results
search-busy = Searching…
search-count = { $count ->
    [0] Nothing found
    [one] { $count } result
   *[other] { $count } results
}
search-count-more = { $count ->
    [one] { $count } result and more
   *[other] { $count } results and more
}
search-none = Nothing that was said contains “{ $query }”.
search-none-help = Every word must be in the same message. Try fewer words, or only the beginning of one.
search-none-filtered = With these filters, nothing contains “{ $query }”. Take one away to see more.
search-more = Look further back
search-more-here = { $count ->
    [one] { $count } more in this conversation
   *[other] { $count } more in this conversation
}
search-searched-to = Everything back to { $date } was looked at.
search-building = { $count ->
    [one] { $count } message cannot be found yet: the index is being built.
   *[other] { $count } messages cannot be found yet: the index is being built.
}
search-filters = Filters
search-filters-clear = Clear filters
filter-date = When
filter-date-any = Any time
filter-date-week = Last 7 days
filter-date-month = Last month
filter-date-year = Last year
filter-role = Who said it
filter-role-any = Anyone
filter-role-user = You
filter-role-assistant = A model
filter-model = Model
filter-model-any = Any model
filter-project = Project
filter-project-any = Any project
filter-pinned = Pinned
filter-code = With code
filter-archive = Archive
filter-archive-include = Archive too
filter-archive-exclude = Not the archive
filter-archive-only = Only the archive

## Projects, archive and trash

projects-title = Projects
projects-back = All conversations
project-add = New project
project-count = { $count ->
    [one] conversation
   *[other] conversations
}
project-menu = Actions for the project “{ $name }”
project-name-label = Name of the project
project-name-empty = The name cannot be empty.
project-name-long = A name can have up to { $max } characters.
project-rename = Change the name
project-delete = Delete the project
project-created = The project “{ $name }” was created.
project-empty = This project is empty. Drag conversations onto it, or use “Move to project” in their menu.
archive-title = Archive
archive-empty = What you archive leaves the list and is kept here. It is still found by the search.
trash-title = Trash
trash-empty = The trash is empty.
trash-help = Deleted conversations stay here until you delete them for good.
drag-many = { $count ->
    [one] { $count } conversation
   *[other] { $count } conversations
}

## What can be done with conversations

item-select = Select “{ $title }”
item-select-more = Select several
item-move = Move to project
item-archive = Archive
item-unarchive = Take out of the archive
item-duplicate = Duplicate
# Stands in brackets behind the title of a copy: “Cheese (copy)”, “Cheese (copy 2)”.
item-copy-word = copy
item-merge = Merge into one
item-export = Export…
item-print = Print or PDF…
item-restore = Bring back
item-purge = Delete for good
move-out = In no project
move-new = New project…
selection-actions = Actions for the selected conversations
selection-count = { $count ->
    [0] None selected
    [one] { $count } selected
   *[other] { $count } selected
}
selection-all = All
selection-end = End the selection
purge-title = { $count ->
    [one] Delete this conversation for good?
   *[other] Delete { $count } conversations for good?
}
purge-help = All that was said there is wiped from the history on this disk. This cannot be undone; backups that were made before still hold it.

undo-deleted-many = { $count ->
    [one] { $count } conversation was deleted.
   *[other] { $count } conversations were deleted.
}
undo-restored-many = { $count ->
    [one] { $count } conversation is back.
   *[other] { $count } conversations are back.
}
undo-purged = “{ $title }” was deleted for good.
undo-purged-many = { $count ->
    [one] { $count } conversation was deleted for good.
   *[other] { $count } conversations were deleted for good.
}
undo-archived = “{ $title }” is in the archive.
undo-archived-many = { $count ->
    [one] { $count } conversation is in the archive.
   *[other] { $count } conversations are in the archive.
}
undo-unarchived = “{ $title }” is out of the archive.
undo-unarchived-many = { $count ->
    [one] { $count } conversation is out of the archive.
   *[other] { $count } conversations are out of the archive.
}
undo-pinned = “{ $title }” is pinned.
undo-pinned-many = { $count ->
    [one] { $count } conversation is pinned.
   *[other] { $count } conversations are pinned.
}
undo-unpinned = “{ $title }” is no longer pinned.
undo-unpinned-many = { $count ->
    [one] { $count } conversation is no longer pinned.
   *[other] { $count } conversations are no longer pinned.
}
undo-moved = “{ $title }” is in “{ $project }” now.
undo-moved-many = { $count ->
    [one] { $count } conversation is in “{ $project }” now.
   *[other] { $count } conversations are in “{ $project }” now.
}
undo-unfiled = “{ $title }” is in no project now.
undo-unfiled-many = { $count ->
    [one] { $count } conversation is in no project now.
   *[other] { $count } conversations are in no project now.
}
undo-merged = { $count ->
    [one] { $count } conversation was merged.
   *[other] { $count } conversations were merged into one.
}
undo-duplicated = “{ $title }” was duplicated.
undo-branched = This is a new conversation with everything up to that message.
undo-project-deleted = The project “{ $name }” was deleted. Its conversations stay.
undo-renamed = “{ $before }” is called “{ $title }” now.
undo-done = Undone.

message-branch = Go on from here in a new conversation
message-origin = From “{ $title }”

## Exports and imports

transfer-lead = Everything you write and read here belongs to you: take it with you, or bring it in from elsewhere.
import-choose = Import files…
import-help = Exports of Capibara6, ChatGPT, Claude and Open WebUI, and the storage of the old web page. You can also drop the files onto the window. Importing something twice adds nothing.
export-everything = Export everything…
export-title = Export
export-all = All conversations, also those in the archive.
export-project = The conversations of the project “{ $name }”.
export-one = “{ $title }”
export-many = { $count ->
    [one] { $count } conversation
   *[other] { $count } conversations
}
export-format = Format
export-json = JSON
export-json-help = Everything, with all versions of every message. It can be imported again without loss.
export-markdown = Markdown
export-markdown-help = One file for each conversation, for notes and other programs.
export-html = Web page
export-html-help = One page for each conversation, which opens in any browser without a network.
export-print = Print or PDF…
export-begin = Choose where…

transfer-export-title = Export
transfer-import-title = Import
transfer-export-running = { $count ->
    [0] Exporting…
    [one] Exporting: { $count } conversation so far
   *[other] Exporting: { $count } conversations so far
}
transfer-import-running = { $count ->
    [0] Importing…
    [one] Importing: { $count } conversation so far
   *[other] Importing: { $count } conversations so far
}
transfer-export-done = { $count ->
    [one] { $count } conversation was exported.
   *[other] { $count } conversations were exported.
}
transfer-import-done = { $count ->
    [0] No conversation was imported.
    [one] { $count } conversation was imported.
   *[other] { $count } conversations were imported.
}
transfer-import-known = { $count ->
    [one] The { $count } conversation was here already.
   *[other] All { $count } conversations were here already.
}
transfer-export-cancelled = { $count ->
    [one] Export cancelled. { $count } conversation is written.
   *[other] Export cancelled. { $count } conversations are written.
}
transfer-import-cancelled = { $count ->
    [one] Import cancelled. { $count } conversation is here.
   *[other] Import cancelled. { $count } conversations are here.
}
transfer-export-failed = The export could not be finished.
transfer-import-failed = The import could not be finished.
transfer-reveal = Show the folder
transfer-report = Details
transfer-skipped-open = { $count ->
    [one] { $count } record left out
   *[other] { $count } records left out
}
transfer-dismiss = Dismiss this notice
transfer-conversations = Conversations
transfer-messages = Messages
transfer-new-conversations = New conversations
transfer-new-messages = New messages
transfer-grown = Known conversations with new messages
transfer-known = Already here
transfer-from = File
transfer-to = Written to
transfer-skipped = { $count ->
    [one] { $count } record was left out
   *[other] { $count } records were left out
}
transfer-skipped-help = Everything else was taken.
transfer-skipped-more = { $count ->
    [one] And { $count } more.
   *[other] And { $count } more.
}
skip-record = record { $record }
skip-unreadable = The file cannot be read.
skip-unknown-format = The file is none of the kinds that can be imported.
skip-newer = The file was written by a newer version of Capibara6.
skip-truncated = The file ends in the middle. What stood whole before was taken.
skip-syntax = It is not valid JSON.
skip-shape = It is not a conversation, or lacks what one needs.
skip-too-large = It is larger than anything that is taken at once.
skip-empty = It has no message that can be shown.
skip-message = A message has no place in its conversation. The others were taken.
skip-run = What is known of a question to several models cannot be understood. The answers were taken.
skip-content = It holds something else than text. Its name stands in the text; its content was not brought in.

## Search index

index-title = Search index
index-state = { $count ->
    [one] { $count } message can be found.
   *[other] { $count } messages can be found.
}
index-rebuild = Rebuild the index

## Backups

backups-lead = A copy of the whole history is made every day and before every change of its layout, and read from end to end before it counts.
backups-make = Make a backup now
backups-making = Making a backup…
backups-made = The backup is made and was read from end to end.
backups-none = There is no backup yet. The first is made within a day of your first conversation.
backups-all = { $count ->
    [one] Show { $count }
   *[other] Show all { $count }
}
backups-failure = The last attempt, { $date }, failed:
backups-salvage = The history was found damaged. There is a report about what was saved.
backups-salvage-open = Read the report
backups-storage = The history takes { $history }, the backups { $backups }.
backups-free = The disk has { $free } left.
backups-checked = Found whole on { $date }.
backup-step-copying = Copying…
backup-step-verifying = Reading the copy…
backup-step-restoring = Putting it in place…
backup-step-salvaging = Reading row by row…
backup-reason-daily = daily
backup-reason-before-migration = before an update
backup-reason-manual = made by you
backup-reason-before-restore = before a restore
backup-reason-encryption = when the history was encrypted
backup-state-damaged = Damaged: it cannot be restored
backup-state-newer = From a newer version: it cannot be restored here
backup-holds = { $conversations ->
    [one] { $conversations } conversation
   *[other] { $conversations } conversations
}, { $messages ->
    [one] { $messages } message
   *[other] { $messages } messages
}
backup-look = Look inside
backup-shut = Close
backup-delete-named = Delete the backup of { $date }
backup-reading = Reading all of it…
backup-verified = It was read from end to end just now and is whole.
backup-only-here-none = Everything that is here now is in it.
backup-only-here = Here now, but not in the backup: { $conversations ->
    [one] { $conversations } conversation
   *[other] { $conversations } conversations
}, { $messages ->
    [one] { $messages } message
   *[other] { $messages } messages
}.
backup-only-there-none = It holds nothing that is missing here.
backup-only-there = In the backup, but no longer here: { $conversations ->
    [one] { $conversations } conversation
   *[other] { $conversations } conversations
}, { $messages ->
    [one] { $messages } message
   *[other] { $messages } messages
}.
backup-newest = Its newest conversations
backup-messages = { $count ->
    [one] { $count } message
   *[other] { $count } messages
}
backup-restore = Restore this backup…
backup-restoring = Restoring…
backup-restored = The history is that of { $date } again.
backup-undone = The history is as it was before.
backup-way-back = On { $at } the history went back to that of { $to }. What was here until then is in a backup.
backup-go-back = Go back to before the restore
restore-title = Restore the history of { $date }?
restore-help = { $messages ->
    [0] The backup takes the place of the history. Nothing that is here now is missing from it.
    [one] The backup takes the place of the history. { $messages } message in { $conversations ->
       [one] { $conversations } conversation
      *[other] { $conversations } conversations
    } is here now and not in it.
   *[other] The backup takes the place of the history. { $messages } messages in { $conversations ->
       [one] { $conversations } conversation
      *[other] { $conversations } conversations
    } are here now and not in it.
}
restore-help-answers = What is here now is put into a backup of its own first, so you can come back. Answers that are being written are ended.
restore-yes = Restore
backup-delete-title = Delete the backup of { $date }?
backup-delete-help = The history stays as it is. This backup cannot be brought back.
retention-title = How long backups are kept
retention-help = The newest of each day and week. Those that you made yourself stay, and the newest good one always does.
retention-fewer-title = Keep fewer backups?
retention-fewer-help = Those that are too many then are deleted at once, and cannot be brought back. The history stays as it is.
retention-fewer-yes = Keep fewer
retention-daily = Days
retention-weekly = Weeks
retention-occasional = Before updates and restores
retention-limit = At most on disk (0: no limit)
retention-limit-unit = GiB

## A damaged history

salvage-title = The history was damaged
salvage-lead = On { $date } the history file was found to be damaged. It was set aside untouched, and everything that could still be read was brought into a new one. This is the result.
salvage-lead-whole = On { $date } the history file was found to be damaged. It was set aside untouched, and all of it could be brought into a new one. Nothing is known to be missing.
salvage-saved-conversations = Conversations that are here
salvage-saved-messages = Messages that are here
salvage-from-backup = of these, taken from the newest backup
salvage-lost-conversations = Conversations that are lost
salvage-lost-messages = Messages that are lost
salvage-settings = The settings could not be recovered: those of the beginning apply.
salvage-incomplete = Something may be missing that is not listed here: the part of the file that says what there was is damaged, too.
salvage-where = Where messages are missing
salvage-unknown = A conversation whose title is lost
salvage-lost-count = { $count ->
    [one] { $count } message
   *[other] { $count } messages
}
salvage-backup = { $count ->
    [one] The newest good backup is of { $date } and holds { $count } conversation.
   *[other] The newest good backup is of { $date } and holds { $count } conversations.
}
salvage-no-backup = There is no earlier backup.
salvage-look = Look into the backup
salvage-dismiss = I have read it
salvage-details = Technical details
salvage-aside = The damaged files lie here:

## Actions and settings

shortcut-undo = Undo
shortcut-new-project = New project
shortcut-import = Import conversations
shortcut-export-all = Export everything
shortcut-backups = Backups
shortcut-show-archive = Show the archive
shortcut-show-trash = Show the trash
shortcut-archive = Archive this conversation, or take it out
shortcut-pin = Pin or unpin this conversation
shortcut-duplicate = Duplicate this conversation
shortcut-export = Export this conversation
shortcut-print = Print this conversation, or make a PDF
shortcut-delete = Delete this conversation
shortcut-select = Select or deselect
shortcut-select-range = Select up to here
shortcut-select-all = Select all
palette-group-search = Everything said
palette-search = Search everything for “{ $query }”
settings-transfer = Import and export
settings-backups = Backups
