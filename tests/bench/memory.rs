//! Proportional set size of all processes of the program: idle, and while four answers are written for ten minutes.

use std::{collections::BTreeMap, time::Duration};

use capibara6_journeys::{Home, MODEL, Process, Window};
use capibara6_testkit::ModelServer;
use serde_json::json;

use crate::{quick, report::Section, streams::Stream};

/// Minutes of four streams.
const MINUTES: usize = 10;

pub(crate) async fn measure() -> Section {
    let (rest, minute, minutes) = if quick() {
        (Duration::from_secs(2), Duration::from_secs(5), 2)
    } else {
        (Duration::from_secs(30), Duration::from_secs(60), MINUTES)
    };
    let server = ModelServer::start(&[MODEL]).await;
    let window = Window::open(Home::of(&server)).await;
    window.resize(1200, 800).await;
    tokio::time::sleep(rest).await;
    let mut samples = vec![("idle".to_owned(), sizes(window.program()))];

    let mut streams: Vec<Stream> = Vec::new();
    for past in 1..=minutes {
        // each conversation is asked again every minute: an answer of 6,000 tokens is already a long one
        for number in 0..4 {
            window.click("new-chat").await;
            window.until_messages("an empty conversation", <[_]>::is_empty).await;
            window.ask(&format!("Minute {past}, stream {number}")).await;
            streams.push(Stream::answer(&server).await);
        }
        tokio::time::sleep(minute).await;
        samples.push((format!("{past} min"), sizes(window.program())));
        for stream in streams.drain(..) {
            stream.end().await;
        }
    }
    tokio::time::sleep(rest).await;
    samples.push(("afterwards, idle".to_owned(), sizes(window.program())));
    window.close().await;

    let mib = |kib: u64| format!("{} MiB", kib >> 10);
    let of = |sizes: &BTreeMap<String, u64>, name: &str| sizes.get(name).copied().unwrap_or(0);
    let rows = samples
        .iter()
        .map(|(when, sizes)| {
            let known = of(sizes, "capibara6") + of(sizes, "WebKitWebProcess") + of(sizes, "WebKitNetworkProcess");
            let all: u64 = sizes.values().sum();
            vec![
                when.clone(),
                mib(all),
                mib(of(sizes, "capibara6")),
                mib(of(sizes, "WebKitWebProcess")),
                mib(of(sizes, "WebKitNetworkProcess")),
                mib(all - known),
            ]
        })
        .collect();
    Section {
        title: "Window: memory",
        method: format!(
            "Proportional set size (smaps_rollup) of the program and everything that descends from it. Four streams of 100 \
             tokens a second for {minutes} minutes; every minute four new conversations, each with an answer of 6,000 tokens."
        ),
        head: vec!["when", "all", "capibara6", "web process", "network process", "others"],
        rows,
        figures: json!(
            samples.iter().map(|(when, sizes)| json!({ "when": when, "pss_kib": sizes })).collect::<Vec<_>>()
        ),
    }
}

/// Proportional set size in KiB by program.
pub(crate) fn sizes(program: Process) -> BTreeMap<String, u64> {
    let mut sizes = BTreeMap::new();
    for process in program.family() {
        *sizes.entry(process.name()).or_default() += process.pss_kib().unwrap_or(0);
    }
    sizes
}
