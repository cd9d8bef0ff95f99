//! `kill -9` while answers stream through the whole of the core: a server says words, the program dies at a random moment, and
//! its history has everything that was said until a quarter of a second before, as an answer that was interrupted.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use capibara6_protocol::*;
use capibara6_store::Store;
use capibara6_testkit::{Fleet, soon};

use super::bench::{Keyring, open, send, write_profile};

/// How often it is killed.
const KILLS: u64 = 12;

/// The most that may be lost.
const LOSS: Duration = Duration::from_millis(250);

#[tokio::test]
#[ignore = "run by a_kill_takes_a_quarter_of_a_second_at_most"]
async fn chats_until_it_is_killed() {
    let home = std::env::var_os("KILLED_HOME").expect("run by another test");
    let home = tempfile::Builder::new().disable_cleanup(true).tempdir_in(home).expect("a directory");
    println!("home {}", home.path().display());
    let profile = std::env::var("KILLED_PROFILE").expect("run by another test");
    let folder = home.path().join("config/profiles");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::copy(profile, folder.join("kit.toml")).expect("copied");
    let app = open(&home, &Keyring::default()).await;
    app.profile_select(ProfileRef { id: "kit".into() }).await.expect("selected");
    app.chat_send(send(None, "cuenta", Some("phi4:mini"))).await.expect("sent");
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn a_kill_takes_a_quarter_of_a_second_at_most() {
    let fleet = Fleet::start().await;
    let parent = tempfile::tempdir().expect("a directory");
    write_profile(&parent, &fleet.profile());
    let mut random = fastrand_like(7);
    for _ in 0..KILLS {
        let homes = tempfile::tempdir().expect("a directory");
        let mut child = Command::new(std::env::current_exe().expect("this binary"))
            .args(["--ignored", "--exact", "--nocapture", "suite::killed::chats_until_it_is_killed"])
            .env("KILLED_HOME", homes.path())
            .env("KILLED_PROFILE", parent.path().join("config/profiles/kit.toml"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it runs");
        let mut chat = fleet.server("phi4:mini").next_chat().await;
        let life = Duration::from_millis(20 + random() % 500);
        let begun = Instant::now();
        let mut said: Vec<Instant> = Vec::new();
        // As fast as a fast server: what is still on its way is not lost by the program.
        let mut pace = tokio::time::interval(Duration::from_millis(2));
        while begun.elapsed() < life {
            pace.tick().await;
            chat.send_text(&format!("{} ", said.len())).await;
            said.push(Instant::now());
        }
        child.kill().expect("killed");
        let killed = Instant::now();
        child.wait().expect("ended");

        let home = std::fs::read_dir(homes.path()).expect("a folder").next().expect("one").expect("an entry").path();
        let store = Store::open(&home.join("capibara6.db")).await.expect("a store");
        let page = store.conversations(None, 10).await.expect("a list");
        let view = store.view(page.conversations[0].id, None, 10).await.expect("a view");
        let answer = view.messages.last().expect("an answer");
        assert_eq!(answer.status, MessageStatus::Interrupted);
        let kept = answer.content.split_whitespace().count();
        let expected: String = (0..kept).map(|n| format!("{n} ")).collect();
        assert_eq!(answer.content, expected, "in order and without a gap");
        let due = said.iter().filter(|at| killed.duration_since(**at) > LOSS).count();
        assert!(kept >= due, "{kept} of {} pieces are there, {due} were said {LOSS:?} before", said.len());
        store.check().await.expect("sound");
        store.close().await;
        soon("the server notices", chat.closed_by_client()).await;
    }
}

/// Numbers that look random (xorshift; <https://www.jstatsoft.org/article/view/v008i14>), the same each time.
fn fastrand_like(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    }
}
