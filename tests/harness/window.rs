//! The window under test, used like a person uses it: clicks, keys, and looking until something is there. No method waits
//! for a time; each waits for a condition and fails with a sentence when it does not come true in [`PATIENCE`].

use std::{
    env, fs,
    fs::File,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use serde::de::DeserializeOwned;
use serde_json::Value;
use thirtyfour::{By, Key, WebDriver, WebElement, error::WebDriverResult};
use tokio::runtime::{Handle, RuntimeFlavor};

use crate::{
    Home, Process, Shown,
    display::Display,
    driver::Driver,
    page::{MESSAGES, NAMED, Noted, OUTLINE, PAINT, PAINT_NO_MORE, WATCH},
};

/// How long a journey waits for what must come. Far more than it takes, because a busy machine is not a defect of the program:
/// with five times as much to do as it has processors, the longest wait was for five seconds. No journey waits for what the
/// program does in its own time, such as asking servers for their state every 20 s: it has it done at once.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The settings themselves; the button that opens them has the same test id.
pub const SETTINGS: &str = "dialog [data-testid=\"settings\"]";

/// Returns when what stands in the page has been painted.
pub const TWO_FRAMES: &str =
    "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()))";

/// X keysyms.
const CONTROL: u32 = 0xffe3;
const A: u32 = 0x61;
const RETURN: u32 = 0xff0d;

/// How long a person waits before a key that did nothing is struck again.
const AGAIN: Duration = Duration::from_secs(1);

/// How often a condition is looked at.
const GLANCE: Duration = Duration::from_millis(20);

/// Looks until the probe gives something; fails, naming `what`, when [`PATIENCE`] ends.
pub async fn until<T>(what: &str, mut probe: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = probe().await {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "waited in vain until {what}");
        tokio::time::sleep(GLANCE).await;
    }
}

/// The program's window. A journey ends with [`Window::close`], [`Window::kill`] or [`Window::quit`].
pub struct Window {
    driver: WebDriver,
    host: Driver,
    program: Process,
    home: Option<Home>,
    noted: Noted,
    ended: bool,
    _turn: File,
}

impl Window {
    /// Starts the program in this home and waits until it can be used. One window at a time on a machine: others wait.
    pub async fn open(home: Home) -> Self {
        assert_eq!(
            Handle::current().runtime_flavor(),
            RuntimeFlavor::MultiThread,
            "a journey takes its picture on another thread: #[tokio::test(flavor = \"multi_thread\")]"
        );
        let turn = tokio::task::spawn_blocking(take_turn).await.expect("the turn is taken");
        let host = Driver::start(&home).await;
        let driver = host.session(&home).await;
        // the driver ends with its process group; a polite end of the session would only take time
        driver.clone().leak().ok();
        let program = host.program();
        let window =
            Self { driver, host, program, home: Some(home), noted: Noted::default(), ended: false, _turn: turn };
        window.watch().await;
        window.until_ready().await;
        window
    }

    /// Waits for `data-ready`.
    async fn until_ready(&self) {
        self.until_script(
            "the window can be used",
            r#"return document.querySelector('[data-testid="app"][data-ready="true"]') !== null"#,
        )
        .await;
    }

    async fn watch(&self) {
        self.script(WATCH, &[]).await;
    }

    /// Loads the page anew, as a crashed or reloaded webview does, and waits until it can be used again.
    pub async fn reload(&mut self) {
        self.collect_notes().await;
        self.driver.refresh().await.expect("the page is loaded again");
        self.watch().await;
        self.until_ready().await;
    }

    /// Ends the program at once (`kill -9`) and gives the home back.
    pub async fn kill(mut self) -> Home {
        self.collect_notes().await;
        self.program.kill();
        until("the killed program is gone", async || (!self.program.is_alive()).then_some(())).await;
        self.end()
    }

    /// Waits until the program has ended by itself, after the journey told it to, and gives the home back.
    pub async fn ended(mut self) -> Home {
        until("the program ends", async || (!self.program.is_alive()).then_some(())).await;
        self.end()
    }

    /// Ends the journey: nothing may have been refused by the page's policy and no error may have been left uncaught.
    pub async fn close(mut self) {
        self.collect_notes().await;
        self.end();
    }

    fn end(&mut self) -> Home {
        self.ended = true;
        let clean = Noted::default();
        assert_eq!(self.noted, clean, "the page's policy refused something, or an error was not caught");
        self.home.take().expect("a window ends once")
    }

    async fn collect_notes(&mut self) {
        let noted: Noted = self.read("return window.journey", &[]).await;
        self.noted.violations.extend(noted.violations);
        self.noted.errors.extend(noted.errors);
    }

    /// What the page's policy has refused since the page was loaded; the list is emptied, for journeys that provoke it.
    pub async fn take_violations(&mut self) -> Vec<String> {
        self.read("return window.journey.violations.splice(0)", &[]).await
    }

    /// The home the program lives in.
    pub fn home(&self) -> &Home {
        self.home.as_ref().expect("a window has a home until it ends")
    }

    /// The program's process; the webview's processes descend from it.
    pub fn program(&self) -> Process {
        self.program
    }

    /// Runs the body of a function in the page; `arguments` holds the values.
    pub async fn script(&self, body: &str, arguments: &[Value]) -> Value {
        match self.driver.execute(body, arguments.to_vec()).await {
            Ok(result) => result.json().clone(),
            Err(error) => panic!("a script failed in the page: {error}\n{body}"),
        }
    }

    /// Like [`Window::script`] for a body that calls its last argument when it is done.
    pub async fn script_async(&self, body: &str, arguments: &[Value]) -> Value {
        match self.driver.execute_async(body, arguments.to_vec()).await {
            Ok(result) => result.json().clone(),
            Err(error) => panic!("a script failed in the page: {error}\n{body}"),
        }
    }

    /// Runs a script and reads its result as `T`.
    pub async fn read<T: DeserializeOwned>(&self, body: &str, arguments: &[Value]) -> T {
        let value = self.script(body, arguments).await;
        serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{error}: {value}\n{body}"))
    }

    /// Looks until a script returns something other than `null` and `false`.
    pub async fn until_script(&self, what: &str, body: &str) -> Value {
        until(what, async || {
            let value = self.script(body, &[]).await;
            (!value.is_null() && value != Value::Bool(false)).then_some(value)
        })
        .await
    }

    /// The element with this test id, as soon as it is there and can be seen.
    pub async fn find(&self, testid: &str) -> WebElement {
        self.find_css(&format!("[data-testid=\"{testid}\"]")).await
    }

    /// The first element that matches and can be seen.
    pub async fn find_css(&self, css: &str) -> WebElement {
        until(&format!("{css} can be seen"), async || {
            for element in self.driver.find_all(By::Css(css.to_owned())).await.ok()? {
                if element.is_displayed().await.unwrap_or(false) {
                    return Some(element);
                }
            }
            None
        })
        .await
    }

    /// Whether an element matches now and takes up space.
    pub async fn shows(&self, css: &str) -> bool {
        let body = "return [...document.querySelectorAll(arguments[0])].some((element) => element.checkVisibility())";
        self.read(body, &[css.into()]).await
    }

    /// Waits until no visible element matches.
    pub async fn until_gone(&self, css: &str) {
        until(&format!("{css} is gone"), async || (!self.shows(css).await).then_some(())).await;
    }

    /// How many elements match now.
    pub async fn count(&self, css: &str) -> usize {
        self.read("return document.querySelectorAll(arguments[0]).length", &[css.into()]).await
    }

    /// Clicks the element with this test id.
    pub async fn click(&self, testid: &str) {
        self.click_css(&format!("[data-testid=\"{testid}\"]")).await;
    }

    /// Clicks the first visible element that matches; again when it was replaced between being found and being clicked.
    pub async fn click_css(&self, css: &str) {
        until(&format!("{css} can be clicked"), async || self.find_css(css).await.click().await.ok()).await;
    }

    /// The visible control that people know by this name: its label, or the words on it.
    pub async fn named(&self, name: &str) -> WebElement {
        until(&format!("there is a control named {name:?}"), async || {
            let found = self.driver.execute(NAMED, vec![name.into()]).await.ok()?;
            found.element().ok()
        })
        .await
    }

    /// Clicks the control with this name; again when it was replaced between being found and being clicked.
    pub async fn click_named(&self, name: &str) {
        until(&format!("{name:?} can be clicked"), async || self.named(name).await.click().await.ok()).await;
    }

    /// Types into the element with this test id.
    pub async fn type_into(&self, testid: &str, text: &str) {
        let element = self.find(testid).await;
        element.send_keys(text).await.unwrap_or_else(|error| panic!("cannot type into {testid}: {error}"));
    }

    /// Replaces what a field holds, as a person does: all selected, then typed over.
    pub async fn retype(&self, css: &str, text: &str) {
        let element = self.find_css(css).await;
        element.click().await.unwrap_or_else(|error| panic!("{css} cannot be clicked: {error}"));
        self.script("document.activeElement.select()", &[]).await;
        element.send_keys(text).await.unwrap_or_else(|error| panic!("cannot type into {css}: {error}"));
    }

    /// Drags one element onto another with the pointer.
    pub async fn drag(&self, from: &str, to: &str) {
        let (from, to) = (self.find_css(from).await, self.find_css(to).await);
        let chain = self.driver.action_chain().move_to_element_center(&from).click_and_hold().move_by_offset(4, 8);
        let moved = chain.move_to_element_center(&to).release().perform().await;
        moved.unwrap_or_else(|error| panic!("the pointer cannot drag: {error}"));
    }

    /// Presses and releases a key where the focus is.
    pub async fn press(&self, key: Key) {
        self.driver.action_chain().key_down(key.clone()).key_up(key).perform().await.expect("a key is pressed");
    }

    /// Presses keys together: the first ones are held.
    pub async fn chord(&self, held: &[Key], key: char) {
        let mut chain = self.driver.action_chain();
        for key in held {
            chain = chain.key_down(key.clone());
        }
        chain = chain.key_down(key).key_up(key);
        for key in held.iter().rev() {
            chain = chain.key_up(key.clone());
        }
        chain.perform().await.expect("keys are pressed");
    }

    /// Types text where the focus is.
    pub async fn keys(&self, text: &str) {
        self.driver.action_chain().send_keys(text).perform().await.expect("text is typed");
    }

    /// Presses a named key while others are held.
    pub async fn chord_key(&self, held: &[Key], key: Key) {
        let mut chain = self.driver.action_chain();
        for key in held {
            chain = chain.key_down(key.clone());
        }
        chain = chain.key_down(key.clone()).key_up(key);
        for key in held.iter().rev() {
            chain = chain.key_up(key.clone());
        }
        chain.perform().await.expect("keys are pressed");
    }

    /// Strikes keys of the display's keyboard (X keysyms, the first ones held), which pass the toolkit and its menu before
    /// they reach the page.
    pub async fn strike(&self, keysyms: &[u32]) {
        let display = until("the window is on the display", async || Display::find(self.program)).await;
        display.strike(keysyms);
    }

    /// The system's dialog with this title, as soon as it is on the display.
    pub async fn system_dialog(&self, title: &str) -> SystemDialog {
        let what = format!("the system's dialog {title:?} is on the display");
        let display = until(&what, async || Display::find_titled(self.program, title)).await;
        SystemDialog { display, program: self.program, title: title.to_owned() }
    }

    /// Takes the keyboard away from the window, as another window does that comes to the front.
    pub async fn take_focus_away(&self) {
        until("the window is on the display", async || Display::find(self.program)).await.take_focus_away();
    }

    /// Waits until the window has the keyboard.
    pub async fn until_focused(&self) {
        until("the window has the focus", async || Display::find(self.program)?.has_focus().then_some(())).await;
    }

    /// What the close button of a window manager does.
    pub async fn ask_to_close(&mut self) {
        self.collect_notes().await;
        let display = until("the window is on the display", async || Display::find(self.program)).await;
        display.ask_to_close();
    }

    /// Turns the wheel over an element; negative is up.
    pub async fn wheel(&self, css: &str, pixels: i32) {
        // WebKit's driver has no wheel of its own: the page gets what the engine would send, then the scrolling itself
        let body = "const target = document.querySelector(arguments[0]); \
            target.dispatchEvent(new WheelEvent('wheel', { bubbles: true, composed: true, cancelable: true, deltaY: arguments[1] })); \
            let scroller = target; \
            while (scroller && !(scroller.scrollHeight > scroller.clientHeight && /auto|scroll/.test(getComputedStyle(scroller).overflowY))) \
                scroller = scroller.parentElement; \
            scroller?.scrollBy(0, arguments[1])";
        self.script(body, &[css.into(), pixels.into()]).await;
    }

    /// Opens the settings, unless they are open, at the section with this name.
    pub async fn open_settings(&self, section: &str) {
        if !self.shows(SETTINGS).await {
            self.chord(&[Key::Control], ',').await;
        }
        self.find_css(SETTINGS).await;
        self.click_named(section).await;
    }

    /// Closes the settings.
    pub async fn close_settings(&self) {
        self.press(Key::Escape).await;
        self.until_gone(SETTINGS).await;
    }

    /// Chooses a value in a picker: a native select, or a button whose menu holds options with `data-value`.
    pub async fn choose(&self, testid: &str, value: &str) {
        let picker = self.find(testid).await;
        if picker.tag_name().await.expect("a tag").eq_ignore_ascii_case("select") {
            let body = "arguments[0].value = arguments[1]; \
                for (const type of ['input', 'change']) arguments[0].dispatchEvent(new Event(type, { bubbles: true }))";
            let element = picker.to_json().expect("an element");
            self.script(body, &[element, value.into()]).await;
            return;
        }
        let option =
            format!("[role=\"option\"][data-value=\"{value}\"], [data-testid=\"{testid}\"] [data-value=\"{value}\"]");
        if !self.shows(&option).await {
            self.click(testid).await;
        }
        self.click_css(&option).await;
    }

    /// Opens the menu of a conversation in the list and does what the entry says.
    pub async fn item_action(&self, title: &str, action: &str) {
        self.click_named(&format!("Actions for \u{201c}{title}\u{201d}")).await;
        self.click_named(action).await;
    }

    /// Enters the key of a model in the open settings.
    pub async fn type_key(&self, model: &str, key: &str) {
        let row = format!("[data-testid=\"key\"][data-model=\"{model}\"]");
        self.find_css(&row).await;
        if !self.shows(&format!("{row} input")).await {
            self.click_css(&format!("{row} button")).await;
        }
        let field = self.find_css(&format!("{row} input")).await;
        field.send_keys(key).await.expect("the key is typed");
        self.click_named(&format!("Save the key of {model}")).await;
        self.until_data(&row, "present", "true").await;
    }

    /// Asks a question: types it and clicks `send`.
    pub async fn ask(&self, question: &str) {
        self.type_into("composer", question).await;
        self.click("send").await;
    }

    /// What the composer holds.
    pub async fn draft(&self) -> String {
        self.read(r#"return document.querySelector('[data-testid="composer"]').value"#, &[]).await
    }

    /// The messages in the window, oldest first.
    pub async fn messages(&self) -> Vec<Shown> {
        self.read(MESSAGES, &[]).await
    }

    /// Looks until the messages are as expected.
    pub async fn until_messages(&self, what: &str, expected: impl Fn(&[Shown]) -> bool) -> Vec<Shown> {
        until(what, async || Some(self.messages().await).filter(|messages| expected(messages))).await
    }

    /// Looks until the last message has this status and text.
    pub async fn until_last(&self, status: &str, text: &str) -> Shown {
        let what = format!("the last message is {status}: {text:?}");
        let all = self
            .until_messages(&what, |messages| {
                messages.last().is_some_and(|last| last.status == status && last.text == text)
            })
            .await;
        all.last().cloned().expect("a message")
    }

    /// A data attribute of the first element that matches, or nothing.
    pub async fn data(&self, css: &str, name: &str) -> Option<String> {
        self.read(
            "return document.querySelector(arguments[0])?.getAttribute(`data-${arguments[1]}`) ?? null",
            &[css.into(), name.into()],
        )
        .await
    }

    /// Looks until a data attribute of the first match has this value.
    pub async fn until_data(&self, css: &str, name: &str, value: &str) {
        until(&format!("{css} has data-{name}={value:?}"), async || {
            (self.data(css, name).await.as_deref() == Some(value)).then_some(())
        })
        .await;
    }

    /// The visible text of the first element that matches; empty where there is none.
    pub async fn text(&self, css: &str) -> String {
        self.read("return (document.querySelector(arguments[0])?.innerText ?? '').trim()", &[css.into()]).await
    }

    /// Takes a picture for people when `CAPIBARA6_SHOTS` names a folder.
    pub async fn shot(&self, name: &str) {
        let Some(folder) = env::var_os("CAPIBARA6_SHOTS").map(PathBuf::from) else { return };
        fs::create_dir_all(&folder).expect("the folder for pictures can be made");
        // what stands in the page is painted with the next frame
        self.script_async(TWO_FRAMES, &[]).await;
        let picture = self.picture().await.expect("a picture is taken");
        fs::write(folder.join(format!("{name}.png")), picture).expect("the picture is written");
    }

    /// A picture of the page, as PNG.
    async fn picture(&self) -> WebDriverResult<Vec<u8>> {
        self.driver.execute(PAINT, Vec::new()).await?;
        let picture = self.driver.screenshot_as_png().await;
        self.driver.execute(PAINT_NO_MORE, Vec::new()).await?;
        picture
    }

    /// Where WebDriver listens, for what this type does not offer.
    pub fn driver(&self) -> &WebDriver {
        &self.driver
    }

    /// Makes the window this large.
    pub async fn resize(&self, width: u32, height: u32) {
        self.driver.set_window_rect(0, 0, width, height).await.expect("the window takes the size");
    }

    /// Keeps what a person needs to understand a failure.
    async fn autopsy(&self, folder: PathBuf) {
        let name = std::thread::current().name().unwrap_or("journey").replace("::", "-");
        fs::create_dir_all(&folder).ok();
        let alive = self.program.is_alive();
        if let Ok(picture) = self.picture().await {
            fs::write(folder.join(format!("{name}.png")), picture).ok();
        }
        let outline = match self.driver.execute(OUTLINE, Vec::new()).await {
            Ok(result) => result.json().as_str().unwrap_or_default().to_owned(),
            Err(error) => format!("the page cannot be read: {error}"),
        };
        let noted = self.driver.execute("return JSON.stringify(window.journey)", Vec::new()).await;
        let noted = noted.ok().and_then(|result| result.json().as_str().map(str::to_owned)).unwrap_or_default();
        let home = self.home();
        let driver = fs::read_to_string(home.path("driver.out")).unwrap_or_default();
        let report = format!(
            "the program runs: {alive}\n\n{outline}\n\nnoted: {noted}\n\ndriver:\n{driver}\n\nlog:\n{}",
            home.log()
        );
        let path = folder.join(format!("{name}.txt"));
        fs::write(&path, report).ok();
        eprintln!("the window at the time of the failure: {}", path.display());
    }
}

/// A dialog of the toolkit in front of the window, which WebDriver does not see: it is used by the keyboard alone.
pub struct SystemDialog {
    display: Display,
    program: Process,
    title: String,
}

impl SystemDialog {
    /// Strikes keys together (X keysyms, the first ones held).
    pub fn strike(&self, keysyms: &[u32]) {
        self.display.strike(keysyms);
    }

    /// Types a text that an American keyboard has.
    pub fn write(&self, text: &str) {
        self.display.write(text);
    }

    /// Does what closes it, and again while it stays, as a person does who was faster than the dialog.
    pub async fn dismiss(self, by: impl Fn(&Self)) {
        let mut done: Option<Instant> = None;
        let what = format!("the system's dialog {:?} is gone", self.title);
        until(&what, async || {
            if Display::find_titled(self.program, &self.title).is_none() {
                return Some(());
            }
            if done.is_none_or(|done| done.elapsed() > AGAIN) {
                by(&self);
                done = Some(Instant::now());
            }
            None
        })
        .await;
    }

    /// Types a path into a dialog that asks for a file, over what stands there, and confirms it.
    pub async fn choose(self, path: &Path) {
        let path = path.to_str().expect("a temporary path is UTF-8").to_owned();
        self.dismiss(|dialog| {
            dialog.strike(&[CONTROL, A]);
            dialog.write(&path);
            dialog.strike(&[RETURN]);
        })
        .await;
    }

    /// What the close button of a window manager does.
    pub fn ask_to_close(&self) {
        self.display.ask_to_close();
    }

    /// Waits until it is gone.
    pub async fn until_gone(&self) {
        let what = format!("the system's dialog {:?} is gone", self.title);
        until(&what, async || Display::find_titled(self.program, &self.title).is_none().then_some(())).await;
    }

    /// Takes a picture of the whole display for people when `CAPIBARA6_SHOTS` names a folder: WebDriver's shows the page alone.
    pub fn shot(&self, name: &str) {
        let Some(folder) = env::var_os("CAPIBARA6_SHOTS").map(PathBuf::from) else { return };
        fs::create_dir_all(&folder).expect("the folder for pictures can be made");
        let path = folder.join(format!("{name}.png"));
        std::process::Command::new("import").args(["-window", "root"]).arg(path).status().ok();
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        if std::thread::panicking() {
            if self.home.is_some() {
                let name = std::thread::current().name().unwrap_or("journey").to_owned();
                let runtime = Handle::current();
                let this = &*self;
                std::thread::scope(|scope| {
                    let spawned = std::thread::Builder::new().name(name).spawn_scoped(scope, || {
                        runtime.block_on(async { tokio::time::timeout(PATIENCE, this.autopsy(failures())).await.ok() })
                    });
                    spawned.map(std::thread::ScopedJoinHandle::join).ok()
                });
            }
        } else {
            assert!(self.ended, "a journey must end with close, kill or ended");
        }
        // the driver's group ends with `host`
        let _ = &self.host;
    }
}

/// Where failed journeys leave their picture and text.
fn failures() -> PathBuf {
    target().join("journeys")
}

fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../target")), PathBuf::from)
}

/// Waits for this machine's one place for a window: two of them would share the two cores, the keyboard focus and the
/// name on the session bus by which a second start finds the first.
fn take_turn() -> File {
    let path = target().join("journeys.lock");
    fs::create_dir_all(target()).expect("the target folder can be made");
    let file = File::create(&path).expect("the lock file can be written");
    file.lock().expect("the lock is taken");
    file
}
