//! Pure. Plans a story: what is written to which log, and when.

use std::time::Duration;

use crate::demo::log_file::{ServiceLog, ServiceRow, Write};
use crate::demo::story::{Scene, Story, StoryAnswer};

pub use crate::demo::plan::run::{PlannedRun, reload};

mod run;

/// One action at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoStep {
    /// The time since the start of the story.
    pub at: Duration,
    pub act: Act,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// What people read about it.
    Event {
        /// The app or user that it concerns.
        subject: Option<String>,
        words: String,
    },
    Write(Write),
    /// Stop or start a Windows service, by its display name.
    Service {
        name: String,
        runs: bool,
    },
    /// Roll all service logs.
    Roll,
    /// Submit a command to the agent. The id makes it unique.
    Answer {
        id: String,
        answer: StoryAnswer,
    },
}

/// The steps of a story, sorted by time. `salt` makes the ids of its runs different in each
/// repetition; those of apps and tasks stay.
pub fn plan(story: &Story, salt: &str) -> Vec<DemoStep> {
    let mut steps = Vec::new();
    for (number, (at, scene)) in story.scenes.iter().enumerate() {
        let mut scribe = Scribe { at: *at, steps: &mut steps };
        scribe.scene(scene, &format!("{salt}/{number}"));
    }
    steps.sort_by_key(|step| step.at);
    steps
}

/// Appends steps while it advances the time.
struct Scribe<'s> {
    at: Duration,
    steps: &'s mut Vec<DemoStep>,
}

impl Scribe<'_> {
    fn scene(&mut self, scene: &Scene, salt: &str) {
        match scene {
            Scene::StartUp => self.start_up(),
            Scene::Reload { app, end } => {
                run::reload_task(self, &PlannedRun::of_task(app, salt), end);
            }
            Scene::HubReload { app, end } => {
                run::hub_reload(self, &PlannedRun::of_hub(app, salt), end);
            }
            Scene::CannotStart { app } => run::cannot_start(self, &PlannedRun::of_task(app, salt)),
            Scene::Memory { critical } => self.memory(*critical),
            Scene::AccessDenied { user } => self.access_denied(user),
            Scene::Service { name, runs } => self.service(name, *runs),
            Scene::Roll => self.roll(),
            Scene::Answer(answer) => {
                self.act(Act::Answer { id: format!("demo/{salt}"), answer: answer.clone() });
            }
        }
    }

    fn pass(&mut self, milliseconds: u64) {
        self.at += Duration::from_millis(milliseconds);
    }

    fn act(&mut self, act: Act) {
        self.steps.push(DemoStep { at: self.at, act });
    }

    /// Something that concerns no app and no user.
    fn event(&mut self, words: impl Into<String>) {
        self.act(Act::Event { subject: None, words: words.into() });
    }

    fn event_of(&mut self, subject: &str, words: impl Into<String>) {
        self.act(Act::Event { subject: Some(subject.to_owned()), words: words.into() });
    }

    fn rows(&mut self, log: ServiceLog, rows: Vec<ServiceRow>) {
        self.act(Act::Write(Write::Rows { log, rows }));
    }

    fn start_up(&mut self) {
        self.event("the services of the node start");
        let scheduler = "System.Scheduler.Scheduler.Master.Schedule.ScheduleEngine";
        self.rows(
            ServiceLog::SystemScheduler,
            vec![trace("INFO", scheduler, "Schedule engine started")],
        );
        let engine = "System.Engine.Engine";
        self.rows(
            ServiceLog::SystemEngine,
            vec![trace("INFO", engine, "Qlik Sense Server started")],
        );
    }

    fn memory(&mut self, critical: bool) {
        let how = if critical { " CRITICALLY" } else { "" };
        self.event(format!(
            "the engine's memory is growing{} beyond its limit",
            how.to_lowercase()
        ));
        let text = format!(
            "WorkingSet: Virtual Memory is growing{how} beyond parameters - 29.412(28.000) GB"
        );
        self.rows(ServiceLog::SystemEngine, vec![trace("WARN", "System.Engine.Engine", &text)]);
    }

    fn access_denied(&mut self, user: &str) {
        self.event_of(user, "access is denied");
        let (directory, id) = user.split_once('\\').unwrap_or(("EXAMPLE", user));
        let text = format!(
            "Access was denied for User: '{user}', with AccessID \
             '5c0e9f0a-6a64-4a7e-9d4d-0b8a3a1f2c11', SessionID: \
             '8f6d1c52-3b0e-4c1b-8a57-2d9e7b1c4a90', SessionCount: '5', Hostname: '::1', \
             OperationType: 'UsageDenied'"
        );
        let row = activity("License user access", 403, "Error: Access denied", &text)
            .with("UserDirectory", directory)
            .with("UserId", id)
            .with("SecurityClass", "License")
            .with("ClientHostAddress", "192.0.2.17")
            .with("Service", "Repository");
        self.rows(ServiceLog::AuditSecurityRepository, vec![row]);
    }

    fn service(&mut self, name: &str, runs: bool) {
        self.event(format!("{name} {}", if runs { "starts" } else { "stops unexpectedly" }));
        self.act(Act::Service { name: name.to_owned(), runs });
    }

    fn roll(&mut self) {
        self.event("the service logs roll");
        self.act(Act::Roll);
    }
}

/// A row of a trace log.
fn trace(level: &str, logger: &str, message: &str) -> ServiceRow {
    ServiceRow::default()
        .with("Level", level)
        .with("Logger", logger)
        .with("Thread", "21")
        .with("Message", message)
}

/// A row of a system or audit log.
fn activity(command: &str, result: i32, outcome: &str, message: &str) -> ServiceRow {
    ServiceRow::default()
        .with("Description", format!("Command={command};Result={result};ResultText={outcome}"))
        .with("Command", command)
        .with("Result", result.to_string())
        .with("Message", message)
}

#[cfg(test)]
mod tests;
