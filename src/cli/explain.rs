//! I/O. `footman explain`: which patterns match a line or a log, and why the others do not.

mod reason;

use std::collections::HashSet;
use std::io::{IsTerminal as _, Read};
use std::path::Path;

use anyhow::{Context, Result};
use indicatif::ProgressBar;
use serde_json::{Value, json};

use crate::cli::explain::reason::ExplainedError;
use crate::cli::hint::Refused;
use crate::cli::{End, Global, diagnose, output};
use crate::commit::StoredRows;
use crate::config::limits;
use crate::config::{Settings, nearest as nearest_name};
use crate::detect::Detector;
use crate::detect::explain::{Because, Explanation, PatternSurvey, Surveyor};
use crate::detect::pattern::Pattern;
use crate::detection::{PatternId, Role, Severity};
use crate::engine::Engine;
use crate::qlik::folders::is_dispatched;
use crate::qlik::script_log::Line;
use crate::replay::files::{self, OldFile};
use crate::replay::{Tally, Window, decide_in_order, detect};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The line as logged, or only its text, or the path of a log; without it, standard input is
    /// read
    line: Option<String>,
    /// The log that contains the line, such as `System_Scheduler` or `Script`
    #[arg(long, value_name = "LOG")]
    log: Option<String>,
    /// Show all patterns, not only the nearest
    #[arg(long)]
    all: bool,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// Widths of the columns of names, of patterns, and of the results of notices.
const NAMES: usize = 9;
const PATTERNS: usize = 28;
const NOTICES: usize = 15;

/// How many patterns that do not match are shown.
const NEAREST: usize = 5;

pub(crate) fn run(global: &Global, args: &Args) -> Result<End> {
    let (settings, mut problems) = global.settings();
    let (engine, found) = Engine::compile(&settings);
    problems.extend(found);
    diagnose::print(&problems, false);
    if let Some(path) = args.line.as_deref().and_then(path_of) {
        refuse_what_is_no_log(path)?;
        return explain_log(engine, path, args, &settings);
    }
    refuse_unknown_log(&engine.detector, args.log.as_deref())?;
    let given = match &args.line {
        Some(line) => Some(line.clone()),
        None => read_input()?,
    };
    let Some(line) = given else {
        let what = "the line is larger than the limit of 1 MiB";
        return Err(Refused::new(what, "give one line, or the path of a whole log").into());
    };
    if line.trim().is_empty() {
        let hint = "give a line of a log in quotes, or the path of a log";
        return Err(Refused::new("there is no line to explain: it is empty", hint).into());
    }
    // The last columns of a row may be empty.
    let line = line.trim_end_matches(['\r', '\n']);
    let line = if line.contains('\t') { line } else { line.trim_end() };
    let explanations = engine.detector.explain(line, args.log.as_deref());
    let (matching, others): (Vec<_>, Vec<_>) =
        explanations.iter().partition(|one| matches!(one.because, Because::Matches { .. }));
    let (matching, others) = (once_each(matching), once_each(others));
    let reason = ExplainedError::of_line(&engine.detector, line);
    let shown = shown(others.len(), args.all);
    if args.json {
        print_json(&matching, &others[..shown], line_json, &Vec::from_iter(reason));
        return Ok(End::Done);
    }
    for explanation in &matching {
        let place = whereabouts(explanation, &explanations);
        print_result("matches", &explanation.pattern, &place);
        if let Some(pattern) =
            engine.detector.patterns().iter().find(|it| it.id == *explanation.pattern)
        {
            output::column(NAMES, "", &format!("→ {}", consequence(pattern)));
        }
    }
    if matching.is_empty() {
        println!("no pattern matches this line; the nearest:");
    }
    for explanation in others.iter().take(shown) {
        print_result("no", &explanation.pattern, &explanation.because.to_string());
    }
    print_unmatched(others.len() - shown);
    print_reading(line, args.log.as_deref());
    print_reasons(&Vec::from_iter(reason));
    Ok(End::Done)
}

/// Without a pattern that reads the log, nothing could be said about the line.
fn refuse_unknown_log(detector: &Detector, log: Option<&str>) -> Result<()> {
    let Some(log) = log.filter(|log| detector.logs().all(|known| known != *log)) else {
        return Ok(());
    };
    let hint = nearest_name(log, detector.logs()).map_or_else(
        || {
            let known = "name a log such as System_Scheduler or Script";
            format!("{known}; `footman patterns show ID` shows which logs a pattern reads")
        },
        |near| format!("did you mean `{near}`?"),
    );
    let what = format!("no pattern reads a log with the name `{}`", output::clean(log));
    Err(Refused::new(what, hint).into())
}

/// A pattern that reads several logs has the same result for each of them.
fn once_each(explanations: Vec<&Explanation>) -> Vec<&Explanation> {
    let mut seen = HashSet::new();
    let is_new = |one: &&Explanation| seen.insert((one.pattern.clone(), one.because.to_string()));
    explanations.into_iter().filter(is_new).collect()
}

/// The logs in which a pattern matches, and the conditions that could not be tested.
fn whereabouts(one: &Explanation, all: &[Explanation]) -> String {
    let same = all.iter().filter(|it| it.pattern == one.pattern && it.because == one.because);
    let logs = same.map(|it| it.log.as_str()).collect::<Vec<_>>().join(", ");
    match &one.because {
        Because::Matches { untried } if !untried.is_empty() => {
            format!("in {logs}; not tried, as the line does not have it: {}", untried.join(", "))
        }
        _ => format!("in {logs}"),
    }
}

/// States how a text was interpreted that is not a whole line of a log.
fn print_reading(line: &str, log: Option<&str>) {
    let is_whole = line.contains('\t') || !matches!(Line::new(line), Line::Other(_));
    if is_whole || is_dispatched(log.unwrap_or_default()) || line.trim_start().starts_with('{') {
        return;
    }
    let of = log.map_or("any log".to_owned(), |log| format!("the log {log}"));
    let text = format!(
        "the text of a message of {of}; copy the whole line, with its time, or name its log with \
         --log to get a more exact answer"
    );
    output::column(NAMES, "read as", &text);
}

/// The argument as a path, if it looks like one and not like a log line.
fn path_of(text: &str) -> Option<&Path> {
    let path = Path::new(text);
    let ending = path.extension().is_some_and(|it| {
        ["txt", "log", "gz", "zip"].iter().any(|known| it.eq_ignore_ascii_case(known))
    });
    let has_folder = text.contains(['/', '\\']);
    let is_word = !text.contains(['\t', '\n']) && !text.contains(": ");
    let begins =
        ["/", "./", "../", "~/", "\\\\", ".\\", "..\\"].iter().any(|it| text.starts_with(it));
    let has_drive = text.as_bytes().get(1..3).is_some_and(|it| it == b":\\" || it == b":/");
    let no_blank = !text.contains(' ');
    let looks = is_word && (begins || has_drive || (ending && (no_blank || has_folder)));
    (path.exists() || looks).then_some(path)
}

/// A path that does not exist is not a log line, and a folder is not a log.
fn refuse_what_is_no_log(path: &Path) -> Result<()> {
    let shown = crate::redact::redact(&path.to_string_lossy()).into_owned();
    if path.is_dir() {
        let hint = format!("name one log in it, or run `footman replay {shown}`");
        return Err(Refused::new(format!("{shown} is a folder"), hint).into());
    }
    if !path.exists() {
        let hint = "check the path; a line of a log is given in quotes";
        return Err(Refused::new(format!("{shown} does not exist"), hint).into());
    }
    Ok(())
}

/// The effect of a matching row, and why it may be held back.
fn consequence(pattern: &Pattern) -> String {
    let (kind, severity) = (pattern.kind.name(), pattern.severity.name());
    let to = pattern.channel().map_or_else(String::new, |channel| format!(" to channel {channel}"));
    let card = format!("a card is sent{to}: {kind}, {severity}");
    let effect = match pattern.role {
        Role::Standalone | Role::Verdict if pattern.severity == Severity::Info => {
            "held back (low-severity): info makes no card".to_owned()
        }
        Role::Verdict => format!("{card}; further rows of the same run are held back (same-run)"),
        Role::Attempt => match pattern.terms.final_after {
            Some(wait) => format!(
                "held back (attempt): retries may follow; if neither another attempt nor a verdict \
                 follows within {wait:#}, {card}"
            ),
            None => {
                "held back (attempt): retries may follow, and the run may still succeed".to_owned()
            }
        },
        Role::AttemptRetried => "held back (attempt): the scheduler starts another".to_owned(),
        Role::AttemptStarted => {
            "no card: another attempt of the run began, so the one before is not final".to_owned()
        }
        Role::Success | Role::ScriptSucceeded => {
            "no card by itself; if an incident of this task or app is open, its recovery is sent"
                .to_owned()
        }
        Role::ScriptFailed => {
            format!("joined with the scheduler's row of the run (same-run); without one, {card}")
        }
        Role::Start => "no card now; one is sent if it does not end in time".to_owned(),
        Role::Standalone => match pattern.terms.threshold {
            Some(limit) => format!(
                "held back (below-threshold) until it is found {} times in {:#}; then {card}",
                limit.count, limit.within
            ),
            None => format!("{card}; more of the same are held back (repeat) and counted"),
        },
    };
    let causes: Vec<&str> = pattern.terms.suppressed_by.iter().map(PatternId::as_str).collect();
    if causes.is_empty() {
        return effect;
    }
    format!("{effect}; held back (inhibited) while one of these is open: {}", causes.join(", "))
}

/// Shows for each pattern of a log where it matches, or the nearest line.
fn explain_log(engine: Engine, path: &Path, args: &Args, settings: &Settings) -> Result<End> {
    let detector = &engine.detector;
    let found = files::find(&[path.to_owned()])?;
    let mut surveyor: Option<Surveyor<'_>> = None;
    let is_known = |log: &str| detector.logs().any(|known| known == log);
    let walk = files::walk(&found, &ProgressBar::hidden(), &is_known, &mut |block| {
        surveyor.get_or_insert_with(|| Surveyor::new(detector, &block.label)).take(block);
    });
    let (detections, _) =
        crate::replay::detect(&mut detector.clone(), &found, &ProgressBar::hidden());
    let scripts = detections.iter().filter(|one| one.role == Role::ScriptFailed);
    let reasons: Vec<ExplainedError> =
        scripts.filter_map(|one| one.script.as_ref()).map(ExplainedError::of_script).collect();
    for problem in &walk.problems {
        eprintln!("{}: {}", problem.path.display(), problem.detail);
    }
    if walk.n_logs == 0 {
        let what = format!("no pattern reads {}", path.display());
        let hint = "name it as Qlik Sense does, such as NODE_System_Scheduler.txt: the name identifies the log";
        return Err(Refused::new(what, hint).into());
    }
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
        print_result("matches", &survey.pattern, &format!("{times} in line {first}"));
    }
    if matching.is_empty() {
        println!("no pattern matches in this log; the nearest:");
    }
    for survey in others.iter().take(shown) {
        print_result("no", &survey.pattern, &nearest(survey));
    }
    print_unmatched(others.len() - shown);
    print_reasons(&reasons);
    print_notices(engine, &found, settings);
    Ok(End::Done)
}

/// Prints the result of a pattern.
fn print_result(result: &str, pattern: &str, text: &str) {
    let name = format!("{result:<NAMES$}{pattern:<PATTERNS$} ");
    output::column(NAMES + PATTERNS + 1, &name, text);
}

/// Prints the class of each error, after the results of the patterns.
fn print_reasons(reasons: &[ExplainedError]) {
    for reason in reasons {
        println!();
        reason.lines().iter().for_each(|(name, line)| output::column(NAMES, name, line));
    }
}

/// `errors` has one object per failed script log, or one for the line if its class is known.
fn print_json<T>(
    matching: &[&T],
    nearest: &[&T],
    as_json: fn(&T) -> Value,
    reasons: &[ExplainedError],
) {
    let list = |patterns: &[&T]| patterns.iter().map(|one| as_json(one)).collect::<Vec<_>>();
    let reasons: Vec<Value> = reasons.iter().map(ExplainedError::json).collect();
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

fn survey_json(one: &PatternSurvey) -> Value {
    let nearest = one.nearest.as_ref();
    json!({
        "pattern": one.pattern, "times": one.matches, "first_line": one.first,
        "nearest_line": nearest.map(|(line, _)| line),
        "because": nearest.map(|(_, because)| because.to_string()),
    })
}

/// The notices that the log would have caused on its own.
fn print_notices(engine: Engine, files: &[OldFile], settings: &Settings) {
    let mut pipeline = engine.pipeline(&StoredRows::default(), None);
    let (detections, _) = detect(&mut pipeline.recogniser.detector, files, &ProgressBar::hidden());
    let replayed = decide_in_order(&mut pipeline, detections, Window::default());
    for card in &replayed.cards {
        let (reason, to) = (card.notice.reason.name(), card.channels.join(", "));
        let text = format!("{reason}: {} -> {to}", card.summary);
        output::column(NOTICES, "would be sent", &text);
    }
    for (why, n) in Tally::of(&replayed, &settings.timezone, settings.language).held {
        output::column(NOTICES, "held back", &format!("{n}: {why}"));
    }
    if replayed.cards.is_empty() {
        output::column(NOTICES, "would be sent", "nothing");
    }
}

/// How many of the patterns without a match to show.
fn shown(others: usize, all: bool) -> usize {
    if all { others } else { others.min(NEAREST) }
}

fn print_unmatched(more: usize) {
    if more > 0 {
        println!("         and {more} more, see --all");
    }
}

fn nearest(survey: &PatternSurvey) -> String {
    match &survey.nearest {
        Some((line, because)) => format!("nearest line {line}: {because}"),
        None => "the log is empty".to_owned(),
    }
}

/// Reads standard input, unless it exceeds the limit for a line.
fn read_input() -> Result<Option<String>> {
    if std::io::stdin().is_terminal() {
        let end = if cfg!(windows) { "Ctrl-Z and Enter" } else { "Ctrl-D" };
        eprintln!("waiting for a line of a log; paste it, then press Enter and {end}");
    }
    let mut bytes = Vec::new();
    let input = std::io::stdin().lock().take(limits::TEXT + 1).read_to_end(&mut bytes);
    input.context("reading the line from standard input")?;
    let fits = bytes.len() as u64 <= limits::TEXT;
    Ok(fits.then(|| String::from_utf8_lossy(&bytes).into_owned()))
}
