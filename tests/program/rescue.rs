//! What a history is saved with when there is no window: backups, proofs, and what the commands say where something is wrong.

use std::fs;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use capibara6_journeys::{Process, until};
use capibara6_protocol::{ConversationSummary, Message, MessageStatus, Role};
use capibara6_store::{ImportedConversation, Store};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::command::{Data, Ended};

/// Another program's export: so many conversations of two messages, each long enough to fill pages of its own.
fn chatgpt(conversations: usize) -> Value {
    let said = |id: &str, parent: Option<&str>, role: &str, at: usize| {
        json!({"id": id, "parent": parent, "children": [], "message": {"author": {"role": role}, "recipient": "all",
            "create_time": 1_700_000_000 + at, "metadata": {}, "content": {"content_type": "text",
                "parts": [format!("{role} {at} speaks of rivers. {}", "The water goes to the sea. ".repeat(80))]}}})
    };
    let conversations = (0..conversations).map(|at| {
        json!({"title": format!("Rivers {at}"), "conversation_id": format!("c-{at}"), "current_node": "a",
            "create_time": 1_700_000_000 + at,
            "mapping": {"q": said("q", None, "user", at), "a": said("a", Some("q"), "assistant", at)}})
    });
    Value::Array(conversations.collect())
}

/// A history of so many conversations.
fn history(conversations: usize) -> Data {
    let data = Data::new();
    data.import(&chatgpt(conversations));
    data
}

/// Writes noise over a part of a file.
fn spoil(file: &std::path::Path, part: std::ops::Range<usize>) {
    let mut bytes = fs::read(file).expect("a file");
    bytes[part].iter_mut().enumerate().for_each(|(at, byte)| *byte = (at * 151 + 17) as u8);
    fs::write(file, bytes).expect("a file");
}

/// Runs a command with a terminal for everything that it says.
fn on_a_terminal(data: &Data, command: &str) -> String {
    let quoted = format!("'{}' {command}", capibara6_journeys::program().display());
    let like = data.command(&[]);
    let mut script = Command::new("script");
    for (name, value) in like.get_envs() {
        match value {
            Some(value) => script.env(name, value),
            None => script.env_remove(name),
        };
    }
    let output = script.args(["-qec", &quoted, "/dev/null"]).stdin(Stdio::null()).output();
    let output = output.expect("script(1) runs; every Linux has it");
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn a_backup_is_a_whole_copy_and_is_named() {
    let data = history(3);
    let made = data.done(&["backup", "--json"]).json();
    let id = made["id"].as_str().expect("a name").to_owned();
    let told = (&made["conversations"], &made["messages"], &made["state"], &made["reason"]);
    assert_eq!(told, (&json!(3), &json!(6), &json!("good"), &json!("manual")));
    assert!(data.backups().contains(&format!("{id}.db")));

    let spoken = data.done(&["backup"]);
    assert!(spoken.out.contains('6') && spoken.out.contains(&data.path().join("backups").display().to_string()));
    assert_eq!(spoken.err, "", "progress is for terminals");
    let listed = data.done(&["backup", "--list", "--json"]).json();
    let states: Vec<_> = listed.as_array().expect("a list").iter().map(|entry| entry["state"].as_str()).collect();
    assert_eq!(states, [Some("good"), Some("good")]);
    assert_eq!(data.done(&["backup", "--list"]).out.lines().count(), 2);

    // The copy is a history like any other.
    let elsewhere = Data::new();
    fs::copy(data.path().join("backups").join(format!("{id}.db")), elsewhere.database()).expect("a copy");
    assert_eq!(elsewhere.done(&["search", "assistant 2", "--json"]).json()["hits"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_proof_names_what_was_read() {
    let data = history(3);
    data.done(&["backup"]);
    let proof = data.done(&["verify", "--json"]).json();
    assert_eq!(proof["path"], json!(data.database().display().to_string()));
    assert_eq!(proof.get("error"), None);
    assert_eq!(proof["backups"].as_array().map(Vec::len), Some(1));
    let spoken = data.done(&["verify"]);
    assert_eq!((spoken.out.lines().count(), spoken.err.as_str()), (2, ""));
}

#[test]
fn progress_is_drawn_where_somebody_looks_and_nowhere_else() {
    const ERASE: &str = "\r\u{1b}[2K";
    let data = history(200);
    let file = data.path().join("more.json");
    fs::write(&file, chatgpt(400).to_string()).expect("a file");
    let import = format!("import '{}'", file.display());
    for command in ["backup", "verify", import.as_str(), "export --out out"] {
        let command = command.replace("--out out", &format!("--out '{}'", data.path().join("out").display()));
        let seen = on_a_terminal(&data, &command);
        assert!(seen.starts_with(ERASE) && seen.matches(ERASE).count() >= 2, "{command}: {seen:?}");
        assert!(!seen.trim_end().ends_with('%'), "{command}: the line is taken away: {seen:?}");
        for quiet in [format!("{command} --quiet"), format!("{command} 2>/dev/null")] {
            assert!(!on_a_terminal(&data, &quiet).contains(ERASE), "{quiet}");
        }
    }
    for arguments in [&["backup"][..], &["verify"], &["export", "--out", data.path().to_str().expect("text")]] {
        assert_eq!(data.done(arguments).err, "", "{arguments:?}");
    }
}

#[test]
fn where_there_is_no_history_none_is_begun() {
    let data = Data::new();
    let database = data.database().display().to_string();
    let out = data.path().join("out").display().to_string();
    for arguments in [&["backup"][..], &["verify"], &["search", "x"], &["export", "--out", &out]] {
        let ended = data.run(arguments);
        assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""), "{arguments:?}");
        assert!(ended.err.contains(&database), "{arguments:?}: {ended:?}");
        let ended = data.run(&[arguments, &["--json"]].concat());
        assert_eq!(ended.code, Some(1));
        assert_eq!(ended.json(), json!({"error": {"code": "not-found", "detail": database}}), "{arguments:?}");
    }
    assert_eq!(data.run(&["backup", "--list"]), Ended { code: Some(4), out: String::new(), err: String::new() });
    assert_eq!(data.run(&["backup", "--list", "--json"]).json(), json!([]));
    assert_eq!(fs::read_dir(data.path()).expect("the folder").count(), 0, "nothing is left behind");
}

#[test]
fn a_damaged_history_is_told_and_stays_as_it_is() {
    let data = history(50);
    let good = data.done(&["backup", "--json"]).json();
    let before = data.backups();
    spoil(&data.database(), 45_000..70_000);
    let bytes = fs::read(data.database()).expect("the database");

    let ended = data.run(&["verify", "--json"]);
    let proof = ended.json();
    assert_eq!((ended.code, &proof["error"]["code"]), (Some(1), &json!("storage-damaged")));
    assert_eq!((&proof["backups"][0]["id"], &proof["backups"][0]["state"]), (&good["id"], &json!("good")));
    let spoken = data.run(&["verify"]);
    assert_eq!(spoken.code, Some(1));
    assert!(spoken.out.contains(&data.database().display().to_string()));

    // A copy of damage would take the place of a good backup some day.
    let ended = data.run(&["backup", "--json"]);
    assert_eq!((ended.code, &ended.json()["error"]["code"]), (Some(1), &json!("storage-damaged")));
    assert_eq!(data.backups(), before);
    assert_eq!(fs::read(data.database()).expect("the database"), bytes, "nothing was written over it");

    // What is no database at all is not taken for the beginning of one either.
    fs::write(data.database(), "no database").expect("the database");
    let file = data.path().join("more.json");
    fs::write(&file, chatgpt(1).to_string()).expect("a file");
    let file = file.display().to_string();
    for arguments in [&["import", &file][..], &["verify"], &["backup"], &["search", "x"]] {
        assert_eq!(data.run(arguments).code, Some(1), "{arguments:?}");
        assert_eq!(fs::read_to_string(data.database()).expect("the database"), "no database", "{arguments:?}");
    }
}

#[test]
fn a_damaged_backup_is_told_and_the_history_is_whole() {
    let data = history(50);
    let first = data.done(&["backup", "--json"]).json();
    let second = data.done(&["backup", "--json"]).json();
    let name = format!("{}.db", first["id"].as_str().expect("a name"));
    spoil(&data.path().join("backups").join(name), 45_000..70_000);
    let ended = data.run(&["verify", "--json"]);
    let proof = ended.json();
    assert_eq!((ended.code, proof.get("error")), (Some(3), None));
    let states = |entries: &Value| -> Vec<(Value, Value)> {
        let entries = entries.as_array().expect("a list").iter();
        entries.map(|entry| (entry["id"].clone(), entry["state"].clone())).collect()
    };
    let expected = vec![(second["id"].clone(), json!("good")), (first["id"].clone(), json!("damaged"))];
    assert_eq!(states(&proof["backups"]), expected);
    assert_eq!(states(&data.done(&["backup", "--list", "--json"]).json()), expected);
    assert_eq!(data.run(&["verify"]).code, Some(3));
}

/// A conversation of one message.
fn conversation(number: u128) -> ImportedConversation {
    let id = Uuid::from_u128(number << 32).into();
    let message = Message {
        id: Uuid::from_u128((number << 32) + 1).into(),
        conversation: id,
        parent: None,
        role: Role::User,
        status: MessageStatus::Complete,
        content: format!("said {number} {}", "and more ".repeat(200)),
        reasoning: String::new(),
        model: None,
        scripted: false,
        routing: None,
        omitted: None,
        metrics: None,
        error: None,
        origin: None,
        created_at: 1_700_000_000_000,
        versions: Vec::new(),
    };
    let summary = ConversationSummary {
        id,
        title: format!("Written {number}"),
        pinned: false,
        created_at: 1_700_000_000_000,
        updated_at: 1_700_000_000_000,
        messages: 0,
        project: None,
        archived_at: None,
        deleted_at: None,
    };
    ImportedConversation { summary, messages: vec![message] }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_beside_somebody_who_writes_holds_a_moment_of_it_and_stops_nobody() {
    let data = Data::new();
    let store = Store::open(&data.database()).await.expect("a history");
    store.import(&[conversation(0)]).await.expect("written");
    let (written, over) = (Arc::new(AtomicU64::new(1)), Arc::new(AtomicBool::new(false)));
    let writer = {
        let (written, over) = (Arc::clone(&written), Arc::clone(&over));
        tokio::spawn(async move {
            while !over.load(Ordering::SeqCst) {
                let next = written.load(Ordering::SeqCst);
                store.import(&[conversation(u128::from(next))]).await.expect("nobody holds it up");
                written.store(next + 1, Ordering::SeqCst);
            }
            store.close().await;
        })
    };
    let file = data.path().join("more.json");
    fs::write(&file, chatgpt(100).to_string()).expect("a file");
    for round in 0..3 {
        let before = written.load(Ordering::SeqCst);
        let made = data.done(&["backup", "--json"]).json();
        let after = written.load(Ordering::SeqCst);
        let held = made["messages"].as_u64().expect("a count") - if round > 0 { 200 } else { 0 };
        // what was acknowledged before is in it; one may have been on its way
        assert!((before..=after + 1).contains(&held), "{before} {held} {after}");
        assert_eq!(made["state"], json!("good"));
        data.done(&["verify", "--json"]);
        data.done(&["import", &file.display().to_string()]);
        until("the writer goes on", async || (written.load(Ordering::SeqCst) > after).then_some(())).await;
    }
    over.store(true, Ordering::SeqCst);
    writer.await.expect("the writer");
    let proof = data.done(&["verify", "--json"]).json();
    assert_eq!(proof.get("error"), None);
    let made = data.done(&["backup", "--json"]).json();
    assert_eq!(
        made["messages"].as_u64(),
        Some(written.load(Ordering::SeqCst) + 200),
        "nothing acknowledged is missing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_interrupted_import_brought_in_stays_and_the_rest_follows() {
    let data = history(1);
    let file = data.path().join("more.json");
    fs::write(&file, chatgpt(6_000).to_string()).expect("a file");
    let path = file.display().to_string();
    let store = Store::open(&data.database()).await.expect("a history");
    let child = data.command(&["import", "--json", &path]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let child = child.expect("the program runs");
    until("something was brought in", async || (store.export_count().await.ok()? > 1).then_some(())).await;
    Process(child.id()).interrupt();
    let ended = Ended::from(child.wait_with_output().expect("it ends"));
    let report = ended.json();
    assert_eq!((ended.code, &report["cancelled"]), (Some(130), &json!(true)));
    let stayed = store.export_count().await.expect("a count");
    assert_eq!(Some(stayed), report["conversations"].as_u64().map(|new| new + 1));
    assert!(stayed < 6_000, "it was interrupted");
    let report = data.done(&["import", "--json", &path]).json();
    assert_eq!((&report["conversations"], &report["already_there"]), (&json!(6_000 - stayed), &json!(stayed)));
    store.close().await;
    data.done(&["verify"]);
}

#[test]
fn how_a_command_ended_is_told_by_its_code() {
    let data = history(2);
    let write = |name: &str, text: &str| {
        let path = data.path().join(name);
        fs::write(&path, text).expect("a file");
        path.display().to_string()
    };
    let partly = write("partly.json", &chatgpt(4).to_string().replacen("\"title\":\"Rivers 3\"", "\"title\":\"Riv", 1));
    let none = write("none.json", "hello");
    let known = write("known.json", &chatgpt(2).to_string());
    let ended = data.run(&["import", &partly]);
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(ended.err.contains("partly.json"), "{ended:?}");
    assert_eq!(data.run(&["import", &none]).code, Some(1));
    assert_eq!(data.run(&["import", "/nonexistent/file.json"]).code, Some(1));
    assert_eq!(data.run(&["import", &known]).code, Some(0), "that nothing is new is no failure");
    assert_eq!(data.run(&["search", "quetzalcoatl"]).code, Some(4));
    assert_eq!(data.run(&["search", "rivers"]).code, Some(0));
    for wrong in [&["import"][..], &["export"], &["backup", "now"], &["verify", "--deep"], &["--json"]] {
        let ended = data.run(wrong);
        assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{wrong:?}");
    }
    let stranger = data.run(&["verify", "--account", "nobody", "--json"]);
    assert_eq!((stranger.code, &stranger.json()["error"]["code"]), (Some(1), &json!("not-found")));
    let climber = data.run(&["verify", "--account", "../x", "--json"]);
    assert_eq!((climber.code, &climber.json()["error"]["code"]), (Some(1), &json!("invalid-input")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_is_ended_leaves_nothing_half_written_and_says_nothing_that_is_not_so() {
    let data = history(1_500);
    let out = data.path().join("out");
    let path = out.display().to_string();
    for end in ["-INT", "-TERM", "-HUP"] {
        let mut command = data.command(&["export", "--format", "markdown", "--out", &path]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs");
        let names = || {
            let entries = fs::read_dir(&out).into_iter().flatten().flatten();
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect::<Vec<_>>()
        };
        until("something was written", async || names().iter().any(|name| name.ends_with(".md")).then_some(())).await;
        let sent = Command::new("kill").args([end, &child.id().to_string()]).status().expect("kill(1) runs");
        assert!(sent.success());
        let ended = Ended::from(child.wait_with_output().expect("it ends"));
        assert_eq!(ended.code, Some(130), "{end}: {ended:?}");
        let names = names();
        assert!((1..1_500).contains(&names.len()), "{end}: {ended:?}");
        assert!(names.iter().all(|name| name.ends_with(".md")), "{end}: {names:?}");
        fs::remove_dir_all(&out).expect("the folder");
    }
    data.done(&["verify"]);
}

#[test]
fn a_place_that_cannot_be_written_to_is_told_by_its_name() {
    let data = history(1);
    let file = data.path().join("file");
    fs::write(&file, "mine").expect("a file");
    let inside = file.join("folder");
    for place in [&file, &inside] {
        let path = place.display().to_string();
        let ended = data.run(&["export", "--out", &path]);
        assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""), "{ended:?}");
        assert!(ended.err.contains(&path) && ended.err.contains("cannot be written to"), "{ended:?}");
        let ended = data.run(&["export", "--json", "--out", &path]);
        let said = ended.json();
        assert_eq!((ended.code, &said["error"]["field"]), (Some(1), &json!("out")));
        assert!(said["error"]["detail"].as_str().is_some_and(|detail| detail.starts_with(&path)), "{said}");
    }
    assert_eq!(fs::read_to_string(&file).expect("the file"), "mine");
    assert_eq!(data.run(&["import", &data.path().display().to_string()]).code, Some(1), "a folder is no file");
}
