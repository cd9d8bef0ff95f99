### The program itself, outside the window: command line and what can go wrong before there is a window.

program-about = Capibara6, the desktop client of the Capibara6 private AI platform.
program-usage =
    capibara6                           opens the window, or raises the one that is open
      capibara6 COMMAND [OPTION…]         works on the history without a window
program-heading-usage = Usage:
program-heading-commands = Commands:
program-heading-arguments = Arguments:
program-heading-options = Options:
program-help-end =
    CAPIBARA6_HOME      the data directory: history, profiles, logs
    CAPIBARA6_PROFILE   the profile to use at once
    CAPIBARA6_LOG       how much is logged: error, warn, info, debug or trace

    A command ends with 0 when all was done, 1 when it failed, 2 when the command line is wrong,
    3 when something was left out, 4 when there was nothing to find or do.
program-option-help = Show this text
program-option-version = Show the version
program-option-account = The account whose history is meant; without it, the one that is there when nobody is signed in
program-option-json = Write the result as JSON
program-option-quiet = Show no progress
program-option-passphrase-stdin = Read the recovery passphrase of an encrypted history from the first line of standard input; without it, the key comes from the system’s keyring

program-import = Brings conversations in: exports of Capibara6, of its old web page, of ChatGPT, Claude and Open WebUI.
program-import-usage = capibara6 import [OPTION…] FILE…
program-import-files = The files; what they hold is found out from their content. What is already there is not brought in twice
program-export = Writes conversations out.
program-export-usage = capibara6 export [OPTION…] --out DIR
program-export-format = json (everything; can be imported again), markdown or html; json without it
program-export-out = The folder that is written to; it is made if it is not there
program-search = Finds words in all conversations.
program-search-usage = capibara6 search [OPTION…] TEXT
program-search-text = What to look for; any text will do
program-search-limit = How many hits at most; 20 without it
program-backup = Copies the whole history, reads the copy from end to end, and keeps it beside the others.
program-backup-usage = capibara6 backup [OPTION…]
program-backup-list = List the backups instead: name, bytes, conversations, messages, state
program-verify = Reads the history and all its backups from end to end.
program-verify-usage = capibara6 verify [OPTION…]

program-unknown-argument = capibara6: unknown argument “{ $argument }”. Try capibara6 --help.
program-missing-argument = capibara6: { $argument } is missing. Try capibara6 --help.
program-missing-value = capibara6: { $argument } needs a value. Try capibara6 --help.
program-wrong-value = capibara6: { $argument } cannot be “{ $value }”. Try capibara6 --help.
program-argument-twice = capibara6: { $argument } does not go with the rest. Try capibara6 --help.
program-wrong-line = capibara6: this command line cannot be understood. Try capibara6 --help.
program-no-command = capibara6: these options belong to a command. Try capibara6 --help.
program-error = capibara6: { $message }
program-error-detail = capibara6: { $message } ({ $detail })
program-failed = capibara6: the window could not be opened: { $error }
program-taken = capibara6: the data directory { $home } is in use by another start of the program.
program-history-locked = the history is encrypted, and the system’s keyring does not hand out its key. Nothing was touched. Unlock the keyring, or give the recovery passphrase with --passphrase-stdin.
program-wrong-passphrase = that is not the recovery passphrase of this history. Nothing was touched.
program-recovery-damaged = the recovery file beside the history (capibara6.db-recovery) cannot be read. Nothing was touched. Put it back from a copy of the data folder, or unlock the system’s keyring.
program-homeless = capibara6: the system names no data directory. Set CAPIBARA6_HOME.

## The last page in the browser when signing in

sign-in-page-done = Done: go back to Capibara6
sign-in-page-done-text = You can close this tab. Capibara6 asks whether it is you before it keeps anything.
sign-in-page-failed = You are not signed in
sign-in-page-failed-text = Go back to Capibara6: it says what happened. You can close this tab.

program-progress-export = { $total ->
    [none] { NUMBER($done) } conversations written
   *[known] { NUMBER($done) } of { $of } conversations written
}
program-progress-import = { NUMBER($percent) } % read, { NUMBER($done) } { $done ->
    [one] conversation
   *[other] conversations
}
program-exported = { $conversations ->
    [one] One conversation written to { $path }.
   *[other] { NUMBER($conversations) } conversations written to { $path }.
}
program-imported = New conversations: { NUMBER($conversations) }. New messages: { NUMBER($messages) }. Continued: { NUMBER($grown) }. Already here: { NUMBER($known) }.
program-skipped = { $count ->
    [one] One thing was left out:
   *[other] { NUMBER($count) } things were left out:
}
program-skipped-more = … and { NUMBER($count) } more.
program-progress-copying = { NUMBER($percent) } % copied
program-progress-verifying = Reading the copy…
program-progress-restoring = { NUMBER($percent) } % put back
program-progress-salvaging = { NUMBER($percent) } % saved
program-backed-up = { $messages ->
    [one] One message copied to { $path }.
   *[other] { NUMBER($messages) } messages copied to { $path }.
}
program-verified = The history is whole: { $path }
program-verify-damaged = The history is damaged: { $path } ({ $detail })
program-verified-backups = { $backups ->
    [0] There are no backups.
    [one] One backup, whole.
   *[other] { NUMBER($backups) } backups, all whole.
}
program-verify-damaged-backups = { NUMBER($damaged) } of { NUMBER($backups) } backups cannot be relied on.
program-interrupted = Ended before the end. What was done until then stays.
program-nothing-exported = There are no conversations to write.
program-out-unusable = capibara6: { $path } cannot be written to. ({ $detail })
program-nothing-found = Nothing found for “{ $text }”.
program-search-pending = { $count ->
    [one] The index is not complete yet: { NUMBER($count) } message cannot be found for now.
   *[other] The index is not complete yet: { NUMBER($count) } messages cannot be found for now.
}
program-accounts = Accounts with a history here: { $accounts }

program-skip-unreadable = the file cannot be read
program-skip-unknown-format = the file is of no known kind
program-skip-newer = the file is of a newer version
program-skip-truncated = the file ends in the middle
program-skip-syntax = damaged
program-skip-shape = not a conversation
program-skip-too-large = too large
program-skip-empty = without messages
program-skip-message = messages without a place
program-skip-run = a question to several models that cannot be understood
program-skip-content = named in the text, content not brought in
