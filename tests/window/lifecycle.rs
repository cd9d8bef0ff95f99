//! Reloads, kills, quits and second starts: the webview is only a view, and nothing that was on screen is lost.

use std::{
    process::{Command, Stdio},
    time::Duration,
};

use capibara6_journeys::{Home, MODEL, Window, until};
use capibara6_testkit::ModelServer;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_in_mid_stream_shows_the_same_message_still_growing() {
    let server = ModelServer::start(&[MODEL]).await;
    let mut window = Window::open(Home::of(&server)).await;
    window.ask("Count").await;
    let mut exchange = server.next_chat().await;
    exchange.send_text("one two ").await;
    let before = window.until_last("streaming", "one two").await;

    window.reload().await;
    let after = window.until_last("streaming", "one two").await;
    assert_eq!(after, before, "the same message with the same text");
    exchange.send_text("three ").await;
    window.until_last("streaming", "one two three").await;

    // text that arrives while there is no page is not lost either
    exchange.send_text("four ").await;
    window.reload().await;
    exchange.send_text("five").await;
    window.until_last("streaming", "one two three four five").await;
    exchange.finish("stop").await;
    exchange.done().await;
    let end = window.until_last("complete", "one two three four five").await;
    assert_eq!(end.id, before.id);
    assert_eq!(window.messages().await.len(), 2, "nothing is doubled");
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_on_screen_survives_a_kill_and_can_be_continued() {
    let server = ModelServer::start(&[MODEL]).await;
    let window = Window::open(Home::of(&server)).await;
    window.ask("Tell me").await;
    let mut exchange = server.next_chat().await;
    for piece in ["The river ", "is wide ", "and "] {
        exchange.send_text(piece).await;
    }
    let seen = window.until_last("streaming", "The river is wide and").await;
    let home = window.kill().await;

    let window = Window::open(home).await;
    open_latest(&window).await;
    let kept = window.until_last("interrupted", "The river is wide and").await;
    assert_eq!(kept.id, seen.id);
    window.shot("interrupted").await;

    window.click_named("Continue").await;
    let mut exchange = server.next_chat().await;
    assert_eq!(exchange.request["continue_final_message"], true);
    assert_eq!(exchange.request["add_generation_prompt"], false);
    assert_eq!(exchange.request["messages"][1], json!({ "role": "assistant", "content": "The river is wide and " }));
    exchange.send_text("slow.").await;
    exchange.finish("stop").await;
    exchange.done().await;
    let continued = window.until_last("complete", "The river is wide and slow.").await;
    assert_eq!(continued.id, seen.id, "the same message went on");

    window.click_css(&format!("[data-id=\"{}\"] [data-testid=\"regenerate\"]", seen.id)).await;
    server.next_chat().await.say_all(&["Another one."]).await;
    window.until_last("complete", "Another one.").await;
    window.click("branch-prev").await;
    window.until_last("complete", "The river is wide and slow.").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn quitting_in_mid_stream_stops_the_servers_and_loses_nothing() {
    let server = ModelServer::start(&[MODEL]).await;
    let mut window = Window::open(Home::of(&server)).await;
    window.ask("Tell me").await;
    let mut exchange = server.next_chat().await;
    exchange.send_text("Half of it").await;
    window.until_last("streaming", "Half of it").await;
    window.ask_to_close().await;
    let home = window.ended().await;
    exchange.closed_by_client().await;

    let window = Window::open(home).await;
    open_latest(&window).await;
    window.until_last("interrupted", "Half of it").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_leaves_at_once_and_raises_the_first() {
    let server = ModelServer::start(&[MODEL]).await;
    let window = Window::open(Home::of(&server)).await;
    window.take_focus_away().await;
    let mut command = Command::new(window.program().program().expect("the program's path"));
    command.envs(window.home().environment()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut second = command.spawn().expect("the second start");
    let status = until("the second start has left", async || second.try_wait().expect("its state")).await;
    assert!(status.success(), "{status}");
    assert!(window.program().is_alive());
    window.until_focused().await;
    // the first still works
    window.ask("Still there?").await;
    server.next_chat().await.say_all(&["Yes."]).await;
    window.until_last("complete", "Yes.").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_starts_at_the_same_moment_one_stays() {
    let server = ModelServer::start(&[MODEL]).await;
    let mut window = Window::open(Home::of(&server)).await;
    let program = window.program().program().expect("the program's path");
    window.ask("Before").await;
    server.next_chat().await.say_all(&["the race"]).await;
    window.until_last("complete", "the race").await;
    window.ask_to_close().await;
    let home = window.ended().await;

    let start = || {
        let mut command = Command::new(&program);
        command.envs(home.environment()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().expect("a start")
    };
    let mut starts = [start(), start(), start()];
    let mut ended = Vec::new();
    until("all but one have left", async || {
        starts.iter_mut().for_each(|each| {
            if let Some(status) = each.try_wait().expect("its state")
                && !ended.contains(&(each.id(), status))
            {
                ended.push((each.id(), status));
            }
        });
        (ended.len() == 2).then_some(())
    })
    .await;
    assert!(ended.iter().all(|(_, status)| status.success()), "{ended:?}");
    let mut last = starts.into_iter().find(|each| ended.iter().all(|(id, _)| *id != each.id())).expect("one stays");
    until("the one that stays can be used", async || {
        (home.log().matches("the window is usable").count() == 2).then_some(())
    })
    .await;
    assert_eq!(last.try_wait().expect("its state"), None, "it stays");
    last.kill().expect("killed");
    last.wait().expect("gone");

    let window = Window::open(home).await;
    open_latest(&window).await;
    window.until_last("complete", "the race").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_survives_a_reload_and_a_change_of_conversation() {
    let server = ModelServer::start(&[MODEL]).await;
    let mut window = Window::open(Home::of(&server)).await;
    window.ask("One").await;
    server.next_chat().await.say_all(&["Answered."]).await;
    window.until_last("complete", "Answered.").await;

    window.type_into("composer", "half a thought").await;
    window.reload().await;
    until("the draft is back", async || (window.draft().await == "half a thought").then_some(())).await;

    window.click("new-chat").await;
    until("the new conversation has its own draft", async || window.draft().await.is_empty().then_some(())).await;
    window.click("conversation-item").await;
    until("the draft is back", async || (window.draft().await == "half a thought").then_some(())).await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reader_owns_the_scroll() {
    let server = ModelServer::start(&[MODEL]).await;
    let window = Window::open(Home::of(&server)).await;
    window.ask("A long one").await;
    let mut exchange = server.next_chat().await;
    let paragraph = "Line after line of a long answer that fills the window.\n\n";
    exchange.send_text(&paragraph.repeat(40)).await;
    let at_end = "const scroller = [...document.querySelectorAll('*')].filter((e) => e.querySelector('[data-testid=\"message\"]') \
        && e.scrollHeight > e.clientHeight + 40 && /auto|scroll/.test(getComputedStyle(e).overflowY)).at(-1); \
        if (!scroller) return null; ";
    let gap = format!("{at_end} return scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop;");
    let top = format!("{at_end} return scroller.scrollTop;");
    until("the window follows the end", async || window.script(&gap, &[]).await.as_f64().filter(|gap| gap.abs() < 4.0))
        .await;

    // the first upward intent releases
    window.wheel("[data-testid=\"message\"]:last-of-type", -400).await;
    let held =
        until("the wheel moved the text", async || window.script(&gap, &[]).await.as_f64().filter(|gap| *gap > 100.0))
            .await;
    assert!(held > 100.0);
    let before = window.script(&top, &[]).await;
    exchange.send_text(&paragraph.repeat(20)).await;
    exchange.send_text("THE END").await;
    window
        .until_messages("the text arrived", |all| all.last().is_some_and(|last| last.text.ends_with("THE END")))
        .await;
    assert_eq!(window.script(&top, &[]).await, before, "the text under the reader's eyes did not move");
    window.shot("scroll-released").await;

    // the pill brings one back, and the window follows again
    window.click_named("Jump to the end").await;
    until("the end is reached", async || window.script(&gap, &[]).await.as_f64().filter(|gap| gap.abs() < 4.0)).await;
    exchange.send_text(&paragraph.repeat(5)).await;
    exchange.send_text("AND MORE").await;
    window
        .until_messages("the text arrived", |all| all.last().is_some_and(|last| last.text.ends_with("AND MORE")))
        .await;
    until("the end is followed", async || window.script(&gap, &[]).await.as_f64().filter(|gap| gap.abs() < 4.0)).await;
    exchange.finish("stop").await;
    exchange.done().await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn text_on_disk_is_at_most_a_moment_older_than_text_on_screen() {
    // three kills at different moments of a fast stream: what the window showed is a prefix of what is there afterwards
    let server = ModelServer::start(&[MODEL]).await;
    let mut home = Home::of(&server);
    for round in 0..3 {
        let window = Window::open(home).await;
        window.click("new-chat").await;
        window.ask(&format!("Round {round}")).await;
        let mut exchange = server.next_chat().await;
        let stream = tokio::spawn(async move {
            for word in 0..2000 {
                exchange.send_text(&format!("w{word} ")).await;
                if exchange.is_closed() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
        let marker = format!("w{}", 40 + round * 35);
        let seen = window
            .until_messages(&marker, |all| all.last().is_some_and(|last| last.text.contains(&marker)))
            .await
            .last()
            .expect("an answer")
            .text
            .clone();
        home = window.kill().await;
        stream.await.expect("the stream ends");

        let window = Window::open(home).await;
        open_latest(&window).await;
        let kept = window
            .until_messages("interrupted", |all| all.last().is_some_and(|last| last.status == "interrupted"))
            .await
            .last()
            .expect("an answer")
            .text
            .clone();
        assert!(kept.starts_with(&seen), "on screen: {seen:?}\nkept: {kept:?}");
        home = window.kill().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_comes_back_where_and_as_large_as_it_was() {
    let server = ModelServer::start(&[MODEL]).await;
    let mut window = Window::open(Home::of(&server)).await;
    window.resize(1010, 707).await;
    let size = "return [innerWidth, innerHeight]";
    let before = until("the window has the size", async || {
        let value = window.script(size, &[]).await;
        (value[0] == 1010).then_some(value)
    })
    .await;
    window.ask_to_close().await;
    let window = Window::open(window.ended().await).await;
    assert_eq!(window.script(size, &[]).await, before);
    window.close().await;
}

/// Opens the newest conversation unless the window shows one already.
async fn open_latest(window: &Window) {
    if window.messages().await.is_empty() {
        window.click("conversation-item").await;
    }
    window.until_messages("the conversation is open", |all| !all.is_empty()).await;
}
