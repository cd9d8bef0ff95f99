//! Sessions: who is signed in, with tokens that are renewed before anybody notices, kept in the secret store.
//!
//! A session ends only where its provider says so (or the person): not because a network is down, a clock is off by a
//! little, or a hundred requests found the token stale at once. What is renewed is renewed once, by a task of its own that
//! nobody can interrupt between the provider's answer and the store.

#![allow(clippy::significant_drop_tightening, reason = "the state is locked until what changed is told")]

mod kept;
mod origins;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use capibara6_protocol::{AppError, ErrorCode};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use url::Url;

pub use origins::{Origins, Withheld};

use crate::clock::{Clock, SKEW};
use crate::sign_in::oidc::{NotRenewed, Provider, Standing};
use crate::sign_in::{Arrival, Issued, Person, Session, Tokens, device, fleet};
use crate::transport::Http;
use crate::{Secret, SecretStore};

/// How long signing out waits for a provider to forget.
const REVOCATION_DEADLINE: Duration = Duration::from_secs(5);

/// Which account: enough to find its session in the store, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AccountId {
    /// Who vouches for the person.
    pub issuer: String,
    /// Who they are to the issuer.
    pub subject: String,
}

impl AccountId {
    /// Whose it is.
    pub fn of(person: &Person) -> Self {
        Self { issuer: person.issuer.clone(), subject: person.subject.clone() }
    }
}

/// The account that is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Who it is.
    pub person: Person,
    /// How the session stands.
    pub state: State,
}

/// How a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// As the last run of the program left it. Its token is used until somebody says otherwise.
    Unchecked,
    /// The provider said so in this run.
    Good,
    /// It is over; the person is remembered and may sign in again.
    Expired,
}

/// A token to show to services, and whose it is. `Debug` does not show it.
#[derive(Debug, Clone)]
pub struct Bearer {
    account: AccountId,
    token: Secret,
}

impl Bearer {
    /// Whose it is.
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// The token, for a header. [`Origins::attach`] does that where it may go.
    pub fn expose(&self) -> &str {
        self.token.expose()
    }
}

/// What became of a session that was ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedOut {
    /// What the provider did.
    pub revocation: Revocation,
    /// Where a browser ends the session at the provider, too, if it offers that.
    pub end_session: Option<Url>,
}

/// What a provider did with the tokens of a session that was ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revocation {
    /// It forgot them.
    Done,
    /// It offers no such thing, or there was nothing to forget: what tokens there were stay good until they expire.
    NotOffered,
    /// It could not be asked, or did not do it.
    Failed(AppError),
}

/// The sessions of this computer's user. Clones are the same.
#[derive(Debug, Clone)]
pub struct Sessions(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: SecretStore,
    http: Http,
    clock: Clock,
    held: Mutex<Held>,
    account: watch::Sender<Option<Account>>,
    /// Held while several entries of the store are written or removed.
    writing: tokio::sync::Mutex<()>,
    providers: Mutex<HashMap<(String, String), Arc<Provider>>>,
}

/// What is in memory.
#[derive(Debug, Default)]
struct Held {
    active: Option<AccountId>,
    known: Vec<AccountId>,
    sessions: HashMap<AccountId, Live>,
    /// Counts the sessions, so that one is never taken for a later one of the same account.
    born: u64,
}

/// How a renewal ended, once it has.
type Renewal = watch::Receiver<Option<Result<(), AppError>>>;

/// What to do for somebody who wants a token.
enum Course {
    /// This one is good.
    Use(Bearer),
    /// It expired, and nothing buys another one.
    Over {
        /// Which session that is.
        born: u64,
    },
    /// Another one is on its way; until then there may be one that is good for a little longer.
    Wait { renewal: Renewal, fallback: Option<Bearer> },
}

/// A session in memory.
#[derive(Debug)]
struct Live {
    session: Session,
    state: State,
    born: u64,
    /// The renewal under way.
    renewal: Option<Renewal>,
    /// The store has an older version.
    unsaved: bool,
}

impl Live {
    fn account(&self) -> Account {
        Account { person: self.session.person.clone(), state: self.state }
    }
}

impl Sessions {
    /// No session yet; nothing is asked before the first call.
    pub fn new(store: SecretStore, http: Http, clock: Clock) -> Self {
        Self(Arc::new(Inner {
            store,
            http,
            clock,
            held: Mutex::default(),
            account: watch::Sender::new(None),
            writing: tokio::sync::Mutex::new(()),
            providers: Mutex::default(),
        }))
    }

    /// Takes up the session of the last run, from the store alone: signed in without a prompt and without a network.
    /// `known` are the accounts as [`Self::known`] gave them then.
    ///
    /// # Errors
    /// Why the store cannot be read. Nobody is signed in then, and nothing is lost: it can be opened again.
    pub async fn open(&self, known: Vec<AccountId>, active: Option<AccountId>) -> Result<Option<Account>, AppError> {
        self.0.held().known = known;
        match active {
            Some(id) => {
                let gone = |error: &AppError| error.code == ErrorCode::NotFound;
                self.switch(&id).await.map(Some).or_else(|error| if gone(&error) { Ok(None) } else { Err(error) })
            }
            None => Ok(None),
        }
    }

    /// Keeps the session of a person who confirmed that it is them, and makes it the active one.
    ///
    /// # Errors
    /// Why it is not in the store. It is active all the same, until the program ends.
    pub async fn keep(&self, session: Session) -> Result<AccountId, AppError> {
        let id = AccountId::of(&session.person);
        {
            let mut held = self.0.held();
            held.born += 1;
            let live = Live { session, state: State::Good, born: held.born, renewal: None, unsaved: true };
            held.sessions.insert(id.clone(), live);
            if !held.known.contains(&id) {
                held.known.push(id.clone());
            }
            held.active = Some(id.clone());
            self.0.publish(&held);
        }
        self.0.save(&id).await?;
        Ok(id)
    }

    /// Somebody arrived and said that it is not them, or nothing: their tokens are given back to the provider, where it takes
    /// them. Nothing is kept.
    pub async fn turn_away(&self, arrival: Arrival) -> Revocation {
        self.0.revoke(&arrival.confirm()).await.revocation
    }

    /// The accounts that have been kept: what the caller keeps for the next run. No secret is in them.
    pub fn known(&self) -> Vec<AccountId> {
        self.0.held().known.clone()
    }

    /// Who an account is, from memory or from the store. Nothing where it has no session there any more.
    ///
    /// # Errors
    /// Why the store cannot be read.
    pub async fn person(&self, id: &AccountId) -> Result<Option<Person>, AppError> {
        let in_memory = self.0.held().sessions.get(id).map(|live| live.session.person.clone());
        match in_memory {
            Some(person) => Ok(Some(person)),
            None => Ok(kept::read(&self.0.store, id).await?.map(|session| session.person)),
        }
    }

    /// Makes another account the active one.
    ///
    /// # Errors
    /// `not-found` where it has no session (any more), or why the store cannot be read; the active account stays.
    pub async fn switch(&self, id: &AccountId) -> Result<Account, AppError> {
        let in_memory = self.0.held().sessions.contains_key(id);
        let read = if in_memory { None } else { kept::read(&self.0.store, id).await? };
        let mut held = self.0.held();
        if let Some(session) = read {
            held.born += 1;
            let born = held.born;
            let state = if session.tokens.is_some() { State::Unchecked } else { State::Expired };
            // Another call may have brought it meanwhile, and perhaps renewed it.
            held.sessions.entry(id.clone()).or_insert(Live { session, state, born, renewal: None, unsaved: false });
        }
        let account = held.sessions.get(id).map(Live::account).ok_or(ErrorCode::NotFound)?;
        if !held.known.contains(id) {
            held.known.push(id.clone());
        }
        held.active = Some(id.clone());
        self.0.publish(&held);
        drop(held);
        Ok(account)
    }

    /// Makes no account the active one. Its session stays, in memory and in the store.
    pub fn leave(&self) {
        let mut held = self.0.held();
        held.active = None;
        self.0.publish(&held);
    }

    /// When the active session's access token expires, in seconds since 1970, where that is known.
    pub fn expires_at(&self) -> Option<u64> {
        let held = self.0.held();
        let live = held.active.as_ref().and_then(|id| held.sessions.get(id))?;
        live.session.tokens.as_ref()?.expires_at
    }

    /// Takes all sessions to another keeper of secrets, which is the store from then on. What cannot be read where they
    /// are stays there, and so does what cannot be removed: the next signing out there removes it.
    ///
    /// # Errors
    /// Why the other keeper does not keep them; then nothing changed.
    pub async fn move_to(&self, other: &SecretStore) -> Result<(), AppError> {
        let _writing = self.0.writing.lock().await;
        let old = self.0.store.detached();
        let mut moved = Vec::new();
        for id in self.known() {
            let in_memory = self.0.held().sessions.get(&id).map(|live| live.session.clone());
            let session = match in_memory {
                Some(session) => Some(session),
                None => kept::read(&old, &id).await.unwrap_or_default(),
            };
            if let Some(session) = session {
                kept::write(other, &session).await?;
                moved.push(id);
            }
        }
        self.0.store.go_on_to(other);
        for id in moved {
            if let Err(error) = kept::remove(&old, &id).await {
                tracing::warn!(%error, "a session is still where secrets were kept before");
            }
        }
        Ok(())
    }

    /// The active account.
    pub fn account(&self) -> Option<Account> {
        self.0.account.borrow().clone()
    }

    /// The active account's id.
    pub fn active(&self) -> Option<AccountId> {
        self.0.held().active.clone()
    }

    /// Tells about every change of the active account.
    pub fn watch(&self) -> watch::Receiver<Option<Account>> {
        self.0.account.subscribe()
    }

    /// Asks the provider whether the active session still holds, and renews it where that is due. For the background,
    /// after a start. An expired session is no error: it shows in [`Self::watch`].
    ///
    /// # Errors
    /// Where nobody could be asked; the session stays as it is.
    pub async fn check(&self) -> Result<(), AppError> {
        let bearer = match self.bearer(None).await {
            Ok(Some(bearer)) => bearer,
            Ok(None) => return Ok(()),
            Err(error) if error.code == ErrorCode::SessionExpired => return Ok(()),
            Err(error) => return Err(error),
        };
        let issued = self.0.held().sessions.get(&bearer.account).map(|live| live.session.issued.clone());
        let standing = match issued {
            None => return Ok(()),
            Some(Issued::Oidc { issuer, client_id }) => {
                let provider = self.0.provider(&issuer, &client_id).await?;
                provider.check(&self.0.http, &bearer.token).await?
            }
            Some(Issued::Fleet { base }) => fleet::check(&self.0.http, &address(&base)?, &bearer.token).await?,
            Some(Issued::Device { user }) => device::check(&self.0.http, &address(&user)?, &bearer.token).await?,
        };
        match standing {
            Standing::Good => {
                self.0.change(&bearer.account, |live| {
                    // Of a session that has been renewed or has ended meanwhile, this answer says nothing.
                    if live.session.tokens.as_ref().is_some_and(|tokens| same(&tokens.access, &bearer.token)) {
                        live.state = State::Good;
                    }
                });
                Ok(())
            }
            Standing::Stale => match self.renewed(&bearer.account, Some(&bearer)).await {
                Err(error) if error.code == ErrorCode::SessionExpired => Ok(()),
                outcome => outcome.map(drop),
            },
        }
    }

    /// The active session's token; nothing where nobody is signed in. `stale` is the token with which a service just
    /// answered 401, to be renewed; whoever comes while that is under way waits for it, and whoever comes later with the
    /// same stale token gets the new one.
    ///
    /// # Errors
    /// `session-expired` where somebody has to sign in again; otherwise why the token could not be renewed, and then the
    /// session stays.
    pub async fn bearer(&self, stale: Option<&Bearer>) -> Result<Option<Bearer>, AppError> {
        let Some(id) = self.active() else { return Ok(None) };
        // A token of another account says nothing about this one's.
        let stale = stale.filter(|stale| stale.account == id);
        self.renewed(&id, stale).await.map(Some)
    }

    async fn renewed(&self, id: &AccountId, stale: Option<&Bearer>) -> Result<Bearer, AppError> {
        let (mut renewal, fallback) = match self.course(id, stale)? {
            Course::Use(bearer) => return Ok(bearer),
            Course::Over { born } => {
                self.0.expire(id, born).await;
                return Err(ErrorCode::SessionExpired.into());
            }
            Course::Wait { renewal, fallback } => (renewal, fallback),
        };
        let outcome = renewal.wait_for(Option::is_some).await.map(|outcome| outcome.clone());
        match outcome {
            Ok(Some(Ok(()))) => {
                let held = self.0.held();
                let tokens = held.sessions.get(id).and_then(|live| live.session.tokens.as_ref());
                let token = tokens.map(|tokens| tokens.access.clone());
                drop(held);
                // Whoever signed out meanwhile has no token.
                token.map(|token| Bearer { account: id.clone(), token }).ok_or_else(|| ErrorCode::SessionExpired.into())
            }
            // The old one lasts a little longer: enough for this request, and the next one tries again.
            Ok(Some(Err(error))) => fallback.filter(|_| error.code != ErrorCode::SessionExpired).ok_or(error),
            Ok(None) | Err(_) => {
                self.0.change(id, |live| live.renewal = None);
                Err(AppError::new(ErrorCode::Internal).with_detail("a renewal ended without an outcome"))
            }
        }
    }

    /// What to do for somebody who wants the token of an account; begins a renewal where one is due and none is under way.
    fn course(&self, id: &AccountId, stale: Option<&Bearer>) -> Result<Course, AppError> {
        let now = self.0.clock.now();
        let mut held = self.0.held();
        let live = held.sessions.get_mut(id).ok_or(ErrorCode::SessionExpired)?;
        let tokens = live.session.tokens.as_ref().ok_or(ErrorCode::SessionExpired)?;
        let bearer = Bearer { account: id.clone(), token: tokens.access.clone() };
        let refused = stale.is_some_and(|stale| same(&stale.token, &tokens.access));
        let lasts = |more: Duration| tokens.expires_at.is_none_or(|end| now < end.saturating_add(more.as_secs()));
        if !refused && tokens.renew_at.or(tokens.expires_at).is_none_or(|due| now < due) {
            return Ok(Course::Use(bearer));
        }
        if tokens.refresh.is_none() {
            // A clock that is a little ahead makes nobody sign in again; a service that refuses the token does.
            let good_still = !refused && lasts(SKEW);
            return Ok(if good_still { Course::Use(bearer) } else { Course::Over { born: live.born } });
        }
        let fallback = (!refused && lasts(Duration::ZERO)).then_some(bearer);
        let born = live.born;
        let renewal = live.renewal.get_or_insert_with(|| {
            let (done, renewal) = watch::channel(None);
            let (inner, id) = (Arc::clone(&self.0), id.clone());
            // A task of its own: whoever waits for it may go away, and what it buys is kept all the same.
            tokio::spawn(async move {
                let outcome = inner.renew(&id, born).await;
                done.send_replace(Some(outcome));
            });
            renewal
        });
        Ok(Course::Wait { renewal: renewal.clone(), fallback })
    }

    /// Ends a session: removes its secret from this computer, and tells the provider to forget it where it can be told.
    ///
    /// # Errors
    /// Why the secret is still in the store. Nobody is signed in with it any more all the same, and it can be asked again.
    pub async fn sign_out(&self, id: &AccountId) -> Result<SignedOut, AppError> {
        let in_memory = {
            let mut held = self.0.held();
            if held.active.as_ref() == Some(id) {
                held.active = None;
            }
            let removed = held.sessions.remove(id).map(|live| live.session);
            self.0.publish(&held);
            removed
        };
        let session = match in_memory {
            Some(session) => Some(session),
            None => kept::read(&self.0.store, id).await?,
        };
        let removed = {
            let _writing = self.0.writing.lock().await;
            kept::remove(&self.0.store, id).await
        };
        let gone = match session {
            Some(session) => self.0.revoke(&session).await,
            None => SignedOut { revocation: Revocation::NotOffered, end_session: None },
        };
        removed?;
        self.0.held().known.retain(|known| known != id);
        Ok(gone)
    }
}

impl Inner {
    /// The state in memory. It is never held across an await.
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn publish(&self, held: &Held) {
        let account = held.active.as_ref().and_then(|id| held.sessions.get(id)).map(Live::account);
        self.account.send_if_modified(|shown| {
            let changed = *shown != account;
            *shown = account;
            changed
        });
    }

    /// Changes a session in memory, if it is there.
    fn change(&self, id: &AccountId, change: impl FnOnce(&mut Live)) {
        let mut held = self.held();
        if let Some(live) = held.sessions.get_mut(id) {
            change(live);
            self.publish(&held);
        }
    }

    /// Buys new tokens for a session, and keeps them.
    async fn renew(&self, id: &AccountId, born: u64) -> Result<(), AppError> {
        let outcome = self.buy(id, born).await;
        let bought = match outcome {
            Ok(bought) => bought,
            Err(NotRenewed::Over) => {
                self.expire(id, born).await;
                return Err(ErrorCode::SessionExpired.into());
            }
            Err(NotRenewed::Unavailable(error)) => {
                tracing::info!(code = ?error.code, "a session could not be renewed now");
                self.change(id, |live| live.renewal = None);
                return Err(error);
            }
        };
        let orphaned = {
            let mut held = self.held();
            let orphaned = match held.sessions.get_mut(id).filter(|live| live.born == born) {
                Some(live) => {
                    live.session.tokens = Some(bought);
                    live.state = State::Good;
                    live.renewal = None;
                    live.unsaved = true;
                    None
                }
                None => Some(bought),
            };
            self.publish(&held);
            orphaned
        };
        if let Some(tokens) = orphaned {
            // Somebody signed out while these were bought: they must not outlive that.
            self.forget(id, tokens).await;
            return Err(ErrorCode::SessionExpired.into());
        }
        tracing::debug!("a session was renewed");
        if let Err(error) = self.save(id).await {
            // It goes on from memory, and is written with the next renewal.
            tracing::warn!(code = ?error.code, "a renewed session could not be kept");
        }
        Ok(())
    }

    async fn buy(&self, id: &AccountId, born: u64) -> Result<Tokens, NotRenewed> {
        let (session, refresh) = {
            let held = self.held();
            let live = held.sessions.get(id).filter(|live| live.born == born).ok_or(NotRenewed::Over)?;
            let refresh = live.session.tokens.as_ref().and_then(|tokens| tokens.refresh.clone());
            (live.session.clone(), refresh.ok_or(NotRenewed::Over)?)
        };
        let Issued::Oidc { issuer, client_id } = &session.issued else { return Err(NotRenewed::Over) };
        let provider = self.provider(issuer, client_id).await.map_err(NotRenewed::Unavailable)?;
        provider.refresh(&self.http, &self.clock, &session.person, &refresh).await
    }

    /// Tells the provider to forget tokens that nobody will use.
    async fn forget(&self, id: &AccountId, tokens: Tokens) {
        let providers = self.providers.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for ((issuer, _), provider) in providers {
            if issuer == id.issuer
                && let Err(error) = provider.revoke(&self.http, &tokens).await
            {
                tracing::info!(code = ?error.code, "tokens that nobody uses could not be revoked");
            }
        }
    }

    /// The session is over: its tokens go, its person stays.
    async fn expire(&self, id: &AccountId, born: u64) {
        {
            let mut held = self.held();
            let Some(live) = held.sessions.get_mut(id).filter(|live| live.born == born) else { return };
            live.session.tokens = None;
            live.state = State::Expired;
            live.renewal = None;
            live.unsaved = true;
            self.publish(&held);
        }
        tracing::info!("a session is over");
        if let Err(error) = self.save(id).await {
            tracing::warn!(code = ?error.code, "the end of a session could not be kept");
        }
    }

    /// Writes a session as it is in memory by the time it is its turn.
    async fn save(&self, id: &AccountId) -> Result<(), AppError> {
        let _writing = self.writing.lock().await;
        let current = {
            let held = self.held();
            held.sessions.get(id).filter(|live| live.unsaved).map(|live| (live.session.clone(), live.born))
        };
        let Some((session, born)) = current else { return Ok(()) };
        kept::write(&self.store, &session).await?;
        let mut held = self.held();
        if let Some(live) = held.sessions.get_mut(id).filter(|live| live.born == born) {
            let as_written = match (&live.session.tokens, &session.tokens) {
                (Some(now), Some(written)) => same(&now.access, &written.access),
                (None, None) => true,
                (Some(_), None) | (None, Some(_)) => false,
            };
            live.unsaved = !as_written;
        }
        drop(held);
        Ok(())
    }

    /// A provider, asked to describe itself once a run.
    async fn provider(&self, issuer: &str, client_id: &str) -> Result<Arc<Provider>, AppError> {
        let key = (issuer.to_owned(), client_id.to_owned());
        let providers = || self.providers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(provider) = providers().get(&key) {
            return Ok(Arc::clone(provider));
        }
        let provider = Arc::new(Provider::discover(&self.http, issuer, client_id).await?);
        providers().insert(key, Arc::clone(&provider));
        Ok(provider)
    }

    async fn revoke(&self, session: &Session) -> SignedOut {
        let revoking = async {
            match (&session.issued, &session.tokens) {
                (Issued::Oidc { issuer, client_id }, tokens) => {
                    let provider = self.provider(issuer, client_id).await?;
                    let revoked = match tokens {
                        Some(tokens) => provider.revoke(&self.http, tokens).await,
                        None => Ok(false),
                    };
                    let end_session = provider.end_session(&self.http);
                    let revocation = revoked.map_or_else(Revocation::Failed, |done| {
                        if done { Revocation::Done } else { Revocation::NotOffered }
                    });
                    Ok(SignedOut { revocation, end_session })
                }
                (Issued::Fleet { base }, _) => {
                    fleet::sign_out(&self.http, &address(base)?).await?;
                    Ok(SignedOut { revocation: Revocation::NotOffered, end_session: None })
                }
                (Issued::Device { .. }, _) => Ok(SignedOut { revocation: Revocation::NotOffered, end_session: None }),
            }
        };
        let failed = |error| SignedOut { revocation: Revocation::Failed(error), end_session: None };
        match tokio::time::timeout(REVOCATION_DEADLINE, revoking).await {
            Ok(Ok(gone)) => gone,
            Ok(Err(error)) => failed(error),
            Err(_) => failed(AppError::new(ErrorCode::SignInUnavailable).with_detail("no answer in time")),
        }
    }
}

/// Whether two tokens are the same one. Both are ours: there is nobody to hide the time from.
fn same(one: &Secret, other: &Secret) -> bool {
    one.expose() == other.expose()
}

fn address(text: &str) -> Result<Url, AppError> {
    Url::parse(text).map_err(|error| AppError::new(ErrorCode::Internal).with_detail(error.to_string()))
}
