//! `capibara6 import FILE…`

use std::path::PathBuf;

use capibara6_protocol::ErrorCode;
use clap::Args;

use super::{Common, Console, Exit};
use crate::environment::Home;

/// Brings conversations in.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Import {
    /// The files.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Import {
    /// Brings them in, one file after the other.
    pub async fn run(&self, _common: &Common, _home: &Home, console: &mut Console) -> Exit {
        console.fail(&ErrorCode::Internal.into())
    }
}
