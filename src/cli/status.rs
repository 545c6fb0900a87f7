//! I/O. `footman status`: shows the state of a running or stopped agent.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::agent::file_problems::{self, Current};
use crate::cli::output::Tone;
use crate::cli::{End, Global, diagnose, hint, output};
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
/// Width of the name column.
const NAMES: usize = 12;

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
    let (settings, problems) = global.settings();
    // Without a configuration that can be read, this may be the state folder of another agent.
    diagnose::print(&problems, false);
    let vitals = Vitals::read(&settings.state_dir, clock::now());
    let end = if vitals.condition.is_well() { End::Done } else { End::Problems };
    let status = read(&settings, &vitals);
    // Shown even if little else can be read.
    let waits = status.as_ref().and_then(Status::waits);
    if let Some(why) = waits.or_else(|| vitals.why.clone()) {
        eprintln!("footman: {}: {why}", vitals.condition.name());
    }
    if let Some(hint) = vitals.hint {
        eprintln!("hint: {}", hint::complete(hint));
    }
    match status {
        Some(status) if args.json => println!("{:#}", status.json()),
        Some(status) => status.print(),
        None if args.json => println!("{:#}", unread(&settings, &vitals)),
        None => {}
    }
    end
}

/// Everything in the state, if it can be read.
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

/// The JSON output if the state cannot be read.
fn unread(settings: &Settings, vitals: &Vitals) -> Value {
    json!({
        "agent": vitals.condition.name(),
        "condition": vitals.condition.name(),
        "why": vitals.why,
        "hint": vitals.hint,
        "state-dir": settings.state_dir,
    })
}

/// Prints one item, wrapped to the terminal.
fn say(name: &str, text: &str) {
    output::row(NAMES, name, text);
}

/// Channels that have pending cards but are not configured, with the number of cards.
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
    /// `running`, or since when it is not, as far as can be determined.
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

    /// What the agent waits for, if the log root is absent or empty.
    fn waits(&self) -> Option<String> {
        let waits = self.problems.iter().find(|it| it.reason == "no-log-root")?;
        Some(format!("waiting for the log root {}: {}", waits.path, waits.detail))
    }

    fn shown(&self, at: Option<Timestamp>) -> String {
        let zone = self.settings.timezone.clone();
        at.map_or("an unknown time".to_owned(), |at| {
            at.to_zoned_datetime(zone).strftime("%a %d %b %Y %H:%M:%S").to_string()
        })
    }

    fn print(&self) {
        let tone = match self.vitals.condition {
            Condition::Running => Tone::Good,
            Condition::Starting | Condition::Stopped => Tone::Odd,
            _ => Tone::Bad,
        };
        let name = output::paint("agent", tone);
        // Color codes take no columns.
        let names = NAMES + name.len() - "agent".len();
        output::row(names, &name, &self.state());
        if let Some(why) = &self.vitals.why {
            say("", why);
        }
        for (name, key) in
            [("version", "version"), ("log root", "log-root"), ("patterns", "patterns")]
        {
            if let Some(text) = self.notes.get(key) {
                say(name, text);
            }
            if let Some(waits) = self.waits().filter(|_| key == "log-root") {
                say("", &waits);
            }
        }
        if let Some(configuration) = self.notes.get("configuration") {
            println!("config      {configuration}");
        }
        say("state", &self.settings.state_dir.display().to_string());
        say("files", &format!("{} followed", self.n_files));
        say(
            "incidents",
            &format!("{} open, {} of them inhibited", self.n_incidents, self.n_inhibited),
        );
        say("cards", &format!("{} pending, {} rejected", self.pending.len(), self.dead.len()));
        for card in self.pending.iter().chain(&self.dead) {
            let why = card.why.as_deref().unwrap_or("in flight");
            let next =
                card.next_at.map(|at| format!("; not tried before {}", self.shown(Some(at))));
            let next = next.unwrap_or_default();
            say("", &format!("{} {}: {} ({why}{next})", card.state, card.channel, card.summary));
        }
        for (channel, n) in stranded(self.settings, &self.pending) {
            say("", &format!("{n} for channel {channel}, which is not configured"));
        }
        say("problems", &format!("{} current", self.problems.len()));
        for Current { path, reason, detail, since } in &self.problems {
            say("", &format!("{reason} since {}: {path}", self.shown(Some(*since))));
            say("", &format!("  {detail}"));
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
