//! Pure. The size limits of a card, and what is cut first when it exceeds them.

use serde_json::Value;

/// Bytes reserved for a channel's envelope, counted as inside a JSON string.
pub const ENVELOPE: usize = 135;
/// The most bytes of a finished card with its envelope.
pub(crate) const BUDGET: usize = 20_000;
/// Teams refuses messages a little above this; Microsoft documents "approximately 28 KB".
pub(crate) const LIMIT: usize = 28_000;

/// The room of each part of a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    /// Lines of the excerpt.
    pub(crate) lines: usize,
    /// Characters of one excerpt line.
    pub(crate) width: usize,
    /// Characters of the error.
    pub(crate) error: usize,
    /// Only the most important rows.
    pub(crate) brief: bool,
    /// Whether the card has a note that it was cut.
    pub(crate) shortened: bool,
}

/// From the full card to the smallest; after the last step, the plain card is used.
pub(crate) const LADDER: [(Room, &str); 4] = [
    (Room { lines: 10, width: 300, error: 600, brief: false, shortened: false }, "nothing"),
    (
        Room { lines: 6, width: 300, error: 600, brief: false, shortened: true },
        "excerpt of 6 lines",
    ),
    (
        Room { lines: 6, width: 160, error: 600, brief: false, shortened: true },
        "lines of 160 characters",
    ),
    (
        Room { lines: 6, width: 160, error: 300, brief: true, shortened: true },
        "only the needed rows",
    ),
];

/// The room of the full card.
pub(crate) const FULL: Room = LADDER[0].0;

/// Whether a card and its envelope fit into `bytes`. The flow passes the card on as a JSON string
/// inside JSON, where quotes and backslashes are escaped again: that form must stay below
/// [`LIMIT`].
pub(crate) fn fits(card: &str, bytes: usize) -> bool {
    card.len() + ENVELOPE <= bytes && embedded(card) + ENVELOPE <= LIMIT
}

/// Bytes of the card as a JSON string.
fn embedded(card: &str) -> usize {
    Value::from(card).to_string().len()
}
