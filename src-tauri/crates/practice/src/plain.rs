//! Closed questions that the fleet answers plainly, so that a vote can be tried without a server: small sums, a few capitals,
//! whether a number is prime. Now and then one of the four says something else, and says that this is on purpose.

use crate::language::{Language, words};
use crate::script::Persona;

/// The largest number that is reckoned with.
const LARGEST: u64 = 1_000_000;

/// Countries as they are asked about, in both languages without accents; their capitals in both; and what the brief model
/// says instead of Australia's, as many people would.
const CAPITALS: &[(&[&str], [&str; 2])] = &[
    (&["australia"], ["Canberra", "Canberra"]),
    (&["france", "francia"], ["Paris", "París"]),
    (&["portugal"], ["Lisbon", "Lisboa"]),
    (&["spain", "espana"], ["Madrid", "Madrid"]),
    (&["italy", "italia"], ["Rome", "Roma"]),
];

/// What `persona` answers, where the question is one of these.
pub(crate) fn plain(persona: Persona, question: &str, language: Language) -> Option<String> {
    let (answer, other) = answers(persona, question, language)?;
    Some(match (other, language) {
        (None, _) => said(persona, &answer, language),
        (Some(other), Language::English) => {
            format!("{other}\n\n(On purpose: in the practice fleet one model differs now and then.)")
        }
        (Some(other), Language::Spanish) => {
            format!("{other}\n\n(A propósito: en la flota de prácticas un modelo discrepa de vez en cuando.)")
        }
    })
}

/// The same without a word around it: what `persona` says when it is asked for its answer alone.
pub(crate) fn alone(persona: Persona, question: &str, language: Language) -> Option<String> {
    let (answer, other) = answers(persona, question, language)?;
    Some(other.unwrap_or(answer))
}

/// The answer, and what `persona` says instead where it differs.
fn answers(persona: Persona, question: &str, language: Language) -> Option<(String, Option<String>)> {
    let (answer, other) =
        sum(question).or_else(|| capital(question, language)).or_else(|| prime(question, language))?;
    Some((answer, other.filter(|_| persona == Persona::Brief)))
}

/// The same answer in the tone of each model.
fn said(persona: Persona, answer: &str, language: Language) -> String {
    match (persona, language) {
        (Persona::Coder | Persona::Brief, _) => answer.to_owned(),
        (Persona::Reasoner, Language::English) => format!("**Answer:** {answer}"),
        (Persona::Reasoner, Language::Spanish) => format!("**Respuesta:** {answer}"),
        (Persona::Storyteller, Language::English) => format!("The answer is **{answer}**."),
        (Persona::Storyteller, Language::Spanish) => format!("La respuesta es **{answer}**."),
    }
}

/// `6 * 7` and the like. One that comes to more than 40 finds somebody who reckons differently.
fn sum(question: &str) -> Option<(String, Option<String>)> {
    let signs = |letter: char| matches!(letter, '+' | '*' | '×' | '·') || letter == 'x';
    let mut rest = question;
    while let Some(at) = rest.find(signs) {
        let (before, after) = rest.split_at(at);
        let sign = after.chars().next()?;
        let after = &after[sign.len_utf8()..];
        let left: String = before.trim_end().chars().rev().take_while(char::is_ascii_digit).collect();
        let left: String = left.chars().rev().collect();
        let right: String = after.trim_start().chars().take_while(char::is_ascii_digit).collect();
        if let (Ok(left), Ok(right)) = (left.parse::<u64>(), right.parse::<u64>())
            && left <= LARGEST
            && right <= LARGEST
        {
            let result = if sign == '+' { left + right } else { left * right };
            return Some((result.to_string(), (result > 40).then(|| (result - 1).to_string())));
        }
        rest = after;
    }
    None
}

fn capital(question: &str, language: Language) -> Option<(String, Option<String>)> {
    let words = words(question);
    if !words.iter().any(|word| word == "capital") {
        return None;
    }
    let asked = |names: &[&str]| words.iter().any(|word| names.contains(&word.as_str()));
    let (names, capitals) = CAPITALS.iter().find(|(names, _)| asked(names))?;
    let [english, spanish] = capitals;
    let (answer, other) = match language {
        Language::English => (english, "Sydney"),
        Language::Spanish => (spanish, "Sídney"),
    };
    Some(((*answer).to_owned(), names.contains(&"australia").then(|| other.to_owned())))
}

fn prime(question: &str, language: Language) -> Option<(String, Option<String>)> {
    let words = words(question);
    if !words.iter().any(|word| word == "prime" || word == "primo") {
        return None;
    }
    let number: u64 = words.iter().find_map(|word| word.parse().ok()).filter(|number| *number <= LARGEST)?;
    let is_prime =
        number > 1 && (2..).take_while(|each| each * each <= number).all(|each| !number.is_multiple_of(each));
    let answer = match (is_prime, language) {
        (true, Language::English) => "Yes",
        (true, Language::Spanish) => "Sí",
        (false, _) => "No",
    };
    Some((answer.to_owned(), None))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Persona; 4] = [Persona::Reasoner, Persona::Coder, Persona::Brief, Persona::Storyteller];

    fn all(question: &str, language: Language) -> [Option<String>; 4] {
        ALL.map(|persona| plain(persona, question, language))
    }

    #[test]
    fn three_agree_and_the_brief_one_differs_on_purpose() {
        let [reasoner, coder, brief, storyteller] = all("How much is 6 * 7?", Language::English);
        assert_eq!(reasoner.as_deref(), Some("**Answer:** 42"));
        assert_eq!(coder.as_deref(), Some("42"));
        assert_eq!(storyteller.as_deref(), Some("The answer is **42**."));
        assert!(brief.is_some_and(|brief| brief.starts_with("41\n") && brief.contains("On purpose")));
        let [_, coder, brief, _] = all("¿Cuál es la capital de Australia?", Language::Spanish);
        assert_eq!(coder.as_deref(), Some("Canberra"));
        assert!(brief.is_some_and(|brief| brief.starts_with("Sídney\n") && brief.contains("A propósito")));
    }

    #[test]
    fn all_agree_where_nobody_differs() {
        let unanimous = |question, language, answer: &str| {
            all(question, language).iter().all(|each| each.as_deref().is_some_and(|each| each.contains(answer)))
        };
        assert!(unanimous("2 + 2", Language::English, "4"));
        assert!(unanimous("Cuánto es 3 x 4", Language::Spanish, "12"));
        assert!(unanimous("What is the capital of France?", Language::English, "Paris"));
        assert!(unanimous("¿Es 97 un número primo?", Language::Spanish, "Sí"));
        assert!(unanimous("Is 91 prime?", Language::English, "No"));
    }

    #[test]
    fn asked_for_its_answer_alone_each_says_what_it_said() {
        let alone = |question| ALL.map(|persona| alone(persona, question, Language::English));
        assert_eq!(alone("6 * 7"), ["42", "42", "41", "42"].map(|answer| Some(answer.to_owned())));
        assert_eq!(alone("Why?"), [None, None, None, None]);
    }

    #[test]
    fn anything_else_is_left_to_the_scripts() {
        for question in ["", "help", "max 3", "6 *", "* 7", "capital", "capital of Atlantis", "prime", "9999999999 * 2"]
        {
            assert_eq!(plain(Persona::Coder, question, Language::English), None, "{question}");
        }
    }
}
