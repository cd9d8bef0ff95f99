//! The built program without a window: its command line as scripts and people in need use it, and the files that it writes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on ends here")]

mod canary;
mod command;
mod pages;
mod rescue;
