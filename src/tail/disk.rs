//! I/O. The file system operations that following needs, so that tests can substitute a faulty one.

use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::SystemTime;

use crate::clock::Timestamp;
use crate::tail::Effort;
use crate::tail::source::OpenedFile;

/// Volume and index of a file.
pub type OsId = (u64, u64);

/// A file system. The caller must not trust it fully: listings may be partial, metadata stale, and
/// ids may change.
pub trait Disk: Send {
    /// The names in a folder.
    fn list(&self, folder: &Path) -> io::Result<Names>;
    /// Metadata of the file at `path` now.
    fn stat(&self, path: &Path) -> io::Result<FileStat>;
    /// Opens a file for reading; other processes can still write, rename and delete it.
    fn open(&self, path: &Path) -> io::Result<Box<dyn OpenFile>>;
}

/// The names in a folder, in the order of the file system.
pub type Names = Box<dyn Iterator<Item = io::Result<DirectoryEntry>>>;

/// One name in a folder.
#[derive(Debug)]
pub struct DirectoryEntry {
    pub name: OsString,
    pub is_folder: bool,
}

/// An open file.
pub trait OpenFile: Send {
    /// Metadata of the open file.
    fn stat(&self) -> io::Result<FileStat>;
    /// The file id; `None` if the platform does not provide one.
    fn os_id(&self) -> io::Result<Option<OsId>>;
    /// Appends up to `len` bytes from this offset; fewer only at the end of the file.
    fn read(&mut self, from: u64, len: usize, onto: &mut Vec<u8>) -> io::Result<()>;
}

/// File metadata. As long as it is unchanged, the file is not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FileStat {
    pub len: u64,
    pub modified: Option<SystemTime>,
    /// Available without opening the file on Unix only.
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

    pub(crate) fn modified(&self) -> Option<Timestamp> {
        self.modified.and_then(|at| Timestamp::try_from(at).ok())
    }
}

/// A file system that counts the requests to it.
pub(crate) struct CountedDisk {
    disk: Box<dyn Disk>,
    effort: Effort,
}

impl CountedDisk {
    pub(crate) fn of(disk: Box<dyn Disk>) -> CountedDisk {
        CountedDisk { disk, effort: Effort::default() }
    }

    pub(crate) fn effort(&self) -> Effort {
        self.effort
    }

    pub(crate) fn list(&mut self, folder: &Path) -> io::Result<Names> {
        self.effort.listings += 1;
        self.disk.list(folder)
    }

    pub(crate) fn stat(&mut self, path: &Path) -> io::Result<FileStat> {
        self.effort.looks += 1;
        self.disk.stat(path)
    }

    /// Whether it is certain that nothing exists at a path.
    pub(crate) fn is_nothing_at(&mut self, path: &Path) -> bool {
        self.stat(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
    }

    pub(crate) fn open(&mut self, path: &Path) -> io::Result<OpenedFile> {
        self.effort.opens += 1;
        self.disk.open(path).and_then(OpenedFile::of)
    }
}

/// The file system of this machine, including mounted shares.
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
        // Opening a pipe would block forever.
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
#[expect(clippy::unnecessary_wraps, reason = "other platforms have none")]
fn os_id_of(metadata: &Metadata) -> Option<OsId> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn os_id_of(_metadata: &Metadata) -> Option<OsId> {
    None
}
