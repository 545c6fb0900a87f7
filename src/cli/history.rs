//! I/O. `footman history`: what was sent, what was held back, and why.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use jiff::tz::TimeZone;
use serde_json::json;

use crate::cli::incidents::refused;
use crate::cli::{End, Global, diagnose, output, when};
use crate::clock;
use crate::commit::HistoryEntry;
use crate::detection::Kind;
use crate::ids::Fingerprint;
use crate::state::Reader;
use crate::view::{self, Filter, FilterError, IncidentView, Moment};

/// Width of the columns before the summary, if it is on the same line…
const HEAD: usize = 22 + 2 + 26 + 2 + 27 + 2;
/// …which needs a terminal at least this wide.
const WIDE: usize = 120;
/// Otherwise the summary is indented to the event's column.
const INDENT: usize = 24;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// How many entries, newest first
    #[arg(short = 'n', long, default_value_t = 50, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    /// Only since: 2h, 7d, 2026-11-20, 2026-11-20T06:00
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only before this time
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Only this app: its name or id, also a glob
    #[arg(long, value_name = "NAME")]
    app: Option<String>,
    /// Only this task: its name or id, also a glob
    #[arg(long, value_name = "NAME")]
    task: Option<String>,
    /// Only this kind, such as reload-failed; also a glob with * and ?
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// Only what was held back for this reason, such as silenced
    #[arg(long, value_name = "REASON")]
    reason: Option<String>,
    /// Only what caused a card
    #[arg(long)]
    cards: bool,
    /// One JSON object for each entry
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(global: &Global, args: &Args) -> Result<End> {
    let (settings, problems) = global.settings();
    diagnose::print(&problems, false);
    let (now, zone) = (clock::now(), &settings.timezone);
    let filter = filter(args).map_err(|error| refused(&error))?;
    let time =
        |text: &Option<String>| text.as_deref().map(|text| when::past(text, zone, now)).transpose();
    let filter = filter.since(time(&args.since)?).until(time(&args.until)?);
    let reader = Reader::open_current(&settings.state_dir)?;
    let filter = with_reason(filter, &reader, args.reason.as_deref())?;
    let entries = entries(&reader, args, &filter)?;
    if entries.is_empty() && !args.json {
        let is_filtered = args.cards || filter.is_set();
        println!("{}", if is_filtered { "nothing matches" } else { "the history is empty" });
    }
    for entry in entries {
        if args.json {
            println!("{}", as_json(&entry));
            continue;
        }
        print(&entry, zone);
    }
    Ok(End::Done)
}

fn filter(args: &Args) -> Result<Filter, FilterError> {
    Filter::default()
        .kind(args.kind.as_deref())?
        .app(args.app.as_deref())?
        .task(args.task.as_deref())
}

/// Adds the reason, which is one of a fixed set or occurs in the history.
fn with_reason(filter: Filter, reader: &Reader, reason: Option<&str>) -> Result<Filter> {
    if reason.is_none() {
        return Ok(filter);
    }
    let all = reader.history(u32::MAX)?;
    let there: BTreeSet<&str> = all.iter().map(HistoryEntry::reason_name).collect();
    let there: Vec<&str> = there.into_iter().filter(|reason| !reason.is_empty()).collect();
    Ok(filter.reason(reason, &there).map_err(|error| refused(&error))?)
}

/// The latest entries that are wanted, newest first.
fn entries(reader: &Reader, args: &Args, filter: &Filter) -> Result<Vec<HistoryEntry>> {
    let is_filtered = args.cards || filter.is_set();
    let limit = if is_filtered { u32::MAX } else { args.limit };
    let mut entries = reader.history(limit)?;
    // An entry has the time of what happened, and was written when it was read.
    entries.sort_by_key(|entry| Reverse(entry.at));
    if !is_filtered {
        return Ok(entries);
    }
    let known: BTreeMap<Fingerprint, IncidentView> = if filter.needs_incidents() {
        let all = view::incidents(reader, clock::now(), true)?.into_iter();
        all.map(|incident| (incident.fingerprint.clone(), incident)).collect()
    } else {
        BTreeMap::new()
    };
    entries.retain(|entry| {
        (!args.cards || entry.is_card())
            && filter.takes_entry(entry, entry.fingerprint.as_ref().and_then(|it| known.get(it)))
    });
    entries.truncate(usize::try_from(args.limit).unwrap_or(usize::MAX));
    Ok(entries)
}

/// On one line if the terminal is wide enough, else with its summary below.
fn print(entry: &HistoryEntry, zone: &TimeZone) {
    let at = when::short(entry.at, zone);
    let reason = entry.reason_name();
    let what = format!("{} {reason}", entry.what.name());
    let kind = entry.kind.map_or("", Kind::name);
    let head = output::clean(&format!("{at}  {:<26}  {kind:<27}", what.trim_end()));
    let by = entry.author.as_ref().map(|by| format!("by {by}: ")).unwrap_or_default();
    let summary = output::clean(&format!("{by}{}", entry.summary));
    if output::width() >= WIDE {
        output::row(HEAD, &head, &summary);
    } else {
        println!("{}", head.trim_end());
        output::row(INDENT, "", &summary);
    }
}

fn as_json(entry: &HistoryEntry) -> serde_json::Value {
    json!({
        "at": Moment(entry.at), "what": entry.what, "reason": entry.reason_name(),
        "kind": entry.kind.map_or("", Kind::name), "fingerprint": entry.print(),
        "summary": entry.summary, "error_class": entry.error_class, "by": entry.author,
    })
}
