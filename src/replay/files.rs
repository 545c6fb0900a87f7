//! I/O. Finds and reads old logs in folders: plain, gzipped, or in zip archives.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use indicatif::ProgressBar;
use zip::ZipArchive;
use zip::result::ZipError;

use crate::config::worded::system;
use crate::qlik::folders::{log_at, lookback};
use crate::tail::{Block, FileId, Stream};

/// One file that may contain logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OldFile {
    pub path: PathBuf,
    /// Bytes on the disk.
    pub size: u64,
}

/// An input path that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot access {path}", path = path.display())]
    Look { path: PathBuf, source: io::Error },
    #[error("{path} is neither a folder nor a regular file", path = path.display())]
    NotAFile { path: PathBuf },
    #[error("cannot list the folder {path}", path = path.display())]
    List { path: PathBuf, source: io::Error },
}

impl Error {
    /// What to do.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Look { .. } => "give an existing folder, log, or .gz or .zip file of logs",
            Self::NotAFile { .. } => {
                "give a folder, a log, or a .gz or .zip file of logs; write the output of a pipe to a file first"
            }
            Self::List { .. } => "run as an account that can read the folder",
        }
    }
}

/// The result of reading old logs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadTotals {
    pub n_logs: u64,
    /// Bytes of the logs, unpacked.
    pub n_bytes: u64,
    /// Files that could not be read.
    pub problems: Vec<UnreadLog>,
}

/// An old log that could not be read to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadLog {
    pub path: PathBuf,
    /// For the terminal.
    pub detail: String,
}

/// The files under these paths, sorted by name. Links are not followed.
pub fn find(paths: &[PathBuf]) -> Result<Vec<OldFile>, Error> {
    let mut found = Vec::new();
    for path in paths {
        let metadata =
            fs::metadata(path).map_err(|source| Error::Look { path: path.clone(), source })?;
        if metadata.is_dir() {
            search(path, &mut found)?;
        } else if !metadata.is_file() {
            return Err(Error::NotAFile { path: path.clone() });
        } else {
            found.push(OldFile { path: path.clone(), size: metadata.len() });
        }
    }
    Ok(found)
}

fn search(folder: &Path, found: &mut Vec<OldFile>) -> Result<(), Error> {
    let list = |source| Error::List { path: folder.to_owned(), source };
    let entries: io::Result<Vec<_>> = fs::read_dir(folder).map_err(list)?.collect();
    let mut entries = entries.map_err(list)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let metadata =
            entry.metadata().map_err(|source| Error::Look { path: path.clone(), source })?;
        if metadata.is_dir() {
            search(&path, found)?;
        } else if metadata.is_file() {
            found.push(OldFile { path, size: metadata.len() });
        }
    }
    Ok(())
}

/// Calls `work` with every block of the wanted logs. An unreadable file is reported as a problem,
/// and reading continues with the next.
pub fn walk(
    files: &[OldFile],
    bar: &ProgressBar,
    wanted: &dyn Fn(&str) -> bool,
    work: &mut dyn FnMut(&Block),
) -> ReadTotals {
    let mut walker = Walker { bar, wanted, work, walk: ReadTotals::default() };
    for file in files {
        let before = bar.position();
        if let Err(error) = walker.file(&file.path) {
            walker.walk.problems.push(unreadable(&file.path, &error));
        }
        // Skipped and unpacked files count with their full size.
        bar.set_position(before + file.size);
    }
    walker.walk
}

struct Walker<'w> {
    bar: &'w ProgressBar,
    wanted: &'w dyn Fn(&str) -> bool,
    work: &'w mut dyn FnMut(&Block),
    walk: ReadTotals,
}

impl Walker<'_> {
    fn file(&mut self, path: &Path) -> io::Result<()> {
        if has_ending(path, "zip") {
            return self.archive(path);
        }
        match self.label(path) {
            Some(label) => {
                let file = self.bar.wrap_read(File::open(path)?);
                self.log(path, &label, file)
            }
            None => Ok(()),
        }
    }

    /// The logs in a zip archive, in its order.
    fn archive(&mut self, path: &Path) -> io::Result<()> {
        let mut archive = ZipArchive::new(File::open(path)?)?;
        for number in 0..archive.len() {
            let member = archive.by_index(number)?;
            let name = String::from_utf8_lossy(member.name_raw());
            let within = PathBuf::from(format!("{}/{name}", path.display()));
            self.bar.inc(member.compressed_size());
            if let Some(label) = self.label(&within)
                && let Err(error) = self.log(&within, &label, member)
            {
                self.walk.problems.push(unreadable(&within, &error));
            }
        }
        Ok(())
    }

    /// The log of a file, if it is wanted.
    fn label(&self, path: &Path) -> Option<String> {
        let path = if has_ending(path, "gz") { path.with_extension("") } else { path.to_owned() };
        log_at(path.to_str()?).filter(|log| (self.wanted)(log))
    }

    fn log(&mut self, path: &Path, label: &str, from: impl Read) -> io::Result<()> {
        if has_ending(path, "gz") {
            return self.blocks(&path.with_extension(""), label, MultiGzDecoder::new(from));
        }
        self.blocks(path, label, from)
    }

    fn blocks(&mut self, path: &Path, label: &str, from: impl Read) -> io::Result<()> {
        self.walk.n_logs += 1;
        let file = FileId(i64::try_from(self.walk.n_logs).unwrap_or(i64::MAX));
        let mut stream = Stream::open(from, file, label.into(), path, lookback(label))?;
        while let Some(block) = stream.next_block()? {
            self.walk.n_bytes += (block.bytes.len() - block.fresh) as u64;
            (self.work)(&block);
        }
        Ok(())
    }
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|found| found.eq_ignore_ascii_case(ending))
}

fn unreadable(path: &Path, error: &io::Error) -> UnreadLog {
    let why = worded(error);
    let detail = format!("cannot read all of this old log ({why}); the readable part was read");
    UnreadLog { path: path.to_owned(), detail }
}

/// Why a file cannot be read, without the terms of the formats of archives.
fn worded(error: &io::Error) -> String {
    let zip = error.get_ref().and_then(|inner| inner.downcast_ref::<ZipError>());
    let words = match (zip, error.kind()) {
        (Some(ZipError::Io(inner)), _) => return system(inner),
        (Some(ZipError::InvalidArchive(_)), _) => {
            "it is not a zip archive, or one that is damaged or cut off; copy or pack it again"
        }
        (Some(ZipError::UnsupportedArchive(_) | ZipError::InvalidPassword), _) => {
            "it is a kind of zip archive that is not read, such as one with a password; pack it again"
        }
        (Some(ZipError::CompressionMethodNotSupported(_)), _) => {
            "its compression is not read; pack it with the usual one, Deflate"
        }
        (Some(_), _) => "a file in it cannot be unpacked; pack it again",
        (None, ErrorKind::UnexpectedEof) => "it is cut off; copy it again",
        (None, ErrorKind::InvalidInput | ErrorKind::InvalidData) => {
            "its compressed content is damaged, or it is no gzip file; copy it again"
        }
        (None, _) => return system(error),
    };
    words.to_owned()
}
