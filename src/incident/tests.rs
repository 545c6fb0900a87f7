//! Scripts in virtual time: rows in, a transcript of notices and suppressions out.

use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use jiff::SignedDuration;

use crate::clock::Timestamp;
use crate::commit::StoredRows;
use crate::detection::{
    Condition, Detection, Facts, Kind, Origin, Overdue, Role, Rule, ScriptFacts, Severity, Terms,
    Threshold, Words,
};
use crate::incident::{Decisions, IncidentBook, Notice, Policy};
use crate::qlik::stamp::Stamp;

pub(crate) fn at(seconds: f64) -> Timestamp {
    let millis = SignedDuration::from_secs_f64(seconds);
    "2026-11-23T06:00:00Z".parse::<Timestamp>().unwrap() + millis
}

pub(crate) fn book(rows: &StoredRows) -> IncidentBook {
    let policy = Policy {
        environment: Some("prod".into()),
        settle: SignedDuration::from_secs(3),
        repeat: SignedDuration::from_hours(4),
    };
    IncidentBook::restore(policy, rows)
}

/// Parses `12 verdict task=A exec=1 app=x`: seconds, pattern, and the facts of the row.
pub(crate) fn detection(line: &str) -> (f64, Detection) {
    let mut words = line.split_whitespace();
    let seconds: f64 = words.next().unwrap().parse().unwrap();
    let what = words.next().unwrap();
    let (role, kind) = match what {
        "verdict" => (Role::Verdict, Kind::ReloadFailed),
        "abort" => (Role::Verdict, Kind::ReloadAborted),
        "no-start" => (Role::Verdict, Kind::TaskNotStarted),
        "attempt" => (Role::Attempt, Kind::ReloadFailed),
        "begun" => (Role::AttemptStarted, Kind::ReloadFailed),
        "retry" => (Role::AttemptRetried, Kind::ReloadFailed),
        "success" => (Role::Success, Kind::ReloadRecovered),
        "script" => (Role::ScriptFailed, Kind::ReloadFailedOutsideTask),
        "script-ok" => (Role::ScriptSucceeded, Kind::ReloadRecovered),
        "start" => (Role::Start, Kind::Performance),
        _ => (Role::Standalone, Kind::Performance),
    };
    let mut facts = Facts { message: Some("Max retries reached".into()), ..Facts::default() };
    let mut script = ScriptFacts {
        path: "s.log".into(),
        started: None,
        ended: Some(at(seconds)),
        ended_or: None,
        executed_by: None,
        error: Some("Field 'A' not found".into()),
        ..ScriptFacts::default()
    };
    let mut when = at(seconds);
    let mut severity = Severity::Error;
    let mut terms = Terms::default();
    if role == Role::ScriptFailed {
        terms.final_after = Some(SignedDuration::from_mins(2));
    }
    let mut log = String::new();
    let mut group = Some(String::new());
    let mut key = None;
    for word in words {
        let (name, value) = word.split_once('=').unwrap();
        let text = value.replace('+', " ");
        let value = Some(text.clone());
        match name {
            "task" => facts.task_id = value.map(Into::into),
            "exec" => facts.execution_id = value.map(Into::into),
            "app" => facts.app_id = value.map(Into::into),
            "by" => script.executed_by = value,
            "error" => script.error = value,
            "message" => facts.message = value,
            "ended" => {
                when = at(value.and_then(|seconds| seconds.parse().ok()).unwrap());
                script.ended = Some(when);
            }
            "at" => when = at(text.parse().unwrap()),
            "or" => {
                facts.at_or = Some(at(text.parse().unwrap()));
                script.ended_or = facts.at_or;
            }
            "severity" => severity = Severity::Info,
            "host" => facts.host = value,
            "user" => facts.user = value,
            "key" => key = Some(text),
            "log" => log = text,
            "group" => group = value.filter(|group| group != "-"),
            "threshold" => {
                let (count, within) = text.split_once('/').unwrap();
                let within = SignedDuration::from_secs(within.parse().unwrap());
                terms.threshold = Some(Threshold { count: count.parse().unwrap(), within });
            }
            "many" => terms.in_many_logs = true,
            "same-as" => terms.same_as = value.map(Into::into),
            "closes" => terms.closes.extend(value.map(Into::into)),
            "inhibited-by" => terms.suppressed_by.extend(value.map(Into::into)),
            "overdue" => terms.overdue = seconds_of(value),
            "final" => terms.final_after = seconds_of(value.filter(|value| value != "never")),
            "node" => facts.executing_node = value,
            "learned" => terms.learned = true,
            "max-age" => terms.max_age = seconds_of(value),
            _ => panic!("unknown word {word}"),
        }
    }
    let is_script = matches!(role, Role::ScriptFailed | Role::ScriptSucceeded);
    let words = Words { title: what.to_owned(), ..Words::default() };
    let (words, terms) = (Arc::new(words), Arc::new(terms));
    let from_pattern = Rule { pattern: what.into(), kind, role, severity, words, terms };
    let origin = Origin::Log { log: log.into(), path: "f".into(), offset: offset(line) };
    let stamp = Stamp { at: when, or: facts.at_or };
    let mut detection = Detection::of_log(from_pattern, origin, Some(stamp), (key, group), facts);
    detection.environment = Some("prod".into());
    detection.script = is_script.then_some(script);
    (seconds, detection)
}

/// Differs for different lines; longer ones stand later.
fn offset(line: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    line.hash(&mut hasher);
    (line.len() as u64) << 32 | hasher.finish() >> 32
}

fn seconds_of(value: Option<String>) -> Option<SignedDuration> {
    value.map(|seconds| SignedDuration::from_secs(seconds.parse().unwrap()))
}

/// A stage of the pipeline after the incidents.
pub(crate) type Stage = fn(Timestamp, &mut IncidentBook, Decisions) -> Decisions;

/// Plays a script of rows; between them, time jumps to each wakeup. With `crash`, the book is
/// stored and restored after every step.
pub(crate) fn play_with(script: &str, until: f64, crash: bool, stage: Stage) -> String {
    let mut rows = StoredRows::default();
    let mut book = book(&rows);
    let mut transcript = String::new();
    let mut steps: Vec<(f64, Detection)> = script.lines().map(str::trim).map(detection).collect();
    steps.reverse();
    let mut last_wakeup = None;
    loop {
        let next_row = steps.last().map(|(seconds, _)| at(*seconds));
        let wakeup = book.next_wakeup();
        let Some(now) = [next_row, wakeup].into_iter().flatten().min() else { break };
        if now > at(until) {
            break;
        }
        let mut detections = Vec::new();
        while steps.last().is_some_and(|(seconds, _)| at(*seconds) == now) {
            detections.push(steps.pop().unwrap().1);
        }
        assert!(
            !detections.is_empty() || last_wakeup != Some(now),
            "woken twice at {now} without work"
        );
        last_wakeup = Some(now);
        let decisions = book.step(now, detections);
        let decisions = stage(now, &mut book, decisions);
        let seconds = now.duration_since(at(0.0)).as_secs_f64();
        for held in &decisions.suppressed {
            writeln!(transcript, "{seconds}s   held back: {}", held.why.name()).unwrap();
        }
        for notice in &decisions.notices {
            book.note_notified(&notice.fingerprint, &["ops".into()]);
            let still: Vec<&str> =
                notice.still_failing.iter().filter_map(|one| one.name.as_deref()).collect();
            let still = if still.is_empty() {
                String::new()
            } else {
                format!("; still failing: {}", still.join(", "))
            };
            writeln!(
                transcript,
                "{seconds}s {} {} x{} ({} held back) {}{still}",
                notice.reason.name(),
                notice.kind.name(),
                notice.count,
                notice.held_back,
                reason(notice),
            )
            .unwrap();
        }
        rows.apply(book.take_changes());
        if crash {
            book = self::book(&rows);
        }
    }
    transcript
}

/// The reason in a notice.
fn reason(notice: &Notice) -> String {
    match &notice.condition {
        Condition::Overdue(Overdue { within, usually: None }) => {
            format!("overdue after {within:#}")
        }
        Condition::Overdue(Overdue { within, usually: Some(usually) }) => {
            format!("overdue after {within:#}, usually {usually:#}")
        }
        _ => notice.error.clone(),
    }
}

/// The transcript of one day; it must be the same if the agent is killed at every step.
pub(crate) fn play(script: &str) -> String {
    play_through(script, |_, _, decisions| decisions)
}

/// The same with a stage after the incidents.
pub(crate) fn play_through(script: &str, stage: Stage) -> String {
    let transcript = play_with(script, 86_400.0, false, stage);
    assert_eq!(
        play_with(script, 86_400.0, true, stage),
        transcript,
        "a restart changed the transcript"
    );
    transcript
}

mod attempts;
mod clocks;
mod cloud;
mod endings;
mod language;
mod late;
mod presumed;
mod reading;
mod repeated_hour;
mod retries;
mod reworded;
mod rows;
mod unread;

#[test]
fn the_rows_of_one_failure_make_one_card() {
    insta::assert_snapshot!(play(
        "0   script  app=a
         1.5 attempt app=a task=t exec=1
         1.6 verdict app=a task=t exec=1
         1.7 verdict app=a task=t exec=1 message=Task+finished+with+state+FinishedFail"
    ), @r"
    1.5s   held back: attempt
    1.6s opened reload-failed x1 (0 held back) Field 'A' not found
    1.7s   held back: same-run
    ");
}

#[test]
fn a_verdict_waits_for_its_script_log_for_a_limited_time() {
    insta::assert_snapshot!(play(
        "0  verdict app=a task=t exec=1
         2  script  app=a
         60 verdict app=b task=u exec=2"
    ), @r"
    2s   held back: same-run
    2s opened reload-failed x1 (0 held back) Field 'A' not found
    63s opened reload-failed x1 (0 held back) Max retries reached
    ");
}

#[test]
fn a_script_log_read_after_its_card_makes_no_second_card() {
    insta::assert_snapshot!(play(
        "0 verdict app=a task=t exec=1
         9 script  app=a ended=-1"
    ), @r"
    3s opened reload-failed x1 (0 held back) Max retries reached
    9s   held back: late-script-log
    ");
}

#[test]
fn a_failed_attempt_before_a_success_sends_nothing() {
    insta::assert_snapshot!(play(
        "0   script  app=a by=INTERNAL\\sa_scheduler
         1.5 attempt app=a task=t exec=1
         60  success app=a task=t exec=1"
    ), @"1.5s   held back: attempt");
}

#[test]
fn the_last_attempt_explains_the_verdict() {
    insta::assert_snapshot!(play(
        "0   script  app=a by=INTERNAL\\sa_scheduler error=first
         1.5 attempt app=a task=t exec=1
         2   begun   app=a task=t exec=1
         300 script  app=a by=INTERNAL\\sa_scheduler error=second
         301 attempt app=a task=t exec=1
         302 verdict app=a task=t exec=1"
    ), @r"
    1.5s   held back: attempt
    301s   held back: attempt
    302s opened reload-failed x1 (0 held back) second
    ");
}

#[test]
fn a_failed_script_without_rows_is_a_reload_outside_a_task() {
    insta::assert_snapshot!(play("0 script app=a by=LAB\\anna
         600 script-ok app=a"), @r"
    3s opened reload-failed-outside-task x1 (0 held back) Field 'A' not found
    600s recovered reload-recovered x1 (0 held back) Field 'A' not found
    ");
}

#[test]
fn a_scheduled_script_waits_longer_for_its_rows() {
    insta::assert_snapshot!(play(
        "0   script  app=a by=INTERNAL\\sa_scheduler
         10  verdict app=a task=t exec=1
         100 script  app=b by=INTERNAL\\sa_scheduler"
    ), @r"
    13s opened reload-failed x1 (0 held back) Field 'A' not found
    115s opened reload-failed x1 (0 held back) Field 'A' not found
    ");
}

#[test]
fn rows_read_after_the_card_of_their_script_make_no_second_card() {
    insta::assert_snapshot!(play(
        "0  script  app=a by=LAB\\anna
         5  verdict app=a task=t exec=1"
    ), @r"
    3s opened reload-failed-outside-task x1 (0 held back) Field 'A' not found
    5s   held back: same-run
    ");
}

#[test]
fn aborted_and_then_failed_is_one_run_and_one_card() {
    insta::assert_snapshot!(play(
        "0 abort   app=a task=t exec=1 message=Execution+State+Change+to+Aborting
         1 verdict app=a task=t exec=1"
    ), @r"
    1s   held back: same-run
    3s opened reload-aborted x1 (0 held back) Execution State Change to Aborting
    ");
}

#[test]
fn a_task_that_cannot_start_does_not_wait() {
    insta::assert_snapshot!(play("0 no-start app=a task=t exec=1 message=Failed+to+start+session"),
        @"0s opened task-not-started x1 (0 held back) Failed to start session");
}

#[test]
fn repeats_are_counted_and_notified_after_the_repeat_time() {
    insta::assert_snapshot!(play(
        "0     verdict app=a task=t exec=1
         3600  verdict app=a task=t exec=2
         7200  verdict app=a task=t exec=3
         20000 verdict app=a task=t exec=4
         50000 success app=a task=t exec=5"
    ), @r"
    3s opened reload-failed x1 (0 held back) Max retries reached
    3603s   held back: repeat
    7203s   held back: repeat
    14403s repeated reload-failed x3 (1 held back) Max retries reached
    20003s   held back: repeat
    43203s repeated reload-failed x4 (0 held back) Max retries reached
    50000s recovered reload-recovered x4 (0 held back) Max retries reached
    ");
}

#[test]
fn another_error_of_the_same_task_is_another_incident_and_one_recovery_ends_both() {
    insta::assert_snapshot!(play(
        "0    script  app=a error=Table+not+found
         1    verdict app=a task=t exec=1
         600  script  app=a error=Connector+reply+error
         601  verdict app=a task=t exec=2
         1200 success app=a task=t exec=3"
    ), @r"
    1s opened reload-failed x1 (0 held back) Table not found
    601s opened reload-failed x1 (0 held back) Connector reply error
    1200s recovered reload-recovered x2 (0 held back) Connector reply error
    ");
}

#[test]
fn a_success_of_an_unknown_task_sends_nothing() {
    insta::assert_snapshot!(play("0 success app=a task=t exec=1"), @"");
}

#[test]
fn a_failure_read_together_with_a_later_success_is_notified_first() {
    insta::assert_snapshot!(play(
        "0 verdict app=a task=t exec=1 ended=-3600
         0 success app=a task=t exec=2"
    ), @r"
    3s opened reload-failed x1 (0 held back) Max retries reached
    3s recovered reload-recovered x1 (0 held back) Max retries reached
    ");
}

#[test]
fn a_backlog_joins_each_script_log_to_the_run_of_its_own_night() {
    insta::assert_snapshot!(play(
        "0 verdict app=a task=t exec=1 ended=-90000
         0 verdict app=a task=t exec=2 ended=-3600
         0 script  app=a ended=-3601.5 error=second+night
         0 script  app=a ended=-90001.5 error=first+night"
    ), @r"
    0s   held back: same-run
    0s   held back: same-run
    0s opened reload-failed x1 (0 held back) first night
    0s opened reload-failed x1 (0 held back) second night
    ");
}

#[test]
fn a_storm_of_one_problem_is_one_card_and_one_count() {
    let storm: Vec<String> = (0..50).map(|n| format!("{n} memory")).collect();
    let transcript = play(&storm.join("\n"));
    let transcript: Vec<&str> =
        transcript.lines().filter(|line| !line.contains("held back:")).collect();
    insta::assert_snapshot!(transcript.join("\n"), @r"
    0s opened performance x1 (0 held back) Max retries reached
    14400s repeated performance x50 (48 held back) Max retries reached
    ");
}

#[test]
fn a_detection_of_severity_info_is_held_back() {
    insta::assert_snapshot!(play("0 memory severity=info"), @"0s   held back: low-severity");
}

#[test]
fn a_task_without_an_app_is_not_called_a_reload() {
    insta::assert_snapshot!(play("0 verdict task=t exec=1"),
        @"0s opened task-failed x1 (0 held back) Max retries reached");
}

#[test]
fn rows_without_an_execution_id_are_joined_by_task_and_time() {
    insta::assert_snapshot!(play(
        "0    attempt app=a task=t
         1    verdict app=a task=t
         2    verdict app=a task=t
         3600 attempt app=a task=t
         3601 verdict app=a task=t"
    ), @r"
    0s   held back: attempt
    2s   held back: same-run
    4s opened reload-failed x1 (0 held back) Max retries reached
    3600s   held back: attempt
    3604s   held back: repeat
    14404s repeated reload-failed x2 (0 held back) Max retries reached
    ");
}

#[test]
fn a_script_log_read_before_its_rows_is_not_assigned_to_the_previous_run() {
    insta::assert_snapshot!(play(
        "0   script  app=a ended=0
         0   verdict app=a task=t exec=1
         4   script  app=a ended=4 error=Field+'B'+not+found
         4.5 verdict app=a task=t exec=2"
    ), @r"
    0s opened reload-failed x1 (0 held back) Field 'A' not found
    4.5s opened reload-failed x1 (0 held back) Field 'B' not found
    ");
}

#[test]
fn two_runs_of_an_app_read_at_once_keep_their_own_script_logs() {
    insta::assert_snapshot!(play(
        "9 script  app=a ended=0
         9 script  app=a ended=4 error=Field+'B'+not+found
         9 verdict app=a task=t exec=1 at=0
         9 verdict app=a task=t exec=2 at=4"
    ), @r"
    9s opened reload-failed x1 (0 held back) Field 'A' not found
    9s opened reload-failed x1 (0 held back) Field 'B' not found
    ");
    insta::assert_snapshot!(play(
        "9 verdict app=a task=t exec=1 at=0
         9 verdict app=a task=t exec=2 at=4
         9 script  app=a ended=4 error=Field+'B'+not+found
         9 script  app=a ended=0"
    ), @r"
    9s   held back: same-run
    9s   held back: same-run
    9s opened reload-failed x1 (0 held back) Field 'A' not found
    9s opened reload-failed x1 (0 held back) Field 'B' not found
    ");
    insta::assert_snapshot!(play(
        "9 script  app=a ended=0
         9 verdict app=a task=t exec=1 at=0
         9 script  app=a ended=4 error=Field+'B'+not+found
         9 verdict app=a task=t exec=2 at=4"
    ), @r"
    9s opened reload-failed x1 (0 held back) Field 'A' not found
    9s opened reload-failed x1 (0 held back) Field 'B' not found
    ");
}

#[test]
fn a_late_script_log_of_an_earlier_attempt_belongs_to_its_run() {
    insta::assert_snapshot!(play(
        "0   script  app=a ended=0
         0.5 verdict app=a task=t exec=1
         2   script  app=a ended=-40 error=Field+'B'+not+found"
    ), @r"
    0.5s opened reload-failed x1 (0 held back) Field 'A' not found
    2s   held back: late-script-log
    ");
}

#[test]
fn a_failure_without_its_script_log_counts_for_the_incident_of_its_task() {
    insta::assert_snapshot!(play(
        "0    script  app=a ended=0
         0.5  verdict app=a task=t exec=1
         3600 verdict app=a task=t exec=2
         7200 verdict app=a task=t exec=3 message=The+engine+is+gone
         7300 verdict app=a task=u exec=4"
    ), @r"
    0.5s opened reload-failed x1 (0 held back) Field 'A' not found
    3603s   held back: repeat
    7203s opened reload-failed x1 (0 held back) The engine is gone
    7303s opened reload-failed x1 (0 held back) Max retries reached
    14400.5s repeated reload-failed x2 (0 held back) Field 'A' not found
    ");
}
