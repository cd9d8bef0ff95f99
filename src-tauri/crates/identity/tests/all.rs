//! Signing in, sessions and the secret store: against servers and keepers that misbehave, and against the real keeper in
//! each of its states.
#![allow(clippy::expect_used, clippy::panic, reason = "a test stops where it fails, in its helpers as well")]
#![allow(clippy::significant_drop_tightening, reason = "nothing waits for what a test holds")]

#[path = "suite/canary.rs"]
mod canary;
#[path = "suite/deadline.rs"]
mod deadline;
#[path = "suite/device.rs"]
mod device;
#[path = "suite/fleet.rs"]
mod fleet;
#[path = "suite/keeping.rs"]
mod keeping;
#[path = "suite/listener.rs"]
mod listener;
#[path = "suite/oidc.rs"]
mod oidc;
#[cfg(target_os = "linux")]
#[path = "suite/secret_service.rs"]
mod secret_service;
#[path = "suite/sessions.rs"]
mod sessions;
#[path = "suite/stage.rs"]
mod stage;
