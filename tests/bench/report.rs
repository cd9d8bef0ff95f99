//! docs/benchmarks.md: one section per measurement, rewritten whole by whoever measured, the others left as they are.

use std::{fmt::Write, fs, path::PathBuf, process::Command};

use serde_json::Value;

/// What was measured.
pub(crate) struct Section {
    /// The heading, by which the section is found again.
    pub(crate) title: &'static str,
    /// What was done and how it was measured, in a few sentences.
    pub(crate) method: String,
    /// The table's head.
    pub(crate) head: Vec<&'static str>,
    /// The table's rows.
    pub(crate) rows: Vec<Vec<String>>,
    /// All figures, for programs.
    pub(crate) figures: Value,
}

/// Writes the section into the document and shows it.
pub(crate) fn write(section: Section) {
    let mut text = format!("## {}\n\n{}\n\n{}.\n\n", section.title, section.method, machine());
    row(&mut text, &section.head.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>());
    row(&mut text, &vec!["---".to_owned(); section.head.len()]);
    for cells in &section.rows {
        row(&mut text, cells);
    }
    write!(text, "\n<details><summary>All figures</summary>\n\n```json\n{:#}\n```\n\n</details>\n\n", section.figures)
        .expect("a string can be written to");
    keep(section.title, &text);
}

/// Writes a section whose table another program has made.
pub(crate) fn write_table(title: &str, method: &str, table: &str) {
    keep(title, &format!("## {title}\n\n{method}\n\n{}.\n\n{}\n\n", machine(), table.trim()));
}

/// Shows a section and puts it in its place in the document.
fn keep(title: &str, text: &str) {
    println!("{text}");
    if crate::quick() {
        return;
    }
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/benchmarks.md");
    let document = fs::read_to_string(&path).unwrap_or_else(|_| "# Benchmarks\n\n".to_owned());
    fs::create_dir_all(path.parent().expect("a folder")).expect("the folder can be made");
    fs::write(&path, replaced(&document, title, text)).expect("the document can be written");
}

/// The document with the section of this title replaced, or added at the end.
fn replaced(document: &str, title: &str, section: &str) -> String {
    let heading = format!("## {title}\n");
    let Some(from) = document.find(&heading) else {
        return format!("{}\n\n{section}", document.trim_end());
    };
    let after = from + heading.len();
    let to = document[after..].find("\n## ").map_or(document.len(), |at| after + at + 1);
    format!("{}{section}{}", &document[..from], &document[to..])
}

fn row(text: &mut String, cells: &[String]) {
    writeln!(text, "| {} |", cells.join(" | ")).expect("a string can be written to");
}

/// The machine and the day, as they belong to every figure.
pub(crate) fn machine() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, name: &str| {
        text.lines()
            .find_map(|line| {
                line.strip_prefix(name)?.trim_start_matches([' ', '\t', ':', '=']).split('\n').next().map(str::to_owned)
            })
            .unwrap_or_default()
    };
    let cpu = field(&read("/proc/cpuinfo"), "model name");
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory =
        field(&read("/proc/meminfo"), "MemTotal").trim_end_matches(" kB").trim().parse::<u64>().unwrap_or(0) >> 20;
    let system = field(&read("/etc/os-release"), "PRETTY_NAME").trim_matches('"').to_owned();
    let output = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output().map(|output| output.stdout).unwrap_or_default();
        String::from_utf8_lossy(&output).trim().to_owned()
    };
    let webkit = output("pkg-config", &["--modversion", "webkit2gtk-4.1"]);
    let date = output("date", &["-u", "+%Y-%m-%d"]);
    let commit = output("git", &["rev-parse", "--short", "HEAD"]);
    let load = read("/proc/loadavg").split(' ').next().unwrap_or_default().to_owned();
    format!(
        "{date}, {commit}, {cores} cores of {cpu}, {memory} GiB, {system}, WebKitGTK {webkit}, Xvfb, load average {load} at the end"
    )
}

/// The value below which this share of the figures lies; the figures need not be sorted.
pub(crate) fn percentile(figures: &[f64], share: f64) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1);
    // a sum of figures never has more than 2^52 of them
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    let index = (share * last as f64).round() as usize;
    sorted.get(index).copied().unwrap_or(f64::NAN)
}
