//! An answer from the socket to the window and to the disk.

use std::time::{Duration, Instant};

use capibara6_protocol::*;
use capibara6_testkit::{Producer, canned};

use super::bench::{Bench, Window, contents, send, sent, shown};

#[tokio::test]
async fn an_answer_streams_into_window_and_history() {
    let mut bench = Bench::start().await;
    let started = bench.app.chat_send(send(None, "¿Qué es un quórum? 🦫", None)).await.unwrap();
    let question = started.question.clone().unwrap();
    assert_eq!(
        (question.role, question.content.as_str(), question.parent),
        (Role::User, "¿Qué es un quórum? 🦫", None)
    );
    assert_eq!(started.answer.status, MessageStatus::Streaming);
    assert_eq!(started.answer.parent, Some(question.id));
    let routing = Routing {
        mode: Mode::Auto,
        tier: Tier::Fast,
        rule: RoutingRule::ShortQuestion,
        instead_of: None,
        because: None,
    };
    assert_eq!(started.answer.routing, Some(routing.clone()));

    let mut chat = bench.chat("phi4:mini").await;
    assert_eq!(sent(&chat), [("user".to_owned(), "¿Qué es un quórum? 🦫".to_owned())]);
    assert_eq!(chat.request["stream_options"]["include_usage"], true);
    chat.send_text("Mínimo ").await;
    bench.window.shows(started.answer.id, Part::Content, "Mínimo ").await;
    chat.send_text("de 🧑🏽‍🚀 ").await;
    chat.send_text("presentes.").await;
    chat.finish("stop").await;
    chat.usage(9, 3).await;
    chat.done().await;
    let end = bench.window.ended(started.answer.id).await;
    assert_eq!((end.status, end.error), (MessageStatus::Complete, None));
    assert_eq!(bench.window.text(started.answer.id, Part::Content), "Mínimo de 🧑🏽‍🚀 presentes.");
    assert!(!bench.window.gap);
    let metrics = end.metrics;
    assert_eq!(
        (metrics.prompt_tokens, metrics.completion_tokens, metrics.finish_reason),
        (Some(9), Some(3), Some(FinishReason::Stop))
    );
    assert!(metrics.ttft_ms.unwrap() <= metrics.duration_ms.unwrap());

    let message = bench.message(&started).await;
    assert_eq!(
        message,
        Message {
            status: MessageStatus::Complete,
            content: "Mínimo de 🧑🏽‍🚀 presentes.".to_owned(),
            metrics: Some(metrics),
            ..started.answer.clone()
        }
    );
    let page =
        bench.app.conversation_list(ConversationList { limit: 10, ..ConversationList::default() }).await.unwrap();
    assert_eq!(page.conversations.iter().map(|c| c.title.as_str()).collect::<Vec<_>>(), ["¿Qué es un quórum? 🦫"]);
}

#[tokio::test]
async fn reasoning_is_a_stream_of_its_own() {
    let mut bench = Bench::start().await;
    let started = bench.ask("gpt-oss-20b", "2+2?").await;
    let mut chat = bench.chat("gpt-oss-20b").await;
    chat.send_reasoning("Two and two").await;
    bench.window.shows(started.answer.id, Part::Reasoning, "Two and two").await;
    chat.send_text("4").await;
    chat.finish("stop").await;
    chat.done().await;
    bench.window.ended(started.answer.id).await;
    let message = bench.message(&started).await;
    assert_eq!((message.reasoning.as_str(), message.content.as_str()), ("Two and two", "4"));
    // Without usage nothing is counted, and nothing invented.
    let metrics = message.metrics.unwrap();
    assert_eq!((metrics.completion_tokens, metrics.tokens_per_second), (None, None));
    assert!(metrics.ttft_ms.is_some());
}

#[tokio::test]
async fn stopping_closes_the_socket_at_once_and_keeps_the_text() {
    let mut bench = Bench::start().await;
    let started = bench.ask("phi4:mini", "count").await;
    let mut chat = bench.chat("phi4:mini").await;
    chat.send_text("1 2 3").await;
    bench.window.shows(started.answer.id, Part::Content, "1 2 3").await;
    let begun = Instant::now();
    bench.app.chat_stop(MessageRef { message: started.answer.id }).await.unwrap();
    let noticed = chat.closed_by_client().await;
    assert!(noticed.saturating_duration_since(begun) <= Duration::from_millis(200));
    let end = bench.window.ended(started.answer.id).await;
    assert_eq!((end.status, end.error), (MessageStatus::Stopped, None));
    let message = bench.message(&started).await;
    assert_eq!((message.status, message.content.as_str()), (MessageStatus::Stopped, "1 2 3"));
    // Once more changes nothing, and the next turn builds on what was said.
    bench.app.chat_stop(MessageRef { message: started.answer.id }).await.unwrap();
    bench.app.chat_send(send(Some(started.conversation), "go on", Some("phi4:mini"))).await.unwrap();
    let next = bench.chat("phi4:mini").await;
    let expected = [("user", "count"), ("assistant", "1 2 3"), ("user", "go on")];
    assert_eq!(sent(&next), expected.map(|(role, text)| (role.to_owned(), text.to_owned())));
}

#[tokio::test]
async fn stopping_before_the_first_token_closes_the_socket_too() {
    let mut bench = Bench::start().await;
    let started = bench.ask("phi4:mini", "hola").await;
    let mut chat = bench.chat("phi4:mini").await;
    bench.app.chat_stop(MessageRef { message: started.answer.id }).await.unwrap();
    chat.closed_by_client().await;
    assert_eq!(bench.window.ended(started.answer.id).await.status, MessageStatus::Stopped);
}

#[tokio::test]
async fn a_reload_in_mid_stream_goes_on_with_the_same_message() {
    let mut bench = Bench::start().await;
    let started = bench.ask("phi4:mini", "hola").await;
    let mut chat = bench.chat("phi4:mini").await;
    chat.send_text("Hola 🦫").await;
    bench.window.shows(started.answer.id, Part::Content, "Hola 🦫").await;

    // The new window has nothing but the snapshot, which need not be on disk yet.
    let mut window = Window::new(bench.app.frames());
    let snapshot = shown(&bench.app, started.conversation, started.answer.id).await;
    assert_eq!((snapshot.status, snapshot.content.as_str()), (MessageStatus::Streaming, "Hola 🦫"));
    window.know(&snapshot);
    chat.send_text(", ¿qué tal?").await;
    chat.finish("stop").await;
    chat.done().await;
    assert_eq!(window.ended(started.answer.id).await.status, MessageStatus::Complete);
    assert_eq!(window.text(started.answer.id, Part::Content), "Hola 🦫, ¿qué tal?");
    assert!(!window.gap);
}

#[tokio::test]
async fn four_answers_stream_at_once_without_mixing() {
    let mut bench = Bench::start().await;
    let models = ["gpt-oss-20b", "qwen2.5-coder:1.5b", "phi4:mini", "mixtral"];
    let mut started = Vec::new();
    let mut chats = Vec::new();
    for model in models {
        started.push(bench.ask(model, "cuenta").await);
        chats.push(bench.chat(model).await);
    }
    for round in 0..50 {
        for (model, chat) in models.iter().zip(&mut chats) {
            chat.send_text(&format!("{model}·{round} ")).await;
        }
    }
    for (mut chat, started) in chats.into_iter().zip(&started) {
        chat.finish("stop").await;
        chat.done().await;
        assert_eq!(bench.window.ended(started.answer.id).await.status, MessageStatus::Complete);
    }
    assert!(!bench.window.gap);
    for (model, started) in models.iter().zip(&started) {
        let expected: String = (0..50).map(|round| format!("{model}·{round} ")).collect();
        assert_eq!(bench.window.text(started.answer.id, Part::Content), expected);
        assert_eq!(bench.message(started).await.content, expected);
    }
}

#[tokio::test]
async fn an_answer_much_larger_than_a_frame_arrives_whole() {
    let mut bench = Bench::start().await;
    let started = bench.ask("phi4:mini", "mucho").await;
    let piece = "línea con \"comillas\" y 🦫\n".repeat(2_000);
    bench.chat("phi4:mini").await.say_all(&[&piece, &piece]).await;
    bench.window.ended(started.answer.id).await;
    assert!(!bench.window.gap);
    let whole = format!("{piece}{piece}");
    assert!(bench.window.text(started.answer.id, Part::Content) == whole);
    assert!(bench.message(&started).await.content == whole);
}

#[tokio::test]
async fn every_producers_answer_is_shown_as_it_was_said() {
    let mut bench = Bench::start().await;
    for producer in [Producer::ContentDone, Producer::OllamaChat, Producer::RawText, Producer::WholeJson] {
        let started = bench.ask("phi4:mini", "hola").await;
        bench.chat("phi4:mini").await.speak(producer, &["Hola", ", ", "¿qué tal?"]).await;
        let end = bench.window.ended(started.answer.id).await;
        assert_eq!((end.status, end.error), (MessageStatus::Complete, None), "{producer:?}");
        assert_eq!(bench.message(&started).await.content, "Hola, ¿qué tal?", "{producer:?}");
    }
}

#[tokio::test]
async fn an_answer_that_comes_whole_and_in_another_shape_is_shown() {
    let mut bench = Bench::start().await;
    let started = bench.ask("phi4:mini", "hola").await;
    bench.chat("phi4:mini").await.respond(&canned::backend_answer("¡Hola!")).await;
    assert_eq!(bench.window.ended(started.answer.id).await.status, MessageStatus::Complete);
    assert_eq!(bench.message(&started).await.content, "¡Hola!");
}

#[tokio::test]
async fn a_conversation_takes_one_answer_at_its_end_at_a_time() {
    let bench = Bench::start().await;
    let started = bench.ask("phi4:mini", "hola").await;
    let _chat = bench.chat("phi4:mini").await;
    let again = bench.app.chat_send(send(Some(started.conversation), "¿y?", Some("phi4:mini"))).await;
    assert_eq!(again, Err(ErrorCode::Busy.into()));
    let continued = bench.app.chat_continue(MessageRef { message: started.answer.id }).await;
    assert_eq!(continued, Err(ErrorCode::Busy.into()));
    let anew = ChatRegenerate { message: started.answer.id, mode: Mode::Auto, model: None };
    assert_eq!(bench.app.chat_regenerate(anew).await, Err(ErrorCode::Busy.into()));
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_and_leaves_nothing_behind() {
    let bench = Bench::start().await;
    let refused = |code: ErrorCode, field: &str| Err(AppError::new(code).with_field(field));
    assert_eq!(bench.app.chat_send(send(None, " \n", None)).await, refused(ErrorCode::InvalidInput, "text"));
    assert_eq!(bench.app.chat_send(send(None, "hola", Some("nobody"))).await, refused(ErrorCode::NotFound, "model"));
    let page =
        bench.app.conversation_list(ConversationList { limit: 10, ..ConversationList::default() }).await.unwrap();
    assert_eq!(page.conversations, []);
}

#[tokio::test]
async fn the_users_parameters_and_system_prompt_are_sent() {
    let mut bench = Bench::start().await;
    let parameters = Parameters {
        temperature: Some(0.0),
        top_p: Some(0.5),
        max_tokens: Some(77),
        seed: Some(5),
        stop: vec!["END".to_owned()],
        system_prompt: "Be brief.".to_owned(),
    };
    let settings = Settings { parameters: [("phi4:mini".into(), parameters)].into(), ..Settings::default() };
    bench.app.settings_set(settings).await.unwrap();
    let started = bench.ask("phi4:mini", "hola").await;
    let chat = bench.chat("phi4:mini").await;
    let body = &chat.request;
    assert_eq!(
        (&body["temperature"], &body["top_p"], &body["max_tokens"], &body["seed"], &body["stop"]),
        (&0.0.into(), &0.5.into(), &77.into(), &5.into(), &vec!["END"].into())
    );
    let expected = [("system", "Be brief."), ("user", "hola")].map(|(role, text)| (role.to_owned(), text.to_owned()));
    assert_eq!(sent(&chat), expected);
    chat.say_all(&["ok"]).await;
    bench.window.ended(started.answer.id).await;
    assert_eq!(contents(&bench.app, started.conversation).await, ["hola", "ok"]);
}

#[tokio::test]
async fn the_fast_model_names_the_conversation_where_that_is_wanted() {
    let mut bench = Bench::start().await;
    bench.app.settings_set(Settings { model_titles: true, ..Settings::default() }).await.unwrap();
    let started = bench.ask("gpt-oss-20b", "¿Cuánto IVA lleva el queso?").await;
    bench.chat("gpt-oss-20b").await.say_all(&["El 4 %."]).await;
    let naming = bench.chat("phi4:mini").await;
    assert_eq!(naming.request["stream"], false);
    naming.complete("\"IVA del queso.\"", 20, 4).await;
    let named = |event: &Event| matches!(event, Event::ConversationChanged { conversation } if conversation.title == "IVA del queso");
    bench.window.until(named).await;
    // A second question does not name it again.
    bench.app.chat_send(send(Some(started.conversation), "¿y el vino?", Some("gpt-oss-20b"))).await.unwrap();
    bench.chat("gpt-oss-20b").await.say_all(&["El 21 %."]).await;
    bench.window.ended(started.answer.id).await;
    assert_eq!(bench.fleet.server("phi4:mini").chat_count(), 1);
}

#[tokio::test]
async fn ended_answers_are_told_to_the_shell_and_stopped_ones_are_not() {
    let mut bench = Bench::start().await;
    let mut notices = bench.app.notices();
    let stopped = bench.ask("phi4:mini", "uno").await;
    let _chat = bench.chat("phi4:mini").await;
    bench.app.chat_stop(MessageRef { message: stopped.answer.id }).await.unwrap();
    bench.window.ended(stopped.answer.id).await;
    let started = bench.answered(None, "dos", &["2"]).await;
    let notice = notices.next().await.unwrap();
    assert_eq!(
        (notice.conversation, notice.message, notice.title.as_str(), notice.model.as_str(), notice.failed),
        (started.conversation, started.answer.id, "dos", "phi4:mini", false)
    );
}
