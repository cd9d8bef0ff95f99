//! The command line: the history without a window, for scripts and for rescue. It starts no webview, shows nothing, contacts
//! nothing, and works beside an open window: both write the same database through SQLite's own locks, and the window notices
//! what changed.
//!
//! What can be asked for is declared here with clap and worded in the catalogues (`program.ftl`): `program-<command>`,
//! `program-<command>-usage`, `program-<command>-<argument>`. A command lives in a file of its own and says how it ended by
//! an [`Exit`]; results go to standard output, everything else to standard error.

mod backup;
mod console;
mod exit;
mod export;
mod import;
mod language;
mod safety;
mod search;
mod transfer;
mod verify;

use std::ffi::OsString;
use std::process::ExitCode;

use capibara6_app::offline::{Missing, Offline, Unlock};
use capibara6_identity::{Secret, SecretStore};
use capibara6_protocol::{AppError, ErrorCode};
use clap::{Args, FromArgMatches as _, Subcommand};
use tokio_util::sync::CancellationToken;

pub use self::console::Console;
pub use self::exit::Exit;
use crate::environment::Home;
use crate::words::Words;

/// What the command line asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Invocation {
    /// Open the window.
    Window,
    /// Print a text: the help, the version.
    Print(String),
    /// Say what is wrong with the command line.
    Refused(String),
    /// Do something without a window.
    Run(Command, Common),
}

/// What can be done without a window.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Brings conversations in.
    Import(import::Import),
    /// Writes conversations out.
    Export(export::Export),
    /// Finds words.
    Search(search::Search),
    /// Copies the history.
    Backup(backup::Backup),
    /// Reads the history and its backups from end to end.
    Verify(verify::Verify),
}

/// What every command takes.
#[derive(Debug, Clone, PartialEq, Eq, Args, Default)]
pub struct Common {
    /// The account whose history is meant; the signed-out space where absent.
    #[arg(long, global = true, value_name = "ACCOUNT")]
    pub account: Option<String>,
    /// Whether the result is written as JSON.
    #[arg(long, global = true)]
    pub json: bool,
    /// Whether progress is kept quiet about even on a terminal.
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Whether the first line of standard input is the recovery passphrase of an encrypted history.
    #[arg(long, global = true)]
    pub passphrase_stdin: bool,
}

impl Common {
    /// What opens an encrypted history.
    fn unlock(&self) -> std::io::Result<Unlock> {
        if !self.passphrase_stdin {
            return Ok(Unlock::Store(SecretStore::system()));
        }
        let mut line = String::new();
        std::io::stdin().read_line(&mut line)?;
        Ok(Unlock::Passphrase(Secret::new(line.trim_end_matches(['\r', '\n']).to_owned())))
    }
}

/// The whole command line, for clap.
#[derive(Debug, Args)]
struct Line {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    common: Common,
}

impl Invocation {
    /// Reads the arguments after the program's name.
    pub fn read(arguments: impl IntoIterator<Item = OsString>, words: &Words, version: &str) -> Self {
        // Older versions of the macOS Finder pass a process serial number to everything they open.
        let serial = |argument: &OsString| {
            cfg!(target_os = "macos") && argument.to_str().is_some_and(|argument| argument.starts_with("-psn_"))
        };
        let arguments = arguments.into_iter().filter(|argument| !serial(argument));
        let line = std::iter::once(OsString::from(language::PROGRAM)).chain(arguments);
        let command = language::speaking(Line::augment_args(clap::Command::new(language::PROGRAM)), words)
            .version(version.to_owned());
        let read = command.try_get_matches_from(line).and_then(|matches| Line::from_arg_matches(&matches));
        match read {
            Ok(Line { command: Some(command), common }) => Self::Run(command, common),
            // Without a command there is nothing these could be about.
            Ok(Line { command: None, common }) if common != Common::default() => {
                Self::Refused(words.say("program-no-command").into_owned())
            }
            Ok(Line { command: None, .. }) => Self::Window,
            Err(error) if !error.use_stderr() => Self::Print(error.to_string().trim_end().to_owned()),
            Err(error) => Self::Refused(language::refusal(&error, words)),
        }
    }
}

/// Runs a command to its end.
pub fn run(command: Command, common: Common, words: Words) -> ExitCode {
    let mut console = Console::new(&common, words);
    let Some(home) = Home::read() else { return console.refuse("program-homeless").into() };
    let unlock = match common.unlock() {
        Ok(unlock) => unlock,
        Err(error) => return console.fail(&AppError::new(ErrorCode::Internal).with_detail(error.to_string())).into(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let exit = match runtime {
        Ok(runtime) => runtime.block_on(perform(command, &common, &home, &unlock, &mut console)),
        Err(error) => console.fail(&AppError::new(ErrorCode::Internal).with_detail(error.to_string())),
    };
    exit.into()
}

async fn perform(command: Command, common: &Common, home: &Home, unlock: &Unlock, console: &mut Console) -> Exit {
    match command {
        Command::Import(import) => import.run(common, home, unlock, console).await,
        Command::Export(export) => export.run(common, home, unlock, console).await,
        Command::Search(search) => search.run(common, home, unlock, console).await,
        Command::Backup(backup) => backup.run(common, home, unlock, console).await,
        Command::Verify(verify) => verify.run(common, home, unlock, console).await,
    }
}

/// Opens the history that is meant.
async fn open(
    common: &Common,
    home: &Home,
    unlock: &Unlock,
    missing: Missing,
    console: &mut Console,
) -> Result<Offline, Exit> {
    Offline::open(home.path(), common.account.as_deref(), unlock, missing).await.map_err(|error| {
        let exit = console.fail(&error);
        let accounts = Offline::accounts(home.path());
        if common.account.is_some() && !accounts.is_empty() && !console.is_json() {
            let accounts = accounts.join(", ");
            let text = console.words().say_with("program-accounts", &[("accounts", &accounts)]).into_owned();
            console.note(&text);
        }
        exit
    })
}

/// Cancelled when the user interrupts the program, or the system ends it: a session that closes, a service that is stopped. A
/// second time ends it at once.
fn interrupted() -> CancellationToken {
    let token = CancellationToken::new();
    let cancel = token.clone();
    tokio::spawn(async move {
        if asked_to_end().await {
            cancel.cancel();
            if asked_to_end().await {
                std::process::exit(i32::from(Exit::Interrupted as u8));
            }
        }
    });
    token
}

/// Waits until somebody asks the program to end; false where nobody can.
#[cfg(unix)]
async fn asked_to_end() -> bool {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminated), Ok(mut hung_up)) = (signal(SignalKind::terminate()), signal(SignalKind::hangup())) else {
        return tokio::signal::ctrl_c().await.is_ok();
    };
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed.is_ok(),
        _ = terminated.recv() => true,
        _ = hung_up.recv() => true,
    }
}

/// Waits until somebody asks the program to end; false where nobody can.
#[cfg(not(unix))]
async fn asked_to_end() -> bool {
    tokio::signal::ctrl_c().await.is_ok()
}

#[cfg(test)]
mod tests;
