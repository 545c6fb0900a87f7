//! Pure. What a local channel is set up with: it has no keys, only a place and a number of cards.

use std::path::{Path, PathBuf};

use crate::channels::local::LocalFolder;

/// A local channel keeps so many cards.
const CARDS_KEPT: usize = 500;

/// Where the cards of a local channel are kept.
pub fn folder(state_dir: &Path, channel: &str) -> PathBuf {
    state_dir.join("cards").join(channel)
}

/// The folder of a local channel, ready to take cards.
pub fn open(state_dir: &Path, channel: &str) -> LocalFolder {
    LocalFolder::new(folder(state_dir, channel), CARDS_KEPT)
}
