//! Rows on pages that no table leads to any more: the leaves of a table whose root is destroyed are whole, and say by the shape
//! of their rows which table they are of. Pure: it is handed pages, and believes none of them.
//!
//! The layout is that of <https://www.sqlite.org/fileformat2.html#b_tree_pages>. A page that was given back holds no rows,
//! because what is deleted is overwritten with zeros (`secure_delete`).

/// A value of a row.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Integer(i64),
    Real(f64),
    Text(Vec<u8>),
    Blob(Vec<u8>),
    /// It stands on a page that cannot be read.
    Unread,
}

/// A row of one of the tables below.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub id: i64,
    pub values: Vec<Value>,
}

/// How a row of a table looks.
pub(super) struct Shape {
    pub table: &'static str,
    pub columns: &'static [(&'static str, Kind)],
    /// How many columns it had in the first version.
    pub least: usize,
}

/// What stands in a column.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// The row's own id, which stands elsewhere.
    Id,
    Uuid,
    Integer,
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    IntegerOrNothing,
    TextOrNothing,
}

use Kind::{Id, Integer, IntegerOrNothing, Text, TextOrNothing, Uuid, Word};

/// The tables that are recognised. No two shapes fit one row.
pub(super) const SHAPES: &[Shape] = &[
    Shape {
        table: "project",
        columns: &[
            ("id", Id),
            ("uuid", Uuid),
            ("created_at", Integer),
            ("deleted_at", IntegerOrNothing),
            ("place", Integer),
            ("name", Text),
        ],
        least: 6,
    },
    Shape {
        table: "conversation",
        columns: &[
            ("id", Id),
            ("uuid", Uuid),
            ("created_at", Integer),
            ("updated_at", Integer),
            ("pinned", Integer),
            ("deleted_at", IntegerOrNothing),
            ("leaf", IntegerOrNothing),
            ("titled_by", Text),
            ("title", Text),
            ("project", IntegerOrNothing),
            ("former_project", IntegerOrNothing),
            ("archived_at", IntegerOrNothing),
            ("messages", Integer),
        ],
        least: 9,
    },
    Shape {
        table: "message",
        columns: &[
            ("id", Id),
            ("uuid", Uuid),
            ("conversation", Integer),
            ("parent", IntegerOrNothing),
            ("chosen", IntegerOrNothing),
            ("created_at", Integer),
            ("scripted", Integer),
            ("role", Text),
            ("status", Text),
            ("model", TextOrNothing),
            ("routing", TextOrNothing),
            ("omitted", TextOrNothing),
            ("metrics", TextOrNothing),
            ("error", TextOrNothing),
            ("content", Text),
            ("reasoning", Text),
        ],
        least: 16,
    },
    Shape {
        table: "journal",
        columns: &[
            ("id", Id),
            ("message", Integer),
            ("part", Word(&["content", "reasoning"])),
            ("kind", Word(&["append", "replace"])),
            ("text", Text),
        ],
        least: 5,
    },
    Shape {
        table: "consensus",
        columns: &[
            ("id", Id),
            ("uuid", Uuid),
            ("conversation", Integer),
            ("question", Integer),
            ("created_at", Integer),
            ("judgement", TextOrNothing),
            ("run", Text),
            ("record", Text),
        ],
        least: 8,
    },
];

impl Kind {
    fn fits(self, value: &Value) -> bool {
        match (self, value) {
            (Id, Value::Null)
            | (Integer | IntegerOrNothing, Value::Integer(_))
            | (IntegerOrNothing | TextOrNothing, Value::Null)
            | (Text | TextOrNothing, Value::Text(_) | Value::Unread) => true,
            (Uuid, Value::Blob(bytes)) => bytes.len() == 16,
            (Word(words), Value::Text(text)) => words.iter().any(|word| word.as_bytes() == text),
            _ => false,
        }
    }
}

impl Shape {
    /// The table that a row is of.
    pub(super) fn of(row: &Row) -> Option<&'static Self> {
        SHAPES.iter().find(|shape| {
            (shape.least..=shape.columns.len()).contains(&row.values.len())
                && shape.columns.iter().zip(&row.values).all(|((_, kind), value)| kind.fits(value))
        })
    }
}

/// A leaf of a table.
const LEAF: u8 = 0x0d;

/// Nothing of ours is longer; what claims to be is damage.
const LONGEST: u64 = 1 << 28;

/// A row whose end may stand on further pages.
#[derive(Debug, PartialEq)]
pub(super) struct Cell<'p> {
    id: i64,
    length: usize,
    here: &'p [u8],
    /// The first further page.
    further: Option<u32>,
}

/// The cells of a page, where it is a leaf of a table; `usable` is the part of a page that SQLite uses.
pub(super) fn cells(page: &[u8], is_first: bool, usable: usize) -> Vec<Cell<'_>> {
    let head = if is_first { 100 } else { 0 };
    if page.get(head) != Some(&LEAF) || usable > page.len() {
        return Vec::new();
    }
    let count = number(page, head + 3).unwrap_or_default();
    (0..count).filter_map(|n| cell(page, number(page, head + 8 + n * 2)?, usable)).collect()
}

fn cell(page: &[u8], at: usize, usable: usize) -> Option<Cell<'_>> {
    let (length, at) = varint(page, at)?;
    let (id, at) = varint(page, at)?;
    if length == 0 || length > LONGEST {
        return None;
    }
    let length = usize::try_from(length).ok()?;
    // What stands here of a row that does not fit (section 1.6, "payload").
    let most = usable - 35;
    let here = if length <= most {
        length
    } else {
        let least = (usable - 12) * 32 / 255 - 23;
        let rest = least + (length - least) % (usable - 4);
        if rest <= most { rest } else { least }
    };
    let end = at.checked_add(here)?;
    let further =
        if here == length { None } else { Some(u32::from_be_bytes(page.get(end..end + 4)?.try_into().ok()?)) };
    let here = page.get(at..end).filter(|_| end <= usable)?;
    Some(Cell { id: id.cast_signed(), length, here, further })
}

impl Cell<'_> {
    /// The row's id.
    pub(super) fn id(&self) -> i64 {
        self.id
    }

    /// The page on which more of the row stands.
    pub(super) fn further(&self) -> Option<u32> {
        self.further
    }

    /// How many bytes stand on other pages.
    pub(super) fn missing(&self) -> usize {
        self.length - self.here.len()
    }

    /// The row, with what was read of its end; nothing where it is no row.
    pub(super) fn row(&self, rest: &[u8]) -> Option<Row> {
        let payload = [self.here, rest].concat();
        let (head, mut at) = varint(&payload, 0)?;
        let head = usize::try_from(head).ok().filter(|head| *head <= payload.len())?;
        let mut body = head;
        let mut values = Vec::new();
        while at < head {
            let (kind, next) = varint(&payload, at)?;
            at = next;
            let length = match kind {
                0 | 8 | 9 => 0,
                1..=4 => usize::try_from(kind).ok()?,
                5 => 6,
                6 | 7 => 8,
                10 | 11 => return None,
                longer => usize::try_from((longer - 12) / 2).ok()?,
            };
            let end = body.checked_add(length).filter(|end| *end <= self.length)?;
            let value = payload.get(body..end);
            values.push(match (kind, value) {
                (0, _) => Value::Null,
                (8, _) => Value::Integer(0),
                (9, _) => Value::Integer(1),
                (_, None) => Value::Unread,
                (1..=6, Some(bytes)) => Value::Integer(integer(bytes)),
                (7, Some(bytes)) => Value::Real(f64::from_be_bytes(bytes.try_into().ok()?)),
                (_, Some(bytes)) if kind % 2 == 0 => Value::Blob(bytes.to_vec()),
                (_, Some(bytes)) => Value::Text(bytes.to_vec()),
            });
            body = end;
        }
        Some(Row { id: self.id, values })
    }
}

/// What a further page says: the one after it, and its bytes.
pub(super) fn further(page: &[u8], usable: usize) -> Option<(u32, &[u8])> {
    Some((u32::from_be_bytes(page.get(..4)?.try_into().ok()?), page.get(4..usable)?))
}

fn number(page: &[u8], at: usize) -> Option<usize> {
    Some(usize::from(u16::from_be_bytes(page.get(at..at + 2)?.try_into().ok()?)))
}

fn varint(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut value = 0_u64;
    for n in 0..9 {
        let byte = *bytes.get(at.checked_add(n)?)?;
        if n == 8 {
            return Some((value << 8 | u64::from(byte), at + 9));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte < 0x80 {
            return Some((value, at + n + 1));
        }
    }
    None
}

/// Big-endian, with its sign.
fn integer(bytes: &[u8]) -> i64 {
    let sign = if bytes.first().is_some_and(|byte| *byte >= 0x80) { -1 } else { 0 };
    bytes.iter().fold(sign, |value, byte| value << 8 | i64::from(*byte))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_page_is_believed(mut page in prop::collection::vec(any::<u8>(), 4096), leaf in any::<bool>(), few in any::<bool>()) {
            if leaf {
                page[0] = LEAF;
            }
            if few {
                page[3] = 0;
            }
            for cell in cells(&page, false, 4096) {
                if let Some(row) = cell.row(&page) {
                    prop_assert!(row.values.len() <= 4096);
                }
            }
        }
    }

    #[test]
    fn numbers_are_read_with_their_signs() {
        assert_eq!(integer(&[0xff]), -1);
        assert_eq!(integer(&[0x01, 0x00]), 256);
        assert_eq!(integer(&[0x80, 0, 0, 0, 0, 0, 0, 0]), i64::MIN);
        assert_eq!(varint(&[0x81, 0x00], 0), Some((128, 2)));
        assert_eq!(varint(&[0xff; 9], 0), Some((u64::MAX, 9)));
        assert_eq!(varint(&[0xff; 8], 0), None);
    }
}
