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

/// How many letters must be added, dropped or changed; `_` and `-` are the same here.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = letters(to).collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in letters(from).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let changed = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

fn letters(word: &str) -> impl Iterator<Item = char> {
    word.chars().map(|c| if c == '_' { '-' } else { c.to_ascii_lowercase() })
}
