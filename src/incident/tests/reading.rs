//! Lagging reads: rows and script logs of one run are read minutes apart.

use crate::commit::StoredRows;
use crate::incident::tests::{at, book, detection};
use crate::incident::{Decisions, IncidentBook};

/// One step: `verdict app=a ...`, several detections separated by `;`, or none.
fn step(book: &mut IncidentBook, seconds: f64, lines: &str) -> Decisions {
    let lines = lines.split(';').map(str::trim).filter(|line| !line.is_empty());
    let found = lines.map(|line| detection(&format!("{seconds} {line}")).1).collect();
    book.step(at(seconds), found)
}

fn errors(decisions: &Decisions) -> Vec<&str> {
    decisions.notices.iter().map(|notice| notice.error.as_str()).collect()
}

fn reasons(decisions: &Decisions) -> Vec<&str> {
    decisions.suppressed.iter().map(|held| held.why.name()).collect()
}

/// A book at `seconds` for which everything up to second 0 has been read.
fn lagging(seconds: f64) -> IncidentBook {
    let mut book = book(&StoredRows::default());
    book.had_read(at(seconds), at(0.0));
    book
}

#[test]
fn a_run_waits_for_its_script_log_while_reading_advances() {
    let mut book = lagging(1.0);
    assert!(errors(&step(&mut book, 1.0, "verdict app=a task=t exec=1 at=0")).is_empty());
    for minute in 1..6 {
        let now = f64::from(minute) * 60.0;
        book.has_read(at(now), None);
        assert!(errors(&step(&mut book, now + 50.0, "")).is_empty(), "unread files are left");
    }
    let decisions = step(&mut book, 360.0, "script app=a ended=0 error=Field+'B'+not+found");
    assert_eq!(errors(&decisions), ["Field 'B' not found"], "explained, and notified at once");
}

#[test]
fn reading_that_hangs_or_lags_too_long_holds_nothing_back() {
    let mut book = lagging(1.0);
    drop(step(&mut book, 1.0, "verdict app=a task=t exec=1 at=1"));
    assert_eq!(book.next_wakeup(), Some(at(64.0)));
    assert!(errors(&step(&mut book, 63.9, "")).is_empty());
    assert_eq!(errors(&step(&mut book, 64.0, "")).len(), 1, "reading did not advance for a minute");

    let mut book = lagging(1.0);
    drop(step(&mut book, 1.0, "verdict app=a task=t exec=1 at=1"));
    for second in 1..604 {
        book.has_read(at(f64::from(second)), None);
        assert!(errors(&step(&mut book, f64::from(second), "")).is_empty());
    }
    assert_eq!(book.next_wakeup(), Some(at(604.0)));
    assert_eq!(errors(&step(&mut book, 604.0, "")).len(), 1, "reading lags by ten minutes");
}

#[test]
fn a_late_row_settles_once_everything_of_its_time_is_read() {
    let mut book = lagging(10.0);
    drop(step(&mut book, 10.0, "verdict app=a task=t exec=1 at=0"));
    assert_eq!(book.wants_reading(), Some(at(3.0)));
    book.has_read(at(10.5), Some(at(2.9)));
    assert!(errors(&step(&mut book, 10.5, "")).is_empty());
    book.has_read(at(11.0), Some(at(3.0)));
    assert_eq!(errors(&step(&mut book, 11.0, "")).len(), 1);
    assert_eq!(book.wants_reading(), None);
}

/// Script logs are small and read first; the log of the scheduler is long and lags.
#[test]
fn a_script_log_that_is_read_long_before_its_rows_waits_for_them() {
    let mut book = lagging(100.0);
    drop(step(&mut book, 100.0, "script app=a ended=80 error=Field+'B'+not+found"));
    for (now, until) in [(101.0, 20.0), (102.0, 40.0), (103.0, 79.0)] {
        book.has_read(at(now), Some(at(until)));
        assert!(errors(&step(&mut book, now, "")).is_empty(), "rows of {until} s are read");
    }
    book.has_read(at(104.0), Some(at(82.0)));
    let mut decisions = step(&mut book, 104.0, "verdict app=a task=t exec=1 at=81");
    for now in [105.0, 110.0, 130.0] {
        book.has_read(at(now), Some(at(now)));
        decisions.notices.extend(step(&mut book, now, "").notices);
    }
    assert_eq!(errors(&decisions), ["Field 'B' not found"]);
}

#[test]
fn a_run_is_not_decided_while_a_read_is_in_progress() {
    // Everything up to 10 s was read; then the reader starts a read that does not finish.
    let mut book = book(&StoredRows::default());
    book.has_read(at(10.0), Some(at(10.0)));
    drop(step(&mut book, 10.1, "verdict app=a task=t exec=1 at=10"));
    assert!(
        errors(&step(&mut book, 40.0, "")).is_empty(),
        "the running read may contain its script log"
    );
    book.has_read(at(41.0), Some(at(40.0)));
    let decisions = step(&mut book, 41.0, "script app=a ended=9 error=Field+'B'+not+found");
    assert_eq!(errors(&decisions), ["Field 'B' not found"]);
}

#[test]
fn a_run_that_was_settling_at_the_stop_waits_for_files_written_meanwhile() {
    let mut rows = StoredRows::default();
    let mut stopped = book(&rows);
    stopped.has_read(at(0.0), Some(at(0.0)));
    drop(step(&mut stopped, 0.0, "verdict app=a task=t exec=1"));
    rows.apply(stopped.take_changes());

    let mut book = book(&rows);
    book.resume(at(900.0));
    assert!(errors(&step(&mut book, 900.0, "")).is_empty(), "nothing is read yet");
    book.has_read(at(901.0), None);
    let decisions = step(&mut book, 901.0, "script app=a ended=0 error=Field+'B'+not+found");
    assert_eq!(errors(&decisions), ["Field 'B' not found"]);
}

#[test]
fn a_task_that_cannot_start_is_notified_at_once() {
    let mut book = lagging(5.0);
    assert_eq!(errors(&step(&mut book, 5.0, "no-start app=a task=t exec=1")).len(), 1);
}

#[test]
fn a_script_log_read_after_its_card_explains_the_open_incident() {
    let mut book = book(&StoredRows::default());
    drop(step(&mut book, 0.0, "verdict app=a task=t exec=1"));
    assert_eq!(errors(&step(&mut book, 3.0, "")), ["Max retries reached"]);
    let late = "script app=a ended=-1 error=Field+'B'+not+found";
    assert_eq!(reasons(&step(&mut book, 9.0, late)), ["late-script-log"]);

    // The next failure belongs to it, with or without a script log.
    let second = "script app=a ended=60 error=Field+'B'+not+found; verdict app=a task=t exec=2";
    let decisions = step(&mut book, 60.0, second);
    assert_eq!((errors(&decisions).len(), reasons(&decisions)), (0, vec!["repeat"]));
    drop(step(&mut book, 120.0, "verdict app=a task=t exec=3"));
    assert_eq!(reasons(&step(&mut book, 123.0, "")), ["repeat"]);
    // Another error is another incident.
    let other = "script app=a ended=180 error=Table+not+found; verdict app=a task=t exec=4";
    assert_eq!(errors(&step(&mut book, 180.0, other)), ["Table not found"]);

    let decisions = step(&mut book, 14_403.0, "");
    assert_eq!(errors(&decisions), ["Field 'B' not found"], "notified again with its reason");
    assert_eq!(decisions.notices[0].count, 3);
    let over = step(&mut book, 20_000.0, "success app=a task=t exec=5");
    assert_eq!(over.notices.iter().map(|notice| notice.count).collect::<Vec<_>>(), [4]);
}
