//! `capibara6 search TEXT`

use capibara6_app::offline::{Missing, Unlock};
use capibara6_protocol::{SearchHit, SearchPage, SearchQuery};
use clap::Args;
use fluent_bundle::FluentArgs;

use super::{Common, Console, Exit};
use crate::environment::Home;

/// Most hits of one page.
const PAGE: u32 = 100;

/// Finds words.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Search {
    /// What is looked for; several words are one text.
    #[arg(required = true, value_name = "TEXT")]
    text: Vec<String>,
    /// At most this many hits.
    #[arg(long, short, default_value_t = 20, value_name = "COUNT")]
    limit: u32,
}

impl Search {
    /// Finds them, newest first.
    pub async fn run(self, common: &Common, home: &Home, unlock: &Unlock, console: &mut Console) -> Exit {
        let history = match super::open(common, home, unlock, Missing::Refuse, console).await {
            Ok(history) => history,
            Err(exit) => return exit,
        };
        let text = self.text.join(" ");
        let cancel = super::interrupted();
        history.index(&cancel).await;
        let mut found = SearchPage::default();
        // A page does a bounded amount of work and may hold nothing: whoever asks here wants the answer, however long.
        let read = loop {
            let missing = self.limit.saturating_sub(u32::try_from(found.hits.len()).unwrap_or(u32::MAX));
            if missing == 0 || cancel.is_cancelled() {
                break Ok(());
            }
            let query = SearchQuery {
                text: text.clone(),
                after: found.next.take(),
                limit: missing.min(PAGE),
                ..SearchQuery::default()
            };
            match history.search(&query).await {
                Ok(page) => {
                    let ended = page.next.is_none();
                    let hits = std::mem::take(&mut found.hits);
                    found = SearchPage { hits: hits.into_iter().chain(page.hits).collect(), ..page };
                    if ended {
                        break Ok(());
                    }
                }
                Err(error) => break Err(error),
            }
        };
        history.close().await;
        if let Err(error) = read {
            return console.fail(&error);
        }
        let colours = console.is_coloured();
        console.result(&found, |_| found.hits.iter().map(|hit| line(hit, colours)).collect::<Vec<_>>().join("\n"));
        if !console.is_json() {
            if found.pending > 0 {
                let mut values = FluentArgs::new();
                values.set("count", found.pending);
                let text = console.words().say_of("program-search-pending", values).into_owned();
                console.note(&text);
            }
            if found.hits.is_empty() {
                let text = console.words().say_with("program-nothing-found", &[("text", &text)]).into_owned();
                console.note(&text);
            }
        }
        if cancel.is_cancelled() {
            Exit::Interrupted
        } else if found.hits.is_empty() {
            Exit::Nothing
        } else {
            Exit::Done
        }
    }
}

/// A hit as a line: where, and the words. Nothing of it can steer the terminal.
fn line(hit: &SearchHit, colours: bool) -> String {
    let plain = |text: &str| text.chars().filter(|c| !c.is_control()).collect::<String>();
    let snippet = hit.snippet.iter().map(|part| {
        let text = plain(&part.text);
        if part.marked && colours { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text }
    });
    let place = hit.message.map(|message| message.to_string()).unwrap_or_default();
    let snippet: String = snippet.collect();
    format!("{}\t{place}\t{}\t{snippet}", hit.conversation.id, plain(&hit.conversation.title))
}
