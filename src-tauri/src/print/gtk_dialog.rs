//! GTK's print dialog, in front of the program's own window.
//!
//! WebKitGTK opens this dialog by itself too, but runs a loop of its own until it is closed: everything that the shell does on
//! the main thread would wait, an answer that is being streamed among it, and a name for the file could not be proposed. So the
//! dialog is made here, answers when it is answered, and WebKit is only told to print.

use std::cell::RefCell;
use std::rc::Rc;

use capibara6_protocol::{AppError, ErrorCode};
use gtk::glib::thread_guard::ThreadGuard;
use gtk::prelude::*;
use gtk::{PageSetup, PrintSettings, ResponseType, Unit};
use tauri::{Manager as _, WebviewWindow};
use tokio::sync::oneshot;
use webkit2gtk::{PrintOperation, PrintOperationExt as _};

/// Nobody sees the page: the dialog stands in front of the program's own window.
pub const SHOWS_THE_PAGE: bool = false;

/// The least margin of a page, in millimetres. What GTK proposes is what a printer can do at all.
const MARGIN: f64 = 15.0;

/// The dialog. The crate of GTK has no type for it, so it is built by name; its capabilities are those of WebKit.
const DIALOG: &str = r#"<interface>
  <object class="GtkPrintUnixDialog" id="dialog">
    <property name="embed-page-setup">True</property>
    <property name="manual-capabilities">page-set|copies|collate|reverse|scale|number-up|number-up-layout</property>
  </object>
</interface>"#;

/// The keys of print settings that decide where a file goes (GTK_PRINT_SETTINGS_OUTPUT_…).
const OUTPUT_BASENAME: &str = "output-basename";
const OUTPUT_DIR: &str = "output-dir";
const OUTPUT_URI: &str = "output-uri";

thread_local! {
    /// What was chosen the last time, to begin with it the next time. Of the main thread.
    static CHOSEN: RefCell<Option<(PrintSettings, PageSetup)>> = const { RefCell::new(None) };
}

type Outcome = Result<(), AppError>;

/// Opens the dialog and waits until the page was printed, or was not.
///
/// # Errors
/// `print-failed`.
pub async fn print(page: &WebviewWindow, title: String, name: String) -> Outcome {
    let (sender, outcome) = oneshot::channel();
    let window = page.clone();
    page.run_on_main_thread(move || {
        let main = window.get_webview_window(crate::window::LABEL).and_then(|main| main.gtk_window().ok());
        // Both closures run on the main thread, which the second one's type does not know.
        let main = ThreadGuard::new(main);
        let asked =
            window.with_webview(move |view| show(&view.inner(), main.get_ref().as_ref(), &title, &name, sender));
        if let Err(error) = asked {
            tracing::warn!(%error, "the page to be printed is gone");
        }
    })
    .map_err(|error| failed(error.to_string()))?;
    // Nobody answers where the program ends meanwhile.
    outcome.await.unwrap_or(Ok(()))
}

fn failed(detail: impl Into<String>) -> AppError {
    AppError::new(ErrorCode::PrintFailed).with_detail(detail)
}

fn show(
    view: &webkit2gtk::WebView,
    parent: Option<&gtk::ApplicationWindow>,
    title: &str,
    name: &str,
    sender: oneshot::Sender<Outcome>,
) {
    let dialog = match build() {
        Ok(dialog) => dialog,
        Err(error) => {
            let _ = sender.send(Err(error));
            return;
        }
    };
    dialog.set_title(title);
    dialog.set_transient_for(parent);
    dialog.set_modal(true);
    dialog.set_destroy_with_parent(true);
    let chosen = CHOSEN.with_borrow(|chosen| chosen.clone());
    if let Some((_, setup)) = &chosen {
        dialog.set_property("page-setup", setup);
    }
    let settings = chosen.map_or_else(to_a_file, |(settings, _)| settings);
    settings.set(OUTPUT_BASENAME, Some(name));
    dialog.set_property("print-settings", &settings);
    let sender = RefCell::new(Some(sender));
    let view = view.clone();
    dialog.connect_response(move |dialog, response| {
        let Some(sender) = sender.take() else { return };
        if response == ResponseType::Ok {
            let settings: PrintSettings = dialog.property("print-settings");
            let setup: PageSetup = dialog.property("page-setup");
            begin(&view, &settings, &setup, sender);
            remember(settings, setup);
        } else {
            tracing::info!("nothing was printed");
            let _ = sender.send(Ok(()));
        }
        dialog.hide();
        // Closed, it is forgotten too.
        dialog.close();
    });
    dialog.present();
    tracing::info!("print dialog opened");
}

/// Settings that begin with the printer that writes files: a PDF by mistake is deleted, paper is wasted. GTK knows it by its
/// translated name alone.
fn to_a_file() -> PrintSettings {
    let settings = PrintSettings::new();
    settings.set_printer(&gtk::glib::dgettext(Some("gtk30"), "Print to File"));
    settings
}

fn build() -> Result<gtk::Dialog, AppError> {
    let builder = gtk::Builder::new();
    builder.add_from_string(DIALOG).map_err(|error| failed(error.to_string()))?;
    builder.object("dialog").ok_or_else(|| failed("GTK has no print dialog"))
}

/// Prints, and answers when it is done.
fn begin(view: &webkit2gtk::WebView, settings: &PrintSettings, setup: &PageSetup, sender: oneshot::Sender<Outcome>) {
    setup.set_top_margin(setup.top_margin(Unit::Mm).max(MARGIN), Unit::Mm);
    setup.set_bottom_margin(setup.bottom_margin(Unit::Mm).max(MARGIN), Unit::Mm);
    setup.set_left_margin(setup.left_margin(Unit::Mm).max(MARGIN), Unit::Mm);
    setup.set_right_margin(setup.right_margin(Unit::Mm).max(MARGIN), Unit::Mm);
    let operation = PrintOperation::new(view);
    operation.set_print_settings(settings);
    operation.set_page_setup(setup);
    // Held by its own answer until it is done.
    let under_way = Rc::new(RefCell::new(Some((operation.clone(), sender))));
    operation.connect_failed({
        let under_way = Rc::clone(&under_way);
        move |_, error| {
            tracing::warn!(%error, "printing failed");
            if let Some((_, sender)) = under_way.take() {
                let _ = sender.send(Err(failed(error.to_string())));
            }
        }
    });
    operation.connect_finished(move |_| {
        if let Some((_, sender)) = under_way.take() {
            tracing::info!("printed");
            let _ = sender.send(Ok(()));
        }
    });
    operation.print();
}

/// Keeps the printer and the paper for the next time, and of a file its folder: its name belongs to this page alone.
fn remember(settings: PrintSettings, setup: PageSetup) {
    let folder = settings.get(OUTPUT_URI).and_then(|uri| {
        let path = gtk::gio::File::for_uri(&uri).path()?;
        Some(path.parent()?.to_str()?.to_owned())
    });
    if let Some(folder) = folder {
        settings.set(OUTPUT_DIR, Some(&folder));
    }
    settings.set(OUTPUT_URI, None);
    CHOSEN.set(Some((settings, setup)));
}
