//! A practice fleet: four small model servers on loopback with scripted answers, so that someone without any server can
//! see the whole program work.
//!
//! The words are scripted and say so, in the text and in the metadata (`owned_by: "capibara6-practice"`); everything
//! around them is real: sockets, HTTP, the wire format of vLLM, pace, stops and failures. The fleet listens on
//! 127.0.0.1 only, on ports that the system chooses, and contacts nothing.

mod language;
mod pieces;
mod plain;
mod script;
mod server;
mod structured;
#[cfg(test)]
mod tests;
mod wire;

use std::io;
use std::net::Ipv4Addr;

use capibara6_protocol::{ModelEntry, Profile};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

pub use script::Pace;
pub use wire::OWNED_BY;

/// The running fleet. Dropping it closes its sockets and breaks off what it is saying.
#[derive(Debug)]
pub struct PracticeFleet {
    profile: Profile,
    _stop: DropGuard,
}

impl PracticeFleet {
    /// Starts the four servers at the pace of real models. Must be called on a Tokio runtime.
    ///
    /// # Errors
    /// The system's, where no loopback port can be had.
    pub async fn start() -> io::Result<Self> {
        Self::start_at(Pace::LikeAModel).await
    }

    /// Starts the four servers at a pace of the caller's choice.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_at(pace: Pace) -> io::Result<Self> {
        let mut profile = capibara6_profile::local().map_err(io::Error::other)?;
        profile.name = "Practice".to_owned();
        let stop = CancellationToken::new();
        let guard = stop.clone().drop_guard();
        for model in &mut profile.models {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
            let address = listener.local_addr()?;
            let router = server::router(model, pace, stop.clone());
            let stopped = stop.clone().cancelled_owned();
            tokio::spawn(async move {
                // Serving on a bound listener only ends with the graceful shutdown.
                if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(stopped).await {
                    tracing::warn!(%error, "a practice server ended");
                }
            });
            *model = ModelEntry { url: format!("http://{address}/v1"), ..model.clone() };
        }
        tracing::debug!(servers = profile.models.len(), "practice fleet started");
        Ok(Self { profile, _stop: guard })
    }

    /// The fleet as a profile: the four default models at their real addresses.
    pub fn profile(&self) -> Profile {
        self.profile.clone()
    }
}
