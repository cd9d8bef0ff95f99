use std::sync::Mutex;

use capibara6_protocol::{ConversationId, MessageId};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

fn message(role: Role, status: MessageStatus, content: &str) -> Message {
    Message {
        id: MessageId(Uuid::nil()),
        conversation: ConversationId(Uuid::nil()),
        parent: None,
        role,
        status,
        content: content.to_owned(),
        reasoning: "thinking is never sent".to_owned(),
        model: None,
        scripted: false,
        routing: None,
        omitted: None,
        metrics: None,
        error: None,
        origin: None,
        created_at: 0,
        versions: Vec::new(),
    }
}

fn asked(content: &str) -> Message {
    message(Role::User, MessageStatus::Complete, content)
}

fn answered(content: &str) -> Message {
    message(Role::Assistant, MessageStatus::Complete, content)
}

fn sent(messages: &[ChatMessage]) -> Vec<(ChatRole, &str)> {
    messages.iter().map(|message| (message.role, message.content.as_str())).collect()
}

/// A server that counts one token per character, or cannot count.
#[derive(Default)]
struct Characters {
    deaf: bool,
    asked: Mutex<usize>,
}

impl Counter for Characters {
    async fn count(&self, messages: &[ChatMessage]) -> Option<u32> {
        *self.asked.lock().unwrap() += 1;
        (!self.deaf).then(|| messages.iter().map(|message| message.content.chars().count() as u32).sum())
    }
}

fn deaf() -> Characters {
    Characters { deaf: true, ..Characters::default() }
}

fn limits(context: u32) -> Option<Limits> {
    Some(Limits { context, max_tokens: None })
}

/// `turns` turns of which each question and each answer is `length` letters long.
fn long(turns: usize, length: usize) -> Prompt {
    let mut branch = Vec::new();
    for turn in 0..turns {
        branch.push(asked(&format!("{turn}").repeat(length)[..length]));
        if turn + 1 < turns {
            branch.push(answered(&"a".repeat(length)));
        }
    }
    Prompt::of(&branch, "")
}

#[test]
fn the_branch_is_sent_without_what_is_not_a_models_word() {
    let branch = [
        asked("one"),
        answered("1"),
        asked("two"),
        message(Role::Assistant, MessageStatus::Failed, "half of it"),
        asked("three"),
        message(Role::Assistant, MessageStatus::Stopped, "3, sto"),
        asked("four"),
        message(Role::Assistant, MessageStatus::Interrupted, "4, inter"),
        asked("five"),
        message(Role::Assistant, MessageStatus::Stopped, " \n"),
        asked("six"),
    ];
    let prompt = Prompt::of(&branch, "  Be brief. ");
    assert_eq!(
        sent(&prompt.messages(0)),
        [
            (ChatRole::System, "Be brief."),
            (ChatRole::User, "one"),
            (ChatRole::Assistant, "1"),
            (ChatRole::User, "two\n\nthree"),
            (ChatRole::Assistant, "3, sto"),
            (ChatRole::User, "four"),
            (ChatRole::Assistant, "4, inter"),
            (ChatRole::User, "five\n\nsix"),
        ]
    );
}

#[tokio::test]
async fn what_fits_by_the_estimate_is_sent_without_asking_the_server() {
    let counter = Characters::default();
    let fitted = long(3, 30).fit(limits(1000), &counter).await;
    assert_eq!((fitted.messages.len(), fitted.omitted, *counter.asked.lock().unwrap()), (5, None, 0));
}

#[tokio::test]
async fn without_a_known_context_everything_is_sent() {
    let fitted = long(50, 1000).fit(None, &Characters::default()).await;
    assert_eq!((fitted.messages.len(), fitted.omitted), (99, None));
}

#[tokio::test]
async fn what_fits_by_the_servers_count_is_sent_whole() {
    // Digits are one token each by the estimate as by this server; the marks around a message make the estimate larger.
    let prompt = Prompt::of(&[asked(&"1".repeat(300)), answered(&"2".repeat(300)), asked(&"3".repeat(150))], "");
    let counter = Characters::default();
    let fitted = prompt.fit(limits(1000), &counter).await;
    assert_eq!((fitted.messages.len(), fitted.omitted, *counter.asked.lock().unwrap()), (3, None, 1));
}

#[tokio::test]
async fn the_oldest_turns_are_left_out_whole_and_counted_by_the_server() {
    let prompt = Prompt::of(
        &[asked(&"1".repeat(400)), answered(&"2".repeat(100)), asked(&"3".repeat(300)), answered("4"), asked("5")],
        "S",
    );
    let fitted = prompt.fit(limits(800), &Characters::default()).await;
    assert_eq!(
        sent(&fitted.messages),
        [
            (ChatRole::System, "S"),
            (ChatRole::User, &*"3".repeat(300)),
            (ChatRole::Assistant, "4"),
            (ChatRole::User, "5")
        ]
    );
    assert_eq!(fitted.omitted, Some(Omitted { messages: 2, tokens: 500, context: 800, estimated: false }));
}

#[tokio::test]
async fn a_server_that_cannot_count_is_replaced_by_the_estimate_and_that_is_said() {
    let fitted = long(3, 300).fit(limits(400), &deaf()).await;
    let left_out = long(3, 300).turns[0].estimate() + long(3, 300).turns[1].estimate();
    assert_eq!(fitted.messages.len(), 1);
    assert_eq!(fitted.omitted, Some(Omitted { messages: 4, tokens: left_out, context: 400, estimated: true }));
}

#[tokio::test]
async fn the_last_question_is_sent_even_where_it_does_not_fit() {
    let prompt = Prompt::of(&[asked("old"), answered("o"), asked(&"9".repeat(5000))], "");
    for counter in [Characters::default(), deaf()] {
        let fitted = prompt.fit(limits(100), &counter).await;
        assert_eq!(sent(&fitted.messages), [(ChatRole::User, &*"9".repeat(5000))]);
        assert_eq!(fitted.omitted.map(|omitted| omitted.messages), Some(2));
    }
}

#[tokio::test]
async fn the_answer_limit_is_kept_free() {
    let prompt = long(4, 300);
    let fitted = prompt.fit(Some(Limits { context: 1000, max_tokens: Some(500) }), &deaf()).await;
    let unlimited = prompt.fit(limits(1000), &deaf()).await;
    assert!(fitted.messages.len() < unlimited.messages.len());
}

#[test]
fn complaints_of_the_known_servers_are_read() {
    let table = [
        (
            "This model's maximum context length is 512 tokens. However, your prompt contains 7235 characters (more than \
             6656 characters, which is the upper bound for 512 input tokens). Please reduce the length of the input prompt.",
            Some(Complaint { context: 512, prompt: None }),
        ),
        (
            "This model's maximum context length is 2048 tokens. However, you requested 2600 tokens (2100 in the \
             messages, 500 in the completion).",
            Some(Complaint { context: 2048, prompt: Some(2100) }),
        ),
        (
            "This model's maximum context length is 4096 tokens. However, your request has 5000 input tokens.",
            Some(Complaint { context: 4096, prompt: Some(5000) }),
        ),
        (
            r#"{"code":400,"message":"the request exceeds the available context size","n_prompt_tokens":900,"n_ctx":512}"#,
            Some(Complaint { context: 512, prompt: Some(900) }),
        ),
        ("max_tokens=5000 cannot be greater than max_model_len=512. Please request fewer output tokens.", None),
        ("too long", None),
        ("maximum context length is tokens", None),
    ];
    for (detail, expected) in table {
        assert_eq!(complaint(detail), expected, "{detail}");
    }
}

#[tokio::test]
async fn a_complaint_makes_the_request_smaller_by_the_servers_numbers() {
    let prompt = long(5, 300);
    let all = prompt.fit(None, &deaf()).await;
    let refitted = prompt.refit(&all, Complaint { context: 1000, prompt: None }, None).unwrap();
    let omitted = refitted.omitted.map(|omitted| (omitted.messages, omitted.context, omitted.estimated));
    assert_eq!(omitted, Some((6, 1000, true)));
    // The server counts three times as much as the estimate: more is left out.
    let heavier = all.messages.iter().map(|message| estimate(&message.content)).sum::<u32>() * 3;
    let smaller = prompt.refit(&all, Complaint { context: 1000, prompt: Some(heavier) }, None).unwrap();
    assert_eq!(smaller.messages.len(), 1);
}

#[tokio::test]
async fn a_complaint_that_the_estimate_does_not_understand_still_leaves_a_turn_out() {
    let prompt = long(3, 10);
    let all = prompt.fit(None, &deaf()).await;
    let refitted = prompt.refit(&all, Complaint { context: 100_000, prompt: None }, None).unwrap();
    assert_eq!(refitted.omitted.map(|omitted| omitted.messages), Some(2));
}

#[tokio::test]
async fn one_question_alone_cannot_be_made_smaller() {
    let prompt = long(1, 1000);
    let all = prompt.fit(None, &deaf()).await;
    assert_eq!(prompt.refit(&all, Complaint { context: 10, prompt: None }, None), None);
}

proptest! {
    /// Whatever the lengths and the context: the last question is there, nothing is cut, and what is left out is a prefix.
    #[test]
    fn only_whole_turns_from_the_front_are_left_out(
        lengths in proptest::collection::vec((1usize..400, proptest::option::of(1usize..400)), 1..12),
        context in 16u32..4000,
        deaf in any::<bool>(),
    ) {
        let mut branch = Vec::new();
        for (index, (question, answer)) in lengths.iter().enumerate() {
            branch.push(asked(&"q".repeat(*question)));
            if let Some(answer) = answer && index + 1 < lengths.len() {
                branch.push(answered(&"7".repeat(*answer)));
            }
        }
        let prompt = Prompt::of(&branch, "");
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let fitted = runtime.block_on(prompt.fit(limits(context), &Characters { deaf, ..Characters::default() }));
        let from = (0..prompt.turns.len()).find(|from| prompt.messages(*from) == fitted.messages);
        prop_assert!(from.is_some());
        let left_out = fitted.omitted.map_or(0, |omitted| omitted.messages);
        prop_assert_eq!(left_out, prompt.messages_in(from.unwrap()));
        prop_assert!(fitted.omitted.is_none_or(|omitted| omitted.tokens > 0 && omitted.context == context));
    }

    /// The estimate is never below what the densest known vocabularies need for plain prose, and grows with the text.
    #[test]
    fn the_estimate_grows_with_the_text(a in any::<String>(), b in any::<String>()) {
        let both = format!("{a}{b}");
        prop_assert!(estimate(&both) >= estimate(&a).max(estimate(&b)));
        prop_assert!(estimate(&a) as usize >= a.chars().count().div_ceil(3));
    }
}
