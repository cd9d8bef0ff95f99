//! The real window, used like a person uses it: every journey starts the built program in a home of its own, with model
//! servers in the test's own process that say each word when the test lets them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a journey that cannot go on ends here")]

mod accessibility;
mod appearance;
mod backup;
mod branches;
mod chat;
mod consensus;
mod damage;
mod dialogs;
mod encryption;
mod first_run;
mod keyboard;
mod large;
mod lifecycle;
mod narrow;
mod organise;
mod rendering;
mod safety;
mod search;
mod sidebar;
mod sign_in;
mod transfer;
mod trouble;
