//! I/O. Whether the agent of a state folder is alive and gets on, as far as can be seen from outside.

use std::path::Path;

use jiff::SignedDuration;

use crate::clock::Timestamp;
use crate::state::{Error, Health, Reader, Stalled, file, rights};

/// The agent writes a heartbeat each 30 s; twice missed is gone.
const ALIVE: SignedDuration = SignedDuration::from_secs(75);
/// A start that takes longer hangs; an old state that is rewritten once may take a minute.
const STARTING: SignedDuration = SignedDuration::from_mins(5);

/// The note with the time from which on the agent watches.
pub const WATCHING: &str = "watching";

const NOT_YET: &str = "it is starting, and has not taken its positions in the logs yet";
const READ_ONLY: &str = "let the file system be written, or set state-dir to a folder on another: \
                         nothing is read or sent until the state can be written";

/// How an agent is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// It was started, and does not watch the logs yet.
    Starting,
    /// It runs and gets on.
    Running,
    /// It was asked to stop.
    Stopped,
    /// Its process lives and does not get on.
    Stalled,
    /// It ended without being asked to.
    Dead,
    /// The state cannot be read.
    Unreadable,
    /// No agent has begun a state here.
    Missing,
}

impl Condition {
    /// Whether there is nothing to do about it.
    pub fn is_well(self) -> bool {
        matches!(self, Self::Running | Self::Stopped)
    }

    /// The word of `status --json`.
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

/// The condition of an agent, with what it was judged by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vitals {
    pub condition: Condition,
    /// What is wrong, in a sentence; `None` when nothing is.
    pub why: Option<String>,
    /// What to do about it, if that is known.
    pub hint: Option<&'static str>,
    pub signs: Signs,
}

/// What can be seen from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signs {
    pub started: Option<Timestamp>,
    pub stopped: Option<Timestamp>,
    pub heartbeat: Option<Timestamp>,
    /// Since when it has its positions in the logs.
    pub watching: Option<Timestamp>,
    /// Whether a process holds the lock; `None` if that cannot be asked.
    pub locked: Option<bool>,
    /// Whether the file system of the state folder is read-only: the health file cannot say so.
    pub is_read_only: bool,
    pub health: Option<Health>,
}

impl Vitals {
    /// Looks at the agent of a state folder.
    pub fn read(dir: &Path, now: Timestamp) -> Self {
        let mut signs = Signs {
            locked: file::is_locked(dir),
            is_read_only: rights::is_read_only(dir),
            health: Health::read(dir),
            ..Signs::default()
        };
        match signs.read_notes(dir) {
            Ok(()) => Self::judge(signs, now),
            Err(Error::Missing { .. }) if signs.stalls().is_none() => {
                let (mut why, mut hint) = (
                    format!("no agent has run with the state folder {} yet", dir.display()),
                    "start `footman run`, or pass --state-dir",
                );
                if signs.is_read_only {
                    why.push_str(", and none can: it stands on a file system that is read-only");
                    hint = READ_ONLY;
                }
                Self { condition: Condition::Missing, why: Some(why), hint: Some(hint), signs }
            }
            Err(error) => {
                let why = signs.stalls().unwrap_or_else(|| in_full(&error));
                let hint = if signs.is_read_only { Some(READ_ONLY) } else { error.hint() };
                Self { condition: Condition::Unreadable, why: Some(why), hint, signs }
            }
        }
    }

    /// Judges what was seen.
    pub fn judge(signs: Signs, now: Timestamp) -> Self {
        let (condition, why) = signs.judge(now);
        let hint = (condition == Condition::Stalled && signs.is_read_only).then_some(READ_ONLY);
        Self { condition, why, hint, signs }
    }
}

impl Signs {
    fn read_notes(&mut self, dir: &Path) -> Result<(), Error> {
        let reader = Reader::open(dir)?;
        let time = |key| -> Result<Option<Timestamp>, Error> {
            Ok(reader.note(key)?.and_then(|at| at.parse().ok()))
        };
        self.started = time("started")?;
        self.stopped = time("stopped")?;
        self.heartbeat = time("heartbeat")?;
        self.watching = time(WATCHING)?;
        reader.check()
    }

    fn judge(&self, now: Timestamp) -> (Condition, Option<String>) {
        let (stalls, alive) = (self.stalls(), self.locked);
        let is_fresh =
            |at: Option<Timestamp>, span| at.is_some_and(|at| now.duration_since(at).abs() < span);
        let noted = self.health.as_ref().and_then(|health| health.noted);
        // Whoever cannot open the state holds no lock, and tries again.
        if stalls.is_some() && is_fresh(noted, ALIVE) && self.is_opening() {
            return (Condition::Stalled, stalls);
        }
        let is_stopped = self.stopped.is_some() && self.stopped >= self.started;
        if alive == Some(false) || (alive.is_none() && is_stopped) {
            return match (is_stopped, stalls) {
                (true, None) => (Condition::Stopped, None),
                (_, Some(stalls)) => (Condition::Dead, Some(format!("it ended; before, {stalls}"))),
                (false, None) => {
                    let why = "it ended without being asked to; its log says why";
                    (Condition::Dead, Some(why.to_owned()))
                }
            };
        }
        if stalls.is_some() {
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
                (Condition::Running, None)
            } else {
                (Condition::Starting, Some(NOT_YET.to_owned()))
            };
        }
        let last = beat.map_or("none".to_owned(), |at| format!("at {at:.0}"));
        match alive {
            Some(_) => {
                let why = format!("its process lives, but its last sign of life was {last}");
                (Condition::Stalled, Some(why))
            }
            None => (Condition::Dead, Some(format!("its last sign of life was {last}"))),
        }
    }

    fn is_opening(&self) -> bool {
        let mut stalls = self.health.iter().flat_map(|health| &health.stalls);
        stalls.any(|stall| stall.what == Stalled::Opening)
    }

    /// What the agent noted outside the state.
    fn stalls(&self) -> Option<String> {
        let stalls = self.health.as_ref()?.stalls.iter();
        let told = stalls
            .map(|stall| {
                format!("{} since {:.0}: {}", stall.what.sentence(), stall.since, stall.why)
            })
            .collect::<Vec<_>>();
        (!told.is_empty()).then(|| told.join("; "))
    }
}

/// An error with what it came from.
fn in_full(error: &Error) -> String {
    let source = std::error::Error::source(error);
    source.map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
}

#[cfg(test)]
mod tests;
