//! How long the safety of a large history takes. By hand, in a release build, alone on the machine:
//! `LASTING_LARGE=history.db cargo test --release -p capibara6-store --test lasting timed -- --ignored --nocapture`. The
//! database that is named (`capibara6-testkit` generates one) is only copied, into the folder for temporary files.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use capibara6_protocol::{BackupReason, MessageStatus};
use capibara6_store::salvage::salvage;
use capibara6_store::{Pace, Reopen, Store};
use sqlx::{Connection as _, Row as _};

use crate::stage::{
    Home, at, begin_new, complete_answer, content, conversation, message, settled, stored_question, summary,
};

const NOW: i64 = 1_767_323_045_678;

async fn timed<T>(what: &str, job: impl Future<Output = T>) -> T {
    let begun = Instant::now();
    let done = job.await;
    println!("{what}: {:.1} s", begun.elapsed().as_secs_f64());
    done
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes; see above"]
async fn a_large_history() {
    let large = PathBuf::from(std::env::var_os("LASTING_LARGE").expect("LASTING_LARGE"));
    let home = Home::new();
    std::fs::copy(large, home.database()).expect("copied");
    let store = timed("open", Store::open(&home.database())).await.expect("a store");
    let backups = store.backups();
    let made = timed("backup", backups.create(BackupReason::Manual, NOW, Pace::Full)).await.expect("made");
    println!("{} messages, {} MB", made.messages, made.bytes / 1_000_000);
    timed("verify a backup", backups.verify(&made.id, NOW, Pace::Full)).await.expect("read");
    timed("verify gently", store.check_gently(NOW)).await.expect("sound");
    timed("preview", backups.preview(&made.id, NOW)).await.expect("looked at");
    timed("restore, staged", backups.stage_restore(&made.id, NOW, None)).await.expect("staged");
    store.close().await;
    drop(store);
    timed("restore, finished", backups.finish_restore()).await.expect("restored");
    backups.delete(&made.id).expect("removed");

    // The root of the messages is destroyed: every row is gathered from its leaf.
    let mut raw = home.raw().await;
    let root: u32 = sqlx::query("SELECT rootpage FROM sqlite_schema WHERE name = 'message'")
        .fetch_one(&mut raw)
        .await
        .expect("a row")
        .get(0);
    raw.close().await.expect("closed");
    let whole = timed("salvage, sound", salvage(&home.database(), None, NOW, "", |_| {})).await.expect("salvaged");
    println!("{} messages", whole.saved_messages);
    let aside = PathBuf::from(&whole.set_aside).join("capibara6.db");
    std::fs::rename(aside, home.database()).expect("back in its place");
    {
        use std::os::unix::fs::FileExt as _;
        let file = std::fs::File::options().write(true).open(home.database()).expect("a file");
        file.write_all_at(&[0xa5; 4096], u64::from(root - 1) * 4096).expect("written");
    }
    let report = timed("salvage, without the root of the messages", async {
        salvage(&home.database(), None, NOW + 1_000, "", |_| {}).await
    });
    let report = report.await.expect("salvaged");
    println!("{} messages, {} lost", report.saved_messages, report.lost_messages);
    std::fs::remove_dir_all(home.directory().join("damaged")).expect("removed");

    let store = home.open().await;
    timed("empty the index", store.rebuild_index()).await.expect("emptied");
    let longest = timed("index", async {
        let mut longest = Duration::ZERO;
        loop {
            let begun = Instant::now();
            let pending = store.index_some().await.expect("a step");
            longest = longest.max(begun.elapsed());
            if pending == 0 {
                return longest;
            }
        }
    });
    println!("longest call: {} ms", longest.await.as_millis());
    store.close().await;
}

/// The longest that text which streams in may wait for the writer: so much of it is lost in a kill at most.
const KEPT: Duration = Duration::from_millis(250);

/// How long text that streams in waits at most, and how many milliseconds `job` takes meanwhile.
async fn while_streaming<T>(store: &Store, what: &str, job: impl Future<Output = T>) -> T {
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let streaming = tokio::spawn({
        let store = store.clone();
        async move {
            let mut longest = Duration::ZERO;
            let mut stopped = stopped;
            while matches!(stopped.try_recv(), Err(tokio::sync::oneshot::error::TryRecvError::Empty)) {
                let begun = Instant::now();
                store.append_soon(vec![content(21, "delta ")]).await.expect("appended");
                longest = longest.max(begun.elapsed());
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            longest
        }
    });
    let begun = Instant::now();
    let done = job.await;
    let took = begun.elapsed();
    drop(stop);
    let waited = streaming.await.expect("streamed");
    println!("    {what}: {:.2} s; a delta waited {} ms at most", took.as_secs_f64(), waited.as_millis());
    WAITED.fetch_max(u64::try_from(waited.as_millis()).unwrap_or(u64::MAX), std::sync::atomic::Ordering::Relaxed);
    done
}

static WAITED: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);

async fn index(store: &Store) {
    while store.index_some().await.expect("a step") > 0 {}
}

fn words(count: u64) -> String {
    (0..count).map(|n| format!("w{:x} ", n.wrapping_mul(0x9e37_79b9) % 1_000_000_007)).collect()
}

/// What text that streams in waits for while a long message is stored, indexed, edited, indexed again and removed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement; see above"]
async fn long_messages() {
    let home = Home::new();
    let store = home.open().await;
    begin_new(&store, 10, 20, 21).await;
    index(&store).await;
    for (n, (what, text)) in [
        ("different words", words(180_000)),
        ("prose", "lorem ipsum dolor ".repeat(55_000)),
        ("Chinese", "休息在河边的水豚。".repeat(37_000)),
        ("different words", words(1_080_000)),
        ("prose", "lorem ipsum dolor ".repeat(550_000)),
    ]
    .into_iter()
    .enumerate()
    {
        println!("{what}, {} bytes", text.len());
        let c = n as u128 * 100 + 100;
        let (question, answer) = (c + 1, c + 2);
        let messages =
            vec![stored_question(c, question, None, "long?", &[question]), complete_answer(c, answer, question, &text)];
        let imported = capibara6_store::ImportedConversation { summary: summary(c, "long", 0), messages };
        while_streaming(&store, "store", store.import(&[imported])).await.expect("imported");
        while_streaming(&store, "index", index(&store)).await;
        let reopen = Reopen { message: message(answer), model: None, scripted: false, routing: None, at: at(0) };
        while_streaming(&store, "continue", store.reopen(reopen)).await.expect("reopened");
        store.append(vec![content(answer, " end")]).await.expect("appended");
        let ended = store.settle(settled(answer, MessageStatus::Complete));
        while_streaming(&store, "end", ended).await.expect("settled");
        while_streaming(&store, "index again", index(&store)).await;
        store.delete(conversation(c), 1).await.expect("deleted");
        while_streaming(&store, "remove", store.purge_all(&[conversation(c)])).await.expect("purged");
    }
    store.close().await;
    let waited = Duration::from_millis(WAITED.load(std::sync::atomic::Ordering::Relaxed));
    assert!(waited <= KEPT, "{waited:?}");
}
