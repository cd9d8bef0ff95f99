//! The end of the program. However it is asked for (the window closed, the menu, a signal of the system), the core gets a
//! moment to stop what is under way and write what it knows, and no longer than that: an end that hangs is worse.

use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use tauri::{AppHandle, Manager as _};

use crate::backend::Backend;

/// The moment.
const MOMENT: Duration = Duration::from_secs(2);

/// How far the end has come.
#[derive(Default)]
pub struct Closing(AtomicU8);

const OPEN: u8 = 0;
const STOPPING: u8 = 1;
const STOPPED: u8 = 2;

/// Whether the program may end now. Where it may not, the core is being stopped, and the end asked for again after that.
pub fn may_end(app: &AppHandle, code: Option<i32>) -> bool {
    let closing = &app.state::<Closing>().0;
    match closing.compare_exchange(OPEN, STOPPING, Ordering::SeqCst, Ordering::SeqCst) {
        Err(STOPPED) => return true,
        Err(_) => return false,
        Ok(_) => {}
    }
    // Another start in this moment shall open a window of its own instead of waking one that is going.
    tauri_plugin_single_instance::destroy(app);
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        if let Some(core) = app.state::<Backend>().opened()
            && tokio::time::timeout(MOMENT, core.shutdown()).await.is_err()
        {
            tracing::warn!("the core did not stop in time");
        }
        app.state::<Closing>().0.store(STOPPED, Ordering::SeqCst);
        app.exit(code.unwrap_or(0));
    });
    false
}

/// Ends the program when the system asks for it.
pub async fn end_on_signal(app: AppHandle) {
    let name = signal().await;
    tracing::info!(name, "asked to end");
    app.exit(0);
    // A dialog of the system may hold the event loop up for as long as it is open: nobody will end it then.
    tokio::time::sleep(2 * MOMENT).await;
    tracing::warn!("ending without the event loop");
    if let Some(core) = app.state::<Backend>().opened()
        && tokio::time::timeout(MOMENT, core.shutdown()).await.is_err()
    {
        tracing::warn!("the core did not stop in time");
    }
    std::process::exit(0);
}

#[cfg(unix)]
async fn signal() -> &'static str {
    use tokio::signal::unix::{SignalKind, signal};

    let listen = |kind| signal(kind).inspect_err(|error| tracing::warn!(%error, "a signal is not listened to")).ok();
    let (mut terminate, mut interrupt, mut hang_up) =
        (listen(SignalKind::terminate()), listen(SignalKind::interrupt()), listen(SignalKind::hangup()));
    tokio::select! {
        Some(()) = receive(&mut terminate) => "SIGTERM",
        Some(()) = receive(&mut interrupt) => "SIGINT",
        Some(()) = receive(&mut hang_up) => "SIGHUP",
        else => std::future::pending().await,
    }
}

#[cfg(unix)]
async fn receive(signal: &mut Option<tokio::signal::unix::Signal>) -> Option<()> {
    signal.as_mut()?.recv().await
}

#[cfg(not(unix))]
async fn signal() -> &'static str {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
    "interrupt"
}
