//! Rows of service logs in every dress, each with the cards that it must make, or none.
//!
//! `cargo test --test it -- rows --nocapture` prints the figures and every case that is not right.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use footman::clock::Timestamp;
use footman::commit::StoredRows;
use footman::detect::{Detector, builtin_packs};
use footman::incident::{IncidentBook, Notice, Policy, Reason};
use footman::mute::Mutes;
use footman::qlik::folders;
use footman::tail::{Block, FileId};
use jiff::SignedDuration;
use jiff::tz::TimeZone;

const SETS: [(&str, &str); 1] = [("known", include_str!("rows/known.txt"))];

/// What one case is and which cards it must make.
#[derive(Default)]
struct Case {
    family: String,
    name: String,
    logs: Vec<(String, Vec<String>)>,
    /// The kind, and words that the card must show.
    cards: Vec<(String, String)>,
}

fn cases(text: &str) -> Vec<Case> {
    let (mut cases, mut family) = (Vec::<Case>::new(), "");
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with("# ")) {
        if let Some(name) = line.strip_prefix("##### ") {
            family = name;
        } else if let Some(name) = line.strip_prefix("=== ") {
            cases.push(Case { family: family.into(), name: name.into(), ..Case::default() });
        } else if let Some(case) = cases.last_mut() {
            read(case, line);
        }
    }
    cases
}

fn read(case: &mut Case, line: &str) {
    match line.strip_prefix("--- ").and_then(|head| head.split_once(": ")) {
        Some(("log", log)) => case.logs.push((log.to_owned(), Vec::new())),
        Some(("card", card)) => {
            let (kind, words) = card.split_once(" / ").unwrap_or((card, ""));
            case.cards.push((kind.to_owned(), words.to_owned()));
        }
        Some(("times", n)) => {
            let rows = &mut case.logs.last_mut().expect("rows stand below their log").1;
            let row = rows.last().cloned().expect("a row that comes more than once");
            rows.extend(std::iter::repeat_n(row, n.parse::<usize>().unwrap() - 1));
        }
        _ => {
            let rows = &mut case.logs.last_mut().expect("rows stand below their log").1;
            rows.push(line.replace(" | ", "\t").replace("\\t", "\t").replace("\\n", "\r\n"));
        }
    }
}

/// `@N` is the number of the row, `@T` its time.
fn block(number: i64, log: &str, rows: &[String]) -> Block {
    assert!(folders::is_log(log), "{log}");
    let rows = rows.iter().enumerate().map(|(n, row)| {
        let stamp = format!("20261123T06{:02}{:02}.000+0000", n / 60, n % 60);
        row.replace("@N", &n.to_string()).replace("@T", &stamp)
    });
    let text: String = rows.map(|row| row + "\r\n").collect();
    Block {
        file: FileId(number),
        generation: 0,
        label: log.into(),
        path: Arc::from(Path::new("synthetic")),
        head: text.clone().into_bytes().into(),
        bytes: text.into_bytes(),
        fresh: 0,
        offset: 0,
        lines: Some(0),
    }
}

/// The notices that open something, once everything is decided.
fn opened(detector: &mut Detector, files: &mut i64, case: &Case) -> Vec<Notice> {
    let policy = Policy {
        environment: None,
        settle: SignedDuration::from_secs(3),
        repeat: SignedDuration::from_hours(4),
    };
    let mut book = IncidentBook::restore(policy, &StoredRows::default());
    let mut now: Timestamp = "2026-11-23T06:02:00Z".parse().unwrap();
    let end = now + SignedDuration::from_mins(30);
    let mut opened = Vec::new();
    let mut found = Vec::new();
    for (log, rows) in &case.logs {
        *files += 1;
        let one = detector.detect(&block(*files, log, rows));
        assert!(!one.unknown_layout, "{}: a layout that is not known", case.name);
        found.extend(one.detections);
    }
    loop {
        let decisions = book.step(now, std::mem::take(&mut found));
        let decisions = Mutes::default().hold(now, &mut book, decisions);
        opened.extend(decisions.notices.into_iter().filter(|one| one.reason == Reason::Opened));
        match book.next_wakeup() {
            Some(next) if next <= end => now = next,
            _ => return opened,
        }
    }
}

fn compiled() -> Detector {
    let (detector, problems) = Detector::compile(&builtin_packs(), TimeZone::UTC);
    assert!(problems.is_empty(), "{problems:?}");
    detector
}

/// What is missing of a case, and what is too much.
fn judge(detector: &mut Detector, files: &mut i64, case: &Case) -> (usize, usize, String) {
    let mut cards = opened(detector, files, case);
    let (mut missing, mut said) = (0, String::new());
    for (kind, words) in &case.cards {
        let is_it = |card: &Notice| {
            let texts = [&card.title, &card.error, &card.meaning];
            card.kind.name() == kind && texts.iter().any(|text| text.contains(words.as_str()))
        };
        if let Some(place) = cards.iter().position(is_it) {
            drop(cards.remove(place));
        } else {
            missing += 1;
            writeln!(said, "  {}: no card {kind} / {words}", case.name).unwrap();
        }
    }
    for card in &cards {
        let (kind, pattern) = (card.kind.name(), &card.pattern);
        writeln!(said, "  {}: card {kind} ({pattern}) / {}", case.name, card.error).unwrap();
    }
    (missing, cards.len(), said)
}

#[test]
#[expect(clippy::print_stdout, reason = "the figures are for people, too")]
fn rows_in_every_dress_make_the_cards_that_they_must_and_no_other() {
    let (mut detector, mut files) = (compiled(), 0);
    for (set, text) in SETS {
        let (mut families, mut wrong) = (BTreeMap::<String, [usize; 4]>::new(), String::new());
        for case in cases(text) {
            let (missing, excess, said) = judge(&mut detector, &mut files, &case);
            let family = families.entry(case.family).or_default();
            let sums = [1, case.cards.len(), missing, excess];
            family.iter_mut().zip(sums).for_each(|(sum, n)| *sum += n);
            wrong += &said;
        }
        let mut all = [0; 4];
        for (name, counts) in &families {
            println!("{set} {name}: {}", figures(counts));
            all.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
        println!("{set} in all: {}\n{wrong}", figures(&all));
        assert!(wrong.is_empty(), "{set}:\n{wrong}");
    }
}

fn figures([cases, cards, missing, excess]: &[usize; 4]) -> String {
    format!("{cases} cases, {cards} cards, {missing} of them missing, {excess} too many")
}
