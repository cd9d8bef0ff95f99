//! Which of the two scripted languages a question is in.

/// A language that the scripts are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Language {
    English,
    Spanish,
}

/// Frequent short words of each language that the other one does not have.
const SPANISH: &[&str] = &[
    "a",
    "al",
    "ayuda",
    "caida",
    "como",
    "con",
    "corta",
    "cuando",
    "cuento",
    "de",
    "del",
    "dame",
    "donde",
    "el",
    "ella",
    "en",
    "es",
    "esta",
    "este",
    "esto",
    "hay",
    "hola",
    "la",
    "largo",
    "larga",
    "las",
    "lento",
    "lista",
    "lo",
    "los",
    "matematicas",
    "me",
    "mi",
    "muestrame",
    "muy",
    "para",
    "pero",
    "por",
    "privacidad",
    "puedes",
    "que",
    "quien",
    "se",
    "si",
    "sin",
    "sobre",
    "son",
    "su",
    "tabla",
    "tareas",
    "tu",
    "un",
    "una",
    "y",
    "yo",
    "codigo",
    "buenos",
    "buenas",
    "dias",
    "gracias",
    "escribe",
    "explica",
];
const ENGLISH: &[&str] = &[
    "about",
    "an",
    "and",
    "are",
    "can",
    "do",
    "does",
    "for",
    "from",
    "give",
    "hello",
    "help",
    "hi",
    "how",
    "i",
    "in",
    "is",
    "it",
    "long",
    "make",
    "my",
    "of",
    "on",
    "or",
    "please",
    "show",
    "story",
    "table",
    "tell",
    "that",
    "the",
    "thanks",
    "this",
    "to",
    "what",
    "when",
    "where",
    "which",
    "who",
    "why",
    "with",
    "write",
    "you",
    "your",
    "code",
    "explain",
    "slow",
    "cut",
    "down",
    "maths",
    "math",
    "checklist",
    "privacy",
];

/// The language of the last of `texts` that gives any sign of it; English where none does.
pub(crate) fn detect<'a>(texts: impl DoubleEndedIterator<Item = &'a str>) -> Language {
    texts.rev().find_map(signs).unwrap_or(Language::English)
}

fn signs(text: &str) -> Option<Language> {
    let marks = text.chars().filter(|c| "¿¡ñÑáéíóúÁÉÍÓÚ".contains(*c)).count();
    let words = words(text);
    let count = |list: &[&str]| words.iter().filter(|word| list.contains(&word.as_str())).count();
    let (spanish, english) = (count(SPANISH) + 2 * marks, count(ENGLISH));
    match spanish.cmp(&english) {
        std::cmp::Ordering::Greater => Some(Language::Spanish),
        std::cmp::Ordering::Less => Some(Language::English),
        std::cmp::Ordering::Equal => None,
    }
}

/// The words of a text in lower case, without accents.
pub(crate) fn words(text: &str) -> Vec<String> {
    let folded: String = text.chars().flat_map(char::to_lowercase).map(fold).collect();
    folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn fold(c: char) -> char {
    match c {
        'á' | 'à' => 'a',
        'é' | 'è' => 'e',
        'í' | 'ï' => 'i',
        'ó' | 'ò' => 'o',
        'ú' | 'ü' => 'u',
        'ñ' => 'n',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_show_their_language() {
        use Language::{English, Spanish};
        let cases: [(&[&str], Language); 12] = [
            (&["Hello!"], English),
            (&["hola"], Spanish),
            (&["What can you do?"], English),
            (&["¿Qué puedes hacer?"], Spanish),
            (&["Muestrame una tabla de los modelos"], Spanish),
            (&["Show me a table of the models"], English),
            (&["ERROR"], English),
            (&["hola", "error"], Spanish),
            (&["hello", "¿y en español?", "ok"], Spanish),
            (&["código"], Spanish),
            (&["12 + 30"], English),
            (&[], English),
        ];
        assert_eq!(cases.map(|(texts, _)| detect(texts.iter().copied())), cases.map(|(_, language)| language));
    }
}
