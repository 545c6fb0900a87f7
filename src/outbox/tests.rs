mod model;

use std::fmt::Write as _;

use super::*;

const START: &str = "2026-11-23T06:00:00Z";

fn start() -> Timestamp {
    START.parse().unwrap()
}

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn at(n: u64) -> Timestamp {
    start() + seconds(n)
}

fn card(id: &str) -> Delivery {
    Delivery {
        id: format!("{id}@ops"),
        channel: "ops".to_owned(),
        summary: String::new(),
        payload: "{}".to_owned(),
        plain: "{}".to_owned(),
        created: start(),
    }
}

fn cards(n: usize) -> Vec<Delivery> {
    (1..=n).map(|n| card(&format!("n{n}"))).collect()
}

fn paced() -> Outbox {
    Outbox::new(BTreeMap::from([("ops".to_owned(), Some(Pace::default()))]))
}

fn unpaced() -> Outbox {
    Outbox::new(BTreeMap::from([("ops".to_owned(), None)]))
}

fn accepted() -> Outcome {
    Outcome::Accepted { receipt: None }
}

fn retry(after: Option<u64>) -> Outcome {
    Outcome::Retry { after: after.map(seconds), pause: false, unsure: false, why: "500".into() }
}

fn paused(after: u64) -> Outcome {
    Outcome::Retry { after: Some(seconds(after)), pause: true, unsure: false, why: "429".into() }
}

fn rejected() -> Outcome {
    Outcome::Rejected { why: "400".into() }
}

fn unavailable(minutes: u64) -> Outcome {
    Outcome::Unavailable { probe: Duration::from_mins(minutes), why: "flow off".into() }
}

/// Plays the world: every departure is answered at once by the next line of the script, time
/// jumps to the next wakeup. Ends when the script or the outbox is empty.
fn play(outbox: &mut Outbox, script: impl IntoIterator<Item = Outcome>) -> String {
    let mut script = script.into_iter().peekable();
    let mut transcript = String::new();
    let mut now = start();
    while script.peek().is_some() {
        if let Some(departure) = outbox.next(now) {
            let outcome = script.next().unwrap();
            let change = outbox.fold(now, &departure.id, outcome).unwrap();
            transcript.push_str(&line(now, &departure, &change));
        } else if let Some(wakeup) = outbox.next_wakeup(now) {
            assert!(wakeup > now, "woken for nothing");
            now = wakeup;
        } else {
            break;
        }
    }
    transcript
}

fn line(now: Timestamp, departure: &Departure, change: &Change) -> String {
    let seconds = now.duration_since(start()).as_secs();
    let mut line = format!("{seconds:>5}s {}", departure.id.split('@').next().unwrap());
    if departure.use_plain {
        line.push_str(" plain");
    }
    if departure.possible_repeat {
        line.push_str(" possible-repeat");
    }
    match change {
        Change::Accepted { .. } => line.push_str(" accepted"),
        Change::Later { why, .. } => write!(line, " later: {why}").unwrap(),
        Change::Dead { why } => write!(line, " dead: {why}").unwrap(),
    }
    line + "\n"
}

#[test]
fn cards_leave_in_order_four_at_once_then_one_each_fifteen_seconds() {
    let mut outbox = paced();
    outbox.add(cards(7));
    assert_eq!(
        play(&mut outbox, std::iter::repeat_with(accepted)),
        "    0s n1 accepted
    0s n2 accepted
    0s n3 accepted
    0s n4 accepted
   15s n5 accepted
   30s n6 accepted
   45s n7 accepted
"
    );
}

#[test]
fn no_window_of_five_minutes_sees_more_than_teams_allows() {
    let mut outbox = paced();
    outbox.add(cards(100));
    let transcript = play(&mut outbox, std::iter::repeat_with(accepted));
    let sent: Vec<u64> = transcript
        .lines()
        .map(|line| line.trim().split('s').next().unwrap().parse().unwrap())
        .collect();
    assert_eq!(sent.len(), 100);
    let most =
        sent.iter().map(|from| sent.iter().filter(|t| (*from..from + 300).contains(*t)).count());
    assert!(most.max().unwrap() < 25);
}

#[test]
fn two_nodes_on_one_webhook_take_half_each() {
    let pace = Pace { share: 2.try_into().unwrap(), ..Pace::default() };
    let mut outbox = Outbox::new(BTreeMap::from([("ops".to_owned(), Some(pace))]));
    outbox.add(cards(4));
    assert_eq!(
        play(&mut outbox, std::iter::repeat_with(accepted)),
        "    0s n1 accepted
    0s n2 accepted
   30s n3 accepted
   60s n4 accepted
"
    );
}

#[test]
fn a_restart_is_no_excuse_for_another_burst() {
    let mut outbox = paced();
    let recent: Vec<_> = (0..4).map(|n| ("ops".to_owned(), at(0) - seconds(n))).collect();
    let owed = vec![Owed::new("n1@ops", "ops"), Owed::new("n2@ops", "ops")];
    outbox.restore(owed, &recent, start());
    let transcript = play(&mut outbox, std::iter::repeat_with(accepted));
    assert_eq!(transcript, "   12s n1 accepted\n   27s n2 accepted\n");
}

#[test]
fn one_channel_has_one_delivery_in_flight_and_does_not_wait_for_another_channel() {
    let channels = BTreeMap::from([("ops".to_owned(), None), ("sales".to_owned(), None)]);
    let mut outbox = Outbox::new(channels);
    let sales = Delivery { id: "n1@sales".into(), channel: "sales".into(), ..card("n1") };
    outbox.add(vec![card("n1"), card("n2"), sales]);
    let first = outbox.next(start()).unwrap();
    let second = outbox.next(start()).unwrap();
    assert_eq!((first.id.as_str(), second.id.as_str()), ("n1@ops", "n1@sales"));
    assert_eq!(outbox.next(start()), None);
    assert_eq!(outbox.next_wakeup(start()), None, "only an outcome can change something");
}

#[test]
fn too_many_requests_pauses_the_channel_for_as_long_as_it_asks_and_ends_the_burst() {
    let mut outbox = paced();
    outbox.add(cards(3));
    assert_eq!(
        play(&mut outbox, [paused(5), accepted(), accepted(), accepted()]),
        "    0s n1 later: 429
   15s n1 accepted
   30s n2 accepted
   45s n3 accepted
"
    );
}

#[test]
fn after_five_straight_failures_it_asks_no_more_than_once_a_minute() {
    let mut outbox = unpaced();
    outbox.add(cards(2));
    let outcomes = (0..7).map(|_| retry(Some(2))).chain([accepted(), accepted()]);
    assert_eq!(
        play(&mut outbox, outcomes),
        "    0s n1 later: 500
    2s n1 later: 500
    4s n1 later: 500
    6s n1 later: 500
    8s n1 later: 500
   68s n1 later: 500
  128s n1 later: 500
  188s n1 accepted
  188s n2 accepted
"
    );
}

#[test]
fn an_outage_of_days_loses_nothing_and_keeps_the_order() {
    let mut outbox = unpaced();
    outbox.add(cards(3));
    let transcript = play(&mut outbox, (0..4000).map(|_| retry(None)));
    let last: u64 =
        transcript.lines().last().unwrap().trim().split('s').next().unwrap().parse().unwrap();
    assert!(last > 4 * 24 * 3600, "4000 attempts are days: {last}s");
    let later = start() + seconds(last + 301);
    let mut arrived = Vec::new();
    while let Some(departure) = outbox.next(later) {
        drop(outbox.fold(later, &departure.id, accepted()));
        arrived.push(departure.id);
    }
    assert_eq!(arrived, ["n1@ops", "n2@ops", "n3@ops"]);
}

#[test]
fn a_card_that_alone_makes_the_channel_fail_leaves_as_plain_card_in_the_end() {
    let mut outbox = unpaced();
    outbox.add(cards(2));
    let transcript =
        play(&mut outbox, (0..10).map(|_| retry(Some(1))).chain([accepted(), accepted()]));
    let tail: Vec<&str> = transcript.lines().skip(9).map(|line| &line[7..]).collect();
    assert_eq!(tail, ["n1 later: 500", "n1 plain accepted", "n2 accepted"]);
}

#[test]
fn a_refused_card_goes_as_plain_card_once_and_is_then_set_aside() {
    let mut outbox = unpaced();
    outbox.add(cards(2));
    let outcomes = [Outcome::TooLarge { why: "413".into() }, rejected(), accepted()];
    assert_eq!(
        play(&mut outbox, outcomes),
        "    0s n1 later: 413
    0s n1 plain dead: 400
    0s n2 accepted
"
    );
}

#[test]
fn a_flow_that_is_off_keeps_everything_and_is_probed_rarely() {
    let mut outbox = unpaced();
    outbox.add(cards(2));
    let outcomes = [unavailable(15), unavailable(15), accepted(), accepted()];
    assert_eq!(
        play(&mut outbox, outcomes),
        "    0s n1 later: flow off
  900s n1 later: flow off
 1800s n1 accepted
 1800s n2 accepted
"
    );
}

#[test]
fn a_restart_with_a_mended_webhook_does_not_wait_for_the_probe() {
    let mut outbox = unpaced();
    outbox.add(cards(1));
    let departure = outbox.next(start()).unwrap();
    let change = outbox.fold(start(), &departure.id, unavailable(60)).unwrap();
    let Change::Later { next_at, .. } = change else { panic!("{change:?}") };
    assert_eq!(next_at, start());
}

#[test]
fn a_card_that_may_have_been_taken_says_so_on_the_next_attempt() {
    let mut outbox = unpaced();
    let died_in_flight = Owed { possible_repeat: true, ..Owed::new("n0@ops", "ops") };
    outbox.restore(vec![died_in_flight], &[], start());
    outbox.add(cards(1));
    let no_answer =
        Outcome::Retry { after: Some(seconds(3)), pause: false, unsure: true, why: "slow".into() };
    assert_eq!(
        play(&mut outbox, [accepted(), no_answer, accepted()]),
        "    0s n0 possible-repeat accepted
    0s n1 later: slow
    3s n1 possible-repeat accepted
"
    );
}

#[test]
fn a_clock_that_is_put_back_holds_no_card() {
    let mut outbox = paced();
    outbox.add(cards(5));
    let mut now = start();
    for _ in 0..4 {
        let departure = outbox.next(now).unwrap();
        drop(outbox.fold(now, &departure.id, accepted()));
    }
    assert_eq!(outbox.next(now), None);
    now -= seconds(3600);
    assert_eq!(outbox.next(now), None);
    assert_eq!(outbox.next_wakeup(now), Some(now + seconds(15)));
    assert!(outbox.next(now + seconds(15)).is_some());
}

#[test]
fn a_time_from_a_clock_that_was_wrong_is_not_waited_for() {
    let mut outbox = unpaced();
    let next_year = Some(at(365 * 24 * 3600));
    outbox.restore(vec![Owed { next_at: next_year, ..Owed::new("n1@ops", "ops") }], &[], start());
    assert_eq!(outbox.next_wakeup(start()), Some(at(3600)));
}

#[test]
fn cards_for_a_channel_that_is_no_longer_configured_wait_and_are_named() {
    let mut outbox = unpaced();
    outbox.restore(vec![Owed::new("n1@old", "old")], &[], start());
    assert_eq!(outbox.next(start()), None);
    assert_eq!(outbox.next_wakeup(start()), None);
    assert_eq!(outbox.stranded().collect::<Vec<_>>(), [("old", 1)]);
}

#[test]
fn the_same_delivery_is_not_queued_twice_and_an_unknown_outcome_changes_nothing() {
    let mut outbox = unpaced();
    outbox.add(cards(1));
    outbox.add(cards(1));
    assert_eq!(outbox.fold(start(), "n9@ops", accepted()), None);
    assert_eq!(outbox.n_owed(), 1);
    let departure = outbox.next(start()).unwrap();
    outbox.add(cards(1));
    outbox.withdraw(&departure.id);
    assert_eq!(outbox.n_owed(), 0);
}

/// As [`play`], with every delivery accepted and every crowd made a digest.
fn play_with_digests(outbox: &mut Outbox) -> String {
    let mut transcript = String::new();
    let mut now = start();
    loop {
        if let Some(crowd) = outbox.crowd(now) {
            let (n, first, last) = (crowd.ids.len(), &crowd.ids[0], crowd.ids.last().unwrap());
            writeln!(transcript, "       digest of {n}: {first} to {last}").unwrap();
            outbox.replace(&crowd, &Delivery { id: crowd.digest_id(), ..card("") });
        } else if let Some(departure) = outbox.next(now) {
            let change = outbox.fold(now, &departure.id, accepted()).unwrap();
            transcript.push_str(&line(now, &departure, &change));
        } else if let Some(wakeup) = outbox.next_wakeup(now) {
            now = wakeup;
        } else {
            return transcript;
        }
    }
}

#[test]
fn a_storm_becomes_single_cards_and_then_one_digest_never_a_growing_queue() {
    let mut outbox = paced();
    outbox.add(cards(4));
    let mut transcript = play_with_digests(&mut outbox);
    outbox.add(cards(57).split_off(4));
    transcript.push_str(&play_with_digests(&mut outbox));
    assert_eq!(
        transcript,
        "    0s n1 accepted
    0s n2 accepted
    0s n3 accepted
    0s n4 accepted
       digest of 53: n5@ops to n57@ops
   15s digest-n5 accepted
"
    );
}

#[test]
fn a_digest_and_a_card_that_was_tried_are_not_folded_again() {
    let mut outbox = paced();
    let tried = Owed { attempts: 1, ..Owed::new("n0@ops", "ops") };
    outbox.restore(vec![tried, Owed::new("digest-n1@ops", "ops")], &[], start());
    outbox.add(cards(9));
    assert_eq!(outbox.crowd(start()).unwrap().ids.len(), 9);
    assert_eq!(
        play_with_digests(&mut outbox),
        "       digest of 9: n1@ops to n9@ops
    0s n0 accepted
    0s digest-n1 accepted
    0s digest-n1 accepted
"
    );
}

#[test]
fn a_channel_that_rests_or_has_no_pace_has_no_crowd() {
    let mut outbox = paced();
    outbox.add(cards(100));
    let departure = outbox.next(start()).unwrap();
    assert_eq!(outbox.crowd(start()), None, "one is in flight");
    drop(outbox.fold(start(), &departure.id, paused(60)));
    assert_eq!(outbox.crowd(at(59)), None, "the digest would be old when it leaves");
    assert_eq!(outbox.crowd(at(60)).unwrap().ids.len(), 99);
    let mut local = unpaced();
    local.add(cards(100));
    assert_eq!(local.crowd(start()), None);
}

#[test]
fn what_the_pace_brings_in_good_time_is_not_folded() {
    let burst = std::num::NonZeroU32::new(1000).unwrap();
    let quick = Pace { burst, every: Duration::from_millis(1), ..Pace::default() };
    let mut outbox = Outbox::new(BTreeMap::from([("ops".to_owned(), Some(quick))]));
    outbox.add(cards(900));
    assert_eq!(outbox.crowd(start()), None);
}
