//! What leaves the program comes back into it: exported from one history, imported into another one beside its open window.

use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use capibara6_journeys::{Home, Keyring, MODEL, Window, program, until};
use capibara6_testkit::ModelServer;
use serde_json::{Value, json};

/// Runs the program without a window.
fn capibara6(home: &Home, arguments: &[&str]) {
    let output = Command::new(program())
        .args(arguments)
        .env("CAPIBARA6_HOME", home.data())
        .env("LANG", "en_US.UTF-8")
        .output()
        .expect("the program runs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// The one file in a folder.
fn only_file(folder: &Path) -> String {
    let files: Vec<_> =
        fs::read_dir(folder).expect("the folder is there").flatten().map(|entry| entry.path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files[0].display().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_imported_beside_an_open_window_and_adds_nothing_the_second_time() {
    let server = ModelServer::start(&[MODEL]).await;
    let window = Window::open(Home::of(&server)).await;
    window.ask("Take this along").await;
    server.next_chat().await.say_all(&["Taken."]).await;
    window.until_last("complete", "Taken.").await;
    let from = window.kill().await;
    let out = tempfile::tempdir().expect("a folder");
    capibara6(&from, &["export", "--format", "json", "--out", &out.path().display().to_string()]);
    let file = only_file(out.path());

    let window = Window::open(Home::of(&server)).await;
    assert_eq!(window.count("[data-testid=\"conversation-item\"]").await, 0);
    for time in 1..=2 {
        capibara6(window.home(), &["import", &file]);
        until(&format!("the conversation is listed once after import {time}"), async || {
            (window.count("[data-testid=\"conversation-item\"]").await == 1).then_some(())
        })
        .await;
    }
    window.click_css("[data-testid=\"conversation-item\"] .sidebar-open").await;
    window.until_last("complete", "Taken.").await;
    window.shot("transfer-imported").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_formats_are_chosen_in_the_window_and_escape_leaves_everything_as_it_was() {
    let server = ModelServer::start(&[MODEL]).await;
    let window = Window::open(Home::of(&server)).await;
    window.ask("Take this along").await;
    server.next_chat().await.say_all(&["Taken."]).await;
    window.until_last("complete", "Taken.").await;
    window.item_action("Take this along", "Export\u{2026}").await;
    window.find("export").await;
    for format in ["json", "markdown", "html"] {
        window.find(&format!("export-{format}")).await;
    }
    window.shot("transfer-export").await;
    window.press(capibara6_journeys::Key::Escape).await;
    window.until_gone("[data-testid=\"export\"]").await;
    assert_eq!(window.count("[data-testid=\"transfer\"]").await, 0);
    window.close().await;
}

/// Runs the program without a window in this session, says `passphrase` on its standard input, and gives its exit code and
/// its line of JSON.
fn asked(home: &Home, keyring: &Keyring, arguments: &[&str], passphrase: Option<&str>) -> (Option<i32>, Value) {
    let mut command = Command::new(program());
    for name in Home::UNSET {
        command.env_remove(name);
    }
    command.args(arguments).arg("--json").envs(home.environment());
    command.env("DBUS_SESSION_BUS_ADDRESS", keyring.address());
    if passphrase.is_some() {
        command.arg("--passphrase-stdin");
    }
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs");
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(passphrase.map(|words| format!("{words}\n")).unwrap_or_default().as_bytes()).ok();
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
    (output.status.code(), serde_json::from_slice(&output.stdout).expect("a line of JSON"))
}

/// Does all that can be done without a window, and expects each to find the history with this word in it.
fn all_commands_work(home: &Home, keyring: &Keyring, passphrase: Option<&str>, word: &str, more: &Path) {
    let out = tempfile::tempdir().expect("a folder");
    let done = |arguments: &[&str]| {
        let (code, said) = asked(home, keyring, arguments, passphrase);
        assert_eq!(code, Some(0), "{arguments:?}: {said}");
        said
    };
    let folder = out.path().display().to_string();
    done(&["export", "--format", "json", "--out", &folder]);
    let exported = fs::read_to_string(only_file(out.path())).expect("the export");
    assert!(exported.contains(word), "what is taken out can be read");
    assert_eq!(done(&["search", word])["hits"].as_array().map(Vec::len), Some(1));
    let made = done(&["backup"]);
    assert_eq!(made["state"], json!("good"));
    let proof = done(&["verify"]);
    assert_eq!(proof.get("error"), None);
    assert!(proof["backups"].as_array().expect("backups").iter().all(|entry| entry["state"] == "good"), "{proof}");
    done(&["import", &more.display().to_string()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_opens_an_encrypted_history_by_the_keyring_or_by_the_passphrase_and_by_nothing_else() {
    const WORD: &str = "carpincho-que-nadie-debe-leer";
    const PASSPHRASE: &str = "caballo grapa pila";
    let mut keyring = Keyring::unlocked().await;
    let server = ModelServer::start(&[MODEL]).await;
    let window = Window::open(Home::of(&server).with_keyring(&keyring)).await;
    window.ask("Who?").await;
    server.next_chat().await.say_all(&[WORD]).await;
    window.until_last("complete", WORD).await;
    window.open_settings("Privacy").await;
    window.click("encryption-begin").await;
    window.type_into("encryption-new", PASSPHRASE).await;
    window.type_into("encryption-repeat", PASSPHRASE).await;
    window.click("encryption-confirm").await;
    window.find_css("[data-testid=\"encryption\"][data-state=\"encrypted\"]").await;
    window.close_settings().await;

    // Beside the open window, with the keyring that it uses.
    let outside = tempfile::tempdir().expect("a folder");
    let more = outside.path().join("more.json");
    let question =
        json!({"author": {"role": "user"}, "content": {"content_type": "text", "parts": ["From elsewhere"]}});
    let conversation = json!([{"conversation_id": "c", "title": "Elsewhere", "current_node": "q",
        "mapping": {"q": {"id": "q", "parent": null, "message": question}}}]);
    fs::write(&more, conversation.to_string()).expect("a file");
    all_commands_work(window.home(), &keyring, None, WORD, &more);
    until("the window lists what was brought in", async || {
        (window.count("[data-testid=\"conversation-item\"]").await == 2).then_some(())
    })
    .await;
    let home = window.kill().await;

    // Without the keyring, and with one that is locked, nothing is read and nothing hangs.
    let absent = Keyring::absent();
    keyring.lock().await;
    let out = outside.path().join("out").display().to_string();
    let import = more.display().to_string();
    let commands = [
        &["export", "--out", &out][..],
        &["search", WORD],
        &["backup"],
        &["backup", "--list"],
        &["verify"],
        &["import", &import],
    ];
    for keyring in [&absent, &keyring] {
        for arguments in commands {
            let (code, said) = asked(&home, keyring, arguments, None);
            assert_eq!((code, &said["error"]["code"]), (Some(1), &json!("history-locked")), "{arguments:?}: {said}");
            let (code, said) = asked(&home, keyring, arguments, Some("caballo grapa"));
            let wrong = json!("vault-wrong-passphrase");
            assert_eq!((code, &said["error"]["code"]), (Some(1), &wrong), "{arguments:?}: {said}");
        }
    }
    assert!(!Path::new(&out).exists());

    // The passphrase alone opens it for everything.
    all_commands_work(&home, &absent, Some(PASSPHRASE), WORD, &more);
    assert!(!home.holds(WORD) && !home.holds(PASSPHRASE), "nothing of it can be read from disk");
}
