//! Model servers in the test's own process, and the profile that leads the program to them.

use std::{
    fmt::Write,
    net::{TcpListener, TcpStream},
};

use serde_json::Value;

use crate::Home;

/// The TOML of a profile with these models: id, base address, tier.
pub fn profile_of(models: &[(&str, &str, &str)]) -> String {
    let mut toml = String::from("name = \"Journey\"\n");
    for (id, url, tier) in models {
        write!(toml, "\n[[models]]\nid = \"{id}\"\nlabel = \"{id}\"\nurl = \"{url}\"\ntier = \"{tier}\"\nweight = 0.7\n")
            .expect("a string can be written to");
    }
    toml
}

/// A port at which nobody listens.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("a bound address").port()
}

/// A port that takes connections into a queue that is full and never answers, as a host behind a dropping firewall.
#[derive(Debug)]
pub struct Deaf {
    listener: TcpListener,
    _queue: Vec<TcpStream>,
}

/// Servers.
#[derive(Debug)]
pub struct Fleet;

/// A chat.
#[derive(Debug)]
pub struct Chat {
    /// The request's body.
    pub request: Value,
}

impl Deaf {
    /// Its port.
    pub fn port(&self) -> u16 {
        self.listener.local_addr().expect("a bound address").port()
    }
}

/// See [`Deaf`].
pub fn deaf_port() -> Deaf {
    unimplemented!()
}

#[allow(missing_docs, clippy::unused_async)]
impl Fleet {
    pub async fn one() -> Self {
        unimplemented!()
    }
    pub async fn start(_models: &[(&str, &str)]) -> Self {
        unimplemented!()
    }
    pub fn home(&self) -> Home {
        unimplemented!()
    }
    pub fn url(&self, _model: &str) -> &str {
        unimplemented!()
    }
    pub async fn next_chat(&self) -> Chat {
        unimplemented!()
    }
    pub fn require_key(&self, _model: &str, _key: &str) {
        unimplemented!()
    }
    pub fn chats_so_far(&self) -> usize {
        unimplemented!()
    }
}
#[allow(missing_docs, clippy::unused_async)]
impl Chat {
    pub async fn send_text(&mut self, _text: &str) {}
    pub async fn try_send_text(&mut self, _text: &str) -> bool {
        true
    }
    pub async fn send_reasoning(&mut self, _text: &str) {}
    pub async fn finish(&mut self, _reason: &str) {}
    pub async fn usage(&mut self, _p: u32, _c: u32) {}
    pub async fn done(&mut self) {}
    pub async fn answer(self, _text: &str) {}
    pub async fn respond(self, _status: u16, _headers: &[(&str, &str)], _body: &str) {}
    pub async fn close_abruptly(self) {}
    pub async fn closed_by_client(&mut self) {}
    pub fn header(&self, _name: &str) -> Option<&str> {
        None
    }
}
