//! A conversation on its way in or out: all that is known of it, whatever it came from.

use std::collections::{HashMap, HashSet};

use capibara6_protocol::{
    Agreement, ConsensusRecord, ConsensusRun, ConversationId, Message, MessageId, MessageStatus, ModelId, ProjectId,
    Role, TaskClass,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The longest title in characters.
const TITLE: usize = 200;

/// How much of the first question becomes the title of a conversation without one.
const OPENING: usize = 80;

/// A project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created_at: i64,
}

/// A weight that the user set in place of a learned one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Weight {
    /// The class of task.
    pub class: TaskClass,
    /// The model.
    pub model: ModelId,
    /// At least 0.
    pub weight: f64,
}

/// A conversation without its messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Its id.
    pub id: ConversationId,
    /// Its title; never empty.
    pub title: String,
    /// Who wrote the title.
    pub titled_by: TitledBy,
    /// Whether it stays at the top.
    pub pinned: bool,
    /// When it was begun.
    pub created_at: i64,
    /// When something was last said in it.
    pub updated_at: i64,
    /// The project it is in.
    pub project: Option<ProjectId>,
    /// When it was archived.
    pub archived_at: Option<i64>,
    /// The end of the branch that is shown; the last message where absent.
    pub leaf: Option<MessageId>,
}

/// Who wrote a title.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TitledBy {
    /// The first words of the conversation.
    Opening,
    /// A model.
    Model,
    /// The user, or the program that it was exported from: no model replaces it.
    User,
}

impl TitledBy {
    /// The word that stands in files and in the store.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Opening => "opening",
            Self::Model => "model",
            Self::User => "user",
        }
    }

    /// What a word means; one that is not known is the safe one.
    pub fn from_word(word: &str) -> Self {
        match word {
            "opening" => Self::Opening,
            "model" => Self::Model,
            _ => Self::User,
        }
    }
}

/// A message, and the child through which the branch that was last shown goes on below it.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The message. Its `versions` follow from the parents.
    pub message: Message,
    /// The child; the newest where absent.
    pub chosen: Option<MessageId>,
}

/// Several models asked about one question of a conversation. The answers are messages of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Run {
    /// The run as it is shown: plan, candidates, verdicts.
    pub run: ConsensusRun,
    /// What led to it: what was sent, in which order, and what came back.
    pub record: ConsensusRecord,
    /// What a verdict of the user's on it says; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judgement: Option<Judgement>,
}

/// What one verdict of the user's says: what weights are learned from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// The class of the question.
    pub class: TaskClass,
    /// How far the answers agreed, as the rules saw it.
    pub agreement: Agreement,
    /// Whether the user chose what the rules had chosen.
    pub upheld: bool,
    /// Every model that voted: whether its answer was the one that the user chose.
    pub right: Vec<(ModelId, bool)>,
}

/// A conversation with all its messages.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversation {
    /// Without its messages.
    pub head: Head,
    /// Its messages, parents before their children.
    pub messages: Vec<Entry>,
    /// The runs of several models on its questions, oldest first.
    pub runs: Vec<Run>,
}

/// A title as the history takes it: one line, not too long, `None` where nothing is left.
pub fn title(text: &str) -> Option<String> {
    let line: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).collect();
    let line = line.join(" ");
    (!line.is_empty()).then(|| shortened(&line, TITLE))
}

fn shortened(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(longest - 1).collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

/// A place in the tree of another program's conversation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    /// Its id there.
    pub key: String,
    /// The place above it, by its id there; a place that is not there is none.
    pub parent: Option<String>,
    pub said: Option<Said>,
    pub at: Option<i64>,
    /// What was thought here, for the answer below.
    pub reasoning: String,
}

/// Puts places that stand below the same one into the order in which that names them, where it does; they keep it where no
/// time says otherwise. Nothing depends on the order in which an object holds its members.
pub(crate) fn order_siblings(nodes: &mut [Node], children: &HashMap<String, usize>) {
    let parents: HashMap<&str, Option<&str>> =
        nodes.iter().map(|node| (node.key.as_str(), node.parent.as_deref())).collect();
    let mut depths = HashMap::<String, usize>::with_capacity(nodes.len());
    for node in &*nodes {
        // The way up to what is known, to the top, or to where it would close a circle.
        let mut way = Vec::new();
        let mut seen = HashSet::new();
        let mut next = Some(node.key.as_str());
        while let Some(key) = next.filter(|key| !depths.contains_key(*key) && seen.insert(*key)) {
            way.push(key);
            next = parents.get(key).copied().flatten();
        }
        let mut depth = next.and_then(|key| depths.get(key)).copied().unwrap_or_default();
        for key in way.into_iter().rev() {
            depth += 1;
            depths.insert(key.to_owned(), depth);
        }
    }
    // Level by level, so that no place comes before one that stands beside a place above it.
    nodes.sort_by(|a, b| {
        let rank = |node: &Node| (depths.get(&node.key), children.get(&node.key).copied().unwrap_or(usize::MAX));
        rank(a).cmp(&rank(b)).then_with(|| a.key.cmp(&b.key))
    });
}

/// Gives each place a key of its own: where one occurs twice both say something.
fn distinct(nodes: &mut [Node]) {
    let mut keys = HashSet::with_capacity(nodes.len());
    let mut again = HashMap::<String, u64>::new();
    for node in nodes {
        if keys.insert(node.key.clone()) {
            continue;
        }
        let nth = again.entry(node.key.clone()).or_default();
        let own = loop {
            *nth += 1;
            let own = format!("{}+{nth}", node.key);
            if keys.insert(own.clone()) {
                break own;
            }
        };
        node.key = own;
    }
}

/// What is shown at a place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Said {
    pub role: Role,
    pub status: MessageStatus,
    pub content: String,
    pub model: Option<ModelId>,
    pub metrics: Option<capibara6_protocol::Metrics>,
    pub error: Option<capibara6_protocol::AppError>,
}

impl Said {
    pub(crate) fn new(role: Role, content: String) -> Self {
        Self { role, status: MessageStatus::Complete, content, model: None, metrics: None, error: None }
    }
}

/// What another program knew of a conversation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tree {
    /// Its id here.
    pub id: ConversationId,
    pub title: Option<String>,
    pub pinned: bool,
    pub archived: bool,
    pub created_at: Option<i64>,
    pub updated_at: Option<i64>,
    pub nodes: Vec<Node>,
    /// The place that was shown last.
    pub current: Option<String>,
}

impl Tree {
    /// The conversation of what is shown; `None` where nothing is. Places that show nothing pass their children up; a circle
    /// is cut where it closes, and what has no place above it begins a branch of its own: no message is left out.
    pub(crate) fn plant(mut self) -> Option<Conversation> {
        distinct(&mut self.nodes);
        let Self { id, nodes, current, .. } = &self;
        let index: HashMap<&str, usize> =
            nodes.iter().enumerate().rev().map(|(at, node)| (node.key.as_str(), at)).collect();
        let parent = |at: usize| nodes[at].parent.as_deref().and_then(|key| index.get(key)).copied();
        let message_id = |at: usize| MessageId(Uuid::new_v5(&id.0, nodes[at].key.as_bytes()));

        // What is said at a place, or at the next one above it that shows something.
        let shown = |from: Option<usize>| {
            let mut at = from;
            let mut seen = HashSet::new();
            while let Some(place) = at {
                if nodes[place].said.is_some() || !seen.insert(place) {
                    break;
                }
                at = parent(place);
            }
            at.filter(|place| nodes[*place].said.is_some())
        };
        // Times that are missing are those of the message above, or of the conversation.
        let begun = self.created_at.or_else(|| nodes.iter().filter_map(|node| node.at).min());
        let begun = begun.or(self.updated_at).unwrap_or_default();

        let mut order: Vec<usize> = (0..nodes.len()).filter(|at| nodes[*at].said.is_some()).collect();
        // Versions stand in order of time, as far as it is known.
        order.sort_by_key(|at| nodes[*at].at.unwrap_or(begun));
        let mut planted = HashMap::<usize, i64>::new();
        let mut messages = Vec::with_capacity(order.len());
        for last in order {
            // The way up to what stands already, or to where it would close a circle.
            let mut way = Vec::new();
            let mut seen = HashSet::new();
            let mut next = Some(last);
            while let Some(at) = next.filter(|at| !planted.contains_key(at) && seen.insert(*at)) {
                way.push(at);
                next = shown(parent(at));
            }
            for at in way.into_iter().rev() {
                let node = &nodes[at];
                let above = shown(parent(at)).filter(|above| planted.contains_key(above));
                let above_at = above.and_then(|above| planted.get(&above)).copied();
                let created_at = node.at.or(above_at).unwrap_or(begun);
                planted.insert(at, created_at);
                let Some(said) = node.said.clone() else { continue };
                let message = Message {
                    id: message_id(at),
                    conversation: *id,
                    parent: above.map(message_id),
                    role: said.role,
                    status: said.status,
                    content: said.content,
                    reasoning: thought(nodes, at, &parent),
                    model: said.model,
                    scripted: false,
                    routing: None,
                    omitted: None,
                    metrics: said.metrics,
                    error: said.error,
                    origin: None,
                    created_at,
                    versions: Vec::new(),
                };
                messages.push(Entry { message, chosen: None });
            }
        }

        let leaf = current.as_deref().and_then(|key| index.get(key)).copied();
        let leaf = shown(leaf).map(message_id);
        let last = messages.iter().map(|entry| entry.message.created_at).max()?;
        let given = self.title.as_deref().and_then(title);
        let titled_by = if given.is_some() { TitledBy::User } else { TitledBy::Opening };
        let updated_at = self.updated_at.unwrap_or(last).max(begun);
        Some(Conversation {
            head: Head {
                id: *id,
                title: given.or_else(|| opening(&messages)).unwrap_or_else(|| "…".to_owned()),
                titled_by,
                pinned: self.pinned,
                created_at: begun,
                updated_at,
                project: None,
                archived_at: self.archived.then_some(updated_at),
                leaf,
            },
            messages,
            runs: Vec::new(),
        })
    }
}

/// What was thought for an answer: at its own place and at those right above it that show nothing.
fn thought(nodes: &[Node], at: usize, parent: &impl Fn(usize) -> Option<usize>) -> String {
    let mut thoughts = vec![nodes[at].reasoning.as_str()];
    let mut seen = HashSet::from([at]);
    let mut next = parent(at);
    while let Some(above) = next.filter(|above| nodes[*above].said.is_none() && seen.insert(*above)) {
        thoughts.push(&nodes[above].reasoning);
        next = parent(above);
    }
    thoughts.reverse();
    thoughts.retain(|thought| !thought.trim().is_empty());
    thoughts.join("\n\n")
}

/// A title from the first words of the first question.
pub(crate) fn opening(messages: &[Entry]) -> Option<String> {
    let first = messages.iter().find(|entry| entry.message.role == Role::User).or_else(|| messages.first())?;
    title(&first.message.content.chars().take(4 * OPENING).collect::<String>()).map(|line| shortened(&line, OPENING))
}
