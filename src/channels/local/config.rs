//! Pure. The setup of a local channel: its folder and its number of cards; it has no keys.

use std::path::{Path, PathBuf};

use crate::channels::local::LocalFolder;

/// Number of cards that a local channel keeps.
const CARDS_KEPT: usize = 500;

/// The folder of a local channel's cards.
pub fn folder(state_dir: &Path, channel: &str) -> PathBuf {
    state_dir.join("cards").join(channel)
}

/// Opens a local channel.
pub fn open(state_dir: &Path, channel: &str) -> LocalFolder {
    LocalFolder::new(folder(state_dir, channel), CARDS_KEPT)
}
