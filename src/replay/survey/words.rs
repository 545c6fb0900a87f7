//! Pure. The words that a survey may show: those of Qlik Sense and of the built-in patterns only.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::detect::builtin_packs;

static KEPT: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let own = include_str!("words.txt").lines().filter(|line| !line.starts_with("# "));
    let own = own.flat_map(str::split_whitespace).flat_map(parts).map(str::to_owned);
    own.chain(of_patterns()).collect()
});

/// Whether a word may be shown as it is spelled. The first word of a sentence may be capitalized.
pub(crate) fn is_kept(word: &str, begins: bool) -> bool {
    if KEPT.contains(word) {
        return true;
    }
    let mut letters = word.chars();
    let small = letters.next().filter(char::is_ascii_uppercase).map(|c| c.to_ascii_lowercase());
    let Some(small) = small.filter(|_| begins) else { return false };
    letters.as_str().chars().all(|c| c.is_ascii_lowercase())
        && KEPT.contains(&format!("{small}{}", letters.as_str()))
}

/// Whether a product-defined name (of a class, a column) consists of known words only.
pub(crate) fn is_product_name(name: &str) -> bool {
    !name.is_empty() && (KEPT.contains(name) || humps(name).all(is_hump))
}

fn is_hump(hump: &str) -> bool {
    hump.len() > 1 && (KEPT.contains(hump) || KEPT.contains(&hump.to_ascii_lowercase()))
}

/// The words in `TaskSessionState`.
fn humps(name: &str) -> impl Iterator<Item = &str> {
    let ends = name.char_indices().skip(1).filter(|(_, c)| !c.is_lowercase()).map(|(at, _)| at);
    let mut start = 0;
    ends.chain([name.len()]).map(move |end| {
        let hump = &name[start..end];
        start = end;
        hump
    })
}

/// The words that the built-in patterns and error classes search for; not those of their samples,
/// which name apps and users.
fn of_patterns() -> impl Iterator<Item = String> {
    static SYNTAX: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\\[pP]\{[^}]*\}|\\[A-Za-z]|\(\?[a-z-]*\)|\(\?[a-z-]*:|\(\?P?<\w+>|\{[0-9,]+\}|\[[^\]]*\]")
            .expect("the pattern is fixed")
    });
    let packs = builtin_packs().into_iter();
    let packs = packs.filter_map(|pack| toml::from_str::<toml::Table>(&pack.text).ok());
    packs.flat_map(|pack| {
        let mut texts = Vec::new();
        for (list, key) in [("pattern", "when"), ("error", "texts"), ("error", "codes")] {
            let entries = pack.get(list).and_then(toml::Value::as_array).into_iter().flatten();
            for entry in entries {
                strings(entry.get(key), &mut texts);
            }
        }
        texts.iter().flat_map(|text| words_in(&SYNTAX.replace_all(text, " "))).collect::<Vec<_>>()
    })
}

fn words_in(text: &str) -> Vec<String> {
    parts(text).map(str::to_owned).collect()
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !c.is_alphabetic());
    // Single letters could spell a name.
    words.filter(|word| word.chars().nth(1).is_some() || matches!(*word, "a"))
}

fn strings(value: Option<&toml::Value>, texts: &mut Vec<String>) {
    match value {
        Some(toml::Value::String(text)) => texts.push(text.clone()),
        Some(toml::Value::Array(all)) => all.iter().for_each(|one| strings(Some(one), texts)),
        Some(toml::Value::Table(all)) => all.values().for_each(|one| strings(Some(one), texts)),
        _ => {}
    }
}
