//! Pure. Folds detections into incidents and decides what people hear about, and when.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::detect::{Facts, Kind, ScriptFacts, Severity};

/// What makes two troubles the same incident: 16 hex digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(pub String);

/// Why a notice is said now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The first of its incident.
    Opened,
    /// Still going on, and the repeat time is over.
    Repeated,
    /// Over, and people had heard of it.
    Recovered,
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
    /// The reason in one line: the script's error, else the row's message.
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
}
