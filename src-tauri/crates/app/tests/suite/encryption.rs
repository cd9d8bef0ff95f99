//! Encryption of the history: what is on disk, what opens it, and what happens when the keyring is lost.

use std::fs;
use std::path::Path;

use capibara6_app::offline::{Missing, Offline, Unlock};
use capibara6_app::safekeeping;
use capibara6_identity::{Secret, SecretError, SecretStore};
use capibara6_protocol::*;

use super::bench::{Bench, Keyring, contents, open};
use super::person::Stage;

const WORD: &str = "carpincho-que-nadie-debe-leer";
const PASSPHRASE: &str = "caballo grapa pila";

fn enable(plain_backups: PlainBackups) -> EncryptionEnable {
    EncryptionEnable { passphrase: PASSPHRASE.to_owned(), plain_backups }
}

fn unlock(passphrase: Option<&str>) -> EncryptionUnlock {
    EncryptionUnlock { passphrase: passphrase.map(str::to_owned) }
}

/// Whether any file below a folder holds a text.
fn holds(folder: &Path, text: &str) -> bool {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.into_iter().any(|path| {
        if path.is_dir() {
            return holds(&path, text);
        }
        let bytes = fs::read(&path).unwrap_or_default();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    })
}

/// A history with a word that nobody may read, and a backup of it, encrypted.
async fn encrypted() -> (Bench, ConversationId) {
    let mut bench = Bench::start().await;
    let said = bench.answered(None, "¿quién?", &[WORD]).await;
    bench.app.backup_create().await.unwrap();
    assert!(holds(bench.home.path(), WORD));
    let plain = bench.app.encryption_state().await.unwrap();
    assert_eq!((plain.state, plain.plain_backups), (EncryptionState::Plain, 1));
    let now = bench.app.encryption_enable(enable(PlainBackups::Delete)).await.unwrap();
    assert_eq!(now, Encryption { state: EncryptionState::Encrypted, key_not_kept: None, plain_backups: 0 });
    let made: Vec<_> = bench.app.backup_list().await.unwrap().entries.into_iter().map(|entry| entry.reason).collect();
    assert_eq!(made, [BackupReason::Encryption], "nobody asked for this one");
    (bench, said.conversation)
}

#[tokio::test]
async fn an_encrypted_history_opens_by_itself_and_nobody_reads_it_from_disk() {
    let (bench, conversation) = encrypted().await;
    assert_eq!(contents(&bench.app, conversation).await, ["¿quién?", WORD]);
    bench.app.shutdown().await;
    assert!(!holds(bench.home.path(), WORD), "neither the history nor a backup");
    assert!(!holds(bench.home.path(), PASSPHRASE));

    let app = open(&bench.home, &bench.secrets).await;
    assert_eq!(app.boot().await.unwrap().storage_trouble, None);
    assert_eq!(contents(&app, conversation).await, ["¿quién?", WORD]);
    let plain = app.encryption_disable().await.unwrap();
    assert_eq!(plain.state, EncryptionState::Plain);
    assert_eq!(contents(&app, conversation).await, ["¿quién?", WORD]);
    // The backup that was made while it was encrypted can still be read.
    let backups = app.backup_list().await.unwrap().entries;
    let preview = app.backup_preview(BackupRef { id: backups[0].id.clone() }).await.unwrap();
    assert_eq!(preview.entry.messages, 2);
    app.shutdown().await;
    let app = open(&bench.home, &bench.secrets).await;
    let preview = app.backup_preview(BackupRef { id: backups[0].id.clone() }).await.unwrap();
    assert_eq!(preview.entry.messages, 2, "also after the next start");
}

#[tokio::test]
async fn a_lost_keyring_is_healed_by_the_recovery_passphrase() {
    let (bench, conversation) = encrypted().await;
    bench.app.shutdown().await;

    let other = Keyring::default();
    let app = open(&bench.home, &other).await;
    assert_eq!(app.boot().await.unwrap().storage_trouble, Some(ErrorCode::HistoryLocked));
    let state = app.encryption_state().await.unwrap();
    assert_eq!((state.state, state.key_not_kept), (EncryptionState::Locked, Some(ErrorCode::NotFound)));
    let wrong = app.encryption_unlock(unlock(Some("caballo"))).await;
    assert_eq!(wrong, Err(ErrorCode::VaultWrongPassphrase.into()));
    let again = app.encryption_unlock(unlock(None)).await.unwrap_err();
    assert_eq!(again.code, ErrorCode::HistoryLocked);
    let open_now = app.encryption_unlock(unlock(Some(PASSPHRASE))).await.unwrap();
    assert_eq!((open_now.state, open_now.key_not_kept), (EncryptionState::Encrypted, None));
    assert_eq!(contents(&app, conversation).await, ["¿quién?", WORD]);
    app.shutdown().await;

    // The key is in the new keyring, and another passphrase holds from now on.
    let app = open(&bench.home, &other).await;
    assert_eq!(contents(&app, conversation).await, ["¿quién?", WORD]);
    let set = |passphrase: &str| EncryptionPassphraseSet { passphrase: passphrase.to_owned() };
    let short = app.encryption_passphrase_set(set("corta")).await;
    assert_eq!(short, Err(AppError::new(ErrorCode::InvalidInput).with_field("passphrase")));
    app.encryption_passphrase_set(set("otra frase distinta")).await.unwrap();
    app.shutdown().await;
    let app = open(&bench.home, &Keyring::default()).await;
    let old = app.encryption_unlock(unlock(Some(PASSPHRASE))).await;
    assert_eq!(old, Err(ErrorCode::VaultWrongPassphrase.into()));
    assert!(app.encryption_unlock(unlock(Some("otra frase distinta"))).await.is_ok());
}

#[tokio::test]
async fn a_locked_keyring_is_a_state_and_trying_again_opens_the_history() {
    let (bench, conversation) = encrypted().await;
    bench.app.shutdown().await;
    bench.secrets.is_in_trouble(Some(SecretError::Locked));
    let app = open(&bench.home, &bench.secrets).await;
    assert_eq!(app.boot().await.unwrap().storage_trouble, Some(ErrorCode::HistoryLocked));
    assert_eq!(app.conversation_list(ConversationList::default()).await.unwrap_err().code, ErrorCode::HistoryLocked);
    assert_eq!(app.encryption_state().await.unwrap().key_not_kept, Some(ErrorCode::SecretStoreLocked));
    bench.secrets.is_in_trouble(None);
    app.encryption_unlock(unlock(None)).await.unwrap();
    assert_eq!(contents(&app, conversation).await, ["¿quién?", WORD]);
}

#[tokio::test]
async fn without_a_keyring_the_passphrase_alone_opens_it() {
    let mut bench = Bench::start().await;
    let said = bench.answered(None, "¿quién?", &[WORD]).await;
    bench.secrets.is_in_trouble(Some(SecretError::Absent));
    let now = bench.app.encryption_enable(enable(PlainBackups::Keep)).await.unwrap();
    assert_eq!((now.state, now.key_not_kept), (EncryptionState::Encrypted, Some(ErrorCode::SecretStoreAbsent)));
    assert_eq!(contents(&bench.app, said.conversation).await, ["¿quién?", WORD]);
    bench.app.shutdown().await;
    let app = open(&bench.home, &bench.secrets).await;
    app.encryption_unlock(unlock(Some(PASSPHRASE))).await.unwrap();
    assert_eq!(contents(&app, said.conversation).await, ["¿quién?", WORD]);
}

#[tokio::test]
async fn what_was_encrypted_stays_so_when_an_older_backup_is_restored() {
    let mut bench = Bench::start().await;
    let said = bench.answered(None, "¿quién?", &[WORD]).await;
    let backup = bench.app.backup_create().await.unwrap();
    bench.app.encryption_enable(enable(PlainBackups::Keep)).await.unwrap();
    bench.app.backup_restore(BackupRef { id: backup.id }).await.unwrap();
    assert_eq!(bench.app.encryption_state().await.unwrap().state, EncryptionState::Encrypted);
    assert_eq!(contents(&bench.app, said.conversation).await, ["¿quién?", WORD]);
    bench.app.shutdown().await;
    let database = fs::read(bench.home.path().join("capibara6.db")).unwrap();
    assert!(!database.windows(WORD.len()).any(|window| window == WORD.as_bytes()));
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_with_the_field() {
    let bench = Bench::start().await;
    let refused = |field: &str| Err(AppError::new(ErrorCode::InvalidInput).with_field(field));
    let short = EncryptionEnable { passphrase: "corta".to_owned(), plain_backups: PlainBackups::Keep };
    assert_eq!(bench.app.encryption_enable(short).await, refused("passphrase"));
    assert_eq!(bench.app.encryption_disable().await, refused("state"));
    assert_eq!(bench.app.encryption_state().await.unwrap().state, EncryptionState::Plain);
}

#[tokio::test]
async fn what_was_set_holds_again_once_the_history_is_unlocked() {
    let (bench, _) = encrypted().await;
    bench.app.profile_select(ProfileRef { id: "kit".into() }).await.unwrap();
    let set = SecretKeepingSet { place: KeepIn::Session, passphrase: None };
    bench.app.secret_keeping_set(set).await.unwrap();
    let settings = Settings { theme: Theme::Dark, ..bench.app.settings_get().await.unwrap() };
    let settings = bench.app.settings_set(settings).await.unwrap();
    bench.app.shutdown().await;

    let app = open(&bench.home, &Keyring::default()).await;
    let locked = app.boot().await.unwrap();
    assert_eq!((locked.profile, locked.settings.theme), (None, Theme::System));
    app.encryption_unlock(unlock(Some(PASSPHRASE))).await.unwrap();
    let boot = app.boot().await.unwrap();
    assert_eq!(boot.settings, settings);
    assert_eq!(boot.profile.map(|profile| profile.id), settings.profile);
    assert_eq!(app.account_state().await.unwrap().keeping.place, KeepIn::Session);
}

#[tokio::test]
async fn without_a_window_the_keyring_or_the_passphrase_opens_it() {
    let (bench, _) = encrypted().await;
    bench.app.shutdown().await;
    let home = bench.home.path();
    let keyring = |keyring: &Keyring| Unlock::Store(SecretStore::with_backend(keyring.clone()));
    let passphrase = |text: &str| Unlock::Passphrase(Secret::new(text.to_owned()));
    for unlock in [keyring(&bench.secrets), passphrase(PASSPHRASE)] {
        let history = Offline::open(home, None, &unlock, Missing::Refuse).await.unwrap();
        let query = SearchQuery { text: WORD.to_owned(), limit: 5, ..SearchQuery::default() };
        history.index(&tokio_util::sync::CancellationToken::new()).await;
        assert_eq!(history.search(&query).await.unwrap().hits.len(), 1);
        history.close().await;
        let made = safekeeping::back_up(home, None, &unlock, |_| ()).await.unwrap();
        let proof = safekeeping::prove(home, None, &unlock, |_| ()).await.unwrap();
        assert_eq!((proof.error.clone(), proof.damaged_backups()), (None, 0));
        assert_eq!(proof.backups[0].id, made.id);
    }
    assert!(!holds(home, WORD));
    for (unlock, code) in [
        (keyring(&Keyring::default()), ErrorCode::HistoryLocked),
        (passphrase("caballo"), ErrorCode::VaultWrongPassphrase),
    ] {
        let refused = Offline::open(home, None, &unlock, Missing::Refuse).await.map(|_| ());
        assert_eq!(refused.unwrap_err().code, code);
        assert_eq!(safekeeping::back_up(home, None, &unlock, |_| ()).await.unwrap_err().code, code);
        assert_eq!(safekeeping::prove(home, None, &unlock, |_| ()).await.unwrap_err().code, code);
    }
}

fn lying(account: Option<&AccountKey>, state: EncryptionState) -> HistoryLock {
    HistoryLock { account: account.cloned(), state }
}

#[tokio::test]
async fn nobodys_history_that_is_locked_is_seen_beside_an_accounts_and_opened_by_going_there() {
    let mut stage = Stage::start().await;
    stage.bench.answered(None, "De nadie", &[WORD]).await;
    stage.bench.app.encryption_enable(enable(PlainBackups::Keep)).await.unwrap();
    let ana = stage.sign_in_as("ana", "Ana").await.account;
    stage.bench.answered(None, "De Ana", &["Sí."]).await;
    let large = Settings { type_size: 120, ..stage.bench.app.settings_get().await.unwrap() };
    stage.bench.app.settings_set(large.clone()).await.unwrap();

    // The keyring is lost. Hers opens as she left it, with the settings that it last saw, and says that nobody's is locked.
    stage.bench.secrets = Keyring::default();
    stage.restart().await;
    let boot = stage.bench.app.boot().await.unwrap();
    assert_eq!((boot.storage_trouble, &boot.settings), (None, &large));
    assert_eq!(boot.profile.map(|profile| profile.id), Some("kit".into()));
    assert_eq!(stage.titles().await, ["De Ana"]);
    let locked = [lying(None, EncryptionState::Locked), lying(Some(&ana), EncryptionState::Plain)];
    assert_eq!(stage.bench.app.encryption_list().await.unwrap(), locked);
    // What she sets is kept, and her history is not said to be the locked one.
    let dark = Settings { theme: Theme::Dark, ..large.clone() };
    assert_eq!(stage.bench.app.settings_set(dark.clone()).await.unwrap(), dark);
    stage.bench.answered(None, "De Ana otra vez", &["Sí."]).await;
    let told = |event: &Event| matches!(event, Event::StorageTrouble { .. });
    assert!(!stage.bench.window.events.iter().any(told), "{:?}", stage.bench.window.events);
    stage.restart().await;
    assert_eq!(stage.bench.app.boot().await.unwrap().settings, dark);

    // Going there shows that it is locked; going back changes nothing.
    let left = stage.bench.app.account_leave().await.unwrap();
    assert_eq!((left.active, left.known.len()), (None, 1));
    assert_eq!(stage.bench.app.boot().await.unwrap().storage_trouble, Some(ErrorCode::HistoryLocked));
    assert_eq!(stage.bench.app.encryption_list().await.unwrap(), locked);
    stage.bench.app.account_switch(AccountRef { account: ana.clone() }).await.unwrap();
    assert_eq!(stage.bench.app.boot().await.unwrap().storage_trouble, None);
    assert_eq!(stage.titles().await, ["De Ana otra vez", "De Ana"]);

    stage.bench.app.account_leave().await.unwrap();
    stage.bench.app.encryption_unlock(unlock(Some(PASSPHRASE))).await.unwrap();
    assert_eq!(stage.titles().await, ["De nadie"]);
    let open_now = [lying(None, EncryptionState::Encrypted), lying(Some(&ana), EncryptionState::Plain)];
    assert_eq!(stage.bench.app.encryption_list().await.unwrap(), open_now);
    assert_eq!(stage.bench.app.boot().await.unwrap().settings, large, "the program's own hold again");
    stage.bench.app.account_switch(AccountRef { account: ana }).await.unwrap();
    assert_eq!(stage.titles().await, ["De Ana otra vez", "De Ana"]);
}

#[tokio::test]
async fn an_accounts_history_that_is_locked_is_seen_from_another_one_and_its_key_is_not_kept_for_that() {
    let mut stage = Stage::start().await;
    stage.bench.answered(None, "De nadie", &["Sí."]).await;
    let ana = stage.sign_in_as("ana", "Ana").await.account;
    stage.bench.answered(None, "De Ana", &[WORD]).await;
    stage.bench.app.encryption_enable(enable(PlainBackups::Keep)).await.unwrap();
    stage.bench.app.account_leave().await.unwrap();
    assert_eq!(stage.titles().await, ["De nadie"]);
    stage.restart().await;
    let lies = |state| [lying(None, EncryptionState::Plain), lying(Some(&ana), state)];
    assert_eq!(stage.bench.app.encryption_list().await.unwrap(), lies(EncryptionState::Encrypted));
    // Looking did not take the key along: without the keyring it is locked again.
    stage.bench.secrets.is_in_trouble(Some(SecretError::Locked));
    assert_eq!(stage.bench.app.encryption_list().await.unwrap(), lies(EncryptionState::Locked));
    stage.bench.app.account_switch(AccountRef { account: ana.clone() }).await.unwrap();
    assert_eq!(stage.bench.app.boot().await.unwrap().storage_trouble, Some(ErrorCode::HistoryLocked));
    stage.bench.app.account_leave().await.unwrap();
    assert_eq!(stage.titles().await, ["De nadie"]);
    stage.bench.secrets.is_in_trouble(None);
    stage.bench.app.account_switch(AccountRef { account: ana.clone() }).await.unwrap();
    assert_eq!(stage.titles().await, ["De Ana"]);
    assert_eq!(stage.bench.app.encryption_list().await.unwrap(), lies(EncryptionState::Encrypted));
}
