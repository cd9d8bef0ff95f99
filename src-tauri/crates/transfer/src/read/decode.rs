//! Text as UTF-8, whatever it is written in. Files that passed through Windows tools are UTF-16 or begin with a mark.

use std::io::{self, Read};

/// How a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Utf16(Order),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Little,
    Big,
}

impl Order {
    fn unit(self, pair: [u8; 2]) -> u16 {
        match self {
            Self::Little => u16::from_le_bytes(pair),
            Self::Big => u16::from_be_bytes(pair),
        }
    }
}

/// A source as UTF-8 without a byte order mark. What cannot be decoded becomes U+FFFD; bytes of a UTF-8 source pass as they
/// are.
pub struct Decoded<R> {
    source: R,
    encoding: Option<Encoding>,
    /// Bytes that were read and not given yet: the beginning of a UTF-8 source, decoded text of a UTF-16 source.
    ready: Vec<u8>,
    given: usize,
    /// Undecoded rest: half a unit, or the first half of a surrogate pair.
    rest: Vec<u8>,
}

impl<R: Read> Decoded<R> {
    /// Decodes `source`.
    pub fn new(source: R) -> Self {
        Self { source, encoding: None, ready: Vec::new(), given: 0, rest: Vec::new() }
    }

    /// Finds out how it is written: by a mark, or by the bytes of the bracket that every document of ours begins with.
    fn recognise(&mut self) -> io::Result<Encoding> {
        let mut head = Vec::new();
        self.source.by_ref().take(4).read_to_end(&mut head)?;
        let (encoding, mark) = match head.as_slice() {
            [0xEF, 0xBB, 0xBF, ..] => (Encoding::Utf8, 3),
            [0xFF, 0xFE, ..] => (Encoding::Utf16(Order::Little), 2),
            [0xFE, 0xFF, ..] => (Encoding::Utf16(Order::Big), 2),
            [b'[' | b'{' | b' ' | b'\r' | b'\n', 0, ..] => (Encoding::Utf16(Order::Little), 0),
            [0, b'[' | b'{' | b' ' | b'\r' | b'\n', ..] => (Encoding::Utf16(Order::Big), 0),
            _ => (Encoding::Utf8, 0),
        };
        let head = head.split_off(mark);
        match encoding {
            Encoding::Utf8 => self.ready = head,
            Encoding::Utf16(_) => self.rest = head,
        }
        self.encoding = Some(encoding);
        Ok(encoding)
    }

    fn decode(&mut self, order: Order) -> io::Result<()> {
        let mut chunk = vec![0; 64 << 10];
        let read = self.source.read(&mut chunk)?;
        let mut bytes = std::mem::take(&mut self.rest);
        bytes.extend_from_slice(&chunk[..read]);
        let (pairs, half) = bytes.as_chunks::<2>();
        let mut units: Vec<u16> = pairs.iter().map(|pair| order.unit(*pair)).collect();
        if read > 0 {
            self.rest = half.to_vec();
            // The second half of a pair may come with the next chunk.
            if let Some(high) = units.pop_if(|unit| (0xD800..0xDC00).contains(unit)) {
                let bytes = match order {
                    Order::Little => high.to_le_bytes(),
                    Order::Big => high.to_be_bytes(),
                };
                self.rest.splice(0..0, bytes);
            }
        }
        let text: String = char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        self.ready = text.into_bytes();
        self.given = 0;
        if self.ready.is_empty() && read > 0 {
            return self.decode(order);
        }
        Ok(())
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let encoding = match self.encoding {
            Some(encoding) => encoding,
            None => self.recognise()?,
        };
        if self.given == self.ready.len() {
            match encoding {
                Encoding::Utf8 => return self.source.read(into),
                Encoding::Utf16(order) => self.decode(order)?,
            }
        }
        let count = into.len().min(self.ready.len() - self.given);
        into[..count].copy_from_slice(&self.ready[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8]) -> String {
        let mut text = Vec::new();
        Decoded::new(bytes).read_to_end(&mut text).expect("memory does not fail");
        String::from_utf8_lossy(&text).into_owned()
    }

    #[test]
    fn every_encoding_gives_the_same_text() {
        let text = "[\"añ 水 🦫\"]".to_owned() + &" ".repeat(70_000) + "🦫";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for (mark, bytes) in [
            (&b""[..], text.as_bytes()),
            (b"\xEF\xBB\xBF", text.as_bytes()),
            (b"\xFF\xFE", &little),
            (b"\xFE\xFF", &big),
            (b"", &little),
            (b"", &big),
        ] {
            assert_eq!(decoded(&[mark, bytes].concat()), text);
        }
    }

    #[test]
    fn half_a_character_costs_itself() {
        assert_eq!(decoded(b"\xFF\xFE[\0\x3D\xD8]\0"), "[\u{FFFD}]");
        assert_eq!(decoded(b"\xFF\xFE[\0]"), "[");
        assert_eq!(decoded(b""), "");
        assert_eq!(decoded(b"["), "[");
    }
}
