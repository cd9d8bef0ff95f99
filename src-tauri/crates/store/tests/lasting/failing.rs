//! Every call to the system that a history makes fails once, or from then on: opening, reading, writing (also half of it),
//! synchronising, cutting off, renaming, linking and removing files, mapping, copying, locking and asking about them. What
//! was acknowledged is there afterwards, what was not is there whole or not at all, and everything goes on, in the same
//! process as soon as the disk is well again and in the next one.
//!
//! `failing.c` stands between a child of the test binary and the C library. The child does a piece of work step by step,
//! first undisturbed (which gives what the history holds after each step, and how many calls there are), then in a new folder
//! for each call that is to fail. `LASTING_FAULTS` is how many calls of each kind fail per work (`all` for every single one);
//! `LASTING_SEED` draws others. `LASTING_PART=2/8` takes the second eighth of them, for runs that take hours. The program prints
//! how many there were.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use capibara6_protocol::{AppError, BackupId, BackupReason, BackupState, MessageStatus, SearchQuery};
use capibara6_store::salvage::salvage;
use capibara6_store::{BackupFolder, ImportedConversation, Pace, Store, StoreError, Upkeep};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};

use crate::stage::{
    Home, answer, at, begin_new, complete_answer, content, conversation, message, question, settled, stored_question,
    summary, write_all,
};

const NOW: i64 = 1_767_323_045_678;
const WORK: &str = "LASTING_WORK";
const FOLDER: &str = "LASTING_FOLDER";

const EIO: i32 = 5;
const ENOMEM: i32 = 12;
const EMFILE: i32 = 24;
const ENOSPC: i32 = 28;
const ENOLCK: i32 = 37;

/// What fails, and how.
const FAULTS: [(&str, &str, i32); 27] = [
    ("open", "once", EIO),
    ("open", "once", EMFILE),
    ("open", "ever", EIO),
    ("read", "once", EIO),
    ("read", "ever", EIO),
    ("write", "once", EIO),
    ("write", "ever", EIO),
    ("write", "ever", ENOSPC),
    ("write", "half", ENOSPC),
    ("sync", "once", EIO),
    ("sync", "ever", EIO),
    ("truncate", "once", EIO),
    ("truncate", "ever", EIO),
    ("rename", "once", EIO),
    ("rename", "ever", EIO),
    ("unlink", "once", EIO),
    ("unlink", "ever", EIO),
    ("link", "once", EIO),
    ("link", "ever", ENOSPC),
    ("map", "once", ENOMEM),
    ("map", "ever", ENOMEM),
    ("copy", "once", EIO),
    ("copy", "ever", ENOSPC),
    ("stat", "once", EIO),
    ("stat", "ever", EIO),
    ("lock", "once", ENOLCK),
    ("folder", "once", ENOSPC),
];

/// Tells the code between this process and the C library what to do, and gives its answer.
fn control(words: &str) -> String {
    let answer = fs::read_link(format!("/failing-io/{words}")).expect("the calls of this process are intercepted");
    answer.to_string_lossy().into_owned()
}

/// How often each kind of call was made since the folder was chosen; `failed` is how many failed.
fn counts() -> BTreeMap<String, u64> {
    let answer = control("counts");
    let words: Vec<&str> = answer.split(' ').collect();
    words.chunks(2).map(|pair| (pair[0].to_owned(), pair[1].parse().expect("a number"))).collect()
}

/// A piece of work on the history in a folder.
struct Scene {
    folder: PathBuf,
    store: Option<Store>,
    /// Backups that were said to be made.
    made: Vec<BackupId>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Work {
    Stream,
    Import,
    BackUp,
    Restore,
    Migrate,
    Index,
    Salvage,
}

impl Work {
    fn named(name: &str) -> Self {
        match name {
            "stream" => Self::Stream,
            "import" => Self::Import,
            "back-up" => Self::BackUp,
            "restore" => Self::Restore,
            "migrate" => Self::Migrate,
            "index" => Self::Index,
            "salvage" => Self::Salvage,
            other => panic!("{other}"),
        }
    }

    /// How many steps it has.
    fn steps(self) -> usize {
        match self {
            Self::Stream => 14,
            Self::Import => 4,
            Self::BackUp | Self::Restore | Self::Migrate | Self::Salvage => 5,
            Self::Index => 6,
        }
    }

    /// What lies in the folder before the work begins.
    async fn prepare(self, folder: &Path) {
        let database = folder.join("capibara6.db");
        match self {
            Self::Stream | Self::Import => return,
            Self::Migrate => {
                let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/schema-1.db");
                fs::copy(fixture, database).expect("copied");
                return;
            }
            Self::BackUp | Self::Restore | Self::Index | Self::Salvage => {}
        }
        let store = Store::open(&database).await.expect("a store");
        for c in 1..5 {
            begin_new(&store, c, c * 10, c * 10 + 1).await;
            write_all(&store, c * 10 + 1, &format!("answer number{c} ").repeat(100 * c as usize)).await;
        }
        if self == Self::Restore {
            store.backups().create(BackupReason::Manual, NOW, Pace::Full).await.expect("made");
            begin_new(&store, 9, 90, 91).await;
            write_all(&store, 91, "since the backup").await;
        }
        if self == Self::Index {
            while store.index_some().await.expect("a step") > 0 {}
        }
        store.close().await;
        if self == Self::Salvage {
            let mut bytes = fs::read(&database).expect("a file");
            // A page of the longest answer.
            let text = "answer number4 answer number4";
            let at = bytes.windows(text.len()).rposition(|window| window == text.as_bytes()).expect("it is there");
            bytes[at / 4096 * 4096..][..4096].fill(0xa5);
            fs::write(&database, bytes).expect("written");
        }
    }
}

impl Scene {
    fn database(&self) -> PathBuf {
        self.folder.join("capibara6.db")
    }

    /// The store, opened where it is not.
    async fn store(&mut self) -> Result<Store, StoreError> {
        if let Some(store) = &self.store {
            return Ok(store.clone());
        }
        let store = Store::open_kept(&self.database(), None, NOW).await?;
        Ok(self.store.insert(store).clone())
    }

    async fn close(&mut self) {
        if let Some(store) = self.store.take() {
            store.close().await;
        }
    }

    async fn step(&mut self, work: Work, step: usize) -> Result<(), StoreError> {
        match work {
            Work::Stream => self.stream(step).await,
            Work::Import => self.import(step).await,
            Work::BackUp => self.back_up(step).await,
            Work::Restore => self.restore(step).await,
            Work::Migrate => self.migrate(step).await,
            Work::Index => self.index(step).await,
            Work::Salvage => self.salvage(step).await,
        }
    }

    async fn stream(&mut self, step: usize) -> Result<(), StoreError> {
        use capibara6_store::{Begin, Place};
        let store = self.store().await?;
        match step {
            0 => Ok(()),
            1 => {
                let place = Place::New { id: conversation(1), title: "title 1".into() };
                let begin = Begin { place, asked: question(10, None, "question 10"), answer: answer(11) };
                store.begin(begin).await.map(drop)
            }
            2..=4 => store.append_soon(vec![content(11, &format!("<piece {step}>"))]).await,
            5 => store.append(vec![content(11, "<synchronised>")]).await,
            6 => store.append_soon(vec![content(11, &"<long>".repeat(4_000))]).await,
            7 => store.synchronise().await,
            8 => store.settle(settled(11, MessageStatus::Complete)).await.map(drop),
            9 => {
                let begin = Begin {
                    place: Place::Known(conversation(1)),
                    asked: question(12, Some(11), "question 12"),
                    answer: answer(13),
                };
                store.begin(begin).await.map(drop)
            }
            10 => store.append_soon(vec![content(13, "<half>")]).await,
            11 => store.replace_text(message(13), capibara6_protocol::Part::Content, "all of it").await,
            12 => store.rename(conversation(1), "renamed").await.map(drop),
            _ => store.view(conversation(1), None, 10).await.map(drop),
        }
    }

    async fn import(&mut self, step: usize) -> Result<(), StoreError> {
        let store = self.store().await?;
        if step == 0 {
            return Ok(());
        }
        let of = |c: u128| {
            let (question, answer) = (c * 10, c * 10 + 1);
            let messages = vec![
                stored_question(c, question, None, "imported?", &[question]),
                complete_answer(c, answer, question, &"imported ".repeat(300)),
            ];
            ImportedConversation { summary: summary(c, "imported", at(c)), messages }
        };
        let first = step as u128 * 10;
        store.import(&(first..first + 10).map(of).collect::<Vec<_>>()).await
    }

    async fn back_up(&mut self, step: usize) -> Result<(), StoreError> {
        let store = self.store().await?;
        let backups = store.backups();
        match step {
            0 => Ok(()),
            1 => {
                self.made.push(backups.create(BackupReason::Manual, NOW, Pace::Full).await?.id);
                Ok(())
            }
            2 => store.rename(conversation(1), "renamed").await.map(drop),
            3 => {
                self.made.push(backups.create(BackupReason::Daily, NOW + 1_000, Pace::Full).await?.id);
                Ok(())
            }
            _ => {
                let newest = backups.list().await?.into_iter().next().ok_or(StoreError::NotFound)?;
                let read = backups.verify(&newest.id, NOW + 2_000, Pace::Full).await?;
                if read.state != BackupState::Good {
                    return Err(StoreError::Damaged("a backup that was made".to_owned()));
                }
                backups.rotate(&Default::default()).await.map(drop)
            }
        }
    }

    async fn restore(&mut self, step: usize) -> Result<(), StoreError> {
        let backups = BackupFolder::of(&self.database(), None);
        match step {
            0 => self.store().await.map(drop),
            1 => {
                let made = backups.list().await?.pop().ok_or(StoreError::NotFound)?;
                backups.stage_restore(&made.id, NOW, None).await.map(drop)
            }
            2 => {
                self.close().await;
                backups.finish_restore().await
            }
            3 => self.store().await.map(drop),
            _ => self.store().await?.rename(conversation(1), "restored").await.map(drop),
        }
    }

    async fn migrate(&mut self, step: usize) -> Result<(), StoreError> {
        let store = self.store().await?;
        match step {
            0 => Ok(()),
            1..=3 => store.rename(conversation(1), &format!("renamed {step}")).await.map(drop),
            _ => store.view(conversation(2), None, 10).await.map(drop),
        }
    }

    async fn index(&mut self, step: usize) -> Result<(), StoreError> {
        let store = self.store().await?;
        match step {
            0 => store.rebuild_index().await,
            1 | 4 => {
                while store.index_some().await? > 0 {}
                Ok(())
            }
            2 => store.delete(conversation(2), at(5)).await,
            3 => store.purge(at(5) + Upkeep::RETENTION_MS + 1).await.map(drop),
            _ => {
                let query = SearchQuery { text: "number3".into(), limit: 10, ..SearchQuery::default() };
                let page = store.search(&query).await?;
                let found: Vec<_> = page.hits.iter().filter_map(|hit| hit.message).collect();
                assert_eq!((found, page.pending), (vec![message(31)], 0), "found once more");
                Ok(())
            }
        }
    }

    async fn salvage(&mut self, step: usize) -> Result<(), StoreError> {
        match step {
            0 => {
                // Whoever comes after a kill may find it done.
                if !self.folder.join("damaged").exists() || self.database().with_extension("db.incoming").exists() {
                    let report = salvage(&self.database(), None, NOW, "malformed", |_| {}).await?;
                    assert_eq!((report.saved_messages, report.lost_messages), (6, 2), "{report:?}");
                }
                Ok(())
            }
            _ => self.migrate(step).await,
        }
    }
}

/// All that a history holds, as text; or why it cannot be opened.
async fn held(folder: &Path) -> String {
    let database = folder.join("capibara6.db");
    if !database.exists() && !folder.join("capibara6.db.incoming").exists() {
        return "nothing".to_owned();
    }
    let store = match Store::open(&database).await {
        Ok(store) => store,
        Err(error) => return format!("{error:?}"),
    };
    assert_eq!(store.trouble(), None);
    let mut held = Vec::new();
    let page = store.conversations(None, 100).await.expect("a list");
    held.push(serde_json::to_string(&page.conversations).expect("JSON"));
    for summary in &page.conversations {
        match store.view(summary.id, None, 50).await {
            Ok(view) => held.push(serde_json::to_string(&view).expect("JSON")),
            Err(StoreError::Damaged(_)) => return "damaged".to_owned(),
            Err(other) => panic!("{other:?}"),
        }
    }
    store.close().await;
    let mut raw = SqliteConnectOptions::new().filename(&database).connect().await.expect("a connection");
    let sound: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check").fetch_all(&mut raw).await.expect("a check");
    assert_eq!(sound, ["ok"]);
    let broken = sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut raw).await.expect("a check");
    assert_eq!(broken.len(), 0);
    raw.close().await.expect("closed");
    held.join("\n")
}

/// What has the name of a backup is whole, and those that were said to be made are there.
async fn expect_whole_backups(folder: &Path, made: &[BackupId]) {
    let backups = BackupFolder::of(&folder.join("capibara6.db"), None);
    let entries = backups.list().await.expect("a list");
    for entry in &entries {
        let read = backups.verify(&entry.id, NOW, Pace::Full).await.expect("read");
        assert_eq!(read.state, BackupState::Good, "{}", entry.id.0);
    }
    assert!(made.iter().all(|id| entries.iter().any(|entry| &entry.id == id)), "{made:?} of {entries:?}");
}

/// Copies what a kill would leave. Connections that were given up may still be closing: what they change while it is copied
/// makes another copy due.
fn copy_of_a_kill(from: &Path, to: &Path) {
    let changes = || {
        let made = counts();
        ["write", "truncate", "rename", "unlink", "link"].map(|class| made[class])
    };
    loop {
        let before = changes();
        let copied = copy_folder(from, to);
        if before == changes() {
            return copied.expect("copied");
        }
        fs::remove_dir_all(to).expect("removed");
    }
}

fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &to)?;
        } else if !entry.file_name().to_string_lossy().ends_with("-shm") {
            // The index of the log is made anew by whoever comes after a kill.
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}

/// The work undisturbed: what the history holds before and after each step, and how many calls there are of each kind.
async fn undisturbed(work: Work, within: &Path) -> (Vec<String>, BTreeMap<String, u64>) {
    let mut after = Vec::new();
    let mut scene = Scene { folder: within.join("undisturbed"), store: None, made: Vec::new() };
    fs::create_dir_all(&scene.folder).expect("a folder");
    work.prepare(&scene.folder).await;
    let look = within.join("looked-at");
    let looked = async |folder: &Path| {
        copy_folder(folder, &look).expect("copied");
        let found = held(&look).await;
        fs::remove_dir_all(&look).expect("removed");
        found
    };
    after.push(looked(&scene.folder).await);
    for step in 0..work.steps() {
        scene.step(work, step).await.expect("done");
        after.push(looked(&scene.folder).await);
    }
    scene.close().await;

    let mut scene = Scene { folder: within.join("counted"), store: None, made: Vec::new() };
    fs::create_dir_all(&scene.folder).expect("a folder");
    work.prepare(&scene.folder).await;
    control(&format!("in{}", scene.folder.display()));
    for step in 0..work.steps() {
        scene.step(work, step).await.expect("done");
    }
    scene.close().await;
    (after, counts())
}

/// The work with one fault: whether a call failed, or what went wrong because of it.
async fn with_a_fault(
    work: Work,
    within: &Path,
    after: &[String],
    fault: (&str, &str, i32),
    n: u64,
) -> Result<bool, String> {
    let (class, how, errno) = fault;
    let told = format!("{work:?}: {class} {n}, {how}, errno {errno}");
    let crashed = within.join("crashed");
    let mut scene = Scene { folder: within.join("work"), store: None, made: Vec::new() };
    for folder in [&crashed, &scene.folder] {
        let _ = fs::remove_dir_all(folder);
    }
    fs::create_dir_all(&scene.folder).expect("a folder");
    work.prepare(&scene.folder).await;
    control(&format!("in{}", scene.folder.display()));
    control(&format!("fail/{class}/{n}/{how}.{errno}"));
    let mut done = 0;
    let mut attempts = 0;
    let mut errors = BTreeSet::new();
    while done < work.steps() && attempts < 3 {
        match scene.step(work, done).await {
            Ok(()) => (done, attempts) = (done + 1, 0),
            Err(error) => {
                attempts += 1;
                errors.insert(format!("{:?}: {error}", AppError::from(error.clone()).code));
                // Nothing is damaged, and what does not depend on the disk is not blamed.
                let of_disk = matches!(error, StoreError::Full | StoreError::ReadOnly | StoreError::Failed(_));
                // SQLite calls it damage where a disk fails to read.
                let of_reading = class == "read" && matches!(error, StoreError::Damaged(_));
                if !of_disk && !of_reading {
                    control("off");
                    return Err(format!("{told}: {error:?} in step {done}"));
                }
            }
        }
    }
    if done == work.steps() {
        scene.close().await;
    }
    control("off");
    let failed = counts()["failed"];
    if std::env::var_os("LASTING_TOLD").is_some() {
        println!("{told}: {failed} failed; {done} steps; {errors:?}");
    }
    // Killed here: what was acknowledged is there, and perhaps the step that was not.
    copy_of_a_kill(&scene.folder, &crashed);
    let found = held(&crashed).await;
    if found != after[done] && Some(&found) != after.get(done + 1) {
        return Err(format!("{told}: {errors:?}: after {done} steps it holds\n{found}\nand not\n{}", after[done]));
    }
    expect_whole_backups(&crashed, &scene.made).await;
    // Not killed: everything goes on as soon as the disk is well.
    for step in done..work.steps() {
        if let Err(error) = scene.step(work, step).await {
            return Err(format!("{told}: {errors:?}, and the disk is well again: {error:?} in step {step}"));
        }
    }
    scene.close().await;
    let found = held(&scene.folder).await;
    if found != after[work.steps()] {
        return Err(format!("{told}: {errors:?}: at the end it holds\n{found}\nand not\n{}", after[work.steps()]));
    }
    expect_whole_backups(&scene.folder, &scene.made).await;
    Ok(failed > 0)
}

#[tokio::test]
#[ignore = "run by the tests below"]
async fn works() {
    let work = Work::named(&std::env::var(WORK).expect("run by another test"));
    let within = PathBuf::from(std::env::var_os(FOLDER).expect("run by another test"));
    let (after, made) = undisturbed(work, &within).await;
    let seed = std::env::var("LASTING_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(6_u64);
    let most = match std::env::var("LASTING_FAULTS") {
        Ok(all) if all == "all" => usize::MAX,
        Ok(most) => most.parse().expect("a number"),
        Err(_) => 3,
    };
    let (part, parts) = part();
    let mut random = fastrand::Rng::with_seed(seed);
    let (mut runs, mut failed, mut possible) = (0, 0, 0);
    let mut wrong = Vec::new();
    for fault in FAULTS {
        let calls = made[fault.0];
        let mut positions: Vec<u64> = (1..=calls).collect();
        possible += positions.len();
        if positions.len() > most {
            random.shuffle(&mut positions);
            positions.truncate(most);
        }
        positions.retain(|n| n % parts == part % parts);
        for n in positions {
            runs += 1;
            match with_a_fault(work, &within, &after, fault, n).await {
                Ok(met) => failed += u64::from(met),
                Err(what) => wrong.push(what),
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {runs} runs:\n{}", wrong.len(), wrong.join("\n"));
    // How many connections read, and so how many files are opened, differs a little from run to run; so does how many steps
    // the index takes, which are made to fit the time they take.
    assert!(failed * 4 >= runs * 3 && runs > 10, "{failed} of {runs} runs met their fault: {made:?}");
    println!("said {work:?}: {failed} of {possible} possible faults (seed {seed}), of {made:?}");
}

/// Which of how many parts of the calls are to fail: `LASTING_PART=2/8` takes every eighth from the second on.
fn part() -> (u64, u64) {
    let Ok(part) = std::env::var("LASTING_PART") else { return (0, 1) };
    let (part, parts) = part.split_once('/').expect("a part and how many there are");
    (part.parse().expect("a number"), parts.parse().expect("a number"))
}

/// Runs a child whose calls are intercepted.
fn with_failing_calls(work: &str) {
    let home = Home::new();
    let library = home.directory().join("failing.so");
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    let compiled = Command::new(compiler)
        .args(["-shared", "-fPIC", "-O1", "-Wall", "-o"])
        .arg(&library)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lasting/failing.c"))
        .args(["-ldl"])
        .status();
    assert!(compiled.expect("the C compiler, which also made SQLite, runs").success());
    let folder = home.directory().join("child");
    fs::create_dir(&folder).expect("a folder");
    let output = Command::new(std::env::current_exe().expect("this binary"))
        .args(["--ignored", "--exact", "--nocapture", "--test-threads", "1", "failing::works"])
        .env(WORK, work)
        .env(FOLDER, &folder)
        .env("LD_PRELOAD", &library)
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    println!("{said}");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("said "), "the child did its work");
}

#[test]
fn streaming_survives_every_call_that_fails() {
    with_failing_calls("stream");
}

#[test]
fn an_import_survives_every_call_that_fails() {
    with_failing_calls("import");
}

#[test]
fn a_backup_survives_every_call_that_fails() {
    with_failing_calls("back-up");
}

#[test]
fn a_restore_survives_every_call_that_fails() {
    with_failing_calls("restore");
}

#[test]
fn a_migration_survives_every_call_that_fails() {
    with_failing_calls("migrate");
}

#[test]
fn the_index_survives_every_call_that_fails() {
    with_failing_calls("index");
}

#[test]
fn a_salvage_survives_every_call_that_fails() {
    with_failing_calls("salvage");
}
