//! Playing a recorded HTTP answer exactly as it was, cut wherever the test wants.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::AsyncWriteExt as _;

use crate::fault::RawServer;
use crate::http::RequestReader;

/// Where the recorded bytes are cut into writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cut {
    /// Nowhere.
    Whole,
    /// After every so many bytes.
    Every(usize),
    /// At these offsets.
    At(Vec<usize>),
    /// Anywhere, by a seed: the same seed cuts the same way, and each connection differently.
    Random(u64),
}

/// A server that answers every request with the same recorded bytes and closes. It stops when dropped.
#[derive(Debug)]
pub struct Replay {
    server: RawServer,
}

impl Replay {
    /// Starts it. `Replay::start(include_bytes!("chat_stream.resp"), Cut::Every(7)).await`
    ///
    /// The bytes include the recorded HTTP framing. Each piece is its own write on a socket without delay; the receiving
    /// system may still join pieces that arrive before they are read.
    pub async fn start(response: &[u8], cut: Cut) -> Self {
        let response: Arc<[u8]> = response.into();
        let cut = Arc::new(cut);
        let connections = Arc::new(AtomicU64::new(0));
        let server = RawServer::start(move |mut socket| {
            let (response, cut) = (response.clone(), cut.clone());
            let number = connections.fetch_add(1, Ordering::Relaxed);
            async move {
                if RequestReader::new(&mut socket, 0).next().await.is_none() {
                    return;
                }
                for piece in cut.pieces(&response, number) {
                    if socket.write_all(piece).await.is_err() {
                        return;
                    }
                    tokio::task::yield_now().await;
                }
                _ = socket.shutdown().await;
            }
        })
        .await;
        Self { server }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// The same as a profile holds it.
    pub fn url(&self) -> String {
        self.server.url()
    }
}

impl Cut {
    /// The pieces of `bytes`; joined they are `bytes`. `number` varies [`Cut::Random`].
    pub fn pieces<'a>(&self, bytes: &'a [u8], number: u64) -> Vec<&'a [u8]> {
        match self {
            Self::Whole => vec![bytes],
            Self::Every(size) => bytes.chunks((*size).max(1)).collect(),
            Self::At(offsets) => {
                let mut ends: Vec<usize> = offsets.iter().map(|offset| (*offset).min(bytes.len())).collect();
                ends.push(bytes.len());
                ends.sort_unstable();
                let mut start = 0;
                let pieces = ends.into_iter().map(|end| &bytes[std::mem::replace(&mut start, end)..end]);
                pieces.filter(|piece| !piece.is_empty()).collect()
            }
            Self::Random(seed) => {
                let mut state = seed.wrapping_add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
                let mut rest = bytes;
                let mut pieces = Vec::new();
                while !rest.is_empty() {
                    // splitmix64: even enough for cutting, and the same everywhere.
                    state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                    let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                    let length = usize::try_from((mixed ^ (mixed >> 31)) % 64).unwrap_or(0) + 1;
                    let (piece, after) = rest.split_at(length.min(rest.len()));
                    pieces.push(piece);
                    rest = after;
                }
                pieces
            }
        }
    }
}
