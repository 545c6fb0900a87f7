//! Pure. Short texts in which nothing was found recently: names of apps, tasks, users and nodes,
//! and most messages, occur again and again, and a look-up takes a tenth of the time of a search.
//! The results are the same as those of the search.

use std::cell::RefCell;
use std::collections::HashSet;

/// Longer texts rarely occur again. In bytes.
const LONGEST: usize = 160;
/// A storm of three thousand apps has two names for each. With the longest texts, this uses 2 MB;
/// with names, a third.
const MOST: usize = 8192;

thread_local! {
    static CLEAN: RefCell<HashSet<Box<str>>> = RefCell::default();
}

/// Whether nothing was found in this text before.
pub(crate) fn is_known(text: &str) -> bool {
    text.len() <= LONGEST && CLEAN.with_borrow(|clean| clean.contains(text))
}

/// Remembers that nothing was found in this text.
pub(crate) fn remember(text: &str) {
    if text.len() > LONGEST {
        return;
    }
    CLEAN.with_borrow_mut(|clean| {
        if clean.len() >= MOST {
            clean.clear();
        }
        clean.insert(text.into());
    });
}

#[cfg(test)]
mod tests;
