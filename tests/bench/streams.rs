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

/// The token of this number: a word that ends in it, in the shape of an ordinary answer (paragraphs of sixty words, now and
/// then a list, bold words, and a block of code).
fn token(number: usize) -> String {
    let word = match number % 10 {
        3 => format!("**w{number}**"),
        _ => format!("w{number}"),
    };
    match number % 240 {
        59 | 119 => format!("{word}.\n\n"),
        120..=178 if number.is_multiple_of(6) => format!("\n- {word} "),
        179 => format!("{word}\n\n```python\n"),
        180..=238 if number.is_multiple_of(8) => format!("w{number}\n"),
        180..=238 => format!("w{number} "),
        239 => format!("w{number}\n```\n\n"),
        _ => format!("{word} "),
    }
}
