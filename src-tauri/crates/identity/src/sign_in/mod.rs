//! Signing in through the system's browser.
//!
//! Nothing here opens a browser, talks HTTP by itself or keeps anything: whoever calls brings a
//! [`Transport`](crate::Transport), opens the address of an [`Attempt`], shows the person who arrived, and only then gives
//! the [`Session`] to [`Sessions`](crate::Sessions) to keep. Sources: OpenID Connect Core 1.0, RFC 6749, 7636 (PKCE), 8252
//! (native applications), 8628 (device flow), 9207 (`iss`), 9700 (best current practice).

mod attempt;
pub mod callback;
pub mod device;
mod error;
pub mod fleet;
mod holder;
pub mod jwt;
mod listener;
pub mod oidc;
mod page;
mod session;

pub use attempt::{Arrival, Attempt, Cancel, LIFE, SignIn, UserCode, Way};
pub use error::{Distrust, SignInError};
pub use listener::{Browser, ListenError, Listener};
pub use page::{Page, Pages, Words};
pub use session::{Issued, Method, Person, Session, Tokens};
