//! Pure. The usual columns of logs, to read a row that was copied without the header of its file.
//!
//! The agent never guesses: it reads the header.

use jiff::tz::TimeZone;

use crate::qlik::service_log::{Layout, Record};
use crate::qlik::stamp;

/// The columns of each kind of log, the most common first.
const USUAL: [(LogFamily, &str); 7] = [
    (
        LogFamily::System,
        "Sequence# Timestamp Level Hostname Logger Thread Id ServiceUser Message Exception \
         StackTrace ProxySessionId TaskName TaskId ExecutionId AppName AppId User",
    ),
    (
        LogFamily::System,
        "Sequence# Timestamp Level Hostname Logger Thread Id ServiceUser Message Exception \
         StackTrace ProxySessionId Id2",
    ),
    (
        LogFamily::System,
        "Sequence# Timestamp Level Hostname Logger Thread Id ServiceUser Message Exception \
         StackTrace ProxySessionId ActiveUserDirectory ActiveUserId EngineTimestamp ProcessId Exe \
         Version Server Started Entry Type SessionId AppId",
    ),
    (
        LogFamily::Service,
        "Sequence# ProductVersion Timestamp Severity HostName Id Description ProxySessionId \
         ProxyPackageId RequestSequenceId UserDirectory UserId ObjectId ObjectName Service Origin \
         Context Command Result Message Id2",
    ),
    (
        LogFamily::AuditActivity,
        "Sequence# ProductVersion Timestamp HostName Id Description ProxySessionId ProxyPackageId \
         RequestSequenceId UserDirectory UserId ObjectId ObjectName Service Origin Context Command \
         Result Message Id2",
    ),
    (
        LogFamily::AuditActivity,
        "Sequence# ProductVersion Timestamp Hostname Id EngineTimestamp EngineVersion Description \
         ProxySessionId ProxyPackageId RequestSequenceId UserDirectory UserId SessionId ObjectId \
         ObjectName Service Origin Context Command Result Message Id2",
    ),
    (
        LogFamily::AuditSecurity,
        "Sequence# ProductVersion Timestamp Hostname Id Description ProxySessionId ProxyPackageId \
         RequestSequenceId UserDirectory UserId ObjectId ObjectName SecurityClass \
         ClientHostAddress Service Origin Context Command Result Message Checksum",
    ),
];

const LEVELS: [&str; 8] =
    ["trace", "debug", "info", "warn", "warning", "error", "fatal", "critical"];

/// The kinds of logs with columns of their own, by the beginning of a log's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LogFamily {
    System,
    Service,
    AuditActivity,
    AuditSecurity,
}

impl LogFamily {
    fn of(log: &str) -> Option<Self> {
        Some(match log.split_once('_')?.0 {
            "System" => Self::System,
            "Service" => Self::Service,
            "AuditActivity" => Self::AuditActivity,
            "AuditSecurity" => Self::AuditSecurity,
            _ => return None,
        })
    }
}

impl Layout {
    /// The usual layout that fits a row best: its time and its level are where they belong, it is
    /// of this log, and it has as many columns.
    pub fn usual(log: Option<&str>, row: &str) -> Self {
        let kind = log.and_then(LogFamily::of);
        let n_cells = row.split('\t').count();
        let mut best: Option<((bool, bool, bool), Self)> = None;
        for (of, names) in USUAL {
            let layout = Self { names: names.split(' ').map(str::to_owned).collect() };
            let has_as_many = layout.names.len() == n_cells;
            let rank = (layout.fits(row), kind == Some(of), has_as_many);
            if best.as_ref().is_none_or(|(known, _)| *known < rank) {
                best = Some((rank, layout));
            }
        }
        best.map(|(_, layout)| layout).unwrap_or_default()
    }

    /// Whether the row has a time and a level in these columns.
    fn fits(&self, row: &str) -> bool {
        let record = Record::new(self, row);
        let time = record.get("Timestamp").and_then(|text| stamp::parse(text, &TimeZone::UTC));
        let is_level = |text: &str| LEVELS.iter().any(|level| level.eq_ignore_ascii_case(text));
        time.is_some() && (!self.has("Level") || record.get("Level").is_some_and(is_level))
    }
}
