//! Pieces, or the text so far? Two servers of the platform send the latter under the name of the former.
//!
//! Two explanations are kept until one is refuted: that the texts are pieces ("ha", "ha" is "haha"), and that each is
//! the whole text so far ("ha", "ha" is "ha"). While both hold, the second is shown;
//! when it is refuted, the first one's text takes the place of what was shown. So the end is right in either case.

/// How a text changes what is shown.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// This is new (or nothing).
    New(&'a str),
    /// This stands instead of all before.
    Instead(String),
}

/// After so many texts of this length in all, each beginning with the one before, nobody speaks like that by chance.
const CERTAIN_TEXTS: u32 = 4;
const CERTAIN_BYTES: usize = 32;

/// What the texts have been so far.
#[derive(Debug, Default)]
pub(super) enum Cumulative {
    /// No text yet.
    #[default]
    Unknown,
    /// Both explanations hold.
    Open { joined: String, last: String, texts: u32 },
    /// They are pieces.
    Pieces,
    /// Each is the text so far.
    SoFar { last: String },
}

impl Cumulative {
    /// The server is known to send the text so far.
    pub(super) fn assume(&mut self) {
        if matches!(self, Self::Unknown) {
            *self = Self::SoFar { last: String::new() };
        }
    }

    /// Takes the next text.
    pub(super) fn piece<'a>(&mut self, text: &'a str) -> Piece<'a> {
        if text.is_empty() {
            return Piece::New(text);
        }
        match self {
            Self::Unknown => {
                *self = Self::Open { joined: text.to_owned(), last: text.to_owned(), texts: 1 };
                Piece::New(text)
            }
            Self::Pieces => Piece::New(text),
            Self::Open { joined, last, texts } => {
                let Some(new) = text.strip_prefix(last.as_str()) else {
                    let shown_is_joined = *texts == 1;
                    joined.push_str(text);
                    let joined = std::mem::take(joined);
                    *self = Self::Pieces;
                    return if shown_is_joined { Piece::New(text) } else { Piece::Instead(joined) };
                };
                *texts += 1;
                if *texts >= CERTAIN_TEXTS && text.len() >= CERTAIN_BYTES {
                    *self = Self::SoFar { last: text.to_owned() };
                } else {
                    joined.push_str(text);
                    text.clone_into(last);
                }
                Piece::New(new)
            }
            Self::SoFar { last } => {
                if let Some(new) = text.strip_prefix(last.as_str()) {
                    last.push_str(new);
                    Piece::New(new)
                } else if last.starts_with(text) {
                    Piece::New("")
                } else {
                    // The end of the text so far may change: half a character, decoded too early.
                    text.clone_into(last);
                    Piece::Instead(text.to_owned())
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is shown after the texts.
    fn shown(mut state: Cumulative, texts: &[&str]) -> String {
        let mut shown = String::new();
        for text in texts {
            match state.piece(text) {
                Piece::New(text) => shown.push_str(text),
                Piece::Instead(text) => shown = text,
            }
        }
        shown
    }

    #[test]
    fn either_kind_of_server_is_understood() {
        for (texts, end) in [
            (&["Hel", "lo", " you"][..], "Hello you"),
            (&["Hel", "Hello", "Hello you"], "Hello you"),
            (&["ha", "ha", " no"], "haha no"),
            (&["1", "10", "100", " is many"], "110100 is many"),
            (&["a", "", "ab", "", "abc"], "abc"),
            (&["", "x", "y"], "xy"),
            (
                &[
                    "Uno",
                    "Uno dos",
                    "Uno dos tres cuatro",
                    "Uno dos tres cuatro cinco seis siete",
                    "Uno dos tres cuatro cinco seis siete ocho",
                ],
                "Uno dos tres cuatro cinco seis siete ocho",
            ),
            (&[], ""),
        ] {
            assert_eq!(shown(Cumulative::default(), texts), end, "{texts:?}");
        }
    }

    #[test]
    fn a_server_known_for_it_may_correct_its_last_character() {
        let mut state = Cumulative::default();
        state.assume();
        assert_eq!(shown(state, &["o", "ol\u{FFFD}", "olé", "olé", "ol", "olé!"]), "olé!");
    }
}
