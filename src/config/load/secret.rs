//! I/O. Files that hold a secret: made for one account, refused when other accounts can read them.

mod access_list;
#[cfg(windows)]
mod windows;

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

#[cfg(windows)]
use crate::config::load::secret::windows as system;

/// Creates a file that only its owner can read, with this text. It is never overwritten.
pub fn write_secret(path: &Path, text: &str) -> io::Result<()> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    // On Windows the rights come before the secret: until then the file is empty.
    #[cfg(windows)]
    system::restrict(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Puts another text into such a file, or creates it. A reader sees the old one or the new one.
pub fn replace_secret(path: &Path, text: &str) -> io::Result<()> {
    let beside = path.with_extension("new");
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    write_secret(&beside, text)?;
    #[cfg(unix)]
    if let Ok(found) = fs::metadata(path) {
        use std::os::unix::fs::{MetadataExt as _, chown};
        // Only root can give a file away; for everybody else it is theirs already.
        chown(&beside, Some(found.uid()), Some(found.gid())).ok();
    }
    fs::rename(&beside, path)
}

/// Keeps a folder that was just made, and what will be in it, for its owner, administrators and the
/// system. Elsewhere than on Windows each file has rights of its own.
pub fn protect_folder(folder: &Path) -> io::Result<()> {
    #[cfg(windows)]
    system::restrict_folder(folder)?;
    #[cfg(not(windows))]
    fs::metadata(folder)?;
    Ok(())
}

/// Who else can read the file, in words: other accounts than its owner, administrators and the
/// system. Nothing where the system does not say.
pub fn other_readers(path: &Path) -> Option<String> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(path).ok()?.permissions().mode() & 0o777;
        (mode & 0o077 != 0).then(|| format!("other accounts (its mode is {mode:04o})"))
    }
    #[cfg(windows)]
    {
        access_list::other_readers(&system::access_list(path).ok()?).map(str::to_owned)
    }
}

/// How to take the file away from other readers.
pub fn restricting(path: &Path) -> String {
    let path = path.display();
    if cfg!(windows) {
        format!(
            "run `icacls \"{path}\" /inheritance:r /grant:r *S-1-5-18:F *S-1-5-32-544:F` and \
             grant the account that runs Footman"
        )
    } else {
        format!("run `chmod 600 {path}`; its owner is the account that runs Footman")
    }
}
