//! How long the safety of a large history takes. By hand, in a release build, alone on the machine:
//! `LASTING_LARGE=history.db cargo test --release -p capibara6-store --test lasting timed -- --ignored --nocapture`. The
//! database that is named (`capibara6-testkit` generates one) is only copied, into the folder for temporary files.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use capibara6_protocol::BackupReason;
use capibara6_store::salvage::salvage;
use capibara6_store::{Pace, Store};
use sqlx::{Connection as _, Row as _};

use crate::stage::{Home, begin_new, complete_answer, content, stored_question, summary};

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

/// What text that streams in waits for while one message of a megabyte is indexed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement; see above"]
async fn a_message_of_a_megabyte() {
    let home = Home::new();
    let store = home.open().await;
    let words: Vec<String> =
        (0..200_000_u64).map(|n| format!("w{:x}", n.wrapping_mul(0x9e37_79b9) % 1_000_003)).collect();
    for (n, text) in [words.join(" "), "lorem ipsum dolor ".repeat(55_000), "休息在河边的水豚。".repeat(37_000)]
        .into_iter()
        .enumerate()
    {
        let c = n as u128 * 100 + 1;
        let (question, answer) = (c + 1, c + 2);
        let messages =
            vec![stored_question(c, question, None, "long?", &[question]), complete_answer(c, answer, question, &text)];
        let imported = capibara6_store::ImportedConversation { summary: summary(c, "long", 0), messages };
        begin_new(&store, c + 10, c + 20, c + 21).await;
        while store.index_some().await.expect("a step") > 0 {}
        store.import(&[imported]).await.expect("imported");
        let indexing = tokio::spawn({
            let store = store.clone();
            async move {
                let mut longest = Duration::ZERO;
                loop {
                    let begun = Instant::now();
                    let pending = store.index_some().await.expect("a step");
                    longest = longest.max(begun.elapsed());
                    if pending == 0 {
                        return longest;
                    }
                }
            }
        });
        let mut waited = Duration::ZERO;
        while !indexing.is_finished() {
            let begun = Instant::now();
            store.append_soon(vec![content(c + 21, "delta ")]).await.expect("appended");
            waited = waited.max(begun.elapsed());
        }
        let longest = indexing.await.expect("indexed");
        println!(
            "{} bytes: a delta waited {} ms at most, the longest step took {} ms",
            text.len(),
            waited.as_millis(),
            longest.as_millis()
        );
    }
    store.close().await;
}
