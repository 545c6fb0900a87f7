//! Pure. The systemd unit that `footman setup` writes if no package installed one.

use std::path::{Path, PathBuf};

use crate::cli::setup::plan::WrittenFolder;

/// The unit of the Debian package.
const PACKAGED: &str = include_str!("../../../packaging/linux/footman.service");
/// The path for units of the administrator.
pub(crate) const PATH: &str = "/etc/systemd/system/footman.service";
/// The path of an addition to the unit of a package.
pub(crate) const ADDITION: &str = "/etc/systemd/system/footman.service.d/folders.conf";
/// The folders that the unit may write.
pub(crate) const WRITABLE: [&str; 2] = ["/var/lib/footman", "/var/log/footman"];
/// The start line in the unit of the package.
const START: &str = "ExecStart=/usr/bin/footman run";

/// The unit for this program and these options, which may also write to these folders.
pub(crate) fn text(
    program: &Path,
    options: &[(&str, PathBuf)],
    folders: &[WrittenFolder],
) -> String {
    let words = options.iter().map(|(option, path)| format!(" {option} {}", quoted(path)));
    let options: String = words.collect();
    let written = writable(folders).trim_end().to_owned();
    let written = if written.is_empty() { written } else { format!("\n{written}") };
    let start = format!("ExecStart={} run{options}{written}", quoted(program));
    PACKAGED.replace(START, &start)
}

/// The addition to the unit of a package: further folders that it may write to.
pub(crate) fn addition(folders: &[WrittenFolder]) -> String {
    format!("[Service]\n{}", writable(folders))
}

fn writable(folders: &[WrittenFolder]) -> String {
    let line = |folder: &WrittenFolder| format!("ReadWritePaths={}\n", quoted(&folder.path));
    folders.iter().map(line).collect()
}

/// A path in systemd's syntax: quoted if needed, with special characters escaped.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string().replace('%', "%%").replace('$', "$$");
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-%$".contains(c);
    if text.chars().all(is_plain) {
        return text;
    }
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests;
