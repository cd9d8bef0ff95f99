//! What the use cases take from outside: the calendar clock and identifiers. Passed in, so that a test can say what time it
//! is. Durations are measured with tokio's monotonic clock, which tests can pause.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use uuid::Uuid;

/// The clock and the source of identifiers.
#[derive(Clone)]
pub struct Surroundings {
    now: Arc<dyn Fn() -> i64 + Send + Sync>,
    id: Arc<dyn Fn() -> Uuid + Send + Sync>,
}

impl Surroundings {
    /// A clock and identifiers of one's own.
    pub fn new(now: impl Fn() -> i64 + Send + Sync + 'static, id: impl Fn() -> Uuid + Send + Sync + 'static) -> Self {
        Self { now: Arc::new(now), id: Arc::new(id) }
    }

    /// The system's clock, and UUIDs of version 7.
    pub fn system() -> Self {
        let now = || {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
        };
        Self::new(now, Uuid::now_v7)
    }

    /// Milliseconds since the Unix epoch.
    pub fn now(&self) -> i64 {
        (self.now)()
    }

    /// A new identifier; later ones are larger.
    pub fn id(&self) -> Uuid {
        (self.id)()
    }
}

impl Default for Surroundings {
    fn default() -> Self {
        Self::system()
    }
}

impl std::fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Surroundings")
    }
}
