//! Looks for OpenAI-compatible servers on this computer: the usual ports of the loopback address and nothing else, and
//! only when the user asks for it. What answers is known by what it says, not by its port.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

use capibara6_llm::{Client, HttpOptions, http_client};
use capibara6_protocol::{AppError, FoundServer};
use futures_util::future::join_all;
use url::Url;

/// The platform's models, then Ollama, LM Studio and llama.cpp.
pub const PORTS: [u16; 7] = [8000, 8001, 8002, 8003, 11434, 1234, 8080];

/// How long a server may take to answer. A server on this computer that is busy generating may take longer, but the user is
/// looking at a button.
pub const DEADLINE: Duration = Duration::from_millis(800);

/// The servers that answer on these ports, in this order.
pub async fn scan(ports: &[u16]) -> Result<Vec<FoundServer>, AppError> {
    let client =
        Client::new(http_client(&HttpOptions { extra_roots_pem: None, proxy: None, connect_timeout: DEADLINE })?);
    let found = join_all(ports.iter().map(|port| probe(&client, *port))).await;
    Ok(found.into_iter().flatten().collect())
}

async fn probe(client: &Client, port: u16) -> Option<FoundServer> {
    let base = Url::parse(&format!("http://{}/v1", SocketAddrV4::new(Ipv4Addr::LOCALHOST, port))).ok()?;
    // The deadline stands around the whole exchange, whatever the client's own timeouts cover.
    let list = tokio::time::timeout(DEADLINE, client.models(&base, None, DEADLINE)).await.ok()?.ok()?;
    let models = list.models.into_iter().map(|model| model.id).collect();
    Some(FoundServer { url: base.to_string(), kind: list.kind, models })
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use capibara6_protocol::ServerKind;
    use capibara6_testkit::{BlackHole, ModelServer, RefusedPort};

    use super::*;

    #[tokio::test]
    async fn servers_are_known_by_what_they_say_and_silent_ones_are_not_waited_for() {
        let vllm = ModelServer::start(&["a", "b"]).await;
        let ollama = ModelServer::start(&["c"]).await;
        ollama.pretend(ServerKind::Ollama);
        let hole = BlackHole::accepting().await;
        let refused = RefusedPort::reserve();
        let addresses = [vllm.address(), hole.address(), refused.address(), ollama.address()];
        let begun = Instant::now();
        let found = scan(&addresses.map(|address| address.port())).await.unwrap();
        assert!(begun.elapsed() < DEADLINE * 3);
        assert_eq!(
            found,
            [
                FoundServer { url: vllm.url(), kind: ServerKind::Vllm, models: vec!["a".to_owned(), "b".to_owned()] },
                FoundServer { url: ollama.url(), kind: ServerKind::Ollama, models: vec!["c".to_owned()] },
            ]
        );
    }
}
