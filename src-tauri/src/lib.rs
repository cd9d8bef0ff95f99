//! The shell: opens the core and the window and ties them together. It decides nothing about conversations or models; whoever
//! looks for what the program does finds it in `crates/app`.
//!
//! The order of a start: command line, environment, logs; then Tauri, with the single-instance plugin first, so that a second
//! start ends before it touches anything; then the window, which is shown at once; and last, beside the window, the core.

mod appearance;
mod backend;
mod cli;
mod closing;
mod commands;
mod environment;
mod instance;
mod links;
mod menu;
mod notices;
mod places;
mod print;
mod sign_in;
mod window;
mod words;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use capibara6_app::{App as Core, Options, Surroundings, Versions};
use capibara6_identity::SecretStore;
use capibara6_logging::Logging;
use tauri::utils::config::AppDirectoriesOverride;
use tauri::{App, AppHandle, Manager as _, RunEvent};
use tauri_plugin_window_state::StateFlags;

use crate::appearance::Appearance;
use crate::backend::Backend;
use crate::cli::Invocation;
use crate::closing::Closing;
use crate::environment::Home;
use crate::instance::Claim;
use crate::sign_in::Desktop;
use crate::words::Words;

/// The program, from its command line to its end.
pub fn main() -> ExitCode {
    let started = Instant::now();
    let locales = environment::locales();
    let words = || Words::new(None, &locales);
    match Invocation::read(std::env::args_os().skip(1), &words(), &version()) {
        Invocation::Print(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Invocation::Refused(text) => {
            eprintln!("{text}");
            ExitCode::from(cli::Exit::Usage)
        }
        Invocation::Run(command, common) => cli::run(command, common, words()),
        Invocation::Window => open(started, &locales).unwrap_or_else(|refusal| {
            eprintln!("{}", refusal.say(&words()));
            ExitCode::FAILURE
        }),
    }
}

/// The version, and the commit where it is known.
fn version() -> String {
    match COMMIT {
        "" => env!("CARGO_PKG_VERSION").to_owned(),
        commit => format!("{} ({commit})", env!("CARGO_PKG_VERSION")),
    }
}

/// The commit this was built from; empty where the build did not say.
const COMMIT: &str = env!("CAPIBARA6_COMMIT");

/// Why there is no window.
enum Refusal {
    /// Nobody says where data goes.
    Homeless,
    /// Another program has the data directory.
    Taken(String),
    /// Tauri, or the system below it.
    Failed(tauri::Error),
}

impl From<tauri::Error> for Refusal {
    fn from(error: tauri::Error) -> Self {
        Self::Failed(error)
    }
}

impl Refusal {
    fn say(&self, words: &Words) -> String {
        let text = match self {
            Self::Homeless => words.say("program-homeless").into_owned(),
            Self::Taken(home) => words.say_with("program-taken", &[("home", home)]).into_owned(),
            Self::Failed(error) => words.say_with("program-failed", &[("error", &error.to_string())]).into_owned(),
        };
        tracing::error!("{text}");
        text
    }
}

/// Opens the window and stays until the program ends.
fn open(started: Instant, locales: &[String]) -> Result<ExitCode, Refusal> {
    #[cfg(target_os = "linux")]
    let renderer = environment::choose_renderer();

    let home = Home::read().ok_or(Refusal::Homeless)?;
    // Where it cannot be made, the core says so in the window.
    let _ = std::fs::create_dir_all(home.path());
    let logging = capibara6_logging::start(&home.path().join("logs"), environment::log_level().as_deref());
    log_panics();
    tracing::info!(version = version(), home = %home.path().display(), "start");
    #[cfg(target_os = "linux")]
    tracing::info!(?renderer, "how the webview draws");

    let mut context = tauri::generate_context!();
    let config = context.config_mut();
    config.identifier = instance::identifier(&config.identifier, &home);
    config.app.app_directories_override = Some(AppDirectoriesOverride::Root(home.path().clone()));
    let single_instance = tauri_plugin_single_instance::Builder::new().callback(|app, _, _| window::raise(app));
    #[cfg(target_os = "linux")]
    let single_instance = single_instance.dbus_id(&config.identifier);

    let appearance = Appearance::read(home.path());
    let place = StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED | StateFlags::FULLSCREEN;
    let app = tauri::Builder::default()
        .plugin(single_instance.build())
        .plugin(tauri_plugin_window_state::Builder::new().with_filename("window.json").with_state_flags(place).build())
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_notification::init())
        .manage(Backend::new(started, home.path().clone(), locales.to_vec(), appearance))
        .manage(Closing::default())
        .manage(print::Pages::default())
        .register_uri_scheme_protocol(print::SCHEME, |context, _| print::serve(&context))
        .invoke_handler(commands::handler())
        .on_menu_event(|app, event| menu::act(app, event.id().as_ref()))
        .setup(move |app| Ok(show(app)?))
        .build(context)
        .map_err(instance::try_again)?;

    // Another start that the plugin knows has ended by now, inside `build`. The lock finds one that it does not know.
    let _claim = match instance::claim(home.path()) {
        Claim::Ours(lock) => Some(lock),
        Claim::Unknown(error) => {
            tracing::warn!(%error, "nobody can tell whether the data directory is in use");
            None
        }
        Claim::Taken => return Err(Refusal::Taken(home.path().display().to_string())),
    };
    tauri::async_runtime::spawn(open_core(app.handle().clone(), home, locales.to_vec(), logging.ok()));
    tauri::async_runtime::spawn(closing::end_on_signal(app.handle().clone()));

    let code = app.run_return(|app, event| {
        if let RunEvent::ExitRequested { api, code, .. } = event
            && !closing::may_end(app, code)
        {
            api.prevent_exit();
        }
    });
    tracing::info!(code, "end");
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}

/// Shows menu and window.
fn show(app: &App) -> tauri::Result<()> {
    let backend = app.state::<Backend>();
    app.set_menu(menu::build(app.handle(), &backend.words())?)?;
    window::open(app, backend.home(), &backend.appearance())
}

/// Opens the core beside the window.
async fn open_core(app: AppHandle, home: Home, system_locales: Vec<String>, logging: Option<Logging>) {
    let options = Options {
        home: home.path().clone(),
        profile_path: environment::profile(),
        system_locales,
        versions: Versions {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            commit: COMMIT.to_owned(),
            tauri: tauri::VERSION.to_owned(),
            webview: tauri::webview_version().unwrap_or_default(),
        },
        secrets: SecretStore::system(),
        logging,
        surroundings: Surroundings::system(),
    };
    let core = Core::open(options).await;
    let notices = core.notices();
    if let Ok(settings) = core.settings_get().await {
        app.state::<Backend>().show(&app, &settings);
    }
    core.connect(Arc::new(Desktop::new(app.clone())));
    app.state::<Backend>().open(core);
    notices::tell(app, notices).await;
}

/// Panics go to the log as well: most people start the program where nobody sees its standard error.
fn log_panics() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let text = panic.payload_as_str().unwrap_or("without a text");
        tracing::error!(place, text, "panic");
        usual(panic);
    }));
}
