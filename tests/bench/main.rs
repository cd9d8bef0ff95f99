//! What the window costs: how long a word takes from the socket to the page, how long a start takes, how a large history opens and
//! scrolls, how much memory it holds. Measured on the built program from outside, written to docs/benchmarks.md with the machine and the date.
//!
//! `make bench` runs it on a release build. Nothing else should run on the machine meanwhile.
//!
//!     window-bench [history] [latency] [start] [browse] [memory]     all of them where none is named
//!     window-bench decoder <TABLE                 keeps the table that the decoder's own benchmark printed
//!     window-bench verdict <TABLE                 and that of the consensus
//!     window-bench transfer <TABLE                and that of imports and exports
//!
//! `CAPIBARA6_BIN` names the program. `CAPIBARA6_BENCH_HISTORIES` names a folder with histories that the test kit made before
//! (`history-1000000.db`, indexed): copies of them are measured instead of new ones. `CAPIBARA6_BENCH_QUICK=1` shortens every part for trying the runner out, and writes
//! nothing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a measurement that cannot be taken ends here"
)]

mod browse;
mod histories;
mod latency;
mod memory;
mod recall;
mod report;
mod start;
mod streams;

/// How the decoder's benchmark measures (`crates/llm/benches`).
const DECODER_METHOD: &str = "The same recorded bytes, in the form of vLLM 0.32, through every decoder in one run; the median of seven rounds. \
    `ours`, `sse-stream` and `eventsource-stream` (each with typed serde) are fed from memory in pieces of the size that is \
    named; the clients read from a server on loopback, ours among them. Ours parses only the text of a chunk whose other \
    bytes equal those of the chunk before, as vLLM's do; a stream that differs there in every chunk costs it about what it \
    costs sse-stream.";

/// How the consensus' benchmark measures (`crates/consensus/benches`).
const VERDICT_METHOD: &str = "From the end of the slowest answer that counts (that of its line, where its member is asked for one: \
    what the member needs for that is its own time) to the verdict, everything included: reading that answer, comparing \
    all texts, groups, dissent, and what other methods would have chosen. Four answers of 20 KB, other ones in each of 300 rounds.";

/// How imports and exports are measured (`crates/app/benches`).
const TRANSFER_METHOD: &str = "An export in ChatGPT's form, one line of JSON, 40 messages per conversation, brought into an \
    empty history and written out again; the index of words is made later and not measured. The floors do less: the bytes alone, and \
    their values by serde_json without keeping any. The peer is a script of ten lines with Python's json and sqlite3: one \
    table, no tree, nothing kept of what is there already. MB/s are of the file that is read or written; peak memory is of the whole \
    process, which keeps what the allocator had once. What limits an import is \
    the disk: 400 messages are on it for good before the next are written.";

/// Whether only the runner is tried out.
fn quick() -> bool {
    std::env::var_os("CAPIBARA6_BENCH_QUICK").is_some()
}

#[tokio::main]
async fn main() {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    let wanted = |part: &str| asked.is_empty() || asked.iter().any(|name| name == part);
    if let Some(unknown) = asked.iter().find(|name| {
        !["decoder", "verdict", "transfer", "history", "latency", "start", "browse", "memory"].contains(&name.as_str())
    }) {
        eprintln!("{unknown}: not a part; decoder, verdict, transfer, history, latency, start, browse, memory are");
        std::process::exit(2);
    }
    for (part, title, method) in [
        ("decoder", "Decoding a stream", DECODER_METHOD),
        ("verdict", "Coming to a verdict", VERDICT_METHOD),
        ("transfer", "Bringing in and writing out", TRANSFER_METHOD),
    ] {
        if asked.iter().any(|name| name == part) {
            let table = std::io::read_to_string(std::io::stdin()).expect("the table can be read");
            assert!(table.trim_start().starts_with('|'), "no table was printed");
            report::write_table(title, method, &table);
        }
    }
    if wanted("history") {
        report::write(recall::measure().await);
    }
    if wanted("latency") {
        report::write(latency::measure().await);
    }
    if wanted("start") {
        report::write(start::measure().await);
    }
    if wanted("browse") {
        report::write(browse::measure().await);
    }
    if wanted("memory") {
        report::write(memory::measure().await);
    }
}
