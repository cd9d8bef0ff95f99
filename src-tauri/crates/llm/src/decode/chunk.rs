//! The usual chunk of the usual server, read as fast as can be.
//!
//! Nearly every record is an OpenAI chunk with one choice and a piece of text. This reads exactly that, strictly:
//! anything else (an unknown key, another type, an escape where none is usual) is not an error but left to `wire`,
//! which understands everything. Both must come to the same result; a property test compares them.
//!
//! And from one such chunk to the next, nothing but the piece of text changes. [`Template`] remembers what stood before
//! and after it; where both match to the byte and a valid JSON string stands between them, the record can only mean
//! that string, and nothing of it is parsed again.

use std::{borrow::Cow, fmt};

use memchr::{memchr2, memmem};
use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, SeqAccess, Visitor},
};

/// The longest chunk that is worth remembering, in bytes.
const TEMPLATE_BYTES: usize = 2048;

/// A chunk with a hole where its piece of text was.
#[derive(Debug, Default)]
pub(super) struct Template {
    /// Up to and including the text's opening quotation mark.
    before: Vec<u8>,
    /// From the text's closing quotation mark on; empty where nothing has been learnt.
    after: Vec<u8>,
}

impl Template {
    /// The text of a record that differs from the remembered one in nothing else.
    pub(super) fn text<'a>(&self, record: &'a [u8]) -> Option<Cow<'a, str>> {
        if self.after.is_empty() {
            return None;
        }
        let text = record.strip_prefix(self.before.as_slice())?.strip_suffix(self.after.as_slice())?;
        let plain = text.iter().all(|byte| !matches!(byte, 0..0x20 | b'"' | b'\\'));
        if plain {
            return std::str::from_utf8(text).ok().map(Cow::Borrowed);
        }
        // With its quotation marks. The parser refuses anything that is not one whole string.
        let quoted = record.get(self.before.len() - 1..=self.before.len() + text.len())?;
        serde_json::from_slice(quoted).ok().map(Cow::Owned)
    }

    /// Remembers a chunk that has nothing to say but its piece of text.
    pub(super) fn learn(&mut self, record: &[u8], chunk: &Chunk<'_>) {
        let Some(choice) = &chunk.choices.0 else { return };
        let only_text = choice.finish_reason.is_none()
            && choice.delta.reasoning.is_none()
            && choice.delta.reasoning_content.is_none()
            && chunk.usage.is_none();
        if !only_text || choice.delta.content.is_none() || record.len() > TEMPLATE_BYTES {
            return;
        }
        // A quotation mark inside a text is escaped, so this is a key, and the only one of its name is the text's.
        let key = br#""content":""#;
        let mut found = memmem::find_iter(record, key);
        let (Some(at), None) = (found.next(), found.next()) else { return };
        let start = at + key.len();
        let mut end = start;
        while let Some(next) = memchr2(b'"', b'\\', &record[end..]) {
            end += next;
            if record[end] == b'"' {
                self.before.clear();
                self.before.extend_from_slice(&record[..start]);
                self.after.clear();
                self.after.extend_from_slice(&record[end..]);
                return;
            }
            end = (end + 2).min(record.len());
        }
    }
}

/// A chunk of a streamed chat completion.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)] // the ignored fields are there to be known
pub(super) struct Chunk<'a> {
    id: &'a str,
    object: &'a str,
    created: IgnoredAny,
    pub(super) model: &'a str,
    #[serde(borrow)]
    pub(super) choices: AtMostOne<'a>,
    #[serde(default)]
    pub(super) usage: Option<Usage>,
    #[serde(default)]
    system_fingerprint: IgnoredAny,
    #[serde(default)]
    service_tier: IgnoredAny,
    #[serde(default)]
    prompt_token_ids: IgnoredAny,
    #[serde(default)]
    prompt_text: IgnoredAny,
}

impl<'a> Chunk<'a> {
    /// Reads a record, where it is the usual chunk and nothing about it needs a closer look.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        // Checked once as a whole, so that the parser need not check each text.
        let text = std::str::from_utf8(bytes).ok()?;
        let chunk: Self = serde_json::from_str(text).ok()?;
        let suspicious =
            chunk.model.is_empty() || chunk.model.contains(['(', ' ']) || chunk.model.starts_with("simulated");
        (!chunk.id.is_empty() && chunk.object == "chat.completion.chunk" && !suspicious).then_some(chunk)
    }
}

#[derive(Deserialize)]
pub(super) struct Usage {
    pub(super) prompt_tokens: u32,
    pub(super) completion_tokens: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)] // the ignored fields are there to be known
pub(super) struct Choice<'a> {
    index: Zero,
    pub(super) delta: Delta,
    #[serde(default)]
    logprobs: IgnoredAny,
    #[serde(default)]
    pub(super) finish_reason: Option<&'a str>,
    #[serde(default)]
    stop_reason: IgnoredAny,
    #[serde(default)]
    token_ids: IgnoredAny,
}

/// Owned texts: they go into the event as they are.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)] // the role is there to be known
pub(super) struct Delta {
    #[serde(default)]
    role: IgnoredAny,
    #[serde(default)]
    pub(super) content: Option<String>,
    #[serde(default)]
    pub(super) reasoning: Option<String>,
    #[serde(default)]
    pub(super) reasoning_content: Option<String>,
}

/// The only choice, or none.
pub(super) struct AtMostOne<'a>(pub(super) Option<Choice<'a>>);

impl<'de: 'a, 'a> Deserialize<'de> for AtMostOne<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AtMostOneVisitor;

        impl<'de> Visitor<'de> for AtMostOneVisitor {
            type Value = AtMostOne<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("at most one choice")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut choices: A) -> Result<Self::Value, A::Error> {
                let first = choices.next_element()?;
                match choices.next_element::<IgnoredAny>()? {
                    None => Ok(AtMostOne(first)),
                    Some(_) => Err(A::Error::custom("more than one choice")),
                }
            }
        }

        deserializer.deserialize_seq(AtMostOneVisitor)
    }
}

/// The index of the only choice.
struct Zero;

impl<'de> Deserialize<'de> for Zero {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u32::deserialize(deserializer)? {
            0 => Ok(Self),
            _ => Err(D::Error::custom("not the first choice")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: &str = r#"{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"phi4:mini","choices":[{"index":0,"delta":{"content":"Hi"},"logprobs":null,"finish_reason":null,"token_ids":null}]}"#;

    #[test]
    fn the_usual_chunk_is_read_here() {
        let chunk = Chunk::read(USUAL.as_bytes()).unwrap();
        assert_eq!(chunk.choices.0.unwrap().delta.content.as_deref(), Some("Hi"));
        for recording in ["trained_chat_stream", "chat_stream", "chat_stream_contusage"] {
            let path = format!("{}/tests/fixtures/vllm/{recording}.resp", env!("CARGO_MANIFEST_DIR"));
            let recorded = std::fs::read_to_string(path).unwrap();
            for record in recorded.lines().filter_map(|line| line.strip_prefix("data: {")) {
                assert!(Chunk::read(format!("{{{record}").as_bytes()).is_some(), "{recording}: {record}");
            }
        }
    }

    #[test]
    fn the_next_chunk_is_known_by_what_stands_around_its_text() {
        let mut template = Template::default();
        let with = |text: &str| USUAL.replace(r#""Hi""#, text);
        assert_eq!(template.text(USUAL.as_bytes()), None);
        template.learn(USUAL.as_bytes(), &Chunk::read(USUAL.as_bytes()).unwrap());
        for (quoted, text) in [
            (r#""Hi""#, Some("Hi")),
            (r#""""#, Some("")),
            (r#"" ¿qué? \ud83e\uddab""#, Some(" ¿qué? \u{1F9AB}")),
            (r#""a\"b\\""#, Some("a\"b\\")),
            (r#""a","role":"b""#, None),
            (r#""a\""#, None),
            (r#""\ud83e""#, None),
            ("\"\n\"", None),
            ("null", None),
        ] {
            assert_eq!(template.text(with(quoted).as_bytes()).as_deref(), text, "{quoted}");
        }
        assert_eq!(template.text(USUAL.replace("null", "true").as_bytes()), None);
        assert_eq!(template.text(&USUAL.as_bytes()[1..]), None);
        assert_eq!(template.text(b""), None);
        let invalid: Vec<u8> = with("\"\u{1}\"").bytes().map(|byte| if byte == 1 { 0xFF } else { byte }).collect();
        assert_eq!(template.text(&invalid), None);
    }

    #[test]
    fn everything_unusual_is_left_to_others() {
        for (usual, unusual) in [
            (r#""created":1"#, r#""created":1,"status":"simulated_response""#),
            (r#""created":1"#, r#""created":1,"error":null"#),
            (r#""created":1"#, r#""created":1,"id":"again""#),
            ("phi4:mini", "phi3:mini (fallback)"),
            ("phi4:mini", "simulated-model"),
            ("chatcmpl-1", ""),
            ("completion.chunk", "completion"),
            (r#""index":0"#, r#""index":1"#),
            (r#"{"content":"Hi"}"#, r#"{"content":["Hi"]}"#),
            (r#"{"content":"Hi"}"#, r#"{"content":null,"tool_calls":[{}]}"#),
            ("]}", r#",{"index":1}]}"#),
            ("}", ""),
        ] {
            assert!(USUAL.contains(usual), "{usual}");
            assert!(Chunk::read(USUAL.replacen(usual, unusual, 1).as_bytes()).is_none(), "{unusual}");
        }
        assert!(Chunk::read(b"\xFF").is_none());
    }
}
