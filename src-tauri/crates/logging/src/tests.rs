//! The whole way from a macro to the file, with canaries.

use std::error::Error;
use std::fmt;
use std::fs;

use tracing::subscriber::with_default;

use super::*;

fn logged(level: Option<&str>, log: impl FnOnce()) -> (tempfile::TempDir, String) {
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join("logs");
    let (logging, subscriber) = Logging::prepare(&directory, level).unwrap();
    with_default(subscriber, log);
    drop(logging);
    let mut files: Vec<_> = fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 1);
    let file = files.remove(0);
    let name = file.file_name().unwrap().to_str().unwrap();
    assert!(name.starts_with("capibara6.") && name.ends_with(".log"), "{name}");
    let text = fs::read_to_string(file).unwrap();
    (home, text)
}

/// An error with a cause, both of which tell too much.
#[derive(Debug)]
struct Careless(Option<Box<Careless>>);

impl fmt::Display for Careless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot reach http://ana:CANARY@gpu/v1?token=CANARY")
    }
}

impl Error for Careless {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.as_deref().map(|cause| cause as _)
    }
}

#[test]
fn no_canary_reaches_the_file() {
    #[derive(Debug)]
    #[allow(dead_code)] // read by Debug
    struct Config {
        api_key: Option<String>,
        headers: Vec<(&'static str, &'static str)>,
    }

    let (_home, text) = logged(Some("trace"), || {
        let config = Config {
            api_key: Some("CANARY".into()),
            headers: vec![("authorization", "Bearer CANARY"), ("x-api-key", "CANARY")],
        };
        tracing::info!("Authorization: Bearer CANARY");
        tracing::info!(token = "CANARY", password = %"CANARY", "fields");
        tracing::info!(header = "authorization", value = "Basic Q0FOQVJZOkNBTkFSWQ== CANARY", "split");
        tracing::debug!(?config, "debug");
        tracing::debug!("pretty {config:#?}");
        tracing::warn!(error = &Careless(Some(Box::new(Careless(None)))) as &dyn Error, "chain");
        tracing::error!(error = %Careless(None), "display");
        tracing::info!(body = r#"{"access_token":"CANARY","refresh_token":"CANARY"}"#, "json");
        tracing::info!("first line\nAuthorization:\n  Bearer\n  CANARY\nlast line");
        let span = tracing::info_span!("request", url = "http://gpu/v1?api_key=CANARY", secret = tracing::field::Empty);
        span.record("secret", "CANARY");
        span.in_scope(|| tracing::info!("inside a span"));
    });
    assert!(!text.contains("CANARY") && !text.contains("Q0FOQVJZ"), "{text}");
    // It is the secrets that are missing, not the events.
    for said in ["fields", "split", "debug", "pretty", "chain", "display", "json", "last line", "inside a span", "gpu"]
    {
        assert!(text.contains(said), "{said} is missing in {text}");
    }
}

#[test]
fn one_event_cannot_look_like_two() {
    let (_home, text) = logged(None, || {
        tracing::info!("one\n2026-11-22T15:23:16.000000Z  INFO forged: two\r\nthree\rfour");
        tracing::info!("five");
    });
    let lines: Vec<_> = text.lines().map(|line| line.split_once("tests: ").map_or(line, |(_, said)| said)).collect();
    assert_eq!(lines, ["one", "    2026-11-22T15:23:16.000000Z  INFO forged: two", "    three", "    four", "five"]);
}

#[test]
fn a_very_long_event_is_cut_after_its_secrets_are_gone() {
    let (_home, text) = logged(None, || tracing::info!("{}sk-CANARY0123456789", "ñ".repeat(40_000)));
    assert!(text.len() < 66_000 && text.ends_with("ñ [cut]\n") && !text.contains("CANARY"), "{}", text.len());
}

#[test]
fn the_level_is_ours_and_libraries_stay_quiet() {
    let said = |level| {
        let (_home, text) = logged(level, || {
            tracing::error!(target: "capibara6_app", "our error");
            tracing::info!(target: "capibara6_app", "our info");
            tracing::debug!(target: "capibara6_app::chat", "our debug");
            tracing::trace!(target: "capibara6", "our trace");
            tracing::info!(target: "hyper", "their info");
            tracing::debug!(target: "hyper", "their debug");
        });
        text.lines().map(|line| line.rsplit_once(": ").unwrap().1.to_owned()).collect::<Vec<_>>()
    };
    let info = ["our error", "our info", "their info"];
    assert_eq!(said(None), info);
    assert_eq!(said(Some("")), info);
    assert_eq!(said(Some("hyper=trace")), info);
    assert_eq!(said(Some("off")), info);
    assert_eq!(said(Some(" Debug ")), ["our error", "our info", "our debug", "their info"]);
    assert_eq!(said(Some("trace")), ["our error", "our info", "our debug", "our trace", "their info"]);
    assert_eq!(said(Some("error")), ["our error"]);
}

#[test]
fn the_tail_holds_what_was_just_logged_and_the_days_before() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("capibara6.2020-01-01.log"), "oldest\n").unwrap();
    fs::write(home.path().join("capibara6.2020-01-02.log"), "older token=CANARY\nold\n").unwrap();
    fs::write(home.path().join("other.log"), "not ours\n").unwrap();
    let (logging, subscriber) = Logging::prepare(home.path(), None).unwrap();
    let said = |lines| {
        let tail = logging.tail(lines);
        tail.lines()
            .map(|line| line.rsplit_once("tests: ").map_or(line, |(_, said)| said).to_owned())
            .collect::<Vec<_>>()
    };
    with_default(subscriber, || {
        assert_eq!(said(2), ["older token=[redacted]", "old"]);
        for number in 0..1_000 {
            tracing::info!("line {number}");
        }
        assert_eq!(said(2), ["line 998", "line 999"]);
        assert_eq!(said(0), Vec::<String>::new());
        let all = said(5_000);
        assert_eq!((all.len(), all[0].as_str(), all[2].as_str(), all[3].as_str()), (1_003, "oldest", "old", "line 0"));
    });
}

#[test]
fn the_tail_is_bounded_and_begins_with_a_whole_line() {
    let home = tempfile::tempdir().unwrap();
    let line = format!("{}\n", "x".repeat(999));
    fs::write(home.path().join("capibara6.2020-01-01.log"), line.repeat(2_000)).unwrap();
    let (logging, _subscriber) = Logging::prepare(home.path(), None).unwrap();
    let tail = logging.tail(usize::MAX);
    assert!(tail.len() <= 1024 * 1024 && tail.lines().all(|found| found.len() == 999));
    assert_eq!(tail.lines().count(), 1_048);
}

#[test]
fn a_week_of_files_is_kept() {
    let home = tempfile::tempdir().unwrap();
    for day in 1..=20 {
        fs::write(home.path().join(format!("capibara6.2020-01-{day:02}.log")), "old\n").unwrap();
    }
    fs::write(home.path().join("notes.txt"), "not ours").unwrap();
    let (logging, _subscriber) = Logging::prepare(home.path(), None).unwrap();
    drop(logging);
    let ours = fs::read_dir(home.path())
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with("capibara6."));
    assert_eq!(ours.count(), FILES);
    assert!(home.path().join("notes.txt").exists());
}

#[test]
fn a_folder_that_cannot_be_made_is_told() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("logs"), "a file").unwrap();
    let error = Logging::prepare(&home.path().join("logs"), None).map(|_| ()).unwrap_err();
    assert!(matches!(error, LoggingError::File(_)), "{error}");
}
