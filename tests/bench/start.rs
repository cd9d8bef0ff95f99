//! From starting the program to a window that can be used, with every model server a black hole.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use capibara6_journeys::{Home, Process, profile_of, program};
use capibara6_testkit::BlackHole;
use rustix::fs::{Advice, fadvise};
use serde_json::json;

use crate::{
    histories::{self, SIZES},
    quick,
    report::{Section, percentile},
};

/// The goal for the largest history, in milliseconds.
const GOAL: f64 = 800.0;

pub(crate) async fn measure() -> Section {
    let runs = if quick() { 2 } else { 20 };
    let mut rows = Vec::new();
    let mut figures = Vec::new();
    let sizes: &[usize] = if quick() { &SIZES[..1] } else { &SIZES };
    for messages in [0].iter().chain(sizes).copied() {
        let mut holes = Vec::new();
        for _ in 0..4 {
            holes.push(BlackHole::unanswered().await);
        }
        let urls: Vec<String> = holes.iter().map(BlackHole::url).collect();
        let models: Vec<_> = ["one", "two", "three", "four"]
            .into_iter()
            .zip(&urls)
            .zip(["fast", "code", "complex", "creative"])
            .map(|((id, url), tier)| (id, url.as_str(), tier))
            .collect();
        let home = Home::with_profile(&profile_of(&models));
        if messages > 0 {
            histories::place(messages, &home.database()).await;
        }
        // the first start makes the database and the webview's own files; it is not counted
        start(&home);
        let size = fs::metadata(home.database()).map_or(0, |file| file.len()) >> 20;
        let mut times: Vec<f64> = Vec::new();
        let mut own: Vec<f64> = Vec::new();
        for _ in 0..runs {
            let (time, inside) = start(&home);
            times.push(time);
            own.push(inside);
        }
        let mut cold: Vec<f64> = Vec::new();
        for _ in 0..runs / 2 {
            forget(&home.database());
            cold.push(start(&home).0);
        }
        let ms = |value: f64| format!("{value:.0} ms");
        let (low, median, high) = (percentile(&times, 0.0), percentile(&times, 0.5), percentile(&times, 1.0));
        rows.push(vec![
            messages.to_string(),
            format!("{size} MiB"),
            ms(median),
            ms(percentile(&times, 0.95)),
            ms(low),
            ms(high),
            ms(percentile(&own, 0.5)),
            ms(percentile(&cold, 0.5)),
            ms(percentile(&cold, 1.0)),
            format!("{GOAL} ms"),
        ]);
        figures.push(json!({
            "messages": messages, "database_mib": size, "runs_ms": times, "inside_ms": own, "median_ms": median,
            "database_not_in_the_cache_ms": cold,
        }));
    }
    Section {
        title: "Window: start",
        method: format!(
            "From starting the program until the window can be used (`data-ready`; the program notes it in its log in the \
             same moment), {runs} starts each, files in the page cache; then {} with the database thrown out of the page cache \
             before each. All four model servers do not even complete a connection.",
            runs / 2
        ),
        head: vec![
            "messages",
            "database",
            "median",
            "p95",
            "fastest",
            "slowest",
            "by the program's own clock",
            "database not in the cache",
            "slowest",
            "goal",
        ],
        rows,
        figures: figures.into(),
    }
}

/// Starts the program, waits until it says that it is ready, ends it. Milliseconds from outside and by its own clock.
fn start(home: &Home) -> (f64, f64) {
    let before = home.log().matches(READY).count();
    let mut command = Command::new(program());
    for name in Home::UNSET {
        command.env_remove(name);
    }
    command.envs(home.environment()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let begun = Instant::now();
    let mut child = command.spawn().expect("the program starts");
    let took = loop {
        if home.log().matches(READY).count() > before {
            break begun.elapsed();
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "the program is not ready: {}", home.log());
        std::thread::sleep(Duration::from_millis(2));
    };
    let own = home.log().lines().rfind(|line| line.contains(READY)).and_then(own_clock).unwrap_or(f64::NAN);
    Process(child.id()).terminate();
    child.wait().expect("the program ends");
    (took.as_secs_f64() * 1000.0, own)
}

/// Throws a database out of the page cache: the next start reads it from the disk, as the first one of a day does.
fn forget(database: &Path) {
    for name in ["", "-wal"] {
        let path = PathBuf::from(format!("{}{name}", database.display()));
        let Ok(file) = fs::File::open(path) else { continue };
        file.sync_all().expect("the file can be written out");
        fadvise(&file, 0, None, Advice::DontNeed).expect("the kernel takes the advice");
    }
}

/// What stands in the log when the window can be used, before the milliseconds since the program began.
const READY: &str = ": ready ms=";

/// The milliseconds in that line.
fn own_clock(line: &str) -> Option<f64> {
    line.split_once(READY)?.1.split_whitespace().next()?.parse().ok()
}
