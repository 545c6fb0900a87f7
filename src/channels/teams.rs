//! I/O. Teams: posts cards to the webhook of a workflow.

pub mod answer;
mod config;
mod envelope;
mod send;

pub use crate::channels::teams::config::Timeouts;
pub use crate::channels::teams::envelope::message;
pub(crate) use crate::channels::teams::send::{Posted, chain};
pub use crate::channels::teams::send::{Reached, Sender};
