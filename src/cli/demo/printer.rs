//! I/O. Prints the story of a demo, and how Footman handled each line of it.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use crate::cli::output;
use crate::demo::StoryLine;
use crate::incident::Suppression;

/// The prefix of the effects of an answer.
const DONE: &str = "  done ▸ ";
/// The prefixes of what the agent did.
const CARD: &str = "  card ▸ ";
const HELD: &str = "  held ▸ ";
const NOTE: &str = "  note ▸ ";
/// After this time Footman has handled a line: a verdict waits 3 s for its script log.
const ANSWERED: Duration = Duration::from_secs(5);

/// Shared by the story and the agent's log.
#[derive(Clone, Default)]
pub(crate) struct Printer(Arc<Mutex<Printed>>);

#[derive(Default)]
struct Printed {
    /// Events of the story without a result so far.
    open: Vec<OpenEvent>,
    /// The subjects of all events so far.
    subjects: BTreeSet<String>,
    /// The last row that was held back, so that rows of one run are printed once.
    last_held: Option<(Suppression, String)>,
}

struct OpenEvent {
    /// `Finance Ledger`, if the event concerns an app or a user.
    subject: Option<String>,
    words: String,
    at: Instant,
}

impl OpenEvent {
    fn about(&self) -> &str {
        self.subject.as_deref().unwrap_or(&self.words)
    }
}

/// What the agent logged.
#[derive(Debug)]
enum LoggedLine {
    Card(String),
    Held { why: Suppression, subject: String },
    Note(String),
}

impl Printer {
    fn with_printed<R>(&self, work: impl FnOnce(&mut Printed) -> R) -> R {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Prints an event of the story: `06:13:52  Finance Ledger: reload fails`.
    pub(crate) fn print(&self, event: StoryLine<'_>, now: Instant) {
        let StoryLine { at, subject, words } = event;
        let about = subject.map(|subject| format!("{subject}: ")).unwrap_or_default();
        output::line(format_args!("{at}  {about}{words}"));
        let subject = subject.map(str::to_owned);
        self.with_printed(|printed| {
            printed.last_held = None;
            printed.add(OpenEvent { subject, words: words.to_owned(), at: now });
        });
    }

    /// Prints what somebody did: `06:14:14  anna@example.com acknowledged HR Overview`, and below
    /// it the effects.
    pub(crate) fn print_answer(&self, at: &str, lines: &[String]) {
        for (n, words) in lines.iter().enumerate() {
            let name = if n == 0 { format!("{at}  ") } else { DONE.to_owned() };
            output::row(name.chars().count(), &name, &output::clean(words));
        }
        self.with_printed(|printed| printed.last_held = None);
    }

    /// Reports each event that is old enough as having no effect.
    pub(crate) fn settle(&self, now: Instant) {
        let quiet = self.with_printed(|printed| {
            let (old, open) = std::mem::take(&mut printed.open)
                .into_iter()
                .partition(|event| now.duration_since(event.at) >= ANSWERED);
            printed.open = open;
            old
        });
        for event in quiet {
            output::line(format_args!("{}", nothing(&event)));
        }
    }

    /// Does the same for all remaining events at the end.
    pub(crate) fn end(&self) {
        self.settle(Instant::now() + ANSWERED);
    }
}

fn nothing(event: &OpenEvent) -> String {
    format!("  none ▸ {}: nothing to report", event.about())
}

impl Printed {
    fn add(&mut self, event: OpenEvent) {
        self.subjects.extend(event.subject.clone());
        self.open.push(event);
    }

    /// The text to print for what the agent logged.
    fn take(&mut self, logged: LoggedLine) -> Option<String> {
        let (why, subject) = match logged {
            LoggedLine::Card(words) => return Some(self.shown(CARD, &words)),
            LoggedLine::Note(words) => return Some(self.shown(NOTE, &words)),
            LoggedLine::Held { why, subject } => (why, subject),
        };
        let held = Some((why, subject));
        if held == self.last_held {
            return None;
        }
        let (_, subject) = self.last_held.insert(held?).clone();
        let answered = self.answer(&subject);
        let about = answered.as_ref().map_or(subject.as_str(), OpenEvent::about);
        Some(format!("{HELD}{about} ({}: {})", why.name(), meaning(why)))
    }

    fn shown(&mut self, prefix: &str, words: &str) -> String {
        self.last_held = None;
        self.answer(words);
        format!("{prefix}{words}").trim_end().to_owned()
    }

    /// The event of the story to which this belongs. If several concern the same app, it is the
    /// first of them. What names no subject of the story, for example because it concerns the node
    /// or has only an app id, belongs to the most recent event, if possible one without a subject.
    fn answer(&mut self, words: &str) -> Option<OpenEvent> {
        let is_about = |one: &OpenEvent| one.subject.as_ref().is_some_and(|it| words.contains(it));
        let is_named = self.subjects.iter().any(|subject| words.contains(subject));
        let plain = || self.open.iter().rposition(|one| one.subject.is_none());
        let newest = || plain().or(self.open.len().checked_sub(1)).filter(|_| !is_named);
        let at = self.open.iter().position(is_about).or_else(newest)?;
        Some(self.open.remove(at))
    }
}

/// The reason for holding something back, in a few words.
fn meaning(why: Suppression) -> &'static str {
    match why {
        Suppression::SameRun => "a row of a run that is reported anyway",
        Suppression::Attempt => "retries may follow",
        Suppression::Repeat => "known already; it is counted",
        Suppression::LowSeverity => "info makes no card",
        Suppression::LateScriptLog => "its card is sent already",
        Suppression::TooOld => "too old",
        Suppression::BelowThreshold => "not often enough yet",
        Suppression::OtherLog => "the same in another log",
        Suppression::Inhibited => "its cause is open",
        Suppression::Acknowledged => "somebody takes care of it",
        Suppression::Silenced => "held back by the silence; it is counted",
        Suppression::Maintenance => "a maintenance window is open",
        Suppression::Flapping => "it opens and recovers too often",
    }
}

/// The log of the agent.
pub(crate) struct DemoLog(pub(crate) Printer);

/// The fields of an event of the log.
#[derive(Default)]
struct LogFields {
    message: String,
    reason: Option<Suppression>,
    subject: String,
}

impl Visit for LogFields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.message = format!("{value:?}");
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "reason" => self.reason = Suppression::ALL.into_iter().find(|it| it.name() == value),
            "subject" => value.clone_into(&mut self.subject),
            _ => {}
        }
    }
}

impl<S: Subscriber> Layer<S> for DemoLog {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = LogFields::default();
        event.record(&mut fields);
        let LogFields { message, reason, subject } = fields;
        let logged = match (event.metadata().target(), reason) {
            ("footman::card", _) => LoggedLine::Card(message),
            ("footman::held", Some(why)) => LoggedLine::Held { why, subject },
            _ => LoggedLine::Note(message),
        };
        if let Some(words) = self.0.with_printed(|printed| printed.take(logged)) {
            output::line(format_args!("{words}"));
        }
    }
}

#[cfg(test)]
mod tests;
