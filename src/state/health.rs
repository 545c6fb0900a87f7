//! I/O. A small file beside the state for information that is needed when the state cannot be
//! written.
//!
//! The file has its full 4 KiB from the start and is overwritten in place, so a full disk does not
//! matter.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::state::rights;

/// Name of the file in the state folder.
pub const FILE_NAME: &str = "footman.health";

/// Size of a disk block, in bytes.
const SIZE: usize = 4096;
/// Maximum length of a reason in characters, so that two reasons fit.
const REASON_LEN: usize = 300;

/// The content of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct Health {
    /// Start time of the process that wrote this.
    pub started: Option<Timestamp>,
    /// The id of that process.
    pub process: Option<u32>,
    /// When this was last written.
    pub noted: Option<Timestamp>,
    /// Current stalls; empty if everything progresses.
    pub stalls: Vec<Stall>,
    /// No emergency card may be sent before this time.
    pub next_card: Option<Timestamp>,
}

/// A part of the agent that does not progress.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Stall {
    pub what: Stalled,
    pub since: Timestamp,
    /// The text of the error; empty if there is none.
    pub why: String,
}

/// The parts of the agent that can stall.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stalled {
    /// The state cannot be opened.
    Opening,
    /// The state cannot be written.
    Writing,
    /// The log files are not being read.
    Reading,
}

impl Health {
    /// Reads the last health written by the agent of this state folder.
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

/// The file, opened by the agent that owns the state folder.
#[derive(Debug)]
pub struct HealthFile {
    path: PathBuf,
    file: Option<File>,
    health: Health,
}

impl HealthFile {
    /// Remembers the path and the last card; [`Self::write`] opens the file.
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

    /// Records a stall; returns whether the file was written.
    pub fn note(&mut self, now: Timestamp, what: Stalled, since: Timestamp, why: &str) -> bool {
        self.health.noted = Some(now);
        self.health.stalls.retain(|stall| stall.what != what);
        let why = why.chars().filter(|c| !c.is_control()).take(REASON_LEN).collect();
        self.health.stalls.push(Stall { what, since, why });
        self.write()
    }

    /// Removes a stall; returns whether the file was written.
    pub fn clear(&mut self, what: Stalled) -> bool {
        self.health.stalls.retain(|stall| stall.what != what);
        self.write()
    }

    /// Records when the next emergency card may be sent; returns whether the file was written.
    pub fn hold_cards(&mut self, until: Timestamp) -> bool {
        self.health.next_card = Some(until);
        self.write()
    }

    /// Writes the current health, into a new file if the old one was deleted.
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
