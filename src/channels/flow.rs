//! I/O. The flows that Footman generates; a channel of this kind uses the one that keeps threads.

mod answer;
mod config;
mod envelope;
mod package;
mod send;

pub use crate::channels::flow::config::open;
pub use crate::channels::flow::package::{Flow, FlowPlace, package};
pub use crate::channels::flow::send::FlowSender;

#[cfg(test)]
mod tests;
