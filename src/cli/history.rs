//! I/O. `footman history`: what was sent, what was held back, and why.

use anyhow::{Context, Result};
use jiff::tz::TimeZone;
use serde_json::json;

use crate::cli::{End, Global, diagnose, output};
use crate::commit::HistoryEntry;
use crate::state::Reader;

/// Width of the columns before the summary, if it is on the same line…
const HEAD: usize = 15 + 2 + 26 + 2 + 27 + 2;
/// …which needs a terminal at least this wide.
const WIDE: usize = 120;
/// Otherwise the summary is indented to the event's column.
const INDENT: usize = 17;

#[derive(clap::Args)]
pub(in crate::cli) struct Args {
    /// How many entries, newest first
    #[arg(short = 'n', long, default_value_t = 50, value_name = "N")]
    limit: u32,
    /// One JSON object for each entry
    #[arg(long)]
    json: bool,
}

pub(in crate::cli) fn run(global: &Global, args: &Args) -> Result<End> {
    let (settings, problems) = global.settings();
    diagnose::print(&problems, false);
    let reader = Reader::open(&settings.state_dir)
        .with_context(|| format!("reading the state in {}", settings.state_dir.display()))?;
    for entry in reader.history(args.limit)? {
        if args.json {
            println!("{}", as_json(&entry));
            continue;
        }
        print(&entry, &settings.timezone);
    }
    Ok(End::Done)
}

/// On one line if the terminal is wide enough, else with its summary below.
fn print(entry: &HistoryEntry, zone: &TimeZone) {
    let at = entry.at.to_zoned_datetime(zone.clone()).strftime("%d %b %H:%M:%S");
    let reason = if entry.reason.is_empty() { "" } else { " " };
    let what = format!("{}{reason}{}", entry.what, entry.reason);
    let head = format!("{at}  {what:<26}  {:<27}", entry.kind);
    if output::width() >= WIDE {
        output::row(HEAD, &head, &entry.summary);
    } else {
        println!("{}", head.trim_end());
        output::row(INDENT, "", &entry.summary);
    }
}

fn as_json(entry: &HistoryEntry) -> serde_json::Value {
    json!({
        "at": entry.at, "what": entry.what, "reason": entry.reason, "kind": entry.kind,
        "fingerprint": entry.fingerprint, "summary": entry.summary,
        "error_class": Some(&entry.error_class).filter(|class| !class.is_empty()),
    })
}
