//! The fleet's sign-in server, on a port of the test's own.

use capibara6_identity::sign_in::fleet::Via;
use capibara6_identity::sign_in::{Attempt, Distrust, Issued, Method, Person, SignIn, SignInError, Way};
use capibara6_testkit::sign_in::{Browser, FleetMisbehaviour, FleetUser, SignInServer};
use url::Url;

use crate::stage::{FAILURE, SUCCESS, Wire, free_port, pages, sign_in, title};

/// A server that sends browsers to a port, and an attempt that has it.
async fn begin(sign_in: &SignIn, via: Via) -> (SignInServer, Attempt, u16) {
    loop {
        let port = free_port();
        let server = SignInServer::start(port).await;
        let base = Url::parse(&server.url()).expect("an address");
        match sign_in.begin(Way::Fleet { base, via, port }, pages()).await {
            Ok(attempt) => return (server, attempt, port),
            // Another test was quicker.
            Err(SignInError::PortTaken { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn somebody_arrives_with_the_name_they_have() {
    let wire = Wire::default();
    let sign_in = sign_in(&wire);
    let user = |id, name: Option<&str>, email: Option<&str>| FleetUser {
        id,
        name: name.map(str::to_owned),
        email: email.map(str::to_owned),
    };
    for (via, method, user, subject) in [
        (Via::Github, Method::Github, user(1, Some("José Ñandú 🦫"), Some("jose@example.test")), "github_1"),
        (Via::Github, Method::Github, user(2, Some("Zoë"), None), "github_2"),
        (Via::Google, Method::Google, user(3, None, Some("g@example.test")), "google_3"),
    ] {
        let (server, attempt, port) = begin(&sign_in, via).await;
        server.sign_in_as(user.clone());
        assert_eq!(attempt.address().origin().ascii_serialization(), server.url());
        let address = attempt.address().clone();
        let finishing = tokio::spawn(attempt.finish());
        let page = Browser::default().visit(&address).await;
        assert_eq!(title(&page), SUCCESS);
        assert_eq!(page.address.as_str(), format!("http://localhost:{port}/signed-in"), "no token in the last address");
        let arrival = finishing.await.expect("it does not panic").expect("somebody arrives");
        let expected =
            Person { method, issuer: server.url(), subject: subject.into(), name: user.name, email: user.email };
        assert_eq!(arrival.person(), &expected);
        let session = arrival.confirm();
        assert_eq!(session.issued, Issued::Fleet { base: format!("{}/", server.url()) });
        assert!(session.tokens.is_some_and(|tokens| tokens.refresh.is_none() && tokens.expires_at.is_some()));
        assert_eq!(server.asked("POST /auth/verify").len(), 1);
        // Nobody listens any more.
        assert!(tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err());
    }
}

#[tokio::test]
async fn what_the_server_does_not_vouch_for_signs_nobody_in() {
    use FleetMisbehaviour as M;
    let wire = Wire::default();
    let sign_in = sign_in(&wire);
    let unavailable = |status: &str| SignInError::Unavailable(format!("{status} to a verification"));
    for (misbehaviour, expected) in [
        (M::ForgotItsKey, Distrust::NotValid.into()),
        (M::VerifyStatus(500), unavailable("500 Internal Server Error")),
        (M::VerifyStatus(404), unavailable("404 Not Found")),
        (M::VerifyPage, unavailable("200 OK")),
        (M::OtherUser, Distrust::Subject.into()),
        (M::OtherProvider, Distrust::Issuer.into()),
        (M::Expired(600), Distrust::Time.into()),
        (M::Unreadable, Distrust::Unreadable.into()),
    ] {
        let (server, attempt, _) = begin(&sign_in, Via::Github).await;
        server.misbehave(misbehaviour);
        let address = attempt.address().clone();
        let finishing = tokio::spawn(attempt.finish());
        let page = Browser::default().visit(&address).await;
        assert_eq!(finishing.await.expect("it does not panic").map(drop), Err(expected), "{misbehaviour:?}");
        assert_eq!(title(&page), FAILURE, "{misbehaviour:?}");
    }
    // A token that expired a minute ago by our clock may be good by the server's.
    let (server, attempt, _) = begin(&sign_in, Via::Github).await;
    server.misbehave(M::Expired(60));
    let address = attempt.address().clone();
    let finishing = tokio::spawn(attempt.finish());
    Browser::default().visit(&address).await;
    assert!(finishing.await.expect("it does not panic").is_ok());
}

#[tokio::test]
async fn a_token_of_somebody_elses_making_is_not_believed() {
    let wire = Wire::default();
    let (server, attempt, port) = begin(&sign_in(&wire), Via::Github).await;
    let finishing = tokio::spawn(attempt.finish());
    let success =
        |query: &str| Url::parse(&format!("http://localhost:{port}/auth/success{query}")).expect("an address");
    // What has no token, or comes from a page's script, does not even end the attempt.
    for (address, headers, status) in [
        (success(""), &[][..], 400),
        (success("?token="), &[][..], 400),
        (success("?token=a&token=b"), &[][..], 400),
        (success("?token=a.b.c"), &[("origin", "http://localhost:5500")][..], 403),
        (success("?token=a.b.c"), &[("host", "rebound.example")][..], 421),
    ] {
        assert_eq!(Browser::request("GET", &address, headers).await.status, status, "{address} {headers:?}");
    }
    assert_eq!(server.asked("POST /auth/verify").len(), 0);
    let forged = "eyJhbGciOiJub25lIn0.eyJ1c2VyX2lkIjoiZ2l0aHViXzEifQ.x";
    let page = Browser::default().visit(&success(&format!("?token={forged}"))).await;
    assert_eq!(title(&page), FAILURE);
    assert_eq!(finishing.await.expect("it does not panic").map(drop), Err(Distrust::NotValid.into()));
    let asked = server.asked("POST /auth/verify");
    assert_eq!(
        asked.iter().map(|request| request.json()).collect::<Vec<_>>(),
        [serde_json::json!({ "token": forged })]
    );
}

#[tokio::test]
async fn a_port_that_is_taken_says_by_whom() {
    let wire = Wire::default();
    let sign_in = sign_in(&wire);
    for address in ["127.0.0.1:0", "[::1]:0", "0.0.0.0:0"] {
        // A computer without IPv6 has nothing to take there.
        let Ok(taken) = std::net::TcpListener::bind(address) else { continue };
        let port = taken.local_addr().expect("it has an address").port();
        let base = Url::parse("http://127.0.0.1:5004").expect("an address");
        let begun = sign_in.begin(Way::Fleet { base, via: Via::Google, port }, pages()).await;
        let Err(SignInError::PortTaken { port: said, holder }) = begun.map(drop) else { panic!("{address} is taken") };
        assert_eq!(said, port);
        if cfg!(target_os = "linux") {
            assert!(holder.is_some_and(|holder| holder.ends_with(&format!(" ({})", std::process::id()))), "{address}");
        }
    }
}

#[tokio::test]
async fn a_server_elsewhere_without_encryption_needs_consent() {
    let wire = Wire::default();
    let base = Url::parse("http://fleet.example:5004").expect("an address");
    let begun = sign_in(&wire).begin(Way::Fleet { base, via: Via::Github, port: free_port() }, pages()).await;
    assert_eq!(begun.map(drop), Err(SignInError::Insecure("http://fleet.example:5004".into())));
}
