//! A conversation as a page that any browser opens without a network: one file, no script, nothing that is loaded.
//!
//! Words of models and people are hostile until proven otherwise, and are held by four belts: raw HTML in Markdown is text,
//! pictures become links, the result passes a sanitiser that knows a short list of elements, and the page's own policy lets
//! nothing load and nothing run. Formulas stay as they were written, as text.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::io::{self, Write};
use std::sync::LazyLock;

use ammonia::Builder;
use capibara6_protocol::{Message, Role};
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd};

use super::{Labels, date, short_date};
use crate::conversation::Head;

/// The page's policy: only its own style.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

const STYLE: &str = include_str!("page.css");

/// The elements that Markdown makes.
const ELEMENTS: [&str; 29] = [
    "a",
    "blockquote",
    "br",
    "code",
    "del",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
    "section",
    "div",
];

static SANITISER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tags(HashSet::from(ELEMENTS))
        .tag_attributes(HashMap::from([("a", HashSet::from(["href", "title"])), ("ol", HashSet::from(["start"]))]))
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(ammonia::UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"))
        // What stands in these is never words.
        .clean_content_tags(HashSet::from(["script", "style"]));
    builder
});

/// Writes the beginning of the page.
pub(crate) fn begin(out: &mut impl Write, labels: &Labels, head: &Head, project: Option<&str>) -> io::Result<()> {
    let title = escaped(&head.title);
    let direction = if labels.right_to_left { "rtl" } else { "ltr" };
    write!(
        out,
        "<!doctype html>\n<html lang=\"{}\" dir=\"{direction}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <header>\n<h1 dir=\"auto\">{title}</h1>\n<p>",
        escaped(&labels.language),
    )?;
    if let Some(project) = project {
        write!(out, "<span dir=\"auto\">{}</span> · ", escaped(project))?;
    }
    writeln!(out, "{}</p>\n</header>", time(head.created_at))
}

/// Writes a message.
pub(crate) fn message(out: &mut impl Write, labels: &Labels, message: &Message) -> io::Result<()> {
    let side = match message.role {
        Role::User => "user",
        Role::Assistant => "assistant",
    };
    write!(
        out,
        "<article class=\"{side}\">\n<div class=\"head\"><h2 dir=\"auto\"><bdi>{}</bdi>",
        escaped(labels.speaker(message))
    )?;
    if message.scripted {
        write!(out, " <small>{}</small>", escaped(&labels.scripted))?;
    }
    writeln!(out, "</h2>\n{}</div>", time(message.created_at))?;
    if !message.reasoning.trim().is_empty() {
        writeln!(
            out,
            "<details dir=\"auto\"><summary>{}</summary>\n{}</details>",
            escaped(&labels.reasoning),
            rendered(&message.reasoning)
        )?;
    }
    writeln!(out, "<div class=\"text\" dir=\"auto\">\n{}</div>", rendered(&message.content))?;
    if let Some(ended) = labels.ended(message) {
        writeln!(out, "<p class=\"ended\">{}</p>", escaped(ended))?;
    }
    writeln!(out, "</article>")
}

/// Writes the end of the page.
pub(crate) fn end(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "</main>\n</body>\n</html>")
}

fn time(ms: i64) -> String {
    format!("<time datetime=\"{}\">{}</time>", date(ms), short_date(ms))
}

/// Markdown as HTML that holds words, links and nothing else.
fn rendered(markdown: &str) -> String {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_MATH
        | Options::ENABLE_GFM;
    let events = Parser::new_ext(markdown, options).map(harmless);
    let mut html = String::with_capacity(markdown.len() * 5 / 4);
    pulldown_cmark::html::push_html(&mut html, events);
    SANITISER.clean(&html).to_string()
}

/// An event without what a page could load, run, or take for a formula of its own.
fn harmless(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        Event::Start(Tag::HtmlBlock) => Event::Start(Tag::Paragraph),
        Event::End(TagEnd::HtmlBlock) => Event::End(TagEnd::Paragraph),
        // The words of a picture, as a link to where it would have come from.
        Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
            Event::Start(Tag::Link { link_type, dest_url, title, id })
        }
        Event::End(TagEnd::Image) => Event::End(TagEnd::Link),
        Event::InlineMath(text) => Event::Code(CowStr::from(format!("${text}$"))),
        Event::DisplayMath(text) => Event::Code(CowStr::from(format!("$${text}$$"))),
        Event::TaskListMarker(done) => Event::Text(CowStr::Borrowed(if done { "☑ " } else { "☐ " })),
        other @ (Event::Start(_)
        | Event::End(_)
        | Event::Text(_)
        | Event::Code(_)
        | Event::FootnoteReference(_)
        | Event::SoftBreak
        | Event::HardBreak
        | Event::Rule) => other,
    }
}

/// A text in which nothing is markup, inside of elements and of attributes.
fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"', '\'']) {
        return Cow::Borrowed(text);
    }
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    Cow::Owned(text.replace('"', "&quot;").replace('\'', "&#39;"))
}
