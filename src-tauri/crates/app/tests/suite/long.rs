//! Conversations longer than a model's context.

use capibara6_protocol::*;
use capibara6_testkit::canned;

use super::bench::{Bench, send, sent};

/// Three turns of which the first two are long.
async fn long(bench: &mut Bench) -> ConversationId {
    let first = bench.answered(None, &"uno ".repeat(600), &[&"respuesta ".repeat(300)]).await;
    bench.answered(Some(first.conversation), &"dos ".repeat(600), &["2"]).await;
    first.conversation
}

#[tokio::test]
async fn the_oldest_turns_are_left_out_whole_and_the_user_is_told() {
    let mut bench = Bench::start().await;
    bench.fleet.server("phi4:mini").max_model_len(1_500);
    let conversation = long(&mut bench).await;
    let started = bench.app.chat_send(send(Some(conversation), "tres", Some("phi4:mini"))).await.unwrap();
    let chat = bench.chat("phi4:mini").await;
    let roles: Vec<_> =
        sent(&chat).into_iter().map(|(role, text)| (role, text.chars().take(4).collect::<String>())).collect();
    let expected = [("user", "dos "), ("assistant", "2"), ("user", "tres")];
    assert_eq!(roles, expected.map(|(role, text)| (role.to_owned(), text.to_owned())));
    // The window knows before the first word.
    let about_it =
        |event: &Event| matches!(event, Event::MessageFitted { message, .. } if *message == started.answer.id);
    let told = bench.window.until(about_it).await;
    chat.say_all(&["3"]).await;
    bench.window.ended(started.answer.id).await;
    let omitted = bench.message(&started).await.omitted.unwrap();
    assert_eq!(told, Event::MessageFitted { conversation, message: started.answer.id, omitted: Some(omitted) });
    assert_eq!((omitted.messages, omitted.context, omitted.estimated), (2, 1_500, false));
    assert!(omitted.tokens > 500, "{omitted:?}");
}

#[tokio::test]
async fn the_profiles_context_counts_without_asking_the_server() {
    let fleet = capibara6_testkit::Fleet::start().await;
    fleet.servers().for_each(|server| server.route("POST /tokenize", canned::vllm_error(404, "NotFoundError", "no")));
    let mut bench = Bench::with(fleet, |profile| {
        profile.models.iter_mut().for_each(|model| model.context = Some(2_000));
    })
    .await;
    let conversation = long(&mut bench).await;
    let started = bench.app.chat_send(send(Some(conversation), "tres", Some("phi4:mini"))).await.unwrap();
    let chat = bench.chat("phi4:mini").await;
    assert_eq!(sent(&chat).len(), 3);
    chat.say_all(&["3"]).await;
    bench.window.ended(started.answer.id).await;
    let omitted = bench.message(&started).await.omitted.unwrap();
    assert_eq!((omitted.messages, omitted.context, omitted.estimated), (2, 2_000, true));
}

#[tokio::test]
async fn a_refusal_for_length_is_understood_once() {
    let fleet = capibara6_testkit::Fleet::start().await;
    fleet.servers().for_each(|server| {
        server.route("POST /tokenize", canned::vllm_error(404, "NotFoundError", "no"));
        server.route("GET /v1/models", canned::vllm_error(404, "NotFoundError", "no"));
    });
    let mut bench = Bench::with(fleet, |_| ()).await;
    let conversation = long(&mut bench).await;
    let started = bench.app.chat_send(send(Some(conversation), "tres", Some("phi4:mini"))).await.unwrap();
    let chat = bench.chat("phi4:mini").await;
    assert_eq!(sent(&chat).len(), 5);
    chat.respond(&canned::vllm_context_too_long(2_000)).await;
    let chat = bench.chat("phi4:mini").await;
    assert_eq!(sent(&chat).len(), 3);
    chat.say_all(&["3"]).await;
    assert_eq!(bench.window.ended(started.answer.id).await.status, MessageStatus::Complete);
    let omitted = bench.message(&started).await.omitted.unwrap();
    assert_eq!((omitted.messages, omitted.context, omitted.estimated), (2, 2_000, true));

    // What the server said is remembered: the next question fits at once.
    let started = bench.app.chat_send(send(Some(conversation), "cuatro", Some("phi4:mini"))).await.unwrap();
    let chat = bench.chat("phi4:mini").await;
    assert!(sent(&chat).len() < 7);
    // A second refusal is shown.
    chat.respond(&canned::vllm_context_too_long(600)).await;
    bench.chat("phi4:mini").await.respond(&canned::vllm_context_too_long(600)).await;
    let end = bench.window.ended(started.answer.id).await;
    assert_eq!(end.error.map(|error| error.code), Some(ErrorCode::ContextTooLong));
}
