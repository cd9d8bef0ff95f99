//! Finding: what is found, where, in which order, and what is no longer found nor on the disk.

use std::collections::BTreeSet;

use capibara6_protocol::{
    ArchiveFilter, Message, MessageId, MessageStatus, Role, SearchFilters, SearchMarks, SearchPage, SearchQuery,
    SearchState, SnippetPart, TextSpan,
};
use capibara6_store::{ImportedConversation, Reopen, Store, StoreError, search_marks};
use proptest::prelude::*;

use crate::stage::{
    Home, answer, at, begin_new, complete_answer, content, conversation, message, messages, settled, stored_question,
    summary, write_all,
};

/// Brings the index up to date.
pub async fn index(store: &Store) {
    while store.index_some().await.expect("a step") > 0 {}
}

fn query(text: &str) -> SearchQuery {
    SearchQuery { text: text.to_owned(), limit: 50, ..SearchQuery::default() }
}

async fn found(store: &Store, text: &str) -> Vec<MessageId> {
    found_with(store, text, SearchFilters::default()).await
}

async fn found_with(store: &Store, text: &str, filters: SearchFilters) -> Vec<MessageId> {
    let page = store.search(&SearchQuery { filters, ..query(text) }).await.expect("a page");
    assert_eq!((page.next, page.pending), (None, 0), "{text}");
    page.hits.iter().filter_map(|hit| hit.message).collect()
}

/// A conversation in which each text is a question of its own, the next a minute later.
fn said(c: u128, first: u128, texts: &[&str]) -> ImportedConversation {
    let messages: Vec<Message> = (first..)
        .zip(texts)
        .map(|(n, text)| Message {
            created_at: minute(n),
            ..stored_question(c, n, (n > first).then(|| n - 1), text, &[])
        })
        .collect();
    ImportedConversation { summary: summary(c, &format!("title {c}"), minute(first)), messages }
}

fn minute(n: u128) -> i64 {
    at(0) + 60_000 * i64::try_from(n).expect("a small number")
}

async fn with(home: &Home, texts: &[&str]) -> Store {
    let store = home.open().await;
    store.import(&[said(1, 1, texts)]).await.expect("imported");
    index(&store).await;
    store
}

#[tokio::test]
async fn what_was_said_is_found_in_any_language() {
    let home = Home::new();
    let texts = [
        "Descansó a la orilla del río.",
        "El descanso fue breve; el arroyo, no.",
        "Call `foo::bar(x)` and then foo bar.",
        "我在北京大学学习计算机。",
        "東京タワーに行きました。",
        "Die Straße nach Łódź; C++ and C#.",
        "한국어를 배워요 😀",
    ];
    let store = with(&home, &texts).await;
    for (text, expected) in [
        ("descanso rio", &[1][..]),
        ("DESCANSÓ", &[2, 1]),
        ("desc", &[2, 1]),
        ("orilla del ri", &[1]),
        ("\"la orilla\"", &[1]),
        ("\"orilla la\"", &[]),
        ("foo::bar(", &[3]),
        ("foo:bar", &[]),
        ("::", &[3]),
        ("京", &[5, 4]),
        ("北京", &[4]),
        ("京大", &[4]),
        ("京北", &[]),
        ("計算", &[]),
        ("计算机", &[4]),
        ("タワー", &[5]),
        ("strasse lodz", &[6]),
        ("C++", &[6]),
        ("C#", &[6]),
        ("국어", &[7]),
        ("😀", &[7]),
        ("", &[]),
        ("   ", &[]),
        ("\"", &[]),
        ("nothing", &[]),
        ("AND", &[6, 3]),
        ("OR NOT NEAR(", &[]),
        ("*", &[]),
    ] {
        assert_eq!(found(&store, text).await, messages(expected), "{text}");
    }
}

#[tokio::test]
async fn a_hit_is_the_whole_of_what_a_list_shows() {
    let home = Home::new();
    let store = home.open().await;
    begin_new(&store, 1, 10, 11).await;
    write_all(&store, 11, "Primero, **el río**\n\nbaja.").await;
    index(&store).await;
    let page = store.search(&query("rio")).await.expect("a page");
    let part = |text: &str, marked| SnippetPart { text: text.to_owned(), marked };
    let hit = capibara6_protocol::SearchHit {
        conversation: store.summary(conversation(1)).await.expect("a summary"),
        message: Some(message(11)),
        role: Some(Role::Assistant),
        model: Some("phi4:mini".into()),
        created_at: at(11),
        snippet: vec![part("Primero, **el ", false), part("río", true), part("** baja.", false)],
    };
    assert_eq!(page, SearchPage { hits: vec![hit], next: None, searched_to: None, pending: 0 });
    assert_eq!(store.search_state().await, Ok(SearchState { pending: 0, indexed: 3 }));

    let page = store.search(&query("title")).await.expect("a page");
    let hit = capibara6_protocol::SearchHit {
        conversation: store.summary(conversation(1)).await.expect("a summary"),
        message: None,
        role: None,
        model: None,
        created_at: at(11),
        snippet: vec![part("title", true), part(" 1", false)],
    };
    assert_eq!(page.hits, [hit]);
}

#[tokio::test]
async fn filters_narrow() {
    let home = Home::new();
    let store = home.open().await;
    let mut one = said(1, 1, &["rio uno", "rio dos"]);
    let code = "rio:\n```rust\nfn main() {}\n```";
    one.messages.push(Message { created_at: minute(3), ..complete_answer(1, 3, 2, code) });
    let mut other = complete_answer(1, 4, 3, "rio cuatro");
    other.model = Some("qwen2.5-coder:1.5b".into());
    one.messages.push(Message { created_at: minute(4), ..other });
    store.import(&[one, said(2, 11, &["rio once"])]).await.expect("imported");
    index(&store).await;
    let all = SearchFilters::default;
    for (filters, expected) in [
        (all(), &[11, 4, 3, 2, 1][..]),
        (SearchFilters { role: Some(Role::User), ..all() }, &[11, 2, 1]),
        (SearchFilters { role: Some(Role::Assistant), ..all() }, &[4, 3]),
        (SearchFilters { model: Some("qwen2.5-coder:1.5b".into()), ..all() }, &[4]),
        (SearchFilters { model: Some("qwen2.5".into()), ..all() }, &[]),
        (SearchFilters { has_code: true, ..all() }, &[3]),
        (SearchFilters { from: Some(minute(2)), to: Some(minute(4)), ..all() }, &[3, 2]),
        (SearchFilters { to: Some(minute(2)), ..all() }, &[1]),
        (SearchFilters { pinned: true, ..all() }, &[]),
        (SearchFilters { archive: ArchiveFilter::Only, ..all() }, &[]),
    ] {
        assert_eq!(found_with(&store, "rio", filters.clone()).await, messages(expected), "{filters:?}");
    }
    store.pin(conversation(2), true).await.expect("pinned");
    store.archive(&[conversation(1)], Some(at(99))).await.expect("archived");
    let project = store.create_project(uuid::Uuid::from_u128(7).into(), "P", at(1)).await.expect("a project").id;
    store.move_conversations(&[conversation(2)], Some(project)).await.expect("moved");
    for (filters, expected) in [
        (SearchFilters { pinned: true, ..all() }, &[11][..]),
        (SearchFilters { archive: ArchiveFilter::Only, ..all() }, &[4, 3, 2, 1]),
        (SearchFilters { archive: ArchiveFilter::Exclude, ..all() }, &[11]),
        (SearchFilters { project: Some(project), ..all() }, &[11]),
        (SearchFilters { project: Some(uuid::Uuid::from_u128(8).into()), ..all() }, &[]),
    ] {
        assert_eq!(found_with(&store, "rio", filters.clone()).await, messages(expected), "{filters:?}");
    }
    store.delete(conversation(2), at(100)).await.expect("deleted");
    assert_eq!(found(&store, "rio").await, messages(&[4, 3, 2, 1]), "the trash is not searched");
}

#[tokio::test]
async fn the_index_follows_what_is_said_continued_renamed_and_removed() {
    let home = Home::new();
    let store = home.open().await;
    begin_new(&store, 1, 10, 11).await;
    store.append(vec![content(11, "alpha ")]).await.expect("appended");
    assert_eq!(store.search(&query("question")).await.map(|page| (page.hits, page.pending)), Ok((vec![], 2)));
    index(&store).await;
    assert!(!store.index_is_due().await.expect("known"));
    assert_eq!(found(&store, "question").await, messages(&[10]));
    assert_eq!(found(&store, "alpha").await, [], "what is being written is not indexed");
    store.settle(settled(11, MessageStatus::Stopped)).await.expect("settled");
    index(&store).await;
    assert_eq!(found(&store, "alpha").await, messages(&[11]));

    let reopen = Reopen { message: message(11), model: answer(11).model, scripted: false, routing: None, at: at(12) };
    store.reopen(reopen).await.expect("reopened");
    index(&store).await;
    assert_eq!(found(&store, "alpha").await, []);
    write_all(&store, 11, "beta").await;
    index(&store).await;
    assert_eq!(found(&store, "alpha beta").await, messages(&[11]));

    store.rename(conversation(1), "Gamma").await.expect("renamed");
    index(&store).await;
    let titles = async |text: &str| store.search(&query(text)).await.expect("a page").hits.len();
    assert_eq!((titles("title").await, titles("gamma").await), (0, 1));

    store.delete(conversation(1), at(20)).await.expect("deleted");
    store.purge_all(&[conversation(1)]).await.expect("purged");
    assert_eq!(store.search_state().await, Ok(SearchState { pending: 0, indexed: 0 }));
    begin_new(&store, 2, 20, 21).await;
    write_all(&store, 21, "delta").await;
    index(&store).await;
    assert_eq!((found(&store, "beta").await, found(&store, "delta").await), (vec![], messages(&[21])));
    assert_eq!(sound(&home, &store).await, Ok(()));
}

/// FTS5's own look at its index.
async fn sound(home: &Home, store: &Store) -> Result<(), String> {
    store.close().await;
    let mut raw = home.raw().await;
    let checked = sqlx::query("INSERT INTO search_index (search_index) VALUES ('integrity-check')");
    checked.execute(&mut raw).await.map(drop).map_err(|error| error.to_string())
}

#[tokio::test]
async fn what_is_purged_is_gone_from_the_index_and_the_disk() {
    let home = Home::new();
    let store = home.open().await;
    let words: Vec<String> = (0..400).map(|n| format!("xyzzy{n}plugh")).collect();
    let secret = format!("{} 秘密文字列 foo::xyzzysecret", words.join(" "));
    let others: Vec<_> = (0..40)
        .map(|n| {
            said(
                100 + n,
                1000 + 100 * n,
                &["harmless words around it", "more of them, about the river", &format!("z{n}z y{n}y")],
            )
        })
        .collect();
    store.import(&others[..20]).await.expect("imported");
    store.import(&[said(1, 1, &[&secret, "and a question about xyzzytwo"])]).await.expect("imported");
    store.import(&others[20..]).await.expect("imported");
    store.rename(conversation(1), "xyzzytitle").await.expect("renamed");
    index(&store).await;
    store.rename(conversation(1), "another").await.expect("renamed");
    index(&store).await;
    assert_eq!(found(&store, "xyzzy7plugh").await, messages(&[1]));
    assert!(home.holds("xyzzy7plugh") && home.holds("密文"));
    store.delete(conversation(1), at(100)).await.expect("deleted");
    assert_eq!(store.purge_all(&[conversation(2)]).await, Ok(()), "what is gone already is passed over");
    assert_eq!(store.purge_all(&[conversation(100)]).await, Err(StoreError::NotFound), "only from the trash");
    store.purge_all(&[conversation(1)]).await.expect("purged");
    for word in words.iter().map(String::as_str).chain(["xyzzy", "密文", "plugh"]) {
        assert!(!home.holds(word), "{word} is neither in the file nor in its log");
    }
    assert_eq!(found(&store, "river").await.len(), 40);
    assert_eq!(sound(&home, &store).await, Ok(()));
}

#[tokio::test]
async fn an_index_is_made_anew() {
    let home = Home::new();
    let store = with(&home, &["uno rio", "dos rio", "tres"]).await;
    store.rename(conversation(1), "rio").await.expect("renamed");
    let before = store.search(&query("rio")).await.expect("a page").hits.len();
    store.rebuild_index().await.expect("emptied");
    let state = store.search_state().await;
    assert_eq!(state, Ok(SearchState { pending: 4, indexed: 0 }));
    index(&store).await;
    assert_eq!(store.search(&query("rio")).await.expect("a page").hits.len(), before + 1);
    store.close().await;
    // Another way of reading text makes it anew by itself.
    home.alter("UPDATE about SET value = '0' WHERE key = 'search_analysis'").await;
    let store = home.open().await;
    assert!(store.index_is_due().await.expect("known"));
    index(&store).await;
    assert_eq!(found(&store, "rio").await, messages(&[2, 1]));
    assert_eq!(sound(&home, &store).await, Ok(()));
}

#[tokio::test]
async fn messages_of_one_moment_are_all_found() {
    let home = Home::new();
    let store = home.open().await;
    let conversations: Vec<_> = (0..30)
        .map(|c| {
            let mut conversation = said(c, 100 * c + 1, &["same moment"; 40]);
            conversation.messages.iter_mut().for_each(|message| message.created_at = at(0));
            conversation
        })
        .collect();
    store.import(&conversations).await.expect("imported");
    index(&store).await;
    let filters = SearchFilters { from: Some(at(0)), to: Some(at(0) + 1), ..SearchFilters::default() };
    let mut all = BTreeSet::new();
    let mut after = None;
    loop {
        let page =
            store.search(&SearchQuery { filters: filters.clone(), after, ..query("moment") }).await.expect("a page");
        all.extend(page.hits.iter().filter_map(|hit| hit.message));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(all.len(), 1200);
}

/// A text that takes many steps, of words that are in no other.
fn many_words(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("zq{:x}", n.wrapping_mul(0x9e37_79b9) % 1_000_003)).collect()
}

/// So many steps of the index; how many things were left then.
async fn steps(store: &Store, count: usize) -> u32 {
    let mut left = 0;
    for _ in 0..count {
        left = store.index_some().await.expect("a step");
    }
    left
}

/// Closes the history and opens it again: what was kept in memory is gone.
async fn again(home: &Home, store: Store) -> Store {
    store.close().await;
    drop(store);
    home.open().await
}

/// Proves that the index holds what one that is made anew holds: FTS5 finds it sound, and counts the same.
async fn expect_as_if_new(home: &Home, store: Store) {
    let counted = async || -> Vec<u8> {
        let mut raw = home.raw().await;
        sqlx::query_scalar("SELECT block FROM search_index_data WHERE id = 1")
            .fetch_one(&mut raw)
            .await
            .expect("its averages")
    };
    assert_eq!(sound(home, &store).await, Ok(()));
    let before = counted().await;
    let store = again(home, store).await;
    store.rebuild_index().await.expect("emptied");
    index(&store).await;
    store.close().await;
    assert_eq!(before, counted().await, "rows and terms are counted as in a new one");
}

#[tokio::test]
async fn a_long_message_comes_in_parts_and_is_found_as_one() {
    let home = Home::new();
    let words = many_words(12_000);
    let text = words.join(" ");
    let store = home.open().await;
    store.import(&[said(1, 1, &["short", &text, "short as well"])]).await.expect("imported");
    // The form of the words, the title, the last message, a part.
    assert_eq!(steps(&store, 4).await, 2);
    let (mut first, mut last) = (words.clone(), words.clone());
    first.sort();
    last.sort_by(|one, other| other.cmp(one));
    let hits = async |store: &Store, text: &str| store.search(&query(text)).await.expect("a page").hits.len();
    assert_eq!((hits(&store, &first[0]).await, hits(&store, &last[0]).await), (1, 0), "some of it");
    let mut store = store;
    let mut parts = 1;
    while store.index_is_due().await.expect("known") {
        // As after a kill: the next run goes on where this one was.
        store = again(&home, store).await;
        steps(&store, 1).await;
        parts += 1;
    }
    assert!((3..40).contains(&parts), "{parts} parts");
    for asked in [
        first[0].clone(),
        last[0].clone(),
        format!("{} {}", first[0], last[0]),
        format!("{} {} {}", words[0], words[6_000], words[11_999]),
        format!("\"{} {}\"", words[5_000], words[5_001]),
        format!("\"{}\"", words[7_000..7_030].join(" ")),
        format!("{} {}", words[3], &words[11_000][..4]),
    ] {
        assert_eq!(found(&store, &asked).await, messages(&[2]), "{asked}");
    }
    assert_eq!(found(&store, &format!("\"{} {}\"", words[5_001], words[5_000])).await, []);
    let page = store.search(&query(&format!("\"{} {}\"", words[5_000], words[5_001]))).await.expect("a page");
    let marked: Vec<_> = page.hits[0].snippet.iter().filter(|part| part.marked).map(|part| part.text.clone()).collect();
    assert_eq!(marked, [format!("{} {}", words[5_000], words[5_001])]);
    assert_eq!(found(&store, "short").await, messages(&[3, 1]));
    expect_as_if_new(&home, store).await;
}

#[tokio::test]
async fn a_long_message_that_changes_or_goes_while_it_comes_leaves_nothing() {
    for parts in [1, 3] {
        let home = Home::new();
        let words = many_words(8_000);
        let store = home.open().await;
        store.import(&[said(1, 1, &["nothing else"])]).await.expect("imported");
        begin_new(&store, 2, 20, 21).await;
        index(&store).await;
        store.append(vec![content(21, &words.join(" "))]).await.expect("appended");
        store.settle(settled(21, MessageStatus::Stopped)).await.expect("settled");
        steps(&store, parts).await;
        let store = again(&home, store).await;
        assert!(store.index_is_due().await.expect("known"), "{parts} parts are not all of it");

        let reopen =
            Reopen { message: message(21), model: answer(21).model, scripted: false, routing: None, at: at(12) };
        store.reopen(reopen).await.expect("reopened");
        steps(&store, 1).await;
        store.append(vec![content(21, " and zqthen")]).await.expect("appended");
        let store = again(&home, store).await;
        index(&store).await;
        assert_eq!(found(&store, &format!("{} {} zqthen", words[0], words[7_999])).await, messages(&[21]));

        // Once more, and now it goes.
        let reopen =
            Reopen { message: message(21), model: answer(21).model, scripted: false, routing: None, at: at(13) };
        store.reopen(reopen).await.expect("reopened");
        write_all(&store, 21, " at last").await;
        while store.index_some().await.expect("a step") > 0 {
            if store.search_state().await.expect("a state").indexed > 4 {
                break;
            }
        }
        steps(&store, parts).await;
        store.delete(conversation(2), at(100)).await.expect("deleted");
        store.purge_all(&[conversation(2)]).await.expect("purged");
        for word in words.iter().step_by(97).map(String::as_str).chain(["zq", "zqthen"]) {
            assert!(!home.holds(word), "{word} is neither in the file nor in its log");
        }
        assert_eq!(found(&store, "else").await, messages(&[1]));
        expect_as_if_new(&home, store).await;
    }
}

#[tokio::test]
async fn a_long_message_leaves_in_parts_whoever_does_them() {
    let home = Home::new();
    let words = many_words(6_000);
    let store = home.open().await;
    store.import(&[said(1, 1, &["nothing else"])]).await.expect("imported");
    begin_new(&store, 2, 20, 21).await;
    write_all(&store, 21, &words.join(" ")).await;
    index(&store).await;
    let reopen = Reopen { message: message(21), model: answer(21).model, scripted: false, routing: None, at: at(12) };
    store.reopen(reopen).await.expect("reopened");
    write_all(&store, 21, " and zqthen").await;
    let mut store = store;
    let mut parts = 0;
    // Every other part after a restart, and one by another program beside this one.
    while store.index_is_due().await.expect("known") {
        steps(&store, 1).await;
        if parts % 2 == 0 {
            store = again(&home, store).await;
        }
        if parts == 4 {
            let beside = home.open().await;
            steps(&beside, 1).await;
            beside.close().await;
        }
        parts += 1;
    }
    assert!((5..200).contains(&parts), "{parts} parts");
    assert_eq!(found(&store, &format!("{} zqthen", words[0])).await, messages(&[21]));
    assert_eq!(found(&store, "else").await, messages(&[1]));
    expect_as_if_new(&home, store).await;
}

#[tokio::test]
async fn an_index_is_made_anew_in_the_middle_of_a_long_message() {
    let home = Home::new();
    let words = many_words(12_000);
    let text = words.join(" ");
    let store = home.open().await;
    store.import(&[said(1, 1, &[&text, "short"])]).await.expect("imported");
    steps(&store, 3).await;
    store.rebuild_index().await.expect("emptied");
    steps(&store, 3).await;
    store.close().await;
    // How far it was is lost.
    home.alter("DELETE FROM about WHERE key = 'search_progress'").await;
    let store = home.open().await;
    index(&store).await;
    assert_eq!(found(&store, &format!("{} {}", words[0], words[11_999])).await, messages(&[1]));
    assert_eq!(store.search_state().await, Ok(SearchState { pending: 0, indexed: 3 }));
    expect_as_if_new(&home, store).await;
}

#[tokio::test]
async fn a_message_of_a_megabyte_is_found_quickly_by_its_end() {
    let home = Home::new();
    let long = format!("{} final", "palabras que se repiten ".repeat(45_000));
    let store = with(&home, &[&long, "corto"]).await;
    let page = store.search(&query("palabras final")).await.expect("a page");
    let length: usize = page.hits[0].snippet.iter().map(|part| part.text.chars().count()).sum();
    assert!(length < 200 && page.hits.len() == 1, "{length}");
}

#[test]
fn marks_count_as_the_window_does() {
    let request = SearchMarks { query: "rio 😀".into(), texts: vec!["😀 río, RI\u{301}O".into(), "nada".into()] };
    let span = |start, end| TextSpan { start, end };
    assert_eq!(search_marks(&request), Ok(vec![vec![span(0, 2), span(3, 6), span(8, 12)], vec![]]));
    let request = SearchMarks { query: "a".into(), texts: vec!["a".repeat(4_000_001)] };
    assert_eq!(search_marks(&request), Err(StoreError::InvalidInput("texts")));
}

/// A text of few words, so that queries meet it.
fn text() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "río",
        "rio",
        "Riot",
        "de",
        "descansó",
        "descanso",
        "foo::bar(",
        "foo",
        "bar(1)",
        "東京",
        "東京都",
        "京",
        "京都に",
        "a-b",
        "=>",
        "😀",
        "한국",
        "don’t",
        "\"x\"",
    ]);
    let gap = prop::sample::select(vec![" ", " ", "\n", ", ", "", "。"]);
    prop::collection::vec((word, gap), 0..8)
        .prop_map(|parts| parts.into_iter().map(|(word, gap)| format!("{word}{gap}")).collect())
}

fn asked() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "rio",
        "Río",
        "ri",
        "d",
        "desc",
        "\"rio de\"",
        "\"foo",
        "foo::bar",
        "foo::bar(",
        "bar",
        "京",
        "東京",
        "東京都",
        "京都",
        "a-b",
        "a",
        "=>",
        "😀",
        "국",
        "don't",
        "x",
        ",",
        "::",
    ]);
    prop::collection::vec(word, 1..4).prop_map(|words| words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_search_finds_what_reading_everything_finds(
        texts in prop::collection::vec(text(), 1..40),
        queries in prop::collection::vec(asked(), 1..12),
        limit in 1_u32..9,
    ) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(async {
            let home = Home::new();
            let refs: Vec<&str> = texts.iter().map(String::as_str).collect();
            let store = with(&home, &refs).await;
            for asked in queries {
                // What a text holds is what would be marked in it, for each part of the query.
                let parts: Vec<String> = parts_of(&asked);
                let mut expected: Vec<MessageId> = (1..).zip(&texts).filter(|(_, text)| {
                    parts.iter().all(|part| {
                        let request = SearchMarks { query: part.clone(), texts: vec![(*text).clone()] };
                        !search_marks(&request).expect("short")[0].is_empty()
                    })
                }).map(|(n, _)| message(n)).collect();
                expected.reverse();
                let mut hits = Vec::new();
                let mut after = None;
                loop {
                    let page = store.search(&SearchQuery { limit, after, ..query(&asked) }).await.expect("a page");
                    hits.extend(page.hits.iter().filter_map(|hit| hit.message));
                    after = page.next;
                    if after.is_none() { break; }
                }
                assert_eq!(hits, expected, "{asked} in {texts:?}");
            }
        });
    }

    #[test]
    fn any_text_is_a_query(queries in prop::collection::vec(any::<String>(), 1..20), filter in any::<String>()) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(async {
            let home = Home::new();
            let store = with(&home, &["some words", "東京"]).await;
            for text in queries {
                let filters = SearchFilters { model: Some(filter.as_str().into()), ..SearchFilters::default() };
                for filters in [filters, SearchFilters::default()] {
                    let page = store.search(&SearchQuery { filters, ..query(&text) }).await;
                    assert!(page.is_ok(), "{text:?}: {page:?}");
                }
            }
        });
    }
}

/// The parts of a query, each as a query that means the same alone: only the last may go on.
fn parts_of(asked: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = asked;
    while !rest.is_empty() {
        let end = if let Some(inner) = rest.strip_prefix('"') {
            inner.find('"').map_or(rest.len(), |end| end + 2)
        } else {
            rest.find(' ').unwrap_or(rest.len())
        };
        let (part, more) = rest.split_at(end);
        let more = more.trim_start();
        let closed = part.starts_with('"') || more.is_empty();
        parts.push(if closed { part.to_owned() } else { format!("\"{part}\"") });
        rest = more;
    }
    let says_nothing = |part: &String| part.chars().all(|ch| "\",:".contains(ch));
    if parts.iter().any(|part| !says_nothing(part)) {
        parts.retain(|part| !says_nothing(part));
    }
    parts
}
