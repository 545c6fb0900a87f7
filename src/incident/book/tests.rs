//! Many runs in a short time.

use super::*;
use crate::incident::tests::{at, book, detection};

fn reasons(decisions: &Decisions) -> Vec<&str> {
    decisions.suppressed.iter().map(|held| held.why.name()).collect()
}

/// Many failures of a hundred tasks, each with its own execution id, in steps like the agent's.
fn many(
    book: &mut IncidentBook,
    seconds: f64,
    range: std::ops::Range<u32>,
    line: &str,
) -> Decisions {
    let mut all = Decisions::default();
    for part in range.collect::<Vec<_>>().chunks(200) {
        let line = |n: &u32| {
            let (app, number) = ((n % 100).to_string(), n.to_string());
            // Failures of one task are ten seconds apart.
            let time = format!("-{}", n / 100 * 10);
            line.replace("APP", &app).replace("NUMBER", &number).replace("TIME", &time)
        };
        let lines: Vec<_> = part.iter().map(line).collect();
        let lines = lines.join(";");
        let lines = lines.split(';').map(|line| format!("{seconds} {}", line.trim()));
        book.has_read(at(seconds), None);
        let decisions = book.step(at(seconds), lines.map(|line| detection(&line).1).collect());
        all.notices.extend(decisions.notices);
        all.suppressed.extend(decisions.suppressed);
    }
    all
}

#[test]
fn a_run_decided_without_its_verdict_recognises_it_after_a_storm() {
    let mut book = book(&StoredRows::default());
    let attempt = "attempt app=aAPP task=tAPP exec=NUMBER at=TIME final=5";
    drop(many(&mut book, 1.0, 0..100, attempt));
    book.has_read(at(10.0), Some(at(10.0)));
    assert_eq!(book.step(at(10.0), Vec::new()).notices.len(), 100);
    let verdict = "verdict app=aAPP task=tAPP exec=NUMBER at=TIME";
    let storm = 100..100 + u32::try_from(MOST_ENDED).unwrap();
    drop(many(&mut book, 20.0, storm, verdict));
    for seconds in [90.0, 130.0] {
        book.has_read(at(seconds), Some(at(seconds)));
        drop(book.step(at(seconds), Vec::new()));
    }
    assert_eq!(book.ended.len(), MOST_ENDED);
    let late = many(&mut book, 300.0, 0..100, verdict);
    assert!(late.notices.is_empty() && reasons(&late).iter().all(|why| *why == "same-run"));
    assert_eq!((book.runs.len(), reasons(&late).len()), (0, 100));
}

#[test]
fn all_decided_runs_are_recognised_while_reading_lags() {
    const EACH: u32 = 3_000;
    let (explained, unexplained) = (0..EACH, EACH..2 * EACH);
    let mut book = book(&StoredRows::default());
    book.had_read(at(1.0), at(0.0));
    // Half of the runs have their script logs; the others wait the full settle time.
    let script = "script app=aAPP ended=TIME by=INTERNAL\\sa_scheduler";
    let verdict = "verdict app=aAPP task=tAPP exec=NUMBER at=TIME";
    let both = format!("{script}; {verdict}");
    let first = many(&mut book, 1.0, explained.clone(), &both);
    let held = many(&mut book, 1.0, unexplained.clone(), verdict);
    let unread = book.step(at(604.0), Vec::new());
    let n_opened = first.notices.len() + held.notices.len() + unread.notices.len();
    let repeats =
        |decisions: &Decisions| reasons(decisions).iter().filter(|why| **why == "repeat").count();
    let n_repeats = repeats(&first) + repeats(&held) + repeats(&unread);
    assert_eq!((n_opened, n_opened + n_repeats), (100, 2 * EACH as usize));
    assert!(book.ended.len() > MOST_ENDED);

    // Now their last rows and script logs are read.
    let rows =
        many(&mut book, 605.0, 0..2 * EACH, "attempt app=aAPP task=tAPP exec=NUMBER at=TIME");
    assert!(rows.notices.is_empty() && reasons(&rows).iter().all(|why| *why == "same-run"));
    let scripts = many(&mut book, 606.0, unexplained, script);
    assert!(scripts.notices.is_empty());
    assert!(reasons(&scripts).iter().all(|why| *why == "late-script-log"));
    assert_eq!((book.runs.len(), reasons(&scripts).len()), (0, EACH as usize));

    // Once everything of their time is read, the limit applies.
    book.has_read(at(640.0), Some(at(640.0)));
    drop(book.step(at(640.0), Vec::new()));
    assert_eq!(book.ended.len(), MOST_ENDED);
}
