//! I/O. `footman history`: what was said, what was held back, and why.

use anyhow::{Context, Result};
use serde_json::json;

use crate::cli::{End, Global};
use crate::commit::HistoryEntry;
use crate::state::Reader;

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
    let (settings, _) = global.settings();
    let reader = Reader::open(&settings.state_dir)
        .with_context(|| format!("reading the state in {}", settings.state_dir.display()))?;
    for entry in reader.history(args.limit)? {
        if args.json {
            println!("{}", as_json(&entry));
            continue;
        }
        let at = entry.at.to_zoned_datetime(settings.timezone.clone()).strftime("%d %b %H:%M:%S");
        let reason = if entry.reason.is_empty() { "" } else { " " };
        let what = format!("{}{reason}{}", entry.what, entry.reason);
        println!("{at}  {what:<24}  {:<26}  {}", entry.kind, entry.summary);
    }
    Ok(End::Done)
}

fn as_json(entry: &HistoryEntry) -> serde_json::Value {
    json!({
        "at": entry.at, "what": entry.what, "reason": entry.reason, "kind": entry.kind,
        "fingerprint": entry.fingerprint, "summary": entry.summary,
    })
}
