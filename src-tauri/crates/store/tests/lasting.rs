//! What it takes to lose a history: backups, damaged files, databases of earlier programs, and everything that can go wrong
//! while one is written. Apart from the other tests, because these take disks and processes of their own.
#![allow(clippy::expect_used, clippy::panic, reason = "a test stops where it fails, in its helpers as well")]

#[path = "lasting/backups.rs"]
mod backups;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[path = "lasting/failing.rs"]
mod failing;
#[path = "lasting/faults.rs"]
mod faults;
#[path = "lasting/released.rs"]
mod released;
#[path = "lasting/salvage.rs"]
mod salvage;
#[allow(dead_code, reason = "the other tests use the rest of it")]
#[path = "suite/stage.rs"]
mod stage;
#[cfg(unix)]
#[path = "lasting/timed.rs"]
mod timed;
