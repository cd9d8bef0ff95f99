//! A full disk: nothing acknowledged is lost, everything stays readable, and it goes on when there is room again.

use capibara6_protocol::{Message, MessageStatus};
use capibara6_store::{Store, StoreError};

use crate::stage::{Home, begin_new, content, conversation, message, settled, streaming_answer, write_all};

/// A few pages more than an empty database has.
const PAGES: u32 = 40;

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
    let store = Store::open_limited(&home.database(), PAGES).await.expect("a store");
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
    let store = Store::open_limited(&home.database(), PAGES).await.expect("a store");
    begin_new(&store, 1, 10, 11).await;
    let acknowledged = fill(&store).await;
    store.close().await;
    drop(store);
    let store = Store::open_limited(&home.database(), PAGES).await.expect("a store");
    let interrupted = Message { status: MessageStatus::Interrupted, ..streaming_answer(1, 11, 10, &acknowledged) };
    assert_eq!(store.message(message(11)).await, Ok(interrupted));
}
