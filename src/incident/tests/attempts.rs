//! Which script log belongs to which attempt, in the order in which files are read.

use proptest::prelude::*;

use crate::incident::tests::{play, play_with};

#[test]
fn script_logs_of_failed_attempts_that_are_read_after_the_success_make_no_card() {
    // Backlog of a retried success, rows first.
    opens(
        "0 begun app=a task=t exec=1 at=-20
         0 attempt app=a task=t exec=1 at=-13
         0 begun app=a task=t exec=1 at=-12.5
         0 success app=a task=t exec=1 at=-6
         0 script-ok app=a ended=-6.1
         0.1 script app=a by=INTERNAL\\sa_scheduler ended=-13.1",
        &[],
    );
    // The same, two attempts.
    opens(
        "0 attempt app=a task=t exec=1 at=-213
         0 begun app=a task=t exec=1 at=-212.5
         0 attempt app=a task=t exec=1 at=-13
         0 begun app=a task=t exec=1 at=-12.5
         0 success app=a task=t exec=1 at=-6
         0.1 script app=a by=INTERNAL\\sa_scheduler ended=-13.1
         0.1 script app=a by=INTERNAL\\sa_scheduler ended=-213.1",
        &[],
    );
    // With skew.
    opens(
        "0 attempt app=a task=t exec=1 at=-13
         0 begun app=a task=t exec=1 at=-12.5
         0 success app=a task=t exec=1 at=-6
         0.1 script app=a by=INTERNAL\\sa_scheduler ended=46.9",
        &[],
    );
}

#[test]
fn a_task_that_fails_soon_after_another_reload_of_its_app_has_a_card_of_its_own() {
    // Manual, then task.
    opens(
        "0 script app=a by=EX\\anna error=manual
         89 script app=a by=INTERNAL\\sa_scheduler error=task
         90 begun app=a task=t exec=1 at=70
         90 attempt app=a task=t exec=1
         90 verdict app=a task=t exec=1",
        &["manual", "task"],
    );
    // Manual, then task, log late.
    opens(
        "0 script app=a by=EX\\anna error=manual
         20 begun app=a task=t exec=1 at=10
         20 attempt app=a task=t exec=1
         20 verdict app=a task=t exec=1
         21 script app=a by=INTERNAL\\sa_scheduler error=task ended=19",
        &["manual", "task"],
    );
    // Script alone of the scheduler, then task.
    opens(
        "0 script app=a by=INTERNAL\\sa_scheduler error=alone
         59 script app=a by=INTERNAL\\sa_scheduler error=task
         60 begun app=a task=t exec=1 at=40
         60 attempt app=a task=t exec=1
         60 verdict app=a task=t exec=1",
        &["alone", "task"],
    );
}

#[test]
fn retries_are_one_card_with_the_cause_of_the_last_one_whatever_the_clock_of_the_script_logs() {
    // Retries, clock of scripts 20 s ahead.
    opens(
        "0 script app=a by=INTERNAL\\sa_scheduler error=first ended=19
         1 begun app=a task=t exec=1 at=-25
         1 attempt app=a task=t exec=1 at=0
         2 begun app=a task=t exec=1 at=1
         30 script app=a by=INTERNAL\\sa_scheduler error=second ended=49
         31 attempt app=a task=t exec=1 at=30
         31 verdict app=a task=t exec=1 at=30",
        &["second"],
    );
    // Three attempts, 61 ahead.
    opens(
        "0 script app=a by=INTERNAL\\sa_scheduler error=first ended=60
         1 attempt app=a task=t exec=1 at=0
         2 begun app=a task=t exec=1 at=1
         25 script app=a by=INTERNAL\\sa_scheduler error=second ended=85
         26 attempt app=a task=t exec=1 at=25
         27 begun app=a task=t exec=1 at=26
         50 script app=a by=INTERNAL\\sa_scheduler error=third ended=110
         51 attempt app=a task=t exec=1 at=50
         51 verdict app=a task=t exec=1 at=50",
        &["third"],
    );
    // Three attempts, 300 behind.
    opens(
        "0 script app=a by=INTERNAL\\sa_scheduler error=first ended=-300
         1 attempt app=a task=t exec=1 at=0
         2 begun app=a task=t exec=1 at=1
         25 script app=a by=INTERNAL\\sa_scheduler error=second ended=-275
         26 attempt app=a task=t exec=1 at=25
         27 begun app=a task=t exec=1 at=26
         50 script app=a by=INTERNAL\\sa_scheduler error=third ended=-250
         51 attempt app=a task=t exec=1 at=50
         51 verdict app=a task=t exec=1 at=50",
        &["third"],
    );
    // Three attempts, 125 ahead, logs late.
    opens(
        "0 attempt app=a task=t exec=1 at=0
         1 script app=a by=INTERNAL\\sa_scheduler error=first ended=124
         2 begun app=a task=t exec=1 at=1
         25 attempt app=a task=t exec=1 at=25
         26 script app=a by=INTERNAL\\sa_scheduler error=second ended=149
         27 begun app=a task=t exec=1 at=26
         50 attempt app=a task=t exec=1 at=50
         50 verdict app=a task=t exec=1 at=50
         51 script app=a by=INTERNAL\\sa_scheduler error=third ended=174",
        &["third"],
    );
}

#[test]
fn retries_of_another_clock_that_are_read_at_once_are_one_card() {
    let by = "by=INTERNAL\\sa_scheduler";
    for shift in [-540, -300, -125, -61, 61, 125, 300, 540] {
        let scripts = format!(
            "100 script app=a {by} error=first ended={}
             100 script app=a {by} error=second ended={}",
            shift - 2,
            shift + 29
        );
        let rows = "100 begun app=a task=t exec=1 at=-60
                    100 attempt app=a task=t exec=1 at=0
                    100 begun app=a task=t exec=1 at=1
                    100 attempt app=a task=t exec=1 at=30
                    100 verdict app=a task=t exec=1 at=30";
        for story in [format!("{rows}\n{scripts}"), format!("{scripts}\n{rows}")] {
            opens(&story, &["second"]);
        }
    }
}

#[test]
fn an_earlier_failure_that_is_over_waits_for_its_cause_before_a_later_one_is_shown() {
    opens(
        "100 verdict app=a task=t exec=1 at=0
         100 success app=a task=t exec=2 at=40
         100 verdict app=a task=t exec=3 at=80
         100.5 script app=a by=INTERNAL\\sa_scheduler error=second ended=78
         101 script app=a by=INTERNAL\\sa_scheduler error=first ended=-2",
        &["first", "second"],
    );
}

#[test]
fn the_script_log_of_the_last_attempt_is_waited_for() {
    // Retries, no skew, logs late.
    opens(
        "0 begun app=a task=t exec=1 at=-25
         0 attempt app=a task=t exec=1 at=0
         1 script app=a by=INTERNAL\\sa_scheduler error=first ended=-1
         2 begun app=a task=t exec=1 at=1
         30 attempt app=a task=t exec=1 at=30
         30 verdict app=a task=t exec=1 at=30
         31 script app=a by=INTERNAL\\sa_scheduler error=second ended=29",
        &["second"],
    );
}

#[test]
fn a_script_log_is_not_given_to_a_run_that_has_its_own_or_that_began_later() {
    // Two tasks, gap 15, behind 10.
    opens(
        "0 begun app=a task=t exec=1 at=-10
         0 script app=a by=INTERNAL\\sa_scheduler error=first ended=-10
         1 attempt app=a task=t exec=1
         1 verdict app=a task=t exec=1
         15 begun app=a task=u exec=2 at=5
         15 script app=a by=INTERNAL\\sa_scheduler error=second ended=5
         16 attempt app=a task=u exec=2
         16 verdict app=a task=u exec=2",
        &["first", "second"],
    );
    // Two tasks, gap 30, behind 70.
    opens(
        "0 begun app=a task=t exec=1 at=-10
         0 script app=a by=INTERNAL\\sa_scheduler error=first ended=-70
         1 attempt app=a task=t exec=1
         1 verdict app=a task=t exec=1
         30 begun app=a task=u exec=2 at=20
         30 script app=a by=INTERNAL\\sa_scheduler error=second ended=-40
         31 attempt app=a task=u exec=2
         31 verdict app=a task=u exec=2",
        &["first", "second"],
    );
    // No log, then second, behind 60.
    opens(
        "0 begun app=a task=t exec=1 at=-10
         1 attempt app=a task=t exec=1
         1 verdict app=a task=t exec=1
         20 begun app=a task=t exec=2 at=10
         20 script app=a by=INTERNAL\\sa_scheduler error=second ended=-40
         21 attempt app=a task=t exec=2
         21 verdict app=a task=t exec=2",
        &["Max retries reached", "second"],
    );
}

#[test]
fn an_attempt_that_begins_in_the_moment_of_the_row_before_it_is_another_one() {
    // The scheduler's row of the retry is the only sign of the next attempt.
    for script in [-0.6, 0.4] {
        let by = "by=INTERNAL\\sa_scheduler";
        let (one, two) = (15.0 + script, 30.0 + script);
        let rows = "15 attempt app=a task=t exec=1 final=120
                    15 begun app=a task=t exec=1
                    30 attempt app=a task=t exec=1 final=120
                    30 begun app=a task=t exec=1";
        let mut lines: Vec<String> = rows.lines().map(|line| line.trim().to_owned()).collect();
        lines.push(format!("{one} script app=a {by} error=first ended=14.4"));
        lines.push(format!("{two} script app=a {by} error=second ended=29.4"));
        let failed = "45 attempt app=a task=t exec=1 final=120\n45 verdict app=a task=t exec=1";
        let succeeded = "45 success app=a task=t exec=1";
        let last = format!("44.5 script app=a {by} error=third ended=44.4");
        let time = |line: &str| line.split(' ').next().unwrap().parse::<f64>().unwrap();
        lines.sort_by(|one, other| time(one).total_cmp(&time(other)));
        let attempts = lines.join("\n");
        opens(&format!("{attempts}\n{succeeded}"), &[]);
        opens(&format!("{attempts}\n{last}\n{failed}"), &["third"]);
    }
}

#[test]
fn a_failure_of_a_task_is_not_that_of_a_person_just_before_it() {
    for (gap, read) in [(4, 19.5), (4, 20.5), (2, 22.0), (-3, 20.5), (0, 20.5)] {
        let person = 20 - gap;
        let mut lines = vec![
            (f64::from(person), format!("{person} script app=a by=EX\\bob error=person")),
            (5.0, "5 begun app=a task=t exec=1".to_owned()),
            (20.0, "20 attempt app=a task=t exec=1 user=INTERNAL\\sa_scheduler".to_owned()),
            (20.0, "20 verdict app=a task=t exec=1 user=INTERNAL\\sa_scheduler".to_owned()),
            (read, format!("{read} script app=a by=INTERNAL\\sa_scheduler error=task ended=19.8")),
        ];
        lines.sort_by(|one, other| one.0.total_cmp(&other.0));
        let lines: Vec<_> = lines.into_iter().map(|(_, line)| line).collect();
        let (mut reasons, transcript) = opened(&lines.join("\n"));
        reasons.sort();
        assert_eq!(reasons, ["person", "task"], "{gap} {read}\n{transcript}");
    }
}

#[test]
fn the_rows_of_another_node_may_come_late_if_the_scheduler_says_that_it_retries() {
    let by = "by=INTERNAL\\sa_scheduler";
    for late in [0, 14, 18, 30, 60, 600] {
        for fails in [true, false] {
            let mut lines = vec![
                (1, "begun app=a task=t exec=1 at=0".to_owned()),
                (10, format!("script app=a {by} error=first ended=9.6")),
                (10, "retry app=a task=t exec=1 at=10.2 message=Retry".to_owned()),
                (11, "begun app=a task=t exec=1 at=11".to_owned()),
                (10 + late, "attempt app=a task=t exec=1 final=120 at=10".to_owned()),
            ];
            if fails {
                lines.push((35, format!("script app=a {by} error=second ended=34.6")));
                lines.push((35, "attempt app=a task=t exec=1 final=120 at=35".to_owned()));
                lines.push((35 + late, "attempt app=a task=t exec=1 final=120 at=35".to_owned()));
                lines.push((35, "verdict app=a task=t exec=1 at=35.1".to_owned()));
            } else {
                lines.push((35, "script-ok app=a ended=34.6".to_owned()));
                lines.push((35, "success app=a task=t exec=1 at=35".to_owned()));
            }
            lines.sort_by_key(|(read, _)| *read);
            let lines: Vec<_> =
                lines.into_iter().map(|(read, line)| format!("{read} {line}")).collect();
            opens(&lines.join("\n"), if fails { &["second"] } else { &[] });
        }
    }
}

#[test]
fn the_cause_of_an_earlier_attempt_is_not_that_of_the_last_one() {
    let by = "by=INTERNAL\\sa_scheduler";
    opens(
        &format!(
            "0 begun app=a task=t exec=1
             22 retry app=a task=t exec=1
             27 script app=a {by} error=first ended=21.6
             44 attempt app=a task=t exec=1
             44 verdict app=a task=t exec=1
             51 script app=a {by} error=second ended=43.6"
        ),
        &["Max retries reached"],
    );
}

/// A reload of an app: its attempts by their durations in seconds, in tasks; or by a person.
#[derive(Clone, Debug)]
struct Reload {
    /// Seconds since the end of the one before.
    gap: u32,
    attempts: Vec<u32>,
    succeeds: bool,
    is_by_person: bool,
    /// How late each script log is read, in seconds.
    delay: u32,
}

/// Errors that differ in numbers only are one problem.
const NAMES: [&str; 6] = ["a", "bb", "ccc", "dddd", "eeeee", "ffffff"];

/// How the files are read.
#[derive(Clone, Copy, Debug)]
enum Order {
    Live,
    RowsFirst,
    ScriptLogsFirst,
}

/// The lines of a story, each with the time at which it is read, and the errors that need a card.
fn story(reloads: &[Reload], shift: f64, order: Order) -> (String, Vec<String>) {
    let (mut rows, mut scripts, mut expected) = (Vec::new(), Vec::new(), Vec::new());
    let mut now = 0.0;
    for (number, reload) in reloads.iter().enumerate() {
        now += f64::from(reload.gap);
        let of = format!("app=a task=t{number} exec={number}");
        for (attempt, seconds) in reload.attempts.iter().enumerate() {
            let is_last = attempt + 1 == reload.attempts.len();
            let error = format!("{}{}", NAMES[number], NAMES[attempt]);
            let (began, ended) = (now, now + f64::from(*seconds));
            now = ended + 1.0;
            let written = ended + f64::from(reload.delay);
            let role = if is_last && reload.succeeds { "script-ok" } else { "script" };
            let by = if reload.is_by_person { "LAB\\anna" } else { "INTERNAL\\sa_scheduler" };
            let at = ended + shift;
            scripts.push((written, format!("{role} app=a by={by} error={error} ended={at}")));
            if is_last && !reload.succeeds {
                expected.push(error);
            }
            if reload.is_by_person {
                continue;
            }
            rows.push((began, format!("begun {of} at={began}")));
            match (is_last, reload.succeeds) {
                (true, true) => rows.push((now, format!("success {of} at={now}"))),
                (true, false) => {
                    rows.push((now, format!("attempt {of} at={now}")));
                    rows.push((now, format!("verdict {of} at={now}")));
                }
                (false, _) => rows.push((now, format!("attempt {of} at={now}"))),
            }
            now += 0.5;
        }
    }
    let lines: Vec<_> = match order {
        Order::Live => {
            let mut lines = [scripts, rows].concat();
            lines.sort_by(|one, other| one.0.total_cmp(&other.0));
            lines
        }
        Order::RowsFirst => [rows, scripts].concat(),
        Order::ScriptLogsFirst => [scripts, rows].concat(),
    };
    let read = |written: f64| if matches!(order, Order::Live) { written } else { now + 60.0 };
    let lines: Vec<_> =
        lines.into_iter().map(|(written, line)| format!("{} {line}", read(written))).collect();
    (lines.join("\n"), expected)
}

/// The reasons on the cards of new incidents, and the transcript.
fn opened(story: &str) -> (Vec<String>, String) {
    let transcript = play_with(story, 864_000.0, false, |_, _, decisions| decisions);
    let cards = transcript.lines().filter(|line| line.contains(" opened "));
    let reason = |line: &str| Some(line.split_once("held back) ")?.1.to_owned());
    (cards.filter_map(reason).collect(), transcript)
}

/// Plays a story, also with a restart after each step, and compares the reasons on its cards.
fn opens(story: &str, expected: &[&str]) {
    play(story);
    let (reasons, transcript) = opened(story);
    assert_eq!(reasons, expected, "{transcript}");
}

fn reload(
    gap: std::ops::Range<u32>,
    seconds: std::ops::Range<u32>,
    delays: &'static [u32],
) -> impl Strategy<Value = Reload> {
    let attempts = prop::collection::vec(seconds, 1..4);
    (gap, attempts, any::<bool>(), 0..3_u32, prop::sample::select(delays)).prop_map(
        |(gap, mut attempts, succeeds, who, delay)| {
            let is_by_person = who == 0;
            if is_by_person {
                attempts.truncate(1);
            }
            Reload { gap, attempts, succeeds, is_by_person, delay }
        },
    )
}

proptest! {
    /// Rows and script logs of one clock, whichever file is read first.
    #[test]
    fn each_failure_is_one_card_with_the_cause_of_its_last_attempt(
        reloads in prop::collection::vec(reload(15..400, 3..200, &[0, 2]), 1..6),
        order in prop::sample::select(vec![Order::Live, Order::RowsFirst, Order::ScriptLogsFirst]),
    ) {
        let (story, expected) = story(&reloads, 0.0, order);
        let (mut causes, transcript) = opened(&story);
        causes.sort();
        prop_assert_eq!(causes, expected, "{:?}\n{}\n{}", order, story, transcript);
    }

    /// The clock of the script logs differs: the reloads of the app are apart, and each attempt lasts
    /// longer than a script log waits for its rows.
    #[test]
    fn the_same_if_the_clock_of_script_logs_differs(
        reloads in prop::collection::vec(reload(1_500..4_000, 20..200, &[0, 2]), 1..5),
        shift in -600..600_i32,
    ) {
        let (story, expected) = story(&reloads, f64::from(shift), Order::Live);
        let (mut causes, transcript) = opened(&story);
        causes.sort();
        prop_assert_eq!(causes, expected, "{}\n{}", story, transcript);
    }
}
