//! One attempt at signing in, from the address that the browser opens to the person who arrived.
//!
//! There is one at a time; it lives for five minutes, can be given up at any moment, and leaves nothing behind: no
//! listener, and nothing stored.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::callback::{Answer, Kind};
use super::error::{Distrust, SignInError};
use super::listener::{Browser, Listener};
use super::page::{Page, Pages};
use super::session::{Person, Session, shown};
use super::{device, fleet, oidc};
use crate::clock::Clock;
use crate::random;
use crate::transport::Http;

/// How long an attempt lives. A device code lives for as long as its server says.
pub const LIFE: Duration = Duration::from_secs(5 * 60);

/// The path of the OpenID redirect. Any path is fine: nobody else has the port.
const CALLBACK: &str = "/callback";

/// A way to sign in.
#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant, reason = "there is one at a time")]
pub enum Way {
    /// An OpenID provider.
    Oidc(capibara6_protocol::Oidc),
    /// The fleet's sign-in server.
    Fleet {
        /// Its base address.
        base: Url,
        /// Who vouches for the person there.
        via: fleet::Via,
        /// The port to which it sends browsers: [`fleet::PORT`], unless it is a test's.
        port: u16,
    },
    /// The device flow.
    Device(device::Settings),
}

/// Starts attempts, one at a time. Clones share that.
#[derive(Debug, Clone)]
pub struct SignIn {
    http: Http,
    clock: Clock,
    one: Arc<Semaphore>,
}

impl SignIn {
    /// Starts attempts through this transport.
    pub fn new(http: Http, clock: Clock) -> Self {
        Self { http, clock, one: Arc::new(Semaphore::new(1)) }
    }

    /// Starts an attempt: finds the provider and listens. `pages` are the words of the browser's last page in the person's
    /// language.
    ///
    /// # Errors
    /// [`SignInError::Busy`] while another attempt is there, or why it cannot start.
    pub async fn begin(&self, way: Way, pages: Pages) -> Result<Attempt, SignInError> {
        let permit = Arc::clone(&self.one).try_acquire_owned().map_err(|_| SignInError::Busy)?;
        let born = Instant::now();
        let (address, life, user_code, waiting) = match way {
            Way::Oidc(settings) => {
                let provider = oidc::Provider::discover(&self.http, &settings.issuer, &settings.client_id).await?;
                let listener = Listener::ephemeral(CALLBACK).await?;
                let languages = [pages.success.language.clone()];
                let authorization = provider.authorize(&settings.scopes, &listener.redirect_uri(), &languages)?;
                let address = authorization.address.clone();
                (address, LIFE, None, Waiting::Oidc(Box::new((provider, authorization)), listener))
            }
            Way::Fleet { base, via, port } => {
                if !self.http.allows(&base) {
                    return Err(SignInError::Insecure(base.origin().ascii_serialization()));
                }
                let listener = Listener::fixed(port, fleet::PATH).await?;
                (fleet::address(&base, via), LIFE, None, Waiting::Fleet { base, via, listener })
            }
            Way::Device(settings) => {
                let pending = device::begin(&self.http, &settings).await?;
                let code = UserCode(pending.user_code.clone());
                (pending.address.clone(), pending.life, Some(code), Waiting::Device(Box::new((settings, pending))))
            }
        };
        Ok(Attempt {
            http: self.http.clone(),
            clock: self.clock.clone(),
            address,
            user_code,
            dies: born + life,
            cancel: CancellationToken::new(),
            pages,
            waiting,
            _permit: permit,
        })
    }
}

/// What the person types into their browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserCode(pub String);

/// Gives an attempt up, from wherever it is held.
#[derive(Debug, Clone)]
pub struct Cancel(CancellationToken);

impl Cancel {
    /// Gives it up. Once it is over, nothing happens.
    pub fn cancel(&self) {
        self.0.cancel();
    }
}

/// What is waited for.
enum Waiting {
    Oidc(Box<(oidc::Provider, oidc::Authorization)>, Listener),
    Fleet { base: Url, via: fleet::Via, listener: Listener },
    Device(Box<(device::Settings, device::Pending)>),
}

/// An attempt under way. Dropping it gives it up.
pub struct Attempt {
    http: Http,
    clock: Clock,
    address: Url,
    user_code: Option<UserCode>,
    dies: Instant,
    cancel: CancellationToken,
    pages: Pages,
    waiting: Waiting,
    _permit: OwnedSemaphorePermit,
}

impl fmt::Debug for Attempt {
    /// Without the address: what makes an attempt unguessable is in its query.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt").field("at", &self.address.origin().ascii_serialization()).finish_non_exhaustive()
    }
}

/// Who arrived. Nothing is stored yet: the person must be shown and asked first.
#[derive(Debug)]
pub struct Arrival(Session);

impl Arrival {
    /// Who it is.
    pub fn person(&self) -> &Person {
        &self.0.person
    }

    /// The person said that it is them.
    pub fn confirm(self) -> Session {
        self.0
    }
}

/// What of an attempt holds until its end.
struct Life {
    dies: Instant,
    cancel: CancellationToken,
}

impl Life {
    /// Waits for something as long as the attempt lives.
    async fn within<T>(&self, what: impl Future<Output = T>) -> Result<T, SignInError> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(SignInError::Cancelled),
            done = what => Ok(done),
            () = sleep_until(self.dies) => Err(SignInError::Expired),
        }
    }
}

impl Attempt {
    /// What the browser opens, as often as it takes.
    pub fn address(&self) -> &Url {
        &self.address
    }

    /// What the person types there, if they type anything.
    pub fn user_code(&self) -> Option<&UserCode> {
        self.user_code.as_ref()
    }

    /// How long it still lives.
    pub fn remaining(&self) -> Duration {
        self.dies.saturating_duration_since(Instant::now())
    }

    /// Gives it up, later and from elsewhere.
    pub fn canceller(&self) -> Cancel {
        Cancel(self.cancel.clone())
    }

    /// Waits for the person, checks what they bring, and tells the browser how it ended.
    ///
    /// # Errors
    /// Why nobody was signed in.
    pub async fn finish(self) -> Result<Arrival, SignInError> {
        let Self { http, clock, dies, cancel, pages, waiting, .. } = self;
        let life = Life { dies, cancel };
        let outcome = match waiting {
            Waiting::Oidc(request, listener) => {
                let (provider, authorization) = *request;
                let (answer, browser) = answer(&life, listener, authorization.expected.clone()).await?;
                let outcome = match answer {
                    Answer::Code(code) => {
                        life.within(provider.redeem(&http, &clock, authorization, code)).await.flatten()
                    }
                    Answer::Refused { error, description } => Err(SignInError::Refused {
                        error: shown(&error).unwrap_or_default(),
                        description: description.as_deref().and_then(shown),
                    }),
                    Answer::Token(_) => Err(Distrust::Unreadable.into()),
                };
                tell(browser, &pages, &outcome).await;
                outcome
            }
            Waiting::Fleet { base, via, listener } => {
                let (answer, browser) = answer(&life, listener, Kind::Token).await?;
                let outcome = match answer {
                    Answer::Token(token) => {
                        life.within(fleet::redeem(&http, &clock, &base, via, token)).await.flatten()
                    }
                    Answer::Code(_) | Answer::Refused { .. } => Err(Distrust::Unreadable.into()),
                };
                tell(browser, &pages, &outcome).await;
                outcome
            }
            Waiting::Device(request) => {
                let (settings, pending) = *request;
                life.within(device::redeem(&http, &clock, &settings, pending)).await.flatten()
            }
        };
        match &outcome {
            Ok(session) => tracing::info!(method = ?session.person.method, "somebody arrived"),
            Err(error) => {
                tracing::info!(code = ?capibara6_protocol::AppError::from(error.clone()).code, "nobody arrived")
            }
        }
        outcome.map(Arrival)
    }
}

async fn answer(life: &Life, listener: Listener, expected: Kind) -> Result<(Answer, Browser), SignInError> {
    life.within(listener.answer(expected)).await?.map_err(|error| SignInError::Unavailable(error.to_string()))
}

/// Shows the page of how it really ended.
async fn tell(browser: Browser, pages: &Pages, outcome: &Result<Session, SignInError>) {
    let words = if outcome.is_ok() { &pages.success } else { &pages.failure };
    // Without a nonce there is no page: then the browser sees the connection end.
    if let Ok(nonce) = random::text() {
        browser.show(Page::new(words, &nonce)).await;
    }
}
