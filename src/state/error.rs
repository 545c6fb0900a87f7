//! I/O. Errors of the state, with hints for the administrator.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use crate::config::worded::{self, system};
use crate::state::command_file;

/// What to do with a command file that is not one.
const MOVE_COMMANDS: &str = "stop the agent, move that file away, start the agent, and give the \
                             command again";
/// What to do if only the agent's account may read.
const OTHER_ACCOUNT: &str = if cfg!(windows) {
    "run this in a console as administrator, or as the account of the service"
} else {
    "run this as root, or as the account of the service: `sudo -u ACCOUNT footman …`"
};
/// `SQLITE_IOERR_SHORT_READ`: the file is shorter than its header says.
const SHORT_READ: i32 = 522;

/// What to do if the state has no room.
const MAKE_ROOM: &str = "free space on that disk, or move the state folder to another one and name \
                         it with --state-dir; nothing is lost, because the log files are read later";

/// What is in place of the lock file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockFault {
    Folder,
    /// A pipe, a socket or a device.
    Special,
    DeadLink,
}

impl LockFault {
    fn worded(self) -> &'static str {
        match self {
            Self::Folder => "a folder",
            Self::Special => "not a regular file",
            Self::DeadLink => "a link that leads to no file",
        }
    }
}

/// Why the state cannot be used. Causes are part of the text, not sources, because the texts of
/// `SQLite` are redundant, and those of the system have raw numbers.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the state folder {} is on the network", path.display())]
    Network { path: PathBuf },
    #[error("the state folder {} is a file", path.display())]
    NotAFolder { path: PathBuf },
    #[error("{} is not a regular file", path.display())]
    NotAFile { path: PathBuf },
    #[error("the lock file {} is {}", path.display(), fault.worded())]
    Lock { path: PathBuf, fault: LockFault },
    #[error("cannot create or write to the state folder {}: {}", path.display(), system(cause))]
    Folder { path: PathBuf, cause: io::Error },
    #[error("this account may not read the state {}", path.display())]
    Denied { path: PathBuf },
    #[error("another agent uses the state folder {}{}", path.display(), named(*process))]
    InUse { path: PathBuf, process: Option<u32> },
    #[error("no agent has run with state {} yet", path.display())]
    Missing { path: PathBuf },
    #[error("the state {} is gone, though an agent has run with this folder", path.display())]
    Gone { path: PathBuf },
    #[error("the state {} is empty: what it held is gone", path.display())]
    Emptied { path: PathBuf },
    #[error("{} is a database of another program, not a state file", path.display())]
    Foreign { path: PathBuf },
    #[error(
        "{} was written by a newer version of the agent (format {found}, this one knows {known})",
        path.display()
    )]
    Newer { path: PathBuf, found: i64, known: i64 },
    #[error(
        "{} was written by an older version of the agent (format {found}, this one knows {known})",
        path.display()
    )]
    Older { path: PathBuf, found: i64, known: i64 },
    #[error("too many commands wait in {}", path.display())]
    TooManyCommands { path: PathBuf },
    #[error("commands cannot be kept in {}: {}", path.display(), database(cause))]
    Commands { path: PathBuf, cause: rusqlite::Error },
    #[error("{} is no longer the file that this agent opened", path.display())]
    Replaced { path: PathBuf },
    #[error("cannot set aside the damaged state {}: {}", path.display(), system(cause))]
    SetAside { path: PathBuf, cause: io::Error },
    #[error("cannot open the state {}: {}", path.display(), database(cause))]
    Open { path: PathBuf, cause: rusqlite::Error },
    #[error("cannot read the state {}: {}", path.display(), database(cause))]
    Read { path: PathBuf, cause: rusqlite::Error },
    #[error("the disk is full: cannot {what} in {}", path.display())]
    DiskFull { path: PathBuf, what: &'static str },
    #[error("cannot {what} in {}: {}", path.display(), database(cause))]
    Write { path: PathBuf, what: &'static str, cause: rusqlite::Error },
}

impl Error {
    /// What to do, if known.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Foreign { path } | Self::NotAFile { path }
                if path.ends_with(command_file::FILE_NAME) =>
            {
                Some(MOVE_COMMANDS)
            }
            Self::Commands { cause, .. } => Some(match cause.sqlite_error_code() {
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                    "another command holds it: try again, or end that command"
                }
                Some(ErrorCode::DiskFull) => "free space on the disk, and give the command again",
                Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                    "give this account read and write access to the state folder"
                }
                _ => MOVE_COMMANDS,
            }),
            Self::Network { .. } => Some(
                "set state-dir to a folder on a disk of this machine: a network folder cannot \
                 keep the state safe",
            ),
            Self::NotAFolder { .. } => Some("set state-dir to a folder, or move the file away"),
            Self::NotAFile { .. } => {
                Some("start the agent: it sets the file aside and begins a new state")
            }
            Self::Lock { .. } => Some("move it away; the agent creates its lock file itself"),
            Self::Denied { .. } => Some(OTHER_ACCOUNT),
            Self::Folder { cause, .. } => Some(match cause.kind() {
                ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
                    "name a folder as state-dir, or move the file in its path away"
                }
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => MAKE_ROOM,
                ErrorKind::PermissionDenied => {
                    "run this as the account that owns the folder, give this account write \
                     access, or set state-dir to another folder"
                }
                _ => "give the agent's account write access, or set state-dir",
            }),
            Self::InUse { .. } => Some("stop the other agent, or give this one its own state-dir"),
            Self::Missing { .. } => Some("run the agent once, or point state-dir to its state"),
            Self::Gone { .. } | Self::Emptied { .. } => Some(
                "start the agent: it begins a new state, and reads from where on-state-loss says",
            ),
            Self::Foreign { .. } => {
                Some("start the agent: it sets the file aside; or set state-dir to another folder")
            }
            Self::Newer { .. } => Some("update this program, or give it its own state-dir"),
            Self::Older { .. } => Some("restart the agent with this version; it updates its state"),
            Self::TooManyCommands { .. } => Some("start the agent: it applies them"),
            Self::DiskFull { .. } => Some(MAKE_ROOM),
            Self::Replaced { .. } => Some("the agent opens and checks the file that is there now"),
            Self::Open { .. } | Self::Read { .. } if !self.is_passing() => Some(
                "start the agent: it sets a damaged state aside, reports it, and begins a new one",
            ),
            Self::Open { .. } | Self::Read { .. } => Some(
                "give this account read and write access to the state folder, on a writable disk",
            ),
            Self::SetAside { .. } | Self::Write { .. } => None,
        }
    }

    /// The error and what to do, for a log.
    pub fn with_hint(&self) -> String {
        self.hint().map_or_else(|| self.to_string(), |hint| format!("{self}; {hint}"))
    }

    /// Whether the operation may succeed later: a full disk, a lock, a device error. Any other
    /// error means that this program did not write the state in this form.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::DiskFull { .. } => true,
            Self::Open { cause, .. }
            | Self::Read { cause, .. }
            | Self::Commands { cause, .. }
            | Self::Write { cause, .. } => is_passing(cause),
            Self::Folder { cause, .. } | Self::SetAside { cause, .. } => matches!(
                cause.kind(),
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::ReadOnlyFilesystem
            ),
            Self::Network { .. }
            | Self::NotAFolder { .. }
            | Self::NotAFile { .. }
            | Self::Lock { .. }
            | Self::Denied { .. }
            | Self::InUse { .. }
            | Self::Missing { .. }
            | Self::Gone { .. }
            | Self::Emptied { .. }
            | Self::Foreign { .. }
            | Self::Newer { .. }
            | Self::Older { .. }
            | Self::TooManyCommands { .. }
            | Self::Replaced { .. } => false,
        }
    }

    /// Whether another process holds the file, usually for a moment only.
    pub fn is_busy(&self) -> bool {
        let (Self::Open { cause, .. }
        | Self::Read { cause, .. }
        | Self::Commands { cause, .. }
        | Self::Write { cause, .. }) = self
        else {
            return false;
        };
        let code = cause.sqlite_error_code();
        matches!(code, Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
    }

    pub(crate) fn open(path: &Path, cause: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match cause.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull { path, what: "open the state" },
            _ => Self::Open { path, cause },
        }
    }

    pub(crate) fn read(path: &Path, cause: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match cause.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull { path, what: "read the state" },
            _ => Self::Read { path, cause },
        }
    }

    pub(crate) fn write(path: &Path, what: &'static str, cause: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match cause.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull { path, what },
            _ => Self::Write { path, what, cause },
        }
    }
}

/// The process of the other agent, if it is known.
fn named(process: Option<u32>) -> String {
    process.map_or_else(String::new, |id| format!(", process {id}"))
}

/// An error of `SQLite` in plain words; for damage, the damaged part.
fn database(error: &rusqlite::Error) -> String {
    let words = match error.sqlite_error_code() {
        Some(ErrorCode::ReadOnly) => "this account may not write there, or the disk is read-only",
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            "this account cannot open it or the files beside it"
        }
        Some(ErrorCode::DiskFull) => "the disk is full",
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "another program holds it",
        Some(ErrorCode::SystemIoFailure) => "the disk reports an error",
        Some(ErrorCode::NotADatabase) => "it is not a database",
        _ => return worded::plain(&error.to_string()),
    };
    words.to_owned()
}

/// Whether the system or another program caused the error, rather than the content of the file.
pub(crate) fn is_passing(error: &rusqlite::Error) -> bool {
    let short = error.sqlite_error().is_some_and(|it| it.extended_code == SHORT_READ);
    let code = error.sqlite_error_code();
    !short
        && matches!(
            code,
            Some(
                ErrorCode::DatabaseBusy
                    | ErrorCode::DatabaseLocked
                    | ErrorCode::DiskFull
                    | ErrorCode::SystemIoFailure
                    | ErrorCode::ReadOnly
                    | ErrorCode::CannotOpen
                    | ErrorCode::PermissionDenied
                    | ErrorCode::OutOfMemory
                    | ErrorCode::OperationInterrupted
                    | ErrorCode::FileLockingProtocolFailed
                    | ErrorCode::NoLargeFileSupport
            )
        )
}
