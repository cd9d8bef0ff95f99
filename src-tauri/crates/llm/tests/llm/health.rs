//! The monitor against real sockets: what it asks, when it gives up, and what it says.

use std::time::Duration;

use capibara6_llm::{
    Client, Endpoint, Failure, HealthMonitor, HttpOptions, RetryPolicy, Schedule, Timeouts, Watched, http_client,
};
use capibara6_protocol::{EndpointHealth, EndpointState, ErrorCode, ModelId};
use tokio::{sync::watch, time::timeout};
use url::Url;

use super::server::{PATIENCE, Server};

const LIST: &str = r#"{"data":[{"id":"m","owned_by":"vllm"}]}"#;

/// Quick enough for a test.
fn schedule() -> Schedule {
    Schedule {
        every: Duration::from_secs(3600),
        timeout: Duration::from_millis(500),
        base: Duration::from_millis(5),
        cap: Duration::from_millis(20),
        threshold: 3,
        seed: Some(1),
    }
}

fn client() -> Client {
    Client::new(http_client(&HttpOptions::default()).unwrap()).with_retry(RetryPolicy::NEVER, Some(1))
}

fn watched(base: &Url, model: &str) -> Watched {
    let endpoint = Endpoint { base: base.clone(), model: model.into(), key: None, timeouts: Timeouts::default() };
    Watched { endpoint, fresh_key: None, label: model.to_uppercase(), scripted: true }
}

/// Waits until the states are as wanted.
async fn until(
    states: &mut watch::Receiver<Vec<EndpointState>>,
    wanted: impl Fn(&[EndpointState]) -> bool,
) -> Vec<EndpointState> {
    timeout(PATIENCE, states.wait_for(|states| wanted(states))).await.expect("the states change").unwrap().clone()
}

fn health_is(health: EndpointHealth) -> impl Fn(&[EndpointState]) -> bool {
    move |states| states[0].state == health
}

/// Answers probes with a list of models, `count` times.
async fn answer_probes(server: &mut Server, count: usize, list: &str) {
    for _ in 0..count {
        let mut exchange = server.next().await;
        assert_eq!(exchange.request.line(), "GET /health HTTP/1.1");
        exchange.answer("200 OK", "connection: close\r\n", "").await;
        let mut exchange = server.next().await;
        assert_eq!(exchange.request.line(), "GET /v1/models HTTP/1.1");
        exchange.answer("200 OK", "connection: close\r\n", list).await;
    }
}

#[tokio::test]
async fn an_endpoint_that_answers_is_up_and_says_what_it_serves() {
    let mut server = Server::start().await;
    let monitor = HealthMonitor::start_with(client(), vec![watched(&server.base(), "m")], schedule());
    let before = monitor.states();
    assert_eq!((before[0].state, before[0].since > 0), (EndpointHealth::Unknown, true));
    let mut states = monitor.subscribe();
    let (_, up) = tokio::join!(answer_probes(&mut server, 1, LIST), until(&mut states, health_is(EndpointHealth::Up)));
    let expected = EndpointState {
        model: ModelId::from("m"),
        label: "M".into(),
        state: EndpointHealth::Up,
        since: up[0].since,
        latency_ms: up[0].latency_ms,
        code: None,
        served: vec!["m".into()],
        scripted: true,
    };
    assert_eq!(up, [expected]);
    assert!(up[0].latency_ms.is_some());
}

#[tokio::test]
async fn a_server_without_the_model_is_degraded() {
    let mut server = Server::start().await;
    let monitor = HealthMonitor::start_with(client(), vec![watched(&server.base(), "other")], schedule());
    let mut states = monitor.subscribe();
    let (_, seen) =
        tokio::join!(answer_probes(&mut server, 1, LIST), until(&mut states, health_is(EndpointHealth::Degraded)));
    assert_eq!((seen[0].code, seen[0].served.as_slice()), (Some(ErrorCode::ModelNotFound), &["m".to_owned()][..]));
    assert!(monitor.may_ask(&"other".into()));
}

#[tokio::test]
async fn a_dead_endpoint_is_down_after_several_failures_and_comes_back() {
    let mut server = Server::start().await;
    let monitor = HealthMonitor::start_with(client(), vec![watched(&server.base(), "m")], schedule());
    let mut states = monitor.subscribe();
    let model = ModelId::from("m");
    let dying = async {
        for _ in 0..3 {
            drop(server.next().await);
        }
    };
    let (_, down) = tokio::join!(dying, until(&mut states, health_is(EndpointHealth::Down)));
    assert_eq!((down[0].code, monitor.may_ask(&model)), (Some(ErrorCode::Truncated), false));
    // Half open: the next probe is answered.
    let (_, up) = tokio::join!(answer_probes(&mut server, 1, LIST), until(&mut states, health_is(EndpointHealth::Up)));
    assert_eq!((up[0].code, monitor.may_ask(&model)), (None, true));
    assert!(up[0].since >= down[0].since);
}

#[tokio::test]
async fn endpoints_do_not_wait_for_each_other() {
    let black_hole = Server::start().await;
    let mut server = Server::start().await;
    let schedule = Schedule { timeout: Duration::from_secs(3600), ..schedule() };
    let both = vec![watched(&black_hole.base(), "hole"), watched(&server.base(), "m")];
    let monitor = HealthMonitor::start_with(client(), both, schedule);
    let mut states = monitor.subscribe();
    let (_, seen) = tokio::join!(
        answer_probes(&mut server, 1, LIST),
        until(&mut states, |states| states[1].state == EndpointHealth::Up)
    );
    assert_eq!(seen[0].state, EndpointHealth::Unknown);
}

#[tokio::test]
async fn what_chats_see_counts() {
    let mut server = Server::start().await;
    let monitor = HealthMonitor::start_with(client(), vec![watched(&server.base(), "m")], schedule());
    let mut states = monitor.subscribe();
    let model = ModelId::from("m");
    tokio::join!(answer_probes(&mut server, 1, LIST), until(&mut states, health_is(EndpointHealth::Up)));

    let died = Failure::new(ErrorCode::Server, "EngineDeadError");
    for _ in 0..3 {
        monitor.report(&model, Err(&died));
    }
    let seen = monitor.states();
    assert_eq!((seen[0].state, seen[0].code), (EndpointHealth::Down, Some(ErrorCode::Server)));
    assert!(!monitor.may_ask(&model));

    // The probe that follows is answered: one chat may try, but a green light needs a chat.
    let degraded = |states: &[EndpointState]| states[0].state == EndpointHealth::Degraded;
    let (_, half_open) = tokio::join!(answer_probes(&mut server, 1, LIST), until(&mut states, degraded));
    assert_eq!((half_open[0].code, monitor.may_ask(&model)), (Some(ErrorCode::Server), true));
    monitor.report(&model, Ok(()));
    let seen = monitor.states();
    assert_eq!((seen[0].state, seen[0].code), (EndpointHealth::Up, None));

    // Models that are not watched are nobody's business.
    monitor.report(&"unknown".into(), Err(&died));
    assert!(monitor.may_ask(&"unknown".into()));
}

#[tokio::test]
async fn a_refresh_asks_at_once() {
    let mut server = Server::start().await;
    let monitor = HealthMonitor::start_with(client(), vec![watched(&server.base(), "m")], schedule());
    let mut states = monitor.subscribe();
    tokio::join!(answer_probes(&mut server, 1, LIST), until(&mut states, health_is(EndpointHealth::Up)));
    monitor.refresh();
    answer_probes(&mut server, 1, LIST).await;
}

#[tokio::test]
async fn a_server_at_work_is_not_dead() {
    let mut server = Server::start().await;
    let base = server.base();
    let client = client();
    let question = capibara6_llm::ChatRequest::default();
    let mut chat = client.chat_stream(watched(&base, "m").endpoint, question);
    let mut at_work = tokio::select! {
        exchange = server.next() => exchange,
        _ = futures_util::StreamExt::next(&mut chat) => unreachable!(),
    };
    at_work.begin_stream().await;

    let every = Duration::from_millis(5);
    let quick = Schedule { timeout: Duration::from_millis(20), every, ..schedule() };
    let monitor = HealthMonitor::start_with(client.clone(), vec![watched(&base, "m")], quick);
    // Many more probes than open a circuit, none of them answered.
    let mut held = Vec::new();
    while held.len() < 8 {
        held.push(server.next().await);
    }
    let busy = monitor.states();
    assert_eq!((busy[0].state, busy[0].code), (EndpointHealth::Degraded, Some(ErrorCode::TimeoutFirstToken)));
    assert!(monitor.may_ask(&"m".into()));

    // The same silence without a chat is death.
    drop(chat);
    let mut states = monitor.subscribe();
    let dead = async {
        loop {
            held.push(server.next().await);
        }
    };
    tokio::select! {
        () = dead => unreachable!(),
        _ = until(&mut states, health_is(EndpointHealth::Down)) => {}
    }
}

#[tokio::test]
async fn dropping_the_monitor_ends_its_tasks() {
    let mut server = Server::start().await;
    let monitor = HealthMonitor::start_with(client(), vec![watched(&server.base(), "m")], schedule());
    let mut probe = server.next().await;
    let mut states = monitor.subscribe();
    drop(monitor);
    probe.closed_by_client().await;
    let gone = async { while states.changed().await.is_ok() {} };
    timeout(PATIENCE, gone).await.expect("nobody holds the states any more");
}
