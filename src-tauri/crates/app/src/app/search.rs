//! Finding what was said, and the index that makes it quick.

use std::sync::{Arc, Weak};
use std::time::Duration;

use capibara6_protocol::*;
use capibara6_store::StoreError;
use tokio::time::{Instant, sleep};

use super::App;
use crate::spaces::History;

/// How long after something was said it is indexed: what follows at once goes into the same step.
const SOON: Duration = Duration::from_millis(400);

/// How often the window is told how far the index is.
const TOLD: Duration = Duration::from_secs(1);

/// How long to wait after an error before trying again.
const AGAIN: Duration = Duration::from_secs(30);

/// The least pause between two steps; it is as long as the step where that took longer, so that whoever speaks has the
/// database at least half of the time.
const PAUSE: Duration = Duration::from_millis(15);

impl App {
    /// Finds what was said.
    pub async fn search(&self, request: SearchQuery) -> Result<SearchPage, AppError> {
        Ok(self.history().await?.store.search(&request).await?)
    }

    /// What a query marks in texts.
    pub async fn search_marks(&self, request: SearchMarks) -> Result<Vec<Vec<TextSpan>>, AppError> {
        Ok(capibara6_store::search_marks(&request)?)
    }

    /// How far the index is.
    pub async fn search_state(&self) -> Result<SearchState, AppError> {
        Ok(self.history().await?.store.search_state().await?)
    }

    /// Makes the index anew.
    pub async fn search_rebuild(&self) -> Result<(), AppError> {
        let history = self.history().await?;
        history.store.rebuild_index().await?;
        Ok(())
    }

    /// Keeps the index of the open history up to date from now on, as long as that is the open one.
    pub(super) fn keep_index(&self, history: &Arc<History>) {
        tokio::spawn(keep_index(Arc::downgrade(history)));
    }
}

async fn keep_index(history: Weak<History>) {
    let Some(mut written) = history.upgrade().map(|history| history.store.written()) else { return };
    loop {
        written.mark_unchanged();
        match history.upgrade() {
            None => return,
            Some(history) => {
                if let Err(error) = bring_up_to_date(&history).await {
                    tracing::warn!(%error, "the index of what was said is behind");
                    drop(history);
                    sleep(AGAIN).await;
                    continue;
                }
            }
        }
        // Ends with the store, which ends with its history.
        if written.changed().await.is_err() {
            return;
        }
        sleep(SOON).await;
    }
}

async fn bring_up_to_date(history: &History) -> Result<(), StoreError> {
    if !history.store.index_is_due().await? {
        return Ok(());
    }
    let mut told = Instant::now();
    loop {
        let begun = Instant::now();
        let pending = history.store.index_some().await?;
        if pending == 0 {
            history.tell(Event::SearchIndexed { pending });
            return Ok(());
        }
        if told.elapsed() >= TOLD {
            told = Instant::now();
            let pending = history.store.index_pending().await?;
            history.tell(Event::SearchIndexed { pending });
        }
        sleep(begun.elapsed().max(PAUSE)).await;
    }
}
