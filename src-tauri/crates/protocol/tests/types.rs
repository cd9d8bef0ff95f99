//! Proves that the window's types are those of this crate. `UPDATE_TYPES=1` writes them anew (`make types`).

use std::path::Path;

#[test]
fn the_windows_types_are_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../ui/src/bridge/types.d.ts");
    let current = capibara6_protocol::typescript();
    if std::env::var_os("UPDATE_TYPES").is_some() {
        std::fs::write(&path, &current).expect("types.d.ts can be written");
    }
    let written = std::fs::read_to_string(&path).expect("types.d.ts exists");
    assert!(written == current, "ui/src/bridge/types.d.ts is not current: run `make types`");
}

#[test]
fn a_frame_keeps_its_wire_form() {
    let frame = capibara6_protocol::Frame {
        seq: 1,
        events: vec![capibara6_protocol::Event::MessageDelta {
            conversation: uuid::Uuid::nil().into(),
            message: uuid::Uuid::nil().into(),
            part: capibara6_protocol::Part::Content,
            at: 3,
            text: "a".into(),
        }],
    };
    let expected = serde_json::json!({
        "seq": 1,
        "events": [{
            "type": "message-delta",
            "conversation": "00000000-0000-0000-0000-000000000000",
            "message": "00000000-0000-0000-0000-000000000000",
            "part": "content",
            "at": 3,
            "text": "a",
        }],
    });
    assert_eq!(serde_json::to_value(&frame).expect("a frame serialises"), expected);
}
