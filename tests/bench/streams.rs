//! Model servers that write 100 tokens a second, each token a numbered word, and remember when each went out.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use capibara6_testkit::{Exchange, ModelServer};
use tokio::time::MissedTickBehavior;

/// Time between two tokens of one stream.
const INTERVAL: Duration = Duration::from_millis(10);

/// Milliseconds since the epoch, as the page's own clock counts them.
pub(crate) fn now_ms() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970").as_secs_f64() * 1000.0
}

/// One answer under way.
pub(crate) struct Stream {
    sent: Arc<Mutex<Vec<f64>>>,
    end: Arc<AtomicBool>,
    task: tokio::task::JoinHandle<()>,
}

impl Stream {
    /// Answers the next chat of the server until told to end.
    pub(crate) async fn answer(server: &ModelServer) -> Self {
        let chat = server.next_chat().await;
        let sent = Arc::new(Mutex::new(Vec::new()));
        let end = Arc::new(AtomicBool::new(false));
        let task = tokio::spawn(write(chat, Arc::clone(&sent), Arc::clone(&end)));
        Self { sent, end, task }
    }

    /// When each token went to the socket.
    pub(crate) fn sent(&self) -> Vec<f64> {
        self.sent.lock().expect("nobody panicked").clone()
    }

    /// Ends the answer properly.
    pub(crate) async fn end(self) {
        self.end.store(true, Ordering::SeqCst);
        self.task.await.expect("the stream ends");
    }
}

async fn write(mut chat: Exchange, sent: Arc<Mutex<Vec<f64>>>, end: Arc<AtomicBool>) {
    let mut ticks = tokio::time::interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut number = 0;
    while !end.load(Ordering::SeqCst) {
        ticks.tick().await;
        let text = token(number);
        sent.lock().expect("nobody panicked").push(now_ms());
        chat.send_text(&text).await;
        if chat.is_closed() {
            return;
        }
        number += 1;
    }
    chat.finish("stop").await;
    chat.done().await;
}

/// What kind of block a token stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Paragraph,
    List,
    Code,
}

/// Tokens come in rounds of 240: two paragraphs of sixty words, a list, a block of code.
pub(crate) fn shape(number: usize) -> Shape {
    match number % 240 {
        0..120 => Shape::Paragraph,
        120..180 => Shape::List,
        _ => Shape::Code,
    }
}

/// The token of this number: a word that ends in it, now and then bold, in the shape of an ordinary answer.
fn token(number: usize) -> String {
    let place = number % 240;
    match shape(number) {
        Shape::Paragraph if place == 59 || place == 119 => format!("w{number}.\n\n"),
        Shape::Paragraph if number % 10 == 3 => format!("**w{number}** "),
        Shape::List if place == 179 => format!("w{number}\n\n```python\n"),
        Shape::List if place.is_multiple_of(6) => format!("\n- w{number} "),
        Shape::Code if place == 239 => format!("w{number}\n```\n\n"),
        Shape::Code if place.is_multiple_of(8) => format!("w{number}\n"),
        Shape::Paragraph | Shape::List | Shape::Code => format!("w{number} "),
    }
}
