//! Pure. Errors of the operating system as values, which are worded where they are shown.

use std::io::{Error, ErrorKind};

use serde::{Deserialize, Serialize};

use crate::config::worded;

named! {
    /// What the system refused. The names are those of the state.
    pub enum SystemErrorKind {
        NotFound => "not-found",
        PermissionDenied => "permission-denied",
        AlreadyExists => "already-exists",
        NotADirectory => "not-a-directory",
        IsADirectory => "is-a-directory",
        DirectoryNotEmpty => "directory-not-empty",
        ReadOnlyFilesystem => "read-only-filesystem",
        StorageFull => "storage-full",
        QuotaExceeded => "quota-exceeded",
        FileTooLarge => "file-too-large",
        InvalidFilename => "invalid-filename",
        NetworkUnreachable => "network-unreachable",
        HostUnreachable => "host-unreachable",
        ConnectionRefused => "connection-refused",
        ConnectionReset => "connection-reset",
        ConnectionAborted => "connection-aborted",
        AddrInUse => "address-in-use",
        AddrNotAvailable => "address-not-available",
        TimedOut => "timed-out",
        BrokenPipe => "broken-pipe",
        /// The process or the system has reached its limit.
        TooManyOpenFiles => "too-many-open-files",
        /// Symbolic links that lead to each other.
        LinkLoop => "link-loop",
    }
}

impl SystemErrorKind {
    /// `None` for what no user can fix.
    pub fn of(kind: ErrorKind) -> Option<Self> {
        use ErrorKind as Kind;
        Some(match kind {
            Kind::NotFound => Self::NotFound,
            Kind::PermissionDenied => Self::PermissionDenied,
            Kind::AlreadyExists => Self::AlreadyExists,
            Kind::NotADirectory => Self::NotADirectory,
            Kind::IsADirectory => Self::IsADirectory,
            Kind::DirectoryNotEmpty => Self::DirectoryNotEmpty,
            Kind::ReadOnlyFilesystem => Self::ReadOnlyFilesystem,
            Kind::StorageFull => Self::StorageFull,
            Kind::QuotaExceeded => Self::QuotaExceeded,
            Kind::FileTooLarge => Self::FileTooLarge,
            Kind::InvalidFilename => Self::InvalidFilename,
            Kind::NetworkUnreachable => Self::NetworkUnreachable,
            Kind::HostUnreachable => Self::HostUnreachable,
            Kind::ConnectionRefused => Self::ConnectionRefused,
            Kind::ConnectionReset => Self::ConnectionReset,
            Kind::ConnectionAborted => Self::ConnectionAborted,
            Kind::AddrInUse => Self::AddrInUse,
            Kind::AddrNotAvailable => Self::AddrNotAvailable,
            Kind::TimedOut => Self::TimedOut,
            Kind::BrokenPipe => Self::BrokenPipe,
            _ => return None,
        })
    }
}

/// An error of the operating system. Stored as the name of its kind, or as its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum SystemError {
    Known(SystemErrorKind),
    /// Any other, in the system's own words.
    Other(String),
}

impl SystemError {
    pub fn of(error: &Error) -> Self {
        if let Some(kind) = error.raw_os_error().and_then(of_code) {
            return Self::Known(kind);
        }
        let other = || Self::Other(worded::plain(&error.to_string()));
        SystemErrorKind::of(error.kind()).map_or_else(other, Self::Known)
    }
}

/// The kinds that the standard library does not distinguish.
fn of_code(code: i32) -> Option<SystemErrorKind> {
    let (open_files, links): (&[i32], i32) = match () {
        () if cfg!(windows) => (&[4], 1921),
        () if cfg!(target_os = "macos") => (&[23, 24], 62),
        () => (&[23, 24], 40),
    };
    if open_files.contains(&code) {
        return Some(SystemErrorKind::TooManyOpenFiles);
    }
    (code == links).then_some(SystemErrorKind::LinkLoop)
}

impl From<String> for SystemError {
    fn from(text: String) -> Self {
        // Earlier versions stored the words.
        let is_it = |kind: &SystemErrorKind| kind.name() == text || worded::of_kind(*kind) == text;
        let known = SystemErrorKind::ALL.into_iter().find(is_it);
        known.map_or(Self::Other(text), Self::Known)
    }
}

impl From<SystemError> for String {
    fn from(error: SystemError) -> Self {
        match error {
            SystemError::Known(kind) => kind.name().to_owned(),
            SystemError::Other(text) => text,
        }
    }
}

#[cfg(test)]
mod tests;
