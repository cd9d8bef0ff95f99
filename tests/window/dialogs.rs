//! The system's own dialogs, used by the keyboard as a person uses them: printing to a PDF, choosing where an export goes and
//! where an import comes from; and that cancelling one leaves everything as it was.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use capibara6_journeys::{Home, MODEL, SystemDialog, Window, until};
use capibara6_testkit::ModelServer;
use serde_json::{Map, Value, json};

/// X keysyms.
const RETURN: u32 = 0xff0d;
const ESCAPE: u32 = 0xff1b;

/// What the dialogs are called.
const PRINT: &str = "Print or save as PDF";
const IMPORT: &str = "Import conversations";
const EXPORT: &str = "Export conversations";

const TITLE: &str = "Descanso en el río";
const ITEM: &str = "[data-testid=\"conversation-item\"]";
const TRANSFER: &str = "[data-testid=\"transfer\"]";

/// How many messages a person would call many: several times what the window keeps on its page at once.
const MANY: usize = 300;

/// A home whose documents lie in a folder of its own, where GTK writes a PDF unless it is told otherwise, and where GTK asks
/// for files with a field for their path, which it otherwise shows when it is asked to.
fn home_with_documents(server: &ModelServer) -> (Home, PathBuf) {
    let home = Home::of(server).with("GSETTINGS_BACKEND", "keyfile");
    let documents = home.path("documents");
    fs::create_dir(&documents).expect("a folder in the home");
    let config = home.path("config");
    let place = format!("XDG_DOCUMENTS_DIR=\"{}\"\n", documents.display());
    fs::write(config.join("user-dirs.dirs"), place).expect("the folders are named");
    let settings = config.join("glib-2.0/settings");
    fs::create_dir_all(&settings).expect("a folder for settings");
    let chooser = "[org/gtk/settings/file-chooser]\nlocation-mode='filename-entry'\nstartup-mode='cwd'\n";
    fs::write(settings.join("keyfile"), chooser).expect("the settings are written");
    (home, documents)
}

/// Presses the key that cancels.
fn cancel(dialog: &SystemDialog) {
    dialog.strike(&[ESCAPE]);
}

/// Presses the key that confirms.
fn confirm(dialog: &SystemDialog) {
    dialog.strike(&[RETURN]);
}

/// The files of a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    files.sort();
    files
}

/// What stands first in a message of the long conversation.
fn words_of(number: usize) -> String {
    if number.is_multiple_of(2) {
        format!("Question {number}: ¿y después?")
    } else {
        format!("Answer {number}: canción, 漢字とかな, Ελληνικά.")
    }
}

/// A long conversation with code, tables and lists, as ChatGPT exports it: what is imported needs no server that says it.
fn long_conversation() -> String {
    let line = "let sum = first + second; ".repeat(12);
    let node = |number: usize| {
        let words = words_of(number);
        let (role, text) = if number.is_multiple_of(2) {
            ("user", words)
        } else {
            let code = format!("```rust\nfn answer_{number}() {{\n    {line}\n}}\n```");
            let rest = "| one | two |\n| --- | --- |\n| three | ½ |\n\n> A quotation.\n\n1. First\n2. Second\n";
            ("assistant", format!("{words}\n\n{code}\n\n{rest}"))
        };
        let id = format!("n{number}");
        let children = (number + 1 < MANY).then(|| format!("n{}", number + 1));
        let message = json!({
            "id": id, "author": { "role": role }, "create_time": 1_760_000_000 + number,
            "content": { "content_type": "text", "parts": [text] },
        });
        let parent = number.checked_sub(1).map(|number| format!("n{number}"));
        let children: Vec<String> = children.into_iter().collect();
        (id.clone(), json!({ "id": id, "parent": parent, "children": children, "message": message }))
    };
    let mapping: Map<String, Value> = (0..MANY).map(node).collect();
    let last = format!("n{}", MANY - 1);
    json!([{
        "title": TITLE, "create_time": 1_760_000_000, "update_time": 1_760_000_000, "current_node": last,
        "mapping": mapping, "conversation_id": "long",
    }])
    .to_string()
}

/// Imports the long conversation through the system's dialog and opens it; before that, cancels the dialog.
async fn import_the_long_conversation(window: &Window) {
    let file = window.home().path("conversations.json");
    fs::write(&file, long_conversation()).expect("the conversation is written");
    window.open_settings("Import and export").await;
    window.click("import").await;
    window.system_dialog(IMPORT).await.dismiss(cancel).await;
    assert_eq!((window.count(ITEM).await, window.count(TRANSFER).await), (0, 0));
    window.click("import").await;
    let dialog = window.system_dialog(IMPORT).await;
    dialog.shot("dialog-import");
    dialog.choose(&file).await;
    window.find_css(&format!("{TRANSFER}[data-state=\"done\"]")).await;
    window.close_settings().await;
    window.click_css(&format!("{ITEM} .sidebar-open")).await;
    let last = words_of(MANY - 1);
    window
        .until_messages("the end of the conversation is there", |messages| {
            messages.last().is_some_and(|message| message.text.starts_with(&last))
        })
        .await;
}

/// What pdftotext reads in a PDF.
fn text_of(pdf: &Path) -> String {
    let output = Command::new("pdftotext").arg("-layout").arg(pdf).arg("-").output();
    let output = output.unwrap_or_else(|error| panic!("pdftotext: {error}; `make test` installs it"));
    assert!(output.status.success(), "pdftotext: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_conversation_becomes_a_pdf_while_an_answer_goes_on_behind_the_dialog() {
    let server = ModelServer::start(&[MODEL]).await;
    let (home, documents) = home_with_documents(&server);
    let window = Window::open(home).await;
    window.open_settings("Appearance").await;
    window.choose("theme-picker", "dark").await;
    import_the_long_conversation(&window).await;
    window.ask("And then?").await;
    let mut answer = server.next_chat().await;
    answer.begin().await;
    answer.send_text("It goes").await;
    window.until_last("streaming", "It goes").await;

    // cancelled, by the key and by the window manager
    let print = async || {
        window.item_action(TITLE, "Print or PDF\u{2026}").await;
        window.system_dialog(PRINT).await
    };
    print().await.dismiss(cancel).await;
    let dialog = print().await;
    dialog.ask_to_close();
    dialog.until_gone().await;
    assert_eq!(files(&documents), Vec::<PathBuf>::new());

    let dialog = print().await;
    answer.send_text(" on").await;
    window.until_last("streaming", "It goes on").await;
    dialog.shot("dialog-print");
    dialog.dismiss(confirm).await;
    let pdf = documents.join(format!("{TITLE}.pdf"));
    until("the PDF is written to its end", async || {
        fs::read(&pdf).ok()?.trim_ascii_end().ends_with(b"%%EOF").then_some(())
    })
    .await;
    assert_eq!(files(&documents), std::slice::from_ref(&pdf));
    if let Some(folder) = std::env::var_os("CAPIBARA6_SHOTS") {
        fs::copy(&pdf, Path::new(&folder).join("printed.pdf")).expect("the PDF is copied");
    }
    let text = text_of(&pdf);
    let code = |number: usize| (!number.is_multiple_of(2)).then(|| format!("fn answer_{number}() {{"));
    let expected = (0..MANY).flat_map(|number| std::iter::once(words_of(number)).chain(code(number)));
    let missing: Vec<String> = expected.filter(|words| !text.contains(words)).collect();
    assert_eq!(
        missing,
        Vec::<String>::new(),
        "in a PDF that begins with:\n{}",
        &text[..text.floor_char_boundary(2000)]
    );

    answer.finish("stop").await;
    answer.done().await;
    window.until_last("complete", "It goes on").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pdf_that_cannot_be_written_is_told_and_the_window_can_be_closed_while_the_dialog_is_open() {
    let server = ModelServer::start(&[MODEL]).await;
    let (home, documents) = home_with_documents(&server);
    let window = Window::open(home).await;
    window.ask(TITLE).await;
    server.next_chat().await.say_all(&["Dicho."]).await;
    window.until_last("complete", "Dicho.").await;
    // a folder in the place of the file: nobody can write there, not even the superuser
    fs::create_dir(documents.join(format!("{TITLE}.pdf"))).expect("a folder");
    window.item_action(TITLE, "Print or PDF\u{2026}").await;
    window.system_dialog(PRINT).await.dismiss(confirm).await;
    window.until_data("[data-testid=\"error\"]", "code", "print-failed").await;

    window.item_action(TITLE, "Print or PDF\u{2026}").await;
    window.system_dialog(PRINT).await;
    window.program().terminate();
    window.ended().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_goes_where_the_system_s_dialog_says() {
    let server = ModelServer::start(&[MODEL]).await;
    let (home, documents) = home_with_documents(&server);
    let window = Window::open(home).await;
    window.ask(TITLE).await;
    server.next_chat().await.say_all(&["Dicho."]).await;
    window.until_last("complete", "Dicho.").await;
    window.item_action(TITLE, "Export\u{2026}").await;
    window.click("export-markdown").await;
    window.click("export-begin").await;
    window.system_dialog(EXPORT).await.dismiss(cancel).await;
    assert_eq!((window.count(TRANSFER).await, files(&documents)), (0, Vec::new()));

    // the choice of the format is still there, and asks again
    let file = documents.join("chosen.md");
    window.click("export-begin").await;
    let dialog = window.system_dialog(EXPORT).await;
    dialog.shot("dialog-export");
    dialog.choose(&file).await;
    window.find_css(&format!("{TRANSFER}[data-state=\"done\"]")).await;
    assert_eq!(files(&documents), std::slice::from_ref(&file));
    let text = fs::read_to_string(&file).expect("the export is read");
    assert!(text.contains(TITLE) && text.contains("Dicho."), "{text}");

    // everything goes into a folder that is chosen
    let folder = documents.join("folder");
    fs::create_dir(&folder).expect("a folder");
    window.open_settings("Import and export").await;
    window.click("export-all").await;
    window.click("export-html").await;
    window.click("export-begin").await;
    window.system_dialog(EXPORT).await.choose(&folder).await;
    until("the folder holds the page and nothing else", async || {
        let made = files(&folder).into_iter().next()?;
        (files(&made) == [made.join(format!("{TITLE}.html"))]).then_some(())
    })
    .await;
    window.close().await;
}
