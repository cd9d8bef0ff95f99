//! What holds of everything that is found in a file, whoever wrote it and whatever happened to it since.

use std::collections::HashSet;
use std::ops::ControlFlow;

use capibara6_transfer::{Conversation, HistoryWriter, Item, import};

/// What a file holds.
pub fn read(bytes: &[u8]) -> Vec<Item> {
    let mut items = Vec::new();
    let mut sink = |item| {
        items.push(item);
        ControlFlow::Continue(())
    };
    let _ = import(bytes, "file", &mut sink).expect("memory does not fail");
    items
}

/// Checks what was found: trees are trees, nothing points at what is not there, and what is written out is read back the
/// same.
pub fn check(items: &[Item]) {
    for item in items {
        if let Item::Conversation(conversation) = item {
            check_tree(conversation);
            assert_eq!(again(conversation), **conversation);
        }
    }
}

fn check_tree(conversation: &Conversation) {
    let Conversation { head, messages, runs } = conversation;
    assert!(!head.title.trim().is_empty() && head.title.chars().count() <= 200, "{:?}", head.title);
    let mut known = HashSet::new();
    for entry in messages {
        assert_eq!(entry.message.conversation, head.id);
        assert!(entry.message.parent.is_none_or(|parent| known.contains(&parent)), "parents come first");
        assert!(known.insert(entry.message.id), "every message has an id of its own");
    }
    assert!(head.leaf.is_none_or(|leaf| known.contains(&leaf)));
    for run in runs {
        assert!(known.contains(&run.run.question));
        assert!(run.run.candidates.iter().all(|candidate| known.contains(&candidate.message)));
    }
}

/// The conversation as it is after it was written to a file of ours.
fn again(conversation: &Conversation) -> Conversation {
    let mut writer = HistoryWriter::begin(Vec::new(), &[], &[]).expect("memory");
    writer.conversation(&conversation.head).expect("memory");
    for entry in &conversation.messages {
        writer.message(entry).expect("memory");
    }
    for run in &conversation.runs {
        writer.run(run).expect("memory");
    }
    let written = writer.finish().expect("memory");
    let mut read = read(&written);
    match (read.pop(), read.as_slice()) {
        (Some(Item::Conversation(read)), []) => *read,
        other => panic!("{}: {other:?}", String::from_utf8_lossy(&written)),
    }
}
