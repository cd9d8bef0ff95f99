//! Use cases of the desktop client: what the commands call.
//!
//! [`App`] has one method per command of the bridge; the logic is in the modules. A question's way: [`routing`] picks the
//! model, the store puts question and empty answer on disk, `generation` asks the model within what [`context`] lets fit,
//! and what arrives goes to [`journal`] and [`frames`] at once. Nothing here waits for a network while a command runs, and
//! nothing is contacted before the user has picked a profile.

mod accounts;
mod app;
mod consensus;
pub mod context;
pub mod diagnostics;
mod encryption;
mod fleet;
pub mod frames;
mod generation;
pub mod journal;
mod keeping;
pub mod offline;
pub mod routing;
pub mod safekeeping;
mod settings;
pub mod spaces;
pub mod surroundings;
pub mod text;
pub mod titles;
pub mod transfer;

pub use accounts::Outside;
pub use app::{App, NoticeReceiver, Options, Versions};
pub use frames::FrameReceiver;
pub use generation::{CONTINUE, Notice};
pub use surroundings::Surroundings;
