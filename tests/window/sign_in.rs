//! Signing in, out and over in the real window, with a real browser and a real Secret Service, against servers that can
//! misbehave: who is signed in, what lies where, and that no token is ever where a page, a file or another process could read it.

use std::time::{Duration, Instant};

use capibara6_journeys::{Browser, Home, Key, Keyring, MODEL, Process, Window, profile_of, until};
use capibara6_testkit::ModelServer;
use capibara6_testkit::sign_in::{DeviceServer, FleetUser, IdentityProvider, Misbehaviour, SignInServer};
use serde_json::json;

/// Stands in every secret of these journeys.
const CANARY: &str = "canary-7f3a";

/// How many secrets the program keeps, by what the system's own tool finds.
fn secrets(keyring: &Keyring) -> usize {
    keyring.kept().matches("secret = ").count()
}

/// A profile with one model, and a provider of OpenID.
fn profile(model: &ModelServer, provider: &IdentityProvider) -> String {
    let oidc = provider.oidc();
    let scopes = oidc.scopes.iter().map(|scope| format!("{scope:?}")).collect::<Vec<_>>().join(", ");
    format!(
        "{}\n[oidc]\nissuer = \"{}\"\nclient_id = \"{}\"\nscopes = [{scopes}]\n",
        profile_of(&[(MODEL, &model.url(), "fast")]),
        oidc.issuer,
        oidc.client_id
    )
}

/// A model, a provider whose pages ask people, and a home that has both and a real browser.
pub(super) struct Stage {
    model: ModelServer,
    provider: IdentityProvider,
    keyring: Keyring,
}

impl Stage {
    pub(super) async fn new(keyring: Keyring) -> (Self, Home) {
        let stage =
            Self { model: ModelServer::start(&[MODEL]).await, provider: IdentityProvider::start().await, keyring };
        stage.provider.ask_people();
        stage.provider.mark(CANARY);
        let home =
            Home::with_profile(&profile(&stage.model, &stage.provider)).with_keyring(&stage.keyring).with_browser();
        (stage, home)
    }

    /// Asks the model something, which answers with the same words.
    pub(super) async fn say(&self, window: &Window, words: &str) {
        window.ask(words).await;
        self.model.next_chat().await.say_all(&[words]).await;
        window.until_last("complete", words).await;
    }
}

/// Opens the view of signing in and chooses a way.
async fn choose(window: &Window, method: &str) {
    let way = format!(".sign-in [data-testid=\"sign-in\"][data-method=\"{method}\"]");
    if !window.shows(".sign-in").await {
        window.click("account").await;
        if window.shows("[data-testid=\"account-add\"]").await {
            window.click("account-add").await;
        }
    }
    window.click_css(&way).await;
}

/// Answers the provider's page.
async fn answer(browser: &mut Browser, button: &str) {
    browser.click(&format!("button[value={button}]")).await;
}

/// Signs in from the choice to the account row; `number` is which browser this is, from 1.
pub(super) async fn sign_in(window: &Window, method: &str, number: usize, subject: &str) {
    choose(window, method).await;
    let mut browser = window.home().browser(number).await;
    answer(&mut browser, "yes").await;
    window.click("identity-confirm").await;
    until_signed_in(window, subject).await;
    browser.close().await;
}

async fn until_signed_in(window: &Window, subject: &str) {
    window.until_data("[data-testid=\"account\"]", "subject", subject).await;
    window.until_gone(".sign-in").await;
}

async fn sign_out(window: &Window) {
    window.click("account").await;
    window.click("sign-out").await;
    window.click_css("dialog [data-confirm]").await;
    window.find("signed-out").await;
    assert_eq!(window.data("[data-testid=\"account\"]", "subject").await, None);
}

/// Everything that a script of the page could reach: the document, every property of the window and of every element,
/// what the fields hold, all storage, and every address that was loaded.
const REACHABLE: &str = r#"
    const done = arguments[0];
    const seen = new Set();
    const parts = [];
    let budget = 400000;
    const walk = (value, depth) => {
        if (budget-- < 0 || depth > 9) return;
        if (typeof value === 'string') { parts.push(value); return; }
        if (value === null || (typeof value !== 'object' && typeof value !== 'function') || seen.has(value)) return;
        seen.add(value);
        if (value instanceof Map) for (const [key, each] of value) { walk(key, depth + 1); walk(each, depth + 1); }
        if (value instanceof Set) for (const each of value) walk(each, depth + 1);
        for (const name of Reflect.ownKeys(value)) {
            let each;
            try { each = value[name]; } catch { continue; }
            // what a prototype's own getter of a promise gives is a refusal
            if (each instanceof Promise) each.catch(() => {});
            walk(each, depth + 1);
        }
    };
    const databases = async () => {
        const found = await indexedDB.databases();
        for (const { name } of found) {
            const database = await new Promise((resolve, reject) => {
                const request = indexedDB.open(name);
                request.onsuccess = () => resolve(request.result);
                request.onerror = () => reject(request.error);
            });
            for (const store of database.objectStoreNames) {
                const all = database.transaction(store).objectStore(store).getAll();
                await new Promise((resolve) => { all.onsuccess = all.onerror = resolve; });
                walk(all.result, 0);
            }
            database.close();
        }
        return found.length;
    };
    (async () => {
        parts.push(document.documentElement.outerHTML, document.cookie, location.href, document.referrer, window.name);
        for (const storage of [localStorage, sessionStorage]) parts.push(JSON.stringify(Object.entries(storage)));
        for (const entry of performance.getEntries()) parts.push(entry.name);
        for (const element of document.querySelectorAll('*')) {
            if (typeof element.value === 'string') parts.push(element.value);
            for (const name of Object.getOwnPropertyNames(element)) {
                try { walk(element[name], 2); } catch {}
            }
        }
        walk(window, 0);
        walk(history.state, 0);
        let kept = 0;
        try { kept = await databases(); } catch (error) { parts.push(`databases: ${error}`); }
        done(`${parts.join('\n')}\n${seen.size} objects, ${kept} databases`);
    })();
"#;

/// No secret is in a file, a log, the page, or what a process was started with.
async fn nothing_leaked(window: &Window) {
    let page = window.script_async(REACHABLE, &[]).await;
    let page = page.as_str().expect("a text").to_owned();
    let end = page.lines().last().unwrap_or_default();
    assert!(
        page.contains("data-testid=\"account\"") && end.ends_with("databases"),
        "the page was not looked at: {end}"
    );
    assert!(!page.contains(CANARY), "the page holds {:?}", around(&page));
    assert_eq!(window.home().leak(CANARY), None, "a file holds a secret");
    for process in window.program().family() {
        let beginnings = process.beginnings();
        assert!(!beginnings.contains(CANARY), "{} was started with {:?}", process.name(), around(&beginnings));
    }
}

fn around(text: &str) -> &str {
    let at = text.find(CANARY).unwrap_or_default();
    let from = (0..=at.saturating_sub(60)).rev().find(|place| text.is_char_boundary(*place)).unwrap_or_default();
    &text[from..at]
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_signs_in_through_their_own_browser_and_stays_signed_in() {
    let (stage, home) = Stage::new(Keyring::unlocked().await).await;
    let window = Window::open(home).await;
    choose(&window, "oidc").await;
    window.find("sign-in-open-again").await;
    let mut browser = window.home().browser(1).await;
    browser.until_says("Go on as Alicia Núñez?").await;
    window.take_focus_away().await;
    answer(&mut browser, "yes").await;
    browser.until_says("Capibara6").await;
    assert!(browser.address().await.ends_with("/signed-in"), "the last address tells nothing");

    // shown before anything is stored, and in front
    let shown = window.find("identity-confirm").await;
    assert_eq!(shown.attr("data-subject").await.ok().flatten().as_deref(), Some("alice"));
    assert_eq!(shown.attr("data-provider").await.ok().flatten(), Some(stage.provider.issuer()));
    assert_eq!(window.text("[data-testid=\"identity-name\"]").await, "Alicia Núñez");
    assert_eq!(window.text("[data-testid=\"identity-email\"]").await, "alicia@example.test");
    window.until_focused().await;
    window.shot("sign-in-arrived").await;
    assert_eq!(secrets(&stage.keyring), 0, "{}", stage.keyring.kept());
    nothing_leaked(&window).await;

    window.click("identity-confirm").await;
    until_signed_in(&window, "alice").await;
    assert!(stage.keyring.kept().contains(CANARY), "the session is in the Secret Service");
    stage.say(&window, "Mine alone").await;
    nothing_leaked(&window).await;
    browser.close().await;

    // the next start asks nobody
    let home = window.kill().await;
    let window = Window::open(home).await;
    until_signed_in(&window, "alice").await;
    window.until_data("[data-testid=\"account\"]", "state", "confirmed").await;
    window.find("conversation-item").await;
    assert_eq!(window.home().opened_links().len(), 1, "no browser was opened again");
    nothing_leaked(&window).await;

    sign_out(&window).await;
    assert_eq!(secrets(&stage.keyring), 0, "{}", stage.keyring.kept());
    assert_eq!(stage.provider.good_refresh_tokens(), 0, "the provider forgot the session");
    assert_eq!(window.count("[data-testid=\"conversation-item\"]").await, 0, "the history is locked");
    assert!(!window.text("body").await.contains("Mine alone"));
    nothing_leaked(&window).await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_signs_nobody_in_and_the_next_attempt_goes_its_way() {
    let (stage, home) = Stage::new(Keyring::unlocked().await).await;
    let window = Window::open(home).await;
    // given up in the window: nobody listens any more
    choose(&window, "oidc").await;
    let mut first = window.home().browser(1).await;
    first.until_says("Go on as").await;
    window.click("sign-in-cancel").await;
    window.find_css(".sign-in[data-stage=\"choice\"]").await;
    answer(&mut first, "yes").await;
    first
        .until(
            "the browser finds nobody",
            "document.title !== 'Provider' && !document.body.innerText.includes('Go on')",
        )
        .await;
    first.close().await;
    // refused at the provider
    choose(&window, "oidc").await;
    let mut second = window.home().browser(2).await;
    answer(&mut second, "no").await;
    window.find_css("[data-testid=\"sign-in-failed\"][data-code=\"sign-in-refused\"]").await;
    second.until("the page of the end", "location.pathname === '/signed-in'").await;
    let last_page = second.text().await;
    assert!(last_page.contains("Capibara6"), "{last_page}");
    second.close().await;
    // a wrong state is no answer: the page is turned away, and the waiting goes on
    stage.provider.misbehave(Misbehaviour::State);
    window.click("sign-in-retry").await;
    let mut third = window.home().browser(3).await;
    answer(&mut third, "yes").await;
    third
        .until(
            "the answer is turned away",
            "location.pathname === '/callback' || location.protocol === 'chrome-error:'",
        )
        .await;
    third.close().await;
    assert!(window.shows("[data-testid=\"sign-in-left\"]").await, "the waiting goes on");
    // the right one, in another browser, and somebody who is not the user
    stage.provider.behave();
    window.click("sign-in-open-again").await;
    let mut fourth = window.home().browser(4).await;
    answer(&mut fourth, "yes").await;
    window.click("identity-cancel").await;
    window.find_css(".sign-in[data-stage=\"choice\"]").await;
    assert_eq!(window.data("[data-testid=\"account\"]", "subject").await, None);
    assert_eq!(secrets(&stage.keyring), 0, "{}", stage.keyring.kept());
    fourth.close().await;
    // and an ID token that is not this attempt's
    stage.provider.misbehave(Misbehaviour::Nonce);
    choose(&window, "oidc").await;
    let mut fifth = window.home().browser(5).await;
    answer(&mut fifth, "yes").await;
    window.find_css("[data-testid=\"sign-in-failed\"][data-code=\"sign-in-rejected\"]").await;
    fifth.close().await;
    nothing_leaked(&window).await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ended_costs_no_draft_and_no_history() {
    let (stage, home) = Stage::new(Keyring::unlocked().await).await;
    let window = Window::open(home).await;
    sign_in(&window, "oidc", 1, "alice").await;
    stage.say(&window, "Before").await;
    window.type_into("composer", "half a thought").await;
    let home = window.kill().await;
    stage.provider.end_everything();

    let window = Window::open(home).await;
    window.find("session-expired").await;
    window.shot("session-expired").await;
    window.until_last("complete", "Before").await;
    assert_eq!(window.draft().await, "half a thought");
    assert_eq!(window.data("[data-testid=\"account\"]", "subject").await.as_deref(), Some("alice"));
    window.click("session-renew").await;
    let mut browser = window.home().browser(2).await;
    answer(&mut browser, "yes").await;
    window.click("identity-confirm").await;
    until_signed_in(&window, "alice").await;
    window.until_gone("[data-testid=\"session-expired\"]").await;
    window.until_last("complete", "Before").await;
    assert_eq!(window.draft().await, "half a thought");
    browser.close().await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_accounts_have_two_histories() {
    let (stage, home) = Stage::new(Keyring::unlocked().await).await;
    let window = Window::open(home).await;
    stage.say(&window, "Nobody in particular").await;
    sign_in(&window, "oidc", 1, "alice").await;
    window.until_gone("[data-testid=\"message\"]").await;
    stage.say(&window, "Alice alone").await;
    window.type_into("composer", "a draft of Alice's").await;
    stage.provider.sign_in_as("bob", "Bob", None);
    sign_in(&window, "oidc", 2, "bob").await;
    window.until_gone("[data-testid=\"message\"]").await;
    assert_eq!(window.draft().await, "");
    stage.say(&window, "Bob alone").await;
    assert_eq!(titles(&window).await, ["Bob alone"]);

    window.click("account").await;
    window.click_css("[data-testid=\"account-switch\"][data-subject=\"alice\"]").await;
    until_signed_in(&window, "alice").await;
    until("Alice's history is shown", async || (titles(&window).await == ["Alice alone"]).then_some(())).await;
    assert_eq!(window.draft().await, "a draft of Alice's");
    window.shot("two-accounts").await;
    let text = window.text("body").await;
    assert!(!text.contains("Bob alone") && !text.contains("Nobody in particular"), "{text}");
    sign_out(&window).await;
    until("nobody's history is shown", async || (titles(&window).await == ["Nobody in particular"]).then_some(()))
        .await;
    nothing_leaked(&window).await;
    window.close().await;
}

pub(super) async fn titles(window: &Window) -> Vec<String> {
    window.read("return [...document.querySelectorAll('.sidebar-title')].map((each) => each.innerText)", &[]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fleets_own_server_answers_on_its_port() {
    let keyring = Keyring::unlocked().await;
    let model = ModelServer::start(&[MODEL]).await;
    let server = SignInServer::start(8000).await;
    server.ask_people();
    server.mark(CANARY);
    let toml = format!("{}\n[services]\nauth = \"{}\"\n", profile_of(&[(MODEL, &model.url(), "fast")]), server.url());
    let window = Window::open(Home::with_profile(&toml).with_keyring(&keyring).with_browser()).await;
    // somebody else is on the port
    let squatter = std::net::TcpListener::bind(("127.0.0.1", 8000)).expect("nobody is on the port of the journey");
    choose(&window, "github").await;
    window.find_css("[data-testid=\"sign-in-failed\"][data-code=\"port-taken\"]").await;
    assert!(window.text(".sign-in").await.contains("8000"), "{}", window.text(".sign-in").await);
    window.shot("port-taken").await;
    assert_eq!(window.home().opened_links(), [""; 0], "no browser was sent to somebody else's port");
    drop(squatter);
    window.click("sign-in-retry").await;
    let mut browser = window.home().browser(1).await;
    browser.until_says("Go on as José Ñandú?").await;
    answer(&mut browser, "yes").await;
    window.click("identity-confirm").await;
    until_signed_in(&window, "github_4711").await;
    assert!(window.text("[data-testid=\"account\"]").await.contains("José Ñandú"));
    assert!(keyring.kept().contains(CANARY));
    nothing_leaked(&window).await;
    browser.close().await;
    // Google, without an e-mail
    server.sign_in_as(FleetUser { id: 7, name: Some("Núria".into()), email: None });
    choose(&window, "google").await;
    let mut browser = window.home().browser(2).await;
    answer(&mut browser, "yes").await;
    window.find("identity-confirm").await;
    assert_eq!(window.text("[data-testid=\"identity-email\"]").await, "No e-mail");
    window.click("identity-confirm").await;
    until_signed_in(&window, "google_7").await;
    browser.close().await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_typed_into_the_browser() {
    let keyring = Keyring::unlocked().await;
    let model = ModelServer::start(&[MODEL]).await;
    let server = DeviceServer::start([]).await;
    server.ask_people();
    server.mark(CANARY);
    server.code("interval", json!(1));
    let origin = server.origin();
    let toml = format!(
        "{}\n[device]\nclient_id = \"own-client\"\nauthorization = \"{origin}/login/device/code\"\n\
         token = \"{origin}/login/oauth/access_token\"\nuser = \"{origin}/user\"\n",
        profile_of(&[(MODEL, &model.url(), "fast")])
    );
    let window = Window::open(Home::with_profile(&toml).with_keyring(&keyring).with_browser()).await;
    choose(&window, "device").await;
    window.find("device-code").await;
    let code = window.text("[data-testid=\"device-code\"]").await;
    assert_eq!(code, "WDJB-MJHT");
    window.shot("device-code").await;
    let mut browser = window.home().browser(1).await;
    browser.type_into("input[name=user_code]", &code).await;
    answer(&mut browser, "yes").await;
    browser.until_says("All set.").await;
    window.click("identity-confirm").await;
    until_signed_in(&window, "583231").await;
    assert!(keyring.kept().contains(CANARY));
    nothing_leaked(&window).await;
    browser.close().await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_secret_store_a_vault_keeps_the_session() {
    let (stage, home) = Stage::new(Keyring::absent()).await;
    let window = Window::open(home).await;
    choose(&window, "oidc").await;
    let mut browser = window.home().browser(1).await;
    answer(&mut browser, "yes").await;
    window.click("identity-confirm").await;
    window.find("sign-in-not-kept").await;
    assert_eq!(window.data("[data-testid=\"sign-in-not-kept\"]", "code").await.as_deref(), Some("secret-store-absent"));
    browser.close().await;
    window.click("sign-in-keep").await;
    window.find_css("[data-testid=\"keeping-trouble\"][data-code=\"secret-store-absent\"]").await;
    window.click_css("#keeping-vault").await;
    window.type_into("passphrase-new", "río barro sombra lenta canoa").await;
    window.type_into("passphrase-repeat", "río barro sombra lenta canoa").await;
    window.click("keeping-use").await;
    window.until_data("[data-testid=\"keeping-place\"][data-place=\"vault\"]", "active", "true").await;
    // the keys are asked for anew: there is a place for them now
    window.until_gone("[data-testid=\"keys-retry\"]").await;
    window.shot("vault").await;
    nothing_leaked(&window).await;
    let home = window.kill().await;
    for word in ["sombra", CANARY] {
        assert_eq!(home.leak(word), None, "{word} is readable on the disk");
    }

    let window = Window::open(home).await;
    window.click("vault-open").await;
    window.type_into("passphrase-unlock", "another one").await;
    window.press(Key::Enter).await;
    window.find_css("[data-testid=\"error\"][data-code=\"vault-wrong-passphrase\"]").await;
    window.type_into("passphrase-unlock", "río barro sombra lenta canoa").await;
    window.press(Key::Enter).await;
    window.until_gone("[data-testid=\"vault-unlock\"]").await;
    window.close_settings().await;
    until_signed_in(&window, "alice").await;
    window.until_data("[data-testid=\"account\"]", "state", "confirmed").await;
    assert_eq!(stage.provider.good_refresh_tokens(), 1);
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_keyring_is_said_and_hangs_nothing() {
    let (stage, home) = Stage::new(Keyring::locked().await).await;
    let mut window = Window::open(home).await;
    choose(&window, "oidc").await;
    let mut browser = window.home().browser(1).await;
    answer(&mut browser, "yes").await;
    window.click("identity-confirm").await;
    window.find("sign-in-not-kept").await;
    assert_eq!(window.data("[data-testid=\"sign-in-not-kept\"]", "code").await.as_deref(), Some("secret-store-locked"));
    window.shot("keyring-locked").await;
    browser.close().await;
    window.click("sign-in-keep").await;
    window.find_css("[data-testid=\"keeping-trouble\"][data-code=\"secret-store-locked\"]").await;
    window.click_css("#keeping-session").await;
    window.click("keeping-use").await;
    window.until_data("[data-testid=\"keeping-place\"][data-place=\"session\"]", "active", "true").await;
    window.until_gone("[data-testid=\"keeping-trouble\"]").await;
    window.close_settings().await;
    until_signed_in(&window, "alice").await;
    stage.say(&window, "Signed in for now").await;
    assert_eq!(window.home().leak(CANARY), None);
    // quitting waits for no keyring
    let program: Process = window.program();
    window.ask_to_close().await;
    let begun = Instant::now();
    window.ended().await;
    let took = begun.elapsed();
    assert!(!program.is_alive() && took < Duration::from_secs(4), "the program took {took:?} to end");
}
