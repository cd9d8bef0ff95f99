//! The list of conversations and the settings.

use capibara6_protocol::{ConversationPage, ConversationSummary, Mode, Settings, Theme};
use capibara6_store::{Begin, ImportedConversation, Place, StoreError, Upkeep};

use crate::stage::{
    Home, active, answer, at, begin_new, complete_answer, content, conversation, message, messages, question,
    stored_question, streaming_answer, summary, write_all,
};

fn empty(summary: ConversationSummary) -> ImportedConversation {
    ImportedConversation { summary, messages: Vec::new() }
}

#[tokio::test]
async fn pages_follow_each_other_without_a_gap_or_a_repetition() {
    let home = Home::new();
    let store = home.open().await;
    // Equal times and pins on both sides of page borders.
    let mut all: Vec<_> = (0..23)
        .map(|n| ConversationSummary { pinned: n % 7 == 0, ..summary(n, &format!("t{n}"), i64::from(n as u32 / 5)) })
        .collect();
    store.import(&all.iter().cloned().map(empty).collect::<Vec<_>>()).await.expect("imported");
    all.sort_by_key(|summary| std::cmp::Reverse((summary.pinned, summary.updated_at, summary.id)));
    for limit in [1, 2, 5, 22, 23, 24, 500] {
        let mut seen = Vec::new();
        let mut next = None;
        loop {
            let page = store.conversations(next.as_deref(), limit).await.expect("a page");
            assert!(page.conversations.len() <= limit as usize);
            seen.extend(page.conversations);
            next = page.next;
            if next.is_none() {
                break;
            }
        }
        assert_eq!(seen, all, "pages of {limit}");
    }
    assert_eq!(store.conversations(Some("nonsense"), 5).await, Err(StoreError::InvalidInput("after")));
}

#[tokio::test]
async fn a_page_goes_on_where_it_was_although_the_list_moves() {
    let home = Home::new();
    let store = home.open().await;
    let imported: Vec<_> = (1..=6).map(|n| empty(summary(n, "t", at(n)))).collect();
    store.import(&imported).await.expect("imported");
    let first = store.conversations(None, 3).await.expect("a page");
    // The last of the page and one that is still to come go to the top.
    store.pin(conversation(4), true).await.expect("pinned");
    store.pin(conversation(3), true).await.expect("pinned");
    let second = store.conversations(first.next.as_deref(), 3).await.expect("a page");
    assert_eq!(second, ConversationPage { conversations: [2, 1].map(|n| summary(n, "t", at(n))).into(), next: None });
}

#[tokio::test]
async fn the_users_title_stays() {
    let home = Home::new();
    let store = home.open().await;
    begin_new(&store, 1, 10, 11).await;
    let titled = |title: &str| ConversationSummary { created_at: at(11), messages: 2, ..summary(1, title, at(11)) };
    let id = conversation(1);
    assert_eq!(store.suggest_title(id, " A model's ").await, Ok(titled("A model's")));
    assert_eq!(store.suggest_title(id, "A better one").await, Ok(titled("A better one")));
    assert_eq!(store.rename(id, "\tMine\n").await, Ok(titled("Mine")));
    assert_eq!(store.suggest_title(id, "A model's").await, Ok(titled("Mine")));
    assert_eq!(store.rename(id, "Mine again").await, Ok(titled("Mine again")));
    assert_eq!(store.rename(id, "  ").await, Err(StoreError::InvalidInput("title")));
    assert_eq!(store.rename(conversation(2), "x").await, Err(StoreError::NotFound));
    assert_eq!(store.summary(id).await, Ok(titled("Mine again")));
}

#[tokio::test]
async fn what_is_said_moves_a_conversation_up_and_a_wrong_clock_does_not_move_it_down() {
    let home = Home::new();
    let store = home.open().await;
    begin_new(&store, 1, 10, 11).await;
    begin_new(&store, 2, 20, 21).await;
    let order = async || {
        let page = store.conversations(None, 10).await.expect("a page");
        page.conversations.iter().map(|summary| summary.id).collect::<Vec<_>>()
    };
    assert_eq!(order().await, [conversation(2), conversation(1)]);
    let begin =
        |q, a, c| Begin { place: Place::Known(conversation(c)), asked: question(q, None, "x"), answer: answer(a) };
    store.begin(begin(30, 31, 1)).await.expect("begun");
    assert_eq!(order().await, [conversation(1), conversation(2)]);
    store.begin(begin(4, 5, 1)).await.expect("begun by a clock that was set back");
    assert_eq!(order().await, [conversation(1), conversation(2)]);
}

#[tokio::test]
async fn a_deleted_conversation_comes_back_as_it_was() {
    let home = Home::new();
    let store = home.open().await;
    begin_new(&store, 1, 10, 11).await;
    let id = conversation(1);
    let before = store.summary(id).await.expect("a summary");
    store.delete(id, at(50)).await.expect("deleted");
    assert_eq!(store.delete(id, at(60)).await, Err(StoreError::NotFound));
    assert_eq!(store.summary(id).await, Err(StoreError::NotFound));
    assert_eq!(store.view(id, None, 10).await, Err(StoreError::NotFound));
    assert_eq!(store.select(message(10)).await, Err(StoreError::NotFound));
    assert_eq!(store.rename(id, "x").await, Err(StoreError::NotFound));
    assert_eq!(store.conversations(None, 10).await, Ok(ConversationPage { conversations: vec![], next: None }));
    // What is still being written is not lost for that.
    store.append(vec![content(11, "meanwhile")]).await.expect("appended");
    assert_eq!(store.message(message(11)).await, Ok(streaming_answer(1, 11, 10, "meanwhile")));
    assert_eq!(store.restore(id).await, Ok(before.clone()));
    assert_eq!(active(&store, 1).await, messages(&[10, 11]));
    assert_eq!(store.summary(id).await, Ok(before));
    assert_eq!(store.restore(conversation(2)).await, Err(StoreError::NotFound));
}

#[tokio::test]
async fn what_is_purged_is_gone_from_the_disk() {
    let home = Home::new();
    let store = home.open().await;
    let secret = "xyzzy-plugh-".repeat(900);
    begin_new(&store, 1, 10, 11).await;
    write_all(&store, 11, &secret).await;
    store.rename(conversation(1), "xyzzy-plugh title").await.expect("renamed");
    begin_new(&store, 2, 20, 21).await;
    store.append(vec![content(21, "xyzzy-plugh journal")]).await.expect("appended");
    begin_new(&store, 3, 30, 31).await;
    write_all(&store, 31, "stays").await;
    store.delete(conversation(1), at(100)).await.expect("deleted");
    store.delete(conversation(2), at(200)).await.expect("deleted");
    let due = |deleted_at| deleted_at + Upkeep::RETENTION_MS + 1;
    assert_eq!(store.purge(due(at(100)) - 1).await, Ok(Upkeep { purged: 0 }));
    assert_eq!(store.purge(due(at(100))).await, Ok(Upkeep { purged: 1 }));
    assert_eq!(store.restore(conversation(1)).await, Err(StoreError::NotFound));
    assert_eq!(store.message(message(11)).await, Err(StoreError::NotFound));
    assert!(store.restore(conversation(2)).await.is_ok(), "within its 30 days it comes back");
    store.delete(conversation(2), at(200)).await.expect("deleted");
    assert!(home.holds("xyzzy-plugh"));
    assert_eq!(store.purge(due(at(200))).await, Ok(Upkeep { purged: 1 }));
    assert!(!home.holds("xyzzy-plugh"), "neither in the file nor in its log");
    assert_eq!(store.message(message(31)).await, Ok(complete_answer(3, 31, 30, "stays")));
    store.check().await.expect("sound");
}

#[tokio::test]
async fn whole_conversations_come_in_at_once() {
    let home = Home::new();
    let store = home.open().await;
    let conversation_1 = ImportedConversation {
        summary: ConversationSummary { pinned: true, ..summary(1, "one", at(90)) },
        messages: vec![
            stored_question(1, 10, None, "q", &[]),
            complete_answer(1, 11, 10, "old"),
            complete_answer(1, 12, 10, "new"),
            streaming_answer(1, 13, 10, "was being written"),
        ],
    };
    store.import(std::slice::from_ref(&conversation_1)).await.expect("imported");
    let stored = ConversationSummary { messages: 4, ..conversation_1.summary.clone() };
    assert_eq!(store.summary(conversation(1)).await, Ok(stored));
    assert_eq!(active(&store, 1).await, messages(&[10, 13]));
    let interrupted = capibara6_protocol::Message {
        status: capibara6_protocol::MessageStatus::Interrupted,
        versions: messages(&[11, 12, 13]),
        ..streaming_answer(1, 13, 10, "was being written")
    };
    assert_eq!(store.message(message(13)).await, Ok(interrupted));

    let orphan = ImportedConversation {
        summary: summary(2, "two", at(91)),
        messages: vec![complete_answer(2, 21, 20, "before its parent"), stored_question(2, 20, None, "q", &[])],
    };
    let both = [empty(summary(3, "three", 0)), orphan];
    assert_eq!(store.import(&both).await, Err(StoreError::InvalidInput("messages")));
    assert_eq!(store.summary(conversation(3)).await, Err(StoreError::NotFound), "all or none");
    assert_eq!(store.import(&[conversation_1]).await, Err(StoreError::InvalidInput("id")));
}

#[tokio::test]
async fn settings_are_kept() {
    let home = Home::new();
    let store = home.open().await;
    assert_eq!(store.settings().await, Ok(Settings::default()));
    let mut settings = Settings {
        locale: Some("es".into()),
        theme: Theme::Dark,
        type_size: 120,
        profile: Some("fleet".into()),
        mode: Mode::Single,
        model: Some("mixtral".into()),
        dismissed_warnings: vec!["fleet".into()],
        ..Settings::default()
    };
    settings.parameters.entry("mixtral".into()).or_default().system_prompt = "Sé breve.".into();
    store.set_settings(&settings).await.expect("set");
    assert_eq!(store.settings().await, Ok(settings.clone()));
    settings.locale = None;
    settings.parameters.clear();
    store.set_settings(&settings).await.expect("set");
    store.close().await;
    home.alter("INSERT INTO setting VALUES ('of_tomorrow', '[1]'), ('broken', '{'); UPDATE setting SET value = '7' WHERE key = 'theme'")
        .await;
    let store = home.open().await;
    let expected = Settings { theme: Theme::System, ..settings };
    assert_eq!(store.settings().await, Ok(expected.clone()));
    store.set_settings(&expected).await.expect("set");
    store.close().await;
    let mut raw = home.raw().await;
    let kept: String = sqlx::query_scalar("SELECT value FROM setting WHERE key = 'of_tomorrow'")
        .fetch_one(&mut raw)
        .await
        .expect("a setting of a newer version is kept");
    assert_eq!(kept, "[1]");
}
