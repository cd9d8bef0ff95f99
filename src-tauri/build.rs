//! Points tauri-build at the folders of this package and hands the catalogues to the shell.
//!
//! The catalogues are those of the window (`ui/locales`): one set of words for both sides, found by looking, so that a new
//! language needs no change in Rust.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// The catalogues that the shell reads: menu, notifications, command line and its errors.
const CATALOGUES: [&str; 3] = ["shell.ftl", "program.ftl", "errors.ftl"];

fn main() -> Result<(), Box<dyn Error>> {
    for path in ["src-tauri/capabilities", "src-tauri/permissions", "ui/dist", "ui/locales"] {
        println!("cargo:rerun-if-changed={path}");
    }
    println!("cargo:rerun-if-env-changed=CAPIBARA6_COMMIT");
    let commit = env::var("CAPIBARA6_COMMIT").unwrap_or_default();
    println!("cargo:rustc-env=CAPIBARA6_COMMIT={commit}");

    if !Path::new("ui/dist/index.html").exists() {
        println!(
            "cargo::error=the window is not built yet: run `make ui` (or `npm --prefix ui ci` and `npm --prefix ui run build`)"
        );
        return Ok(());
    }
    write_catalogues()?;

    let attributes = tauri_build::Attributes::new()
        .capabilities_path_pattern("src-tauri/capabilities/*.json")
        .app_manifest(tauri_build::AppManifest::new().permissions_path_pattern("src-tauri/permissions/*.toml"))
        .windows_attributes(tauri_build::WindowsAttributes::new().window_icon_path("icons/icon.ico"));
    Ok(tauri_build::try_build(attributes)?)
}

/// Writes `catalogues.rs`: a table of languages and their texts, sorted by language.
fn write_catalogues() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("ui/locales");
    let mut languages: Vec<String> = Vec::new();
    for entry in fs::read_dir(&root)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            languages.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    languages.sort();

    let mut table = String::from("/// Languages and their catalogues.\nconst CATALOGUES: &[(&str, &[&str])] = &[\n");
    for language in languages {
        write!(table, "    ({language:?}, &[")?;
        for file in CATALOGUES.iter().map(|name| root.join(&language).join(name)).filter(|file| file.exists()) {
            write!(table, "include_str!({file:?}), ")?;
        }
        table.push_str("]),\n");
    }
    table.push_str("];\n");
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("catalogues.rs"), table)?;
    Ok(())
}
