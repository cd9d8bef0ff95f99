//! Projects, the archive, the trash, several at once, and conversations made out of others.

use capibara6_protocol::{
    ConversationId, ConversationScope, ConversationSummary, ConversationView, Message, MessageId, MessageOrigin,
    Project, ProjectId,
};
use capibara6_store::{ImportedConversation, Store, StoreError, Stretch};
use proptest::prelude::*;
use uuid::Uuid;

use crate::stage::{
    Home, active, at, begin_new, begin_next, complete_answer, conversation, message, messages, stored_question,
    summary, write_all,
};

fn ids(from: u128) -> impl FnMut() -> Uuid {
    let mut next = from;
    move || {
        next += 1;
        Uuid::from_u128(next)
    }
}

fn project(n: u128) -> ProjectId {
    ProjectId(Uuid::from_u128(0xbb00 + n))
}

async fn listed(store: &Store, scope: ConversationScope) -> Vec<ConversationId> {
    let page = store.conversations_in(scope, None, 200).await.expect("a page");
    page.conversations.iter().map(|summary| summary.id).collect()
}

fn all(ns: &[u128]) -> Vec<ConversationId> {
    ns.iter().copied().map(conversation).collect()
}

async fn with_empty(home: &Home, n: u128) -> Store {
    let store = home.open().await;
    let imported: Vec<_> =
        (1..=n).map(|n| ImportedConversation { summary: summary(n, "t", at(n)), messages: vec![] }).collect();
    store.import(&imported).await.expect("imported");
    store
}

#[tokio::test]
async fn projects_have_an_order_and_come_back_with_what_was_in_them() {
    let home = Home::new();
    let store = with_empty(&home, 4).await;
    let made = |n: u128, name: &str, conversations| Project {
        id: project(n),
        name: name.into(),
        conversations,
        created_at: at(n),
    };
    for n in 1..=3 {
        assert_eq!(store.create_project(project(n), &format!(" P{n} "), at(n)).await, Ok(made(n, &format!("P{n}"), 0)));
    }
    assert_eq!(store.create_project(project(1), "again", at(9)).await, Err(StoreError::InvalidInput("id")));
    assert_eq!(store.create_project(project(9), "  ", at(9)).await, Err(StoreError::InvalidInput("name")));
    let order = |projects: Vec<Project>| projects.into_iter().map(|project| project.name).collect::<Vec<_>>();
    assert_eq!(
        store.move_project(project(3), Some(project(1))).await.map(order),
        Ok(vec!["P3".into(), "P1".into(), "P2".into()])
    );
    assert_eq!(store.move_project(project(3), None).await.map(order), Ok(vec!["P1".into(), "P2".into(), "P3".into()]));
    assert_eq!(
        store.move_project(project(3), Some(project(3))).await.map(order),
        Ok(vec!["P1".into(), "P2".into(), "P3".into()])
    );

    let moved = store.move_conversations(&all(&[1, 2, 3]), Some(project(1))).await.expect("moved");
    assert!(moved.iter().all(|summary| summary.project == Some(project(1))));
    let filed = ConversationScope::Project { project: project(1) };
    assert_eq!(listed(&store, filed).await, all(&[3, 2, 1]));
    assert_eq!(listed(&store, ConversationScope::Unfiled).await, all(&[4]));
    assert_eq!(store.projects().await.map(|all| all[0].conversations), Ok(3));

    store.delete_project(project(1), at(50)).await.expect("deleted");
    assert_eq!(store.delete_project(project(1), at(51)).await, Err(StoreError::NotFound));
    assert_eq!(listed(&store, filed).await, []);
    assert_eq!(listed(&store, ConversationScope::Unfiled).await, all(&[4, 3, 2, 1]));
    assert_eq!(store.summary(conversation(1)).await.map(|summary| summary.project), Ok(None));
    store.move_conversations(&all(&[2]), Some(project(2))).await.expect("moved elsewhere meanwhile");
    assert_eq!(store.restore_project(project(1)).await, Ok(made(1, "P1", 2)));
    assert_eq!(listed(&store, filed).await, all(&[3, 1]));
    assert_eq!(store.rename_project(project(1), "Q").await, Ok(made(1, "Q", 2)));
    assert_eq!(store.move_conversations(&all(&[1]), Some(project(8))).await, Err(StoreError::NotFound));
}

#[tokio::test]
async fn what_is_done_to_several_is_done_to_all_or_none() {
    let home = Home::new();
    let store = with_empty(&home, 4).await;
    assert_eq!(store.archive(&all(&[1, 9]), Some(at(5))).await, Err(StoreError::NotFound));
    assert_eq!(listed(&store, ConversationScope::Active).await, all(&[4, 3, 2, 1]));
    let archived = store.archive(&all(&[1, 2, 1]), Some(at(5))).await.expect("archived");
    let expected = |n| ConversationSummary { archived_at: Some(at(5)), ..summary(n, "t", at(n)) };
    assert_eq!(archived, [expected(1), expected(2)]);
    store.archive(&all(&[1]), Some(at(6))).await.expect("archived again");
    assert_eq!(store.summary(conversation(1)).await, Ok(expected(1)), "it keeps its time");
    assert_eq!(listed(&store, ConversationScope::Active).await, all(&[4, 3]));
    assert_eq!(listed(&store, ConversationScope::Archived).await, all(&[2, 1]));
    store.archive(&all(&[1]), None).await.expect("taken out");
    assert_eq!(store.summary(conversation(1)).await, Ok(summary(1, "t", at(1))));

    store.pin_all(&all(&[1, 3]), true).await.expect("pinned");
    assert_eq!(listed(&store, ConversationScope::Active).await, all(&[3, 1, 4]));
    store.delete_all(&all(&[3]), at(7)).await.expect("deleted");
    store.delete_all(&all(&[1, 2]), at(8)).await.expect("deleted");
    assert_eq!(store.delete_all(&all(&[4, 1]), at(9)).await, Err(StoreError::NotFound));
    let trash = store.conversations_in(ConversationScope::Deleted, None, 2).await.expect("a page");
    assert_eq!(trash.conversations.iter().map(|each| each.deleted_at).collect::<Vec<_>>(), [Some(at(8)), Some(at(8))]);
    let rest = store.conversations_in(ConversationScope::Deleted, trash.next.as_deref(), 2).await.expect("a page");
    assert_eq!(rest.conversations.iter().map(|each| each.id).collect::<Vec<_>>(), all(&[3]));
    store.restore_all(&all(&[1, 2, 3])).await.expect("restored");
    assert_eq!(listed(&store, ConversationScope::Active).await, all(&[3, 1, 4]), "as they were: 2 in the archive");
    let many: Vec<_> = (0..1001).map(conversation).collect();
    assert_eq!(store.pin_all(&many, true).await, Err(StoreError::InvalidInput("ids")));
}

#[tokio::test]
async fn any_message_can_be_jumped_to() {
    let home = Home::new();
    let store = home.open().await;
    // 1 … 9 on one branch, 20 and 21 beside 4.
    let mut said: Vec<Message> = (1..=9).map(|n| stored_question(1, n, (n > 1).then(|| n - 1), "x", &[])).collect();
    said.extend([stored_question(1, 20, Some(3), "x", &[]), stored_question(1, 21, Some(20), "x", &[])]);
    store.import(&[ImportedConversation { summary: summary(1, "t", at(1)), messages: said }]).await.expect("imported");
    store.select(message(9)).await.expect("selected");
    let shown = |view: ConversationView| {
        (view.messages.iter().map(|message| message.id).collect::<Vec<_>>(), view.earlier, view.later)
    };
    let id = conversation(1);
    for (stretch, limit, expected) in [
        (Stretch::End, 3, (&[7, 8, 9][..], true, false)),
        (Stretch::Before(message(4)), 2, (&[2, 3], true, true)),
        (Stretch::Before(message(4)), 5, (&[1, 2, 3], false, true)),
        (Stretch::After(message(4)), 3, (&[5, 6, 7], true, true)),
        (Stretch::After(message(6)), 3, (&[7, 8, 9], true, false)),
        (Stretch::After(message(9)), 3, (&[], true, false)),
        (Stretch::Around(message(5)), 4, (&[4, 5, 6, 7], true, true)),
        (Stretch::Around(message(9)), 4, (&[6, 7, 8, 9], true, false)),
        (Stretch::Around(message(1)), 4, (&[1, 2, 3], false, true)),
        (Stretch::Around(message(20)), 4, (&[2, 3, 20, 21], true, false)),
    ] {
        let view = store.view(id, stretch, limit).await.map(shown);
        assert_eq!(view, Ok((messages(expected.0), expected.1, expected.2)), "{stretch:?}");
    }
    assert_eq!(store.jump(id, message(5), 4).await.map(shown), Ok((messages(&[4, 5, 6, 7]), true, true)));
    assert_eq!(active(&store, 1).await, messages(&[1, 2, 3, 4, 5, 6, 7, 8, 9]), "it is there already");
    assert_eq!(store.jump(id, message(20), 4).await.map(shown), Ok((messages(&[2, 3, 20, 21]), true, false)));
    assert_eq!(active(&store, 1).await, messages(&[1, 2, 3, 20, 21]));
    assert_eq!(store.jump(id, message(99), 4).await, Err(StoreError::NotFound));
}

#[tokio::test]
async fn a_branch_becomes_a_conversation_of_its_own() {
    let home = Home::new();
    let store = home.open().await;
    begin_new(&store, 1, 10, 11).await;
    write_all(&store, 11, "eleven").await;
    begin_next(&store, 1, Some(11), 20, 21).await;
    assert_eq!(store.branch_off(message(21), at(50), ids(500)).await, Err(StoreError::Busy));
    let branched = store.branch_off(message(11), at(50), ids(500)).await.expect("branched");
    let id = ConversationId(Uuid::from_u128(501));
    assert_eq!(branched, ConversationSummary { id, created_at: at(50), messages: 2, ..summary(1, "title 1", at(50)) });
    let view = store.view(id, Stretch::End, 10).await.expect("a view");
    let copied = |message: Message, n: u128, parent: Option<u128>| Message {
        id: MessageId(Uuid::from_u128(n)),
        conversation: id,
        parent: parent.map(|parent| MessageId(Uuid::from_u128(parent))),
        versions: vec![MessageId(Uuid::from_u128(n))],
        ..message
    };
    let expected = [
        copied(stored_question(1, 10, None, "question 10", &[]), 502, None),
        copied(complete_answer(1, 11, 10, "eleven"), 503, Some(502)),
    ];
    assert_eq!(view.messages, expected);
    assert_eq!(active(&store, 1).await, messages(&[10, 11, 20, 21]), "the source stays as it is");
}

#[tokio::test]
async fn a_merge_is_undone_by_deleting_it_and_restoring_its_sources() {
    let home = Home::new();
    let store = home.open().await;
    // Turns at 10, 30 and at 20, 40: they alternate.
    for (c, q, a) in [(1, 10, 11), (2, 20, 21)] {
        begin_new(&store, c, q, a).await;
        write_all(&store, a, &format!("answer {a}")).await;
    }
    for (c, parent, q, a) in [(1, 11, 30, 31), (2, 21, 40, 41)] {
        begin_next(&store, c, Some(parent), q, a).await;
        write_all(&store, a, &format!("answer {a}")).await;
    }
    let sources = [store.summary(conversation(1)).await, store.summary(conversation(2)).await];
    assert_eq!(store.merge_conversations(&all(&[1]), at(90), ids(900)).await, Err(StoreError::InvalidInput("ids")));
    assert_eq!(store.merge_conversations(&all(&[1, 1]), at(90), ids(900)).await, Err(StoreError::InvalidInput("ids")));
    let merged = store.merge_conversations(&all(&[2, 1]), at(90), ids(900)).await.expect("merged");
    assert_eq!((merged.title.as_str(), merged.messages, merged.updated_at), ("title 2", 8, at(90)));
    let view = store.view(merged.id, Stretch::End, 20).await.expect("a view");
    let origin = |n: u128| Some(MessageOrigin { conversation: conversation(n), title: format!("title {n}") });
    let said: Vec<_> = view.messages.iter().map(|each| (each.content.as_str(), each.origin.clone())).collect();
    let expected = [
        ("question 10", origin(1)),
        ("answer 11", origin(1)),
        ("question 20", origin(2)),
        ("answer 21", origin(2)),
        ("question 30", origin(1)),
        ("answer 31", origin(1)),
        ("question 40", origin(2)),
        ("answer 41", origin(2)),
    ];
    assert_eq!(said, expected);
    assert_eq!(listed(&store, ConversationScope::Active).await, [merged.id]);
    // Merged again, everything still knows where it was first.
    begin_new(&store, 3, 50, 51).await;
    write_all(&store, 51, "answer 51").await;
    let again = store.merge_conversations(&[merged.id, conversation(3)], at(91), ids(1900)).await.expect("merged");
    let view = store.view(again.id, Stretch::End, 1).await.expect("a view");
    assert_eq!(view.messages[0].origin, origin(3));
    let view = store.view(again.id, Stretch::Before(view.messages[0].id), 2).await.expect("a view");
    assert_eq!(view.messages[0].origin, origin(2));

    store.delete_all(&[again.id], at(95)).await.expect("deleted");
    let restored = store.restore_all(&all(&[1, 2])).await.map(|both| both.into_iter().map(Ok).collect::<Vec<_>>());
    assert_eq!(restored, Ok(sources.to_vec()));
    assert_eq!(active(&store, 1).await, messages(&[10, 11, 30, 31]));
    store.purge_all(&[again.id]).await.expect("purged");
    store.check().await.expect("sound");
}

/// A random conversation: each message below one of those before it, or a root.
fn tree(c: u128) -> impl Strategy<Value = ImportedConversation> {
    prop::collection::vec(
        (any::<prop::sample::Index>(), any::<bool>(), 0..2000_u128, "\\PC{0,12}", any::<bool>()),
        1..12,
    )
    .prop_map(move |nodes| {
        let mut messages: Vec<Message> = Vec::new();
        for (place, (parent, root, time, text, asks)) in nodes.into_iter().enumerate() {
            let n = c * 1000 + u128::try_from(place).expect("small") + 1;
            let parent = (place > 0 && !(root && parent.index(4) == 0))
                .then(|| c * 1000 + u128::try_from(parent.index(place)).expect("small") + 1);
            let text = format!("{text}\u{0}{place}");
            let mut node = match parent {
                Some(parent) if !asks => complete_answer(c, n, parent, &text),
                parent => stored_question(c, n, parent, &text, &[]),
            };
            node.reasoning = format!("{place} ñ");
            node.created_at = at(time);
            messages.push(node);
        }
        ImportedConversation { summary: summary(c, "t", at(c)), messages }
    })
}

/// What a message is but for where it stands.
fn said(message: &Message) -> Message {
    Message {
        id: MessageId(Uuid::nil()),
        conversation: ConversationId(Uuid::nil()),
        parent: None,
        versions: vec![],
        origin: None,
        ..message.clone()
    }
}

/// All messages of a conversation: found through the versions of each message of each branch.
async fn everything(store: &Store, id: ConversationId) -> Vec<Message> {
    let mut known = std::collections::BTreeMap::new();
    let mut due: Vec<MessageId> =
        store.view(id, Stretch::End, 200).await.expect("a view").messages.iter().map(|each| each.id).collect();
    while let Some(next) = due.pop() {
        if known.contains_key(&next) {
            continue;
        }
        let found = store.message(next).await.expect("a message");
        due.extend(&found.versions);
        let around = store.view(id, Stretch::Around(next), 200).await.expect("a view");
        due.extend(around.messages.iter().map(|each| each.id));
        known.insert(next, found);
    }
    known.into_values().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_when_conversations_are_copied_or_merged(one in tree(1), two in tree(2)) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(async {
            let home = Home::new();
            let store = home.open().await;
            let sorted = |mut all: Vec<Message>| {
                all.sort_by(|a, b| (a.created_at, &a.content, &a.reasoning).cmp(&(b.created_at, &b.content, &b.reasoning)));
                all.iter().map(said).collect::<Vec<_>>()
            };
            let order = |view: ConversationView| view.messages.iter().map(said).collect::<Vec<_>>();
            store.import(&[one.clone(), two.clone()]).await.expect("imported");
            let shown = order(store.view(conversation(1), Stretch::End, 200).await.expect("a view"));

            let copy = store.duplicate(conversation(1), "copy", at(5000), ids(0xd000)).await.expect("a copy");
            assert_eq!(sorted(everything(&store, copy.id).await), sorted(one.messages.clone()));
            assert_eq!(order(store.view(copy.id, Stretch::End, 200).await.expect("a view")), shown);

            let both = order(store.view(conversation(2), Stretch::End, 200).await.expect("a view")).len() + shown.len();
            let merged = store.merge_conversations(&all(&[1, 2]), at(5001), ids(0xe000)).await.expect("merged");
            let expected = one.messages.iter().chain(&two.messages).cloned().collect();
            assert_eq!(sorted(everything(&store, merged.id).await), sorted(expected));
            let line = store.view(merged.id, Stretch::End, 200).await.expect("a view");
            assert_eq!(line.messages.len(), both);
            let of_one: Vec<_> = line
                .messages
                .iter()
                .filter(|each| each.origin.as_ref().is_some_and(|origin| origin.conversation == conversation(1)))
                .map(said)
                .collect();
            assert_eq!(of_one, shown, "each branch keeps its order");
            store.check().await.expect("sound");
        });
    }
}
