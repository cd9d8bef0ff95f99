//! A text that must not be seen: it leaves memory with its owner and shows itself only where it is asked to.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

/// A secret text, overwritten in memory when it is dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a text over, without a copy.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text. Whoever calls this sees to it that it goes no further than it must.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// A secret that may be written: for what is sealed or goes into a secret store, and for nothing else.
pub(crate) struct Plain(pub(crate) Secret);

impl Serialize for Plain {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose())
    }
}

impl<'de> Deserialize<'de> for Plain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Secret::new(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_shows_itself_only_where_it_is_asked_to() {
        let secret = Secret::new("sk-live-42".to_owned());
        assert_eq!(format!("{secret} {secret:?} {:#?}", Some(&secret)), "… Secret(…) Some(\n    Secret(…),\n)");
        assert_eq!(secret.expose(), "sk-live-42");
    }
}
