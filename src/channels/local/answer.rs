//! Pure. Maps the result of writing a card to the outcome of a delivery.

use std::io;
use std::path::Path;

use crate::config::worded::system;
use crate::outbox::Outcome;

/// The outcome of one attempt: the receipt is the name of the card's file. A disk error is not the
/// card's fault.
pub(crate) fn judge(folder: &Path, written: io::Result<String>) -> Outcome {
    match written {
        Ok(name) => Outcome::Accepted { receipt: Some(name) },
        Err(source) => {
            let why = format!("cannot write a card to {}: {}", folder.display(), system(&source));
            Outcome::Unreached { why: why.into() }
        }
    }
}
