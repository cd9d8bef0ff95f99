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
