//! I/O. Reads hand-written files: regular files only, and never beyond a size limit.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

use crate::config::limits;
use crate::config::worded::system;
use crate::config::{Problem, ProblemKind, Written};

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("cannot be read: {}", system(.0))]
    Io(#[from] io::Error),
    #[error("is not a regular file")]
    NotAFile,
    #[error("is larger than the limit of {}", size(*.0))]
    TooLarge(u64),
    #[error("is not UTF-8 text")]
    NotUtf8,
}

impl Unreadable {
    /// Whether the file does not exist.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Io(error) if error.kind() == io::ErrorKind::NotFound)
    }

    /// The next step.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Io(error) if error.kind() == io::ErrorKind::NotFound => "check the path",
            Self::Io(_) => "let the account that runs Footman read it",
            Self::NotAFile => "name a regular file: pipes, devices and folders are not read",
            Self::TooLarge(_) => "check that it is the file you mean; remove what is not needed",
            Self::NotUtf8 => "save it as UTF-8: in an editor, \"Save as\" with the encoding UTF-8",
        }
    }

    /// The same error as a problem of this file.
    pub fn problem(&self, file: &Path) -> Problem {
        let written = Written::new(file.display().to_string(), "");
        let message = format!("the file {self}");
        let hint = Some(self.hint().to_owned());
        written.problem(0..0, &message, hint).of_kind(ProblemKind::Unreadable)
    }
}

impl From<Unreadable> for io::Error {
    fn from(error: Unreadable) -> Self {
        match error {
            Unreadable::Io(error) => error,
            other => Self::other(other),
        }
    }
}

/// `1 MiB`, `64 KiB`.
fn size(bytes: u64) -> String {
    match bytes {
        n if n >= 1 << 20 => format!("{} MiB", n >> 20),
        n => format!("{} KiB", n >> 10),
    }
}

/// Opens a regular file. A pipe would block until its writer appears; a device may never end.
pub fn open_regular(path: &Path) -> Result<File, Unreadable> {
    if !fs::metadata(path)?.is_file() {
        return Err(Unreadable::NotAFile);
    }
    Ok(File::open(path)?)
}

/// The bytes of a regular file of at most `limit` bytes.
pub fn read_bounded(path: &Path, limit: u64) -> Result<Vec<u8>, Unreadable> {
    let mut bytes = Vec::new();
    // The reported size is not used: the file may grow, and some files report none.
    open_regular(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(Unreadable::TooLarge(limit)) } else { Ok(bytes) }
}

/// The same as text.
pub fn read_text(path: &Path, limit: u64) -> Result<String, Unreadable> {
    decoded(read_bounded(path, limit)?)
}

/// The text of a hand-written file: UTF-8, or UTF-16 as `>` in `PowerShell` writes it.
pub fn decoded(bytes: Vec<u8>) -> Result<String, Unreadable> {
    let text = match utf_16(&bytes) {
        None => String::from_utf8(bytes).map_err(|_| Unreadable::NotUtf8)?,
        Some(encoding) => {
            let (text, _, is_broken) = encoding.decode(&bytes);
            if is_broken {
                return Err(Unreadable::NotUtf8);
            }
            text.into_owned()
        }
    };
    // Nobody types it: the rest of characters of two or four bytes, as where `>>` in `PowerShell`
    // appends UTF-16 to UTF-8.
    if text.contains('\0') { Err(Unreadable::NotUtf8) } else { Ok(text) }
}

/// UTF-16 by its byte order mark, or by the NUL in every other byte of plain text.
fn utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    /// Bytes that are examined where there is no mark.
    const HEAD: usize = 64;
    if let [0xff, 0xfe, ..] | [0xfe, 0xff, ..] = bytes {
        return Some(if bytes[0] == 0xff { UTF_16LE } else { UTF_16BE });
    }
    let pairs = bytes[..bytes.len().min(HEAD)].chunks_exact(2);
    let has_nul_at = |at: usize| pairs.clone().all(|pair| pair[at] == 0 && pair[1 - at] != 0);
    if pairs.len() == 0 || !bytes.len().is_multiple_of(2) {
        return None;
    }
    [(UTF_16LE, 1), (UTF_16BE, 0)].into_iter().find(|(_, at)| has_nul_at(*at)).map(|(it, _)| it)
}

/// The files of a folder with this extension, sorted by name: name and text. Subfolders are not
/// read.
///
/// Files that cannot be read or exceed a limit are skipped and reported as problems.
pub fn load_folder(folder: &Path, extension: &str) -> (Vec<(String, String)>, Vec<Problem>) {
    let refused = |message: String, hint: &str| {
        let written = Written::new(folder.display().to_string(), "");
        let problem = written.problem(0..0, &message, Some(hint.to_owned()));
        problem.of_kind(ProblemKind::Unreadable)
    };
    let names = match names(folder, extension) {
        Ok(names) => names,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let missing = refused(missing_folder(folder), CREATE_IT);
            return (Vec::new(), vec![missing.of_kind(ProblemKind::UnknownName)]);
        }
        Err(error) => {
            let message =
                format!("cannot list the folder {}: {}", folder.display(), system(&error));
            return (
                Vec::new(),
                vec![refused(message, "let the account that runs Footman list it")],
            );
        }
    };
    let (mut texts, mut problems, mut room) = (Vec::new(), Vec::new(), limits::FOLDER);
    if names.len() > limits::FILES {
        let message = format!("the folder has more than {} files", limits::FILES);
        problems.push(refused(message, "keep only the files that are needed in it"));
    }
    for path in names.iter().take(limits::FILES) {
        match read_text(path, limits::TEXT) {
            Ok(text) if text.len() as u64 > room => {
                let message =
                    format!("the files are larger than {} together", size(limits::FOLDER));
                problems.push(refused(message, "keep only the files that are needed in it"));
                break;
            }
            Ok(text) => {
                room -= text.len() as u64;
                texts.push((path.display().to_string(), text));
            }
            Err(error) => problems.push(error.problem(path)),
        }
    }
    problems.truncate(limits::PROBLEMS);
    (texts, problems)
}

/// The files of a folder that an editor has saved with `.txt` after this extension, sorted by name,
/// and the intended names.
pub(crate) fn saved_as_text(folder: &Path, extension: &str) -> Vec<(PathBuf, String)> {
    let paths = names(folder, "txt").unwrap_or_default();
    let meant = |path: PathBuf| {
        let stem = PathBuf::from(path.file_stem()?);
        let is_meant = stem.extension()?.eq_ignore_ascii_case(extension);
        is_meant.then(|| (path, stem.display().to_string()))
    };
    paths.into_iter().filter_map(meant).collect()
}

/// What to do about a folder of patterns or templates that does not exist.
pub(crate) const CREATE_IT: &str = "create it, or remove the line";

/// The problem of a folder of patterns or templates that does not exist.
pub(crate) fn missing_folder(folder: &Path) -> String {
    format!("the folder {} does not exist", folder.display())
}

/// The first files by name: one more than the limit, so that an excess is noticed.
fn names(folder: &Path, extension: &str) -> io::Result<BTreeSet<PathBuf>> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let wanted = path.extension().is_some_and(|ext| ext.eq_ignore_ascii_case(extension));
        if wanted && !path.is_dir() {
            names.insert(path);
        }
        if names.len() > limits::FILES + 1 {
            names.pop_last();
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests;
