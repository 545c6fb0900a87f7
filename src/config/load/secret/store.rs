//! I/O. Secrets that `footman secret` stores: one file for each, in a folder beside the configuration.
//!
//! Only one account can read a file. On Windows it is also encrypted for this machine, so that a
//! copy is useless elsewhere.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::config::limits;
use crate::config::load::read_text;
#[cfg(windows)]
use crate::config::load::secret::machine_key;
use crate::config::load::secret::{create_folder_of, other_readers, replace_secret, restricting};

/// Begins the name of each file: some names, such as `con`, are devices on Windows.
const PREFIX: &str = "secret-";

/// The stored secrets of one configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretStore {
    folder: PathBuf,
}

/// Why a secret cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusable {
    pub why: String,
    pub hint: String,
}

impl SecretStore {
    /// The secrets of a configuration file.
    pub fn beside(config_file: &Path) -> Self {
        Self { folder: config_file.parent().unwrap_or(Path::new("")).join("secrets") }
    }

    /// The file of a secret. The caller has checked the name.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{PREFIX}{name}"))
    }

    /// The names of all stored secrets, in order.
    pub fn names(&self) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let name = entry?.file_name().to_string_lossy().into_owned();
            let name = name.strip_prefix(PREFIX).filter(|name| crate::config::is_name(name));
            names.extend(name.map(str::to_owned));
        }
        names.sort();
        Ok(names)
    }

    /// Reads a secret.
    pub fn get(&self, name: &str) -> Result<String, Unusable> {
        let path = self.path(name);
        let shown = path.display();
        let text = read_text(&path, limits::VALUE).map_err(|error| {
            if error.is_missing() {
                let why = format!("no secret `{name}` is stored");
                return Unusable { why, hint: format!("store it: `footman secret set {name}`") };
            }
            let why = format!("the secret `{name}` in {shown} {error}");
            Unusable { why, hint: error.hint().to_owned() }
        })?;
        if let Some(who) = other_readers(&path) {
            let why = format!("the secret `{name}` in {shown} can be read by {who}");
            return Err(Unusable { why, hint: restricting(&path) });
        }
        opened(&text).map_err(|_| Unusable {
            why: format!("the secret `{name}` in {shown} was not stored on this machine"),
            hint: format!("store it again: `footman secret set {name}`"),
        })
    }

    /// Stores a secret or replaces it. A new file gets the owner of `owned_like`, where the agent
    /// writes, because the agent's account must read it.
    pub fn set(&self, name: &str, text: &str, owned_like: &Path) -> io::Result<()> {
        let path = self.path(name);
        create_folder_of(&path)?;
        let is_new = !path.exists();
        replace_secret(&path, &sealed(text)?)?;
        if is_new {
            own_like(&path, owned_like);
        }
        Ok(())
    }

    /// Deletes a secret.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.path(name))
    }
}

/// Only root can change the owner of a file; for other accounts the owner is already right.
fn own_like(path: &Path, like: &Path) {
    #[cfg(unix)]
    if let Ok(found) = fs::metadata(like) {
        use std::os::unix::fs::{MetadataExt as _, chown};
        chown(path, Some(found.uid()), Some(found.gid())).ok();
    }
    #[cfg(not(unix))]
    {
        // The access list of a file comes from the one who writes it.
        let _: (&Path, &Path) = (path, like);
    }
}

#[cfg(windows)]
fn sealed(text: &str) -> io::Result<String> {
    machine_key::sealed(text)
}

#[cfg(windows)]
fn opened(text: &str) -> io::Result<String> {
    machine_key::opened(text)
}

#[cfg(not(windows))]
#[expect(clippy::unnecessary_wraps, reason = "on Windows it can fail")]
fn sealed(text: &str) -> io::Result<String> {
    Ok(text.to_owned())
}

#[cfg(not(windows))]
#[expect(clippy::unnecessary_wraps, reason = "on Windows it can fail")]
fn opened(text: &str) -> io::Result<String> {
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests;
