//! Asking and answering: what is on disk, when.

use capibara6_protocol::{
    AppError, ConversationView, ErrorCode, Message, MessageStatus, Omitted, Part, Routing, RoutingRule, Tier,
};
use capibara6_store::{Asked, Begin, Begun, Place, Reopen, Settled, StoreError};

use crate::stage::{
    Home, active, answer, at, begin_new, begin_next, complete_answer, content, conversation, message, messages,
    metrics, question, reasoning, routing, settled, stored_question, streaming_answer, summary, write_all,
};

#[tokio::test]
async fn a_question_and_its_empty_answer_are_on_disk_together() {
    let home = Home::new();
    let store = home.open().await;
    let begun = begin_new(&store, 1, 10, 11).await;
    let expected = Begun {
        conversation: capibara6_protocol::ConversationSummary {
            created_at: at(11),
            messages: 2,
            ..summary(1, "title 1", at(11))
        },
        question: Some(stored_question(1, 10, None, "question 10", &[10])),
        answer: streaming_answer(1, 11, 10, ""),
    };
    assert_eq!(begun, expected);
    let view = store.view(conversation(1), None, 50).await;
    let messages = vec![expected.question.expect("a question"), expected.answer];
    assert_eq!(
        view,
        Ok(ConversationView { conversation: expected.conversation, messages, earlier: false, later: false })
    );
}

#[tokio::test]
async fn what_arrived_is_seen_at_once_and_folded_at_the_end() {
    let home = Home::new();
    let store = home.open().await;
    begin_new(&store, 1, 10, 11).await;
    store.append(vec![reasoning(11, "hm"), content(11, "Ho"), reasoning(11, "m…")]).await.expect("appended");
    store.append(vec![content(11, "la")]).await.expect("appended");
    let streaming = Message { reasoning: "hmm…".into(), ..streaming_answer(1, 11, 10, "Hola") };
    assert_eq!(store.message(message(11)).await, Ok(streaming));

    let ended = Settled {
        error: Some(AppError::new(ErrorCode::Truncated).with_detail("EOF")),
        omitted: Some(Omitted { messages: 2, tokens: 31, context: 4096, estimated: true }),
        ..settled(11, MessageStatus::Failed)
    };
    let expected = Message {
        reasoning: "hmm…".into(),
        status: MessageStatus::Failed,
        error: ended.error.clone(),
        omitted: ended.omitted,
        ..complete_answer(1, 11, 10, "Hola")
    };
    assert_eq!(store.settle(ended).await, Ok(expected.clone()));
    assert_eq!(store.message(message(11)).await, Ok(expected.clone()));
    store.close().await;
    let mut raw = home.raw().await;
    let journal: i64 = sqlx::query_scalar("SELECT count(*) FROM journal").fetch_one(&mut raw).await.expect("a count");
    assert_eq!(journal, 0);
    drop(raw);
    assert_eq!(home.open().await.message(message(11)).await, Ok(expected));
}

#[tokio::test]
async fn text_is_kept_as_it_came() {
    let home = Home::new();
    let store = home.open().await;
    let odd = "\u{feff} tab\t\r\n\0nul \u{202e}rtl\u{1}'; DROP TABLE message; -- 🦫 e\u{301} \u{fffd}  \n";
    let asked = question(10, None, odd);
    let place = Place::New { id: conversation(1), title: "t".into() };
    store.begin(Begin { place, asked, answer: answer(11) }).await.expect("begun");
    for character in odd.chars() {
        store.append(vec![content(11, &character.to_string())]).await.expect("appended");
    }
    assert_eq!(store.message(message(10)).await.map(|question| question.content).as_deref(), Ok(odd));
    assert_eq!(store.message(message(11)).await.map(|answer| answer.content).as_deref(), Ok(odd));
    let ended = store.settle(settled(11, MessageStatus::Stopped)).await.map(|answer| answer.content);
    assert_eq!(ended.as_deref(), Ok(odd));
}

#[tokio::test]
async fn the_first_end_counts() {
    let home = Home::new();
    let store = home.open().await;
    begin_new(&store, 1, 10, 11).await;
    store.append(vec![content(11, "half")]).await.expect("appended");
    let first = store.settle(settled(11, MessageStatus::Stopped)).await.expect("settled");
    let second = Settled { metrics: Default::default(), ..settled(11, MessageStatus::Complete) };
    assert_eq!(store.settle(second).await, Ok(first.clone()));
    assert_eq!(store.append(vec![content(11, "late")]).await, Err(StoreError::NotFound));
    assert_eq!(store.replace_text(message(11), Part::Content, "late").await, Err(StoreError::NotFound));
    assert_eq!(store.reroute(message(11), &"mixtral".into(), true, &routing()).await, Err(StoreError::NotFound));
    assert_eq!(store.message(message(11)).await, Ok(first));
    assert_eq!(store.settle(settled(11, MessageStatus::Streaming)).await, Err(StoreError::InvalidInput("status")));
    assert_eq!(store.settle(settled(99, MessageStatus::Complete)).await, Err(StoreError::NotFound));
}

#[tokio::test]
async fn a_batch_is_appended_whole_or_not_at_all() {
    let home = Home::new();
    let store = home.open().await;
    begin_new(&store, 1, 10, 11).await;
    let batch = vec![content(11, "a"), content(99, "b"), content(11, "c")];
    assert_eq!(store.append(batch).await, Err(StoreError::NotFound));
    assert_eq!(store.append(Vec::new()).await, Ok(()));
    assert_eq!(store.message(message(11)).await, Ok(streaming_answer(1, 11, 10, "")));
    store.append(vec![content(11, "d")]).await.expect("the writer works on");
    assert_eq!(store.message(message(11)).await, Ok(streaming_answer(1, 11, 10, "d")));
}

#[tokio::test]
async fn a_text_can_be_said_anew_by_its_producer() {
    let home = Home::new();
    let store = home.open().await;
    begin_new(&store, 1, 10, 11).await;
    store.append(vec![content(11, "wrnog"), reasoning(11, "stays")]).await.expect("appended");
    store.replace_text(message(11), Part::Content, "right").await.expect("replaced");
    store.append(vec![content(11, "!")]).await.expect("appended");
    let expected = Message { reasoning: "stays".into(), ..streaming_answer(1, 11, 10, "right!") };
    assert_eq!(store.message(message(11)).await, Ok(expected.clone()));
    let expected = Message { status: MessageStatus::Complete, metrics: Some(metrics()), ..expected };
    assert_eq!(store.settle(settled(11, MessageStatus::Complete)).await, Ok(expected));
}

#[tokio::test]
async fn another_model_may_answer() {
    let home = Home::new();
    let store = home.open().await;
    begin_new(&store, 1, 10, 11).await;
    let routing = Routing {
        tier: Tier::Code,
        rule: RoutingRule::CodeText,
        instead_of: Some("phi4:mini".into()),
        because: Some(ErrorCode::Refused),
        ..routing()
    };
    store.reroute(message(11), &"mixtral".into(), true, &routing).await.expect("rerouted");
    let expected = Message {
        model: Some("mixtral".into()),
        scripted: true,
        routing: Some(routing),
        ..streaming_answer(1, 11, 10, "")
    };
    assert_eq!(store.message(message(11)).await, Ok(expected));
}

#[tokio::test]
async fn an_ended_answer_goes_on_with_its_text() {
    let home = Home::new();
    let store = home.open().await;
    begin_new(&store, 1, 10, 11).await;
    store.append(vec![content(11, "One, ")]).await.expect("appended");
    let reopen = || Reopen {
        message: message(11),
        model: Some("mixtral".into()),
        scripted: false,
        routing: Some(routing()),
        at: at(500),
    };
    assert_eq!(store.reopen(reopen()).await, Err(StoreError::Busy));
    store.settle(settled(11, MessageStatus::Stopped)).await.expect("settled");
    begin_next(&store, 1, None, 20, 21).await;

    let streaming = Message { model: Some("mixtral".into()), ..streaming_answer(1, 11, 10, "One, ") };
    let versions = |answer: Message| Message { versions: messages(&[11]), ..answer };
    assert_eq!(store.reopen(reopen()).await, Ok(versions(streaming.clone())));
    assert_eq!(active(&store, 1).await, messages(&[10, 11]), "what goes on is shown");
    assert_eq!(store.summary(conversation(1)).await.map(|summary| summary.updated_at), Ok(at(500)));
    store.append(vec![content(11, "two.")]).await.expect("appended");
    assert_eq!(
        store.settle(settled(11, MessageStatus::Complete)).await.map(|answer| answer.content).as_deref(),
        Ok("One, two.")
    );
    let question = Reopen { message: message(10), ..reopen() };
    assert_eq!(store.reopen(question).await, Err(StoreError::NotFound), "a question does not go on");
}

#[tokio::test]
async fn nothing_is_begun_where_it_does_not_belong() {
    let home = Home::new();
    let store = home.open().await;
    begin_new(&store, 1, 10, 11).await;
    begin_new(&store, 2, 20, 21).await;
    let known = Place::Known(conversation(1));
    let new = |title: &str| Place::New { id: conversation(3), title: title.to_owned() };
    for (place, asked, answered, expected) in [
        (Place::Known(conversation(9)), question(30, None, "x"), 31, StoreError::NotFound),
        (known.clone(), question(30, Some(21), "x"), 31, StoreError::NotFound),
        (known.clone(), Asked::Known(message(20)), 31, StoreError::NotFound),
        (new("t"), question(30, Some(11), "x"), 31, StoreError::NotFound),
        (new(" \n"), question(30, None, "x"), 31, StoreError::InvalidInput("title")),
        (known.clone(), question(10, Some(11), "x"), 31, StoreError::InvalidInput("id")),
        (known, question(30, Some(11), "x"), 11, StoreError::InvalidInput("id")),
        (
            Place::New { id: conversation(2), title: "t".into() },
            question(30, None, "x"),
            31,
            StoreError::InvalidInput("id"),
        ),
    ] {
        assert_eq!(store.begin(Begin { place, asked, answer: answer(answered) }).await, Err(expected));
        assert_eq!(store.message(message(30)).await, Err(StoreError::NotFound), "nothing of it is on disk");
    }
    assert_eq!(store.summary(conversation(3)).await, Err(StoreError::NotFound));
    assert_eq!(active(&store, 1).await, messages(&[10, 11]));
}

#[tokio::test]
async fn dropping_a_call_leaves_the_store_whole() {
    let home = Home::new();
    let store = home.open().await;
    begin_new(&store, 1, 10, 11).await;
    // Each future is polled a little further than the one before, then dropped.
    for polls in 0..40 {
        let mut call = Box::pin(store.append(vec![content(11, "x"), content(11, "x")]));
        for _ in 0..polls {
            let pending = std::future::poll_fn(|context| {
                std::task::Poll::Ready(call.as_mut().poll(&mut std::task::Context::from_waker(context.waker())))
            });
            if pending.await.is_ready() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(call);
    }
    // The last one may still be committed behind the back of whoever gave it up.
    store.synchronise().await.expect("synchronised");
    let before = store.message(message(11)).await.expect("a message").content;
    assert_eq!(before.len() % 2, 0, "a batch is there whole or not at all");
    let answer = write_all(&store, 11, "end").await;
    assert_eq!(answer, complete_answer(1, 11, 10, &format!("{before}end")));
}

/// Whoever reads while others write sees each text grow and never shrink: no moment lies between the journal and the
/// message that it becomes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_never_sees_less_than_before() {
    const ANSWERS: u128 = 4;
    const PIECES: usize = 60;
    let home = Home::new();
    let store = home.open().await;
    for n in 0..ANSWERS {
        begin_new(&store, n, 100 + n, 200 + n).await;
    }
    let writers: Vec<_> = (0..ANSWERS)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move {
                for _ in 0..PIECES {
                    store.append(vec![content(200 + n, "word ")]).await.expect("appended");
                }
                store.settle(settled(200 + n, MessageStatus::Complete)).await.expect("settled")
            })
        })
        .collect();
    let mut seen = [0; ANSWERS as usize];
    let mut unfinished = true;
    while unfinished {
        unfinished = false;
        for (n, seen) in (0..).zip(&mut seen) {
            let view = store.view(conversation(n), None, 10).await.expect("a view");
            let answer = &view.messages[1];
            assert!(answer.content.len() >= *seen, "{} after {seen}", answer.content.len());
            *seen = answer.content.len();
            unfinished |= answer.status == MessageStatus::Streaming;
        }
    }
    assert_eq!(seen, ["word ".len() * PIECES; ANSWERS as usize]);
    for writer in writers {
        writer.await.expect("it wrote");
    }
}
