//! I/O. A wait that ends early when a service changes or another thread wakes it.
//!
//! Waking only makes the next snapshot come earlier. A change without notification is found by the
//! regular snapshots.

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
