//! Pure. The log rows of one reload, from its start to its verdict.

use std::time::Duration;

use ring::digest::{SHA256, digest};

use crate::demo::log_file::{ScriptFile, ScriptLine, ServiceLog, ServiceRow, Write};
use crate::demo::plan::{Act, DemoStep, Scribe, activity, trace};
use crate::demo::script_log;
use crate::demo::story::StoryEnd;

/// One run of one app, with the ids in its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedRun {
    pub app: String,
    pub app_id: String,
    pub task: String,
    pub task_id: String,
    pub execution_id: String,
    /// `DIRECTORY\user`.
    pub user: String,
}

impl PlannedRun {
    /// A run that the scheduler starts.
    pub fn of_task(app: &str, salt: &str) -> Self {
        Self {
            app: app.to_owned(),
            app_id: uuid(&["app", app]),
            task: format!("Reload {app}"),
            task_id: uuid(&["task", app]),
            execution_id: uuid(&["execution", app, salt]),
            user: r"INTERNAL\sa_scheduler".to_owned(),
        }
    }

    /// A run that a user starts in the hub.
    pub fn of_hub(app: &str, salt: &str) -> Self {
        Self { user: r"EXAMPLE\analyst".to_owned(), ..Self::of_task(app, salt) }
    }

    /// The script log of the run's `attempt`, counted from 0.
    pub fn script_file(&self, attempt: u32) -> ScriptFile {
        let run = &hex(&["run", &self.execution_id, &attempt.to_string()])[..20];
        ScriptFile { app_id: self.app_id.clone(), run: run.to_uppercase() }
    }

    fn row(&self, level: &str, logger: &str, message: &str) -> ServiceRow {
        trace(level, logger, message)
            .with("TaskName", &self.task)
            .with("TaskId", &self.task_id)
            .with("ExecutionId", &self.execution_id)
            .with("AppName", &self.app)
            .with("AppId", &self.app_id)
            .with("User", &self.user)
    }

    fn session(&self, level: &str, message: &str) -> ServiceRow {
        self.row(level, TASK_SESSION, message)
    }

    fn activity(&self, command: &str, result: i32, outcome: &str, message: &str) -> ServiceRow {
        let (directory, id) = self.user.split_once('\\').unwrap_or_default();
        activity(command, result, outcome, message)
            .with("UserDirectory", directory)
            .with("UserId", id)
    }
}

const TASK_SESSION: &str = "System.Scheduler.Scheduler.Master.Task.TaskSession";
const RELOAD_TASK: &str = "System.Scheduler.Scheduler.Slave.Tasks.ReloadTask";
const RELOAD_PROVIDER: &str = "System.Scheduler.Scheduler.EngineWrapper.ReloadProvider";

/// The steps of one reload, for tests and benchmarks that need many of them.
pub fn reload(run: &PlannedRun, end: &StoryEnd) -> Vec<DemoStep> {
    let mut steps = Vec::new();
    reload_task(&mut Scribe { at: Duration::ZERO, steps: &mut steps }, run, end);
    steps
}

/// A task's reload, its retries and its verdict.
pub(crate) fn reload_task(scribe: &mut Scribe<'_>, run: &PlannedRun, end: &StoryEnd) {
    scribe.rows(
        ServiceLog::SystemScheduler,
        vec![run.session("INFO", "Execution State Change to Triggered")],
    );
    scribe.state(run, "Triggered");
    match end {
        StoryEnd::Ok => {
            scribe.attempt(run, 0, "", script_log::good_end());
            scribe.succeeded(run);
        }
        StoryEnd::Aborted => scribe.aborted(run),
        StoryEnd::Fails { error, retries, then_ok } => {
            let failures = if *then_ok { *retries } else { retries + 1 };
            for attempt in 0..failures {
                scribe.attempt(run, attempt, error, script_log::bad_end(error));
                scribe.attempt_failed(run);
                if attempt + 1 < failures || *then_ok {
                    scribe.retried(run, attempt + 1, error);
                }
            }
            if *then_ok {
                scribe.attempt(run, failures, error, script_log::good_end());
                scribe.succeeded(run);
            } else {
                scribe.failed(run, error);
            }
        }
    }
}

/// A reload outside the scheduler.
pub(crate) fn hub_reload(scribe: &mut Scribe<'_>, run: &PlannedRun, end: &StoryEnd) {
    let row = run
        .activity("Reload app", 0, "Success", "Reload of app started")
        .with("ObjectId", &run.app_id)
        .with("ObjectName", &run.app)
        .with("Service", "Engine");
    scribe.rows(ServiceLog::AuditActivityEngine, vec![row]);
    match end {
        StoryEnd::Fails { error, .. } => {
            scribe.script(run, 0, error, script_log::bad_end(error));
            scribe.event_of(&run.app, format!("reload in the hub fails: {}", first_line(error)));
        }
        StoryEnd::Aborted => {
            scribe.script(run, 0, "", Vec::new());
            scribe.event_of(&run.app, "reload in the hub is aborted");
        }
        StoryEnd::Ok => {
            scribe.script(run, 0, "", script_log::good_end());
            scribe.event_of(&run.app, "reload in the hub succeeds");
        }
    }
}

/// A task that finds no worker; the exception spans several lines, as on a real node.
pub(crate) fn cannot_start(scribe: &mut Scribe<'_>, run: &PlannedRun) {
    scribe.event_of(&run.app, "the task cannot start");
    let exception = "System.TimeoutException: No worker answered in time\r\n   \
         at Scheduler.Master.Task.TaskSession.Start()";
    let rows = vec![
        run.session("WARN", "Could not reserve an executor for task"),
        run.session("ERROR", "Failed to start session").with("Exception", exception),
    ];
    scribe.rows(ServiceLog::SystemScheduler, rows);
    scribe.state(run, "Error");
}

impl Scribe<'_> {
    /// One attempt: the scheduler's start, the growing script log, the delay before the next row.
    fn attempt(&mut self, run: &PlannedRun, attempt: u32, error: &str, end: Vec<ScriptLine>) {
        let rows = vec![
            run.session("INFO", "Execution State Change to Started"),
            run.row("INFO", RELOAD_TASK, "Starting reload task"),
        ];
        self.rows(ServiceLog::SystemScheduler, rows);
        self.script(run, attempt, error, end);
        self.pass(1_500);
    }

    fn script(&mut self, run: &PlannedRun, attempt: u32, error: &str, end: Vec<ScriptLine>) {
        let file = run.script_file(attempt);
        let user = run.user.split_once('\\').unwrap_or_default();
        let by = format!("UserDirectory={}; UserId={}", user.0, user.1);
        let (beginning, middle) = (script_log::beginning(), script_log::middle(&run.app, error));
        for part in [script_log::header(&by), beginning, middle, end] {
            self.pass(300);
            if part.is_empty() {
                continue;
            }
            self.act(Act::Write(Write::Script { file: file.clone(), lines: part }));
        }
    }

    /// The state change that the scheduler's audit log shows.
    fn state(&mut self, run: &PlannedRun, state: &str) {
        let row = run
            .activity("Change task state", 0, "Success", &format!("Changing task state to {state}"))
            .with("ObjectId", &run.task_id)
            .with("ObjectName", &run.task)
            .with("Service", "Scheduler");
        self.rows(ServiceLog::AuditActivityScheduler, vec![row]);
    }

    fn attempt_failed(&mut self, run: &PlannedRun) {
        self.provider(run, false);
        let text = "Message from ReloadProvider: Reload failed in Engine. \
             Check engine or script logs.";
        self.rows(ServiceLog::SystemScheduler, vec![run.row("ERROR", RELOAD_TASK, text)]);
    }

    fn provider(&mut self, run: &PlannedRun, aborted: bool) {
        let aborted = if aborted { "True" } else { "False" };
        let text = format!(
            "Reload sequence was not successful (Result=False, Finished=True, \
             Aborted={aborted}) for engine connection with handle 1"
        );
        self.rows(ServiceLog::SystemScheduler, vec![run.row("ERROR", RELOAD_PROVIDER, &text)]);
    }

    fn retried(&mut self, run: &PlannedRun, number: u32, error: &str) {
        self.event_of(
            &run.app,
            format!("try {number} fails, another follows: {}", first_line(error)),
        );
        let row = run.session("INFO", "Execution State Change to Retry");
        self.rows(ServiceLog::SystemScheduler, vec![row]);
        self.pass(500);
    }

    fn failed(&mut self, run: &PlannedRun, error: &str) {
        self.event_of(&run.app, format!("reload fails: {}", first_line(error)));
        let rows = vec![
            run.session("INFO", "Execution State Change to FinishedFail"),
            run.session("ERROR", "Max retries reached"),
            run.session("WARN", "Task finished with state FinishedFail"),
        ];
        self.rows(ServiceLog::SystemScheduler, rows);
        self.state(run, "FinishedFail");
        let text = "Task finished with state FinishedFail";
        let row = run
            .activity("Execute task", -1, "Error", text)
            .with("Severity", "ERROR")
            .with("ObjectId", &run.task_id)
            .with("ObjectName", &run.task)
            .with("Service", "Scheduler");
        self.rows(ServiceLog::ServiceScheduler, vec![row]);
    }

    fn succeeded(&mut self, run: &PlannedRun) {
        self.event_of(&run.app, "reload succeeds");
        let rows = vec![
            run.row("INFO", RELOAD_TASK, "Reload task finished"),
            run.session("INFO", "Execution State Change to FinishedSuccess"),
        ];
        self.rows(ServiceLog::SystemScheduler, rows);
        self.state(run, "FinishedSuccess");
    }

    fn aborted(&mut self, run: &PlannedRun) {
        self.rows(
            ServiceLog::SystemScheduler,
            vec![run.session("INFO", "Execution State Change to Started")],
        );
        self.script(run, 0, "", Vec::new());
        self.event_of(&run.app, "reload is aborted");
        // The row of an abort names the user who stopped the reload.
        let stopped = PlannedRun { user: r"EXAMPLE\operator".to_owned(), ..run.clone() };
        let aborting = stopped.session("INFO", "Execution State Change to Aborting");
        self.rows(ServiceLog::SystemScheduler, vec![aborting]);
        self.pass(400);
        self.provider(run, true);
        let aborted = run.session("INFO", "Execution State Change to Aborted");
        self.rows(ServiceLog::SystemScheduler, vec![aborted]);
        self.state(run, "Aborted");
    }
}

fn first_line(error: &str) -> &str {
    error.lines().next().unwrap_or_default()
}

/// An id in Qlik's format, derived from the words.
fn uuid(words: &[&str]) -> String {
    let hex = hex(words);
    format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
}

fn hex(words: &[&str]) -> String {
    let hash = digest(&SHA256, words.join("/").as_bytes());
    hash.as_ref().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}
