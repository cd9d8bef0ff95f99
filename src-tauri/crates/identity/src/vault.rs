//! A keeper of secrets in one file, encrypted under a passphrase: for computers without a keeper of their own.
//!
//! The file says with how much work its key was made from the passphrase (Argon2id, RFC 9106); the secrets are sealed with
//! XChaCha20-Poly1305 under a new nonce for every writing. A checksum that needs no key tells a damaged file from a wrong
//! passphrase. Nothing is ever written that is not sealed, and a writing that is interrupted leaves the file as it was.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use argon2::{Algorithm, Argon2, Params, Version};
use capibara6_protocol::{AppError, ErrorCode};
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::secret::Plain;
use crate::{Backend, Secret, SecretError, random};

/// How every vault begins. The version follows.
const MAGIC: &[u8; 16] = b"capibara6 vault\0";

/// The version of the format that is written and read.
const VERSION: u32 = 1;

const SALT: usize = 16;
const NONCE: usize = 24;
const CHECKSUM: usize = 16;

/// Magic, version, three costs, salt, nonce.
const HEADER: usize = MAGIC.len() + 4 * 4 + SALT + NONCE;

/// The longest file that is read: a vault holds a few kilobytes.
const LONGEST: u64 = 16 * 1024 * 1024;

/// How much work it is to make the key from the passphrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Memory, in KiB.
    pub memory: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Default for Cost {
    /// The second recommended choice of RFC 9106 §4: 64 MiB, three passes, four lanes.
    fn default() -> Self {
        Self { memory: 64 * 1024, passes: 3, lanes: 4 }
    }
}

impl Cost {
    /// The most work that a file may ask for before anything of it can be trusted.
    const MOST: Self = Self { memory: 1024 * 1024, passes: 32, lanes: 16 };

    fn key(self, passphrase: &Secret, salt: &[u8]) -> Result<Zeroizing<[u8; 32]>, VaultError> {
        if self.memory > Self::MOST.memory || self.passes > Self::MOST.passes || self.lanes > Self::MOST.lanes {
            return Err(VaultError::Damaged);
        }
        let parameters =
            Params::new(self.memory, self.passes, self.lanes, Some(32)).map_err(|_| VaultError::Damaged)?;
        let mut key = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters)
            .hash_password_into(passphrase.expose().as_bytes(), salt, key.as_mut_slice())
            .map_err(|error| VaultError::Failed(error.to_string()))?;
        Ok(key)
    }
}

/// Why a vault cannot be used. No variant holds anything of what is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// There is no file.
    #[error("there is no vault")]
    Absent,
    /// There is a file already; it is never overwritten by a new vault.
    #[error("there is a vault already")]
    Exists,
    /// A new vault needs a passphrase.
    #[error("the passphrase is empty")]
    NoPassphrase,
    /// The file is whole, but not sealed with this passphrase.
    #[error("another passphrase")]
    WrongPassphrase,
    /// The file is not as it was written.
    #[error("the file is damaged")]
    Damaged,
    /// The file was written by a later version of this program.
    #[error("a newer version's file")]
    Newer,
    /// The system refused, in its own words.
    #[error("{0}")]
    Failed(String),
}

impl From<VaultError> for AppError {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::WrongPassphrase => Self::new(ErrorCode::VaultWrongPassphrase),
            VaultError::Damaged => Self::new(ErrorCode::VaultDamaged),
            VaultError::Newer => Self::new(ErrorCode::VaultDamaged).with_detail(error.to_string()),
            VaultError::Absent => Self::new(ErrorCode::NotFound),
            VaultError::NoPassphrase => Self::new(ErrorCode::InvalidInput).with_field("passphrase"),
            VaultError::Exists | VaultError::Failed(_) => {
                Self::new(ErrorCode::SecretStoreFailed).with_detail(error.to_string())
            }
        }
    }
}

impl From<io::Error> for VaultError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::NotFound { Self::Absent } else { Self::Failed(error.to_string()) }
    }
}

/// An open vault. Its key and its secrets are overwritten in memory when it is dropped.
pub struct Vault {
    path: PathBuf,
    cost: Cost,
    salt: [u8; SALT],
    key: Zeroizing<[u8; 32]>,
    secrets: BTreeMap<(String, String), Secret>,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault")
            .field("path", &self.path)
            .field("cost", &self.cost)
            .field("secrets", &self.secrets.len())
            .finish_non_exhaustive()
    }
}

/// One secret, inside the sealed part.
#[derive(Serialize, Deserialize)]
struct Entry {
    service: String,
    account: String,
    secret: Plain,
}

impl Vault {
    /// Makes a new vault. Blocks for as long as `cost` asks.
    ///
    /// # Errors
    /// Why there is none; a file that is there already is left as it is.
    pub fn create(path: &Path, passphrase: &Secret, cost: Cost) -> Result<Self, VaultError> {
        if passphrase.expose().is_empty() {
            return Err(VaultError::NoPassphrase);
        }
        if path.try_exists()? {
            return Err(VaultError::Exists);
        }
        let salt = random_bytes()?;
        let key = cost.key(passphrase, &salt)?;
        let vault = Self { path: path.to_owned(), cost, salt, key, secrets: BTreeMap::new() };
        vault.write()?;
        Ok(vault)
    }

    /// Opens a vault. Blocks for as long as its making asked.
    ///
    /// # Errors
    /// Why it stays closed.
    pub fn open(path: &Path, passphrase: &Secret) -> Result<Self, VaultError> {
        let mut bytes = Vec::new();
        File::open(path)?.take(LONGEST).read_to_end(&mut bytes)?;
        let (sealed, checksum) = bytes.split_last_chunk::<CHECKSUM>().ok_or(VaultError::Damaged)?;
        let mut header = Reader(sealed);
        if header.take::<16>()? != *MAGIC {
            return Err(VaultError::Damaged);
        }
        match header.number()? {
            VERSION => {}
            newer if newer > VERSION => return Err(VaultError::Newer),
            _ => return Err(VaultError::Damaged),
        }
        if checksum_of(sealed)? != *checksum {
            return Err(VaultError::Damaged);
        }
        let cost = Cost { memory: header.number()?, passes: header.number()?, lanes: header.number()? };
        let salt = header.take::<SALT>()?;
        let nonce = header.take::<NONCE>()?;
        let key = cost.key(passphrase, &salt)?;
        let payload = Payload { msg: header.0, aad: sealed.get(..HEADER).ok_or(VaultError::Damaged)? };
        // The file is as it was written, so what does not open it is the passphrase.
        let opened = XChaCha20Poly1305::new((&*key).into())
            .decrypt(&XNonce::from(nonce), payload)
            .map_err(|_| VaultError::WrongPassphrase)?;
        let entries: Vec<Entry> = serde_json::from_slice(&Zeroizing::new(opened)).map_err(|_| VaultError::Damaged)?;
        let secrets = entries.into_iter().map(|entry| ((entry.service, entry.account), entry.secret.0)).collect();
        Ok(Self { path: path.to_owned(), cost, salt, key, secrets })
    }

    /// Writes all of it anew: beside the old file first, then in its place.
    fn write(&self) -> Result<(), VaultError> {
        let mut entries = Vec::new();
        for ((service, account), secret) in &self.secrets {
            let secret = Plain(secret.clone());
            entries.push(Entry { service: service.clone(), account: account.clone(), secret });
        }
        let plain = serde_json::to_vec(&entries).map_err(|error| VaultError::Failed(error.to_string()))?;
        let plain = Zeroizing::new(plain);
        let nonce = random_bytes::<NONCE>()?;
        let mut bytes = Vec::with_capacity(HEADER + plain.len() + 2 * CHECKSUM);
        bytes.extend_from_slice(MAGIC);
        for number in [VERSION, self.cost.memory, self.cost.passes, self.cost.lanes] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes.extend_from_slice(&self.salt);
        bytes.extend_from_slice(&nonce);
        let sealed = XChaCha20Poly1305::new((&*self.key).into())
            .encrypt(&XNonce::from(nonce), Payload { msg: &plain, aad: &bytes })
            .map_err(|_| VaultError::Failed("the secrets could not be sealed".to_owned()))?;
        bytes.extend_from_slice(&sealed);
        let checksum = checksum_of(&bytes)?;
        bytes.extend_from_slice(&checksum);
        replace(&self.path, &bytes)?;
        Ok(())
    }

    /// Changes one secret and writes; where that fails, the change is taken back.
    fn change(&mut self, service: &str, account: &str, secret: Option<Secret>) -> Result<(), SecretError> {
        let place = (service.to_owned(), account.to_owned());
        let old = match secret {
            Some(secret) => self.secrets.insert(place.clone(), secret),
            None => match self.secrets.remove(&place) {
                Some(old) => Some(old),
                None => return Ok(()),
            },
        };
        self.write().map_err(|error| {
            match old {
                Some(old) => self.secrets.insert(place, old),
                None => self.secrets.remove(&place),
            };
            SecretError::Failed(error.to_string())
        })
    }
}

impl Backend for Vault {
    fn get(&mut self, service: &str, account: &str) -> Result<Option<Secret>, SecretError> {
        Ok(self.secrets.get(&(service.to_owned(), account.to_owned())).cloned())
    }

    fn set(&mut self, service: &str, account: &str, secret: &Secret) -> Result<(), SecretError> {
        self.change(service, account, Some(secret.clone()))
    }

    fn delete(&mut self, service: &str, account: &str) -> Result<(), SecretError> {
        self.change(service, account, None)
    }

    fn probe(&mut self, _service: &str) -> Result<(), SecretError> {
        if self.path.exists() { Ok(()) } else { Err(SecretError::Absent) }
    }
}

/// Reads a header piece by piece.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], VaultError> {
        let (piece, rest) = self.0.split_first_chunk::<N>().ok_or(VaultError::Damaged)?;
        self.0 = rest;
        Ok(*piece)
    }

    fn number(&mut self) -> Result<u32, VaultError> {
        self.take().map(u32::from_le_bytes)
    }
}

/// A checksum that anybody can compute: the tag of the cipher at hand under a key of zeros. It finds damage and protects
/// nothing; that is what the sealed part's own tag does.
fn checksum_of(bytes: &[u8]) -> Result<[u8; CHECKSUM], VaultError> {
    XChaCha20Poly1305::new(&[0; 32].into())
        .encrypt(&XNonce::from([0; NONCE]), Payload { msg: &[], aad: bytes })
        .ok()
        .and_then(|tag| tag.try_into().ok())
        .ok_or_else(|| VaultError::Failed("no checksum".to_owned()))
}

fn random_bytes<const N: usize>() -> Result<[u8; N], VaultError> {
    random::bytes().map_err(|error| VaultError::Failed(error.to_string()))
}

/// Puts a file in the place of another, for its owner's eyes only; whoever is interrupted leaves the old one.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_added_extension("new");
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // It is sealed, but of no use.
        let _ = fs::remove_file(&beside);
        return written;
    }
    // The name lasts only once the folder is on the disk as well.
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SecretStore;

    /// As little work as Argon2 does.
    const CHEAP: Cost = Cost { memory: 8, passes: 1, lanes: 1 };

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }

    fn opened(path: &Path, passphrase: &str) -> Result<BTreeMap<String, String>, VaultError> {
        let vault = Vault::open(path, &secret(passphrase))?;
        Ok(vault.secrets.into_iter().map(|((_, account), secret)| (account, secret.expose().to_owned())).collect())
    }

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("a folder")
    }

    fn filled(path: &Path) -> BTreeMap<String, String> {
        let mut vault = Vault::create(path, &secret("correct horse"), CHEAP).expect("a vault");
        for (account, text) in [("a", "canary-1"), ("b", "línea\n🦫"), ("c", "")] {
            vault.set("capibara6", account, &secret(text)).expect("it is kept");
        }
        vault.delete("capibara6", "c").expect("it is forgotten");
        vault.delete("capibara6", "never").expect("having none is fine");
        [("a", "canary-1"), ("b", "línea\n🦫")].map(|(account, text)| (account.to_owned(), text.to_owned())).into()
    }

    #[test]
    fn secrets_come_back_with_the_passphrase_and_only_with_it() {
        let folder = folder();
        let path = folder.path().join("vault");
        let expected = filled(&path);
        assert_eq!(opened(&path, "correct horse"), Ok(expected));
        for passphrase in ["", "correct hors", "Correct horse", "correct horse "] {
            assert_eq!(opened(&path, passphrase), Err(VaultError::WrongPassphrase), "{passphrase:?}");
        }
        assert_eq!(opened(&folder.path().join("none"), "x"), Err(VaultError::Absent));
        let names: Vec<_> =
            fs::read_dir(folder.path()).expect("a folder").flatten().map(|entry| entry.file_name()).collect();
        assert_eq!(names, ["vault"], "nothing is left beside it");
    }

    #[test]
    fn nothing_in_the_file_or_in_debug_is_readable() {
        let folder = folder();
        let path = folder.path().join("vault");
        filled(&path);
        let bytes = fs::read(&path).expect("the file");
        for word in ["canary-1", "línea", "capibara6\"", "correct horse"] {
            assert!(!bytes.windows(word.len()).any(|window| window == word.as_bytes()), "{word}");
        }
        let said = format!("{:?}", Vault::open(&path, &secret("correct horse")).expect("it opens"));
        assert!(said.ends_with("cost: Cost { memory: 8, passes: 1, lanes: 1 }, secrets: 2, .. }"), "{said}");
    }

    #[test]
    fn every_damaged_byte_and_every_cut_is_damage_and_no_wrong_passphrase() {
        let folder = folder();
        let path = folder.path().join("vault");
        filled(&path);
        let whole = fs::read(&path).expect("the file");
        for index in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[index] ^= 0x40;
            fs::write(&path, bytes).expect("it is damaged");
            // A version from the future is one as long as nobody knows its checksum.
            let expected = if (16..20).contains(&index) { VaultError::Newer } else { VaultError::Damaged };
            assert_eq!(opened(&path, "correct horse"), Err(expected), "byte {index}");
        }
        for length in 0..whole.len() {
            fs::write(&path, &whole[..length]).expect("it is cut");
            assert_eq!(opened(&path, "correct horse"), Err(VaultError::Damaged), "{length} bytes");
        }
    }

    #[test]
    fn a_file_cannot_ask_for_endless_work() {
        let folder = folder();
        let path = folder.path().join("vault");
        filled(&path);
        let whole = fs::read(&path).expect("the file");
        for place in [20, 24, 28] {
            let mut bytes = whole[..whole.len() - CHECKSUM].to_vec();
            bytes[place..place + 4].copy_from_slice(&u32::MAX.to_le_bytes());
            let checksum = checksum_of(&bytes).expect("a checksum");
            bytes.extend_from_slice(&checksum);
            fs::write(&path, bytes).expect("it is written");
            assert_eq!(opened(&path, "correct horse"), Err(VaultError::Damaged), "{place}");
        }
    }

    #[test]
    fn a_new_vault_takes_no_others_place_and_no_empty_passphrase() {
        let folder = folder();
        let path = folder.path().join("vault");
        let expected = filled(&path);
        assert_eq!(Vault::create(&path, &secret("x"), CHEAP).map(drop), Err(VaultError::Exists));
        assert_eq!(opened(&path, "correct horse"), Ok(expected));
        let other = folder.path().join("other");
        assert_eq!(Vault::create(&other, &secret(""), CHEAP).map(drop), Err(VaultError::NoPassphrase));
        assert!(!other.exists());
    }

    #[test]
    fn a_writing_that_fails_leaves_the_file_and_the_memory_as_they_were() {
        let folder = folder();
        let path = folder.path().join("vault");
        let expected = filled(&path);
        let mut vault = Vault::open(&path, &secret("correct horse")).expect("it opens");
        // A folder in the place of the file beside: it can be neither removed as a file nor written.
        let beside = folder.path().join("vault.new");
        fs::create_dir(&beside).expect("a folder");
        assert!(matches!(vault.set("capibara6", "a", &secret("new")), Err(SecretError::Failed(_))));
        assert!(matches!(vault.set("capibara6", "d", &secret("new")), Err(SecretError::Failed(_))));
        assert!(matches!(vault.delete("capibara6", "b"), Err(SecretError::Failed(_))));
        let kept = |vault: &mut Vault, account| {
            vault.get("capibara6", account).expect("it answers").map(|secret| secret.expose().to_owned())
        };
        assert_eq!(kept(&mut vault, "a").as_deref(), Some("canary-1"));
        assert_eq!(kept(&mut vault, "b").as_deref(), Some("línea\n🦫"));
        assert_eq!(kept(&mut vault, "d"), None);
        assert_eq!(opened(&path, "correct horse"), Ok(expected));
        // What an interrupted writing left beside is replaced.
        fs::remove_dir(&beside).expect("it goes");
        fs::write(&beside, "half").expect("half a file");
        vault.set("capibara6", "a", &secret("new")).expect("it is kept");
        assert_eq!(opened(&path, "correct horse").map(|all| all["a"].clone()), Ok("new".to_owned()));
        assert!(!beside.exists());
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_can_read_the_file() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = folder();
        let path = folder.path().join("vault");
        filled(&path);
        assert_eq!(fs::metadata(&path).expect("the file").permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn it_costs_what_the_standard_recommends() {
        assert_eq!(Cost::default(), Cost { memory: 65_536, passes: 3, lanes: 4 });
    }

    #[tokio::test]
    async fn a_secret_store_keeps_in_it() {
        let folder = folder();
        let path = folder.path().join("vault");
        let store = SecretStore::with_backend(Vault::create(&path, &secret("p"), CHEAP).expect("a vault"));
        assert_eq!(store.probe().await, Ok(()));
        assert_eq!(store.set("a", secret("one")).await, Ok(()));
        assert_eq!(opened(&path, "p").map(|all| all["a"].clone()), Ok("one".to_owned()));
        fs::remove_file(&path).expect("it goes");
        assert_eq!(store.probe().await, Err(SecretError::Absent));
    }
}
