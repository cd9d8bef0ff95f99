//! Accounts: the attempt to sign in, the session that comes of it, and the place where secrets are kept.
//!
//! The machinery is the identity crate's; here it is put together with the profile (which ways there are, where tokens may
//! go), the window (what is told) and the spaces (whose history is open, in [`crate::spaces`]). Nothing here waits for a
//! secret store or a network while a command of another domain runs, and nothing is asked of a provider that the profile in
//! use does not offer. Who signs in by whom else's choice is shown first: nothing is stored before the user confirms.

mod attempt;
mod keeping;
mod known;
mod pass;
mod ways;
mod wire;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use capibara6_identity::sign_in::{Arrival, Pages, SignIn};
use capibara6_identity::{AccountId, Clock, Http, PlainConsent, SecretStore, Sessions, SignedOut as Gone, State};
use capibara6_protocol::{
    AccountKey, AccountState, AccountView, Accounts as View, AppError, ErrorCode, Event, KeepIn, Profile, Revocation,
    SignInAttempt, SignedIn, SignedOut,
};
use url::Url;

use self::attempt::Attempts;
use self::keeping::Keeping;
use self::known::{Known, Remembered, Standing};
pub(crate) use self::pass::{Pass, Token};
pub(crate) use self::wire::InUse;
use self::wire::Wire;
use crate::fleet::{Fleet, copy_keys, remove_keys};
use crate::frames::Frames;
use crate::surroundings::Surroundings;

/// What the shell does for whoever signs in.
pub trait Outside: Send + Sync + 'static {
    /// Opens an address in the system's browser.
    ///
    /// # Errors
    /// Why it was not opened.
    fn open(&self, address: &Url) -> Result<(), AppError>;

    /// Brings the window to the front: the person is back from their browser.
    fn come_forward(&self);

    /// The words of the browser's last page, in the language that is set.
    fn pages(&self) -> Pages;
}

/// The accounts of this computer's user.
pub(crate) struct Accounts {
    home: PathBuf,
    sessions: Sessions,
    http: Http,
    clock: Clock,
    frames: Frames,
    in_use: InUse,
    outside: Arc<OnceLock<Arc<dyn Outside>>>,
    attempts: Attempts,
    keeping: Keeping,
    known: Mutex<Known>,
    /// How the session of the active account stands, where that is not for [`Sessions`] to say.
    remembered: Mutex<Remembering>,
    /// One sign-in, sign-out or change of account after the other.
    turn: tokio::sync::Mutex<()>,
}

/// What is known of a session that was not read from the secret store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Remembering {
    /// The store was not asked yet, or could not be.
    Unread,
    /// The store has none.
    Gone,
}

impl Accounts {
    /// The accounts that were written in the data directory. Nothing is asked of anybody yet.
    pub(crate) fn new(
        home: PathBuf,
        system: SecretStore,
        place: KeepIn,
        surroundings: Surroundings,
        frames: Frames,
        in_use: InUse,
    ) -> Self {
        let keeping = Keeping::new(&home, system, place);
        let seconds = surroundings.clone();
        let clock = Clock::new(move || {
            let since = std::time::Duration::from_millis(u64::try_from(seconds.now()).unwrap_or_default());
            std::time::UNIX_EPOCH + since
        });
        let http = Http::new(Wire(Arc::clone(&in_use)), PlainConsent::default());
        let sessions = Sessions::new(keeping.store().clone(), http.clone(), clock.clone());
        let known = Known::read(&home);
        let outside = Arc::<OnceLock<Arc<dyn Outside>>>::default();
        Self {
            attempts: Attempts::new(frames.clone(), surroundings, Arc::clone(&outside)),
            home,
            sessions,
            http,
            clock,
            frames,
            in_use,
            outside,
            keeping,
            known: Mutex::new(known),
            remembered: Mutex::new(Remembering::Unread),
            turn: tokio::sync::Mutex::default(),
        }
    }

    /// The shell is there.
    pub(crate) fn connect(&self, outside: Arc<dyn Outside>) {
        if self.outside.set(outside).is_err() {
            tracing::error!("the shell was connected twice");
        }
    }

    /// Where secrets are kept.
    pub(crate) fn secrets(&self) -> &SecretStore {
        self.keeping.store()
    }

    /// The place for secrets.
    pub(crate) fn keeping(&self) -> &Keeping {
        &self.keeping
    }

    /// The tokens for requests to the fleet.
    pub(crate) fn pass(&self) -> Pass {
        Pass::new(self.sessions.clone(), self.http.clone())
    }

    /// The addresses to which credentials may go unencrypted from now on.
    pub(crate) fn consent_to(&self, origins: impl IntoIterator<Item = String>) {
        let addresses: Vec<Url> = origins.into_iter().filter_map(|origin| Url::parse(&origin).ok()).collect();
        self.http.consent_to(PlainConsent::to(&addresses));
    }

    // What is shown ----------------------------------------------------------------------------------------------------

    /// The active account's key: whose history is to be open.
    pub(crate) fn active(&self) -> Option<AccountKey> {
        self.known().active().map(Remembered::key)
    }

    /// The active account.
    pub(crate) fn active_view(&self) -> Option<AccountView> {
        let active = self.known().active().cloned()?;
        Some(self.view_of(&active))
    }

    /// Everything.
    pub(crate) fn view(&self, consents: Vec<capibara6_protocol::PlainConsent>) -> View {
        let known = self.known().clone();
        let fleet = self.fleet().filter(|fleet| !fleet.is_practice());
        let consent = self.http.consent();
        View {
            active: known.active().map(|active| self.view_of(active)),
            known: known.accounts.iter().map(|known| self.view_of(known)).collect(),
            ways: fleet.map(|fleet| ways::shown(&fleet.view.profile, &consent)).unwrap_or_default(),
            attempt: self.attempts.shown(),
            keeping: self.keeping.view(),
            consents,
        }
    }

    fn view_of(&self, remembered: &Remembered) -> AccountView {
        let id = remembered.id();
        let active = self.known().active.as_ref() == Some(&remembered.key());
        let held = active && self.sessions.active().as_ref() == Some(&id);
        let session = self.sessions.account().filter(|_| held);
        let state = match (remembered.standing, session.as_ref().map(|account| account.state)) {
            (Standing::SignedOut, _) => AccountState::SignedOut,
            (Standing::SignedIn, Some(State::Good)) => AccountState::Confirmed,
            (Standing::SignedIn, Some(State::Unchecked)) => AccountState::Remembered,
            (Standing::SignedIn, Some(State::Expired)) => AccountState::Expired,
            (Standing::SignedIn, None) => match *lock(&self.remembered) {
                Remembering::Gone if active => AccountState::Expired,
                Remembering::Gone | Remembering::Unread => AccountState::Remembered,
            },
        };
        let person = session.map_or_else(|| remembered.person.clone(), |account| account.person);
        let expires = held.then(|| self.sessions.expires_at()).flatten();
        AccountView {
            account: remembered.key(),
            method: known::method(person.method),
            provider: person.issuer,
            subject: person.subject,
            name: person.name,
            email: person.email,
            state,
            expires_at: expires.and_then(|seconds| i64::try_from(seconds.saturating_mul(1_000)).ok()),
        }
    }

    /// Tells the window that something changed.
    pub(crate) fn tell(&self) {
        self.frames.send(Event::AccountChanged { active: self.active_view().map(Box::new) });
    }

    // Sessions ---------------------------------------------------------------------------------------------------------

    /// Says which sessions there may be. Nothing is asked of the secret store.
    pub(crate) async fn remember(&self) {
        let ids = self.known().accounts.iter().map(Remembered::id).collect();
        // Without an account to take up there is nothing that could go wrong.
        drop(self.sessions.open(ids, None).await);
    }

    /// Takes up the session of the active account from the secret store and asks its provider about it. For the background:
    /// both may take their time.
    pub(crate) async fn resume(&self) {
        let _turn = self.turn.lock().await;
        let (ids, active) = {
            let known = self.known();
            let active = known.active().map(Remembered::id);
            (known.accounts.iter().map(Remembered::id).collect::<Vec<_>>(), active)
        };
        if active.is_none() || self.sessions.active() == active {
            return;
        }
        match self.sessions.open(ids, active).await {
            Ok(Some(_)) => self.keeping.is_fine(),
            Ok(None) => {
                self.keeping.is_fine();
                *lock(&self.remembered) = Remembering::Gone;
            }
            Err(error) => self.keeping.is_in_trouble(error.code),
        }
        self.tell();
    }

    /// Asks the provider of the active session whether it holds, where the profile in use offers that provider.
    pub(crate) async fn check(&self) {
        let Some(active) = self.sessions.active() else { return };
        if !self.fleet().is_some_and(|fleet| ways::leads_to(&fleet.view.profile, &active.issuer)) {
            return;
        }
        if let Err(error) = self.sessions.check().await {
            tracing::info!(code = ?error.code, "the session could not be checked; it stays");
        }
    }

    /// Tells the window whenever the active session stands otherwise, until the program ends.
    pub(crate) fn watch(self: &Arc<Self>) {
        let mut changes = self.sessions.watch();
        let accounts = Arc::downgrade(self);
        tokio::spawn(async move {
            while changes.changed().await.is_ok() {
                changes.borrow_and_update();
                let Some(accounts) = accounts.upgrade() else { return };
                accounts.tell();
            }
        });
    }

    /// One sign-in, sign-out or change after the other: held while spaces change as well.
    pub(crate) async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// Whether an account may become the active one.
    ///
    /// # Errors
    /// `not-found`, or `session-expired` for one that signed out: its history is closed until the next sign-in.
    pub(crate) fn may_switch(&self, account: &AccountKey) -> Result<(), AppError> {
        match self.known().find(account).ok_or(ErrorCode::NotFound)?.standing {
            Standing::SignedIn => Ok(()),
            Standing::SignedOut => Err(ErrorCode::SessionExpired.into()),
        }
    }

    /// No session is used any more: before another space is opened.
    pub(crate) fn leave(&self) {
        self.sessions.leave();
    }

    /// An account is the active one from now on, whether or not the secret store still has its session.
    pub(crate) async fn switch(&self, account: &AccountKey) -> Result<(), AppError> {
        let id = self.known().find(account).map(Remembered::id).ok_or(ErrorCode::NotFound)?;
        self.change_known(|known| known.active = Some(account.clone()));
        *lock(&self.remembered) = Remembering::Unread;
        match self.sessions.switch(&id).await {
            Ok(_) => self.keeping.is_fine(),
            Err(error) if error.code == ErrorCode::NotFound => *lock(&self.remembered) = Remembering::Gone,
            Err(error) => self.keeping.is_in_trouble(error.code),
        }
        Ok(())
    }

    /// Nobody is the active account from now on, also at the next start; whoever was stays signed in.
    pub(crate) fn step_aside(&self) {
        self.change_known(|known| known.active = None);
    }

    /// The names of all known accounts, in the order in which they came.
    pub(crate) fn known_keys(&self) -> Vec<AccountKey> {
        self.known().accounts.iter().map(Remembered::key).collect()
    }

    /// An account is signed out from now on, also at the next start and whatever happens next.
    ///
    /// # Errors
    /// `not-found`.
    pub(crate) fn mark_signed_out(&self, account: &AccountKey) -> Result<(), AppError> {
        self.known().find(account).ok_or(ErrorCode::NotFound)?;
        self.change_known(|known| known.sign_out(account));
        Ok(())
    }

    /// Removes the session of an account that is marked as signed out, and tells its provider.
    ///
    /// # Errors
    /// `not-found`.
    pub(crate) async fn sign_out(&self, account: &AccountKey) -> Result<SignedOut, AppError> {
        let id = self.known().find(account).map(Remembered::id).ok_or(ErrorCode::NotFound)?;
        let ended = self.sessions.sign_out(&id).await;
        let (revocation, end_session, still_stored) = match ended {
            Ok(Gone { revocation, end_session }) => (shown(&revocation), end_session, None),
            Err(error) => {
                self.keeping.is_in_trouble(error.code);
                (Revocation::Failed, None, Some(error))
            }
        };
        if let Some(address) = end_session
            && let Err(error) = attempt::open(&self.outside, &address)
        {
            tracing::info!(code = ?error.code, "the provider's page for signing out was not opened");
        }
        Ok(SignedOut { revocation, still_stored })
    }

    /// Forgets an account that signed out.
    pub(crate) fn forget(&self, account: &AccountKey) {
        self.change_known(|known| known.forget(account));
    }

    // Signing in -------------------------------------------------------------------------------------------------------

    /// Starts an attempt in the place of the one that is there.
    pub(crate) async fn begin(&self, method: capibara6_protocol::SignInMethod) -> Result<SignInAttempt, AppError> {
        let fleet = self.fleet().ok_or(ErrorCode::NoProfile)?;
        let offer = ways::offer(&fleet.view.profile, method)?;
        let pages = self.outside.get().map(|outside| outside.pages());
        let sign_in = SignIn::new(self.http.clone(), self.clock.clone());
        self.attempts.begin(sign_in, offer, pages.unwrap_or_else(attempt::plain_pages)).await
    }

    pub(crate) fn attempts(&self) -> &Attempts {
        &self.attempts
    }

    /// Gives the attempt up, or puts away how it ended. Somebody who arrived and was not confirmed leaves nothing behind at
    /// their provider either, where that can be asked.
    pub(crate) fn cancel(&self) {
        if let Some(arrived) = self.attempts.take_arrival() {
            let sessions = self.sessions.clone();
            tokio::spawn(async move { sessions.turn_away(arrived).await });
        }
        self.attempts.cancel();
    }

    /// The account that somebody who arrived would have.
    pub(crate) fn key_of(&self, arrived: &Arrival) -> AccountKey {
        known::key(&AccountId::of(arrived.person()))
    }

    /// Keeps the session of the person who arrived and was confirmed, and makes it the active one.
    ///
    /// # Errors
    /// Only a defect of ours. A store that does not keep it is told in what is given.
    pub(crate) async fn keep(&self, arrived: Arrival) -> Result<SignedIn, AppError> {
        let session = arrived.confirm();
        let person = session.person.clone();
        let not_kept = self.sessions.keep(session).await.err();
        match &not_kept {
            None => self.keeping.is_fine(),
            Some(error) => {
                tracing::warn!(code = ?error.code, "the session lasts until the program ends");
                self.keeping.is_in_trouble(error.code);
            }
        }
        self.change_known(|known| drop(known.sign_in(&person)));
        Ok(SignedIn { account: self.active_view().ok_or(ErrorCode::Internal)?, not_kept })
    }

    /// Whether a session is in use.
    pub(crate) fn has_session(&self) -> bool {
        self.sessions.active().is_some()
    }

    // Where secrets are kept -------------------------------------------------------------------------------------------

    /// Takes sessions and the keys of these profiles to another place.
    ///
    /// # Errors
    /// Why they cannot be kept there; then nothing changed.
    pub(crate) async fn keep_in(
        &self,
        place: KeepIn,
        passphrase: Option<String>,
        profiles: &[Profile],
    ) -> Result<(), AppError> {
        let _turn = self.turn.lock().await;
        if self.keeping.view().place == place {
            return match (place, passphrase) {
                (KeepIn::Vault, Some(passphrase)) => self.keeping.unlock(passphrase).await,
                (KeepIn::System | KeepIn::Session | KeepIn::Vault, _) => Ok(()),
            };
        }
        let target = self.keeping.prepare(place, passphrase).await?;
        target.probe().await?;
        let old = self.secrets().detached();
        copy_keys(profiles, &old, &target).await?;
        self.sessions.move_to(&target).await?;
        self.keeping.moved(place, &target);
        remove_keys(profiles, &old).await;
        // What is written to the list depends on the place.
        self.change_known(|_| ());
        Ok(())
    }

    /// Deletes a vault that is closed, with all that is in it. Where secrets were kept in it, the system keeps them from now
    /// on.
    ///
    /// # Errors
    /// `not-found` where no vault is there that is closed; `storage-failed` where its file stays.
    pub(crate) async fn discard_vault(&self) -> Result<(), AppError> {
        let _turn = self.turn.lock().await;
        self.keeping.discard()?;
        self.change_known(|_| ());
        Ok(())
    }

    // In memory --------------------------------------------------------------------------------------------------------

    fn known(&self) -> MutexGuard<'_, Known> {
        lock(&self.known)
    }

    /// Changes the list and writes it. A disk that refuses changes nothing about who is signed in.
    #[allow(clippy::significant_drop_tightening, reason = "lists are written in the order in which they changed")]
    fn change_known(&self, change: impl FnOnce(&mut Known)) {
        let written = {
            let mut known = self.known();
            change(&mut known);
            let mut written = known.clone();
            if self.keeping.view().place == KeepIn::Session {
                // Whoever wants to be signed in until the program ends is signed out when it starts.
                written.active = None;
            }
            written.write(&self.home)
        };
        if let Err(error) = written {
            tracing::warn!(%error, "the list of accounts could not be written");
        }
    }

    fn fleet(&self) -> Option<Arc<Fleet>> {
        lock(&self.in_use).clone()
    }
}

fn shown(revocation: &capibara6_identity::Revocation) -> Revocation {
    match revocation {
        capibara6_identity::Revocation::Done => Revocation::Done,
        capibara6_identity::Revocation::NotOffered => Revocation::NotOffered,
        capibara6_identity::Revocation::Failed(error) => {
            tracing::info!(code = ?error.code, "the provider did not forget a session");
            Revocation::Failed
        }
    }
}

/// Nothing that is guarded here can be left half-written by a panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
