//! Pure. Folds detections into incidents and decides what people hear about, and when.
//!
//! One failed reload leaves four rows or more in three files, and a script log. They meet in a
//! `run`; its verdict, once settled, opens or repeats an incident:
//!
//! ```text
//!             verdict, settled              repeat time over        success
//! (nothing) ───────────────────▶ incident ──────────────────▶ ... ──────────▶ (nothing)
//!               notice: opened     │    ▲    notice: repeated       notice: recovered
//!                                  └────┘ held back, counted
//! ```

mod book;
mod ended;
mod fingerprint;
mod reading;
mod run;
mod success;
mod threshold;
mod usual;
mod wait;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::detect::{Facts, Kind, ScriptFacts, Severity};

pub use crate::commit::Reason;
pub use crate::incident::book::{IncidentBook, Policy, Suppressed, Told};
pub use crate::incident::fingerprint::{Fingerprint, error_class};

/// Why something detected is not said now. Counted under its name, kept in history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suppression {
    /// Another row of a run whose verdict is known.
    SameRun,
    /// One attempt failed; its run may still succeed.
    Attempt,
    /// The incident is known and its repeat time is not over.
    Repeat,
    /// The pattern's severity is `info`.
    LowSeverity,
    /// A script log that came after its card was built.
    LateScriptLog,
    /// Older than the agent, or its pattern, was asked to look back.
    TooOld,
    /// Its pattern's threshold is not reached.
    BelowThreshold,
    /// The same trouble, which Qlik Sense wrote to another log as well.
    OtherLog,
    /// A trouble is open that is known to cause this one.
    Inhibited,
}

impl Suppression {
    /// The name in counters, history and documentation.
    pub fn name(self) -> &'static str {
        match self {
            Self::SameRun => "same-run",
            Self::Attempt => "attempt",
            Self::Repeat => "repeat",
            Self::LowSeverity => "low-severity",
            Self::LateScriptLog => "late-script-log",
            Self::TooOld => "too-old",
            Self::BelowThreshold => "below-threshold",
            Self::OtherLog => "other-log",
            Self::Inhibited => "inhibited",
        }
    }
}

/// Something to say. Routing, rendering and delivery take it from here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Unique: fingerprint and a number that counts up.
    pub id: String,
    pub fingerprint: Fingerprint,
    pub kind: Kind,
    pub severity: Severity,
    pub reason: Reason,
    pub environment: Option<String>,
    /// When the trouble happened by the record's own stamp, else when it was observed.
    pub at: Timestamp,
    /// The pattern's title: `Engine memory critical`.
    pub title: String,
    /// The reason in one line or a few: the script's error, else the row's message.
    pub error: String,
    /// What the pattern means, in one sentence.
    pub meaning: String,
    pub advice: Option<String>,
    pub pattern: String,
    pub facts: Facts,
    pub script: Option<ScriptFacts>,
    /// How often this incident has happened, this time included.
    pub count: u32,
    /// How many of them were held back since people last heard of it.
    pub held_back: u32,
    /// When it first happened.
    pub since: Timestamp,
    /// The channels that heard of the failure: a recovery goes to them and nowhere else.
    pub heard_by: Vec<String>,
}

/// So much later, within the times that there are: stamps come from logs.
fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(at)
}

#[cfg(test)]
mod outage_tests;
#[cfg(test)]
mod tests;
