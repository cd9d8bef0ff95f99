//! A record that cannot be read as it should never hides another one.

use capibara6_protocol::{AppError, ErrorCode, Message, MessageStatus, Role};

use crate::stage::{
    Home, active, begin_new, begin_next, complete_answer, conversation, message, messages, stored_question, summary,
    write_all,
};

async fn two_turns(home: &Home) {
    let store = home.open().await;
    begin_new(&store, 1, 10, 11).await;
    write_all(&store, 11, "eleven").await;
    begin_next(&store, 1, Some(11), 20, 21).await;
    write_all(&store, 21, "twenty-one").await;
    store.close().await;
}

async fn read(home: &Home) -> Vec<Message> {
    home.open().await.view(conversation(1), None, 10).await.expect("a view").messages
}

fn expected() -> [Message; 4] {
    [
        stored_question(1, 10, None, "question 10", &[10]),
        complete_answer(1, 11, 10, "eleven"),
        stored_question(1, 20, Some(11), "question 20", &[20]),
        complete_answer(1, 21, 20, "twenty-one"),
    ]
}

fn unreadable(field: &str) -> Option<AppError> {
    Some(AppError::new(ErrorCode::StorageDamaged).with_field(field))
}

#[tokio::test]
async fn an_unknown_word_is_shown_as_damage_with_its_text() {
    let home = Home::new();
    two_turns(&home).await;
    home.alter("UPDATE message SET status = 'pondering' WHERE content = 'eleven'").await;
    home.alter("UPDATE message SET role = 'oracle' WHERE content = 'question 20'").await;
    let [first, second, third, fourth] = expected();
    let second = Message { status: MessageStatus::Failed, error: unreadable("status"), ..second };
    let third = Message { role: Role::Assistant, status: MessageStatus::Failed, error: unreadable("role"), ..third };
    assert_eq!(read(&home).await, [first, second, third, fourth]);
}

#[tokio::test]
async fn broken_details_cost_themselves() {
    let home = Home::new();
    two_turns(&home).await;
    home.alter(
        "UPDATE message SET metrics = '{', routing = '{\"mode\":\"psychic\"}', omitted = '[]', error = 'null',
             created_at = -1, scripted = 2
         WHERE content = 'eleven'",
    )
    .await;
    let [first, second, third, fourth] = expected();
    let second = Message { metrics: None, routing: None, created_at: -1, scripted: true, ..second };
    assert_eq!(read(&home).await, [first, second, third, fourth]);
}

#[tokio::test]
async fn bytes_that_are_no_text_are_shown_as_far_as_they_are() {
    let home = Home::new();
    two_turns(&home).await;
    home.alter("UPDATE message SET content = CAST(x'6f6cff6121' AS TEXT) WHERE content = 'eleven'").await;
    home.alter("UPDATE conversation SET title = CAST(x'ff41' AS TEXT)").await;
    let [first, second, third, fourth] = expected();
    let second = Message { content: "ol\u{fffd}a!".into(), ..second };
    assert_eq!(read(&home).await, [first, second, third, fourth]);
    let listed = home.open().await.conversations(None, 10).await.expect("a page").conversations;
    assert_eq!(listed.iter().map(|summary| summary.title.as_str()).collect::<Vec<_>>(), ["\u{fffd}A"]);
}

#[tokio::test]
async fn a_record_without_an_id_is_passed_over() {
    let home = Home::new();
    two_turns(&home).await;
    home.alter("PRAGMA ignore_check_constraints = ON; UPDATE message SET uuid = x'00' WHERE content = 'question 20'")
        .await;
    home.alter(
        "PRAGMA ignore_check_constraints = ON;
         INSERT INTO conversation (uuid, created_at, updated_at, titled_by, title) VALUES (x'01', 1, 1, 'psychic', 't')",
    )
    .await;
    let store = home.open().await;
    assert_eq!(active(&store, 1).await, messages(&[10, 11, 21]));
    let page = store.conversations(None, 10).await.expect("a page");
    assert_eq!(page.conversations.iter().map(|summary| summary.id).collect::<Vec<_>>(), [conversation(1)]);
    let view = store.select(message(10)).await.expect("the branch goes through it");
    assert_eq!(view.messages.last().map(|message| message.id), Some(message(21)));
}

#[tokio::test]
async fn an_empty_title_is_shown_as_something() {
    let home = Home::new();
    two_turns(&home).await;
    home.alter("UPDATE conversation SET title = '  '").await;
    let shown = home.open().await.summary(conversation(1)).await.expect("a summary");
    let expected = summary(1, "…", shown.updated_at);
    assert_eq!(
        shown,
        capibara6_protocol::ConversationSummary { created_at: shown.created_at, messages: 4, ..expected }
    );
}
