//! The simulation behind `docs/consensus.md`. Without an argument it writes the generated part of that page and its
//! figures anew; with `--print` it only prints them.
//!
//! ```text
//! cargo run --release -p capibara6-consensus --example simulation
//! ```

mod draw;
mod panel;
mod report;

use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let report = report::run();
    if std::env::args().any(|argument| argument == "--print") {
        print!("{}", report.text);
        return Ok(());
    }
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs");
    let page = docs.join("consensus.md");
    let written = std::fs::read_to_string(&page)?;
    std::fs::write(&page, report::spliced(&written, &report.text).ok_or("the page has lost its marks")?)?;
    for (name, figure) in &report.figures {
        std::fs::write(docs.join(name), figure)?;
    }
    Ok(())
}
