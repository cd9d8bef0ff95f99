//! What signing in and sessions speak through: the way of the profile that is in use, its roots and its proxy. Without a
//! profile nothing is sent.

use std::sync::{Arc, Mutex, PoisonError};

use capibara6_identity::{LARGEST_ANSWER, Sending, Transport};
use capibara6_protocol::{AppError, ErrorCode};
use http::Request;

use crate::fleet::Fleet;

/// The fleet that is in use, as those see it who only look.
pub(crate) type InUse = Arc<Mutex<Option<Arc<Fleet>>>>;

/// Sends by the way of the profile in use.
pub(super) struct Wire(pub(super) InUse);

impl Transport for Wire {
    fn send(&self, request: Request<Vec<u8>>) -> Sending {
        let fleet = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Box::pin(async move {
            let fleet = fleet.ok_or(ErrorCode::NoProfile)?;
            let answer = fleet.plain_http().await?.send(request, LARGEST_ANSWER).await;
            // What the other side said may hold what was sent to it.
            answer.map_err(|failure| AppError::new(failure.code))
        })
    }
}
