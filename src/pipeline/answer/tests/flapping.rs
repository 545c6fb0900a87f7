//! Flapping: the third change says so, later ones wait for quiet.

use super::*;

#[test]
fn the_third_change_within_half_an_hour_says_so_and_later_ones_are_summed_up() {
    insta::assert_snapshot!(play(
        "0     verdict app=a task=t exec=1
         300   success app=a task=t exec=2
         600   verdict app=a task=t exec=3
         900   success app=a task=t exec=4
         1200  verdict app=a task=t exec=5
         1500  success app=a task=t exec=6
         1501  states"
    ), @r"
    3s default opened: Reload failed: a: Max retries reached
    300s default recovered: Recovered: a reloads again
    603s default opened: Flapping: Reload failed: a: Max retries reached
    900s   a held back: flapping
    1203s   a held back: flapping
    1500s   a held back: flapping
    1501s a recovered
    3300s default recovered: Flapping ended: a reloads again
    ");
}

#[test]
fn what_is_open_after_the_quiet_time_is_said_to_be_open() {
    insta::assert_snapshot!(play(
        "0     verdict app=a task=t exec=1
         300   success app=a task=t exec=2
         600   verdict app=a task=t exec=3
         900   success app=a task=t exec=4
         1200  verdict app=a task=t exec=5
         1300  verdict app=a task=t exec=6
         9000  success app=a task=t exec=7"
    ), @r"
    3s default opened: Reload failed: a: Max retries reached
    300s default recovered: Recovered: a reloads again
    603s default opened: Flapping: Reload failed: a: Max retries reached
    900s   a held back: flapping
    1203s   a held back: flapping
    1303s   a held back: flapping
    3003s default repeated: Flapping ended: Reload still fails: a: Max retries reached
    9000s default recovered: Recovered: a reloads again
    ");
}

#[test]
fn three_changes_that_are_further_apart_are_ordinary() {
    insta::assert_snapshot!(play(
        "0     verdict app=a task=t exec=1
         1000  success app=a task=t exec=2
         2000  verdict app=a task=t exec=3
         3000  success app=a task=t exec=4"
    ), @r"
    3s default opened: Reload failed: a: Max retries reached
    1000s default recovered: Recovered: a reloads again
    2003s default opened: Reload failed: a: Max retries reached
    3000s default recovered: Recovered: a reloads again
    ");
}

#[test]
fn after_the_summary_it_begins_anew() {
    insta::assert_snapshot!(play(
        "0     verdict app=a task=t exec=1
         300   success app=a task=t exec=2
         600   verdict app=a task=t exec=3
         900   success app=a task=t exec=4
         5000  verdict app=a task=t exec=5
         5300  success app=a task=t exec=6"
    ), @r"
    3s default opened: Reload failed: a: Max retries reached
    300s default recovered: Recovered: a reloads again
    603s default opened: Flapping: Reload failed: a: Max retries reached
    900s   a held back: flapping
    2700s default recovered: Flapping ended: a reloads again
    5003s default opened: Reload failed: a: Max retries reached
    5300s default recovered: Recovered: a reloads again
    ");
}

#[test]
fn a_third_change_that_stays_the_last_needs_no_summary() {
    insta::assert_snapshot!(play(
        "0     verdict app=a task=t exec=1
         300   success app=a task=t exec=2
         600   verdict app=a task=t exec=3
         9000  success app=a task=t exec=4"
    ), @r"
    3s default opened: Reload failed: a: Max retries reached
    300s default recovered: Recovered: a reloads again
    603s default opened: Flapping: Reload failed: a: Max retries reached
    9000s default recovered: Recovered: a reloads again
    ");
}

#[test]
fn who_acknowledges_or_silences_what_flaps_hears_no_more_of_it() {
    insta::assert_snapshot!(play(
        "0     verdict app=a task=t exec=1
         300   success app=a task=t exec=2
         600   verdict app=a task=t exec=3
         900   success app=a task=t exec=4
         1200  verdict app=a task=t exec=5
         1300  ack app=a
         9000  success app=a task=t exec=6"
    ), @r"
    3s default opened: Reload failed: a: Max retries reached
    300s default recovered: Recovered: a reloads again
    603s default opened: Flapping: Reload failed: a: Max retries reached
    900s   a held back: flapping
    1203s   a held back: flapping
    1300s ack: applied
    9000s default recovered: Recovered: a reloads again
    ");
}

#[test]
fn what_flaps_inside_a_silence_is_not_mentioned() {
    insta::assert_snapshot!(play(
        "0 silence app=a for=7200
         100 verdict app=a task=t exec=1
         400 success app=a task=t exec=2
         700 verdict app=a task=t exec=3
         1000 success app=a task=t exec=4
         1300 verdict app=a task=t exec=5
         1600 success app=a task=t exec=6
         7300 states"
    ), @r"
    0s silence: applied
    103s   a held back: silenced
    703s   a held back: silenced
    1303s   a held back: silenced
    7300s a recovered
    ");
}

#[test]
fn two_apps_flap_apart_from_each_other() {
    insta::assert_snapshot!(play(
        "0 verdict app=a task=t exec=1
         100 verdict app=b task=u exec=2
         300 success app=a task=t exec=3
         600 verdict app=a task=t exec=4
         700 success app=b task=u exec=5
         900 success app=a task=t exec=6"
    ), @r"
    3s default opened: Reload failed: a: Max retries reached
    103s default opened: Reload failed: b: Max retries reached
    300s default recovered: Recovered: a reloads again
    603s default opened: Flapping: Reload failed: a: Max retries reached
    700s default recovered: Recovered: b reloads again
    900s   a held back: flapping
    2700s default recovered: Flapping ended: a reloads again
    ");
}
