//! The program that journeys and benches start.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

#[test]
fn it_tells_where_it_is_and_ends_with_its_standard_input() {
    let home = tempfile::tempdir().unwrap();
    let (profile, ports) = (home.path().join("kit.toml"), home.path().join("ports.json"));
    let mut program = Command::new(env!("CARGO_BIN_EXE_capibara6-testkit-server"))
        .args(["--models", "phi4:mini,gpt-oss-20b", "--rate", "0", "--tokens", "3", "--stamp"])
        .arg("--profile")
        .arg(&profile)
        .arg("--ports-file")
        .arg(&ports)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = String::new();
    BufReader::new(program.stdout.take().unwrap()).read_line(&mut told).unwrap();
    assert_eq!(std::fs::read_to_string(ports).unwrap(), told.trim_end());

    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let profile = capibara6_profile::parse(&std::fs::read_to_string(profile).unwrap()).unwrap();
    let of_profile: Vec<_> = profile.models.iter().map(|model| (model.id.as_str(), model.url.as_str())).collect();
    let servers = told["servers"].as_array().unwrap();
    let of_output: Vec<_> = servers
        .iter()
        .map(|server| {
            let url = server["url"].as_str().unwrap();
            assert_eq!(url, format!("http://127.0.0.1:{}/v1", server["port"]));
            (server["model"].as_str().unwrap(), url)
        })
        .collect();
    assert_eq!(of_output, of_profile);
    assert_eq!(of_output.iter().map(|(model, _)| *model).collect::<Vec<_>>(), ["phi4:mini", "gpt-oss-20b"]);

    drop(program.stdin.take());
    assert!(program.wait().unwrap().success());
}

#[test]
fn it_refuses_what_it_does_not_know() {
    let output = Command::new(env!("CARGO_BIN_EXE_capibara6-testkit-server")).arg("--speed").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("--speed is not an option"));
}
