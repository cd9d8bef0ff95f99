//! Other protocols over the same way to the fleet (roots, proxy, connect timeout): one request, one answer, whatever its
//! status. No redirect is followed, nothing is repeated, and neither addresses nor bodies are logged: what signs people in
//! is in them.

use capibara6_protocol::ErrorCode;

use crate::http::plain_client;
use crate::{Failure, HttpOptions};

/// A client for other protocols. Clones share its connections.
#[derive(Clone, Debug)]
pub struct PlainHttp(reqwest::Client);

impl PlainHttp {
    /// A client that goes this way.
    ///
    /// # Errors
    /// As [`crate::http_client`].
    pub fn new(options: &HttpOptions) -> Result<Self, Failure> {
        plain_client(options).map(Self)
    }

    /// Sends a request and reads no more than `limit` bytes of its answer. How long that may take is for the caller to say.
    ///
    /// # Errors
    /// What happened on the way; `malformed` for a longer answer.
    pub async fn send(
        &self,
        request: http::Request<Vec<u8>>,
        limit: usize,
    ) -> Result<http::Response<Vec<u8>>, Failure> {
        let request = reqwest::Request::try_from(request).map_err(Failure::from_reqwest)?;
        let mut answer = self.0.execute(request).await.map_err(Failure::from_reqwest)?;
        let mut response = http::Response::new(Vec::new());
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        while let Some(piece) = answer.chunk().await.map_err(Failure::from_reqwest)? {
            if response.body().len() + piece.len() > limit {
                return Err(Failure::new(ErrorCode::Malformed, "a longer answer than is read"));
            }
            response.body_mut().extend_from_slice(&piece);
        }
        Ok(response)
    }
}
