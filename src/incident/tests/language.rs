//! What patterns can ask for: thresholds, pairs, deadlines, inhibition.

use crate::incident::tests::play;

#[test]
fn a_threshold_holds_back_until_it_is_reached_and_then_keeps_counting() {
    insta::assert_snapshot!(play(
        "0   denied threshold=3/300
         100 denied threshold=3/300
         200 denied threshold=3/300
         210 denied threshold=3/300
         900 denied threshold=3/300"
    ), @r"
    0s   held back: below-threshold
    100s   held back: below-threshold
    200s opened performance x3 (0 held back) Max retries reached
    210s   held back: repeat
    900s   held back: below-threshold
    14600s repeated performance x4 (0 held back) Max retries reached
    ");
}

#[test]
fn finds_that_are_too_far_apart_never_reach_the_threshold() {
    insta::assert_snapshot!(play(
        "0    denied threshold=2/300
         301  denied threshold=2/300
         602  denied threshold=2/300"
    ), @r"
    0s   held back: below-threshold
    301s   held back: below-threshold
    602s   held back: below-threshold
    ");
}

#[test]
fn each_group_is_counted_separately_and_a_row_without_one_is_not_counted() {
    insta::assert_snapshot!(play(
        "0 denied threshold=2/300 group=anna key=anna
         1 denied threshold=2/300 group=otto key=otto
         2 denied threshold=2/300 group=-
         3 denied threshold=2/300 group=-
         4 denied threshold=2/300 group=otto key=otto"
    ), @r"
    0s   held back: below-threshold
    1s   held back: below-threshold
    2s   held back: below-threshold
    3s   held back: below-threshold
    4s opened performance x2 (0 held back) Max retries reached
    ");
}

#[test]
fn one_problem_in_three_logs_is_counted_once() {
    insta::assert_snapshot!(play(
        "0  denied threshold=2/300 many=yes log=A
         1  denied threshold=2/300 many=yes log=B ended=0.1
         2  denied threshold=2/300 many=yes log=C ended=0.2
         10 denied threshold=2/300 many=yes log=A
         11 denied-too threshold=2/300 many=yes log=B ended=10 same-as=denied"
    ), @r"
    0s   held back: below-threshold
    1s   held back: other-log
    2s   held back: other-log
    10s opened performance x2 (0 held back) Max retries reached
    11s   held back: other-log
    ");
}

#[test]
fn the_other_half_of_a_pair_ends_the_incident_with_the_same_key() {
    insta::assert_snapshot!(play(
        "0   lost  key=db1
         10  lost  key=db2
         60  found key=db1 closes=lost severity=info
         70  found key=db1 closes=lost severity=info"
    ), @r"
    0s opened performance x1 (0 held back) Max retries reached
    10s opened performance x1 (0 held back) Max retries reached
    60s recovered performance x1 (0 held back) Max retries reached
    ");
}

#[test]
fn a_start_without_an_end_is_notified_when_it_is_overdue() {
    insta::assert_snapshot!(play(
        "0    start app=a overdue=3600
         10   start app=b overdue=3600
         20   script-ok app=b
         9000 script-ok app=a"
    ), @r"
    3600s opened performance x1 (0 held back) overdue after 1h
    9000s recovered reload-recovered x1 (0 held back) overdue after 1h
    ");
}

#[test]
fn a_run_far_longer_than_usual_is_overdue_early() {
    insta::assert_snapshot!(play(
        "0     start app=a overdue=43200 learned=yes
         900   script-ok app=a
         1000  start app=a overdue=43200 learned=yes
         1900  script-ok app=a
         2000  start app=a overdue=43200 learned=yes
         2900  script-ok app=a
         3000  start app=a overdue=43200 learned=yes
         3900  script-ok app=a
         4000  start app=b overdue=43200 learned=yes
         5000  start app=a overdue=43200 learned=yes
         6200  script-ok app=a
         10000 start app=a overdue=43200 learned=yes
         20000 script-ok app=a"
    ), @r"
    13600s opened performance x1 (0 held back) overdue after 1h, usually 20m
    20000s recovered reload-recovered x1 (0 held back) overdue after 1h, usually 20m
    47200s opened performance x1 (0 held back) overdue after 12h
    ");
}

#[test]
fn failures_are_not_used_to_learn_a_duration() {
    insta::assert_snapshot!(play(
        "0     start app=a overdue=43200 learned=yes
         10    attempt app=a
         100   start app=a overdue=43200 learned=yes
         110   attempt app=a
         200   start app=a overdue=43200 learned=yes
         210   attempt app=a
         300   start app=a overdue=43200 learned=yes
         310   attempt app=a
         400   start app=a overdue=43200 learned=yes
         410   attempt app=a
         500   start app=a overdue=43200 learned=yes
         30000 script-ok app=a"
    ), @r"
    10s   held back: attempt
    110s   held back: attempt
    210s   held back: attempt
    310s   held back: attempt
    410s   held back: attempt
    ");
}

#[test]
fn an_aborted_run_is_not_overdue() {
    insta::assert_snapshot!(play(
        "0  start app=a overdue=3600
         60 abort app=a task=t exec=1"
    ), @r"63s opened reload-aborted x1 (0 held back) Max retries reached");
}

#[test]
fn a_record_older_than_the_max_age_of_its_pattern_is_held_back() {
    insta::assert_snapshot!(play("4000 old ended=0 max-age=3600"), @r"4000s   held back: too-old");
}
