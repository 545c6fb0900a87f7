//! I/O. Ends a wait early: because a service changed, or because somebody rang.
//!
//! A ring only makes the next look come earlier. Whatever is not heard is seen by the looks that
//! come anyway.

#[cfg(not(windows))]
mod silent;
#[cfg(windows)]
mod windows;

#[cfg(not(windows))]
pub use crate::observe::source::listener::silent::{ListenerWaker, ServiceListener};
#[cfg(windows)]
pub use crate::observe::source::listener::windows::{ListenerWaker, ServiceListener};

#[cfg(test)]
mod tests;
