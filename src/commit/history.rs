//! Pure. The history: what was sent, or why not.

use crate::clock::Timestamp;
use crate::command::CommandOrigin;
use crate::commit::Reason;
use crate::detection::Kind;
use crate::ids::Fingerprint;
use crate::metrics::{Counter, CounterSet};
use crate::tail::FileProblemReason;

named! {
    /// What an entry of the history says. The names are those of the state file and of lists.
    pub enum HistoryType {
        Opened => "opened",
        Repeated => "repeated",
        Escalated => "escalated",
        Acknowledged => "acknowledged",
        Recovered => "recovered",
        /// A detection was held back.
        Suppressed => "suppressed",
        /// A file or folder cannot be read properly.
        FileProblem => "trouble",
        /// A card became dead.
        Refused => "refused",
        /// The card that says that the agent is alive.
        Heartbeat => "heartbeat",
        Unacknowledged => "unacknowledged",
        Noted => "noted",
        Silenced => "silenced",
        SilenceExpired => "silence-expired",
        /// A dead card is pending again.
        Retried => "retried",
        /// Somebody gave up a card.
        Dropped => "dropped",
        /// Another version wrote it, which has other names.
        Other => "other",
    }
}

impl HistoryType {
    /// The type with this name.
    pub(crate) fn of(name: &str) -> Self {
        Self::ALL.into_iter().find(|it| it.name() == name).unwrap_or(Self::Other)
    }

    /// Whether people are notified of it, unless its reason is a [`NoCard`].
    pub fn is_notice(self) -> bool {
        matches!(self, Self::Opened | Self::Repeated | Self::Escalated | Self::Recovered)
    }
}

impl From<Reason> for HistoryType {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Opened => Self::Opened,
            Reason::Repeated => Self::Repeated,
            Reason::Escalated => Self::Escalated,
            Reason::Acknowledged => Self::Acknowledged,
            Reason::Recovered => Self::Recovered,
        }
    }
}

named! {
    /// Why a detection sends no notice now. Counted under its name and kept in history.
    pub enum Suppression {
        /// Another row of a run whose verdict is known.
        SameRun => "same-run",
        /// One attempt failed; the run may still succeed.
        Attempt => "attempt",
        /// The incident is known and its repeat time is not over.
        Repeat => "repeat",
        /// The pattern's severity is `info`.
        LowSeverity => "low-severity",
        /// A script log that was read after its card was built.
        LateScriptLog => "late-script-log",
        /// Older than the age limit of the agent or of the pattern.
        TooOld => "too-old",
        /// The pattern's threshold is not reached.
        BelowThreshold => "below-threshold",
        /// The same problem, already counted from another log.
        OtherLog => "other-log",
        /// A known cause of this incident is open.
        Inhibited => "inhibited",
        /// Somebody takes care of this incident.
        Acknowledged => "acknowledged",
        /// Somebody silenced it.
        Silenced => "silenced",
        /// A maintenance window is open.
        Maintenance => "maintenance",
        /// It opened and recovered too often.
        Flapping => "flapping",
    }
}

impl Suppression {
    pub fn counter(self) -> Counter {
        CounterSet::Suppressions.of(self.name())
    }
}

named! {
    /// Why a notice has no card of its own.
    pub enum NoCard {
        /// The card of another incident names it.
        Named => "named",
        /// The recovery of an incident whose failure was not sent.
        NotNotified => "not-notified",
    }
}

/// Why, or where, what an entry says happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum HistoryReason {
    Suppression(Suppression),
    FileProblem(FileProblemReason),
    /// Where a command was given.
    Command(CommandOrigin),
    NoCard(NoCard),
    /// The channel that refused the card.
    Channel(String),
    /// Another version wrote it, which has other names.
    Other(String),
}

impl HistoryReason {
    /// The name in the state file and in lists.
    pub fn name(&self) -> &str {
        match self {
            Self::Suppression(why) => why.name(),
            Self::FileProblem(why) => why.name(),
            Self::Command(origin) => origin.name(),
            Self::NoCard(why) => why.name(),
            Self::Channel(name) | Self::Other(name) => name,
        }
    }

    /// The reason with this name of an entry that says this.
    pub(crate) fn of(what: HistoryType, name: &str) -> Self {
        let command = || CommandOrigin::ALL.into_iter().find(|it| it.name() == name);
        let no_card = || NoCard::ALL.into_iter().find(|it| it.name() == name);
        let known = match what {
            HistoryType::Refused => Some(Self::Channel(name.to_owned())),
            HistoryType::Suppressed => {
                let known = Suppression::ALL.into_iter().find(|it| it.name() == name);
                known.map(Self::Suppression)
            }
            HistoryType::FileProblem => {
                let known = FileProblemReason::ALL.into_iter().find(|it| it.name() == name);
                known.map(Self::FileProblem)
            }
            HistoryType::Opened
            | HistoryType::Repeated
            | HistoryType::Escalated
            | HistoryType::Recovered
            | HistoryType::Heartbeat => no_card().map(Self::NoCard),
            HistoryType::Acknowledged
            | HistoryType::Unacknowledged
            | HistoryType::Noted
            | HistoryType::Silenced
            | HistoryType::SilenceExpired
            | HistoryType::Retried
            | HistoryType::Dropped => command().map(Self::Command),
            HistoryType::Other => None,
        };
        known.unwrap_or_else(|| Self::Other(name.to_owned()))
    }
}

/// One line of history: what was sent, or why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEntry {
    pub at: Timestamp,
    pub what: HistoryType,
    pub reason: Option<HistoryReason>,
    pub kind: Option<Kind>,
    pub fingerprint: Option<Fingerprint>,
    /// The class of the error that ended a reload.
    pub error_class: Option<String>,
    pub summary: String,
    /// The name of the app, task, user or node that was held back; not stored.
    pub subject: Option<String>,
    /// Who gave the command.
    pub author: Option<String>,
}

impl HistoryEntry {
    /// An entry of which no more is known.
    pub fn new(at: Timestamp, what: HistoryType, summary: String) -> Self {
        let (reason, kind, fingerprint, error_class) = (None, None, None, None);
        let (subject, author) = (None, None);
        Self { at, what, reason, kind, fingerprint, error_class, summary, subject, author }
    }

    /// The name of its reason; empty if it has none.
    pub fn reason_name(&self) -> &str {
        self.reason.as_ref().map_or("", HistoryReason::name)
    }

    /// The fingerprint of its incident; empty if it is of none.
    pub fn print(&self) -> &str {
        self.fingerprint.as_ref().map_or("", Fingerprint::as_str)
    }

    /// Whether its card is that of another entry, or nobody is notified.
    pub fn has_no_card(&self) -> bool {
        matches!(self.reason, Some(HistoryReason::NoCard(_)))
    }

    /// Whether it caused a card.
    pub fn is_card(&self) -> bool {
        self.what.is_notice() && !self.has_no_card()
    }
}
