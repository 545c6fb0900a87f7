//! Escalation: where incidents go that nobody has acknowledged.

use super::*;
use crate::pipeline::ReadingProgress;

fn world() -> World {
    World { escalations: vec!["severity=error after=900 channel=boss"], ..World::default() }
}

#[test]
fn what_nobody_acknowledges_is_escalated_once() {
    insta::assert_snapshot!(world().play(
        "0     verdict app=a task=t exec=1
         2000  verdict app=a task=t exec=2
         20000 success app=a task=t exec=3"
    ), @r"
    3s default opened: Reload failed: a: Max retries reached
    903s boss escalated: Not acknowledged: Reload failed: a: Max retries reached
    2003s   a held back: repeat
    14403s default repeated: Reload still fails: a: Max retries reached
    20000s default+boss recovered: Recovered: a reloads again
    ");
}

#[test]
fn the_rule_that_is_due_says_whom_to_call() {
    let world = World {
        escalations: vec![
            "app=a,b after=7200 channel=boss mention=manager@example.com",
            "app=a severity=error after=900 channel=boss mention=anna@example.com",
            "app=a after=7200 channel=other",
        ],
        ..World::default()
    };
    insta::assert_snapshot!(world.play(
        "0     verdict app=a task=t exec=1
         0     verdict app=b task=u exec=2
         7000  ack app=b
         20000 success app=a task=t exec=3"
    ), @r"
    3s default opened: Reload failed: a: Max retries reached
    3s default opened: Reload failed: b: Max retries reached
    903s boss escalated: Not acknowledged: Reload failed: a: Max retries reached @anna@example.com
    7000s ack: applied
    7203s other escalated: Not acknowledged: Reload failed: a: Max retries reached
    20000s default+boss+other recovered: Recovered: a reloads again
    ");
}

#[test]
fn a_clock_that_is_set_back_escalates_nothing_again() {
    insta::assert_snapshot!(world().play(
        "0     verdict app=a task=t exec=1
         5000  states
         100   verdict app=b task=u exec=2
         200   success app=b task=u exec=3"
    ), @r"
    3s default opened: Reload failed: a: Max retries reached
    903s boss escalated: Not acknowledged: Reload failed: a: Max retries reached
    5000s a open
    103s default opened: Reload failed: b: Max retries reached
    200s default recovered: Recovered: b reloads again
    ");
}

#[test]
fn an_acknowledgement_or_a_recovery_in_time_stops_it() {
    insta::assert_snapshot!(world().play(
        "0     verdict app=a task=t exec=1
         0     verdict app=b task=u exec=2
         899   ack app=a
         900   success app=b task=u exec=3"
    ), @r"
    3s default opened: Reload failed: a: Max retries reached
    3s default opened: Reload failed: b: Max retries reached
    899s ack: applied
    900s default recovered: Recovered: b reloads again
    ");
}

#[test]
fn who_takes_it_no_more_starts_the_time_again() {
    insta::assert_snapshot!(world().play(
        "0     verdict app=a task=t exec=1
         60    ack app=a
         3600  unack app=a"
    ), @r"
    3s default opened: Reload failed: a: Max retries reached
    60s ack: applied
    3600s unack: applied
    4500s boss escalated: Not acknowledged: Reload failed: a: Max retries reached
    ");
}

#[test]
fn what_is_silenced_is_escalated_only_after_the_silence() {
    insta::assert_snapshot!(world().play(
        "0     verdict app=a task=t exec=1
         60    silence app=a for=7200
         3600  states"
    ), @r"
    3s default opened: Reload failed: a: Max retries reached
    60s silence: applied
    3600s a silenced
    7260s default repeated: After a silence: Reload still fails: a: Max retries reached
    8160s boss escalated: Not acknowledged: Reload failed: a: Max retries reached
    ");
}

#[test]
fn a_reopened_incident_is_escalated_again() {
    insta::assert_snapshot!(world().play(
        "0     verdict app=a task=t exec=1
         3600  success app=a task=t exec=2
         9000  verdict app=a task=t exec=3"
    ), @r"
    3s default opened: Reload failed: a: Max retries reached
    903s boss escalated: Not acknowledged: Reload failed: a: Max retries reached
    3600s default+boss recovered: Recovered: a reloads again
    9003s default opened: Reload failed: a: Max retries reached
    9903s boss escalated: Not acknowledged: Reload failed: a: Max retries reached
    ");
}

#[test]
fn two_rules_escalate_in_steps_and_each_channel_hears_once() {
    let world = World {
        escalations: vec![
            "severity=error after=900 channel=boss",
            "app=a after=1800 channel=director",
            "app=a after=2700 channel=boss",
        ],
        ..World::default()
    };
    insta::assert_snapshot!(world.play("0 verdict app=a task=t exec=1"), @r"
    3s default opened: Reload failed: a: Max retries reached
    903s boss escalated: Not acknowledged: Reload failed: a: Max retries reached
    1803s director escalated: Not acknowledged: Reload failed: a: Max retries reached
    ");
}

#[test]
fn a_warning_is_not_escalated_by_a_rule_for_errors() {
    insta::assert_snapshot!(world().play("0 memory host=n1 severity=warning"), @"0s default opened: Performance: memory: Max retries reached");
}

#[test]
fn what_a_cause_holds_back_is_not_escalated_until_it_is_free() {
    insta::assert_snapshot!(world().play(
        "0     down host=n1
         10    verdict app=a task=t exec=1 host=n1 inhibited-by=down
         60    ack app=n1
         3600  up host=n1 closes=down severity=info"
    ), @r"
    0s default opened: Performance: down: Max retries reached
    13s   a held back: inhibited
    60s ack: applied
    900s boss escalated: Not acknowledged: Performance: down: Max retries reached
    3600s default+boss recovered: Recovered: Performance: down; still failing: a
    ");
}

#[test]
fn what_is_seen_again_and_again_without_an_end_is_escalated() {
    let world =
        World { escalations: vec!["severity=error after=1800 channel=boss"], ..World::default() };
    insta::assert_snapshot!(world.play(
        "0     crash host=n1
         1200  crash host=n1
         2400  crash host=n1"
    ), @r"
    0s default opened: Performance: crash: Max retries reached
    1200s   n1 held back: repeat
    1800s boss escalated: Not acknowledged: Performance: crash: Max retries reached
    2400s   n1 held back: repeat
    14400s default repeated: Still: crash: Max retries reached
    ");
}

#[test]
fn what_a_recovered_cause_leaves_open_is_escalated() {
    insta::assert_snapshot!(world().play(
        "0     down host=n1 key=x
         5     ack app=n1
         10    verdict app=a task=t exec=1 host=n1 inhibited-by=down
         60    up host=n1 key=x closes=down severity=info"
    ), @r"
    0s default opened: Performance: down: Max retries reached
    5s ack: applied
    13s   a held back: inhibited
    60s default recovered: Recovered: Performance: down; still failing: a
    960s boss escalated: Not acknowledged: Reload failed: a: Max retries reached
    ");
}

#[test]
fn all_that_are_open_after_a_silence_are_escalated_and_a_critical_has_its_own_card() {
    insta::assert_snapshot!(world().play(
        "0     silence app=a,b,c for=3600
         100   verdict app=a task=t exec=1
         200   verdict app=b task=u exec=2
         300   verdict app=c task=v exec=3 severity=critical"
    ), @r"
    0s silence: applied
    103s   a held back: silenced
    203s   b held back: silenced
    303s   c held back: silenced
    3600s default opened: After a silence: Reload failed: b: Max retries reached
    3600s default opened: After a silence: Reload failed: c: Max retries reached
    4500s boss escalated: Not acknowledged: Reload failed: a: Max retries reached
    4500s boss escalated: Not acknowledged: Reload failed: b: Max retries reached
    ");
}

#[test]
fn a_silence_stops_the_escalation_of_what_was_not_seen_lately() {
    let world =
        World { escalations: vec!["severity=error after=1800 channel=boss"], ..World::default() };
    insta::assert_snapshot!(world.play(
        "0     denied host=n1 key=x
         1200  silence node=n1 kind=security for=36000"
    ), @r"
    0s default opened: Security: denied: Max retries reached
    1200s silence: applied
    ");
}

#[test]
fn an_acknowledgement_in_the_second_of_the_escalation_wins_only_if_it_is_first() {
    insta::assert_snapshot!(world().play(
        "0 verdict app=a task=t exec=1
         0 verdict app=b task=u exec=2
         903 ack app=a
         904 ack app=b"
    ), @r"
    3s default opened: Reload failed: a: Max retries reached
    3s default opened: Reload failed: b: Max retries reached
    903s ack: applied
    903s boss escalated: Not acknowledged: Reload failed: b: Max retries reached
    904s ack: applied
    ");
}

#[test]
fn a_recovery_goes_to_every_channel_that_heard_of_it() {
    let world = World {
        escalations: vec![
            "severity=error after=900 channel=boss",
            "severity=error after=1800 channel=director",
        ],
        ..World::default()
    };
    insta::assert_snapshot!(world.play(
        "0 verdict app=a task=t exec=1
         9000 success app=a task=t exec=2"
    ), @r"
    3s default opened: Reload failed: a: Max retries reached
    903s boss escalated: Not acknowledged: Reload failed: a: Max retries reached
    1803s director escalated: Not acknowledged: Reload failed: a: Max retries reached
    9000s default+boss+director recovered: Recovered: a reloads again
    ");
}

#[test]
fn what_recovers_and_fails_again_starts_the_time_again() {
    insta::assert_snapshot!(world().play(
        "0 verdict app=a task=t exec=1
         600 success app=a task=t exec=2
         800 verdict app=a task=t exec=3"
    ), @r"
    3s default opened: Reload failed: a: Max retries reached
    600s default recovered: Recovered: a reloads again
    803s default opened: Flapping: Reload failed: a: Max retries reached
    1703s boss escalated: Not acknowledged: Reload failed: a: Max retries reached
    ");
}

/// What `before` says, then an absence until 20,000 s, of which the logs say `row`.
fn away(world: &World, before: &[&str], row: Option<&str>) -> String {
    let mut play = Play::new(world, false);
    for line in before {
        let now = at(line.split_whitespace().next().unwrap().parse().unwrap());
        play.wait_until(now);
        play.line(now, line);
    }
    play.wait_until(at(100.0));
    play.decider = world.decider(&play.rows);
    play.decider.book.resume(at(20_000.0));
    play.now = at(20_000.0);
    assert!(play.decider.next_wakeup().is_none_or(|due| due > at(20_000.0)));
    let (commit, _) = play.decider.decide(play.now, Findings::default(), Vec::new());
    play.note(commit);
    let detections = row.map(|row| detection(row).1).into_iter().collect();
    let until = Some(at(20_000.5));
    let reading = ReadingProgress { until, got_on: true, ..ReadingProgress::default() };
    play.now = at(20_001.0);
    let (commit, _) = play.decider.decide(
        play.now,
        Findings { detections, reading, ..Findings::default() },
        Vec::new(),
    );
    play.note(commit);
    play.wait_until(at(20_004.0));
    play.transcript
}

/// After an absence, an incident may be over in what has not been read yet.
#[test]
fn what_is_over_in_unread_logs_is_neither_escalated_nor_repeated_after_a_restart() {
    let failed = "0 verdict app=a task=t exec=1";
    let over = Some("5000 success app=a task=t exec=2");
    insta::assert_snapshot!(away(&world(), &[failed], over), @r"
    3s default opened: Reload failed: a: Max retries reached
    20001s default recovered: Recovered: a reloads again
    ");
    insta::assert_snapshot!(away(&world(), &[failed], None), @r"
    3s default opened: Reload failed: a: Max retries reached
    20001s boss escalated: Not acknowledged: Reload failed: a: Max retries reached
    ");
}

/// The end of a silence comes first, and begins the time to be escalated again.
#[test]
fn a_silence_that_ended_during_an_absence_is_reported_before_anything_escalates() {
    let before = ["0 verdict app=a task=t exec=1", "50 silence app=a for=3600"];
    let failed = Some("5000 verdict app=a task=t exec=2");
    insta::assert_snapshot!(away(&world(), &before, failed), @r"
    3s default opened: Reload failed: a: Max retries reached
    50s silence: applied
    20001s default repeated: After a silence: Reload still fails: a: Max retries reached
    ");
    insta::assert_snapshot!(away(&world(), &before, None), @r"
    3s default opened: Reload failed: a: Max retries reached
    50s silence: applied
    20001s default repeated: After a silence: Reload still fails: a: Max retries reached
    ");
    let over = Some("5000 success app=a task=t exec=2");
    insta::assert_snapshot!(away(&world(), &before, over), @r"
    3s default opened: Reload failed: a: Max retries reached
    50s silence: applied
    20001s default recovered: Recovered: a reloads again
    ");
}

/// What reopened in the unread logs is theirs who took care while the agent was stopped.
#[test]
fn an_acknowledgement_given_during_an_absence_holds_for_what_reopened_in_it() {
    let world = world();
    let mut play = Play::new(&world, false);
    play.line(at(0.0), "0 verdict app=a task=t exec=1");
    play.wait_until(at(100.0));
    play.decider = world.decider(&play.rows);
    play.decider.book.resume(at(20_000.0));
    play.line(at(20_000.0), "20000 ack app=a");
    for row in ["5000 success app=a task=t exec=2", "9000 verdict app=a task=t exec=3"] {
        let (commit, _) =
            play.decider.decide(at(20_001.0), vec![detection(row).1].into(), Vec::new());
        play.note(commit);
    }
    let reading =
        ReadingProgress { until: Some(at(20_004.0)), got_on: true, ..ReadingProgress::default() };
    let (commit, _) =
        play.decider.decide(at(20_005.0), Findings { reading, ..Findings::default() }, Vec::new());
    play.note(commit);
    play.wait_until(at(40_000.0));
    play.line(at(40_000.0), "40000 states");
    let reopened = play.history.iter().filter(|entry| entry.what == HistoryType::Acknowledged);
    assert_eq!(
        reopened.map(|entry| entry.author.as_deref()).collect::<Vec<_>>(),
        [Some("Anna"); 2]
    );
    insta::assert_snapshot!(play.transcript, @r"
    3s default opened: Reload failed: a: Max retries reached
    20000s ack: applied
    20000s default recovered: Recovered: a reloads again
    20000s default opened: Reload failed: a: Max retries reached
    40000s a acknowledged
    ");
}

#[test]
fn a_window_that_began_during_an_absence_holds_the_escalation() {
    let world = World { windows: vec!["app=a when=Mon+11:00-12:00"], ..world() };
    insta::assert_snapshot!(away(&world, &["0 verdict app=a task=t exec=1"], None), @"3s default opened: Reload failed: a: Max retries reached");
}

#[test]
fn a_missed_end_and_the_end_of_flapping_wait_for_the_unread_logs() {
    let started = ["0 start app=a overdue=3600"];
    let over = Some("5000 success app=a task=t exec=2");
    insta::assert_snapshot!(away(&world(), &started, over), @"");
    let flapping = [
        "0 verdict app=a task=t exec=1",
        "20 success app=a task=t exec=2",
        "40 verdict app=a task=t exec=3",
        "60 success app=a task=t exec=4",
        "80 verdict app=a task=t exec=5",
    ];
    let world = World { escalations: Vec::new(), ..World::default() };
    insta::assert_snapshot!(away(&world, &flapping, over), @r"
    3s default opened: Reload failed: a: Max retries reached
    20s default recovered: Recovered: a reloads again
    43s default opened: Flapping: Reload failed: a: Max retries reached
    60s   a held back: flapping
    83s   a held back: flapping
    20001s   a held back: flapping
    ");
}
