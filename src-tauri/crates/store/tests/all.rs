//! The store on real files, in directories of its own.
#![allow(clippy::expect_used, clippy::panic, reason = "a test stops where it fails, in its helpers as well")]

#[path = "suite/cipher.rs"]
mod cipher;
#[path = "suite/consensus.rs"]
mod consensus;
#[path = "suite/crash.rs"]
mod crash;
#[path = "suite/full.rs"]
mod full;
#[path = "suite/journal.rs"]
mod journal;
#[path = "suite/list.rs"]
mod list;
#[path = "suite/model.rs"]
mod model;
#[path = "suite/opening.rs"]
mod opening;
#[path = "suite/organise.rs"]
mod organise;
#[path = "suite/records.rs"]
mod records;
#[path = "suite/rescue.rs"]
mod rescue;
#[path = "suite/scale.rs"]
mod scale;
#[path = "suite/search.rs"]
mod search;
#[path = "suite/stage.rs"]
mod stage;
#[path = "suite/tree.rs"]
mod tree;
