//! A server on this computer that nobody should ask for anything, and that remembers who did.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// The server. It answers everything with nothing, for as long as the test runs.
pub struct Canary {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Canary {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let seen = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // one at a time and in order: what is seen last was asked last
                note(stream, &seen);
            }
        });
        Self { address, asked }
    }

    /// Where it is, without a scheme.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// The paths that were asked for, and connections that asked for none, oldest first.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn note(mut stream: TcpStream, seen: &Mutex<Vec<String>>) {
    // a connection that is opened ahead of time and says nothing is a contact as well
    stream.set_read_timeout(Some(Duration::from_millis(300))).expect("a socket");
    let mut head = Vec::new();
    let mut piece = [0; 4096];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => break,
            Ok(count) => head.extend_from_slice(&piece[..count]),
        }
    }
    let head = String::from_utf8_lossy(&head);
    let path = head.split_whitespace().nth(1).unwrap_or("(nothing)").to_owned();
    seen.lock().unwrap_or_else(PoisonError::into_inner).push(path);
    let answer = "HTTP/1.1 200 OK\r\naccess-control-allow-origin: *\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    // whoever has gone meanwhile was noted
    stream.write_all(answer.as_bytes()).ok();
}
