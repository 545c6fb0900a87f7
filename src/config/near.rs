//! Pure. Finds the known word that is nearest to a misspelt one, for "did you mean …?".

/// A near word has at most a third more letters, each of at most four bytes.
const LONGER: usize = 6;

/// The most similar known word, if at most a third of its letters differ.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        // A larger difference in length alone exceeds the limit.
        .filter(|candidate| word.len() <= LONGER * candidate.len())
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.chars().count().div_ceil(3))
        .min()
        .map(|(_, candidate)| candidate)
}

/// Edit distance; case and `_` for `-` do not count.
fn distance(from: &str, to: &str) -> usize {
    let plain = |word: &str| word.to_ascii_lowercase().replace('_', "-");
    strsim::levenshtein(&plain(from), &plain(to))
}
