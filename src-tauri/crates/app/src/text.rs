//! Lengths of text as the window counts them.

/// Length in UTF-16 code units: what a string of the window calls its length.
pub fn utf16_len(text: &str) -> u32 {
    // Every character has one byte that is no continuation byte; those outside the basic plane begin with 0xF0 or above.
    let units = text.bytes().map(|byte| usize::from(byte & 0xC0 != 0x80) + usize::from(byte >= 0xF0)).sum::<usize>();
    u32::try_from(units).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn counts_what_the_window_counts(text in any::<String>()) {
            prop_assert_eq!(utf16_len(&text) as usize, text.encode_utf16().count());
        }
    }
}
