//! Finding what was said: the index follows a running program by itself, and survives its end.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::time::Duration;

use capibara6_protocol::*;
use capibara6_store::Store;
use capibara6_testkit::{LargeHistory, soon};

use super::bench::{Bench, Keyring, open};

fn query(text: &str) -> SearchQuery {
    SearchQuery { text: text.to_owned(), limit: 100, ..SearchQuery::default() }
}

/// What is found as soon as the index has come to it.
async fn found(bench: &mut Bench, text: &str) -> Vec<SearchHit> {
    // Nothing is indexed before the window can be used.
    bench.app.window_ready().await.unwrap();
    loop {
        let page = bench.app.search(query(text)).await.unwrap();
        if !page.hits.is_empty() {
            return page.hits;
        }
        bench.window.until(|event| matches!(event, Event::SearchIndexed { .. })).await;
    }
}

#[tokio::test]
async fn what_was_said_is_found_soon_after_it_was_said() {
    let mut bench = Bench::start().await;
    let started = bench.answered(None, "¿Dónde bebe?", &["A la ori", "lla del río."]).await;
    let hits = found(&mut bench, "orilla rio").await;
    let part = |text: &str, marked| SnippetPart { text: text.to_owned(), marked };
    let expected = SearchHit {
        conversation: view(&bench, started.conversation).await.conversation,
        message: Some(started.answer.id),
        role: Some(Role::Assistant),
        model: Some("phi4:mini".into()),
        created_at: started.answer.created_at,
        snippet: vec![
            part("A la ", false),
            part("orilla", true),
            part(" del ", false),
            part("río", true),
            part(".", false),
        ],
    };
    assert_eq!(hits, [expected]);
    let asked =
        SearchQuery { filters: SearchFilters { role: Some(Role::User), ..SearchFilters::default() }, ..query("donde") };
    let questions = bench.app.search(asked).await.unwrap().hits;
    assert_eq!(
        questions.iter().map(|hit| hit.message).collect::<Vec<_>>(),
        [started.question.map(|message| message.id)]
    );
    let marks = SearchMarks { query: "rio".to_owned(), texts: vec!["El río".to_owned()] };
    assert_eq!(bench.app.search_marks(marks).await, Ok(vec![vec![TextSpan { start: 3, end: 6 }]]));
}

#[tokio::test]
async fn an_index_that_is_made_anew_finds_the_same() {
    let mut bench = Bench::start().await;
    bench.answered(None, "¿Dónde bebe?", &["En el río."]).await;
    let before = found(&mut bench, "el rio").await;
    bench.app.search_rebuild().await.unwrap();
    assert_eq!(found(&mut bench, "el rio").await, before);
}

#[tokio::test]
async fn what_was_purged_is_found_no_more() {
    let mut bench = Bench::start().await;
    let started = bench.answered(None, "¿Dónde bebe?", &["En el río."]).await;
    found(&mut bench, "el rio").await;
    let ids = || ConversationsRef { ids: vec![started.conversation] };
    bench.app.conversations_delete(ids()).await.unwrap();
    assert_eq!(bench.app.search(query("el rio")).await.unwrap().hits, [], "nor in the trash");
    bench.app.conversations_purge(ids()).await.unwrap();
    assert_eq!(bench.app.search(query("el rio")).await.unwrap().hits, []);
    assert_eq!(bench.app.search_state().await, Ok(SearchState { pending: 0, indexed: 0 }));
}

async fn view(bench: &Bench, id: ConversationId) -> ConversationView {
    super::bench::view(&bench.app, id).await
}

/// How often the indexing is killed.
const KILLS: usize = 3;

const HISTORY: LargeHistory = LargeHistory { messages: 1200, seed: 5 };

#[tokio::test]
#[ignore = "run by an_index_survives_being_killed_while_it_is_made"]
async fn indexes_until_it_is_killed() {
    let home = std::env::var_os("INDEXED_HOME").expect("run by another test");
    let home = tempfile::Builder::new().disable_cleanup(true).tempdir_in(home).expect("a directory");
    let kept = std::env::var_os("INDEXED_HISTORY").expect("run by another test");
    std::fs::hard_link(kept, home.path().join("capibara6.db")).expect("the history is there");
    let app = open(&home, &Keyring::default()).await;
    app.search_state().await.expect("it is open");
    app.window_ready().await.expect("ready");
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn an_index_survives_being_killed_while_it_is_made() {
    let folder = tempfile::tempdir().expect("a directory");
    let path = folder.path().join("history.db");
    HISTORY.make(&path).await.expect("a history");
    for kill in 0..KILLS {
        let homes = tempfile::tempdir_in(folder.path()).expect("a directory");
        let own = homes.path().join("history.db");
        std::fs::copy(&path, &own).expect("a copy");
        let mut child = Command::new(std::env::current_exe().expect("this binary"))
            .args(["--ignored", "--exact", "suite::search::indexes_until_it_is_killed"])
            .env("INDEXED_HOME", homes.path())
            .env("INDEXED_HISTORY", &own)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it runs");
        let indexing = async {
            let mut pace = tokio::time::interval(Duration::from_millis(2));
            loop {
                pace.tick().await;
                let Some(home) = home_in(homes.path()) else { continue };
                let store = Store::open(&home).await.expect("it can be opened beside another");
                let state = loop {
                    let state = store.search_state().await.expect("a state");
                    if state.indexed as usize > kill * 300 {
                        break state;
                    }
                    pace.tick().await;
                };
                store.close().await;
                return (home, state);
            }
        };
        let (home, state) = soon("the index grows", indexing).await;
        child.kill().expect("killed");
        child.wait().expect("ended");
        assert!(state.pending > 0, "it was not at its end: {state:?}");

        let store = Store::open(&home).await.expect("a store");
        store.check().await.expect("sound");
        while store.index_some().await.expect("a step") > 0 {}
        let interrupted = all(&store, "de la").await;
        store.rebuild_index().await.expect("emptied");
        while store.index_some().await.expect("a step") > 0 {}
        assert!(interrupted.len() > 50);
        assert_eq!(interrupted, all(&store, "de la").await, "each once, and the same as in an index made in one go");
        store.close().await;
    }
}

/// The history of the one home in a folder, once it is there.
fn home_in(folder: &std::path::Path) -> Option<std::path::PathBuf> {
    let homes = std::fs::read_dir(folder).ok()?;
    homes.filter_map(Result::ok).map(|entry| entry.path().join("capibara6.db")).find(|path| path.is_file())
}

/// Every message that is found, page by page.
async fn all(store: &Store, text: &str) -> BTreeSet<MessageId> {
    let mut found = BTreeSet::new();
    let mut after = None;
    loop {
        let page = store.search(&SearchQuery { after, ..query(text) }).await.expect("a page");
        for message in page.hits.iter().filter_map(|hit| hit.message) {
            assert!(found.insert(message), "{message:?} is found twice");
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return found,
        }
    }
}
