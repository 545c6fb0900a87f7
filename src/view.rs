//! I/O. What people see of the state: incidents with their stories, silences, deliveries.
//!
//! The command line, the page and its API share these values and their JSON.

mod deliveries;
mod filter;
mod ids;
mod incidents;
mod moment;
mod refusal;
mod silences;
mod stats;
mod story;
mod vitals;

pub use crate::view::deliveries::{
    DeliveryView, deliveries, delivery_ids_like, ids_of, receipt_advice,
};
pub use crate::view::filter::{Filter, FilterError};
pub use crate::view::ids::{Ambiguous, IdMatch, IncidentIds};
pub use crate::view::incidents::{
    AcknowledgedView, IncidentCounts, IncidentView, counts, incident, incidents, incidents_like,
    incidents_of, is_shown, silencer,
};
pub use crate::view::moment::{Moment, past, point, utc};
pub use crate::view::refusal::{Worded, worded};
pub use crate::view::silences::{SilenceState, SilenceView, silences};
pub use crate::view::stats::{KindNoise, Spread, Stats, StatsInput, Tallied, stats};
pub use crate::view::story::{StoryEntry, StoryType, StoryView, story};
pub use crate::view::vitals::{ShowTime, advice, reason, stall, waits_for};

#[cfg(test)]
pub(crate) mod tests;
