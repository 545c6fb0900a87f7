//! I/O. `footman doctor`: looks at everything that Footman needs on this machine, and says what to do.

mod channels;
mod collect;
mod logs;
mod machine;

use std::path::PathBuf;

use anyhow::Result;
use serde::Serialize;

use crate::cli::{End, Global, diagnose, runtime};
use crate::config::{Problem, Settings};
use crate::engine::Engine;

#[derive(clap::Args)]
pub(in crate::cli) struct Args {
    /// One JSON object
    #[arg(long)]
    json: bool,
    /// Write which columns the logs have and how their texts are worded, with everything masked
    /// that is not Qlik Sense's own, for you to review; nothing is sent
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    collect_shapes: Option<PathBuf>,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Finding {
    /// What it belongs to: `logs`, `channels`, and so on.
    area: &'static str,
    level: Level,
    what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    todo: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Level {
    Well,
    /// Odd, and may be right.
    Note,
    /// Something is not done that was asked for.
    Bad,
    /// A channel cannot be reached.
    Unreachable,
}

impl Finding {
    fn well(area: &'static str, what: impl Into<String>) -> Self {
        Self { area, level: Level::Well, what: what.into(), todo: None }
    }

    fn odd(area: &'static str, level: Level, what: impl Into<String>, todo: &str) -> Self {
        Self { area, level, what: what.into(), todo: Some(todo.to_owned()) }
    }
}

pub(in crate::cli) fn run(global: &Global, args: &Args) -> Result<End> {
    if let Some(target) = &args.collect_shapes {
        return Ok(collect::run(global, target));
    }
    let (settings, mut problems) = global.settings();
    problems.extend(settings.absent.clone());
    let (engine, found) = Engine::compile(&settings);
    problems.extend(found);

    let mut findings = machine::identity(&settings, &engine.site);
    findings.extend(configuration(&settings, &problems));
    findings.extend(logs::check(&settings, &engine.detector));
    findings.extend(machine::state(&settings));
    findings.extend(machine::watched(&settings, &engine.site));
    findings.extend(runtime()?.block_on(channels::check(&settings))?);
    show(&findings, args.json);
    Ok(end(&findings))
}

fn configuration(settings: &Settings, problems: &[Problem]) -> Vec<Finding> {
    let area = "configuration";
    let broken = |problem: &Problem| Finding {
        area,
        level: Level::Bad,
        what: format!("{}: {}", diagnose::place(problem), problem.message),
        todo: problem.hint.clone(),
    };
    let read = if settings.written.text.is_empty() { "not found; using defaults" } else { "read" };
    let mut findings = vec![Finding::well(area, format!("{}: {read}", settings.written.file))];
    findings.extend(problems.iter().map(broken));
    let caution =
        |note: &String| Finding { area, level: Level::Note, what: note.clone(), todo: None };
    // That a channel is local is said with the channels.
    let notes = settings.notes.iter().filter(|note| !note.contains("has no webhook"));
    findings.extend(notes.map(caution));
    findings
}

fn end(findings: &[Finding]) -> End {
    let any = |level| findings.iter().any(|finding| finding.level == level);
    match (any(Level::Bad), any(Level::Unreachable)) {
        (true, _) => End::Problems,
        (false, true) => End::Unreachable,
        (false, false) => End::Done,
    }
}

fn show(findings: &[Finding], json: bool) {
    let n_bad = findings.iter().filter(|it| it.level >= Level::Bad).count();
    if json {
        let all = serde_json::json!({ "well": n_bad == 0, "findings": findings });
        println!("{all:#}");
        return;
    }
    let mut area = "";
    for finding in findings {
        if finding.area != area {
            area = finding.area;
            println!("{area}");
        }
        println!("  {} {}", finding.level.sign(), finding.what);
        if let Some(todo) = &finding.todo {
            println!("      → {todo}");
        }
    }
    match n_bad {
        0 => println!("no problems found"),
        1 => println!("1 problem found (marked ✗)"),
        n => println!("{n} problems found (marked ✗)"),
    }
}

impl Level {
    fn sign(self) -> &'static str {
        match self {
            Self::Well => "✓",
            Self::Note => "!",
            Self::Bad | Self::Unreachable => "✗",
        }
    }
}
