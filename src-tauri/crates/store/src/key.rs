//! The key of an encrypted database: 32 random bytes, drawn and kept by others. It is given to SQLCipher as it is, because
//! a key that nobody could guess needs no slow derivation at every opening; the passphrase that people know opens a
//! container with this key in it, not the database.

use std::fmt;

use zeroize::Zeroizing;

/// The key of one database. It is used wherever the database is not a plain one, so that whoever has it can read what was
/// written before it, too. `Debug` does not show it, and its bytes are overwritten when it is dropped.
#[derive(Clone)]
pub struct DatabaseKey(Zeroizing<[u8; Self::BYTES]>);

impl DatabaseKey {
    /// How long a key is.
    pub const BYTES: usize = 32;

    /// Takes the bytes of a key over.
    pub fn new(bytes: [u8; Self::BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes, for the store of secrets and nothing else.
    pub fn expose(&self) -> &[u8; Self::BYTES] {
        &self.0
    }

    /// The key as `PRAGMA key` and `ATTACH … KEY` take it: a blob, with the quotes that make it one.
    pub(crate) fn pragma(&self) -> Zeroizing<String> {
        use fmt::Write as _;
        let mut text = Zeroizing::new(String::with_capacity(2 * Self::BYTES + 5));
        text.push_str("\"x'");
        for byte in self.0.iter() {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        text.push_str("'\"");
        text
    }
}

impl fmt::Debug for DatabaseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_blob_to_sqlite_and_nothing_to_a_log() {
        let key = DatabaseKey::new(std::array::from_fn(|i| i as u8));
        let expected = "\"x'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'\"";
        assert_eq!(key.pragma().as_str(), expected);
        assert_eq!(format!("{key:?}"), "DatabaseKey(…)");
    }
}
