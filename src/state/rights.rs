//! I/O. Who may read what is kept: the agent's own account and nobody else, whatever the umask.
//!
//! On Windows a file inherits the access list of its folder; the installer sets that of
//! `%ProgramData%\Footman`.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::Path;

/// What a file that was made before may allow others is taken away at the next start.
#[cfg(unix)]
const OTHERS: u32 = 0o077;

/// Names in a state folder that this program makes, by their beginning.
const OWN: [&str; 4] = ["state.", "footman.", "cards", "page."];

/// Complains of what is there and is no regular file: opening a pipe waits for its other end, and a
/// device may never end.
pub(super) fn ensure_regular(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(found) if !found.is_file() => {
            Err(io::Error::other(format!("{} is not a regular file", path.display())))
        }
        _ => Ok(()),
    }
}

/// Whether a folder, or what it would be made in, stands on a file system that cannot be written.
pub(super) fn is_read_only(dir: &Path) -> bool {
    #[cfg(unix)]
    {
        use rustix::fs::{Access, access};
        use rustix::io::Errno;
        let there = dir.ancestors().find(|dir| dir.exists()).unwrap_or(dir);
        access(there, Access::WRITE_OK) == Err(Errno::ROFS)
    }
    #[cfg(not(unix))]
    {
        fs::metadata(dir).is_err_and(|error| error.kind() == ErrorKind::ReadOnlyFilesystem)
    }
}

/// Options that create a file for its owner alone.
pub fn private_file() -> OpenOptions {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "only Unix has a mode to set"))]
    let mut options = File::options();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
}

/// Creates a folder for its owner alone, and what is missing above it as usual.
pub fn create_private_folder(dir: &Path) -> io::Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    if let Some(parent) = dir.parent() {
        fs::create_dir_all(parent)?;
    }
    #[cfg_attr(not(unix), expect(unused_mut, reason = "only Unix has a mode to set"))]
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    match builder.create(dir) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        made => made,
    }
}

/// Takes the rights of group and others away from a file of ours. Whoever does not own it cannot,
/// and leaves it.
pub fn tighten(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let Ok(mode) = fs::metadata(path).map(|found| found.permissions().mode()) else { return };
        if mode & OTHERS != 0 {
            fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o7700)).ok();
        }
    }
    #[cfg(not(unix))]
    drop(path.metadata());
}

/// Tightens a state folder and what is in it, if all that is in it is ours: somebody may have
/// named a folder that he uses for other things as well.
pub(super) fn tighten_folder(dir: &Path) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    let mut paths = Vec::new();
    for entry in entries {
        let Ok(entry) = entry else { return };
        let name = entry.file_name();
        if !OWN.iter().any(|own| name.to_string_lossy().starts_with(own)) {
            return;
        }
        paths.push(entry.path());
    }
    if paths.iter().any(|path| path.ends_with("state.lock")) {
        tighten(dir);
        for path in &paths {
            tighten(path);
        }
    }
}
