//! I/O. What must be known when the state cannot be written: one small file beside it.
//!
//! The file has its 4 KiB from the start and is overwritten in place, so that a full disk does not
//! stand in the way.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::state::rights;

/// Name of the file in the state folder.
pub const FILE_NAME: &str = "footman.health";

/// One block of a disk.
const SIZE: usize = 4096;
/// A reason is cut to so many characters, so that two of them fit.
const WHY: usize = 300;

/// What the file says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct Health {
    /// When the process that wrote this was started.
    pub started: Option<Timestamp>,
    /// The id of that process.
    pub process: Option<u32>,
    /// When it was written last.
    pub noted: Option<Timestamp>,
    /// What does not go on now; empty when all is well.
    pub stalls: Vec<Stall>,
    /// No emergency card leaves before this time.
    pub next_card: Option<Timestamp>,
}

/// One thing that does not go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Stall {
    pub what: Stalled,
    pub since: Timestamp,
    pub why: String,
}

/// What can stop going on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stalled {
    /// The state cannot be opened.
    Opening,
    /// The state cannot be written.
    Writing,
    /// The log files are not read.
    Reading,
}

impl Stalled {
    /// For a person.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Opening => "the state cannot be opened",
            Self::Writing => "the state cannot be written",
            Self::Reading => "reading the logs does not advance",
        }
    }
}

impl Health {
    /// Reads what the agent with this state folder noted last.
    pub fn read(dir: &Path) -> Option<Self> {
        let path = dir.join(FILE_NAME);
        rights::ensure_regular(&path).ok()?;
        let mut block = Vec::with_capacity(SIZE);
        File::open(path).ok()?.take(SIZE as u64).read_to_end(&mut block).ok()?;
        serde_json::from_slice(&block).ok()
    }

    fn block(&self) -> Vec<u8> {
        let mut block = serde_json::to_vec(self).unwrap_or_default();
        block.resize(SIZE.max(block.len()), b' ');
        block.truncate(SIZE);
        block
    }
}

/// The file, open for the agent that owns the state folder.
#[derive(Debug)]
pub struct HealthFile {
    path: PathBuf,
    file: Option<File>,
    health: Health,
}

impl HealthFile {
    /// Opens the file and allocates it. One that cannot be opened is opened with a later note.
    pub fn open(dir: &Path, started: Timestamp) -> Self {
        let next_card = Health::read(dir).and_then(|health| health.next_card);
        let health = Health {
            started: Some(started),
            process: Some(std::process::id()),
            noted: Some(started),
            next_card,
            ..Health::default()
        };
        Self { path: dir.join(FILE_NAME), file: None, health }
    }

    pub fn health(&self) -> &Health {
        &self.health
    }

    /// Notes what does not go on. Whether the file says so now.
    pub fn note(&mut self, now: Timestamp, what: Stalled, since: Timestamp, why: &str) -> bool {
        self.health.noted = Some(now);
        self.health.stalls.retain(|stall| stall.what != what);
        let why = why.chars().filter(|c| !c.is_control()).take(WHY).collect();
        self.health.stalls.push(Stall { what, since, why });
        self.write()
    }

    /// Notes that this goes on again.
    pub fn clear(&mut self, what: Stalled) -> bool {
        self.health.stalls.retain(|stall| stall.what != what);
        self.write()
    }

    /// Notes when the next emergency card may leave.
    pub fn hold_cards(&mut self, until: Timestamp) -> bool {
        self.health.next_card = Some(until);
        self.write()
    }

    /// Writes what is known now; into a new file, if the old one has lost its name.
    pub fn write(&mut self) -> bool {
        if !self.path.exists() {
            self.file = None;
        }
        let block = self.health.block();
        let written = self.opened().and_then(|mut file| {
            file.seek(SeekFrom::Start(0))?;
            file.write_all(&block)?;
            file.sync_data()
        });
        if written.is_err() {
            self.file = None;
        }
        written.is_ok()
    }

    fn opened(&mut self) -> io::Result<&File> {
        if self.file.is_none() {
            rights::ensure_regular(&self.path)?;
            let mut options = rights::private_file();
            let file = options.create(true).truncate(false).write(true).open(&self.path)?;
            rights::tighten(&self.path);
            self.file = Some(file);
        }
        self.file.as_ref().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}
