//! Pure. Language and time zone of the node, in which the views show what the agent says.

use std::sync::Arc;

use jiff::ZonedDateTime;
use jiff::tz::TimeZone;

use crate::clock::Timestamp;
use crate::config::Language;
use crate::render::catalog;
use crate::state::VitalsReason;
use crate::view;

/// How the views show times and reasons.
#[derive(Clone, Debug)]
pub(crate) struct ShownIn {
    pub(crate) language: Language,
    pub(crate) zone: Arc<TimeZone>,
}

impl ShownIn {
    pub(crate) fn new(zone: TimeZone, language: Language) -> Self {
        Self { language, zone: Arc::new(zone) }
    }

    /// `Fri 27 Nov 06:12:03`, as on cards.
    pub(crate) fn day(&self, at: &ZonedDateTime) -> String {
        let day = catalog::of(self.language).weekday(at.date());
        format!("{day} {}", Self::clock(at))
    }

    pub(crate) fn clock(at: &ZonedDateTime) -> String {
        at.strftime("%H:%M:%S").to_string()
    }

    /// A time within a sentence.
    pub(crate) fn at(&self, at: Timestamp) -> String {
        self.day(&at.to_zoned_datetime((*self.zone).clone()))
    }

    /// Why the agent is not well.
    pub(crate) fn reason(&self, reason: &VitalsReason) -> String {
        view::reason(reason, self.language, &|at| self.at(at))
    }
}

#[cfg(test)]
mod tests;
