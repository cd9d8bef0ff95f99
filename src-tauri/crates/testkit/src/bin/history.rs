//! Makes a large history: to look at, and to measure with.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use capibara6_store::Store;
use capibara6_testkit::LargeHistory;

const HELP: &str = "\
capibara6-testkit-history FILE MESSAGES [SEED] [--index]

Makes the database FILE with so many messages, or adds them to the one that is there. With --index what was said can be found
at once; without it the program indexes it when it is next open.
";

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let index = arguments.iter().position(|argument| argument == "--index").map(|at| arguments.remove(at)).is_some();
    let number = |at: usize| arguments.get(at).map(|text| text.parse::<u64>().ok());
    let (Some(path), Some(Some(messages)), seed) = (arguments.first(), number(1), number(2).unwrap_or(Some(1))) else {
        eprint!("{HELP}");
        return ExitCode::from(2);
    };
    let Some((messages, seed)) = usize::try_from(messages).ok().zip(seed) else {
        eprint!("{HELP}");
        return ExitCode::from(2);
    };
    let path = PathBuf::from(path);
    let begun = Instant::now();
    let made = async {
        let store = Store::open(&path).await?;
        LargeHistory { messages, seed }.fill(&store).await?;
        eprintln!("{messages} messages in {:.1} s", begun.elapsed().as_secs_f64());
        if index {
            let begun = Instant::now();
            while store.index_some().await? > 0 {}
            eprintln!("indexed in {:.1} s", begun.elapsed().as_secs_f64());
        }
        store.close().await;
        capibara6_store::Result::<()>::Ok(())
    }
    .await;
    match made {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error}", path.display());
            ExitCode::FAILURE
        }
    }
}
