//! Markdown as it is painted: structure, code, tables, mathematics, reasoning, and work in proportion to the open block.

use capibara6_journeys::{Home, MODEL, Window, until};
use capibara6_testkit::ModelServer;
use serde_json::json;

const ANSWER: &str = r#"# Rivers

The **Amazon** and the _Orinoco_.

- [x] measured
- [ ] named

| river | km |
|-------|----|
| Amazon | 6400 |
| Nile | 6650 |

```python
def flow(depth):
    return depth * 2
```

It costs $4 today and $5 tomorrow. The area is $a^2 + b^2$ here.

$$
E = mc^2
$$

See [the map](https://example.org/map).
"#;

/// What of the answer became which element.
const STRUCTURE: &str = r#"
    const text = document.querySelector('[data-testid="message"][data-role="assistant"] [data-testid="message-text"]');
    const all = (css) => [...text.querySelectorAll(css)];
    return {
        headings: all('h1, h2, h3, [role="heading"]').map((e) => e.innerText.trim()),
        strong: all('strong').map((e) => e.innerText),
        emphasis: all('em').map((e) => e.innerText),
        tasks: all('input[type="checkbox"]').map((e) => [e.checked, e.disabled]),
        cells: all('table td').map((e) => e.innerText.trim()),
        code: all('pre code').map((e) => e.textContent.trim()),
        highlighted: all('pre code span').length > 0,
        formulas: all('math').length,
        currency: text.innerText.includes('It costs $4 today and $5 tomorrow.'),
        links: all('a').map((e) => e.getAttribute('href')),
    };
"#;

#[tokio::test(flavor = "multi_thread")]
async fn markdown_tables_code_and_formulas_are_painted() {
    let server = ModelServer::start(&[MODEL]).await;
    let window = Window::open(Home::of(&server)).await;
    window.ask("Rivers").await;
    server.next_chat().await.say_all(&[ANSWER]).await;
    window
        .until_messages("the answer is complete", |all| all.last().is_some_and(|last| last.status == "complete"))
        .await;
    let expected = json!({
        "headings": ["Rivers"],
        "strong": ["Amazon"],
        "emphasis": ["Orinoco"],
        "tasks": [[true, true], [false, true]],
        "cells": ["Amazon", "6400", "Nile", "6650"],
        "code": ["def flow(depth):\n    return depth * 2"],
        "highlighted": true,
        "formulas": 2,
        "currency": true,
        "links": ["https://example.org/map"],
    });
    // code is highlighted a moment after it is painted
    until("the code is highlighted", async || {
        window.script(STRUCTURE, &[]).await["highlighted"].as_bool().filter(|is| *is)
    })
    .await;
    assert_eq!(window.script(STRUCTURE, &[]).await, expected);
    window.find_css("[data-testid=\"message-text\"] pre").await;
    window.shot("rendering").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn any_cut_of_the_stream_paints_the_same() {
    let server = ModelServer::start(&[MODEL]).await;
    let window = Window::open(Home::of(&server)).await;
    let mut painted = Vec::new();
    for cut in [1, 7, 1000] {
        window.click("new-chat").await;
        window.until_messages("an empty conversation", <[_]>::is_empty).await;
        window.ask("Rivers").await;
        let mut exchange = server.next_chat().await;
        let letters: Vec<char> = ANSWER.chars().collect();
        for piece in letters.chunks(cut) {
            exchange.send_text(&piece.iter().collect::<String>()).await;
        }
        exchange.finish("stop").await;
        exchange.done().await;
        window.until_messages("complete", |all| all.last().is_some_and(|last| last.status == "complete")).await;
        until("the code is highlighted", async || {
            window.script(STRUCTURE, &[]).await["highlighted"].as_bool().filter(|is| *is)
        })
        .await;
        painted.push(window.script(STRUCTURE, &[]).await);
    }
    assert_eq!(painted[0], painted[1]);
    assert_eq!(painted[1], painted[2]);
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reasoning_is_folded_and_not_part_of_the_answer() {
    let server = ModelServer::start(&[MODEL]).await;
    let window = Window::open(Home::of(&server)).await;
    window.ask("Think").await;
    let mut exchange = server.next_chat().await;
    exchange.send_reasoning("First I weigh the river. ").await;
    exchange.send_reasoning("Then the stone.").await;
    window.named("Reasoning…").await;
    exchange.send_text("Both are heavy.").await;
    exchange.finish("stop").await;
    exchange.done().await;
    window.until_last("complete", "Both are heavy.").await;
    let folded = "return [...document.querySelectorAll('[data-testid=\"message\"] *')].some((e) => \
        e.childElementCount === 0 && e.textContent.includes('First I weigh the river.') && e.checkVisibility())";
    assert_eq!(window.script(folded, &[]).await, json!(false), "reasoning is folded");
    window.click_named("Reasoning").await;
    window.until_script("the reasoning can be read", folded).await;
    window.shot("reasoning").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn finished_blocks_are_not_touched_while_the_rest_arrives() {
    let server = ModelServer::start(&[MODEL]).await;
    let window = Window::open(Home::of(&server)).await;
    window.ask("Two paragraphs").await;
    let mut exchange = server.next_chat().await;
    exchange.send_text("The first paragraph stands.\n\nThe second ").await;
    window.until_messages("both blocks", |all| all.last().is_some_and(|last| last.text.contains("second"))).await;
    // a selection in the finished block, and the very nodes it is in
    window
        .script(
            "const block = document.querySelector('[data-testid=\"message\"][data-role=\"assistant\"] [data-testid=\"message-text\"] p'); \
             getSelection().selectAllChildren(block); Object.defineProperty(window, 'block', { value: block })",
            &[],
        )
        .await;
    for _ in 0..50 {
        exchange.send_text("grows ").await;
    }
    exchange.finish("stop").await;
    exchange.done().await;
    window.until_messages("complete", |all| all.last().is_some_and(|last| last.status == "complete")).await;
    let state = window.script("return [window.block.isConnected, getSelection().toString().trim()]", &[]).await;
    assert_eq!(state, json!([true, "The first paragraph stands."]));
    window.close().await;
}
