//! What goes wrong on the other side: who stands in, what is said, what is kept.

use capibara6_protocol::*;
use capibara6_testkit::{Canned, RefusedPort, canned};

use super::bench::{Bench, contents, send};

fn vllm_error(message: &str) -> Canned {
    canned::vllm_error(400, "BadRequestError", message)
}

/// The error of an answer without the other side's words, which are only behind a disclosure.
fn bare(error: Option<AppError>) -> Option<AppError> {
    error.map(|error| AppError { detail: None, ..error })
}

#[tokio::test]
async fn a_model_that_is_down_is_replaced_along_the_profiles_order_and_that_is_said() {
    let mut bench = Bench::start().await;
    bench.fleet.server("mixtral").go_down().await;
    let started = bench.app.chat_send(send(None, "escribe un poema", None)).await.unwrap();
    assert_eq!(started.answer.model, Some("mixtral".into()));
    let chat = bench.chat("gpt-oss-20b").await;
    let rerouted = bench.window.until(|event| matches!(event, Event::MessageRerouted { .. })).await;
    let routing = Routing {
        mode: Mode::Auto,
        tier: Tier::Creative,
        rule: RoutingRule::CreativeWords,
        instead_of: Some("mixtral".into()),
        because: Some(ErrorCode::Refused),
    };
    assert_eq!(
        rerouted,
        Event::MessageRerouted {
            conversation: started.conversation,
            message: started.answer.id,
            model: "gpt-oss-20b".into(),
            scripted: false,
            routing: routing.clone(),
        }
    );
    chat.say_all(&["Verso"]).await;
    assert_eq!(bench.window.ended(started.answer.id).await.status, MessageStatus::Complete);
    let message = bench.message(&started).await;
    assert_eq!(
        (message.model, message.routing, message.content.as_str()),
        (Some("gpt-oss-20b".into()), Some(routing), "Verso")
    );
}

#[tokio::test]
async fn while_another_model_can_answer_a_failure_is_not_waited_for() {
    let mut bench = Bench::start().await;
    let started = bench.app.chat_send(send(None, "hola", None)).await.unwrap();
    // A pinned model would be given the pause that its server asks for.
    bench.chat("phi4:mini").await.respond(&canned::gateway_rate_limited(1)).await;
    bench.chat("gpt-oss-20b").await.say_all(&["¡hola!"]).await;
    assert_eq!(bench.window.ended(started.answer.id).await.status, MessageStatus::Complete);
    assert_eq!(bench.fleet.server("phi4:mini").chat_count(), 1);
    let routing = bench.message(&started).await.routing.unwrap();
    assert_eq!((routing.instead_of, routing.because), (Some("phi4:mini".into()), Some(ErrorCode::RateLimited)));
}

#[tokio::test]
async fn a_pinned_model_that_is_down_is_never_replaced_silently() {
    let mut bench = Bench::start().await;
    bench.fleet.server("mixtral").go_down().await;
    let started = bench.ask("mixtral", "escribe un poema").await;
    let end = bench.window.ended(started.answer.id).await;
    assert_eq!((end.status, bare(end.error)), (MessageStatus::Failed, Some(ErrorCode::Refused.into())));
    let asked: Vec<_> = bench.fleet.servers().map(|server| server.chat_count()).collect();
    assert_eq!(asked, [0, 0, 0, 0]);
    let message = bench.message(&started).await;
    assert_eq!((message.model, message.content.as_str()), (Some("mixtral".into()), ""));
}

#[tokio::test]
async fn when_nobody_answers_the_last_reason_is_shown() {
    let mut bench = Bench::start().await;
    for server in bench.fleet.servers() {
        server.answer(capibara6_testkit::Chat::Canned(canned::vllm_error(500, "InternalServerError", "boom")));
    }
    let started = bench.app.chat_send(send(None, "hola", None)).await.unwrap();
    let end = bench.window.ended(started.answer.id).await;
    assert_eq!((end.status, bare(end.error)), (MessageStatus::Failed, Some(ErrorCode::Server.into())));
    let routing = bench.message(&started).await.routing.unwrap();
    assert_eq!((routing.instead_of, routing.because), (Some("phi4:mini".into()), Some(ErrorCode::Server)));
}

#[tokio::test]
async fn each_refusal_has_its_code() {
    let mut bench = Bench::start().await;
    let limited = AppError { retry_after_ms: Some(41_000), ..ErrorCode::RateLimited.into() };
    let table = [
        (canned::vllm_unauthorised(), ErrorCode::Unauthorised.into()),
        (canned::gateway_rate_limited(41), limited),
        (
            canned::vllm_error(404, "NotFoundError", "The model `phi4:mini` does not exist."),
            ErrorCode::ModelNotFound.into(),
        ),
        (vllm_error("temperature must be non-negative"), ErrorCode::BadRequest.into()),
        (canned::fastapi_validation(), ErrorCode::BadRequest.into()),
        (canned::vllm_context_too_long(512), ErrorCode::ContextTooLong.into()),
    ];
    for (answer, expected) in table {
        let started = bench.ask("phi4:mini", "hola").await;
        bench.chat("phi4:mini").await.respond(&answer).await;
        let end = bench.window.ended(started.answer.id).await;
        assert_eq!((end.status, bare(end.error.clone())), (MessageStatus::Failed, Some(expected)));
        // The whole of it is kept, and the next question does not build on it.
        assert_eq!(bench.message(&started).await.error, end.error);
    }
}

#[tokio::test]
async fn a_pinned_model_that_is_overloaded_is_asked_three_times() {
    let mut bench = Bench::start().await;
    let started = bench.ask("phi4:mini", "hola").await;
    for _ in 0..3 {
        bench.chat("phi4:mini").await.respond(&canned::gateway_unavailable()).await;
    }
    let end = bench.window.ended(started.answer.id).await;
    assert_eq!((end.status, bare(end.error)), (MessageStatus::Failed, Some(ErrorCode::Overloaded.into())));
    assert_eq!(bench.fleet.server("phi4:mini").chat_count(), 3);
}

#[tokio::test]
async fn a_stream_that_breaks_off_keeps_its_text_and_says_so() {
    let mut bench = Bench::start().await;
    let started = bench.app.chat_send(send(None, "hola", None)).await.unwrap();
    let mut chat = bench.chat("phi4:mini").await;
    chat.send_text("Hola, ¿qu").await;
    chat.close_abruptly().await;
    let end = bench.window.ended(started.answer.id).await;
    assert_eq!((end.status, bare(end.error)), (MessageStatus::Failed, Some(ErrorCode::Truncated.into())));
    assert_eq!(contents(&bench.app, started.conversation).await, ["hola", "Hola, ¿qu"]);
    // After the first token nobody stands in.
    let asked: usize = bench.fleet.servers().map(|server| server.chat_count()).sum();
    assert_eq!(asked, 1);
}

#[tokio::test]
async fn an_error_inside_the_stream_keeps_the_text_before_it() {
    let mut bench = Bench::start().await;
    let started = bench.ask("phi4:mini", "hola").await;
    let mut chat = bench.chat("phi4:mini").await;
    chat.send_text("Hola").await;
    chat.send_error("CUDA out of memory").await;
    chat.done().await;
    let end = bench.window.ended(started.answer.id).await;
    assert_eq!((end.status, bare(end.error.clone())), (MessageStatus::Failed, Some(ErrorCode::Server.into())));
    assert!(end.error.unwrap().detail.unwrap().contains("CUDA out of memory"));
    assert_eq!(bench.message(&started).await.content, "Hola");
}

#[tokio::test]
async fn made_up_answers_are_never_shown_as_a_models_words() {
    let mut bench = Bench::start().await;
    for made_up in [
        canned::integrated_simulation("hola"),
        canned::gateway_fallback(),
        canned::gateway_simulated_service(),
        canned::backend_error_as_text(),
    ] {
        let started = bench.app.chat_send(send(None, "hola", None)).await.unwrap();
        bench.chat("phi4:mini").await.respond(&made_up).await;
        let end = bench.window.ended(started.answer.id).await;
        let code = end.error.map(|error| error.code);
        assert_eq!((end.status, code), (MessageStatus::Failed, Some(ErrorCode::Simulated)), "{made_up:?}");
        assert_eq!(contents(&bench.app, started.conversation).await, ["hola", ""]);
        assert_eq!(bench.window.text(started.answer.id, Part::Content), "");
    }
}

#[tokio::test]
async fn a_stream_that_turns_out_to_be_made_up_is_taken_back() {
    let mut bench = Bench::start().await;
    let started = bench.ask("phi4:mini", "hola").await;
    let mut chat = bench.chat("phi4:mini").await;
    chat.send_text("Nada de esto ").await;
    bench.window.shows(started.answer.id, Part::Content, "Nada de esto ").await;
    chat.send_event(r#"{"content":"es de un modelo.","fallback":true,"done":false}"#).await;
    let end = bench.window.ended(started.answer.id).await;
    assert_eq!((end.status, end.error.map(|error| error.code)), (MessageStatus::Failed, Some(ErrorCode::Simulated)));
    assert_eq!(contents(&bench.app, started.conversation).await, ["hola", ""]);
}

#[tokio::test]
async fn a_model_whose_circuit_is_open_is_not_asked_first() {
    let refused = RefusedPort::reserve();
    let url = refused.url();
    let mut bench = Bench::with(capibara6_testkit::Fleet::start().await, |profile| {
        profile.models.iter_mut().filter(|model| model.tier == Tier::Fast).for_each(|model| model.url.clone_from(&url));
    })
    .await;
    let down = |event: &Event| {
        let Event::Health { endpoints } = event else { return false };
        endpoints
            .iter()
            .any(|endpoint| endpoint.model.as_str() == "phi4:mini" && endpoint.state == EndpointHealth::Down)
    };
    bench.app.health_refresh().await.unwrap();
    // Real questions open the circuit as probes do.
    let mut opened = false;
    for _ in 0..5 {
        let started = bench.ask("phi4:mini", "hola").await;
        bench.window.ended(started.answer.id).await;
        if bench.window.events.iter().any(down) {
            opened = true;
            break;
        }
    }
    assert!(opened, "the circuit never opened");
    let started = bench.app.chat_send(send(None, "hola", None)).await.unwrap();
    let routing = started.answer.routing.clone().unwrap();
    assert_eq!(
        (started.answer.model, routing.instead_of, routing.because),
        (Some("gpt-oss-20b".into()), Some("phi4:mini".into()), Some(ErrorCode::Refused))
    );
}
