//! The tree: versions, the active branch, and the stretch of it that is asked for.

use capibara6_protocol::{ConversationView, Message};
use capibara6_store::{Asked, Begin, Place, StoreError};

use crate::stage::{
    Home, active, answer, begin_new, begin_next, complete_answer, conversation, message, messages, stored_question,
    write_all,
};

/// Conversation 1: question 10 answered by 11 and (again) 12; the question anew as 20, answered by 21; after 12 a
/// question 30 answered by 31.
async fn grown(store: &capibara6_store::Store) {
    begin_new(store, 1, 10, 11).await;
    write_all(store, 11, "eleven").await;
    let again = Begin { place: Place::Known(conversation(1)), asked: Asked::Known(message(10)), answer: answer(12) };
    let begun = store.begin(again).await.expect("begun");
    assert_eq!(begun.question, None);
    write_all(store, 12, "twelve").await;
    begin_next(store, 1, Some(12), 30, 31).await;
    write_all(store, 31, "thirty-one").await;
    begin_next(store, 1, None, 20, 21).await;
    write_all(store, 21, "twenty-one").await;
}

#[tokio::test]
async fn nothing_is_overwritten() {
    let home = Home::new();
    let store = home.open().await;
    grown(&store).await;
    let expected = [
        stored_question(1, 10, None, "question 10", &[10, 20]),
        Message { versions: messages(&[11, 12]), ..complete_answer(1, 11, 10, "eleven") },
        Message { versions: messages(&[11, 12]), ..complete_answer(1, 12, 10, "twelve") },
        stored_question(1, 20, None, "question 20", &[10, 20]),
        complete_answer(1, 21, 20, "twenty-one"),
        stored_question(1, 30, Some(12), "question 30", &[30]),
        complete_answer(1, 31, 30, "thirty-one"),
    ];
    for message in expected {
        assert_eq!(store.message(message.id).await, Ok(message));
    }
}

#[tokio::test]
async fn choosing_a_version_leads_back_to_where_one_was_below_it() {
    let home = Home::new();
    let store = home.open().await;
    grown(&store).await;
    assert_eq!(active(&store, 1).await, messages(&[20, 21]));
    for (chosen, branch) in [
        (10, &[10, 12, 30, 31][..]),
        (11, &[10, 11]),
        (20, &[20, 21]),
        (10, &[10, 11]),
        (12, &[10, 12, 30, 31]),
        (30, &[10, 12, 30, 31]),
        (31, &[10, 12, 30, 31]),
    ] {
        let view = store.select(message(chosen)).await.expect("selected");
        assert_eq!(view.messages.iter().map(|message| message.id).collect::<Vec<_>>(), messages(branch), "{chosen}");
        assert_eq!(store.view(conversation(1), None, 200).await, Ok(view));
    }
    store.close().await;
    assert_eq!(active(&home.open().await, 1).await, messages(&[10, 12, 30, 31]), "also after a start");
}

#[tokio::test]
async fn only_the_stretch_that_is_asked_for() {
    let home = Home::new();
    let store = home.open().await;
    grown(&store).await;
    store.select(message(10)).await.expect("selected");
    let all = store.view(conversation(1), None, 4).await.expect("a view");
    assert!(!all.earlier);
    let stretch = |range: std::ops::Range<usize>| ConversationView {
        conversation: all.conversation.clone(),
        messages: all.messages[range.clone()].to_vec(),
        earlier: range.start > 0,
        later: range.end < 4,
    };
    assert_eq!(store.view(conversation(1), None, 3).await, Ok(stretch(1..4)));
    assert_eq!(store.view(conversation(1), None, 0).await, Ok(stretch(3..4)), "at least one");
    assert_eq!(store.view(conversation(1), Some(message(31)), 2).await, Ok(stretch(1..3)));
    assert_eq!(store.view(conversation(1), Some(message(12)), 2).await, Ok(stretch(0..1)));
    assert_eq!(store.view(conversation(1), Some(message(10)), 2).await, Ok(stretch(0..0)));
    assert_eq!(store.view(conversation(1), Some(message(99)), 2).await, Err(StoreError::NotFound));
    assert_eq!(store.view(conversation(2), None, 2).await, Err(StoreError::NotFound));
    begin_new(&store, 2, 40, 41).await;
    assert_eq!(store.view(conversation(2), Some(message(31)), 2).await, Err(StoreError::NotFound));
}

#[tokio::test]
async fn a_branch_is_what_a_model_is_sent() {
    let home = Home::new();
    let store = home.open().await;
    grown(&store).await;
    for (leaf, expected) in [(31, &[10, 12, 30, 31][..]), (11, &[10, 11]), (20, &[20]), (10, &[10])] {
        let branch = store.branch(message(leaf)).await.expect("a branch");
        assert_eq!(branch.iter().map(|message| message.id).collect::<Vec<_>>(), messages(expected));
    }
    assert_eq!(store.branch(message(99)).await, Err(StoreError::NotFound));
}

#[tokio::test]
async fn a_hint_that_leads_nowhere_costs_no_message() {
    let home = Home::new();
    let store = home.open().await;
    grown(&store).await;
    store.close().await;
    home.alter("UPDATE conversation SET leaf = 4711; UPDATE message SET chosen = 4711").await;
    let store = home.open().await;
    assert_eq!(active(&store, 1).await, messages(&[20, 21]), "the newest message ends the branch");
    let view = store.select(message(10)).await.expect("selected");
    assert_eq!(view.messages.last().map(|message| message.id), Some(message(31)), "the newest child is followed");
    store.close().await;
    home.alter("UPDATE conversation SET leaf = NULL; UPDATE message SET chosen = NULL").await;
    assert_eq!(active(&home.open().await, 1).await, messages(&[20, 21]));
}
