//! I/O. A simulated Qlik Sense node that writes logs like a real one.
//!
//! `story` defines what happens when, `plan` turns it into rows of log files, `node` writes them,
//! and `answers` submits the commands of the people in the story.

use std::io;
use std::path::PathBuf;

pub mod answers;
pub mod log_file;
pub mod node;
pub mod plan;
pub mod play;
pub mod script_log;
mod services;
pub mod story;
pub mod tenant;

pub use crate::demo::node::Node;
pub use crate::demo::play::{PlayedLine, StoryLine, play};
pub use crate::demo::story::Story;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot write the simulated log {path}", path = path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("cannot roll the simulated log {path}", path = path.display())]
    Roll { path: PathBuf, source: io::Error },
}
