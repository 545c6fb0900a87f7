//! I/O. `footman replay`: which cards old logs would have caused, when, and how often.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::cli::hint::Refused;
use crate::cli::{End, Global, diagnose, output, when};
use crate::commit::StoredRows;
use crate::config::Settings;
use crate::config::load::{Env, NOT_AMONG_LOGS, among_logs, log_root_problem};
use crate::detection::Detection;
use crate::engine::Engine;
use crate::replay::files::{OldFile, ReadTotals, find};
use crate::replay::tally::name_of;
use crate::replay::{Replayed, SentCard, Tally, Window, decide_in_order, detect};
use crate::web::report::{Report, page};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folders, log files, `.gz` or `.zip` of them
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Only what was written at this time or later: `2026-11-20` or `2026-11-20T06:00`
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only what was written before this time
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Replay as a node of this environment
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    /// One JSON object for each card, then one that sums up
    #[arg(long)]
    json: bool,
    /// Write a page with charts that needs nothing from elsewhere
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    html: Option<PathBuf>,
    /// Also test every line against every pattern, and fail if the results differ
    #[arg(long, hide = true)]
    self_check: bool,
}

pub(crate) fn run(global: &Global, args: &Args) -> Result<End> {
    let (mut settings, mut problems) = global.settings();
    if args.environment.is_some() {
        settings.environment.clone_from(&args.environment);
        settings.environment_is_written = false;
    }
    let window = window(args, &settings.timezone)?;
    if let (Some(since), Some(until)) = (&args.since, &args.until)
        && window.is_empty()
    {
        eprintln!("footman: no time is in the range: {until} is not later than {since}");
        eprintln!(
            "hint: give --until a later time than --since, which is the first to be replayed"
        );
        return Ok(End::Usage);
    }
    if let Some(page) = &args.html {
        keep_from_logs(page, &settings, &args.paths)?;
    }
    let (engine, found) = Engine::compile(&settings);
    problems.extend(found);
    diagnose::print(&problems, false);

    let files = find(&args.paths)?;
    let bar = progress(&files);
    let mut pipeline = engine.pipeline(&StoredRows::default(), None);
    let mut plain = pipeline.recogniser.detector.without_scan();
    let (detections, walk) = detect(&mut pipeline.recogniser.detector, &files, &bar);
    if args.self_check {
        let (all, _) = detect(&mut plain, &files, &bar);
        ensure!(all == detections, "the scan passed over a row: {}", missed(&all, &detections));
    }
    bar.finish_and_clear();
    for problem in &walk.problems {
        eprintln!("{}: {}", problem.path.display(), problem.detail);
    }
    if walk.n_logs == 0 {
        return Err(no_logs(&args.paths).into());
    }
    let replayed = decide_in_order(&mut pipeline, detections, window);
    if args.json {
        print_json(&replayed, &walk, &settings);
    } else {
        print_text(&replayed, &walk, &settings);
    }
    write_page(args, &replayed, &walk, &settings)?;
    Ok(End::Done)
}

/// Refuses a page below the log root, or below a folder `Log` that is replayed.
fn keep_from_logs(page: &Path, settings: &Settings, paths: &[PathBuf]) -> Result<()> {
    let env = Env::of_process();
    let replayed = paths.iter().filter(|path| log_root_problem(&env, path).is_none());
    let mut roots = settings.log_root.iter().chain(replayed);
    match roots.find_map(|root| among_logs("the page", page, root)) {
        None => Ok(()),
        Some(what) => {
            let hint = format!("name a file elsewhere: {NOT_AMONG_LOGS}");
            Err(Refused::new(what, hint).into())
        }
    }
}

/// An error if no log was read: an empty report would look like a quiet night.
pub(crate) fn no_logs(paths: &[PathBuf]) -> Refused {
    let shown: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    let what = format!("no logs of Qlik Sense found in {}", shown.join(", "));
    let hint = "give the folder `Log` of Qlik Sense, a copy or an archive of it, or logs that have \
                kept their names, such as NODE_System_Scheduler.txt";
    Refused::new(what, hint)
}

/// The location of the first row that only one of the two searches found.
fn missed(all: &[Detection], found: &[Detection]) -> String {
    let place = |one: &Detection| format!("{} by {}", one.origin.id(), one.pattern);
    let only = all.iter().find(|one| !found.contains(one));
    only.map_or_else(|| "another order".to_owned(), place)
}

/// A progress bar on standard error; hidden if that is not a terminal.
pub(crate) fn progress(files: &[OldFile]) -> ProgressBar {
    let bar = ProgressBar::new(files.iter().map(|file| file.size).sum());
    let template = "reading {wide_bar} {bytes} of {total_bytes}, {eta} left";
    bar.set_style(ProgressStyle::with_template(template).expect("the template is fixed"));
    bar
}

fn window(args: &Args, zone: &TimeZone) -> Result<Window> {
    let point =
        |text: &Option<String>| text.as_deref().map(|text| when::point(text, zone)).transpose();
    Ok(Window { since: point(&args.since)?, until: point(&args.until)? })
}

fn print_text(replayed: &Replayed, walk: &ReadTotals, settings: &Settings) {
    let zone = &settings.timezone;
    for card in &replayed.cards {
        let at = card.at.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M:%S");
        let (reason, to) = (card.notice.reason.name(), card.channels.join(", "));
        let head = format!("{at}  {reason:<9}  ");
        output::column(head.len(), &head, &format!("{}  -> {to}", card.summary));
    }
    if !replayed.cards.is_empty() {
        println!();
    }
    let tally = Tally::of(replayed, zone, settings.language);
    let found: u64 = replayed.found.values().sum();
    println!("{} logs, {} MB; {found} rows found", walk.n_logs, walk.n_bytes / 1_000_000);
    println!("{}", output::counted(replayed.cards.len(), "card"));
    for (why, n) in &tally.held {
        output::item(&format!("{n} held back: {why}"));
    }
    for (n, why) in [
        (replayed.n_copies, "rows are in two copies of their file and were counted once"),
        (replayed.n_timeless, "rows have no time and were left out"),
    ] {
        if n > 0 {
            output::item(&format!("{n} {why}"));
        }
    }
}

fn print_json(replayed: &Replayed, walk: &ReadTotals, settings: &Settings) {
    for card in &replayed.cards {
        println!("{}", json_of(card));
    }
    let tally = Tally::of(replayed, &settings.timezone, settings.language);
    let held: serde_json::Map<String, Value> =
        tally.held.into_iter().map(|(why, n)| (why, n.into())).collect();
    let summary = json!({
        "summary": {
            "cards": replayed.cards.len(), "held_back": held, "patterns": replayed.found,
            "logs": walk.n_logs, "bytes": walk.n_bytes, "unreadable": walk.problems.len(),
            "copies": replayed.n_copies, "without_time": replayed.n_timeless,
            "first": replayed.first, "last": replayed.last, "environment": settings.environment,
        }
    });
    println!("{summary}");
}

fn json_of(card: &SentCard) -> Value {
    let notice = &card.notice;
    json!({
        "at": card.at, "happened": notice.at, "what": notice.reason.name(),
        "kind": notice.kind.name(), "severity": notice.severity, "title": notice.title,
        "name": name_of(notice), "task": notice.facts.task_name, "app": notice.facts.app_name,
        "node": notice.facts.host, "user": notice.facts.user, "error": notice.error,
        "error_class": notice.error_class(), "connection": notice.connection(),
        "swallowed": notice.script.as_ref().map(|script| script.n_swallowed),
        "statement": notice.script.as_ref().and_then(|script| script.statement.as_ref()),
        "pattern": notice.pattern, "count": notice.count, "held_back": notice.held_back,
        "since": notice.since, "fingerprint": notice.fingerprint, "channels": card.channels,
        "summary": card.summary,
    })
}

fn write_page(
    args: &Args,
    replayed: &Replayed,
    walk: &ReadTotals,
    settings: &Settings,
) -> Result<()> {
    let Some(file) = &args.html else { return Ok(()) };
    let environment = settings.environment.as_deref();
    let (zone, language) = (&settings.timezone, settings.language);
    let html = page(&Report { replayed, walk, zone, environment, language });
    std::fs::write(file, html).with_context(|| format!("writing the page {}", file.display()))?;
    output::item(&format!("the page is in {}", file.display()));
    Ok(())
}
