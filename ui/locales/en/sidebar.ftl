### The sidebar: search, list of conversations by day, undo and foot.

sidebar-search = Search everything
sidebar-search-help = Searches everything that was said, newest first. Up and down choose, Enter opens.
sidebar-search-clear = Clear the search
sidebar-new = New conversation
sidebar-list = Conversations
sidebar-empty = Your conversations will be kept here.
sidebar-empty-help = They are saved on this computer from the first word.
sidebar-loading = Loading conversations…
sidebar-more = Load more
sidebar-settings = Settings

group-pinned = Pinned
group-today = Today
group-yesterday = Yesterday
group-last-week = Last 7 days

item-menu = Actions for “{ $title }”
item-rename = Change the title
item-pin = Pin to the top
item-unpin = Unpin
item-delete = Delete
item-pinned = Pinned
item-title-label = Title of the conversation
item-title-hint = Enter saves, Esc discards
item-title-empty = The title cannot be empty.
item-title-long = A title can have up to { $max } characters.

undo-region = Undo
undo-deleted = “{ $title }” was deleted.
undo-action = Undo
undo-dismiss = Dismiss this notice
undo-restored = “{ $title }” is back.
