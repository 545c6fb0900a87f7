//! The repeated hour when daylight saving ends: stamps without offset have two readings, an hour
//! apart.

use std::fmt::Write as _;

use crate::commit::StoredRows;
use crate::detection::Detection;
use crate::incident::tests::{at, book, detection, play};

/// 26 failures in both passes of the hour, each with a row and a script log, whose stamps are
/// certain or ambiguous, in either order. Counts the cards; with `crash`, the book is restored
/// after each step.
fn cards([row_is_open, script_is_open, script_first, crash]: [bool; 4]) -> usize {
    let mut rows = StoredRows::default();
    let mut book = book(&rows);
    let mut n_cards = 0;
    for n in 0..26_u32 {
        let second = f64::from(n) * 277.0;
        // A stamp without offset is read as in the first pass.
        let read = |at: f64, is_open: bool| {
            let first = if at < 3600.0 { at } else { at - 3600.0 };
            if is_open { format!("at={first} or={}", first + 3600.0) } else { format!("at={at}") }
        };
        let row = read(second, row_is_open);
        let row = format!("{second} verdict app=a{n} task=t{n} exec={n} {row}");
        let script = read(second - 1.5, script_is_open && second > 1.5).replace("at=", "ended=");
        let script = format!("{second} script app=a{n} {script} by=INTERNAL\\sa_scheduler");
        let steps = if script_first { [script, row] } else { [row, script] };
        for (step, line) in steps.iter().enumerate() {
            let now = at(second + f64::from(u32::try_from(step).unwrap()));
            n_cards += book.step(now, vec![detection(line).1]).notices.len();
            rows.apply(book.take_changes());
            if crash {
                book = self::book(&rows);
            }
        }
        n_cards += book.step(at(second + 200.0), Vec::new()).notices.len();
        rows.apply(book.take_changes());
    }
    n_cards
}

#[test]
fn a_failure_in_the_repeated_hour_makes_one_card_whichever_stamps_lack_their_offset() {
    let either = [false, true];
    let mut wrong = String::new();
    for row in either {
        for script in either {
            for (first, crash) in [(false, false), (true, false), (false, true), (true, true)] {
                let n_cards = cards([row, script, first, crash]);
                if n_cards != 26 {
                    writeln!(wrong, "{n_cards}: row {row} script {script} {first} {crash}")
                        .unwrap();
                }
            }
        }
    }
    assert_eq!(wrong, "");
}

fn notice(lines: &[&str]) -> crate::incident::Notice {
    let mut book = book(&StoredRows::default());
    let found: Vec<Detection> = lines.iter().map(|line| detection(line).1).collect();
    let mut decisions = book.step(at(3700.0), found).notices;
    decisions.extend(book.step(at(3800.0), Vec::new()).notices);
    assert_eq!(decisions.len(), 1, "{decisions:?}");
    decisions.remove(0)
}

#[test]
fn a_row_with_its_offset_settles_when_its_script_log_ended() {
    for lines in [
        ["0 verdict app=a task=t exec=1 at=3602", "0 script app=a ended=0 or=3600"],
        ["0 script app=a ended=0 or=3600", "0 verdict app=a task=t exec=1 at=3602"],
    ] {
        let script = notice(&lines).script.unwrap();
        assert_eq!((script.ended, script.ended_or), (Some(at(3600.0)), None), "{lines:?}");
    }
}

#[test]
fn a_script_log_with_a_certain_time_settles_its_row() {
    for lines in [
        ["0 verdict app=a task=t exec=1 at=2 or=3602", "0 script app=a ended=3600"],
        ["0 script app=a ended=3600", "0 verdict app=a task=t exec=1 at=2 or=3602"],
    ] {
        let notice = notice(&lines);
        assert_eq!((notice.at, notice.facts.at_or), (at(3602.0), None), "{lines:?}");
    }
}

#[test]
fn an_ambiguous_row_and_script_log_make_one_card_with_an_uncertain_time() {
    let notice =
        notice(&["0 verdict app=a task=t exec=1 at=2 or=3602", "0 script app=a ended=0 or=3600"]);
    assert_eq!((notice.at, notice.facts.at_or), (at(2.0), Some(at(3602.0))));
    assert_eq!(notice.script.unwrap().ended_or, Some(at(3600.0)));
}

#[test]
fn the_last_attempt_explains_the_verdict_across_the_two_passes() {
    insta::assert_snapshot!(play(
        "3000 script  app=a by=INTERNAL\\sa_scheduler error=first
         3001 attempt app=a task=t exec=1
         3001 begun   app=a task=t exec=1
         4000 script  app=a by=INTERNAL\\sa_scheduler error=second ended=400 or=4000
         4001 attempt app=a task=t exec=1
         4002 verdict app=a task=t exec=1"
    ), @r"
    3001s   held back: attempt
    4001s   held back: attempt
    4002s opened reload-failed x1 (0 held back) second
    ");
}
