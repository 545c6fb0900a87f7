//! I/O. Writes each card to its own file, and keeps the newest cards.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use ring::digest::{SHA256, digest};

use crate::channels::SendRequest;
use crate::channels::local::answer::judge;
use crate::channels::teams::message;
use crate::clock::Timestamp;
use crate::outbox::Outcome;
use crate::state::{give_to_owner_of, private_file};

/// A folder that keeps the newest cards.
#[derive(Clone, Debug)]
pub struct LocalFolder {
    folder: PathBuf,
    keep: usize,
}

impl LocalFolder {
    /// The folder is created with the first card; `keep` is the number of cards to keep.
    pub fn new(folder: impl Into<PathBuf>, keep: usize) -> Self {
        Self { folder: folder.into(), keep: keep.max(1) }
    }

    /// Writes one card as Teams would receive it, atomically and once for each delivery. The same
    /// delivery is the same file, so a repeat needs no mark.
    pub fn send(&self, request: SendRequest<'_>) -> Outcome {
        let shown = message(request.card, false);
        judge(&self.folder, self.write(request.created, request.id, &shown))
    }

    /// The cards, oldest first.
    pub fn cards(&self) -> io::Result<Vec<PathBuf>> {
        let mut cards = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                cards.push(path);
            }
        }
        cards.sort();
        Ok(cards)
    }

    fn write(&self, created: Timestamp, id: &str, payload: &str) -> io::Result<String> {
        create_folder(&self.folder)?;
        let name = file_name(created, id);
        let path = self.folder.join(&name);
        if !path.exists() {
            write_whole(&path, payload.as_bytes())?;
            give_to_owner_of(&self.folder, &path);
            self.forget_oldest();
        }
        Ok(name)
    }

    /// A card that cannot be deleted now, because it is open, is deleted later.
    fn forget_oldest(&self) {
        let cards = self.cards().unwrap_or_default();
        let surplus = cards.len().saturating_sub(self.keep);
        for card in cards.iter().take(surplus) {
            fs::remove_file(card).ok();
        }
    }
}

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let unfinished = path.with_extension("tmp");
    let mut file = private_file().write(true).create(true).truncate(true).open(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&unfinished, path)
}

/// Cards are readable by the agent's account only, like the state folder. An administrator who sends
/// a test card leaves no folder that the agent cannot write.
fn create_folder(folder: &Path) -> io::Result<()> {
    let absent = folder.ancestors().take_while(|it| !it.as_os_str().is_empty() && !it.exists());
    let absent: Vec<&Path> = absent.collect();
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(folder)?;
    for (created, parent) in absent.iter().rev().filter_map(|it| Some((it, it.parent()?))) {
        give_to_owner_of(parent, created);
    }
    Ok(())
}

/// Names sort by time; the hash distinguishes ids that differ only in characters that a file name
/// cannot have.
fn file_name(created: Timestamp, id: &str) -> String {
    let readable: String = id.chars().map(plain_char).take(60).collect();
    let hash = digest(&SHA256, id.as_bytes());
    let hash = hash.as_ref().iter().take(4).fold(0_u32, |n, byte| (n << 8) | u32::from(*byte));
    let time = created.strftime("%Y%m%dT%H%M%S.%3fZ");
    format!("{time}_{readable}_{hash:08x}.json")
}

fn plain_char(c: char) -> char {
    if c.is_ascii_alphanumeric() || matches!(c, '@' | '-') { c } else { '-' }
}

#[cfg(test)]
mod tests;
