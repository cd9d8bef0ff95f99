//! Encryption at rest: what is encrypted is read with its key only, and nothing is lost on the way there and back.

use std::fs;

use capibara6_protocol::{BackupReason, MessageStatus};
use capibara6_store::{BackupFolder, Cipher, DatabaseKey, Pace, Store, StoreError, recrypt};

use crate::stage::{Home, at, begin_new, complete_answer, conversation, message, write_all};

const WORD: &str = "carpincho-que-nadie-debe-leer";

fn key(n: u8) -> DatabaseKey {
    DatabaseKey::new([n; DatabaseKey::BYTES])
}

async fn filled(home: &Home) {
    let store = home.open().await;
    begin_new(&store, 1, 10, 11).await;
    write_all(&store, 11, WORD).await;
    while store.index_some().await.expect("indexed") > 0 {}
    store.close().await;
}

async fn encrypted(home: &Home) -> Store {
    Store::open_encrypted(&home.database(), &key(1)).await.expect("a store")
}

#[tokio::test]
async fn a_history_becomes_encrypted_and_plain_again_without_losing_a_word() {
    let home = Home::new();
    filled(&home).await;
    assert!(home.holds(WORD));
    assert_eq!(Cipher::of(&home.database()), Cipher::Plain);

    recrypt(&home.database(), None, Some(&key(1))).await.expect("encrypted");
    assert_eq!(Cipher::of(&home.database()), Cipher::Encrypted);
    assert!(!home.holds(WORD));
    assert!(!home.holds("question 10"));
    let store = encrypted(&home).await;
    assert_eq!(store.message(message(11)).await.expect("the answer"), complete_answer(1, 11, 10, WORD));
    begin_new(&store, 2, 20, 21).await;
    write_all(&store, 21, "written when it was encrypted").await;
    store.check().await.expect("sound");
    store.close().await;
    assert!(!home.holds("written when"));

    recrypt(&home.database(), Some(&key(1)), None).await.expect("plain");
    let store = home.open().await;
    assert_eq!(store.message(message(21)).await.expect("the answer").content, "written when it was encrypted");
    assert_eq!(store.view(conversation(1), None, 9).await.expect("a view").messages.len(), 2);
    store.close().await;
}

#[tokio::test]
async fn another_key_or_none_opens_nothing_and_changes_nothing() {
    let home = Home::new();
    filled(&home).await;
    recrypt(&home.database(), None, Some(&key(1))).await.expect("encrypted");
    let before = fs::read(home.database()).expect("the file");
    assert!(matches!(Store::open(&home.database()).await, Err(StoreError::Damaged(_))));
    assert!(matches!(Store::open_encrypted(&home.database(), &key(2)).await, Err(StoreError::Damaged(_))));
    assert!(matches!(recrypt(&home.database(), Some(&key(2)), None).await, Err(StoreError::Damaged(_))));
    assert_eq!(fs::read(home.database()).expect("the file"), before);
    assert_eq!(encrypted(&home).await.message(message(11)).await.expect("the answer").content, WORD);
}

#[tokio::test]
async fn what_was_begun_and_cut_off_is_finished_by_the_next_opening() {
    let home = Home::new();
    filled(&home).await;
    let aside = Home::new();
    fs::copy(home.database(), aside.database()).expect("copied");
    recrypt(&aside.database(), None, Some(&key(1))).await.expect("encrypted");
    // As if the program had ended right before the old file went.
    let incoming = home.database().with_extension("db.incoming");
    fs::copy(aside.database(), &incoming).expect("copied");
    assert_eq!(Cipher::of(&home.database()), Cipher::Encrypted);
    let store = encrypted(&home).await;
    assert_eq!(store.message(message(11)).await.expect("the answer").status, MessageStatus::Complete);
    store.close().await;
    assert!(!home.holds(WORD), "the old file is gone");
    assert_eq!(Cipher::of(&home.database()), Cipher::Encrypted);
}

#[tokio::test]
async fn backups_of_both_kinds_are_read_with_the_key() {
    let home = Home::new();
    filled(&home).await;
    let plain = BackupFolder::of(&home.database(), None);
    plain.create(BackupReason::Manual, at(30), Pace::Full).await.expect("a plain backup");
    recrypt(&home.database(), None, Some(&key(1))).await.expect("encrypted");

    let folder = BackupFolder::of(&home.database(), Some(&key(1)));
    let made = folder.create(BackupReason::Manual, at(40), Pace::Full).await.expect("an encrypted backup");
    let file = folder.path().join(format!("{}.db", made.id.0));
    assert_eq!(Cipher::of(&file), Cipher::Encrypted, "{}", file.display());
    let entries = folder.list().await.expect("a list");
    assert_eq!(entries.len(), 2);
    for entry in &entries {
        let preview = folder.preview(&entry.id, at(50)).await.expect("a preview");
        assert_eq!((preview.entry.conversations, preview.entry.messages), (1, 2));
    }
    let staged = folder.stage_restore(&made.id, at(60), None).await.expect("staged");
    assert_eq!(staged.id, made.id);
    folder.finish_restore().await.expect("restored");
    assert_eq!(encrypted(&home).await.message(message(11)).await.expect("the answer").content, WORD);
}
