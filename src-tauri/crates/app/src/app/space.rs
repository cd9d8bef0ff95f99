//! Which history is open, and how another one takes its place.

#![allow(clippy::significant_drop_tightening, reason = "another change waits until this one is published")]

use std::path::PathBuf;

use capibara6_protocol::{AppError, ErrorCode};

use super::App;
use crate::spaces::Space;

impl App {
    /// Opens a space in the place of the open one: its history and its settings. Goes on to its end whoever waits for it.
    pub(super) async fn enter(&self, space: Space) {
        let app = self.clone();
        let entering = async move {
            app.forget_transfers();
            let change = app.inner.spaces.change().await;
            let opened = change.open(space).await;
            app.use_settings_of(&opened).await;
            // Where the program's settings are locked, an account's history may know which profile was in use.
            if app.inner.spaces.program().is_err() && app.inner.fleets.named().await.is_none() {
                app.take_up_profile().await;
            }
            change.publish(opened);
            app.keep_up();
            app.watch_others();
            app.keep_safe();
        };
        if let Err(error) = tokio::spawn(entering).await {
            tracing::error!(%error, "the space could not be changed");
        }
    }

    /// Has the database of the open space replaced by another one (a backup that is restored), and opens it. `replace` gets
    /// the path of the database while nobody has it open; besides that file it may remove `-wal` and `-shm` beside it. What
    /// was being written ends as `interrupted` before, and the window reads everything anew afterwards, whatever `replace`
    /// says. Goes on to its end whoever waits for it.
    ///
    /// # Errors
    /// `busy` where not all that was written is on disk yet, and nothing was replaced; otherwise `replace`'s.
    pub(super) async fn reopen<T, F>(&self, replace: impl FnOnce(PathBuf) -> F + Send + 'static) -> Result<T, AppError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, AppError>> + Send + 'static,
    {
        let app = self.clone();
        let reopening = async move {
            app.forget_transfers();
            let change = app.inner.spaces.change().await;
            let space = change.before().clone();
            let was_locked = app.inner.spaces.program().is_err_and(|error| error.code == ErrorCode::HistoryLocked);
            let replaced = change.replace(replace).await;
            let settings_replaced = space == Space::SignedOut && replaced.is_ok();
            if settings_replaced && was_locked {
                app.take_up_program_settings().await;
            } else if settings_replaced {
                app.read_program_settings().await;
            }
            let opened = change.open(space).await;
            app.use_settings_of(&opened).await;
            if settings_replaced && was_locked {
                app.take_up_profile().await;
            }
            change.publish(opened);
            if settings_replaced && was_locked {
                app.resume_session().await;
            } else if settings_replaced {
                // What was not taken from the backup is on disk again.
                app.change_settings(|_| ()).await;
            }
            app.keep_up();
            app.watch_others();
            app.keep_safe();
            replaced
        };
        tokio::spawn(reopening)
            .await
            .unwrap_or_else(|error| Err(AppError::new(ErrorCode::Internal).with_detail(error.to_string())))
    }
}
