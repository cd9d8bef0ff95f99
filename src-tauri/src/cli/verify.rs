//! `capibara6 verify`

use capibara6_app::offline::Unlock;
use capibara6_app::safekeeping;
use clap::Args;
use fluent_bundle::FluentArgs;

use super::{Common, Console, Exit, safety};
use crate::environment::Home;

/// Reads the history and its backups from end to end.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Verify {}

impl Verify {
    /// Reads them.
    pub async fn run(self, common: &Common, home: &Home, unlock: &Unlock, console: &mut Console) -> Exit {
        let (say, hear) = safety::channel();
        let proving = safekeeping::prove(home.path(), common.account.as_deref(), unlock, say);
        let proof = match safety::drawn(console, hear, proving).await {
            Some(Ok(proof)) => proof,
            Some(Err(error)) => return console.fail(&error),
            None => return console.interrupted(),
        };
        let damaged = proof.damaged_backups();
        console.result(&proof, |words| {
            let detail = proof.error.as_ref().and_then(|error| error.detail.clone()).unwrap_or_default();
            let values = || {
                let mut values = FluentArgs::new();
                values.set("path", proof.path.clone());
                values.set("detail", detail.clone());
                values.set("backups", proof.backups.len());
                values.set("damaged", damaged);
                values
            };
            let history = if proof.error.is_none() { "program-verified" } else { "program-verify-damaged" };
            let backups = if damaged == 0 { "program-verified-backups" } else { "program-verify-damaged-backups" };
            format!("{}\n{}", words.say_of(history, values()), words.say_of(backups, values()))
        });
        if proof.error.is_some() {
            Exit::Failed
        } else if damaged > 0 {
            Exit::Partly
        } else {
            Exit::Done
        }
    }
}
