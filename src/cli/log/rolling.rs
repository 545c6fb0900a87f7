//! I/O. Log files of limited size and number: a new one each day and every few megabytes.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::clock;
use crate::state::{create_private_folder, private_file, tighten};

/// The size limit of one file…
const FILE_BYTES: u64 = 5 << 20;
/// …and the number of files kept: 50 MB in total.
const FILES_KEPT: usize = 10;
/// A longer line is cut.
const LINE_BYTES: usize = 64 << 10;
const CUT: &[u8] = b" (cut)\n";

const PREFIX: &str = "footman.";
const SUFFIX: &str = ".log";

/// Writes to `footman.DAY.log`, then `footman.DAY.2.log` and so on.
pub(crate) struct RollingFile {
    folder: PathBuf,
    day: String,
    number: u32,
    file: File,
    len: u64,
}

impl RollingFile {
    pub(crate) fn open(folder: &Path) -> io::Result<Self> {
        create_private_folder(folder)?;
        let day = today();
        let number = last_number(folder, &day);
        let (file, len) = append(folder, &day, number)?;
        let rolling = Self { folder: folder.to_owned(), day, number, file, len };
        rolling.files().iter().for_each(|path| tighten(path));
        rolling.forget_oldest();
        Ok(rolling)
    }

    fn roll_if_due(&mut self, more: usize) -> io::Result<()> {
        let day = today();
        let number = if day != self.day {
            1
        } else if self.len > 0 && self.len + more as u64 > FILE_BYTES {
            self.number + 1
        } else {
            return Ok(());
        };
        let (file, len) = append(&self.folder, &day, number)?;
        (self.file, self.len, self.day, self.number) = (file, len, day, number);
        self.forget_oldest();
        Ok(())
    }

    /// All files of this log, oldest first.
    fn files(&self) -> Vec<PathBuf> {
        let mut all: Vec<_> =
            names(&self.folder).filter_map(|name| Some((parts_of(&name)?, name))).collect();
        all.sort();
        all.into_iter().map(|(_, name)| self.folder.join(name)).collect()
    }

    fn forget_oldest(&self) {
        let files = self.files();
        let surplus = files.len().saturating_sub(FILES_KEPT);
        for path in files.iter().take(surplus) {
            fs::remove_file(path).ok();
        }
    }
}

impl Write for RollingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let line = &bytes[..bytes.len().min(LINE_BYTES)];
        let end = if line.len() < bytes.len() { CUT } else { b"" };
        self.roll_if_due(line.len() + end.len())?;
        self.file.write_all(line)?;
        self.file.write_all(end)?;
        self.len += (line.len() + end.len()) as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn append(folder: &Path, day: &str, number: u32) -> io::Result<(File, u64)> {
    let name = match number {
        1 => format!("{PREFIX}{day}{SUFFIX}"),
        n => format!("{PREFIX}{day}.{n}{SUFFIX}"),
    };
    let file = private_file().create(true).append(true).open(folder.join(name))?;
    let len = file.metadata()?.len();
    Ok((file, len))
}

fn today() -> String {
    clock::now().strftime("%Y-%m-%d").to_string()
}

fn names(folder: &Path) -> impl Iterator<Item = String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok())
}

/// The number of a day's newest file.
fn last_number(folder: &Path, day: &str) -> u32 {
    let numbers = names(folder).filter_map(|name| parts_of(&name));
    numbers.filter(|(found, _)| found == day).map(|(_, number)| number).max().unwrap_or(1)
}

/// Day and number of a log file, from its name.
fn parts_of(name: &str) -> Option<(String, u32)> {
    let middle = name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?;
    let (day, number) = middle.split_once('.').unwrap_or((middle, "1"));
    let is_day = day.len() == 10 && day.chars().all(|c| c.is_ascii_digit() || c == '-');
    Some((day.to_owned(), number.parse().ok()?)).filter(|_| is_day)
}

#[cfg(test)]
mod tests;
