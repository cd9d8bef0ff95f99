//! The tree: editing, answering again, stepping between versions, going on.

use capibara6_app::CONTINUE;
use capibara6_protocol::*;
use capibara6_testkit::canned;

use super::bench::{Bench, contents, sent};

fn anew(message: MessageId) -> ChatRegenerate {
    ChatRegenerate { message, mode: Mode::Single, model: Some("mixtral".into()) }
}

#[tokio::test]
async fn an_answer_written_anew_stands_beside_the_old_one() {
    let mut bench = Bench::start().await;
    let first = bench.answered(None, "un color", &["azul"]).await;
    let second = bench.app.chat_regenerate(anew(first.answer.id)).await.unwrap();
    assert_eq!(second.question, None);
    let chat = bench.chat("mixtral").await;
    assert_eq!(sent(&chat), [("user".to_owned(), "un color".to_owned())]);
    chat.say_all(&["verde"]).await;
    bench.window.ended(second.answer.id).await;
    let shown = bench.message(&second).await;
    assert_eq!(
        (shown.content.as_str(), shown.model, shown.versions),
        ("verde", Some("mixtral".into()), vec![first.answer.id, second.answer.id])
    );
    let view = bench.app.conversation_select(MessageRef { message: first.answer.id }).await.unwrap();
    assert_eq!(view.messages.last().map(|message| message.content.as_str()), Some("azul"));
    assert_eq!(contents(&bench.app, first.conversation).await, ["un color", "azul"]);
}

#[tokio::test]
async fn a_question_in_other_words_begins_a_branch_and_overwrites_nothing() {
    let mut bench = Bench::start().await;
    let one = bench.answered(None, "uno", &["1"]).await;
    let two = bench.answered(Some(one.conversation), "dos", &["2"]).await;
    let edit = ChatEdit {
        message: two.question.clone().unwrap().id,
        text: "tres".to_owned(),
        mode: Mode::Single,
        model: Some("phi4:mini".into()),
    };
    let three = bench.app.chat_edit(edit).await.unwrap();
    let chat = bench.chat("phi4:mini").await;
    let expected = [("user", "uno"), ("assistant", "1"), ("user", "tres")];
    assert_eq!(sent(&chat), expected.map(|(role, text)| (role.to_owned(), text.to_owned())));
    chat.say_all(&["3"]).await;
    bench.window.ended(three.answer.id).await;
    assert_eq!(contents(&bench.app, one.conversation).await, ["uno", "1", "tres", "3"]);
    bench.app.conversation_select(MessageRef { message: two.question.unwrap().id }).await.unwrap();
    assert_eq!(contents(&bench.app, one.conversation).await, ["uno", "1", "dos", "2"]);

    let first = ChatEdit {
        message: one.question.unwrap().id,
        text: "otra cosa".to_owned(),
        mode: Mode::Single,
        model: Some("phi4:mini".into()),
    };
    let other = bench.app.chat_edit(first).await.unwrap();
    bench.chat("phi4:mini").await.say_all(&["vale"]).await;
    bench.window.ended(other.answer.id).await;
    assert_eq!(contents(&bench.app, one.conversation).await, ["otra cosa", "vale"]);
}

#[tokio::test]
async fn only_questions_are_edited_and_only_answers_are_written_anew() {
    let mut bench = Bench::start().await;
    let started = bench.answered(None, "hola", &["¡hola!"]).await;
    let question = started.question.clone().unwrap().id;
    let edit = ChatEdit { message: started.answer.id, text: "x".to_owned(), mode: Mode::Auto, model: None };
    assert_eq!(bench.app.chat_edit(edit).await, Err(ErrorCode::NotFound.into()));
    assert_eq!(bench.app.chat_regenerate(anew(question)).await, Err(ErrorCode::NotFound.into()));
    let done = bench.app.chat_continue(MessageRef { message: started.answer.id }).await;
    assert_eq!(done, Err(AppError::new(ErrorCode::InvalidInput).with_field("message")));
}

/// An answer that was stopped after this text.
async fn stopped(bench: &mut Bench, text: &str) -> ChatStarted {
    let started = bench.ask("phi4:mini", "cuenta").await;
    let mut chat = bench.chat("phi4:mini").await;
    chat.send_text(text).await;
    bench.window.shows(started.answer.id, Part::Content, text).await;
    bench.app.chat_stop(MessageRef { message: started.answer.id }).await.unwrap();
    bench.window.ended(started.answer.id).await;
    started
}

#[tokio::test]
async fn a_stopped_answer_goes_on_in_the_same_message() {
    let mut bench = Bench::start().await;
    let started = stopped(&mut bench, "1 2 3").await;
    let continued = bench.app.chat_continue(MessageRef { message: started.answer.id }).await.unwrap();
    assert_eq!((continued.answer.id, continued.answer.content.as_str()), (started.answer.id, "1 2 3"));
    bench.window.know(&continued.answer);
    let chat = bench.chat("phi4:mini").await;
    let expected = [("user", "cuenta"), ("assistant", "1 2 3")];
    assert_eq!(sent(&chat), expected.map(|(role, text)| (role.to_owned(), text.to_owned())));
    assert_eq!(
        (&chat.request["continue_final_message"], &chat.request["add_generation_prompt"]),
        (&true.into(), &false.into())
    );
    chat.say_all(&[" 4", " 5"]).await;
    let end = bench.window.ended(started.answer.id).await;
    assert_eq!(end.status, MessageStatus::Complete);
    assert_eq!(bench.window.text(started.answer.id, Part::Content), "1 2 3 4 5");
    assert_eq!(bench.message(&started).await.content, "1 2 3 4 5");
}

#[tokio::test]
async fn words_of_the_practice_fleet_stay_labelled_when_a_model_goes_on() {
    let mut bench = Bench::start().await;
    bench.app.profile_select(ProfileRef { id: "practice".into() }).await.unwrap();
    let started = bench.ask("phi4:mini", "long").await;
    let begun = |event: &Event| matches!(event, Event::MessageDelta { message, .. } if *message == started.answer.id);
    bench.window.until(begun).await;
    bench.app.chat_stop(MessageRef { message: started.answer.id }).await.unwrap();
    assert_eq!(bench.window.ended(started.answer.id).await.status, MessageStatus::Stopped);

    bench.app.profile_select(ProfileRef { id: "kit".into() }).await.unwrap();
    let continued = bench.app.chat_continue(MessageRef { message: started.answer.id }).await.unwrap();
    assert!(continued.answer.scripted);
    bench.chat("phi4:mini").await.say_all(&[" and more"]).await;
    bench.window.ended(started.answer.id).await;
    assert!(bench.message(&started).await.scripted);
}

#[tokio::test]
async fn a_server_that_cannot_continue_is_asked_in_words() {
    let mut bench = Bench::start().await;
    let started = stopped(&mut bench, "1 2 3").await;
    bench.app.chat_continue(MessageRef { message: started.answer.id }).await.unwrap();
    let refusal = canned::vllm_error(400, "BadRequestError", "continue_final_message is not supported");
    bench.chat("phi4:mini").await.respond(&refusal).await;
    let chat = bench.chat("phi4:mini").await;
    assert_eq!(chat.request.get("continue_final_message"), None);
    let expected = [("user", "cuenta"), ("assistant", "1 2 3"), ("user", CONTINUE)];
    assert_eq!(sent(&chat), expected.map(|(role, text)| (role.to_owned(), text.to_owned())));
    chat.say_all(&[" 4"]).await;
    bench.window.ended(started.answer.id).await;
    assert_eq!(contents(&bench.app, started.conversation).await, ["cuenta", "1 2 3 4"]);
}

#[tokio::test]
async fn an_answer_that_failed_before_its_first_word_goes_on_from_the_question() {
    let mut bench = Bench::start().await;
    let started = bench.ask("phi4:mini", "hola").await;
    bench.chat("phi4:mini").await.respond(&canned::vllm_error(500, "InternalServerError", "boom")).await;
    assert_eq!(bench.window.ended(started.answer.id).await.status, MessageStatus::Failed);
    let continued = bench.app.chat_continue(MessageRef { message: started.answer.id }).await.unwrap();
    assert_eq!((continued.answer.status, continued.answer.error), (MessageStatus::Streaming, None));
    let chat = bench.chat("phi4:mini").await;
    assert_eq!(sent(&chat), [("user".to_owned(), "hola".to_owned())]);
    chat.say_all(&["¡hola!"]).await;
    bench.window.ended(started.answer.id).await;
    assert_eq!(bench.message(&started).await.content, "¡hola!");
}

#[tokio::test]
async fn a_deleted_conversation_stops_and_comes_back_with_its_text() {
    let mut bench = Bench::start().await;
    let started = bench.ask("phi4:mini", "cuenta").await;
    let mut chat = bench.chat("phi4:mini").await;
    chat.send_text("1 2").await;
    bench.window.shows(started.answer.id, Part::Content, "1 2").await;
    let id = started.conversation;
    bench.app.conversation_delete(ConversationRef { id }).await.unwrap();
    chat.closed_by_client().await;
    bench.window.until(|event| *event == Event::ConversationRemoved { id }).await;
    assert_eq!(bench.window.ended(started.answer.id).await.status, MessageStatus::Stopped);
    let page =
        bench.app.conversation_list(ConversationList { limit: 10, ..ConversationList::default() }).await.unwrap();
    assert_eq!(page.conversations, []);
    let restored = bench.app.conversation_restore(ConversationRef { id }).await.unwrap();
    assert_eq!((restored.id, restored.title.as_str()), (id, "cuenta"));
    assert_eq!(contents(&bench.app, id).await, ["cuenta", "1 2"]);
}

#[tokio::test]
async fn renaming_and_pinning_are_told_to_the_window() {
    let mut bench = Bench::start().await;
    let started = bench.answered(None, "hola", &["¡hola!"]).await;
    let id = started.conversation;
    let renamed =
        bench.app.conversation_rename(ConversationRename { id, title: "  Saludo ".to_owned() }).await.unwrap();
    assert_eq!(renamed.title, "Saludo");
    let pinned = bench.app.conversation_pin(ConversationPin { id, pinned: true }).await.unwrap();
    for conversation in [renamed, pinned] {
        bench.window.until(|event| *event == Event::ConversationChanged { conversation: conversation.clone() }).await;
    }
}
