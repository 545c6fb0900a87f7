//! I/O. Whether Footman would write among the logs of Qlik Sense.

use std::path::{Path, PathBuf};

/// What to do instead.
pub(crate) const NOT_AMONG_LOGS: &str = "nothing is written beside the logs of Qlik Sense";

/// The problem that a path is the log root or below it, in words; `None` if it is elsewhere.
pub(crate) fn among_logs(what: &str, path: &Path, log_root: &Path) -> Option<String> {
    let (inside, root) = (real(path), real(log_root));
    if !is_below(&inside, &root) {
        return None;
    }
    let place = if is_below(&root, &inside) { "is" } else { "is inside" };
    Some(format!("{what} {} {place} the log root {}", path.display(), log_root.display()))
}

/// The path without links and `..`, as far as it exists.
fn real(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let there = whole.ancestors().find_map(|above| Some((above, above.canonicalize().ok()?)));
    let Some((above, real)) = there else { return whole };
    let rest = whole.strip_prefix(above).unwrap_or(Path::new(""));
    // An empty rest would add a separator.
    if rest.as_os_str().is_empty() { real } else { real.join(rest) }
}

/// Whether the path is the folder or below it. Windows ignores the case of names.
fn is_below(path: &Path, folder: &Path) -> bool {
    if !cfg!(windows) {
        return path.starts_with(folder);
    }
    let lower = |path: &Path| PathBuf::from(path.to_string_lossy().to_lowercase());
    lower(path).starts_with(lower(folder))
}

#[cfg(test)]
mod tests;
