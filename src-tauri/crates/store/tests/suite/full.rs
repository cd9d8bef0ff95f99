//! A full disk: nothing acknowledged is lost, everything stays readable, and it goes on when there is room again.

use capibara6_protocol::{Message, MessageStatus};
use capibara6_store::{Store, StoreError};
use sqlx::Connection as _;

use crate::stage::{Home, begin_new, content, conversation, message, settled, streaming_answer, write_all};

/// So many pages more than an empty database has.
const ROOM: u32 = 20;

/// A store in which there is some room and no more.
async fn open_limited(home: &Home) -> Store {
    home.open().await.close().await;
    let mut raw = home.raw().await;
    let pages: u32 = sqlx::query_scalar("PRAGMA page_count").fetch_one(&mut raw).await.expect("a number");
    raw.close().await.expect("closed");
    Store::open_limited(&home.database(), pages + ROOM).await.expect("a store")
}

/// Appends until the disk is full, and gives what was acknowledged.
async fn fill(store: &Store) -> String {
    let mut acknowledged = String::new();
    for n in 0.. {
        let piece = format!("{n:>8} {}\n", "lorem ".repeat(40));
        match store.append(vec![content(11, &piece)]).await {
            Ok(()) => acknowledged.push_str(&piece),
            Err(error) => {
                assert_eq!(error, StoreError::Full);
                break;
            }
        }
    }
    assert!(acknowledged.len() > 10_000, "there was some room");
    acknowledged
}

#[tokio::test]
async fn what_was_acknowledged_is_there() {
    let home = Home::new();
    let store = open_limited(&home).await;
    begin_new(&store, 1, 10, 11).await;
    let acknowledged = fill(&store).await;
    let streaming = streaming_answer(1, 11, 10, &acknowledged);
    assert_eq!(store.message(message(11)).await, Ok(streaming.clone()));
    assert_eq!(
        store.append(vec![content(11, &"x".repeat(9000))]).await,
        Err(StoreError::Full),
        "and it stays an error"
    );
    assert_eq!(store.view(conversation(1), None, 10).await.map(|view| view.messages.len()), Ok(2));
    assert_eq!(store.trouble(), None, "a disk may have room again");

    // Ending needs no more room than the journal took.
    let ended = store.settle(settled(11, MessageStatus::Failed)).await.expect("settled");
    assert_eq!(ended.content, acknowledged);
    store.close().await;

    let store = home.open().await;
    assert_eq!(store.message(message(11)).await.map(|answer| answer.content), Ok(acknowledged));
    store.check().await.expect("sound");
    begin_new(&store, 2, 20, 21).await;
    write_all(&store, 21, &"room ".repeat(9000)).await;
}

#[tokio::test]
async fn a_crash_on_a_full_disk_is_settled_at_the_next_start() {
    let home = Home::new();
    let store = open_limited(&home).await;
    begin_new(&store, 1, 10, 11).await;
    let acknowledged = fill(&store).await;
    store.close().await;
    drop(store);
    let store = open_limited(&home).await;
    let interrupted = Message { status: MessageStatus::Interrupted, ..streaming_answer(1, 11, 10, &acknowledged) };
    assert_eq!(store.message(message(11)).await, Ok(interrupted));
}

/// The same on a file system that really is full. By hand, as its superuser:
/// `mount -t tmpfs -o size=2m none DIR; STORE_TEST_SMALL=DIR cargo test -p capibara6-store small_file_system -- --ignored`.
#[tokio::test]
#[ignore = "needs a small file system, see above"]
async fn a_small_file_system_without_room() {
    let directory = std::env::var_os("STORE_TEST_SMALL").map(std::path::PathBuf::from).expect("STORE_TEST_SMALL");
    let database = directory.join("capibara6.db");
    let ballast = directory.join("ballast");
    std::fs::write(&ballast, vec![0; 400_000]).expect("there is room");
    let store = Store::open(&database).await.expect("a store");
    begin_new(&store, 1, 10, 11).await;
    let acknowledged = fill(&store).await;
    assert_eq!(store.message(message(11)).await, Ok(streaming_answer(1, 11, 10, &acknowledged)));
    let ended = store.settle(settled(11, MessageStatus::Failed)).await;
    assert!(matches!(ended, Ok(_) | Err(StoreError::Full)), "{ended:?}");
    store.close().await;
    drop(store);

    // Not a byte is left.
    let mut rest = std::fs::File::create(directory.join("rest")).expect("a file");
    while std::io::Write::write(&mut rest, &[0; 512]).is_ok_and(|written| written > 0) {}
    let store = Store::open(&database).await.expect("it can still be read");
    let kept = store.message(message(11)).await.expect("a message");
    assert_eq!(kept.content, acknowledged);
    assert!(matches!(kept.status, MessageStatus::Interrupted | MessageStatus::Failed), "{kept:?}");
    assert_eq!(store.view(conversation(1), None, 10).await.map(|view| view.messages.len()), Ok(2));
    store.close().await;
    drop(store);

    for file in ["ballast", "rest"] {
        std::fs::remove_file(directory.join(file)).expect("removed");
    }
    let store = Store::open(&database).await.expect("a store");
    assert_eq!(store.trouble(), None);
    store.check().await.expect("sound");
    assert_eq!(store.message(message(11)).await.map(|answer| answer.content), Ok(acknowledged));
    begin_new(&store, 2, 20, 21).await;
    write_all(&store, 21, "room again").await;
}
