//! The accounts of this computer, without any secret: who has signed in, who of them is the active one, and whose history
//! is closed because they signed out. It is a small file, so that the right history can be opened at the start without
//! waiting for a secret store or a network, also where the database is damaged.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use capibara6_identity::AccountId;
use capibara6_identity::sign_in::{Method, Person};
use capibara6_protocol::AccountKey;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::spaces::ACCOUNTS;

/// The name of the file among the accounts' spaces.
const FILE: &str = "accounts.json";

/// More than any honest file has.
const LONGEST: u64 = 1024 * 1024;

/// The accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Known {
    /// The one that is active.
    pub(super) active: Option<AccountKey>,
    /// All of them, in the order in which they came.
    pub(super) accounts: Vec<Remembered>,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Remembered {
    /// Who it is.
    pub(super) person: Person,
    /// Whether they signed out.
    pub(super) standing: Standing,
}

/// Whether somebody signed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Standing {
    SignedIn,
    SignedOut,
}

impl Remembered {
    pub(super) fn id(&self) -> AccountId {
        AccountId::of(&self.person)
    }

    pub(super) fn key(&self) -> AccountKey {
        key(&self.id())
    }
}

/// The name of an account and of its space: the same for the same person at the same provider, always; it tells nobody who
/// that is, and being letters and digits it is safe as a path.
pub(super) fn key(id: &AccountId) -> AccountKey {
    let mut hash = Sha256::new();
    // The length keeps two pairs apart whose texts joined are the same.
    hash.update((id.issuer.len() as u64).to_le_bytes());
    hash.update(&id.issuer);
    hash.update(&id.subject);
    AccountKey(hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect())
}

impl Known {
    /// What was written in a data directory. Nothing where there is nothing that can be read: everybody can sign in again,
    /// and finds their history where it was.
    pub(super) fn read(home: &Path) -> Self {
        let path = file(home);
        let read = fs::metadata(&path).and_then(|data| {
            if data.len() > LONGEST { Err(io::ErrorKind::InvalidData.into()) } else { fs::read(&path) }
        });
        match read {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .inspect_err(|_| tracing::warn!("the list of accounts cannot be read"))
                .unwrap_or_default(),
            Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    tracing::warn!(%error, "the list of accounts cannot be read");
                }
                Self::default()
            }
        }
    }

    /// Writes it: beside the old file first, then in its place. Only its owner can read it.
    pub(super) fn write(&self, home: &Path) -> io::Result<()> {
        let path = file(home);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let beside = path.with_extension("json.new");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut written: File = options.open(&beside)?;
        written.write_all(&serde_json::to_vec_pretty(self).map_err(io::Error::other)?)?;
        written.sync_all()?;
        drop(written);
        fs::rename(&beside, &path)
    }

    pub(super) fn find(&self, account: &AccountKey) -> Option<&Remembered> {
        self.accounts.iter().find(|known| known.key() == *account)
    }

    /// The active account.
    pub(super) fn active(&self) -> Option<&Remembered> {
        self.find(self.active.as_ref()?)
    }

    /// Somebody signed in.
    pub(super) fn sign_in(&mut self, person: &Person) -> AccountKey {
        let id = AccountId::of(person);
        let remembered = Remembered { person: person.clone(), standing: Standing::SignedIn };
        match self.accounts.iter_mut().find(|known| known.id() == id) {
            Some(known) => *known = remembered,
            None => self.accounts.push(remembered),
        }
        let key = key(&id);
        self.active = Some(key.clone());
        key
    }

    /// Somebody signed out.
    pub(super) fn sign_out(&mut self, account: &AccountKey) {
        if let Some(known) = self.accounts.iter_mut().find(|known| known.key() == *account) {
            known.standing = Standing::SignedOut;
        }
        self.leave(account);
    }

    /// Somebody is forgotten.
    pub(super) fn forget(&mut self, account: &AccountKey) {
        self.accounts.retain(|known| known.key() != *account);
        self.leave(account);
    }

    fn leave(&mut self, account: &AccountKey) {
        if self.active.as_ref() == Some(account) {
            self.active = None;
        }
    }
}

fn file(home: &Path) -> PathBuf {
    home.join(ACCOUNTS).join(FILE)
}

/// The word of the bridge for a way.
pub(super) fn method(method: Method) -> capibara6_protocol::SignInMethod {
    use capibara6_protocol::SignInMethod;
    match method {
        Method::Oidc => SignInMethod::Oidc,
        Method::Github => SignInMethod::Github,
        Method::Google => SignInMethod::Google,
        Method::Device => SignInMethod::Device,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(issuer: &str, subject: &str) -> Person {
        Person {
            method: Method::Oidc,
            issuer: issuer.into(),
            subject: subject.into(),
            name: Some("José Ñandú".into()),
            email: None,
        }
    }

    #[test]
    fn a_key_is_one_persons_and_says_nothing_about_them() {
        let of = |issuer: &str, subject: &str| key(&AccountId { issuer: issuer.into(), subject: subject.into() });
        let ana = of("https://id.example", "ana@example.org");
        assert_eq!(ana, of("https://id.example", "ana@example.org"));
        assert_eq!(ana.as_str().len(), 32);
        assert!(ana.as_str().bytes().all(|byte| byte.is_ascii_hexdigit()));
        for (issuer, subject) in [
            ("https://id.example", "eva"),
            ("https://id.example/", "ana@example.org"),
            ("https://id.examplea", "na@example.org"),
        ] {
            assert_ne!(ana, of(issuer, subject));
        }
    }

    #[test]
    fn what_is_written_is_read_again_and_what_cannot_be_read_is_nobody() {
        let home = tempfile::tempdir().unwrap();
        assert_eq!(Known::read(home.path()), Known::default());
        let mut known = Known::default();
        let ana = known.sign_in(&person("i", "ana"));
        let eva = known.sign_in(&person("i", "eva"));
        assert_eq!(known.active, Some(eva.clone()));
        known.sign_out(&ana);
        assert_eq!((known.active.as_ref(), known.accounts[0].standing), (Some(&eva), Standing::SignedOut));
        known.write(home.path()).unwrap();
        assert_eq!(Known::read(home.path()), known);
        known.forget(&eva);
        assert_eq!((known.active.clone(), known.accounts.len()), (None, 1));
        for text in ["", "{", "[]", r#"{"accounts":7}"#] {
            fs::write(file(home.path()), text).unwrap();
            assert_eq!(Known::read(home.path()), Known::default(), "{text}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_can_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let home = tempfile::tempdir().unwrap();
        Known::default().write(home.path()).unwrap();
        assert_eq!(fs::metadata(file(home.path())).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
