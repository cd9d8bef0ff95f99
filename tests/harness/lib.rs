//! What the journeys stand on: the built program in a home of its own, driven through WebDriver like a person drives it,
//! and model servers in the test's own process that say each word when the test lets them. Nothing here knows how the
//! program is made: it sees the window's elements by their test ids, the sockets, the files and the processes.
//!
//! The chain is tauri-driver → WebKitWebDriver → the program. All three live in one process group that ends with the
//! [`Window`], also when the test fails; a failing journey leaves a picture and the page's text in `target/journeys`.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a journey that cannot go on ends here and says why; nothing of this crate ships"
)]

mod browser;
mod display;
mod driver;
mod home;
mod keyring;
mod page;
mod process;
mod profile;
mod window;

pub use browser::Browser;
pub use driver::program;
pub use home::Home;
pub use keyring::Keyring;
pub use page::Shown;
pub use process::Process;
pub use profile::{MODEL, profile_of};
pub use thirtyfour::Key;
pub use window::{PATIENCE, SETTINGS, SystemDialog, TWO_FRAMES, Window, until};
