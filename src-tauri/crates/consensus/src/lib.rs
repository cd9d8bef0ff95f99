//! How several models' answers become one. Nothing here does I/O, reads a clock or draws a random number.

pub mod extract;
mod seed;
pub mod similarity;
pub mod text;
pub mod weight;
