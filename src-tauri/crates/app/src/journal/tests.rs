use capibara6_protocol::{ConversationId, MessageStatus, Metrics, Mode, Role, RoutingRule, Tier};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::*;

/// A disk that says what was done to it and fails as it is told to.
struct Fake {
    done: mpsc::UnboundedSender<(Done, Instant)>,
    failures: Arc<Mutex<VecDeque<StoreError>>>,
}

#[derive(Debug, Clone, PartialEq)]
enum Done {
    Append(Vec<Piece>),
    Synchronise,
    Replace(MessageId, Part, String),
    Reroute(MessageId, ModelId),
    Settle(MessageId, MessageStatus),
}

impl Fake {
    fn say(&self, done: Done) -> Result<(), StoreError> {
        if let Some(error) = self.failures.lock().unwrap().pop_front() {
            return Err(error);
        }
        self.done.send((done, Instant::now())).unwrap();
        Ok(())
    }
}

impl Disk for Fake {
    async fn append(&self, pieces: Vec<Piece>) -> Result<(), StoreError> {
        self.say(Done::Append(pieces))
    }

    async fn synchronise(&self) -> Result<(), StoreError> {
        self.say(Done::Synchronise)
    }

    async fn replace(&self, message: MessageId, part: Part, text: &str) -> Result<(), StoreError> {
        self.say(Done::Replace(message, part, text.to_owned()))
    }

    async fn reroute(&self, message: MessageId, model: &ModelId, _: bool, _: &Routing) -> Result<(), StoreError> {
        self.say(Done::Reroute(message, model.clone()))
    }

    async fn settle(&self, settled: &Settled) -> Result<Option<Message>, StoreError> {
        self.say(Done::Settle(settled.message, settled.status))?;
        Ok(Some(message(settled.message, settled.status)))
    }
}

struct Bench {
    journal: Journal,
    done: mpsc::UnboundedReceiver<(Done, Instant)>,
    troubles: mpsc::UnboundedReceiver<Option<ErrorCode>>,
}

fn bench(failures: impl IntoIterator<Item = StoreError>) -> Bench {
    let (sender, done) = mpsc::unbounded_channel();
    let (trouble, troubles) = mpsc::unbounded_channel();
    let fake = Fake { done: sender, failures: Arc::new(Mutex::new(failures.into_iter().collect())) };
    let journal = Journal::start(fake, move |error: Option<AppError>| {
        trouble.send(error.map(|error| error.code)).unwrap();
    });
    Bench { journal, done, troubles }
}

fn id(number: u128) -> MessageId {
    MessageId(Uuid::from_u128(number))
}

fn piece(number: u128, part: Part, text: &str) -> Piece {
    Piece { message: id(number), part, text: text.to_owned() }
}

fn settled(number: u128) -> Settled {
    Settled {
        message: id(number),
        status: MessageStatus::Complete,
        metrics: Metrics::default(),
        error: None,
        omitted: None,
    }
}

fn message(id: MessageId, status: MessageStatus) -> Message {
    Message {
        id,
        conversation: ConversationId(Uuid::nil()),
        parent: None,
        role: Role::Assistant,
        status,
        content: String::new(),
        reasoning: String::new(),
        model: None,
        scripted: false,
        routing: None,
        omitted: None,
        metrics: None,
        error: None,
        origin: None,
        created_at: 0,
        versions: Vec::new(),
    }
}

fn routing() -> Routing {
    Routing { mode: Mode::Auto, tier: Tier::Fast, rule: RoutingRule::ShortQuestion, instead_of: None, because: None }
}

#[tokio::test(start_paused = true)]
async fn pieces_of_all_answers_go_together_after_the_flush_time() {
    let mut bench = bench([]);
    let begun = Instant::now();
    for (number, text) in [(1, "a"), (2, "x"), (1, "b"), (2, "y")] {
        bench.journal.append(id(number), Part::Content, text);
    }
    bench.journal.append(id(1), Part::Reasoning, "r");
    let (done, at) = bench.done.recv().await.unwrap();
    assert_eq!(
        done,
        Done::Append(vec![
            piece(1, Part::Content, "ab"),
            piece(2, Part::Content, "xy"),
            piece(1, Part::Reasoning, "r")
        ])
    );
    assert_eq!(at - begun, FLUSH);
}

#[tokio::test(start_paused = true)]
async fn text_survives_a_power_cut_soon_also_while_more_arrives() {
    let mut bench = bench([]);
    let begun = Instant::now();
    let mut order = Vec::new();
    for number in 0..40 {
        bench.journal.append(id(1), Part::Content, &number.to_string());
        tokio::time::advance(FLUSH).await;
        while let Ok((done, at)) = bench.done.try_recv() {
            order.push((done, at - begun));
        }
        tokio::task::yield_now().await;
    }
    let synchronised: Vec<Duration> =
        order.iter().filter(|(done, _)| *done == Done::Synchronise).map(|(_, at)| *at).collect();
    assert_eq!(synchronised.len(), 2, "{synchronised:?}");
    assert!(synchronised[0] <= FLUSH * 2 + SYNCHRONISE, "{synchronised:?}");
    // And once more after the last text, with nothing behind it.
    let mut last = bench.done.recv().await.unwrap().0;
    while last != Done::Synchronise {
        last = bench.done.recv().await.unwrap().0;
    }
}

#[tokio::test(start_paused = true)]
async fn what_ends_a_message_needs_no_further_synchronising() {
    let Bench { journal, mut done, troubles: _troubles } = bench([]);
    journal.append(id(1), Part::Content, "a");
    journal.settle(settled(1)).await.unwrap();
    drop(journal);
    assert_eq!(done.recv().await.unwrap().0, Done::Append(vec![piece(1, Part::Content, "a")]));
    assert_eq!(done.recv().await.unwrap().0, Done::Settle(id(1), MessageStatus::Complete));
    assert_eq!(done.recv().await, None);
}

#[tokio::test(start_paused = true)]
async fn much_text_does_not_wait() {
    let mut bench = bench([]);
    let begun = Instant::now();
    bench.journal.append(id(1), Part::Content, &"x".repeat(FLUSH_BYTES));
    let (_, at) = bench.done.recv().await.unwrap();
    assert_eq!(at - begun, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn the_order_of_a_message_is_kept_and_its_end_does_not_wait() {
    let mut bench = bench([]);
    let begun = Instant::now();
    bench.journal.reroute(id(1), "m".into(), false, routing());
    bench.journal.append(id(1), Part::Content, "abc");
    bench.journal.replace(id(1), Part::Content, "abd");
    bench.journal.append(id(1), Part::Content, "e");
    let receiver = bench.journal.settle(settled(1));
    assert_eq!(receiver.await.unwrap(), Some(message(id(1), MessageStatus::Complete)));
    let mut done = Vec::new();
    while let Ok((next, _)) = bench.done.try_recv() {
        done.push(next);
    }
    assert_eq!(
        done,
        [
            Done::Reroute(id(1), "m".into()),
            Done::Append(vec![piece(1, Part::Content, "abc")]),
            Done::Replace(id(1), Part::Content, "abd".to_owned()),
            Done::Append(vec![piece(1, Part::Content, "e")]),
            Done::Settle(id(1), MessageStatus::Complete),
        ]
    );
    assert_eq!(begun.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_disk_that_refuses_loses_nothing_and_is_told_of_once() {
    let full = || StoreError::Full;
    let mut bench = bench([full(), full(), StoreError::ReadOnly]);
    bench.journal.append(id(1), Part::Content, "kept ");
    assert_eq!(bench.troubles.recv().await.unwrap(), Some(ErrorCode::StorageFull));
    bench.journal.append(id(1), Part::Content, "too");
    let end = bench.journal.settle(settled(1));
    assert_eq!(bench.troubles.recv().await.unwrap(), Some(ErrorCode::StorageReadOnly));
    end.await.unwrap();
    assert_eq!(bench.troubles.recv().await.unwrap(), None);
    let mut text = String::new();
    while let Ok((done, _)) = bench.done.try_recv() {
        if let Done::Append(pieces) = done {
            text.extend(pieces.into_iter().map(|piece| piece.text));
        }
    }
    assert_eq!(text, "kept too");
    assert!(bench.troubles.try_recv().is_err());
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_gone_does_not_hold_up_the_others() {
    // The first transaction and the first single piece are refused.
    let mut bench = bench([StoreError::NotFound, StoreError::NotFound]);
    bench.journal.append(id(1), Part::Content, "gone");
    bench.journal.append(id(2), Part::Content, "here");
    assert_eq!(bench.done.recv().await.unwrap().0, Done::Append(vec![piece(2, Part::Content, "here")]));
    assert!(bench.troubles.try_recv().is_err());
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_message_that_is_gone_is_told_by_silence() {
    let bench = bench([StoreError::NotFound]);
    assert!(bench.journal.settle(settled(1)).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn what_was_handed_over_is_written_after_the_last_handle_is_gone() {
    let Bench { journal, mut done, troubles: _troubles } = bench([]);
    journal.append(id(1), Part::Content, "last");
    drop(journal);
    assert_eq!(done.recv().await.unwrap().0, Done::Append(vec![piece(1, Part::Content, "last")]));
    assert_eq!(done.recv().await.unwrap().0, Done::Synchronise);
    // The writer has ended: its sender is gone.
    assert_eq!(done.recv().await, None);
}
