//! The thread that asks the keeper of secrets, and the deadline of those who wait for it.
//!
//! The thread is never waited for: when the last [`SecretStore`] is dropped it ends after the call it is in, and when the
//! program ends it ends with it, even in the middle of a call that would last for ever.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError, RwLock, mpsc};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::system::System;
use crate::{Backend, Secret, SecretError};

/// The name under which our secrets are kept.
pub const SERVICE: &str = "capibara6";

/// How long a call waits for an answer.
pub const DEADLINE: Duration = Duration::from_secs(5);

type Call = Box<dyn FnOnce(&mut dyn Backend) + Send>;

/// The operating system's keeper of secrets, or another one. Clones are the same.
#[derive(Clone, Debug)]
pub struct SecretStore(Arc<RwLock<Keeper>>);

/// The way to a thread.
#[derive(Clone, Debug)]
struct Keeper {
    calls: mpsc::Sender<Call>,
    deadline: Duration,
}

impl SecretStore {
    /// The operating system's. Nothing is contacted before the first call.
    pub fn system() -> Self {
        Self::with_backend(System::default())
    }

    /// Another keeper, with the usual deadline.
    pub fn with_backend(backend: impl Backend) -> Self {
        Self::with_deadline(backend, DEADLINE)
    }

    /// Another keeper and another deadline.
    pub fn with_deadline(mut backend: impl Backend, deadline: Duration) -> Self {
        let (calls, waiting) = mpsc::channel::<Call>();
        let thread = thread::Builder::new().name("secrets".to_owned()).spawn(move || {
            for call in waiting {
                call(&mut backend);
            }
        });
        if let Err(error) = thread {
            // The receiver is gone with the closure, so every call says that the thread is.
            tracing::error!(%error, "the thread of the secret store could not be started");
        }
        Self::at(Keeper { calls, deadline })
    }

    fn at(keeper: Keeper) -> Self {
        Self(Arc::new(RwLock::new(keeper)))
    }

    /// Another handle of the same keeper: it stays with it when this one goes on to another.
    #[must_use]
    pub fn detached(&self) -> Self {
        Self::at(self.keeper())
    }

    /// Goes on to the keeper of another handle, with all clones: for whoever chooses another place for secrets. Calls
    /// under way end where they began; a keeper that does not answer holds nothing up.
    pub fn go_on_to(&self, other: &Self) {
        let keeper = other.keeper();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = keeper;
    }

    fn keeper(&self) -> Keeper {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The secret of an account, or nothing where it has none.
    ///
    /// # Errors
    /// Why it cannot be known.
    pub async fn get(&self, account: &str) -> Result<Option<Secret>, SecretError> {
        let account = account.to_owned();
        self.call(move |backend| backend.get(SERVICE, &account)).await
    }

    /// Keeps a secret in the place of the one that the account has, and proves it by reading it back.
    ///
    /// # Errors
    /// Why it is not kept; [`SecretError::Failed`] also where something else is read back.
    pub async fn set(&self, account: &str, secret: Secret) -> Result<(), SecretError> {
        let account = account.to_owned();
        self.call(move |backend| {
            backend.set(SERVICE, &account, &secret)?;
            match backend.get(SERVICE, &account)? {
                Some(kept) if kept.expose() == secret.expose() => Ok(()),
                Some(_) => Err(SecretError::Failed("another secret was read back".to_owned())),
                None => Err(SecretError::Failed("no secret was read back".to_owned())),
            }
        })
        .await
    }

    /// Forgets the secret of an account; having none is fine.
    ///
    /// # Errors
    /// Why it is still kept.
    pub async fn delete(&self, account: &str) -> Result<(), SecretError> {
        let account = account.to_owned();
        self.call(move |backend| backend.delete(SERVICE, &account)).await
    }

    /// Finds out whether secrets can be kept, without touching one.
    ///
    /// # Errors
    /// Why they cannot.
    pub async fn probe(&self) -> Result<(), SecretError> {
        self.call(|backend| backend.probe(SERVICE)).await
    }

    async fn call<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&mut dyn Backend) -> Result<T, SecretError> + Send + 'static,
    ) -> Result<T, SecretError> {
        let (answer, answered) = oneshot::channel();
        let call: Call = Box::new(move |backend| {
            // Whoever asked may have given up while another call was under way: then this one is not made any more.
            if answer.is_closed() {
                return;
            }
            // A keeper that panics fails this call and not those to come.
            let outcome = catch_unwind(AssertUnwindSafe(|| ask(backend)))
                .unwrap_or_else(|_| Err(SecretError::Failed("the secret store panicked".to_owned())));
            // Nobody may be waiting any more, and then nobody needs the answer.
            drop(answer.send(outcome));
        });
        let gone = || SecretError::Failed("the thread of the secret store is gone".to_owned());
        let Keeper { calls, deadline } = self.keeper();
        calls.send(call).map_err(|_| gone())?;
        match tokio::time::timeout(deadline, answered).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(gone()),
            Err(_) => Err(SecretError::TimedOut),
        }
    }
}
