//! Pure. Long paths on a phone: shortened in their middle, and broken only between their parts.

use crate::render::clean;

/// Where a client may break a line.
const BREAK: char = '\u{200B}';
/// The longest path that is shown whole, in characters.
const LONG: usize = 64;
/// The longest name of a file that is shown whole.
const LONG_NAME: usize = 40;

/// `\\server\share\…\Script\6f2c…d0e1.20261123T031021.log`.
pub(crate) fn short(path: &str) -> String {
    let whole = clean::line(path, 600);
    let parts: Vec<&str> = whole.split_inclusive(['\\', '/']).collect();
    let Some((name, folders)) = parts.split_last() else { return whole };
    if whole.chars().count() <= LONG {
        return breakable(&parts);
    }
    let name = short_name(name);
    // A share begins with two separators, the server and the share.
    let head = if whole.starts_with(r"\\") { 4 } else { 2 };
    let cut = |text: &&str| clean::ellipsis(text, LONG_NAME);
    let mut shown: Vec<String> = folders.iter().take(head).map(cut).collect();
    if folders.len() > head + 1 {
        shown.push(format!("…{}", separator(&whole)));
    }
    shown.extend(folders.iter().skip(head.max(folders.len().saturating_sub(1))).map(cut));
    shown.push(name);
    breakable(&shown.iter().map(String::as_str).collect::<Vec<_>>())
}

/// The whole path, which may be broken after each separator.
pub(crate) fn whole(path: &str) -> String {
    breakable(&path.split_inclusive(['\\', '/']).collect::<Vec<_>>())
}

fn separator(path: &str) -> char {
    if path.contains('\\') { '\\' } else { '/' }
}

/// The beginning and the end of a name; the time is at the end.
fn short_name(name: &str) -> String {
    let n = name.chars().count();
    if n <= LONG_NAME {
        return name.to_owned();
    }
    let begin: String = name.chars().take(8).collect();
    let end: String = name.chars().skip(n - (LONG_NAME - 9)).collect();
    format!("{begin}…{end}")
}

fn breakable(parts: &[&str]) -> String {
    let mut out = String::new();
    for (at, part) in parts.iter().enumerate() {
        out.push_str(part);
        if at + 1 < parts.len() && part.len() > 1 {
            out.push(BREAK);
        }
    }
    out
}

#[cfg(test)]
mod tests;
