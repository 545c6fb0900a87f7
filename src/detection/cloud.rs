//! Pure. The conditions of a tenant of Qlik Cloud that are reported.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::detection::{AppId, TaskId, TenantFault, UntilExpiry};

/// The part of a tenant that a problem is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CloudPart {
    /// The reloads of an app.
    App(AppId),
    /// A scheduled task.
    Task(TaskId),
    /// Polling it.
    Polling,
    /// The API key.
    Key,
    /// The rows of a list that were not read.
    Lists,
    /// Reading a list to its end.
    List(CloudList),
}

named! {
    /// A list that is read of a tenant.
    pub enum CloudList {
        /// Reloads that have ended.
        Ended => "ended",
        /// Reloads that have not ended, or have no end.
        Active => "active",
        Tasks => "tasks",
    }
}

named! {
    /// How a reload failed.
    pub enum BadEnd {
        Failed => "failed",
        Canceled => "canceled",
        ExceededLimit => "exceeded-limit",
    }
}

named! {
    /// The kind of a refusal, which decides what happens next.
    pub enum TenantRefusal {
        /// The key or the client's secret is not accepted.
        Credentials => "credentials",
        /// The user may not list the tenant's reloads.
        Rights => "rights",
        /// Too many requests.
        RateLimited => "rate-limited",
        /// The request itself is refused, such as a page whose address has expired.
        Request => "request",
        /// There is nothing at the address.
        NotFound => "not-found",
        /// No usable answer; it may be temporary.
        Unreachable => "unreachable",
    }
}

/// A condition of a tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CloudCondition {
    ReloadEnded {
        end: BadEnd,
        /// The tenant's code of the error: `EngineReloadScriptError`.
        code: Option<String>,
    },
    ReloadSucceeded,
    /// Qlik Cloud has switched a task off.
    TaskOff {
        /// Why: `CONSECUTIVE-FAILURES`.
        code: String,
    },
    TaskOn,
    NotPolled {
        refusal: TenantRefusal,
        why: TenantFault,
    },
    PolledAgain,
    /// Rows of a list are not read.
    Unread {
        list: CloudList,
        /// The times of these rows by which the list is sorted, if it is.
        from: Option<Timestamp>,
        to: Option<Timestamp>,
        /// Why the list is refused; without it, there are too many rows.
        why: Option<TenantFault>,
    },
    /// A list is read to its end again.
    ListRead,
    KeyExpires {
        on: Timestamp,
        left: UntilExpiry,
    },
    KeyRenewed,
}

impl CloudCondition {
    /// Whether it ends a problem.
    pub fn is_over(&self) -> bool {
        use CloudCondition::{KeyRenewed, ListRead, PolledAgain, ReloadSucceeded, TaskOn};
        matches!(self, ReloadSucceeded | TaskOn | PolledAgain | ListRead | KeyRenewed)
    }

    /// The class among problems of the same part. It does not depend on what was looked up.
    pub(crate) fn class(&self) -> String {
        match self {
            Self::ReloadEnded { end, code } => {
                format!("{}/{}", end.name(), code.as_deref().unwrap_or_default())
            }
            Self::TaskOff { code } => code.clone(),
            Self::NotPolled { refusal, .. } => refusal.name().to_owned(),
            // Each gap in what has ended is a problem of its own.
            Self::Unread { list: CloudList::Ended, to: Some(to), .. } => {
                format!("unread/ended/{to}")
            }
            Self::Unread { list, .. } => format!("unread/{}", list.name()),
            Self::KeyExpires { left: UntilExpiry::Days(_), .. } => "expires".to_owned(),
            Self::KeyExpires { left: UntilExpiry::WithinAWeek { .. }, .. } => {
                "within-week".to_owned()
            }
            Self::KeyExpires { left: UntilExpiry::Expired, .. } => "expired".to_owned(),
            Self::ReloadSucceeded
            | Self::TaskOn
            | Self::PolledAgain
            | Self::ListRead
            | Self::KeyRenewed => "over".to_owned(),
        }
    }
}
