//! The active profile: its HTTP client, its keys, the health of its endpoints, and the practice fleet where that is the
//! profile. Choosing a profile is the only thing that lets the application contact an address.
//!
//! Nothing here is in the way of a command: the client is built, the keys are fetched and the endpoints are watched in the
//! background, and an answer waits for what it needs inside its own task. Keys live in memory only while their profile is
//! active, and never leave for an address that is public and not encrypted.

mod keys;
pub mod scan;
mod trial;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use capibara6_identity::{Bearer, PlainConsent, SecretStore};
use capibara6_llm::{
    Client, Endpoint, Failure, FreshKey, HealthMonitor, HttpOptions, PlainHttp, Timeouts, Watched, http_client,
};
use capibara6_practice::PracticeFleet;
use capibara6_profile::{PRACTICE_ID, ProfileFolder, base_url, insecure_models};
use capibara6_protocol::{
    AppError, EndpointHealth, EndpointState, EndpointTest, ErrorCode, Event, KeySet, KeyStates, ModelEntry, ModelId,
    Network, Profile, ProfileId, ProfileOption, ProfileOrigin, ProfileSave, ProfileView,
};
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;
use url::Url;

use self::keys::Keys;
use crate::accounts::{InUse, Pass, Token};
use crate::frames::Frames;
use crate::surroundings::Surroundings;

pub(crate) use self::keys::Key;

/// The profiles at hand and the one in use.
pub struct Fleets {
    folder: ProfileFolder,
    secrets: SecretStore,
    frames: Frames,
    surroundings: Surroundings,
    pass: Pass,
    active: InUse,
}

impl Fleets {
    /// The profiles in `folder`; none is in use yet.
    pub(crate) fn new(
        folder: ProfileFolder,
        secrets: SecretStore,
        frames: Frames,
        surroundings: Surroundings,
        pass: Pass,
        active: InUse,
    ) -> Self {
        Self { folder, secrets, frames, surroundings, pass, active }
    }

    /// The fleet in use.
    ///
    /// # Errors
    /// `no-profile`.
    pub fn active(&self) -> Result<Arc<Fleet>, AppError> {
        self.current().ok_or_else(|| ErrorCode::NoProfile.into())
    }

    /// The fleet in use, if there is one.
    pub fn current(&self) -> Option<Arc<Fleet>> {
        lock(&self.active).clone()
    }

    /// The profiles at hand.
    pub async fn list(&self) -> Vec<ProfileOption> {
        let folder = self.folder.clone();
        blocking(move || Ok(folder.list())).await.unwrap_or_default()
    }

    /// The profile that the environment names, which is used at once.
    pub async fn named(&self) -> Option<ProfileId> {
        let folder = self.folder.clone();
        blocking(move || Ok(folder.named_id())).await.ok().flatten()
    }

    /// Reads a profile. The addresses of the practice fleet are those of the running one.
    pub async fn read(&self, id: &ProfileId) -> Result<ProfileView, AppError> {
        if id.as_str() == PRACTICE_ID {
            if let Some(fleet) = self.current().filter(|fleet| fleet.is_practice()) {
                return Ok(fleet.view.clone());
            }
            let profile = capibara6_profile::local()?;
            return Ok(ProfileView { id: id.clone(), origin: ProfileOrigin::Practice, profile, insecure: Vec::new() });
        }
        let (folder, id) = (self.folder.clone(), id.clone());
        blocking(move || folder.read(&id)).await
    }

    /// Uses a profile from now on, once it is sure that it can be used.
    ///
    /// # Errors
    /// `not-found`, `profile-invalid`, `tls` for a certificate file that cannot be used.
    pub async fn select(&self, id: &ProfileId) -> Result<Arc<Fleet>, AppError> {
        let fleet = self.prepare(id).await?;
        fleet.client().await?;
        self.adopt(&fleet);
        Ok(fleet)
    }

    /// Uses the profile of the last time: what takes a while, and what may go wrong with it, is left to the background.
    ///
    /// # Errors
    /// `not-found`, `profile-invalid`.
    pub async fn resume(&self, id: &ProfileId) -> Result<(), AppError> {
        let fleet = self.prepare(id).await?;
        self.adopt(&fleet);
        Ok(())
    }

    /// Reads files and nothing else; the practice fleet is started.
    async fn prepare(&self, id: &ProfileId) -> Result<Arc<Fleet>, AppError> {
        let (view, servers) = if id.as_str() == PRACTICE_ID {
            if let Some(fleet) = self.current().filter(|fleet| fleet.is_practice()) {
                return Ok(fleet);
            }
            let failed = |error: std::io::Error| AppError::new(ErrorCode::Internal).with_detail(error.to_string());
            let servers = PracticeFleet::start().await.map_err(failed)?;
            let profile = servers.profile();
            (
                ProfileView { id: id.clone(), origin: ProfileOrigin::Practice, profile, insecure: Vec::new() },
                Some(servers),
            )
        } else {
            (self.read(id).await?, None)
        };
        let ca_file = self.folder.ca_file(&view.id, &view.profile);
        Ok(Arc::new(Fleet::new(
            view,
            ca_file,
            servers,
            self.secrets.clone(),
            self.surroundings.clone(),
            self.pass.clone(),
        )))
    }

    fn adopt(&self, fleet: &Arc<Fleet>) {
        let before = lock(&self.active).replace(Arc::clone(fleet));
        match before {
            Some(before) if Arc::ptr_eq(&before, fleet) => return,
            Some(before) => before.retire(),
            None => {}
        }
        fleet.watch(&self.frames);
    }

    /// Uses none any more.
    pub fn deselect(&self) {
        let before = lock(&self.active).take();
        if let Some(fleet) = before {
            fleet.retire();
        }
    }

    /// Writes a profile of the user's own. The one in use is used anew.
    pub async fn save(&self, save: ProfileSave) -> Result<ProfileOption, AppError> {
        let folder = self.folder.clone();
        let option = blocking(move || {
            let id = folder.save(save.id.as_ref(), &save.profile)?;
            folder.list().into_iter().find(|option| option.id == id).ok_or_else(|| ErrorCode::NotFound.into())
        })
        .await?;
        if self.current().is_some_and(|fleet| fleet.view.id == option.id) {
            self.select(&option.id).await?;
        }
        Ok(option)
    }

    /// Removes a profile of the user's own. The one in use is used no more (an example of the same name is not picked by
    /// that).
    pub async fn delete(&self, id: &ProfileId) -> Result<(), AppError> {
        let folder = self.folder.clone();
        let removed = id.clone();
        blocking(move || folder.delete(&removed)).await?;
        if self.current().is_some_and(|fleet| fleet.view.id == *id) {
            self.deselect();
        }
        Ok(())
    }

    /// Asks every model's address what it serves, without using the profile.
    pub async fn test(&self, profile: Profile) -> Result<Vec<EndpointTest>, AppError> {
        capibara6_profile::validate(&profile)?;
        let ca_file =
            profile.network.ca_file.as_ref().map(PathBuf::from).filter(|path| path.is_absolute()).or_else(|| {
                let fleet = self.current()?;
                self.folder.ca_file(&fleet.view.id, &profile)
            });
        let client = client_for(&profile.network, ca_file).await?;
        Ok(trial::test(client, &profile, &self.secrets, &self.pass).await)
    }

    /// How the endpoints do; empty without a profile.
    pub fn health(&self) -> Vec<EndpointState> {
        self.current().map(|fleet| fleet.health()).unwrap_or_default()
    }

    /// Asks the endpoints again now.
    pub fn refresh_health(&self) {
        if let Some(monitor) = self.current().and_then(|fleet| fleet.monitor()) {
            monitor.refresh();
        }
    }

    /// What may be sent, or where keys are kept, is another than before: endpoints are asked anew with what holds now.
    pub fn credentials_changed(&self) {
        if let Some(fleet) = self.current() {
            fleet.forget_keys();
            fleet.watch(&self.frames);
        }
    }

    /// Which models have a key.
    pub async fn key_states(&self) -> Result<KeyStates, AppError> {
        let Some(fleet) = self.current() else {
            return Ok(KeyStates { trouble: None, present: Vec::new() });
        };
        let mut keys = fleet.keys().await;
        if keys.in_trouble() {
            // The secret store may have been unlocked since: whoever looks at the keys wants to know how it is now.
            fleet.forget_keys();
            keys = fleet.keys().await;
            if !keys.in_trouble() {
                fleet.watch(&self.frames);
            }
        }
        Ok(keys.states(&fleet.view.profile))
    }

    /// Stores a key, or removes it where `key` is absent. The fleet uses it from the next request on.
    pub async fn set_key(&self, model: &ModelId, key: Option<KeySet>) -> Result<KeyStates, AppError> {
        let fleet = self.active()?;
        let entry = fleet.entry(model).ok_or(ErrorCode::NotFound)?;
        keys::store(&self.secrets, entry, key).await?;
        fleet.forget_keys();
        fleet.watch(&self.frames);
        self.key_states().await
    }
}

/// A profile in use.
pub struct Fleet {
    /// The profile.
    pub view: ProfileView,
    ca_file: Option<PathBuf>,
    /// Lives as long as an answer of it is being written.
    practice: Option<PracticeFleet>,
    secrets: SecretStore,
    surroundings: Surroundings,
    pass: Pass,
    client: OnceCell<Client>,
    plain: OnceCell<PlainHttp>,
    keys: Mutex<Arc<OnceCell<Keys>>>,
    monitor: Mutex<Option<Arc<HealthMonitor>>>,
    /// Contexts that servers have said, where the profile does not; `None` for a server that was asked and did not say.
    contexts: Mutex<HashMap<ModelId, Option<u32>>>,
    /// Cancelled when another profile is used: nothing is watched any more, while answers may still be written.
    retired: CancellationToken,
}

/// Copies the keys of profiles from one keeper to another.
///
/// # Errors
/// Why the other one does not keep them.
pub(crate) async fn copy_keys(profiles: &[Profile], from: &SecretStore, to: &SecretStore) -> Result<(), AppError> {
    for profile in profiles {
        keys::copy(profile, from, to).await?;
    }
    Ok(())
}

/// Removes the keys of profiles from a keeper that is not used any more.
pub(crate) async fn remove_keys(profiles: &[Profile], from: &SecretStore) {
    for profile in profiles {
        keys::remove(profile, from).await;
    }
}

impl Fleet {
    fn new(
        view: ProfileView,
        ca_file: Option<PathBuf>,
        practice: Option<PracticeFleet>,
        secrets: SecretStore,
        surroundings: Surroundings,
        pass: Pass,
    ) -> Self {
        Self {
            view,
            ca_file,
            practice,
            secrets,
            surroundings,
            pass,
            client: OnceCell::new(),
            plain: OnceCell::new(),
            keys: Mutex::default(),
            monitor: Mutex::default(),
            contexts: Mutex::default(),
            retired: CancellationToken::new(),
        }
    }

    /// Whether the words of this fleet are scripted.
    pub fn is_practice(&self) -> bool {
        self.practice.is_some()
    }

    /// A model of the profile.
    pub fn entry(&self, model: &ModelId) -> Option<&ModelEntry> {
        self.view.profile.models.iter().find(|entry| entry.id == *model)
    }

    /// The client, built once: reading the system's certificates takes a while.
    ///
    /// # Errors
    /// `tls` where the profile's certificate file cannot be used, `bad-request` for its proxy.
    pub async fn client(&self) -> Result<Client, AppError> {
        let built =
            self.client.get_or_try_init(|| client_for(&self.view.profile.network, self.ca_file.clone())).await?;
        Ok(built.clone())
    }

    /// The client for other protocols by the same way, built once.
    ///
    /// # Errors
    /// As [`Self::client`].
    pub(crate) async fn plain_http(&self) -> Result<&PlainHttp, AppError> {
        let build = || plain_for(&self.view.profile.network, self.ca_file.clone());
        self.plain.get_or_try_init(build).await
    }

    /// The endpoint of a model, with its key or the session's token where they may be sent. A key that somebody entered for
    /// this very endpoint comes before the token that is for the whole fleet.
    ///
    /// # Errors
    /// `session-expired` where a token is due and there is none any more.
    pub(crate) async fn endpoint(&self, entry: &ModelEntry) -> Result<(Endpoint, Key), AppError> {
        let base = base_of(entry)?;
        let key = match self.keys().await.of(&entry.id) {
            Key::Absent => self.token(&base, None).await?,
            key @ (Key::Sent(_) | Key::Withheld | Key::Token(..)) => key,
        };
        Ok((self.endpoint_with(entry, base, &key), key))
    }

    /// The endpoint with another token than the one that was refused. Nothing where there is no other: only tokens are
    /// renewed.
    ///
    /// # Errors
    /// `session-expired`, or why it cannot be renewed now.
    pub(crate) async fn endpoint_anew(
        &self,
        entry: &ModelEntry,
        refused: &Key,
    ) -> Result<Option<(Endpoint, Key)>, AppError> {
        let Key::Token(_, stale) = refused else { return Ok(None) };
        let base = base_of(entry)?;
        let key = self.token(&base, Some(stale)).await?;
        let another = matches!(&key, Key::Token(_, bearer) if bearer.expose() != stale.expose());
        Ok(another.then(|| (self.endpoint_with(entry, base, &key), key)))
    }

    async fn token(&self, base: &Url, stale: Option<&Bearer>) -> Result<Key, AppError> {
        if self.is_practice() {
            return Ok(Key::Absent);
        }
        Ok(match self.pass.token(&self.view.profile, base, stale).await? {
            Token::None => Key::Absent,
            Token::Sent(key, bearer) => Key::Token(key, bearer),
            Token::Withheld => Key::Withheld,
        })
    }

    fn endpoint_with(&self, entry: &ModelEntry, base: Url, key: &Key) -> Endpoint {
        let network = &self.view.profile.network;
        let timeouts = Timeouts {
            first_token: Duration::from_secs(network.first_token_timeout_s.into()),
            idle: Duration::from_secs(network.idle_timeout_s.into()),
        };
        Endpoint { base, model: entry.id.0.clone(), key: key.to_send(), timeouts }
    }

    /// Why a model should not be asked now: its circuit is open.
    pub fn trouble(&self, model: &ModelId) -> Option<ErrorCode> {
        let monitor = self.monitor()?;
        if monitor.may_ask(model) {
            return None;
        }
        let states = monitor.states();
        let state = states.iter().find(|state| state.model == *model);
        Some(state.and_then(|state| state.code).unwrap_or(ErrorCode::Unreachable))
    }

    /// Tells the health monitor what an answer saw.
    pub fn report(&self, model: &ModelId, outcome: Result<(), &Failure>) {
        if let Some(monitor) = self.monitor() {
            monitor.report(model, outcome);
        }
    }

    /// The context of a model, as the profile or its server says.
    pub fn context(&self, entry: &ModelEntry) -> Context {
        if let Some(context) = entry.context {
            return Context::Known(context);
        }
        match lock(&self.contexts).get(&entry.id) {
            Some(Some(context)) => Context::Known(*context),
            Some(None) => Context::Untold,
            None => Context::NotAsked,
        }
    }

    /// The same, as a number where there is one.
    pub(crate) fn known_context(&self, model: &ModelId) -> Option<u32> {
        match self.context(self.entry(model)?) {
            Context::Known(context) => Some(context),
            Context::Untold | Context::NotAsked => None,
        }
    }

    /// Remembers what a server said about its context, or that it says nothing.
    pub fn learn_context(&self, model: &ModelId, context: Option<u32>) {
        lock(&self.contexts).insert(model.clone(), context);
    }

    /// Another profile is used now.
    fn retire(&self) {
        self.retired.cancel();
        *lock(&self.monitor) = None;
    }

    fn monitor(&self) -> Option<Arc<HealthMonitor>> {
        lock(&self.monitor).clone()
    }

    fn health(&self) -> Vec<EndpointState> {
        self.monitor().map_or_else(|| self.not_asked_yet(), |monitor| monitor.states())
    }

    fn not_asked_yet(&self) -> Vec<EndpointState> {
        let since = self.surroundings.now();
        let unknown = |entry: &ModelEntry| EndpointState {
            model: entry.id.clone(),
            label: entry.shown_name().to_owned(),
            state: EndpointHealth::Unknown,
            since,
            latency_ms: None,
            code: None,
            served: Vec::new(),
            scripted: self.is_practice(),
        };
        self.view.profile.models.iter().map(unknown).collect()
    }

    async fn keys(&self) -> Keys {
        if self.is_practice() {
            return Keys::default();
        }
        let cell = Arc::clone(&lock(&self.keys));
        cell.get_or_init(|| keys::fetch(&self.secrets, &self.view, self.pass.consent())).await.clone()
    }

    fn forget_keys(&self) {
        *lock(&self.keys) = Arc::default();
    }

    /// Builds the client, fetches the keys and watches the endpoints, all in the background. Ends by itself when another
    /// profile is used.
    fn watch(self: &Arc<Self>, frames: &Frames) {
        let (fleet, retired, frames) = (Arc::downgrade(self), self.retired.clone(), frames.clone());
        tokio::spawn(async move {
            let started = {
                let Some(fleet) = fleet.upgrade() else { return };
                fleet.start_monitor().await
            };
            let mut states = match started {
                Ok(states) => states,
                Err(error) => return tracing::error!(%error, "the endpoints cannot be watched"),
            };
            while !retired.is_cancelled() {
                let endpoints = states.borrow_and_update().clone();
                frames.send(Event::Health { endpoints: short_enough_for_a_frame(endpoints) });
                tokio::select! {
                    () = retired.cancelled() => return,
                    // The monitor goes with its fleet, or gives way to one with other keys.
                    changed = states.changed() => if changed.is_err() { return },
                }
            }
        });
    }

    /// Gives probes the session's token as it is by then, where it may go to the model's address.
    fn fresh_key(self: &Arc<Self>, entry: &ModelEntry) -> Option<FreshKey> {
        if self.is_practice() || !self.pass.may_go_to(&self.view.profile, &entry.url) {
            return None;
        }
        let (fleet, base) = (Arc::downgrade(self), base_of(entry).ok()?);
        Some(FreshKey::new(move || {
            let (fleet, base) = (fleet.clone(), base.clone());
            Box::pin(async move { fleet.upgrade()?.token(&base, None).await.ok()?.to_send() })
        }))
    }

    async fn start_monitor(self: &Arc<Self>) -> Result<tokio::sync::watch::Receiver<Vec<EndpointState>>, AppError> {
        let client = self.client().await?;
        let mut watched = Vec::new();
        for entry in &self.view.profile.models {
            let base = base_of(entry)?;
            let key = self.keys().await.of(&entry.id);
            let fresh_key = matches!(key, Key::Absent).then(|| self.fresh_key(entry)).flatten();
            watched.push(Watched {
                endpoint: self.endpoint_with(entry, base, &key),
                fresh_key,
                label: entry.shown_name().to_owned(),
                scripted: self.is_practice(),
            });
        }
        let monitor = HealthMonitor::start(client, watched);
        let states = monitor.subscribe();
        let mut current = lock(&self.monitor);
        if !self.retired.is_cancelled() {
            *current = Some(Arc::new(monitor));
        }
        drop(current);
        Ok(states)
    }
}

/// States that fit into a frame: a server of very many models lists them all, for each of its endpoints anew.
fn short_enough_for_a_frame(mut endpoints: Vec<EndpointState>) -> Vec<EndpointState> {
    const SERVED_BYTES: usize = 2_000;
    let bytes: usize = endpoints.iter().flat_map(|endpoint| &endpoint.served).map(String::len).sum();
    if bytes > SERVED_BYTES {
        endpoints.iter_mut().for_each(|endpoint| endpoint.served.clear());
    }
    endpoints
}

/// What is known of a model's context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Context {
    /// So many tokens.
    Known(u32),
    /// The server was asked and does not say.
    Untold,
    /// The server may know.
    NotAsked,
}

/// The HTTP client of a network, built where it may take its time.
async fn client_for(network: &Network, ca_file: Option<PathBuf>) -> Result<Client, AppError> {
    built_for(network, ca_file, |options| Ok(Client::new(http_client(options)?))).await
}

/// The same for other protocols.
async fn plain_for(network: &Network, ca_file: Option<PathBuf>) -> Result<PlainHttp, AppError> {
    built_for(network, ca_file, |options| Ok(PlainHttp::new(options)?)).await
}

async fn built_for<T: Send + 'static>(
    network: &Network,
    ca_file: Option<PathBuf>,
    build: impl FnOnce(&HttpOptions) -> Result<T, AppError> + Send + 'static,
) -> Result<T, AppError> {
    let network = network.clone();
    blocking(move || {
        let unreadable = |error: std::io::Error| {
            AppError::new(ErrorCode::ProfileInvalid).with_field("network.ca_file").with_detail(error.to_string())
        };
        let extra_roots_pem = ca_file.map(std::fs::read).transpose().map_err(unreadable)?;
        let options = HttpOptions {
            extra_roots_pem,
            proxy: network.proxy,
            connect_timeout: Duration::from_secs(network.connect_timeout_s.into()),
        };
        build(&options)
    })
    .await
}

/// The models of a profile whose keys must not be sent: their addresses are public, not encrypted, and without consent.
fn withheld(profile: &Profile, consent: &PlainConsent) -> Vec<ModelId> {
    let consented = |id: &ModelId| {
        let entry = profile.models.iter().find(|entry| entry.id == *id);
        entry.and_then(|entry| base_url(&entry.url).ok()).is_some_and(|address| consent.allows(&address))
    };
    insecure_models(profile).into_iter().filter(|id| !consented(id)).collect()
}

/// The base address of a model.
fn base_of(entry: &ModelEntry) -> Result<Url, AppError> {
    base_url(&entry.url).map_err(|why| AppError::new(ErrorCode::ProfileInvalid).with_detail(why))
}

/// Runs what reads files on a thread that may block.
async fn blocking<T: Send + 'static>(
    job: impl FnOnce() -> Result<T, AppError> + Send + 'static,
) -> Result<T, AppError> {
    match tokio::task::spawn_blocking(job).await {
        Ok(done) => done,
        Err(error) => Err(AppError::new(ErrorCode::Internal).with_detail(error.to_string())),
    }
}

/// Nothing that is guarded here can be left half-written by a panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(served: Vec<String>) -> EndpointState {
        EndpointState {
            model: "m".into(),
            label: "M".to_owned(),
            state: EndpointHealth::Up,
            since: 0,
            latency_ms: Some(3),
            code: None,
            served,
            scripted: false,
        }
    }

    #[test]
    fn states_of_servers_with_very_many_models_fit_into_a_frame() {
        let few = vec![state(vec!["m".to_owned()]), state(Vec::new())];
        assert_eq!(short_enough_for_a_frame(few.clone()), few);
        let many: Vec<String> = (0..100).map(|number| format!("organisation/model-{number}")).collect();
        let shortened = short_enough_for_a_frame(vec![state(many.clone()), state(many)]);
        assert_eq!(shortened, [state(Vec::new()), state(Vec::new())]);
    }
}
