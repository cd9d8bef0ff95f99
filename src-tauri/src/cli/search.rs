//! `capibara6 search TEXT`

use capibara6_protocol::ErrorCode;
use clap::Args;

use super::{Common, Console, Exit};
use crate::environment::Home;

/// Finds words.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Search {
    /// What is looked for; several words are one text.
    #[arg(required = true, value_name = "TEXT")]
    text: Vec<String>,
    /// At most this many hits.
    #[arg(long, short, default_value_t = 20, value_name = "COUNT")]
    limit: u32,
}

impl Search {
    /// Finds them.
    pub async fn run(&self, _common: &Common, _home: &Home, console: &mut Console) -> Exit {
        console.fail(&ErrorCode::Internal.into())
    }
}
