//! Silences: what they hold back, what they let through, and how they end.

use super::*;
use crate::commit::StoredRows;

#[test]
fn a_silence_holds_back_openings_and_says_at_its_end_what_is_still_open() {
    insta::assert_snapshot!(play(
        "0     silence app=a for=3600 reason=known+since+Monday
         100   verdict app=a task=t exec=1
         110   states
         200   verdict app=b task=u exec=2
         500   verdict app=a task=t exec=3
         3700  states
         9000  success app=a task=t exec=4"
    ), @r"
    0s silence: applied
    103s   a held back: silenced
    110s a silenced
    203s default opened: Reload failed: b: Max retries reached
    503s   a held back: silenced
    3600s default opened: After a silence: Reload failed: a: Max retries reached
    3700s a open, b open
    9000s default recovered: Recovered: a reloads again
    ");
}

#[test]
fn what_opens_and_recovers_inside_a_silence_is_not_mentioned() {
    insta::assert_snapshot!(play(
        "0     silence app=a for=3600
         100   verdict app=a task=t exec=1
         500   success app=a task=t exec=2
         3700  states"
    ), @r"
    0s silence: applied
    103s   a held back: silenced
    3700s a recovered
    ");
}

#[test]
fn the_recovery_of_what_was_notified_before_the_silence_is_sent() {
    insta::assert_snapshot!(play(
        "0     verdict app=a task=t exec=1
         100   silence app=a for=86400
         101   states
         20000 verdict app=a task=t exec=2
         30000 success app=a task=t exec=3"
    ), @r"
    3s default opened: Reload failed: a: Max retries reached
    100s silence: applied
    101s a silenced
    20003s   a held back: silenced
    30000s default recovered: Recovered: a reloads again
    ");
}

#[test]
fn a_silence_that_is_ended_early_says_so_at_once() {
    insta::assert_snapshot!(play(
        "0     silence app=a for=36000
         100   verdict app=a task=t exec=1
         600   expire
         601   expire
         602   states"
    ), @r"
    0s silence: applied
    103s   a held back: silenced
    600s expire: applied
    600s default opened: After a silence: Reload failed: a: Max retries reached
    601s expire: refused: SilenceOver
    602s a open
    ");
}

#[test]
fn several_incidents_that_are_still_open_are_one_card_in_each_channel() {
    let world = World {
        routes: "[channel.sales]\nwebhook-env = 'SALES'\n[[route]]\nmatch.app = 'c'\nchannel = 'sales'",
        ..World::default()
    };
    insta::assert_snapshot!(world.play(
        "0     silence app=a,b,c for=3600
         100   verdict app=a task=t exec=1
         200   verdict app=b task=u exec=2
         300   verdict app=c task=v exec=3"
    ), @r"
    0s silence: applied
    103s   a held back: silenced
    203s   b held back: silenced
    303s   c held back: silenced
    3600s default opened: After a silence: Reload failed: b: Max retries reached
    3600s sales opened: After a silence: Reload failed: c: Max retries reached
    ");
}

#[test]
fn a_channel_of_several_incidents_gets_one_card_whatever_channels_they_share() {
    let world = World {
        routes: "[channel.x]\nwebhook-env = 'X'\n[channel.y]\nwebhook-env = 'Y'\n\
                 [[route]]\nmatch.app = 'a'\nchannel = 'x'\n\
                 [[route]]\nmatch.app = ['b', 'c']\nchannel = ['x', 'y']",
        ..World::default()
    };
    insta::assert_snapshot!(world.play(
        "0     silence app=a,b,c for=3600
         100   verdict app=a task=t exec=1
         200   verdict app=b task=u exec=2
         300   verdict app=c task=v exec=3"
    ), @r"
    0s silence: applied
    103s   a held back: silenced
    203s   b held back: silenced
    303s   c held back: silenced
    3600s x opened: After a silence: Reload failed: c: Max retries reached
    3600s y opened: After a silence: Reload failed: c: Max retries reached
    ");
}

#[test]
fn the_card_at_the_end_mentions_the_people_of_what_it_reports_for_the_first_time() {
    let world = World {
        routes: "[channel.x]\nwebhook-env = 'X'\n\
                 [[route]]\nmatch.app = 'a'\nchannel = 'x'\nmention = 'anna@example.com'\n\
                 [[route]]\nmatch.app = 'b'\nchannel = 'x'\nmention = 'bo@example.com'\n\
                 [[route]]\nmatch.app = 'c'\nchannel = 'x'\nmention = 'carl@example.com'",
        ..World::default()
    };
    insta::assert_snapshot!(world.play(
        "0     verdict app=b task=u exec=1
         50    silence app=a,b,c for=3600
         100   verdict app=a task=t exec=2
         200   verdict app=c task=v exec=3 severity=critical
         300   verdict app=b task=u exec=4"
    ), @r"
    3s x opened: Reload failed: b: Max retries reached @bo@example.com
    50s silence: applied
    103s   a held back: silenced
    203s   c held back: silenced
    303s   b held back: silenced
    3650s x repeated: After a silence: Reload still fails: b: Max retries reached @anna@example.com
    3650s x opened: After a silence: Reload failed: c: Max retries reached @carl@example.com
    ");
}

#[test]
fn a_silence_of_kinds_of_which_some_only_end_problems_is_in_force_and_of_those_alone_refused() {
    insta::assert_snapshot!(play(
        "0     silence kind=reload-recovered for=3600
         10    silence kind=reload-failed,reload-recovered for=3600
         20    verdict app=a task=t exec=1"
    ), @r#"
    0s silence: refused: Matcher(UnusableMatcher { key: "kind", fault: Ends })
    10s silence: applied
    23s   a held back: silenced
    3610s default opened: After a silence: Reload failed: a: Max retries reached
    "#);
}

#[test]
fn where_two_silences_overlap_the_last_end_counts() {
    insta::assert_snapshot!(play(
        "0     silence app=a for=1800
         60    silence severity=error for=3600
         100   verdict app=a task=t exec=1
         1900  states
         3700  states"
    ), @r"
    0s silence: applied
    60s silence: applied
    103s   a held back: silenced
    1900s a silenced
    3660s default opened: After a silence: Reload failed: a: Max retries reached
    3700s a open
    ");
}

#[test]
fn a_silence_hides_security_only_if_its_kind_is_named() {
    insta::assert_snapshot!(play(
        "0     silence node=n1 for=3600
         100   denied host=n1 key=x
         200   silence node=n1 kind=security for=3600
         300   denied host=n1 key=y"
    ), @r"
    0s silence: applied
    100s default opened: Security: denied: Max retries reached
    200s silence: applied
    300s   n1 held back: silenced
    ");
}

#[test]
fn a_silence_without_matchers_in_the_past_or_with_unknown_words_is_refused() {
    insta::assert_snapshot!(play(
        "0     silence for=60
         1     silence app=a for=-60
         2     silence kind=reload-faild for=60
         3     silence app=a for=60 reason=+
         4     silence of=a for=60"
    ), @r#"
    0s silence: refused: NoMatcher
    1s silence: refused: UntilPast
    2s silence: refused: Matcher(UnusableMatcher { key: "kind", fault: Word { word: "reload-faild", near: Some("reload-failed"), known: [] } })
    3s silence: refused: Text { field: Reason, most: 2000 }
    4s silence: refused: UnknownIncident
    "#);
}

#[test]
fn a_silence_of_one_incident_leaves_the_others_of_the_app_alone() {
    insta::assert_snapshot!(play(
        "0     script  app=a error=Field+'A'+not+found
         1     verdict app=a task=t exec=1
         60    silence of=a for=86400
         100   script  app=a error=Disk+full
         101   verdict app=a task=t exec=2
         20000 script  app=a error=Field+'A'+not+found
         20001 verdict app=a task=t exec=3
         20002 states"
    ), @r"
    1s default opened: Reload failed: a: Field 'A' not found
    60s silence: applied
    101s default opened: Reload failed: a: Disk full
    20001s   a held back: silenced
    20002s a open, a silenced
    86460s default repeated: After a silence: Reload still fails: a: Field 'A' not found
    ");
}

#[test]
fn an_acknowledged_incident_gets_no_card_when_its_silence_ends() {
    insta::assert_snapshot!(play(
        "0     silence app=a for=3600
         100   verdict app=a task=t exec=1
         200   ack app=a
         3700  states
         9000  success app=a task=t exec=2"
    ), @r"
    0s silence: applied
    103s   a held back: silenced
    200s ack: applied
    3700s a acknowledged
    ");
}

#[test]
fn what_has_no_observed_end_and_was_not_seen_lately_gets_no_card_at_the_end() {
    insta::assert_snapshot!(play(
        "0     silence node=n1 for=3600
         100   crash host=n1
         3700  states
         7200  crash host=n1"
    ), @r"
    0s silence: applied
    100s   n1 held back: silenced
    3700s n1 recovered
    7200s default opened: Performance: crash: Max retries reached
    ");
}

#[test]
fn a_cause_comes_before_a_silence() {
    insta::assert_snapshot!(play(
        "0     silence app=a for=3600
         10    down host=n1
         100   verdict app=a task=t exec=1 host=n1 inhibited-by=down
         101   states
         200   up host=n1 closes=down severity=info"
    ), @r"
    0s silence: applied
    10s default opened: Performance: down: Max retries reached
    101s n1 open
    103s   a held back: inhibited
    200s default recovered: Recovered: Performance: down; still failing: a
    3600s default repeated: After a silence: Reload still fails: a: Max retries reached
    ");
}

#[test]
fn a_clock_that_is_set_back_before_the_end_of_a_silence_goes_on_with_it() {
    insta::assert_snapshot!(play(
        "0     silence app=a for=3600
         100   verdict app=a task=t exec=1
         90000 states
         200   states
         300   verdict app=b task=u exec=2"
    ), @r"
    0s silence: applied
    103s   a held back: silenced
    3600s default opened: After a silence: Reload failed: a: Max retries reached
    90000s a open
    200s a open
    303s default opened: Reload failed: b: Max retries reached
    3600s default repeated: After a silence: Reload still fails: a: Max retries reached
    ");
}

#[test]
fn what_a_silenced_cause_held_back_is_free_when_the_cause_is_given_up() {
    insta::assert_snapshot!(play(
        "0     silence node=n1 pattern=down for=3600
         10    down host=n1
         100   verdict app=a task=t exec=1 host=n1 inhibited-by=down
         7200  states"
    ), @r"
    0s silence: applied
    10s   n1 held back: silenced
    103s   a held back: inhibited
    7200s a open, n1 recovered
    14503s default opened: Reload failed: a: Max retries reached
    ");
}

#[test]
fn a_failure_and_its_recovery_that_are_found_together_are_both_sent() {
    let world = World::default();
    let mut play = Play::new(&world, false);
    let rows = ["0 crash host=n1 key=x", "0 up host=n1 key=x closes=crash severity=info"];
    let found = rows.map(|row| detection(row).1);
    let (commit, _) = play.decider.decide(at(0.0), found.to_vec().into(), Vec::new());
    play.note(commit);
    insta::assert_snapshot!(play.transcript, @r"
    0s default opened: Performance: crash: Max retries reached
    0s default recovered: Recovered: Performance: crash
    ");
}

#[test]
fn a_silence_by_a_glob_of_kinds_hides_what_it_matches() {
    insta::assert_snapshot!(play(
        "0 silence kind=reload-* for=3600
         100 verdict app=a task=t exec=1
         200 crash host=n1
         3700 states"
    ), @r"
    0s silence: applied
    103s   a held back: silenced
    200s default opened: Performance: crash: Max retries reached
    3600s default opened: After a silence: Reload failed: a: Max retries reached
    3700s a open, n1 open
    ");
}

#[test]
fn a_silence_of_errors_does_not_hide_what_is_critical() {
    insta::assert_snapshot!(play(
        "0 silence severity=error for=3600
         100 verdict app=a task=t exec=1 severity=critical
         200 verdict app=b task=u exec=2"
    ), @r"
    0s silence: applied
    103s default opened: Reload failed: a: Max retries reached
    203s   b held back: silenced
    3600s default opened: After a silence: Reload failed: b: Max retries reached
    ");
}

#[test]
fn what_recovers_before_the_end_is_not_named_at_the_end() {
    insta::assert_snapshot!(play(
        "0 verdict app=a task=t exec=1
         60 silence app=a for=3600
         600 success app=a task=t exec=2
         4000 states"
    ), @r"
    3s default opened: Reload failed: a: Max retries reached
    60s silence: applied
    600s default recovered: Recovered: a reloads again
    4000s a recovered
    ");
}

#[test]
fn a_failure_at_the_very_end_of_a_silence_is_sent() {
    insta::assert_snapshot!(play(
        "0 silence app=a for=3600
         3597 verdict app=a task=t exec=1"
    ), @r"
    0s silence: applied
    3600s default opened: Reload failed: a: Max retries reached
    ");
}

#[test]
fn of_two_silences_the_one_that_is_left_still_holds() {
    insta::assert_snapshot!(play(
        "0 silence app=a for=7200
         1 silence app=a for=3600
         100 verdict app=a task=t exec=1
         200 expire n=0
         201 states
         3700 states"
    ), @r"
    0s silence: applied
    1s silence: applied
    103s   a held back: silenced
    200s expire: applied
    201s a silenced
    3601s default opened: After a silence: Reload failed: a: Max retries reached
    3700s a open
    ");
}

#[test]
fn a_reload_from_the_hub_is_silenced_by_its_app() {
    insta::assert_snapshot!(play(
        "0 silence app=a for=3600
         100 script app=a by=DIR\\anna
         200 states"
    ), @r"
    0s silence: applied
    103s   a held back: silenced
    200s a silenced
    3600s default opened: After a silence: Reload failed: a: Field 'A' not found
    ");
}

#[test]
fn what_fails_again_and_again_in_a_silence_is_counted_once_at_its_end() {
    insta::assert_snapshot!(play(
        "0 silence app=a for=7200
         100 verdict app=a task=t exec=1
         1000 verdict app=a task=t exec=2
         2000 verdict app=a task=t exec=3
         20000 verdict app=a task=t exec=4"
    ), @r"
    0s silence: applied
    103s   a held back: silenced
    1003s   a held back: silenced
    2003s   a held back: silenced
    7200s default opened: After a silence: Reload failed: a: Max retries reached
    20003s   a held back: repeat
    21600s default repeated: Reload still fails: a: Max retries reached
    ");
}

#[test]
fn a_silence_by_somebody_with_the_name_of_a_window_is_worded_as_a_silence() {
    let mut book = crate::incident::tests::book(&StoredRows::default());
    let found = crate::incident::tests::detection("0 verdict app=a task=t exec=1").1;
    let mut mutes = Mutes::default();
    let matchers = BTreeMap::from([("app".to_owned(), vec!["a".to_owned()])]);
    let wanted =
        NewSilence { matchers, incident: None, until: at(60.0), reason: "known".to_owned() };
    mutes.add(at(0.0), (&"seed".into(), "maintenance:x"), wanted, None).unwrap();
    drop(mutes.review(at(0.0), &mut book));
    for (seconds, found) in [(0.0, vec![found]), (10.0, Vec::new())] {
        let decisions = book.step(at(seconds), found);
        drop(mutes.hold(at(seconds), &mut book, decisions));
    }
    let ended = mutes.review(at(61.0), &mut book);
    let end = &ended[0].end;
    assert_eq!(end.of, crate::incident::EndedSilencer::By("maintenance:x".to_owned()));
    let english = crate::render::catalog::of(Language::English);
    insta::assert_snapshot!(
        english.silence_ended(end, 1),
        @"A silence by maintenance:x has ended (known); it held back 1 occurrence."
    );
}
