//! Maintenance windows: recurring silences, right over changes of the clock.

use super::*;

/// The stories begin on Monday, 23 November 2026, 06:00 UTC.
fn world() -> World {
    World {
        windows: vec!["name=nightly app=a when=Mon+08:00-09:00 zone=Europe/Berlin"],
        ..World::default()
    }
}

#[test]
fn a_window_holds_back_and_says_at_its_end_what_is_still_open() {
    insta::assert_snapshot!(world().play(
        "0     verdict app=b task=u exec=1
         3700  verdict app=a task=t exec=2
         3701  states
         7300  states"
    ), @r"
    3s default opened: Reload failed: b: Max retries reached
    3701s b open
    3703s   a held back: maintenance
    7200s default opened: After a silence: Reload failed: a: Max retries reached
    7300s a open, b open
    612000s default repeated: After a silence: Reload still fails: a: Max retries reached
    ");
}

#[test]
fn what_a_window_holds_back_is_counted_under_its_name() {
    let world = world();
    let mut play = Play::new(&world, true);
    for line in ["3700 verdict app=a task=t exec=2", "3800 verdict app=a task=t exec=3"] {
        let now = at(line.split(' ').next().unwrap().parse().unwrap());
        play.wait_until(now);
        play.line(now, line);
        play.crash();
    }
    play.wait_until(at(7300.0));
    let held_by_window = HeldByWindow::stored(&play.rows);
    let counted = held_by_window.iter().map(|it| (&*it.name, &*it.reason, it.held_back, it.last));
    assert_eq!(counted.collect::<Vec<_>>(), [("nightly", "backup", 2, at(3803.0))]);
}

#[test]
fn what_recovers_inside_the_window_is_not_mentioned() {
    insta::assert_snapshot!(world().play(
        "3700  verdict app=a task=t exec=2
         5000  success app=a task=t exec=3
         7300  states"
    ), @r"
    3703s   a held back: maintenance
    7300s a recovered
    ");
}

#[test]
fn what_was_open_before_is_silenced_inside_and_named_afterwards() {
    insta::assert_snapshot!(world().play(
        "10    verdict app=a task=t exec=1
         3700  states
         7300  states"
    ), @r"
    13s default opened: Reload failed: a: Max retries reached
    3700s a silenced by maintenance:nightly
    7200s default repeated: After a silence: Reload still fails: a: Max retries reached
    7300s a open
    612000s default repeated: After a silence: Reload still fails: a: Max retries reached
    ");
}

#[test]
fn security_is_never_hidden_unless_the_window_names_it() {
    let world = World { windows: vec!["node=n1 when=Mon+00:00-24:00"], ..World::default() };
    insta::assert_snapshot!(world.play("10 denied host=n1 key=x"), @"10s default opened: Security: denied: Max retries reached");
}

#[test]
fn a_silence_that_lasts_longer_takes_over_from_a_window() {
    insta::assert_snapshot!(world().play(
        "3700  verdict app=a task=t exec=2
         4000  silence app=a for=7200
         7300  states
         12000 states"
    ), @r"
    3703s   a held back: maintenance
    4000s silence: applied
    7300s a silenced
    11200s default opened: After a silence: Reload failed: a: Max retries reached
    12000s a open
    612000s default repeated: After a silence: Reload still fails: a: Max retries reached
    ");
}

#[test]
fn a_window_without_matchers_hides_everything_but_security() {
    let world = World { windows: vec!["when=Mon+06:00-07:00"], ..World::default() };
    insta::assert_snapshot!(world.play(
        "10 verdict app=a task=t exec=1
         20 crash host=n1
         30 denied host=n2 key=x
         3700 states"
    ), @r"
    13s   a held back: maintenance
    20s   n1 held back: maintenance
    30s default opened: Security: denied: Max retries reached
    3600s default opened: After a silence: Reload failed: a: Max retries reached
    3700s a open, n1 recovered, n2 open
    608400s default repeated: After a silence: Reload still fails: a: Max retries reached
    ");
}

#[test]
fn a_window_over_midnight_belongs_to_the_day_on_which_it_begins() {
    let world = World { windows: vec!["app=a when=Mon+22:00-02:00"], ..World::default() };
    insta::assert_snapshot!(world.play(
        "57700 verdict app=a task=t exec=1
         72100 states"
    ), @r"
    57703s   a held back: maintenance
    72000s default opened: After a silence: Reload failed: a: Max retries reached
    72100s a open
    676800s default repeated: After a silence: Reload still fails: a: Max retries reached
    ");
}

#[test]
fn in_spring_a_window_opens_when_its_hour_begins_to_exist() {
    let world = World {
        windows: vec!["app=a when=Sun+02:00-04:00 zone=Europe/Berlin"],
        ..World::default()
    };
    insta::assert_snapshot!(world.play(
        "10780200 verdict app=b task=u exec=1
         10782600 verdict app=a task=t exec=2
         10782700 states
         10785700 states"
    ), @r"
    10780203s default opened: Reload failed: b: Max retries reached
    10782603s   a held back: maintenance
    10782700s a silenced by maintenance:window0, b open
    10785600s default opened: After a silence: Reload failed: a: Max retries reached
    10785700s a open, b open
    ");
}

#[test]
fn in_autumn_the_repeated_hour_of_a_window_is_open_twice() {
    let world = World {
        windows: vec!["app=a when=Sun+02:00-03:00 zone=Europe/Berlin"],
        ..World::default()
    };
    insta::assert_snapshot!(world.play(
        "29527500 verdict app=a task=t exec=1
         29532600 states
         29534500 states"
    ), @r"
    29527503s   a held back: maintenance
    29532600s a silenced by maintenance:window0
    29534400s default opened: After a silence: Reload failed: a: Max retries reached
    29534500s a open
    ");
}
