//! `kill -9` in the middle of four answers: what was acknowledged is there, and the file is sound.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use capibara6_protocol::{MessageStatus, Part};
use capibara6_store::{Piece, Store, StoreError};

use crate::stage::{Home, begin_new, conversation, message, settled};

/// How often it is killed.
const KILLS: u32 = 20;

/// Most acknowledgements before a kill.
const ACKNOWLEDGED: usize = 120;

/// Four answers at once: round by round a piece for each, in one batch, and now and then the end of one and a new one.
/// Says on standard output what is acknowledged: the message, its part, and how many pieces it has.
#[tokio::test]
#[ignore = "run by a_kill_loses_nothing_that_was_acknowledged"]
async fn writes_until_it_is_killed() {
    let directory = std::env::var_os("STORE_TEST_HOME").expect("run by another test");
    let first: u128 = std::env::var("STORE_TEST_FIRST").expect("run by another test").parse().expect("a number");
    let store = Store::open(&Path::new(&directory).join("capibara6.db")).await.expect("a store");
    let say = |line: String| {
        let mut out = std::io::stdout().lock();
        out.write_all(format!("{line}\n").as_bytes()).and_then(|()| out.flush()).expect("someone listens");
    };
    let mut next = first;
    let mut open: Vec<(u128, u32)> = Vec::new();
    loop {
        while open.len() < 4 {
            begin_new(&store, next, next + 1, next + 2).await;
            open.push((next + 2, 0));
            next += 10;
        }
        let batch = open.iter().map(|&(answer, pieces)| Piece {
            message: message(answer),
            part: if pieces % 3 == 0 { Part::Reasoning } else { Part::Content },
            text: piece(pieces),
        });
        store.append_soon(batch.collect()).await.expect("appended");
        for (answer, pieces) in &mut open {
            *pieces += 1;
            say(format!("ack {answer} {pieces}"));
        }
        if open[0].1.is_multiple_of(17) {
            let (ended, pieces) = open.remove(0);
            store.settle(settled(ended, MessageStatus::Complete)).await.expect("settled");
            say(format!("end {ended} {pieces}"));
        }
    }
}

fn piece(number: u32) -> String {
    format!("<{number} {}>", "word ".repeat((number as usize * 7) % 90))
}

/// The texts that so many pieces make: content and reasoning.
fn texts(pieces: u32) -> (String, String) {
    let of = |reasoning: bool| (0..pieces).filter(|number| (number % 3 == 0) == reasoning).map(piece).collect();
    (of(false), of(true))
}

#[tokio::test]
async fn a_kill_loses_nothing_that_was_acknowledged() {
    let home = Home::new();
    home.open().await.close().await;
    let mut random = fastrand::Rng::with_seed(6);
    // What was acknowledged in all runs: pieces, and whether the end was.
    let mut acknowledged = BTreeMap::<u128, (u32, bool)>::new();
    for kill in 0..KILLS {
        let mut child = Command::new(std::env::current_exe().expect("this binary"))
            .args(["--ignored", "--exact", "--nocapture", "crash::writes_until_it_is_killed"])
            .env("STORE_TEST_HOME", home.directory())
            .env("STORE_TEST_FIRST", (u128::from(kill + 1) * 100_000).to_string())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this binary runs");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let mut heard = |line: &str| {
            let mut words = line.split(' ');
            let (Some(word @ ("ack" | "end")), Some(answer), Some(pieces)) = (words.next(), words.next(), words.next())
            else {
                return false;
            };
            let (Ok(answer), Ok(pieces)) = (answer.parse(), pieces.parse()) else { return false };
            acknowledged.insert(answer, (pieces, word == "end"));
            true
        };
        let mut remaining = random.usize(1..=ACKNOWLEDGED);
        while remaining > 0 {
            let line = lines.next().expect("it writes on").expect("text");
            remaining -= usize::from(heard(&line));
        }
        child.kill().expect("killed");
        // What it could still say before it died was acknowledged, too. A line that was cut off was not.
        for line in lines.map_while(Result::ok) {
            heard(&line);
        }
        child.wait().expect("ended");

        let store = home.open().await;
        let mut raw = home.raw().await;
        let sound: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut raw).await.expect("a check");
        assert_eq!(sound, "ok");
        let unsettled: i64 = sqlx::query_scalar(
            "SELECT (SELECT count(*) FROM message WHERE status = 'streaming') + (SELECT count(*) FROM journal)",
        )
        .fetch_one(&mut raw)
        .await
        .expect("a count");
        assert_eq!(unsettled, 0, "everything is settled after the start");
        for (&answer, &(pieces, ended)) in &acknowledged {
            let kept = store.message(message(answer)).await.expect("the message");
            if ended {
                assert_eq!((kept.content, kept.reasoning), texts(pieces));
                assert_eq!(kept.status, MessageStatus::Complete);
            } else {
                // Up to one batch, and the end, may be on disk without having been acknowledged.
                let found = (pieces..=pieces + 1).find(|&n| (kept.content.clone(), kept.reasoning.clone()) == texts(n));
                assert!(found.is_some(), "message {answer} has its {pieces} pieces, whole: {}", kept.content);
                assert!(matches!(kept.status, MessageStatus::Interrupted | MessageStatus::Complete));
            }
            let view = store.view(conversation(answer - 2), None, 10).await.expect("a view");
            assert_eq!(view.messages.len(), 2);
        }
        store.close().await;
    }
    assert!(acknowledged.len() >= 4 * KILLS as usize, "each run wrote four answers");
}

#[tokio::test]
async fn an_interrupted_answer_has_its_text_and_can_go_on() {
    use capibara6_protocol::Message;
    use capibara6_store::Reopen;

    use crate::stage::{at, content, reasoning, routing, streaming_answer};

    let home = Home::new();
    let store = home.open().await;
    begin_new(&store, 1, 10, 11).await;
    store.append(vec![reasoning(11, "hm"), content(11, "half ")]).await.expect("appended");
    // Dropped without a word, as a crash would.
    store.close().await;
    drop(store);
    let store = home.open().await;
    let interrupted =
        Message { status: MessageStatus::Interrupted, reasoning: "hm".into(), ..streaming_answer(1, 11, 10, "half ") };
    assert_eq!(store.message(message(11)).await, Ok(interrupted));
    assert_eq!(store.append(vec![content(11, "x")]).await, Err(StoreError::NotFound));
    let reopen = Reopen { message: message(11), model: None, scripted: false, routing: Some(routing()), at: at(12) };
    store.reopen(reopen).await.expect("reopened");
    store.append(vec![content(11, "and half")]).await.expect("appended");
    let ended = store.settle(settled(11, MessageStatus::Complete)).await.expect("settled");
    assert_eq!((ended.content.as_str(), ended.reasoning.as_str()), ("half and half", "hm"));
}
