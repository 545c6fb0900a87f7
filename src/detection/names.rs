//! Pure. The closed sets of a detection: kinds, severities, roles.

use schemars::JsonSchema;

named! {
    /// What a person hears about. The names are those of configuration, routes and cards.
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
        Performance => "performance",
        Security => "security",
        /// Trouble of a Qlik service that is none of the above.
        Service => "service",
        /// A Windows service of Qlik Sense does not run although it should.
        ServiceStopped => "service-stopped",
        /// It runs again.
        ServiceStarted => "service-started",
        /// Trouble of Footman itself.
        Agent => "agent",
        /// One card that stands for many.
        Digest => "digest",
        Test => "test",
    }
}

named! {
    /// How much it matters. `info` is counted and kept in history but makes no card by itself.
    #[derive(JsonSchema)]
    pub enum Severity {
        Info => "info",
        Warning => "warning",
        Error => "error",
        Critical => "critical",
    }
}

named! {
    /// What a detection means for the run of a task that it belongs to.
    #[derive(JsonSchema)]
    pub enum Role {
        /// The final word on a run: it failed, was aborted, could not start.
        Verdict => "verdict",
        /// One attempt failed; retries may follow, so it opens nothing.
        Attempt => "attempt",
        /// The next attempt of a run began: what the one before left is not the final word.
        AttemptStarted => "attempt-started",
        /// The run succeeded: open failures of the same task or app end.
        Success => "success",
        /// A script log ended with `Execution Failed`.
        ScriptFailed => "script-failed",
        /// A script log ended well.
        ScriptSucceeded => "script-succeeded",
        /// A problem outside any run; notified at once.
        Standalone => "standalone",
        /// Something began that must end within the pattern's `overdue`.
        Start => "start",
    }
}
