//! The attempt to sign in that is under way: one at a time, from the first question to the provider to the person who waits
//! to be confirmed. It ends with the program, and with the next attempt.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use capibara6_identity::sign_in::{Arrival, Pages, SignIn, SignInError, Words};
use capibara6_protocol::{AppError, DevicePrompt, ErrorCode, Event, SignInAttempt};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use super::Outside;
use super::ways::Offer;
use crate::frames::Frames;
use crate::surroundings::Surroundings;

/// The attempt, if there is one.
pub(crate) struct Attempts {
    desk: Arc<Desk>,
    /// One start after the other.
    turn: tokio::sync::Mutex<()>,
}

struct Desk {
    frames: Frames,
    surroundings: Surroundings,
    outside: Arc<OnceLock<Arc<dyn Outside>>>,
    current: Mutex<Option<Current>>,
    tasks: TaskTracker,
}

struct Current {
    cancel: CancellationToken,
    shown: SignInAttempt,
    /// What the browser opens.
    address: Option<Url>,
    arrival: Option<Arrival>,
}

impl Attempts {
    pub(super) fn new(frames: Frames, surroundings: Surroundings, outside: Arc<OnceLock<Arc<dyn Outside>>>) -> Self {
        let desk = Desk { frames, surroundings, outside, current: Mutex::default(), tasks: TaskTracker::new() };
        Self { desk: Arc::new(desk), turn: tokio::sync::Mutex::default() }
    }

    /// How it stands.
    pub(super) fn shown(&self) -> Option<SignInAttempt> {
        self.desk.current().as_ref().map(|current| current.shown.clone())
    }

    pub(super) async fn begin(&self, sign_in: SignIn, offer: Offer, pages: Pages) -> Result<SignInAttempt, AppError> {
        let _turn = self.turn.lock().await;
        self.cancel();
        // The one before lets go of its port before this one wants it: that takes no network.
        self.desk.tasks.close();
        self.desk.tasks.wait().await;
        self.desk.tasks.reopen();
        let cancel = CancellationToken::new();
        let shown = SignInAttempt::Starting { method: offer.method, provider: offer.provider() };
        *self.desk.current() =
            Some(Current { cancel: cancel.clone(), shown: shown.clone(), address: None, arrival: None });
        self.desk.tell();
        let desk = Arc::clone(&self.desk);
        self.desk.tasks.spawn(async move { Box::pin(desk.run(sign_in, offer, pages, cancel)).await });
        Ok(shown)
    }

    /// Gives it up, or puts away how it ended.
    pub(crate) fn cancel(&self) {
        let before = self.desk.current().take();
        if let Some(before) = before {
            before.cancel.cancel();
            self.desk.tell();
        }
    }

    /// The link that the browser opens.
    ///
    /// # Errors
    /// `not-found` where nothing is waited for.
    pub(crate) fn link(&self) -> Result<Url, AppError> {
        let current = self.desk.current();
        let address = current.as_ref().and_then(|current| current.address.clone());
        drop(current);
        address.ok_or_else(|| ErrorCode::NotFound.into())
    }

    /// Opens the browser again.
    ///
    /// # Errors
    /// `not-found` where nothing is waited for, or why no browser was opened.
    pub(crate) fn open_again(&self) -> Result<(), AppError> {
        open(&self.desk.outside, &self.link()?)
    }

    /// The person who arrived; the attempt is over with that.
    pub(crate) fn take_arrival(&self) -> Option<Arrival> {
        let mut current = self.desk.current();
        let arrival = current.as_mut().and_then(|current| current.arrival.take())?;
        *current = None;
        drop(current);
        self.desk.tell();
        Some(arrival)
    }
}

impl Desk {
    async fn run(&self, sign_in: SignIn, offer: Offer, pages: Pages, cancel: CancellationToken) {
        let (method, provider) = (offer.method, offer.provider());
        let outcome = tokio::select! {
            biased;
            () = cancel.cancelled() => Err(SignInError::Cancelled),
            outcome = self.bring(sign_in, offer, pages, &cancel) => outcome,
        };
        match outcome {
            Ok(arrival) => {
                let person = arrival.person().clone();
                let arrived = SignInAttempt::Arrived {
                    method,
                    provider: person.issuer,
                    subject: person.subject,
                    name: person.name,
                    email: person.email,
                };
                self.change(&cancel, |current| {
                    current.shown = arrived;
                    current.address = None;
                    current.arrival = Some(arrival);
                });
                if !cancel.is_cancelled()
                    && let Some(outside) = self.outside.get()
                {
                    outside.come_forward();
                }
            }
            // Whoever gave it up has put it away.
            Err(SignInError::Cancelled) => {}
            Err(error) => {
                let failed = SignInAttempt::Failed { method, provider, error: short(error.into()) };
                self.change(&cancel, |current| {
                    current.shown = failed;
                    current.address = None;
                });
            }
        }
    }

    async fn bring(
        &self,
        sign_in: SignIn,
        offer: Offer,
        pages: Pages,
        cancel: &CancellationToken,
    ) -> Result<Arrival, SignInError> {
        let (method, provider) = (offer.method, offer.provider());
        let attempt = sign_in.begin(offer.way, pages).await?;
        let address = attempt.address().clone();
        let remaining = i64::try_from(attempt.remaining().as_millis()).unwrap_or(i64::MAX);
        let device = attempt.user_code().map(|code| DevicePrompt {
            user_code: code.0.clone(),
            // What is typed by hand needs no query, and is what people compare with their browser.
            address: without_query(&address),
        });
        // Whoever listens does so before the browser is sent: a browser is quick where somebody is signed in there.
        let browser = open(&self.outside, &address).err();
        let waiting = SignInAttempt::Waiting {
            method,
            provider,
            expires_at: self.surroundings.now().saturating_add(remaining),
            device,
            browser,
        };
        self.change(cancel, |current| {
            current.shown = waiting;
            current.address = Some(address);
        });
        attempt.finish().await
    }

    /// Changes the attempt, if it is still this one.
    fn change(&self, cancel: &CancellationToken, change: impl FnOnce(&mut Current)) {
        let mut current = self.current();
        if cancel.is_cancelled() {
            return;
        }
        if let Some(current) = current.as_mut() {
            change(current);
        }
        drop(current);
        self.tell();
    }

    fn tell(&self) {
        let attempt = self.current().as_ref().map(|current| Box::new(current.shown.clone()));
        self.frames.send(Event::SignInChanged { attempt });
    }

    fn current(&self) -> MutexGuard<'_, Option<Current>> {
        // A panic cannot leave it half-written: it is put and taken whole.
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens an address in the browser. Whether it may be unencrypted was decided where it was made; here it is only made sure
/// that it is a page and no other thing that systems open.
pub(super) fn open(outside: &OnceLock<Arc<dyn Outside>>, address: &Url) -> Result<(), AppError> {
    if !matches!(address.scheme(), "https" | "http") || !address.has_host() {
        return Err(ErrorCode::LinkRefused.into());
    }
    outside.get().ok_or(ErrorCode::LinkRefused)?.open(address)
}

fn without_query(address: &Url) -> String {
    let mut address = address.clone();
    address.set_query(None);
    address.set_fragment(None);
    address.into()
}

/// An error that fits into a frame.
fn short(mut error: AppError) -> AppError {
    const DETAIL_BYTES: usize = 1_000;
    if let Some(detail) = &mut error.detail {
        *detail = capibara6_logging::redact(detail).into_owned();
        if detail.len() > DETAIL_BYTES {
            detail.truncate(detail.floor_char_boundary(DETAIL_BYTES));
            detail.push('…');
        }
    }
    error
}

/// Pages without words, where nobody brought any.
pub(super) fn plain_pages() -> Pages {
    let words = |title: &str| Words {
        language: "en".to_owned(),
        right_to_left: false,
        title: title.to_owned(),
        text: String::new(),
    };
    Pages { success: words("✓"), failure: words("✗") }
}
