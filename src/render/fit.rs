//! Pure. The size limits of a card, and the order in which it is cut when it exceeds them.

use serde_json::Value;

/// Bytes reserved for a channel's envelope, counted as inside a JSON string.
pub const ENVELOPE: usize = 135;
/// Bytes of the member that repeats the card's banner in the envelope.
const SUMMARY: usize = 11;
/// Bytes reserved for the button of a card that waits, and for the line about it.
const WAITING: usize = 900;
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
    /// Characters of a name of an app, a task, a node or a person.
    pub(crate) names: usize,
    /// Characters of advice, notes and other texts besides the cause, which is never cut.
    pub(crate) texts: usize,
    /// Only the most important rows.
    pub(crate) brief: bool,
    /// Whether the card has a note that it was cut.
    pub(crate) shortened: bool,
}

/// From the full card to the smallest; after the last step, the plain card is used.
pub(crate) const LADDER: [(Room, &str); 5] = [
    (FULL, "nothing"),
    (Room { lines: 6, shortened: true, ..FULL }, "excerpt of 6 lines"),
    (Room { lines: 6, width: 160, shortened: true, ..FULL }, "lines of 160 characters"),
    (
        Room { lines: 6, width: 160, names: 60, brief: true, shortened: true, ..FULL },
        "only the needed rows",
    ),
    (
        Room { lines: 3, width: 80, names: 40, texts: 120, brief: true, shortened: true },
        "only the needed rows, all short",
    ),
];

/// The room of the full card.
pub(crate) const FULL: Room =
    Room { lines: 10, width: 300, names: 120, texts: 300, brief: false, shortened: false };

/// Characters of the cause: as many as a detection keeps.
pub(crate) const CAUSE: usize = 2_000;

/// Whether a card and its envelope fit into `bytes`. The flow passes the card on as a JSON string
/// inside JSON, where quotes and backslashes are escaped again: that form must stay below
/// [`LIMIT`].
pub(crate) fn fits(card: &str, bytes: usize) -> bool {
    fits_beside(card, 0, bytes)
}

/// Whether a card still fits with the button of a card that waits.
pub(crate) fn leaves_room(card: &str) -> bool {
    fits_beside(card, WAITING, BUDGET)
}

/// Whether a card fits beside what is `reserved`, each byte of which may need two in a string.
fn fits_beside(card: &str, reserved: usize, bytes: usize) -> bool {
    let around = ENVELOPE + banner(card).map_or(0, |banner| SUMMARY + banner.len());
    card.len() + around + reserved <= bytes && embedded(card) + around + 2 * reserved <= LIMIT
}

/// The text of a card's notification, its `fallbackText`, as a JSON string.
pub fn banner(card: &str) -> Option<&str> {
    const BEFORE: &str = "\"fallbackText\":\"";
    let start = card.find(BEFORE)? + BEFORE.len() - 1;
    let rest = &card[start..];
    let mut escaped = false;
    let end = rest.bytes().skip(1).position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })?;
    Some(&rest[..end + 2])
}

/// Bytes of the card as a JSON string.
fn embedded(card: &str) -> usize {
    Value::from(card).to_string().len()
}
