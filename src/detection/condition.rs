//! Pure. What is the matter, where no log says it in its own words.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::detection::{Kind, PatternId, Severity, Subject};
use crate::qlik;

/// What is the matter. Everything but [`Condition::Logged`] is worded by the product.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// What the record says, and the pattern's own words.
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
}

/// Within which time something should have ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overdue {
    pub within: SignedDuration,
    /// The longest that it usually takes, if the time was learned from that.
    pub usually: Option<SignedDuration>,
}

/// A service that should run and does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceStop {
    /// The name that people see: `Qlik Sense Engine Service`.
    pub display_name: String,
    pub cause: StopCause,
    pub exit_code: u32,
    /// Since when it had run, if that was observed.
    pub up_since: Option<Timestamp>,
    /// The display names of the other services of the same outage.
    pub also_down: Vec<String>,
}

/// Why a service does not run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StopCause {
    /// All that the service control manager says.
    Manager {
        state: ServiceState,
        exit_code: u32,
    },
    /// Somebody stopped it.
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
    /// A new state was begun; where the damaged one is kept, if there was one.
    StateDamaged {
        kept: Option<String>,
    },
    StateNotWritten,
    StateWrittenAgain,
    /// The state was deleted while the agent ran, and was written again.
    StatePutBack,
    /// A file was wrong at the start, and what is wrong in it was left out.
    BrokenFile {
        problem: String,
    },
    /// The log folder is not there yet.
    NoLogRoot {
        why: String,
    },
    /// Changed patterns or templates cannot be used; why not.
    FilesBroken {
        why: String,
    },
    /// Changed patterns ask for logs that are not followed yet.
    RestartNeeded {
        logs: Vec<String>,
    },
    ReadingStuck,
    /// A log whose first line names no columns that are known.
    UnknownLayout {
        log: String,
    },
}

impl Condition {
    /// Whether it says that a problem is over.
    pub fn is_over(&self) -> bool {
        matches!(self, Self::ServiceStarted | Self::GaugeNormal | Self::CertificateRenewed)
    }

    /// What tells it from other problems of the same subject; `None` if its record says that.
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
        };
        Some(class.to_owned())
    }

    /// Under which name it is found, what people call it, and how much it matters.
    pub(in crate::detection) fn rank(&self, subject: &Subject) -> (PatternId, Kind, Severity) {
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
            Self::Agent(problem) => {
                let pattern = format!("agent-{}", problem.name()).into();
                return (pattern, Kind::Agent, Severity::Warning);
            }
        };
        (pattern.into(), kind, severity)
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
        }
    }

    fn class(&self) -> String {
        match self {
            Self::FilesBroken { why: detail }
            | Self::NoLogRoot { why: detail }
            | Self::BrokenFile { problem: detail } => format!("{}/{detail}", self.name()),
            Self::RestartNeeded { logs } => format!("{}/{}", self.name(), logs.join(",")),
            Self::UnknownLayout { log } => format!("{}/{log}", self.name()),
            Self::StateDamaged { .. }
            | Self::StateNotWritten
            | Self::StateWrittenAgain
            | Self::StatePutBack
            | Self::ReadingStuck => self.name().to_owned(),
        }
    }
}
