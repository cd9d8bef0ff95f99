//! What outlives the program: quitting, crashing, starting again.

use std::time::{Duration, Instant};

use capibara6_protocol::*;
use capibara6_testkit::Fleet;

use super::bench::{Bench, Keyring, Window, contents, open, send, shown, write_profile};

#[tokio::test]
async fn quitting_in_mid_stream_loses_nothing() {
    let mut bench = Bench::start().await;
    let started = bench.ask("phi4:mini", "cuenta").await;
    let mut chat = bench.chat("phi4:mini").await;
    chat.send_text("1 2 3").await;
    bench.window.shows(started.answer.id, Part::Content, "1 2 3").await;
    let begun = Instant::now();
    bench.app.shutdown().await;
    assert!(begun.elapsed() < Duration::from_secs(2));
    chat.closed_by_client().await;
    assert_eq!(bench.window.ended(started.answer.id).await.status, MessageStatus::Interrupted);
    drop(bench.app);

    let app = open(&bench.home, &bench.secrets).await;
    let message = shown(&app, started.conversation, started.answer.id).await;
    assert_eq!((message.status, message.content.as_str()), (MessageStatus::Interrupted, "1 2 3"));
    // The profile is remembered, so the answer can go on.
    let mut window = Window::new(app.frames());
    let continued = app.chat_continue(MessageRef { message: started.answer.id }).await.unwrap();
    window.know(&continued.answer);
    bench.fleet.server("phi4:mini").next_chat().await.say_all(&[" 4"]).await;
    assert_eq!(window.ended(started.answer.id).await.status, MessageStatus::Complete);
    assert_eq!(contents(&app, started.conversation).await, ["cuenta", "1 2 3 4"]);
}

/// A program that ends without a word: its runtime goes, and with it every task, in the middle of whatever it does.
#[test]
fn a_crash_in_mid_stream_loses_no_text_that_was_on_disk() {
    let servers = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let fleet = servers.block_on(Fleet::start());
    let home = tempfile::tempdir().unwrap();
    let secrets = Keyring::default();
    write_profile(&home, &fleet.profile());

    let program = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let started = program.block_on(async {
        let app = open(&home, &secrets).await;
        app.profile_select(ProfileRef { id: "kit".into() }).await.unwrap();
        let started = app.chat_send(send(None, "cuenta", Some("phi4:mini"))).await.unwrap();
        let mut chat = fleet.server("phi4:mini").next_chat().await;
        chat.send_text("1 2 3").await;
        chat.send_reasoning("hm").await;
        // On disk is what another reader of the file sees.
        let path = home.path().join("capibara6.db");
        let reader = capibara6_store::Store::open(&path).await.unwrap();
        let on_disk = async {
            loop {
                let message = reader.message(started.answer.id).await.unwrap();
                if message.content == "1 2 3" && message.reasoning == "hm" {
                    break;
                }
                tokio::task::yield_now().await;
            }
        };
        capibara6_testkit::soon("the text on disk", on_disk).await;
        reader.close().await;
        started
    });
    program.shutdown_timeout(Duration::from_secs(2));

    let again = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    again.block_on(async {
        let app = open(&home, &secrets).await;
        let message = shown(&app, started.conversation, started.answer.id).await;
        assert_eq!(
            (message.status, message.content.as_str(), message.reasoning.as_str()),
            (MessageStatus::Interrupted, "1 2 3", "hm")
        );
        assert_eq!(contents(&app, started.conversation).await, ["cuenta", "1 2 3"]);
        app.shutdown().await;
    });
}

#[tokio::test]
async fn text_is_on_disk_within_a_quarter_of_a_second() {
    let mut bench = Bench::start().await;
    let started = bench.ask("phi4:mini", "cuenta").await;
    let mut chat = bench.chat("phi4:mini").await;
    let reader = capibara6_store::Store::open(&bench.home.path().join("capibara6.db")).await.unwrap();
    let mut expected = String::new();
    let mut delays = Vec::new();
    for round in 0..9 {
        chat.send_text(&format!("{round} ")).await;
        expected.push_str(&format!("{round} "));
        bench.window.shows(started.answer.id, Part::Content, &expected).await;
        let shown = Instant::now();
        while reader.message(started.answer.id).await.unwrap().content != expected {
            tokio::task::yield_now().await;
        }
        delays.push(shown.elapsed());
    }
    // The median: a disk that others keep busy may be late now and then.
    delays.sort();
    assert!(delays[delays.len() / 2] <= Duration::from_millis(250), "{delays:?}");
    reader.close().await;
}

#[tokio::test]
async fn settings_and_profile_are_there_the_next_time() {
    let bench = Bench::start().await;
    let changed = Settings { theme: Theme::Dark, locale: Some("es".to_owned()), ..Settings::default() };
    let set = bench.app.settings_set(changed.clone()).await.unwrap();
    // The profile is not the business of `settings_set`.
    assert_eq!(set, Settings { profile: Some("kit".into()), ..changed });
    bench.app.shutdown().await;
    drop(bench.app);
    let app = open(&bench.home, &bench.secrets).await;
    let boot = app.boot().await.unwrap();
    assert_eq!(boot.settings, set);
    assert_eq!(boot.profile.map(|view| view.id), Some("kit".into()));
    assert_eq!(boot.storage_trouble, None);
}

#[tokio::test]
async fn a_damaged_history_is_a_state_and_not_an_end() {
    let bench = Bench::start().await;
    let (home, secrets) = (&bench.home, &bench.secrets);
    bench.app.shutdown().await;
    for file in ["capibara6.db-wal", "capibara6.db-shm"] {
        let _ = std::fs::remove_file(home.path().join(file));
    }
    std::fs::write(home.path().join("capibara6.db"), b"this is no database, and it is ours to leave alone").unwrap();
    let app = open(home, secrets).await;
    let boot = app.boot().await.unwrap();
    assert_eq!(boot.storage_trouble, Some(ErrorCode::StorageDamaged));
    let list = app.conversation_list(ConversationList { limit: 10, ..ConversationList::default() }).await;
    assert_eq!(list.map_err(|error| error.code), Err(ErrorCode::StorageDamaged));
    // What needs no history works.
    let view = app.profile_select(ProfileRef { id: "kit".into() }).await.unwrap();
    assert_eq!(view.profile.models.len(), 4);
    app.shutdown().await;
}
