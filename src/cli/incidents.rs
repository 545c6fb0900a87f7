//! I/O. `footman incidents`: what is open.

use anyhow::Result;
use jiff::tz::TimeZone;

use crate::cli::hint::Refused;
use crate::cli::output::Tone;
use crate::cli::{End, Global, diagnose, output, when};
use crate::clock;
use crate::detection::Severity;
use crate::incident::{Ends, SilencedBy};
use crate::state::Reader;
use crate::view::{self, Filter, FilterError, IncidentView};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Also those that have recovered
    #[arg(long)]
    all: bool,
    /// Only this kind, such as reload-failed; also a glob with * and ?
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// Only this app: its name or id, also a glob
    #[arg(long, value_name = "NAME")]
    app: Option<String>,
    /// Only this task: its name or id, also a glob
    #[arg(long, value_name = "NAME")]
    task: Option<String>,
    /// Only this node, also a glob
    #[arg(long, value_name = "NAME")]
    node: Option<String>,
    /// Only this severity
    #[arg(long, value_name = "SEVERITY")]
    severity: Option<String>,
    /// Only what was seen since: 2h, 7d, 2026-11-20, 2026-11-20T06:00
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// One JSON list
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(global: &Global, args: &Args) -> Result<End> {
    let (settings, problems) = global.settings();
    diagnose::print(&problems, false);
    let (now, zone) = (clock::now(), &settings.timezone);
    let filter = filter(args).map_err(|error| refused(&error))?;
    let since = args.since.as_deref().map(|text| when::past(text, zone, now)).transpose()?;
    let filter = filter.since(since);
    let reader = Reader::open_current(&settings.state_dir)?;
    let mut incidents = view::incidents(&reader, now, args.all)?;
    incidents.retain(|incident| filter.takes(incident));
    if args.json {
        println!("{:#}", serde_json::to_value(incidents)?);
        return Ok(End::Done);
    }
    if incidents.is_empty() {
        let is_open = if args.all { "" } else { " are open" };
        println!("no incidents{}", if filter.is_set() { " match" } else { is_open });
    }
    for incident in &incidents {
        print(incident, zone);
    }
    Ok(End::Done)
}

fn filter(args: &Args) -> Result<Filter, FilterError> {
    Filter::default()
        .kind(args.kind.as_deref())?
        .app(args.app.as_deref())?
        .task(args.task.as_deref())?
        .node(args.node.as_deref())?
        .severity(args.severity.as_deref())
}

pub(crate) fn refused(error: &FilterError) -> Refused {
    Refused::new(output::clean(&error.message), output::clean(&error.hint))
}

/// Width of the id, of the severity and of the state, with the gaps.
const ID: usize = 10;
const HEAD: usize = ID + 10 + 14;

fn print(incident: &IncidentView, zone: &TimeZone) {
    let severity = format!("{:<10}", incident.severity.name());
    let tone = tone(incident.severity);
    let painted = tone.map_or(severity.clone(), |tone| output::paint(&severity, tone));
    let head = format!("{:<ID$}{painted}{:<14}", incident.id, incident.state.name());
    // Color codes take no columns.
    let head_width = HEAD + painted.len() - severity.len();
    output::painted_row(HEAD, head_width, &head, &output::clean(&incident.title));
    let row = |text: &str| output::row(ID, "", &output::clean(text));
    if let Some(error) = incident.error.as_deref().and_then(|error| error.lines().next()) {
        row(error);
    }
    row(&seen(incident, zone));
    for text in held(incident, zone) {
        row(&text);
    }
}

pub(crate) fn tone(severity: Severity) -> Option<Tone> {
    match severity {
        Severity::Critical | Severity::Error => Some(Tone::Bad),
        Severity::Warning => Some(Tone::Odd),
        Severity::Info => None,
    }
}

/// Since when, how often, and until when it was seen.
fn seen(incident: &IncidentView, zone: &TimeZone) -> String {
    let mut parts = vec![format!("since {}", when::local(incident.since.0, zone))];
    if incident.count > 1 {
        parts.push(format!("{} times", incident.count));
        parts.push(format!("last {}", when::short(incident.last.0, zone)));
    }
    if incident.held_back > 0 {
        parts.push(format!("{} held back", incident.held_back));
    }
    parts.join(", ")
}

/// Who takes care of it, what holds it back, and how it ended.
pub(crate) fn held(incident: &IncidentView, zone: &TimeZone) -> Vec<String> {
    let mut texts = Vec::new();
    if let Some(known) = &incident.acknowledged {
        let note = known.note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
        let since = when::local(known.at.0, zone);
        texts.push(format!("acknowledged by {} since {since}{note}", known.by));
    }
    if let Some(by) = &incident.silenced_by {
        texts.push(match by {
            SilencedBy::Maintenance(name) => format!("held back by the maintenance window {name}"),
            SilencedBy::Silence(id) => format!("held back by the silence {id}"),
        });
    }
    if let Some(cause) = &incident.inhibited_by {
        texts.push(format!("held back, because {cause} is known to cause it"));
    }
    match incident.ended {
        Some(at) if incident.ends == Ends::Observed => {
            texts.push(format!("recovered {}", when::local(at.0, zone)));
        }
        Some(at) => texts.push(format!("not seen again until {}", when::local(at.0, zone))),
        None if incident.ends == Ends::Unknown => {
            texts.push(format!(
                "its end cannot be observed; last seen {}",
                when::local(incident.last.0, zone)
            ));
        }
        None => {}
    }
    texts
}
