//! A large history: conversations of ordinary size with questions and answers in Markdown, always the same for a number.

use std::path::Path;

use capibara6_protocol::{
    ConversationId, ConversationSummary, FinishReason, Message, MessageId, MessageStatus, Metrics, Mode, ModelId, Role,
    Routing, RoutingRule, Tier,
};
use capibara6_store::{ImportedConversation, Store};
use uuid::Uuid;

/// Messages of one conversation.
const PER_CONVERSATION: usize = 40;

/// 2025-01-01, as milliseconds since the epoch.
const BEGINNING: i64 = 1_735_689_600_000;

/// Minutes between two messages.
const STEP: i64 = 5 * 60 * 1000;

/// Adds this many messages to the database.
pub(crate) async fn fill(path: &Path, messages: usize) {
    let store = Store::open(path).await.expect("the database opens");
    let conversations: Vec<usize> = (0..messages.div_ceil(PER_CONVERSATION)).collect();
    for some in conversations.chunks(100) {
        let imported: Vec<_> = some.iter().map(|number| conversation(*number)).collect();
        store.import(&imported).await.expect("the conversations are stored");
    }
    store.close().await;
}

fn conversation(number: usize) -> ImportedConversation {
    let id = ConversationId(uuid(number, 0));
    let begun = BEGINNING + i64::try_from(number * PER_CONVERSATION).expect("a small number") * STEP;
    let mut parent = None;
    let messages: Vec<_> = (0..PER_CONVERSATION)
        .map(|place| {
            let message = message(number, place, parent, begun + i64::try_from(place).expect("a small number") * STEP);
            parent = Some(message.id);
            message
        })
        .collect();
    let updated_at = messages.last().map_or(begun, |message| message.created_at);
    let title = format!("Conversation {number} about {}", WORDS[number % WORDS.len()]);
    let summary = ConversationSummary {
        id,
        title,
        pinned: number.is_multiple_of(500),
        created_at: begun,
        updated_at,
        messages: 0,
        project: None,
        archived_at: None,
        deleted_at: None,
    };
    ImportedConversation { summary, messages }
}

fn message(conversation: usize, place: usize, parent: Option<MessageId>, created_at: i64) -> Message {
    let asks = place.is_multiple_of(2);
    let seed = conversation * PER_CONVERSATION + place;
    Message {
        id: MessageId(uuid(conversation, place + 1)),
        conversation: ConversationId(uuid(conversation, 0)),
        parent,
        role: if asks { Role::User } else { Role::Assistant },
        status: MessageStatus::Complete,
        content: if asks { sentence(seed, 14) } else { answer(seed) },
        reasoning: String::new(),
        model: (!asks).then(|| ModelId::from("phi4:mini")),
        scripted: false,
        routing: (!asks).then_some(Routing {
            mode: Mode::Auto,
            tier: Tier::Fast,
            rule: RoutingRule::ShortQuestion,
            instead_of: None,
            because: None,
        }),
        omitted: None,
        metrics: (!asks).then_some(Metrics {
            ttft_ms: Some(180),
            duration_ms: Some(4200),
            prompt_tokens: Some(900),
            completion_tokens: Some(260),
            tokens_per_second: Some(64.0),
            finish_reason: Some(FinishReason::Stop),
        }),
        error: None,
        origin: None,
        created_at,
        versions: Vec::new(),
    }
}

fn answer(seed: usize) -> String {
    let list: String = (0..4).map(|item| format!("- {}\n", sentence(seed + item, 8))).collect();
    format!(
        "{}\n\n{list}\n```python\ndef f{seed}(x):\n    return x + {seed}\n```\n\n{}",
        sentence(seed + 5, 60),
        sentence(seed + 9, 40)
    )
}

fn sentence(seed: usize, words: usize) -> String {
    // a linear congruential sequence: the same text for the same number, on every machine
    let mut state = seed as u64;
    let picked: Vec<&str> = (0..words)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            WORDS[(state >> 33) as usize % WORDS.len()]
        })
        .collect();
    format!("{}.", picked.join(" "))
}

fn uuid(conversation: usize, place: usize) -> Uuid {
    Uuid::from_u64_pair(0x0194_1f29_7c00_7000 + conversation as u64, 0x8000_0000_0000_0000 + place as u64)
}

const WORDS: [&str; 32] = [
    "river",
    "capybara",
    "model",
    "answer",
    "grass",
    "water",
    "council",
    "vote",
    "server",
    "window",
    "letter",
    "bridge",
    "morning",
    "cooperative",
    "garden",
    "winter",
    "language",
    "question",
    "weight",
    "paper",
    "stone",
    "harbour",
    "music",
    "bread",
    "copper",
    "signal",
    "thread",
    "valley",
    "engine",
    "market",
    "silver",
    "orchard",
];
