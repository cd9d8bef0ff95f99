//! File names for profiles: from any name in any script to a stem that every file system keeps as it is.
//!
//! Only lower-case ASCII letters, digits and `-` are used, because some file systems fold case or decompose accents, and
//! because Windows refuses a list of device names whatever their extension.

use icu_normalizer::DecomposingNormalizer;

/// Longest stem.
const LONGEST: usize = 60;
/// What a name without any usable letter comes to, and what stands before a device name.
const FALLBACK: &str = "profile";

/// A safe stem for `name`: never empty, never a device name of Windows.
pub(crate) fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in DecomposingNormalizer::new_nfkd().normalize(name).chars() {
        if slug.len() >= LONGEST {
            break;
        }
        match c {
            'a'..='z' | '0'..='9' => slug.push(c),
            'A'..='Z' => slug.push(c.to_ascii_lowercase()),
            'ß' | 'ẞ' => slug.push_str("ss"),
            'ø' | 'Ø' => slug.push('o'),
            'æ' | 'Æ' => slug.push_str("ae"),
            'œ' | 'Œ' => slug.push_str("oe"),
            'ł' | 'Ł' => slug.push('l'),
            'đ' | 'Đ' => slug.push('d'),
            // Combining marks, which the decomposition split off.
            '\u{300}'..='\u{36f}' | '\'' | '’' => (),
            _ if slug.is_empty() || slug.ends_with('-') => (),
            _ => slug.push('-'),
        }
    }
    slug.truncate(LONGEST);
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() {
        FALLBACK.to_owned()
    } else if is_device(slug) {
        format!("{FALLBACK}-{slug}")
    } else {
        slug.to_owned()
    }
}

/// Whether Windows keeps the stem for a device (Microsoft, "Naming Files, Paths, and Namespaces").
fn is_device(stem: &str) -> bool {
    match stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt")) {
        Some(number) => number.len() == 1 && number.chars().all(|c| c.is_ascii_digit()),
        None => matches!(stem, "con" | "prn" | "aux" | "nul"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_become_safe_stems() {
        let cases = [
            ("Capibara6", "capibara6"),
            ("Mi flota", "mi-flota"),
            ("  Flota de Álava: años ñoños  ", "flota-de-alava-anos-nonos"),
            ("L’Hospitalet d'Àger", "lhospitalet-dager"),
            ("Straße Øst Æsop Łódź", "strasse-ost-aesop-lodz"),
            ("../../etc/passwd", "etc-passwd"),
            ("a\\b:c*d?e\"f<g>h|i", "a-b-c-d-e-f-g-h-i"),
            ("..", "profile"),
            ("", "profile"),
            ("模型", "profile"),
            ("模型 GPU 4", "gpu-4"),
            ("CON", "profile-con"),
            ("nul", "profile-nul"),
            ("Com1", "profile-com1"),
            ("COM¹", "profile-com1"),
            ("LPT9", "profile-lpt9"),
            ("com10", "com10"),
            ("console", "console"),
            ("con.toml", "con-toml"),
            ("trailing dot.", "trailing-dot"),
        ];
        assert_eq!(cases.map(|(name, _)| (name, slug(name))), cases.map(|(name, stem)| (name, stem.to_owned())));
    }

    proptest! {
        #[test]
        fn any_name_becomes_a_safe_stem(name in any::<String>()) {
            let stem = slug(&name);
            prop_assert!(!stem.is_empty() && stem.len() <= LONGEST, "{stem:?}");
            prop_assert!(stem.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{stem:?}");
            prop_assert!(!stem.starts_with('-') && !stem.ends_with('-') && !is_device(&stem), "{stem:?}");
            prop_assert_eq!(slug(&stem), stem);
        }
    }
}
