//! I/O. The story of an incident: what was observed and sent, in chronological order.

use serde::Serialize;

use crate::commit::{DeliveryState, HistoryEntry, HistoryReason, HistoryType};
use crate::ids::Fingerprint;
use crate::incident::{Ends, State};
use crate::state::{DeliveryStatus, Error, Reader};
use crate::view::incidents::{IncidentView, incident};
use crate::view::moment::Moment;

/// The most entries of a story, the latest ones.
const LONGEST: u32 = 5_000;

/// An incident and its story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoryView {
    #[serde(flatten)]
    pub incident: IncidentView,
    pub story: Vec<StoryEntry>,
}

/// What happened to an incident. The names are those of lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoryType {
    /// It was first seen.
    Observed,
    Reopened,
    /// It was given up: nothing shows that it recovered.
    Ended,
    History(HistoryType),
    Delivery(DeliveryState),
}

impl StoryType {
    const RECOVERED: Self = Self::History(HistoryType::Recovered);

    pub fn name(self) -> &'static str {
        match self {
            Self::Observed => "observed",
            Self::Reopened => "reopened",
            Self::Ended => "ended",
            Self::History(event) => event.name(),
            Self::Delivery(state) => state.name(),
        }
    }
}

impl Serialize for StoryType {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoryEntry {
    pub at: Moment,
    pub what: StoryType,
    /// Who gave the command.
    pub by: Option<String>,
    /// Why it was held back, or where the command was given.
    pub reason: Option<String>,
    pub text: Option<String>,
    pub channel: Option<String>,
    /// The channel's answer to a card that it accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
}

/// An incident with its story; `None` if there is no such incident.
pub fn story(reader: &Reader, print: &Fingerprint) -> Result<Option<StoryView>, Error> {
    let Some(incident) = incident(reader, print)? else { return Ok(None) };
    let history = reader.story(print, LONGEST)?;
    let story = joined(&incident, history, reader.deliveries_of(print)?);
    Ok(Some(StoryView { incident, story }))
}

/// History and deliveries in chronological order.
pub(crate) fn joined(
    incident: &IncidentView,
    history: Vec<HistoryEntry>,
    deliveries: Vec<DeliveryStatus>,
) -> Vec<StoryEntry> {
    let mut story = vec![observed(incident)];
    let mut is_over = false;
    for entry in history {
        let mut entry = StoryEntry::of_history(entry);
        match entry.what {
            StoryType::RECOVERED => is_over = true,
            StoryType::History(HistoryType::Opened) if is_over => {
                (entry.what, is_over) = (StoryType::Reopened, false);
            }
            _ => {}
        }
        story.push(entry);
    }
    story.extend(deliveries.into_iter().filter_map(StoryEntry::of_delivery));
    let is_known =
        story.iter().any(|entry| entry.what == StoryType::RECOVERED && entry.at >= incident.since);
    if let Some(at) = incident.ended.filter(|_| !is_known && incident.state == State::Recovered) {
        let what = match incident.ends {
            Ends::Observed => StoryType::RECOVERED,
            Ends::Unknown => StoryType::Ended,
        };
        story.push(StoryEntry::new(at, what));
    }
    // As precise as it is shown: of one moment, the order of the history stays.
    story.sort_by_key(|entry| entry.at.0.as_millisecond());
    story
}

fn observed(incident: &IncidentView) -> StoryEntry {
    let text = incident.error.clone().unwrap_or_else(|| incident.title.clone());
    StoryEntry { text: Some(text), ..StoryEntry::new(incident.since, StoryType::Observed) }
}

impl StoryEntry {
    fn new(at: Moment, what: StoryType) -> Self {
        Self { at, what, by: None, reason: None, text: None, channel: None, receipt: None }
    }

    fn of_history(entry: HistoryEntry) -> Self {
        let (reason, channel) = match entry.reason {
            Some(HistoryReason::Channel(channel)) => (None, Some(channel)),
            reason => (reason.map(|reason| reason.name().to_owned()), None),
        };
        Self {
            at: Moment(entry.at),
            what: StoryType::History(entry.what),
            by: entry.author,
            reason,
            text: Some(entry.summary).filter(|text| !text.is_empty()),
            channel,
            receipt: None,
        }
    }

    /// A card that reached its channel. A dead one is in the history.
    fn of_delivery(row: DeliveryStatus) -> Option<Self> {
        let is_sent = matches!(row.state, DeliveryState::Delivered | DeliveryState::Folded);
        let at = row.settled.filter(|_| is_sent)?;
        // That of a folded one is the id of its digest.
        let receipt = row.receipt.filter(|_| row.state == DeliveryState::Delivered);
        Some(Self {
            receipt,
            text: Some(row.summary).filter(|text| !text.is_empty()),
            reason: row.via.is_some().then(|| format!("instead of {}", row.channel)),
            channel: Some(row.via.unwrap_or(row.channel)),
            ..Self::new(Moment(at), StoryType::Delivery(row.state))
        })
    }
}
