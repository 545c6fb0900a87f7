//! I/O. `footman explain`: which patterns match a line or a log, and why the others do not.

mod reason;

use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use indicatif::ProgressBar;
use serde_json::{Value, json};

use crate::cli::explain::reason::Reason;
use crate::cli::{End, Global, diagnose};
use crate::config::load::limits;
use crate::detect::Detector;
use crate::detect::explain::{Because, Explanation, Survey, Surveyor};
use crate::detection::Role;
use crate::engine::Engine;
use crate::replay::files;

#[derive(clap::Args)]
pub(in crate::cli) struct Args {
    /// The line as it stands in the log, or only its text, or the path of a log; without it,
    /// standard input is read
    line: Option<String>,
    /// The log that it stands in, such as `System_Scheduler` or `Script`
    #[arg(long, value_name = "LOG")]
    log: Option<String>,
    /// Show all patterns, not only the nearest
    #[arg(long)]
    all: bool,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// How many patterns that do not match are worth showing.
const NEAREST: usize = 5;

pub(in crate::cli) fn run(global: &Global, args: &Args) -> Result<End> {
    let (settings, mut problems) = global.settings();
    let (engine, found) = Engine::compile(&settings);
    problems.extend(found);
    diagnose::print(&problems, false);
    if let Some(path) = args.line.as_deref().map(Path::new).filter(|path| path.is_file()) {
        return explain_log(&engine.detector, path, args);
    }
    let given = match &args.line {
        Some(line) => Some(line.clone()),
        None => read_input()?,
    };
    let Some(line) = given else {
        eprintln!("footman: the line is larger than the limit of 1 MiB");
        eprintln!("  hint: give one line, or the path of a whole log");
        return Ok(End::Problems);
    };
    let explanations = engine.detector.explain(line.trim_end(), args.log.as_deref());
    let (matching, others): (Vec<_>, Vec<_>) =
        explanations.iter().partition(|one| matches!(one.because, Because::Matches { .. }));
    let reason = Reason::of_line(&engine.detector, line.trim_end());
    let shown = shown(others.len(), args.all);
    if args.json {
        print_json(&matching, &others[..shown], line_json, &Vec::from_iter(reason));
        return Ok(End::Done);
    }
    for explanation in &matching {
        println!("matches  {:<28} {}", explanation.pattern, untried(&explanation.because));
    }
    if matching.is_empty() {
        println!("no pattern matches this line; the nearest:");
    }
    for explanation in others.iter().take(shown) {
        println!("no       {:<28} {}", explanation.pattern, explanation.because);
    }
    print_unmatched(others.len() - shown);
    print_reasons(&Vec::from_iter(reason));
    Ok(End::Done)
}

/// Says of each pattern of a log where it matches, or what came nearest.
fn explain_log(detector: &Detector, path: &Path, args: &Args) -> Result<End> {
    let found = files::find(&[path.to_owned()])?;
    let mut surveyor: Option<Surveyor<'_>> = None;
    let is_known = |log: &str| detector.logs().any(|known| known == log);
    let walk = files::walk(&found, &ProgressBar::hidden(), &is_known, &mut |block| {
        surveyor.get_or_insert_with(|| Surveyor::new(detector, &block.label)).take(block);
    });
    let (detections, _) =
        crate::replay::detect(&mut detector.clone(), &found, &ProgressBar::hidden());
    let scripts = detections.iter().filter(|one| one.role == Role::ScriptFailed);
    let reasons: Vec<Reason> =
        scripts.filter_map(|one| one.script.as_ref()).map(Reason::of_script).collect();
    for problem in &walk.problems {
        eprintln!("{}: {}", problem.path.display(), problem.detail);
    }
    ensure!(
        walk.n_logs > 0,
        "no pattern reads {}: it is not named as a log of Qlik Sense, such as NODE_System_Scheduler.txt",
        path.display()
    );
    let surveys = surveyor.map(Surveyor::end).unwrap_or_default();
    let (matching, others): (Vec<_>, Vec<_>) = surveys.iter().partition(|one| one.matches > 0);
    let shown = shown(others.len(), args.all);
    if args.json {
        print_json(&matching, &others[..shown], survey_json, &reasons);
        return Ok(End::Done);
    }
    for survey in &matching {
        let (n, first) = (survey.matches, survey.first.unwrap_or_default());
        let times = if n == 1 { "once".to_owned() } else { format!("{n} times, first") };
        println!("matches  {:<28} {times} in line {first}", survey.pattern);
    }
    if matching.is_empty() {
        println!("no pattern matches in this log; the nearest:");
    }
    for survey in others.iter().take(shown) {
        println!("no       {:<28} {}", survey.pattern, nearest(survey));
    }
    print_unmatched(others.len() - shown);
    print_reasons(&reasons);
    Ok(End::Done)
}

/// What the error is called, after what the patterns make of it.
fn print_reasons(reasons: &[Reason]) {
    for reason in reasons {
        println!();
        reason.lines().iter().for_each(|line| println!("{line}"));
    }
}

/// `errors` has one object for each failed script log, or for the line if its class is known.
fn print_json<T>(matching: &[&T], nearest: &[&T], as_json: fn(&T) -> Value, reasons: &[Reason]) {
    let list = |patterns: &[&T]| patterns.iter().map(|one| as_json(one)).collect::<Vec<_>>();
    let reasons: Vec<Value> = reasons.iter().map(Reason::json).collect();
    let all = json!({
        "matches": list(matching), "nearest": list(nearest), "errors": reasons,
    });
    println!("{all:#}");
}

fn line_json(one: &Explanation) -> Value {
    match &one.because {
        Because::Matches { untried } => json!({ "pattern": one.pattern, "untried": untried }),
        because @ Because::Differs { .. } => {
            json!({ "pattern": one.pattern, "because": because.to_string() })
        }
    }
}

fn survey_json(one: &Survey) -> Value {
    let nearest = one.nearest.as_ref();
    json!({
        "pattern": one.pattern, "times": one.matches, "first_line": one.first,
        "nearest_line": nearest.map(|(line, _)| line),
        "because": nearest.map(|(_, because)| because.to_string()),
    })
}

/// How many of the patterns that do not match are shown.
fn shown(others: usize, all: bool) -> usize {
    if all { others } else { others.min(NEAREST) }
}

fn print_unmatched(more: usize) {
    if more > 0 {
        println!("         and {more} more, see --all");
    }
}

fn nearest(survey: &Survey) -> String {
    match &survey.nearest {
        Some((line, because)) => format!("nearest line {line}: {because}"),
        None => "the log is empty".to_owned(),
    }
}

/// What a line without columns leaves open.
fn untried(because: &Because) -> String {
    match because {
        Because::Matches { untried } if !untried.is_empty() => {
            format!("not tried, as the line has no columns: {}", untried.join(", "))
        }
        _ => String::new(),
    }
}

/// Standard input, unless there is more of it than a line may have.
fn read_input() -> Result<Option<String>> {
    let mut bytes = Vec::new();
    let input = std::io::stdin().lock().take(limits::TEXT + 1).read_to_end(&mut bytes);
    input.context("reading the line from standard input")?;
    let fits = bytes.len() as u64 <= limits::TEXT;
    Ok(fits.then(|| String::from_utf8_lossy(&bytes).into_owned()))
}
