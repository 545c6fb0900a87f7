//! I/O. Ends a wait early: because a service changed, or because somebody rang.
//!
//! A ring only makes the next look come earlier. Whatever is not heard is seen by the looks that
//! come anyway.

#[cfg(not(windows))]
mod silent;
#[cfg(windows)]
mod windows;

#[cfg(not(windows))]
pub use crate::observe::source::bell::silent::{Bell, Ringer};
#[cfg(windows)]
pub use crate::observe::source::bell::windows::{Bell, Ringer};

#[cfg(test)]
mod tests;
