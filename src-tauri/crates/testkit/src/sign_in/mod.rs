//! Servers that people sign in with, each with the ways in which it may misbehave, and a browser that visits them.

mod browser;
mod device;
mod fleet;
mod openid;
mod people;
mod service;
#[cfg(test)]
mod tests;

pub use browser::{Browser, Page};
pub use device::{DeviceAnswer, DeviceServer};
pub use fleet::{FleetMisbehaviour, FleetUser, SignInServer};
pub use openid::{IdentityProvider, Misbehaviour};
pub use service::Gate;
