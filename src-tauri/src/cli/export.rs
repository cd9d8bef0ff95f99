//! `capibara6 export --format json|markdown|html --out DIR`

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use capibara6_app::offline::{Missing, Unlock};
use capibara6_app::transfer::{Export as Order, Place, Watch};
use capibara6_protocol::{ExportFormat, ExportScope, TransferReport};
use clap::{Args, ValueEnum};
use fluent_bundle::FluentArgs;

use super::{Common, Console, Exit, transfer};
use crate::environment::Home;
use crate::words::Words;

/// Writes conversations out.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Export {
    /// As what.
    #[arg(long, short, default_value = "json", value_name = "FORMAT")]
    format: Format,
    /// The folder that is written to; made where it is not there.
    #[arg(long, short, required = true, value_name = "DIR")]
    out: PathBuf,
}

/// The words for [`ExportFormat`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Json,
    Markdown,
    Html,
}

impl From<Format> for ExportFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Json => Self::Json,
            Format::Markdown => Self::Markdown,
            Format::Html => Self::Html,
        }
    }
}

impl Export {
    /// Writes them.
    pub async fn run(self, common: &Common, home: &Home, unlock: &Unlock, console: &mut Console) -> Exit {
        let history = match super::open(common, home, unlock, Missing::Refuse, console).await {
            Ok(history) => history,
            Err(exit) => return exit,
        };
        // Said before the work and in words about the place: an error of the disk would speak of the history.
        if let Err(error) = usable(&self.out) {
            history.close().await;
            return console.refuse_place("program-out-unusable", &self.out, &error);
        }
        let labels = console.words().labels();
        let order = Order { what: ExportScope::All, format: self.format.into(), to: Place::Folder(self.out) };
        let mut progress = |progress| transfer::draw(console, &progress);
        let watch = Watch { progress: &mut progress, cancel: super::interrupted() };
        let report = history.export(order, labels, watch).await;
        history.close().await;
        transfer::finish(console, &report, said)
    }
}

/// Whether something can be written into a folder, which is made where it is not there.
fn usable(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let probe = folder.join(format!(".capibara6.{}.part", std::process::id()));
    File::options().write(true).create_new(true).open(&probe)?;
    fs::remove_file(probe)
}

fn said(words: &Words, report: &TransferReport) -> String {
    let Some(path) = report.path.as_deref().filter(|_| report.conversations > 0) else {
        return words.say("program-nothing-exported").into_owned();
    };
    let mut values = FluentArgs::new();
    values.set("conversations", report.conversations);
    values.set("path", path.to_owned());
    words.say_of("program-exported", values).into_owned()
}
