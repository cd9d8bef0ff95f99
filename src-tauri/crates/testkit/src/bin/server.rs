//! Paced model servers for window journeys and benches: starts them, prints where they are, and stays until its standard
//! input closes, so that it never outlives whoever started it.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use capibara6_testkit::{Fleet, Script};
use serde_json::json;
use tokio::io::AsyncReadExt as _;

const HELP: &str = "\
capibara6-testkit-server [options]

  --models A,B     models, one server each (default: the four default models)
  --rate N         tokens per second and stream (default: 100; 0: as fast as possible)
  --tokens N       tokens per answer (default: 500)
  --first-ms N     silence before the first token, in milliseconds (default: 0)
  --text FILE      say the words of this file, over and over, instead of plain ones
  --thinking N     so many tokens of reasoning before the answer (default: 0)
  --stamp          begin each token with its send time: \u{27e6}milliseconds.microseconds\u{27e7}
  --profile FILE   write a profile that leads to the servers
  --ports-file FILE  write the same JSON that is printed

Prints {\"servers\":[{\"model\":\"…\",\"port\":1,\"url\":\"…\"}]} in one line and ends when its standard input closes.
";

/// What was asked for on the command line.
struct Options {
    models: Vec<String>,
    script: Script,
    profile: Option<PathBuf>,
    ports_file: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match Options::read(std::env::args().skip(1)) {
        Ok(Some(options)) => match run(options).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{error}");
                ExitCode::FAILURE
            }
        },
        Ok(None) => {
            print!("{HELP}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("{why}\n\n{HELP}");
            ExitCode::from(2)
        }
    }
}

async fn run(options: Options) -> std::io::Result<()> {
    let models: Vec<&str> = options.models.iter().map(String::as_str).collect();
    let fleet = Fleet::scripted(&models, &options.script).await;
    let servers: Vec<_> = fleet
        .servers()
        .map(|server| json!({ "model": server.models()[0], "port": server.address().port(), "url": server.url() }))
        .collect();
    let told = json!({ "servers": servers }).to_string();
    if let Some(path) = &options.profile {
        fleet.write_profile(path);
    }
    if let Some(path) = &options.ports_file {
        std::fs::write(path, &told)?;
    }
    let mut out = std::io::stdout();
    writeln!(out, "{told}")?;
    out.flush()?;
    let mut rest = [0; 256];
    let mut input = tokio::io::stdin();
    while input.read(&mut rest).await? > 0 {}
    Ok(())
}

impl Options {
    /// Reads the arguments; nothing where help was asked for.
    fn read(mut arguments: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let defaults = capibara6_testkit::DEFAULT_MODELS.map(|(model, ..)| model.to_owned());
        let mut options =
            Self { models: defaults.to_vec(), script: Script::tokens(0), profile: None, ports_file: None };
        let (mut rate, mut tokens, mut thinking, mut text) = (100.0, 500_usize, 0_usize, None);
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--models" => options.models = value()?.split(',').map(str::to_owned).collect(),
                "--rate" => rate = number(&argument, &value()?)?,
                "--tokens" => tokens = number(&argument, &value()?)?,
                "--first-ms" => options.script.first = Duration::from_millis(number(&argument, &value()?)?),
                "--text" => text = Some(value()?),
                "--thinking" => thinking = number(&argument, &value()?)?,
                "--stamp" => options.script = options.script.stamped(),
                "--profile" => options.profile = Some(value()?.into()),
                "--ports-file" => options.ports_file = Some(value()?.into()),
                "--help" | "-h" => return Ok(None),
                _ => return Err(format!("{argument} is not an option")),
            }
        }
        if options.models.iter().any(String::is_empty) {
            return Err("--models needs names".to_owned());
        }
        if rate > 0.0 {
            options.script.interval = Duration::from_secs_f64(1.0 / rate);
        }
        options.script.reasoning = Script::tokens(thinking).pieces;
        options.script.pieces = match text {
            Some(path) => {
                let text = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
                let words: Vec<&str> = text.split_inclusive(' ').collect();
                words.iter().cycle().take(tokens).map(|word| (*word).to_owned()).collect()
            }
            None => Script::tokens(tokens).pieces,
        };
        Ok(Some(options))
    }
}

fn number<T: std::str::FromStr>(option: &str, text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("{option} needs a number, not {text:?}"))
}
