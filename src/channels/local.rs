//! I/O. The local channel: a folder with one file for each card, for a node without a webhook.

mod answer;
mod config;
mod send;

pub use crate::channels::local::config::{folder, open};
pub use crate::channels::local::send::LocalFolder;
