//! The same journeys against servers written by others, a real vLLM and a certified OpenID provider: what they send is what
//! the client must read.
//!
//! Ignored unless asked for, because vLLM is gigabytes and takes a minute to start; `make test-peers` starts them
//! and says where they are (see run.sh). Nothing here counts as passed without them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a journey that cannot go on ends here")]

mod client;
mod fleet;
mod oidc;
mod window;

use capibara6_journeys::{MODEL, until};

/// A variable that `make test-peers` sets.
fn peer(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run `make test-peers`"))
}

/// The server with the tiny model that knows a few phrases.
fn plain() -> String {
    peer("CAPIBARA6_PEER_URL")
}

/// The server that wants a key and babbles on until its context is full.
fn keyed() -> String {
    peer("CAPIBARA6_PEER_KEYED_URL")
}

/// The key it wants.
fn key() -> String {
    peer("CAPIBARA6_PEER_KEY")
}

/// A figure of a server's own metrics, summed over its labels.
async fn metric(base: &str, name: &str) -> f64 {
    let url = base.replace("/v1", "/metrics");
    let text = reqwest::get(url).await.expect("metrics").text().await.expect("metrics");
    text.lines()
        .filter(|line| line.starts_with(&format!("{name}{{")))
        .filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok())
        .sum()
}

/// Waits until the server itself says that it writes for nobody.
async fn until_idle(base: &str) {
    until("the server has nothing to do", async || {
        (metric(base, "vllm:num_requests_running").await == 0.0).then_some(())
    })
    .await;
}

/// How many tokens the server has written so far.
async fn generated(base: &str) -> f64 {
    metric(base, "vllm:generation_tokens_total").await
}
