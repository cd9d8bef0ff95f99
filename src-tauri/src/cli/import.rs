//! `capibara6 import FILE…`

use std::path::PathBuf;

use capibara6_app::offline::{Missing, Unlock};
use capibara6_app::transfer::{Import as Order, Watch};
use capibara6_protocol::TransferReport;
use clap::Args;
use fluent_bundle::FluentArgs;

use super::{Common, Console, Exit, transfer};
use crate::environment::Home;
use crate::words::Words;

/// Brings conversations in.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Import {
    /// The files.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Import {
    /// Brings them in, one file after the other.
    pub async fn run(self, common: &Common, home: &Home, unlock: &Unlock, console: &mut Console) -> Exit {
        let history = match super::open(common, home, unlock, Missing::Begin, console).await {
            Ok(history) => history,
            Err(exit) => return exit,
        };
        let mut progress = |progress| transfer::draw(console, &progress);
        let watch = Watch { progress: &mut progress, cancel: super::interrupted() };
        let report = history.import(Order { files: self.files }, watch).await;
        history.close().await;
        transfer::finish(console, &report, said)
    }
}

fn said(words: &Words, report: &TransferReport) -> String {
    let mut values = FluentArgs::new();
    values.set("conversations", report.conversations);
    values.set("messages", report.messages);
    values.set("grown", report.grown);
    values.set("known", report.already_there);
    words.say_of("program-imported", values).into_owned()
}
