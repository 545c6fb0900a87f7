//! I/O. Keys beside the state: the one of the local page, and those that sign links.
//!
//! They are files of their own, because people read, delete and back them up separately from the
//! state. Each has one writer: the agent.

use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use jiff::SignedDuration;

use crate::clock::Timestamp;
use crate::command::link::{KEY_BYTES, LINK_LASTS, LinkKey, hex, unhex};
use crate::state::rights;

/// Name of the file with the key of the local page.
pub const PAGE_KEY_NAME: &str = "page.key";
/// Name of the file with the keys of links.
pub const LINK_KEYS_NAME: &str = "link.key";
/// A key signs links for this long.
const ROTATED_AFTER: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Larger files are not Footman's.
const MOST_BYTES: u64 = 4096;

/// The key that allows acting on the local page.
#[derive(Clone, PartialEq, Eq)]
pub struct PageKey(pub [u8; KEY_BYTES]);

impl std::fmt::Debug for PageKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PageKey")
    }
}

impl PageKey {
    /// The key as in the file and in the link of `status`.
    pub fn text(&self) -> String {
        hex(&self.0)
    }

    /// Reads the key; `None` if there is none.
    pub fn read(dir: &Path) -> io::Result<Option<Self>> {
        let Some(text) = read(&dir.join(PAGE_KEY_NAME))? else { return Ok(None) };
        Ok(secret(text.trim()).map(Self))
    }

    /// Reads the key, and creates one if there is none or it cannot be used.
    pub fn read_or_make(dir: &Path) -> io::Result<Self> {
        let path = dir.join(PAGE_KEY_NAME);
        if let Some(key) = Self::read(dir)? {
            rights::tighten(&path);
            return Ok(key);
        }
        let key = Self(random()?);
        write(&path, &format!("{}\n", key.text()))?;
        Ok(key)
    }
}

/// The keys of links: the newest signs, the one before it still verifies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkKeys(Vec<LinkKey>);

impl LinkKeys {
    /// The keys that verify links now, the newest first.
    pub fn valid(&self, now: Timestamp) -> &[LinkKey] {
        let is_young = |newest: &LinkKey| now.duration_since(newest.made) < LINK_LASTS;
        let n = if self.0.first().is_some_and(is_young) { 2 } else { 1 };
        self.0.get(..n).unwrap_or(&self.0)
    }

    /// Reads the keys; none if there is no file.
    pub fn read(dir: &Path) -> io::Result<Self> {
        let text = read(&dir.join(LINK_KEYS_NAME))?.unwrap_or_default();
        Ok(Self(text.lines().filter_map(key).collect()))
    }

    /// The key that signs links now. It is created if there is none, and replaced after a month.
    pub fn signing(dir: &Path, now: Timestamp) -> io::Result<LinkKey> {
        let mut keys = Self::read(dir)?;
        let is_current = |newest: &LinkKey| {
            let age = now.duration_since(newest.made);
            // A key from the future, after a clock was set back, would never be replaced.
            age < ROTATED_AFTER && age > -ROTATED_AFTER
        };
        if let Some(newest) = keys.0.first().filter(|newest| is_current(newest)) {
            return Ok(newest.clone());
        }
        let id: [u8; 4] = random()?;
        let new = LinkKey { id: hex(&id), secret: random()?, made: now };
        keys.0.insert(0, new.clone());
        keys.0.truncate(2);
        let lines =
            keys.0.iter().map(|key| format!("{} {} {}\n", key.id, hex(&key.secret), key.made));
        write(&dir.join(LINK_KEYS_NAME), &lines.collect::<String>())?;
        Ok(new)
    }
}

fn key(line: &str) -> Option<LinkKey> {
    let mut words = line.split_whitespace();
    let (id, digits, made) = (words.next()?, words.next()?, words.next()?);
    Some(LinkKey { id: id.to_owned(), secret: secret(digits)?, made: made.parse().ok()? })
}

fn secret(digits: &str) -> Option<[u8; KEY_BYTES]> {
    unhex(digits)?.try_into().ok()
}

fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

fn read(path: &Path) -> io::Result<Option<String>> {
    rights::ensure_regular(path)?;
    match fs::metadata(path) {
        Ok(found) if found.len() > MOST_BYTES => return Ok(None),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        _ => {}
    }
    match fs::read(path) {
        Ok(bytes) => Ok(String::from_utf8(bytes).ok()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Replaces the file at once, readable by this account alone.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let unfinished: PathBuf = path.with_extension("key.new");
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = rights::private_file().write(true).create_new(true).open(&unfinished)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    drop(file);
    fs::rename(&unfinished, path)
}

#[cfg(test)]
mod tests;
