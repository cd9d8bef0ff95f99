//! What signing in needs from the desktop: the system's browser, the window in front when the person is back, and the words of
//! the browser's last page in their language.

use capibara6_app::Outside;
use capibara6_identity::sign_in::{Pages, Words as PageWords};
use capibara6_protocol::AppError;
use tauri::{AppHandle, Manager as _};
use url::Url;

use crate::backend::Backend;
use crate::words::Words;
use crate::{links, window};

/// The desktop.
pub struct Desktop(AppHandle);

impl Desktop {
    /// The desktop around this program.
    pub fn new(app: AppHandle) -> Self {
        Self(app)
    }
}

impl Outside for Desktop {
    fn open(&self, address: &Url) -> Result<(), AppError> {
        // The core made it or a provider gave it: it goes through the door of all links, which judges it once more.
        links::open(address.as_str())
    }

    fn come_forward(&self) {
        let app = self.0.clone();
        let scheduled = self.0.run_on_main_thread(move || window::raise(&app));
        if let Err(error) = scheduled {
            tracing::warn!(%error, "the window was not raised");
        }
    }

    fn pages(&self) -> Pages {
        pages(&self.0.state::<Backend>().words())
    }
}

fn pages(words: &Words) -> Pages {
    let page = |title: &str, text: &str| PageWords {
        language: words.language(),
        right_to_left: words.is_right_to_left(),
        title: words.say(title).into_owned(),
        text: words.say(text).into_owned(),
    };
    Pages {
        success: page("sign-in-page-done", "sign-in-page-done-text"),
        failure: page("sign-in-page-failed", "sign-in-page-failed-text"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_page_is_in_the_language_that_is_set() {
        let spanish = pages(&Words::new(Some("es"), &[]));
        let english = pages(&Words::new(Some("en"), &[]));
        assert_eq!((spanish.success.language.as_str(), english.success.language.as_str()), ("es", "en"));
        for (page, other) in [(&spanish.success, &english.success), (&spanish.failure, &english.failure)] {
            assert!(!page.title.starts_with("sign-in-page") && !page.text.starts_with("sign-in-page"), "{page:?}");
            assert_ne!(page.title, other.title);
            assert!(!page.right_to_left);
        }
    }
}
