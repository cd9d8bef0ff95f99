//! Use cases of the desktop client: what the commands call.
#![allow(missing_docs, dead_code)]
mod frames;
mod routing;
mod text;
mod titles;
