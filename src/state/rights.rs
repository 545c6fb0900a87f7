//! I/O. File permissions: only the agent's own account can read what is stored, whatever the umask.
//!
//! On Windows, a file inherits the access list of its folder; the installer sets that of
//! `%ProgramData%\Footman`.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::Path;

/// Permissions of group and others, which are removed from existing files at the start.
#[cfg(unix)]
const OTHERS: u32 = 0o077;

/// Prefixes of the names that this program creates in a state folder.
const OWN: [&str; 6] = ["state.", "commands.", "footman.", "cards", "page.", "link."];

/// Fails if the path exists and is not a regular file: opening a pipe blocks, and a device may be
/// endless.
pub(crate) fn ensure_regular(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(found) if !found.is_file() => {
            Err(io::Error::other(format!("{} is not a regular file", path.display())))
        }
        _ => Ok(()),
    }
}

/// Whether a folder, or its closest existing parent, is on a read-only file system.
pub(crate) fn is_read_only(dir: &Path) -> bool {
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

/// Creates a folder for its owner alone; missing parents get the usual permissions.
pub fn create_private_folder(dir: &Path) -> io::Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    // The system says of a file in the path that it exists, which misleads.
    if dir.ancestors().any(Path::is_file) {
        return Err(io::Error::from(ErrorKind::NotADirectory));
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

/// Removes the permissions of group and others from one of our files. If this account does not own
/// the file, it stays unchanged.
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

/// Tightens a state folder and its files, but only if all files are Footman's: the folder may also
/// be used for other purposes.
pub(crate) fn tighten_folder(dir: &Path) {
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

/// Changes the owner of a file that an administrator created to that of another file.
#[cfg(unix)]
pub(crate) fn give_to_owner_of(other: &Path, path: &Path) {
    use std::os::unix::fs::{MetadataExt as _, chown};
    let (Ok(owner), Ok(own)) = (fs::metadata(other), fs::metadata(path)) else { return };
    if (owner.uid(), owner.gid()) != (own.uid(), own.gid())
        && let Err(error) = chown(path, Some(owner.uid()), Some(owner.gid()))
    {
        tracing::warn!("{} does not belong to the account of the agent: {error}", path.display());
    }
}

/// Files inherit the rights of their folder.
#[cfg(not(unix))]
pub(crate) fn give_to_owner_of(_other: &Path, _path: &Path) {}
