//! The script log and the rows of one failure, written by clocks that differ or far apart.

use crate::incident::tests::play;

const SHIFTS: [i32; 12] = [-600, -150, -90, -20, 5, 10, 15, 20, 60, 130, 300, 600];

/// The script log of a task, as the fixtures write it.
const BY_SCHEDULER: &str = "by=INTERNAL\\sa_scheduler";

fn opened(transcript: &str) -> Vec<&str> {
    let cards = transcript.lines().filter(|line| line.contains(" opened "));
    cards.map(|line| line.split_once("held back) ").unwrap().1).collect()
}

/// A script log that is read at `read` and whose own time is wrong by `shift`.
fn script(read: f64, shift: i32, more: &str) -> String {
    let ended = read.min(0.0) + f64::from(shift);
    format!("{read} script app=a ended={ended} {more}")
}

fn rows(at: f64, execution: u32) -> String {
    let (attempt, verdict) = (at + 1.5, at + 1.6);
    format!(
        "{attempt} attempt app=a task=t exec={execution}
         {verdict} verdict app=a task=t exec={execution}"
    )
}

#[test]
fn one_failure_is_one_card_with_its_cause_if_the_clocks_of_its_logs_differ() {
    for by in ["", BY_SCHEDULER] {
        for shift in SHIFTS {
            for lines in
                [[script(0.0, shift, by), rows(0.0, 1)], [rows(-2.0, 1), script(0.0, shift, by)]]
            {
                let transcript = play(&lines.join("\n"));
                assert_eq!(opened(&transcript), ["Field 'A' not found"], "{lines:?}: {transcript}");
            }
        }
    }
}

/// Read in the order of their times, as in a replay: the cause may be too late for the card.
#[test]
fn one_failure_is_one_card_in_the_order_of_the_times_of_its_logs() {
    for by in ["", BY_SCHEDULER] {
        for shift in SHIFTS {
            let at = f64::from(shift) - 1.5;
            let script = format!("{at} script app=a {by}");
            let row = "0 verdict app=a task=t exec=1".to_owned();
            let mut lines = [row, script];
            if shift < 2 {
                lines.reverse();
            }
            let transcript = play(&lines.join("\n"));
            assert_eq!(opened(&transcript).len(), 1, "{lines:?}: {transcript}");
        }
    }
}

#[test]
fn rows_that_are_written_long_after_their_script_log_make_no_second_card() {
    for seconds in [125, 300, 600] {
        let transcript = play(&format!(
            "0 script app=a {BY_SCHEDULER}
             {seconds} verdict app=a task=t exec=1"
        ));
        assert_eq!(opened(&transcript), ["Field 'A' not found"], "{seconds}: {transcript}");
        assert!(transcript.contains("same-run"), "{transcript}");
    }
}

#[test]
fn two_failures_of_an_app_stay_two_if_the_clocks_of_its_logs_differ() {
    let second =
        |read: f64, shift: f64| format!("{read} script app=a ended={} error=second", 180.0 + shift);
    let success = "100 success app=a task=t exec=9\n101 script-ok app=a";
    for shift in [-600, -250, -180, -60, -20, 10, 60, 130, 600] {
        let late = f64::from(shift);
        for between in ["", success] {
            let one_by_one = [
                [
                    script(0.0, shift, "error=first"),
                    rows(0.0, 1),
                    between.into(),
                    second(180.0, late),
                    rows(180.0, 2),
                ],
                [
                    rows(-2.0, 1),
                    script(0.0, shift, "error=first"),
                    between.into(),
                    rows(178.0, 2),
                    second(180.0, late),
                ],
            ];
            for lines in one_by_one {
                let lines: Vec<_> = lines.iter().filter(|line| !line.is_empty()).cloned().collect();
                let transcript = play(&lines.join("\n"));
                assert_eq!(opened(&transcript), ["first", "second"], "{lines:?}: {transcript}");
            }
        }
    }
}

#[test]
fn two_failures_of_an_app_that_are_read_at_once_keep_their_own_causes() {
    for shift in [-60.0, -20.0, 10.0, 20.0, 60.0, 600.0] {
        let scripts = [
            format!("900 script app=a ended={} error=first", shift - 1.5),
            format!("900 script app=a ended={} error=second", shift + 178.5),
        ];
        let rows =
            ["900 verdict app=a task=t exec=1 at=0", "900 verdict app=a task=u exec=2 at=180"];
        for order in [
            [&scripts[0], &scripts[1], rows[0], rows[1]],
            [&scripts[1], &scripts[0], rows[1], rows[0]],
            [rows[0], rows[1], &scripts[0], &scripts[1]],
            [rows[1], &scripts[0], rows[0], &scripts[1]],
        ] {
            let transcript = play(&order.join("\n"));
            let mut causes = opened(&transcript);
            causes.sort_unstable();
            assert_eq!(causes, ["first", "second"], "{order:?}: {transcript}");
        }
    }
}

#[test]
fn what_a_person_reloaded_is_no_script_log_of_a_task_whose_times_are_far() {
    insta::assert_snapshot!(play(
        "0   verdict app=a task=t exec=1
         60  script  app=a by=LAB\\anna
         400 script  app=b by=LAB\\anna
         600 verdict app=b task=u exec=2"
    ), @r"
    3s opened reload-failed x1 (0 held back) Max retries reached
    63s opened reload-failed-outside-task x1 (0 held back) Field 'A' not found
    403s opened reload-failed-outside-task x1 (0 held back) Field 'A' not found
    603s opened reload-failed x1 (0 held back) Max retries reached
    ");
}

#[test]
fn a_script_log_of_another_clock_after_a_success_is_another_failure() {
    insta::assert_snapshot!(play(
        "0   verdict app=a task=t exec=1
         100 success app=a task=t exec=2
         200 script  app=a
         260 script-ok app=a
         300 script  app=b
         400 script-ok app=b
         500 verdict app=b task=u exec=3"
    ), @r"
    3s opened reload-failed x1 (0 held back) Max retries reached
    100s recovered reload-recovered x1 (0 held back) Max retries reached
    203s opened reload-failed-outside-task x1 (0 held back) Field 'A' not found
    260s recovered reload-recovered x1 (0 held back) Field 'A' not found
    303s opened reload-failed-outside-task x1 (0 held back) Field 'A' not found
    400s recovered reload-recovered x1 (0 held back) Field 'A' not found
    503s opened reload-failed x1 (0 held back) Max retries reached
    ");
}

#[test]
fn retries_with_another_clock_are_one_run_that_its_last_script_log_explains() {
    insta::assert_snapshot!(play(
        "0     script  app=a by=INTERNAL\\sa_scheduler error=first ended=60
         1.5   attempt app=a task=t exec=1
         2     begun   app=a task=t exec=1
         300   script  app=a by=INTERNAL\\sa_scheduler error=second ended=360
         301.5 attempt app=a task=t exec=1
         301.6 verdict app=a task=t exec=1
         900   script  app=a by=INTERNAL\\sa_scheduler error=first ended=960
         901.5 attempt app=a task=t exec=2
         902   begun   app=a task=t exec=2
         990   success app=a task=t exec=2"
    ), @r"
    1.5s   held back: attempt
    15s   held back: attempt
    301.5s   held back: attempt
    304.6s   held back: same-run
    304.6s opened reload-failed x1 (0 held back) second
    901.5s   held back: attempt
    915s   held back: attempt
    990s recovered reload-recovered x1 (0 held back) second
    ");
}

#[test]
fn a_failed_attempt_before_a_success_sends_nothing_if_clocks_differ() {
    insta::assert_snapshot!(play(
        "0   script  app=a by=INTERNAL\\sa_scheduler ended=60
         1.5 attempt app=a task=t exec=1
         2   begun   app=a task=t exec=1
         9   success app=a task=t exec=1"
    ), @r"
    1.5s   held back: attempt
    9s   held back: same-run
    ");
}
