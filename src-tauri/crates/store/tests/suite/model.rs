//! Random conversations against a model of the tree: whatever is asked, edited, regenerated, continued, chosen, deleted,
//! restored or interrupted by a start, every message ever created is there and can be reached, and the active branch is
//! the one that the model expects.

use std::collections::{BTreeSet, HashMap};

use capibara6_protocol::{MessageId, MessageStatus, Role};
use capibara6_store::{Asked, Begin, NewAnswer, NewQuestion, Place, Reopen, Store};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::stage::{Home, at, content, conversation, message, settled};

#[derive(Debug, Clone)]
enum Step {
    Begin,
    Ask { under: Index },
    Edit { question: Index },
    Regenerate { question: Index },
    Append { answer: Index, text: String },
    Settle { answer: Index },
    Reopen { answer: Index },
    Select { message: Index },
    Delete { conversation: Index },
    Restore { conversation: Index },
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let any = any::<Index>;
    prop_oneof![
        2 => Just(Step::Begin),
        6 => any().prop_map(|under| Step::Ask { under }),
        3 => any().prop_map(|question| Step::Edit { question }),
        4 => any().prop_map(|question| Step::Regenerate { question }),
        6 => (any(), "\\PC{0,12}").prop_map(|(answer, text)| Step::Append { answer, text }),
        4 => any().prop_map(|answer| Step::Settle { answer }),
        2 => any().prop_map(|answer| Step::Reopen { answer }),
        6 => any().prop_map(|message| Step::Select { message }),
        1 => any().prop_map(|conversation| Step::Delete { conversation }),
        1 => any().prop_map(|conversation| Step::Restore { conversation }),
        1 => Just(Step::Restart),
    ]
}

#[derive(Debug, Clone, PartialEq)]
struct Said {
    conversation: u128,
    parent: Option<u128>,
    role: Role,
    status: MessageStatus,
    text: String,
}

#[derive(Debug, Default)]
struct Model {
    /// By number; message numbers grow with time.
    said: std::collections::BTreeMap<u128, Said>,
    /// The child through which the active branch last went.
    chosen: HashMap<u128, u128>,
    /// The end of the active branch, by conversation.
    leaf: std::collections::BTreeMap<u128, u128>,
    deleted: BTreeSet<u128>,
}

impl Model {
    fn number(&self) -> u128 {
        self.said.keys().last().map_or(1, |last| last + 1)
    }

    /// The numbers of messages for which `wanted` holds, of conversations that are there.
    fn pick(&self, index: Index, wanted: impl Fn(&Said) -> bool) -> Option<u128> {
        let candidates: Vec<u128> = self
            .said
            .iter()
            .filter(|(_, said)| !self.deleted.contains(&said.conversation) && wanted(said))
            .map(|(&number, _)| number)
            .collect();
        (!candidates.is_empty()).then(|| candidates[index.index(candidates.len())])
    }

    fn pick_conversation(&self, index: Index, deleted: bool) -> Option<u128> {
        let candidates: Vec<u128> =
            self.leaf.keys().copied().filter(|number| self.deleted.contains(number) == deleted).collect();
        (!candidates.is_empty()).then(|| candidates[index.index(candidates.len())])
    }

    fn branch(&self, leaf: u128) -> Vec<u128> {
        let mut branch: Vec<u128> = std::iter::successors(Some(leaf), |number| self.said[number].parent).collect();
        branch.reverse();
        branch
    }

    fn activate(&mut self, leaf: u128) {
        for pair in self.branch(leaf).windows(2) {
            self.chosen.insert(pair[0], pair[1]);
        }
        self.leaf.insert(self.said[&leaf].conversation, leaf);
    }

    fn end_below(&self, number: u128) -> u128 {
        std::iter::successors(Some(number), |number| self.chosen.get(number).copied()).last().expect("itself")
    }

    fn versions(&self, number: u128) -> Vec<MessageId> {
        let place = |said: &Said| (said.conversation, said.parent);
        let here = place(&self.said[&number]);
        self.said.iter().filter(|(_, said)| place(said) == here).map(|(&number, _)| message(number)).collect()
    }

    async fn begin(
        &mut self,
        store: &Store,
        place: Place,
        conversation: u128,
        asked: Option<(Option<u128>, u128)>,
        known: Option<u128>,
    ) {
        let (asked, question) = match (asked, known) {
            (Some((parent, number)), _) => {
                let text = format!("question {number}");
                let said = Said {
                    conversation,
                    parent,
                    role: Role::User,
                    status: MessageStatus::Complete,
                    text: text.clone(),
                };
                self.said.insert(number, said);
                let question =
                    NewQuestion { id: message(number), parent: parent.map(message), text, created_at: at(number) };
                (Asked::New(question), number)
            }
            (None, known) => {
                let known = known.expect("either a new or a known question");
                (Asked::Known(message(known)), known)
            }
        };
        let number = self.number();
        let answer =
            NewAnswer { id: message(number), model: None, scripted: false, routing: None, created_at: at(number) };
        store.begin(Begin { place, asked, answer }).await.expect("begun");
        let said = Said {
            conversation,
            parent: Some(question),
            role: Role::Assistant,
            status: MessageStatus::Streaming,
            text: String::new(),
        };
        self.said.insert(number, said);
        self.activate(number);
    }

    async fn apply(&mut self, home: &Home, store: &mut Store, step: Step) {
        let answer = |said: &Said| said.role == Role::Assistant;
        let streaming = |said: &Said| said.status == MessageStatus::Streaming;
        let number = self.number();
        match step {
            Step::Begin => {
                let new = self.leaf.keys().last().map_or(1, |last| last + 1);
                let place = Place::New { id: conversation(new), title: format!("title {new}") };
                self.begin(store, place, new, Some((None, number)), None).await;
            }
            Step::Ask { under } => {
                let Some(parent) = self.pick(under, answer) else { return };
                let here = self.said[&parent].conversation;
                self.begin(store, Place::Known(conversation(here)), here, Some((Some(parent), number)), None).await;
            }
            Step::Edit { question } => {
                let Some(question) = self.pick(question, |said| !answer(said)) else { return };
                let Said { conversation: here, parent, .. } = self.said[&question];
                self.begin(store, Place::Known(conversation(here)), here, Some((parent, number)), None).await;
            }
            Step::Regenerate { question } => {
                let Some(question) = self.pick(question, |said| !answer(said)) else { return };
                let here = self.said[&question].conversation;
                self.begin(store, Place::Known(conversation(here)), here, None, Some(question)).await;
            }
            Step::Append { answer, text } => {
                let Some(number) = self.pick(answer, streaming) else { return };
                store.append(vec![content(number, &text)]).await.expect("appended");
                self.said.get_mut(&number).expect("said").text.push_str(&text);
            }
            Step::Settle { answer } => {
                let Some(number) = self.pick(answer, streaming) else { return };
                store.settle(settled(number, MessageStatus::Complete)).await.expect("settled");
                self.said.get_mut(&number).expect("said").status = MessageStatus::Complete;
            }
            Step::Reopen { answer: picked } => {
                let Some(number) = self.pick(picked, |said| answer(said) && !streaming(said)) else { return };
                let reopen =
                    Reopen { message: message(number), model: None, scripted: false, routing: None, at: at(number) };
                store.reopen(reopen).await.expect("reopened");
                self.said.get_mut(&number).expect("said").status = MessageStatus::Streaming;
                self.activate(self.end_below(number));
            }
            Step::Select { message: picked } => {
                let Some(number) = self.pick(picked, |_| true) else { return };
                store.select(message(number)).await.expect("selected");
                self.activate(self.end_below(number));
            }
            Step::Delete { conversation: picked } => {
                let Some(number) = self.pick_conversation(picked, false) else { return };
                store.delete(conversation(number), 0).await.expect("deleted");
                self.deleted.insert(number);
            }
            Step::Restore { conversation: picked } => {
                let Some(number) = self.pick_conversation(picked, true) else { return };
                store.restore(conversation(number)).await.expect("restored");
                self.deleted.remove(&number);
            }
            Step::Restart => {
                store.close().await;
                // The claim on the database goes with the last clone.
                let other = Home::new();
                drop(std::mem::replace(store, other.open().await));
                *store = home.open().await;
                for said in self.said.values_mut().filter(|said| streaming(said)) {
                    said.status = MessageStatus::Interrupted;
                }
            }
        }
    }

    async fn check(&self, store: &Store) {
        for (&here, &leaf) in &self.leaf {
            if self.deleted.contains(&here) {
                continue;
            }
            let view = store.view(conversation(here), None, 200).await.expect("a view");
            let expected: Vec<_> = self.branch(leaf).into_iter().map(message).collect();
            assert_eq!(view.messages.iter().map(|message| message.id).collect::<Vec<_>>(), expected);
            assert!(!view.earlier);
        }
    }

    /// Walks from version to version, as a person would, and finds all there is.
    async fn check_reachable(&self, store: &Store) {
        for (&here, _) in self.leaf.iter().filter(|(here, _)| !self.deleted.contains(here)) {
            let mut reached = BTreeSet::<MessageId>::new();
            let mut visited = BTreeSet::<MessageId>::new();
            let mut shown = store.view(conversation(here), None, 200).await.expect("a view").messages;
            loop {
                for message in &shown {
                    visited.insert(message.id);
                    reached.extend(&message.versions);
                }
                let Some(&next) = reached.difference(&visited).next() else { break };
                shown = store.select(next).await.expect("selected").messages;
                assert!(shown.iter().any(|message| message.id == next), "what is chosen is shown");
            }
            let all = self.said.iter().filter(|(_, said)| said.conversation == here);
            assert_eq!(reached, all.map(|(&number, _)| message(number)).collect());
        }
        for (&number, said) in &self.said {
            let kept = store.message(message(number)).await.expect("a message");
            assert_eq!(kept.versions, self.versions(number));
            let kept = Said {
                conversation: said.conversation,
                parent: self.said.keys().copied().find(|&parent| kept.parent == Some(message(parent))),
                role: kept.role,
                status: kept.status,
                text: kept.content,
            };
            assert_eq!(&kept, said);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_was_said_is_ever_lost(steps in prop::collection::vec(step(), 1..50)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let home = Home::new();
            let mut store = home.open().await;
            let mut model = Model::default();
            for step in steps {
                model.apply(&home, &mut store, step).await;
                model.check(&store).await;
            }
            model.check_reachable(&store).await;
            store.check().await.expect("sound");
        });
    }
}
