//! The application with the real Secret Service (gnome-keyring), in each of its states and each in a session of its own: a
//! test runs one of the ignored ones below inside the identity crate's `with-secret-service.sh`. Where a tool is missing the
//! test fails and says which.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use capibara6_app::{App, Options};
use capibara6_identity::SecretStore;
use capibara6_protocol::*;

use super::bench::*;
use super::person::*;

/// Runs the ignored test `name` of this binary in a session whose Secret Service is in this state.
fn run(state: &str, name: &str) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../identity/tests/with-secret-service.sh");
    let output = Command::new(script)
        .arg(state)
        .arg(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", &format!("suite::secret_service::{name}")])
        .env("SECRET_SERVICE_STATE", state)
        .output()
        .unwrap();
    let said = || format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{state}: {}", said());
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "the test {name} exists: {}", said());
}

/// Opens the application with the system's store, in a session that a script made: never in the user's own.
async fn reopen(stage: &mut Stage) {
    assert!(std::env::var_os("SECRET_SERVICE_STATE").is_some(), "run by another test");
    stage.bench.app.shutdown().await;
    let secrets = SecretStore::system();
    stage.bench.app = App::open(Options { secrets, ..options(&stage.bench.home, &Keyring::default()) }).await;
    stage.bench.window = Window::new(stage.bench.app.frames());
}

#[test]
fn unlocked_the_next_start_is_signed_in() {
    run("unlocked", "signs_in_and_starts_again");
}

#[tokio::test]
#[ignore = "run by unlocked_the_next_start_is_signed_in"]
async fn signs_in_and_starts_again() {
    let mut stage = Stage::start().await;
    reopen(&mut stage).await;
    let account = stage.sign_in().await.account;
    stage.bench.app.key_set(KeySet { model: "mixtral".into(), key: "sk-real".into() }).await.unwrap();
    reopen(&mut stage).await;
    assert_eq!(stage.stands(AccountState::Confirmed).await.account, account);
    assert_eq!(stage.bench.app.key_states().await.unwrap().present, ["mixtral".into()]);
    let out = stage.bench.app.sign_out(AccountRef { account }).await.unwrap();
    assert_eq!(out, SignedOut { revocation: Revocation::Done, still_stored: None });
}

#[test]
fn locked_it_is_said_and_nothing_waits() {
    run("locked", "is_told_what_the_store_says");
}

#[test]
fn without_a_service_it_is_said_and_nothing_waits() {
    run("no-service", "is_told_what_the_store_says");
}

#[test]
fn without_a_bus_it_is_said_and_nothing_waits() {
    run("no-bus", "is_told_what_the_store_says");
}

#[tokio::test]
#[ignore = "run by the tests of the stores that keep nothing"]
async fn is_told_what_the_store_says() {
    let code = match std::env::var("SECRET_SERVICE_STATE").as_deref() {
        Ok("locked") => ErrorCode::SecretStoreLocked,
        Ok("no-service" | "no-bus") => ErrorCode::SecretStoreAbsent,
        other => panic!("run by another test: {other:?}"),
    };
    let mut stage = Stage::start().await;
    reopen(&mut stage).await;
    stage.arrive(SignInMethod::Oidc).await;
    let signed_in = stage.bench.app.sign_in_confirm().await.unwrap();
    assert_eq!(signed_in.not_kept.map(|error| error.code), Some(code));
    assert_eq!(stage.state().await.keeping.trouble, Some(code));
    let key = stage.bench.app.key_set(KeySet { model: "mixtral".into(), key: "sk-lost".into() }).await;
    assert_eq!(key.unwrap_err().code, code);
    stage.bench.ask("phi4:mini", "Con sesión").await;
    assert!(stage.bench.chat("phi4:mini").await.header("authorization").is_some());

    let begun = Instant::now();
    reopen(&mut stage).await;
    assert_eq!(stage.titles().await, ["Con sesión"]);
    stage.bench.app.shutdown().await;
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());

    // The user's way out: a vault, also where there is no store at all.
    reopen(&mut stage).await;
    let vault = SecretKeepingSet { place: KeepIn::Vault, passphrase: Some("una frase".into()) };
    let kept = stage.bench.app.secret_keeping_set(vault).await.unwrap();
    assert_eq!((kept.keeping.place, kept.keeping.trouble), (KeepIn::Vault, None));
    let again = stage.sign_in().await;
    reopen(&mut stage).await;
    stage.bench.app.vault_unlock(VaultUnlock { passphrase: "una frase".into() }).await.unwrap();
    assert_eq!(stage.stands(AccountState::Confirmed).await.account, again.account);
}
