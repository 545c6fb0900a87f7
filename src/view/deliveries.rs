//! I/O. Deliveries as lists show them.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Serialize;

use crate::commit::DeliveryState;
use crate::ids::DeliveryId;
use crate::state::{DeliveryStatus, Error, Reader};
use crate::view::ids::IncidentIds;
use crate::view::moment::Moment;

/// What to do with the receipt of a card that was accepted: the run id of its workflow, or the file of a
/// local channel.
pub fn receipt_advice(receipt: &str) -> String {
    let is_file = Path::new(receipt).extension().is_some_and(|ending| ending == "json");
    if is_file {
        return format!("kept as {receipt}");
    }
    format!(
        "run id {receipt}: search for it in the flow's run history if the card is not in the channel"
    )
}

/// One card for one channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeliveryView {
    pub id: DeliveryId,
    /// The id of its incident; a digest has none.
    pub incident: Option<String>,
    pub channel: String,
    pub summary: String,
    /// Any but `dissolved`.
    pub state: DeliveryState,
    pub attempts: u32,
    pub created: Moment,
    /// The earliest time of the next attempt, if it waits for one.
    pub next_at: Option<Moment>,
    /// Why the last attempt failed.
    pub why: Option<String>,
    /// The channel's answer; for a folded one, the id of its digest.
    pub receipt: Option<String>,
    /// The channel that sent it in place of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
}

impl DeliveryView {
    pub fn new(row: DeliveryStatus, ids: &IncidentIds) -> Self {
        Self {
            incident: row.fingerprint.map(|print| ids.id(&print)),
            id: row.id,
            channel: row.channel,
            summary: row.summary,
            state: shown_state(row.state),
            attempts: row.attempts,
            created: Moment(row.created),
            next_at: row.next_at.map(Moment),
            why: row.why.filter(|why| !why.is_empty()),
            receipt: row.receipt.filter(|receipt| !receipt.is_empty()),
            via: row.via,
        }
    }
}

/// A digest that was not accepted is over, and its cards are pending again: it is shown as folded.
fn shown_state(stored: DeliveryState) -> DeliveryState {
    if stored == DeliveryState::Dissolved { DeliveryState::Folded } else { stored }
}

/// Pending deliveries in the order of sending, then the dead ones, then up to `sent` of those that
/// were accepted; both the newest first.
pub fn deliveries(reader: &Reader, sent: u32) -> Result<Vec<DeliveryView>, Error> {
    let mut rows = reader.pending()?;
    rows.extend(reader.dead(u32::MAX)?);
    rows.extend(reader.sent(sent)?);
    let ids = ids_of(reader, &rows)?;
    Ok(rows.into_iter().map(|row| DeliveryView::new(row, &ids)).collect())
}

/// The ids of the incidents of these deliveries.
pub fn ids_of(reader: &Reader, rows: &[DeliveryStatus]) -> Result<IncidentIds, Error> {
    let known = rows.iter().filter_map(|row| row.fingerprint.as_ref());
    let known = known.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>();
    Ok(IncidentIds::new(reader.fingerprints_around(&known)?))
}

/// The ids of deliveries that fit the entered id: the exact one, else those that begin with it.
pub fn delivery_ids_like(reader: &Reader, prefix: &str) -> Result<Vec<DeliveryId>, Error> {
    if reader.delivery(prefix)?.is_some() {
        return Ok(vec![prefix.into()]);
    }
    let all = deliveries(reader, u32::MAX)?.into_iter().map(|one| one.id);
    Ok(all.filter(|id| !prefix.is_empty() && id.starts_with(prefix)).collect())
}
