//! I/O. The local channel: a folder with one file for each card, for a node without a webhook.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use ring::digest::{SHA256, digest};

use crate::clock::Timestamp;
use crate::outbox::Outcome;

/// A folder that keeps the newest cards.
#[derive(Clone, Debug)]
pub struct LocalFolder {
    folder: PathBuf,
    keep: usize,
}

impl LocalFolder {
    /// The folder is made when the first card arrives; `keep` is the number of cards that stay.
    pub fn new(folder: impl Into<PathBuf>, keep: usize) -> Self {
        Self { folder: folder.into(), keep: keep.max(1) }
    }

    /// Writes one card: whole or not at all, and once for each delivery.
    pub fn send(&self, created: Timestamp, id: &str, payload: &str) -> Outcome {
        match self.write(created, id, payload) {
            Ok(name) => Outcome::Accepted { receipt: Some(name) },
            Err(source) => Outcome::Unreached {
                why: format!("cannot write a card to {}: {source}", self.folder.display()),
            },
        }
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
            self.forget_oldest();
        }
        Ok(name)
    }

    /// A card that cannot be deleted now (somebody looks at it) is deleted another time.
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
    let mut file = private().write(true).create(true).truncate(true).open(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&unfinished, path)
}

/// Cards are for the agent's account alone, as the state that they lie in.
fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(folder)
}

fn private() -> OpenOptions {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "only Unix has a mode to set"))]
    let mut options = File::options();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
}

/// Sorts by time; the hash keeps ids apart that differ only in characters no file name can have.
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
