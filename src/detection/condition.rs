//! Pure. Conditions of a subject that are not worded by a log.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::config::load::LogRootFault;
use crate::detection::{AgentPart, BadEnd, CloudCondition, Kind, PatternId, Severity, Subject};
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
    /// The same as an amount: `41.2 GB of 64 GB`.
    pub amount: String,
    /// Percent.
    pub limit: u32,
    /// How long it has been above the limit.
    pub steady: SignedDuration,
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
    StateNotWritten,
    StateWrittenAgain,
    /// The state was deleted while the agent ran, and was restored.
    StatePutBack,
    /// A file had a problem at the start; the broken part was left out.
    BrokenFile {
        problem: String,
    },
    /// The log root does not exist yet.
    NoLogRoot {
        /// As in Footman's log, in English.
        why: String,
        /// The folder and what is wrong with it; unknown in states of earlier versions.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        place: Option<(String, LogRootFault)>,
    },
    /// Changed patterns or templates have problems.
    FilesBroken {
        why: String,
    },
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

/// The pattern ids of conditions that are in no log: problems of machines and tenants, and
/// Footman's own.
pub const PRODUCT_PATTERNS: [&str; 32] = [
    qlik::services::PATTERNS[0],
    qlik::services::PATTERNS[1],
    "service-started",
    "node-short",
    "node-well",
    "certificate-ends",
    "certificate-renewed",
    "cloud-reload-failed",
    "cloud-limit-exceeded",
    "cloud-reload-canceled",
    "cloud-reload-succeeded",
    "cloud-task-disabled",
    "cloud-task-enabled",
    "cloud-not-polled",
    "cloud-polled",
    "cloud-unread",
    "cloud-list-read",
    "cloud-key-expires",
    "cloud-key-renewed",
    "agent-alive",
    "agent-state-damaged",
    "agent-state-not-written",
    "agent-state-written-again",
    "agent-state-put-back",
    "agent-broken-file",
    "agent-no-log-root",
    "agent-files-broken",
    "agent-restart-needed",
    "agent-reading-stuck",
    "agent-unknown-layout",
    "agent-channel-unavailable",
    "agent-well",
];

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
            Self::Logged | Self::Overdue(_) => ("logged", Kind::Service, Severity::Info),
            Self::ServiceStopped(_) => {
                let pattern = match subject {
                    Subject::Service { name, .. } => qlik::services::pattern(name),
                    _ => qlik::services::pattern(""),
                };
                (pattern, Kind::ServiceStopped, Severity::Error)
            }
            Self::ServiceStarted => ("service-started", Kind::ServiceStarted, Severity::Info),
            Self::GaugeHigh(_) => ("node-short", Kind::Performance, Severity::Warning),
            Self::GaugeNormal => ("node-well", Kind::Performance, Severity::Info),
            Self::CertificateExpires { left: UntilExpiry::Days(_), .. } => {
                ("certificate-ends", Kind::Service, Severity::Warning)
            }
            Self::CertificateExpires { .. } => ("certificate-ends", Kind::Service, Severity::Error),
            Self::CertificateRenewed => ("certificate-renewed", Kind::Service, Severity::Info),
            Self::AgentWell => ("agent-well", Kind::Agent, Severity::Info),
            Self::Alive(_) => ("agent-alive", Kind::Heartbeat, Severity::Info),
            Self::Cloud(condition) => rank_of_cloud(condition),
            Self::Agent(problem) => {
                let pattern = format!("agent-{}", problem.name()).into();
                return (pattern, Kind::Agent, Severity::Warning);
            }
        };
        (pattern.into(), kind, severity)
    }
}

fn rank_of_cloud(condition: &CloudCondition) -> (&'static str, Kind, Severity) {
    use CloudCondition as Cloud;
    match condition {
        Cloud::ReloadEnded { end: BadEnd::Failed, .. } => {
            ("cloud-reload-failed", Kind::ReloadFailed, Severity::Error)
        }
        Cloud::ReloadEnded { end: BadEnd::ExceededLimit, .. } => {
            ("cloud-limit-exceeded", Kind::ReloadFailed, Severity::Error)
        }
        Cloud::ReloadEnded { end: BadEnd::Canceled, .. } => {
            ("cloud-reload-canceled", Kind::ReloadAborted, Severity::Warning)
        }
        Cloud::ReloadSucceeded => ("cloud-reload-succeeded", Kind::ReloadRecovered, Severity::Info),
        Cloud::TaskOff { .. } => ("cloud-task-disabled", Kind::CloudTaskDisabled, Severity::Error),
        Cloud::TaskOn => ("cloud-task-enabled", Kind::CloudTaskDisabled, Severity::Info),
        Cloud::NotPolled { .. } => ("cloud-not-polled", Kind::Agent, Severity::Error),
        Cloud::PolledAgain => ("cloud-polled", Kind::Agent, Severity::Info),
        Cloud::Unread { .. } => ("cloud-unread", Kind::Agent, Severity::Error),
        Cloud::ListRead => ("cloud-list-read", Kind::Agent, Severity::Info),
        Cloud::KeyExpires { .. } => ("cloud-key-expires", Kind::Agent, Severity::Warning),
        Cloud::KeyRenewed => ("cloud-key-renewed", Kind::Agent, Severity::Info),
    }
}

impl AgentProblem {
    /// The name in history and in the pattern's id.
    pub fn name(&self) -> &'static str {
        match self {
            Self::StateDamaged { .. } => "state-damaged",
            Self::StateNotWritten => "state-not-written",
            Self::StateWrittenAgain => "state-written-again",
            Self::StatePutBack => "state-put-back",
            Self::BrokenFile { .. } => "broken-file",
            Self::NoLogRoot { .. } => "no-log-root",
            Self::FilesBroken { .. } => "files-broken",
            Self::RestartNeeded { .. } => "restart-needed",
            Self::ReadingStuck => "reading-stuck",
            Self::UnknownLayout { .. } => "unknown-layout",
            Self::ChannelUnavailable { .. } => "channel-unavailable",
        }
    }

    /// The part that has the problem, if the agent observes its end.
    pub(crate) fn part(&self) -> Option<AgentPart> {
        match self {
            Self::ChannelUnavailable { channel, .. } => Some(AgentPart::Channel(channel.clone())),
            Self::ReadingStuck => Some(AgentPart::Reading),
            _ => None,
        }
    }

    fn class(&self) -> String {
        match self {
            Self::FilesBroken { why: detail }
            | Self::NoLogRoot { why: detail, .. }
            | Self::BrokenFile { problem: detail } => format!("{}/{detail}", self.name()),
            Self::RestartNeeded { logs } => format!("{}/{}", self.name(), logs.join(",")),
            Self::UnknownLayout { log } => format!("{}/{log}", self.name()),
            Self::ChannelUnavailable { channel, .. } => format!("{}/{channel}", self.name()),
            Self::StateDamaged { .. }
            | Self::StateNotWritten
            | Self::StateWrittenAgain
            | Self::StatePutBack
            | Self::ReadingStuck => self.name().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
