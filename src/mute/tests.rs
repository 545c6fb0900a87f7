//! Transcripts in virtual time: a cause, its consequences, and the resulting notifications.

use crate::clock::Timestamp;
use crate::incident::tests::{play_through, play_with};
use crate::incident::{Decisions, IncidentBook};
use crate::mute::Mutes;

fn play(script: &str) -> String {
    play_through(script, mute)
}

/// Holds back the consequences of open causes; there are no silences.
fn mute(now: Timestamp, book: &mut IncidentBook, decisions: Decisions) -> Decisions {
    Mutes::default().hold(now, book, decisions)
}

#[test]
fn an_open_cause_holds_back_its_consequences_on_the_same_node() {
    insta::assert_snapshot!(play(
        "0   down  host=N1
         10  verdict app=a task=t exec=1 host=n1 inhibited-by=down
         20  verdict app=b task=u exec=2 host=N2 inhibited-by=down
         60  up    host=N1 closes=down severity=info
         120 verdict app=a task=t exec=3 host=N1 inhibited-by=down"
    ), @r"
    0s opened performance x1 (0 held back) Max retries reached
    13s   held back: inhibited
    23s opened reload-failed x1 (0 held back) Max retries reached
    60s recovered performance x1 (0 held back) Max retries reached; still failing: a
    123s   held back: repeat
    14460s repeated reload-failed x2 (0 held back) Max retries reached
    ");
}

#[test]
fn a_cause_not_seen_for_long_does_not_hold_back_new_failures() {
    insta::assert_snapshot!(play(
        "0    down host=N1
         1000 verdict app=a task=t exec=1 host=N1 inhibited-by=down"
    ), @r"
    0s opened performance x1 (0 held back) Max retries reached
    1003s opened reload-failed x1 (0 held back) Max retries reached
    ");
}

#[test]
fn an_inhibited_incident_exists_and_is_named_in_the_recovery_of_its_cause() {
    insta::assert_snapshot!(play(
        "0    down host=n1 key=n1
         10   verdict app=a task=t exec=1 host=n1 inhibited-by=down
         20   verdict app=b task=u exec=2 host=n1 inhibited-by=down
         30   success app=b task=u exec=3 host=n1
         60   up severity=info host=n1 key=n1 closes=down
         70   verdict app=a task=t exec=4 host=n1
         9000 success app=a task=t exec=5 host=n1"
    ), @r"
    0s opened performance x1 (0 held back) Max retries reached
    13s   held back: inhibited
    23s   held back: inhibited
    60s recovered performance x1 (0 held back) Max retries reached; still failing: a
    73s   held back: repeat
    9000s recovered reload-recovered x2 (1 held back) Max retries reached
    ");
}

#[test]
fn an_incident_that_opens_and_recovers_during_its_cause_is_not_mentioned() {
    insta::assert_snapshot!(play(
        "0   down host=n1 key=n1
         10  verdict app=a task=t exec=1 host=n1 inhibited-by=down
         20  success app=a task=t exec=2 host=n1
         60  up severity=info host=n1 key=n1 closes=down"
    ), @r"
    0s opened performance x1 (0 held back) Max retries reached
    13s   held back: inhibited
    60s recovered performance x1 (0 held back) Max retries reached
    ");
}

#[test]
fn an_incident_open_before_its_cause_is_held_back_and_named_with_it() {
    insta::assert_snapshot!(play(
        "0    verdict app=a task=t exec=1 host=n1 inhibited-by=down
         100  down host=n1 key=n1
         200  verdict app=a task=t exec=2 host=n1 inhibited-by=down
         300  up severity=info host=n1 key=n1 closes=down
         9000 success app=a task=t exec=3 host=n1"
    ), @r"
    3s opened reload-failed x1 (0 held back) Max retries reached
    100s opened performance x1 (0 held back) Max retries reached
    203s   held back: inhibited
    300s recovered performance x1 (0 held back) Max retries reached; still failing: a
    9000s recovered reload-recovered x2 (0 held back) Max retries reached
    ");
}

#[test]
fn a_cause_not_seen_for_long_releases_what_it_held_back() {
    insta::assert_snapshot!(play(
        "0    down host=n1 key=n1
         10   verdict app=a task=t exec=1 host=n1 inhibited-by=down
         2000 verdict app=a task=t exec=2 host=n1 inhibited-by=down
         2100 success app=a task=t exec=3 host=n1"
    ), @r"
    0s opened performance x1 (0 held back) Max retries reached
    13s   held back: inhibited
    2003s opened reload-failed x2 (1 held back) Max retries reached
    2100s recovered reload-recovered x2 (0 held back) Max retries reached
    ");
}

#[test]
fn a_failure_and_its_cause_in_one_step_are_reported_as_the_cause() {
    insta::assert_snapshot!(play(
        "0   verdict task=t exec=1 host=n1 inhibited-by=down
         0   down host=n1 key=n1
         10  success task=t exec=2 host=n1"
    ), @r"
    0s   held back: inhibited
    0s opened performance x1 (0 held back) Max retries reached
    ");
}

#[test]
fn a_cause_forgotten_without_an_end_releases_what_it_held_back() {
    let story = "0      down host=n1 key=n1
                 10     verdict app=a task=t exec=1 host=n1 inhibited-by=down
                 100000 up severity=info host=n2 key=n2
                 100030 up severity=info host=n2 key=n2";
    insta::assert_snapshot!(play_with(story, 200_000.0, true, mute), @r"
    0s opened performance x1 (0 held back) Max retries reached
    13s   held back: inhibited
    100000s   held back: low-severity
    14413s opened reload-failed x1 (0 held back) Max retries reached
    100030s   held back: low-severity
    ");
}
