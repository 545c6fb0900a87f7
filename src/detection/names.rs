//! Pure. The closed sets of a detection: kinds, severities, roles.

use schemars::JsonSchema;

named! {
    /// The kind of a notice. The names are used in configuration, routes and cards.
    #[derive(JsonSchema)]
    pub enum Kind {
        ReloadFailed => "reload-failed",
        ReloadAborted => "reload-aborted",
        /// A reload failed in the hub or an editor, outside any task.
        ReloadFailedOutsideTask => "reload-failed-outside-task",
        /// A task that is not a reload failed: distribution, user sync, external program, preload.
        TaskFailed => "task-failed",
        TaskNotStarted => "task-not-started",
        ReloadRecovered => "reload-recovered",
        /// Qlik Cloud has switched a scheduled task off.
        CloudTaskDisabled => "cloud-task-disabled",
        Performance => "performance",
        Security => "security",
        /// A problem of a Qlik service that is none of the above.
        Service => "service",
        /// A Windows service of Qlik Sense is not running although it should be.
        ServiceStopped => "service-stopped",
        /// A stopped service is running again.
        ServiceStarted => "service-started",
        /// A problem of Footman itself.
        Agent => "agent",
        /// A card at long intervals that shows that Footman is alive.
        Heartbeat => "heartbeat",
        /// One card for many notices.
        Digest => "digest",
        Test => "test",
    }
}

named! {
    /// The severity. `info` is counted and kept in history, but sends no card.
    #[derive(JsonSchema)]
    pub enum Severity {
        Info => "info",
        Warning => "warning",
        Error => "error",
        Critical => "critical",
    }
}

named! {
    /// What a detection means for its run.
    #[derive(JsonSchema)]
    pub enum Role {
        /// The final result of a run: it failed, was aborted, or could not start.
        Verdict => "verdict",
        /// One attempt failed; retries may follow, so it opens nothing.
        Attempt => "attempt",
        /// The next attempt of a run began: what the one before left is not the final word.
        AttemptStarted => "attempt-started",
        /// An attempt failed, and the scheduler starts another: both of the above at once.
        AttemptRetried => "attempt-retried",
        /// The run succeeded: open incidents of the same task or app end.
        Success => "success",
        /// A script log ended with `Execution Failed`.
        ScriptFailed => "script-failed",
        /// A script log ended without an error.
        ScriptSucceeded => "script-succeeded",
        /// A problem outside any run; notified at once.
        Standalone => "standalone",
        /// The start of something that must end within the pattern's `overdue` time.
        Start => "start",
    }
}

impl Role {
    /// Whether it only marks a beginning, which is not a result.
    pub fn is_start(self) -> bool {
        matches!(self, Self::Start | Self::AttemptStarted)
    }

    /// Whether it ends an attempt that is not the final result.
    pub fn is_attempt(self) -> bool {
        matches!(self, Self::Attempt | Self::AttemptRetried)
    }
}

named! {
    /// Where a problem was found.
    pub enum Source {
        Log => "log",
        Machine => "machine",
        /// A tenant of Qlik Cloud.
        Cloud => "cloud",
        Agent => "agent",
    }
}
