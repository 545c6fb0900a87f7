//! Pure. Conditions of a subject that are not worded by a log.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::detection::{
    AgentPart, BadEnd, CloudCondition, FileMistake, Kind, MissingLogRoot, PatternId,
    ProductPattern, Severity, Subject,
};
use crate::qlik;

/// The condition of a subject. The product words all but [`Condition::Logged`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// The record and the pattern word it.
    #[default]
    Logged,
    /// It started and has not ended.
    Overdue(Overdue),
    ServiceStopped(ServiceStop),
    ServiceStarted,
    /// A gauge has been above its limit for some time.
    GaugeHigh(Reading),
    GaugeNormal,
    /// A certificate expires soon, or has expired.
    CertificateExpires {
        on: Timestamp,
        left: UntilExpiry,
    },
    CertificateRenewed,
    Agent(AgentProblem),
    /// A part of the agent works again.
    AgentWell,
    /// The agent is alive.
    Alive(Lately),
    /// A tenant of Qlik Cloud reports it.
    Cloud(CloudCondition),
}

/// What the agent did since the last heartbeat card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lately {
    pub since: Timestamp,
    /// Number of reloads that succeeded.
    pub reloads: u64,
    /// Number of incidents that were opened.
    pub incidents: u64,
    /// Number of cards that were accepted.
    pub cards: u64,
}

/// An end that did not come in time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overdue {
    pub within: SignedDuration,
    /// The longest usual duration, if `within` was learned from it.
    pub usually: Option<SignedDuration>,
}

/// A service that should run and does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceStop {
    /// The name that people see: `Qlik Sense Engine Service`.
    pub display_name: String,
    pub cause: StopCause,
    pub exit_code: u32,
    /// When it had started, if that was observed.
    pub up_since: Option<Timestamp>,
    /// The display names of the other services of the same outage.
    pub also_down: Vec<String>,
}

/// Why a service does not run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StopCause {
    /// Only the report of the service control manager.
    Manager {
        state: ServiceState,
        exit_code: u32,
    },
    /// A user or program stopped it.
    StoppedBy {
        who: String,
    },
    /// It stopped when the node was shut down.
    ShutDown {
        who: String,
        program: String,
    },
    /// It was not started since the node was shut down.
    NotStartedSince {
        who: String,
        program: String,
    },
    Crashed {
        times: u64,
        exit_code: u32,
        then: Option<AfterCrash>,
    },
    EndedWithError(u32),
    EndedWithOwnError(u32),
}

/// The state of a service, by the service control manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceState {
    Running,
    Starting,
    Stopping,
    Stopped,
    Paused,
}

/// What Windows does about a crash, and after how many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AfterCrash {
    RestartsService { seconds: Option<u64> },
    RestartsMachine { seconds: Option<u64> },
}

/// A gauge above its limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// Percent in use.
    pub used: u32,
    /// What is used, and of how much.
    pub amount: Amount,
    /// Percent.
    pub limit: u32,
    /// How long it has been above the limit.
    pub steady: SignedDuration,
}

/// What is measured in percent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Amount {
    /// Of a disk or of memory.
    Bytes { used: u64, total: u64 },
    /// Of the processor.
    Cores { cores: u64 },
    /// As an earlier version stored it, in English: `41.2 GB of 64.0 GB`.
    Worded(String),
}

/// How near the expiry of a certificate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UntilExpiry {
    Expired,
    WithinAWeek { days: i64 },
    Days(i64),
}

/// A problem of Footman itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AgentProblem {
    /// A new state was created; `kept` is the path of the damaged one, if any.
    StateDamaged {
        kept: Option<String>,
    },
    /// The state lacks what was written last: its write-ahead log was lost or damaged, or an older copy
    /// was put in its place. It was found `at` this time.
    StateWentBack {
        at: Timestamp,
    },
    StateNotWritten,
    StateWrittenAgain,
    /// The state was deleted while the agent ran, and was restored.
    StatePutBack,
    /// Something else is in place of the lock file of the state.
    LockFileReplaced,
    /// A file had a problem at the start; the broken part was left out.
    BrokenFile(FileMistake),
    /// The log root does not exist yet.
    NoLogRoot(MissingLogRoot),
    /// Changed files have problems.
    FilesBroken(FileMistake),
    /// Changed patterns use logs that are not followed yet.
    RestartNeeded {
        logs: Vec<String>,
    },
    ReadingStuck,
    /// The first line of a log names no known columns.
    UnknownLayout {
        log: String,
    },
    /// A channel has accepted nothing for some time.
    ChannelUnavailable {
        channel: String,
        since: Timestamp,
    },
}

impl Condition {
    /// Whether it ends a problem.
    pub fn is_over(&self) -> bool {
        match self {
            Self::Cloud(condition) => condition.is_over(),
            Self::ServiceStarted
            | Self::GaugeNormal
            | Self::CertificateRenewed
            | Self::AgentWell => true,
            _ => false,
        }
    }

    /// The class among problems of the same subject; `None` if the record's text gives it.
    pub fn class(&self) -> Option<String> {
        let class = match self {
            Self::Logged => return None,
            Self::Overdue(_) => "overdue",
            Self::ServiceStopped(_) | Self::ServiceStarted => "stopped",
            Self::GaugeHigh(_) | Self::GaugeNormal => "high",
            Self::CertificateExpires { left: UntilExpiry::Expired, .. } => "expired",
            Self::CertificateExpires { left: UntilExpiry::WithinAWeek { .. }, .. } => "within-week",
            Self::CertificateExpires { left: UntilExpiry::Days(_), .. }
            | Self::CertificateRenewed => "expires",
            Self::Agent(problem) => return Some(problem.class()),
            Self::AgentWell => "well",
            Self::Alive(_) => "alive",
            Self::Cloud(condition) => return Some(condition.class()),
        };
        Some(class.to_owned())
    }

    /// The pattern id, kind and severity of its detections.
    pub(crate) fn rank(&self, subject: &Subject) -> (PatternId, Kind, Severity) {
        let (pattern, kind, severity) = match self {
            Self::Logged | Self::Overdue(_) => {
                return ("logged".into(), Kind::Service, Severity::Info);
            }
            Self::ServiceStopped(_) => {
                let fails_reloads = match subject {
                    Subject::Service { name, .. } => qlik::services::fails_reloads(name),
                    _ => false,
                };
                let pattern = if fails_reloads {
                    ProductPattern::RepositoryStopped
                } else {
                    ProductPattern::ServiceStopped
                };
                (pattern, Kind::ServiceStopped, Severity::Error)
            }
            Self::ServiceStarted => {
                (ProductPattern::ServiceStarted, Kind::ServiceStarted, Severity::Info)
            }
            Self::GaugeHigh(_) => (ProductPattern::GaugeHigh, Kind::Performance, Severity::Warning),
            Self::GaugeNormal => (ProductPattern::GaugeNormal, Kind::Performance, Severity::Info),
            Self::CertificateExpires { left: UntilExpiry::Days(_), .. } => {
                (ProductPattern::CertificateExpires, Kind::Service, Severity::Warning)
            }
            Self::CertificateExpires { .. } => {
                (ProductPattern::CertificateExpires, Kind::Service, Severity::Error)
            }
            Self::CertificateRenewed => {
                (ProductPattern::CertificateRenewed, Kind::Service, Severity::Info)
            }
            Self::AgentWell => (ProductPattern::AgentWell, Kind::Agent, Severity::Info),
            Self::Alive(_) => (ProductPattern::Alive, Kind::Heartbeat, Severity::Info),
            Self::Cloud(condition) => rank_of_cloud(condition),
            Self::Agent(problem) => (problem.pattern(), Kind::Agent, Severity::Warning),
        };
        (pattern.into(), kind, severity)
    }
}

fn rank_of_cloud(condition: &CloudCondition) -> (ProductPattern, Kind, Severity) {
    use CloudCondition as Cloud;
    use ProductPattern as Pattern;
    match condition {
        Cloud::ReloadEnded { end: BadEnd::Failed, .. } => {
            (Pattern::CloudReloadFailed, Kind::ReloadFailed, Severity::Error)
        }
        Cloud::ReloadEnded { end: BadEnd::ExceededLimit, .. } => {
            (Pattern::CloudLimitExceeded, Kind::ReloadFailed, Severity::Error)
        }
        Cloud::ReloadEnded { end: BadEnd::Canceled, .. } => {
            (Pattern::CloudReloadCanceled, Kind::ReloadAborted, Severity::Warning)
        }
        Cloud::ReloadSucceeded => {
            (Pattern::CloudReloadSucceeded, Kind::ReloadRecovered, Severity::Info)
        }
        Cloud::TaskOff { .. } => {
            (Pattern::CloudTaskDisabled, Kind::CloudTaskDisabled, Severity::Error)
        }
        Cloud::TaskOn => (Pattern::CloudTaskEnabled, Kind::CloudTaskDisabled, Severity::Info),
        Cloud::NotPolled { .. } => (Pattern::CloudNotPolled, Kind::Agent, Severity::Error),
        Cloud::PolledAgain => (Pattern::CloudPolled, Kind::Agent, Severity::Info),
        Cloud::Unread { .. } => (Pattern::CloudUnread, Kind::Agent, Severity::Error),
        Cloud::ListRead => (Pattern::CloudListRead, Kind::Agent, Severity::Info),
        Cloud::KeyExpires { .. } => (Pattern::CloudKeyExpires, Kind::Agent, Severity::Warning),
        Cloud::KeyRenewed => (Pattern::CloudKeyRenewed, Kind::Agent, Severity::Info),
    }
}

impl AgentProblem {
    pub(crate) fn pattern(&self) -> ProductPattern {
        match self {
            Self::StateDamaged { .. } => ProductPattern::StateDamaged,
            Self::StateWentBack { .. } => ProductPattern::StateWentBack,
            Self::StateNotWritten => ProductPattern::StateNotWritten,
            Self::StateWrittenAgain => ProductPattern::StateWrittenAgain,
            Self::StatePutBack => ProductPattern::StatePutBack,
            Self::LockFileReplaced => ProductPattern::LockFileReplaced,
            Self::BrokenFile(_) => ProductPattern::BrokenFile,
            Self::NoLogRoot(_) => ProductPattern::NoLogRoot,
            Self::FilesBroken(_) => ProductPattern::FilesBroken,
            Self::RestartNeeded { .. } => ProductPattern::RestartNeeded,
            Self::ReadingStuck => ProductPattern::ReadingStuck,
            Self::UnknownLayout { .. } => ProductPattern::UnknownLayout,
            Self::ChannelUnavailable { .. } => ProductPattern::ChannelUnavailable,
        }
    }

    /// The name in counters and fingerprints.
    pub fn name(&self) -> &'static str {
        match self {
            Self::StateDamaged { .. } => "state-damaged",
            Self::StateWentBack { .. } => "state-went-back",
            Self::StateNotWritten => "state-not-written",
            Self::StateWrittenAgain => "state-written-again",
            Self::StatePutBack => "state-put-back",
            Self::LockFileReplaced => "lock-file-replaced",
            Self::BrokenFile(_) => "broken-file",
            Self::NoLogRoot(_) => "no-log-root",
            Self::FilesBroken(_) => "files-broken",
            Self::RestartNeeded { .. } => "restart-needed",
            Self::ReadingStuck => "reading-stuck",
            Self::UnknownLayout { .. } => "unknown-layout",
            Self::ChannelUnavailable { .. } => "channel-unavailable",
        }
    }

    /// The part that has the problem, if the agent sees its end.
    pub(crate) fn part(&self) -> Option<AgentPart> {
        match self {
            Self::ChannelUnavailable { channel, .. } => Some(AgentPart::Channel(channel.clone())),
            Self::ReadingStuck => Some(AgentPart::Reading),
            _ => None,
        }
    }

    pub(crate) fn class(&self) -> String {
        match self {
            Self::FilesBroken(mistake) | Self::BrokenFile(mistake) => {
                format!("{}/{}", self.name(), mistake.class())
            }
            Self::NoLogRoot(root) => format!("{}/{}", self.name(), root.class()),
            Self::RestartNeeded { logs } => format!("{}/{}", self.name(), logs.join(",")),
            Self::UnknownLayout { log } => format!("{}/{log}", self.name()),
            Self::StateWentBack { at } => format!("{}/{at}", self.name()),
            Self::ChannelUnavailable { channel, .. } => format!("{}/{channel}", self.name()),
            Self::StateDamaged { .. }
            | Self::StateNotWritten
            | Self::StateWrittenAgain
            | Self::StatePutBack
            | Self::LockFileReplaced
            | Self::ReadingStuck => self.name().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
