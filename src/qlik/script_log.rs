//! Pure. Script logs: one file per reload, written while it runs.
//!
//! Only lines of the engine itself (stamp and six blanks) decide how a reload ended. Printed lines
//! have the number of their statement, so a script cannot forge a verdict.

pub mod failure;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::qlik::node::is_guid;
use crate::qlik::stamp::{self, Stamp};

/// The stamps of script logs: `0` is any digit, `+` either sign.
const FORMS: [&str; 2] = ["00000000T000000.000+0000", "0000-00-00 00:00:00"];

/// The length of an app id.
const GUID: usize = 36;
/// The length of a script log's name without its ending.
const RUN: usize = GUID + ".yyyy_mm_dd_hh_mm_ss.".len() + 20;

/// The engine's last line but one of a script that failed.
pub const FAILED: &str = "Execution Failed";

/// One line of a script log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// A line of the engine.
    Engine { stamp: &'a str, text: &'a str },
    /// A statement of the script, one of its lines, or its output.
    Statement { stamp: &'a str, number: u32, text: &'a str },
    /// A continuation of the line before.
    Other(&'a str),
}

impl<'a> Line<'a> {
    /// Parses a line, with or without a line end and a byte order mark.
    pub fn new(line: &'a str) -> Self {
        let line = line.trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n']);
        Self::stamped(line).unwrap_or(Self::Other(line))
    }

    /// A stamp after an even number of blanks, followed by a statement's number of at least four
    /// digits or the engine's five blanks.
    fn stamped(line: &'a str) -> Option<Self> {
        let bare = line.trim_start_matches(' ');
        let is_even = (line.len() - bare.len()).is_multiple_of(2);
        let len = FORMS.iter().find(|form| has_form(bare, form)).filter(|_| is_even)?.len();
        let (stamp, rest) = bare.split_at(len);
        let rest = rest.strip_prefix(' ')?;
        if let Some(text) = rest.strip_prefix("     ") {
            return Some(Self::Engine { stamp, text });
        }
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, text) = rest.split_at(digits);
        let (number, text) = (number.parse().ok()?, text.strip_prefix(' ')?);
        (digits >= 4).then_some(Self::Statement { stamp, number, text })
    }

    /// The engine's verdict on the whole run, if the line has one.
    pub fn verdict(self) -> Option<ScriptEnd> {
        let Self::Engine { text, .. } = self else { return None };
        match text.trim() {
            FAILED => Some(ScriptEnd::Failed),
            "Execution finished." => Some(ScriptEnd::Finished),
            _ => None,
        }
    }

    /// The parsed stamp of the line.
    pub fn at(self, zone: &TimeZone) -> Option<Stamp> {
        match self {
            Self::Engine { stamp, .. } | Self::Statement { stamp, .. } => stamp::parse(stamp, zone),
            Self::Other(_) => None,
        }
    }
}

/// The verdict in one line. `Finished` also follows `Failed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScriptEnd {
    Failed,
    Finished,
}

/// The verdict of a whole log: `Finished` only without a `Failed` before.
pub fn verdict<'a>(lines: impl Iterator<Item = &'a str>) -> Option<ScriptEnd> {
    let mut end = None;
    for line in lines {
        match Line::new(line).verdict() {
            Some(ScriptEnd::Failed) => return Some(ScriptEnd::Failed),
            Some(ScriptEnd::Finished) => end = Some(ScriptEnd::Finished),
            None => {}
        }
    }
    end
}

/// The parts of a script log's name: `<AppId>.<yyyy_mm_dd_hh_mm_ss>.<20 hex>.log`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    pub app_id: String,
    /// The time in the name, which is UTC, whatever zone the lines use.
    pub started: Timestamp,
}

impl Name {
    /// `None` if the name has another format.
    pub fn new(file_name: &str) -> Option<Self> {
        let mut parts = file_name.split('.');
        let (app_id, started, hash) = (parts.next()?, parts.next()?, parts.next()?);
        let is_log = parts.next()?.eq_ignore_ascii_case("log") && parts.next().is_none();
        let is_hash = hash.len() == 20 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_log || !is_hash || !is_guid(app_id) {
            return None;
        }
        let started = DateTime::strptime("%Y_%m_%d_%H_%M_%S", started).ok()?;
        let started = TimeZone::UTC.to_timestamp(started).ok()?;
        Some(Self { app_id: app_id.to_owned(), started })
    }

    /// The same for the name of a copy, too, which contains that of its original.
    pub fn of_any(file_name: &str) -> Option<Self> {
        Self::new(file_name).or_else(|| exact(run_of(file_name)?))
    }
}

/// The part of a file name that names a run, or only its app: the beginning, but for names such as
/// `Copy of …`. Reloads of two apps that fail for the same reason at the same time write the same
/// bytes.
pub fn run_of(file_name: &str) -> Option<&str> {
    let begins = |at: usize| file_name.get(at..at + GUID).is_some_and(is_guid);
    let from = (0..file_name.len()).find(|at| begins(*at))?;
    let run = file_name.get(from..from + RUN).filter(|run| exact(run).is_some());
    run.or_else(|| file_name.get(from..from + GUID))
}

/// What the name of a run says.
fn exact(run: &str) -> Option<Name> {
    Name::new(&format!("{run}.log"))
}

/// The first lines of a script log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    pub started: Option<Stamp>,
    /// `INTERNAL\sa_scheduler` for a task, a user for the hub or the editor.
    pub executed_by: Option<String>,
}

impl Header {
    /// Parses the engine's lines up to the first statement.
    pub fn new(head: &str, zone: &TimeZone) -> Self {
        let mut header = Self::default();
        for line in head.lines().map(Line::new) {
            match line {
                Line::Engine { text, .. } => header.add(text, line.at(zone)),
                Line::Statement { .. } => break,
                Line::Other(_) => {}
            }
        }
        header
    }

    fn add(&mut self, text: &str, at: Option<Stamp>) {
        if text.trim_end() == "Execution started." {
            self.started = self.started.or(at);
        } else if let Some(who) = text.strip_prefix("Reload Executed By") {
            self.executed_by = self.executed_by.take().or_else(|| person(who.trim()));
        }
    }
}

/// `INTERNAL\sa_scheduler` from `UserDirectory=INTERNAL; UserId=sa_scheduler`.
fn person(text: &str) -> Option<String> {
    let part = |name: &str| {
        text.split(';').find_map(|pair| pair.trim().strip_prefix(name)?.trim().strip_prefix('='))
    };
    match (part("UserDirectory"), part("UserId")) {
        (Some(directory), Some(user)) => Some(format!("{}\\{}", directory.trim(), user.trim())),
        _ if text.is_empty() => None,
        _ => Some(text.to_owned()),
    }
}

fn has_form(text: &str, form: &str) -> bool {
    let fits = |(found, wanted): (u8, u8)| match wanted {
        b'0' => found.is_ascii_digit(),
        b'+' => matches!(found, b'+' | b'-'),
        _ => found == wanted,
    };
    text.len() >= form.len() && text.bytes().zip(form.bytes()).all(fits)
}

#[cfg(test)]
mod tests;
