//! `capibara6 export --format json|markdown|html --out DIR`

use std::path::PathBuf;

use capibara6_protocol::{ErrorCode, ExportFormat};
use clap::{Args, ValueEnum};

use super::{Common, Console, Exit};
use crate::environment::Home;

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
    pub async fn run(&self, _common: &Common, _home: &Home, console: &mut Console) -> Exit {
        let _: ExportFormat = self.format.into();
        console.fail(&ErrorCode::Internal.into())
    }
}
