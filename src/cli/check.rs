//! I/O. `footman check`: checks all hand-written files at once, and whether they can work here.

use std::path::Path;

use anyhow::Result;
use serde_json::json;

use crate::cli::doctor::{self, DoctorFinding, FindingLevel};
use crate::cli::{End, Global, diagnose, hint, output};
use crate::config::{Listen, Problem, Settings, SettingsNote};
use crate::detect::samples;
use crate::engine::{self, Engine};
use crate::outbox;
use crate::state::Reader;
use crate::web;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// One JSON object for each problem
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(global: &Global, args: &Args) -> Result<End> {
    let (settings, mut problems) = global.settings();
    let is_readable = problems.is_empty();
    problems.extend(doctor::root_problem(&settings, is_readable));
    let (engine, found) = of_files(&settings);
    problems.extend(found);
    diagnose::print(&problems, args.json);
    // With a part of the configuration left out, folders and channels may not be the intended ones.
    if !is_readable {
        if !args.json {
            output::field("not tested", "state, log and channels: fix the configuration first");
        }
        return Ok(End::Problems);
    }
    let mut findings = doctor::unreadable_logs(&settings, &engine.detector);
    findings.extend(doctor::test_surroundings(&settings)?);
    if args.json {
        let bad = findings.iter().filter(|it| it.level >= FindingLevel::NotTested);
        bad.for_each(|finding| println!("{}", as_problem(finding)));
    } else {
        print_summary(&settings, &engine);
        print_findings(&findings);
        output::item(&verdict(problems.len(), &findings));
    }
    Ok(if problems.is_empty() { doctor::end(&findings) } else { End::Problems })
}

/// The compiled configuration, patterns and templates, and their problems.
pub(crate) fn of_files(settings: &Settings) -> (Engine, Vec<Problem>) {
    let (engine, mut problems) = Engine::compile(settings);
    let (packs, _) = engine::packs(settings);
    problems.extend(samples::check(&packs, &settings.timezone));
    (engine, problems)
}

/// In the form of a problem, one JSON object per line.
fn as_problem(finding: &DoctorFinding) -> serde_json::Value {
    json!({
        "file": finding.area, "line": null, "column": null, "message": finding.what,
        "hint": finding.todo.as_deref().map(hint::complete),
    })
}

fn print_findings(findings: &[DoctorFinding]) {
    let mut area = "";
    for finding in findings {
        let shown = if finding.area == area { "" } else { finding.area };
        area = finding.area;
        output::field(shown, &format!("{} {}", finding.level.sign(), finding.what));
        // Free space and permissions are fine: there is nothing to do.
        if let Some(todo) = finding.todo.as_ref().filter(|_| finding.level > FindingLevel::Well) {
            output::field("", &format!("  → {}", hint::complete(todo)));
        }
    }
}

fn verdict(n_problems: usize, findings: &[DoctorFinding]) -> String {
    let all_well = findings.iter().all(|it| it.level < FindingLevel::NotTested);
    let problems = match n_problems {
        0 => return doctor::verdict(findings),
        1 => "1 problem found, see above".to_owned(),
        n => format!("{n} problems found, see above"),
    };
    if all_well {
        problems
    } else {
        format!("{problems}; in addition: {}", doctor::verdict(findings))
    }
}

fn print_summary(settings: &Settings, engine: &Engine) {
    let detector = &engine.detector;
    let file = &settings.written.file;
    let is_there = Path::new(file).exists();
    let found = if is_there { "" } else { ": not found; using defaults" };
    output::field("configuration", &format!("{file}{found}"));
    output::field("environment", settings.environment.as_deref().unwrap_or("none"));
    if let Some(root) = &settings.log_root {
        output::field("log root", &root.display().to_string());
    }
    output::field("state", &settings.state_dir.display().to_string());
    output::field("patterns", &detector.patterns().len().to_string());
    for (name, channel) in &settings.channels {
        output::field("channel", &format!("{name}: {}", channel.destination));
    }
    for (name, tenant) in &settings.tenants {
        output::field("cloud", &format!("{name}: {}", tenant.url));
    }
    match settings.page.listen {
        Listen::Off => output::field("page", "off"),
        Listen::At(address) => match web::tls::open(&settings.page) {
            Ok(Some(_)) => output::field("page", &format!("https://{address}/, links only")),
            Ok(None) => output::field("page", &format!("http://{address}/")),
            // The reason is among the findings.
            Err(_) => output::field("page", "not served, see below"),
        },
    }
    let note = |text: &str| output::field("note", text);
    for name in detector.slow_patterns() {
        note(&format!("pattern {name} has no literal text to search for and is slow"));
    }
    // A local channel is among the findings.
    let notes = settings.notes.iter().filter(|note| **note != SettingsNote::NoWebhook);
    notes.for_each(|text| note(&text.to_string()));
    for text in engine::notes(settings, detector) {
        note(&text);
    }
    let pending = Reader::open(&settings.state_dir).and_then(|reader| reader.pending());
    let pending = pending.unwrap_or_default();
    let channels = pending.iter().map(|row| row.channel.as_str());
    for (channel, n) in outbox::stranded(&settings.channels, channels) {
        note(&format!(
            "{n} pending for channel {channel}, which is not configured; they are sent when it is \
             configured again"
        ));
    }
}
