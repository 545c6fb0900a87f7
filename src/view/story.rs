//! I/O. The story of an incident: what was observed and sent, in chronological order.

use serde::Serialize;

use crate::commit::HistoryEntry;
use crate::incident::{Ends, Fingerprint, State};
use crate::state::{DeliveryRow, Error, Reader};
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

/// One event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoryEntry {
    pub at: Moment,
    /// `observed`, `opened`, `reopened`, `repeated`, `escalated`, `recovered`, `suppressed`,
    /// `delivered`, `folded`, `refused`, or the name of a command: `acknowledged`, `noted`.
    pub what: String,
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
    let history = reader.story(&print.0, LONGEST)?;
    let story = joined(&incident, history, reader.deliveries_of(&print.0)?);
    Ok(Some(StoryView { incident, story }))
}

/// History and deliveries in chronological order.
pub(crate) fn joined(
    incident: &IncidentView,
    history: Vec<HistoryEntry>,
    deliveries: Vec<DeliveryRow>,
) -> Vec<StoryEntry> {
    let mut story = vec![observed(incident)];
    let mut is_over = false;
    for entry in history {
        let mut entry = StoryEntry::of_history(entry);
        match entry.what.as_str() {
            "recovered" => is_over = true,
            "opened" if is_over => (entry.what, is_over) = ("reopened".to_owned(), false),
            _ => {}
        }
        story.push(entry);
    }
    story.extend(deliveries.into_iter().filter_map(StoryEntry::of_delivery));
    let is_known =
        story.iter().any(|entry| entry.what == "recovered" && entry.at >= incident.since);
    if let Some(at) = incident.ended.filter(|_| !is_known && incident.state == State::Recovered) {
        let what = match incident.ends {
            Ends::Observed => "recovered",
            Ends::Unknown => "ended",
        };
        story.push(StoryEntry::new(at, what));
    }
    // As precise as it is shown: of one moment, the order of the history stays.
    story.sort_by_key(|entry| entry.at.0.as_millisecond());
    story
}

fn observed(incident: &IncidentView) -> StoryEntry {
    let text = incident.error.clone().unwrap_or_else(|| incident.title.clone());
    StoryEntry { text: Some(text), ..StoryEntry::new(incident.since, "observed") }
}

impl StoryEntry {
    fn new(at: Moment, what: &str) -> Self {
        let what = what.to_owned();
        Self { at, what, by: None, reason: None, text: None, channel: None, receipt: None }
    }

    fn of_history(entry: HistoryEntry) -> Self {
        let text = |text: String| Some(text).filter(|text| !text.is_empty());
        // A refused card names its channel in the place of a reason.
        let is_of_channel = entry.what == "refused";
        let (reason, channel) =
            if is_of_channel { (None, text(entry.reason)) } else { (text(entry.reason), None) };
        Self {
            at: Moment(entry.at),
            what: entry.what,
            by: text(entry.author),
            reason,
            text: text(entry.summary),
            channel,
            receipt: None,
        }
    }

    /// A card that reached its channel. A dead one is in the history.
    fn of_delivery(row: DeliveryRow) -> Option<Self> {
        let is_sent = matches!(row.state.as_str(), "delivered" | "folded");
        let at = row.settled.filter(|_| is_sent)?;
        // That of a folded one is the id of its digest.
        let receipt = row.receipt.filter(|_| row.state == "delivered");
        Some(Self {
            receipt,
            text: Some(row.summary).filter(|text| !text.is_empty()),
            reason: row.via.is_some().then(|| format!("instead of {}", row.channel)),
            channel: Some(row.via.unwrap_or(row.channel)),
            ..Self::new(Moment(at), &row.state)
        })
    }
}
