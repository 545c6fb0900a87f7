//! Pure. What is wrong with a file or folder, with what is known of it.

use serde::{Deserialize, Serialize};

use crate::config::{LogRootFault, SystemError};

named! {
    /// What is wrong with a file or folder. The names are those of history, status and counters.
    pub enum FileProblemReason {
        UnreadableFolder => "unreadable-folder",
        UnreadableFile => "unreadable-file",
        /// A folder that was followed no longer exists.
        VanishedFolder => "vanished-folder",
        /// A folder does not exist yet: few nodes run every service.
        MissingFolder => "missing-folder",
        /// The log root does not exist yet, or has no log folder.
        NoLogRoot => "no-log-root",
        /// The file ends in space that was allocated and not written.
        NoContent => "no-content",
        /// The file was shortened or rewritten before its end was read.
        Truncated => "truncated",
        /// The header names no known columns.
        UnknownLayout => "unknown-layout",
    }
}

/// A [`FileProblemReason`] with its terms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileFault {
    UnreadableFolder(SystemError),
    UnreadableFile(SystemError),
    VanishedFolder(SystemError),
    MissingFolder(SystemError),
    NoLogRoot {
        fault: LogRootFault,
        /// The first names of other content.
        holds: Vec<String>,
    },
    NoContent,
    Truncated,
    UnknownLayout {
        log: String,
    },
}

impl FileFault {
    pub fn reason(&self) -> FileProblemReason {
        match self {
            Self::UnreadableFolder(_) => FileProblemReason::UnreadableFolder,
            Self::UnreadableFile(_) => FileProblemReason::UnreadableFile,
            Self::VanishedFolder(_) => FileProblemReason::VanishedFolder,
            Self::MissingFolder(_) => FileProblemReason::MissingFolder,
            Self::NoLogRoot { .. } => FileProblemReason::NoLogRoot,
            Self::NoContent => FileProblemReason::NoContent,
            Self::Truncated => FileProblemReason::Truncated,
            Self::UnknownLayout { .. } => FileProblemReason::UnknownLayout,
        }
    }
}
