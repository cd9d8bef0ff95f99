//! The words of the shell: native menu, notifications, command line. They come from the same Fluent catalogues as the window's
//! (`ui/locales`), built in by `build.rs`, and the language is negotiated in the same way, so that both sides speak alike.

use std::borrow::Cow;

use capibara6_app::transfer::Labels;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use fluent_langneg::{NegotiationStrategy, convert_vec_str_to_langids_lossy, negotiate_languages};
use unic_langid::LanguageIdentifier;

include!(concat!(env!("OUT_DIR"), "/catalogues.rs"));

/// The language that has every text, and what is spoken where no other fits.
const COMPLETE: &str = "en";

/// Texts in one language, with the complete one behind it.
pub struct Words {
    bundles: Vec<FluentBundle<FluentResource>>,
}

impl Words {
    /// The words for someone who wants `chosen`, or else any of `system`, best first. All are BCP 47 tags; `C` and other
    /// things that are none are passed over.
    pub fn new(chosen: Option<&str>, system: &[String]) -> Self {
        let wanted = convert_vec_str_to_langids_lossy(chosen.into_iter().chain(system.iter().map(String::as_str)));
        let available = convert_vec_str_to_langids_lossy(CATALOGUES.iter().map(|(tag, _)| tag));
        let complete: LanguageIdentifier = COMPLETE.parse().unwrap_or_default();
        let order = negotiate_languages(&wanted, &available, Some(&complete), NegotiationStrategy::Filtering);
        let language = order.first().copied().unwrap_or(&complete).clone();

        let behind = (language != complete).then_some(complete);
        Self { bundles: std::iter::once(language).chain(behind).map(bundle).collect() }
    }

    /// The language that is spoken, as a BCP 47 tag.
    pub fn language(&self) -> String {
        let first = self.bundles.first().and_then(|bundle| bundle.locales.first());
        first.map_or_else(|| COMPLETE.to_owned(), ToString::to_string)
    }

    /// Whether it is written from right to left.
    pub fn is_right_to_left(&self) -> bool {
        let first = self.bundles.first().and_then(|bundle| bundle.locales.first());
        first.is_some_and(|language| matches!(language.language.as_str(), "ar" | "fa" | "he" | "ur"))
    }

    /// The words of an export that are not the conversation's.
    pub fn labels(&self) -> Labels {
        let language = self.bundles.first().and_then(|bundle| bundle.locales.first()).cloned().unwrap_or_default();
        let say = |id: &str| self.say(id).into_owned();
        Labels {
            right_to_left: matches!(language.language.as_str(), "ar" | "fa" | "he" | "ur"),
            language: language.to_string(),
            user: say("export-user"),
            assistant: say("export-assistant"),
            reasoning: say("export-reasoning"),
            stopped: say("export-stopped"),
            interrupted: say("export-interrupted"),
            failed: say("export-failed"),
            scripted: say("export-scripted"),
        }
    }

    /// The text with this id; the id itself where no catalogue has it.
    pub fn say<'a>(&'a self, id: &'a str) -> Cow<'a, str> {
        self.say_with(id, &[])
    }

    /// The text with this id and these values in it.
    pub fn say_with<'a>(&'a self, id: &'a str, values: &[(&'a str, &'a str)]) -> Cow<'a, str> {
        self.say_of(id, values.iter().copied().collect())
    }

    /// The text with this id and these values in it, numbers among them.
    pub fn say_of<'a>(&'a self, id: &'a str, values: FluentArgs<'_>) -> Cow<'a, str> {
        for bundle in &self.bundles {
            let Some(pattern) = bundle.get_message(id).and_then(|message| message.value()) else { continue };
            let mut errors = Vec::new();
            let text = bundle.format_pattern(pattern, Some(&values), &mut errors);
            if errors.is_empty() {
                return Cow::Owned(text.into_owned());
            }
        }
        tracing::warn!(id, "no text");
        Cow::Borrowed(id)
    }
}

fn bundle(language: LanguageIdentifier) -> FluentBundle<FluentResource> {
    let tag = language.to_string();
    let texts = CATALOGUES.iter().find(|(name, _)| *name == tag).map_or(&[][..], |(_, texts)| texts);
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    // Menus of some systems show the marks that isolate a value's direction as boxes.
    bundle.set_use_isolating(false);
    // The one built-in function, `NUMBER`, which the texts with figures use; a fresh bundle has no other of that name.
    let _ = bundle.add_builtins();
    for text in texts {
        // A catalogue with an error keeps all its other messages; the test below refuses it anyway.
        let resource = FluentResource::try_new((*text).to_owned()).unwrap_or_else(|(resource, _)| resource);
        bundle.add_resource_overriding(resource);
    }
    bundle
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language(chosen: Option<&str>, system: &[&str]) -> String {
        let system: Vec<String> = system.iter().map(ToString::to_string).collect();
        let words = Words::new(chosen, &system);
        words.bundles.first().map(|bundle| bundle.locales[0].to_string()).expect("a language")
    }

    #[test]
    fn the_best_language_at_hand_is_spoken() {
        let cases: [(Option<&str>, &[&str], &str); 8] = [
            (None, &[], "en"),
            (None, &["C"], "en"),
            (None, &["es-ES"], "es"),
            (None, &["es-AR", "en-GB"], "es"),
            (None, &["tlh", "es"], "es"),
            (Some("en"), &["es-ES"], "en"),
            (Some("es"), &["en-US"], "es"),
            (Some("not a tag"), &["es"], "es"),
        ];
        for (chosen, system, expected) in cases {
            assert_eq!(language(chosen, system), expected, "{chosen:?}, {system:?}");
        }
    }

    #[test]
    fn every_catalogue_parses() {
        for (tag, texts) in CATALOGUES {
            for text in *texts {
                let errors = FluentResource::try_new((*text).to_owned()).err().map(|(_, errors)| errors);
                assert_eq!(errors, None, "{tag}");
            }
        }
    }

    #[test]
    fn values_stand_in_the_text() {
        let words = Words::new(Some("en"), &[]);
        let text = words.say_with("notification-answer-body", &[("model", "phi4"), ("title", "Rivers")]);
        assert!(text.contains("phi4") && text.contains("Rivers"), "{text}");
    }

    #[test]
    fn an_unknown_text_is_its_id() {
        assert_eq!(Words::new(None, &[]).say("no-such-text"), "no-such-text");
    }
}
