//! The last lines of the log files.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

/// Most that is read, over all files.
const MOST: u64 = 1024 * 1024;

/// The last lines of `<prefix>.<date>.<suffix>` in `directory`, oldest first. What cannot be read is left out.
pub(crate) fn last_lines(directory: &Path, prefix: &str, suffix: &str, lines: usize) -> String {
    let mut text = String::new();
    let mut left = MOST;
    for path in newest_first(directory, prefix, suffix) {
        if left == 0 || text.lines().count() >= lines {
            break;
        }
        if let Ok(end) = end_of(&path, left) {
            left = left.saturating_sub(u64::try_from(end.len()).unwrap_or(left));
            text.insert_str(0, &end);
        }
    }
    let skipped = text.lines().count().saturating_sub(lines);
    text.split_inclusive('\n').skip(skipped).collect()
}

fn newest_first(directory: &Path, prefix: &str, suffix: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    let ours = |path: &PathBuf| {
        path.file_name().and_then(|name| name.to_str()).is_some_and(|name| {
            let date = name.strip_prefix(prefix).and_then(|rest| rest.strip_suffix(suffix));
            date.is_some_and(|date| date.len() == ".2026-11-22.".len())
        })
    };
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(ours).collect();
    // The date in the name sorts like time.
    paths.sort_unstable_by(|a, b| b.cmp(a));
    paths
}

/// At most the last `most` bytes of a file, from the beginning of a line.
fn end_of(path: &Path, most: u64) -> io::Result<String> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let start = length.saturating_sub(most);
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let whole = if start > 0 { text.split_once('\n').map_or("", |(_, rest)| rest) } else { &text };
    Ok(whole.to_owned())
}
