//! Pure. Sizes: how much a card may hold, and what goes first when it holds too much.

use serde_json::Value;

/// So many bytes are left for what a channel puts around a card, as they count inside of a string.
pub const ENVELOPE: usize = 135;
/// A finished card, with the envelope, is built to this many bytes.
pub(crate) const BUDGET: usize = 20_000;
/// Teams refuses a little above this; Microsoft names "approximately 28 KB" for the message.
pub(crate) const LIMIT: usize = 28_000;

/// How much room a card gives to each part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    /// Lines of the excerpt.
    pub(crate) lines: usize,
    /// Characters of one such line.
    pub(crate) width: usize,
    /// Characters of the error.
    pub(crate) error: usize,
    /// Only the rows that matter most.
    pub(crate) brief: bool,
    /// Whether the card must say that it was cut.
    pub(crate) shortened: bool,
}

/// From everything to little; below the last step stands the plain card.
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

/// Whether a card and its envelope keep to a number of bytes. The flow carries the card as a JSON string
/// inside JSON, where each quote and backslash counts again: that form must stay below the limit.
pub(crate) fn fits(card: &str, bytes: usize) -> bool {
    card.len() + ENVELOPE <= bytes && embedded(card) + ENVELOPE <= LIMIT
}

/// Bytes of the card as a JSON string.
fn embedded(card: &str) -> usize {
    Value::from(card).to_string().len()
}
