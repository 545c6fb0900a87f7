//! Pure. What the disk's answer means for the card that was written.

use std::io;
use std::path::Path;

use crate::outbox::Outcome;

/// Judges one attempt: the receipt is the name of the card's file. A disk that refuses says nothing
/// against the card.
pub(in crate::channels::local) fn judge(folder: &Path, written: io::Result<String>) -> Outcome {
    match written {
        Ok(name) => Outcome::Accepted { receipt: Some(name) },
        Err(source) => {
            let why = format!("cannot write a card to {}: {source}", folder.display());
            Outcome::Unreached { why }
        }
    }
}
