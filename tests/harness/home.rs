//! A home for one program under test: its data directory, its profile, its language, and a stand-in for the browser that
//! writes down which links it was given. It is a temporary directory; the user's own files are never touched.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use capibara6_testkit::ModelServer;
use tempfile::TempDir;

use crate::{
    browser::{Browser, write_launcher},
    profile::profile_for,
};

/// What a program under test starts with. Survives kills and restarts; removed when dropped.
#[derive(Debug)]
pub struct Home {
    dir: TempDir,
    environment: Vec<(String, String)>,
}

impl Home {
    /// An empty home: the first run. English; nothing is chosen.
    pub fn first_run() -> Self {
        let dir = tempfile::Builder::new().prefix("journey-").tempdir().expect("a temporary directory");
        let home = Self { dir, environment: Vec::new() };
        for folder in ["data", "config", "cache", "share", "bin"] {
            fs::create_dir(home.path(folder)).expect("a folder in the temporary directory");
        }
        // whatever the desktop would start for a link (xdg-open asks BROWSER where there is no desktop), it is this
        let recorder = format!("#!/bin/sh\nprintf '%s\\n' \"$1\" >> '{}'\n", home.path("links").display());
        for name in ["browser", "xdg-open"] {
            let script = home.path("bin").join(name);
            fs::write(&script, &recorder).expect("the recorder is written");
            fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("the recorder is executable");
        }
        home.with("LANG", "en_US.UTF-8")
    }

    /// A home whose profile is this TOML text, used at once without onboarding.
    pub fn with_profile(toml: &str) -> Self {
        let home = Self::first_run();
        let path = home.path("profile.toml");
        fs::write(&path, toml).expect("the profile is written");
        let path = path.to_str().expect("a temporary path is UTF-8").to_owned();
        home.with("CAPIBARA6_PROFILE", &path)
    }

    /// A home whose profile has the one model of this server.
    pub fn of(server: &ModelServer) -> Self {
        Self::with_profile(&profile_for(server))
    }

    /// The same home with a real browser in the place of the recorder: what the program opens, [`Home::browser`] shows.
    #[must_use]
    pub fn with_browser(self) -> Self {
        for name in ["browser", "xdg-open"] {
            write_launcher(&self.path("bin").join(name), &self.path("browsers"), &self.path("links"));
        }
        self
    }

    /// The same home on the session bus of this keyring.
    #[must_use]
    pub fn with_keyring(self, keyring: &crate::Keyring) -> Self {
        self.with("DBUS_SESSION_BUS_ADDRESS", keyring.address())
    }

    /// Whether any file of this home outside of the browsers' folders holds these bytes, wherever the program or its webview
    /// put it; and which one, for a person who wants to know.
    pub fn leak(&self, text: &str) -> Option<PathBuf> {
        fn look(dir: &Path, needle: &[u8]) -> Option<PathBuf> {
            fs::read_dir(dir).into_iter().flatten().flatten().find_map(|entry| {
                let path = entry.path();
                if path.is_dir() {
                    return look(&path, needle);
                }
                let holds = fs::read(&path).unwrap_or_default().windows(needle.len()).any(|window| window == needle);
                holds.then_some(path)
            })
        }
        ["data", "config", "cache", "share"].iter().find_map(|folder| look(&self.path(folder), text.as_bytes()))
    }

    /// The browser that was opened as number `number`, from 1, once it is there.
    pub async fn browser(&self, number: usize) -> Browser {
        Browser::taken_over(&self.path("browsers"), number).await
    }

    /// Opens an address in a browser as the program does, without the program; for a home [`Home::with_browser`].
    pub async fn open(&self, address: &str) -> Browser {
        let rooms = || fs::read_dir(self.path("browsers")).map_or(0, Iterator::count);
        let number = rooms() + 1;
        let mut launcher = std::process::Command::new(self.path("bin").join("browser"));
        let status = launcher.arg(address).status().expect("the launcher runs");
        assert!(status.success(), "the launcher fails: {status}");
        self.browser(number).await
    }

    /// The same home with a variable of the environment set; a later value replaces an earlier one.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The data directory (`CAPIBARA6_HOME`).
    pub fn data(&self) -> PathBuf {
        self.path("data")
    }

    /// The database.
    pub fn database(&self) -> PathBuf {
        self.data().join("capibara6.db")
    }

    /// The links that the program gave to the browser so far, oldest first.
    pub fn opened_links(&self) -> Vec<String> {
        fs::read_to_string(self.path("links")).unwrap_or_default().lines().map(str::to_owned).collect()
    }

    /// All text of the program's log files.
    pub fn log(&self) -> String {
        fn collect(dir: &Path, text: &mut String) {
            for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    collect(&path, text);
                } else if path.file_name().is_some_and(|name| name.to_string_lossy().contains(".log")) {
                    text.push_str(&String::from_utf8_lossy(&fs::read(&path).unwrap_or_default()));
                }
            }
        }
        let mut text = String::new();
        collect(&self.data(), &mut text);
        text
    }

    /// Whether a file below the data directory holds these bytes.
    pub fn holds(&self, text: &str) -> bool {
        fn look(dir: &Path, needle: &[u8]) -> bool {
            fs::read_dir(dir).into_iter().flatten().flatten().any(|entry| {
                let path = entry.path();
                if path.is_dir() {
                    look(&path, needle)
                } else {
                    fs::read(&path).unwrap_or_default().windows(needle.len()).any(|window| window == needle)
                }
            })
        }
        look(&self.data(), text.as_bytes())
    }

    /// The complete environment that sets this home apart: name and value.
    pub fn environment(&self) -> Vec<(String, String)> {
        let path = |name: &str| self.path(name).to_str().expect("a temporary path is UTF-8").to_owned();
        let search = std::env::var("PATH").unwrap_or_default();
        let mut environment = vec![
            ("CAPIBARA6_HOME".to_owned(), path("data")),
            ("XDG_CONFIG_HOME".to_owned(), path("config")),
            ("XDG_CACHE_HOME".to_owned(), path("cache")),
            ("XDG_DATA_HOME".to_owned(), path("share")),
            ("BROWSER".to_owned(), self.path("bin").join("browser").display().to_string()),
            ("PATH".to_owned(), format!("{}:{search}", path("bin"))),
            // the accessibility bus of the desktop is not part of these journeys, and waiting for one takes time
            ("NO_AT_BRIDGE".to_owned(), "1".to_owned()),
        ];
        environment.extend(self.environment.iter().cloned());
        environment
    }

    /// Variables of the tester's own environment that would decide what the program does.
    pub const UNSET: &'static [&'static str] = &[
        "LC_ALL",
        "LC_MESSAGES",
        "LANGUAGE",
        "CAPIBARA6_PROFILE",
        "XDG_CURRENT_DESKTOP",
        "DESKTOP_SESSION",
        "GTK_THEME",
    ];

    /// A path inside the home, outside of the data directory unless it begins with `data`.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
}
