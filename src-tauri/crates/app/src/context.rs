//! What is sent to a model: the whole active branch, or as much of it as fits. Where it does not fit, the oldest turns are
//! left out whole, never the last question, and the user is told how much; nothing is cut in the middle.
//!
//! The check costs nothing for a conversation that fits by a generous estimate. Only beyond that is the server asked to
//! count (`/tokenize`), and where it cannot, the estimate decides.

use std::future::Future;

use capibara6_llm::{ChatMessage, ChatRole};
use capibara6_protocol::{Message, MessageStatus, Omitted, Role};

/// Tokens that a chat template adds around a message: role marks and line ends. The common ones use 3 to 7.
const MESSAGE_OVERHEAD: u32 = 8;

/// Tokens kept free for the answer where the user has set no limit: a quarter of the context, at most this.
const DEFAULT_RESERVE: u32 = 1024;

/// How often the server is asked to count again while turns are left out.
const COUNT_ROUNDS: usize = 5;

/// The branch as turns, ready to be fitted and sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Prompt {
    /// What the model is told before the conversation.
    pub system: Option<String>,
    /// Questions with their answers, oldest first; the last one is being answered.
    pub turns: Vec<Turn>,
}

/// A question and what was answered to it, where something was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// The question.
    pub question: String,
    /// The answer; in the last turn the part that is to be continued.
    pub answer: Option<String>,
}

impl Turn {
    fn messages(&self) -> u32 {
        1 + u32::from(self.answer.is_some())
    }

    fn estimate(&self) -> u32 {
        let answer = self.answer.as_deref().map_or(0, |answer| estimate(answer) + MESSAGE_OVERHEAD);
        estimate(&self.question) + MESSAGE_OVERHEAD + answer
    }
}

/// How much fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The model's context in tokens, question and answer together.
    pub context: u32,
    /// The longest answer, where one is set.
    pub max_tokens: Option<u32>,
}

impl Limits {
    /// Tokens that the messages may take.
    fn budget(self) -> u32 {
        let reserve = self.max_tokens.unwrap_or(DEFAULT_RESERVE.min(self.context / 4));
        // An answer limit as large as the context leaves the choice to the server, which will refuse or shorten.
        self.context.saturating_sub(reserve.min(self.context / 2))
    }
}

/// What is sent, and what was left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted {
    /// The messages.
    pub messages: Vec<ChatMessage>,
    /// What was left out, when something was.
    pub omitted: Option<Omitted>,
}

/// Counts the tokens of messages as the model's server does; `None` where it cannot.
pub trait Counter {
    /// Counts.
    fn count(&self, messages: &[ChatMessage]) -> impl Future<Output = Option<u32>> + Send;
}

impl Prompt {
    /// The branch from the first message to the question, or to an answer that is to be continued.
    ///
    /// Failed and empty answers are not sent: they are not the model's words. Stopped and interrupted ones are, because the
    /// user read them and builds on them.
    pub fn of(branch: &[Message], system: &str) -> Self {
        let mut turns: Vec<Turn> = Vec::new();
        for message in branch {
            match message.role {
                Role::User => turns.push(Turn { question: message.content.clone(), answer: None }),
                Role::Assistant if is_sent(message) => {
                    if let Some(turn) = turns.last_mut() {
                        turn.answer = Some(message.content.clone());
                    }
                }
                Role::Assistant => {}
            }
        }
        let system = Some(system.trim()).filter(|system| !system.is_empty()).map(str::to_owned);
        Self { system, turns }
    }

    /// Leaves out the oldest turns until the rest fits.
    pub async fn fit(&self, limits: Option<Limits>, counter: &impl Counter) -> Fitted {
        let Some(limits) = limits else {
            return Fitted { messages: self.messages(0), omitted: None };
        };
        let budget = limits.budget();
        let costs: Vec<u32> = self.turns.iter().map(Turn::estimate).collect();
        let fixed = self.system.as_deref().map_or(0, |system| estimate(system) + MESSAGE_OVERHEAD);
        let estimated = fixed.saturating_add(sum(&costs));
        if estimated <= budget {
            return Fitted { messages: self.messages(0), omitted: None };
        }
        let Some(total) = counter.count(&self.messages(0)).await else {
            return self.cut(
                first_that_fits(&costs, fixed, budget, 1.0),
                limits,
                |left_out| sum(&costs[..left_out]),
                true,
            );
        };
        if total <= budget {
            return Fitted { messages: self.messages(0), omitted: None };
        }
        // The estimate says how the tokens are spread over the turns, the server how many they are.
        let mut scale = f64::from(total) / f64::from(estimated.max(1));
        let mut left_out = first_that_fits(&costs, fixed, budget, scale);
        let mut kept = total;
        for _ in 0..COUNT_ROUNDS {
            match counter.count(&self.messages(left_out)).await {
                Some(count) => kept = count,
                None => return self.cut(left_out, limits, |left_out| scaled(sum(&costs[..left_out]), scale), true),
            }
            if kept <= budget || left_out + 1 >= self.turns.len() {
                break;
            }
            scale *= 1.1;
            left_out = first_that_fits(&costs, fixed, budget, scale).max(left_out + 1);
        }
        self.cut(left_out, limits, |_| total.saturating_sub(kept), false)
    }

    /// Fits again after the server has said that it was too much. `None` where nothing more can be left out, or where the
    /// server's numbers are not understood and there is no other measure.
    pub fn refit(&self, sent: &Fitted, complaint: Complaint, max_tokens: Option<u32>) -> Option<Fitted> {
        let before = self.turns.len().checked_sub(1)?;
        let already = sent.omitted.map_or(0, |omitted| omitted.messages);
        let limits = Limits { context: complaint.context, max_tokens };
        let costs: Vec<u32> = self.turns.iter().map(Turn::estimate).collect();
        let fixed = self.system.as_deref().map_or(0, |system| estimate(system) + MESSAGE_OVERHEAD);
        let estimated: u32 = sent.messages.iter().map(|message| estimate(&message.content) + MESSAGE_OVERHEAD).sum();
        // What the server counted is the better measure; where it counted less than the estimate, the estimate stays safe.
        let scale = complaint.prompt.map_or(1.0, |prompt| (f64::from(prompt) / f64::from(estimated.max(1))).max(1.0));
        let left_out = first_that_fits(&costs, fixed, limits.budget(), scale);
        let left_out = if self.messages_in(left_out) > already { left_out } else { self.one_more(already)? };
        (left_out <= before && left_out > 0)
            .then(|| self.cut(left_out, limits, |left_out| scaled(sum(&costs[..left_out]), scale), true))
    }

    fn one_more(&self, already: u32) -> Option<usize> {
        (1..self.turns.len()).find(|left_out| self.messages_in(*left_out) > already)
    }

    fn messages_in(&self, turns: usize) -> u32 {
        self.turns[..turns].iter().map(Turn::messages).sum()
    }

    fn cut(&self, left_out: usize, limits: Limits, tokens: impl FnOnce(usize) -> u32, estimated: bool) -> Fitted {
        let omitted = (left_out > 0).then(|| Omitted {
            messages: self.messages_in(left_out),
            tokens: tokens(left_out),
            context: limits.context,
            estimated,
        });
        Fitted { messages: self.messages(left_out), omitted }
    }

    /// Whether the server needs to be asked for its context before sending: a short conversation fits anything.
    pub fn is_long(&self) -> bool {
        const FITS_ANYWHERE: u32 = 1500;
        let fixed = self.system.as_deref().map_or(0, estimate);
        fixed.saturating_add(self.turns.iter().map(Turn::estimate).sum()) > FITS_ANYWHERE
    }

    /// The messages from a turn on. Questions that were left without an answer are joined with the next one, because many
    /// chat templates refuse two user messages in a row.
    pub fn messages(&self, from: usize) -> Vec<ChatMessage> {
        let mut messages: Vec<ChatMessage> = Vec::new();
        if let Some(system) = &self.system {
            messages.push(ChatMessage { role: ChatRole::System, content: system.clone() });
        }
        for turn in &self.turns[from..] {
            match messages.last_mut() {
                Some(last) if last.role == ChatRole::User => {
                    last.content.push_str("\n\n");
                    last.content.push_str(&turn.question);
                }
                _ => messages.push(ChatMessage { role: ChatRole::User, content: turn.question.clone() }),
            }
            if let Some(answer) = &turn.answer {
                messages.push(ChatMessage { role: ChatRole::Assistant, content: answer.clone() });
            }
        }
        messages
    }
}

fn is_sent(message: &Message) -> bool {
    let ended = match message.status {
        MessageStatus::Complete | MessageStatus::Stopped | MessageStatus::Interrupted => true,
        MessageStatus::Streaming | MessageStatus::Failed => false,
    };
    ended && !message.content.trim().is_empty()
}

/// How many of the oldest turns to leave out so that the rest fits; never the last.
fn first_that_fits(costs: &[u32], fixed: u32, budget: u32, scale: f64) -> usize {
    let last = costs.len().saturating_sub(1);
    (0..last).find(|from| scaled(fixed.saturating_add(sum(&costs[*from..])), scale) <= budget).unwrap_or(last)
}

fn sum(costs: &[u32]) -> u32 {
    costs.iter().fold(0, |sum, cost| sum.saturating_add(*cost))
}

fn scaled(tokens: u32, scale: f64) -> u32 {
    // Saturates at the ends, which is what is wanted of a count.
    (f64::from(tokens) * scale).ceil() as u32
}

/// Tokens of a text, estimated so as to be too many rather than too few.
///
/// Byte-pair vocabularies of the served families (o200k, Llama, Qwen, Phi, Mistral) need about one token per 4 letters of
/// English and per 3.3 of Spanish; digits and punctuation often stand alone; other alphabets take one to two tokens per
/// character. So: a third of a token per ASCII letter or space, one per other ASCII character and per character of two
/// bytes, two per character beyond.
pub fn estimate(text: &str) -> u32 {
    let mut thirds: u64 = 0;
    for character in text.chars() {
        thirds += match character {
            'a'..='z' | 'A'..='Z' | ' ' => 1,
            '\0'..='\u{7ff}' => 3,
            _ => 6,
        };
    }
    u32::try_from(thirds.div_ceil(3)).unwrap_or(u32::MAX)
}

/// What a server said about a request that was too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Complaint {
    /// The context in tokens.
    pub context: u32,
    /// The tokens of the messages, as the server counted them, where it says so.
    pub prompt: Option<u32>,
}

/// Reads the numbers in the error text of the known servers (vLLM old and new, llama.cpp, OpenAI-compatible proxies).
pub fn complaint(detail: &str) -> Option<Complaint> {
    const CONTEXT: &[&str] = &[
        "maximum context length is ",
        "maximum context length of ",
        "max_model_len=",
        "max_model_len (",
        "\"n_ctx\":",
        "context size (",
        "context length of ",
        "context window of ",
    ];
    const PROMPT: &[&str] = &[
        "\"n_prompt_tokens\":",
        "your messages resulted in ",
        "your prompt contains at least ",
        "prompt contains at least ",
        "request (",
    ];
    // An answer limit beyond the whole context is not helped by leaving turns out.
    if detail.contains("max_tokens=") && detail.contains("cannot be greater than") {
        return None;
    }
    let context = CONTEXT.iter().find_map(|mark| number_after(detail, mark))?;
    let prompt = PROMPT
        .iter()
        .find_map(|mark| number_after(detail, mark))
        .or_else(|| number_before(detail, " in the messages"))
        .or_else(|| number_before(detail, " input tokens").filter(|_| !detail.contains("upper bound for ")));
    Some(Complaint { context, prompt })
}

fn number_after(text: &str, mark: &str) -> Option<u32> {
    let rest = &text[text.find(mark)? + mark.len()..];
    let rest = rest.trim_start();
    rest[..rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())].parse().ok()
}

fn number_before(text: &str, mark: &str) -> Option<u32> {
    let head = &text[..text.find(mark)?];
    let begin = head.rfind(|c: char| !c.is_ascii_digit()).map_or(0, |at| at + 1);
    head.get(begin..)?.parse().ok()
}

#[cfg(test)]
mod tests;
