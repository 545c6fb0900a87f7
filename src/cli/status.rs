//! I/O. `footman status`: what a running or stopped agent knows.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::agent::file_problems::{self, Current};
use crate::cli::{End, Global};
use crate::clock::{self, Timestamp};
use crate::config::Settings;
use crate::incident::IncidentBook;
use crate::ledger::TableName;
use crate::metrics::Counts;
use crate::state::{self, Condition, DeliveryRow, Reader, Vitals};

#[derive(clap::Args)]
pub(in crate::cli) struct Args {
    /// One JSON object
    #[arg(long)]
    json: bool,
}

const DEAD_SHOWN: u32 = 20;

struct Status<'a> {
    settings: &'a Settings,
    vitals: &'a Vitals,
    notes: BTreeMap<String, String>,
    counters: Counts,
    n_files: usize,
    pending: Vec<DeliveryRow>,
    dead: Vec<DeliveryRow>,
    n_incidents: usize,
    n_inhibited: usize,
    problems: Vec<Current>,
}

pub(in crate::cli) fn run(global: &Global, args: &Args) -> End {
    let (settings, _) = global.settings();
    let vitals = Vitals::read(&settings.state_dir, clock::now());
    let end = if vitals.condition.is_well() { End::Done } else { End::Problems };
    // One line of sense, whatever else can be read.
    if let Some(why) = &vitals.why {
        eprintln!("footman: {}: {why}", vitals.condition.name());
    }
    if let Some(hint) = vitals.hint {
        eprintln!("hint: {hint}");
    }
    match read(&settings, &vitals) {
        Some(status) if args.json => println!("{:#}", status.json()),
        Some(status) => status.print(),
        None if args.json => println!("{:#}", unread(&settings, &vitals)),
        None => {}
    }
    end
}

/// Everything that the state says, if it can be read.
fn read<'a>(settings: &'a Settings, vitals: &'a Vitals) -> Option<Status<'a>> {
    let parts = || -> Result<_, state::Error> {
        let reader = Reader::open(&settings.state_dir)?;
        let (book, notes, counters) = (reader.book()?, reader.notes()?, reader.counters()?);
        let (files, pending, dead) = (reader.files()?, reader.pending()?, reader.dead(DEAD_SHOWN)?);
        Ok((book, notes, counters, files.len(), pending, dead))
    };
    let (book, mut notes, counters, n_files, pending, dead) = parts().ok()?;
    let troubles = notes.remove(file_problems::NOTE).unwrap_or_default();
    Some(Status {
        problems: serde_json::from_str(&troubles).unwrap_or_default(),
        notes,
        counters,
        n_files,
        pending,
        dead,
        n_incidents: TableName::Incidents.count(&book),
        n_inhibited: IncidentBook::n_inhibited(&book),
        settings,
        vitals,
    })
}

/// What programs get when the state cannot be read.
fn unread(settings: &Settings, vitals: &Vitals) -> Value {
    json!({
        "agent": vitals.condition.name(),
        "condition": vitals.condition.name(),
        "why": vitals.why,
        "hint": vitals.hint,
        "state-dir": settings.state_dir,
    })
}

/// Channels that cards are pending for although they are not configured, with how many.
pub(in crate::cli) fn stranded<'r>(
    settings: &Settings,
    pending: &'r [DeliveryRow],
) -> BTreeMap<&'r str, usize> {
    let mut stranded = BTreeMap::new();
    for row in pending.iter().filter(|row| !settings.channels.contains_key(&row.channel)) {
        *stranded.entry(row.channel.as_str()).or_default() += 1;
    }
    stranded
}

impl Status<'_> {
    /// `running`, or since when not, as far as can be seen.
    fn state(&self) -> String {
        let signs = &self.vitals.signs;
        match self.vitals.condition {
            Condition::Starting => format!("starting since {}", self.shown(signs.started)),
            Condition::Running => format!("running since {}", self.shown(signs.started)),
            Condition::Stopped => format!("stopped since {}", self.shown(signs.stopped)),
            Condition::Stalled => {
                format!("stalled; last heartbeat {}", self.shown(signs.heartbeat))
            }
            Condition::Dead | Condition::Unreadable | Condition::Missing => {
                format!("not running; last heartbeat {}", self.shown(signs.heartbeat))
            }
        }
    }

    fn shown(&self, at: Option<Timestamp>) -> String {
        let zone = self.settings.timezone.clone();
        at.map_or("an unknown time".to_owned(), |at| {
            at.to_zoned_datetime(zone).strftime("%a %d %b %Y %H:%M:%S").to_string()
        })
    }

    fn print(&self) {
        println!("agent       {}", self.state());
        if let Some(why) = &self.vitals.why {
            println!("            {why}");
        }
        if let Some(version) = self.notes.get("version") {
            println!("version     {version}");
        }
        if let Some(root) = self.notes.get("log-root") {
            println!("log root    {root}");
        }
        if let Some(patterns) = self.notes.get("patterns") {
            println!("patterns    {patterns}");
        }
        if let Some(configuration) = self.notes.get("configuration") {
            println!("config      {configuration}");
        }
        println!("state       {}", self.settings.state_dir.display());
        println!("files       {} followed", self.n_files);
        println!("incidents   {} open, {} of them inhibited", self.n_incidents, self.n_inhibited);
        println!("cards       {} pending, {} rejected", self.pending.len(), self.dead.len());
        for card in self.pending.iter().chain(&self.dead) {
            let why = card.why.as_deref().unwrap_or("in flight");
            println!("            {} {}: {} ({why})", card.state, card.channel, card.summary);
        }
        for (channel, n) in stranded(self.settings, &self.pending) {
            println!("            {n} for channel {channel}, which is not configured");
        }
        println!("problems    {} current", self.problems.len());
        for Current { path, reason, detail, since } in &self.problems {
            println!("            {reason} since {}: {path}", self.shown(Some(*since)));
            println!("              {detail}");
        }
        println!("counted");
        for (name, n) in self.counters.iter() {
            println!("  {n:>12}  {name}");
        }
    }

    fn json(&self) -> Value {
        let card = |row: &DeliveryRow| {
            json!({
                "id": row.id, "channel": row.channel, "summary": row.summary, "state": row.state,
                "attempts": row.attempts, "created": row.created, "next-at": row.next_at,
                "why": row.why,
            })
        };
        json!({
            "agent": self.state(),
            "condition": self.vitals.condition.name(),
            "why": self.vitals.why,
            "notes": self.notes,
            "state-dir": self.settings.state_dir,
            "files": self.n_files,
            "open-incidents": self.n_incidents,
            "inhibited-incidents": self.n_inhibited,
            "owed": self.pending.iter().map(card).collect::<Vec<_>>(),
            "stranded": stranded(self.settings, &self.pending),
            "set-aside": self.dead.iter().map(card).collect::<Vec<_>>(),
            "troubles": self.problems,
            "counters": self.counters.iter().collect::<BTreeMap<_, _>>(),
        })
    }
}
