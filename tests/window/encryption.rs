//! A history that is encrypted, in the real window with a real Secret Service: it opens by itself, nobody reads it from disk,
//! and where the keyring is lost the recovery passphrase opens it.

use std::fs;
use std::path::Path;

use capibara6_journeys::{Home, Keyring, MODEL, Window, until};
use capibara6_testkit::ModelServer;

use super::sign_in::{Stage, sign_in, titles};

/// Stands in the only answer of the history.
const WORD: &str = "carpincho-que-nadie-debe-leer";
const PASSPHRASE: &str = "caballo grapa pila";

/// The files below a folder that hold a text.
fn holding(folder: &Path, text: &str) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries
        .flat_map(|path| match path.is_dir() {
            true => holding(&path, text),
            false => {
                let bytes = fs::read(&path).unwrap_or_default();
                let found = bytes.windows(text.len()).any(|window| window == text.as_bytes());
                if found { vec![path.display().to_string()] } else { Vec::new() }
            }
        })
        .collect()
}

/// Encrypts the history in the settings, which stay open.
async fn begin(window: &Window) {
    window.open_settings("Privacy").await;
    window.click("encryption-begin").await;
    window.type_into("encryption-new", PASSPHRASE).await;
    window.type_into("encryption-repeat", PASSPHRASE).await;
    window.click("encryption-confirm").await;
    window.find_css("[data-testid=\"encryption\"][data-state=\"encrypted\"]").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encrypted_history_opens_by_itself_and_by_its_passphrase_where_the_keyring_is_lost() {
    let keyring = Keyring::unlocked().await;
    let model = ModelServer::start(&[MODEL]).await;
    let window = Window::open(Home::of(&model).with_keyring(&keyring)).await;
    window.ask("Who?").await;
    model.next_chat().await.say_all(&[WORD]).await;
    window.until_last("complete", WORD).await;
    window.open_settings("Backups").await;
    window.click("backup-create").await;
    window.find_css("[data-testid=\"backup\"][data-reason=\"manual\"]").await;
    assert!(!holding(&window.home().data(), WORD).is_empty(), "it can be read from disk before");
    window.close_settings().await;

    begin(&window).await;
    window.find_css("[data-testid=\"encryption-key\"]:not([data-code])").await;
    window.shot("encryption-on").await;
    window.close_settings().await;
    window.until_last("complete", WORD).await;
    assert!(keyring.kept().contains("database-key/signed-out"), "{}", keyring.kept());

    // The next start asks for nothing; nothing on disk tells a word, also not what a kill leaves.
    let home = window.kill().await;
    assert_eq!(holding(&home.data(), WORD), [""; 0]);
    assert_eq!(holding(&home.data(), PASSPHRASE), [""; 0]);
    let window = Window::open(home).await;
    window.until_last("complete", WORD).await;
    assert_eq!(window.count("[data-testid=\"history-locked\"]").await, 0);
    let home = window.kill().await;

    // Another keyring: nothing of the history is shown, and its passphrase alone opens it.
    let other = Keyring::unlocked().await;
    let window = Window::open(home.with_keyring(&other)).await;
    window.find("history-locked").await;
    assert_eq!(window.count("[data-testid=\"conversation-item\"], [data-testid=\"composer\"]").await, 0);
    window.shot("history-locked").await;
    window.click("history-keyring").await;
    window.find_css("[data-testid=\"history-problem\"][data-code=\"history-locked\"]").await;
    window.type_into("history-passphrase", "not the passphrase").await;
    window.click("history-unlock").await;
    window.find_css("[data-testid=\"history-problem\"][data-code=\"vault-wrong-passphrase\"]").await;
    window.type_into("history-passphrase", PASSPHRASE).await;
    window.click("history-unlock").await;
    window.until_last("complete", WORD).await;
    window.until_gone("[data-testid=\"history-locked\"]").await;
    assert!(other.kept().contains("database-key/signed-out"), "the key is kept again: {}", other.kept());
    assert_eq!(holding(&window.home().data(), WORD), [""; 0]);
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_history_beside_an_open_one_is_seen_and_opened_by_going_there() {
    let (stage, home) = Stage::new(Keyring::unlocked().await).await;
    let window = Window::open(home).await;
    stage.say(&window, "Nobody in particular").await;
    begin(&window).await;
    window.close_settings().await;
    sign_in(&window, "oidc", 1, "alice").await;
    window.until_gone("[data-testid=\"message\"]").await;
    stage.say(&window, "Alice alone").await;

    // The keyring is lost. Alice's history opens as she left it, with the profile that was in use.
    let other = Keyring::unlocked().await;
    let window = Window::open(window.kill().await.with_keyring(&other)).await;
    window.until_last("complete", "Alice alone").await;
    assert_eq!(window.count("[data-testid=\"history-locked\"], [data-testid=\"onboarding\"]").await, 0);
    window.click("account").await;
    window.find_css("[data-testid=\"account-own\"] [data-testid=\"account-lock\"]").await;
    window.shot("locked-beside").await;
    window.click("account-own").await;
    window.find("history-locked").await;
    assert_eq!(window.text("#locked-title").await, "The history on this computer is locked");
    window.shot("locked-own").await;

    // Back without signing in, and there again, this time with the passphrase.
    window.click("history-other").await;
    window.until_last("complete", "Alice alone").await;
    window.click("account").await;
    window.click("account-own").await;
    window.type_into("history-passphrase", PASSPHRASE).await;
    window.click("history-unlock").await;
    until("nobody's history is shown", async || (titles(&window).await == ["Nobody in particular"]).then_some(()))
        .await;
    window.until_gone("[data-testid=\"history-locked\"]").await;
    window.click("account").await;
    window.click_css("[data-testid=\"account-switch\"][data-subject=\"alice\"]").await;
    until("Alice's history is shown", async || (titles(&window).await == ["Alice alone"]).then_some(())).await;
    window.click("account").await;
    window.find("account-own").await;
    window.until_gone("[data-testid=\"account-lock\"]").await;
    window.close().await;
}
