//! Pure. Commands of people to the agent, and their results.

mod fault;
pub mod link;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::{CommandId, DeliveryId, Fingerprint, SilenceId};
use crate::redact;

pub use crate::command::fault::{MatcherFault, UnusableMatcher};

/// The most bytes of a command as JSON.
pub const MOST_BYTES: usize = 16 << 10;
/// The most characters of a name, a note and a reason.
pub const MOST_NAME: usize = 100;
pub const MOST_TEXT: usize = 2_000;

/// One request of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// A command with a known id is not applied again.
    pub id: CommandId,
    pub at: Timestamp,
    /// The author, as they call themselves.
    pub by: String,
    pub origin: CommandOrigin,
    pub action: Action,
}

impl Command {
    /// A stored command. Earlier versions did not write that those of links can be undone there.
    pub(crate) fn of_any_version(mut self) -> Self {
        if self.origin == CommandOrigin::Link {
            match &mut self.action {
                Action::Acknowledge { is_undoable: mark, .. }
                | Action::Unacknowledge { is_undo: mark, .. } => *mark = true,
                _ => {}
            }
        }
        self
    }

    /// The command without secrets that people paste.
    #[must_use]
    pub fn cleaned(mut self) -> Self {
        let clean = |text: &mut String| *text = redact::redact(text.trim()).into_owned();
        clean(&mut self.by);
        match &mut self.action {
            Action::Acknowledge { note, .. } => note.iter_mut().for_each(clean),
            Action::Note { text, .. } => clean(text),
            Action::SilenceAdd(wanted) => clean(&mut wanted.reason),
            Action::Unacknowledge { .. }
            | Action::SilenceExpire { .. }
            | Action::DeliveryRetry { .. }
            | Action::DeliveryDrop { .. } => {}
        }
        self
    }

    /// Whether the author has a usable name.
    pub fn check_author(&self) -> Result<(), Refusal> {
        check(TextField::By, &self.by, MOST_NAME)
    }
}

/// Whether a text would be invisible.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| {
        let has_no_width = matches!(c, '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{61c}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}');
        // Letters that are drawn as a space.
        let is_filler = matches!(c, '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}');
        c.is_whitespace() || c.is_control() || has_no_width || is_filler
    })
}

/// Refuses a text that would be invisible, or that is longer than `most` characters.
pub fn check(field: TextField, text: &str, most: usize) -> Result<(), Refusal> {
    if is_blank(text) || text.chars().count() > most {
        return Err(Refusal::Text { field, most });
    }
    Ok(())
}

named! {
    /// A text of a command that may be refused. The names are those of stored refusals.
    pub enum TextField {
        By => "by",
        Note => "note",
        Reason => "reason",
        /// The command as a whole.
        Command => "command",
    }
}

named! {
    /// Where a command was given.
    pub enum CommandOrigin {
        CommandLine => "command-line",
        Page => "page",
        /// A signed link on a card.
        Link => "link",
    }
}

named! {
    /// The state of a delivery. The names are those of the state file and of lists.
    pub enum DeliveryState {
        Pending => "pending",
        InFlight => "in_flight",
        Delivered => "delivered",
        /// Accepted in a digest, whose id is the receipt.
        Folded => "folded",
        Dead => "dead",
        /// A digest that was not accepted.
        Dissolved => "dissolved",
    }
}

/// What is to be done. An incident is named by its id or fingerprint, or by a unique prefix of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum Action {
    /// Somebody takes care: no repeats and no escalation until it recovers or reopens.
    Acknowledge {
        incident: String,
        note: Option<String>,
        /// Whether it can be undone where it was given: what it replaces is kept until then.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_undoable: bool,
    },
    Unacknowledge {
        incident: String,
        /// Whether it undoes one that can be undone: what that replaced is in force again.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_undo: bool,
    },
    /// A note that the next card of the incident shows.
    Note {
        incident: String,
        text: String,
    },
    SilenceAdd(NewSilence),
    SilenceExpire {
        silence: String,
    },
    /// Sends a dead delivery again.
    DeliveryRetry {
        delivery: String,
    },
    /// Drops a pending or dead delivery.
    DeliveryDrop {
        delivery: String,
    },
}

impl Action {
    /// As the command line names it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Acknowledge { .. } => "acknowledge",
            Self::Unacknowledge { .. } => "unacknowledge",
            Self::Note { .. } => "note",
            Self::SilenceAdd(_) => "silence add",
            Self::SilenceExpire { .. } => "silence expire",
            Self::DeliveryRetry { .. } => "outbox retry",
            Self::DeliveryDrop { .. } => "outbox drop",
        }
    }
}

/// A silence to be added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewSilence {
    /// The words for each key, as in the `match` of a route.
    pub matchers: BTreeMap<String, Vec<String>>,
    /// The one incident that it silences, if it is for one only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<String>,
    pub until: Timestamp,
    pub reason: String,
}

/// The result of a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CommandResult {
    Applied(Applied),
    Refused(Refusal),
}

/// The effect of a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Applied {
    /// The incident that changed.
    Incident(Fingerprint),
    /// The silence that was added or ended.
    Silence(SilenceId),
    Delivery(DeliveryId),
}

/// Why a command was not applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    UnknownIncident,
    /// The incidents that begin with the prefix.
    AmbiguousIncident(Vec<Fingerprint>),
    /// The incident has ended.
    IncidentOver,
    NotAcknowledged,
    /// A silence without a matcher would hide everything.
    NoMatcher,
    /// A matcher that cannot be used.
    Matcher(UnusableMatcher),
    /// The end of a silence is in the past.
    UntilPast,
    UnknownSilence,
    AmbiguousSilence(Vec<SilenceId>),
    SilenceOver,
    /// There are too many silences in force; the number is the limit.
    TooManySilences(usize),
    UnknownDelivery,
    /// The delivery is in a state in which this cannot be done.
    DeliveryState(DeliveryState),
    /// A name, note or reason is empty or too long.
    Text {
        field: TextField,
        most: usize,
    },
    /// Security incidents cannot be silenced from a card.
    Security,
}

/// A command that the agent has consumed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    pub command: Command,
    pub result: CommandResult,
    pub applied_at: Timestamp,
}

#[cfg(test)]
mod tests;
