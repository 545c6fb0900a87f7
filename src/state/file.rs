//! I/O. Opens the state file: the right folder, one agent, no damage, the known format.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode};

use crate::clock::Timestamp;
#[cfg(windows)]
use crate::state::drive;
use crate::state::{Error, Opened, schema};

/// The note that says which damaged state was set aside before this one was begun.
pub(super) const LOST: &str = "state-lost";
/// Pages kept in memory, in KiB (negative by `SQLite`'s rule): the agent reads hardly anything back.
const CACHE: i64 = -256;

const LOCK_NAME: &str = "state.lock";
/// How long a write waits for a reader that happens to hold the file.
const BUSY: Duration = Duration::from_secs(5);
/// Files that `SQLite` keeps beside its own.
const COMPANIONS: [&str; 3] = ["", "-wal", "-shm"];

/// Makes the folder if need be.
pub(super) fn check_folder(dir: &Path) -> Result<(), Error> {
    let path = || dir.to_owned();
    check_is_local(dir)?;
    if dir.exists() && !dir.is_dir() {
        return Err(Error::NotAFolder { path: path() });
    }
    fs::create_dir_all(dir).map_err(|source| Error::Folder { path: path(), source })
}

/// A state on another machine is not safe: `SQLite` cannot lock it reliably there.
pub fn check_is_local(dir: &Path) -> Result<(), Error> {
    #[cfg(windows)]
    let is_mapped = drive::is_mapped(dir);
    #[cfg(not(windows))]
    let is_mapped = false;
    if is_mapped || is_unc(dir) { Err(Error::Network { path: dir.to_owned() }) } else { Ok(()) }
}

/// Notes in the lock file that there is a state from now on: if it is missing later, it was lost.
pub(super) fn note_begun(mut lock: &File, dir: &Path) -> Result<(), Error> {
    let written = lock.write_all(b"begun\n").and_then(|()| lock.sync_all());
    written.map_err(|source| Error::Folder { path: dir.to_owned(), source })
}

/// Keeps other agents out for as long as the returned file is open.
pub(super) fn lock(dir: &Path) -> Result<File, Error> {
    let folder = |source| Error::Folder { path: dir.to_owned(), source };
    let mut options = File::options();
    let lock = options.create(true).truncate(false).write(true).open(dir.join(LOCK_NAME));
    let lock = lock.map_err(folder)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(Error::InUse { path: dir.to_owned() }),
        Err(TryLockError::Error(source)) => Err(folder(source)),
    }
}

/// Opens or begins the state; sets a damaged one aside.
pub(super) fn open(
    path: &Path,
    begun: bool,
    now: Timestamp,
) -> Result<(Connection, Opened), Error> {
    match prepare(path) {
        // A file of zero bytes is what a crash in the first moment leaves. Later it is a loss.
        Ok((connection, 0)) => {
            if begun {
                write_lost(&connection, Path::new("nothing was left"))
                    .map_err(|source| Error::Open { path: path.to_owned(), source })?;
            }
            Ok((connection, Opened { new: true, lost: begun, damaged: None }))
        }
        Ok((connection, _)) => Ok((connection, Opened { new: false, lost: false, damaged: None })),
        Err(Error::Open { source, .. }) if is_damage(&source) => begin_anew(path, now),
        Err(error) => Err(error),
    }
}

/// Sets a damaged state aside and begins a new one.
pub(super) fn begin_anew(path: &Path, now: Timestamp) -> Result<(Connection, Opened), Error> {
    let aside = set_aside(path, now)?;
    let (connection, _) = prepare(path)?;
    // Kept in the new state: the start after this one must know it too.
    write_lost(&connection, &aside)
        .map_err(|source| Error::Open { path: path.to_owned(), source })?;
    Ok((connection, Opened { new: true, lost: true, damaged: Some(aside) }))
}

fn write_lost(connection: &Connection, aside: &Path) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO note (key, value) VALUES (?1, ?2)";
    connection.execute(sql, [LOST, &aside.to_string_lossy()]).map(drop)
}

/// An open connection in the known format, and the format that was found.
fn prepare(path: &Path) -> Result<(Connection, i64), Error> {
    let failed = |source| Error::Open { path: path.to_owned(), source };
    let mut connection = Connection::open(path).map_err(failed)?;
    let found = examine(&connection).map_err(failed)?;
    if found > schema::KNOWN {
        return Err(Error::Newer { path: path.to_owned(), found, known: schema::KNOWN });
    }
    tune(&connection).map_err(failed)?;
    if found < schema::KNOWN {
        schema::migrate(&mut connection, found).map_err(failed)?;
    }
    Ok((connection, found))
}

fn examine(connection: &Connection) -> rusqlite::Result<i64> {
    connection.busy_timeout(BUSY)?;
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        let corrupt = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
        return Err(rusqlite::Error::SqliteFailure(corrupt, Some(verdict)));
    }
    schema::version(connection)
}

fn tune(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "cache_size", CACHE)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

/// Whether what was read cannot be what was written: damage that the file's form does not show.
pub(super) fn is_unreadable(error: &rusqlite::Error) -> bool {
    is_damage(error) || error.sqlite_error_code().is_none()
}

/// Renames the file and what belongs to it; the first free name is taken.
fn set_aside(path: &Path, now: Timestamp) -> Result<PathBuf, Error> {
    let stamp = now.strftime("%Y%m%dT%H%M%SZ");
    let candidates = (1..).map(|n| match n {
        1 => with_suffix(path, &format!(".damaged-{stamp}")),
        n => with_suffix(path, &format!(".damaged-{stamp}-{n}")),
    });
    let mut free = candidates.skip_while(|candidate| candidate.exists());
    let aside = free.next().expect("the numbers do not end");
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

fn set_aside_failed(path: &Path, source: io::Error) -> Error {
    Error::SetAside { path: path.to_owned(), source }
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
    // Elsewhere than on Windows two slashes are only one too many.
    let given = cfg!(windows) || dir.to_string_lossy().starts_with("\\\\");
    given && text.starts_with("\\\\") && (!device || text[4..].starts_with("UNC\\"))
}

#[cfg(test)]
mod tests;
