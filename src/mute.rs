//! Pure. Holds back notices of an incident for a known reason, such as an open cause.
//!
//! The incident exists nevertheless; each reason is one entry of `RULES`.

mod inhibition;

use std::collections::BTreeSet;

use crate::clock::Timestamp;
use crate::incident::{
    Decisions, Fingerprint, IncidentBook, Notice, Reason, Suppressed, Suppression,
};

/// Why a notice is held back.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Hold {
    /// An open incident is known to cause this one.
    Inhibited { cause: Fingerprint },
}

/// Checks one reason to hold back a notice.
type Rule = fn(Timestamp, &IncidentBook, &Notice) -> Option<Hold>;

/// Checked in this order; the first match decides.
const RULES: [Rule; 1] = [inhibition::hold];

/// Removes the notices that a rule holds back; they are recorded in their incident and as
/// suppressed.
pub fn mute(now: Timestamp, book: &mut IncidentBook, decisions: Decisions) -> Decisions {
    let mut muted = Decisions::default();
    // An occurrence that is not yet due for a repeat counts as held by its cause, if it has one.
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
            // An incident that opened and recovered while it was held back has not been notified.
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

/// What holds back another occurrence of a known incident that is not due for a repeat.
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

    /// Records the hold in the incident; `notice` is the one that would have been sent.
    fn apply(&self, book: &mut IncidentBook, print: &Fingerprint, notice: Option<&Notice>) {
        match self {
            Self::Inhibited { cause } => book.inhibit(print, cause, notice),
        }
    }
}

#[cfg(test)]
mod tests;
