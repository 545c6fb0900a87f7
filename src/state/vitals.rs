//! I/O. Whether the agent of a state folder is alive and progresses, as seen from outside.

use std::path::{Path, PathBuf};

use jiff::SignedDuration;

use crate::clock::Timestamp;
use crate::state::{
    Error, Health, LockFault, NOT_ADVANCING, NotAdvancing, Reader, Stall, Stalled, file, rights,
};

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

/// Why an agent is not well, or is not known to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VitalsReason {
    /// It holds the lock of the state folder and has not created its state.
    NoStateYet,
    /// It is starting and has not taken its positions in the logs.
    NotWatchingYet,
    /// What it recorded outside the state.
    Stalls(Vec<Stall>),
    /// It ended, and its last record is a stall.
    EndedAfter(Vec<Stall>),
    Ended,
    /// The file system of the state folder is read-only.
    ReadOnly,
    /// It runs, but parts of its work do not advance.
    NotAdvancing(Vec<NotAdvancing>),
    /// Its last sign of life is too old, or there is none.
    Silent {
        last: Option<Timestamp>,
        is_running: bool,
    },
    /// No agent has run with this state folder.
    NeverRan {
        state_dir: PathBuf,
        is_read_only: bool,
    },
    /// It runs, but something else is in place of its lock file.
    LockFile {
        path: PathBuf,
        fault: LockFault,
    },
    /// The state cannot be read; the text of the error.
    Unreadable(String),
}

/// What to do about the condition of an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VitalsHint {
    /// Make the state writable; the agent continues.
    MakeWritable,
    /// Make the state writable, and start the agent.
    MakeWritableThenStart,
    /// Remove the cause; the agent is alive and continues by itself.
    RemoveCause,
    /// Start the agent, or name another state folder.
    Start,
    /// Move away what is in place of the lock file.
    MoveLockFile,
    /// That of the error of the state.
    OfError(&'static str),
}

/// The condition of an agent's process and state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentCondition {
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

impl AgentCondition {
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
    pub condition: AgentCondition,
    /// The problem; `None` if there is none.
    pub why: Option<VitalsReason>,
    /// What to do, if known.
    pub hint: Option<VitalsHint>,
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
    pub not_advancing: Vec<NotAdvancing>,
    /// Whether a process holds the lock; `None` if unknown.
    pub locked: Option<bool>,
    /// What is in place of the lock file, if it is something else.
    pub lock_file: Option<(PathBuf, LockFault)>,
    /// Whether the file system of the state folder is read-only: the health file cannot say so.
    pub is_read_only: bool,
    pub health: Option<Health>,
}

impl Vitals {
    /// Whether no action is needed: the one judgement of `status`, `doctor` and the page.
    pub fn is_well(&self) -> bool {
        matches!(self.condition, AgentCondition::Running | AgentCondition::Stopped)
            && self.why.is_none()
    }

    /// Reads the vitals of the agent of a state folder.
    pub fn read(dir: &Path, now: Timestamp) -> Self {
        let lock_file = dir.join(file::LOCK_NAME);
        let mut signs = Signs {
            locked: file::is_locked(dir),
            lock_file: file::lock_fault(&lock_file).map(|fault| (lock_file, fault)),
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
            (true, AgentCondition::Stalled) => Some(VitalsHint::MakeWritable),
            (true, AgentCondition::Dead) => Some(VitalsHint::MakeWritableThenStart),
            (_, AgentCondition::Running) => why.as_ref().map(|why| match why {
                VitalsReason::LockFile { .. } => VitalsHint::MoveLockFile,
                _ => VitalsHint::RemoveCause,
            }),
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
        let writable = is_read_only.then_some(VitalsHint::MakeWritable);
        let (condition, why, hint) = match signs.stalls() {
            // The agent has said what is wrong; the file is not there yet, or not whole.
            Some(stalls) if !has_ended => {
                let hint = writable.unwrap_or(VitalsHint::RemoveCause);
                (AgentCondition::Stalled, VitalsReason::Stalls(stalls), Some(hint))
            }
            Some(stalls) if is_missing => {
                let hint = is_read_only.then_some(VitalsHint::MakeWritableThenStart);
                (AgentCondition::Dead, VitalsReason::EndedAfter(stalls), hint)
            }
            None if is_missing && signs.locked == Some(true) => {
                (AgentCondition::Starting, VitalsReason::NoStateYet, writable)
            }
            None if is_missing => {
                let why = VitalsReason::NeverRan { state_dir: dir.to_owned(), is_read_only };
                (AgentCondition::Missing, why, Some(writable.unwrap_or(VitalsHint::Start)))
            }
            _ => {
                let hint = writable.or_else(|| error.hint().map(VitalsHint::OfError));
                (AgentCondition::Unreadable, VitalsReason::Unreadable(error.to_string()), hint)
            }
        };
        Self { condition, why: Some(why), hint, signs }
    }
}

impl Signs {
    fn read_notes(&mut self, dir: &Path) -> Result<(), Error> {
        let reader = Reader::open(dir)?;
        self.started = reader.note_time(STARTED)?;
        self.stopped = reader.note_time(STOPPED)?;
        self.heartbeat = reader.note_time(HEARTBEAT)?;
        self.watching = reader.note_time(WATCHING)?;
        self.not_advancing = NotAdvancing::list(&reader.note(NOT_ADVANCING)?.unwrap_or_default());
        reader.check()
    }

    fn judge(&self, now: Timestamp) -> (AgentCondition, Option<VitalsReason>) {
        let (stalls, alive) = (self.stalls(), self.locked);
        let is_fresh =
            |at: Option<Timestamp>, span| at.is_some_and(|at| now.duration_since(at).abs() < span);
        let noted = self.health.as_ref().and_then(|health| health.noted);
        // Who waits to open its state says so again and again.
        let is_old = alive.is_none() && self.is_opening() && !is_fresh(noted, ALIVE);
        if alive.is_none() && self.is_opening() && !is_old {
            return (AgentCondition::Stalled, stalls.map(VitalsReason::Stalls));
        }
        let is_stopped = self.stopped.is_some() && self.stopped >= self.started;
        if alive == Some(false) || (alive.is_none() && is_stopped) {
            return match (is_stopped, stalls) {
                (true, None) => (AgentCondition::Stopped, None),
                (_, Some(stalls)) => (AgentCondition::Dead, Some(VitalsReason::EndedAfter(stalls))),
                (false, None) => (AgentCondition::Dead, Some(VitalsReason::Ended)),
            };
        }
        if let Some(stalls) = stalls.filter(|_| !is_old) {
            return (AgentCondition::Stalled, Some(VitalsReason::Stalls(stalls)));
        }
        if self.is_read_only && !(alive.is_none() && is_stopped) {
            return (AgentCondition::Stalled, Some(VitalsReason::ReadOnly));
        }
        let beat = self.heartbeat.max(self.started);
        let begun = self.health.as_ref().and_then(|health| health.started);
        if is_fresh(begun, STARTING) && begun > beat {
            return (AgentCondition::Starting, Some(VitalsReason::NotWatchingYet));
        }
        if is_fresh(beat, ALIVE) && !is_stopped {
            return if self.watching >= self.started {
                (AgentCondition::Running, self.problem())
            } else {
                (AgentCondition::Starting, Some(VitalsReason::NotWatchingYet))
            };
        }
        let is_running = alive.is_some();
        let condition = if is_running { AgentCondition::Stalled } else { AgentCondition::Dead };
        (condition, Some(VitalsReason::Silent { last: beat, is_running }))
    }

    /// What is not well with an agent that runs.
    fn problem(&self) -> Option<VitalsReason> {
        if !self.not_advancing.is_empty() {
            return Some(VitalsReason::NotAdvancing(self.not_advancing.clone()));
        }
        let (path, fault) = self.lock_file.clone()?;
        Some(VitalsReason::LockFile { path, fault })
    }

    fn is_opening(&self) -> bool {
        let mut stalls = self.health.iter().flat_map(|health| &health.stalls);
        stalls.any(|stall| stall.what == Stalled::Opening)
    }

    /// The stalls that the agent recorded outside the state.
    fn stalls(&self) -> Option<Vec<Stall>> {
        let stalls = &self.health.as_ref()?.stalls;
        (!stalls.is_empty()).then(|| stalls.clone())
    }
}

#[cfg(test)]
mod tests;
