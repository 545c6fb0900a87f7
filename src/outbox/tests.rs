mod adversary;
mod blame;
mod causes;
mod fallback;
mod model;
mod night;
mod nodes;
mod poison;
mod threads;
mod unread;
mod waiting;

use std::fmt::Write as _;

use super::*;
use crate::commit::{About, Attention};

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
        id: format!("{id}@ops").into(),
        notice_id: id.into(),
        channel: "ops".to_owned(),
        severity: Severity::Error,
        fingerprint: None,
        reason: Reason::Opened,
        form: Form::Card,
        summary: String::new(),
        about: About::default(),
        payload: "{}".to_owned(),
        plain: "{}".to_owned(),
        created: start(),
        attention: Attention::Normal,
        possible_repeat: false,
    }
}

fn card_for(id: &str, channel: &str) -> Delivery {
    Delivery { id: format!("{id}@{channel}").into(), channel: channel.to_owned(), ..card(id) }
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

fn flow_off() -> Outcome {
    Outcome::Unavailable { why: "flow off".into() }
}

fn refused() -> Outcome {
    Outcome::Refused { why: "403".into() }
}

fn of(mut card: Delivery, severity: Severity, fingerprint: &str) -> Delivery {
    card.severity = severity;
    card.fingerprint = Some(fingerprint.into());
    card
}

/// Simulates the channel: each attempt gets the next outcome of the script, and time jumps to the
/// next wakeup. Ends when the script or the outbox is empty.
fn play(outbox: &mut Outbox, script: impl IntoIterator<Item = Outcome>) -> String {
    let mut script = script.into_iter().peekable();
    let mut transcript = String::new();
    let mut now = start();
    while script.peek().is_some() {
        if let Some(attempt) = outbox.next(now) {
            let outcome = script.next().unwrap();
            let change = outbox.apply(now, &attempt.id, outcome).unwrap();
            transcript.push_str(&line(now, &attempt, &change));
        } else if let Some(wakeup) = outbox.next_wakeup(now) {
            assert!(wakeup > now, "woken without a reason");
            now = wakeup;
        } else {
            break;
        }
    }
    transcript
}

fn line(now: Timestamp, attempt: &Attempt, change: &Change) -> String {
    let seconds = now.duration_since(start()).as_secs();
    let name = attempt.id.split('@').next().unwrap();
    let mut line = match &attempt.group {
        None => format!("{seconds:>5}s {name}"),
        Some(group) => {
            let (first, last) = (&group.members[0], group.members.last().unwrap());
            let name = |id: &str| id.split('@').next().unwrap().to_owned();
            let n = group.members.len();
            format!("{seconds:>5}s digest of {n} ({} to {})", name(first), name(last))
        }
    };
    if attempt.use_plain {
        line.push_str(" plain");
    }
    if attempt.possible_repeat {
        line.push_str(" possible-repeat");
    }
    match change {
        Change::Accepted { .. } => line.push_str(" accepted"),
        Change::Shown { to_reply, done, given_up, withdrawn, .. } => {
            let [to_reply, done] = [to_reply, done].map(Vec::len);
            write!(line, " shown: to reply {to_reply}, done {done}, given up {given_up}").unwrap();
            if *withdrawn > 0 {
                write!(line, ", withdrawn {withdrawn}").unwrap();
            }
        }
        Change::KnownElsewhere { .. } => line.push_str(" known"),
        Change::Later { why, .. } => write!(line, " later: {why}").unwrap(),
        Change::Dissolved { why, .. } => write!(line, " dissolved: {why}").unwrap(),
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
fn a_restart_allows_no_second_burst() {
    let mut outbox = paced();
    let recent: Vec<_> = (0..4).map(|n| ("ops".to_owned(), at(0) - seconds(n))).collect();
    let pending = vec![Pending::new(&card_for("n1", "ops")), Pending::new(&card_for("n2", "ops"))];
    outbox.restore(pending, &recent, start());
    let transcript = play(&mut outbox, std::iter::repeat_with(accepted));
    assert_eq!(transcript, "   12s n1 accepted\n   27s n2 accepted\n");
}

#[test]
fn each_channel_has_one_delivery_in_flight_independently_of_others() {
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
fn a_429_pauses_the_channel_as_requested_and_empties_its_burst() {
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
fn a_card_that_may_have_arrived_is_marked_on_the_next_attempt() {
    let mut outbox = unpaced();
    let died_in_flight = Pending { possible_repeat: true, ..Pending::new(&card_for("n0", "ops")) };
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
fn a_clock_set_back_delays_no_card() {
    let mut outbox = paced();
    outbox.add(cards(5));
    let mut now = start();
    for _ in 0..4 {
        let attempt = outbox.next(now).unwrap();
        drop(outbox.apply(now, &attempt.id, accepted()));
    }
    assert_eq!(outbox.next(now), None);
    now -= seconds(3600);
    assert_eq!(outbox.next(now), None);
    assert_eq!(outbox.next_wakeup(now), Some(now + seconds(15)));
    assert!(outbox.next(now + seconds(15)).is_some());
}

#[test]
fn cards_of_a_removed_channel_wait_and_are_listed_as_stranded() {
    let mut outbox = unpaced();
    outbox.restore(vec![Pending::new(&card_for("n1", "old"))], &[], start());
    assert_eq!(outbox.next(start()), None);
    assert_eq!(outbox.next_wakeup(start()), None);
    let configured = BTreeMap::from([("ops".to_owned(), "a pace")]);
    let stranded = stranded(&configured, ["old", "ops", "old", "gone"]);
    assert_eq!(stranded, BTreeMap::from([("old", 2), ("gone", 1)]));
}

#[test]
fn the_same_delivery_is_not_queued_twice_and_an_unknown_outcome_changes_nothing() {
    let mut outbox = unpaced();
    outbox.add(cards(1));
    outbox.add(cards(1));
    assert_eq!(outbox.apply(start(), &"n9@ops".into(), accepted()), None);
    assert_eq!(outbox.n_pending(), 1);
    let attempt = outbox.next(start()).unwrap();
    outbox.add(cards(1));
    outbox.withdraw(&attempt.id);
    assert_eq!(outbox.n_pending(), 0);
}

/// The transcript of a channel that accepts everything.
fn well(outbox: &mut Outbox) -> String {
    play(outbox, std::iter::repeat_with(accepted))
}

#[test]
fn a_critical_card_is_sent_outside_the_digest() {
    let mut outbox = paced();
    outbox.add(cards(4));
    let mut transcript = well(&mut outbox);
    let mut storm = cards(24).split_off(4);
    storm[9] = of(storm[9].clone(), Severity::Critical, "c");
    outbox.add(storm);
    transcript.push_str(&well(&mut outbox));
    assert_eq!(
        transcript,
        "    0s n1 accepted
    0s n2 accepted
    0s n3 accepted
    0s n4 accepted
   15s n14 accepted
   30s digest of 19 (n5 to n24) accepted
"
    );
}

#[test]
fn the_order_is_severity_then_age_with_recoveries_last() {
    let mut outbox = unpaced();
    let mut all = cards(5);
    all[0].reason = Reason::Recovered;
    all[1].severity = Severity::Warning;
    all[3].severity = Severity::Critical;
    outbox.add(all);
    let order = std::iter::from_fn(|| {
        let attempt = outbox.next(start())?;
        drop(outbox.apply(start(), &attempt.id, accepted()));
        Some(attempt.id)
    });
    assert_eq!(order.collect::<Vec<_>>(), ["n4@ops", "n3@ops", "n5@ops", "n2@ops", "n1@ops"]);
}

#[test]
fn a_recovery_is_never_sent_before_its_failure() {
    let mut outbox = unpaced();
    let failure = of(card("n1"), Severity::Warning, "a");
    let recovery = Delivery { reason: Reason::Recovered, ..of(card("n2"), Severity::Warning, "a") };
    outbox.add(vec![failure, recovery, of(card("n3"), Severity::Warning, "b")]);
    // While the failure is refused, the recovery waits behind it.
    assert_eq!(
        play(&mut outbox, [refused(), accepted(), accepted(), accepted()]),
        "    0s n1 later: 403
   15s n3 accepted
   15s n1 plain accepted
   15s n2 accepted
"
    );
}

#[test]
fn a_hundred_critical_cards_are_named_within_a_minute_and_few_are_in_a_digest() {
    let mut outbox = paced();
    let critical = |n: usize| of(card(&format!("n{n}")), Severity::Critical, &format!("f{n}"));
    outbox.add((1..=100).map(critical).collect());
    assert_eq!(
        well(&mut outbox),
        "    0s digest of 94 (n1 to n94) accepted
    0s n95 accepted
    0s n96 accepted
    0s n97 accepted
   15s n98 accepted
   30s n99 accepted
   45s n100 accepted
"
    );
}

#[test]
fn a_digest_names_the_worst_first_and_counts_recoveries_separately() {
    let mut outbox = paced();
    let mut all = Vec::new();
    for n in 0..14 {
        let failure = of(card(&format!("a{n}")), Severity::Error, &format!("f{n}"));
        let over = Delivery {
            id: format!("b{n}@ops").into(),
            reason: Reason::Recovered,
            ..failure.clone()
        };
        all.extend([failure, over]);
    }
    all.push(of(card("w"), Severity::Warning, "w"));
    all.push(of(card("e"), Severity::Error, "e"));
    outbox.add(all);
    let group = outbox.next(start()).unwrap().group.unwrap();
    assert_eq!(group.counted, DigestCounts { problems: 2, over: 14, cards: 30, unnamed: 0 });
    let ids: Vec<_> =
        group.named.iter().take(3).map(|row| (row.id.as_str(), row.is_over)).collect();
    assert_eq!(ids, [("e@ops", false), ("w@ops", false), ("a0@ops", true)]);
    assert_eq!(group.named.len(), 16, "an incident that opened and recovered unseen is one line");
}

#[test]
fn one_refused_card_does_not_stop_its_channel() {
    let mut outbox = paced();
    outbox.add(cards(5));
    let good = || std::iter::repeat_with(accepted);
    let answers = [refused()].into_iter().chain(good().take(4)).chain([refused()]);
    assert_eq!(
        play(&mut outbox, answers),
        "    0s n1 later: 403
   15s n2 accepted
   15s n3 accepted
   15s n4 accepted
   15s n5 accepted
   30s n1 plain dead: 403
"
    );
}

#[test]
fn a_card_that_alone_gets_500_is_tried_twice_rich_and_three_times_plain() {
    let mut outbox = unpaced();
    outbox.add(cards(1));
    let mut now = start();
    let mut forms = Vec::new();
    for n in 2.. {
        let attempt = loop {
            match outbox.next(now) {
                Some(attempt) => break attempt,
                None => now = outbox.next_wakeup(now).unwrap(),
            }
        };
        if attempt.id != "n1@ops" {
            drop(outbox.apply(now, &attempt.id, accepted()));
            continue;
        }
        forms.push(attempt.use_plain);
        let change = outbox.apply(now, &attempt.id, retry(None)).unwrap();
        if matches!(change, Change::Dead { .. }) {
            break;
        }
        outbox.add(vec![card(&format!("n{n}"))]);
    }
    assert_eq!(forms, [false, false, true, true, true]);
}

#[test]
fn a_bad_channel_is_probed_after_1_5_and_15_minutes_then_hourly_with_another_card() {
    let mut outbox = unpaced();
    outbox.add(cards(9));
    let answers = (0..6).map(|_| refused()).chain((0..9).map(|_| accepted()));
    let transcript = play(&mut outbox, answers);
    assert!(
        transcript.starts_with(
            "    0s n1 later: 403
   15s n2 later: 403
   75s n3 later: 403
  375s n4 later: 403
 1275s n5 later: 403
 4875s n6 later: 403
 8475s n7 accepted
 8475s n8 accepted
 8475s n9 accepted
 8475s n1 accepted
"
        ),
        "{transcript}"
    );
}

#[test]
fn a_card_refused_for_hours_does_not_delay_a_new_one() {
    let mut outbox = unpaced();
    outbox.add(cards(1));
    play(&mut outbox, (0..6).map(|_| refused()));
    let now = outbox.next_wakeup(start()).unwrap() - seconds(1800);
    outbox.add(vec![card("n2")]);
    assert_eq!(outbox.next(now).unwrap().id, "n2@ops");
}

#[test]
fn a_flow_that_is_off_is_probed_at_least_every_quarter_of_an_hour() {
    let mut outbox = unpaced();
    outbox.add(cards(2));
    let answers = (0..5).map(|_| flow_off()).chain([accepted(), accepted()]);
    let transcript = play(&mut outbox, answers);
    let times: Vec<&str> = transcript.lines().map(|line| line[..6].trim()).collect();
    assert_eq!(times, ["0s", "60s", "360s", "1260s", "2160s", "3060s", "3060s"]);
}

#[test]
fn an_unreachable_channel_is_tried_every_one_to_two_minutes() {
    let mut outbox = unpaced();
    outbox.add(cards(3));
    let transcript = play(&mut outbox, (0..200).map(|_| Outcome::Unreached { why: "x".into() }));
    let times: Vec<u64> =
        transcript.lines().map(|line| line[..5].trim().parse().unwrap()).collect();
    assert!(times.windows(2).skip(6).all(|pair| (60..=120).contains(&(pair[1] - pair[0]))));
}

#[test]
fn a_poisoned_row_does_not_delay_the_others_of_its_digest() {
    let mut outbox = paced();
    outbox.add(cards(40));
    let (mut now, mut pending) = (start(), true);
    let poisoned = |id: &str| id == "n17@ops";
    let mut delivered = Vec::new();
    while pending {
        let Some(attempt) = outbox.next(now) else {
            now = outbox.next_wakeup(now).unwrap();
            continue;
        };
        let ids = attempt.group.map_or(vec![attempt.id.clone()], |group| group.members);
        let outcome = if ids.iter().any(|id| poisoned(id)) { refused() } else { accepted() };
        match outbox.apply(now, &attempt.id, outcome).unwrap() {
            Change::Accepted { .. } => delivered.extend(ids),
            Change::Dead { .. } => assert_eq!(ids, ["n17@ops"]),
            Change::Later { .. } | Change::Dissolved { .. } => {}
            change => panic!("no threads: {change:?}"),
        }
        pending = outbox.n_pending() > 0;
    }
    assert_eq!(delivered.len(), 39);
    assert!(now <= at(300), "{now}");
}

#[test]
fn eight_hours_of_outage_are_reported_in_five_digests() {
    let mut outbox = paced();
    let mut now = start();
    let mut n_attempts = 0;
    for n in 0..4800 {
        now = at(n * 6);
        outbox.add(vec![Delivery { created: now, ..card(&format!("n{n}")) }]);
        while let Some(attempt) = outbox.next(now) {
            n_attempts += 1;
            assert!(attempt.group.is_none(), "no digest during an outage");
            drop(outbox.apply(now, &attempt.id, Outcome::Unreached { why: "x".into() }));
        }
    }
    assert!(n_attempts > 100);
    let mut digests = 0;
    let returned = now;
    while outbox.n_pending() > 0 {
        let Some(attempt) = outbox.next(now) else {
            now = outbox.next_wakeup(now).unwrap();
            continue;
        };
        if let Some(group) = &attempt.group {
            digests += 1;
            if group.members.iter().any(|id| id == "n4799@ops") {
                assert!(group.named.iter().any(|row| row.id == "n4799@ops"), "the newest is named");
            }
        }
        drop(outbox.apply(now, &attempt.id, accepted()));
    }
    assert!(digests <= 5, "{digests}");
    assert!(now < returned + seconds(300));
}

#[test]
fn a_wait_never_exceeds_its_intended_length_after_a_restart_with_a_moved_clock() {
    for hours in [-9000, -2, 0, 2, 9000] {
        let mut outbox = unpaced();
        let next_at = start() + jiff::SignedDuration::from_hours(hours) + seconds(40);
        let one = Pending {
            attempts: 3,
            next_at: Some(next_at),
            wait: seconds(40),
            created: next_at,
            ..Pending::new(&card("n1"))
        };
        outbox.restore(vec![one], &[], start());
        let wakeup = outbox.next_wakeup(start()).unwrap();
        assert!(wakeup <= at(40), "{hours} h: {wakeup}");
    }
}

#[test]
fn sends_in_the_future_count_against_the_pace() {
    let mut outbox = paced();
    let sends: Vec<_> = (0..4).map(|n| ("ops".to_owned(), at(3600 + n))).collect();
    outbox.restore(vec![Pending::new(&card("n1"))], &sends, start());
    assert_eq!(outbox.next(start()), None, "no second burst after a clock was set back");
    assert_eq!(outbox.next_wakeup(start()), Some(at(15)));
}

#[test]
fn a_stream_of_critical_cards_does_not_delay_errors() {
    let mut outbox = paced();
    outbox.add(cards(30));
    let mut last = BTreeMap::new();
    for n in 0..1200 {
        let now = at(n);
        let id = format!("c{n}");
        outbox.add(vec![Delivery { created: now, ..of(card(&id), Severity::Critical, &id) }]);
        while let Some(attempt) = outbox.next(now) {
            let ids = attempt.group.map_or(vec![attempt.id.clone()], |group| group.members);
            last.extend(ids.into_iter().map(|id| (id, n)));
            drop(outbox.apply(now, &attempt.id, accepted()));
        }
    }
    for n in 1..=30 {
        assert!(last[&*format!("n{n}@ops")] <= 300);
    }
    for n in 0..1140 {
        assert!(last[&*format!("c{n}@ops")] <= n + 60, "critical card {n}");
    }
}

#[test]
fn a_hundred_thousand_pending_cards_are_queued_and_sent_as_digests() {
    let mut outbox = paced();
    let all: Vec<Delivery> = (0..100_000)
        .map(|n| of(card(&format!("n{n}")), Severity::Error, &format!("f{}", n % 3000)))
        .collect();
    outbox.add(all);
    assert_eq!(outbox.n_pending(), 100_000);
    let mut n = 0;
    while outbox.n_pending() > 0 {
        n += 1;
        let now = at(15 * n);
        let Some(attempt) = outbox.next(now) else { continue };
        drop(outbox.apply(now, &attempt.id, accepted()));
    }
    assert!(n <= 20, "{n} cards of 200 incidents");
}
