//! Backups: made beside a writer, read before they count, shown when damaged, and put in the place of the history.

use std::fs;

use capibara6_protocol::{
    BackupConversation, BackupEntry, BackupId, BackupPreview, BackupReason, BackupState, Difference, Retention,
};
use capibara6_store::{BackupFolder, DatabaseKey, Pace, Store, StoreError};

use crate::stage::{Home, active, at, begin_new, content, conversation, message, messages, write_all};

const NOW: i64 = 1_767_323_045_678;
const DAY: i64 = 24 * 60 * 60 * 1000;

fn folder(home: &Home) -> BackupFolder {
    BackupFolder::of(&home.database(), None)
}

async fn one_more(store: &Store, n: u128) {
    begin_new(store, n, n * 10, n * 10 + 1).await;
    write_all(store, n * 10 + 1, &format!("answer {n}")).await;
}

/// The names of all files in a folder, and the bytes of the databases.
fn files(home: &Home) -> Vec<String> {
    let entries = fs::read_dir(home.directory().join("backups")).expect("a folder");
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("a name")).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_backup_is_whole_and_says_what_it_holds() {
    let home = Home::new();
    let store = home.open().await;
    one_more(&store, 1).await;
    one_more(&store, 2).await;
    store.delete(conversation(2), at(23)).await.expect("deleted");
    // Being written: what is there so far comes along.
    begin_new(&store, 3, 30, 31).await;
    store.append(vec![content(31, "half")]).await.expect("appended");

    let backups = folder(&home);
    assert_eq!(backups.list().await, Ok(Vec::new()));
    assert_eq!(backups.is_due(NOW).await, Ok(true));
    let made = backups.create(BackupReason::Daily, NOW, Pace::Gentle).await.expect("made");
    let expected = BackupEntry {
        id: BackupId("000001-2026-01-02T03-04-05Z-daily".into()),
        created_at: NOW,
        bytes: made.bytes,
        reason: BackupReason::Daily,
        state: BackupState::Good,
        conversations: 2,
        messages: 4,
        newest_at: Some(at(31)),
        verified_at: Some(NOW),
    };
    assert_eq!(made, expected);
    assert!(made.bytes > 4096);
    assert_eq!(backups.list().await, Ok(vec![expected.clone()]));
    assert_eq!(backups.is_due(NOW + DAY - 1).await, Ok(false));
    assert_eq!(backups.is_due(NOW + DAY).await, Ok(true));
    assert_eq!(files(&home), ["000001-2026-01-02T03-04-05Z-daily.db", "lock", "verified.json"]);
    store.append(vec![content(31, " and on")]).await.expect("the writer goes on");

    one_more(&store, 4).await;
    let of = |n: u128, title: &str, updated_at, messages| BackupConversation {
        id: conversation(n),
        title: title.into(),
        updated_at,
        messages,
    };
    assert_eq!(
        backups.preview(&made.id, NOW + 1).await,
        Ok(BackupPreview {
            entry: BackupEntry { verified_at: Some(NOW + 1), ..expected },
            newest: vec![of(3, "title 3", at(31), 2), of(1, "title 1", at(11), 2)],
            only_here: Difference { conversations: 1, messages: 2, newest: vec![of(4, "title 4", at(41), 2)] },
            only_there: Difference::default(),
        })
    );
    store.close().await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_backup_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::new();
    let store = home.open().await;
    let made = folder(&home).create(BackupReason::Manual, NOW, Pace::Full).await.expect("made");
    let mode = |path: std::path::PathBuf| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(home.directory().join("backups")), 0o700);
    assert_eq!(mode(home.directory().join("backups").join(made.id.0 + ".db")), 0o600);
    store.close().await;
}

#[tokio::test]
async fn a_restored_backup_takes_the_place_of_the_history() {
    let home = Home::new();
    let store = home.open().await;
    one_more(&store, 1).await;
    let backups = folder(&home);
    let made = backups.create(BackupReason::Manual, NOW, Pace::Full).await.expect("made");
    one_more(&store, 2).await;
    store.delete(conversation(1), at(30)).await.expect("deleted");
    let before = backups.create(BackupReason::BeforeRestore, NOW + 1, Pace::Full).await.expect("made");
    backups.stage_restore(&made.id, NOW + 2, None).await.expect("staged");
    assert_eq!(active(&store, 2).await, messages(&[20, 21]), "nothing has changed yet");
    // Not closed in order: its log lies there, and must not be read with the other database.
    begin_new(&store, 3, 30, 31).await;
    store.append(vec![content(31, "in the log")]).await.expect("appended");
    backups.finish_restore().await.expect("restored");
    store.close().await;
    drop(store);

    let store = home.open().await;
    assert_eq!(active(&store, 1).await, messages(&[10, 11]));
    assert_eq!(store.message(message(21)).await, Err(StoreError::NotFound));
    assert_eq!(store.message(message(31)).await, Err(StoreError::NotFound));
    store.check().await.expect("sound");
    let preview = backups.preview(&before.id, NOW + 3).await.expect("a preview");
    assert_eq!((preview.only_there.conversations, preview.only_there.messages), (1, 2));
    store.close().await;
    drop(store);
    assert!(!home.directory().join("replaced").exists());

    // And back again.
    backups.stage_restore(&before.id, NOW + 4, None).await.expect("staged");
    // Killed in between: the next start finishes it.
    let store = home.open().await;
    assert_eq!(active(&store, 2).await, messages(&[20, 21]));
    assert_eq!(store.restore(conversation(1)).await.map(|summary| summary.id), Ok(conversation(1)));
    store.close().await;
}

#[tokio::test]
async fn a_damaged_backup_is_shown_as_such_and_never_restored() {
    let home = Home::new();
    let store = home.open().await;
    begin_new(&store, 1, 10, 11).await;
    write_all(&store, 11, &"words ".repeat(20_000)).await;
    let backups = folder(&home);
    let mut made = Vec::new();
    for n in 0..3 {
        made.push(backups.create(BackupReason::Manual, NOW + n, Pace::Full).await.expect("made"));
    }
    let file = |n: usize| home.directory().join("backups").join(format!("{}.db", made[n].id.0));
    let mut bytes = fs::read(file(0)).expect("a file");
    let inside = bytes.len() / 2;
    bytes[inside..inside + 8192].fill(0xa5);
    fs::write(file(0), &bytes).expect("written");
    fs::write(file(1), &bytes[..inside]).expect("cut off");

    let states = async || -> Vec<BackupState> {
        backups.list().await.expect("a list").into_iter().map(|entry| entry.state).collect()
    };
    assert_eq!(states().await, [BackupState::Good, BackupState::Damaged, BackupState::Good], "the cut is seen at once");
    let damaged = |error: Result<BackupEntry, StoreError>| matches!(error, Err(StoreError::Damaged(_)));
    assert!(damaged(backups.preview(&made[0].id, NOW + 9).await.map(|preview| preview.entry)));
    assert_eq!(states().await, [BackupState::Good, BackupState::Damaged, BackupState::Damaged], "it was read");
    assert!(damaged(backups.stage_restore(&made[0].id, NOW + 9, None).await));
    assert!(damaged(backups.stage_restore(&made[1].id, NOW + 9, None).await));
    assert!(!home.directory().join("capibara6.db.incoming").exists());
    assert_eq!(backups.preview(&BackupId("../capibara6".into()), NOW).await.map(drop), Err(StoreError::NotFound));
    assert_eq!(backups.delete(&made[1].id), Ok(()));
    assert_eq!(backups.delete(&made[1].id), Err(StoreError::NotFound));
    store.close().await;
}

#[tokio::test]
async fn rotation_removes_what_is_not_kept_and_what_a_kill_left() {
    let home = Home::new();
    let store = home.open().await;
    let backups = folder(&home);
    for day in 0..4 {
        backups.create(BackupReason::Daily, NOW + day * DAY, Pace::Full).await.expect("made");
    }
    // The clock is set back: the newest is still the one that was made last.
    let last = backups.create(BackupReason::Daily, NOW - 30 * DAY, Pace::Full).await.expect("made");
    fs::write(home.directory().join("backups/000009-x.draft"), b"half").expect("written");
    fs::write(home.directory().join("backups/notes.txt"), b"somebody's").expect("written");
    let retention = Retention { daily: 3, weekly: 1, occasional: 1, limit_mib: 0 };
    let removed = backups.rotate(&retention).await.expect("rotated");
    assert_eq!(removed.len(), 2);
    let left = backups.list().await.expect("a list");
    assert_eq!(
        left.iter().map(|entry| entry.created_at).collect::<Vec<_>>(),
        [last.created_at, NOW + 3 * DAY, NOW + 2 * DAY]
    );
    assert_eq!(backups.longest_unread(NOW + 3 * DAY, DAY).await, Ok(Some(last.id)));
    assert!(!home.directory().join("backups/000009-x.draft").exists());
    assert!(home.directory().join("backups/notes.txt").exists());
    store.close().await;
}

#[tokio::test]
async fn a_damaged_database_makes_no_backup() {
    let home = Home::new();
    let store = home.open().await;
    begin_new(&store, 1, 10, 11).await;
    write_all(&store, 11, &"words ".repeat(20_000)).await;
    store.close().await;
    drop(store);
    let mut bytes = fs::read(home.database()).expect("a file");
    let inside = bytes.len() / 2;
    bytes[inside..].fill(0xa5);
    fs::write(home.database(), bytes).expect("written");
    let made = folder(&home).create(BackupReason::Daily, NOW, Pace::Full).await;
    assert!(matches!(made, Err(StoreError::Damaged(_))), "{made:?}");
    assert_eq!(files(&home), ["lock"], "nothing is left of it");
}

#[tokio::test]
async fn a_backup_that_nobody_waits_for_any_more_leaves_nothing() {
    let home = Home::new();
    let store = home.open().await;
    begin_new(&store, 1, 10, 11).await;
    write_all(&store, 11, &"words ".repeat(2_000_000)).await;
    let (say, mut hear) = tokio::sync::mpsc::unbounded_channel();
    let backups = folder(&home).with_progress(move |progress| {
        let _ = say.send(progress);
    });
    let making = tokio::spawn(async move { backups.create(BackupReason::Daily, NOW, Pace::Gentle).await });
    hear.recv().await.expect("it has begun");
    making.abort();
    assert!(making.await.is_err_and(|error| error.is_cancelled()));
    while hear.recv().await.is_some() {}
    assert!(!files(&home).iter().any(|name| name.contains(".db")), "{:?}", files(&home));
    let again = folder(&home).create(BackupReason::Daily, NOW, Pace::Full).await.expect("the turn is free again");
    assert_eq!(again.messages, 2);
    store.close().await;
}

#[tokio::test]
async fn an_encrypted_history_has_encrypted_backups() {
    let home = Home::new();
    let key = DatabaseKey::new([7; DatabaseKey::BYTES]);
    let store = Store::open_encrypted(&home.database(), &key).await.expect("a store");
    one_more(&store, 1).await;
    let backups = BackupFolder::of(&home.database(), Some(&key));
    let made = backups.create(BackupReason::Manual, NOW, Pace::Full).await.expect("made");
    one_more(&store, 2).await;
    let preview = backups.preview(&made.id, NOW).await.expect("a preview");
    assert_eq!((preview.only_here.conversations, preview.newest.len()), (1, 1));
    let bytes = fs::read(home.directory().join("backups").join(format!("{}.db", made.id.0))).expect("a file");
    for text in ["SQLite format 3", "answer 1"] {
        assert!(!bytes.windows(text.len()).any(|window| window == text.as_bytes()), "{text}");
    }
    assert_eq!(folder(&home).list().await.expect("a list")[0].state, BackupState::Damaged, "without the key");
    backups.stage_restore(&made.id, NOW, None).await.expect("staged");
    store.close().await;
    drop(store);
    let store = Store::open_encrypted(&home.database(), &key).await.expect("a store");
    assert_eq!(active(&store, 1).await, messages(&[10, 11]));
    assert_eq!(store.message(message(21)).await, Err(StoreError::NotFound));
    store.close().await;
}
