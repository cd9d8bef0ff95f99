//! tauri-driver with WebKitWebDriver below it and the program below that, as one process group with ports of its own.

use std::{
    env, fs,
    fs::File,
    net::TcpListener,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::json;
use thirtyfour::{Capabilities, WebDriver};

use crate::{Home, Process};

/// How long the driver may take until it answers.
const START: Duration = Duration::from_secs(20);

/// A running tauri-driver. Dropping it ends everything it started.
#[derive(Debug)]
pub(crate) struct Driver {
    child: Child,
    address: String,
}

impl Driver {
    /// Starts one for a program that will live in `home`; the environment is passed down.
    pub(crate) async fn start(home: &Home) -> Self {
        require_a_desktop();
        let [port, native_port] = free_ports();
        let log = File::create(home.path("driver.out")).expect("the driver's log can be written");
        let mut command = Command::new(tauri_driver());
        for name in Home::UNSET {
            command.env_remove(name);
        }
        let child = command
            .args(["--port", &port.to_string(), "--native-port", &native_port.to_string()])
            .envs(home.environment())
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a file handle can be copied"))
            .stderr(log)
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("tauri-driver could not be started ({error}); `make test` installs it"));
        let driver = Self { child, address: format!("http://127.0.0.1:{port}") };
        let begun = Instant::now();
        // the driver proxies to WebKitWebDriver: when that listens, both do
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err()
            || std::net::TcpStream::connect(("127.0.0.1", native_port)).is_err()
        {
            assert!(begun.elapsed() < START, "the driver does not answer: {}", driver_log(home));
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        driver
    }

    /// Starts the program and connects to its window.
    pub(crate) async fn session(&self, home: &Home) -> WebDriver {
        let mut capabilities = Capabilities::new();
        let options = json!({ "application": program() });
        capabilities.set("tauri:options", options).expect("JSON");
        WebDriver::builder(self.address.as_str(), capabilities)
            .request_timeout(Duration::from_secs(60))
            .await
            .unwrap_or_else(|error| panic!("no session with the window: {error}\n{}\n{}", driver_log(home), home.log()))
    }

    /// The program's process.
    pub(crate) fn program(&self) -> Process {
        let program = fs::canonicalize(program()).expect("the program exists");
        let family = Process(self.child.id()).family();
        *family
            .iter()
            .find(|process| process.program().as_deref() == Some(program.as_path()))
            .unwrap_or_else(|| panic!("the program does not run below the driver: {family:?}"))
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        Process(self.child.id()).kill_group();
        self.child.wait().ok();
    }
}

/// The program under test: `CAPIBARA6_BIN`, or the debug build of this workspace.
pub fn program() -> PathBuf {
    let program = env::var_os("CAPIBARA6_BIN").map_or_else(
        || {
            let target = env::var_os("CARGO_TARGET_DIR")
                .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"), PathBuf::from);
            target.join("debug/capibara6")
        },
        PathBuf::from,
    );
    fs::canonicalize(&program).unwrap_or_else(|error| {
        panic!("{}: {error}; `make test` builds it, or CAPIBARA6_BIN names another one", program.display())
    })
}

/// tauri-driver from the search path or from where cargo installs programs.
fn tauri_driver() -> PathBuf {
    let cargo = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo")))
        .map(|dir| dir.join("bin/tauri-driver"));
    cargo.filter(|path| path.exists()).unwrap_or_else(|| PathBuf::from("tauri-driver"))
}

/// Ends a journey that would otherwise hang or fail in a way that is hard to read.
fn require_a_desktop() {
    let absent: Vec<&str> = ["DISPLAY", "DBUS_SESSION_BUS_ADDRESS"]
        .into_iter()
        .filter(|name| env::var_os(name).is_none_or(|value| value.is_empty()))
        .collect();
    assert!(
        absent.is_empty(),
        "no desktop to open a window on ({absent:?} not set): run the journeys with `make test`"
    );
}

/// Two ports that nobody listens on now.
fn free_ports() -> [u16; 2] {
    [(); 2]
        .map(|()| TcpListener::bind(("127.0.0.1", 0)).expect("a free port"))
        .map(|listener| listener.local_addr().expect("a bound address").port())
}

fn driver_log(home: &Home) -> String {
    fs::read_to_string(home.path("driver.out")).unwrap_or_default()
}
