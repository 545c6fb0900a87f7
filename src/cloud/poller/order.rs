//! Pure. The order of a list, as its rows show it, and the point after which its rows are not new.
//!
//! A tenant may ignore the requested order. Nothing is lost then: the list is read until the
//! following rows cannot be new in the order that it has, or to its end.

use crate::clock::{Timestamp, earlier};
use crate::cloud::poller::WITHOUT_END;

/// The order of fewer rows can be chance. A page has more.
const JUDGED: usize = 20;

/// The order of the rows that were listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ListOrder {
    n_rows: usize,
    by_end: Descent,
    by_creation: Descent,
}

/// Whether times descend. Rows without the time are ignored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Descent {
    last: Option<Timestamp>,
    earliest: Option<Timestamp>,
    is_broken: bool,
}

impl Descent {
    fn add(&mut self, at: Option<Timestamp>) {
        let Some(at) = at else { return };
        self.is_broken |= self.last.is_some_and(|last| at > last);
        self.last = Some(at);
        self.earliest = Some(self.earliest.map_or(at, |earliest| earliest.min(at)));
    }

    fn is_before(&self, time: Timestamp) -> bool {
        self.earliest.is_some_and(|earliest| earliest < time)
    }
}

impl ListOrder {
    pub(crate) fn add(&mut self, created: Option<Timestamp>, ended: Option<Timestamp>) {
        self.n_rows += 1;
        self.by_creation.add(created);
        self.by_end.add(ended);
    }

    pub(crate) fn earliest_end(&self) -> Option<Timestamp> {
        self.by_end.earliest
    }

    pub(crate) fn earliest_creation(&self) -> Option<Timestamp> {
        self.by_creation.earliest
    }

    /// Whether the list is sorted by the ends, if its rows show that. Some lists have both orders.
    pub(crate) fn is_by_end(&self) -> Option<bool> {
        let is_shown = self.is_judged() && self.by_creation.is_broken;
        if self.by_end.is_broken { Some(false) } else { is_shown.then_some(true) }
    }

    /// The same for the times of creation.
    pub(crate) fn is_by_creation(&self) -> Option<bool> {
        if self.by_creation.is_broken { Some(false) } else { self.is_judged().then_some(true) }
    }

    /// Whether nothing that follows ended after `floor`.
    ///
    /// If the rows may be in the order of their creation, the rows after one that ended before
    /// `floor` were also created before it. Such a row ended after `floor` only if it ran for long;
    /// then it was listed as active, if those lists were read without a gap. Otherwise the list is
    /// read one day back.
    pub(crate) fn is_behind(&self, floor: Timestamp, is_active_known: bool) -> bool {
        let is_ended = self.by_end.is_before(floor);
        let is_old = self.by_creation.is_before(earlier(floor, WITHOUT_END));
        self.is_judged()
            && match (self.by_end.is_broken, self.by_creation.is_broken) {
                (false, true) => is_ended,
                (_, false) => is_ended && is_active_known || is_old,
                (true, true) => false,
            }
    }

    /// Whether nothing that follows ended after `floor`, if the order is the requested one.
    pub(crate) fn seems_behind(&self, floor: Timestamp) -> bool {
        !self.by_end.is_broken && self.by_end.is_before(floor)
    }

    /// Whether nothing that follows was created after `time`.
    pub(crate) fn is_created_before(&self, time: Timestamp) -> bool {
        self.is_judged() && !self.by_creation.is_broken && self.by_creation.is_before(time)
    }

    /// Whether the rows are in neither order: then the list is read to its end.
    pub(crate) fn is_none(&self) -> bool {
        self.by_end.is_broken && self.by_creation.is_broken
    }

    fn is_judged(&self) -> bool {
        self.n_rows >= JUDGED
    }
}
