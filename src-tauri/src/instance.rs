//! One program per data directory. A second start raises the window of the first; two data directories are two programs that
//! know nothing of each other.
//!
//! Two means: the single-instance plugin, which finds the other program and wakes it, and a lock on a file in the data
//! directory, which also holds where the plugin has nothing to work with (no session bus) or the other is about to end.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::environment::Home;

/// How long a program that is about to end may take to let go of the data directory.
const PATIENCE: Duration = Duration::from_secs(4);

/// The name by which the system knows this program: the usual one, or one per chosen data directory.
pub fn identifier(usual: &str, home: &Home) -> String {
    match home {
        Home::Usual(_) => usual.to_owned(),
        Home::Chosen(path) => format!("{usual}.home-{:016x}", fingerprint(path.as_os_str().as_encoded_bytes())),
    }
}

/// FNV-1a, 64 bits: short, and the same in every build, which the standard library's hash does not promise.
/// <https://datatracker.ietf.org/doc/html/draft-eastlake-fnv>
fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// How often a start that could not reach the other program is begun again, and what is waited before.
const ATTEMPTS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(100);

/// Counts the attempts of one start.
const ATTEMPT_VARIABLE: &str = "CAPIBARA6_START_ATTEMPT";

/// Begins the start again where the plugin failed because the other program died while it was being asked: until the session
/// bus has noticed, its name is taken and answers nobody. Gives every other error back, and this one in the end.
pub fn try_again(error: tauri::Error) -> tauri::Error {
    let is_race = matches!(&error, tauri::Error::PluginInitialization(plugin, _) if plugin == "single-instance");
    let attempt = std::env::var(ATTEMPT_VARIABLE).ok().and_then(|count| count.parse().ok()).unwrap_or(0_u32);
    if is_race && attempt < ATTEMPTS {
        tracing::info!(%error, attempt, "the other program is gone; beginning again");
        std::thread::sleep(PAUSE);
        begin_again(attempt + 1);
    }
    error
}

/// Replaces this process by a new start: a toolkit that was set up cannot be set up twice. Returns only where that fails.
#[cfg(unix)]
fn begin_again(attempt: u32) {
    use std::os::unix::process::CommandExt as _;

    if let Ok(program) = std::env::current_exe() {
        let arguments = std::env::args_os().skip(1);
        let error =
            std::process::Command::new(program).args(arguments).env(ATTEMPT_VARIABLE, attempt.to_string()).exec();
        tracing::warn!(%error, "the start could not be begun again");
    }
}

/// Other systems' plugins ask no bus.
#[cfg(not(unix))]
fn begin_again(_attempt: u32) {}

/// Whether this program may use the data directory.
#[derive(Debug)]
pub enum Claim {
    /// It is ours until this is dropped or the process ends, however it ends.
    Ours(File),
    /// The file system knows no locks, or the directory cannot be written: nobody can tell.
    Unknown(io::Error),
    /// Another program has it.
    Taken,
}

/// Claims the data directory. Waits a little for another program that has it, and only then.
pub fn claim(home: &Path) -> Claim {
    let file = match File::create(home.join("instance.lock")) {
        Ok(file) => file,
        Err(error) => return Claim::Unknown(error),
    };
    let until = Instant::now() + PATIENCE;
    loop {
        match file.try_lock() {
            Ok(()) => return Claim::Ours(file),
            Err(TryLockError::WouldBlock) if Instant::now() < until => std::thread::sleep(Duration::from_millis(20)),
            Err(TryLockError::WouldBlock) => return Claim::Taken,
            Err(TryLockError::Error(error)) => return Claim::Unknown(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn one_name_per_data_directory() {
        let name = |home| identifier("org.example.app", &home);
        assert_eq!(name(Home::Usual(PathBuf::from("/home/a"))), "org.example.app");
        assert_eq!(name(Home::Chosen(PathBuf::from("a"))), "org.example.app.home-af63dc4c8601ec8c");
        assert_ne!(name(Home::Chosen(PathBuf::from("/a"))), name(Home::Chosen(PathBuf::from("/b"))));
    }

    #[test]
    fn a_directory_is_claimed_again_once_it_is_let_go() {
        let home = tempfile::tempdir().expect("a directory");
        let first = claim(home.path());
        assert!(matches!(first, Claim::Ours(_)), "{first:?}");
        drop(first);
        let second = claim(home.path());
        assert!(matches!(second, Claim::Ours(_)), "{second:?}");
    }

    #[test]
    fn a_directory_that_is_in_use_is_waited_for() {
        let home = tempfile::tempdir().expect("a directory");
        let first = claim(home.path());
        std::thread::scope(|scope| {
            let second = scope.spawn(|| claim(home.path()));
            drop(first);
            let second = second.join().expect("a claim");
            assert!(matches!(second, Claim::Ours(_)), "{second:?}");
        });
    }

    #[test]
    fn a_directory_that_is_not_there_cannot_be_claimed() {
        let home = tempfile::tempdir().expect("a directory");
        let claim = claim(&home.path().join("missing"));
        assert!(matches!(claim, Claim::Unknown(_)), "{claim:?}");
    }
}
