//! Unguessable values.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

/// Fills an array with what nobody can guess.
///
/// # Errors
/// Where the system has no such source, as on a computer that has only just started.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// A text of 22 characters that nobody can guess, as it may stand in an address, a header or a name.
///
/// # Errors
/// As [`bytes`].
pub(crate) fn text() -> Result<String, getrandom::Error> {
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes::<16>()?))
}
