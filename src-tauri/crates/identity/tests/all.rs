//! The secret store: against keepers that misbehave, and against the real one in each of its states.
#![allow(clippy::expect_used, clippy::panic, reason = "a test stops where it fails, in its helpers as well")]

#[path = "suite/deadline.rs"]
mod deadline;
#[cfg(target_os = "linux")]
#[path = "suite/secret_service.rs"]
mod secret_service;
