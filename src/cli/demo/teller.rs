//! I/O. Prints the story of a demo, and how Footman handled each line of it.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tracing_subscriber::fmt::MakeWriter;

use crate::cli::log::HELD;
use crate::cli::output;
use crate::incident::Suppression;

/// The prefix of the effects of an answer.
const DONE: &str = "  done ▸ ";
/// After this time Footman has handled a line: a verdict waits 3 s for its script log.
const ANSWERED: Duration = Duration::from_secs(5);

/// Shared by the story and the agent's log.
#[derive(Clone, Default)]
pub(crate) struct Teller(Arc<Mutex<Narration>>);

#[derive(Default)]
struct Narration {
    /// Lines of the story without a result so far.
    open: Vec<Line>,
    /// The subjects of all lines so far.
    subjects: BTreeSet<String>,
    /// The last row that was held back, so that rows of one run are printed once.
    last_held: String,
}

struct Line {
    /// `Finance Ledger`, if the line concerns an app or a task.
    subject: Option<String>,
    words: String,
    at: Instant,
}

impl Line {
    fn about(&self) -> &str {
        self.subject.as_deref().unwrap_or(&self.words)
    }
}

impl Teller {
    fn with_narration<R>(&self, work: impl FnOnce(&mut Narration) -> R) -> R {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Prints a line of the story: `06:13:52  Finance Ledger: reload fails`.
    pub(crate) fn say(&self, line: &str, at: Instant) {
        output::line(format_args!("{line}"));
        let words = line.split_once("  ").map_or(line, |(_, words)| words).to_owned();
        let subject = words.split_once(": ").map(|(subject, _)| subject.to_owned());
        self.with_narration(|narration| {
            narration.last_held.clear();
            narration.open_line(Line { subject, words, at });
        });
    }

    /// Prints what somebody did: `06:14:14  anna@example.com acknowledged HR Overview`, and below
    /// it the effects.
    pub(crate) fn answer(&self, lines: &[String]) {
        for (n, line) in lines.iter().enumerate() {
            let (name, words) = match line.split_once("  ").filter(|_| n == 0) {
                Some((time, words)) => (format!("{time}  "), words),
                None => (DONE.to_owned(), line.as_str()),
            };
            output::row(name.chars().count(), &name, &output::clean(words));
        }
        self.with_narration(|narration| narration.last_held.clear());
    }

    /// Reports each line that is old enough as having no effect.
    pub(crate) fn settle(&self, now: Instant) {
        let quiet = self.with_narration(|narration| {
            let (old, open) = std::mem::take(&mut narration.open)
                .into_iter()
                .partition(|line| now.duration_since(line.at) >= ANSWERED);
            narration.open = open;
            old
        });
        for line in quiet {
            output::line(format_args!("{}", nothing(&line)));
        }
    }

    /// Does the same for all remaining lines at the end.
    pub(crate) fn end(&self) {
        self.settle(Instant::now() + ANSWERED);
    }
}

fn nothing(line: &Line) -> String {
    format!("  none ▸ {}: nothing to report", line.about())
}

impl Narration {
    fn open_line(&mut self, line: Line) {
        self.subjects.extend(line.subject.clone());
        self.open.push(line);
    }

    /// The text to print for a line of the agent's log.
    fn take(&mut self, line: &str) -> Option<String> {
        let Some(held) = line.strip_prefix(HELD) else {
            self.last_held.clear();
            self.answer(line);
            return Some(line.to_owned());
        };
        let (reason, summary) = held.split_once(": ").unwrap_or((held, ""));
        let of_row = summary.split(" (").next().unwrap_or_default();
        let once = format!("{reason}: {of_row}");
        if once == self.last_held {
            return None;
        }
        self.last_held = once;
        let answered = self.answer(line);
        let subject = answered.as_ref().map_or(of_row, Line::about);
        let known = Suppression::ALL.iter().find(|it| it.name() == reason);
        let why = known.map_or(reason, |it| meaning(*it));
        Some(format!("{HELD}{subject} ({reason}: {why})"))
    }

    /// The line of the story that this line of the log belongs to. If several concern the same app,
    /// it is the first of them. A line that names no subject of the story, for example because it
    /// concerns the node or has only an app id, belongs to the most recent line, if possible one
    /// without a subject.
    fn answer(&mut self, line: &str) -> Option<Line> {
        let is_about = |one: &Line| one.subject.as_ref().is_some_and(|it| line.contains(it));
        let is_named = self.subjects.iter().any(|subject| line.contains(subject));
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

impl<'t> MakeWriter<'t> for Teller {
    type Writer = Self;

    fn make_writer(&'t self) -> Self {
        self.clone()
    }
}

impl Write for Teller {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let line = String::from_utf8_lossy(bytes);
        if let Some(shown) = self.with_narration(|narration| narration.take(line.trim_end())) {
            output::line(format_args!("{shown}"));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
