//! I/O. Files that hold a secret: created for one account, and checked for other readers.

mod access_list;
#[cfg(windows)]
mod machine_key;
mod store;
#[cfg(windows)]
mod windows;

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

pub use crate::config::load::secret::store::{SecretStore, Unusable};

#[cfg(windows)]
use crate::config::load::secret::windows as system;

/// Creates a file that only its owner can read, with this text. Never overwrites a file.
pub fn write_secret(path: &Path, text: &str) -> io::Result<()> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    // On Windows permissions are set before the secret is written: until then the file is empty.
    #[cfg(windows)]
    system::restrict(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Replaces the text of such a file, or creates it; the owner stays. A reader sees the old or the
/// new text, except on Windows: there an existing file is overwritten, so that the accounts that
/// were granted access keep it.
pub fn replace_secret(path: &Path, text: &str) -> io::Result<()> {
    if cfg!(windows) && path.exists() && other_readers(path).is_none() {
        let mut file = File::options().write(true).truncate(true).open(path)?;
        file.write_all(text.as_bytes())?;
        return file.sync_all();
    }
    replace(path, |beside| write_secret(beside, text))
}

/// Replaces the text of a file that every account may read, or creates it; owner and permissions
/// stay. A reader sees the old or the new text.
pub fn replace_readable(path: &Path, text: &str) -> io::Result<()> {
    replace(path, |beside| {
        let mut file = File::create_new(beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            // Whatever the umask: the agent has an account of its own.
            let found = fs::metadata(path).map(|found| found.permissions());
            file.set_permissions(found.unwrap_or(fs::Permissions::from_mode(0o644)))?;
        }
        Ok(())
    })
}

/// Writes beside a file and renames, with the owner of the file if it exists.
fn replace(path: &Path, write: impl FnOnce(&Path) -> io::Result<()>) -> io::Result<()> {
    let beside = path.with_extension("new");
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    write(&beside)?;
    #[cfg(unix)]
    if let Ok(found) = fs::metadata(path) {
        use std::os::unix::fs::{MetadataExt as _, chown};
        // Only root can change the owner; for other accounts the owner is right already.
        chown(&beside, Some(found.uid()), Some(found.gid())).ok();
    }
    fs::rename(&beside, path)
}

/// Creates the folder of a configuration file. On Windows, it and its future contents are for
/// administrators and the system only; elsewhere each file has its own mode.
pub fn create_folder_of(path: &Path) -> io::Result<()> {
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else {
        return Ok(());
    };
    if folder.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    #[cfg(windows)]
    system::restrict_folder(folder)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // Whatever the umask: the agent has an account of its own.
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

/// Describes who can read the file besides its owner, administrators and the system. `None` also
/// if the system does not report it.
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

/// The command that removes other readers from the file.
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
