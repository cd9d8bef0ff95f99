//! The one door through which a link leaves the program. Whatever the window shows came from a model, so the address is
//! taken apart and judged here again, and what is opened is what was judged, not what was written.
//!
//! Only `https`, `http` and `mailto` go out: a system has handlers for many more, and some of them run programs.

use capibara6_protocol::{AppError, ErrorCode};
use url::Url;

use crate::environment;

/// Longest address that is passed on. Browsers take more, but some systems' openers do not.
const LONGEST: usize = 8_192;

/// Opens an address in the system's browser or mail program.
///
/// # Errors
/// `link-refused` for what is never opened, `internal` where the system has nothing to open it with.
pub fn open(address: &str) -> Result<(), AppError> {
    let url = judge(address)?;
    let browser = (url.scheme() != "mailto").then(environment::browser).flatten();
    tauri_plugin_opener::open_url(url.as_str(), browser)
        .map_err(|error| AppError::new(ErrorCode::Internal).with_detail(error.to_string()))
}

/// Whether an address may be opened, and the address in its normal form.
fn judge(address: &str) -> Result<Url, AppError> {
    let refused = || AppError::new(ErrorCode::LinkRefused);
    // The parser drops tabs and line ends from anywhere, and with them the difference between what is shown and what is meant.
    if address.len() > LONGEST || address.chars().any(|c| c.is_control() || is_invisible(c)) {
        return Err(refused());
    }
    let url = Url::parse(address).map_err(|_| refused())?;
    let acceptable = match url.scheme() {
        // Credentials in an address serve to make a host look like another one.
        "http" | "https" => url.has_host() && url.username().is_empty() && url.password().is_none(),
        // Attachments are an old extension by which a link takes a file along without a word.
        "mailto" => {
            !url.path().is_empty() && url.query_pairs().all(|(key, _)| !key.to_ascii_lowercase().starts_with("attach"))
        }
        _ => false,
    };
    if acceptable { Ok(url) } else { Err(refused()) }
}

/// Marks that change the order of letters or take no space: an address with them does not read as it is.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_that_may_go_out() {
        let cases = [
            ("https://example.org", "https://example.org/"),
            ("http://127.0.0.1:8000/docs?q=a b#x", "http://127.0.0.1:8000/docs?q=a%20b#x"),
            ("HTTPS://EXAMPLE.ORG/Path", "https://example.org/Path"),
            ("https://bücher.example/ñ", "https://xn--bcher-kva.example/%C3%B1"),
            ("mailto:someone@example.org?subject=Hello", "mailto:someone@example.org?subject=Hello"),
        ];
        for (address, expected) in cases {
            assert_eq!(judge(address).map(String::from), Ok(expected.to_owned()), "{address}");
        }
    }

    #[test]
    fn links_that_never_go_out() {
        let long = format!("https://example.org/{}", "a".repeat(LONGEST));
        let cases = [
            "",
            "example.org",
            "/etc/passwd",
            "//example.org",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "java\nscript:alert(1)",
            "data:text/html,hello",
            "blob:https://example.org/1",
            "smb://example.org/share",
            "ms-msdt:/id PCWDiagnostic",
            "vscode://file/etc",
            "tauri://localhost",
            "ftp://example.org",
            "tel:+34600000000",
            "https://",
            "https://user@example.org",
            "https://user:word@example.org",
            "https://exa\tmple.org",
            "https://example.org/\u{0}",
            "https://example.org/\u{202e}gnp.exe",
            "https://example.org/a\u{200b}b",
            "mailto:",
            "mailto:someone@example.org?attach=/etc/passwd",
            "mailto:someone@example.org?Attachment=/etc/passwd",
            &long,
        ];
        for address in cases {
            assert_eq!(judge(address), Err(AppError::new(ErrorCode::LinkRefused)), "{address:?}");
        }
    }
}
