//! Ends of script logs, each with the error, the statement and the class that a card must show.
//!
//! `cargo test --test it -- script_tails --nocapture` prints the figures and every failing case.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use footman::detect::{Detector, builtin_packs};
use footman::detection::{Role, ScriptFacts};
use footman::qlik::script_log::failure::Failure;
use footman::qlik::script_log::{ScriptEnd, verdict};
use footman::tail::{Block, FileId};
use jiff::tz::TimeZone;

const SETS: [(&str, &str); 6] = [
    ("first", include_str!("script_tails/first.txt")),
    ("second", include_str!("script_tails/second.txt")),
    ("third", include_str!("script_tails/third.txt")),
    ("fourth", include_str!("script_tails/fourth.txt")),
    ("fifth", include_str!("script_tails/fifth.txt")),
    ("sixth", include_str!("script_tails/sixth.txt")),
];

/// The required share of right errors, statements and classes, in per mille. They are only raised.
const FLOORS: [usize; 3] = [1000, 1000, 1000];

/// One case, and what a card must show.
#[derive(Default)]
struct Case {
    family: String,
    name: String,
    lines: Vec<String>,
    error: Option<String>,
    statement: Option<(u32, u32)>,
    class: Option<String>,
    /// A line that led there and must be shown, too.
    caller: Option<String>,
    swallowed: usize,
}

fn cases(text: &str) -> Vec<Case> {
    let (mut cases, mut family, mut is_old) = (Vec::<Case>::new(), "", false);
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with("# ")) {
        if let Some(name) = line.strip_prefix("##### ") {
            family = name;
            continue;
        }
        if let Some(name) = line.strip_prefix("=== ") {
            is_old = name.ends_with("(old)");
            cases.push(Case { family: family.into(), name: name.into(), ..Case::default() });
            continue;
        }
        let Some(case) = cases.last_mut() else { continue };
        match line.strip_prefix("--- ").and_then(|expected| expected.split_once(": ")) {
            Some((key, value)) => expect(case, key, value),
            None => case.lines.extend(logged(line, is_old)),
        }
    }
    cases
}

fn expect(case: &mut Case, key: &str, value: &str) {
    match key {
        "error" => case.error = (value != "none").then(|| value.to_owned()),
        "and" => {
            let error = case.error.as_mut().expect("`and` continues an error");
            write!(error, "\n{value}").unwrap();
        }
        "statement" => {
            let (first, last) = value.split_once('-').unwrap();
            case.statement = Some((first.parse().unwrap(), last.parse().unwrap()));
        }
        "class" => case.class = Some(value.to_owned()),
        "caller" => case.caller = Some(value.to_owned()),
        "swallowed" => case.swallowed = value.parse().unwrap(),
        _ => panic!("{}: what is `{key}`?", case.name),
    }
}

/// A line of the file in the engine's format.
fn logged(line: &str, is_old: bool) -> Vec<String> {
    let stamp = if is_old { "2016-10-18 04:11:09" } else { "20260310T134006.057+0200" };
    let text = line.trim_start_matches(' ');
    let indent = &line[..line.len() - text.len()];
    let text = text.replace("\\t", "\t");
    let engine = |text: &str| format!("{indent}{stamp}      {text}");
    match text.split_at(1) {
        ("F", "AILED") => vec![engine("Execution Failed"), engine("Execution finished.")],
        ("F", "INISHED") => vec![engine("Execution finished.")],
        ("*", words) => vec![engine(words.strip_prefix(' ').unwrap_or(words))],
        ("\"", words) => vec![words.strip_prefix(' ').unwrap_or(words).to_owned()],
        // An empty line of a statement keeps its blank.
        _ if text.len() == 4 => vec![format!("{indent}{stamp} {text} ")],
        _ => vec![format!("{indent}{stamp} {text}")],
    }
}

/// The differences of one case from what is expected.
struct Differences {
    error: Option<String>,
    statement: Option<String>,
    class: Option<String>,
}

fn judge(case: &Case, detector: &Detector) -> Differences {
    let lines: Vec<&str> = case.lines.iter().map(String::as_str).collect();
    let failure = Failure::new(&lines);
    let is = (&failure.error, failure.n_swallowed);
    let error = (is != (&case.error, case.swallowed))
        .then(|| format!("error {is:?}, not {:?}", (&case.error, case.swallowed)));
    let class = failure.error.as_deref().and_then(|error| detector.error_class(error));
    let class = class.map_or("none", |class| &class.name);
    let wanted = case.class.as_deref().unwrap_or(class);
    let marked: Vec<u32> = failure
        .excerpt
        .iter()
        .filter(|line| line.marked)
        .filter_map(|line| line.text.split(' ').next()?.parse().ok())
        .collect();
    let span = marked.first().copied().zip(marked.last().copied());
    let begins = failure.statement.as_ref().map(|(number, _)| *number);
    let shows = |caller: &String| failure.excerpt.iter().any(|line| line.text == *caller);
    let is_right = case.caller.as_ref().is_none_or(shows)
        && case.statement.is_none_or(|wanted| span == Some(wanted) && begins == Some(wanted.0));
    Differences {
        error,
        statement: (!is_right)
            .then(|| format!("statement {span:?} from {begins:?}, not {:?}", case.statement)),
        class: (class != wanted).then(|| format!("class {class}, not {wanted}")),
    }
}

/// The share of right cases, in per mille.
fn share(right: usize, of: usize) -> usize {
    (right * 1000).checked_div(of).unwrap_or(1000)
}

#[test]
#[expect(clippy::print_stdout, reason = "the figures are for people, too")]
fn tails_of_script_logs_show_their_error_their_statement_and_its_class() {
    let (detector, problems) = Detector::compile(&builtin_packs(), TimeZone::UTC);
    assert!(problems.is_empty(), "{problems:?}");
    for (set, text) in SETS {
        let (mut wrong, mut families) = (String::new(), BTreeMap::<String, [usize; 6]>::new());
        for case in cases(text) {
            let judged = judge(&case, &detector);
            let asked = [true, case.statement.is_some(), case.class.is_some()];
            let faults = [judged.error, judged.statement, judged.class];
            let family = families.entry(case.family).or_default();
            for (at, fault) in faults.into_iter().enumerate() {
                family[at * 2 + 1] += usize::from(asked[at]);
                family[at * 2] += usize::from(asked[at] && fault.is_none());
                if let Some(fault) = fault {
                    writeln!(wrong, "  {}: {fault}", case.name).unwrap();
                }
            }
        }
        let mut all = [0; 6];
        for (name, counts) in &families {
            println!("{set} {name}: {}", figures(counts));
            all.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
        println!("{set} in all: {}\n{wrong}", figures(&all));
        for (pair, floor) in all.chunks(2).zip(FLOORS) {
            assert!(share(pair[0], pair[1]) >= floor, "{set}:\n{wrong}");
        }
    }
}

fn figures([error, errors, statement, statements, class, classes]: &[usize; 6]) -> String {
    format!(
        "error {error} of {errors}, statement {statement} of {statements}, class {class} of {classes}"
    )
}

#[test]
fn only_tails_with_a_verdict_of_failure_are_failed() {
    for (_, text) in SETS {
        for case in cases(text) {
            let is_failed =
                case.lines.iter().any(|line| line.trim_end().ends_with("      Execution Failed"));
            let found = verdict(case.lines.iter().map(String::as_str));
            assert_eq!(found == Some(ScriptEnd::Failed), is_failed, "{}", case.name);
        }
    }
}

/// What a detector says of a tail that stands so in a file.
fn detected(detector: &mut Detector, text: &str) -> Option<ScriptFacts> {
    let bytes = text.as_bytes().to_vec();
    let block = Block {
        file: FileId(1),
        generation: 0,
        label: "Script".into(),
        path: Path::new("x.log").into(),
        head: Arc::from([]),
        bytes,
        fresh: 0,
        offset: 0,
        lines: Some(0),
    };
    let found = detector.detect(&block).detections;
    found.into_iter().find(|one| one.role == Role::ScriptFailed)?.script
}

#[test]
fn line_ends_a_byte_order_mark_and_a_missing_last_line_end_change_nothing() {
    let (mut detector, _) = Detector::compile(&builtin_packs(), TimeZone::UTC);
    for (_, text) in SETS {
        for case in cases(text) {
            let mut lines = case.lines.clone();
            lines.retain(|line| !line.ends_with("      Execution finished."));
            let plain = detected(&mut detector, &(lines.join("\n") + "\n"));
            for other in [
                lines.join("\r\n"),
                format!("\u{feff}{}", lines.join("\n")),
                lines.join("\r\n") + "\r\n\r\n",
            ] {
                assert_eq!(detected(&mut detector, &other), plain, "{}", case.name);
            }
        }
    }
}
