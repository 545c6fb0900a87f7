//! I/O. Opens the state file: the right folder, one agent, no damage, the known format.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;

use crate::clock::Timestamp;
use crate::state::commit_mark::{self, CommitMark};
#[cfg(windows)]
use crate::state::drive;
use crate::state::error::{LockFault, is_passing};
use crate::state::{Error, Health, Opened, check, rights, schema, write_ahead};

/// Key of the note that names the damaged or lost state before this one.
pub(crate) const LOST: &str = "state-lost";
/// Page cache in KiB (negative by `SQLite`'s rule); small, because the agent rarely reads data
/// back.
const CACHE: i64 = -1024;
/// Size of the write-ahead log after a checkpoint, in bytes.
const JOURNAL: i64 = 4 << 20;

pub(crate) const LOCK_NAME: &str = "state.lock";
/// A process that checks whether an agent runs holds the lock briefly, so the lock is retried.
const LOCK_TRIES: u32 = 1000;
/// Number of damaged states that are kept, the newest.
const DAMAGED_KEPT: usize = 3;
/// How long a write waits for a reader that holds the file.
pub(crate) const BUSY: Duration = Duration::from_secs(5);
/// Suffixes of the file and its `SQLite` companions.
const COMPANIONS: [&str; 3] = ["", "-wal", "-shm"];

/// Creates the folder if needed, accessible to this account only.
pub(crate) fn check_folder(dir: &Path) -> Result<(), Error> {
    let path = || dir.to_owned();
    check_is_local(dir)?;
    if dir.exists() && !dir.is_dir() {
        return Err(Error::NotAFolder { path: path() });
    }
    let made = rights::create_private_folder(dir);
    made.map_err(|cause| Error::Folder { path: path(), cause })
}

/// Refuses a folder on another machine, where `SQLite` cannot lock the file reliably.
pub fn check_is_local(dir: &Path) -> Result<(), Error> {
    #[cfg(windows)]
    let is_mapped = drive::is_mapped(dir);
    #[cfg(not(windows))]
    let is_mapped = false;
    if is_mapped || is_unc(dir) { Err(Error::Network { path: dir.to_owned() }) } else { Ok(()) }
}

/// Whether the state file exists; an error if this account may not access the folder or read the
/// file.
pub(crate) fn is_there(path: &Path) -> Result<bool, Error> {
    let denied = |error: &io::Error| error.kind() == ErrorKind::PermissionDenied;
    match fs::metadata(path) {
        Err(error) if denied(&error) => Err(Error::Denied { path: path.to_owned() }),
        Err(_) => Ok(false),
        Ok(found) if found.is_file() && !is_readable(path) => {
            Err(Error::Denied { path: path.to_owned() })
        }
        Ok(_) => Ok(true),
    }
}

/// Whether this account may read a file. It is not opened: closing it would give up all locks that
/// this process has on it.
#[cfg(unix)]
fn is_readable(path: &Path) -> bool {
    let denied = rustix::io::Errno::ACCESS;
    rustix::fs::access(path, rustix::fs::Access::READ_OK) != Err(denied)
}

#[cfg(not(unix))]
fn is_readable(path: &Path) -> bool {
    !File::open(path).is_err_and(|error| error.kind() == ErrorKind::PermissionDenied)
}

/// Locks other agents out of a state folder while any clone of it exists; the system releases it even
/// after a crash.
#[derive(Clone, Debug)]
pub struct StateLock(Arc<File>);

impl StateLock {
    /// Takes the lock; creates the folder if needed. On a read-only disk, the lock of an earlier agent
    /// is taken: it shows others that this one waits.
    pub fn take(dir: &Path) -> Result<Self, Error> {
        check_folder(dir)?;
        lock(dir)
    }

    /// Whether an agent has begun a state in this folder.
    pub(crate) fn has_begun(&self) -> bool {
        self.0.metadata().is_ok_and(|lock| lock.len() > 0)
    }

    /// Records in the lock file that a state exists: if it is missing later, it was lost.
    pub(crate) fn note_begun(&self, dir: &Path) -> Result<(), Error> {
        let written = commit_mark::note_begun(&self.0);
        written.map_err(|cause| Error::Folder { path: dir.to_owned(), cause })
    }

    /// The mark of the last durable commit, as far as it is known.
    pub(crate) fn mark(&self) -> Option<CommitMark> {
        CommitMark::read(&self.0)
    }

    /// Notes a durable commit. On a disk where that fails, a state that goes back is not detected.
    pub(crate) fn note_mark(&self, mark: &CommitMark) {
        mark.write(&self.0).ok();
    }

    /// Forgets the mark, because a new state is begun.
    fn forget_mark(&self) {
        CommitMark::remove(&self.0).ok();
    }
}

/// Fails if nothing in the folder can be written.
pub(crate) fn check_is_writable(dir: &Path) -> Result<(), Error> {
    let cause = || io::Error::from(ErrorKind::ReadOnlyFilesystem);
    let refused = || Error::Folder { path: dir.to_owned(), cause: cause() };
    if rights::is_read_only(dir) { Err(refused()) } else { Ok(()) }
}

/// Whether an agent has begun a state in this folder.
pub(crate) fn was_begun(dir: &Path) -> bool {
    fs::metadata(dir.join(LOCK_NAME)).is_ok_and(|lock| lock.len() > 0)
}

/// What is in place of the lock file, if it is something else.
pub(crate) fn lock_fault(path: &Path) -> Option<LockFault> {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Some(LockFault::Folder),
        Ok(found) if !found.is_file() => Some(LockFault::Special),
        Err(error) if error.kind() != ErrorKind::PermissionDenied && path.is_symlink() => {
            Some(LockFault::DeadLink)
        }
        _ => None,
    }
}

fn check_lock_file(path: &Path) -> Result<(), Error> {
    match lock_fault(path) {
        Some(fault) => Err(Error::Lock { path: path.to_owned(), fault }),
        None => Ok(()),
    }
}

/// Takes the lock of an existing folder.
pub(crate) fn lock(dir: &Path) -> Result<StateLock, Error> {
    let folder = |cause| Error::Folder { path: dir.to_owned(), cause };
    let path = dir.join(LOCK_NAME);
    check_lock_file(&path)?;
    let mut options = rights::private_file();
    let lock = match options.create(true).truncate(false).read(true).write(true).open(&path) {
        Err(error) if error.kind() == ErrorKind::ReadOnlyFilesystem => {
            File::open(path).map_err(|_| folder(error))?
        }
        lock => lock.map_err(folder)?,
    };
    for _ in 0..LOCK_TRIES {
        match lock.try_lock() {
            Ok(()) => return Ok(StateLock(Arc::new(lock))),
            Err(TryLockError::WouldBlock) => std::thread::yield_now(),
            Err(TryLockError::Error(source)) => return Err(folder(source)),
        }
    }
    // On a read-only disk, the record is that of an earlier process.
    let health = Health::read(dir).filter(|_| !rights::is_read_only(dir));
    let process = health.and_then(|health| health.process);
    Err(Error::InUse { path: dir.to_owned(), process })
}

/// Whether this account could take the lock now; an agent that holds it keeps it. A missing lock
/// file is created with the state.
pub fn can_be_locked(dir: &Path) -> Result<bool, Error> {
    let folder = |cause| Error::Folder { path: dir.to_owned(), cause };
    let path = dir.join(LOCK_NAME);
    check_lock_file(&path)?;
    let lock = match File::options().write(true).open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(true),
        lock => lock.map_err(folder)?,
    };
    match lock.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(folder(error)),
    }
}

/// Whether an agent holds the lock; `None` if unknown. It still does if the file was deleted, and
/// restores it with its next heartbeat.
pub(crate) fn is_locked(dir: &Path) -> Option<bool> {
    let path = dir.join(LOCK_NAME);
    rights::ensure_regular(&path).ok()?;
    let lock = File::open(path).ok()?;
    match lock.try_lock_shared() {
        Ok(()) => Some(false),
        Err(TryLockError::WouldBlock) => Some(true),
        Err(TryLockError::Error(_)) => None,
    }
}

/// Opens or creates the state; sets a damaged one aside.
pub(crate) fn open(
    path: &Path,
    lock: &StateLock,
    now: Timestamp,
) -> Result<(Connection, Opened), Error> {
    let begun = lock.has_begun();
    if fs::metadata(path).is_ok_and(|state| state.len() == 0) || !path.exists() {
        lock.forget_mark();
    }
    let is_regular = ensure_regular(path).is_ok();
    let went_back = is_regular && write_ahead::is_foreign(&journal(path)).unwrap_or(false);
    match prepare(path) {
        // A crash during the first start leaves an empty file. Later, an empty file means a loss.
        Ok((connection, 0)) => {
            if begun {
                write_lost(&connection, Path::new("nothing was left"), now)
                    .map_err(|cause| Error::open(path, cause))?;
            }
            Ok((connection, Opened { new: true, lost: begun, ..Opened::default() }))
        }
        Ok((connection, _)) => Ok((connection, Opened { went_back, ..Opened::default() })),
        Err(Error::Open { cause, .. }) if !is_passing(&cause) => {
            tracing::error!("{} is damaged: {cause}", path.display());
            begin_anew(path, lock, now)
        }
        Err(error @ Error::NotAFile { .. }) => {
            tracing::error!("{error}");
            begin_anew(path, lock, now)
        }
        Err(error) => Err(error),
    }
}

/// Sets a damaged state aside and creates a new one.
pub(crate) fn begin_anew(
    path: &Path,
    lock: &StateLock,
    now: Timestamp,
) -> Result<(Connection, Opened), Error> {
    lock.forget_mark();
    let aside = set_aside(path, now)?;
    forget_oldest(path);
    let (connection, _) = prepare(path)?;
    // Stored in the new state, because later starts need it too.
    write_lost(&connection, &aside, now).map_err(|cause| Error::open(path, cause))?;
    Ok((connection, Opened { new: true, lost: true, damaged: Some(aside), ..Opened::default() }))
}

/// In one transaction: what was written until now may have been reported, and the new state is not
/// the one before it.
fn write_lost(connection: &Connection, aside: &Path, now: Timestamp) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO note (key, value) VALUES (?1, ?2), (?3, ?4), (?5, ?6)";
    let (aside, mark) = (aside.to_string_lossy(), CommitMark::new(now).text());
    let notes = [LOST, &aside, commit_mark::DOUBTED, &now.to_string(), commit_mark::NOTE, &mark];
    connection.execute(sql, notes).map(drop)
}

/// Opens a connection and migrates the file; returns the format that was found.
pub(crate) fn prepare(path: &Path) -> Result<(Connection, i64), Error> {
    ensure_regular(path)?;
    // SQLite gives its companion files the permissions of this file.
    let made = rights::private_file().create(true).truncate(false).write(true).open(path);
    drop(made);
    let failed = |cause| Error::open(path, cause);
    if write_ahead::is_damaged(&journal(path)).unwrap_or(false) {
        return Err(failed(check::damage("commits in its write-ahead log are damaged")));
    }
    let mut connection = Connection::open(path).map_err(failed)?;
    let found = examine(&connection).map_err(failed)?;
    if found > schema::KNOWN {
        return Err(Error::Newer { path: path.to_owned(), found, known: schema::KNOWN });
    }
    tune(&connection).map_err(failed)?;
    if found != schema::KNOWN {
        schema::migrate(&mut connection, found).map_err(failed)?;
    }
    check::schema(&connection, true).and_then(|()| check::values(&connection)).map_err(failed)?;
    Ok((connection, found))
}

/// Fails if the state or a companion is a pipe or device, because opening it would block.
pub(crate) fn ensure_regular(path: &Path) -> Result<(), Error> {
    for path in COMPANIONS.map(|companion| with_suffix(path, companion)) {
        rights::ensure_regular(&path).map_err(|_| Error::NotAFile { path })?;
    }
    Ok(())
}

fn examine(connection: &Connection) -> rusqlite::Result<i64> {
    connection.busy_timeout(BUSY)?;
    // Unlike `quick_check`, this also compares the indexes with their tables.
    let verdict: String =
        connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(check::damage(&verdict));
    }
    let found = schema::version(connection)?;
    if found == 0 && schema::is_foreign(connection)? {
        return Err(check::damage("it is a database of another program"));
    }
    Ok(found)
}

fn tune(connection: &Connection) -> rusqlite::Result<()> {
    // Only an empty file accepts this; `shrink` converts an older one.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "journal_size_limit", JOURNAL)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "cache_size", CACHE)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// The write-ahead log beside the state file.
pub(crate) fn journal(path: &Path) -> PathBuf {
    with_suffix(path, "-wal")
}

/// Renames the file and its companions to the first free name.
fn set_aside(path: &Path, now: Timestamp) -> Result<PathBuf, Error> {
    let stamp = now.strftime("%Y%m%dT%H%M%SZ");
    let candidates = (1..).map(|n| match n {
        1 => with_suffix(path, &format!(".damaged-{stamp}")),
        n => with_suffix(path, &format!(".damaged-{stamp}-{n}")),
    });
    let mut free = candidates.skip_while(|candidate| candidate.exists());
    let aside = free.next().expect("the candidates are endless");
    for companion in COMPANIONS {
        match fs::rename(with_suffix(path, companion), with_suffix(&aside, companion)) {
            Err(source) if source.kind() != ErrorKind::NotFound => {
                return Err(set_aside_failed(path, source));
            }
            Ok(()) | Err(_) => {}
        }
    }
    Ok(aside)
}

/// Deletes the oldest damaged states, so that a faulty disk is not filled with them.
fn forget_oldest(path: &Path) {
    let (Some(dir), Some(name)) = (path.parent(), path.file_name()) else { return };
    let begin = format!("{}.damaged-", name.to_string_lossy());
    let names = fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.file_name());
    let mut damaged: Vec<_> = names
        .filter(|name| name.to_string_lossy().starts_with(&begin))
        .filter(|name| !COMPANIONS[1..].iter().any(|it| name.to_string_lossy().ends_with(it)))
        .collect();
    damaged.sort();
    let surplus = damaged.len().saturating_sub(DAMAGED_KEPT);
    for name in damaged.iter().take(surplus) {
        for companion in COMPANIONS {
            fs::remove_file(with_suffix(&dir.join(name), companion)).ok();
        }
    }
}

fn set_aside_failed(path: &Path, cause: io::Error) -> Error {
    Error::SetAside { path: path.to_owned(), cause }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// `\\server\share` or `\\?\UNC\server\share`; `\\?\C:\…` is a local disk.
fn is_unc(dir: &Path) -> bool {
    let text = dir.to_string_lossy().replace('/', "\\").to_ascii_uppercase();
    let device = text.starts_with("\\\\?\\") || text.starts_with("\\\\.\\");
    // Outside Windows, leading slashes are an ordinary path; only backslashes mean a share.
    let given = cfg!(windows) || dir.to_string_lossy().starts_with("\\\\");
    given && text.starts_with("\\\\") && (!device || text[4..].starts_with("UNC\\"))
}

#[cfg(test)]
mod tests;
