//! Which endpoints are answering a chat right now.
//!
//! The health monitor asks this before it believes a timed-out probe: some of the platform's servers generate inside
//! their event loop and answer nothing else meanwhile, so a busy server is not a dead one.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use url::Url;

use crate::Endpoint;

/// Counts the chats under way per server (not per model: the models of one server share its event loop).
#[derive(Clone, Debug, Default)]
pub(crate) struct Traffic(Arc<Mutex<HashMap<String, usize>>>);

impl Traffic {
    /// Counts a chat until the guard is dropped.
    pub(crate) fn enter(&self, endpoint: &Endpoint) -> InFlight {
        let server = server(&endpoint.base);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(server.clone()).or_default() += 1;
        InFlight { traffic: self.clone(), server }
    }

    /// Whether the server of this address is answering a chat.
    pub(crate) fn is_busy(&self, base: &Url) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&server(base))
    }
}

/// A chat under way.
#[derive(Debug)]
pub(crate) struct InFlight {
    traffic: Traffic,
    server: String,
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut counts = self.traffic.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.server) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.server);
            }
        }
    }
}

fn server(base: &Url) -> String {
    base.origin().ascii_serialization()
}
