//! Pure. "Did you mean …?": the known word that is nearest to the one that was written.

/// A word that is near has a third more letters at most, of four bytes at most.
const LONGER: usize = 6;

/// The known word that differs least, if it differs by a third of its length or less.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        // Where the lengths differ more, so do the words.
        .filter(|candidate| word.len() <= LONGER * candidate.len())
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.chars().count().div_ceil(3))
        .min()
        .map(|(_, candidate)| candidate)
}

/// How many letters must be added, dropped or changed; case and `_` for `-` do not count.
fn distance(from: &str, to: &str) -> usize {
    let plain = |word: &str| word.to_ascii_lowercase().replace('_', "-");
    strsim::levenshtein(&plain(from), &plain(to))
}
