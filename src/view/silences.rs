//! I/O. Silences as lists show them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::clock::Timestamp;
use crate::ids::{CommandId, SilenceId};
use crate::mute::Silence;
use crate::state::{Error, Reader};
use crate::view::ids::IncidentIds;
use crate::view::moment::Moment;

/// The key of the incident among the matchers of a silence that is for one only.
const INCIDENT: &str = "incident";

named! {
    /// Whether a silence holds anything back.
    pub enum SilenceState {
        Active => "active",
        Expired => "expired",
    }
}

/// One silence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SilenceView {
    pub id: SilenceId,
    /// The words for each key; `incident` for the one incident that it is for.
    pub matchers: BTreeMap<String, Vec<String>>,
    pub from: Moment,
    /// When it ends, or ended.
    pub until: Moment,
    pub by: String,
    pub reason: String,
    pub state: SilenceState,
    pub held_back: u32,
    /// The id of the command that added it.
    #[serde(skip)]
    pub command: Option<CommandId>,
}

impl SilenceView {
    pub fn new(silence: Silence, ids: &IncidentIds, now: Timestamp) -> Self {
        let is_active = silence.is_active(now);
        let state = if is_active { SilenceState::Active } else { SilenceState::Expired };
        let until = silence.expired.map_or(silence.until, |at| at.min(silence.until));
        let mut matchers = silence.matchers;
        matchers.retain(|_, words| !words.is_empty());
        if let Some(print) = &silence.incident {
            matchers.insert(INCIDENT.to_owned(), vec![ids.id(print)]);
        }
        Self {
            id: silence.id,
            matchers,
            from: Moment(silence.from),
            until: Moment(until),
            by: silence.by,
            reason: silence.reason,
            state,
            held_back: silence.held_back,
            command: silence.command,
        }
    }
}

/// The silences in force, the one that ends first at the top; with `all`, then those that are over,
/// the newest first.
pub fn silences(reader: &Reader, now: Timestamp, all: bool) -> Result<Vec<SilenceView>, Error> {
    let mut stored = reader.silences()?;
    stored.retain(|silence| all || silence.is_active(now));
    let of: Vec<_> = stored.iter().filter_map(|silence| silence.incident.as_ref()).collect();
    let ids = IncidentIds::new(reader.fingerprints_around(&of)?);
    let shown = stored.into_iter().map(|silence| SilenceView::new(silence, &ids, now));
    let (mut active, expired): (Vec<_>, Vec<_>) =
        shown.partition(|silence| silence.state == SilenceState::Active);
    active.sort_by_key(|silence| silence.until);
    if all {
        active.extend(expired);
    }
    Ok(active)
}
