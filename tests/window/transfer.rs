//! What leaves the program comes back into it: exported from one history, imported into another one beside its open window.

use std::{fs, path::Path, process::Command};

use capibara6_journeys::{Home, MODEL, Window, program, until};
use capibara6_testkit::ModelServer;

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
