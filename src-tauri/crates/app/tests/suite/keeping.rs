//! Where secrets are kept, and what is never written anywhere.

use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use capibara6_app::{App, Options};
use capibara6_identity::{Backend, Secret, SecretError, SecretStore};
use capibara6_protocol::*;
use capibara6_testkit::sign_in::{DeviceAnswer, DeviceServer, Misbehaviour, SignInServer};

use super::bench::*;
use super::person::*;

fn keep(place: KeepIn, passphrase: Option<&str>) -> SecretKeepingSet {
    SecretKeepingSet { place, passphrase: passphrase.map(str::to_owned) }
}

#[tokio::test]
async fn without_a_secret_store_one_is_signed_in_until_the_program_ends_and_is_told() {
    let mut stage = Stage::start().await;
    stage.bench.secrets.is_in_trouble(Some(SecretError::Absent));
    stage.arrive(SignInMethod::Oidc).await;
    let signed_in = stage.bench.app.sign_in_confirm().await.unwrap();
    assert_eq!(signed_in.not_kept, Some(ErrorCode::SecretStoreAbsent.into()));
    assert_eq!(signed_in.account.state, AccountState::Confirmed);
    let keeping =
        SecretKeeping { place: KeepIn::System, trouble: Some(ErrorCode::SecretStoreAbsent), vault: VaultState::Absent };
    assert_eq!(stage.state().await.keeping, keeping);
    stage.bench.ask("phi4:mini", "Con sesión").await;
    assert!(stage.bench.chat("phi4:mini").await.header("authorization").is_some());

    // The user decides that this is what they want.
    let session = stage.bench.app.secret_keeping_set(keep(KeepIn::Session, None)).await.unwrap();
    assert_eq!((session.keeping.place, session.keeping.trouble), (KeepIn::Session, None));
    assert_eq!(session.active.unwrap().state, AccountState::Confirmed);
    stage.bench.app.key_set(KeySet { model: "mixtral".into(), key: "sk-session".into() }).await.unwrap();
    stage.restart().await;
    let state = stage.state().await;
    assert_eq!((state.active, state.keeping.place), (None, KeepIn::Session));
    assert_eq!(stage.bench.app.key_states().await.unwrap().present, []);
    assert_eq!(stage.bench.secrets.names(), [""; 0]);
}

#[tokio::test]
async fn a_vault_takes_the_session_and_the_keys_along_and_opens_with_its_passphrase_only() {
    let mut stage = Stage::start().await;
    let account = stage.sign_in().await.account;
    stage.bench.app.key_set(KeySet { model: "mixtral".into(), key: "sk-moved".into() }).await.unwrap();
    let empty = stage.bench.app.secret_keeping_set(keep(KeepIn::Vault, Some(""))).await.unwrap_err();
    assert_eq!((empty.code, empty.field.as_deref()), (ErrorCode::InvalidInput, Some("passphrase")));
    assert_eq!(stage.state().await.keeping.place, KeepIn::System);

    let moved = stage.bench.app.secret_keeping_set(keep(KeepIn::Vault, Some("una frase"))).await.unwrap();
    let keeping = SecretKeeping { place: KeepIn::Vault, trouble: None, vault: VaultState::Open };
    assert_eq!((moved.keeping, moved.active.unwrap().account), (keeping, account.clone()));
    assert_eq!(stage.bench.secrets.names(), [""; 0]);
    assert_eq!(stage.bench.app.key_states().await.unwrap().present, ["mixtral".into()]);

    stage.restart().await;
    let state = stage.state().await;
    let locked =
        SecretKeeping { place: KeepIn::Vault, trouble: Some(ErrorCode::SecretStoreLocked), vault: VaultState::Locked };
    assert_eq!((state.keeping, state.active.unwrap().state), (locked, AccountState::Remembered));
    let wrong = stage.bench.app.vault_unlock(VaultUnlock { passphrase: "otra".into() }).await.unwrap_err();
    assert_eq!(wrong.code, ErrorCode::VaultWrongPassphrase);
    let open = stage.bench.app.vault_unlock(VaultUnlock { passphrase: "una frase".into() }).await.unwrap();
    assert_eq!(open.keeping.vault, VaultState::Open);
    assert_eq!(stage.stands(AccountState::Confirmed).await.account, account);
    assert_eq!(stage.bench.app.key_states().await.unwrap().present, ["mixtral".into()]);

    // And back: the vault has nothing of them any more.
    stage.bench.app.secret_keeping_set(keep(KeepIn::System, None)).await.unwrap();
    assert!(stage.bench.secrets.names().iter().any(|name| name.starts_with("session/")));
    assert!(stage.bench.secrets.names().iter().any(|name| name.starts_with("endpoint-key/")));
}

#[tokio::test]
async fn the_keys_of_every_profile_move_along_and_none_stays_behind() {
    let stage = Stage::start().await;
    let app = &stage.bench.app;
    app.key_set(KeySet { model: "mixtral".into(), key: "sk-one".into() }).await.unwrap();
    let mut profile = stage.bench.fleet.profile();
    profile.name = "Other".into();
    profile.models.truncate(1);
    profile.models[0].id = "another-model".into();
    let other = app.profile_save(ProfileSave { id: None, profile }).await.unwrap();
    app.profile_select(ProfileRef { id: other.id.clone() }).await.unwrap();
    app.key_set(KeySet { model: "another-model".into(), key: "sk-two".into() }).await.unwrap();
    assert_eq!(stage.bench.secrets.names().len(), 2);

    for (place, passphrase, stay) in [(KeepIn::Vault, Some("una frase"), 0), (KeepIn::System, None, 2)] {
        app.secret_keeping_set(keep(place, passphrase)).await.unwrap();
        assert_eq!(stage.bench.secrets.names().len(), stay, "{place:?}: {:?}", stage.bench.secrets.names());
        for (id, model) in [(other.id.clone(), "another-model"), (ProfileId::from("kit"), "mixtral")] {
            app.profile_select(ProfileRef { id }).await.unwrap();
            assert_eq!(app.key_states().await.unwrap().present, [ModelId::from(model)], "{place:?}");
        }
    }
}

#[tokio::test]
async fn a_vault_whose_passphrase_is_forgotten_is_deleted_and_another_one_takes_its_place() {
    let mut stage = Stage::start().await;
    stage.sign_in().await;
    stage.bench.app.secret_keeping_set(keep(KeepIn::Vault, Some("una frase"))).await.unwrap();
    // Open, it is no vault that nobody can open.
    assert_eq!(stage.bench.app.vault_discard().await.unwrap_err().code, ErrorCode::NotFound);
    stage.restart().await;
    let left = stage.bench.app.vault_discard().await.unwrap();
    let system = SecretKeeping { place: KeepIn::System, trouble: None, vault: VaultState::Absent };
    assert_eq!((left.keeping, left.active.map(|active| active.state)), (system.clone(), Some(AccountState::Expired)));
    stage.restart().await;
    assert_eq!(stage.state().await.keeping, system);
    let anew = stage.bench.app.secret_keeping_set(keep(KeepIn::Vault, Some("otra frase"))).await.unwrap();
    assert_eq!(anew.keeping.vault, VaultState::Open);
}

#[tokio::test]
async fn the_sessions_of_those_who_are_not_active_move_along() {
    let mut stage = Stage::start().await;
    let ana = stage.sign_in_as("ana", "Ana").await.account;
    let eva = stage.sign_in_as("eva", "Eva").await.account;
    stage.restart().await;
    stage.stands(AccountState::Confirmed).await;
    stage.bench.app.sign_out(AccountRef { account: eva }).await.unwrap();
    stage.restart().await;
    stage.bench.app.secret_keeping_set(keep(KeepIn::Vault, Some("una frase"))).await.unwrap();
    assert_eq!(stage.bench.secrets.names(), [""; 0]);
    let switched = stage.bench.app.account_switch(AccountRef { account: ana.clone() }).await.unwrap();
    assert_eq!(switched.active.map(|active| active.account), Some(ana));
    stage.stands(AccountState::Confirmed).await;
}

#[tokio::test]
async fn a_place_that_does_not_take_secrets_changes_nothing() {
    let mut stage = Stage::start().await;
    stage.sign_in().await;
    stage.bench.app.secret_keeping_set(keep(KeepIn::Session, None)).await.unwrap();
    stage.bench.secrets.is_in_trouble(Some(SecretError::Denied));
    let refused = stage.bench.app.secret_keeping_set(keep(KeepIn::System, None)).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::SecretStoreDenied);
    let state = stage.state().await;
    assert_eq!((state.keeping.place, state.active.unwrap().state), (KeepIn::Session, AccountState::Confirmed));
}

/// A keeper that asks somebody for a password and waits for them for ever.
#[derive(Clone, Default)]
struct Waiting(Arc<(Mutex<bool>, Condvar)>);

impl Waiting {
    fn wait(&self) -> SecretError {
        let (answered, changed) = &*self.0;
        drop(changed.wait_while(answered.lock().unwrap(), |answered| !*answered).unwrap());
        SecretError::Locked
    }

    fn let_go(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }
}

impl Backend for Waiting {
    fn get(&mut self, _: &str, _: &str) -> Result<Option<Secret>, SecretError> {
        Err(self.wait())
    }

    fn set(&mut self, _: &str, _: &str, _: &Secret) -> Result<(), SecretError> {
        Err(self.wait())
    }

    fn delete(&mut self, _: &str, _: &str) -> Result<(), SecretError> {
        Err(self.wait())
    }

    fn probe(&mut self, _: &str) -> Result<(), SecretError> {
        Err(self.wait())
    }
}

#[tokio::test]
async fn a_keeper_that_never_answers_holds_up_neither_the_start_nor_the_end() {
    let mut stage = Stage::start().await;
    stage.sign_in().await;
    stage.bench.ask("phi4:mini", "Sigue aquí").await;
    stage.bench.app.shutdown().await;
    let waiting = Waiting::default();
    let begun = Instant::now();
    let secrets = SecretStore::with_backend(waiting.clone());
    let app = App::open(Options { secrets, ..options(&stage.bench.home, &Keyring::default()) }).await;
    assert!(app.boot().await.unwrap().account.is_some());
    assert_eq!(titles(&app).await, ["Sigue aquí"]);
    app.account_state().await.unwrap();
    app.shutdown().await;
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    waiting.let_go();
}

/// What every secret of these tests has in it.
const CANARY: &str = "tweety7canary";

/// All that was written beneath a folder and has this text in it.
fn found(folder: &Path, text: &str) -> Vec<String> {
    let (mut folders, mut found) = (vec![folder.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if std::fs::read(&path).unwrap().windows(text.len()).any(|bytes| bytes == text.as_bytes()) {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

#[test]
fn the_search_finds_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("a")).unwrap();
    std::fs::write(folder.path().join("a/b"), format!("\0\u{1}{CANARY}\0")).unwrap();
    assert_eq!(found(folder.path(), CANARY).len(), 1);
    assert_eq!(found(folder.path(), "another"), [""; 0]);
}

#[tokio::test]
async fn no_secret_is_in_anything_that_is_written_or_that_the_window_gets() {
    let port = free_port();
    let (server, device) = (SignInServer::start(port).await, DeviceServer::start([DeviceAnswer::Pending]).await);
    device.code("interval", serde_json::json!(1));
    let (url, at) = (server.url(), device.origin());
    let mut stage = Stage::with(|profile, _| {
        profile.services.insert(Service::Auth, url);
        profile.sign_in_port = Some(port);
        profile.device = Some(Device {
            client_id: "own-client".into(),
            authorization: Some(format!("{at}/login/device/code")),
            token: Some(format!("{at}/login/oauth/access_token")),
            user: Some(format!("{at}/user")),
        });
    })
    .await;
    stage.provider.mark(CANARY);
    server.mark(CANARY);
    device.mark(CANARY);
    let logs = stage.bench.home.path().join("logs");
    let logging = capibara6_logging::start(&logs, Some("trace")).unwrap();
    stage.bench.app.shutdown().await;
    let opened = Options { logging: Some(logging), ..options(&stage.bench.home, &stage.bench.secrets) };
    stage.bench.app = App::open(opened).await;
    stage.bench.app.connect(Arc::clone(&stage.desk) as Arc<dyn capibara6_app::Outside>);
    stage.bench.window = Window::new(stage.bench.app.frames());
    let mut said = String::new();

    // Every way, with an answer that goes wrong, a token that is refused and a renewal.
    stage.provider.misbehave(Misbehaviour::Nonce);
    stage.arrive(SignInMethod::Oidc).await;
    stage.provider.misbehave(Misbehaviour::Echo);
    stage.arrive(SignInMethod::Oidc).await;
    stage.provider.behave();
    for method in [SignInMethod::Github, SignInMethod::Google, SignInMethod::Oidc] {
        stage.arrive(method).await;
        said.push_str(&format!("{:?}", stage.bench.app.sign_in_confirm().await.unwrap()));
    }
    let key = format!("sk-{CANARY}");
    stage.bench.app.key_set(KeySet { model: "mixtral".into(), key }).await.unwrap();
    let started = stage.bench.ask("phi4:mini", "Hola").await;
    let refused = stage.bench.chat("phi4:mini").await;
    assert!(refused.header("authorization").unwrap().contains(CANARY), "the canary is really sent");
    // A server that repeats what it was sent.
    let echo = format!(r#"{{"error":"{}"}}"#, refused.header("authorization").unwrap());
    refused.respond_status(401, &[], &echo).await;
    let again = stage.bench.chat("phi4:mini").await;
    let echo = format!(r#"{{"error":"{}"}}"#, again.header("authorization").unwrap());
    again.respond_status(401, &[], &echo).await;
    let end = stage.bench.window.ended(started.answer.id).await;
    said.push_str(&format!("{end:?}"));
    stage.bench.app.secret_keeping_set(keep(KeepIn::Vault, Some(CANARY))).await.unwrap();
    stage.bench.app.vault_unlock(VaultUnlock { passphrase: format!("{CANARY}?") }).await.unwrap_err();
    stage.bench.app.sign_in_begin(SignInBegin { method: SignInMethod::Device }).await.unwrap();
    stage.attempt(|attempt| matches!(attempt, SignInAttempt::Arrived { .. })).await;
    said.push_str(&format!("{:?}", stage.bench.app.sign_in_confirm().await.unwrap()));
    said.push_str(&serde_json::to_string(&stage.state().await).unwrap());
    said.push_str(&serde_json::to_string(&stage.bench.app.boot().await.unwrap()).unwrap());
    said.push_str(&stage.bench.app.diagnostics().await.unwrap());
    let active = stage.state().await.active.unwrap().account;
    said.push_str(&format!("{:?}", stage.bench.app.sign_out(AccountRef { account: active }).await.unwrap()));
    stage.restart().await;
    said.push_str(&serde_json::to_string(&stage.bench.window.events).unwrap());
    said.push_str(&format!("{:?}", stage.desk.opened.lock().unwrap()));
    stage.bench.app.shutdown().await;

    assert_eq!(said.find(CANARY).map(|at| &said[at.saturating_sub(200)..at]), None);
    assert!(stage.bench.home.path().join("secrets.vault").exists());
    assert_eq!(found(stage.bench.home.path(), CANARY), [""; 0]);
    assert!(!found(&logs, "somebody arrived").is_empty(), "the logs are really written");
}
