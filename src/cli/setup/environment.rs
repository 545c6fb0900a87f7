//! Pure. The variables in an `EnvironmentFile` of systemd.

/// The file that the unit reads; only root may read it.
pub(crate) const PATH: &str = "/etc/footman/environment";

/// Names and values, without quotes around a value. Lines that are not assignments are left out.
pub(crate) fn variables(text: &str) -> Vec<(String, String)> {
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with(['#', ';']));
    let assigned = lines.filter_map(|line| line.split_once('='));
    assigned.map(|(name, value)| (name.trim().to_owned(), bare(value.trim()).to_owned())).collect()
}

fn bare(value: &str) -> &str {
    let inside = |quote| value.strip_prefix(quote)?.strip_suffix(quote);
    inside('"').or_else(|| inside('\'')).unwrap_or(value)
}

#[cfg(test)]
mod tests;
