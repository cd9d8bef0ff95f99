//! The person's browser: Debian's Chromium, without a display, with a profile that nobody used before, and with no way to
//! any other computer. The program under test starts it as it starts every browser; the journey reads and clicks what is in
//! it. They speak the DevTools protocol over two named pipes, so that no port is opened and nothing has to be installed
//! beside the browser itself; when the journey's end of the pipes closes, the browser ends.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::unix::pipe,
};

use crate::{Process, window::until};

/// Where the systems keep Chromium.
const PROGRAMS: &[&str] = &["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/// Nothing but this computer is ever contacted, and nobody is asked anything but by the pages.
const SWITCHES: &str = "--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run \
    --no-default-browser-check --disable-background-networking --disable-component-update --disable-sync \
    --disable-default-apps --disable-extensions --disable-domain-reliability --no-pings --metrics-recording-only \
    --disable-features=OptimizationHints,MediaRouter,Translate,DialMediaRouteProvider --no-proxy-server --lang=en-US \
    --password-store=basic --use-mock-keychain --window-size=900,1000";

/// How long one answer of the browser may take.
const ANSWER: Duration = Duration::from_secs(20);

/// Writes the program that is started as the browser into a folder: it makes itself a numbered folder below `rooms`, and
/// runs Chromium there with its pipes.
pub(crate) fn write_launcher(script: &Path, rooms: &Path, links: &Path) {
    let chromium = PROGRAMS
        .iter()
        .find(|path| Path::new(path).exists())
        .unwrap_or_else(|| panic!("no Chromium at {PROGRAMS:?}; `make test` installs it"));
    let (rooms, links) = (rooms.display(), links.display());
    // the opener of the system waits for nobody, so neither does this; the pipes open once the journey opens them
    let text = format!(
        "#!/bin/sh\n\
         printf '%s\\n' \"$1\" >> '{links}'\n\
         number=1\n\
         while ! mkdir '{rooms}'/$number 2>/dev/null; do number=$((number + 1)); done\n\
         room='{rooms}'/$number\n\
         mkfifo \"$room/to\" \"$room/from\"\n\
         printf '%s' \"$1\" > \"$room/address\"\n\
         export HOME=\"$room\" XDG_CONFIG_HOME=\"$room\" XDG_CACHE_HOME=\"$room\"\n\
         unset DBUS_SESSION_BUS_ADDRESS\n\
         ( exec '{chromium}' {SWITCHES} --host-resolver-rules='MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost' \
         --user-data-dir=\"$room/profile\" --remote-debugging-pipe about:blank \
         3<\"$room/to\" 4>\"$room/from\" </dev/null >\"$room/out\" 2>&1 ) &\n\
         printf '%s' $! > \"$room/pid.new\" && mv \"$room/pid.new\" \"$room/pid\"\n"
    );
    fs::create_dir_all(rooms.to_string()).expect("the folder of the browsers");
    fs::write(script, text).expect("the browser's launcher is written");
    fs::set_permissions(script, fs::Permissions::from_mode(0o755)).expect("the launcher is executable");
}

/// One browser with one page. It ends when this is dropped.
pub struct Browser {
    to: pipe::Sender,
    from: pipe::Receiver,
    /// Bytes that have arrived behind the last whole message.
    rest: Vec<u8>,
    session: String,
    last_id: u64,
    process: Process,
    room: PathBuf,
}

impl Browser {
    /// Waits until the browser number `number` (from 1) of these rooms was started, and takes it over at the address it was
    /// started with.
    pub(crate) async fn taken_over(rooms: &Path, number: usize) -> Self {
        let room = rooms.join(number.to_string());
        let pid = until(&format!("browser {number} is started"), async || {
            fs::read_to_string(room.join("pid")).ok()?.parse().ok()
        })
        .await;
        let from = pipe::OpenOptions::new().open_receiver(room.join("from")).expect("the browser's pipe");
        // there is a reader once the launcher opens the other end
        let to =
            until("the browser listens", async || pipe::OpenOptions::new().open_sender(room.join("to")).ok()).await;
        let address = fs::read_to_string(room.join("address")).expect("the address");
        let mut browser =
            Self { to, from, rest: Vec::new(), session: String::new(), last_id: 0, process: Process(pid), room };
        let page = loop {
            let targets = browser.call("Target.getTargets", json!({})).await;
            let page = targets["targetInfos"].as_array().and_then(|all| all.iter().find(|one| one["type"] == "page"));
            if let Some(page) = page {
                break page["targetId"].clone();
            }
        };
        let attached = browser.call("Target.attachToTarget", json!({ "targetId": page, "flatten": true })).await;
        attached["sessionId"].as_str().expect("a session").clone_into(&mut browser.session);
        browser.call("Page.enable", json!({})).await;
        browser.visit(&address).await;
        browser
    }

    /// Opens an address, as typed into the address bar.
    pub async fn visit(&mut self, address: &str) {
        self.call("Page.navigate", json!({ "url": address })).await;
    }

    /// The address of the page.
    pub async fn address(&mut self) -> String {
        self.read("location.href").await
    }

    /// Everything that can be read on the page.
    pub async fn text(&mut self) -> String {
        self.read("document.body?.innerText ?? ''").await
    }

    /// Looks until the page says this.
    pub async fn until_says(&mut self, words: &str) {
        let expression = format!("document.body?.innerText.includes({}) === true", json!(words));
        self.until(&format!("the browser says {words:?}"), &expression).await;
    }

    /// Looks until an expression is true on the page; pages may come and go meanwhile.
    pub async fn until(&mut self, what: &str, expression: &str) {
        let begun = std::time::Instant::now();
        loop {
            if self.evaluate(expression).await == Value::Bool(true) {
                return;
            }
            if begun.elapsed() > ANSWER {
                let (address, text) = (self.address().await, self.text().await);
                panic!("waited in vain until {what}; the browser is at {address}:\n{text}");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Clicks the middle of the first element that matches, with the mouse.
    pub async fn click(&mut self, css: &str) {
        let place = format!(
            "(() => {{ const box = document.querySelector({})?.getBoundingClientRect(); \
             return box && box.width > 0 ? [box.x + box.width / 2, box.y + box.height / 2] : null; }})()",
            json!(css)
        );
        self.until(&format!("{css} is on the page"), &format!("{place} !== null")).await;
        let [x, y]: [f64; 2] = self.read(&place).await;
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", event).await;
        }
    }

    /// Types into the first field that matches.
    pub async fn type_into(&mut self, css: &str, text: &str) {
        self.click(css).await;
        self.call("Input.insertText", json!({ "text": text })).await;
    }

    /// The value of an expression on the page.
    pub async fn read<T: DeserializeOwned>(&mut self, expression: &str) -> T {
        let value = self.evaluate(expression).await;
        serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{expression}: {error}: {value}"))
    }

    /// `null` where the expression fails, as while one page makes way for another.
    async fn evaluate(&mut self, expression: &str) -> Value {
        let asked = json!({ "expression": expression, "returnByValue": true });
        self.call("Runtime.evaluate", asked).await["result"]["value"].take()
    }

    /// Ends the browser.
    pub async fn close(self) {
        let process = self.process;
        drop(self);
        until("the browser has ended", async || (!process.is_alive()).then_some(())).await;
    }

    /// One call; what happens meanwhile is not listened to. An error is `null`.
    async fn call(&mut self, method: &str, params: Value) -> Value {
        self.last_id += 1;
        let id = self.last_id;
        let mut message = json!({ "id": id, "method": method, "params": params });
        if !self.session.is_empty() {
            message["sessionId"] = self.session.clone().into();
        }
        let bytes = [message.to_string().as_bytes(), b"\0"].concat();
        let answered = async {
            self.to.write_all(&bytes).await.expect("the browser listens");
            loop {
                let mut message = self.next().await;
                if message["id"] == id {
                    return message["result"].take();
                }
            }
        };
        match tokio::time::timeout(ANSWER, answered).await {
            Ok(result) => result,
            Err(_) => panic!("the browser does not answer to {method}: {}", self.said()),
        }
    }

    /// The next message, which ends with a NUL.
    async fn next(&mut self) -> Value {
        loop {
            if let Some(end) = self.rest.iter().position(|byte| *byte == 0) {
                let message = serde_json::from_slice(&self.rest[..end]).expect("the browser speaks JSON");
                self.rest.drain(..=end);
                return message;
            }
            let mut piece = vec![0; 64 * 1024];
            match self.from.read(&mut piece).await {
                // nobody has opened the other end yet
                Ok(0) if self.last_id == 1 => tokio::time::sleep(Duration::from_millis(5)).await,
                Ok(0) => panic!("the browser has ended: {}", self.said()),
                Ok(count) => self.rest.extend_from_slice(&piece[..count]),
                Err(error) => panic!("the browser cannot be heard: {error}"),
            }
        }
    }

    /// What the browser wrote about itself.
    fn said(&self) -> String {
        fs::read_to_string(self.room.join("out")).unwrap_or_default()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        for process in self.process.family() {
            process.kill();
        }
    }
}

impl std::fmt::Debug for Browser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Browser").field("process", &self.process).finish_non_exhaustive()
    }
}
