//! The program as a script runs it, with a data directory of its own and nobody who keeps secrets.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use capibara6_journeys::{Home, program};
use serde_json::Value;
use tempfile::TempDir;

/// A data directory.
pub struct Data(TempDir);

/// How a command ended, and what it said.
#[derive(Debug, PartialEq, Eq)]
pub struct Ended {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ended {
    /// The one line of JSON that was printed.
    #[track_caller]
    pub fn json(&self) -> Value {
        assert_eq!((self.out.lines().count(), self.err.as_str()), (1, ""), "{self:?}");
        serde_json::from_str(&self.out).expect("JSON")
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
        Self { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }
}

impl Data {
    /// An empty one.
    pub fn new() -> Self {
        Self(tempfile::Builder::new().prefix("program-").tempdir().expect("a folder"))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The database.
    pub fn database(&self) -> PathBuf {
        self.path().join("capibara6.db")
    }

    /// The names of the backups, sorted.
    pub fn backups(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.path().join("backups")).into_iter().flatten().flatten();
        let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// A command of the program, in English.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program());
        for name in Home::UNSET {
            command.env_remove(name);
        }
        command
            .args(arguments)
            .env("CAPIBARA6_HOME", self.path())
            .env("LANG", "en_US.UTF-8")
            // nothing here is encrypted: whoever asked for a secret would fail
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &[&str]) -> Ended {
        self.command(arguments).output().expect("the program runs").into()
    }

    /// Runs it, and expects it to do all of what it should.
    #[track_caller]
    pub fn done(&self, arguments: &[&str]) -> Ended {
        let ended = self.run(arguments);
        assert_eq!(ended.code, Some(0), "{arguments:?}: {ended:?}");
        ended
    }

    /// Brings in a document.
    #[track_caller]
    pub fn import(&self, document: &Value) {
        let file = self.path().join("import.json");
        std::fs::write(&file, document.to_string()).expect("a file");
        self.done(&["import", &file.display().to_string()]);
        std::fs::remove_file(file).expect("the file");
    }
}
