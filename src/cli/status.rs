//! I/O. `footman status`: what a running or stopped agent knows.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::agent::troubles::{self, Current};
use crate::cli::{End, Global};
use crate::clock::{self, Timestamp};
use crate::config::Settings;
use crate::ledger::TableName;
use crate::metrics::Counts;
use crate::state::{DeliveryRow, Reader};

#[derive(clap::Args)]
pub(in crate::cli) struct Args {
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// The agent writes a heartbeat each 30 s; twice missed is gone.
const ALIVE: SignedDuration = SignedDuration::from_secs(75);
const DEAD_SHOWN: u32 = 20;

struct Status {
    now: Timestamp,
    settings: Settings,
    notes: BTreeMap<String, String>,
    counters: Counts,
    n_files: usize,
    owed: Vec<DeliveryRow>,
    dead: Vec<DeliveryRow>,
    n_incidents: usize,
    troubles: Vec<Current>,
}

pub(in crate::cli) fn run(global: &Global, args: &Args) -> Result<End> {
    let status = read(global)?;
    if args.json {
        println!("{:#}", status.json());
    } else {
        status.print();
    }
    Ok(End::Done)
}

fn read(global: &Global) -> Result<Status> {
    let (settings, _) = global.settings();
    let reader = Reader::open(&settings.state_dir)
        .with_context(|| format!("looking into {}", settings.state_dir.display()))?;
    let book = reader.book()?;
    let mut notes = reader.notes()?;
    let troubles = notes.remove(troubles::NOTE).unwrap_or_default();
    Ok(Status {
        now: clock::now(),
        troubles: serde_json::from_str(&troubles).unwrap_or_default(),
        notes,
        counters: reader.counters()?,
        n_files: reader.files()?.len(),
        owed: reader.owed()?,
        dead: reader.dead(DEAD_SHOWN)?,
        n_incidents: TableName::Incidents.count(&book),
        settings,
    })
}

impl Status {
    /// `running`, or since when not, as far as the notes tell.
    fn state(&self) -> String {
        let time = |key: &str| self.notes.get(key).and_then(|at| at.parse::<Timestamp>().ok());
        let (started, stopped) = (time("started"), time("stopped"));
        match time("heartbeat") {
            Some(_) if stopped > started => format!("stopped since {}", self.shown(stopped)),
            Some(beat) if self.now.duration_since(beat) < ALIVE => {
                format!("running since {}", self.shown(started))
            }
            beat => format!("not running; its last sign of life was at {}", self.shown(beat)),
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
        if let Some(version) = self.notes.get("version") {
            println!("version     {version}");
        }
        if let Some(root) = self.notes.get("log-root") {
            println!("log root    {root}");
        }
        if let Some(patterns) = self.notes.get("patterns") {
            println!("patterns    {patterns}");
        }
        println!("state       {}", self.settings.state_dir.display());
        println!("files       {} followed", self.n_files);
        println!("incidents   {} open", self.n_incidents);
        println!("cards       {} owed, {} set aside", self.owed.len(), self.dead.len());
        for card in self.owed.iter().chain(&self.dead) {
            let why = card.why.as_deref().unwrap_or("on its way");
            println!("            {} {}: {} ({why})", card.state, card.channel, card.summary);
        }
        println!("troubles    {} now", self.troubles.len());
        for Current { path, reason, detail, since } in &self.troubles {
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
            "notes": self.notes,
            "state-dir": self.settings.state_dir,
            "files": self.n_files,
            "open-incidents": self.n_incidents,
            "owed": self.owed.iter().map(card).collect::<Vec<_>>(),
            "set-aside": self.dead.iter().map(card).collect::<Vec<_>>(),
            "troubles": self.troubles,
            "counters": self.counters.iter().collect::<BTreeMap<_, _>>(),
        })
    }
}
