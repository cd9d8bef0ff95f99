### Encryption of the history on disk: the section of the settings, and what stands in the place of a locked history.

settings-privacy = Privacy

encryption-plain = Your history is not encrypted: whoever can read this computer’s disk can read it.
encryption-encrypted = Your history is encrypted on disk.
encryption-locked = Your history is encrypted, and its key is not at hand.
encryption-key-kept = The key is in the system’s keyring, which opens when you log in.
encryption-key-not-kept = The key is not in the system’s keyring: at each start Capibara6 will ask for the recovery passphrase.
encryption-backups-plain =
    { $count ->
        [one] One backup from before is not encrypted. You can delete it under Backups.
       *[other] { $count } backups from before are not encrypted. You can delete them under Backups.
    }
encryption-begin = Encrypt the history…
encryption-enable = Encrypt
encryption-working = One moment…
encryption-enabled = The history is encrypted.
encryption-passphrase = Recovery passphrase
encryption-passphrase-for = Every day the key comes from the system’s keyring. The recovery passphrase opens the history on the day the keyring is lost: after a new installation, on another computer, or from a backup. If it was encrypted before, it is the passphrase of then.
encryption-both-lost = If both the keyring and the passphrase are lost, nobody can open the history and nobody can recover it. Write the passphrase down and keep it somewhere else.
encryption-backups =
    { $count ->
        [one] There is one backup that anybody can read
       *[other] There are { $count } backups that anybody can read
    }
encryption-backups-delete = Delete what is not encrypted, once there is an encrypted backup
encryption-backups-keep = Keep them as they are
encryption-interrupts = An answer that is being written is interrupted; its text is kept. A large history takes a moment.
encryption-change = Change the passphrase…
encryption-changed = The new passphrase holds from now on.
encryption-disable = Switch encryption off…
encryption-disable-title = Switch encryption off?
encryption-disable-help = The history is written anew without encryption: whoever can read this computer’s disk can read it. Backups made meanwhile stay encrypted and can still be restored here.
encryption-disable-yes = Switch encryption off
encryption-disabled = The history is no longer encrypted.

locked-title = Your history is locked
locked-title-own = The history on this computer is locked
locked-title-of = The history of { $name } is locked
locked-back = Back to “{ $name }”
locked-go = Open “{ $name }” instead
locked-lead = It is encrypted, and the system’s keyring did not hand out its key.
locked-safe = Nothing is lost. Everything is on this computer as you left it.
locked-passphrase = Recovery passphrase
locked-unlock = Unlock
locked-opening = Unlocking…
locked-keyring = Try the keyring again
locked-asking = Asking the keyring…
locked-empty = Enter the passphrase you chose when you encrypted the history.
locked-wrong = That is not the recovery passphrase. Nothing was changed: check the keyboard layout and Caps Lock, and try again.
locked-damaged = The recovery file beside the history cannot be read, so no passphrase opens it. Nothing was changed: try the keyring again, or put capibara6.db-recovery back from a copy of the data folder.
locked-keyring-not = The keyring still does not hand out the key. Unlock the keyring, or enter the recovery passphrase.
locked-why-locked = The system’s keyring is locked. Once you unlock it, try it again.
locked-why-absent = This computer has no keyring that runs. The passphrase opens the history until you close Capibara6.
locked-why-missing = The keyring does not have the key, perhaps because it is a new one. After you unlock the history the key is kept there again.
locked-why-other = The keyring did not answer. You can try it again, or use the passphrase.
