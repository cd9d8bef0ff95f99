//! How a session lies in the secret store.
//!
//! Windows keeps no secret of more than 2,560 bytes, and writes texts in UTF-16, so a session is cut into parts. The first
//! is under the account's name and says which others belong to it; those lie in one of two slots, and a new session is
//! written into the slot that is not in use. Only the first part, written last, makes it the session that is read: whoever
//! is interrupted leaves the old one or the new one, and every part carries the mark of its writing, so that parts of two
//! never pass for one.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::AccountId;
use crate::secret::Plain;
use crate::sign_in::{Issued, Person, Session, Tokens};
use crate::{Secret, SecretError, SecretStore, random};

/// The longest part, in UTF-16 units without its first line: with it, fewer than 2,560 bytes on Windows.
const PART: usize = 1150;

/// More parts than any session has.
const MOST: usize = 64;

/// The first word of the first part.
const VERSION: &str = "session-1";

/// Which of the two places the parts after the first are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    A,
    B,
}

impl Slot {
    fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::A => "a",
            Self::B => "b",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        match text {
            "a" => Some(Self::A),
            "b" => Some(Self::B),
            _ => None,
        }
    }
}

/// The name of an account in the store. Different accounts have different names, also where the store does not tell upper
/// from lower case, as Windows' does not.
pub(super) fn name(id: &AccountId) -> String {
    format!("session/{}/{}", escaped(&id.issuer, "/"), escaped(&id.subject, ""))
}

fn escaped(text: &str, allowed: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut name, character| {
        let plain = matches!(character, 'a'..='z' | '0'..='9' | '.' | '-' | '_' | '~' | ':' | '@' | '|');
        if plain || allowed.contains(character) {
            name.push(character);
        } else {
            // Writing into a string cannot fail.
            let _ = write!(name, "%{:x};", u32::from(character));
        }
        name
    })
}

fn part_name(account: &str, slot: Slot, number: usize) -> String {
    format!("{account}#{}{number}", slot.as_str())
}

/// The first part, read.
struct First<'a> {
    mark: &'a str,
    slot: Slot,
    parts: usize,
    text: &'a str,
}

impl<'a> First<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (line, text) = text.split_once('\n')?;
        let mut words = line.split(' ');
        let (VERSION, mark, slot, parts, None) =
            (words.next()?, words.next()?, words.next()?, words.next()?, words.next())
        else {
            return None;
        };
        let parts = parts.parse().ok().filter(|parts| (1..=MOST).contains(parts))?;
        Some(Self { mark, slot: Slot::parse(slot)?, parts, text })
    }
}

/// Reads a session. Nothing where there is none, or none that is whole and the account's.
pub(super) async fn read(store: &SecretStore, id: &AccountId) -> Result<Option<Session>, SecretError> {
    let account = name(id);
    let Some(first) = store.get(&account).await? else { return Ok(None) };
    let Some(first) = First::parse(first.expose()) else {
        tracing::warn!("a kept session cannot be read");
        return Ok(None);
    };
    let mut text = Zeroizing::new(String::with_capacity(first.parts * PART));
    text.push_str(first.text);
    for number in 1..first.parts {
        let part = store.get(&part_name(&account, first.slot, number)).await?;
        let belongs =
            part.as_ref().and_then(|part| part.expose().split_once('\n')).filter(|(mark, _)| *mark == first.mark);
        let Some((_, piece)) = belongs else {
            tracing::warn!("a kept session is not whole");
            return Ok(None);
        };
        text.push_str(piece);
    }
    let session = serde_json::from_str::<Record>(&text).ok().map(Session::from);
    Ok(session.filter(|session| AccountId::of(&session.person) == *id))
}

/// Writes a session in the place of the one that the account has.
pub(super) async fn write(store: &SecretStore, session: &Session) -> Result<(), SecretError> {
    let account = name(&AccountId::of(&session.person));
    let failed = |error: &dyn std::fmt::Display| SecretError::Failed(error.to_string());
    let text = Zeroizing::new(serde_json::to_string(&Record::from(session)).map_err(|error| failed(&error))?);
    let mark = random::text().map_err(|error| failed(&error))?;
    let old = store.get(&account).await?;
    let old = old.as_ref().and_then(|old| First::parse(old.expose())).map(|first| first.slot);
    let slot = old.map_or(Slot::A, Slot::other);

    let pieces = pieces(&text);
    for (number, piece) in pieces.iter().enumerate().skip(1) {
        store.set(&part_name(&account, slot, number), Secret::new(format!("{mark}\n{piece}"))).await?;
    }
    let first = format!("{VERSION} {mark} {} {}\n{}", slot.as_str(), pieces.len(), pieces.first().unwrap_or(&""));
    store.set(&account, Secret::new(first)).await?;

    // From here on the new session is the one that is kept; what is left of others goes now or with the next writing.
    let leftovers = async {
        clear(store, &account, slot.other(), 1).await?;
        clear(store, &account, slot, pieces.len().max(1)).await
    };
    if let Err(error) = leftovers.await {
        tracing::warn!(%error, "parts of an earlier session are still in the secret store");
    }
    Ok(())
}

/// Removes a session. Interrupted, it can be asked for again: the first part goes last.
pub(super) async fn remove(store: &SecretStore, id: &AccountId) -> Result<(), SecretError> {
    let account = name(id);
    clear(store, &account, Slot::A, 1).await?;
    clear(store, &account, Slot::B, 1).await?;
    store.delete(&account).await
}

/// Removes the parts of a slot from one number on; the last first, so that an interruption leaves no gap.
async fn clear(store: &SecretStore, account: &str, slot: Slot, from: usize) -> Result<(), SecretError> {
    let mut end = from;
    while end < MOST && store.get(&part_name(account, slot, end)).await?.is_some() {
        end += 1;
    }
    for number in (from..end).rev() {
        store.delete(&part_name(account, slot, number)).await?;
    }
    Ok(())
}

/// Cuts a text where parts end, never inside a character.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut units) = (0, 0);
    for (index, character) in text.char_indices() {
        if units + character.len_utf16() > PART {
            pieces.push(&text[start..index]);
            (start, units) = (index, 0);
        }
        units += character.len_utf16();
    }
    pieces.push(&text[start..]);
    pieces
}

/// A session as JSON, which is only ever written into the secret store.
#[derive(Serialize, Deserialize)]
struct Record {
    person: Person,
    issued: Issued,
    tokens: Option<TokenRecord>,
}

#[derive(Serialize, Deserialize)]
struct TokenRecord {
    access: Plain,
    expires_at: Option<u64>,
    renew_at: Option<u64>,
    refresh: Option<Plain>,
}

impl From<&Session> for Record {
    fn from(session: &Session) -> Self {
        Self {
            person: session.person.clone(),
            issued: session.issued.clone(),
            tokens: session.tokens.as_ref().map(|tokens| TokenRecord {
                access: Plain(tokens.access.clone()),
                expires_at: tokens.expires_at,
                renew_at: tokens.renew_at,
                refresh: tokens.refresh.clone().map(Plain),
            }),
        }
    }
}

impl From<Record> for Session {
    fn from(record: Record) -> Self {
        Self {
            person: record.person,
            issued: record.issued,
            tokens: record.tokens.map(|tokens| Tokens {
                access: tokens.access.0,
                expires_at: tokens.expires_at,
                renew_at: tokens.renew_at,
                refresh: tokens.refresh.map(|refresh| refresh.0),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::Backend;
    use crate::sign_in::Method;

    /// Keeps secrets where the test sees them, and refuses every write after so many.
    #[derive(Clone, Default)]
    struct Shelf {
        kept: Arc<Mutex<BTreeMap<String, String>>>,
        writes_left: Arc<Mutex<Option<usize>>>,
    }

    impl Shelf {
        fn write(&self) -> Result<(), SecretError> {
            match &mut *self.writes_left.lock().expect("a lock") {
                Some(0) => Err(SecretError::Locked),
                Some(left) => {
                    *left -= 1;
                    Ok(())
                }
                None => Ok(()),
            }
        }

        fn contents(&self) -> BTreeMap<String, String> {
            self.kept.lock().expect("a lock").clone()
        }
    }

    impl Backend for Shelf {
        fn get(&mut self, _: &str, account: &str) -> Result<Option<Secret>, SecretError> {
            Ok(self.kept.lock().expect("a lock").get(account).cloned().map(Secret::new))
        }

        fn set(&mut self, _: &str, account: &str, secret: &Secret) -> Result<(), SecretError> {
            self.write()?;
            self.kept.lock().expect("a lock").insert(account.to_owned(), secret.expose().to_owned());
            Ok(())
        }

        fn delete(&mut self, _: &str, account: &str) -> Result<(), SecretError> {
            self.write()?;
            self.kept.lock().expect("a lock").remove(account);
            Ok(())
        }

        fn probe(&mut self, _: &str) -> Result<(), SecretError> {
            Ok(())
        }
    }

    fn session(access: &str) -> Session {
        Session {
            person: Person {
                method: Method::Oidc,
                issuer: "https://idp.example/realm".into(),
                subject: "Ana/1#a".into(),
                name: Some("Ana Ñ 🦫".into()),
                email: None,
            },
            issued: Issued::Oidc { issuer: "https://idp.example/realm".into(), client_id: "desktop".into() },
            tokens: Some(Tokens {
                access: Secret::new(access.to_owned()),
                expires_at: Some(10),
                renew_at: Some(9),
                refresh: Some(Secret::new(format!("refresh of {access:.1}"))),
            }),
        }
    }

    fn access(session: Option<Session>) -> Option<String> {
        session.and_then(|session| session.tokens).map(|tokens| tokens.access.expose().to_owned())
    }

    #[tokio::test]
    async fn sessions_of_any_size_are_kept_in_parts_that_windows_takes() {
        let shelf = Shelf::default();
        let store = SecretStore::with_backend(shelf.clone());
        let id = AccountId::of(&session("").person);
        for length in [0, 1, 800, 1149, 1150, 1151, 20_000, 3, 9_000, 5_000] {
            // Two UTF-16 units and four bytes each.
            let token = "🦫".repeat(length);
            write(&store, &session(&token)).await.expect("it is kept");
            let read = read(&store, &id).await.expect("it is there").expect("it is whole");
            assert_eq!(read.person, session("").person);
            assert_eq!(read.issued, session("").issued);
            assert_eq!(access(Some(read)), Some(token));
            for (name, text) in shelf.contents() {
                assert!(text.encode_utf16().count() * 2 <= 2560, "{name}");
            }
        }
        remove(&store, &id).await.expect("it is removed");
        assert_eq!(shelf.contents(), BTreeMap::new(), "nothing is left");
    }

    #[tokio::test]
    async fn an_interrupted_writing_leaves_the_old_or_the_new_and_the_next_one_cleans_up() {
        let (short, long, longer) = ("a".repeat(2_000), "b".repeat(7_000), "c".repeat(9_000));
        let id = AccountId::of(&session("").person);
        for (old, new) in [(&short, &long), (&long, &short), (&long, &longer), (&longer, &long)] {
            for writes in 0..40 {
                let shelf = Shelf::default();
                let store = SecretStore::with_backend(shelf.clone());
                write(&store, &session(old)).await.expect("the old one is kept");
                *shelf.writes_left.lock().expect("a lock") = Some(writes);
                let written = write(&store, &session(new)).await;
                *shelf.writes_left.lock().expect("a lock") = None;
                let read = access(read(&store, &id).await.expect("the store answers"));
                let expected = if written.is_ok() { new } else { old };
                assert_eq!(read.as_ref(), Some(expected), "after {writes} writes");

                write(&store, &session("d")).await.expect("the next one is kept");
                assert_eq!(shelf.contents().len(), 1, "after {writes} writes: {:?}", shelf.contents().keys());
            }
        }
    }

    #[tokio::test]
    async fn an_interrupted_removal_can_be_finished() {
        let id = AccountId::of(&session("").person);
        for writes in 0..9 {
            let shelf = Shelf::default();
            let store = SecretStore::with_backend(shelf.clone());
            write(&store, &session(&"a".repeat(5_000))).await.expect("it is kept");
            *shelf.writes_left.lock().expect("a lock") = Some(writes);
            let _ = remove(&store, &id).await;
            *shelf.writes_left.lock().expect("a lock") = None;
            remove(&store, &id).await.expect("it is removed");
            assert_eq!(shelf.contents(), BTreeMap::new(), "after {writes} writes");
        }
    }

    #[tokio::test]
    async fn parts_of_two_sessions_and_sessions_of_others_are_not_read() {
        let shelf = Shelf::default();
        let store = SecretStore::with_backend(shelf.clone());
        let id = AccountId::of(&session("").person);
        write(&store, &session(&"a".repeat(5_000))).await.expect("it is kept");
        let account = name(&id);
        let whole = shelf.contents();
        for (name, text) in [
            (part_name(&account, Slot::A, 2), "another-mark\naaaa".to_owned()),
            (part_name(&account, Slot::A, 2), "aaaa".to_owned()),
            (account.clone(), "session-2 mark a 1\n{}".to_owned()),
            (account.clone(), "session-1 mark a 0\n{}".to_owned()),
            (account.clone(), "session-1 mark a 65\n{}".to_owned()),
            (account.clone(), "session-1 mark a 1\n{}".to_owned()),
            (account.clone(), String::new()),
        ] {
            shelf.kept.lock().expect("a lock").insert(name, text);
            assert!(read(&store, &id).await.expect("the store answers").is_none());
            shelf.kept.lock().expect("a lock").clone_from(&whole);
        }
        assert!(read(&store, &id).await.expect("the store answers").is_some());
        // Moved to another account's name, it is still not theirs.
        let other = AccountId { subject: "bob".into(), ..id };
        let moved =
            shelf.contents().into_iter().map(|(key, text)| (key.replace(&account, &name(&other)), text)).collect();
        *shelf.kept.lock().expect("a lock") = moved;
        assert!(read(&store, &other).await.expect("the store answers").is_none());
    }

    #[test]
    fn every_account_has_a_name_of_its_own() {
        let id = |issuer: &str, subject: &str| AccountId { issuer: issuer.into(), subject: subject.into() };
        assert_eq!(name(&id("http://127.0.0.1:9600", "alice")), "session/http://127.0.0.1:9600/alice");
        let ids = [
            id("https://a", "b/c"),
            id("https://a/b", "c"),
            id("https://a", "b"),
            id("https://a", "B"),
            id("https://a", "b#a1"),
            id("https://a", "%42;"),
        ];
        let names: std::collections::BTreeSet<_> = ids.iter().map(|id| name(id).to_lowercase()).collect();
        assert_eq!(names.len(), ids.len(), "{names:?}");
    }
}
