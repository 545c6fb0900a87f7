//! Pure. The systemd unit that `footman setup` writes if no package installed one.

use std::path::{Path, PathBuf};

/// The unit of the Debian package.
const PACKAGED: &str = include_str!("../../../packaging/linux/footman.service");
/// The path for units of the administrator.
pub(in crate::cli::setup) const PATH: &str = "/etc/systemd/system/footman.service";
/// The start line in the unit of the package.
const START: &str = "ExecStart=/usr/bin/footman run";

/// The unit for this program and these options.
pub(in crate::cli::setup) fn text(program: &Path, options: &[(&str, PathBuf)]) -> String {
    let words = options.iter().map(|(option, path)| format!(" {option} {}", quoted(path)));
    let written = options.iter().filter(|(option, _)| *option == "--state-dir");
    let written = written.map(|(_, folder)| format!("\nReadWritePaths={}", quoted(folder)));
    let options: String = words.chain(written).collect();
    PACKAGED.replace(START, &format!("ExecStart={} run{options}", quoted(program)))
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
