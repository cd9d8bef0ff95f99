//! The loopback listener, under more than one browser.

use capibara6_identity::sign_in::callback::{Answer, Kind};
use capibara6_identity::sign_in::{Browser as Waiting, ListenError, Listener, Page};
use capibara6_testkit::sign_in::Browser;
use tokio::io::AsyncWriteExt as _;
use url::Url;

use crate::stage::{SUCCESS, free_port, pages, title};

fn at(listener: &Listener, target: &str) -> Url {
    Url::parse(&listener.redirect_uri()).and_then(|address| address.join(target)).expect("an address")
}

fn code() -> Kind {
    Kind::Code { state: "s-1".into(), issuer: "https://idp.example".into(), issuer_required: false }
}

async fn show(waiting: Waiting) {
    waiting.show(Page::new(&pages().success, "n-1")).await;
}

#[tokio::test]
async fn idle_and_wrong_connections_keep_nobody_waiting() {
    let listener = Listener::ephemeral("/callback").await.expect("it listens");
    let (right, wrong) = (at(&listener, "/callback?code=c-1&state=s-1"), at(&listener, "/callback?state=s-2"));
    let waiting = tokio::spawn(listener.answer(code()));
    // Browsers open connections ahead of need; other programs look what is there.
    let mut idle = Vec::new();
    for _ in 0..12 {
        idle.push(Browser::connect(&right).await);
    }
    idle[0].write_all(b"GET /callback?code=").await.expect("it is there");
    for _ in 0..40 {
        assert_eq!(Browser::request("GET", &wrong, &[]).await.status, 400);
    }
    let browsing = tokio::spawn(async move { Browser::default().visit(&right).await });
    let (answer, browser) = waiting.await.expect("it does not panic").expect("it has an answer");
    assert_eq!(answer, Answer::Code("c-1".into()));
    // More of the same before the page is asked for.
    for _ in 0..12 {
        idle.push(Browser::connect(&wrong).await);
    }
    show(browser).await;
    assert_eq!(title(&browsing.await.expect("it does not panic")), SUCCESS);
}

#[tokio::test]
async fn an_answer_on_a_connection_that_was_there_before_is_seen() {
    let listener = Listener::ephemeral("/callback").await.expect("it listens");
    let (right, wrong) = (at(&listener, "/callback?code=c-1&state=s-1"), at(&listener, "/callback?state=s-2"));
    let waiting = tokio::spawn(listener.answer(code()));
    let mut early = Browser::connect(&right).await;
    assert_eq!(Browser::request("GET", &wrong, &[]).await.status, 400);
    let head = format!(
        "GET /callback?code=c-1&state=s-1 HTTP/1.1\r\nhost: {}\r\n\r\n",
        &right[url::Position::BeforeHost..url::Position::AfterPort]
    );
    // In pieces, as a slow computer may send it.
    for piece in head.as_bytes().chunks(7) {
        early.write_all(piece).await.expect("it is there");
        early.flush().await.expect("it is there");
    }
    let (answer, browser) = waiting.await.expect("it does not panic").expect("it has an answer");
    assert_eq!(answer, Answer::Code("c-1".into()));
    drop(browser);
    assert!(tokio::net::TcpStream::connect(("127.0.0.1", right.port().unwrap_or(0))).await.is_err());
}

#[tokio::test]
async fn a_browser_that_has_gone_is_not_waited_for() {
    let listener = Listener::ephemeral("/callback").await.expect("it listens");
    let right = at(&listener, "/callback?code=c-1&state=s-1");
    let waiting = tokio::spawn(listener.answer(code()));
    let mut gone = Browser::connect(&right).await;
    let head = format!(
        "GET /callback?code=c-1&state=s-1 HTTP/1.1\r\nhost: {}\r\n\r\n",
        &right[url::Position::BeforeHost..url::Position::AfterPort]
    );
    gone.write_all(head.as_bytes()).await.expect("it is there");
    let (_, browser) = waiting.await.expect("it does not panic").expect("it has an answer");
    drop(gone);
    tokio::time::pause();
    let started = tokio::time::Instant::now();
    show(browser).await;
    assert!(started.elapsed().as_secs() <= 4, "{:?}", started.elapsed());
}

#[tokio::test]
async fn heads_that_are_too_long_are_turned_away() {
    let listener = Listener::ephemeral("/callback").await.expect("it listens");
    let right = at(&listener, "/callback?code=c-1&state=s-1");
    let waiting = tokio::spawn(listener.answer(code()));
    let long = [b"GET /callback?code=".as_slice(), &[b'x'; 16 * 1024]].concat();
    assert!(Browser::raw(&right, &long).await.starts_with(b"HTTP/1.1 400"), "a head of 16 KiB");
    let browsing = tokio::spawn(async move { Browser::default().visit(&right).await });
    let (_, browser) = waiting.await.expect("it does not panic").expect("it has an answer");
    show(browser).await;
    assert_eq!(title(&browsing.await.expect("it does not panic")), SUCCESS);
}

#[tokio::test]
async fn a_fixed_port_is_had_in_both_families_or_not_at_all() {
    let listener = loop {
        match Listener::fixed(free_port(), "/auth/success").await {
            Ok(listener) => break listener,
            Err(ListenError::Taken { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    };
    let port = listener.port();
    assert!(matches!(Listener::fixed(port, "/").await, Err(ListenError::Taken { port: said, .. }) if said == port));
    let waiting = tokio::spawn(listener.answer(Kind::Token));
    let address = |host: &str| Url::parse(&format!("http://{host}:{port}/auth/success")).expect("an address");
    let mut hosts = vec!["localhost", "127.0.0.1"];
    if tokio::net::TcpStream::connect(("::1", port)).await.is_ok() {
        hosts.push("[::1]");
    }
    for host in hosts {
        assert_eq!(Browser::request("GET", &address(host), &[]).await.status, 400, "{host}");
    }
    waiting.abort();
}

#[tokio::test]
async fn the_last_page_is_shown_to_the_browser_and_to_nobody_else() {
    let listener = Listener::ephemeral("/callback").await.expect("it listens");
    let right = at(&listener, "/callback?code=c-1&state=s-1");
    let waiting = tokio::spawn(listener.answer(code()));
    let browsing = tokio::spawn(async move { Browser::default().open(&right).await });
    let (_, browser) = waiting.await.expect("it does not panic").expect("it has an answer");
    let showing = tokio::spawn(show(browser));
    let redirect = browsing.await.expect("it does not panic");
    assert_eq!((redirect.status, redirect.header("location")), (303, Some("/signed-in")));
    let page = redirect.address.join("/signed-in").expect("an address");
    for (address, headers, status) in [
        (page.clone(), &[("host", "evil.example")][..], 421),
        (page.clone(), &[("origin", "https://evil.example")][..], 403),
        (redirect.address.clone(), &[][..], 404),
    ] {
        let turned_away = Browser::request("GET", &address, headers).await;
        assert_eq!((turned_away.status, turned_away.body.as_str()), (status, ""), "{headers:?}");
    }
    assert_eq!(title(&Browser::default().open(&page).await), SUCCESS);
    showing.await.expect("it does not panic");
}
