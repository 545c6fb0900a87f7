//! Pure. Compares the cards of a site with the failures that it had.

use std::collections::BTreeMap;
use std::fmt;

use footman::clock::Timestamp;
use footman::detection::Kind;
use footman::incident::{Notice, Reason};
use footman::replay::SentCard;
use footman::replay::tally::name_of;

/// A failure that should cause one card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    pub kind: Kind,
    /// The name of the app, else of the node.
    pub name: String,
    pub at: Timestamp,
}

/// How one kind of failure was reported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Score {
    pub failures: u64,
    /// Failures that caused a card.
    pub found: u64,
    /// Cards, including false and duplicate ones.
    pub cards: u64,
}

/// Scores by kind of failure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Quality(pub BTreeMap<&'static str, Score>);

impl Quality {
    /// Counts the cards that opened an incident. A card belongs to a failure of its kind and name
    /// that began within the hour before it; it counts as found once.
    pub(crate) fn of(expected: &[Expected], sent: &[SentCard]) -> Self {
        let mut scores: BTreeMap<&'static str, Score> = BTreeMap::new();
        let mut missing: Vec<&Expected> = expected.iter().collect();
        for one in expected {
            scores.entry(family(one.kind).name()).or_default().failures += 1;
        }
        let opened = sent.iter().map(|card| &card.notice);
        for notice in opened.filter(|notice| notice.reason == Reason::Opened) {
            let score = scores.entry(family(notice.kind).name()).or_default();
            score.cards += 1;
            if let Some(place) = missing.iter().position(|one| one.is_reported_by(notice)) {
                missing.remove(place);
                score.found += 1;
            }
        }
        Self(scores)
    }

    /// Whether every failure caused exactly one card, and nothing else did.
    pub(crate) fn is_perfect(&self) -> bool {
        let perfect = |score: &Score| score.found == score.failures && score.cards == score.found;
        self.0.values().all(perfect)
    }
}

impl Expected {
    fn is_reported_by(&self, notice: &Notice) -> bool {
        let after = notice.at.duration_since(self.at);
        family(notice.kind) == family(self.kind)
            && name_of(notice) == self.name
            && (0..=3600).contains(&after.as_secs())
    }
}

/// Counts failed reloads inside and outside tasks together.
fn family(kind: Kind) -> Kind {
    if kind == Kind::ReloadFailedOutsideTask { Kind::ReloadFailed } else { kind }
}

/// The table in `docs/quality.md`.
impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| kind | failures | cards | found | precision | recall |")?;
        writeln!(f, "|---|---|---|---|---|---|")?;
        for (kind, score) in &self.0 {
            let Score { failures, found, cards } = *score;
            let (precision, recall) = (share(found, cards), share(found, failures));
            writeln!(f, "| {kind} | {failures} | {cards} | {found} | {precision} | {recall} |")?;
        }
        Ok(())
    }
}

fn share(part: u64, whole: u64) -> String {
    match whole {
        0 => "-".to_owned(),
        whole => format!("{} %", 100 * part / whole),
    }
}
