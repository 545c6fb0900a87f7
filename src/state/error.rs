//! I/O. What can go wrong with the state, said so that an administrator can act on it.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// Why the state cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the state folder {} is on the network", path.display())]
    Network { path: PathBuf },
    #[error("the state folder {} is a file", path.display())]
    NotAFolder { path: PathBuf },
    #[error("cannot make or write in the state folder {}", path.display())]
    Folder { path: PathBuf, source: io::Error },
    #[error("another agent uses the state folder {}", path.display())]
    InUse { path: PathBuf },
    #[error("there is no state at {}", path.display())]
    Missing { path: PathBuf },
    #[error(
        "{} was written by a newer version of the agent (format {found}, this one knows {known})",
        path.display()
    )]
    Newer { path: PathBuf, found: i64, known: i64 },
    #[error("cannot set the damaged state {} aside", path.display())]
    SetAside { path: PathBuf, source: io::Error },
    #[error("cannot open the state {}", path.display())]
    Open { path: PathBuf, source: rusqlite::Error },
    #[error("cannot read the state {}", path.display())]
    Read { path: PathBuf, source: rusqlite::Error },
    #[error("the disk is full: cannot {what} in {}", path.display())]
    DiskFull { path: PathBuf, what: &'static str, source: rusqlite::Error },
    #[error("cannot {what} in {}", path.display())]
    Write { path: PathBuf, what: &'static str, source: rusqlite::Error },
}

impl Error {
    /// What to do, if it is known.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Network { .. } => Some(
                "set state-dir to a folder on a disk of this machine: a network folder cannot \
                 keep the state safe",
            ),
            Self::NotAFolder { .. } => Some("set state-dir to a folder, or move the file away"),
            Self::Folder { .. } => Some("let the agent's account write there, or set state-dir"),
            Self::InUse { .. } => Some("stop the other agent, or give this one its own state-dir"),
            Self::Missing { .. } => Some("run the agent once, or point state-dir to its state"),
            Self::Newer { .. } => Some("update this program, or give it its own state-dir"),
            Self::DiskFull { .. } => {
                Some("make room; nothing is lost meanwhile, the log files are read later")
            }
            Self::SetAside { .. } | Self::Open { .. } | Self::Read { .. } | Self::Write { .. } => {
                None
            }
        }
    }

    pub(super) fn read(path: &Path, source: rusqlite::Error) -> Self {
        Self::Read { path: path.to_owned(), source }
    }

    pub(super) fn write(path: &Path, what: &'static str, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull { path, what, source },
            _ => Self::Write { path, what, source },
        }
    }
}
