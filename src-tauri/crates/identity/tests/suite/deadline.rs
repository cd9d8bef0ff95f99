//! Keepers that hang, panic, forget and lie.

use std::collections::HashMap;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use capibara6_identity::{Backend, DEADLINE, SERVICE, Secret, SecretError, SecretStore};

/// Keeps secrets in memory, and misbehaves where the account's name asks for it.
struct Keeper {
    kept: HashMap<(String, String), String>,
    /// Every call that really was made.
    calls: mpsc::Sender<String>,
    /// Where a call hangs until the test lets it go (or for ever).
    gate: mpsc::Receiver<()>,
}

/// The ends of a keeper that a test holds.
struct Held {
    calls: mpsc::Receiver<String>,
    gate: mpsc::Sender<()>,
}

fn keeper() -> (Keeper, Held) {
    let (calls, made) = mpsc::channel();
    let (open, gate) = mpsc::channel();
    (Keeper { kept: HashMap::new(), calls, gate }, Held { calls: made, gate: open })
}

impl Keeper {
    fn enter(&self, call: &str, account: &str) {
        // A test that is over no longer listens.
        let _ = self.calls.send(format!("{call} {account}"));
        match account {
            "hangs" => drop(self.gate.recv()),
            "panics" => panic!("as the test asks"),
            _ => {}
        }
    }
}

impl Backend for Keeper {
    fn get(&mut self, service: &str, account: &str) -> Result<Option<Secret>, SecretError> {
        self.enter("get", account);
        if account == "lies" {
            return Ok(Some(Secret::new("something else".to_owned())));
        }
        Ok(self.kept.get(&(service.to_owned(), account.to_owned())).cloned().map(Secret::new))
    }

    fn set(&mut self, service: &str, account: &str, secret: &Secret) -> Result<(), SecretError> {
        self.enter("set", account);
        match account {
            "locked" => return Err(SecretError::Locked),
            "forgets" => {}
            _ => drop(self.kept.insert((service.to_owned(), account.to_owned()), secret.expose().to_owned())),
        }
        Ok(())
    }

    fn delete(&mut self, service: &str, account: &str) -> Result<(), SecretError> {
        self.enter("delete", account);
        self.kept.remove(&(service.to_owned(), account.to_owned()));
        Ok(())
    }

    fn probe(&mut self, service: &str) -> Result<(), SecretError> {
        assert_eq!(service, SERVICE);
        self.enter("probe", "");
        Ok(())
    }
}

async fn get(store: &SecretStore, account: &str) -> Result<Option<String>, SecretError> {
    Ok(store.get(account).await?.map(|secret| secret.expose().to_owned()))
}

#[tokio::test]
async fn a_secret_is_kept_and_forgotten() {
    let (keeper, held) = keeper();
    let store = SecretStore::with_backend(keeper);
    assert_eq!(store.probe().await, Ok(()));
    assert_eq!(get(&store, "a").await, Ok(None));
    assert_eq!(store.set("a", Secret::new("one".into())).await, Ok(()));
    assert_eq!(store.clone().set("b", Secret::new("two".into())).await, Ok(()));
    assert_eq!(store.set("a", Secret::new("three".into())).await, Ok(()));
    assert_eq!(get(&store, "a").await, Ok(Some("three".into())));
    assert_eq!(store.delete("a").await, Ok(()));
    assert_eq!(store.delete("a").await, Ok(()));
    assert_eq!(get(&store, "a").await, Ok(None));
    assert_eq!(get(&store, "b").await, Ok(Some("two".into())));
    drop(store);
    let calls: Vec<_> = held.calls.iter().collect();
    let expected = [
        "probe ", "get a", "set a", "get a", "set b", "get b", "set a", "get a", "get a", "delete a", "delete a",
        "get a", "get b",
    ];
    assert_eq!(calls, expected, "each write is read back, and the thread ends with its last store");
}

#[tokio::test]
async fn what_is_not_read_back_is_not_kept() {
    let store = SecretStore::with_backend(keeper().0);
    for (account, expected) in [
        ("forgets", SecretError::Failed("no secret was read back".into())),
        ("lies", SecretError::Failed("another secret was read back".into())),
        ("locked", SecretError::Locked),
    ] {
        assert_eq!(store.set(account, Secret::new("s".into())).await, Err(expected));
    }
}

#[tokio::test]
async fn a_keeper_that_panics_fails_one_call() {
    let store = SecretStore::with_backend(keeper().0);
    let panicked = SecretError::Failed("the secret store panicked".into());
    assert_eq!(get(&store, "panics").await, Err(panicked));
    assert_eq!(store.set("a", Secret::new("one".into())).await, Ok(()));
}

#[tokio::test]
async fn a_keeper_that_hangs_is_given_up_and_taken_up_again() {
    const SHORT: Duration = Duration::from_millis(50);
    let (keeper, held) = keeper();
    let store = SecretStore::with_deadline(keeper, SHORT);
    let started = Instant::now();
    assert_eq!(get(&store, "hangs").await, Err(SecretError::TimedOut));
    assert!(started.elapsed() >= SHORT);
    // While it hangs the others wait in vain, and are not made up for later.
    assert_eq!(store.set("a", Secret::new("one".into())).await, Err(SecretError::TimedOut));
    assert!(started.elapsed() >= 2 * SHORT);
    held.gate.send(()).expect("it is let go");
    // A busy machine may take longer than the short deadline to get there.
    let answered = loop {
        let answer = get(&store, "a").await;
        if answer != Err(SecretError::TimedOut) {
            break answer;
        }
    };
    assert_eq!(answered, Ok(None), "what was given up is not done");
    let calls: Vec<_> = held.calls.try_iter().collect();
    assert!(!calls.contains(&"set a".to_owned()), "{calls:?}");
}

#[test]
fn an_answer_is_awaited_for_five_seconds() {
    assert_eq!(DEADLINE, Duration::from_secs(5));
}

#[test]
fn dropping_the_store_and_the_runtime_waits_for_nobody() {
    let (keeper, held) = keeper();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let store = SecretStore::with_deadline(keeper, Duration::from_secs(3600));
    let asking = runtime.spawn({
        let store = store.clone();
        async move { store.get("hangs").await.map(drop) }
    });
    assert_eq!(held.calls.recv(), Ok("get hangs".to_owned()), "it hangs by now");
    let started = Instant::now();
    drop(store);
    asking.abort();
    drop(runtime);
    assert!(started.elapsed() < Duration::from_secs(60), "it would have hung for ever");
    // Only now may it go on, and its thread ends.
    drop(held.gate);
    assert_eq!(held.calls.recv(), Err(mpsc::RecvError));
}
