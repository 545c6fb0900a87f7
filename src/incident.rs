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
mod deadline;
mod earlier;
mod ended;
mod fingerprint;
mod reading;
mod run;
mod success;
mod threshold;
mod typical_duration;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::detection::{
    Condition, Detection, Facts, Kind, Link, PatternId, ScriptFacts, Severity, Subject,
};

pub use crate::commit::Reason;
pub use crate::incident::book::{Decisions, IncidentBook, Policy, Suppressed};
pub use crate::incident::fingerprint::{Fingerprint, error_class};

named! {
    /// Why something detected is not notified now. Counted under its name, kept in history.
    pub enum Suppression {
        /// Another row of a run whose verdict is known.
        SameRun => "same-run",
        /// One attempt failed; its run may still succeed.
        Attempt => "attempt",
        /// The incident is known and its repeat time is not over.
        Repeat => "repeat",
        /// The pattern's severity is `info`.
        LowSeverity => "low-severity",
        /// A script log that came after its card was built.
        LateScriptLog => "late-script-log",
        /// Older than the agent, or its pattern, was asked to look back.
        TooOld => "too-old",
        /// Its pattern's threshold is not reached.
        BelowThreshold => "below-threshold",
        /// The same problem, which Qlik Sense wrote to another log as well.
        OtherLog => "other-log",
        /// An incident is open that is known to cause this one.
        Inhibited => "inhibited",
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
    #[serde(default = "earlier::no_subject")]
    pub subject: Subject,
    #[serde(default)]
    pub condition: Condition,
    /// When the trouble happened by the record's own stamp, else when it was observed.
    pub at: Timestamp,
    /// The pattern's title: `Engine memory critical`. Empty, as the words below, where the product
    /// has the words.
    pub title: String,
    /// The reason in one line or a few: the script's error, else the row's message.
    pub error: String,
    /// What the pattern means, in one sentence.
    pub meaning: String,
    pub advice: Option<String>,
    /// Pages that its pattern names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    pub pattern: PatternId,
    pub facts: Facts,
    pub script: Option<ScriptFacts>,
    /// How often this incident has happened, this time included.
    pub count: u32,
    /// Within which time it was found so often, if it had to be.
    #[serde(default)]
    pub counted_within: Option<SignedDuration>,
    /// How many of them were held back since people last heard of it.
    pub held_back: u32,
    /// When it first happened.
    pub since: Timestamp,
    /// Where its cards go, if its pattern says so.
    #[serde(default)]
    pub channel: Option<String>,
    /// Patterns whose open incidents on the same node are its causes.
    #[serde(default)]
    pub causes: Vec<PatternId>,
    /// What a recovered cause had held back and has not recovered itself.
    #[serde(default)]
    pub still_failing: Vec<StillFailing>,
    /// The channels that heard of the failure: a recovery goes to them and nowhere else.
    #[serde(alias = "heard_by")]
    pub notified_channels: Vec<String>,
}

/// An incident that goes on though its cause is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StillFailing {
    pub kind: Kind,
    /// The name of the app, task or node.
    pub name: String,
}

/// The name of the app or task, else of the node.
fn display_name(facts: &Facts) -> String {
    let named = facts.app_name.as_ref().or(facts.task_name.as_ref()).or(facts.app_id.as_ref());
    named.or(facts.host.as_ref()).map_or("unknown", String::as_str).to_owned()
}

impl Notice {
    /// The notice of one detection, before an incident gives it a number and counts.
    pub fn of(detection: &Detection, now: Timestamp) -> Self {
        let at = detection.at.unwrap_or(now);
        let Detection { words, facts, script, .. } = detection;
        let reported_by_script = script.as_ref().and_then(|script| script.error.as_ref());
        let mut notice = Self {
            id: String::new(),
            fingerprint: Fingerprint(String::new()),
            kind: detection.kind,
            severity: detection.severity,
            reason: Reason::Opened,
            environment: detection.environment.as_deref().map(str::to_owned),
            subject: detection.subject.clone(),
            condition: detection.condition.clone(),
            at,
            title: words.title.clone(),
            error: reported_by_script.or(facts.message.as_ref()).cloned().unwrap_or_default(),
            meaning: words.meaning.clone(),
            advice: words.advice.clone(),
            links: words.links.clone(),
            pattern: detection.pattern.clone(),
            facts: facts.clone(),
            script: script.clone(),
            count: 1,
            counted_within: None,
            held_back: 0,
            since: at,
            channel: detection.terms.channel.clone(),
            causes: detection.terms.suppressed_by.clone(),
            still_failing: Vec::new(),
            notified_channels: Vec::new(),
        };
        notice.fingerprint = fingerprint::of_notice(&notice, "");
        notice
    }

    /// The class of the error that ended the reload, as the packs name it.
    pub fn error_class(&self) -> Option<&str> {
        self.script.as_ref()?.error_class.as_deref()
    }

    /// The data connection that the script opened last before it failed.
    pub fn connection(&self) -> Option<&str> {
        self.script.as_ref()?.connection.as_deref()
    }
}

/// So much later, within the times that there are: stamps come from logs.
fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(at)
}

#[cfg(test)]
pub(crate) mod tests;
