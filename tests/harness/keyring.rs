//! A session bus with a Secret Service of its own, in each of the states in which people have one: absent, locked, unlocked. It
//! is the real one (gnome-keyring), in a folder of its own; nothing of the tester's session is seen or touched.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use tempfile::TempDir;

use crate::{Process, window::until};

/// The name under which the Secret Service is found on the bus.
const NAME: &str = "org.freedesktop.secrets";

/// A bus that starts nothing by itself, so that only what is named here runs.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=FOLDER</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

/// A session bus, and what keeps secrets on it. It ends when this is dropped.
#[derive(Debug)]
pub struct Keyring {
    folder: TempDir,
    bus: Child,
    address: String,
    daemon: Option<Child>,
}

impl Keyring {
    /// A bus on which nobody keeps secrets.
    pub fn absent() -> Self {
        let folder = tempfile::Builder::new().prefix("keyring-").tempdir().expect("a temporary directory");
        for name in ["run", "data", "data/keyrings"] {
            fs::create_dir(folder.path().join(name)).expect("a folder in the temporary directory");
        }
        let config = folder.path().join("bus.conf");
        let run = folder.path().join("run");
        fs::write(&config, BUS.replace("FOLDER", &run.display().to_string())).expect("the bus's settings are written");
        let mut bus = Command::new("dbus-daemon")
            .arg(format!("--config-file={}", config.display()))
            .args(["--nofork", "--nopidfile", "--print-address=1"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("dbus-daemon starts; `make test` installs it");
        let mut address = String::new();
        let out = bus.stdout.take().expect("a pipe");
        BufReader::new(out).read_line(&mut address).expect("the bus says its address");
        Self { folder, bus, address: address.trim().to_owned(), daemon: None }
    }

    /// A keyring that is open.
    pub async fn unlocked() -> Self {
        let mut this = Self::absent();
        this.start(Some("password")).await;
        this
    }

    /// A keyring that somebody has, and that is locked.
    pub async fn locked() -> Self {
        let mut this = Self::unlocked().await;
        this.store("kept", "locked away");
        this.lock().await;
        this
    }

    /// Locks it: the daemon starts anew, and nobody says the password.
    pub async fn lock(&mut self) {
        self.stop().await;
        self.start(None).await;
    }

    async fn start(&mut self, password: Option<&str>) {
        let mut command = self.command("gnome-keyring-daemon");
        command.args(["--foreground", "--components=secrets"]).stdout(Stdio::null()).stderr(Stdio::null());
        if password.is_some() {
            command.arg("--unlock").stdin(Stdio::piped());
        } else {
            command.stdin(Stdio::null());
        }
        let mut daemon = command.spawn().expect("gnome-keyring-daemon starts; `make test` installs it");
        if let (Some(password), Some(mut input)) = (password, daemon.stdin.take()) {
            input.write_all(password.as_bytes()).expect("the daemon takes the password");
        }
        self.daemon = Some(daemon);
        until("the keyring is on the bus", async || self.is_there().then_some(())).await;
    }

    async fn stop(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            Process(daemon.id()).terminate();
            daemon.wait().expect("the daemon ends");
            until("the keyring has left the bus", async || (!self.is_there()).then_some(())).await;
        }
    }

    fn is_there(&self) -> bool {
        let asked = self
            .command("dbus-send")
            .args(["--session", "--print-reply", "--dest=org.freedesktop.DBus", "/"])
            .args(["org.freedesktop.DBus.NameHasOwner", &format!("string:{NAME}")])
            .output();
        asked.is_ok_and(|answer| String::from_utf8_lossy(&answer.stdout).contains("boolean true"))
    }

    /// The bus's address, for `DBUS_SESSION_BUS_ADDRESS`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Everything that the program keeps there, as the tool of the system prints it: names, and the secrets themselves.
    pub fn kept(&self) -> String {
        let Output { stdout, stderr, .. } = self
            .command("secret-tool")
            .args(["search", "--all", "service", "capibara6"])
            .output()
            .expect("secret-tool runs; `make test` installs it");
        format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr))
    }

    fn store(&self, account: &str, secret: &str) {
        let mut tool = self
            .command("secret-tool")
            .args(["store", "--label=kept", "service", "another", "username", account])
            .stdin(Stdio::piped())
            .spawn()
            .expect("secret-tool runs; `make test` installs it");
        tool.stdin.take().expect("a pipe").write_all(secret.as_bytes()).expect("the secret is said");
        assert!(tool.wait().expect("secret-tool ends").success());
    }

    /// A command that lives in this session.
    fn command(&self, program: &str) -> Command {
        let folder: &Path = self.folder.path();
        let mut command = Command::new(program);
        command
            .env("DBUS_SESSION_BUS_ADDRESS", &self.address)
            .env("HOME", folder)
            .env("XDG_RUNTIME_DIR", folder.join("run"))
            .env("XDG_DATA_HOME", folder.join("data"))
            .env_remove("GNOME_KEYRING_CONTROL")
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY");
        command
    }
}

impl Drop for Keyring {
    fn drop(&mut self) {
        for child in self.daemon.iter_mut().chain([&mut self.bus]) {
            child.kill().ok();
            child.wait().ok();
        }
    }
}
