//! A damaged database: what can be read is saved, what cannot is said, and the file itself is never lost.

use std::fs;
use std::path::Path;

use capibara6_protocol::{AppError, BackupReason, ErrorCode, Message, MessageStatus, SalvageReport, Settings, Theme};
use capibara6_store::salvage::{can_be_tried, salvage};
use capibara6_store::{DatabaseKey, ImportedConversation, Pace, Store, StoreError};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, Row as _};

use crate::stage::{
    Home, active, at, begin_new, begin_next, complete_answer, content, conversation, message, messages,
    stored_question, summary, write_all,
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
                    assert!(found.content == expected, "message {m} is whole: {:?}, {}", found.status, found.content);
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

/// Enough conversations and messages for both tables to have inner pages; `long` of them go on on pages of their own.
const MANY: u128 = 300;

fn long(n: u128) -> String {
    format!("answer {n} ").repeat(if n.is_multiple_of(10) { 900 } else { 3 })
}

async fn fill_with_many(store: &Store) {
    let of = |c: u128| {
        let (question, answer) = (c * 10, c * 10 + 1);
        let messages = vec![
            stored_question(c, question, None, &format!("question {c}"), &[question]),
            complete_answer(c, answer, question, &long(c)),
        ];
        ImportedConversation { summary: summary(c, &format!("title {c}"), at(c)), messages }
    };
    store.import(&(1..=MANY).map(of).collect::<Vec<_>>()).await.expect("imported");
    store.set_settings(&Settings { theme: Theme::Dark, ..Settings::default() }).await.expect("set");
    // Being written when it happened.
    begin_new(store, 5_000, 50_000, 50_001).await;
    store.append(vec![content(50_001, "half of "), content(50_001, "it")]).await.expect("appended");
    // Free pages, which hold nothing.
    store.delete(conversation(20), 5).await.expect("deleted");
    store.purge(6 + capibara6_store::Upkeep::RETENTION_MS).await.expect("purged");
}

/// All that was said is there; titles where they are not lost.
async fn expect_many(store: &Store, titled: bool) {
    for c in (1..=MANY).filter(|c| *c != 20) {
        let view = store.view(conversation(c), None, 10).await.unwrap_or_else(|error| panic!("{c}: {error:?}"));
        let texts: Vec<_> = view.messages.iter().map(|message| message.content.clone()).collect();
        assert!(texts == [format!("question {c}"), long(c)], "conversation {c}: {texts:?}");
        assert_eq!(view.conversation.messages, 2);
        if titled {
            assert_eq!(view.conversation.title, format!("title {c}"));
        }
    }
    let half = store.message(message(50_001)).await.expect("what was being written");
    assert_eq!((half.content.as_str(), half.status), ("half of it", MessageStatus::Interrupted));
    assert_eq!(store.message(message(201)).await, Err(StoreError::NotFound), "what was purged stays gone");
    store.check().await.expect("sound");
}

/// Breaks a page of a full history, and gives what is left of it and what was said about that.
async fn with_a_page_broken(key: Option<&DatabaseKey>, page: &str) -> (Home, Store, SalvageReport) {
    let home = Home::new();
    let open = async || match key {
        Some(key) => Store::open_encrypted(&home.database(), key).await.expect("a store"),
        None => home.open().await,
    };
    let store = open().await;
    fill_with_many(&store).await;
    store.close().await;
    drop(store);
    let number: u32 = if page == "1" {
        1
    } else {
        let options = SqliteConnectOptions::new().filename(home.database());
        let options = match key {
            Some(key) => {
                let hex: String = key.expose().iter().map(|byte| format!("{byte:02x}")).collect();
                options.pragma("key", format!("\"x'{hex}'\""))
            }
            None => options,
        };
        let mut raw = options.connect().await.expect("a connection");
        let query = match page {
            // The first page of free ones; its number stands in the head of the file.
            "free" => "SELECT unhex(substr(hex(data), 65, 8)) FROM sqlite_dbpage WHERE pgno = 1",
            _ => "SELECT rootpage FROM sqlite_schema WHERE name = ?1",
        };
        let row = sqlx::query(query).bind(page).fetch_one(&mut raw).await.expect("a row");
        let number = row
            .try_get::<u32, _>(0)
            .unwrap_or_else(|_| u32::from_be_bytes(row.get::<Vec<u8>, _>(0).try_into().expect("four bytes")));
        raw.close().await.expect("closed");
        number
    };
    assert!(number > 0);
    break_page(&home.database(), number as usize);
    let report = salvage(&home.database(), key, NOW, "malformed", |_| {}).await.expect("salvaged");
    let store = open().await;
    (home, store, report)
}

#[tokio::test]
async fn the_rows_of_a_table_whose_root_is_destroyed_are_gathered_from_its_leaves() {
    for page in ["message", "conversation", "journal", "free"] {
        let (_home, store, report) = with_a_page_broken(None, page).await;
        // The journal is short: its root is its only leaf.
        if page != "journal" {
            expect_many(&store, true).await;
            assert_eq!((report.lost_messages, report.lost_conversations), (0, 0), "{page}: {report:?}");
            assert_eq!((report.saved_messages, report.incomplete), (600, false), "{page}: {report:?}");
        } else {
            assert_eq!((report.saved_messages, report.lost_messages), (599, 1), "{report:?}");
        }
        assert_eq!(store.settings().await.map(|settings| settings.theme), Ok(Theme::Dark));
        store.close().await;
    }
}

#[tokio::test]
async fn an_encrypted_table_whose_root_is_destroyed_is_gathered_as_well() {
    let key = DatabaseKey::new([7; 32]);
    let (home, store, report) = with_a_page_broken(Some(&key), "message").await;
    assert_eq!((report.saved_messages, report.lost_messages, report.incomplete), (600, 0, false), "{report:?}");
    expect_many(&store, true).await;
    store.close().await;
    let bytes = fs::read(home.database()).expect("a file");
    assert!(!bytes.windows(9).any(|window| window == b"answer 7 "), "it is encrypted again");
}

#[tokio::test]
async fn a_database_without_its_first_page_is_gathered() {
    let (_home, store, report) = with_a_page_broken(None, "1").await;
    expect_many(&store, true).await;
    assert_eq!((report.saved_messages, report.lost_settings, report.incomplete), (600, true, true), "{report:?}");
    store.close().await;
}

#[tokio::test]
async fn what_may_be_encrypted_is_not_tried() {
    let home = Home::new();
    fill(&home).await;
    assert!(can_be_tried(&home.database(), None).await);
    break_page(&home.database(), 1);
    assert!(can_be_tried(&home.database(), None).await, "messages of ours stand in it");
    let noise: Vec<u8> = std::iter::repeat_with(|| fastrand::u8(..)).take(40 * PAGE).collect();
    fs::write(home.database(), noise).expect("written");
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
