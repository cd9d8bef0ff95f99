//! What the user has set: kept in memory, written through to the database. A value that no server would accept is refused
//! where it is entered, with the name of the field.

use capibara6_protocol::{AppError, ErrorCode, Parameters, Settings};

/// Sizes of type in percent.
const TYPE_SIZE: std::ops::RangeInclusive<u16> = 80..=160;

/// Longest system prompt in characters: beyond it, it would crowd out the conversation of every model that is served.
const SYSTEM_PROMPT_CHARS: usize = 20_000;

/// Most texts that end an answer; the servers take no more than a handful.
const STOP_TEXTS: usize = 16;

/// The settings of a program in a space: what holds the user's own words (system prompts among the parameters) and their
/// last choices is the space's, everything else the program's.
pub fn of_space(program: &Settings, space: &Settings) -> Settings {
    Settings { parameters: space.parameters.clone(), mode: space.mode, model: space.model.clone(), ..program.clone() }
}

/// Checks settings before they are kept.
///
/// # Errors
/// `invalid-input` with the path of the field.
pub fn check(settings: &Settings) -> Result<(), AppError> {
    let refused = |field: String| Err(AppError::new(ErrorCode::InvalidInput).with_field(field));
    if !TYPE_SIZE.contains(&settings.type_size) {
        return refused("type_size".to_owned());
    }
    if settings.locale.as_deref().is_some_and(|tag| !is_language_tag(tag)) {
        return refused("locale".to_owned());
    }
    if let Err(error) = capibara6_consensus::plan::check_settings(&settings.consensus) {
        return refused(format!("consensus.{}", error.field.unwrap_or_default()));
    }
    for (model, parameters) in &settings.parameters {
        if let Some(field) = wrong_parameter(parameters) {
            return refused(format!("parameters.{model}.{field}"));
        }
    }
    Ok(())
}

fn wrong_parameter(parameters: &Parameters) -> Option<&'static str> {
    let Parameters { temperature, top_p, max_tokens, seed: _, stop, system_prompt } = parameters;
    if temperature.is_some_and(|value| !(0.0..=2.0).contains(&value)) {
        return Some("temperature");
    }
    if top_p.is_some_and(|value| !(value > 0.0 && value <= 1.0)) {
        return Some("top_p");
    }
    if *max_tokens == Some(0) {
        return Some("max_tokens");
    }
    if stop.len() > STOP_TEXTS || stop.iter().any(String::is_empty) {
        return Some("stop");
    }
    (system_prompt.chars().count() > SYSTEM_PROMPT_CHARS).then_some("system_prompt")
}

/// The shape of a BCP 47 tag; whether there is a catalogue for it is for the window to know.
fn is_language_tag(tag: &str) -> bool {
    tag.len() <= 35
        && tag.split('-').all(|part| (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(parameters: Parameters) -> Settings {
        Settings { parameters: [("m".into(), parameters)].into(), ..Settings::default() }
    }

    fn field(settings: &Settings) -> Option<String> {
        check(settings).err().and_then(|error| error.field)
    }

    #[test]
    fn each_wrong_value_names_its_field() {
        let bad = |parameters| field(&with(parameters));
        let default = Parameters::default;
        assert_eq!(bad(default()), None);
        assert_eq!(
            bad(Parameters { temperature: Some(0.0), top_p: Some(1.0), max_tokens: Some(1), ..default() }),
            None
        );
        assert_eq!(
            bad(Parameters { temperature: Some(2.1), ..default() }).as_deref(),
            Some("parameters.m.temperature")
        );
        assert_eq!(
            bad(Parameters { temperature: Some(f64::NAN), ..default() }).as_deref(),
            Some("parameters.m.temperature")
        );
        assert_eq!(bad(Parameters { top_p: Some(0.0), ..default() }).as_deref(), Some("parameters.m.top_p"));
        assert_eq!(bad(Parameters { max_tokens: Some(0), ..default() }).as_deref(), Some("parameters.m.max_tokens"));
        assert_eq!(bad(Parameters { stop: vec![String::new()], ..default() }).as_deref(), Some("parameters.m.stop"));
        let long = "x".repeat(SYSTEM_PROMPT_CHARS + 1);
        assert_eq!(bad(Parameters { system_prompt: long, ..default() }).as_deref(), Some("parameters.m.system_prompt"));
        assert_eq!(field(&Settings { type_size: 79, ..Settings::default() }).as_deref(), Some("type_size"));
        for (tag, wrong) in [("es", false), ("zh-Hans", false), ("", true), ("../etc", true), ("e s", true)] {
            let settings = Settings { locale: Some(tag.to_owned()), ..Settings::default() };
            assert_eq!(field(&settings).is_some(), wrong, "{tag}");
        }
    }
}
