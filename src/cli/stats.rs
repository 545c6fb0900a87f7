//! I/O. `footman stats`: counts, noise, and how long things took.

use anyhow::Result;
use jiff::SignedDuration;

use crate::cli::{End, Global, diagnose, output, when};
use crate::clock;
use crate::config::Language;
use crate::render;
use crate::state::Reader;
use crate::view::{self, Spread, Stats, StatsInput, Tallied};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only since: 2h, 7d, 2026-11-20, 2026-11-20T06:00
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// The most rows of one chart.
const ROWS: usize = 10;
/// The most days of the chart of days, the latest ones.
const DAYS: usize = 14;
/// Width of the names of a chart and of its numbers.
const NAMES: usize = 30;
const NUMBERS: usize = 8;
/// The longest bar.
const BAR: usize = 40;

pub(crate) fn run(global: &Global, args: &Args) -> Result<End> {
    let (settings, problems) = global.settings();
    diagnose::print(&problems, false);
    let (now, zone) = (clock::now(), &settings.timezone);
    let since = args.since.as_deref().map(|text| when::past(text, zone, now)).transpose()?;
    let reader = Reader::open_current(&settings.state_dir)?;
    let input = StatsInput {
        history: reader.history(u32::MAX)?,
        sent: reader.sent(u32::MAX)?,
        counters: reader.counters()?,
    };
    let stats = view::stats(&input, since, now, zone);
    if args.json {
        println!("{:#}", serde_json::to_value(stats)?);
        return Ok(End::Done);
    }
    match since {
        Some(since) => println!("since {}", when::local(since, zone)),
        None => println!("since the beginning of the history"),
    }
    print(&stats);
    Ok(End::Done)
}

fn print(stats: &Stats) {
    let counted = [
        ("opened", stats.opened),
        ("repeated", stats.repeated),
        ("escalated", stats.escalated),
        ("recovered", stats.recovered),
        ("acknowledged", stats.acknowledged),
        ("cards refused", stats.refused),
        ("held back", stats.suppressed),
    ];
    for (name, n) in counted {
        println!("  {name:<16}{n:>NUMBERS$}");
    }
    println!();
    println!("  {:<16}{:>14}{:>14}{:>14}", "time to", "median", "90 %", "longest");
    let spreads = [
        ("card", &stats.time_to_card),
        ("acknowledge", &stats.time_to_acknowledge),
        ("recover", &stats.time_to_recover),
    ];
    for (name, spread) in spreads {
        println!("  {name:<16}{}", spread.as_ref().map_or_else(|| format!("{:>14}", "-"), shown));
    }
    chart("incidents opened, by day", stats.days.iter().rev().take(DAYS).rev());
    let noise = |noise: &view::KindNoise| Tallied {
        name: noise.kind.clone(),
        count: noise.cards + noise.suppressed,
    };
    let kinds: Vec<Tallied> = stats.kinds.iter().map(noise).collect();
    chart("cards and what was held back, by kind", kinds.iter().take(ROWS));
    chart("held back, by reason", stats.reasons.iter().take(ROWS));
    // They are counted since the state exists, whatever time is asked for.
    if stats.since.is_none() {
        chart("matches since the state exists, by pattern", stats.patterns.iter().take(ROWS));
    }
}

fn shown(spread: &Spread) -> String {
    let times = [spread.median_ms, spread.p90_ms, spread.longest_ms];
    times.map(|ms| format!("{:>14}", span(ms))).concat()
}

fn span(ms: i64) -> String {
    if (0..60_000).contains(&ms) {
        return format!("{}.{} s", ms / 1000, ms % 1000 / 100);
    }
    render::duration(SignedDuration::from_millis(ms), Language::English)
}

fn chart<'a>(title: &str, rows: impl Iterator<Item = &'a Tallied>) {
    let rows: Vec<&Tallied> = rows.collect();
    let Some(most) = rows.iter().map(|row| row.count).max() else { return };
    println!();
    println!("  {title}");
    let columns = output::width().saturating_sub(2 + NAMES + NUMBERS + 2).min(BAR);
    for row in rows {
        let name = output::shortened(&output::clean(&row.name), NAMES - 1);
        let bar = output::bar(row.count, most, columns);
        println!("  {name:<NAMES$}{:>NUMBERS$}  {bar}", row.count);
    }
}
