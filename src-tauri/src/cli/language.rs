//! The words of the command line: clap's structure in the user's language. clap knows English only, so its headings, usage
//! lines and errors are replaced by those of the catalogues; nothing that is printed comes from clap itself but the layout.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command};

use crate::words::Words;

/// The program's name, also in front of every complaint.
pub const PROGRAM: &str = "capibara6";

/// Gives a command line and all its commands their words.
pub fn speaking(command: Command, words: &Words) -> Command {
    let name = |text: &str| words.say(text).into_owned();
    let template = format!(
        "{{about-with-newline}}\n{}\n  {{usage}}\n\n{}\n{{subcommands}}\n\n{}\n{{options}}\n\n{}",
        name("program-heading-usage"),
        name("program-heading-commands"),
        name("program-heading-options"),
        name("program-help-end"),
    );
    let subcommands: Vec<String> = command.get_subcommands().map(|each| each.get_name().to_owned()).collect();
    let mut command = common(command, "program", words)
        .about(name("program-about"))
        .override_usage(name("program-usage"))
        .help_template(template)
        .disable_version_flag(true)
        .disable_help_subcommand(true)
        .arg(
            Arg::new("version")
                .short('V')
                .long("version")
                .action(ArgAction::Version)
                .help(name("program-option-version")),
        );
    for subcommand in subcommands {
        command = command.mut_subcommand(&subcommand, |each| one(each, &subcommand, words));
    }
    command
}

/// The words of one command.
fn one(command: Command, name: &str, words: &Words) -> Command {
    let id = format!("program-{name}");
    let say = |text: &str| words.say(text).into_owned();
    let positionals = if command.get_positionals().next().is_some() {
        format!("{}\n{{positionals}}\n\n", say("program-heading-arguments"))
    } else {
        String::new()
    };
    let template = format!(
        "{{about-with-newline}}\n{}\n  {{usage}}\n\n{positionals}{}\n{{options}}",
        say("program-heading-usage"),
        say("program-heading-options"),
    );
    let (about, usage) = (say(&id), say(&format!("{id}-usage")));
    common(command, &id, words).about(about).override_usage(usage).help_template(template)
}

fn common(command: Command, id: &str, words: &Words) -> Command {
    let help = Arg::new("help")
        .short('h')
        .long("help")
        .action(ArgAction::Help)
        .help(words.say("program-option-help").into_owned());
    command.disable_help_flag(true).arg(help).mut_args(|argument| {
        if argument.get_help().is_some() && argument.get_id() == "help" {
            return argument;
        }
        let kind = if argument.is_global_set() { "program-option".to_owned() } else { id.to_owned() };
        let text = format!("{kind}-{}", argument.get_id().as_str().replace('_', "-"));
        let takes_values = argument.get_action().takes_values();
        let argument = argument.help(words.say(&text).into_owned()).hide_default_value(takes_values);
        // clap objects to this where there are no values.
        if takes_values { argument.hide_possible_values(true) } else { argument }
    })
}

/// What is wrong with a command line, in one sentence.
pub fn refusal(error: &clap::Error, words: &Words) -> String {
    let named = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(" "),
        _ => String::new(),
    };
    let argument = named(ContextKind::InvalidArg);
    let value = named(ContextKind::InvalidValue);
    #[expect(clippy::wildcard_enum_match_arm, reason = "clap adds kinds; what has no words of its own has these")]
    let text = match error.kind() {
        ErrorKind::UnknownArgument => words.say_with("program-unknown-argument", &[("argument", &argument)]),
        ErrorKind::InvalidSubcommand => {
            let command = named(ContextKind::InvalidSubcommand);
            words.say_with("program-unknown-argument", &[("argument", &command)]).into_owned().into()
        }
        ErrorKind::MissingRequiredArgument => words.say_with("program-missing-argument", &[("argument", &argument)]),
        // `--format` without a word behind it is an empty value to clap.
        ErrorKind::InvalidValue if value.is_empty() => {
            words.say_with("program-missing-value", &[("argument", &argument)])
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            words.say_with("program-wrong-value", &[("argument", &argument), ("value", &value)])
        }
        ErrorKind::ArgumentConflict => words.say_with("program-argument-twice", &[("argument", &argument)]),
        _ => words.say("program-wrong-line"),
    };
    text.into_owned()
}
