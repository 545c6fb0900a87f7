//! What cards say of earlier runs, whatever the order in which their rows are read.

use super::{EarlierRuns, MOST, RunHistories, TIMES};
use crate::clock::Timestamp;
use crate::commit::StoredRows;
use crate::detection::Subject;
use crate::incident::tests::{at, book, detection};
use crate::incident::{IncidentBook, Notice};

fn sales() -> Subject {
    Subject::Task("sales".into())
}

fn failing(histories: &RunHistories) -> (u32, Option<Timestamp>) {
    let EarlierRuns { failures, failing_since, .. } = histories.of(&sales());
    (failures, failing_since)
}

#[test]
fn failures_count_from_the_last_success_on() {
    let mut histories = RunHistories::default();
    histories.succeed(at(0.0), &sales(), at(0.0));
    histories.fail(at(10.0), &sales(), at(10.0));
    histories.fail(at(20.0), &sales(), at(20.0));
    assert_eq!(failing(&histories), (2, Some(at(10.0))));
    assert_eq!(histories.of(&sales()).last_success, Some(at(0.0)));
    histories.succeed(at(30.0), &sales(), at(30.0));
    assert_eq!(failing(&histories), (0, None));
    histories.fail(at(40.0), &sales(), at(40.0));
    assert_eq!(failing(&histories), (1, Some(at(40.0))));
}

#[test]
fn the_order_of_reading_does_not_matter() {
    let runs = [(5.0, false), (10.0, true), (20.0, false), (30.0, false)];
    let orders = [[0, 1, 2, 3], [3, 2, 1, 0], [1, 0, 3, 2], [2, 0, 3, 1], [3, 1, 0, 2]];
    for order in orders {
        let mut histories = RunHistories::default();
        for (seconds, is_good) in order.map(|place| runs[place]) {
            if is_good {
                histories.succeed(at(99.0), &sales(), at(seconds));
            } else {
                histories.fail(at(99.0), &sales(), at(seconds));
            }
        }
        assert_eq!(failing(&histories), (2, Some(at(20.0))), "{order:?}");
        assert_eq!(histories.of(&sales()).last_success, Some(at(10.0)), "{order:?}");
    }
}

#[test]
fn many_failures_are_counted_and_their_first_is_known() {
    let mut histories = RunHistories::default();
    let n = u32::try_from(TIMES).unwrap() + 20;
    for run in 1..=n {
        histories.fail(at(f64::from(run)), &sales(), at(f64::from(run)));
    }
    assert_eq!(failing(&histories), (n, Some(at(1.0))));
    histories.succeed(at(1000.0), &sales(), at(1000.0));
    assert_eq!(failing(&histories), (0, None));
}

#[test]
fn a_clock_that_is_ahead_does_not_hide_later_failures() {
    let mut histories = RunHistories::default();
    histories.succeed(at(10.0), &sales(), at(1e9));
    histories.fail(at(20.0), &sales(), at(20.0));
    assert_eq!(failing(&histories).0, 1);
}

#[test]
fn the_number_of_tasks_is_bounded() {
    let mut histories = RunHistories::default();
    let most = u32::try_from(MOST).unwrap();
    for n in 0..most + 10 {
        let (task, when) = (Subject::Task(n.to_string().into()), at(f64::from(n)));
        histories.succeed(when, &task, when);
    }
    assert_eq!(histories.table.len(), MOST);
    assert_eq!(histories.of(&Subject::Task("9".into())).last_success, None);
}

fn notices(book: &mut IncidentBook, lines: &[&str]) -> Vec<Notice> {
    let mut notices = Vec::new();
    for line in lines {
        let (seconds, one) = detection(line);
        notices.extend(book.step(at(seconds), vec![one]).notices);
        notices.extend(book.step(at(seconds + 30.0), vec![]).notices);
    }
    notices
}

const HOUR: f64 = 3600.0;

#[test]
fn a_failure_says_when_the_app_was_last_reloaded_and_how_often_it_failed_since() {
    let mut book = book(&StoredRows::default());
    let lines = [
        "0 success task=t exec=1 app=x",
        "3600 verdict task=t exec=2 app=x",
        "36000 verdict task=t exec=3 app=x error=other message=other",
        "72000 abort task=t exec=4 app=x message=aborted",
        "90000 success task=t exec=5 app=x",
    ];
    let found = notices(&mut book, &lines);
    let runs: Vec<_> = found.iter().map(|one| (one.reason.name(), one.runs)).collect();
    let of = |last: f64, failures, since: f64| EarlierRuns {
        last_success: Some(at(last)),
        usual_duration: None,
        failures,
        failing_since: Some(at(since)),
    };
    assert_eq!(runs[0], ("opened", of(0.0, 1, HOUR)));
    assert_eq!(runs[1], ("opened", of(0.0, 2, HOUR)));
    assert_eq!(runs[2], ("opened", of(0.0, 2, HOUR)), "an abort is no failure");
    let (reason, last) = runs.last().unwrap();
    assert_eq!((*reason, last.last_success), ("recovered", Some(at(90_000.0))));
}

#[test]
fn a_reload_from_the_hub_makes_the_data_of_the_app_fresh() {
    let mut book = book(&StoredRows::default());
    let lines = [
        "0 success task=t exec=1 app=x",
        "3600 script-ok app=x",
        "7200 verdict task=t exec=2 app=x",
    ];
    let found = notices(&mut book, &lines);
    assert_eq!(found.last().unwrap().runs.last_success, Some(at(HOUR)));
}

#[test]
fn the_usual_duration_is_the_median_of_the_kept_ones() {
    let mut book = book(&StoredRows::default());
    for (start, took) in [(0.0, 100.0), (10_000.0, 900.0), (20_000.0, 300.0)] {
        let started = format!("{start} start app=x overdue=43200 learned=1");
        let found = notices(&mut book, &[&started, &format!("{} script-ok app=x", start + took)]);
        assert!(found.is_empty());
    }
    let found = notices(&mut book, &["50000 verdict task=t exec=2 app=x"]);
    let usual = found[0].runs.usual_duration.map(|usual| usual.as_secs());
    assert_eq!(usual, Some(300));
}

#[test]
fn what_is_known_of_runs_survives_a_restart() {
    let mut first = book(&StoredRows::default());
    let lines = ["0 success task=t exec=1 app=x", "3600 verdict task=t exec=2 app=x"];
    drop(notices(&mut first, &lines));
    let mut rows = StoredRows::default();
    rows.apply(first.take_changes());
    let mut second = book(&rows);
    let other = "7200 verdict task=t exec=3 app=x message=other";
    let found = notices(&mut second, &[other]);
    let runs = found.last().unwrap().runs;
    assert_eq!((runs.last_success, runs.failures), (Some(at(0.0)), 2));
}
