//! What keeps a history from being lost while nobody thinks of it: what was found out about its safety in this run of the
//! program, and how its database is opened. The doing is in `app/keeping.rs` and in the store.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, Weak};

use capibara6_protocol::{BackupFailure, BackupProgress};
use capibara6_store::{DatabaseKey, Store, StoreError};

use crate::spaces::History;
use crate::surroundings::Surroundings;

/// What is known in this run of the program.
#[derive(Default)]
pub(crate) struct Keeping {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    running: Option<BackupProgress>,
    failure: Option<BackupFailure>,
    /// The history that is being looked after.
    kept: Option<Weak<History>>,
    /// Databases whose salvage was tried.
    tried: HashSet<PathBuf>,
}

impl Keeping {
    pub(crate) fn running(&self) -> Option<BackupProgress> {
        self.state().running
    }

    /// Something came further; nothing does where absent.
    pub(crate) fn is_at(&self, progress: Option<BackupProgress>) {
        self.state().running = progress;
    }

    pub(crate) fn failure(&self) -> Option<BackupFailure> {
        self.state().failure.clone()
    }

    /// The last attempt to make a backup failed, or (`None`) did not.
    pub(crate) fn ended(&self, failure: Option<BackupFailure>) {
        self.state().failure = failure;
    }

    /// Whether a history is not looked after yet; from now on it is.
    pub(crate) fn takes(&self, history: &std::sync::Arc<History>) -> bool {
        let mut state = self.state();
        let fresh =
            state.kept.as_ref().is_none_or(|kept| !std::ptr::eq(kept.as_ptr(), std::sync::Arc::as_ptr(history)));
        if fresh {
            state.kept = Some(std::sync::Arc::downgrade(history));
        }
        fresh
    }

    /// Whether the salvage of a database was not tried yet in this run; from now on it was.
    pub(crate) fn tries(&self, path: &Path) -> bool {
        self.state().tried.insert(path.to_owned())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that is guarded here can be left half-written by a panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens a database, after a backup where its layout is about to change. One that was found damaged by the program before,
/// which could not do more than say so, is not opened.
pub(crate) async fn open(path: &Path, key: Option<&DatabaseKey>) -> Result<Store, StoreError> {
    if let Ok(detail) = fs::read_to_string(note(path)) {
        return Err(StoreError::Damaged(detail));
    }
    Store::open_kept(path, key, Surroundings::system().now()).await
}

/// Notes for the next start that a database is damaged.
pub(crate) fn note_damage(path: &Path, detail: &str) {
    if let Err(error) = fs::write(note(path), detail) {
        tracing::error!(%error, "the damage cannot be noted");
    }
}

/// The damage was dealt with.
pub(crate) fn forget_damage(path: &Path) {
    let _ = fs::remove_file(note(path));
}

fn note(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-damaged");
    PathBuf::from(name)
}
