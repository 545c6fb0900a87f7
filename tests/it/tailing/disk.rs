//! A file system with faults, which simulates shares, NTFS and Windows on a real folder. Without
//! faults, it behaves like the real one.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use footman::tail::{DirectoryEntry, Disk, FileStat, LocalDisk, Names, OpenFile, OsId};

use crate::tailing::world::name_of;

/// The current faults, by file name.
#[derive(Default)]
pub(super) struct Faults {
    /// Outdated metadata by path.
    pub(super) stale: BTreeMap<String, FileStat>,
    /// Lengths that open files report, whatever their real length.
    pub(super) reported_len: BTreeMap<String, u64>,
    /// Listings come in reverse order of names, because file systems have orders of their own.
    pub(super) backwards: bool,
    /// Names that are missing from listings.
    pub(super) unlisted: BTreeSet<String>,
    /// Listings fail at once…
    pub(super) no_listing: Option<io::ErrorKind>,
    /// …or after this many names.
    pub(super) listing_breaks_after: Option<usize>,
    /// Files that cannot be opened.
    pub(super) refused: BTreeMap<String, i32>,
    /// Metadata cannot be read.
    pub(super) no_stat: Option<io::ErrorKind>,
    /// Reading an open file fails.
    pub(super) read_error: Option<i32>,
    /// Added to all ids, as after a share is reconnected.
    pub(super) id_shift: u64,
    /// Files whose bytes from this offset on are still NUL.
    pub(super) not_arrived: BTreeMap<String, u64>,
}

/// A disk that shares its faults with the test.
#[derive(Clone, Default)]
pub(super) struct FaultyDisk {
    faults: Arc<Mutex<Faults>>,
    open: Arc<AtomicUsize>,
    most_open: Arc<AtomicUsize>,
    read: Arc<AtomicUsize>,
}

impl FaultyDisk {
    pub(super) fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().unwrap()
    }

    /// Freezes the metadata of this file.
    pub(super) fn freeze(&self, path: &Path) {
        let stat = LocalDisk.stat(path).unwrap();
        self.faults().stale.insert(name_of(path), stat);
    }

    /// Total number of bytes read.
    pub(super) fn read(&self) -> usize {
        self.read.load(Ordering::Relaxed)
    }

    pub(super) fn now_open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    /// The maximum number of files open at the same time.
    pub(super) fn most_open(&self) -> usize {
        self.most_open.load(Ordering::Relaxed)
    }
}

impl Disk for FaultyDisk {
    fn list(&self, folder: &Path) -> io::Result<Names> {
        let faults = self.faults();
        if let Some(kind) = faults.no_listing {
            return Err(kind.into());
        }
        let unlisted = faults.unlisted.clone();
        let shown = move |entry: &io::Result<DirectoryEntry>| {
            entry.as_ref().is_ok_and(|it| !unlisted.contains(&*it.name.to_string_lossy()))
        };
        let mut names: Vec<_> = LocalDisk.list(folder)?.filter(shown).collect();
        names.sort_by_key(|entry| entry.as_ref().map(|it| it.name.clone()).ok());
        if faults.backwards {
            names.reverse();
        }
        let names = names.into_iter();
        Ok(match faults.listing_breaks_after {
            None => Box::new(names),
            Some(after) => {
                let broken = Err(io::Error::from_raw_os_error(libc_error::EIO));
                Box::new(names.take(after).chain([broken]))
            }
        })
    }

    fn stat(&self, path: &Path) -> io::Result<FileStat> {
        if let Some(kind) = self.faults().no_stat {
            return Err(kind.into());
        }
        let real = LocalDisk.stat(path)?;
        Ok(self.faults().stale.get(&name_of(path)).copied().unwrap_or(real))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn OpenFile>> {
        if let Some(code) = self.faults().refused.get(&name_of(path)) {
            return Err(io::Error::from_raw_os_error(*code));
        }
        let file = LocalDisk.open(path)?;
        let open = self.open.fetch_add(1, Ordering::Relaxed) + 1;
        self.most_open.fetch_max(open, Ordering::Relaxed);
        Ok(Box::new(FaultyFile { file, name: name_of(path), disk: self.clone() }))
    }
}

struct FaultyFile {
    file: Box<dyn OpenFile>,
    name: String,
    disk: FaultyDisk,
}

impl Drop for FaultyFile {
    fn drop(&mut self) {
        self.disk.open.fetch_sub(1, Ordering::Relaxed);
    }
}

impl OpenFile for FaultyFile {
    fn stat(&self) -> io::Result<FileStat> {
        let mut stat = self.file.stat()?;
        if let Some(len) = self.disk.faults().reported_len.get(&self.name) {
            stat.len = *len;
        }
        Ok(stat)
    }

    fn os_id(&self) -> io::Result<Option<OsId>> {
        let shift = self.disk.faults().id_shift;
        Ok(self.file.os_id()?.map(|(volume, index)| (volume + shift, index)))
    }

    fn read(&mut self, from: u64, len: usize, onto: &mut Vec<u8>) -> io::Result<()> {
        let faults = self.disk.faults();
        if let Some(code) = faults.read_error {
            return Err(io::Error::from_raw_os_error(code));
        }
        let before = onto.len();
        self.file.read(from, len, onto)?;
        self.disk.read.fetch_add(onto.len() - before, Ordering::Relaxed);
        if let Some(arrived) = faults.not_arrived.get(&self.name) {
            let arrived = usize::try_from(arrived.saturating_sub(from)).unwrap();
            onto[before..].iter_mut().skip(arrived).for_each(|byte| *byte = 0);
        }
        Ok(())
    }
}

/// Error numbers of the systems.
pub(super) mod libc_error {
    pub(in crate::tailing) const EIO: i32 = 5;
    pub(in crate::tailing) const EACCES: i32 = 13;
    /// The server no longer knows the file handle.
    pub(in crate::tailing) const ESTALE: i32 = 116;
    /// `ERROR_SHARING_VIOLATION`: another process has the file open exclusively.
    pub(in crate::tailing) const SHARING_VIOLATION: i32 = 32;
}
