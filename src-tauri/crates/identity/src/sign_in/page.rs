//! The last page of a sign-in, in the browser: self-contained, in the user's language, and allowed to load nothing.

use std::fmt::Write as _;

/// The words of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// BCP 47.
    pub language: String,
    /// Whether the language is written from right to left.
    pub right_to_left: bool,
    /// What happened.
    pub title: String,
    /// What to do.
    pub text: String,
}

/// The words of all pages that an attempt may end with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pages {
    /// It worked; the program has the rest.
    pub success: Words,
    /// It did not.
    pub failure: Words,
}

/// A page ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    html: String,
    nonce: String,
}

const STYLE: &str = "\
:root{color-scheme:light dark;font:15px/23px system-ui,sans-serif;background:#faf8f4;color:#211f1b}\
main{max-width:26rem;margin:20vh auto 0;padding:0 1.5rem}\
h1{font-size:1.4rem;line-height:2rem;margin:0 0 .5rem}p{margin:0;color:#5f594f}\
b{display:block;margin-bottom:2rem;color:#7a4e2d}\
@media(prefers-color-scheme:dark){:root{background:#181714;color:#ece8df}p{color:#a8a195}b{color:#c79a72}}";

impl Page {
    /// Sets the words. `nonce` is unguessable and used once.
    pub fn new(words: &Words, nonce: &str) -> Self {
        let direction = if words.right_to_left { "rtl" } else { "ltr" };
        let html = format!(
            "<!doctype html><html lang=\"{language}\" dir=\"{direction}\"><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\"><link rel=\"icon\" href=\"data:,\">\
             <title>{title}</title><style nonce=\"{nonce}\">{STYLE}</style>\
             <main><b>Capibara6</b><h1>{title}</h1><p>{text}</p></main></html>",
            language = escape(&words.language),
            title = escape(&words.title),
            text = escape(&words.text),
        );
        Self { html, nonce: nonce.to_owned() }
    }

    /// The page.
    pub fn html(&self) -> &str {
        &self.html
    }

    /// The headers that keep it from loading anything.
    pub fn headers(&self) -> String {
        format!(
            "content-type: text/html; charset=utf-8\r\n\
             content-security-policy: default-src 'none'; style-src 'nonce-{}'; img-src data:; \
             base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n",
            self.nonce
        )
    }
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' | '<' | '>' | '"' | '\'' => {
                // Writing into a string cannot fail.
                let _ = write!(escaped, "&#{};", u32::from(character));
            }
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_words() {
        let words = Words {
            language: "es".into(),
            right_to_left: false,
            title: "<script>alert('1')</script>".into(),
            text: "a & \"b\"".into(),
        };
        let page = Page::new(&words, "n-1");
        assert!(!page.html().contains("<script>"));
        assert!(page.html().contains("<p>a &#38; &#34;b&#34;</p>"));
        assert!(page.headers().contains("default-src 'none'; style-src 'nonce-n-1'"));
    }
}
