//! What is said while the history is damaged: it is kept beside it, and comes into it or into what is salvaged of it, once.

use std::fs;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use capibara6_protocol::{MessageStatus, Part};
use capibara6_store::salvage::salvage;
use capibara6_store::{DatabaseKey, Store, StoreError};

use crate::stage::{Home, begin_new, begin_next, content, message, reasoning, settled, write_all};

const NOW: i64 = 1_767_323_045_678;
const PAGE: usize = 4096;

fn key() -> DatabaseKey {
    DatabaseKey::new([7; DatabaseKey::BYTES])
}

async fn open(home: &Home, key: Option<&DatabaseKey>) -> Store {
    match key {
        Some(key) => Store::open_encrypted(&home.database(), key).await.expect("a store"),
        None => home.open().await,
    }
}

/// Many messages in the file and not in its log, and one that is being written: its first words are in the history.
async fn writing(home: &Home, key: Option<&DatabaseKey>) -> Store {
    let store = open(home, key).await;
    begin_new(&store, 1, 10, 11).await;
    write_all(&store, 11, &"once upon a time ".repeat(4000)).await;
    store.close().await;
    let store = open(home, key).await;
    begin_next(&store, 1, Some(11), 12, 13).await;
    store.append(vec![content(13, "what was said, ")]).await.expect("appended");
    store
}

/// Writes over the middle of the file, in place: it is open. Gives what was there.
fn write_over(home: &Home, bytes: &[u8]) -> Vec<u8> {
    let path = home.database();
    let at = fs::metadata(&path).expect("a file").len() as usize / PAGE / 2 * PAGE;
    let was = fs::read(&path).expect("a file")[at..at + PAGE].to_vec();
    let mut file = fs::File::options().write(true).open(&path).expect("a file");
    file.seek(SeekFrom::Start(at as u64)).expect("found");
    file.write_all(bytes).expect("written");
    was
}

/// Goes on writing while the file is damaged, by every way that a message is written.
async fn go_on(store: &Store) {
    store.append_soon(vec![content(13, "what "), reasoning(13, "hm")]).await.expect("kept");
    store.append(vec![content(13, "was not")]).await.expect("kept");
    store.synchronise().await.expect("kept");
    store.replace_text(message(13), Part::Reasoning, "hm!").await.expect("kept");
    store.append_soon(vec![content(13, ", and what may be.")]).await.expect("kept");
}

const WHOLE: &str = "what was said, what was not, and what may be.";

async fn damaged(home: &Home, store: &Store) -> Vec<u8> {
    let was = write_over(home, &[0xa5; PAGE]);
    assert!(matches!(store.check_gently(NOW).await, Err(StoreError::Damaged(_))));
    was
}

fn files(home: &Home) -> Vec<PathBuf> {
    let entries = fs::read_dir(home.directory()).expect("a directory").map(|entry| entry.expect("an entry").path());
    entries.filter(|path| path.to_string_lossy().contains(".rescue")).collect()
}

async fn shown(store: &Store) -> (MessageStatus, String, String) {
    let found = store.message(message(13)).await.expect("the answer");
    (found.status, found.content, found.reasoning)
}

fn whole(status: MessageStatus) -> (MessageStatus, String, String) {
    (status, WHOLE.to_owned(), "hm!".to_owned())
}

#[tokio::test]
async fn what_is_said_while_the_history_is_damaged_is_in_what_is_salvaged_of_it() {
    for key in [None, Some(key())] {
        for ends in [Some(MessageStatus::Complete), None] {
            let home = Home::new();
            let store = writing(&home, key.as_ref()).await;
            damaged(&home, &store).await;
            go_on(&store).await;
            if let Some(status) = ends {
                assert_eq!(store.settle_anyhow(&settled(13, status)).await, Ok(None), "it is not in its place yet");
            }
            assert!(!home.holds("what was not") || key.is_none(), "nothing of an encrypted history is written plain");
            store.close().await;
            drop(store);
            let report = salvage(&home.database(), key.as_ref(), NOW, "malformed", |_| {}).await.expect("salvaged");
            let store = open(&home, key.as_ref()).await;
            // Nobody ended it: whoever opens it finds it interrupted.
            assert_eq!(shown(&store).await, whole(ends.unwrap_or(MessageStatus::Interrupted)));
            assert_eq!(files(&home), Vec::<PathBuf>::new(), "it went aside with the history that it belongs to");
            let aside = Path::new(&report.set_aside).join("capibara6.db.rescue");
            assert!(aside.exists());
            store.close().await;
        }
    }
}

#[tokio::test]
async fn what_was_kept_beside_a_history_that_only_seemed_damaged_comes_into_it_in_its_order() {
    let home = Home::new();
    let store = writing(&home, None).await;
    let was = damaged(&home, &store).await;
    go_on(&store).await;
    let mut trouble = store.watch_trouble();
    assert!(matches!(*trouble.borrow_and_update(), Some(StoreError::Damaged(_))));
    write_over(&home, &was);
    assert_eq!(store.resume().await, Ok(()));
    assert_eq!((store.trouble(), trouble.has_changed().expect("open")), (None, true));
    assert_eq!(files(&home), Vec::<PathBuf>::new());
    store.append_soon(vec![content(13, " And on.")]).await.expect("appended");
    let ended =
        store.settle_anyhow(&settled(13, MessageStatus::Complete)).await.expect("settled").expect("in its place");
    assert_eq!(ended.content, format!("{WHOLE} And on."));
    store.close().await;
}

#[tokio::test]
async fn the_next_opening_takes_over_what_was_kept_and_takes_it_once() {
    let home = Home::new();
    let store = writing(&home, None).await;
    let was = damaged(&home, &store).await;
    go_on(&store).await;
    store.close().await;
    drop(store);
    write_over(&home, &was);
    let kept = fs::read(home.directory().join("capibara6.db.rescue")).expect("kept beside it");
    for _killed_before_it_was_removed in 0..2 {
        fs::write(home.directory().join("capibara6.db.rescue"), &kept).expect("written");
        let store = home.open().await;
        assert_eq!(shown(&store).await, whole(MessageStatus::Interrupted));
        assert_eq!(files(&home), Vec::<PathBuf>::new());
        store.close().await;
    }
}

#[tokio::test]
async fn words_that_cannot_be_read_any_more_do_not_stand_in_the_way_of_the_history() {
    let home = Home::new();
    let store = writing(&home, None).await;
    store.close().await;
    drop(store);
    fs::write(home.directory().join("capibara6.db.rescue"), [0xa5; 9000]).expect("written");
    let store = home.open().await;
    assert_eq!(shown(&store).await.1, "what was said, ");
    begin_next(&store, 1, Some(13), 14, 15).await;
    assert_eq!(write_all(&store, 15, "and on").await.content, "and on");
    assert_eq!(files(&home), [home.directory().join("capibara6.db.rescue-damaged")]);
    store.close().await;
}

/// What this process has read by now, as the system counts it.
#[cfg(target_os = "linux")]
fn read_by_now() -> usize {
    let told = fs::read_to_string("/proc/self/io").expect("told");
    let line = told.lines().find_map(|line| line.strip_prefix("rchar: ")).expect("a line");
    line.parse().expect("a number")
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_file_that_seems_damaged_is_read_once() {
    let home = Home::new();
    let store = home.open().await;
    begin_new(&store, 1, 10, 11).await;
    write_all(&store, 11, &"once upon a time ".repeat(500_000)).await;
    store.close().await;
    let store = home.open().await;
    let size = fs::metadata(home.database()).expect("a file").len() as usize;
    let before = read_by_now();
    assert_eq!(store.suspect("a read failed".to_owned()).await, Ok(()));
    let read = read_by_now() - before;
    assert!(read >= size && read < size + size / 2, "{read} bytes read of {size}");
    // Once it is known, nothing is read to know it again.
    damaged(&home, &store).await;
    assert!(matches!(store.resume().await, Err(StoreError::Damaged(_))));
    assert!(store.is_proven_damaged());
    let before = read_by_now();
    assert!(matches!(store.suspect("again".to_owned()).await, Err(StoreError::Damaged(_))));
    assert!(read_by_now() - before < size / 2);
    store.close().await;
}
