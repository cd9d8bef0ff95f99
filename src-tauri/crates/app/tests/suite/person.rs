//! A person who signs in: a desk with a browser and a window in front of it, a provider, and a profile that leads there.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use capibara6_app::Outside;
use capibara6_identity::sign_in::{Pages, Words};
use capibara6_testkit::sign_in::{Browser, IdentityProvider, Page};
use url::Url;

use super::bench::*;
use std::sync::Arc;

use capibara6_app::App;
use capibara6_protocol::*;
use capibara6_testkit::Fleet;

/// What the shell does, noted.
#[derive(Default)]
pub struct Desk {
    pub opened: Mutex<Vec<Url>>,
    pub fronts: AtomicUsize,
    /// Why no browser opens.
    pub refuses: Mutex<Option<ErrorCode>>,
}

pub const SUCCESS: &str = "Ya está";
pub const FAILURE: &str = "No ha podido ser";

impl Outside for Desk {
    fn open(&self, address: &Url) -> Result<(), AppError> {
        self.opened.lock().unwrap().push(address.clone());
        self.refuses.lock().unwrap().map_or(Ok(()), |code| Err(code.into()))
    }

    fn come_forward(&self) {
        self.fronts.fetch_add(1, Ordering::SeqCst);
    }

    fn pages(&self) -> Pages {
        let words = |title: &str| Words {
            language: "es".into(),
            right_to_left: false,
            title: title.into(),
            text: "Vuelve a Capibara6.".into(),
        };
        Pages { success: words(SUCCESS), failure: words(FAILURE) }
    }
}

/// A person at a desk.
pub struct Stage {
    pub bench: Bench,
    pub provider: IdentityProvider,
    pub desk: Arc<Desk>,
}

impl Stage {
    /// A provider, and a profile whose tokens go to all model servers.
    pub async fn start() -> Self {
        Self::with(|_, _| ()).await
    }

    /// The same with a profile that is changed before it is used.
    pub async fn with(change: impl FnOnce(&mut Profile, &Fleet)) -> Self {
        let (provider, fleet) = (IdentityProvider::start().await, Fleet::start().await);
        let mut profile = fleet.profile();
        profile.oidc = Some(provider.oidc());
        profile.token_origins = fleet.servers().map(|server| origin(&server.url())).collect();
        change(&mut profile, &fleet);
        let bench = Bench::with(fleet, |wanted| *wanted = profile).await;
        let desk = Arc::new(Desk::default());
        bench.app.connect(Arc::clone(&desk) as Arc<dyn Outside>);
        Self { bench, provider, desk }
    }

    /// Starts the application anew in the same home.
    pub async fn restart(&mut self) {
        self.bench.app.shutdown().await;
        self.reopen().await;
    }

    /// Opens the application in the same home without ending the one before.
    pub async fn reopen(&mut self) {
        self.bench.app = open(&self.bench.home, &self.bench.secrets).await;
        self.desk = Arc::new(Desk::default());
        self.bench.app.connect(Arc::clone(&self.desk) as Arc<dyn Outside>);
        self.bench.window = Window::new(self.bench.app.frames());
    }

    /// Signs in by this way up to the person who waits to be confirmed; gives the browser's last page.
    pub async fn arrive(&mut self, method: SignInMethod) -> Page {
        self.bench.window.events.retain(|event| !matches!(event, Event::SignInChanged { .. }));
        self.bench.app.sign_in_begin(SignInBegin { method }).await.unwrap();
        self.attempt(|attempt| matches!(attempt, SignInAttempt::Waiting { .. })).await;
        let address = Url::parse(&self.bench.app.sign_in_link().await.unwrap()).unwrap();
        let page = Browser::default().visit(&address).await;
        let over =
            |attempt: &SignInAttempt| matches!(attempt, SignInAttempt::Arrived { .. } | SignInAttempt::Failed { .. });
        self.attempt(over).await;
        page
    }

    /// Reads until the attempt is like this.
    pub async fn attempt(&mut self, wanted: impl Fn(&SignInAttempt) -> bool) -> SignInAttempt {
        let is = |event: &Event| matches!(event, Event::SignInChanged { attempt: Some(attempt) } if wanted(attempt));
        let event = self.bench.window.until(is).await;
        let Event::SignInChanged { attempt: Some(attempt) } = event else { panic!("{event:?}") };
        *attempt
    }

    /// Signs in with the provider and confirms.
    pub async fn sign_in(&mut self) -> AccountView {
        self.arrive(SignInMethod::Oidc).await;
        let signed_in = self.bench.app.sign_in_confirm().await.unwrap();
        assert_eq!(signed_in.not_kept, None);
        signed_in.account
    }

    /// Signs in as somebody else.
    pub async fn sign_in_as(&mut self, subject: &str, name: &str) -> AccountView {
        self.provider.sign_in_as(subject, name, None);
        self.sign_in().await
    }

    pub async fn state(&self) -> Accounts {
        self.bench.app.account_state().await.unwrap()
    }

    /// Reads until the active account stands like this.
    pub async fn stands(&mut self, state: AccountState) -> AccountView {
        loop {
            if let Some(active) = self.state().await.active
                && active.state == state
            {
                return active;
            }
            self.bench.window.read().await;
        }
    }

    /// The titles in the list.
    pub async fn titles(&self) -> Vec<String> {
        titles(&self.bench.app).await
    }
}

/// The titles in the list.
pub async fn titles(app: &App) -> Vec<String> {
    let request = serde_json::from_value(serde_json::json!({ "limit": 50 })).unwrap();
    let page = app.conversation_list(request).await.unwrap();
    page.conversations.into_iter().map(|each| each.title).collect()
}

/// Scheme, host and port.
pub fn origin(address: &str) -> String {
    Url::parse(address).unwrap().origin().ascii_serialization()
}

/// The title of a browser's last page.
pub fn title(page: &Page) -> &str {
    page.body.split("<h1>").nth(1).and_then(|rest| rest.split("</h1>").next()).unwrap_or_default()
}

/// A port that nobody has at this moment.
pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
