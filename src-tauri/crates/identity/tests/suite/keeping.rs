//! Going from one place for secrets to another, with everything that is kept.

use capibara6_identity::{Closed, PlainConsent, Secret, SecretError, SecretStore, State};
use capibara6_testkit::sign_in::IdentityProvider;
use url::Url;

use crate::stage::{Shelf, Turned, Wire, signed_in};

#[tokio::test]
async fn all_handles_go_on_together_and_detached_ones_stay() {
    let (first, second) = (Shelf::default(), Shelf::default());
    let store = first.store();
    let (clone, detached) = (store.clone(), store.detached());
    store.set("a", Secret::new("one".into())).await.expect("it is kept");
    store.go_on_to(&second.store());
    for handle in [&store, &clone] {
        assert!(handle.get("a").await.expect("it answers").is_none());
    }
    let stayed = detached.get("a").await.expect("it answers");
    assert_eq!(stayed.map(|secret| secret.expose().to_owned()).as_deref(), Some("one"));
}

#[tokio::test]
async fn a_closed_keeper_says_so_whatever_it_is_asked() {
    let store = SecretStore::with_backend(Closed);
    assert_eq!(store.probe().await, Err(SecretError::Locked));
    assert_eq!(store.get("a").await.map(drop), Err(SecretError::Locked));
    assert_eq!(store.set("a", Secret::new("s".into())).await, Err(SecretError::Locked));
    assert_eq!(store.delete("a").await, Err(SecretError::Locked));
}

#[tokio::test]
async fn sessions_move_whole_or_not_at_all() {
    let (wire, turned, provider) = (Wire::default(), Turned::default(), IdentityProvider::start().await);
    let (old, new) = (Shelf::default(), Shelf::default());
    let sessions = signed_in(&wire, &old, &turned, &provider).await;
    let before = old.text();
    new.lock(true);
    assert!(sessions.move_to(&new.store()).await.is_err());
    assert_eq!((old.text(), new.names().len()), (before, 0));
    new.lock(false);
    sessions.move_to(&new.store()).await.expect("they move");
    assert_eq!(old.names(), [""; 0]);
    assert!(!new.names().is_empty());
    // What comes later is kept there as well.
    provider.forget_access_tokens();
    let stale = sessions.bearer(None).await.expect("a token");
    sessions.bearer(stale.as_ref()).await.expect("another token");
    assert_eq!(old.names(), [""; 0]);
}

#[tokio::test]
async fn whoever_leaves_has_no_token_and_comes_back_to_the_same_session() {
    let (wire, turned, provider, shelf) =
        (Wire::default(), Turned::default(), IdentityProvider::start().await, Shelf::default());
    let sessions = signed_in(&wire, &shelf, &turned, &provider).await;
    let id = sessions.active().expect("somebody is signed in");
    assert!(sessions.expires_at().is_some());
    sessions.leave();
    assert_eq!((sessions.active(), sessions.account(), sessions.expires_at()), (None, None, None));
    assert!(sessions.bearer(None).await.expect("nobody is no error").is_none());
    assert_eq!(sessions.switch(&id).await.expect("it is there").state, State::Good);
    assert!(sessions.bearer(None).await.expect("a token").is_some());
}

#[tokio::test]
async fn consent_holds_from_the_moment_it_is_given_to_the_moment_it_is_withdrawn() {
    let address = Url::parse("http://203.0.113.7:5004/auth").expect("an address");
    let http = Wire::default().http();
    let clone = http.clone();
    assert!(!clone.consent().allows(&address));
    http.consent_to(PlainConsent::to([&address]));
    assert!(clone.consent().allows(&address));
    http.consent_to(PlainConsent::default());
    assert!(!clone.consent().allows(&address));
}
