//! Large histories for benches and for people who want to see one: always the same for a number, in Spanish, English, Chinese
//! and Japanese with code among it, with words as frequent as words are (Zipf's law), conversations as uneven as they are, and
//! the two extremes that a window must bear: one of three thousand messages, and one message of a megabyte.

use std::path::Path;

use capibara6_protocol::{
    ConversationId, ConversationSummary, FinishReason, Message, MessageId, MessageStatus, Metrics, Mode, ModelId, Role,
    Routing, RoutingRule, Tier,
};
use capibara6_store::{ImportedConversation, Result, Store};
use uuid::Uuid;

/// How large a history is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LargeHistory {
    /// Messages, the extremes among them (roughly: the last conversation is not cut).
    pub messages: usize,
    /// Another number makes another history.
    pub seed: u64,
}

/// Messages of an ordinary conversation, on average.
const PER_CONVERSATION: u64 = 50;

/// Messages of the long conversation, and the bytes of the long message.
const LONG: usize = 3000;
const WIDE: usize = 1_000_000;

/// 2021-11-01 and 2026-11-01, as milliseconds since the epoch.
const BEGINNING: i64 = 1_635_724_800_000;
const END: i64 = 1_793_491_200_000;

/// Messages that are stored in one transaction, about.
const BATCH: usize = 4000;

const MODELS: [&str; 4] = ["gpt-oss-20b", "qwen2.5-coder:1.5b", "phi4:mini", "mixtral"];

impl LargeHistory {
    /// The conversation of three thousand messages with 300,000 tokens.
    pub fn long(&self) -> ConversationId {
        ConversationId(id(self.seed, 0, 0))
    }

    /// The conversation whose last message is a megabyte long.
    pub fn wide(&self) -> ConversationId {
        ConversationId(id(self.seed, 1, 0))
    }

    /// Makes the database, or adds to the one that is there.
    ///
    /// # Errors
    /// The store's.
    pub async fn make(&self, path: &Path) -> Result<()> {
        let store = Store::open(path).await?;
        self.fill(&store).await?;
        store.close().await;
        Ok(())
    }

    /// Adds the history to a store.
    ///
    /// # Errors
    /// The store's.
    pub async fn fill(&self, store: &Store) -> Result<()> {
        let mut batch = Vec::new();
        let mut waiting = 0;
        for conversation in self.conversations() {
            waiting += conversation.messages.len();
            batch.push(conversation);
            if waiting >= BATCH {
                store.import(&batch).await?;
                batch.clear();
                waiting = 0;
            }
        }
        store.import(&batch).await
    }

    /// The conversations, oldest first.
    pub fn conversations(self) -> impl Iterator<Item = ImportedConversation> {
        let words = Words::new();
        let ordinary = self.messages.saturating_sub(LONG + 2);
        let about = (ordinary as u64 / PER_CONVERSATION).max(1);
        let mut made = 0;
        let mut number = 0;
        std::iter::from_fn(move || {
            if made >= self.messages {
                return None;
            }
            let mut writer = Writer { random: Random::new(self.seed, number), words: &words };
            let conversation = match number {
                0 if self.messages > 2 * LONG => {
                    writer.conversation(self.seed, number, BEGINNING, (LONG, Language::Spanish, 2))
                }
                1 => {
                    let mut wide = writer.conversation(self.seed, number, BEGINNING, (2, Language::Spanish, 1));
                    if let Some(last) = wide.messages.last_mut() {
                        last.content = writer.wide();
                    }
                    wide
                }
                _ => {
                    let begun = BEGINNING + (END - BEGINNING) / about as i64 * (number.min(about) as i64);
                    let length = writer.length().min(self.messages - made);
                    let language = writer.language();
                    writer.conversation(self.seed, number, begun, (length, language, 1))
                }
            };
            made += conversation.messages.len();
            number += 1;
            Some(conversation)
        })
    }
}

/// A linear congruential sequence with its high bits folded in: the same on every machine, and quick.
struct Random(u64);

impl Random {
    fn new(seed: u64, number: u64) -> Self {
        let mut random = Self(seed ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        random.next();
        random
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) ^ (self.0 >> 13)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % (bound as u64).max(1)) as usize
    }
}

/// A language's words, each as often as it is used: to draw one is to pick a line.
struct Vocabulary(Vec<String>);

impl Vocabulary {
    /// Words by rank, the most frequent first.
    fn new(ranked: Vec<String>) -> Self {
        let mut drawn = Vec::with_capacity(1 << 16);
        let whole: f64 = (0..ranked.len()).map(|rank| 1.0 / (rank as f64 + 2.7)).sum();
        for (rank, word) in ranked.into_iter().enumerate() {
            let share = (1.0 / (rank as f64 + 2.7) / whole * 65_536.0).round() as usize;
            drawn.extend(std::iter::repeat_n(word, share.max(1)));
        }
        Self(drawn)
    }

    fn draw(&self, random: &mut Random) -> &str {
        &self.0[random.below(self.0.len())]
    }
}

struct Words {
    spanish: Vocabulary,
    english: Vocabulary,
    chinese: Vocabulary,
    japanese: Vocabulary,
}

impl Words {
    fn new() -> Self {
        let spanish = "de la que el en y a los se del las un por con no una su para es al lo como más pero sus le ya o este sí \
            porque esta entre cuando muy sin sobre también me hasta hay donde quien desde todo nos durante todos uno les ni \
            contra otros descanso río orilla código función pregunta respuesta modelo servidor ventana capibara cooperativa";
        let english = "the of and to in is that it was for on are as with they be at one have this from or had by not word but \
            what some we can out other were all there when up use your how said an each she which do their time if will way \
            about many then them model answer question server window river function error value string";
        let syllables = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let spanish_parts =
            syllables("ca pi ba ra so le mi tor nes ción gue ll ver des con per for ma te di co lu ña ser ven");
        let english_parts =
            syllables("con ter ing ment er al pro re st ri ver tion ous ble ly per form work th ink ward sh ell");
        Self {
            spanish: Vocabulary::new(ranked(spanish, &spanish_parts, 1)),
            english: Vocabulary::new(ranked(english, &english_parts, 2)),
            chinese: Vocabulary::new(signs(&['\u{7684}', '\u{662F}', '\u{5728}', '\u{6211}'], 0x4E00, 2500, 3)),
            japanese: Vocabulary::new(
                "の に は を た が で て と し れ さ ある いる も する から な こと として い や れる など なっ ない この"
                    .split(' ')
                    .map(str::to_owned)
                    .chain(signs(&['\u{65E5}', '\u{672C}', '\u{8A9E}'], 0x4E00, 1800, 4))
                    .collect(),
            ),
        }
    }
}

/// The frequent words that are given and thirty thousand more, made of syllables.
fn ranked(frequent: &str, parts: &[String], seed: u64) -> Vec<String> {
    let mut random = Random::new(seed, 0);
    let mut words: Vec<String> = frequent.split_whitespace().map(str::to_owned).collect();
    for _ in 0..30_000 {
        let length = 2 + random.below(3);
        words.push((0..length).map(|_| parts[random.below(parts.len())].as_str()).collect());
    }
    words
}

/// Signs of a block in some order, alone and in pairs, as words of one and two signs are.
fn signs(frequent: &[char], block: u32, count: usize, seed: u64) -> Vec<String> {
    let mut random = Random::new(seed, 0);
    let mut words: Vec<String> = frequent.iter().map(char::to_string).collect();
    for _ in 0..count {
        let length = 1 + random.below(2);
        let sign = |random: &mut Random| char::from_u32(block + random.below(count * 2) as u32);
        words.push((0..length).filter_map(|_| sign(&mut random)).collect());
    }
    words
}

#[derive(Clone, Copy)]
enum Language {
    Spanish,
    English,
    Chinese,
    Japanese,
}

struct Writer<'w> {
    random: Random,
    words: &'w Words,
}

impl Writer<'_> {
    /// Half of the conversations are short, a few are very long.
    fn length(&mut self) -> usize {
        let longest = [8, 24, 60, 160, 500][(self.random.next() % 16).checked_ilog2().unwrap_or(0) as usize % 5];
        2 + self.random.below(longest / 2) * 2 + self.random.below(2) * longest / 4 * 2
    }

    fn language(&mut self) -> Language {
        match self.random.below(20) {
            0..9 => Language::Spanish,
            9..17 => Language::English,
            17 | 18 => Language::Chinese,
            _ => Language::Japanese,
        }
    }

    /// So many messages in one language, each answer as long as so many.
    fn conversation(
        &mut self,
        seed: u64,
        number: u64,
        begun: i64,
        (length, language, answers): (usize, Language, usize),
    ) -> ImportedConversation {
        let conversation = ConversationId(id(seed, number, 0));
        let mut at = begun;
        let mut messages: Vec<Message> = Vec::with_capacity(length);
        for place in 0..length {
            let asks = place.is_multiple_of(2);
            at += 2000 + self.random.below(180_000) as i64;
            let model = (!asks).then(|| MODELS[self.random.below(MODELS.len())]);
            let content = if asks {
                self.question(language)
            } else {
                (0..answers).map(|_| self.answer(language)).collect::<Vec<_>>().join("\n\n")
            };
            messages.push(Message {
                id: MessageId(id(seed, number, place as u64 + 1)),
                conversation,
                parent: messages.last().map(|before| before.id),
                role: if asks { Role::User } else { Role::Assistant },
                status: MessageStatus::Complete,
                content,
                reasoning: String::new(),
                model: model.map(ModelId::from),
                scripted: false,
                routing: model.map(|_| Routing {
                    mode: Mode::Auto,
                    tier: Tier::Fast,
                    rule: RoutingRule::ShortQuestion,
                    instead_of: None,
                    because: None,
                }),
                omitted: None,
                metrics: model.map(|_| Metrics {
                    ttft_ms: Some(180),
                    duration_ms: Some(4200),
                    prompt_tokens: Some(900),
                    completion_tokens: Some(260),
                    tokens_per_second: Some(64.0),
                    finish_reason: Some(FinishReason::Stop),
                }),
                error: None,
                origin: None,
                created_at: at,
                versions: Vec::new(),
            });
        }
        let words = 3 + self.random.below(5);
        let summary = ConversationSummary {
            id: conversation,
            title: self.sentence(language, words),
            pinned: number.is_multiple_of(900),
            created_at: begun,
            updated_at: at,
            messages: 0,
            project: None,
            archived_at: None,
            deleted_at: None,
        };
        ImportedConversation { summary, messages }
    }

    fn question(&mut self, language: Language) -> String {
        let words = 4 + self.random.below(24);
        self.sentence(language, words)
    }

    fn answer(&mut self, language: Language) -> String {
        let mut text = String::new();
        for _ in 0..1 + self.random.below(4) {
            let words = 8 + self.random.below(50);
            text.push_str(&self.sentence(language, words));
            text.push_str("\n\n");
        }
        if self.random.below(6) == 0 {
            let name = self.words.english.draw(&mut self.random).to_owned();
            let other = self.words.english.draw(&mut self.random).to_owned();
            let number = self.random.below(10_000);
            text.push_str(&format!(
                "```rust\nfn {name}_{number}(x: usize) -> usize {{\n    {name}::{other}(x) + {number}\n}}\n```\n\n"
            ));
        }
        if self.random.below(5) == 0 {
            for _ in 0..3 {
                let item = self.sentence(language, 6);
                text.push_str(&format!("- **{item}**\n"));
            }
        }
        text.truncate(text.trim_end().len());
        text
    }

    /// Answers without end, to a megabyte.
    fn wide(&mut self) -> String {
        let mut text = String::with_capacity(WIDE + 1000);
        while text.len() < WIDE {
            text.push_str(&self.answer(Language::Spanish));
            text.push_str("\n\n");
        }
        text
    }

    fn sentence(&mut self, language: Language, words: usize) -> String {
        let words_of = |language| match language {
            Language::Spanish => (&self.words.spanish, " ", "."),
            Language::English => (&self.words.english, " ", "."),
            Language::Chinese => (&self.words.chinese, "", "。"),
            Language::Japanese => (&self.words.japanese, "", "。"),
        };
        let (vocabulary, space, end) = words_of(language);
        let mut text = String::with_capacity(words * 7);
        for place in 0..words {
            if place > 0 {
                text.push_str(space);
            }
            text.push_str(vocabulary.draw(&mut self.random));
        }
        text.push_str(end);
        text
    }
}

/// Ids in the order in which things are made, as UUIDv7 are.
fn id(seed: u64, conversation: u64, place: u64) -> Uuid {
    let high = 0x017c_d000_0000_7000 + (conversation << 16) + (seed & 0xfff);
    Uuid::from_u64_pair(high, 0x8000_0000_0000_0000 | (seed << 32 & 0x0fff_ffff_0000_0000) | place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_is_as_large_as_asked_and_always_the_same() {
        let asked = LargeHistory { messages: 8000, seed: 1 };
        let all: Vec<_> = asked.conversations().collect();
        let messages: usize = all.iter().map(|conversation| conversation.messages.len()).sum();
        assert_eq!(messages, 8000);
        assert_eq!(all, asked.conversations().collect::<Vec<_>>());
        let long = all.iter().find(|conversation| conversation.summary.id == asked.long()).expect("the long one");
        let characters: usize = long.messages.iter().map(|message| message.content.chars().count()).sum();
        assert_eq!(long.messages.len(), LONG);
        // Three to four characters of Spanish are a token.
        assert!(characters > 1_050_000, "{characters}");
        let wide = all.iter().find(|conversation| conversation.summary.id == asked.wide()).expect("the wide one");
        assert!(wide.messages.last().is_some_and(|message| message.content.len() >= WIDE));
        let ids: std::collections::HashSet<_> =
            all.iter().flat_map(|each| each.messages.iter().map(|message| message.id)).collect();
        assert_eq!(ids.len(), 8000);
    }

    #[tokio::test]
    async fn it_can_be_kept() {
        let home = tempfile::tempdir().expect("a directory");
        let path = home.path().join("capibara6.db");
        let asked = LargeHistory { messages: 300, seed: 2 };
        asked.make(&path).await.expect("made");
        let store = Store::open(&path).await.expect("a store");
        let mut messages = 0;
        let mut after = None;
        loop {
            let page = store.conversations(after.as_deref(), 200).await.expect("a page");
            messages += page.conversations.iter().map(|conversation| conversation.messages).sum::<u32>();
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(messages, 300);
    }
}
