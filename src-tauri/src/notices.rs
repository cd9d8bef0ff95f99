//! The system's notifications: a long answer has ended while the reader was elsewhere. They say which conversation and which
//! model, never what was written, because a notification is read by whoever passes the screen.

use std::time::Duration;

use capibara6_app::{Notice, NoticeReceiver};
use tauri::{AppHandle, Manager as _};
use tauri_plugin_notification::NotificationExt as _;

use crate::backend::Backend;
use crate::window;

/// An answer that took longer than this is worth a notification.
const LONG: Duration = Duration::from_secs(10);

/// Tells the system about answers that end, until the core is gone.
pub async fn tell(app: AppHandle, mut notices: NoticeReceiver) {
    while let Some(notice) = notices.next().await {
        if notice.duration < LONG || window::is_focused(&app) || !is_wanted(&app).await {
            continue;
        }
        show(&app, &notice);
    }
}

async fn is_wanted(app: &AppHandle) -> bool {
    app.state::<Backend>().core().await.settings_get().await.is_ok_and(|settings| settings.notify)
}

fn show(app: &AppHandle, notice: &Notice) {
    let words = app.state::<Backend>().words();
    let (title, body) = if notice.failed {
        ("notification-failed-title", "notification-failed-body")
    } else {
        ("notification-answer-title", "notification-answer-body")
    };
    let values = [("model", notice.model.as_str()), ("title", notice.title.as_str())];
    let shown = app.notification().builder().title(words.say(title)).body(words.say_with(body, &values)).show();
    if let Err(error) = shown {
        tracing::warn!(%error, "the system did not take the notification");
    }
}
