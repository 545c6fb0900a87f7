//! Pure. The log files of the simulated node: folders, names, columns and rows.
//!
//! Column names are real, rows are synthetic: no rows of Qlik Sense service logs are public.

/// One of the tab-separated logs of the Qlik services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ServiceLog {
    SystemScheduler,
    ServiceScheduler,
    AuditActivityScheduler,
    SystemEngine,
    AuditActivityEngine,
    AuditSecurityRepository,
}

impl ServiceLog {
    pub const ALL: [Self; 6] = [
        Self::SystemScheduler,
        Self::ServiceScheduler,
        Self::AuditActivityScheduler,
        Self::SystemEngine,
        Self::AuditActivityEngine,
        Self::AuditSecurityRepository,
    ];

    /// The folder below the log folder: service, then type of log.
    pub fn folder(self) -> &'static str {
        match self {
            Self::SystemScheduler => "Scheduler/Trace",
            Self::ServiceScheduler => "Scheduler/System",
            Self::AuditActivityScheduler => "Scheduler/Audit",
            Self::SystemEngine => "Engine/Trace",
            Self::AuditActivityEngine => "Engine/Audit",
            Self::AuditSecurityRepository => "Repository/Audit",
        }
    }

    /// The part of the file name after the machine's name.
    pub fn base(self) -> &'static str {
        match self {
            Self::SystemScheduler => "System_Scheduler",
            Self::ServiceScheduler => "Service_Scheduler",
            Self::AuditActivityScheduler => "AuditActivity_Scheduler",
            Self::SystemEngine => "System_Engine",
            Self::AuditActivityEngine => "AuditActivity_Engine",
            Self::AuditSecurityRepository => "AuditSecurity_Repository",
        }
    }

    /// The names in the header row, separated by blanks.
    pub fn columns(self) -> &'static str {
        match self {
            Self::SystemScheduler => {
                "Sequence# Timestamp Level Hostname Logger Thread Id ServiceUser Message Exception \
                 StackTrace ProxySessionId TaskName TaskId ExecutionId AppName AppId User"
            }
            Self::ServiceScheduler => {
                "Sequence# ProductVersion Timestamp Severity Hostname Id Description \
                 ProxySessionId ProxyPackageId RequestSequenceId UserDirectory UserId ObjectId \
                 ObjectName Service Origin Context Command Result Message Id2"
            }
            Self::AuditActivityScheduler => {
                "Sequence# ProductVersion Timestamp Hostname Id Description ProxySessionId \
                 ProxyPackageId RequestSequenceId UserDirectory UserId ObjectId ObjectName \
                 Service Origin Context Command Result Message Id2"
            }
            Self::SystemEngine => {
                "Sequence# Timestamp Level Hostname Logger Thread Id ServiceUser Message Exception \
                 StackTrace ProxySessionId ActiveUserDirectory ActiveUserId EngineTimestamp \
                 ProcessId Exe Version Server Started Entry Type SessionId AppId"
            }
            Self::AuditActivityEngine => {
                "Sequence# ProductVersion Timestamp Hostname Id EngineTimestamp EngineVersion \
                 Description ProxySessionId ProxyPackageId RequestSequenceId UserDirectory UserId \
                 SessionId ObjectId ObjectName Service Origin Context Command Result Message Id2"
            }
            Self::AuditSecurityRepository => {
                "Sequence# ProductVersion Timestamp Hostname Id Description ProxySessionId \
                 ProxyPackageId RequestSequenceId UserDirectory UserId ObjectId ObjectName \
                 SecurityClass ClientHostAddress Service Origin Context Command Result Message \
                 Checksum"
            }
        }
    }
}

/// The cells of one row by column; the node adds number, stamp, machine and service user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceRow(pub Vec<(&'static str, String)>);

impl ServiceRow {
    /// The row with one more cell.
    #[must_use]
    pub fn with(mut self, column: &'static str, text: impl Into<String>) -> Self {
        self.0.push((column, text.into()));
        self
    }

    /// The text in `column`; empty if there is none.
    pub fn cell(&self, column: &str) -> &str {
        self.0.iter().find(|(name, _)| *name == column).map_or("", |(_, text)| text)
    }
}

/// The script log of one run of one app.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ScriptFile {
    pub app_id: String,
    /// 20 hex digits, the end of the file's name.
    pub run: String,
}

/// One line of a script log, without its time stamp.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScriptLine {
    /// A line of the engine, with six blanks after the stamp.
    Engine(String),
    /// A line of the script, with its number.
    Script(u32, String),
}

/// What is appended to one file at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    Rows { log: ServiceLog, rows: Vec<ServiceRow> },
    Script { file: ScriptFile, lines: Vec<ScriptLine> },
}
