//! Where the large histories come from that are measured: the test kit makes them, or copies are taken of those that
//! `CAPIBARA6_BENCH_HISTORIES` names a folder of (`history-1000000.db`, indexed).

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use capibara6_store::Store;
use capibara6_testkit::LargeHistory;

/// The sizes by which growth is told.
pub(crate) const SIZES: [usize; 3] = [10_000, 100_000, 1_000_000];

/// The history of this size; its extremes are known by their ids.
pub(crate) fn of(messages: usize) -> LargeHistory {
    LargeHistory { messages, seed: 1 }
}

/// How long it took to store and to index one.
pub(crate) struct Made {
    pub(crate) stored: Duration,
    pub(crate) indexed: Duration,
}

/// Puts the history there, with its index. Says how long that took where it was not made before.
pub(crate) async fn place(messages: usize, path: &Path) -> Option<Made> {
    let kept = std::env::var_os("CAPIBARA6_BENCH_HISTORIES")
        .map(|folder| PathBuf::from(folder).join(format!("history-{messages}.db")))
        .filter(|kept| kept.is_file());
    if let Some(kept) = kept {
        fs::create_dir_all(path.parent().expect("a folder")).expect("the folder can be made");
        fs::copy(kept, path).expect("a copy");
        // Written out now, and not while something is measured.
        fs::File::open(path).and_then(|file| file.sync_all()).expect("the copy reaches the disk");
        return None;
    }
    let begun = Instant::now();
    of(messages).make(path).await.expect("a history");
    let stored = begun.elapsed();
    let store = Store::open(path).await.expect("a store");
    let begun = Instant::now();
    while store.index_some().await.expect("a step") > 0 {}
    let indexed = begun.elapsed();
    store.close().await;
    Some(Made { stored, indexed })
}
