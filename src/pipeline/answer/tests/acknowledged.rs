//! Somebody takes care: repeats and escalations stop, the recovery is sent.

use super::*;

#[test]
fn an_acknowledged_incident_is_not_repeated_and_its_recovery_is_sent() {
    insta::assert_snapshot!(play(
        "0     verdict app=a task=t exec=1
         60    ack app=a by=Anna note=I+have+this
         61    states
         3600  verdict app=a task=t exec=2
         20000 verdict app=a task=t exec=3
         30000 success app=a task=t exec=4
         30001 states"
    ), @r"
    3s default opened: Reload failed: a: Max retries reached
    60s ack: applied
    61s a acknowledged
    3603s   a held back: acknowledged
    20003s   a held back: acknowledged
    30000s default recovered: Recovered: a reloads again
    30001s a recovered
    ");
}

#[test]
fn a_reopened_incident_is_no_longer_acknowledged() {
    insta::assert_snapshot!(play(
        "0     verdict app=a task=t exec=1
         60    ack app=a
         4000  success app=a task=t exec=2
         9000  verdict app=a task=t exec=3
         9010  states"
    ), @r"
    3s default opened: Reload failed: a: Max retries reached
    60s ack: applied
    4000s default recovered: Recovered: a reloads again
    9003s default opened: Reload failed: a: Max retries reached
    9010s a open
    ");
}

#[test]
fn an_incident_without_an_observed_end_reopens_when_it_is_seen_after_a_quarter_of_an_hour() {
    insta::assert_snapshot!(play(
        "0     crash host=n1
         60    ack app=n1
         900   crash host=n1
         901   states
         1900  crash host=n1
         1901  states"
    ), @r"
    0s default opened: Performance: crash: Max retries reached
    60s ack: applied
    900s   n1 held back: acknowledged
    901s n1 acknowledged
    1900s default opened: Performance: crash: Max retries reached
    1901s n1 open
    ");
}

#[test]
fn who_takes_it_no_more_lets_it_repeat() {
    insta::assert_snapshot!(play(
        "0     verdict app=a task=t exec=1
         60    ack app=a
         90    unack app=a
         91    unack app=a
         20000 verdict app=a task=t exec=2"
    ), @r"
    3s default opened: Reload failed: a: Max retries reached
    60s ack: applied
    90s unack: applied
    91s unack: refused: NotAcknowledged
    20003s default repeated: Reload still fails: a: Max retries reached
    ");
}

#[test]
fn what_is_unknown_over_or_empty_is_refused() {
    insta::assert_snapshot!(play(
        "0     ack app=a
         10    verdict app=a task=t exec=1
         60    ack app=a by=
         70    note app=a text=
         80    ack app=a note=+
         4000  success app=a task=t exec=2
         4001  ack app=a
         4002  note app=a text=It+was+the+disk"
    ), @r#"
    0s ack: refused: UnknownIncident
    13s default opened: Reload failed: a: Max retries reached
    60s ack: refused: Text { field: By, most: 100 }
    70s note: refused: Text { field: Note, most: 2000 }
    80s ack: applied
    4000s default recovered: Recovered: a reloads again
    4001s ack: refused: IncidentOver
    4002s note: applied
    "#);
}

#[test]
fn the_newest_note_stays_for_the_next_card_even_after_a_recovery() {
    insta::assert_snapshot!(play(
        "0     verdict app=a task=t exec=1
         60    note app=a text=The+disk+was+full by=Anna
         4000  success app=a task=t exec=2
         5000  note app=a text=Disk+of+the+share by=Bo
         90000 verdict app=a task=t exec=3"
    ), @r"
    3s default opened: Reload failed: a: Max retries reached
    60s note: applied
    4000s default recovered: Recovered: a reloads again
    5000s note: applied
    90003s default opened: Reload failed: a: Max retries reached
    ");
}

#[test]
fn one_incident_is_acknowledged_and_others_of_the_task_are_not() {
    insta::assert_snapshot!(play(
        "0     script  app=a error=Field+'A'+not+found
         1     verdict app=a task=t exec=1
         60    ack app=a
         3600  script  app=a error=Disk+full
         3601  verdict app=a task=t exec=2
         3700  states"
    ), @r"
    1s default opened: Reload failed: a: Field 'A' not found
    60s ack: applied
    3601s default opened: Reload failed: a: Disk full
    3700s a acknowledged, a open
    ");
}

#[test]
fn whoever_acknowledges_last_takes_care_and_the_notes_stay() {
    insta::assert_snapshot!(play(
        "0 verdict app=a task=t exec=1
         60 ack app=a by=Anna note=first
         90 ack app=a by=Bo
         91 states
         9000 success app=a task=t exec=2"
    ), @r"
    3s default opened: Reload failed: a: Max retries reached
    60s ack: applied
    90s ack: applied
    91s a acknowledged
    9000s default recovered: Recovered: a reloads again
    ");
}

#[test]
fn what_is_acknowledged_inside_a_silence_is_not_mentioned_at_its_end() {
    insta::assert_snapshot!(play(
        "0 silence app=a for=3600
         100 verdict app=a task=t exec=1
         200 ack app=a
         300 expire
         301 states
         9000 success app=a task=t exec=2"
    ), @r"
    0s silence: applied
    103s   a held back: silenced
    200s ack: applied
    300s expire: applied
    301s a acknowledged
    ");
}

#[test]
fn the_recovery_of_an_app_without_a_task_ends_the_acknowledgement() {
    insta::assert_snapshot!(play(
        "0 script app=a by=DIR\\anna
         60 ack app=a
         3600 script-ok app=a
         7200 script app=a by=DIR\\anna
         7300 states"
    ), @r"
    3s default opened: Reload failed: a: Field 'A' not found
    60s ack: applied
    3600s default recovered: Recovered: a reloads again
    7203s default opened: Reload failed: a: Field 'A' not found
    7300s a open
    ");
}

#[test]
fn an_acknowledgement_outlives_a_clock_that_is_set_back() {
    insta::assert_snapshot!(play(
        "0     verdict app=a task=t exec=1
         60    ack app=a
         90000 states
         70    states
         80    verdict app=a task=t exec=2
         200   success app=a task=t exec=3"
    ), @r"
    3s default opened: Reload failed: a: Max retries reached
    60s ack: applied
    90000s a acknowledged
    70s a acknowledged
    83s   a held back: acknowledged
    200s default recovered: Recovered: a reloads again
    ");
}

#[test]
fn what_a_link_replaced_is_back_when_the_link_undoes_it() {
    insta::assert_snapshot!(play(
        "0     verdict app=a task=t exec=1
         60    ack app=a by=Anna
         70    ack app=a by=Bo link=yes
         80    unack app=a by=Bo link=yes
         90    states
         100   unack app=a by=Bo link=yes
         110   states"
    ), @r"
    3s default opened: Reload failed: a: Max retries reached
    60s ack: applied
    70s ack: applied
    80s unack: applied
    90s a acknowledged
    100s unack: applied
    110s a open
    ");
}

#[test]
fn each_undoes_their_own_answer_of_a_link_only() {
    insta::assert_snapshot!(play(
        "0     verdict app=a task=t exec=1
         60    ack app=a by=Anna
         70    ack app=a by=Bo link=yes
         75    ack app=a by=Bo link=yes
         80    ack app=a by=Carl link=yes
         90    unack app=a by=Carl link=yes
         95    states
         100   unack app=a by=Bo link=yes
         110   states
         120   unack app=a by=Bo link=yes
         130   states"
    ), @r"
    3s default opened: Reload failed: a: Max retries reached
    60s ack: applied
    70s ack: applied
    75s ack: applied
    80s ack: applied
    90s unack: applied
    95s a acknowledged
    100s unack: applied
    110s a acknowledged
    120s unack: applied
    130s a open
    ");
}
