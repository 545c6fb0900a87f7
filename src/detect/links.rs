//! Pure. Checks the links in packs and prepares them for cards.

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use crate::config::Problem;
use crate::detect::pack::PackFile;
use crate::detection::{Link, MOST_LINKS, url_fault};
use crate::redact::redact;

/// Maximum length of a button's title: a phone shows no more.
const LONGEST_TITLE: usize = 40;

/// A link as a pack defines it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct LinkEntry {
    /// The label of the button, such as `Runbook`.
    #[schemars(with = "String", length(min = 1, max = 40))]
    pub(crate) title: Spanned<String>,
    /// The address that the button opens: https only.
    #[schemars(with = "String", regex(pattern = "^https://"))]
    pub(crate) url: Spanned<String>,
}

/// The valid links of a list, and its problems.
pub(crate) fn compile(
    written: &[Spanned<LinkEntry>],
    source: &PackFile,
    problems: &mut Vec<Problem>,
) -> Vec<Link> {
    if let Some(one) = written.get(MOST_LINKS) {
        let message = format!("there are more than {MOST_LINKS} links");
        let hint = "a card in Teams has room for 6 buttons, two of which lead into Qlik Sense";
        problems.push(source.problem(one.span(), message, Some(hint.to_owned())));
    }
    let mut links: Vec<Link> = Vec::new();
    for entry in written.iter().take(MOST_LINKS).map(Spanned::get_ref) {
        let title = entry.title.get_ref().trim();
        if let Some((message, hint)) = title_fault(title) {
            problems.push(source.problem(entry.title.span(), message, Some(hint)));
        }
        let url = entry.url.get_ref().trim();
        if let Some((message, hint)) = fault(url) {
            problems.push(source.problem(entry.url.span(), message, Some(hint)));
        }
        if links.iter().any(|one| one.url == url) {
            let message = format!("`{url}` is listed twice");
            let hint = "remove one of the two".to_owned();
            problems.push(source.problem(entry.url.span(), message, Some(hint)));
        }
        links.push(Link { title: title.to_owned(), url: url.to_owned() });
    }
    links
}

fn title_fault(title: &str) -> Option<(String, String)> {
    if title.is_empty() {
        let hint = "name what the button opens, such as `Runbook` or `Documentation`";
        return Some(("the title of the link is empty".to_owned(), hint.to_owned()));
    }
    let is_long = title.chars().count() > LONGEST_TITLE;
    if is_long || title.chars().any(char::is_control) {
        let message = format!(
            "the title of the link has more than {LONGEST_TITLE} characters, or a line break"
        );
        return Some((message, "a button has room for a few words".to_owned()));
    }
    None
}

fn fault(url: &str) -> Option<(String, String)> {
    if let Some(why) = url_fault(url) {
        let hint = "write a whole https address, such as `https://wiki.example.com/runbook`, \
                    other characters percent-encoded";
        return Some((format!("the address of the link {why}"), hint.to_owned()));
    }
    let hidden = redact(url) != url;
    hidden.then(|| {
        let hint = "everybody in the channel could read it, and the card would hide it: \
                    link a page that asks for a login";
        ("the address of the link holds a secret".to_owned(), hint.to_owned())
    })
}

#[cfg(test)]
mod tests;
