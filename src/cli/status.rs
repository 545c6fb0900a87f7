//! I/O. `footman status`: shows the state of a running or stopped agent.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::agent::file_problems::{self, Current};
use crate::agent::pulse::TenantFigures;
use crate::agent::reload_note::{ReloadNote, Reloadable};
use crate::agent::{
    FAILING_NOTE, FailingChannel, PageNote, TENANTS_NOTE, WEBHOOKS_NOTE, WebhooksNote,
    failing_channels,
};
use crate::cli::doctor::state::unwritable;
use crate::cli::output::Tone;
use crate::cli::run::refuses;
use crate::cli::{End, Global, diagnose, hint, log, output, when};
use crate::clock::{self, Timestamp};
use crate::commit::DeliveryState;
use crate::config::{Language, Problem, Settings};
use crate::metrics::Counts;
use crate::outbox;
use crate::state::{self, AgentCondition, DeliveryStatus, NOT_ADVANCING, PageKey, Reader, Vitals};
use crate::tail::FileProblemReason;
use crate::view::{self, IncidentCounts, ShowTime};

#[derive(clap::Args)]
pub(crate) struct Args {
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
    page: Option<PageNote>,
    counters: Counts,
    n_files: usize,
    pending: Vec<DeliveryStatus>,
    dead: Vec<DeliveryStatus>,
    answered: IncidentCounts,
    problems: Vec<Current>,
    tenants: BTreeMap<String, TenantFigures>,
    failing: BTreeMap<String, FailingChannel>,
}

pub(crate) fn run(global: &Global, args: &Args) -> End {
    let (settings, problems) = global.settings();
    // Without a configuration that can be read, this may be the state folder of another agent.
    diagnose::print(&problems, false);
    let vitals = Vitals::read(&settings.state_dir, clock::now());
    let status = read(&settings, &vitals);
    let end = if vitals.is_well() { End::Done } else { End::Problems };
    let shown = |at| when::local(at, &settings.timezone);
    let why = status.as_ref().map_or_else(|| why_of(&vitals, &shown), |it| it.why(&shown));
    if let Some(why) = why {
        output::complaint(&format!("footman: {}: {why}", vitals.condition.name()));
    }
    let hint = next_step(&settings, &problems, &vitals).map(|hint| hint::complete(&hint));
    if let Some(hint) = &hint {
        output::complaint(&format!("hint: {hint}"));
    }
    match status {
        Some(status) if args.json => println!("{:#}", status.json()),
        Some(status) => status.print(),
        None if args.json => println!("{:#}", unread(&settings, &vitals, hint.as_deref())),
        None => {}
    }
    end
}

/// What to do about the condition. A problem that keeps `footman run` from starting comes first.
fn next_step(settings: &Settings, problems: &[Problem], vitals: &Vitals) -> Option<String> {
    let start = if refuses(settings, problems) {
        "fix what `footman check` reports first; then start it"
    } else {
        "start it again"
    };
    match vitals.condition {
        AgentCondition::Missing if !vitals.signs.is_read_only => {
            if let Some(why) = unwritable(&settings.state_dir) {
                let todo = why.todo.unwrap_or_default();
                return Some(format!("first make it possible: {}; {todo}", why.what));
            }
            if refuses(settings, problems) {
                return Some(start.to_owned());
            }
        }
        AgentCondition::Dead if vitals.hint.is_none() => {
            let log = log::latest(&settings.log.folder);
            return Some(format!("its log may say why: {}; {start}", log.display()));
        }
        _ => {}
    }
    vitals.hint.map(|hint| view::advice(hint, Language::English).to_owned())
}

/// The content of the state, if it can be read.
fn read<'a>(settings: &'a Settings, vitals: &'a Vitals) -> Option<Status<'a>> {
    let parts = || -> Result<_, state::Error> {
        let reader = Reader::open(&settings.state_dir)?;
        let (notes, counters) = (reader.notes()?, reader.counters()?);
        let (files, pending, dead) = (reader.files()?, reader.pending()?, reader.dead(DEAD_SHOWN)?);
        // A state of an earlier version does not have them.
        let answered = view::counts(&reader, clock::now()).unwrap_or_default();
        Ok((notes, counters, files.len(), pending, dead, answered))
    };
    let (mut notes, counters, n_files, pending, dead, answered) = parts().ok()?;
    let problems = notes.remove(file_problems::NOTE).unwrap_or_default();
    let tenants = notes.remove(TENANTS_NOTE).unwrap_or_default();
    let failing = notes.remove(FAILING_NOTE).unwrap_or_default();
    notes.remove(NOT_ADVANCING);
    Some(Status {
        tenants: serde_json::from_str(&tenants).unwrap_or_default(),
        problems: serde_json::from_str(&problems).unwrap_or_default(),
        failing: failing_channels(&failing),
        page: PageNote::reword_in(&mut notes),
        notes,
        counters,
        n_files,
        pending,
        dead,
        answered,
        settings,
        vitals,
    })
}

/// The JSON output if the state cannot be read.
fn unread(settings: &Settings, vitals: &Vitals, hint: Option<&str>) -> Value {
    json!({
        "agent": vitals.condition.name(),
        "condition": vitals.condition.name(),
        "healthy": false,
        "why": why_of(vitals, &view::utc),
        "hint": hint,
        "state-dir": settings.state_dir,
    })
}

/// Why the agent is not well, with times as the output has them.
fn why_of(vitals: &Vitals, shown: ShowTime<'_>) -> Option<String> {
    vitals.why.as_ref().map(|why| view::reason(why, Language::English, shown))
}

/// Prints one item, wrapped to the terminal.
fn say(name: &str, text: &str) {
    output::row(NAMES, name, text);
}

impl Status<'_> {
    /// `running`, or since when it is not, as far as can be determined.
    fn state(&self) -> String {
        let signs = &self.vitals.signs;
        match self.vitals.condition {
            AgentCondition::Starting => format!("starting since {}", self.shown(signs.started)),
            AgentCondition::Running => format!("running since {}", self.shown(signs.started)),
            AgentCondition::Stopped => format!("stopped since {}", self.shown(signs.stopped)),
            AgentCondition::Stalled => {
                format!("stalled; last heartbeat {}", self.shown(signs.heartbeat))
            }
            AgentCondition::Dead | AgentCondition::Unreadable | AgentCondition::Missing => {
                format!("not running; last heartbeat {}", self.shown(signs.heartbeat))
            }
        }
    }

    /// What the agent waits for, if the log root is absent or empty. An agent that does not run
    /// waits for nothing.
    fn waits(&self) -> Option<String> {
        if !matches!(self.vitals.condition, AgentCondition::Running | AgentCondition::Starting) {
            return None;
        }
        self.problems
            .iter()
            .find(|it| it.is_of(FileProblemReason::NoLogRoot))
            .map(|it| it.waits(Language::English))
    }

    /// Why the agent is not well, as exactly as is known.
    fn why(&self, shown: ShowTime<'_>) -> Option<String> {
        let why = why_of(self.vitals, shown)?;
        Some(self.waits().unwrap_or(why))
    }

    /// Where the local page is served; `None` if no agent runs.
    fn page(&self) -> Option<&PageNote> {
        let runs = [AgentCondition::Starting, AgentCondition::Running, AgentCondition::Stalled];
        let runs = runs.contains(&self.vitals.condition);
        self.page.as_ref().filter(|_| runs)
    }

    /// The link that lets a browser act on the page, if this account may read its key.
    fn page_link(&self, page: &PageNote) -> Option<String> {
        // Over TLS it has only links, and takes no key.
        let PageNote::Served { is_tls: false, .. } = page else { return None };
        let key = PageKey::read(&self.settings.state_dir).ok().flatten()?;
        Some(format!("{}?key={}", page.text(), key.text()))
    }

    fn shown(&self, at: Option<Timestamp>) -> String {
        let zone = self.settings.timezone.clone();
        at.map_or("an unknown time".to_owned(), |at| when::local(at, &zone))
    }

    /// The notes as people read them.
    fn notes(&self, shown: ShowTime<'_>) -> BTreeMap<String, String> {
        let mut notes = self.notes.clone();
        ReloadNote::reword_in(&mut notes, Language::English, shown);
        WebhooksNote::reword_in(&mut notes, Language::English);
        notes
    }

    /// `7 open, 2 of them inhibited, 1 acknowledged`.
    fn incidents(&self) -> String {
        let open = format!("{} open", self.answered.all_open());
        let mut parts = vec![open, format!("{} of them inhibited", self.answered.inhibited)];
        let IncidentCounts { acknowledged, silenced, unseen, .. } = self.answered;
        let answered =
            [(acknowledged, "acknowledged"), (silenced, "silenced"), (unseen, "not seen lately")];
        let answered = answered.into_iter().filter(|(n, _)| *n > 0);
        parts.extend(answered.map(|(n, what)| format!("{n} {what}")));
        parts.join(", ")
    }

    fn print(&self) {
        let tone = match self.vitals.condition {
            AgentCondition::Running if self.vitals.is_well() => Tone::Good,
            AgentCondition::Starting | AgentCondition::Stopped => Tone::Odd,
            _ => Tone::Bad,
        };
        let name = output::paint("agent", tone);
        // Color codes take no columns.
        let names = NAMES + name.len() - "agent".len();
        output::row(names, &name, &self.state());
        let shown = |at| self.shown(Some(at));
        let why = why_of(self.vitals, &shown);
        if let Some(why) = &why {
            say("", why);
        }
        let notes = self.notes(&shown);
        for (name, key) in
            [("version", "version"), ("log root", "log-root"), ("patterns", "patterns")]
        {
            if let Some(text) = notes.get(key) {
                say(name, text);
            }
            if let Some(waits) = self.waits().filter(|_| key == "log-root" && why.is_none()) {
                say("", &waits);
            }
        }
        if let Some(configuration) = notes.get(Reloadable::Configuration.key()) {
            say("config", configuration);
        }
        if let Some(text) = notes.get(WEBHOOKS_NOTE).filter(|text| !text.is_empty()) {
            say("webhooks", text);
        }
        if let Some(page) = self.page() {
            match self.page_link(page) {
                // Not wrapped, so that a terminal opens it.
                Some(link) => println!("{:NAMES$}{link}", "page"),
                None => say("page", &page.text()),
            }
        }
        say("state", &self.settings.state_dir.display().to_string());
        say("files", &format!("{} followed", self.n_files));
        self.print_tenants();
        say("incidents", &self.incidents());
        say("cards", &format!("{} pending, {} rejected", self.pending.len(), self.dead.len()));
        self.print_cards();
        for (channel, n) in self.stranded() {
            say("", &format!("{n} for channel {channel}, which is not configured"));
        }
        for (channel, failing) in &self.failing {
            say("channel", &self.failing(channel, failing));
        }
        say("problems", &format!("{} current", self.problems.len()));
        for problem in &self.problems {
            let (Current { path, since, .. }, reason) = (problem, problem.reason());
            say("", &format!("{reason} since {}: {path}", self.shown(Some(*since))));
            say("", &format!("  {}", problem.detail(Language::English)));
        }
        println!("counted");
        for (name, n) in self.counters.by_name() {
            println!("  {n:>12}  {name}");
        }
    }

    fn print_tenants(&self) {
        for (name, tenant) in &self.tenants {
            let polled = tenant.tally.polled.map(|at| self.shown(Some(at)));
            let polled = polled.map_or("not polled yet".to_owned(), |at| format!("polled {at}"));
            say("tenant", &format!("{name}: {polled}"));
            if let (Some(since), Some(why)) = (tenant.failing_since, &tenant.why) {
                say("", &format!("failing since {}: {why}", self.shown(Some(since))));
            }
            if let Some(lists) = tenant.tally.unordered_lists() {
                say("", &format!("lists in another order than asked for: {lists}; more is read"));
            }
        }
    }

    /// The cards that wait or were rejected.
    fn print_cards(&self) {
        for card in self.pending.iter().chain(&self.dead) {
            let is_in_flight = card.state == DeliveryState::InFlight;
            let otherwise = if is_in_flight { "in flight" } else { "not tried yet" };
            let why = card.why.as_deref().unwrap_or(otherwise);
            // After that time, it waits for its channel.
            let next = card.next_at.filter(|at| *at > clock::now());
            let next = next.map(|at| format!("; not tried before {}", self.shown(Some(at))));
            let next = next.unwrap_or_default();
            let state = card.state.name();
            say("", &format!("{state} {}: {} ({why}{next})", card.channel, card.summary));
        }
    }

    fn stranded(&self) -> BTreeMap<&str, usize> {
        let pending = self.pending.iter().map(|row| row.channel.as_str());
        outbox::stranded(&self.settings.channels, pending)
    }

    /// Since when and why a channel accepts no cards, and when it is asked again.
    fn failing(&self, channel: &str, failing: &FailingChannel) -> String {
        let FailingChannel { since, why, next_at } = failing;
        let next = match next_at {
            None => "not asked again before its URL changes".to_owned(),
            Some(at) if *at > clock::now() => format!("next attempt {}", self.shown(Some(*at))),
            Some(_) => "next attempt with its next card".to_owned(),
        };
        let since = self.shown(Some(*since));
        format!("{channel} accepts no cards since {since} ({why}; {next})")
    }

    fn json(&self) -> Value {
        let card = |row: &DeliveryStatus| {
            json!({
                "id": row.id, "channel": row.channel, "summary": row.summary, "state": row.state,
                "attempts": row.attempts, "created": row.created, "next-at": row.next_at,
                "why": row.why,
            })
        };
        let problems = self.problems.iter().map(|it| it.shown(Language::English));
        json!({
            "agent": self.state(),
            "condition": self.vitals.condition.name(),
            "healthy": self.vitals.is_well(),
            "why": self.why(&view::utc),
            "notes": self.notes(&view::utc),
            "state-dir": self.settings.state_dir,
            "page": self.page().filter(|page| page.address().is_some()).map(PageNote::text),
            "files": self.n_files,
            "tenants": self.tenants,
            "open-incidents": self.answered.all_open(),
            "inhibited-incidents": self.answered.inhibited,
            "acknowledged-incidents": self.answered.acknowledged,
            "silenced-incidents": self.answered.silenced,
            "failing-channels": self.failing,
            "owed": self.pending.iter().map(card).collect::<Vec<_>>(),
            "stranded": self.stranded(),
            "set-aside": self.dead.iter().map(card).collect::<Vec<_>>(),
            "troubles": problems.collect::<Vec<_>>(),
            "counters": self.counters.by_name(),
        })
    }
}
