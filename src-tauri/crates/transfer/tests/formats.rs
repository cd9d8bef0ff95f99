//! Every format, from files in the shape of the real ones: what is taken, what is reported, and that damage to one record
//! never costs another.

#![allow(clippy::expect_used, reason = "a test that cannot go on ends here")]

use std::ops::ControlFlow;

use capibara6_protocol::{ErrorCode, MessageStatus, Role, SkipCode, Skipped};
use capibara6_transfer::{Conversation, Item, import};
use serde_json::{Value, json};

/// What was found in a file.
#[derive(Debug, Default, PartialEq)]
struct Found {
    conversations: Vec<Conversation>,
    skipped: Vec<Skipped>,
}

fn read(bytes: &[u8]) -> Found {
    let mut found = Found::default();
    let mut sink = |item| {
        match item {
            Item::Conversation(conversation) => found.conversations.push(*conversation),
            Item::Skipped(skipped) => found.skipped.push(skipped),
            Item::Project(_) | Item::Weight(_) => {}
        }
        ControlFlow::Continue(())
    };
    let flow = import(bytes, "file.json", &mut sink).expect("memory does not fail");
    assert!(flow.is_continue());
    found
}

fn read_json(value: &Value) -> Found {
    read(value.to_string().as_bytes())
}

/// The shown branch as lines: who, how, with what model, what.
fn branch(conversation: &Conversation) -> Vec<String> {
    let find = |id| conversation.messages.iter().map(|entry| &entry.message).find(|message| Some(message.id) == id);
    let mut lines = Vec::new();
    let mut at = conversation.head.leaf.or_else(|| Some(conversation.messages.last()?.message.id));
    while let Some(message) = find(at) {
        let who = match message.role {
            Role::User => "user",
            Role::Assistant => message.model.as_ref().map_or("assistant", |model| model.as_str()),
        };
        let mut line = format!("{who}: {}", message.content);
        if !message.reasoning.is_empty() {
            line.push_str(&format!(" [{}]", message.reasoning));
        }
        if message.status != MessageStatus::Complete {
            line.push_str(&format!(" ({:?})", message.status));
        }
        lines.push(line);
        at = message.parent;
    }
    lines.reverse();
    lines
}

fn codes(found: &Found) -> Vec<(Option<u64>, SkipCode, Option<&str>)> {
    found.skipped.iter().map(|skipped| (skipped.record, skipped.code, skipped.detail.as_deref())).collect()
}

fn node(id: &str, parent: Option<&str>, message: Value) -> (String, Value) {
    (id.to_owned(), json!({"id": id, "message": message, "parent": parent, "children": []}))
}

fn said(role: &str, at: f64, content: Value, metadata: Value) -> Value {
    json!({"id": "x", "author": {"role": role, "name": null, "metadata": {}}, "create_time": at, "update_time": null,
        "content": content, "status": "finished_successfully", "end_turn": true, "weight": 1.0, "metadata": metadata,
        "recipient": "all", "channel": null})
}

fn text(text: &str) -> Value {
    json!({"content_type": "text", "parts": [text]})
}

fn chatgpt(id: &str, title: &str) -> Value {
    let mapping: serde_json::Map<String, Value> = [
        node("root", None, Value::Null),
        node(
            "sys",
            Some("root"),
            said("system", 1.7e9, text("you are"), json!({"is_visually_hidden_from_conversation": true})),
        ),
        node("q1", Some("sys"), said("user", 1.7e9 + 1.0, text("Which rivers?"), json!({}))),
        node("a1", Some("q1"), said("assistant", 1.7e9 + 2.0, text("The Ebro."), json!({"model_slug": "gpt-4"}))),
        node(
            "t2",
            Some("q1"),
            said(
                "assistant",
                1.7e9 + 3.0,
                json!({"content_type": "thoughts", "thoughts": [
            {"summary": "s", "content": "Rivers of Spain."}, {"content": "More."}]}),
                json!({}),
            ),
        ),
        node("a2", Some("t2"), said("assistant", 1.7e9 + 4.0, text("Ebro and Tajo."), json!({"model_slug": "o3"}))),
        node(
            "q2",
            Some("a2"),
            said(
                "user",
                1.7e9 + 5.0,
                json!({"content_type": "multimodal_text", "parts": [
            {"content_type": "image_asset_pointer", "asset_pointer": "file-service://file-1", "width": 1}, "This?"]}),
                json!({"attachments": [{"id": "file-1", "name": "map.png"}]}),
            ),
        ),
        node("c2", Some("q2"), {
            let mut call = said(
                "assistant",
                1.7e9 + 6.0,
                json!({"content_type": "code", "language": "python", "text": "print(1)"}),
                json!({}),
            );
            call["recipient"] = json!("python");
            call
        }),
        node(
            "o2",
            Some("c2"),
            said("tool", 1.7e9 + 7.0, json!({"content_type": "execution_output", "text": "1\n"}), json!({})),
        ),
        node("a3", Some("o2"), said("assistant", 1.7e9 + 8.0, text("One."), json!({"model_slug": "o3"}))),
    ]
    .into_iter()
    .collect();
    json!({"title": title, "create_time": 1.7e9, "update_time": 1.7e9 + 9.0, "mapping": mapping, "moderation_results": [],
        "current_node": "a3", "plugin_ids": null, "conversation_id": id, "is_archived": false, "id": id})
}

#[test]
fn chatgpt_trees_are_followed_along_the_current_node() {
    let found = read_json(&json!([chatgpt("c-1", "Rivers")]));
    assert_eq!(found.conversations.len(), 1, "{found:?}");
    let conversation = &found.conversations[0];
    assert_eq!(conversation.head.title, "Rivers");
    assert_eq!(conversation.head.created_at, 1_700_000_000_000);
    assert_eq!(conversation.head.updated_at, 1_700_000_009_000);
    assert_eq!(
        branch(conversation),
        [
            "user: Which rivers?",
            "o3: Ebro and Tajo. [Rivers of Spain.\n\nMore.]",
            "user: 📎 image (file-service://file-1)\n\nThis?\n\n📎 map.png",
            "assistant: ```python\nprint(1)\n```",
            "assistant: ```\n1\n```",
            "o3: One.",
        ]
    );
    // The answer that was replaced is there as well.
    assert_eq!(conversation.messages.len(), 7);
    assert_eq!(codes(&found), [(Some(1), SkipCode::Content, Some("image: 1, file: 1"))]);
}

#[test]
fn claude_conversations_are_trees_where_they_say_so() {
    let message = |uuid: &str, parent: Option<&str>, sender: &str, content: Value| {
        let mut message = json!({"uuid": uuid, "text": "old text", "content": content, "sender": sender,
            "created_at": "2024-05-01T10:00:00.000000Z", "updated_at": "2024-05-01T10:00:00Z", "attachments": [], "files": []});
        if let Some(parent) = parent {
            message["parent_message_uuid"] = json!(parent);
        }
        message
    };
    let words = |text: &str| json!([{"type": "text", "text": text}]);
    let mut last = message("m4", Some("m3"), "human", words("And?"));
    last["attachments"] = json!([{"file_name": "a.txt", "file_size": 3, "extracted_content": "a ``` b"}]);
    last["files"] = json!([{"file_name": "b.png"}]);
    let tree = json!({"uuid": "c-1", "name": "Tree", "created_at": "2024-05-01T09:00:00Z", "updated_at": "2024-05-01T11:00:00Z",
        "account": {"uuid": "a"}, "chat_messages": [
            message("m1", Some("00000000-0000-4000-8000-000000000000"), "human", words("Hello")),
            message("m2", Some("m1"), "assistant", words("First")),
            message("m3", Some("m1"), "assistant", json!([
                {"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "Second"},
                {"type": "tool_use", "name": "artifacts", "input": {"title": "Prog", "language": "rust", "content": "fn main() {}"}},
                {"type": "tool_result", "content": []}])),
            last]});
    let list = json!({"uuid": "c-2", "name": "", "created_at": "2024-05-01T09:00:00Z", "updated_at": "2024-05-01T11:00:00Z",
        "chat_messages": [message("m1", None, "human", json!([])), message("m2", None, "assistant", words("Answer"))]});
    let found = read_json(&json!([tree, list]));
    let [tree, list] = found.conversations.as_slice() else { panic!("{found:?}") };
    assert_eq!(
        branch(tree),
        [
            "user: Hello",
            "assistant: Second\n\n📎 Prog\n\n```rust\nfn main() {}\n``` [Hm.]",
            "user: And?\n\n📎 a.txt\n\n````\na ``` b\n````\n\n📎 b.png",
        ]
    );
    assert_eq!(tree.messages.len(), 4);
    assert_eq!(branch(list), ["user: old text", "assistant: Answer"]);
    assert_eq!(list.head.title, "old text");
    assert_eq!(codes(&found), [(Some(1), SkipCode::Content, Some("file: 1"))]);
}

#[test]
fn open_webui_chats_are_followed_along_the_current_id() {
    let thoughts = "<details type=\"reasoning\" done=\"true\" duration=\"3\">\n<summary>Thought for 3 seconds</summary>\n> a &lt; b\n> c\n</details>\nAnswer";
    let chat = json!([{"id": "u-1", "user_id": "me", "title": "Webui", "updated_at": 1_700_000_100, "created_at": 1_700_000_000,
        "archived": true, "pinned": true, "chat": {"title": "Webui", "models": ["m"], "history": {"currentId": "a2", "messages": {
            "q": {"id": "q", "parentId": null, "childrenIds": ["a1", "a2"], "role": "user", "content": "Ask", "timestamp": 1_700_000_001,
                  "files": [{"type": "image", "url": "data:x"}]},
            "a1": {"id": "a1", "parentId": "q", "role": "assistant", "content": "", "error": {"content": "down"}, "timestamp": 1_700_000_002, "model": "m"},
            "a2": {"id": "a2", "parentId": "q", "role": "assistant", "content": thoughts, "timestamp": 1_700_000_003, "model": "m",
                   "usage": {"prompt_tokens": 5, "completion_tokens": 7}, "done": true}}},
            "messages": []}}]);
    let found = read_json(&chat);
    assert_eq!(found.conversations.len(), 1, "{found:?}");
    let conversation = &found.conversations[0];
    assert_eq!(branch(conversation), ["user: Ask\n\n📎 image", "m: Answer [a < b\nc]"]);
    assert!(conversation.head.pinned);
    assert_eq!(conversation.head.archived_at, Some(1_700_000_100_000));
    let failed = &conversation.messages[1].message;
    assert_eq!(failed.status, MessageStatus::Failed);
    assert_eq!(
        failed.error.as_ref().map(|error| (error.code, error.detail.as_deref())),
        Some((ErrorCode::Server, Some("down")))
    );
    let metrics = conversation.messages[2].message.metrics.expect("metrics");
    assert_eq!((metrics.prompt_tokens, metrics.completion_tokens), (Some(5), Some(7)));
}

fn storage() -> Value {
    let index = json!([
        {"id": "chat_1700000000000", "title": "Ríos HALF", "lastMessage": "x", "timestamp": 1_700_000_050_000_i64, "messageCount": 3},
        {"id": "chat_2", "title": "Lost", "lastMessage": "y", "timestamp": 1_700_000_000_000_i64, "messageCount": 1}]);
    let chat = json!({"id": "chat_1700000000000", "messages": [
        {"text": "¿Qué ríos?", "type": "user", "timestamp": 1_700_000_001_000_i64, "isError": false},
        {"text": "El Ebro.", "type": "bot", "timestamp": 1_700_000_002_000_i64, "isError": false},
        {"text": "Bienvenido", "type": "system", "timestamp": 1_700_000_002_500_i64},
        {"text": "Error: no hay modelo", "type": "bot", "timestamp": 1_700_000_003_000_i64, "isError": true}]});
    // The page cut titles at fifty code units, in the middle of a pair where it fell so.
    let index = index.to_string().replace("HALF", "\\ud83d");
    json!({"capibara6_chats": index, "capibara6_chat_1700000000000_x": "not json",
        "capibara6_chat_chat_1700000000000": chat.to_string(), "capibara6_chat_settings": "{\"temperature\":\"0.7\"}",
        "auth_token": "secret", "preferred-language": "es"})
}

#[test]
fn the_old_web_clients_storage_is_read_however_it_was_dumped() {
    let object = storage();
    let pairs: Vec<Value> =
        object.as_object().expect("an object").iter().map(|(key, value)| json!([key, value])).collect();
    let named: Vec<Value> =
        object.as_object().expect("an object").iter().map(|(key, value)| json!({"key": key, "value": value})).collect();
    let parsed: Value = object
        .as_object()
        .expect("an object")
        .iter()
        .map(|(key, value)| {
            let text = value.as_str().unwrap_or_default().replace("\\ud83d", "\u{fffd}");
            (key.clone(), serde_json::from_str(&text).unwrap_or(value.clone()))
        })
        .collect();
    let expected = read_json(&object);
    let [conversation] = expected.conversations.as_slice() else { panic!("{expected:?}") };
    assert_eq!(branch(conversation), ["user: ¿Qué ríos?", "assistant: El Ebro.", "assistant:  (Failed)"]);
    assert_eq!(conversation.head.created_at, 1_700_000_000_000);
    assert_eq!(expected.skipped.len(), 1);
    assert_eq!((expected.skipped[0].code, expected.skipped[0].title.as_deref()), (SkipCode::Empty, Some("Lost")));
    assert!(!format!("{expected:?}").contains("secret"));
    for other in [json!(pairs), json!(named), parsed] {
        let found = read_json(&other);
        assert_eq!(found.conversations, expected.conversations, "{other}");
    }
}

#[test]
fn the_old_export_file_has_titles_and_no_words() {
    let found = read_json(&json!({"user": {"id": "u"}, "chats": [
        {"id": "chat_1", "title": "A", "lastMessage": "x", "timestamp": 1_700_000_000_000_i64, "messageCount": 2},
        {"id": "chat_2", "title": "B", "messages": [{"text": "Hi", "type": "user", "timestamp": 1}]}], "settings": {}}));
    assert_eq!(found.conversations.iter().map(|each| each.head.title.as_str()).collect::<Vec<_>>(), ["B"]);
    assert_eq!(codes(&found), [(Some(2), SkipCode::Empty, None)]);
}

#[test]
fn a_conversation_that_is_a_document_by_itself_is_one() {
    let alone = read(chatgpt("c-1", "Rivers").to_string().as_bytes());
    let listed = read_json(&json!([chatgpt("c-1", "Rivers")]));
    assert_eq!(alone.conversations, listed.conversations);
    let lines = format!("{}\n{}\n", chatgpt("c-1", "A"), chatgpt("c-2", "B"));
    assert_eq!(read(lines.as_bytes()).conversations.len(), 2);
}

#[test]
fn the_same_file_gives_the_same_ids() {
    let file = json!([chatgpt("c-1", "Rivers"), chatgpt("c-2", "Rivers")]);
    let found = read_json(&file);
    assert_eq!(found, read_json(&file));
    let ids: std::collections::HashSet<_> =
        found.conversations.iter().flat_map(|each| &each.messages).map(|entry| entry.message.id).collect();
    assert_eq!(ids.len(), 14, "messages of different conversations differ");
}

#[test]
fn what_is_no_export_says_so() {
    for bytes in [
        &b""[..],
        b"   ",
        b"hello",
        b"<!doctype html><script>{}</script>",
        b"\x00\x01\x02",
        b"%PDF-1.7",
        b"{}",
        b"[]",
        b"{\"name\":\"x\"}",
        b"{\"conversations\":[]}",
        b"[1,2]",
        b"null",
    ] {
        let found = read(bytes);
        assert_eq!(found.conversations, [], "{bytes:?}");
        assert!(!found.skipped.is_empty(), "{:?}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn odd_values_cost_themselves() {
    let mut odd = chatgpt("c-1", "x");
    odd["title"] = json!(["no", "title"]);
    odd["create_time"] = json!("yesterday");
    odd["update_time"] = json!(-1e300);
    odd["mapping"]["a1"]["message"]["author"] = json!("someone");
    odd["mapping"]["q1"]["parent"] = json!("q1");
    odd["mapping"]["a3"]["message"]["create_time"] = json!(1e20);
    odd["mapping"]["x"] = json!(12);
    let deep = format!("{{\"id\":\"d\",\"mapping\":{}1{}}}", "{\"a\":".repeat(400), "}".repeat(400));
    let twice = r#"{"id":"e","id":"f","title":"T","chat_messages":1,"mapping":{"n":{"message":{"author":{"role":"user"},"content":{"parts":["Hi"]}}}},"title":"U"}"#;
    let file = format!("[{odd},{deep},{twice},5,null,\"x\",[]]");
    let found = read(file.as_bytes());
    let titles: Vec<_> = found.conversations.iter().map(|each| each.head.title.as_str()).collect();
    assert_eq!(titles, ["Which rivers?", "U"]);
    assert_eq!(branch(&found.conversations[0]).len(), 6);
    let codes: Vec<_> = found.skipped.iter().map(|skipped| skipped.code).collect();
    assert_eq!(
        codes,
        [SkipCode::Content, SkipCode::Syntax, SkipCode::Shape, SkipCode::Shape, SkipCode::Shape, SkipCode::Shape]
    );
}

#[test]
fn a_file_that_ends_in_the_middle_keeps_what_was_whole() {
    let file = json!([chatgpt("c-1", "A"), chatgpt("c-2", "B")]).to_string();
    let found = read(&file.as_bytes()[..file.len() - 40]);
    assert_eq!(found.conversations.iter().map(|each| each.head.title.as_str()).collect::<Vec<_>>(), ["A"]);
    assert_eq!(
        found.skipped.last().map(|skipped| (skipped.record, skipped.code)),
        Some((Some(2), SkipCode::Truncated))
    );
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 300, failure_persistence: None, ..Default::default() })]

    /// Whatever happens to the bytes of one record, the others come through as they were.
    #[test]
    fn damage_to_one_record_never_costs_another(
        which in 0_usize..4,
        hits in proptest::collection::vec((0.0..1.0_f64, proptest::prelude::any::<u8>(), 0_u8..3), 1..6),
        compact in proptest::prelude::any::<bool>(),
    ) {
        let records: Vec<String> = (0..4).map(|n| {
            let record = chatgpt(&format!("c-{n}"), &format!("Title {n}"));
            if compact { record.to_string() } else { serde_json::to_string_pretty(&record).expect("a record") }
        }).collect();
        let whole = read(format!("[{}]", records.join(", ")).as_bytes());
        let mut bytes = b"[".to_vec();
        for (n, record) in records.iter().enumerate() {
            if n > 0 {
                bytes.extend(b", ");
            }
            let mut record = record.clone().into_bytes();
            if n == which {
                for (at, byte, kind) in &hits {
                    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place")]
                    let at = (at * record.len() as f64) as usize;
                    match kind {
                        0 if at < record.len() => record[at] = *byte,
                        1 if at < record.len() => drop(record.remove(at)),
                        _ => record.insert(at.min(record.len()), *byte),
                    }
                }
            }
            bytes.extend(record);
        }
        bytes.push(b']');
        let found = read(&bytes);
        for (n, expected) in whole.conversations.iter().enumerate() {
            if n != which {
                proptest::prop_assert!(found.conversations.contains(expected), "{n} is lost: {}", String::from_utf8_lossy(&bytes));
            }
        }
    }

    /// Nothing that is read ends in a panic.
    #[test]
    fn no_bytes_are_too_odd(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
        let _ = read(&bytes);
    }

    /// Nor do documents that are nearly right.
    #[test]
    fn no_document_is_too_odd(text in r#"[\[\]{}",:0-9]{0,60}|(\{"(id|mapping|chat_messages|messages|history|uuid|parent|capibara6_chat_1)":|["\[{}\],0-9]){0,40}"#) {
        let _ = read(text.as_bytes());
    }
}

#[test]
fn what_chatgpt_wrote_beside_the_conversation_or_marked_in_it_is_not_lost() {
    let call = |recipient: &str, text: Value| {
        let content = json!({"content_type": "code", "language": "json", "text": text.to_string()});
        let mut message = said("assistant", 1.7e9 + 2.0, content, json!({}));
        message["recipient"] = json!(recipient);
        message
    };
    let mark = "\u{e200}cite\u{e202}turn0search1\u{e201}";
    let references = json!({"content_references": [{"matched_text": mark, "alt": "([Ebro](https://example.org))"},
        {"matched_text": "The", "alt": "never"}, {"matched_text": "\u{e200}x\u{e201}", "alt": null}],
        "finish_details": {"type": "interrupted"}});
    let mapping: serde_json::Map<String, Value> = [
        node("q", None, said("user", 1.7e9, text("Write"), json!({}))),
        node(
            "c",
            Some("q"),
            call("canmore.create_textdoc", json!({"name": "Prog", "type": "code/rust", "content": "fn main() {}"})),
        ),
        node(
            "u",
            Some("c"),
            call(
                "canmore.update_textdoc",
                json!({"updates": [{"pattern": ".*", "multiple": true, "replacement": "fn other() {}"}]}),
            ),
        ),
        node(
            "v",
            Some("u"),
            call("canmore.update_textdoc", json!({"updates": [{"pattern": "other", "replacement": "third"}]})),
        ),
        node("w", Some("v"), call("web.run", json!({"search_query": []}))),
        node("a", Some("w"), said("assistant", 1.7e9 + 3.0, text(&format!("The river. {mark}")), references)),
    ]
    .into_iter()
    .collect();
    let found = read_json(&json!([{"title": "T", "conversation_id": "c-9", "mapping": mapping, "current_node": "a",
        "pinned_time": 1.7e9}]));
    assert_eq!(found.conversations.len(), 1, "{found:?}");
    let conversation = &found.conversations[0];
    assert_eq!(
        branch(conversation),
        [
            "user: Write",
            "assistant: 📎 Prog\n\n```rust\nfn main() {}\n```",
            "assistant: 📎 canvas\n\n```\nfn other() {}\n```",
            "assistant: 📎 canvas",
            "assistant: The river. ([Ebro](https://example.org)) (Stopped)",
        ]
    );
    assert!(conversation.head.pinned);
    assert_eq!(codes(&found), [(Some(1), SkipCode::Content, Some("canvas: 1"))]);
}

#[test]
fn versions_without_times_stand_in_the_order_in_which_the_place_above_names_them() {
    let answer = |words: &str| json!({"author": {"role": "assistant"}, "content": {"parts": [words]}});
    let conversation = |first: &str, second: &str| {
        json!([{"conversation_id": "c", "title": "T", "mapping": {
            "0": {"parent": second, "message": answer("0")},
            "a": {"parent": "q", "message": answer("a")}, "b": {"parent": "q", "message": answer("b")},
            "q": {"parent": null, "children": [first, second], "message": {"author": {"role": "user"}, "content": {"parts": ["?"]}}}}}])
    };
    for (first, second) in [("a", "b"), ("b", "a")] {
        let found = read_json(&conversation(first, second));
        let words: Vec<&str> =
            found.conversations[0].messages.iter().map(|entry| entry.message.content.as_str()).collect();
        assert_eq!(words, ["?", first, second, "0"]);
    }
}

#[test]
fn what_open_webui_merged_or_found_is_not_lost() {
    let message = |role: &str, parent: Option<&str>, content: &str| json!({"role": role, "parentId": parent, "content": content, "timestamp": 1_700_000_001});
    let mut second = message("assistant", Some("q"), "Two");
    second["merged"] = json!({"status": true, "content": "Both", "timestamp": 1_700_000_005});
    second["sources"] = json!([{"source": {"name": "map.pdf"}, "document": ["x"]}, {"source": {}}]);
    let chat = json!([{"id": "u", "title": "T", "chat": {"history": {"currentId": "b", "messages": {
        "q": message("user", None, "Ask"), "a": message("assistant", Some("q"), "One"), "b": second}}}}]);
    let found = read_json(&chat);
    let words: Vec<&str> = found.conversations[0].messages.iter().map(|entry| entry.message.content.as_str()).collect();
    assert_eq!(words, ["Ask", "One", "Two\n\n📎 map.pdf\n\n📎 source", "Both"]);
    assert_eq!(branch(&found.conversations[0]).len(), 2);
    assert_eq!(codes(&found), [(Some(1), SkipCode::Content, Some("source: 2"))]);

    // A tree without anything in it beside a list that has the words.
    let chat = json!([{"id": "u", "chat": {"title": "T", "history": {"currentId": null, "messages": {}},
        "messages": [{"role": "user", "content": "Ask"}, {"role": "assistant", "content": "Answer"}]}}]);
    assert_eq!(branch(&read_json(&chat).conversations[0]), ["user: Ask", "assistant: Answer"]);
}

#[test]
fn the_old_web_clients_projects_come_with_their_chats() {
    let mut dump = storage();
    dump["capibara6_projects"] = json!(
        json!([{"id": "project_1700000000001", "name": " Ríos \n grandes ", "description": "d",
            "createdAt": "2023-11-14T22:13:20.000Z", "chats": ["chat_1700000000000", {"id": "chat_2"}]},
            {"id": "project_2", "name": ""}])
        .to_string()
    );
    dump["capibara6-chats"] = json!([{"id": "older", "title": "Older", "createdAt": "2023-01-01T00:00:00Z",
        "updatedAt": "2023-01-02T00:00:00Z", "messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}]}]);
    let mut projects = Vec::new();
    let mut heads = Vec::new();
    let mut sink = |item| {
        match item {
            Item::Project(project) => projects.push(project),
            Item::Conversation(conversation) => heads.push(conversation.head),
            Item::Weight(_) | Item::Skipped(_) => {}
        }
        ControlFlow::Continue(())
    };
    let flow = import(dump.to_string().as_bytes(), "dump", &mut sink).expect("memory does not fail");
    assert!(flow.is_continue());
    let [project] = projects.as_slice() else { panic!("{projects:?}") };
    assert_eq!((project.name.as_str(), project.created_at), ("Ríos grandes", 1_700_000_000_000));
    let filed: Vec<_> = heads.iter().map(|head| (head.title.as_str(), head.project, head.created_at)).collect();
    let expected = [("Ríos \u{fffd}", Some(project.id), 1_700_000_000_000), ("Older", None, 1_672_531_200_000)];
    assert_eq!(filed, expected);
    assert_eq!(heads[1].updated_at, 1_672_617_600_000);
}

#[test]
fn messages_under_one_id_are_both_there_and_the_same_every_time() {
    let message = |text: &str| json!({"uuid": "m", "sender": "human", "content": [{"type": "text", "text": text}]});
    let file = json!([{"uuid": "c", "name": "T", "chat_messages": [message("One"), message("Two"), message("Three")]}]);
    let found = read_json(&file);
    let messages = &found.conversations[0].messages;
    let words: Vec<&str> = messages.iter().map(|entry| entry.message.content.as_str()).collect();
    assert_eq!(words, ["One", "Two", "Three"]);
    let ids: std::collections::HashSet<_> = messages.iter().map(|entry| entry.message.id).collect();
    assert_eq!(ids.len(), 3);
    assert_eq!(found, read_json(&file));
}

#[test]
fn references_are_put_in_once_each_and_never_into_one_another() {
    let mark = |n: u32| format!("\u{e200}cite\u{e202}{n}\u{e201}");
    // Each one stands for two of the next: put into one another, they would be 2^40 words.
    let references: Vec<Value> =
        (0..40).map(|n| json!({"matched_text": mark(n), "alt": format!("{0}{0}", mark(n + 1))})).collect();
    let references = [
        references,
        vec![json!({"matched_text": mark(50), "alt": "first"})],
        vec![json!({"matched_text": mark(50), "alt": "second"})],
    ]
    .concat();
    let words = format!("\u{e200}lone {} and {}, {}.", mark(0), mark(50), mark(50));
    let mapping: serde_json::Map<String, Value> = [
        node("q", None, said("user", 1.7e9, text("?"), json!({}))),
        node("a", Some("q"), said("assistant", 1.7e9, text(&words), json!({"content_references": references}))),
    ]
    .into_iter()
    .collect();
    let found = read_json(&json!([{"title": "T", "conversation_id": "c", "mapping": mapping, "current_node": "a"}]));
    let expected = format!("assistant: \u{e200}lone {0}{0} and first, second.", mark(1));
    assert_eq!(branch(&found.conversations[0]), ["user: ?".to_owned(), expected]);
}

/// The answer of an Open WebUI chat with one question and these members of an answer, and what of it was only named.
fn webui_answer(members: Value) -> (String, String, Option<String>) {
    let mut answer = json!({"role": "assistant", "parentId": "q", "timestamp": 1_700_000_002, "model": "m"});
    for (key, value) in members.as_object().expect("members") {
        answer[key] = value.clone();
    }
    let question = json!({"role": "user", "parentId": null, "content": "Ask", "timestamp": 1_700_000_001});
    let found = read_json(&json!([{"id": "u", "title": "T", "chat": {"history": {"currentId": "a", "messages": {
        "q": question, "a": answer}}}}]));
    assert_eq!(found.conversations.len(), 1, "{found:?}");
    let conversation = &found.conversations[0];
    let message = &conversation.messages[1].message;
    let named = found.skipped.first().and_then(|skipped| skipped.detail.clone());
    (message.content.clone(), message.reasoning.clone(), named)
}

#[test]
fn what_open_webui_thought_called_and_ran_inside_of_a_text_is_what_it_is() {
    let cases: Vec<(&str, &str, &str)> = vec![
        // As current versions write it: what is thought and its quotation are escaped together.
        (
            "<details type=\"reasoning\" done=\"true\" duration=\"7\">\n<summary>Thought for 7 seconds</summary>\n&gt; Is a &lt; b &amp;&amp; &quot;c&quot;?\n&gt; \n&gt; &gt; It&#x27;s said.\n</details>\nYes.",
            "Yes.",
            "Is a < b && \"c\"?\n\n> It's said.",
        ),
        // As older ones did: quoted, and not escaped. What looks escaped in it is what was thought.
        (
            "Before.\n<details type=\"reasoning\" done=\"true\">\n<summary>Thought for 1 seconds</summary>\n> \"&lt;\" is < in HTML, </details> ends.\n</details>\nAfter.",
            "Before.\n\nAfter.",
            "\"&lt;\" is < in HTML, </details> ends.",
        ),
        // As others write it: a summary that says something, and words before it or without a quotation.
        (
            "<details type=\"reasoning\" done=\"false\" view=\"\">\n<summary>Weighing &lt;options&gt;.</summary>\n- one\n> two\n</details>\n\nOne.",
            "One.",
            "Weighing <options>.\n\n- one\n> two",
        ),
        (
            "<details type=\"reasoning\" open><div>Hm.</div><summary>Thought for 1 seconds</summary></details>\n\nOne.",
            "One.",
            "<div>Hm.</div>",
        ),
        // A call with what it was asked and what it gave back: JSON inside of JSON, escaped. What is no JSON stays as it is.
        (
            "Let me look.\n<details type=\"tool_calls\" done=\"true\" id=\"call_1\" name=\"get_weather\" arguments=\"&quot;{\\&quot;city&quot;: 1}&quot;\" result=\"&quot;21 \\u00b0C\\nsunny&quot;\" files=\"\" embeds=\"&quot;&quot;\">\n<summary>Tool Executed</summary>\n</details>\nIt is 21 degrees.",
            "Let me look.\n\n🔧 get_weather\n\n```\n\"{\\\"city\": 1}\"\n```\n\n```\n21 °C\nsunny\n```\n\nIt is 21 degrees.",
            "",
        ),
        (
            "<details type=\"tool_calls\" done=\"true\" id=\"c\" name=\"get_weather\" arguments=\"&quot;{\\&quot;city\\&quot;: \\&quot;Lisbon\\&quot;, \\&quot;n\\&quot;: 1.50}&quot;\" result=\"&quot;[21, &lt;b&gt;]&quot;\">\n<summary>Tool Executed</summary>\n</details>",
            "🔧 get_weather\n\n```json\n{\"city\": \"Lisbon\", \"n\": 1.50}\n```\n\n```\n[21, <b>]\n```",
            "",
        ),
        (
            "<details type=\"tool_calls\" done=\"false\" id=\"c\" name=\"wait\" arguments=\"{&quot;s&quot;: 9007199254740993}\">\n<summary>Executing...</summary>\n</details>\n<details type=\"tool_calls\" done=\"true\" name=\"run\">\n<summary>Tool Executed</summary>\n```json\n{\"rows\": 3}\n```\n</details>\nThree.",
            "🔧 wait\n\n```json\n{\"s\": 9007199254740993}\n```\n\n🔧 run\n\n```json\n{\"rows\": 3}\n```\n\nThree.",
            "",
        ),
        (
            "<details type=\"tool_calls\" done=\"true\" name=\"draw\" arguments=\"{}\" result=\"&quot;done&quot;\" files=\"[{&quot;type&quot;: &quot;image&quot;, &quot;url&quot;: &quot;/x&quot;}]\" embeds=\"[&quot;&lt;p&gt;x&lt;/p&gt;&quot;]\">\n<summary>Tool Executed</summary></details>",
            "🔧 draw\n\n```json\n{}\n```\n\n```\ndone\n```\n\n📎 image\n\n```html\n<p>x</p>\n```",
            "",
        ),
        // A program that holds a fence and the end of a block, and what it printed.
        (
            "<details type=\"code_interpreter\" done=\"true\" duration=\"2\" output=\"{&quot;stdout&quot;: &quot;1 &lt; 2\\n&quot;, &quot;stderr&quot;: null, &quot;result&quot;: &quot;2&quot;}\">\n<summary>Analyzed</summary>\n```python\nprint(\"</details>\")\n```x\n```\n</details>\nTwo.",
            "````python\nprint(\"</details>\")\n```x\n````\n\n```\n1 < 2\n```\n\n```\n2\n```\n\nTwo.",
            "",
        ),
        (
            "<details type=\"code_interpreter\" done=\"false\">\n<summary>Analyzing…</summary>\n```python\n1\n```\n</details>",
            "```python\n1\n```",
            "",
        ),
        // Between each other, and more than one thought.
        (
            "<details type=\"reasoning\" done=\"true\">\n<summary>Thinking…</summary>\n&gt; One.\n</details>\n<details type=\"tool_calls\" done=\"true\" name=\"a\" arguments=\"{}\" result=\"&quot;b&quot;\">\n<summary>Tool Executed</summary>\n</details>\n<details type=\"reasoning\" done=\"true\">\n<summary>Thinking…</summary>\n&gt; Two.\n</details>\nEnd.",
            "🔧 a\n\n```json\n{}\n```\n\n```\nb\n```\n\nEnd.",
            "One.\n\nTwo.",
        ),
    ];
    for (content, words, thoughts) in cases {
        let (found, thought, _) = webui_answer(json!({"content": content}));
        assert_eq!((found.as_str(), thought.as_str()), (words, thoughts), "{content}");
    }
    // What is shown as code, has no end or is of another kind stays what it is, to the letter.
    for content in [
        "Write\n\n```html\n<details type=\"tool_calls\" name=\"x\">\n</details>\n```\n\nthere.",
        "Write `<details type=\"reasoning\">` and `</details>`.",
        "  <details type=\"reasoning\" done=\"false\">\n<summary>Thinking…</summary>\n&gt; cut off",
        "<details>\n<summary>More</summary>\nwords\n</details>",
        "<details type=\"other\" x=\"1\">\nwords\n</details>\n",
        "<details type=\"reasoning",
        "<details type=\"tool_calls\" name=unquoted>\n</details>",
    ] {
        assert_eq!(webui_answer(json!({"content": content})), (content.to_owned(), String::new(), None));
    }
}

#[test]
fn what_open_webui_keeps_beside_the_text_is_not_lost() {
    let output = json!([
        {"type": "reasoning", "id": "r", "summary": [{"type": "summary_text", "text": "Look it up."}], "content": [{"type": "output_text", "text": "Look it up."}]},
        {"type": "message", "content": [{"type": "output_text", "text": "One moment."}]},
        {"type": "function_call", "call_id": "c1", "name": "search", "arguments": "{\"q\": \"Lisbon\"}"},
        {"type": "function_call", "call_id": "c2", "name": "wait", "arguments": {"s": 1}},
        {"type": "function_call_output", "call_id": "c1", "output": [{"type": "input_text", "text": "sunny"}, {"type": "input_image", "image_url": "data:x"}],
            "files": [{"type": "image", "name": "map.png"}]},
        {"type": "function_call_output", "call_id": "gone", "output": "21C"},
        {"type": "open_webui:code_interpreter", "code": "1 + 1", "lang": "python", "output": {"result": "2"}},
        {"type": "web_search_call", "id": "w"},
        {"type": "message", "content": [{"type": "output_text", "text": "Lisbon is\nsunny."}]}]);
    let items = "One moment.\n\n🔧 search\n\n```json\n{\"q\": \"Lisbon\"}\n```\n\n```\nsunny\n\n📎 image\n```\n\n📎 map.png\n\n\
        🔧 wait\n\n```json\n{\"s\":1}\n```\n\n🔧 tool\n\n```\n21C\n```\n\n```python\n1 + 1\n```\n\n```\n2\n```\n\n📎 web_search_call\n\nLisbon is\nsunny.";
    let named = Some("image: 2, web_search_call: 1".to_owned());
    let thought = "Look it up.".to_owned();
    // The text repeats the last of the items, or nothing, or is what somebody wrote in its place.
    for (content, words) in [
        ("Lisbon is sunny.", items.to_owned()),
        ("", items.to_owned()),
        ("Changed by hand.", format!("{items}\n\nChanged by hand.")),
    ] {
        let found = webui_answer(json!({"content": content, "output": output}));
        assert_eq!(found, (words, thought.clone(), named.clone()), "{content}");
    }
    // Where everything is in the text, it is not there twice.
    let content =
        "<details type=\"reasoning\" done=\"true\">\n<summary>Thinking…</summary>\n&gt; Hm.\n</details>\nSunny.";
    let found = webui_answer(json!({"content": content, "output": output}));
    assert_eq!(found, ("Sunny.".to_owned(), "Hm.".to_owned(), None));
    let plain = json!([{"type": "message", "content": [{"type": "output_text", "text": "Sunny."}]}]);
    assert_eq!(webui_answer(json!({"content": "Sunny.\n", "output": plain})).0, "Sunny.\n");

    let run = json!({"id": "e", "name": "calc", "code": "1/0", "language": "python",
        "result": {"error": "ZeroDivisionError", "output": "", "files": [{"name": "a.png", "url": "/a"}]}});
    let found = webui_answer(json!({"content": "Done.", "code_executions": [run], "embeds": ["<b>x</b>"]}));
    let words =
        "Done.\n\n🔧 calc\n\n```python\n1/0\n```\n\n```\nZeroDivisionError\n```\n\n📎 a.png\n\n```html\n<b>x</b>\n```";
    assert_eq!(found, (words.to_owned(), String::new(), Some("file: 1".to_owned())));
}

#[test]
fn a_history_is_the_same_in_whatever_order_its_members_stand() {
    let id = |n: u32| format!("00000000-0000-4000-8000-{n:012}");
    let conversations = json!([{"id": id(1), "title": "T", "titled_by": "user", "pinned": false, "created_at": 1, "updated_at": 2,
        "project": id(5), "messages": [{"id": id(2), "role": "user", "status": "complete", "created_at": 1, "content": "Hi"}]}]);
    let members = [
        ("format", json!("capibara6-history")),
        ("version", json!(2)),
        ("projects", json!([{"id": id(5), "name": "P", "created_at": 1}, {"id": 7}])),
        ("weights", json!([{"class": "number", "model": "m", "weight": 0.5}])),
        ("conversations", conversations),
    ];
    let read = |members: &[&(&str, Value)]| {
        let members: Vec<String> = members.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
        let mut items = Vec::new();
        let mut sink = |item| {
            items.push(item);
            ControlFlow::Continue(())
        };
        let flow =
            import(format!("{{{}}}", members.join(",")).as_bytes(), "f", &mut sink).expect("memory does not fail");
        assert!(flow.is_continue());
        items.sort_by_key(|item| match item {
            Item::Project(_) => 0,
            Item::Weight(_) => 1,
            Item::Conversation(_) => 2,
            Item::Skipped(_) => 3,
        });
        items
    };
    let [format, version, projects, weights, conversations] = &members;
    let expected = read(&[format, version, projects, weights, conversations]);
    assert_eq!(expected.len(), 4, "{expected:?}");
    for order in [
        [conversations, format, projects, version, weights],
        [weights, version, projects, format, conversations],
        [projects, conversations, weights, version, format],
        [version, conversations, format, weights, projects],
    ] {
        assert_eq!(read(&order), expected, "{order:?}");
    }
    // A file that lost its first line is one of ours all the same.
    assert_eq!(read(&[projects, weights, conversations]), expected);
    assert_eq!(read(&[conversations, weights, projects]), expected);
}
