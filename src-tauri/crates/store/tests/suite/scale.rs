//! Large histories: what is asked for costs what it is, not what there is. Times are the best of several, so that a busy
//! machine does not decide; their bounds are far above what is measured and far below what a scan would take.

use std::time::{Duration, Instant};

use capibara6_protocol::Message;
use capibara6_store::{ImportedConversation, Store};

use crate::stage::{Home, at, complete_answer, conversation, message, stored_question, summary};

/// How often something is timed.
const TRIES: u32 = 15;

async fn best<T>(mut attempt: impl AsyncFnMut() -> T) -> Duration {
    let mut best = Duration::MAX;
    for _ in 0..TRIES {
        let started = Instant::now();
        attempt().await;
        best = best.min(started.elapsed());
    }
    best
}

/// A conversation of one branch.
fn long(c: u128, first: u128, length: u128) -> ImportedConversation {
    let text = "Some words that a person or a model might say, again and again. ".repeat(12);
    let say = |n: u128| -> Message {
        let parent = (n > first).then(|| n - 1);
        match parent {
            Some(parent) if (n - first) % 2 == 1 => complete_answer(c, n, parent, &text),
            parent => stored_question(c, n, parent, &text, &[n]),
        }
    };
    ImportedConversation {
        summary: summary(c, &format!("title {c}"), at(first)),
        messages: (first..first + length).map(say).collect(),
    }
}

#[tokio::test]
async fn a_branch_of_three_thousand_messages_is_shown_in_milliseconds() {
    let home = Home::new();
    let store = home.open().await;
    let long = long(1, 1, 3000);
    store.import(std::slice::from_ref(&long)).await.expect("imported");
    let view = store.view(conversation(1), None, 50).await.expect("a view");
    assert_eq!((view.messages.as_slice(), view.earlier), (&long.messages[2950..], true));
    let end = best(async || store.view(conversation(1), None, 50).await.expect("a view")).await;
    let middle = best(async || store.view(conversation(1), Some(message(1500)), 50).await.expect("a view")).await;
    let whole = best(async || store.branch(message(3000)).await.expect("a branch")).await;
    assert_eq!(store.branch(message(3000)).await, Ok(long.messages));
    for (what, took, bound) in [("end", end, 20), ("middle", middle, 20), ("whole", whole, 400)] {
        assert!(took < Duration::from_millis(bound), "{what}: {took:?}");
    }
    eprintln!("50 at the end {end:?}, 50 in the middle {middle:?}, all 3,000 {whole:?}");
}

#[tokio::test]
async fn a_large_history_opens_as_quickly_as_a_small_one() {
    let home = Home::new();
    let store = home.open().await;
    for batch in 0..10 {
        let conversations: Vec<_> = (0..50)
            .map(|n| {
                let n = batch * 50 + n;
                long(n, n * 1000 + 1, 40)
            })
            .collect();
        store.import(&conversations).await.expect("imported");
    }
    store.close().await;
    drop(store);
    let open = best(async || {
        let store = Store::open(&home.database()).await.expect("a store");
        assert_eq!(store.conversations(None, 50).await.map(|page| page.conversations.len()), Ok(50));
        assert_eq!(store.view(conversation(250), None, 50).await.map(|view| view.messages.len()), Ok(40));
        store.close().await;
    })
    .await;
    assert!(open < Duration::from_millis(150), "{open:?}");
    eprintln!("open, list, view and close with 20,000 messages: {open:?}");
}
