use super::*;

fn read_in(language: &str, arguments: &[&str]) -> Invocation {
    let words = Words::new(Some(language), &[]);
    Invocation::read(arguments.iter().map(OsString::from), &words, "1.2.3")
}

fn read(arguments: &[&str]) -> Invocation {
    read_in("en", arguments)
}

fn printed(invocation: Invocation) -> String {
    match invocation {
        Invocation::Print(text) => text,
        Invocation::Window | Invocation::Refused(_) | Invocation::Run(..) => panic!("{invocation:?}"),
    }
}

fn refused(invocation: Invocation) -> String {
    match invocation {
        Invocation::Refused(text) => text,
        Invocation::Window | Invocation::Print(_) | Invocation::Run(..) => panic!("{invocation:?}"),
    }
}

#[test]
fn without_arguments_the_window_opens() {
    assert_eq!(read(&[]), Invocation::Window);
}

#[test]
fn versions_and_help_are_printed() {
    for arguments in [&["--version"][..], &["-V"]] {
        assert_eq!(printed(read(arguments)), "capibara6 1.2.3");
    }
    for arguments in [&["--help"][..], &["-h"], &["--help", "--version"]] {
        assert!(printed(read(arguments)).contains("CAPIBARA6_HOME"), "{arguments:?}");
    }
}

#[test]
fn every_word_of_the_help_is_in_the_catalogues() {
    for language in ["en", "es"] {
        let mut pages = vec![printed(read_in(language, &["--help"]))];
        for command in Line::augment_args(clap::Command::new("c")).get_subcommands() {
            pages.push(printed(read_in(language, &[command.get_name(), "--help"])));
        }
        for page in &pages {
            assert!(!page.contains("program-"), "{language}: {page}");
        }
        if language == "es" {
            for english in ["Usage", "Options", "Commands", "Arguments", "default", "possible values", "Print"] {
                assert!(pages.iter().all(|page| !page.contains(english)), "{english}: {pages:#?}");
            }
        }
    }
}

#[test]
fn what_is_not_understood_is_refused_in_the_users_language() {
    let cases: [(&[&str], &str, &str); 9] = [
        (&["--verbose"], "--verbose", "desconocid"),
        (&["exprot"], "exprot", "desconocid"),
        (&[""], "“”", "desconocid"),
        (&["import"], "FILE", "falta"),
        (&["export"], "--out", "falta"),
        (&["export", "--out"], "--out", "valor"),
        (&["export", "--out", "x", "--format", "pdf"], "pdf", "pdf"),
        (&["search", "x", "--limit", "many"], "many", "many"),
        (&["--json"], "capibara6 --help", "capibara6 --help"),
    ];
    for (arguments, english, spanish) in cases {
        let text = refused(read(arguments));
        assert!(text.contains(english) && !text.contains("program-"), "{arguments:?}: {text}");
        let text = refused(read_in("es", arguments)).to_lowercase();
        assert!(text.contains(spanish) && !text.contains("program-"), "{arguments:?}: {text}");
    }
}

#[test]
fn options_that_all_commands_take_may_stand_on_either_side() {
    for arguments in [
        &["--json", "--account", "a1", "search", "two", "words"][..],
        &["search", "--json", "two", "words", "--account", "a1"],
    ] {
        let Invocation::Run(Command::Search(_), common) = read(arguments) else { panic!("{arguments:?}") };
        assert_eq!(
            common,
            Common { account: Some("a1".to_owned()), json: true, quiet: false, passphrase_stdin: false }
        );
    }
}
