//! Pure. Turns a notice into a card within the size limit; falls back to a built-in card, never fails.

/// A payload ready to be posted: the message envelope with one Adaptive Card, as compact JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// One line of plain text: what a terminal, a log or a list shows.
    pub summary: String,
    pub payload: String,
    /// The same notice as the smallest built-in card, for a channel that refuses the rich one.
    pub plain: String,
    /// What went wrong on the way: a template error, a shortening. Counted and told.
    pub problems: Vec<String>,
}

/// What a card needs to know about the site besides the notice.
#[derive(Clone, Debug)]
pub struct Site {
    /// `https://qlik.example.com`, without a trailing slash; no links without it.
    pub url: Option<String>,
    /// The name of this node.
    pub node: String,
    pub timezone: jiff::tz::TimeZone,
    /// The agent's version, for the footer.
    pub version: &'static str,
}
