//! Pure. Holds back what an incident would send while there is a known reason: a cause that is open, and what comes to stand beside it.
//!
//! The incident exists all the same; each reason is one entry of `RULES`.

mod inhibition;

use std::collections::BTreeSet;

use crate::clock::Timestamp;
use crate::incident::{
    Decisions, Fingerprint, IncidentBook, Notice, Reason, Suppressed, Suppression,
};

/// Why a notice is held.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Hold {
    /// This incident is open, which is known to cause it.
    Inhibited { cause: Fingerprint },
}

/// Whether a notice is held at a time, for one reason.
type Rule = fn(Timestamp, &IncidentBook, &Notice) -> Option<Hold>;

/// Asked in this order; the first that holds a notice decides.
const RULES: [Rule; 1] = [inhibition::hold];

/// Lets through what nothing holds; what is held is kept in its incident and told as suppressed.
pub fn mute(now: Timestamp, book: &mut IncidentBook, decisions: Decisions) -> Decisions {
    let mut muted = Decisions::default();
    // What is not due would be held by its cause first.
    for mut held in decisions.suppressed {
        if let Some((print, hold)) = held_known(now, book, &held) {
            held.why = hold.why();
            hold.apply(book, &print, None);
        }
        muted.suppressed.push(held);
    }
    let mut silent = BTreeSet::new();
    for notice in decisions.notices {
        if notice.reason == Reason::Recovered {
            // Nobody was notified of what opened and recovered while it was held.
            if !silent.contains(&notice.fingerprint) || !notice.notified_channels.is_empty() {
                muted.notices.push(notice);
            }
            continue;
        }
        match rule(now, book, &notice) {
            Some(hold) => {
                muted.suppressed.push(Suppressed::of(hold.why(), &notice));
                hold.apply(book, &notice.fingerprint, Some(&notice));
                silent.insert(notice.fingerprint);
            }
            None => muted.notices.push(notice),
        }
    }
    muted
}

fn rule(now: Timestamp, book: &IncidentBook, notice: &Notice) -> Option<Hold> {
    RULES.iter().find_map(|rule| rule(now, book, notice))
}

/// What holds one more occurrence of a known incident, which would not be told now anyway.
fn held_known(
    now: Timestamp,
    book: &IncidentBook,
    known: &Suppressed,
) -> Option<(Fingerprint, Hold)> {
    let print = known.fingerprint.as_ref().filter(|_| known.why == Suppression::Repeat)?;
    Some((print.clone(), rule(now, book, book.notice_of(print)?)?))
}

impl Hold {
    fn why(&self) -> Suppression {
        match self {
            Self::Inhibited { .. } => Suppression::Inhibited,
        }
    }

    /// `notice`: what would have been sent.
    fn apply(&self, book: &mut IncidentBook, print: &Fingerprint, notice: Option<&Notice>) {
        match self {
            Self::Inhibited { cause } => book.inhibit(print, cause, notice),
        }
    }
}

#[cfg(test)]
mod tests;
