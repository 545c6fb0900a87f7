//! I/O. Reads the folder of the local channel, one card per file.

use std::fs;
use std::io;
use std::path::Path;

use crate::clock::Timestamp;
use crate::config::load::{limits, read_bounded};
use crate::web::Error;
use crate::web::page::Post;

/// The most cards on the page.
const NEWEST: usize = 200;

/// The newest cards, newest first.
pub(in crate::web) fn newest(folder: &Path) -> Result<Vec<Post>, Error> {
    Ok(names(folder)?.into_iter().filter_map(|name| read(folder, name)).collect())
}

/// One of the newest cards; `None` if it is not among them.
pub(in crate::web) fn one(folder: &Path, name: &str) -> Result<Option<Post>, Error> {
    let known = names(folder)?.into_iter().find(|known| known == name);
    Ok(known.and_then(|name| read(folder, name)))
}

/// The names of the newest cards, newest first.
pub(in crate::web) fn names(folder: &Path) -> Result<Vec<String>, Error> {
    let mut names =
        list(folder).map_err(|source| Error::ListCards { folder: folder.to_owned(), source })?;
    names.sort_unstable_by(|a, b| b.cmp(a));
    names.truncate(NEWEST);
    Ok(names)
}

fn list(folder: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        // The channel creates its folder with the first card.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    Ok(names.filter(|name| Path::new(name).extension().is_some_and(|ext| ext == "json")).collect())
}

/// `None` if the file has been deleted.
fn read(folder: &Path, name: String) -> Option<Post> {
    let path = folder.join(&name);
    let written = fs::metadata(&path).ok()?.modified().ok()?;
    let at = Timestamp::try_from(written).unwrap_or(Timestamp::UNIX_EPOCH);
    let envelope = match read_bounded(&path, limits::TEXT) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map_err(|error| format!("{name} cannot be read as a card: {error}")),
        Err(error) => Err(format!("{name} {error}")),
    };
    Some(Post { name, at, envelope })
}
