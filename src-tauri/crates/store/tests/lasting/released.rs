//! A database of every schema that was released, as the program of then left it, opened by today's: nothing that was said is
//! missing. A new schema without such a database fails here; make it, once its migrations are final, with
//! `UPDATE_FIXTURES=1 cargo nextest run -p capibara6-store released`, and look at what it holds before committing it. A
//! version that no release ever wrote needs none: its fixture goes when the next one comes. Those of releases stay for ever.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use capibara6_protocol::{AppError, ErrorCode, Message, MessageStatus, Omitted, Part, Settings, Theme};
use capibara6_store::{ImportedConversation, Store, StoreError};
use serde_json::Value;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _};

use crate::stage::{
    Home, at, begin_new, begin_next, complete_answer, content, conversation, message, reasoning, settled,
    stored_question, streaming_answer, summary, write_all,
};

/// The conversations that every fixture holds.
const CONVERSATIONS: [u128; 6] = [1, 2, 3, 4, 5, 6];

fn fixture(version: i64, extension: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(format!("schema-{version}.{extension}"))
}

/// What there is to lose: every status, every column, branches, a deleted conversation, and an answer that was being written
/// when the program was killed.
async fn fill(store: &Store) {
    begin_new(store, 1, 10, 11).await;
    write_all(store, 11, "descansó junto al río · 休息在河边 · \u{1f9ab} · a\u{0}b").await;
    begin_next(store, 1, Some(11), 12, 13).await;
    store.append(vec![reasoning(13, "let me think"), content(13, "```rust\nfoo::bar(\n```")]).await.expect("appended");
    store.replace_text(message(13), Part::Content, "all of it").await.expect("replaced");
    store.settle(settled(13, MessageStatus::Stopped)).await.expect("settled");
    // Another version of the second question, with an answer of its own.
    begin_next(store, 1, Some(11), 14, 15).await;
    let failed = capibara6_store::Settled {
        error: Some(AppError::new(ErrorCode::TimeoutIdle).with_detail("30 s")),
        omitted: Some(Omitted { messages: 4, tokens: 900, context: 8192, estimated: true }),
        ..settled(15, MessageStatus::Failed)
    };
    store.settle(failed).await.expect("settled");
    store.pin(conversation(1), true).await.expect("pinned");
    store.rename(conversation(1), "Ríos y capibaras").await.expect("renamed");

    begin_new(store, 2, 20, 21).await;
    write_all(store, 21, &"a long answer. ".repeat(4_000)).await;

    begin_new(store, 3, 30, 31).await;
    write_all(store, 31, "deleted").await;
    store.delete(conversation(3), at(32)).await.expect("deleted");

    let (question, answer) = (stored_question(4, 40, None, "imported?", &[40]), complete_answer(4, 41, 40, "imported"));
    let other = Message { id: message(42), content: "imported, again".into(), ..answer.clone() };
    let imported =
        ImportedConversation { summary: summary(4, "Imported", at(42)), messages: vec![question, answer, other] };
    store.import(&[imported]).await.expect("imported");

    begin_new(store, 5, 50, 51).await;
    write_all(store, 51, "complete").await;

    let settings = Settings { theme: Theme::Dark, locale: Some("eu".into()), type_size: 120, ..Settings::default() };
    store.set_settings(&settings).await.expect("set");

    // Left behind by a kill.
    begin_new(store, 6, 60, 61).await;
    store.append(vec![reasoning(61, "hm"), content(61, "half a ")]).await.expect("appended");
    store.append(vec![content(61, "word")]).await.expect("appended");
}

/// What a store gives, as JSON: a later program may say more, never less.
async fn all(store: &Store) -> Value {
    let mut views = BTreeMap::new();
    for n in CONVERSATIONS {
        if let Ok(view) = store.view(conversation(n), None, 200).await {
            views.insert(n.to_string(), serde_json::to_value(view).expect("JSON"));
        }
    }
    let mut others = Vec::new();
    for n in [12, 13, 41] {
        others.push(store.message(message(n)).await.expect("a message of another branch"));
    }
    let page = store.conversations(None, 100).await.expect("a list");
    serde_json::json!({
        "list": page.conversations,
        "views": views,
        "other branches": others,
        "settings": store.settings().await.expect("settings"),
    })
}

/// Everything that `expected` says, `found` says as well.
fn expect_within(expected: &Value, found: &Value, path: &str) {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            for (name, value) in expected {
                let path = format!("{path}.{name}");
                expect_within(value, found.get(name).unwrap_or_else(|| panic!("{path} is missing")), &path);
            }
        }
        (Value::Array(expected), Value::Array(found)) => {
            assert_eq!(expected.len(), found.len(), "{path}");
            for (n, (expected, found)) in expected.iter().zip(found).enumerate() {
                expect_within(expected, found, &format!("{path}[{n}]"));
            }
        }
        _ => assert_eq!(expected, found, "{path}"),
    }
}

async fn raw(path: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(path).connect().await.expect("a connection")
}

/// Name and definition of everything in a database but what SQLite makes by itself.
async fn schema(path: &Path) -> Vec<(String, String)> {
    let mut raw = raw(path).await;
    let query = "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name";
    let schema = sqlx::query_as(query).fetch_all(&mut raw).await.expect("a schema");
    raw.close().await.expect("closed");
    schema
}

/// Copies the files that make a database, as they lie there.
fn copy(from: &Path, to: &Path) {
    std::fs::copy(from, to).expect("copied");
}

#[tokio::test]
async fn every_released_database_is_opened_whole() {
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        make(Store::SCHEMA).await;
    }
    let fresh = Home::new();
    fresh.open().await.close().await;
    let versions = versions();
    assert_eq!(versions.first(), Some(&1), "the first schema was released");
    assert_eq!(versions.last(), Some(&Store::SCHEMA), "the newest schema has no fixture: see the head of this file");
    for version in versions {
        let database = fixture(version, "db");
        let home = Home::new();
        copy(&database, &home.database());
        let marks: i64 = {
            let mut raw = raw(&home.database()).await;
            let marks = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut raw).await.expect("a version");
            raw.close().await.expect("closed");
            marks
        };
        assert_eq!(marks, version);

        let store = home.open().await;
        expect_held(&store, version).await;
        store.check().await.expect("sound");
        let half = store.message(message(61)).await.expect("what a kill left");
        let interrupted = Message {
            status: MessageStatus::Interrupted,
            reasoning: "hm".into(),
            ..streaming_answer(6, 61, 60, "half a word")
        };
        assert_eq!(half, interrupted);
        let back = store.restore(conversation(3)).await.expect("what was deleted can be brought back");
        assert_eq!(back.id, conversation(3));
        begin_next(&store, 1, Some(15), 70, 71).await;
        assert_eq!(write_all(&store, 71, "and on").await.content, "and on");
        store.close().await;
        // Also finds a released migration that was edited: it would make another layout than it made then.
        for (expected, found) in schema(&fresh.database()).await.into_iter().zip(schema(&home.database()).await) {
            assert_eq!(expected, found, "schema {version}: a migration was edited after its fixture was made");
        }
    }
}

/// The versions that have a fixture.
fn versions() -> Vec<i64> {
    (1..=Store::SCHEMA).filter(|version| fixture(*version, "db").exists()).collect()
}

/// On a disk that is full, nothing can be migrated: all of it is read as it is, and brought up to date when there is room.
#[tokio::test]
async fn every_released_database_is_read_on_a_full_disk() {
    for version in versions() {
        let home = Home::new();
        copy(&fixture(version, "db"), &home.database());
        let pages = {
            let mut raw = raw(&home.database()).await;
            let pages: u32 = sqlx::query_scalar("PRAGMA page_count").fetch_one(&mut raw).await.expect("a number");
            raw.close().await.expect("closed");
            pages
        };
        let store = Store::open_limited(&home.database(), pages).await.expect("it can be read");
        if version < Store::SCHEMA {
            assert_eq!(store.trouble(), Some(StoreError::Full), "schema {version}");
        }
        expect_readable(&store, version).await;
        store.close().await;
        drop(store);

        let store = home.open().await;
        expect_held(&store, version).await;
        store.close().await;
    }
}

/// In a directory that cannot be written as well, and it is brought up to date as soon as it can be.
#[cfg(target_os = "linux")]
#[tokio::test]
#[ignore = "run by every_released_database_is_read_where_nothing_can_be_written"]
async fn reads_where_nothing_can_be_written() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = PathBuf::from(std::env::var_os("LASTING_HOME").expect("run by another test"));
    let allow = |folder: &Path, mode: u32| {
        for entry in std::fs::read_dir(folder).expect("a directory") {
            let path = entry.expect("an entry").path();
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode & 0o666)).expect("permissions");
        }
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(mode)).expect("permissions");
    };
    for version in versions() {
        let folder = home.join(version.to_string());
        std::fs::create_dir(&folder).expect("a directory");
        let database = folder.join("capibara6.db");
        copy(&fixture(version, "db"), &database);
        allow(&folder, 0o555);
        assert!(std::fs::File::create(folder.join("probe")).is_err(), "the directory cannot be written");
        let store = Store::open_kept(&database, None, at(0)).await.expect("it can be read");
        assert_eq!(store.trouble(), Some(StoreError::ReadOnly), "schema {version}");
        expect_readable(&store, version).await;
        allow(&folder, 0o755);
        assert_eq!(store.resume().await, Ok(()));
        expect_held(&store, version).await;
        begin_next(&store, 1, Some(15), 70, 71).await;
        assert_eq!(write_all(&store, 71, "and on").await.content, "and on");
        store.close().await;
    }
    println!("read {:?}", versions());
}

#[cfg(target_os = "linux")]
#[test]
fn every_released_database_is_read_where_nothing_can_be_written() {
    let home = Home::new();
    // Whoever may do everything is not stopped by permissions: the child gives that up.
    let output = std::process::Command::new("setpriv")
        .args(["--inh-caps=-all", "--bounding-set=-all", "--"])
        .arg(std::env::current_exe().expect("this binary"))
        .args(["--ignored", "--exact", "--nocapture", "released::reads_where_nothing_can_be_written"])
        .env("LASTING_HOME", home.directory())
        .output()
        .expect("setpriv (util-linux) runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let told = format!("{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains(&format!("read {:?}", versions())), "{told}");
}

/// What the fixture of this version holds is there.
async fn expect_held(store: &Store, version: i64) {
    let expected = std::fs::read_to_string(fixture(version, "json")).expect("what it holds");
    let expected = serde_json::from_str(&expected).expect("JSON");
    expect_within(&expected, &all(store).await, &format!("schema {version}: "));
}

/// What the fixture of this version holds is there, and everything that reads works.
async fn expect_readable(store: &Store, version: i64) {
    use capibara6_protocol::{ConversationScope, ProjectId, SearchQuery};
    expect_held(store, version).await;
    let mut listed = Vec::new();
    for scope in [
        ConversationScope::Active,
        ConversationScope::Unfiled,
        ConversationScope::Archived,
        ConversationScope::Deleted,
        ConversationScope::Project { project: ProjectId(Default::default()) },
    ] {
        listed.push(store.conversations_in(scope, None, 10).await.expect("a list").conversations.len());
    }
    assert_eq!(listed, [5, 5, 0, 1, 0]);
    assert_eq!(store.projects().await, Ok(Vec::new()));
    assert_eq!(store.export_projects().await.map(|projects| projects.len()), Ok(0));
    assert_eq!(store.export_heads(0, 10).await.map(|heads| heads.len()), Ok(5));
    let exported = store.export_messages(conversation(1), 0, 50).await.expect("messages");
    assert_eq!(exported.len(), 6, "also those of other branches");
    store.jump(conversation(1), message(11), 10).await.expect("a view");
    assert_eq!(store.consensus_of(conversation(1)).await, Ok(Vec::new()));
    assert_eq!(store.consensus_since(0, 10).await, Ok(Vec::new()));
    assert_eq!(store.judgements(10).await, Ok(Vec::new()));
    assert_eq!(store.edited_weights().await, Ok(Vec::new()));
    store.measured_since(0, 10).await.expect("what was measured");
    store.check().await.expect("sound");
    store.retention().await.expect("a retention");
    assert_eq!(store.salvage_report().await, Ok(None));
    let state = store.search_state().await.expect("a state");
    let query = SearchQuery { text: "capibaras".into(), limit: 10, ..SearchQuery::default() };
    let page = store.search(&query).await.expect("a page");
    assert_eq!(page.pending, state.pending, "what cannot be found is said");
    store.index_is_due().await.expect("an answer");
    let half = store.message(message(61)).await.expect("what a kill left");
    assert_eq!((half.status, half.content.as_str()), (MessageStatus::Interrupted, "half a word"));
}

/// Writes the fixture of this program's schema and what it holds.
async fn make(version: i64) {
    let home = Home::new();
    let store = home.open().await;
    fill(&store).await;
    store.close().await;
    drop(store);
    copy(&home.database(), &fixture(version, "db"));
    // What it holds is what the program says after its next start.
    let store = home.open().await;
    let held = serde_json::to_string_pretty(&all(&store).await).expect("JSON");
    std::fs::write(fixture(version, "json"), held + "\n").expect("written");
    store.close().await;
}
