//! A damaged database: what can be read is saved, what cannot is said, and the file itself is never lost.

use std::fs;
use std::path::Path;

use capibara6_protocol::{AppError, BackupReason, ErrorCode, Message, MessageStatus, SalvageReport, Settings, Theme};
use capibara6_store::salvage::{can_be_tried, salvage};
use capibara6_store::{Pace, Store, StoreError};

use crate::stage::{
    Home, active, begin_new, begin_next, complete_answer, content, conversation, message, messages, write_all,
};

const NOW: i64 = 1_767_323_045_678;
const CONVERSATIONS: u128 = 12;
const PAGE: usize = 4096;

/// So many conversations of four messages, the answers of different lengths, one of them left half written.
async fn fill(home: &Home) {
    let store = home.open().await;
    for n in 1..=CONVERSATIONS {
        let (first, second) = (n * 10 + 1, n * 10 + 3);
        begin_new(&store, n, n * 10, first).await;
        write_all(&store, first, &text(first)).await;
        begin_next(&store, n, Some(first), n * 10 + 2, second).await;
        store.append(vec![content(second, &text(second))]).await.expect("appended");
        if n != 5 {
            store.settle(crate::stage::settled(second, MessageStatus::Complete)).await.expect("settled");
        }
    }
    store.set_settings(&Settings { theme: Theme::Dark, ..Settings::default() }).await.expect("set");
    store.close().await;
}

fn text(n: u128) -> String {
    format!("answer {n} ").repeat((n as usize * 37) % 700 + 1)
}

async fn salvaged(home: &Home) -> SalvageReport {
    salvage(&home.database(), None, NOW, "malformed", |_| {}).await.expect("salvaged")
}

/// Overwrites a page; the first is number 1, as SQLite counts.
fn break_page(database: &Path, page: usize) {
    let mut bytes = fs::read(database).expect("a file");
    bytes[(page - 1) * PAGE..page * PAGE].fill(0xa5);
    fs::write(database, bytes).expect("written");
}

/// What is there of the messages that were: whole, or lost with a mark in their place, or lost.
async fn compare(store: &Store) -> (u32, u32) {
    let (mut whole, mut lost) = (0, 0);
    for n in 1..=CONVERSATIONS {
        for m in n * 10..n * 10 + 4 {
            match store.message(message(m)).await {
                Ok(found) if found.error == Some(AppError::new(ErrorCode::StorageDamaged).with_field("content")) => {
                    assert_eq!(found.status, MessageStatus::Failed);
                    assert!(!found.content.contains('\u{0}'));
                    lost += 1;
                }
                Ok(found) => {
                    let expected = if m % 2 == 0 { format!("question {m}") } else { text(m) };
                    assert!(found.content == expected, "message {m} is whole");
                    whole += 1;
                }
                Err(StoreError::NotFound) => lost += 1,
                Err(other) => panic!("{other:?}"),
            }
        }
    }
    (whole, lost)
}

#[tokio::test]
async fn a_sound_database_is_saved_whole() {
    let home = Home::new();
    fill(&home).await;
    let before = fs::read(home.database()).expect("a file");
    let report = salvaged(&home).await;
    let aside = home.directory().join("damaged/2026-01-02T03-04-05Z");
    let expected = SalvageReport {
        at: NOW,
        detail: "malformed".into(),
        set_aside: aside.display().to_string(),
        saved_conversations: 12,
        saved_messages: 48,
        messages_from_backup: 0,
        lost_conversations: 0,
        lost_messages: 0,
        lost: Vec::new(),
        lost_settings: false,
        incomplete: false,
        backup: None,
    };
    assert_eq!(report, expected);
    assert_eq!(fs::read(aside.join("capibara6.db")).expect("a file"), before, "set aside as it was");
    let store = home.open().await;
    assert_eq!(compare(&store).await, (48, 0));
    assert_eq!(store.salvage_report().await, Ok(Some(expected)));
    store.dismiss_salvage_report().await.expect("dismissed");
    assert_eq!(store.salvage_report().await, Ok(None));
    assert_eq!(store.settings().await.map(|settings| settings.theme), Ok(Theme::Dark));
    assert_eq!(store.view(conversation(3), None, 10).await.map(|view| view.conversation.messages), Ok(4));
    store.check().await.expect("sound");
    store.close().await;
}

/// Every page in turn: the rest is always saved, and what is said to be missing is what is missing.
#[tokio::test]
async fn whichever_page_is_broken_the_rest_is_saved() {
    let original = Home::new();
    fill(&original).await;
    let pages = fs::metadata(original.database()).expect("a file").len() as usize / PAGE;
    assert!(pages > 40, "{pages} pages");
    let (mut least, mut told) = (u32::MAX, 0);
    for page in 2..=pages {
        let home = Home::new();
        fs::copy(original.database(), home.database()).expect("copied");
        break_page(&home.database(), page);
        let report = salvaged(&home).await;
        let store = home.open().await;
        store.check().await.expect("sound");
        let (whole, lost) = compare(&store).await;
        assert_eq!((report.saved_messages, whole + lost), (whole, 48), "page {page}: {report:?}");
        if !report.incomplete {
            assert_eq!(report.lost_messages, lost, "page {page}: {report:?}");
            told += 1;
        }
        least = least.min(whole);
        begin_new(&store, 100, 1000, 1001).await;
        assert_eq!(write_all(&store, 1001, "and on").await.content, "and on");
        store.close().await;
    }
    println!("{pages} pages; at the least {least} of 48 messages saved; {told} times all losses known");
    assert!(told * 10 >= pages * 8, "in {told} of {pages} cases all losses are known");
}

#[tokio::test]
async fn many_broken_pages_cost_what_was_on_them() {
    let mut random = fastrand::Rng::with_seed(11);
    let original = Home::new();
    fill(&original).await;
    let pages = fs::metadata(original.database()).expect("a file").len() as usize / PAGE;
    for _ in 0..12 {
        let home = Home::new();
        fs::copy(original.database(), home.database()).expect("copied");
        for _ in 0..random.usize(2..pages / 4) {
            break_page(&home.database(), random.usize(2..=pages));
        }
        let report = salvaged(&home).await;
        let store = home.open().await;
        store.check().await.expect("sound");
        let (whole, _) = compare(&store).await;
        assert_eq!(report.saved_messages, whole);
        for n in 1..=CONVERSATIONS {
            // A branch is in one piece wherever anything of it is left.
            if let Ok(view) = store.view(conversation(n), None, 10).await {
                assert!(view.messages.windows(2).all(|pair| pair[1].parent == Some(pair[0].id)));
            }
        }
        store.close().await;
    }
}

#[tokio::test]
async fn a_lost_message_leaves_a_mark_and_comes_back_from_a_backup() {
    let home = Home::new();
    fill(&home).await;
    let store = home.open().await;
    let backups = store.backups();
    let made = backups.create(BackupReason::Daily, NOW - 1, Pace::Full).await.expect("made");
    begin_new(&store, 90, 900, 901).await;
    write_all(&store, 901, &"since the backup ".repeat(600)).await;
    store.close().await;
    drop(store);
    // Pages of a long answer that is in the backup, and of one that is not.
    let bytes = fs::read(home.database()).expect("a file");
    let page_of = |text: &str| {
        let at = bytes.windows(text.len()).rposition(|window| window == text.as_bytes()).expect("it is there");
        at / PAGE + 1
    };
    let (known, unknown) = (page_of("answer 83 answer 83 "), page_of("since the backup since the backup "));
    break_page(&home.database(), known);
    break_page(&home.database(), unknown);

    let report = salvaged(&home).await;
    assert_eq!(report.backup.as_ref().map(|entry| &entry.id), Some(&made.id));
    assert!(report.messages_from_backup >= 1, "{report:?}");
    assert_eq!((report.lost_messages, report.incomplete), (1, false), "{report:?}");
    assert_eq!(report.lost[0].title.as_deref(), Some("title 90"));
    let store = home.open().await;
    assert_eq!(compare(&store).await, (48, 0), "all that is in the backup is here");
    assert_eq!(active(&store, 90).await, messages(&[900, 901]), "the branch is whole");
    let lost = Message {
        status: MessageStatus::Failed,
        error: Some(AppError::new(ErrorCode::StorageDamaged).with_field("content")),
        metrics: None,
        model: None,
        routing: None,
        ..complete_answer(90, 901, 900, "")
    };
    assert_eq!(store.message(message(901)).await, Ok(lost));
    store.close().await;
}

#[tokio::test]
async fn what_may_be_encrypted_is_not_tried() {
    let home = Home::new();
    fill(&home).await;
    assert!(can_be_tried(&home.database(), None).await);
    break_page(&home.database(), 1);
    assert!(!can_be_tried(&home.database(), None).await);
    fs::write(home.database(), b"").expect("written");
    assert!(!can_be_tried(&home.database(), None).await);
    assert!(!can_be_tried(&home.directory().join("absent"), None).await);
}

#[tokio::test]
async fn the_log_goes_with_its_database() {
    let home = Home::new();
    let store = home.open().await;
    begin_new(&store, 1, 10, 11).await;
    write_all(&store, 11, "in the log").await;
    // What a crash leaves: copied while it is open.
    let crashed = Home::new();
    for file in ["capibara6.db", "capibara6.db-wal"] {
        fs::copy(home.directory().join(file), crashed.directory().join(file)).expect("copied");
    }
    store.close().await;
    let log = fs::read(crashed.directory().join("capibara6.db-wal")).expect("a log");
    assert!(!log.is_empty());
    let report = salvaged(&crashed).await;
    assert_eq!((report.saved_messages, report.lost_messages), (2, 0));
    let aside = crashed.directory().join("damaged/2026-01-02T03-04-05Z/capibara6.db-wal");
    assert_eq!(fs::read(aside).expect("the log"), log);
    let store = crashed.open().await;
    assert_eq!(store.message(message(11)).await.map(|message| message.content), Ok("in the log".into()));
    store.close().await;
}
