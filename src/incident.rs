//! Pure. Groups detections into incidents and decides which notices are sent, and when.
//!
//! One failed reload writes at least four rows into three files, and a script log. A `run` gathers
//! them; its verdict, once settled, opens or repeats an incident:
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
mod names;
mod note;
mod overview;
mod reading;
mod run;
mod run_history;
mod start;
mod success;
mod threshold;
mod typical_duration;

use std::borrow::Cow;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::config::Language;
use crate::detection::{
    AgentProblem, Condition, Detection, Facts, Kind, Link, PatternId, ScriptFacts, Severity,
    Source, Subject, Translations,
};
use crate::ids::{Fingerprint, NoticeId};

pub use crate::commit::{Reason, Suppression};
pub use crate::incident::book::answers::{Escalation, SilencedBy};
pub use crate::incident::book::{Decisions, IncidentBook, Policy, Suppressed};
pub use crate::incident::fingerprint::error_class;
pub(crate) use crate::incident::names::RecentNames;
pub use crate::incident::note::Note;
pub use crate::incident::overview::{Acknowledgement, Ends, OPEN_UNSEEN, Overview, State};
pub use crate::incident::run_history::EarlierRuns;

/// What people are notified of: the input of routing, rendering and delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Fingerprint and a number that counts up.
    pub id: NoticeId,
    pub fingerprint: Fingerprint,
    pub kind: Kind,
    pub severity: Severity,
    pub reason: Reason,
    pub environment: Option<String>,
    /// Where it was found; unknown in states of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    #[serde(default = "earlier::no_subject")]
    pub subject: Subject,
    #[serde(default)]
    pub condition: Condition,
    /// When it happened, by the record's own stamp, else when it was observed.
    pub at: Timestamp,
    /// When people are notified of it without a new occurrence, for example at the end of a
    /// silence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    /// The pattern's title: `Engine memory critical`. This and the texts below are empty if
    /// `render::catalog` words the condition.
    pub title: String,
    /// The reason, in one or a few lines: the script's error, else the row's message.
    pub error: String,
    /// What the pattern means, in one sentence.
    pub meaning: String,
    pub advice: Option<String>,
    /// The links of its pattern.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// The pattern's texts in other languages.
    #[serde(default, skip_serializing_if = "Translations::is_empty")]
    pub translations: Translations,
    pub pattern: PatternId,
    pub facts: Facts,
    pub script: Option<ScriptFacts>,
    /// The earlier runs of its task or app, as far as known.
    #[serde(default, skip_serializing_if = "EarlierRuns::is_unknown")]
    pub runs: EarlierRuns,
    /// Number of occurrences of the incident, this one included.
    pub count: u32,
    /// The time span of the pattern's threshold, if it has one.
    #[serde(default)]
    pub counted_within: Option<SignedDuration>,
    /// Number of occurrences held back since the last notice.
    pub held_back: u32,
    /// When it first happened.
    pub since: Timestamp,
    /// The channel that the pattern names, if any.
    #[serde(default)]
    pub channel: Option<String>,
    /// Patterns whose open incidents on the same node cause this one.
    #[serde(default)]
    pub causes: Vec<PatternId>,
    /// For a recovered cause: the incidents that it had held back and that are still open.
    #[serde(default)]
    pub still_failing: Vec<StillFailing>,
    /// Who takes care of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<Acknowledgement>,
    /// The newest note about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Note>,
    /// The silence that has ended while it is still open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_silence: Option<SilenceEnd>,
    /// The same problem had recovered within the last days.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_reopened: bool,
    /// It changes too often to send a card each time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flapping: Option<Flapping>,
    /// For a recovery: the kind of what has recovered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovered_from: Option<Kind>,
    /// The channels that received the failure; the recovery goes only to them.
    #[serde(alias = "heard_by")]
    pub notified_channels: Vec<String>,
}

/// An incident that is still open after its cause recovered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StillFailing {
    pub kind: Kind,
    /// The name of the app, task, user or node.
    pub name: Option<String>,
    /// The pattern's title and its translations, if several incidents have only the node as their
    /// name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    #[serde(default, skip_serializing_if = "Translations::is_empty")]
    pub translations: Translations,
}

impl StillFailing {
    pub(crate) fn of(notice: &Notice) -> Self {
        let facts = &notice.facts;
        let is_run =
            facts.app_name.is_some() || facts.task_name.is_some() || facts.app_id.is_some();
        let of_node = (notice.title.clone(), notice.translations.clone());
        let (title, translations) = if is_run { Default::default() } else { of_node };
        // Sign-ins are distinguished by their users.
        let user = facts.user.clone().filter(|_| notice.kind == Kind::Security && !is_run);
        let name = user.or_else(|| display_name(facts));
        Self { kind: notice.kind, name, title, translations }
    }
}

/// A silence that ended, as a card names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SilenceEnd {
    pub of: EndedSilencer,
    pub reason: String,
}

/// What a card calls a silence that ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndedSilencer {
    /// Who had asked for the silence; its id if it is no longer known.
    By(String),
    /// The name of the maintenance window.
    Window(String),
}

/// How often an incident changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flapping {
    /// Number of changes since then: opened, recovered.
    pub changes: u32,
    pub since: Timestamp,
    /// Whether it has been quiet since, so that this is the last card about it.
    pub is_over: bool,
}

/// The name of the app or task, else of the node.
fn display_name(facts: &Facts) -> Option<String> {
    let named = facts.app_name.as_deref().or(facts.task_name.as_deref());
    let named = named.or(facts.app_id.as_deref());
    let place = facts.host.as_deref().or(facts.tenant.as_deref());
    named.or(place).map(str::to_owned)
}

impl Notice {
    /// The channel that it reports as unavailable.
    pub fn unavailable_channel(&self) -> Option<&str> {
        match &self.condition {
            Condition::Agent(AgentProblem::ChannelUnavailable { channel, .. }) => Some(channel),
            _ => None,
        }
    }

    /// A first notice of this kind, without further details.
    pub fn new(kind: Kind, at: Timestamp) -> Self {
        Self {
            id: "".into(),
            fingerprint: Fingerprint::from(""),
            kind,
            severity: Severity::Info,
            reason: Reason::Opened,
            environment: None,
            source: None,
            subject: Subject::Run(String::new()),
            condition: Condition::Logged,
            at,
            due_at: None,
            title: String::new(),
            error: String::new(),
            meaning: String::new(),
            advice: None,
            links: Vec::new(),
            translations: Translations::new(),
            pattern: "".into(),
            facts: Facts::default(),
            script: None,
            runs: EarlierRuns::default(),
            count: 1,
            counted_within: None,
            held_back: 0,
            since: at,
            channel: None,
            causes: Vec::new(),
            still_failing: Vec::new(),
            acknowledged: None,
            note: None,
            after_silence: None,
            has_reopened: false,
            flapping: None,
            recovered_from: None,
            notified_channels: Vec::new(),
        }
    }

    /// The notice of one detection, before an incident sets its id and counts.
    pub fn of(detection: &Detection, now: Timestamp) -> Self {
        let at = detection.at.unwrap_or(now);
        let Detection { words, facts, script, .. } = detection;
        let reported_by_script = script.as_ref().and_then(|script| script.error.as_ref());
        let mut notice = Self {
            severity: detection.severity,
            environment: detection.environment.as_deref().map(str::to_owned),
            source: Some(detection.origin.found_in()),
            subject: detection.subject.clone(),
            condition: detection.condition.clone(),
            title: words.title.clone(),
            error: reported_by_script.or(facts.message.as_ref()).cloned().unwrap_or_default(),
            meaning: words.meaning.clone(),
            advice: words.advice.clone(),
            links: words.links.clone(),
            translations: words.translations.clone(),
            pattern: detection.pattern.clone(),
            facts: facts.clone(),
            script: script.clone(),
            channel: detection.terms.channel.clone(),
            causes: detection.terms.suppressed_by.clone(),
            ..Self::new(detection.kind, at)
        };
        notice.fingerprint = fingerprint::of_notice(&notice, "");
        notice
    }

    /// Where it was found.
    pub fn source(&self) -> Source {
        self.source.unwrap_or_else(|| earlier::source(self))
    }

    /// The notice with the packs' texts in this language, where they exist.
    pub fn in_language(&self, language: Language) -> Cow<'_, Self> {
        let of_error = |script: &ScriptFacts| script.error_translations.contains_key(&language);
        if !self.translations.contains_key(&language) && !self.script.as_ref().is_some_and(of_error)
        {
            return Cow::Borrowed(self);
        }
        let mut notice = self.clone();
        if let Some(words) = self.translations.get(&language).cloned() {
            notice.title = words.title.unwrap_or(notice.title);
            notice.meaning = words.meaning.unwrap_or(notice.meaning);
            notice.advice = words.advice.or(notice.advice);
            notice.links = words.links.unwrap_or(notice.links);
        }
        if let Some(script) = &mut notice.script
            && let Some(words) = script.error_translations.get(&language).cloned()
        {
            script.error_title = words.title.or(script.error_title.take());
            script.error_advice = words.advice.or(script.error_advice.take());
            script.error_links = words.links.unwrap_or(std::mem::take(&mut script.error_links));
        }
        Cow::Owned(notice)
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

#[cfg(test)]
pub(crate) mod tests;
