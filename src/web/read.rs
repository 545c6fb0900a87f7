//! I/O. Reads the content of each view, as values for its template.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Mutex;

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::{Value, json};

use crate::agent::file_problems::{self, Current};
use crate::agent::pulse::Pulse;
use crate::agent::reload_note::ReloadNote;
use crate::agent::{FAILING_NOTE, PageNote, TENANTS_NOTE, WebhooksNote, failing_channels};
use crate::clock::{self, Timestamp};
use crate::command::link;
use crate::commit::DeliveryState;
use crate::detection::Kind;
use crate::ids::Fingerprint;
use crate::mute::HeldByWindow;
use crate::state::{self, DeliveryStatus, HistoryPage, HistoryQuery, Reader, Vitals, VitalsReason};
use crate::view::{self, DeliveryView, IdMatch, IncidentCounts, IncidentView, Moment, StoryView};
use crate::web::answers::unpoisoned;
use crate::web::card_html;
use crate::web::shown::ShownIn;

/// The most rows of a list; the rest is counted.
const ROWS: usize = 200;
/// Entries of the history on one page.
const ENTRIES: u32 = 100;
/// Cards on one page.
const CARDS: u32 = 20;
/// The most entries of a story, the latest.
const STORY: usize = 500;
/// How long the result of a check-up is valid.
const CHECKED_EVERY: SignedDuration = SignedDuration::from_secs(1);
/// The most files and folded cards that are listed.
const LISTED: usize = 500;

/// The state in a folder; `None` before the first start of an agent.
pub(crate) fn open(state_dir: &Path) -> Result<Option<Reader>, state::Error> {
    match Reader::open(state_dir) {
        Ok(reader) => Ok(Some(reader)),
        Err(state::Error::Missing { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether the agent is well. This checks every table, so it is done at most once in a while,
/// however many clients ask.
#[derive(Debug, Default)]
pub(crate) struct VitalsCheckup(Mutex<Option<(Timestamp, Vitals)>>);

impl VitalsCheckup {
    /// The result from now or a moment ago.
    pub(crate) fn vitals(&self, state_dir: &Path) -> Vitals {
        let mut last = unpoisoned(self.0.lock());
        // Who waited for a check takes what it found, however long it took.
        let now = clock::now();
        if let Some((at, vitals)) = &*last
            && now.duration_since(*at).abs() < CHECKED_EVERY
        {
            return vitals.clone();
        }
        let vitals = Vitals::read(state_dir, now);
        *last = Some((clock::now(), vitals.clone()));
        vitals
    }

    /// Why cards are delayed, if the agent is not well. Before the first start, a missing state is not
    /// a problem.
    pub(crate) fn stalled(&self, state_dir: &Path) -> Option<VitalsReason> {
        let vitals = self.vitals(state_dir);
        let is_early = matches!(
            vitals.condition,
            state::AgentCondition::Missing | state::AgentCondition::Starting
        );
        vitals.why.filter(|_| !is_early)
    }
}

pub(crate) fn incidents(reader: &Reader, now: Timestamp) -> Result<Value, state::Error> {
    let mut found = view::incidents(reader, now, false)?;
    let counts = IncidentCounts::of(&found, now);
    let more = found.len().saturating_sub(ROWS);
    found.truncate(ROWS);
    Ok(json!({ "incidents": found, "more": more, "counts": counts }))
}

/// The result of looking up the id of an incident.
pub(crate) enum FoundIncident {
    One(Value),
    None,
    /// The ids with this prefix.
    Several(Vec<String>),
}

pub(crate) fn incident(
    reader: &Reader,
    id: &str,
    draw: &Draw<'_>,
) -> Result<FoundIncident, state::Error> {
    let print = match view::incidents_like(reader, id)? {
        IdMatch::One(print) => print,
        IdMatch::None => return Ok(FoundIncident::None),
        IdMatch::Several(several) => return Ok(FoundIncident::Several(several.ids)),
    };
    let Some(StoryView { incident, mut story }) = view::story(reader, &print)? else {
        return Ok(FoundIncident::None);
    };
    let note = reader.note_of(&print)?;
    let note = note.map(|note| json!({ "text": note.text, "by": note.by, "at": Moment(note.at) }));
    story.drain(..story.len().saturating_sub(STORY));
    let card = latest_card(reader, &print, draw)?;
    Ok(FoundIncident::One(json!({
        "note": note,
        "facts": facts(&incident),
        "is_open": incident.ended.is_none(),
        "is_security": incident.kind == Kind::Security,
        "card": card,
        "story": story,
        "incident": incident,
    })))
}

fn latest_card(
    reader: &Reader,
    print: &Fingerprint,
    draw: &Draw<'_>,
) -> Result<Option<Value>, state::Error> {
    let rows = reader.deliveries_of(print)?;
    let Some(row) = rows.last() else { return Ok(None) };
    let html = draw.html(reader, row)?;
    Ok(Some(json!({
        "channel": row.channel, "state": row.state, "created": Moment(row.created), "html": html,
    })))
}

/// Names and values, without unknown ones.
fn facts(of: &IncidentView) -> Vec<Value> {
    let text = |name: &str, text: Option<&str>| {
        text.filter(|text| !text.is_empty()).map(|text| json!({ "name": name, "text": text }))
    };
    let at = |name: &str, at: Option<Moment>| at.map(|at| json!({ "name": name, "at": at }));
    let by = of.acknowledged.as_ref().map(|known| known.by.as_str());
    let channels = of.channels.join(", ");
    let times = json!({ "name": "Times", "text": of.count.to_string(), "held": of.held_back });
    let facts = [
        at("Since", Some(of.since)),
        at("Last", Some(of.last)),
        at("Ended", of.ended),
        Some(times),
        text("Acknowledged by", by),
        at("Acknowledged", of.acknowledged.as_ref().map(|known| known.at)),
        text("Silenced by", of.silenced_by.as_ref().map(view::silencer).as_deref()),
        text("Caused by", of.inhibited_by.as_deref()),
        text("App", of.app.as_deref()),
        text("Task", of.task.as_deref()),
        text("Error class", of.error_class.as_deref()),
        text("Node", of.node.as_deref()),
        text("Environment", of.environment.as_deref()),
        text("Channels", Some(&channels)),
        at("Last success", of.last_success),
        text("Kind", Some(of.kind.name())),
        text("Source", Some(of.source.name())),
        text("Fingerprint", Some(&of.fingerprint)),
    ];
    facts.into_iter().flatten().collect()
}

/// The query for the history, as typed.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub(crate) struct Asked {
    pub q: String,
    pub kind: String,
    pub reason: String,
    pub since: String,
    #[serde(skip)]
    pub before: String,
}

impl Asked {
    pub(crate) fn new(query: &BTreeMap<String, String>) -> Self {
        let of =
            |name: &str| query.get(name).map(|text| text.trim().to_owned()).unwrap_or_default();
        let [q, kind, reason, since, before] = ["q", "kind", "reason", "since", "before"].map(of);
        Self { q, kind, reason, since, before }
    }

    fn query(&self, now: Timestamp, zone: &TimeZone) -> Result<HistoryQuery, String> {
        Ok(HistoryQuery {
            text: self.q.clone(),
            kind: self.kind.clone(),
            reason: self.reason.clone(),
            since: since(&self.since, now, zone)?,
            before: self.before.parse().ok(),
        })
    }

    /// The address of the page with entries before this one.
    fn before(&self, seq: i64) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let asked = [("q", &self.q), ("kind", &self.kind), ("reason", &self.reason)];
        for (name, text) in asked.into_iter().chain([("since", &self.since)]) {
            if !text.is_empty() {
                query.append_pair(name, text);
            }
        }
        format!("/history?{}", query.append_pair("before", &seq.to_string()).finish())
    }
}

/// A duration before now, a day, or a time.
pub(crate) fn since(
    text: &str,
    now: Timestamp,
    zone: &TimeZone,
) -> Result<Option<Timestamp>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    view::past(text, zone, now).map(Some).ok_or_else(|| {
        format!("`{text}` is not a time; write a duration such as 2h or 7d, a day such as 2026-11-27, or a time such as 2026-11-27T06:00:00Z")
    })
}

pub(crate) fn history(
    reader: &Reader,
    asked: &Asked,
    now: Timestamp,
    zone: &TimeZone,
) -> Result<Value, state::Error> {
    let mut context = no_history(asked);
    let wanted = match asked.query(now, zone) {
        Ok(wanted) => wanted,
        Err(problem) => {
            context["problem"] = problem.into();
            return Ok(context);
        }
    };
    let HistoryPage { entries: mut found, searched_from } =
        reader.history_page(&wanted, ENTRIES + 1)?;
    context["further"] = searched_from.map(|seq| asked.before(seq)).into();
    if found.len() > ENTRIES as usize {
        found.truncate(ENTRIES as usize);
        context["older"] = found.last().map(|(seq, _)| asked.before(*seq)).into();
    }
    // An entry has the time of what happened, and was written when it was read.
    found.sort_by_key(|(_, entry)| Reverse(entry.at));
    let entries = found.into_iter().map(|(_, entry)| {
        json!({
            "at": Moment(entry.at), "what": entry.what, "reason": entry.reason_name(),
            "by": entry.author, "text": entry.summary, "kind": entry.kind,
            "incident": entry.fingerprint,
        })
    });
    context["entries"] = entries.collect();
    Ok(context)
}

/// The form of the history without an entry.
pub(crate) fn no_history(asked: &Asked) -> Value {
    let reasons = crate::incident::Suppression::ALL.map(crate::incident::Suppression::name);
    let what = crate::incident::Reason::ALL.map(crate::incident::Reason::name);
    // One name stands for both: somebody took an incident, and what was held back since.
    let others = reasons.into_iter().filter(|reason| !what.contains(reason));
    let reasons: Vec<&str> = what.into_iter().chain(others).collect();
    json!({ "asked": asked, "kinds": Kind::ALL.map(Kind::name), "reasons": reasons })
}

pub(crate) fn silences(reader: &Reader, now: Timestamp) -> Result<Value, state::Error> {
    let found = view::silences(reader, now, true)?;
    let shown = found.iter().take(ROWS).map(|one| {
        let matchers =
            one.matchers.iter().map(|(key, words)| json!({ "key": key, "words": words }));
        let mut shown = json!(one);
        shown["matchers"] = matchers.collect();
        shown
    });
    let windows = reader.held_by_windows()?.into_iter().map(|window| {
        let HeldByWindow { name, reason, held_back, last } = window;
        json!({ "name": name, "reason": reason, "held_back": held_back, "last": Moment(last) })
    });
    Ok(json!({
        "silences": shown.collect::<Vec<_>>(),
        "windows": windows.collect::<Vec<_>>(),
    }))
}

pub(crate) fn deliveries(
    reader: &Reader,
    after: u32,
    draw: &Draw<'_>,
) -> Result<Value, state::Error> {
    let views = |rows: Vec<DeliveryStatus>| -> Result<Vec<CardView>, state::Error> {
        rows.into_iter().take(CARDS as usize).map(|row| shown(reader, row, draw)).collect()
    };
    let (pending, dead) =
        if after == 0 { (reader.pending()?, reader.dead(u32::MAX)?) } else { Default::default() };
    let mut sent = reader.delivered(after, CARDS + 1)?;
    let has_more = sent.len() > CARDS as usize;
    sent.truncate(CARDS as usize);
    let more = |n: usize| n.saturating_sub(CARDS as usize);
    let is_empty = pending.is_empty() && dead.is_empty() && sent.is_empty() && after == 0;
    let (n_pending, n_dead) = (pending.len(), dead.len());
    let mut pending = views(pending)?;
    draw.add_next_attempts(&mut pending);
    Ok(json!({
        "groups": [
            { "name": "pending", "title": "Pending", "deliveries": pending, "more": more(n_pending) },
            { "name": "dead", "title": "Dead", "deliveries": views(dead)?, "more": more(n_dead) },
            { "name": "sent", "title": "Sent", "deliveries": views(sent)?, "more": 0 },
        ],
        "older": has_more.then(|| format!("/deliveries?after={}", after.saturating_add(CARDS))),
        "is_empty": is_empty,
    }))
}

/// One card as the view shows it.
#[derive(Serialize)]
struct CardView {
    #[serde(flatten)]
    delivery: DeliveryView,
    html: String,
    /// What a digest stands for.
    folded: Vec<DeliveryView>,
    /// What it waits for, if no time is known at which it is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    waits_for: Option<&'static str>,
}

fn shown(reader: &Reader, row: DeliveryStatus, draw: &Draw<'_>) -> Result<CardView, state::Error> {
    let html = draw.html(reader, &row)?;
    let ids = view::ids_of(reader, std::slice::from_ref(&row))?;
    let folded = if row.fingerprint.is_none() {
        reader.folded_in(&row.id, u32::try_from(LISTED).unwrap_or(u32::MAX))?
    } else {
        Vec::new()
    };
    let delivery = DeliveryView::new(row, &ids);
    let ids = view::ids_of(reader, &folded)?;
    let folded = folded.into_iter().map(|row| DeliveryView::new(row, &ids)).collect();
    Ok(CardView { delivery, html, folded, waits_for: None })
}

/// How cards are drawn, and when the pending ones are sent.
pub(crate) struct Draw<'d> {
    /// The address of the page on cards, if they have links.
    pub page_url: Option<&'d str>,
    pub pulse: &'d Pulse,
}

impl Draw<'_> {
    /// The card as Teams would show it. Its link leads to the view of the incident: a signed link
    /// would let everybody act who can read the page.
    fn html(&self, reader: &Reader, row: &DeliveryStatus) -> Result<String, state::Error> {
        let Some(payload) = reader.payload(&row.id)? else { return Ok(String::new()) };
        let mut card = payload.payload;
        if let (Some(url), Some(print)) = (self.page_url, &row.fingerprint) {
            let link = format!("{url}{}{}", link::PATH, link::unsigned(print));
            card = card.replace(&link, &format!("{url}/incidents/{print}"));
        }
        Ok(match serde_json::from_str::<Value>(&card) {
            Ok(card) => card_html::draw(&json!({ "attachments": [{ "content": card }] })),
            Err(error) => {
                card_html::draw_problem(&format!("{} cannot be read as a card: {error}", row.id))
            }
        })
    }

    /// Says when a delivery is sent that only waits for its turn.
    fn add_next_attempts(&self, pending: &mut [CardView]) {
        let next = self.pulse.figures().next.clone();
        let mut seen = BTreeSet::new();
        let waiting = pending.iter_mut().filter(|it| it.delivery.state == DeliveryState::Pending);
        for CardView { delivery, waits_for, .. } in waiting {
            let at = next.get(&delivery.channel).copied().map(Moment);
            let is_first = seen.insert(delivery.channel.clone());
            match (delivery.next_at, at) {
                // Its own wait may end before that of its channel.
                (Some(own), Some(at)) => delivery.next_at = Some(own.max(at)),
                (Some(_), None) => {}
                (None, Some(at)) if is_first => delivery.next_at = Some(at),
                (None, Some(_)) => {
                    *waits_for =
                        Some("leaves after the cards before it, at the pace of its channel");
                }
                (None, None) => {
                    *waits_for = Some("waits for the cards before it, or for its channel");
                }
            }
        }
    }
}

/// What a note of the state holds.
#[derive(Clone, Copy)]
enum NoteForm {
    Time,
    Text,
}

/// What the view calls the notes of the state, and what they hold.
const NOTES: [(&str, &str, NoteForm); 10] = [
    ("configuration", "Configuration", NoteForm::Text),
    (state::HEARTBEAT, "Last sign of life", NoteForm::Time),
    ("log-root", "Folder of logs", NoteForm::Text),
    ("page", "Local page", NoteForm::Text),
    ("patterns", "Patterns", NoteForm::Text),
    (state::STARTED, "Started", NoteForm::Time),
    (state::STOPPED, "Stopped", NoteForm::Time),
    ("version", "Version", NoteForm::Text),
    (state::WATCHING, "Watching since", NoteForm::Time),
    ("webhooks", "Webhooks", NoteForm::Text),
];
/// The labels of the parts of the agent.
const PARTS: [(&str, &str); 3] =
    [("read", "reading"), ("commit", "storing"), ("deliver", "sending")];

fn named<'n>(names: &[(&str, &'static str)], key: &'n str) -> &'n str {
    names.iter().find(|(known, _)| *known == key).map_or(key, |(_, name)| name)
}

pub(crate) fn status(
    reader: &Reader,
    (state_dir, checkup): (&Path, &VitalsCheckup),
    pulse: &Pulse,
    shown_in: &ShownIn,
    now: Timestamp,
) -> Result<Value, state::Error> {
    let vitals = checkup.vitals(state_dir);
    let mut notes = reader.notes()?;
    ReloadNote::reword_in(&mut notes, shown_in.language, &|at| shown_in.at(at));
    PageNote::reword_in(&mut notes);
    WebhooksNote::reword_in(&mut notes, shown_in.language);
    let problems = notes.remove(file_problems::NOTE).unwrap_or_default();
    let problems: Vec<Current> = serde_json::from_str(&problems).unwrap_or_default();
    notes.remove(TENANTS_NOTE);
    notes.remove(state::NOT_ADVANCING);
    let failing = failing_channels(&notes.remove(FAILING_NOTE).unwrap_or_default());
    notes.retain(|_, text| !text.is_empty());
    let files = reader.files()?;
    let works = pulse.works(now).parts().map(|(part, works)| (named(&PARTS, part), works));
    let mut facts = vec![
        json!({ "name": "Agent", "text": vitals.condition.name() }),
        json!({ "name": "Works", "parts": works }),
        json!({ "name": "State folder", "text": state_dir.display().to_string() }),
    ];
    if let Some(why) = &vitals.why {
        facts.insert(1, json!({ "name": "Why", "text": shown_in.reason(why) }));
    }
    for (key, text) in &notes {
        let (name, value) = match NOTES.iter().find(|(known, ..)| known == key) {
            Some((_, name, NoteForm::Time)) => (*name, "at"),
            Some((_, name, NoteForm::Text)) => (*name, "text"),
            None => (key.as_str(), "text"),
        };
        facts.push(json!({ "name": name, value: text }));
    }
    let figures = pulse.figures();
    for (name, tenant) in &figures.tenants {
        let mut of_tenant = |mut fact: Value| {
            (fact["name"], fact["of"]) = ("Tenant".into(), name.as_str().into());
            facts.push(fact);
        };
        of_tenant(match tenant.tally.polled {
            Some(polled) => json!({ "at": polled.to_string() }),
            None => json!({ "text": "not polled yet" }),
        });
        if let Some(why) = &tenant.why {
            of_tenant(json!({ "text": why }));
        }
        if let Some(lists) = tenant.tally.unordered_lists() {
            of_tenant(json!({ "text": "lists in another order than asked for:", "rest": lists }));
        }
    }
    for (name, channel) in &failing {
        let rest = format!("{}: {}", shown_in.at(channel.since), channel.why);
        let text = "accepts no cards since";
        facts.push(json!({ "name": "Channel", "of": name, "text": text, "rest": rest }));
    }
    let channels: Vec<Value> = figures.waiting.iter().map(|(name, waiting)| {
        let next = figures.next.get(name).map(|at| Moment(*at));
        json!({ "name": name, "n": waiting.n, "oldest": waiting.oldest.map(Moment), "next": next })
    }).collect();
    drop(figures);
    let paths = files.iter().take(LISTED).map(|file| file.path.display().to_string());
    Ok(json!({
        "facts": facts,
        "problems": problems.iter().take(ROWS).map(|it| it.shown(shown_in.language)).collect::<Vec<_>>(),
        "channels": channels,
        "n_files": files.len(),
        "files": paths.collect::<Vec<_>>(),
        "more_files": files.len().saturating_sub(LISTED),
        "counters": reader.counters()?.by_name().into_iter().collect::<Vec<_>>(),
    }))
}
