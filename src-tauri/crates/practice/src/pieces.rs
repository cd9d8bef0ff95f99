//! Cutting a text into pieces of the size of a model's tokens, which is also how the fleet counts tokens.

/// Longest piece of a word, in characters.
const LONGEST: usize = 6;

/// The pieces of a text in order; joined they are the text.
///
/// A piece is a run of line breaks, one other character that is no letter, or up to [`LONGEST`] letters with the space
/// before them, roughly as byte-pair encodings split prose.
pub(crate) fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let length = first(rest);
        let (piece, after) = rest.split_at_checked(length)?;
        rest = after;
        (!piece.is_empty()).then_some(piece)
    })
}

/// How many pieces a text has.
pub(crate) fn count(text: &str) -> usize {
    pieces(text).count()
}

/// The length of the first piece in bytes.
fn first(text: &str) -> usize {
    let start = usize::from(text.starts_with(' '));
    let word: usize =
        text.chars().skip(start).take_while(|c| c.is_alphanumeric()).take(LONGEST).map(char::len_utf8).sum();
    if word > 0 {
        return start + word;
    }
    let breaks = text.bytes().take_while(|byte| *byte == b'\n').count();
    if breaks > 0 {
        return breaks;
    }
    text.chars().next().map_or(0, char::len_utf8)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_is_cut_like_tokens() {
        let text = "Hola, ¿qué\n\n  extraordinario?  `x`";
        let wanted =
            ["Hola", ",", " ", "¿", "qué", "\n\n", " ", " extrao", "rdinar", "io", "?", " ", " ", "`", "x", "`"];
        assert_eq!(pieces(text).collect::<Vec<_>>(), wanted);
    }

    proptest! {
        #[test]
        fn joined_pieces_are_the_text(text in any::<String>()) {
            prop_assert!(pieces(&text).all(|piece| !piece.is_empty()));
            prop_assert_eq!(pieces(&text).collect::<String>(), text);
        }
    }
}
