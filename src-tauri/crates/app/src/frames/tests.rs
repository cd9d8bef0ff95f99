use capibara6_protocol::{
    ConversationId, ConversationSummary, ErrorCode, Message, MessageStatus, Metrics, Role, WindowAction,
};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

fn message(number: u128) -> MessageId {
    MessageId(Uuid::from_u128(number))
}

fn conversation() -> ConversationId {
    ConversationId(Uuid::from_u128(7))
}

fn delta(number: u128, part: Part, at: u32, text: &str) -> Event {
    Event::MessageDelta { conversation: conversation(), message: message(number), part, at, text: text.to_owned() }
}

fn ended(number: u128) -> Event {
    Event::MessageEnded {
        conversation: conversation(),
        message: message(number),
        status: MessageStatus::Complete,
        content_length: 0,
        reasoning_length: 0,
        metrics: Metrics::default(),
        error: None,
    }
}

fn request() -> Event {
    Event::Request { action: WindowAction::NewChat }
}

/// What a window knows after reading frames: texts placed by their offsets, as the window places them.
#[derive(Default)]
struct Window {
    texts: HashMap<(MessageId, Part), Vec<u16>>,
    seq: u64,
    gap: bool,
}

impl Window {
    fn read(&mut self, frame: &Frame) {
        let length = serde_json::to_string(frame).unwrap().len();
        assert!(length < FRAME_BYTES, "{length} bytes");
        self.gap |= frame.seq != self.seq + 1;
        self.seq = frame.seq;
        for event in &frame.events {
            if let Event::MessageDelta { message, part, at, text, .. } = event {
                assert!(!text.is_empty());
                let known = self.texts.entry((*message, *part)).or_default();
                assert_eq!(*at as usize, known.len());
                known.extend(text.encode_utf16());
            }
        }
    }
}

/// One step of a stream in the property below.
#[derive(Debug, Clone)]
enum Step {
    Text { message: u128, part: Part, text: String },
    State,
    Read,
}

fn step() -> impl Strategy<Value = Step> {
    // Short pieces, and now and then one that needs several frames.
    let times = prop_oneof![9 => Just(1usize), 1 => 400usize..1200];
    let text = ("[a-zñ😀\"\\\\\n\u{1}日 👩🏽‍🚀]{1,12}", times).prop_map(|(text, times)| text.repeat(times));
    prop_oneof![
        8 => (0..3u128, prop_oneof![Just(Part::Content), Just(Part::Reasoning)], text)
            .prop_map(|(message, part, text)| Step::Text { message, part, text }),
        1 => Just(Step::State),
        2 => Just(Step::Read),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Whatever is sent in whatever pieces arrives whole, in order, in frames below the bound, without a gap.
    #[test]
    fn text_reassembles_exactly(steps in proptest::collection::vec(step(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let frames = Frames::default();
            let mut receiver = frames.subscribe();
            let mut sent: HashMap<(MessageId, Part), String> = HashMap::new();
            let mut window = Window::default();
            for step in steps {
                match step {
                    Step::Text { message: number, part, text } => {
                        let known = sent.entry((message(number), part)).or_default();
                        frames.send(delta(number, part, utf16_len(known), &text));
                        known.push_str(&text);
                    }
                    Step::State => frames.send(request()),
                    Step::Read => {
                        if let Ok(frame) = tokio::time::timeout(TICK * 2, receiver.next()).await {
                            window.read(&frame.unwrap());
                        }
                    }
                }
            }
            while let Ok(frame) = tokio::time::timeout(TICK * 2, receiver.next()).await {
                window.read(&frame.unwrap());
            }
            assert!(!window.gap);
            let sent: HashMap<_, Vec<u16>> = sent.into_iter().map(|(key, text)| (key, text.encode_utf16().collect())).collect();
            assert_eq!(window.texts, sent);
        });
    }
}

#[tokio::test(start_paused = true)]
async fn text_within_a_tick_becomes_one_delta() {
    let frames = Frames::default();
    let mut receiver = frames.subscribe();
    frames.send(delta(1, Part::Content, 0, "a"));
    // The first text after a pause does not wait.
    let begun = Instant::now();
    let first = receiver.next().await.unwrap();
    assert_eq!((first.seq, begun.elapsed()), (1, Duration::ZERO));

    frames.send(delta(1, Part::Content, 1, "b😀"));
    frames.send(delta(2, Part::Content, 0, "x"));
    frames.send(delta(1, Part::Content, 4, "c"));
    let second = receiver.next().await.unwrap();
    assert_eq!(begun.elapsed(), TICK);
    assert_eq!(
        second,
        Frame { seq: 2, events: vec![delta(1, Part::Content, 1, "b😀c"), delta(2, Part::Content, 0, "x")] }
    );
}

#[tokio::test(start_paused = true)]
async fn a_state_change_does_not_wait_and_keeps_its_place() {
    let frames = Frames::default();
    let mut receiver = frames.subscribe();
    frames.send(request());
    receiver.next().await.unwrap();
    let begun = Instant::now();
    frames.send(delta(1, Part::Content, 0, "a"));
    frames.send(ended(1));
    frames.send(delta(1, Part::Content, 1, "b"));
    assert_eq!(
        receiver.next().await.unwrap().events,
        vec![delta(1, Part::Content, 0, "a"), ended(1), delta(1, Part::Content, 1, "b")]
    );
    assert_eq!(begun.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_waiting_reader_is_woken_by_a_state_change_before_its_tick() {
    let frames = Frames::default();
    let mut receiver = frames.subscribe();
    frames.send(delta(1, Part::Content, 0, "a"));
    receiver.next().await.unwrap();
    frames.send(delta(1, Part::Content, 1, "b"));
    let begun = Instant::now();
    let sender = frames.clone();
    let (frame, ()) = tokio::join!(receiver.next(), async move {
        tokio::task::yield_now().await;
        sender.send(ended(1));
    });
    assert_eq!(frame.unwrap().events, vec![delta(1, Part::Content, 1, "b"), ended(1)]);
    assert_eq!(begun.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_new_subscriber_replaces_the_old_one_and_starts_at_one() {
    let frames = Frames::default();
    let mut old = frames.subscribe();
    frames.send(request());
    assert_eq!(old.next().await.unwrap().seq, 1);
    frames.send(request());
    let (woken, mut new) = tokio::join!(
        async {
            old.next().await;
            old.next().await
        },
        async {
            tokio::task::yield_now().await;
            frames.subscribe()
        }
    );
    assert_eq!(woken, None);
    frames.send(request());
    assert_eq!(new.next().await.unwrap(), Frame { seq: 1, events: vec![request()] });
    // The old one going away does not take the new one's place.
    drop(old);
    frames.send(request());
    assert_eq!(new.next().await.unwrap().seq, 2);
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_does_not_read_costs_a_bounded_amount_and_sees_a_gap() {
    let frames = Frames::default();
    let mut receiver = frames.subscribe();
    let piece = "y".repeat(1000);
    let mut at = 0;
    for _ in 0..3_000 {
        frames.send(delta(1, Part::Content, at, &piece));
        at += 1000;
    }
    let held: usize = lock(&frames.shared.pending).queue.iter().map(weight).sum();
    assert!(held <= PENDING_BYTES);
    let frame = receiver.next().await.unwrap();
    assert!(frame.seq > 1, "no gap: {}", frame.seq);
    // Every later frame follows without a further gap, and the text that is there joins up.
    let mut seq = frame.seq;
    let mut end = 0;
    let mut read = |frame: Frame| {
        let [Event::MessageDelta { at, text, .. }] = frame.events.as_slice() else { panic!("{frame:?}") };
        assert!(end == 0 || *at == end);
        end = *at + utf16_len(text);
    };
    read(frame);
    while let Ok(Some(frame)) = tokio::time::timeout(TICK * 2, receiver.next()).await {
        assert_eq!(frame.seq, seq + 1);
        seq = frame.seq;
        read(frame);
    }
    assert_eq!(end, at);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_kept_without_a_subscriber() {
    let frames = Frames::default();
    frames.send(request());
    drop(frames.subscribe());
    frames.send(request());
    assert_eq!(lock(&frames.shared.pending).queue.len(), 0);
    let mut receiver = frames.subscribe();
    assert!(tokio::time::timeout(TICK, receiver.next()).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn an_event_too_long_for_a_frame_becomes_a_gap() {
    let frames = Frames::default();
    let mut receiver = frames.subscribe();
    frames.send(Event::ConversationChanged {
        conversation: ConversationSummary {
            id: conversation(),
            title: "t".repeat(FRAME_BYTES),
            pinned: false,
            created_at: 0,
            updated_at: 0,
            messages: 0,
            project: None,
            archived_at: None,
            deleted_at: None,
        },
    });
    frames.send(request());
    assert_eq!(receiver.next().await.unwrap(), Frame { seq: 2, events: vec![request()] });
}

#[tokio::test(start_paused = true)]
async fn a_message_of_any_length_is_begun_in_one_short_frame() {
    let frames = Frames::default();
    let mut receiver = frames.subscribe();
    let begun = |text: &str| Message {
        id: message(1),
        conversation: conversation(),
        parent: None,
        role: Role::Assistant,
        status: MessageStatus::Streaming,
        content: text.to_owned(),
        reasoning: text.to_owned(),
        model: Some("m".into()),
        scripted: false,
        routing: None,
        omitted: None,
        metrics: None,
        error: None,
        origin: None,
        created_at: 0,
        versions: vec![message(1)],
    };
    frames.send(Event::MessageBegun { message: Box::new(begun(&"continued ".repeat(FRAME_BYTES))) });
    let expected = Event::MessageBegun { message: Box::new(begun("")) };
    assert_eq!(receiver.next().await.unwrap(), Frame { seq: 1, events: vec![expected] });
}

#[tokio::test(start_paused = true)]
async fn losing_on_purpose_is_seen_in_the_next_frame() {
    let frames = Frames::default();
    let mut receiver = frames.subscribe();
    frames.lose();
    frames.send(Event::StorageTrouble { error: ErrorCode::StorageFull.into() });
    assert_eq!(receiver.next().await.unwrap().seq, 2);
}
