//! The pages on which a person decides, for real browsers: one question, `button[value=yes]`, and `button[value=no]`.

use super::service::parameters;
use crate::canned::Canned;
use crate::http::Request;

/// What a person said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    Yes,
    No,
}

/// Asks somebody whether it is them. The answer goes to the page's own address, query and all.
pub(super) fn ask(name: &str) -> Canned {
    page(&format!(
        "<form method=post><p>Go on as {}?<p><button name=decision value=yes>Go on</button> \
         <button name=decision value=no>Cancel</button></form>",
        escaped(name)
    ))
}

/// Asks for the code of the device flow.
pub(super) fn ask_for_code() -> Canned {
    page(
        "<form method=post><label>Code <input name=user_code></label> \
         <p><button name=decision value=yes>Go on</button></form>",
    )
}

/// A page with these words.
pub(super) fn page(body: &str) -> Canned {
    Canned::text(
        "text/html; charset=utf-8",
        &format!("<!doctype html><html lang=en><meta charset=utf-8><title>Provider</title><body>{body}"),
    )
}

/// What the person said. Whatever is not a yes is a no.
pub(super) fn decision(request: &Request) -> Decision {
    match parameters(&request.body).get("decision").map(String::as_str) {
        Some("yes") => Decision::Yes,
        _ => Decision::No,
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
