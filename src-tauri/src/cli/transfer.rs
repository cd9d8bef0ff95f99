//! What exports and imports say on a terminal.

use capibara6_protocol::{TransferKind, TransferProgress, TransferReport};
use fluent_bundle::FluentArgs;

use super::{Console, Exit};
use crate::words::Words;

/// How many of what was left out are named; `--json` has more.
const NAMED: usize = 20;

/// Draws how far it is.
pub fn draw(console: &mut Console, progress: &TransferProgress) {
    let mut values = FluentArgs::new();
    values.set("done", progress.done);
    match progress.kind {
        TransferKind::Export => {
            values.set("total", if progress.total.is_some() { "known" } else { "none" });
            values.set("of", progress.total.unwrap_or_default());
            console.progress("program-progress-export", values);
        }
        TransferKind::Import => {
            let total = progress.bytes_total.unwrap_or(1).max(1);
            values.set("percent", (progress.bytes.saturating_mul(100) / total).min(100));
            console.progress("program-progress-import", values);
        }
    }
}

/// Says how it ended.
pub fn finish(console: &mut Console, report: &TransferReport, said: fn(&Words, &TransferReport) -> String) -> Exit {
    // What was cut short before anything was written says so itself.
    let is_said = report.error.is_none() && !(report.cancelled && report.conversations == 0);
    console.result(report, |words| if is_said { said(words, report) } else { String::new() });
    if !console.is_json() {
        if report.skipped_total > 0 {
            let text = skipped(console.words(), report);
            console.note(&text);
        }
        if report.cancelled {
            let text = console.words().say("program-interrupted").into_owned();
            console.note(&text);
        }
        if let Some(error) = &report.error {
            return console.fail(error);
        }
    }
    let nothing = report.conversations + report.grown + report.already_there == 0;
    if report.error.is_some() {
        Exit::Failed
    } else if report.cancelled {
        Exit::Interrupted
    } else if report.skipped_total > 0 && nothing {
        // Not one conversation: a file that is none is a failure to a script.
        Exit::Failed
    } else if report.skipped_total > 0 {
        Exit::Partly
    } else if nothing {
        Exit::Nothing
    } else {
        Exit::Done
    }
}

/// What was left out, line by line.
fn skipped(words: &Words, report: &TransferReport) -> String {
    let counted = |id: &str, count: u64| {
        let mut values = FluentArgs::new();
        values.set("count", count);
        words.say_of(id, values).into_owned()
    };
    let mut lines = vec![counted("program-skipped", report.skipped_total)];
    for skipped in report.skipped.iter().take(NAMED) {
        let code = serde_json::to_value(skipped.code).ok().and_then(|code| code.as_str().map(str::to_owned));
        let mut line = format!("  {}", skipped.file);
        if let Some(record) = skipped.record {
            line.push_str(&format!(" #{record}"));
        }
        if let Some(title) = &skipped.title {
            line.push_str(&format!(" “{title}”"));
        }
        line.push_str(&format!(": {}", words.say(&format!("program-skip-{}", code.unwrap_or_default()))));
        if let Some(detail) = &skipped.detail {
            line.push_str(&format!(" ({detail})"));
        }
        lines.push(line);
    }
    let more = report.skipped_total.saturating_sub(report.skipped.len().min(NAMED) as u64);
    if more > 0 {
        lines.push(format!("  {}", counted("program-skipped-more", more)));
    }
    lines.join("\n")
}
