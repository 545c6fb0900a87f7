//! Pure. Hides the secret part of URLs in texts that are shown.

/// Puts stars over whatever follows the host in every URL of the text.
///
/// The length in bytes stays, so that places in the text stay true. A webhook URL that somebody
/// wrote into the wrong place is thus not repeated by the problem that says so.
pub(in crate::config) fn cover_urls(text: &str) -> String {
    let mut covered = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        let host = after.find(|c| !is_host(c)).unwrap_or(after.len());
        let end = after.find(is_end_of_url).unwrap_or(after.len()).max(host);
        covered.push_str(before);
        covered.push_str(&after[..host]);
        covered.extend(std::iter::repeat_n('*', end - host));
        rest = &after[end..];
    }
    covered + rest
}

fn is_host(c: char) -> bool {
    c.is_alphanumeric() || ".-:[]".contains(c)
}

fn is_end_of_url(c: char) -> bool {
    c.is_whitespace() || c.is_control() || "\"'`<>".contains(c)
}
