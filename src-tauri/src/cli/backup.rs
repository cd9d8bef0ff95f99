//! `capibara6 backup [--list]`

use capibara6_app::offline::Unlock;
use capibara6_app::safekeeping;
use capibara6_protocol::{BackupEntry, BackupState};
use clap::Args;
use fluent_bundle::FluentArgs;

use super::{Common, Console, Exit, safety};
use crate::environment::Home;

/// Copies the history.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Backup {
    /// Whether the backups at hand are listed instead.
    #[arg(long, short)]
    list: bool,
}

impl Backup {
    /// Makes one, or lists them.
    pub async fn run(self, common: &Common, home: &Home, unlock: &Unlock, console: &mut Console) -> Exit {
        let account = common.account.as_deref();
        if self.list {
            return match safekeeping::backups(home.path(), account, unlock).await {
                Ok((_, entries)) => {
                    console.result(&entries, |_| entries.iter().map(line).collect::<Vec<_>>().join("\n"));
                    if entries.is_empty() { Exit::Nothing } else { Exit::Done }
                }
                Err(error) => console.fail(&error),
            };
        }
        let (say, hear) = safety::channel();
        let making = safekeeping::back_up(home.path(), account, unlock, say);
        match safety::drawn(console, hear, making).await {
            Some(Ok(made)) => {
                let folder = safekeeping::backups(home.path(), account, unlock).await.map(|(folder, _)| folder);
                let path = format!("{}{}{}.db", folder.unwrap_or_default(), std::path::MAIN_SEPARATOR, made.id);
                console.result(&made, |words| {
                    let mut values = FluentArgs::new();
                    values.set("messages", made.messages);
                    values.set("path", path);
                    words.say_of("program-backed-up", values).into_owned()
                });
                Exit::Done
            }
            Some(Err(error)) => console.fail(&error),
            None => console.interrupted(),
        }
    }
}

/// A backup as a line: its name, its size, what it holds, and whether it can be relied on.
fn line(entry: &BackupEntry) -> String {
    let state = match entry.state {
        BackupState::Good => "good",
        BackupState::Damaged => "damaged",
        BackupState::Newer => "newer",
    };
    format!("{}\t{}\t{}\t{}\t{state}", entry.id, entry.bytes, entry.conversations, entry.messages)
}
