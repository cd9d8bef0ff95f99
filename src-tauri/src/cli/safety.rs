//! What `backup` and `verify` share: they are long, say how far they are from another thread, and can be interrupted.

use capibara6_protocol::{BackupProgress, BackupStep};
use fluent_bundle::FluentArgs;
use tokio::sync::watch;

use super::Console;

/// Somewhere to say how far things are, and to hear it.
pub fn channel() -> (impl Fn(BackupProgress) + Send + Sync + 'static, watch::Receiver<Option<BackupProgress>>) {
    let (sender, receiver) = watch::channel(None);
    let say = move |progress| {
        sender.send_replace(Some(progress));
    };
    (say, receiver)
}

/// The result of `work`, while its progress is drawn; nothing where the user ended it.
pub async fn drawn<T>(
    console: &mut Console,
    mut hear: watch::Receiver<Option<BackupProgress>>,
    work: impl Future<Output = T>,
) -> Option<T> {
    let cancel = super::interrupted();
    tokio::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return Some(done),
            () = cancel.cancelled() => return None,
            Ok(()) = hear.changed() => {
                let progress = *hear.borrow_and_update();
                if let Some(progress) = progress {
                    let mut values = FluentArgs::new();
                    values.set("percent", progress.percent);
                    console.progress(text(progress.step), values);
                }
            }
        }
    }
}

const fn text(step: BackupStep) -> &'static str {
    match step {
        BackupStep::Copying => "program-progress-copying",
        BackupStep::Verifying => "program-progress-verifying",
        BackupStep::Restoring => "program-progress-restoring",
        BackupStep::Salvaging => "program-progress-salvaging",
    }
}
