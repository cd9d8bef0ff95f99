//! What keeps a history from being lost: backups, restoring, and salvage of what is damaged.

use std::fs;
use std::io::{Seek as _, SeekFrom, Write as _};

use capibara6_protocol::*;
use capibara6_testkit::soon;

use super::bench::{Bench, Keyring, Window, contents, open, send, view};

async fn titles(bench: &Bench) -> Vec<String> {
    let list = ConversationList { after: None, limit: 50, ..ConversationList::default() };
    let page = bench.app.conversation_list(list).await.unwrap();
    page.conversations.into_iter().map(|conversation| conversation.title).collect()
}

/// What was saved, once it is.
async fn salvaged(bench: &Bench) -> SalvageReport {
    soon("the salvage", async {
        loop {
            if let Ok(StorageReport { salvage: Some(report), .. }) = bench.app.storage_report().await {
                return report;
            }
            tokio::task::yield_now().await;
        }
    })
    .await
}

#[tokio::test]
async fn a_backup_is_made_listed_and_removed() {
    let mut bench = Bench::start().await;
    bench.answered(None, "uno", &["1"]).await;
    let before = bench.app.backup_list().await.unwrap();
    assert_eq!((before.entries.len(), before.running, before.failure), (0, None, None));
    let made = bench.app.backup_create().await.unwrap();
    assert_eq!(
        (made.reason, made.state, made.conversations, made.messages),
        (BackupReason::Manual, BackupState::Good, 1, 2)
    );
    let listed = bench.app.backup_list().await.unwrap();
    assert_eq!(listed.entries, std::slice::from_ref(&made));
    assert_eq!(listed.running, None);
    let report = bench.app.storage_report().await.unwrap();
    assert_eq!((report.salvage, report.backup_bytes), (None, made.bytes));
    assert!(report.bytes > 0);
    let retention = Retention { daily: 1, weekly: 0, occasional: 0, limit_mib: 1 };
    let kept = bench.app.backup_retention_set(retention.clone()).await.unwrap();
    assert_eq!((kept.entries.len(), kept.retention), (1, retention), "what somebody asked for is kept");
    let left = bench.app.backup_delete(BackupRef { id: made.id.clone() }).await.unwrap();
    assert_eq!(left.entries, []);
    let gone = bench.app.backup_preview(BackupRef { id: made.id }).await;
    assert_eq!(gone.map_err(|error| error.code), Err(ErrorCode::NotFound));
    bench.app.shutdown().await;
}

#[tokio::test]
async fn restoring_in_mid_stream_loses_nothing() {
    let mut bench = Bench::start().await;
    let first = bench.answered(None, "uno", &["1"]).await;
    let made = bench.app.backup_create().await.unwrap();
    let second = bench.ask("phi4:mini", "dos").await;
    let mut chat = bench.chat("phi4:mini").await;
    chat.send_text("2 and").await;
    bench.window.shows(second.answer.id, Part::Content, "2 and").await;

    let restored = bench.app.backup_restore(BackupRef { id: made.id.clone() }).await.unwrap();
    assert_eq!(restored.id, made.id);
    chat.closed_by_client().await;
    assert_eq!(titles(&bench).await, ["uno"]);
    assert_eq!(contents(&bench.app, first.conversation).await, ["uno", "1"]);

    // What was there before is in the backup that was made of it, with what had been streamed.
    let backups = bench.app.backup_list().await.unwrap();
    let before = backups.entries.iter().find(|entry| entry.reason == BackupReason::BeforeRestore).unwrap().clone();
    let restored = backups.restored.unwrap();
    assert_eq!((restored.to, &restored.before), (made.created_at, &before.id));
    let preview = bench.app.backup_preview(BackupRef { id: before.id.clone() }).await.unwrap();
    assert_eq!((preview.only_there.conversations, preview.only_there.messages), (1, 2));
    bench.app.backup_restore(BackupRef { id: before.id.clone() }).await.unwrap();
    assert_eq!(titles(&bench).await, ["dos", "uno"]);
    let back = bench.app.backup_list().await.unwrap().restored.unwrap();
    assert_eq!(back.to, before.created_at, "and there is a way back from the way back");
    assert_ne!(back.before, before.id);
    let messages = view(&bench.app, second.conversation).await.messages;
    assert_eq!((messages[1].content.as_str(), messages[1].status), ("2 and", MessageStatus::Interrupted));
    // And it goes on as ever.
    let third = bench.app.chat_send(send(None, "tres", Some("phi4:mini"))).await.unwrap();
    bench.chat("phi4:mini").await.say_all(&["3"]).await;
    let app = &bench.app;
    soon("the answer", async {
        while contents(app, third.conversation).await != ["tres", "3"] {
            tokio::task::yield_now().await;
        }
    })
    .await;
    bench.app.shutdown().await;
}

#[tokio::test]
async fn the_way_back_from_a_restore_is_there_as_long_as_its_backup_is() {
    let mut bench = Bench::start().await;
    bench.answered(None, "uno", &["1"]).await;
    assert_eq!(bench.app.backup_list().await.unwrap().restored, None);
    let made = bench.app.backup_create().await.unwrap();
    bench.answered(None, "dos", &["2"]).await;
    bench.app.backup_restore(BackupRef { id: made.id.clone() }).await.unwrap();
    let restored = bench.app.backup_list().await.unwrap().restored.unwrap();
    // A backup of the history says nothing of the restore before it, and the next start knows it still.
    let later = bench.app.backup_create().await.unwrap();
    bench.app.shutdown().await;
    bench.app = open(&bench.home, &bench.secrets).await;
    assert_eq!(bench.app.backup_list().await.unwrap().restored.as_ref(), Some(&restored));
    bench.app.backup_restore(BackupRef { id: later.id.clone() }).await.unwrap();
    let again = bench.app.backup_list().await.unwrap().restored.unwrap();
    assert_eq!(again.to, later.created_at);
    let left = bench.app.backup_delete(BackupRef { id: again.before }).await.unwrap();
    assert_eq!(left.restored, None, "no way back is offered that there is not");
    bench.app.shutdown().await;
}

#[tokio::test]
async fn a_daily_backup_is_made_once_a_day() {
    let mut bench = Bench::start().await;
    bench.answered(None, "uno", &["1"]).await;
    for _ in 0..3 {
        bench.app.look_after_now().await.unwrap();
    }
    let entries = bench.app.backup_list().await.unwrap().entries;
    assert_eq!(entries.iter().map(|entry| entry.reason).collect::<Vec<_>>(), [BackupReason::Daily]);
    assert!(bench.app.storage_report().await.unwrap().checked_at.is_some());
    bench.app.shutdown().await;
}

/// Cuts the closed database, so that the end of it is missing.
fn cut(bench: &Bench) -> Vec<u8> {
    let path = bench.home.path().join("capibara6.db");
    let whole = fs::read(&path).unwrap();
    let kept = whole[..whole.len() / 4096 / 2 * 4096].to_vec();
    fs::write(&path, &kept).unwrap();
    kept
}

#[tokio::test]
async fn a_damaged_history_is_salvaged_at_the_start() {
    let mut bench = Bench::start().await;
    for n in 0..6 {
        bench.answered(None, &format!("question {n}"), &[&format!("answer {n} ").repeat(900)]).await;
    }
    let made = bench.app.backup_create().await.unwrap();
    bench.app.shutdown().await;
    let cut = cut(&bench);

    bench.app = open(&bench.home, &Keyring::default()).await;
    let app = &bench.app;
    let report = soon("the salvage", async {
        loop {
            if let Some(report) = app.storage_report().await.unwrap().salvage {
                return report;
            }
            tokio::task::yield_now().await;
        }
    })
    .await;
    let aside = std::path::Path::new(&report.set_aside);
    assert_eq!(fs::read(aside.join("capibara6.db")).unwrap(), cut, "set aside as it was");
    assert_eq!(report.backup.map(|entry| entry.id), Some(made.id.clone()));
    assert_eq!(bench.app.boot().await.unwrap().storage_trouble, None);
    bench.app.salvage_dismiss().await.unwrap();
    assert_eq!(bench.app.storage_report().await.unwrap().salvage, None);
    bench.app.backup_restore(BackupRef { id: made.id }).await.unwrap();
    assert_eq!(titles(&bench).await.len(), 6);
    bench.app.shutdown().await;
}

#[tokio::test]
async fn damage_that_a_round_finds_is_salvaged_at_once() {
    let mut bench = Bench::start().await;
    let mut ids = Vec::new();
    for n in 0..6 {
        ids.push(bench.answered(None, &format!("question {n}"), &[&format!("answer {n} ").repeat(900)]).await);
    }
    bench.app.shutdown().await;
    break_leaf_of(&bench, "question 4");

    bench.app = open(&bench.home, &Keyring::default()).await;
    assert_eq!(bench.app.boot().await.unwrap().storage_trouble, None, "nobody has come across it yet");
    bench.app.look_after_now().await.unwrap();
    let report = salvaged(&bench).await;
    assert!(report.lost_messages > 0, "{report:?}");
    assert!(!bench.home.path().join("capibara6.db-damaged").exists());
    assert_eq!((report.saved_messages + report.lost_messages, report.incomplete), (12, false), "{report:?}");
    assert_eq!(titles(&bench).await.len(), 6);
    assert_eq!(view(&bench.app, ids[0].conversation).await.messages.len(), 2, "a mark stands where something is lost");
    bench.app.shutdown().await;
}

/// Breaks the last page that holds this: a leaf of the table of messages.
fn break_leaf_of(bench: &Bench, text: &str) {
    let path = bench.home.path().join("capibara6.db");
    let bytes = fs::read(&path).unwrap();
    let at = bytes.windows(text.len()).rposition(|window| window == text.as_bytes()).unwrap() / 4096 * 4096;
    // In place: somebody may have the file open.
    let mut file = fs::File::options().write(true).open(&path).unwrap();
    file.seek(SeekFrom::Start(at as u64)).unwrap();
    file.write_all(&[0xa5; 4096]).unwrap();
}

#[tokio::test]
async fn an_answer_that_is_running_when_damage_is_found_keeps_every_word_that_was_shown() {
    let mut bench = Bench::start().await;
    for n in 0..20 {
        bench.answered(None, &format!("question {n}"), &[&format!("answer {n} ").repeat(900)]).await;
    }
    // All of it is in the database then, and not in its log.
    bench.app.shutdown().await;
    bench.app = open(&bench.home, &Keyring::default()).await;
    bench.window = Window::new(bench.app.frames());
    let running = bench.app.chat_send(send(None, "and now?", Some("phi4:mini"))).await.unwrap();
    let mut chat = bench.chat("phi4:mini").await;
    chat.send_text("half of ").await;
    bench.window.shows(running.answer.id, Part::Content, "half of ").await;
    // It goes on and on, while somebody comes across the damage.
    let writing = tokio::spawn(async move {
        let mut pace = tokio::time::interval(std::time::Duration::from_millis(1));
        for n in 0.. {
            tokio::select! {
                _ = chat.closed_by_client() => return,
                _ = pace.tick() => {}
            }
            chat.send_text(&format!("{n} ")).await;
        }
    });
    while !bench.window.text(running.answer.id, Part::Content).starts_with("half of 0 1 ") {
        bench.window.read().await;
    }
    // Of the first messages: what is written now goes elsewhere. Role, status and text stand side by side in a row.
    break_leaf_of(&bench, "usercompletequestion 0");
    bench.app.look_after_now().await.unwrap();
    let report = salvaged(&bench).await;
    assert_eq!((report.saved_messages + report.lost_messages, report.incomplete), (42, false), "{report:?}");
    assert!(!bench.home.path().join("capibara6.db-damaged").exists());
    writing.abort();
    let messages = view(&bench.app, running.conversation).await.messages;
    bench.window.until(|event| matches!(event, Event::SpaceChanged { .. })).await;
    let shown = bench.window.text(running.answer.id, Part::Content);
    let kept = &messages[1];
    assert_eq!((messages.len(), kept.status), (2, MessageStatus::Interrupted));
    assert!(shown.starts_with("half of 0 ") && kept.content.starts_with(&shown), "{shown}: {}", kept.content);
    let beside = std::path::Path::new(&report.set_aside).join("capibara6.db.rescue");
    assert!(beside.exists(), "some of it was said when the damage was known");
    bench.app.shutdown().await;
}

#[tokio::test]
async fn damage_that_a_reader_comes_across_is_salvaged_without_waiting_for_a_round() {
    let mut bench = Bench::start().await;
    let mut asked = Vec::new();
    for n in 0..6 {
        asked.push(bench.answered(None, &format!("question {n}"), &[&format!("answer {n} ").repeat(900)]).await);
    }
    bench.app.shutdown().await;
    break_leaf_of(&bench, "usercompletequestion 4");
    bench.app = open(&bench.home, &Keyring::default()).await;
    bench.window = Window::new(bench.app.frames());
    for started in &asked {
        let open = ConversationOpen { id: started.conversation, before: None, after: None, around: None, limit: 50 };
        let _ = bench.app.conversation_open(open).await;
    }
    let report = salvaged(&bench).await;
    assert!(report.lost_messages > 0 && !report.incomplete, "{report:?}");
    bench.window.until(|event| matches!(event, Event::StorageSalvaged)).await;
    assert_eq!(bench.app.boot().await.unwrap().storage_trouble, None);
    bench.app.shutdown().await;
}

/// Killed while a backup takes the place of a damaged history: it does so at the next start, and is not salvaged itself.
#[tokio::test]
async fn a_backup_that_was_about_to_take_the_place_of_a_damaged_history_does_so_at_the_next_start() {
    for was_moved_already in [false, true] {
        let mut bench = Bench::start().await;
        bench.answered(None, "uno", &["1"]).await;
        let made = bench.app.backup_create().await.unwrap();
        bench.answered(None, "dos", &["2"]).await;
        bench.app.shutdown().await;
        let path = bench.home.path().join("capibara6.db");
        fs::write(bench.home.path().join("capibara6.db-damaged"), "malformed").unwrap();
        let cut = cut(&bench);
        let folder = capibara6_store::BackupFolder::of(&path, None);
        folder.stage_restore(&made.id, made.created_at, Some("damaged")).await.unwrap();
        if was_moved_already {
            fs::remove_file(&path).unwrap();
        }
        bench.app = open(&bench.home, &Keyring::default()).await;
        let app = &bench.app;
        soon("the history", async {
            while app.boot().await.unwrap().storage_trouble.is_some() {
                tokio::task::yield_now().await;
            }
        })
        .await;
        assert_eq!(titles(&bench).await, ["uno"]);
        assert_eq!(bench.app.storage_report().await.unwrap().salvage, None, "there was nothing to be salvaged");
        let aside: Vec<_> = fs::read_dir(bench.home.path().join("damaged")).unwrap().collect();
        assert_eq!(aside.len(), 1);
        let aside = aside[0].as_ref().unwrap().path().join("capibara6.db");
        assert!(was_moved_already || fs::read(aside).unwrap() == cut);
        assert!(!bench.home.path().join("capibara6.db-damaged").exists());
        bench.app.shutdown().await;
    }
}

#[tokio::test]
async fn what_only_seemed_damaged_is_opened_as_it_is() {
    let mut bench = Bench::start().await;
    bench.answered(None, "uno", &["1"]).await;
    bench.app.shutdown().await;
    // A disk that failed to read for a moment looks like this to the next start.
    let note = bench.home.path().join("capibara6.db-damaged");
    fs::write(&note, "database disk image is malformed").unwrap();
    bench.app = open(&bench.home, &Keyring::default()).await;
    let app = &bench.app;
    soon("the history", async {
        while app.boot().await.unwrap().storage_trouble.is_some() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(titles(&bench).await, ["uno"]);
    assert_eq!(bench.app.storage_report().await.unwrap().salvage, None);
    assert!(!note.exists() && !bench.home.path().join("damaged").exists());
    bench.app.shutdown().await;
}

#[tokio::test]
async fn what_is_no_database_is_left_alone_and_a_backup_can_take_its_place() {
    let mut bench = Bench::start().await;
    bench.answered(None, "uno", &["1"]).await;
    let made = bench.app.backup_create().await.unwrap();
    bench.app.shutdown().await;
    let path = bench.home.path().join("capibara6.db");
    fs::write(&path, b"dear diary").unwrap();
    let _ = fs::remove_file(bench.home.path().join("capibara6.db-wal"));

    bench.app = open(&bench.home, &Keyring::default()).await;
    assert_eq!(bench.app.boot().await.unwrap().storage_trouble, Some(ErrorCode::StorageDamaged));
    assert_eq!(bench.app.backup_list().await.unwrap().entries, std::slice::from_ref(&made));
    assert_eq!(fs::read(&path).unwrap(), b"dear diary");
    bench.app.backup_restore(BackupRef { id: made.id }).await.unwrap();
    assert_eq!(titles(&bench).await, ["uno"]);
    let aside = fs::read_dir(bench.home.path().join("damaged")).unwrap().next().unwrap().unwrap().path();
    assert_eq!(fs::read(aside.join("capibara6.db")).unwrap(), b"dear diary");
    bench.app.shutdown().await;
}
