//! How a command ended, as scripts see it. The numbers are a promise: `docs/command-line.md` lists them.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// All of it was done.
    Done = 0,
    /// It could not be done, or not to the end.
    Failed = 1,
    /// The command line is wrong; nothing was done.
    Usage = 2,
    /// It was done, and something was left out, which the output names.
    Partly = 3,
    /// There was nothing to be found or done.
    Nothing = 4,
    /// The user or the system ended it (128 and the number of Ctrl+C's signal, as shells do).
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
