mod answers;
mod bench;
mod branches;
mod errors;
mod fleets;
mod lasting;
mod long;
