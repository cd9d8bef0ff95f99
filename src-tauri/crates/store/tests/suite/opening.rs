//! Opening: what is ours, what is not, and what cannot be written.

use std::fs;
use std::path::Path;

use capibara6_protocol::{Message, MessageStatus, Settings};
use capibara6_store::{Store, StoreError};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};

use crate::stage::{
    Home, active, begin_new, complete_answer, content, conversation, message, messages, settled, streaming_answer,
    write_all,
};

async fn one_conversation(home: &Home) {
    let store = home.open().await;
    begin_new(&store, 1, 10, 11).await;
    write_all(&store, 11, "eleven").await;
    store.close().await;
}

/// The bytes of every file in the directory, but for SQLite's shared memory and our claim, which hold nothing said.
fn bytes(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(directory)
        .expect("a directory")
        .map(|entry| entry.expect("an entry"))
        .map(|entry| (entry.file_name().into_string().expect("a name"), fs::read(entry.path()).expect("a file")))
        .filter(|(name, bytes)| !name.ends_with("-shm") && !name.ends_with("-lock") && !bytes.is_empty())
        .collect();
    files.sort();
    files
}

async fn expect_left_alone(home: &Home, expected: &str) {
    let before = bytes(home.directory());
    match Store::open(&home.database()).await {
        Err(StoreError::Damaged(detail)) => assert!(detail.contains(expected), "{detail}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(bytes(home.directory()), before);
}

#[tokio::test]
async fn a_new_database_appears_complete_and_alone() {
    let home = Home::new();
    let database = home.directory().join("deep/down/capibara6.db");
    let store = Store::open(&database).await.expect("a store");
    assert_eq!(store.settings().await, Ok(Settings::default()));
    assert!(store.sqlite_version().starts_with("3."));
    store.close().await;
    let left: Vec<_> = bytes(database.parent().expect("a directory")).into_iter().map(|(name, _)| name).collect();
    assert_eq!(left, ["capibara6.db"]);
    assert_eq!(store.settings().await.map(drop), Err(StoreError::Failed(sqlx::Error::PoolClosed.to_string())));
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_said_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::new();
    let store = home.open().await;
    begin_new(&store, 1, 10, 11).await;
    for file in ["capibara6.db", "capibara6.db-wal"] {
        let mode = fs::metadata(home.directory().join(file)).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

#[tokio::test]
async fn the_writer_is_set_up_to_lose_nothing() {
    let home = Home::new();
    home.open().await.close().await;
    let mut raw = home.raw().await;
    let pragma = async |raw: &mut _, name: &'static str| -> String {
        let value: (String,) = sqlx::query_as(name).fetch_one(raw).await.expect("a pragma");
        value.0
    };
    assert_eq!(pragma(&mut raw, "SELECT journal_mode FROM pragma_journal_mode").await, "wal");
    assert_eq!(pragma(&mut raw, "SELECT integrity_check FROM pragma_integrity_check").await, "ok");
    let marks: (i64, i64) =
        sqlx::query_as("SELECT application_id, user_version FROM pragma_application_id, pragma_user_version")
            .fetch_one(&mut raw)
            .await
            .expect("marks");
    assert_eq!(marks, (0x4361_7036, Store::SCHEMA));
}

#[tokio::test]
async fn what_is_not_a_database_is_left_alone() {
    for (content, expected) in [
        (&b"dear diary"[..], "not a database"),
        (b"", "an empty file"),
        (&[0; 8192], "not a database"),
        (b"SQLite format 3\0 and nothing more", "not a database"),
    ] {
        let home = Home::new();
        fs::write(home.database(), content).expect("written");
        expect_left_alone(&home, expected).await;
    }
    let home = Home::new();
    fs::create_dir(home.database()).expect("a directory");
    expect_left_alone_directory(&home).await;
}

async fn expect_left_alone_directory(home: &Home) {
    assert_eq!(Store::open(&home.database()).await.map(drop), Err(StoreError::Damaged("a directory".into())));
}

#[tokio::test]
async fn a_database_of_someone_else_is_left_alone() {
    let home = Home::new();
    let options = SqliteConnectOptions::new().filename(home.database()).create_if_missing(true);
    let mut theirs = options.connect().await.expect("a connection");
    sqlx::raw_sql("CREATE TABLE recipes (x); PRAGMA user_version = 1").execute(&mut theirs).await.expect("SQL");
    theirs.close().await.expect("closed");
    expect_left_alone(&home, "application_id is 0").await;
}

#[tokio::test]
async fn a_log_without_its_database_is_left_alone() {
    let home = Home::new();
    fs::write(home.directory().join("capibara6.db-wal"), b"the last words").expect("written");
    expect_left_alone(&home, "write-ahead log").await;
}

#[tokio::test]
async fn a_database_without_a_table_or_version_is_left_alone() {
    for (alteration, expected) in [
        ("DROP TABLE journal", "no such table: journal"),
        ("ALTER TABLE message RENAME COLUMN content TO body", "no such column: m.content"),
        ("DROP TABLE about", "no such table: about"),
        ("PRAGMA user_version = 0", "user_version is 0"),
        ("PRAGMA application_id = 7", "application_id is 7"),
    ] {
        let home = Home::new();
        one_conversation(&home).await;
        home.alter(alteration).await;
        expect_left_alone(&home, expected).await;
    }
}

#[tokio::test]
async fn a_cut_off_database_is_left_alone() {
    let home = Home::new();
    one_conversation(&home).await;
    let whole = fs::read(home.database()).expect("a file");
    for kept in [100, 4096, whole.len() / 2, whole.len() - 1] {
        fs::write(home.database(), &whole[..kept]).expect("written");
        expect_left_alone(&home, "").await;
    }
    fs::write(home.database(), &whole).expect("written");
    assert_eq!(active(&home.open().await, 1).await, messages(&[10, 11]));
}

#[tokio::test]
async fn damage_inside_costs_what_it_hits_and_stops_the_writing() {
    const CONVERSATIONS: u128 = 40;
    let home = Home::new();
    let store = home.open().await;
    for n in 1..=CONVERSATIONS {
        begin_new(&store, n, n * 10, n * 10 + 1).await;
        write_all(&store, n * 10 + 1, &"words ".repeat(1500)).await;
    }
    store.close().await;
    drop(store);
    let mut bytes = fs::read(home.database()).expect("a file");
    let second_half = bytes.len() / 2..;
    bytes[second_half].fill(0xa5);
    fs::write(home.database(), bytes).expect("written");

    let store = Store::open(&home.database()).await.expect("a store");
    assert_eq!(store.conversations(None, 100).await.map(|page| page.conversations.len()), Ok(40), "the list is whole");
    let (mut whole, mut hit) = (0, 0);
    for n in 1..=CONVERSATIONS {
        match store.view(conversation(n), None, 10).await {
            Ok(view) => {
                assert_eq!(view.messages[1].content, "words ".repeat(1500));
                whole += 1;
            }
            Err(StoreError::Damaged(_)) => hit += 1,
            Err(other) => panic!("{other:?}"),
        }
    }
    assert!(whole >= 10 && hit >= 10, "{whole} whole, {hit} hit");
    assert!(matches!(store.trouble(), Some(StoreError::Damaged(_))));
    assert!(matches!(store.rename(conversation(1), "x").await, Err(StoreError::Damaged(_))), "nothing is written");
    assert!(matches!(store.check().await, Err(StoreError::Damaged(_))));
}

#[tokio::test]
async fn a_check_finds_damage_that_nobody_has_come_across() {
    let home = Home::new();
    let store = home.open().await;
    begin_new(&store, 1, 10, 11).await;
    write_all(&store, 11, &"words ".repeat(9000)).await;
    assert_eq!(store.check().await, Ok(()));
    store.close().await;
    drop(store);
    home.alter(
        "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = 3 WHERE name = 'conversation_deleted'",
    )
    .await;
    let store = home.open().await;
    assert!(matches!(store.check().await, Err(StoreError::Damaged(_))));
    assert!(matches!(store.trouble(), Some(StoreError::Damaged(_))));
}

#[tokio::test]
async fn a_newer_file_is_read_and_not_touched() {
    let home = Home::new();
    one_conversation(&home).await;
    let newer = Store::SCHEMA + 1;
    let later =
        format!("PRAGMA user_version = {newer}; ALTER TABLE message ADD COLUMN mood TEXT; CREATE TABLE moods (x)");
    home.alter(&later).await;
    let before = bytes(home.directory());
    let store = Store::open(&home.database()).await.expect("a store");
    assert_eq!(store.trouble(), Some(StoreError::Newer));
    assert_eq!(store.message(message(11)).await, Ok(complete_answer(1, 11, 10, "eleven")));
    assert_eq!(store.rename(conversation(1), "x").await, Err(StoreError::Newer));
    assert_eq!(store.purge(i64::MAX).await, Err(StoreError::Newer));
    store.close().await;
    assert_eq!(bytes(home.directory()), before);

    home.alter(&format!("UPDATE about SET value = '{newer}' WHERE key = 'readable_from'")).await;
    let before = bytes(home.directory());
    assert_eq!(Store::open(&home.database()).await.map(drop), Err(StoreError::Newer));
    assert_eq!(bytes(home.directory()), before);
}

#[tokio::test]
async fn a_second_process_does_not_interrupt_the_first() {
    let home = Home::new();
    let first = home.open().await;
    begin_new(&first, 1, 10, 11).await;
    first.append(vec![content(11, "still ")]).await.expect("appended");
    let second = home.open().await;
    assert_eq!(second.message(message(11)).await, Ok(streaming_answer(1, 11, 10, "still ")));
    first.append(vec![content(11, "here")]).await.expect("appended");
    assert_eq!(first.message(message(11)).await, Ok(streaming_answer(1, 11, 10, "still here")));
    second.close().await;
    drop(second);
    first.close().await;
    drop(first);
    let interrupted = Message { status: MessageStatus::Interrupted, ..streaming_answer(1, 11, 10, "still here") };
    assert_eq!(home.open().await.message(message(11)).await, Ok(interrupted));
}

/// A directory in which nothing can be made. A process that may do everything is not stopped by permissions, so the
/// tests that need one run themselves again without that privilege.
#[cfg(unix)]
mod read_only {
    use std::os::unix::fs::PermissionsExt as _;
    use std::process::Command;

    use super::*;

    fn allow(directory: &Path, mode: u32) {
        for entry in fs::read_dir(directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o666)).expect("permissions");
        }
        fs::set_permissions(directory, fs::Permissions::from_mode(mode)).expect("permissions");
    }

    /// Runs the ignored test `name` of this binary on `home`, without the privilege to write everywhere.
    fn run_unprivileged(name: &str, home: &Home) {
        let this = std::env::current_exe().expect("this binary");
        let privileged = fs::File::create(home.directory().join("probe")).is_ok();
        let mut command = if privileged {
            let mut command = Command::new("setpriv");
            command.args(["--inh-caps=-all", "--bounding-set=-all", "--"]).arg(this);
            command
        } else {
            Command::new(this)
        };
        let run = command.args(["--ignored", "--exact", "--nocapture", name]).env("STORE_TEST_HOME", home.directory());
        let output = run.output().expect("setpriv (util-linux) runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "the test {name} exists");
    }

    fn given_database() -> std::path::PathBuf {
        let directory = std::env::var_os("STORE_TEST_HOME").expect("run by another test");
        assert!(
            fs::File::create(Path::new(&directory).join("unprivileged")).is_err(),
            "the directory cannot be written"
        );
        Path::new(&directory).join("capibara6.db")
    }

    #[tokio::test]
    async fn a_directory_that_cannot_be_written_can_be_read() {
        let home = Home::new();
        one_conversation(&home).await;
        allow(home.directory(), 0o555);
        run_unprivileged("opening::read_only::reads_after_a_clean_end", &home);
        allow(home.directory(), 0o755);
    }

    #[tokio::test]
    #[ignore = "run by a_directory_that_cannot_be_written_can_be_read"]
    async fn reads_after_a_clean_end() {
        let store = Store::open(&given_database()).await.expect("a store");
        assert_eq!(store.trouble(), Some(StoreError::ReadOnly));
        assert_eq!(store.message(message(11)).await, Ok(complete_answer(1, 11, 10, "eleven")));
        assert_eq!(store.rename(conversation(1), "x").await, Err(StoreError::ReadOnly));
        assert_eq!(store.settings().await, Ok(Settings::default()));
        assert_eq!(store.check().await, Ok(()));
    }

    #[tokio::test]
    async fn a_crashed_run_in_such_a_directory_can_be_read() {
        let home = Home::new();
        let store = home.open().await;
        begin_new(&store, 1, 10, 11).await;
        store.append(vec![content(11, "half a wo")]).await.expect("appended");
        // Copied while it is open: what a crash leaves.
        let crashed = Home::new();
        for entry in fs::read_dir(home.directory()).expect("a directory") {
            let entry = entry.expect("an entry");
            fs::copy(entry.path(), crashed.directory().join(entry.file_name())).expect("copied");
        }
        allow(crashed.directory(), 0o555);
        run_unprivileged("opening::read_only::reads_after_a_crash", &crashed);
        allow(crashed.directory(), 0o755);
        store.settle(settled(11, MessageStatus::Complete)).await.expect("settled");
    }

    #[tokio::test]
    #[ignore = "run by a_crashed_run_in_such_a_directory_can_be_read"]
    async fn reads_after_a_crash() {
        let store = Store::open(&given_database()).await.expect("a store");
        assert_eq!(store.trouble(), Some(StoreError::ReadOnly));
        let interrupted = Message { status: MessageStatus::Interrupted, ..streaming_answer(1, 11, 10, "half a wo") };
        assert_eq!(store.message(message(11)).await, Ok(interrupted));
        assert_eq!(store.append(vec![content(11, "x")]).await, Err(StoreError::ReadOnly));
    }

    #[tokio::test]
    async fn nothing_can_be_made_in_such_a_directory() {
        let home = Home::new();
        allow(home.directory(), 0o555);
        run_unprivileged("opening::read_only::makes_nothing", &home);
        allow(home.directory(), 0o755);
    }

    #[tokio::test]
    #[ignore = "run by nothing_can_be_made_in_such_a_directory"]
    async fn makes_nothing() {
        assert_eq!(Store::open(&given_database()).await.map(drop), Err(StoreError::ReadOnly));
    }
}
