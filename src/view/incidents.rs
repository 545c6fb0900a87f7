//! I/O. Incidents as lists show them.

use jiff::SignedDuration;
use serde::{Serialize, Serializer};

use crate::clock::Timestamp;
use crate::detection::{AppId, Kind, Severity, Source, TaskId};
use crate::ids::{CommandId, Fingerprint};
use crate::incident::{Ends, OPEN_UNSEEN, Overview, SilencedBy, State};
use crate::state::{Error, Reader};
use crate::view::filter::Filter;
use crate::view::ids::{IdMatch, IncidentIds};
use crate::view::moment::Moment;

/// An incident whose end cannot be observed is listed for this long after it was last seen.
const SHOWN_UNSEEN: SignedDuration = SignedDuration::from_hours(24);

/// One incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IncidentView {
    /// The shortest prefix of the fingerprint that names it, at least eight digits.
    pub id: String,
    pub fingerprint: Fingerprint,
    pub kind: Kind,
    pub severity: Severity,
    pub title: String,
    pub error: Option<String>,
    pub error_class: Option<String>,
    pub app: Option<String>,
    pub app_id: Option<AppId>,
    pub task: Option<String>,
    pub task_id: Option<TaskId>,
    pub node: Option<String>,
    pub environment: Option<String>,
    pub source: Source,
    pub since: Moment,
    pub last: Moment,
    pub count: u32,
    pub held_back: u32,
    pub state: State,
    pub ends: Ends,
    pub acknowledged: Option<AcknowledgedView>,
    /// The id of the silence, or `maintenance:NAME`.
    #[serde(serialize_with = "joined")]
    pub silenced_by: Option<SilencedBy>,
    pub channels: Vec<String>,
    pub last_success: Option<Moment>,
    /// The id of the incident that is known to cause it.
    #[serde(skip)]
    pub inhibited_by: Option<String>,
    /// When it recovered or was given up.
    #[serde(skip)]
    pub ended: Option<Moment>,
}

/// What silences an incident, in one text: `3f2a91bc`, `maintenance:nightly backup`.
pub fn silencer(by: &SilencedBy) -> String {
    match by {
        SilencedBy::Silence(id) => id.to_string(),
        SilencedBy::Maintenance(name) => format!("maintenance:{name}"),
    }
}

#[expect(clippy::ref_option, reason = "serde passes a reference to the field")]
fn joined<S: Serializer>(by: &Option<SilencedBy>, to: S) -> Result<S::Ok, S::Error> {
    by.as_ref().map(silencer).serialize(to)
}

/// Who takes care of an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AcknowledgedView {
    pub by: String,
    pub at: Moment,
    pub note: Option<String>,
    /// The id of the command that gave it.
    #[serde(skip)]
    pub command: Option<CommandId>,
}

/// How many incidents are open now, by the reason for which they are held back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct IncidentCounts {
    pub open: usize,
    pub acknowledged: usize,
    pub silenced: usize,
    pub inhibited: usize,
    /// Those whose end cannot be observed and that were not seen lately: listed, but not counted as
    /// open.
    pub unseen: usize,
}

impl IncidentCounts {
    /// All that count as open, whether held back or not.
    pub fn all_open(&self) -> usize {
        self.open + self.acknowledged + self.silenced + self.inhibited
    }

    pub(crate) fn of(incidents: &[IncidentView], now: Timestamp) -> Self {
        let mut counts = Self::default();
        for one in incidents {
            match one.state {
                _ if !one.is_open(now) => counts.unseen += 1,
                State::Open => counts.open += 1,
                State::Acknowledged => counts.acknowledged += 1,
                State::Silenced => counts.silenced += 1,
                State::Inhibited => counts.inhibited += 1,
                State::Recovered => {}
            }
        }
        counts
    }
}

impl IncidentView {
    pub fn new(overview: Overview, ids: &IncidentIds) -> Self {
        let o = overview;
        let acknowledged = o.acknowledged.map(|known| AcknowledgedView {
            by: known.by,
            at: Moment(known.at),
            note: known.note,
            command: known.command,
        });
        Self {
            id: ids.id(&o.fingerprint),
            fingerprint: o.fingerprint,
            kind: o.kind,
            severity: o.severity,
            title: o.title,
            error: o.error,
            error_class: o.error_class,
            app: o.app,
            app_id: o.app_id,
            task: o.task,
            task_id: o.task_id,
            node: o.node,
            environment: o.environment,
            source: o.source,
            since: Moment(o.since),
            last: Moment(o.last),
            count: o.count,
            held_back: o.held_back,
            state: o.state,
            ends: o.ends,
            acknowledged,
            silenced_by: o.silenced_by,
            channels: o.channels,
            last_success: o.last_success.map(Moment),
            inhibited_by: o.inhibited_by.map(|print| ids.id(print.as_str())),
            ended: o.ended.map(Moment),
        }
    }

    /// Whether it counts as open: one whose end cannot be observed does so for a quarter of an hour
    /// after it was last seen.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.ended.is_none()
            && self.state != State::Recovered
            && (self.ends == Ends::Observed || is_within(self.last.0, now, OPEN_UNSEEN))
    }
}

/// All incidents that have not recovered; with `all`, also those that have. The worst first, then the
/// oldest; those that are over at the end, the latest first.
pub fn incidents(reader: &Reader, now: Timestamp, all: bool) -> Result<Vec<IncidentView>, Error> {
    incidents_of(reader, now, all, None, usize::MAX)
}

/// The same for those that match the filter; at most this many that are over.
pub fn incidents_of(
    reader: &Reader,
    now: Timestamp,
    all: bool,
    wanted: Option<&Filter>,
    most: usize,
) -> Result<Vec<IncidentView>, Error> {
    let is_wanted = |one: &Overview| {
        let shown = |filter: &Filter| {
            filter.takes(&IncidentView::new(one.clone(), &IncidentIds::default()))
        };
        wanted.is_none_or(shown)
    };
    let mut found = reader.incidents(0)?;
    found.retain(is_wanted);
    if all {
        found.extend(reader.ended_incidents(most, is_wanted)?);
    }
    let known = found.iter().flat_map(|one| {
        let cause = one.inhibited_by.as_ref();
        [Some(&one.fingerprint), cause].into_iter().flatten()
    });
    let ids = IncidentIds::new(reader.fingerprints_around(&known.collect::<Vec<_>>())?);
    let mut shown: Vec<IncidentView> = found
        .into_iter()
        .map(|one| IncidentView::new(one, &ids))
        .filter(|one| all || is_shown(one, now))
        .collect();
    shown.sort_by(|a, b| {
        let (over, other_over) = (!is_shown(a, now), !is_shown(b, now));
        over.cmp(&other_over).then_with(|| {
            if over {
                b.last.cmp(&a.last)
            } else {
                b.severity.cmp(&a.severity).then(a.since.cmp(&b.since))
            }
        })
    });
    Ok(shown)
}

/// Whether a list shows an incident by default.
pub fn is_shown(incident: &IncidentView, now: Timestamp) -> bool {
    incident.ended.is_none()
        && incident.state != State::Recovered
        && (incident.ends == Ends::Observed || is_within(incident.last.0, now, SHOWN_UNSEEN))
}

/// The incident that an id, a fingerprint or a prefix names; if there are several, the only one
/// that has not ended.
pub fn incidents_like(reader: &Reader, prefix: &str) -> Result<IdMatch, Error> {
    let prefix = prefix.trim().to_ascii_lowercase();
    let like = if prefix.is_empty() { Vec::new() } else { reader.fingerprints_like(&prefix)? };
    let around = reader.fingerprints_around(&Vec::from_iter(&like))?;
    let named = IncidentIds::new(around).find(&prefix);
    let IdMatch::Several(_) = named else { return Ok(named) };
    let open = reader.incidents(0)?.into_iter().map(|one| one.fingerprint);
    let mut open = open.filter(|print| print.as_str().starts_with(&prefix));
    Ok(match (open.next(), open.next()) {
        (Some(one), None) => IdMatch::One(one),
        _ => named,
    })
}

/// One incident.
pub fn incident(reader: &Reader, print: &Fingerprint) -> Result<Option<IncidentView>, Error> {
    let Some(overview) = reader.incident(print)? else { return Ok(None) };
    let cause = overview.inhibited_by.as_ref();
    let known: Vec<&Fingerprint> = [Some(print), cause].into_iter().flatten().collect();
    let ids = IncidentIds::new(reader.fingerprints_around(&known)?);
    Ok(Some(IncidentView::new(overview, &ids)))
}

/// How many incidents are open now.
pub fn counts(reader: &Reader, now: Timestamp) -> Result<IncidentCounts, Error> {
    Ok(IncidentCounts::of(&incidents(reader, now, false)?, now))
}

fn is_within(at: Timestamp, now: Timestamp, span: SignedDuration) -> bool {
    now.duration_since(at) <= span
}
