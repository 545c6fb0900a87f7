//! I/O. `footman show`: one incident and its story.

use anyhow::Result;
use jiff::tz::TimeZone;

use crate::cli::incidents::{held, tone};
use crate::cli::submit::resolve;
use crate::cli::{End, Global, diagnose, output, when};
use crate::state::Reader;
use crate::view::{self, StoryEntry, StoryView, receipt_advice};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The id of the incident, or how it begins
    id: String,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// Width of the names of fields.
const NAMES: usize = 14;
/// Width of the time and of what happened.
const WHAT: usize = 25 + 16;

pub(crate) fn run(global: &Global, args: &Args) -> Result<End> {
    let (settings, problems) = global.settings();
    diagnose::print(&problems, false);
    let reader = Reader::open_current(&settings.state_dir)?;
    let print = resolve(&reader, &args.id)?;
    let Some(story) = view::story(&reader, &print)? else {
        // It was deleted between the two reads.
        return Err(resolve(&reader, &args.id).err().unwrap_or_else(|| {
            anyhow::anyhow!("the incident {} was just deleted", output::clean(&args.id))
        }));
    };
    if args.json {
        println!("{:#}", serde_json::to_value(story)?);
    } else {
        show(&story, &settings.timezone);
    }
    Ok(End::Done)
}

fn show(story: &StoryView, zone: &TimeZone) {
    let it = &story.incident;
    for title in output::folded(&output::clean(&it.title), output::width()) {
        println!("{}", tone(it.severity).map_or(title.clone(), |tone| output::paint(&title, tone)));
    }
    let named = |name: Option<&str>, id: Option<&str>| match (name, id) {
        (Some(name), Some(id)) => Some(format!("{name} ({id})")),
        (name, id) => name.or(id).map(str::to_owned),
    };
    let times = match it.count {
        1 => "once".to_owned(),
        n => format!("{n} times"),
    };
    let fields = [
        ("id", Some(format!("{} ({})", it.id, it.fingerprint))),
        ("state", Some(it.state.name().to_owned())),
        ("severity", Some(it.severity.name().to_owned())),
        ("kind", Some(it.kind.name().to_owned())),
        ("error", it.error.clone()),
        ("error class", it.error_class.clone()),
        ("app", named(it.app.as_deref(), it.app_id.as_deref())),
        ("task", named(it.task.as_deref(), it.task_id.as_deref())),
        ("node", it.node.clone()),
        ("environment", it.environment.clone()),
        ("source", Some(it.source.name().to_owned())),
        ("since", Some(when::local(it.since.0, zone))),
        ("last", Some(when::local(it.last.0, zone))),
        ("seen", Some(format!("{times}, {} held back", it.held_back))),
        ("last success", it.last_success.map(|at| when::local(at.0, zone))),
        ("channels", Some(it.channels.join(", ")).filter(|names| !names.is_empty())),
    ];
    for (name, text) in fields {
        if let Some(text) = text {
            output::row(NAMES, name, &output::clean(&text));
        }
        if name == "state" {
            for text in held(it, zone) {
                output::row(NAMES, "", &output::clean(&text));
            }
        }
    }
    println!("story");
    for entry in &story.story {
        let head = format!("  {:<23}{:<16}", when::short(entry.at.0, zone), entry.what.name());
        output::row(WHAT, &head, &output::clean(&text(entry)));
    }
}

fn text(entry: &StoryEntry) -> String {
    let by = entry.by.as_ref().map(|by| format!("by {by}"));
    let reason = entry.reason.as_ref().map(|reason| format!("({reason})"));
    let channel = entry.channel.as_ref().map(|channel| format!("to {channel}"));
    let parts: Vec<String> = [by, reason, channel].into_iter().flatten().collect();
    let shown = match (&entry.text, parts.is_empty()) {
        (None, _) => parts.join(" "),
        (Some(text), true) => text.clone(),
        (Some(text), false) => format!("{}: {text}", parts.join(" ")),
    };
    match &entry.receipt {
        Some(receipt) => format!("{shown} ({})", receipt_advice(receipt)),
        None => shown,
    }
}
