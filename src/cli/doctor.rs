//! I/O. `footman doctor`: checks everything that Footman needs on this machine, with hints.

mod channels;
mod collect;
mod heartbeat;
pub(crate) mod logs;
mod machine;
mod page;
pub(crate) mod state;
mod tenants;

use std::path::PathBuf;

use anyhow::Result;
use serde::Serialize;

use crate::cli::hint::complete;
use crate::cli::run::{NO_LOG_ROOT, NO_LOG_ROOT_HINT, refuses};
use crate::cli::{End, Global, diagnose, output, runtime};
use crate::config::{Problem, Settings, SettingsNote};
use crate::detect::Detector;
use crate::engine::Engine;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// One JSON object
    #[arg(long)]
    json: bool,
    /// Write which columns the logs have and how their texts are worded, with everything masked
    /// that is not Qlik Sense's own, for you to review; nothing is sent
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    collect_shapes: Option<PathBuf>,
}

/// The result of one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct DoctorFinding {
    /// The area of the check: `logs`, `channels`, and so on.
    pub(crate) area: &'static str,
    pub(crate) level: FindingLevel,
    pub(crate) what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) todo: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FindingLevel {
    Well,
    /// Unusual, but may be right.
    Note,
    /// The check was not possible.
    NotTested,
    /// A configured function does not work.
    Bad,
    /// A channel cannot be reached.
    Unreachable,
}

impl DoctorFinding {
    fn untested(area: &'static str, what: impl Into<String>, todo: &str) -> Self {
        Self::odd(area, FindingLevel::NotTested, what, todo)
    }

    fn well(area: &'static str, what: impl Into<String>) -> Self {
        Self { area, level: FindingLevel::Well, what: what.into(), todo: None }
    }

    fn odd(area: &'static str, level: FindingLevel, what: impl Into<String>, todo: &str) -> Self {
        Self { area, level, what: what.into(), todo: Some(todo.to_owned()) }
    }
}

pub(crate) fn run(global: &Global, args: &Args) -> Result<End> {
    if let Some(target) = &args.collect_shapes {
        return Ok(collect::run(global, target));
    }
    let (settings, mut problems) = global.settings();
    let is_refused = refuses(&settings, &problems);
    problems.extend(root_problem(&settings, problems.is_empty()));
    let (engine, found) = Engine::compile(&settings);
    problems.extend(found);

    let mut findings = machine::identity(&settings, &engine.site);
    findings.extend(configuration(&settings, &problems));
    findings.extend(logs::check(&settings, &engine.detector));
    findings.extend(state::test(&settings, is_refused));
    findings.extend(machine::watched(&settings, &engine.site));
    findings.extend(reachable(&settings)?);
    show(&findings, args.json);
    Ok(end(&findings))
}

/// The problem with the log root, for `check` and `doctor`. If there are other problems, a missing
/// root is not reported: its setting may only have been left out. A machine that watches a tenant
/// needs none.
pub(crate) fn root_problem(settings: &Settings, is_complete: bool) -> Option<Problem> {
    let named = settings.foreign.clone().or_else(|| settings.absent.clone());
    let is_missing = is_complete && settings.log_root.is_none() && settings.tenants.is_empty();
    named.or_else(|| {
        is_missing.then(|| Problem::elsewhere("log root", NO_LOG_ROOT, NO_LOG_ROOT_HINT))
    })
}

/// The logs that this account cannot read, each once, and whether there are none of scripts.
pub(crate) fn unreadable_logs(settings: &Settings, detector: &Detector) -> Vec<DoctorFinding> {
    let mut findings = logs::check(settings, detector);
    findings.retain(|one| one.level == FindingLevel::Bad || one.what == logs::NO_SCRIPTS);
    findings
}

/// Checks outside the hand-written files, which have no problems: the state, the log, the channels.
pub(crate) fn test_surroundings(settings: &Settings) -> Result<Vec<DoctorFinding>> {
    let mut findings = Vec::from_iter(logs::without_logs(settings));
    findings.extend(state::test(settings, refuses(settings, &[])));
    findings.extend(reachable(settings)?);
    Ok(findings)
}

/// Whether the page can be served, and channels, heartbeat and tenants reach their servers.
fn reachable(settings: &Settings) -> Result<Vec<DoctorFinding>> {
    runtime()?.block_on(async {
        let mut findings = Vec::from_iter(page::test(settings));
        findings.extend(channels::test(settings).await);
        findings.extend(heartbeat::test(settings).await);
        findings.extend(tenants::test(settings).await);
        Ok(findings)
    })
}

fn configuration(settings: &Settings, problems: &[Problem]) -> Vec<DoctorFinding> {
    let area = "configuration";
    let broken = |problem: &Problem| DoctorFinding {
        area,
        level: FindingLevel::Bad,
        what: format!("{}: {}", problem.place(), problem.message),
        todo: problem.hint.clone(),
    };
    let file = &settings.written.file;
    let is_there = std::path::Path::new(file).exists();
    let read = if is_there { "read" } else { "not found; using defaults" };
    // Its own problem says what is wrong with it.
    let is_whole = |problem: &Problem| problem.file == *file && problem.text.is_empty();
    let is_refused = problems.iter().any(is_whole);
    let read = (!is_refused).then(|| DoctorFinding::well(area, format!("{file}: {read}")));
    let mut findings = Vec::from_iter(read);
    findings.extend(diagnose::ordered(problems).into_iter().map(broken));
    let caution = |note: &SettingsNote| DoctorFinding {
        area,
        level: FindingLevel::Note,
        what: note.to_string(),
        todo: None,
    };
    // A local channel is reported with the channels.
    let notes = settings.notes.iter().filter(|note| **note != SettingsNote::NoWebhook);
    findings.extend(notes.map(caution));
    findings
}

/// The exit code for all findings.
pub(crate) fn end(findings: &[DoctorFinding]) -> End {
    let any = |level| findings.iter().any(|finding| finding.level == level);
    match (any(FindingLevel::Bad), any(FindingLevel::Unreachable)) {
        (true, _) => End::Problems,
        (false, true) => End::Unreachable,
        (false, false) => End::Done,
    }
}

fn show(findings: &[DoctorFinding], json: bool) {
    if json {
        let is_well = findings.iter().all(|it| it.level < FindingLevel::NotTested);
        let all = serde_json::json!({ "well": is_well, "findings": findings });
        println!("{all:#}");
        return;
    }
    let mut area = "";
    for finding in findings {
        if finding.area != area {
            area = finding.area;
            output::item(area);
        }
        output::item(&format!("  {} {}", finding.level.sign(), finding.what));
        if let Some(todo) = &finding.todo {
            output::item(&format!("      → {}", complete(todo)));
        }
    }
    output::item(&verdict(findings));
}

/// The last line. It does not claim success for checks that were not possible.
pub(crate) fn verdict(findings: &[DoctorFinding]) -> String {
    let n_bad = findings.iter().filter(|it| it.level >= FindingLevel::Bad).count();
    let n_untested = findings.iter().filter(|it| it.level == FindingLevel::NotTested).count();
    match (n_bad, n_untested) {
        (0, 0) => "no problems found".to_owned(),
        (0, n) => format!("no problems in what was tested; not tested: {n} (marked ?)"),
        (1, 0) => "1 problem found (marked ✗)".to_owned(),
        (n, 0) => format!("{n} problems found (marked ✗)"),
        (1, m) => format!("1 problem found (marked ✗); not tested: {m} (marked ?)"),
        (n, m) => format!("{n} problems found (marked ✗); not tested: {m} (marked ?)"),
    }
}

impl FindingLevel {
    pub(crate) fn sign(self) -> &'static str {
        match self {
            Self::Well => "✓",
            Self::Note => "!",
            Self::NotTested => "?",
            Self::Bad | Self::Unreachable => "✗",
        }
    }
}
