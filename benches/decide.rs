//! Deciding: measures the time of one detection with few and with many open runs and incidents, and
//! what silences add to a storm.
//!
//! `cargo bench --bench decide [-- --smoke]`
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a benchmark measures time, prints figures and uses a part of what they share"
)]

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use footman::clock::{self, Timestamp};
use footman::command::NewSilence;
use footman::commit::StoredRows;
use footman::config::{Language, Written};
use footman::detection::{
    Detection, Facts, Kind, Origin, Role, Rule, ScriptFacts, Severity, Terms, Words,
};
use footman::incident::{IncidentBook, Notice, Overview, Policy};
use footman::mute::Mutes;
use footman::pipeline::{Decider, Escalations};
use footman::qlik::stamp::Stamp;
use footman::render::{self, Renderer, Site, builtin_templates};
use footman::route::Router;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use support::{percentile, smoke};

/// One more detection may take so many times as long with the most that is open as with the least:
/// about 3 is usual, and a search of everything that is open takes hundreds of times as long.
const LONGEST: f64 = 8.0;
/// Number of measured detections of each kind.
const ROUNDS: usize = 2_000;
/// The kinds of detections that are measured separately.
const PARTS: [(&str, Role); 5] = [
    ("start", Role::Start),
    ("attempt", Role::Attempt),
    ("verdict", Role::Verdict),
    ("script", Role::ScriptFailed),
    ("success", Role::Success),
];

fn main() {
    let sizes: &[usize] = if smoke() { &[100, 1_000] } else { &[100, 1_000, 10_000, 100_000] };
    let rounds = if smoke() { 100 } else { ROUNDS };
    let names = PARTS.map(|(name, _)| format!("{name:>9}")).join("");
    println!("microseconds for each detection, median of {rounds}; ratio to the first line");
    println!("   open{names}      all   ratio");
    for (what, decide) in [("incidents alone", book_alone as Decide), ("whole decider", whole)] {
        println!("{what}");
        let mut first = None;
        for &open in sizes {
            let times = measure(open, rounds, decide);
            let all = times.iter().sum::<f64>() / times.len() as f64;
            let ratio = all / *first.get_or_insert(all);
            let each = times.map(|time| format!("{time:9.1}")).join("");
            println!("{open:7}{each}{all:9.1}{ratio:8.2}");
            // A short form in a build without optimization says nothing about time.
            assert!(
                smoke() || ratio < LONGEST,
                "{what}: {ratio:.1} times as long with {open} open"
            );
        }
    }
    let failures = if smoke() { 200 } else { 5_000 };
    println!(
        "microseconds for each of {failures} failures of as many apps: deciding, holding back,"
    );
    println!("rows of what people see");
    for silences in [0, 100, 500] {
        let [step, hold, show] = storm(silences, failures);
        println!("{silences:5} silences {step:9.1}{hold:9.1}{show:9.1}");
    }
}

/// The mean of each part in microseconds, with so many silences in force, none of which matches.
fn storm(silences: usize, failures: usize) -> [f64; 3] {
    let mut now = clock::now();
    let mut book = IncidentBook::restore(policy(), &StoredRows::default());
    let mut mutes = Mutes::restore(Vec::new(), &StoredRows::default());
    for n in 0..silences {
        // An exact name, a glob and a regex in turn.
        let word = [format!("Quiet {n}"), format!("Quiet {n}*"), format!("/^Quiet {n}$/")];
        let wanted = NewSilence {
            matchers: [("app".to_owned(), vec![word[n % 3].clone()])].into(),
            incident: None,
            until: now + Duration::from_hours(2),
            reason: "bench".to_owned(),
        };
        let id = format!("bench-{n}").into();
        mutes.add(now, (&id, "bench"), wanted, None).expect("a silence");
    }
    mutes.review(now, &mut book);
    let mut spent = [Duration::ZERO; 3];
    for task in 0..failures {
        now += Duration::from_millis(1);
        drop(book.step(now, vec![detection(now, Role::Verdict, task, task)]));
        now += Duration::from_secs(4);
        let start = Instant::now();
        let decisions = book.step(now, Vec::new());
        let stepped = Instant::now();
        let decisions = std::hint::black_box(mutes.hold(now, &mut book, decisions));
        let held = Instant::now();
        let worded = |notice: &Notice, overview| Overview {
            title: render::title(notice, Language::English),
            error: render::reason(notice, Language::English),
            ..overview
        };
        for overview in book.take_overviews(worded) {
            std::hint::black_box(serde_json::to_string(&overview).expect("text and numbers"));
        }
        let shown = Instant::now();
        assert_eq!(decisions.notices.len(), 1, "each failure is a card");
        for (sum, time) in spent.iter_mut().zip([stepped - start, held - stepped, shown - held]) {
            *sum += time;
        }
        book.take_changes();
    }
    spent.map(|time| time.as_secs_f64() * 1e6 / failures as f64)
}

fn policy() -> Policy {
    Policy {
        environment: Some("bench".to_owned()),
        settle: SignedDuration::from_secs(3),
        repeat: SignedDuration::from_hours(4),
    }
}

/// What is measured of a detection.
type Decide = fn(&mut Decider, Timestamp, Vec<Detection>);

fn book_alone(decider: &mut Decider, now: Timestamp, found: Vec<Detection>) {
    let book = &mut decider.book;
    let decisions = book.step(now, found);
    let _used = std::hint::black_box((decisions, book.next_wakeup(), book.take_changes()));
}

fn whole(decider: &mut Decider, now: Timestamp, found: Vec<Detection>) {
    let commit = decider.decide(now, found.into(), Vec::new());
    let _used = std::hint::black_box((commit, decider.next_wakeup()));
}

fn decider() -> Decider {
    Decider {
        book: IncidentBook::restore(policy(), &StoredRows::default()),
        mutes: Mutes::restore(Vec::new(), &StoredRows::default()),
        escalations: Escalations::default(),
        router: Router::compile(&Written::new("none", ""), &[]).0,
        renderer: Renderer::compile(&builtin_templates()).0,
        channels: BTreeMap::new(),
        site: Site {
            url: None,
            page: None,
            node: "bench-node".to_owned(),
            scripts: None,
            timezone: TimeZone::UTC,
            language: Language::English,
            version: "0",
        },
        environment: None,
        doubted_until: None,
    }
}

/// The median of each part in microseconds, with `open` runs, incidents and deadlines.
fn measure(open: usize, rounds: usize, decide: Decide) -> [f64; PARTS.len()] {
    let mut decider = decider();
    let mut now = clock::now();
    fill(&mut decider.book, now, open);
    now += Duration::from_secs(20);
    // Settled runs are notified here, outside the measurement.
    drop(decider.book.step(now, Vec::new()));
    decide(&mut decider, now, Vec::new());
    let mut times: [Vec<Duration>; PARTS.len()] = Default::default();
    for round in 0..rounds {
        // A different task in each round, spread over all of them.
        let task = round * 7919 % open;
        for (part, (_, role)) in PARTS.iter().enumerate() {
            now += Duration::from_millis(1);
            let found = vec![detection(now, *role, task, open + round)];
            let start = Instant::now();
            decide(&mut decider, now, found);
            times[part].push(start.elapsed());
        }
    }
    times.map(|mut times| {
        times.sort();
        percentile(&times, 0.5).as_secs_f64() * 1e6
    })
}

/// Opens `open` tasks, each with a failed run, an incident and a deadline.
fn fill(book: &mut IncidentBook, now: Timestamp, open: usize) {
    for part in (0..open).collect::<Vec<_>>().chunks(1_000) {
        let starts = part.iter().map(|task| {
            // Not one of the failing tasks, so that its deadline stays.
            detection(now, Role::Start, open + task, open + task)
        });
        let failures = part.iter().map(|task| detection(now, Role::Verdict, *task, *task));
        let found = starts.chain(failures).collect();
        drop(book.step(now, found));
    }
}

fn detection(at: Timestamp, role: Role, task: usize, run: usize) -> Detection {
    let script = ScriptFacts {
        path: format!("{task}.log"),
        ended: Some(at),
        executed_by: Some("INTERNAL\\sa_scheduler".to_owned()),
        error: Some(format!("Field 'F{task}' not found")),
        ..ScriptFacts::default()
    };
    let is_script = role == Role::ScriptFailed;
    let of_task = |text: String| Some(text).filter(|_| !is_script);
    let terms = Terms {
        overdue: Some(SignedDuration::from_hours(12)),
        suppressed_by: vec!["service-repository-down".into()],
        ..Terms::default()
    };
    let from_pattern = Rule {
        pattern: "bench".into(),
        kind: if role == Role::Success { Kind::ReloadRecovered } else { Kind::ReloadFailed },
        role,
        severity: Severity::Error,
        words: Arc::new(Words { title: "Reload failed".to_owned(), ..Words::default() }),
        terms: Arc::new(terms),
    };
    let log = "System_Scheduler".into();
    let origin = Origin::Log { log, path: "bench".into(), offset: 0 };
    let facts = Facts {
        task_id: of_task(format!("task-{task}")).map(Into::into),
        app_id: Some(format!("app-{task}").into()),
        execution_id: of_task(format!("execution-{run}")).map(Into::into),
        host: Some("bench-node".to_owned()),
        message: Some("Max retries reached".to_owned()),
        ..Facts::default()
    };
    let at = Some(Stamp { at, or: None });
    let mut found =
        Detection::of_log(from_pattern, origin, at, (Some("bench".to_owned()), None), facts);
    found.script = is_script.then_some(script);
    found
}
