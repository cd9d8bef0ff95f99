//! What is linked is what the build meant to link.

use capibara6_sqlcipher as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _};

async fn open(path: &std::path::Path, key: Option<&str>) -> Result<SqliteConnection, sqlx::Error> {
    let mut options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    if let Some(key) = key {
        options = options.pragma("key", format!("\"x'{key}'\""));
    }
    options.connect().await
}

#[tokio::test]
async fn the_linked_sqlite_is_past_the_bug_that_damages_databases() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut connection = open(&folder.path().join("a.db"), None).await.expect("a database");
    let (sqlite,): (String,) =
        sqlx::query_as("SELECT sqlite_version()").fetch_one(&mut connection).await.expect("a version");
    let version: Vec<u32> = sqlite.split('.').map(|part| part.parse().expect("a number")).collect();
    assert!(version >= vec![3, 51, 3], "SQLite {sqlite} has the WAL-reset bug");
    let (cipher,): (String,) =
        sqlx::query_as("PRAGMA cipher_version").fetch_one(&mut connection).await.expect("a cipher");
    assert!(cipher.starts_with("4."), "{cipher}");
}

#[tokio::test]
async fn a_database_with_a_key_holds_no_readable_word_and_opens_with_that_key_only() {
    const KEY: &str = "1d1f7e9a52a14e0c9c5d2a4d31b0f4a0f6d2c3b4a5968778695a4b3c2d1e0f01";
    const OTHER: &str = "2d1f7e9a52a14e0c9c5d2a4d31b0f4a0f6d2c3b4a5968778695a4b3c2d1e0f01";
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.db");
    let mut connection = open(&path, Some(KEY)).await.expect("a database");
    for statement in ["CREATE TABLE t (text TEXT)", "INSERT INTO t VALUES ('a word that must not stand there')"] {
        sqlx::query(statement).execute(&mut connection).await.expect(statement);
    }
    connection.close().await.expect("closed");

    let bytes = std::fs::read(&path).expect("the file");
    assert!(!bytes.windows(10).any(|window| window == b"a word tha"));
    assert!(!bytes.starts_with(b"SQLite format 3"));

    let read = async |key| {
        let mut connection = open(&path, key).await?;
        sqlx::query_as::<_, (String,)>("SELECT text FROM t").fetch_one(&mut connection).await
    };
    assert_eq!(read(Some(KEY)).await.expect("the row").0, "a word that must not stand there");
    assert!(read(Some(OTHER)).await.is_err());
    assert!(read(None).await.is_err());
}
