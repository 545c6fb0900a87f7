//! I/O. Whether the agent of a state folder is alive and progresses, as seen from outside.

use std::path::Path;

use jiff::SignedDuration;

use crate::clock::Timestamp;
use crate::state::{Error, Health, Reader, Stalled, file, rights};

/// The agent writes a heartbeat every 30 s; after two missed ones it is considered gone.
const ALIVE: SignedDuration = SignedDuration::from_secs(75);
/// A longer start is considered to hang; rewriting an old state once may take a minute.
const STARTING: SignedDuration = SignedDuration::from_mins(5);

/// Key of the note with the time from which the agent watches.
pub const WATCHING: &str = "watching";
/// Key of the note with the time at which the agent was started.
pub const STARTED: &str = "started";
/// Key of the note with the time at which it was stopped.
pub const STOPPED: &str = "stopped";
/// Key of the note with the time at which it last wrote.
pub const HEARTBEAT: &str = "heartbeat";

/// Key of the note with what does not advance in a running agent, as sentences; empty if all does.
pub const NOT_ADVANCING: &str = "not-advancing";

const NOT_YET: &str = "it is starting and has not taken its positions in the logs yet";
const READ_ONLY: &str = "make the file system writable, or set state-dir to another one: \
                         nothing is read or sent until the state can be written";
const READ_ONLY_THEN_START: &str = "make the file system writable, or set state-dir to another \
                                    one; then start the agent";
const NO_STATE_YET: &str =
    "it holds the lock of the state folder and has not created its state yet";
/// What to do with an agent that is alive but cannot continue.
pub const CONTINUES: &str =
    "remove the cause; the agent then continues by itself, and nothing is lost";

/// The condition of an agent's process and state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Started, but not watching the logs yet.
    Starting,
    /// Running normally.
    Running,
    /// Stopped on request.
    Stopped,
    /// The process is alive but does not progress.
    Stalled,
    /// It ended unexpectedly.
    Dead,
    /// The state cannot be read.
    Unreadable,
    /// No agent has created a state here.
    Missing,
}

impl Condition {
    /// The name in `status --json`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Stopped => "stopped",
            Self::Stalled => "stalled",
            Self::Dead => "dead",
            Self::Unreadable => "unreadable",
            Self::Missing => "missing",
        }
    }
}

/// The condition of an agent, with the signs that it was derived from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vitals {
    pub condition: Condition,
    /// The problem, as a sentence; `None` if there is none.
    pub why: Option<String>,
    /// What to do, if known.
    pub hint: Option<&'static str>,
    pub signs: Signs,
}

/// The signs that are visible from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signs {
    pub started: Option<Timestamp>,
    pub stopped: Option<Timestamp>,
    pub heartbeat: Option<Timestamp>,
    /// Time since which it has its positions in the logs.
    pub watching: Option<Timestamp>,
    /// What the agent says does not advance.
    pub not_advancing: Option<String>,
    /// Whether a process holds the lock; `None` if unknown.
    pub locked: Option<bool>,
    /// Whether the file system of the state folder is read-only: the health file cannot say so.
    pub is_read_only: bool,
    pub health: Option<Health>,
}

impl Vitals {
    /// Whether no action is needed: the one judgement of `status`, `doctor` and the page.
    pub fn is_well(&self) -> bool {
        matches!(self.condition, Condition::Running | Condition::Stopped) && self.why.is_none()
    }

    /// Reads the vitals of the agent of a state folder.
    pub fn read(dir: &Path, now: Timestamp) -> Self {
        let mut signs = Signs {
            locked: file::is_locked(dir),
            is_read_only: rights::is_read_only(dir),
            health: Health::read(dir),
            ..Signs::default()
        };
        match signs.read_notes(dir) {
            Ok(()) => Self::judge(signs, now),
            Err(error) => Self::without_notes(signs, &error, dir),
        }
    }

    /// Derives the condition from the signs.
    pub fn judge(signs: Signs, now: Timestamp) -> Self {
        let (condition, why) = signs.judge(now);
        let hint = match (signs.is_read_only, condition) {
            (true, Condition::Stalled) => Some(READ_ONLY),
            (true, Condition::Dead) => Some(READ_ONLY_THEN_START),
            (_, Condition::Running) if why.is_some() => Some(CONTINUES),
            _ => None,
        };
        Self { condition, why, hint, signs }
    }

    /// The condition if the state cannot be read.
    fn without_notes(signs: Signs, error: &Error, dir: &Path) -> Self {
        let is_missing = matches!(error, Error::Missing { .. });
        // An agent takes the lock before it creates its state.
        let has_ended = signs.locked == Some(false) || !dir.join(file::LOCK_NAME).exists();
        let is_read_only = signs.is_read_only;
        let (condition, why, hint) = match signs.stalls() {
            // The agent has said what is wrong; the file is not there yet, or not whole.
            Some(stalls) if !has_ended => {
                (Condition::Stalled, stalls, Some(if is_read_only { READ_ONLY } else { CONTINUES }))
            }
            Some(stalls) if is_missing => {
                let hint = is_read_only.then_some(READ_ONLY_THEN_START);
                (Condition::Dead, ended_after(&stalls), hint)
            }
            None if is_missing && signs.locked == Some(true) => {
                (Condition::Starting, NO_STATE_YET.to_owned(), is_read_only.then_some(READ_ONLY))
            }
            None if is_missing => {
                let why = format!("no agent has run with the state folder {} yet", dir.display());
                if is_read_only {
                    let why = format!("{why}, and none can: its file system is read-only");
                    (Condition::Missing, why, Some(READ_ONLY))
                } else {
                    (Condition::Missing, why, Some("start `footman run`, or pass --state-dir"))
                }
            }
            _ if is_read_only => (Condition::Unreadable, error.to_string(), Some(READ_ONLY)),
            _ => (Condition::Unreadable, error.to_string(), error.hint()),
        };
        Self { condition, why: Some(why), hint, signs }
    }
}

/// Why an agent ended whose last record is a stall.
fn ended_after(stalls: &str) -> String {
    format!("it ended; before that, {stalls}")
}

impl Signs {
    fn read_notes(&mut self, dir: &Path) -> Result<(), Error> {
        let reader = Reader::open(dir)?;
        self.started = reader.note_time(STARTED)?;
        self.stopped = reader.note_time(STOPPED)?;
        self.heartbeat = reader.note_time(HEARTBEAT)?;
        self.watching = reader.note_time(WATCHING)?;
        self.not_advancing = reader.note(NOT_ADVANCING)?.filter(|note| !note.is_empty());
        reader.check()
    }

    fn judge(&self, now: Timestamp) -> (Condition, Option<String>) {
        let (stalls, alive) = (self.stalls(), self.locked);
        let is_fresh =
            |at: Option<Timestamp>, span| at.is_some_and(|at| now.duration_since(at).abs() < span);
        let noted = self.health.as_ref().and_then(|health| health.noted);
        // Who waits to open its state says so again and again.
        let is_old = alive.is_none() && self.is_opening() && !is_fresh(noted, ALIVE);
        if alive.is_none() && self.is_opening() && !is_old {
            return (Condition::Stalled, stalls);
        }
        let is_stopped = self.stopped.is_some() && self.stopped >= self.started;
        if alive == Some(false) || (alive.is_none() && is_stopped) {
            return match (is_stopped, stalls) {
                (true, None) => (Condition::Stopped, None),
                (_, Some(stalls)) => (Condition::Dead, Some(ended_after(&stalls))),
                (false, None) => (Condition::Dead, Some("it ended unexpectedly".to_owned())),
            };
        }
        if stalls.is_some() && !is_old {
            return (Condition::Stalled, stalls);
        }
        if self.is_read_only && !(alive.is_none() && is_stopped) {
            let why = "the file system of the state folder is read-only";
            return (Condition::Stalled, Some(why.to_owned()));
        }
        let beat = self.heartbeat.max(self.started);
        let begun = self.health.as_ref().and_then(|health| health.started);
        if is_fresh(begun, STARTING) && begun > beat {
            return (Condition::Starting, Some(NOT_YET.to_owned()));
        }
        if is_fresh(beat, ALIVE) && !is_stopped {
            return if self.watching >= self.started {
                (Condition::Running, self.not_advancing.clone())
            } else {
                (Condition::Starting, Some(NOT_YET.to_owned()))
            };
        }
        let last = beat.map_or("none".to_owned(), |at| format!("at {at:.0}"));
        match alive {
            Some(_) => {
                let why = format!("its process is running, but its last sign of life was {last}");
                (Condition::Stalled, Some(why))
            }
            None => (Condition::Dead, Some(format!("its last sign of life was {last}"))),
        }
    }

    fn is_opening(&self) -> bool {
        let mut stalls = self.health.iter().flat_map(|health| &health.stalls);
        stalls.any(|stall| stall.what == Stalled::Opening)
    }

    /// The stalls that the agent recorded outside the state.
    fn stalls(&self) -> Option<String> {
        let stalls = self.health.as_ref()?.stalls.iter();
        let described = stalls
            .map(|stall| {
                format!("{} since {:.0}: {}", stall.what.sentence(), stall.since, stall.why)
            })
            .collect::<Vec<_>>();
        (!described.is_empty()).then(|| described.join("; "))
    }
}

#[cfg(test)]
mod tests;
