//! I/O. A flow that Footman wrote: one incident is one thread in Teams.

mod answer;
mod config;
mod envelope;
mod package;
mod send;

pub use crate::channels::flow::config::{open, pace};
pub use crate::channels::flow::package::{Place, package};
pub use crate::channels::flow::send::FlowSender;

#[cfg(test)]
mod tests;
