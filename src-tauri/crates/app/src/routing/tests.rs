use capibara6_protocol::{Network, RoutingRule as Rule};
use proptest::prelude::*;

use super::*;

/// Questions as people ask them, with the rule that shall fire.
const LABELLED: &[(&str, Rule)] = &[
    // code text
    ("```rust\nfn main() {}\n```\n¿qué hace?", Rule::CodeText),
    ("¿Por qué falla?\n\ndef suma(a, b):\n    return a + b", Rule::CodeText),
    ("what does this print\nconsole.log([1,2,3].map(x => x * 2));", Rule::CodeText),
    ("SELECT nombre FROM clientes WHERE id = 3", Rule::CodeText),
    ("Traceback (most recent call last):\n  File \"a.py\", line 3, in <module>", Rule::CodeText),
    ("error[E0382]: borrow of moved value: `s`", Rule::CodeText),
    ("#include <stdio.h>\nint main() { return 0; }", Rule::CodeText),
    ("from os import path\nno me encuentra el fichero", Rule::CodeText),
    ("import numpy as np", Rule::CodeText),
    ("let total = 0;", Rule::CodeText),
    ("TypeError: undefined is not a function", Rule::CodeText),
    ("$ ls -la\ntotal 0", Rule::CodeText),
    ("for (int i = 0; i < n; i++) {\n  s += i;\n}", Rule::CodeText),
    ("public static void main(String[] args)", Rule::CodeText),
    ("if x == 1 && y == 2", Rule::CodeText),
    ("git rebase -i HEAD~3", Rule::CodeText),
    ("</div>", Rule::CodeText),
    // code words
    ("Escribe una función en Python que ordene una lista", Rule::CodeWords),
    ("How do I centre a div with CSS?", Rule::CodeWords),
    ("¿Cómo hago un JOIN en SQL?", Rule::CodeWords),
    ("Explain Rust lifetimes", Rule::CodeWords),
    ("mi programa en C++ no compila", Rule::CodeWords),
    ("¿qué significa async en C#?", Rule::CodeWords),
    ("Node.js no arranca", Rule::CodeWords),
    ("write a regex for e-mail addresses", Rule::CodeWords),
    ("Necesito una expresión regular para fechas", Rule::CodeWords),
    ("EXPRESION REGULAR para un DNI", Rule::CodeWords),
    ("explícame el algoritmo de Dijkstra", Rule::CodeWords),
    ("Refactoriza este método para que sea más legible", Rule::CodeWords),
    ("Compara Python y Java", Rule::CodeWords),
    ("Why does my recursive function never end?", Rule::CodeWords),
    ("How do I undo a git commit?", Rule::CodeWords),
    ("¿Cómo filtro filas con pandas?", Rule::CodeWords),
    ("¿Qué es una API?", Rule::CodeWords),
    ("write unit tests for a date parser", Rule::CodeWords),
    ("¿Me revisas el código?", Rule::CodeWords),
    ("can you review my code please", Rule::CodeWords),
    ("analiza la complejidad de este algoritmo", Rule::CodeWords),
    // creative words
    ("Escríbeme un poema sobre el mar", Rule::CreativeWords),
    ("Write a short story about a lighthouse", Rule::CreativeWords),
    ("Cuéntame un cuento para dormir", Rule::CreativeWords),
    ("Un haiku de otoño", Rule::CreativeWords),
    ("give me ten slogans for a bakery", Rule::CreativeWords),
    ("Inventa un personaje para mi novela", Rule::CreativeWords),
    ("Reescribe este correo en un tono más amable", Rule::CreativeWords),
    ("Rewrite this in a friendlier tone", Rule::CreativeWords),
    ("nombres para una cooperativa de quesos", Rule::CreativeWords),
    ("lluvia de ideas para el aniversario", Rule::CreativeWords),
    ("Imagine a city without cars", Rule::CreativeWords),
    ("SONETO a una capibara", Rule::CreativeWords),
    ("write a song for my grandmother", Rule::CreativeWords),
    ("Escribe un discurso de boda para mi hermana", Rule::CreativeWords),
    ("una historia de terror en un faro", Rule::CreativeWords),
    ("make up a fable with a fox", Rule::CreativeWords),
    ("Analiza este poema de Machado", Rule::CreativeWords),
    // complex words
    ("Compara las cooperativas con las sociedades limitadas", Rule::ComplexWords),
    ("What are the pros and cons of heat pumps?", Rule::ComplexWords),
    ("¿Qué diferencia hay entre IVA e IRPF?", Rule::ComplexWords),
    ("Difference between a virus and a bacterium", Rule::ComplexWords),
    ("Resuelve la ecuación x² - 5x + 6 = 0", Rule::ComplexWords),
    ("Prove that the square root of two is irrational", Rule::ComplexWords),
    ("Analiza las causas de la inflación", Rule::ComplexWords),
    ("explain step by step how a bill becomes law", Rule::ComplexWords),
    ("¿Cuál es la probabilidad de sacar dos seises?", Rule::ComplexWords),
    ("ventajas y desventajas del teletrabajo", Rule::ComplexWords),
    ("Evaluate the strategy of the cooperative", Rule::ComplexWords),
    ("Calcula la derivada de f(x) = 3x^2", Rule::ComplexWords),
    ("explain why the sky is blue in depth", Rule::ComplexWords),
    ("Planifica un viaje de diez días por Galicia", Rule::ComplexWords),
    ("tea versus coffee", Rule::ComplexWords),
    ("ANÁLISIS de riesgos", Rule::ComplexWords),
    ("¿qué es mejor, alquilar o comprar?", Rule::ComplexWords),
    // short
    ("hola", Rule::ShortQuestion),
    ("Hi!", Rule::ShortQuestion),
    ("¿Qué hora es en Tokio?", Rule::ShortQuestion),
    ("Who wrote Don Quixote?", Rule::ShortQuestion),
    ("cuéntame un chiste", Rule::ShortQuestion),
    ("tell me a joke", Rule::ShortQuestion),
    ("¿Cuál es el código postal de Vigo?", Rule::ShortQuestion),
    ("what is the dress code for a wedding", Rule::ShortQuestion),
    ("gracias", Rule::ShortQuestion),
    ("¿Cuál es la capital de Mongolia?", Rule::ShortQuestion),
    ("What's the boiling point of water at sea level?", Rule::ShortQuestion),
    ("¿Cuál es la función del hígado?", Rule::ShortQuestion),
    ("los pandas comen bambú", Rule::ShortQuestion),
    ("Where is the island of Java?", Rule::ShortQuestion),
    ("¿Está abierta la farmacia; o ya cerró?", Rule::ShortQuestion),
    ("f(x) = 2x + 1", Rule::ShortQuestion),
    ("Hola (soy Ana)", Rule::ShortQuestion),
    ("Me gustan las novelas", Rule::ShortQuestion),
    ("el guionista vive aquí", Rule::ShortQuestion),
    ("今日はいい天気ですね", Rule::ShortQuestion),
    // otherwise
    (
        "Mañana viene el inspector a la quesería y no sé qué papeles tengo que enseñarle ni dónde los guardaba mi socio",
        Rule::Otherwise,
    ),
    (
        "My neighbour keeps parking in front of our gate and I would like to know what I may ask of him without a quarrel",
        Rule::Otherwise,
    ),
    (
        "Tengo una reunión con los socios el jueves y me gustaría llevar preparadas unas palabras para abrirla bien",
        Rule::Otherwise,
    ),
];

#[test]
fn labelled_questions_fire_their_rule() {
    let wrong: Vec<_> = LABELLED
        .iter()
        .map(|(question, rule)| (*question, *rule, classify(question).0))
        .filter(|(_, expected, found)| expected != found)
        .collect();
    assert!(LABELLED.len() >= 80);
    assert_eq!(wrong, Vec::new());
}

#[test]
fn long_questions_are_long_by_words_or_by_characters() {
    assert_eq!(classify(&"sol ".repeat(LONG_WORDS + 1)).0, Rule::LongQuestion);
    assert_eq!(classify(&"sol ".repeat(LONG_WORDS)).0, Rule::Otherwise);
    assert_eq!(classify(&"天".repeat(LONG_CHARS + 1)).0, Rule::LongQuestion);
    assert_eq!(classify(&"天".repeat(LONG_CHARS)).0, Rule::Otherwise);
}

#[test]
fn every_rule_has_its_tier() {
    let tiers: Vec<(Rule, Tier)> =
        ["let a = 1;", "python", "poema", "compara", &"sol ".repeat(90), "hola", LABELLED[LABELLED.len() - 1].0]
            .map(classify)
            .to_vec();
    assert_eq!(
        tiers,
        [
            (Rule::CodeText, Tier::Code),
            (Rule::CodeWords, Tier::Code),
            (Rule::CreativeWords, Tier::Creative),
            (Rule::ComplexWords, Tier::Complex),
            (Rule::LongQuestion, Tier::Complex),
            (Rule::ShortQuestion, Tier::Fast),
            (Rule::Otherwise, Tier::Complex),
        ]
    );
}

#[test]
fn the_vocabulary_is_folded_and_says_nothing_twice() {
    for list in [vocabulary::CODE, vocabulary::CREATIVE, vocabulary::COMPLEX, vocabulary::NOT_CODE] {
        let mut seen = std::collections::BTreeSet::new();
        for phrase in list {
            assert_eq!(Words::of(phrase).words.join(" "), *phrase, "not folded, so it could never match");
            assert!(seen.insert(phrase), "{phrase} stands twice");
        }
    }
}

proptest! {
    #[test]
    fn case_and_accents_do_not_matter(index in 0..LABELLED.len()) {
        let (question, rule) = LABELLED[index];
        // Source text is recognised by its shape, in which case matters.
        prop_assume!(rule != Rule::CodeText);
        prop_assert_eq!(classify(&question.to_uppercase()).0, rule);
        let without_accent = |c: char| {
            if let Folded::Letter(letter) = fold(c)
                && c.is_lowercase()
            {
                letter
            } else {
                c
            }
        };
        let bare: String = question.chars().map(without_accent).collect();
        prop_assert_eq!(classify(&bare).0, rule);
    }

    #[test]
    fn any_text_is_classified(text in any::<String>()) {
        let first = classify(&text);
        prop_assert_eq!(classify(&text), first);
        prop_assert_ne!(first.0, Rule::Pinned);
    }
}

fn entry(id: &str, tier: Tier) -> ModelEntry {
    ModelEntry {
        id: id.into(),
        label: String::new(),
        url: "http://127.0.0.1:1/v1".to_owned(),
        tier,
        weight: 1.0,
        context: None,
        temperature: None,
        max_tokens: None,
    }
}

fn profile(models: Vec<ModelEntry>) -> Profile {
    Profile {
        name: "p".to_owned(),
        models,
        services: Default::default(),
        oidc: None,
        device: None,
        token_origins: Vec::new(),
        sign_in_port: None,
        network: Network::default(),
    }
}

fn four() -> Profile {
    profile(vec![
        entry("big", Tier::Complex),
        entry("small", Tier::Fast),
        entry("coder", Tier::Code),
        entry("poet", Tier::Creative),
    ])
}

fn ids(names: &[&str]) -> Vec<ModelId> {
    names.iter().map(|name| ModelId::from(*name)).collect()
}

fn auto(tier: Tier, rule: Rule) -> Routing {
    Routing { mode: Mode::Auto, tier, rule, instead_of: None, because: None }
}

#[test]
fn auto_takes_the_tier_then_the_profiles_order() {
    let route = route("escribe un poema", Mode::Auto, None, &four(), |_| None).unwrap();
    assert_eq!(
        route,
        Route {
            routing: auto(Tier::Creative, Rule::CreativeWords),
            candidates: ids(&["poet", "big", "small", "coder"])
        }
    );
}

#[test]
fn a_tier_without_a_model_takes_the_first_of_the_profile() {
    let profile = profile(vec![entry("a", Tier::Fast), entry("b", Tier::Code)]);
    let route = route("escribe un poema", Mode::Auto, None, &profile, |_| None).unwrap();
    assert_eq!(route.candidates, ids(&["a", "b"]));
    assert_eq!(route.routing, auto(Tier::Creative, Rule::CreativeWords));
}

#[test]
fn a_model_that_is_down_is_replaced_and_named() {
    let down = |id: &ModelId| (matches!(id.as_str(), "coder" | "big")).then_some(ErrorCode::Refused);
    let route = route("python", Mode::Auto, None, &four(), down).unwrap();
    assert_eq!(
        route,
        Route {
            routing: Routing {
                instead_of: Some("coder".into()),
                because: Some(ErrorCode::Refused),
                ..auto(Tier::Code, Rule::CodeWords)
            },
            candidates: ids(&["small", "poet", "coder", "big"])
        }
    );
}

#[test]
fn when_all_are_down_the_chosen_one_is_tried_all_the_same() {
    let route = route("python", Mode::Auto, None, &four(), |_| Some(ErrorCode::Unreachable)).unwrap();
    assert_eq!(route.routing, auto(Tier::Code, Rule::CodeWords));
    assert_eq!(route.candidates, ids(&["coder", "big", "small", "poet"]));
}

#[test]
fn single_pins_even_a_model_that_is_down() {
    let pinned = ModelId::from("small");
    let route = route("python", Mode::Single, Some(&pinned), &four(), |_| Some(ErrorCode::Refused)).unwrap();
    assert_eq!(
        route,
        Route {
            routing: Routing {
                mode: Mode::Single,
                tier: Tier::Fast,
                rule: Rule::Pinned,
                instead_of: None,
                because: None
            },
            candidates: ids(&["small"])
        }
    );
}

#[test]
fn what_cannot_be_routed_is_an_error() {
    let unknown = ModelId::from("nobody");
    assert_eq!(route("x", Mode::Single, Some(&unknown), &four(), |_| None), Err(ErrorCode::NotFound));
    assert_eq!(route("x", Mode::Single, None, &four(), |_| None), Err(ErrorCode::InvalidInput));
    assert_eq!(route("x", Mode::Auto, None, &profile(vec![]), |_| None), Err(ErrorCode::NoModel));
}
