//! Pure. Decides which delivery may leave next (order, back-off, pace, circuit) and folds in what became of it.

use std::time::Duration;

use crate::clock::Timestamp;

/// One card owed to one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// `<notice id>@<channel>`: the same card is never owed twice to one channel.
    pub id: String,
    pub channel: String,
    /// The card's one-line summary, for status and history.
    pub summary: String,
    pub payload: String,
    /// The plain card, for when the channel refuses the rich one.
    pub plain: String,
    pub created: Timestamp,
}

/// What became of one attempt. `deliver` decides it, this room folds it in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Outcome {
    /// Taken by the channel. `receipt` is what an administrator searches for (a run id).
    Accepted { receipt: Option<String> },
    /// Passing trouble: the same bytes may go later. `pause` holds the whole channel.
    Retry { after: Option<Duration>, pause: bool, why: String },
    /// The channel itself is refused or gone (401, 403, 404, 410, flow off): keep everything,
    /// probe rarely.
    Unavailable { why: String },
    /// Too large (413): send a smaller card once.
    TooLarge { why: String },
    /// These bytes will never be taken (400): send the plain card once, then set it aside.
    Rejected { why: String },
}
