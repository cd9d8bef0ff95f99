//! Which prepared text answers a question, and in which tone and at what pace each of the four models says it.
//!
//! The texts are Markdown files in `answers/`, one per topic and language. A line `<!-- more -->` ends what the brief
//! model says; `<!-- break -->` is where a demonstration of trouble fails. What the texts claim about the program must
//! be true.

use std::time::Duration;

use capibara6_protocol::Tier;

use crate::language::{Language, words};
use crate::plain::plain;

const MORE: &str = "<!-- more -->\n";
const BREAK: &str = "<!-- break -->";
/// Silence before the first word where slowness is asked for.
const SLOW: Duration = Duration::from_secs(6);
/// Longer questions are about trouble; shorter ones ask for it to be shown.
const LONGEST_CALL_FOR_TROUBLE: usize = 4;

/// How fast the fleet speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// With the delays and rates of real models.
    LikeAModel,
    /// As fast as the socket takes it, for tests.
    Immediate,
}

/// How a model of the fleet speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Persona {
    /// Thinks aloud before it speaks.
    Reasoner,
    /// Comes to the point.
    Coder,
    /// Short and fast.
    Brief,
    /// Takes its time.
    Storyteller,
}

impl From<Tier> for Persona {
    fn from(tier: Tier) -> Self {
        match tier {
            Tier::Complex => Self::Reasoner,
            Tier::Code => Self::Coder,
            Tier::Fast => Self::Brief,
            Tier::Creative => Self::Storyteller,
        }
    }
}

impl Persona {
    /// Time to the first token.
    pub(crate) fn first_token(self) -> Duration {
        Duration::from_millis(match self {
            Self::Reasoner => 400,
            Self::Coder => 220,
            Self::Brief => 150,
            Self::Storyteller => 350,
        })
    }

    /// Pace once it speaks.
    pub(crate) fn tokens_per_second(self) -> u32 {
        match self {
            Self::Reasoner => 55,
            Self::Coder => 70,
            Self::Brief => 90,
            Self::Storyteller => 45,
        }
    }

    fn opening(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Reasoner, Language::English) => "Let me go through it in order.\n\n",
            (Self::Reasoner, Language::Spanish) => "Vamos por orden.\n\n",
            (Self::Storyteller, Language::English) => {
                "Imagine a slow river, a capybara in the shallows, and a question drifting by.\n\n"
            }
            (Self::Storyteller, Language::Spanish) => {
                "Imagina un río lento, un carpincho en la orilla y una pregunta que pasa flotando.\n\n"
            }
            (Self::Coder | Self::Brief, _) => "",
        }
    }
}

/// What a question is taken to be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Topic {
    Hello,
    About,
    Table,
    Tasks,
    Code,
    Math,
    Story,
    Privacy,
    Long,
    Other,
    /// A first word that comes late.
    Slow,
    /// An error inside the stream.
    Error,
    /// A stream without its end.
    Cut,
    /// A model that refuses.
    Down,
}

/// The words that call for each topic, without accents; a final `*` stands for any ending. The first match counts.
const CALLS: &[(Topic, &[&str])] = &[
    (Topic::Long, &["long", "larg*", "tour", "recorrido", "essay", "ensayo", "extens*"]),
    (Topic::Table, &["table*", "tabla*", "compar*"]),
    (Topic::Math, &["math*", "matemat*", "formula*", "equation*", "ecuacion*", "integral*", "probabil*"]),
    (
        Topic::Code,
        &[
            "code",
            "codigo",
            "python",
            "rust",
            "javascript",
            "sql",
            "bash",
            "function*",
            "funcion*",
            "program*",
            "script*",
        ],
    ),
    (Topic::Tasks, &["list*", "checklist*", "task*", "tarea*", "todo*", "steps", "pasos"]),
    (Topic::Story, &["story", "stories", "tale*", "poem*", "cuento*", "historia*", "fabula*"]),
    (Topic::Privacy, &["privacy", "private", "privac*", "privad*", "data", "datos", "secret*"]),
    (Topic::About, &["help", "ayuda*", "capibara*", "who", "quien", "can", "puedes", "sabes", "do", "haces"]),
    (Topic::Hello, &["hello", "hi", "hey", "hola", "buenos", "buenas", "good", "saludos"]),
];

const TROUBLE: &[(Topic, &[&str])] = &[
    (Topic::Error, &["error", "errors", "errores", "fallo"]),
    (Topic::Slow, &["slow", "slowly", "lento", "lenta", "despacio"]),
    (Topic::Down, &["down", "caida", "caido"]),
    (Topic::Cut, &["cut", "corta", "corte", "cortala"]),
];

/// Words that show that `corta` means a short answer and not a broken one.
const SHORT_THINGS: &[&str] = &["respuesta", "frase", "historia", "explicacion", "version", "pregunta"];

/// The topic of a question.
pub(crate) fn topic(question: &str) -> Topic {
    let words = words(question);
    let called = |calls: &[(Topic, &[&str])]| {
        let matches = |pattern: &str| match pattern.strip_suffix('*') {
            Some(stem) => words.iter().any(|word| word.starts_with(stem)),
            None => words.iter().any(|word| word == pattern),
        };
        calls.iter().find(|(_, patterns)| patterns.iter().any(|pattern| matches(pattern))).map(|(topic, _)| *topic)
    };
    let trouble = if words.len() <= LONGEST_CALL_FOR_TROUBLE { called(TROUBLE) } else { None };
    let short = words.iter().any(|word| SHORT_THINGS.contains(&word.as_str()));
    trouble.filter(|topic| *topic != Topic::Cut || !short).or_else(|| called(CALLS)).unwrap_or(Topic::Other)
}

/// Everything that one model says to one question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Script {
    /// Thought aloud before the text; often empty.
    pub(crate) reasoning: String,
    /// The answer.
    pub(crate) text: String,
    /// What comes after the text.
    pub(crate) ending: Ending,
    /// Silence before the first word, beyond the model's own.
    pub(crate) delay: Duration,
}

/// How an answer ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// As it should.
    Complete,
    /// With an error that the server reports.
    ServerError,
    /// Without a word: the connection breaks.
    Cut,
}

/// The model said that it cannot answer now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Overloaded;

/// What `persona` answers. `so_far` is the beginning of its own answer where it is asked to go on with it.
pub(crate) fn script(
    persona: Persona,
    question: &str,
    language: Language,
    so_far: Option<&str>,
) -> Result<Script, Overloaded> {
    let plain = plain(persona, question, language).filter(|_| so_far.is_none());
    if let Some(text) = plain {
        return Ok(Script { reasoning: String::new(), text, ending: Ending::Complete, delay: Duration::ZERO });
    }
    let topic = topic(question);
    if topic == Topic::Down && persona == Persona::Brief {
        return Err(Overloaded);
    }
    let body = body(topic, persona, language);
    let (before, after) = body.split_once(BREAK).unwrap_or((&body, ""));
    let ending = match topic {
        Topic::Error => Ending::ServerError,
        Topic::Cut => Ending::Cut,
        Topic::Hello | Topic::About | Topic::Table | Topic::Tasks | Topic::Code | Topic::Math => Ending::Complete,
        Topic::Story | Topic::Privacy | Topic::Long | Topic::Other | Topic::Slow | Topic::Down => Ending::Complete,
    };
    let delay = if topic == Topic::Slow { SLOW } else { Duration::ZERO };
    let Some(so_far) = so_far else {
        let reasoning = reasoning(topic, persona, language);
        return Ok(Script { reasoning, text: before.to_owned(), ending, delay });
    };
    let (text, ending) = match before.strip_prefix(so_far) {
        Some(rest) if !rest.is_empty() => (rest.to_owned(), ending),
        _ => {
            let whole = format!("{before}{after}");
            let rest = whole.strip_prefix(so_far).filter(|rest| !rest.is_empty());
            (rest.unwrap_or(nothing_to_add(language)).to_owned(), Ending::Complete)
        }
    };
    Ok(Script { reasoning: String::new(), text, ending, delay: Duration::ZERO })
}

fn nothing_to_add(language: Language) -> &'static str {
    match language {
        Language::English => "\n\nThat is where the script ends; there is nothing to add.",
        Language::Spanish => "\n\nAquí termina el guion; no hay nada que añadir.",
    }
}

macro_rules! answer {
    ($language:expr, $name:literal) => {
        match $language {
            Language::English => include_str!(concat!("../answers/en/", $name, ".md")),
            Language::Spanish => include_str!(concat!("../answers/es/", $name, ".md")),
        }
    };
}

fn body(topic: Topic, persona: Persona, language: Language) -> String {
    let text = match topic {
        Topic::Hello => answer!(language, "hello"),
        Topic::About => answer!(language, "about"),
        Topic::Table => answer!(language, "table"),
        Topic::Tasks => answer!(language, "tasks"),
        Topic::Code => answer!(language, "code"),
        Topic::Math => answer!(language, "math"),
        Topic::Story => answer!(language, "story"),
        Topic::Privacy => answer!(language, "privacy"),
        Topic::Other => answer!(language, "other"),
        Topic::Slow => answer!(language, "slow"),
        Topic::Error => answer!(language, "error"),
        Topic::Cut => answer!(language, "cut"),
        Topic::Down => answer!(language, "down"),
        Topic::Long => return tour(language),
    };
    let text = text.trim_end();
    match text.split_once(MORE) {
        Some((first, _)) if persona == Persona::Brief => first.trim_end().to_owned(),
        Some((first, more)) => format!("{}{first}{more}", persona.opening(language)),
        None => text.to_owned(),
    }
}

/// The longest answer: all the others as chapters of one text.
fn tour(language: Language) -> String {
    let chapters = [
        ("What this program does", "Qué hace este programa", answer!(language, "about")),
        ("The practice models compared", "Los modelos de práctica, comparados", answer!(language, "table")),
        ("First steps", "Primeros pasos", answer!(language, "tasks")),
        ("Asking well", "Preguntar bien", answer!(language, "asking")),
        ("How far to trust an answer", "Hasta dónde fiarse de una respuesta", answer!(language, "trust")),
        ("A little mathematics of opinions", "Un poco de matemáticas de las opiniones", answer!(language, "math")),
        ("Code in an answer", "Código en una respuesta", answer!(language, "code")),
        ("Where your words are kept", "Dónde se guardan tus palabras", answer!(language, "privacy")),
        ("A server of your own", "Un servidor propio", answer!(language, "server")),
        ("And a story to end with", "Y un cuento para terminar", answer!(language, "story")),
    ];
    let mut text = answer!(language, "long").trim_end().to_owned();
    for (english, spanish, chapter) in chapters {
        let title = match language {
            Language::English => english,
            Language::Spanish => spanish,
        };
        text.push_str(&format!("\n\n## {title}\n\n{}", chapter.replace(MORE, "").trim_end()));
    }
    text
}

fn reasoning(topic: Topic, persona: Persona, language: Language) -> String {
    if persona != Persona::Reasoner {
        return String::new();
    }
    let found = match (topic, language) {
        (Topic::Other, Language::English) => {
            "None of the words I know is in it, so the only honest answer is to say so"
        }
        (Topic::Other, Language::Spanish) => {
            "No contiene ninguna de las palabras que conozco, así que lo único honesto es decirlo"
        }
        (_, Language::English) => "There is a word in it that one of my scripts is made for, so I will use that script",
        (_, Language::Spanish) => {
            "Contiene una palabra para la que está hecho uno de mis guiones, así que usaré ese guion"
        }
    };
    match language {
        Language::English => format!(
            "I look at the last question. {found}. What is written here, in the folded part, is how a reasoning model \
             thinks aloud before it answers; mine is scripted like the rest. The answer should be useful, say plainly \
             that it is scripted where that matters, and show some structure.\n\nNow I write it down."
        ),
        Language::Spanish => format!(
            "Miro la última pregunta. {found}. Lo que aparece aquí, en la parte plegada, es cómo piensa en voz alta un \
             modelo que razona antes de contestar; lo mío está escrito de antemano, como el resto. La respuesta debe \
             ser útil, decir claramente que es un guion donde importe y mostrar algo de estructura.\n\nAhora la escribo."
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOPICS: [Topic; 14] = [
        Topic::Hello,
        Topic::About,
        Topic::Table,
        Topic::Tasks,
        Topic::Code,
        Topic::Math,
        Topic::Story,
        Topic::Privacy,
        Topic::Long,
        Topic::Other,
        Topic::Slow,
        Topic::Error,
        Topic::Cut,
        Topic::Down,
    ];
    const PERSONAS: [Persona; 4] = [Persona::Reasoner, Persona::Coder, Persona::Brief, Persona::Storyteller];
    const LANGUAGES: [Language; 2] = [Language::English, Language::Spanish];

    #[test]
    fn questions_find_their_script() {
        let cases = [
            ("Hello!", Topic::Hello),
            ("hola", Topic::Hello),
            ("What can you do?", Topic::About),
            ("¿Quién eres?", Topic::About),
            ("Show me a table", Topic::Table),
            ("compara los modelos", Topic::Table),
            ("a checklist, please", Topic::Tasks),
            ("lista de tareas", Topic::Tasks),
            ("Write some code in Rust", Topic::Code),
            ("muéstrame código", Topic::Code),
            ("maths", Topic::Math),
            ("una fórmula", Topic::Math),
            ("tell me a story", Topic::Story),
            ("un cuento", Topic::Story),
            ("Is my data private?", Topic::Privacy),
            ("una respuesta larga", Topic::Long),
            ("a long story", Topic::Long),
            ("error", Topic::Error),
            ("muéstrame un error", Topic::Error),
            ("Why does my program print this error?", Topic::Code),
            ("slow", Topic::Slow),
            ("lento", Topic::Slow),
            ("corta", Topic::Cut),
            ("cut", Topic::Cut),
            ("una respuesta corta", Topic::Other),
            ("caída", Topic::Down),
            ("down", Topic::Down),
            ("¿Cuál es la capital de Francia?", Topic::Other),
            ("", Topic::Other),
        ];
        assert_eq!(cases.map(|(question, _)| (question, topic(question))), cases);
    }

    #[test]
    fn no_mark_of_ours_is_ever_said_and_the_languages_have_the_same_shape() {
        for (topic, persona) in TOPICS.iter().flat_map(|topic| PERSONAS.map(|persona| (*topic, persona))) {
            let bodies = LANGUAGES.map(|language| body(topic, persona, language));
            for body in &bodies {
                assert!(!body.contains(MORE.trim_end()), "{topic:?} {persona:?}");
                assert!(!body.trim().is_empty() && body.matches(BREAK).count() <= 1, "{topic:?} {persona:?}");
            }
            let shape = |text: &str| {
                let starts = |marks: &[&str]| {
                    text.lines().filter(|line| marks.iter().any(|mark| line.trim_start().starts_with(mark))).count()
                };
                (starts(&["- "]), starts(&["|"]), starts(&["```"]), starts(&["$$"]), starts(&["1.", "2.", "3."]))
            };
            assert_eq!(shape(&bodies[0]), shape(&bodies[1]), "{topic:?} {persona:?}");
        }
    }

    #[test]
    fn the_long_answer_is_about_two_thousand_words() {
        let lengths = LANGUAGES.map(|language| tour(language).split_whitespace().count());
        assert!(lengths.iter().all(|length| (1_800..=2_300).contains(length)), "{lengths:?}");
    }

    #[test]
    fn the_table_tells_the_truth_about_the_pace() {
        for (language, persona) in LANGUAGES.iter().flat_map(|language| PERSONAS.map(|p| (*language, p))) {
            let name = match persona {
                Persona::Reasoner => "GPT-OSS 20B",
                Persona::Coder => "Qwen2.5 Coder",
                Persona::Brief => "Phi-4 Mini",
                Persona::Storyteller => "Mixtral 8x7B",
            };
            let table = body(Topic::Table, persona, language);
            let row = table.lines().find(|line| line.contains(name)).unwrap();
            assert!(row.contains(&format!(" {} ms", persona.first_token().as_millis())), "{row}");
            assert!(row.contains(&format!(" {} tokens/s", persona.tokens_per_second())), "{row}");
        }
    }

    #[test]
    fn going_on_says_the_rest_and_only_the_rest() {
        for (topic, question) in [(Topic::Math, "maths"), (Topic::Cut, "cut"), (Topic::Error, "error")] {
            let whole = body(topic, Persona::Coder, Language::English).replace(BREAK, "");
            let first = script(Persona::Coder, question, Language::English, None).unwrap();
            let (shown, _) = first.text.split_at(20);
            let second = script(Persona::Coder, question, Language::English, Some(shown)).unwrap();
            assert_eq!(format!("{shown}{}", second.text), first.text);
            assert_eq!(second.ending, first.ending);

            let third = script(Persona::Coder, question, Language::English, Some(&first.text)).unwrap();
            assert_eq!(third.ending, Ending::Complete);
            if topic == Topic::Math {
                assert_eq!(third.text, nothing_to_add(Language::English));
            } else {
                assert_eq!(format!("{}{}", first.text, third.text), whole);
            }
        }
    }

    #[test]
    fn the_models_differ_in_tone() {
        let answers = PERSONAS.map(|persona| script(persona, "help", Language::English, None).unwrap());
        let [reasoner, coder, brief, storyteller] = answers;
        assert!(!reasoner.reasoning.is_empty());
        assert_eq!((coder.reasoning, brief.reasoning, storyteller.reasoning), Default::default());
        assert!(reasoner.text.ends_with(&coder.text) && storyteller.text.ends_with(&coder.text));
        assert!(coder.text.starts_with(&brief.text) && coder.text.len() > brief.text.len());
    }

    #[test]
    fn only_the_brief_model_is_ever_down() {
        let down = PERSONAS.map(|persona| script(persona, "down", Language::English, None).is_err());
        assert_eq!(down, [false, false, true, false]);
    }
}
