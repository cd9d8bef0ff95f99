//! What can go wrong while a history is written, done to real files and real processes: `kill -9` at random moments, a disk
//! that is full, writes that fail, a directory that cannot be written, a clock that is set back. After each, the file is sound
//! and nothing that was acknowledged is missing.
//!
//! A child of the test binary writes and says on standard output what was acknowledged; its parent kills it or takes its disk
//! away, and compares. `LASTING_KILLS` is how often it is killed (200 where it is not set), spread over what it can be
//! doing; `LASTING_SEED` draws other moments.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use capibara6_protocol::{BackupReason, BackupState, Message, MessageId, MessageStatus};
use capibara6_store::{BackupFolder, ImportedConversation, Pace, Store, StoreError};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};
use tempfile::TempDir;

use crate::stage::{
    Home, begin_new, begin_next, complete_answer, content, conversation, message, settled, stored_question, summary,
    write_all,
};

const NOW: i64 = 1_767_323_045_678;

/// How a test tells its child what to do.
const HOME: &str = "LASTING_HOME";
const FIRST: &str = "LASTING_FIRST";

/// What a child has said: an answer and how many pieces it has (or that it ended with so many), a conversation that came in,
/// a backup that was made, and other words.
#[derive(Default)]
struct Heard {
    answers: BTreeMap<u128, (u32, bool)>,
    imported: Vec<u128>,
    backups: Vec<String>,
    words: Vec<String>,
}

impl Heard {
    /// Takes a line; says whether it was one of the child's. A line that was cut off was not acknowledged.
    fn take(&mut self, line: &str) -> bool {
        // The test runner begins the first line.
        let line = line.rsplit_once(" ... ").map_or(line, |(_, said)| said);
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["ack" | "end", answer, pieces, "."] => {
                let (Ok(answer), Ok(pieces)) = (answer.parse(), pieces.parse()) else { return false };
                self.answers.insert(answer, (pieces, words[0] == "end"));
            }
            ["imported", n, "."] => self.imported.extend(n.parse::<u128>()),
            ["backup", id, "."] => self.backups.push(id.to_owned()),
            ["said", word, "."] => self.words.push(word.to_owned()),
            _ => return false,
        }
        true
    }
}

fn say(line: impl Display) {
    let mut out = std::io::stdout().lock();
    // Who listens may be gone, as it is when this process is about to be killed.
    let _ = out.write_all(format!("{line} .\n").as_bytes()).and_then(|()| out.flush());
}

fn told() -> (PathBuf, u128) {
    let home = PathBuf::from(std::env::var_os(HOME).expect("run by another test"));
    (home, std::env::var(FIRST).expect("run by another test").parse().expect("a number"))
}

fn child(name: &str, home: &Path, first: u128) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this binary"));
    command.args(["--ignored", "--exact", "--nocapture", "--test-threads", "1"]).arg(format!("faults::{name}"));
    command.env(HOME, home).env(FIRST, first.to_string()).stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

/// Lets a child say so much, or work so long, and kills it; gives all that it could say before it died.
fn kill(mut child: Child, lines: usize, pause: Duration) -> Heard {
    let mut heard = Heard::default();
    let mut out = BufReader::new(child.stdout.take().expect("its output")).lines();
    let mut remaining = lines;
    while remaining > 0 {
        let Some(Ok(line)) = out.next() else { break };
        remaining -= usize::from(heard.take(&line));
    }
    // Not by a sleep, which is never that short.
    let begun = Instant::now();
    while begun.elapsed() < pause {
        std::hint::spin_loop();
    }
    child.kill().expect("killed");
    for line in out.map_while(Result::ok) {
        heard.take(&line);
    }
    child.wait().expect("ended");
    heard
}

fn kills() -> u32 {
    std::env::var("LASTING_KILLS").ok().and_then(|count| count.parse().ok()).unwrap_or(200)
}

fn random(salt: u64) -> fastrand::Rng {
    let seed = std::env::var("LASTING_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(6_u64);
    fastrand::Rng::with_seed(seed.wrapping_mul(1000) + salt)
}

fn piece(number: u32) -> String {
    format!("<{number} {}>", "word ".repeat((number as usize * 7) % 90))
}

fn pieces(count: u32) -> String {
    (0..count).map(piece).collect()
}

async fn expect_sound(database: &Path) {
    let mut raw = SqliteConnectOptions::new().filename(database).connect().await.expect("a connection");
    let found: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check").fetch_all(&mut raw).await.expect("a check");
    assert_eq!(found, ["ok"]);
    let broken = sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut raw).await.expect("a check");
    assert_eq!(broken.len(), 0);
    raw.close().await.expect("closed");
}

/// Opens what a child left, and finds everything that it was told.
async fn expect_kept(database: &Path, heard: &Heard) -> Store {
    let store = Store::open(database).await.expect("it opens");
    expect_sound(database).await;
    for (&answer, &(count, ended)) in &heard.answers {
        let kept = store.message(message(answer)).await.expect("the message");
        if ended {
            assert_eq!((kept.content, kept.status), (pieces(count), MessageStatus::Complete));
        } else {
            // One batch, and the end, may be on disk without having been acknowledged.
            let found = (count..=count + 1).find(|&n| kept.content == pieces(n));
            assert!(found.is_some(), "message {answer} has its {count} pieces: {}", kept.content);
            assert!(matches!(kept.status, MessageStatus::Interrupted | MessageStatus::Complete), "{:?}", kept.status);
        }
    }
    for &n in &heard.imported {
        let view = store.view(conversation(n), None, 10).await.expect("an imported conversation");
        assert_eq!(view.messages.len(), 2);
    }
    store
}

/// Three answers at once: round by round a piece for each, and now and then the end of one and a new one.
async fn stream(store: &Store, first: u128) -> Result<(), StoreError> {
    let mut next = first;
    let mut open: Vec<(u128, u32)> = Vec::new();
    loop {
        while open.len() < 3 {
            try_begin(store, next).await?;
            open.push((next + 2, 0));
            next += 10;
        }
        let batch = open.iter().map(|&(answer, count)| content(answer, &piece(count))).collect();
        store.append_soon(batch).await?;
        for (answer, count) in &mut open {
            *count += 1;
            say(format_args!("ack {answer} {count}"));
        }
        if open[0].1.is_multiple_of(17) {
            let (ended, count) = open.remove(0);
            store.settle(settled(ended, MessageStatus::Complete)).await?;
            say(format_args!("end {ended} {count}"));
        }
    }
}

async fn try_begin(store: &Store, n: u128) -> Result<(), StoreError> {
    use capibara6_store::{Begin, Place};
    let place = Place::New { id: conversation(n), title: format!("title {n}") };
    let asked = crate::stage::question(n + 1, None, &format!("question {}", n + 1));
    store.begin(Begin { place, asked, answer: crate::stage::answer(n + 2) }).await.map(drop)
}

#[tokio::test]
#[ignore = "run by a_kill_while_it_streams"]
async fn streams() {
    let (home, first) = told();
    let store = Store::open(&home.join("capibara6.db")).await.expect("a store");
    stream(&store, first).await.expect("it is killed before it ends");
}

#[tokio::test]
async fn a_kill_while_it_streams() {
    let home = Home::new();
    let mut random = random(1);
    let mut acknowledged = 0;
    for n in 0..u128::from(kills() / 4) {
        let child = child("streams", home.directory(), (n + 1) * 100_000).spawn().expect("it runs");
        let heard = kill(child, random.usize(0..120), Duration::from_micros(random.u64(0..4_000)));
        expect_kept(&home.database(), &heard).await.close().await;
        acknowledged += heard.answers.len();
    }
    assert!(acknowledged >= kills() as usize / 4, "there was something to lose: {acknowledged} answers");
}

#[tokio::test]
#[ignore = "run by a_kill_while_it_imports"]
async fn imports() {
    let (home, first) = told();
    let store = Store::open(&home.join("capibara6.db")).await.expect("a store");
    for batch in 0.. {
        let of = |n: u128| {
            let (question, answer) = (n + 1, n + 2);
            let messages = vec![
                stored_question(n, question, None, "imported?", &[question]),
                complete_answer(n, answer, question, &"imported ".repeat(300)),
            ];
            ImportedConversation { summary: summary(n, "imported", crate::stage::at(n)), ..imported(messages) }
        };
        let ids: Vec<u128> = (0..20).map(|n| first + (batch * 20 + n) * 10).collect();
        let conversations: Vec<_> = ids.iter().copied().map(of).collect();
        store.import(&conversations).await.expect("imported");
        ids.iter().for_each(|n| say(format_args!("imported {n}")));
    }
}

/// The parts of an import that do not matter here.
fn imported(messages: Vec<Message>) -> ImportedConversation {
    ImportedConversation { summary: summary(0, "", 0), messages }
}

#[tokio::test]
async fn a_kill_while_it_imports() {
    let home = Home::new();
    let mut random = random(2);
    let mut acknowledged = 0;
    for n in 0..u128::from(kills() / 4) {
        let child = child("imports", home.directory(), (n + 1) * 100_000).spawn().expect("it runs");
        let heard = kill(child, random.usize(0..60), Duration::from_micros(random.u64(0..8_000)));
        let store = expect_kept(&home.database(), &heard).await;
        // All of a batch or none of it.
        let mut raw = home.raw().await;
        let count: i64 =
            sqlx::query_scalar("SELECT count(*) FROM conversation").fetch_one(&mut raw).await.expect("a count");
        assert_eq!(count % 20, 0);
        raw.close().await.expect("closed");
        store.close().await;
        acknowledged += heard.imported.len();
    }
    assert!(acknowledged >= kills() as usize / 4, "there was something to lose: {acknowledged} conversations");
}

#[tokio::test]
#[ignore = "run by a_kill_while_it_backs_up"]
async fn backs_up() {
    let (home, first) = told();
    let store = Store::open(&home.join("capibara6.db")).await.expect("a store");
    let backups = store.backups();
    let making = async {
        for n in 0.. {
            let made = backups.create(BackupReason::Daily, NOW + n * 86_400_000, Pace::Full).await.expect("made");
            say(format_args!("backup {}", made.id.0));
            if n % 3 == 2 {
                let retention = capibara6_protocol::Retention { daily: 2, weekly: 0, occasional: 0, limit_mib: 0 };
                let gone = backups.rotate(&retention).await.expect("rotated");
                gone.iter().for_each(|id| say(format_args!("said gone-{}", id.0)));
            }
        }
        Ok(())
    };
    let (streamed, _): (_, Result<(), StoreError>) = tokio::join!(stream(&store, first), making);
    streamed.expect("it is killed before it ends");
}

#[tokio::test]
async fn a_kill_while_it_backs_up() {
    let home = Home::new();
    let mut random = random(3);
    let (mut acknowledged, mut made) = (0, 0);
    for n in 0..u128::from(kills() / 4) {
        let child = child("backs_up", home.directory(), (n + 1) * 100_000).spawn().expect("it runs");
        let heard = kill(child, random.usize(0..200), Duration::from_micros(random.u64(0..10_000)));
        let store = expect_kept(&home.database(), &heard).await;
        let entries = store.backups().list().await.expect("a list");
        for id in &heard.backups {
            let is_gone = heard.words.contains(&format!("gone-{id}"));
            let is_there = entries.iter().any(|entry| &entry.id.0 == id);
            // What was about to be removed may be gone without having been said.
            assert!(is_there || is_gone || heard.backups.last() != Some(id), "{id} is there");
        }
        for entry in &entries {
            assert_eq!(entry.state, BackupState::Good, "what has a name is whole");
        }
        if let Some(newest) = entries.first() {
            let read = store.backups().verify(&newest.id, NOW, Pace::Full).await.expect("read");
            assert_eq!(read.state, BackupState::Good);
        }
        store.close().await;
        acknowledged += heard.answers.len();
        made += heard.backups.len();
    }
    assert!(acknowledged + made >= kills() as usize / 2, "there was something to lose: {acknowledged} and {made}");
}

#[tokio::test]
#[ignore = "run by a_kill_while_it_migrates"]
async fn migrates() {
    let (home, first) = told();
    let path = home.join("capibara6.db");
    let store = Store::open_kept(&path, None, NOW).await.expect("a store");
    say("said migrated");
    stream(&store, first).await.expect("it is killed before it ends");
}

/// Also the replacing of the whole database by a backup, which the next start has to finish.
#[tokio::test]
#[ignore = "run by a_kill_while_it_migrates"]
async fn restores() {
    let (home, _) = told();
    let path = home.join("capibara6.db");
    let backups = BackupFolder::of(&path, None);
    say("said begun");
    for n in 0.. {
        let store = Store::open(&path).await.expect("a store");
        begin_new(&store, 5_000 + n, 50_000 + n * 10, 50_001 + n * 10).await;
        let oldest = backups.list().await.expect("a list").pop().expect("a backup");
        backups.stage_restore(&oldest.id, NOW, None).await.expect("staged");
        store.close().await;
        drop(store);
        backups.finish_restore().await.expect("restored");
        say("said restored");
    }
}

#[tokio::test]
async fn a_kill_while_it_migrates() {
    let first = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/schema-1.db");
    let mut random = random(4);
    for n in 0..kills() / 8 {
        let home = Home::new();
        fs::copy(&first, home.database()).expect("copied");
        // From before the process has begun to after it has migrated.
        let child = child("migrates", home.directory(), u128::from(n + 1) * 100_000).spawn().expect("it runs");
        let heard = kill(child, 0, Duration::from_micros(random.u64(0..60_000)));
        let before = BackupFolder::of(&home.database(), None).list().await.expect("a list");
        assert!(
            before
                .iter()
                .all(|entry| entry.state == BackupState::Good && entry.reason == BackupReason::BeforeMigration)
        );
        let store = expect_kept(&home.database(), &heard).await;
        assert_eq!(store.trouble(), None);
        let kept = store.message(message(51)).await.map(|message| message.content);
        assert_eq!(kept, Ok("complete".to_owned()));
        store.close().await;
    }
    let home = Home::new();
    let store = home.open().await;
    begin_new(&store, 1, 10, 11).await;
    write_all(&store, 11, &"words ".repeat(20_000)).await;
    store.backups().create(BackupReason::Manual, NOW, Pace::Full).await.expect("made");
    store.close().await;
    drop(store);
    for _ in 0..kills() / 8 {
        let child = child("restores", home.directory(), 0).spawn().expect("it runs");
        kill(child, random.usize(1..3), Duration::from_micros(random.u64(0..50_000)));
        let store = home.open().await;
        expect_sound(&home.database()).await;
        let kept = store.message(message(11)).await.map(|message| message.content.len());
        assert_eq!(kept, Ok(120_000), "the old one or the new one, never neither");
        store.close().await;
    }
}

// A disk that is full, and writes that fail ------------------------------------------------------------------------------

/// Runs a child in a file system of its own, of so many mebibytes, which goes with it. It needs the right to mount: that of
/// the superuser, or of whoever may make a user namespace.
#[cfg(target_os = "linux")]
fn on_a_small_disk(name: &str, mebibytes: u32) -> Option<Heard> {
    let mount = TempDir::new().expect("a directory");
    let can_mount = |words: &[&str]| {
        let mut probe = Command::new("unshare");
        probe.args(words).args(["sh", "-c", "mount -t tmpfs none \"$0\""]).arg(mount.path());
        probe.stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    };
    let words: &[&str] =
        [&["--mount"][..], &["--user", "--map-root-user", "--mount"]].into_iter().find(|words| can_mount(words))?;
    let script = format!("mount -t tmpfs -o size={mebibytes}m none \"$0\" && exec \"$@\"");
    let plain = child(name, mount.path(), 1_000);
    let mut command = Command::new("unshare");
    command.args(words).args(["sh", "-c", &script]).arg(mount.path()).arg(plain.get_program()).args(plain.get_args());
    command.env(HOME, mount.path()).env(FIRST, "1000");
    let output = command.output().expect("unshare (util-linux) runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    let mut heard = Heard::default();
    for line in said.lines() {
        heard.take(line);
    }
    Some(heard)
}

/// All of it inside the child: the disk is full for a while, then there is room again.
#[cfg(target_os = "linux")]
#[tokio::test]
#[ignore = "run by a_full_disk_loses_nothing_and_passes"]
async fn fills_the_disk() {
    let (home, first) = told();
    let database = home.join("capibara6.db");
    let ballast = home.join("ballast");
    fs::write(&ballast, vec![0; 600_000]).expect("there is room");
    let store = Store::open(&database).await.expect("a store");
    begin_new(&store, 1, 10, 11).await;
    let mut acknowledged = String::new();
    let full = loop {
        let piece = format!("{:>8} {}\n", acknowledged.len(), "lorem ".repeat(40));
        match store.append(vec![content(11, &piece)]).await {
            Ok(()) => acknowledged.push_str(&piece),
            Err(error) => break error,
        }
    };
    assert_eq!(full, StoreError::Full);
    assert!(acknowledged.len() > 10_000);
    assert_eq!(store.message(message(11)).await.map(|message| message.content), Ok(acknowledged.clone()));
    // A backup is not even begun: the room is for what is being said.
    assert_eq!(store.backups().create(BackupReason::Daily, NOW, Pace::Full).await.map(drop), Err(StoreError::Full));
    let left = fs::read_dir(home.join("backups")).expect("a folder").map(|entry| entry.expect("an entry").file_name());
    assert_eq!(left.collect::<Vec<_>>(), ["lock"]);
    store.close().await;
    drop(store);

    // Not a byte is left at the start: it can be read, and goes on by itself once there is room.
    let mut rest = fs::File::create(home.join("rest")).expect("a file");
    while rest.write(&[0; 512]).is_ok_and(|written| written > 0) {}
    let store = Store::open(&database).await.expect("it can be read");
    let kept = store.message(message(11)).await.expect("the message");
    assert_eq!((kept.content, kept.status), (acknowledged.clone(), MessageStatus::Interrupted));
    let trouble = store.trouble();
    assert_eq!(store.rename(conversation(1), "x").await.map(drop), Err(StoreError::Full));
    for file in ["ballast", "rest"] {
        fs::remove_file(home.join(file)).expect("removed");
    }
    assert_eq!(store.resume().await, Ok(()), "{trouble:?}");
    assert_eq!(store.trouble(), None);
    assert_eq!(store.rename(conversation(1), "room").await.map(|summary| summary.title), Ok("room".to_owned()));
    begin_next(&store, 1, Some(11), first, first + 1).await;
    assert_eq!(write_all(&store, first + 1, "and on").await.content, "and on");
    assert_eq!(store.message(message(11)).await.map(|message| message.content), Ok(acknowledged));
    store.close().await;
    expect_sound(&database).await;
    say("said through");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_loses_nothing_and_passes() {
    match on_a_small_disk("fills_the_disk", 2) {
        Some(heard) => assert_eq!(heard.words, ["through"]),
        None => println!("not run: no file system can be mounted here"),
    }
}

/// Streams, settles and imports until a write fails, and then says what failed. Everything that it says before was on disk.
#[tokio::test]
#[ignore = "run by a_write_that_fails_loses_nothing"]
async fn writes_until_a_write_fails() {
    let (home, first) = told();
    let failed = match Store::open(&home.join("capibara6.db")).await {
        Ok(store) => {
            let failed = stream(&store, first).await;
            // Ends without a checkpoint, as a crash would.
            std::mem::forget(store);
            failed
        }
        Err(error) => Err(error),
    };
    match failed {
        Err(StoreError::Damaged(detail)) => panic!("a write that fails damages nothing: {detail}"),
        Err(_) => say("said failed"),
        Ok(()) => panic!("no write failed"),
    }
}

/// The system lets no file grow beyond a limit (`setrlimit`, `RLIMIT_FSIZE`), which is drawn anew each time: `write` fails in
/// the database, in its log, at every length that these have, in the middle of a page as well. The program says so and nothing
/// that was acknowledged is missing.
#[cfg(unix)]
#[tokio::test]
async fn a_write_that_fails_loses_nothing() {
    let mut random = random(5);
    let empty = Home::new();
    empty.open().await.close().await;
    for round in 0..kills() / 4 {
        let home = Home::new();
        // Sometimes nothing is there yet, so that making the database fails as well.
        if round % 4 != 0 {
            fs::copy(empty.database(), home.database()).expect("copied");
        }
        // In blocks of 512 bytes: up to a mebibyte of log.
        let limit = random.u32(0..2_000);
        let plain = child("writes_until_a_write_fails", home.directory(), 1_000);
        let mut command = Command::new("sh");
        command.args(["-c", &format!("trap '' XFSZ; ulimit -f {limit}; exec \"$0\" \"$@\"")]);
        command.arg(plain.get_program()).args(plain.get_args()).env(HOME, home.directory()).env(FIRST, "1000");
        let output = command.output().expect("sh runs");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "at {limit} blocks: {}", String::from_utf8_lossy(&output.stderr));
        let mut heard = Heard::default();
        for line in said.lines() {
            heard.take(line);
        }
        assert_eq!(heard.words, ["failed"], "it is said");
        if home.database().exists() {
            expect_kept(&home.database(), &heard).await.close().await;
        } else {
            assert!(heard.answers.is_empty());
            home.open().await.close().await;
        }
    }
}

/// A backup that cannot be written is given up, and the history goes on beside it.
#[cfg(unix)]
#[tokio::test]
#[ignore = "run by a_backup_that_cannot_be_written_is_given_up"]
async fn backs_up_below_a_limit() {
    let (home, _) = told();
    let store = Store::open(&home.join("capibara6.db")).await.expect("a store");
    let made = store.backups().create(BackupReason::Daily, NOW, Pace::Full).await;
    assert!(made.is_err(), "{made:?}");
    begin_new(&store, 2, 20, 21).await;
    assert_eq!(write_all(&store, 21, "and on").await.content, "and on");
    store.close().await;
    say("said through");
}

#[cfg(unix)]
#[tokio::test]
async fn a_backup_that_cannot_be_written_is_given_up() {
    let home = Home::new();
    let store = home.open().await;
    begin_new(&store, 1, 10, 11).await;
    write_all(&store, 11, &"words ".repeat(200_000)).await;
    store.close().await;
    drop(store);
    let plain = child("backs_up_below_a_limit", home.directory(), 0);
    let output = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 1500; exec \"$0\" \"$@\""])
        .arg(plain.get_program())
        .args(plain.get_args())
        .env(HOME, home.directory())
        .env(FIRST, "0")
        .output()
        .expect("sh runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("said through ."), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(BackupFolder::of(&home.database(), None).list().await, Ok(Vec::new()));
    let left = fs::read_dir(home.directory().join("backups"))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name());
    assert_eq!(left.collect::<Vec<_>>(), ["lock"]);
    expect_sound(&home.database()).await;
}

// A directory that cannot be written, and a clock -------------------------------------------------------------------------

#[cfg(unix)]
#[tokio::test]
#[ignore = "run by a_directory_that_can_be_written_again_is"]
async fn waits_for_a_directory() {
    use std::os::unix::fs::PermissionsExt as _;
    let (home, _) = told();
    let database = home.join("capibara6.db");
    let allow = |mode: u32| {
        for entry in fs::read_dir(&home).expect("a directory") {
            fs::set_permissions(entry.expect("an entry").path(), fs::Permissions::from_mode(mode & 0o666))
                .expect("permissions");
        }
        fs::set_permissions(&home, fs::Permissions::from_mode(mode)).expect("permissions");
    };
    allow(0o555);
    assert!(fs::File::create(home.join("probe")).is_err(), "the directory cannot be written");
    let store = Store::open(&database).await.expect("it can be read");
    assert_eq!(store.trouble(), Some(StoreError::ReadOnly));
    assert_eq!(store.rename(conversation(1), "x").await.map(drop), Err(StoreError::ReadOnly));
    let made = store.backups().create(BackupReason::Daily, NOW, Pace::Full).await;
    assert_eq!(made.map(drop), Err(StoreError::ReadOnly));
    allow(0o755);
    // Nobody has to ask: the next write finds out.
    assert_eq!(store.rename(conversation(1), "again").await.map(|summary| summary.title), Ok("again".to_owned()));
    assert_eq!(store.trouble(), None);
    begin_next(&store, 1, Some(11), 12, 13).await;
    assert_eq!(write_all(&store, 13, "and on").await.content, "and on");
    assert_eq!(
        store.view(conversation(1), None, 10).await.map(|view| view.messages.len()),
        Ok(4),
        "the readers see it"
    );
    store.close().await;
    say("said through");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_directory_that_can_be_written_again_is() {
    let home = Home::new();
    let store = home.open().await;
    begin_new(&store, 1, 10, 11).await;
    write_all(&store, 11, "eleven").await;
    store.close().await;
    drop(store);
    // Whoever may do everything is not stopped by permissions: the child gives that up.
    let plain = child("waits_for_a_directory", home.directory(), 0);
    let mut command = Command::new("setpriv");
    command.args(["--inh-caps=-all", "--bounding-set=-all", "--"]).arg(plain.get_program()).args(plain.get_args());
    let output = command.env(HOME, home.directory()).env(FIRST, "0").output().expect("setpriv (util-linux) runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("said through ."), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn a_clock_that_is_set_back_changes_no_order() {
    use capibara6_store::{Asked, Begin, NewAnswer, NewQuestion, Place, Upkeep};
    let home = Home::new();
    let store = home.open().await;
    let year = 365 * 24 * 60 * 60 * 1000_i64;
    // Each turn a year before the one that came earlier, with ids that a clock of then would have drawn.
    let mut parent: Option<MessageId> = None;
    let mut expected = Vec::new();
    for turn in 0..5_i64 {
        let at = NOW - turn * year;
        let (question, answer) = (message(1_000 - turn as u128 * 10), message(1_001 - turn as u128 * 10));
        let place = if turn == 0 {
            Place::New { id: conversation(1), title: "clock".into() }
        } else {
            Place::Known(conversation(1))
        };
        let asked = Asked::New(NewQuestion { id: question, parent, text: format!("{turn}"), created_at: at });
        let new = NewAnswer { id: answer, model: None, scripted: false, routing: None, created_at: at };
        store.begin(Begin { place, asked, answer: new }).await.expect("begun");
        store
            .settle(capibara6_store::Settled { message: answer, ..settled(0, MessageStatus::Complete) })
            .await
            .expect("settled");
        parent = Some(answer);
        expected.extend([question, answer]);
    }
    let view = store.view(conversation(1), None, 50).await.expect("a view");
    assert_eq!(
        view.messages.iter().map(|message| message.id).collect::<Vec<_>>(),
        expected,
        "in the order of speaking"
    );
    assert_eq!(view.conversation.updated_at, NOW, "the list does not move it down");
    // Deleted by a clock that was ahead: it is not gone sooner for it, and can be brought back.
    store.delete(conversation(1), NOW + 50 * year).await.expect("deleted");
    assert_eq!(store.purge(NOW).await, Ok(Upkeep { purged: 0 }));
    assert_eq!(store.restore(conversation(1)).await.map(|summary| summary.id), Ok(conversation(1)));
    store.close().await;
    expect_sound(&home.database()).await;
}
