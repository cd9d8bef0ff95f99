//! How several models' answers become one, and the truth about how far they agree.
//!
//! Nothing here does I/O, reads a clock or draws a random number: what happens goes into [`run::Run`], what is to be done comes
//! out, and the same answers with the same seed always give the same verdict.
//!
//! The way of an answer: its text is read ([`extract`]), it votes ([`ballot`]) by what it says or, where the question is
//! open, by what it resembles ([`similarity`]); a [`method`] finds the winner, some by asking a model (a judge, or a writer of a
//! [`synthesis`]) or the fleet ([`server`]); [`run`] says when. [`plan`] knows which plans are usable, [`learn`] what the
//! user's own verdicts teach about weights.
//!
//! Agreement: `none` when fewer than two answered; `unanimous` when all that answered gave the same answer; `majority` when
//! one answer holds more than half of the answered weight; else `split`, an exact tie too. Refusals and empty replies do
//! not vote.

pub mod ballot;
pub mod extract;
mod judge;
pub mod learn;
pub mod method;
pub mod naming;
pub mod plan;
pub mod run;
mod seed;
pub mod server;
pub mod similarity;
pub mod synthesis;
pub mod text;
pub mod weight;
