//! The real Secret Service (gnome-keyring) in each of its states, each in a session of its own: a test runs one of the
//! ignored ones below inside `with-secret-service.sh`. Where a tool is missing the test fails and says which.

use std::path::Path;
use std::process::Command;

use capibara6_identity::{Secret, SecretError, SecretStore};

/// Runs the ignored test `name` of this binary in a session whose Secret Service is in this state.
fn run(state: &str, name: &str) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/with-secret-service.sh");
    let output = Command::new(script)
        .arg(state)
        .arg(std::env::current_exe().expect("this binary"))
        .args(["--ignored", "--exact", "--nocapture", name])
        .env("SECRET_SERVICE_STATE", state)
        .output()
        .expect("bash runs");
    let said = || format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{state}: {}", said());
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "the test {name} exists: {}", said());
}

/// The system's store, in a session that a script made: never in the user's own.
fn store(expected: &str) -> SecretStore {
    assert_eq!(std::env::var("SECRET_SERVICE_STATE").as_deref(), Ok(expected), "run by another test");
    SecretStore::system()
}

async fn expect_everything_fails(store: &SecretStore, expected: SecretError) {
    assert_eq!(store.probe().await, Err(expected.clone()));
    assert_eq!(store.get("kept").await.map(drop), Err(expected.clone()));
    assert_eq!(store.set("new", Secret::new("s".into())).await, Err(expected.clone()));
    assert_eq!(store.delete("kept").await, Err(expected));
}

#[test]
fn unlocked_it_keeps_secrets() {
    run("unlocked", "secret_service::keeps_secrets");
}

#[tokio::test]
#[ignore = "run by unlocked_it_keeps_secrets"]
async fn keeps_secrets() {
    let store = store("unlocked");
    let account = "endpoint-key/http://127.0.0.1:8000/gpt-oss-20b";
    let other = "endpoint-key/http://127.0.0.1:8001/phi4:mini";
    let get = async |account: &str| Ok(store.get(account).await?.map(|secret| secret.expose().to_owned()));
    assert_eq!(store.probe().await, Ok(()));
    assert_eq!(get(account).await, Ok::<_, SecretError>(None));
    for text in ["sk-1", "", "línea\nuna 🦫 'quoted' \\", &"long ".repeat(2000)] {
        assert_eq!(store.set(account, Secret::new(text.to_owned())).await, Ok(()));
        assert_eq!(get(account).await, Ok(Some(text.to_owned())));
    }
    assert_eq!(store.set(other, Secret::new("sk-2".into())).await, Ok(()));
    assert_eq!(store.delete(account).await, Ok(()));
    assert_eq!(store.delete(account).await, Ok(()));
    assert_eq!(get(account).await, Ok(None));
    // Another store, as the next run of the program.
    let next = SecretStore::system().get(other).await;
    assert_eq!(next.map(|secret| secret.map(|secret| secret.expose().to_owned())), Ok(Some("sk-2".into())));
    // And another program: it is where a person would look for it.
    let found = Command::new("secret-tool").args(["lookup", "service", "capibara6", "username", other]).output();
    assert_eq!(String::from_utf8_lossy(&found.expect("secret-tool runs").stdout), "sk-2");
}

#[test]
fn locked_it_is_locked() {
    run("locked", "secret_service::is_locked");
}

#[tokio::test]
#[ignore = "run by locked_it_is_locked"]
async fn is_locked() {
    expect_everything_fails(&store("locked"), SecretError::Locked).await;
}

#[test]
fn without_a_keyring_it_is_locked() {
    run("uncreated", "secret_service::has_no_keyring");
}

#[tokio::test]
#[ignore = "run by without_a_keyring_it_is_locked"]
async fn has_no_keyring() {
    expect_everything_fails(&store("uncreated"), SecretError::Locked).await;
}

#[test]
fn without_a_service_it_is_absent() {
    run("no-service", "secret_service::has_no_service");
}

#[tokio::test]
#[ignore = "run by without_a_service_it_is_absent"]
async fn has_no_service() {
    expect_everything_fails(&store("no-service"), SecretError::Absent).await;
}

#[test]
fn without_a_bus_it_is_absent() {
    run("no-bus", "secret_service::has_no_bus");
}

#[tokio::test]
#[ignore = "run by without_a_bus_it_is_absent"]
async fn has_no_bus() {
    expect_everything_fails(&store("no-bus"), SecretError::Absent).await;
}

#[test]
fn a_service_may_come_and_go() {
    run("no-service", "secret_service::comes_and_goes");
}

#[tokio::test]
#[ignore = "run by a_service_may_come_and_go"]
async fn comes_and_goes() {
    let store = store("no-service");
    let get = async || Ok(store.get("kept").await?.map(|secret| secret.expose().to_owned()));
    assert_eq!(store.probe().await, Err(SecretError::Absent));
    let mut daemon = Daemon::start();
    wait_for(&store, Ok(())).await;
    assert_eq!(store.set("kept", Secret::new("sk".into())).await, Ok(()));
    daemon.stop();
    wait_for(&store, Err(SecretError::Absent)).await;
    assert_eq!(get().await, Err(SecretError::Absent));
    let mut daemon = Daemon::start();
    wait_for(&store, Ok(())).await;
    assert_eq!(get().await, Ok(Some("sk".to_owned())), "an older connection is not held against a new keeper");
    daemon.stop();
}

/// gnome-keyring, unlocked, until it is stopped.
struct Daemon(std::process::Child);

impl Daemon {
    fn start() -> Self {
        use std::io::Write as _;
        let mut daemon = Command::new("gnome-keyring-daemon")
            .args(["--foreground", "--unlock", "--components=secrets"])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::null())
            .spawn()
            .expect("gnome-keyring-daemon runs");
        daemon.stdin.take().expect("its input").write_all(b"password").expect("it reads the password");
        Self(daemon)
    }

    fn stop(&mut self) {
        self.0.kill().expect("it can be killed");
        self.0.wait().expect("it ended");
    }
}

/// Asks until the state is the expected one. The runner of the tests ends this if it never is.
async fn wait_for(store: &SecretStore, expected: Result<(), SecretError>) {
    while store.probe().await != expected {
        tokio::task::yield_now().await;
    }
}
