//! The use cases against loopback servers that speak the real protocols, with a real database in a directory of its own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // the helpers beside the tests fail them by panicking

mod suite;
