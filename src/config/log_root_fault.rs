//! Pure. Why a folder is not the log root.

use serde::{Deserialize, Serialize};

use crate::config::SystemError;

/// Why a folder is not the log root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogRootFault {
    Absent,
    NotAFolder,
    Empty,
    /// It cannot be listed, or its folders cannot be entered.
    Unreadable(SystemError),
    /// It has other content.
    Foreign,
}

impl LogRootFault {
    /// The name in fingerprints, which exclude the system's own text.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::NotAFolder => "not-a-folder",
            Self::Empty => "empty",
            Self::Unreadable(_) => "unreadable",
            Self::Foreign => "foreign",
        }
    }
}
