//! Profiles: which models and services a fleet has, read from and written to TOML.
//!
//! A profile is one file that people may write by hand, so every complaint names the field and the line. Nothing here
//! contacts any address: reading, checking and listing profiles is file I/O and nothing else. The shape of a profile is
//! declared once, in the protocol crate; this crate adds its rules ([`validate`]), its notation ([`parse`],
//! [`to_toml`]) and its place on disk ([`ProfileFolder`]).

mod address;
mod document;
mod folder;
mod rules;
mod slug;

pub use address::{Reach, base_url, insecure_models, reach};
pub use document::{parse, to_toml};
pub use folder::{PRACTICE_ID, ProfileFolder};
pub use rules::validate;

use capibara6_protocol::{AppError, Profile};

/// The platform's own fleet as TOML, shipped as an example.
pub const CAPIBARA6_TOML: &str = include_str!("../profiles/capibara6.toml");

/// Four servers on this computer as TOML, shipped as an example.
pub const LOCAL_TOML: &str = include_str!("../profiles/local.toml");

/// The example `local.toml`, whose four models the practice fleet imitates.
///
/// # Errors
/// Never in practice: a test proves that the shipped text is valid.
pub fn local() -> Result<Profile, AppError> {
    parse(LOCAL_TOML)
}
