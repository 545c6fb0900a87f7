//! I/O. Whether this account may write where setup and the agent write, checked before anything is
//! changed.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::cli::setup::plan::NoPlan;

/// A folder to write into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AccountPlace {
    pub folder: PathBuf,
    /// The option that names another one.
    pub option: &'static str,
    /// Whether this is the default place.
    pub is_standard: bool,
}

/// Refuses all places that this account may not write to at once, so that they are not found one by
/// one. A single chosen folder has a problem of its own, which names the setting.
pub(crate) fn refused(places: &[AccountPlace]) -> Option<NoPlan> {
    let denied = places.iter().filter(|place| is_denied(&place.folder));
    in_words(&denied.collect::<Vec<_>>())
}

fn in_words(denied: &[&AccountPlace]) -> Option<NoPlan> {
    denied.iter().find(|place| place.is_standard)?;
    let folders: Vec<String> =
        denied.iter().map(|place| place.folder.display().to_string()).collect();
    let mut options: Vec<&str> = denied.iter().map(|place| place.option).collect();
    options.dedup();
    let who =
        if cfg!(windows) { "run this in an administrator's console" } else { "run this as root" };
    Some(NoPlan {
        why: format!("this account may not write {}", folders.join(", ")),
        hint: format!("{who}, or name places of your own with {}", options.join(" and ")),
    })
}

/// Tests it in the folder, or in its nearest existing ancestor.
fn is_denied(folder: &Path) -> bool {
    let Some(there) = folder.ancestors().find(|above| above.is_dir()) else { return false };
    let path = there.join(format!(".footman.probe-{}", std::process::id()));
    match File::create_new(&path) {
        Ok(_) => {
            fs::remove_file(&path).ok();
            false
        }
        Err(error) => error.kind() == ErrorKind::PermissionDenied,
    }
}

#[cfg(test)]
mod tests;
