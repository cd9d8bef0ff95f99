//! Which endpoints are worth asking: one task per endpoint, never in the way of a chat.
//!
//! A probe is `GET /health` and then `/v1/models`; a chat is never used as one. What real chats saw counts too. The
//! rules are the pure [`Breaker`] below, after the circuit breaker of Nygard's "Release It!": several failures in a row
//! open the circuit, probes with growing, jittered pauses try it half open, the first answer closes it. A timeout counts
//! for nothing while the same server is answering a chat: some of the platform's do nothing else meanwhile.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use capibara6_protocol::{EndpointHealth, EndpointState, ErrorCode, ModelId};
use futures_util::future::BoxFuture;
use tokio::{
    sync::{Notify, watch},
    time::sleep,
};
use tokio_util::task::AbortOnDropHandle;

use crate::{
    ApiKey, Client, Endpoint, Failure,
    retry::{backoff, jittered},
};

/// Gives the key that is good now, for endpoints whose keys are renewed while they are watched.
#[derive(Clone)]
pub struct FreshKey(Arc<dyn Fn() -> BoxFuture<'static, Option<ApiKey>> + Send + Sync>);

impl FreshKey {
    /// Asks this before every probe.
    pub fn new(ask: impl Fn() -> BoxFuture<'static, Option<ApiKey>> + Send + Sync + 'static) -> Self {
        Self(Arc::new(ask))
    }
}

impl std::fmt::Debug for FreshKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FreshKey(…)")
    }
}

/// An endpoint to watch.
#[derive(Clone, Debug)]
pub struct Watched {
    /// Where it is. Its key is sent with the probes.
    pub endpoint: Endpoint,
    /// Gives the key in the place of the endpoint's, where it is renewed now and then.
    pub fresh_key: Option<FreshKey>,
    /// The name people see.
    pub label: String,
    /// Whether its answers are scripted.
    pub scripted: bool,
}

/// When probes are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The pause between probes of an endpoint that is well; jittered downwards by up to a half.
    pub every: Duration,
    /// How long a probe may take.
    pub timeout: Duration,
    /// The first pause after a failure; doubled with each further one.
    pub base: Duration,
    /// The longest pause.
    pub cap: Duration,
    /// Failures in a row that open the circuit.
    pub threshold: u32,
    /// Seed of the jitter, for tests.
    pub seed: Option<u64>,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            every: Duration::from_secs(20),
            timeout: Duration::from_secs(5),
            base: Duration::from_secs(1),
            cap: Duration::from_secs(60),
            threshold: 3,
            seed: None,
        }
    }
}

/// Watches endpoints until it is dropped.
#[derive(Debug)]
pub struct HealthMonitor {
    shared: Arc<Shared>,
    /// One per endpoint; dropping one ends its task.
    #[allow(dead_code)] // held for its drop
    tasks: Vec<AbortOnDropHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    client: Client,
    schedule: Schedule,
    entries: Vec<Entry>,
    states: watch::Sender<Vec<EndpointState>>,
}

#[derive(Debug)]
struct Entry {
    watched: Watched,
    breaker: Mutex<Breaker>,
    /// Ends the pause before the next probe.
    wake: Notify,
}

impl HealthMonitor {
    /// Starts watching. `client` must be (a clone of) the one that chats use, so that the monitor sees which servers are
    /// at work. Must be called inside a Tokio runtime.
    pub fn start(client: Client, watched: Vec<Watched>) -> Self {
        Self::start_with(client, watched, Schedule::default())
    }

    /// Starts watching on another schedule.
    pub fn start_with(client: Client, watched: Vec<Watched>, schedule: Schedule) -> Self {
        let now = now();
        let entries: Vec<Entry> = watched
            .into_iter()
            .map(|watched| Entry {
                watched,
                breaker: Mutex::new(Breaker::new(schedule.threshold, now)),
                wake: Notify::new(),
            })
            .collect();
        let (states, _) = watch::channel(entries.iter().map(Entry::state).collect());
        let shared = Arc::new(Shared { client, schedule, entries, states });
        let mut seeds = schedule.seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed);
        let tasks = (0..shared.entries.len())
            .map(|index| AbortOnDropHandle::new(tokio::spawn(watch_one(Arc::clone(&shared), index, seeds.fork()))))
            .collect();
        Self { shared, tasks }
    }

    /// How all endpoints do, in the order they were given.
    pub fn states(&self) -> Vec<EndpointState> {
        self.shared.states.borrow().clone()
    }

    /// Tells of every change.
    pub fn subscribe(&self) -> watch::Receiver<Vec<EndpointState>> {
        self.shared.states.subscribe()
    }

    /// Takes what a real chat saw. `Ok` is an answer that has begun or ended; a failure that says nothing about the
    /// endpoint (a bad request, a stop by the user) changes nothing.
    pub fn report(&self, model: &ModelId, outcome: Result<(), &Failure>) {
        let Some(entry) = self.shared.entry(model) else { return };
        let outcome = outcome.map_err(|failure| failure.code);
        let look = entry.breaker.lock().unwrap_or_else(PoisonError::into_inner).chat(outcome, now());
        self.shared.publish();
        if look {
            entry.wake.notify_one();
        }
    }

    /// Asks all endpoints now.
    pub fn refresh(&self) {
        for entry in &self.shared.entries {
            entry.wake.notify_one();
        }
    }

    /// Whether a chat may be sent there; false while the circuit is open, true for a model that is not watched.
    pub fn may_ask(&self, model: &ModelId) -> bool {
        self.shared
            .entry(model)
            .is_none_or(|entry| !entry.breaker.lock().unwrap_or_else(PoisonError::into_inner).is_open())
    }
}

impl Shared {
    fn entry(&self, model: &ModelId) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.watched.endpoint.model == model.as_str())
    }

    fn publish(&self) {
        self.states.send_if_modified(|states| {
            let current: Vec<EndpointState> = self.entries.iter().map(Entry::state).collect();
            let changed = *states != current;
            *states = current;
            changed
        });
    }
}

impl Entry {
    fn state(&self) -> EndpointState {
        let breaker = self.breaker.lock().unwrap_or_else(PoisonError::into_inner);
        EndpointState {
            model: ModelId(self.watched.endpoint.model.clone()),
            label: self.watched.label.clone(),
            state: breaker.health(),
            since: breaker.since,
            latency_ms: breaker.latency.map(|latency| u64::try_from(latency.as_millis()).unwrap_or(u64::MAX)),
            code: breaker.code,
            served: breaker.served.clone(),
            scripted: self.watched.scripted,
        }
    }
}

/// The life of one endpoint's task.
async fn watch_one(shared: Arc<Shared>, index: usize, mut random: fastrand::Rng) {
    let Some(entry) = shared.entries.get(index) else { return };
    loop {
        let seen = probe(&shared, entry).await;
        let pause = {
            let mut breaker = entry.breaker.lock().unwrap_or_else(PoisonError::into_inner);
            breaker.probe(seen, now());
            breaker.pause(&shared.schedule)
        };
        shared.publish();
        tokio::select! {
            () = sleep(jittered(pause, random.f64())) => {}
            () = entry.wake.notified() => {}
        }
    }
}

/// Asks one endpoint how it does.
async fn probe(shared: &Shared, entry: &Entry) -> Seen {
    let Endpoint { base, model, key, .. } = &entry.watched.endpoint;
    let limit = shared.schedule.timeout;
    let fresh = match &entry.watched.fresh_key {
        Some(fresh) => (fresh.0)().await,
        None => None,
    };
    let key = fresh.as_ref().or(key.as_ref());
    let answered = async {
        let latency = shared.client.health(base, key, limit).await?;
        Ok((latency, shared.client.models(base, key, limit).await?))
    };
    match answered.await {
        Ok((latency, list)) => {
            let served: Vec<String> = list.models.into_iter().map(|card| card.id).collect();
            let code = (!served.contains(model)).then_some(ErrorCode::ModelNotFound);
            Seen::Answer { latency, served, code }
        }
        Err(failure) => Seen::Failure { failure, busy: shared.client.traffic().is_busy(base) },
    }
}

/// What a probe saw.
#[derive(Debug)]
enum Seen {
    Answer { latency: Duration, served: Vec<String>, code: Option<ErrorCode> },
    Failure { failure: Failure, busy: bool },
}

/// What is known of one endpoint. Pure: the clock is passed in.
#[derive(Debug)]
struct Breaker {
    threshold: u32,
    /// Whether anything has been heard of it at all.
    asked: bool,
    /// Failed probes in a row.
    probes: u32,
    /// Failed chats in a row. A probe that is answered forgives only one of them: a server may answer probes and fail
    /// every chat.
    chats: u32,
    /// Why it is not up.
    code: Option<ErrorCode>,
    latency: Option<Duration>,
    served: Vec<String>,
    shown: EndpointHealth,
    since: i64,
}

impl Breaker {
    fn new(threshold: u32, now: i64) -> Self {
        Self {
            threshold: threshold.max(1),
            asked: false,
            probes: 0,
            chats: 0,
            code: None,
            latency: None,
            served: Vec::new(),
            shown: EndpointHealth::Unknown,
            since: now,
        }
    }

    fn is_open(&self) -> bool {
        self.probes >= self.threshold || self.chats >= self.threshold
    }

    fn health(&self) -> EndpointHealth {
        if !self.asked {
            EndpointHealth::Unknown
        } else if self.is_open() {
            EndpointHealth::Down
        } else if self.code.is_some() {
            EndpointHealth::Degraded
        } else {
            EndpointHealth::Up
        }
    }

    /// Takes what a probe saw.
    fn probe(&mut self, seen: Seen, now: i64) {
        match seen {
            Seen::Answer { latency, served, code } => {
                self.asked = true;
                self.probes = 0;
                self.latency = Some(latency);
                self.served = served;
                // From here on the circuit is half open: a chat may try.
                self.chats = self.chats.min(self.threshold).saturating_sub(1);
                if self.chats == 0 || code.is_some() {
                    self.code = code;
                }
            }
            // A server at work may be too busy to answer: the last state holds, but not as "up".
            Seen::Failure { failure, busy: true } if is_timeout(failure.code) => {
                self.asked = true;
                self.code = self.code.or(Some(failure.code));
            }
            Seen::Failure { failure, .. } => {
                self.asked = true;
                self.code = Some(failure.code);
                if counts(failure.code) {
                    self.probes = self.probes.saturating_add(1);
                } else {
                    // It answered, if only to refuse.
                    self.probes = 0;
                }
            }
        }
        self.note(now);
    }

    /// Takes what a chat saw; says whether it is a reason to probe at once. A circuit that chats have opened stays open
    /// until the next regular probe: that is the time the server gets to recover.
    fn chat(&mut self, outcome: Result<(), ErrorCode>, now: i64) -> bool {
        let failed = match outcome {
            Ok(()) => {
                self.asked = true;
                self.probes = 0;
                self.chats = 0;
                self.code = None;
                false
            }
            Err(ErrorCode::Cancelled | ErrorCode::BadRequest | ErrorCode::ContextTooLong) => false,
            Err(code) => {
                self.asked = true;
                self.code = Some(code);
                if counts(code) {
                    self.chats = self.chats.saturating_add(1);
                }
                true
            }
        };
        self.note(now);
        failed && !self.is_open()
    }

    fn note(&mut self, now: i64) {
        let health = self.health();
        if health != self.shown {
            self.shown = health;
            self.since = now;
        }
    }

    /// The pause before the next probe, before jitter.
    fn pause(&self, schedule: &Schedule) -> Duration {
        match self.probes {
            0 => schedule.every,
            failures => backoff(schedule.base, schedule.cap, failures),
        }
    }
}

/// Whether a failure speaks against the endpoint as a whole. One that refuses, is busy or limits its guests is there.
fn counts(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::Unreachable
            | ErrorCode::Refused
            | ErrorCode::TimeoutConnect
            | ErrorCode::TimeoutFirstToken
            | ErrorCode::TimeoutIdle
            | ErrorCode::Tls
            | ErrorCode::Server
            | ErrorCode::Truncated
            | ErrorCode::Malformed
    )
}

fn is_timeout(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::TimeoutConnect | ErrorCode::TimeoutFirstToken | ErrorCode::TimeoutIdle)
}

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use ErrorCode::*;
    use capibara6_protocol::EndpointHealth::{Degraded, Down, Unknown, Up};

    use super::*;

    /// What happens to a breaker in these tests.
    enum Step {
        Answer,
        Missing,
        Probe(ErrorCode),
        AtWork(ErrorCode),
        Chat(Result<(), ErrorCode>),
    }
    use Step::*;

    fn breaker(steps: &[Step]) -> Breaker {
        let mut breaker = Breaker::new(3, 0);
        for (step, now) in steps.iter().zip(1..) {
            let answer = |code| Seen::Answer { latency: Duration::from_millis(7), served: vec!["m".into()], code };
            let failure = |code, busy| Seen::Failure { failure: Failure::new(code, ""), busy };
            match step {
                Answer => breaker.probe(answer(None), now),
                Missing => breaker.probe(answer(Some(ModelNotFound)), now),
                Probe(code) => breaker.probe(failure(*code, false), now),
                AtWork(code) => breaker.probe(failure(*code, true), now),
                Chat(outcome) => {
                    breaker.chat(*outcome, now);
                }
            }
        }
        breaker
    }

    #[test]
    fn states_follow_from_what_was_seen() {
        for (name, steps, state, code, since) in [
            ("nothing yet", &[][..], Unknown, None, 0),
            ("answered", &[Answer, Answer], Up, None, 1),
            ("failed once", &[Answer, Probe(Refused)], Degraded, Some(Refused), 2),
            ("failed three times", &[Probe(Refused), Probe(Refused), Probe(Refused)], Down, Some(Refused), 3),
            ("answered in between", &[Probe(Refused), Probe(Refused), Answer, Probe(Tls)], Degraded, Some(Tls), 4),
            ("came back", &[Probe(Refused), Probe(Refused), Probe(Refused), Answer], Up, None, 4),
            ("other model", &[Missing], Degraded, Some(ModelNotFound), 1),
            (
                "wrong key",
                &[Probe(Unauthorised), Probe(Unauthorised), Probe(Unauthorised)],
                Degraded,
                Some(Unauthorised),
                1,
            ),
            ("overloaded", &[Probe(Overloaded), Probe(Overloaded), Probe(Overloaded)], Degraded, Some(Overloaded), 1),
            (
                "silent",
                &[Probe(TimeoutFirstToken), Probe(TimeoutFirstToken), Probe(TimeoutConnect)],
                Down,
                Some(TimeoutConnect),
                3,
            ),
            (
                "silent at work",
                &[Answer, AtWork(TimeoutFirstToken), AtWork(TimeoutFirstToken), AtWork(TimeoutFirstToken)],
                Degraded,
                Some(TimeoutFirstToken),
                2,
            ),
            ("refusing at work", &[AtWork(Refused), AtWork(Refused), AtWork(Refused)], Down, Some(Refused), 3),
            ("chat failed", &[Answer, Chat(Err(Server))], Degraded, Some(Server), 2),
            (
                "chats failed",
                &[Answer, Chat(Err(Server)), Chat(Err(Truncated)), Chat(Err(Server))],
                Down,
                Some(Server),
                4,
            ),
            (
                "half open",
                &[Chat(Err(Server)), Chat(Err(Server)), Chat(Err(Server)), Answer],
                Degraded,
                Some(Server),
                4,
            ),
            (
                "opened again",
                &[Chat(Err(Server)), Chat(Err(Server)), Chat(Err(Server)), Answer, Chat(Err(Server))],
                Down,
                Some(Server),
                5,
            ),
            (
                "closed by a chat",
                &[Chat(Err(Server)), Chat(Err(Server)), Chat(Err(Server)), Answer, Chat(Ok(()))],
                Up,
                None,
                5,
            ),
            ("forgiven in time", &[Chat(Err(Server)), Chat(Err(Server)), Answer, Answer], Up, None, 4),
            (
                "user's own doing",
                &[Answer, Chat(Err(Cancelled)), Chat(Err(BadRequest)), Chat(Err(ContextTooLong))],
                Up,
                None,
                1,
            ),
            (
                "limited",
                &[Answer, Chat(Err(RateLimited)), Chat(Err(RateLimited)), Chat(Err(RateLimited))],
                Degraded,
                Some(RateLimited),
                2,
            ),
            ("simulated", &[Answer, Chat(Err(Simulated))], Degraded, Some(Simulated), 2),
            ("chat before any probe", &[Chat(Ok(()))], Up, None, 1),
        ] {
            let breaker = breaker(steps);
            assert_eq!((breaker.health(), breaker.code, breaker.since), (state, code, since), "{name}");
            assert_eq!(breaker.is_open(), state == Down, "{name}");
        }
    }

    #[test]
    fn pauses_grow_with_failures_and_a_half_of_each_is_chance() {
        let schedule = Schedule::default();
        let pause = |failures: usize| {
            breaker(&vec![0; failures].into_iter().map(|_| Probe(Refused)).collect::<Vec<_>>()).pause(&schedule)
        };
        let seconds: Vec<u64> = [0, 1, 2, 3, 4, 7, 8, 1000].map(|failures| pause(failures).as_secs()).to_vec();
        assert_eq!(seconds, [20, 1, 2, 4, 8, 60, 60, 60]);
        assert_eq!((jittered(pause(4), 0.0).as_secs(), jittered(pause(4), 1.0).as_secs()), (4, 8));
    }

    #[test]
    fn a_failed_chat_is_looked_into_until_the_circuit_is_open() {
        let mut breaker = Breaker::new(2, 0);
        assert!(!breaker.chat(Ok(()), 1));
        assert!(breaker.chat(Err(Server), 2));
        assert!(!breaker.chat(Err(Server), 3));
        assert!(!breaker.chat(Err(Cancelled), 4));
    }
}
