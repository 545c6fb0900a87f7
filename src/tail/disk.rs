//! I/O. What following asks of a file system, so that tests can put a faulty one in its place.

use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::SystemTime;

use crate::clock::Timestamp;
use crate::tail::Effort;
use crate::tail::source::Source;

/// Volume and index of a file.
pub type OsId = (u64, u64);

/// A file system. None of its answers is believed further than it goes: listings may be partial,
/// metadata stale, ids may change.
pub trait Disk: Send {
    /// The names in a folder.
    fn list(&self, folder: &Path) -> io::Result<Names>;
    /// What metadata says of the file that stands at `path` now.
    fn stat(&self, path: &Path) -> io::Result<FileStat>;
    /// Opens a file for reading; others may go on to write, rename and delete it.
    fn open(&self, path: &Path) -> io::Result<Box<dyn OpenFile>>;
}

/// The names in a folder, as they come.
pub type Names = Box<dyn Iterator<Item = io::Result<DirectoryEntry>>>;

/// One name in a folder.
#[derive(Debug)]
pub struct DirectoryEntry {
    pub name: OsString,
    pub is_folder: bool,
}

/// An open file.
pub trait OpenFile: Send {
    /// What metadata says of it.
    fn stat(&self) -> io::Result<FileStat>;
    /// Its id; `None` where the platform tells none.
    fn os_id(&self) -> io::Result<Option<OsId>>;
    /// Appends at most `len` bytes from this offset; fewer only at the end of the file.
    fn read(&mut self, from: u64, len: usize, onto: &mut Vec<u8>) -> io::Result<()>;
}

/// What metadata says of a file. As long as it says the same, the file is not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FileStat {
    pub len: u64,
    pub modified: Option<SystemTime>,
    /// Known without opening on Unix only.
    pub inode: Option<u64>,
}

impl FileStat {
    fn of(metadata: &Metadata) -> FileStat {
        FileStat {
            len: metadata.len(),
            modified: metadata.modified().ok(),
            inode: os_id_of(metadata).map(|(_, inode)| inode),
        }
    }

    pub(super) fn modified(&self) -> Option<Timestamp> {
        self.modified.and_then(|at| Timestamp::try_from(at).ok())
    }
}

/// A file system that counts how often it is asked.
pub(super) struct CountedDisk {
    disk: Box<dyn Disk>,
    effort: Effort,
}

impl CountedDisk {
    pub(super) fn of(disk: Box<dyn Disk>) -> CountedDisk {
        CountedDisk { disk, effort: Effort::default() }
    }

    pub(super) fn effort(&self) -> Effort {
        self.effort
    }

    pub(super) fn list(&mut self, folder: &Path) -> io::Result<Names> {
        self.effort.listings += 1;
        self.disk.list(folder)
    }

    pub(super) fn stat(&mut self, path: &Path) -> io::Result<FileStat> {
        self.effort.looks += 1;
        self.disk.stat(path)
    }

    /// Whether it is certain that nothing stands at a path.
    pub(super) fn is_nothing_at(&mut self, path: &Path) -> bool {
        self.stat(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
    }

    pub(super) fn open(&mut self, path: &Path) -> io::Result<Source> {
        self.effort.opens += 1;
        self.disk.open(path).and_then(Source::of)
    }
}

/// The file system of this machine, with whatever shares are mounted.
#[derive(Clone, Copy, Debug, Default)]
pub struct LocalDisk;

impl Disk for LocalDisk {
    fn list(&self, folder: &Path) -> io::Result<Names> {
        let entries = fs::read_dir(folder)?;
        Ok(Box::new(entries.map(|entry| {
            let entry = entry?;
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            Ok(DirectoryEntry { name: entry.file_name(), is_folder })
        })))
    }

    fn stat(&self, path: &Path) -> io::Result<FileStat> {
        fs::metadata(path).map(|metadata| FileStat::of(&metadata))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn OpenFile>> {
        // A pipe would hold us for ever.
        if !fs::metadata(path)?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        Ok(Box::new(File::open(path)?))
    }
}

impl OpenFile for File {
    fn stat(&self) -> io::Result<FileStat> {
        self.metadata().map(|metadata| FileStat::of(&metadata))
    }

    #[cfg(not(windows))]
    fn os_id(&self) -> io::Result<Option<OsId>> {
        self.metadata().map(|metadata| os_id_of(&metadata))
    }

    #[cfg(windows)]
    fn os_id(&self) -> io::Result<Option<OsId>> {
        let known = winapi_util::file::information(self).ok();
        Ok(known.map(|known| (known.volume_serial_number(), known.file_index())))
    }

    fn read(&mut self, from: u64, len: usize, onto: &mut Vec<u8>) -> io::Result<()> {
        onto.reserve(len);
        self.seek(SeekFrom::Start(from))?;
        self.take(len as u64).read_to_end(onto)?;
        Ok(())
    }
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other platforms tell none")]
fn os_id_of(metadata: &Metadata) -> Option<OsId> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn os_id_of(_metadata: &Metadata) -> Option<OsId> {
    None
}
