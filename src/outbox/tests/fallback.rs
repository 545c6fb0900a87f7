//! A channel that is unavailable, and its fallback.

use super::*;
use crate::outbox::backlog::Series;

const AFTER: u64 = 900;

/// `ops` with the fallback `other`; both paced, unless the fallback is local.
fn with_fallback(is_local: bool) -> Outbox {
    let other = (!is_local).then(Pace::default);
    let channels =
        BTreeMap::from([("ops".to_owned(), Some(Pace::default())), ("other".to_owned(), other)]);
    let fallback = Fallback { to: "other".to_owned(), after: seconds(AFTER) };
    Outbox::new(channels).with_fallbacks(BTreeMap::from([("ops".to_owned(), fallback)]))
}

/// Deliveries that are added at a time, and how each channel answers at a time.
struct Story<'a> {
    adds: Vec<(u64, Delivery)>,
    answers: &'a dyn Fn(&str, u64) -> Outcome,
}

impl Story<'_> {
    /// Plays until `end`; one line for each attempt of `shown`.
    fn play(mut self, outbox: &mut Outbox, end: u64, shown: &dyn Fn(&Attempt) -> bool) -> String {
        let mut transcript = String::new();
        let mut now = start();
        self.adds.sort_by_key(|(at, _)| *at);
        self.adds.reverse();
        loop {
            let passed = u64::try_from(now.duration_since(start()).as_secs()).unwrap();
            while self.adds.last().is_some_and(|(added, _)| *added <= passed) {
                let delivery = self.adds.pop().unwrap().1;
                outbox.add(vec![Delivery { created: now, ..delivery }]);
            }
            if let Some(attempt) = outbox.next(now) {
                let outcome = (self.answers)(&attempt.channel, passed);
                let change = outbox.apply(now, &attempt.id, outcome).unwrap();
                if shown(&attempt) {
                    transcript.push_str(&sent(now, &attempt, &change));
                }
                continue;
            }
            let wakeup = outbox.next_wakeup(now).filter(|wakeup| *wakeup > now);
            for (channel, since) in outbox.take_unavailable(now) {
                let since = since.duration_since(start()).as_secs();
                writeln!(transcript, "{passed:>5}s {channel} unavailable since {since}s").unwrap();
            }
            let added = self.adds.last().map(|(added, _)| at(*added));
            let reported = outbox.next_unavailable();
            match wakeup.into_iter().chain(added).chain(reported).min() {
                Some(next) if next <= at(end) => now = next.max(now),
                _ => return transcript,
            }
        }
    }
}

fn sent(now: Timestamp, attempt: &Attempt, change: &Change) -> String {
    let line = line(now, attempt, change);
    let (time, rest) = line.split_once("s ").unwrap();
    match &attempt.instead_of {
        None => format!("{time}s {} {rest}", attempt.channel),
        Some(InsteadOf { channel, since }) => {
            let since = since.duration_since(start()).as_secs();
            format!("{time}s {} for {channel} ({since}s) {rest}", attempt.channel)
        }
    }
}

fn by_fallback(attempt: &Attempt) -> bool {
    attempt.instead_of.is_some()
}

fn accepted_only(outbox: &mut Outbox, story: Story<'_>, end: u64) -> String {
    let all = story.play(outbox, end, &|_| true);
    all.split_inclusive('\n').filter(|line| line.ends_with("accepted\n")).collect()
}

fn unreached() -> Outcome {
    Outcome::Unreached { why: "no connection".into() }
}

fn gone() -> Outcome {
    Outcome::Gone { why: "deleted".into() }
}

#[test]
fn after_a_quarter_of_an_hour_the_fallback_gets_what_is_pending_and_what_comes() {
    let mut outbox = with_fallback(false);
    let answers = |channel: &str, _| if channel == "ops" { unreached() } else { accepted() };
    let adds = vec![(0, card("n1")), (60, card("n2")), (2000, card("n3"))];
    let transcript = Story { adds, answers: &answers }.play(&mut outbox, 2100, &by_fallback);
    assert_eq!(
        transcript,
        "  900s other for ops (0s) n1 accepted
  900s other for ops (0s) n2 accepted
  900s ops unavailable since 0s
 2000s other for ops (0s) n3 accepted
"
    );
    assert_eq!(outbox.n_pending(), 0);
}

#[test]
fn an_outage_that_is_shorter_leaves_the_fallback_alone() {
    let mut outbox = with_fallback(false);
    let answers = |channel: &str, now: u64| match channel {
        "ops" if now < AFTER - 200 => retry(None),
        _ => accepted(),
    };
    let adds = vec![(0, card("n1")), (1000, card("n2"))];
    let transcript = accepted_only(&mut outbox, Story { adds, answers: &answers }, 2000);
    assert!(
        !transcript.contains("other") && transcript.matches("ops n").count() == 2,
        "{transcript}"
    );
}

#[test]
fn when_the_channel_is_back_the_next_card_goes_to_it_again() {
    let mut outbox = with_fallback(false);
    let answers = |channel: &str, now: u64| match channel {
        "ops" if now < 1500 => unreached(),
        _ => accepted(),
    };
    let adds = vec![(0, card("n1")), (950, card("n2")), (1600, card("n3")), (1601, card("n4"))];
    assert_eq!(
        accepted_only(&mut outbox, Story { adds, answers: &answers }, 2000),
        "  900s other for ops (0s) n1 accepted
  950s other for ops (0s) n2 accepted
 1600s ops n3 accepted
 1601s ops n4 accepted
"
    );
}

/// The first card is on its way through the fallback when the channel takes cards again.
#[test]
fn a_channel_that_is_back_while_the_fallback_is_under_way_gets_what_has_not_left() {
    let mut outbox = with_fallback(false);
    outbox.add(vec![of(card("n1"), Severity::Error, "a"), of(card("n2"), Severity::Error, "a")]);
    let first = outbox.next(at(0)).unwrap();
    drop(outbox.apply(at(0), &first.id, Outcome::Unreached { why: "".into() }));
    // No probe in between: the channel rests until it is offered elsewhere.
    let mut now = at(0);
    let diverted = loop {
        match outbox.next(now) {
            Some(attempt) if attempt.instead_of.is_some() => break attempt,
            Some(own) => drop(outbox.apply(now, &own.id, unreached())),
            None => now = outbox.next_wakeup(now).unwrap().max(now + seconds(1)),
        }
    };
    assert_eq!((diverted.id.as_str(), diverted.channel.as_str()), ("n1@ops", "other"));
    outbox.replaced(now, "ops", Some(Pace::default()));
    assert_eq!(outbox.next(now), None, "the order within the incident is kept");
    drop(outbox.apply(now, &diverted.id, accepted()));
    let next = outbox.next(now).unwrap();
    assert_eq!((next.id.as_str(), next.channel.as_str()), ("n2@ops", "ops"));
    assert_eq!(next.instead_of, None);
}

#[test]
fn while_both_are_down_whichever_is_back_first_gets_the_card() {
    for (back, expected) in [("ops", "ops n1"), ("other", "other for ops (0s) n1")] {
        let mut outbox = with_fallback(false);
        let answers = |channel: &str, now: u64| {
            if channel == back && now >= 4000 { accepted() } else { unreached() }
        };
        let adds = vec![(0, card("n1"))];
        let transcript = accepted_only(&mut outbox, Story { adds, answers: &answers }, 9000);
        assert_eq!(transcript.lines().count(), 1, "{transcript}");
        assert!(transcript.contains(expected), "{back}: {transcript}");
        let passed: u64 = transcript.trim_start().split('s').next().unwrap().parse().unwrap();
        assert!((4000..4200).contains(&passed), "{back}: {transcript}");
    }
}

#[test]
fn a_local_fallback_takes_everything_at_once() {
    let mut outbox = with_fallback(true);
    let answers = |channel: &str, _| if channel == "ops" { flow_off() } else { accepted() };
    let adds = cards(30).into_iter().map(|card| (1, card)).collect();
    let transcript = accepted_only(&mut outbox, Story { adds, answers: &answers }, 1000);
    assert_eq!(transcript.lines().count(), 30, "{transcript}");
    assert!(
        transcript.lines().all(|line| line.starts_with("  901s other for ops")),
        "{transcript}"
    );
}

/// At the fallback's pace, one by one would take too long.
#[test]
fn many_cards_go_to_the_fallback_as_a_digest_behind_its_own() {
    let mut outbox = with_fallback(false);
    let answers = |channel: &str, _| if channel == "ops" { unreached() } else { accepted() };
    let mut adds: Vec<_> = cards(20).into_iter().map(|card| (0, card)).collect();
    adds.push((0, of(card("n21"), Severity::Critical, "c")));
    adds.push((900, card_for("own", "other")));
    let transcript = accepted_only(&mut outbox, Story { adds, answers: &answers }, 1000);
    assert_eq!(
        transcript,
        "  900s other own accepted
  900s other for ops (0s) n21 accepted
  900s other for ops (0s) digest of 20 (n1 to n20) accepted
"
    );
}

#[test]
fn a_deleted_workflow_is_not_probed_and_its_cards_go_to_the_fallback_at_once() {
    let mut outbox = with_fallback(false);
    let answers = |channel: &str, _| if channel == "ops" { gone() } else { accepted() };
    let adds = vec![(0, card("n1")), (5000, card("n2")), (90_000, card("n3"))];
    let transcript = Story { adds, answers: &answers }.play(&mut outbox, 200_000, &|_| true);
    assert_eq!(
        transcript,
        "    0s ops n1 later: deleted
    0s other for ops (0s) n1 accepted
  900s ops unavailable since 0s
 5000s other for ops (0s) n2 accepted
90000s other for ops (0s) n3 accepted
"
    );
}

#[test]
fn without_a_fallback_a_deleted_workflow_keeps_its_cards_until_its_url_is_replaced() {
    let mut outbox = paced();
    let adds = vec![(0, card("n1")), (5000, card("n2"))];
    let transcript =
        Story { adds, answers: &|_, _| gone() }.play(&mut outbox, 1_000_000, &|_| true);
    assert_eq!(transcript, "    0s ops n1 later: deleted\n  900s ops unavailable since 0s\n");
    assert_eq!(outbox.n_pending(), 2);
    outbox.replaced(at(1_000_000), "ops", Some(Pace::default()));
    let attempt = outbox.next(at(1_000_000)).unwrap();
    assert_eq!(attempt.group.map(|group| group.members.len()), Some(2), "at once");
}

/// A card that the fallback refuses, although it accepts others, stays; nothing else waits for it.
#[test]
fn a_card_that_the_fallback_refuses_too_holds_up_nothing() {
    let mut outbox = with_fallback(false);
    outbox.add(vec![card("bad"), card_for("own", "other")]);
    let mut n_refused = 0;
    let mut now = start();
    while now < at(20_000) {
        let Some(attempt) = outbox.next(now) else {
            now = outbox.next_wakeup(now).filter(|at| *at > now).unwrap_or(now + seconds(60));
            drop(outbox.take_unavailable(now));
            if (now.duration_since(start()).as_secs()) % 600 < 60 {
                outbox.add(vec![card_for(&format!("own{now}"), "other")]);
            }
            continue;
        };
        let outcome = match (attempt.channel.as_str(), attempt.instead_of.is_some()) {
            ("ops", _) => unreached(),
            (_, true) => {
                n_refused += 1;
                Outcome::Rejected { why: "400".into() }
            }
            _ => accepted(),
        };
        drop(outbox.apply(now, &attempt.id, outcome));
    }
    assert!((2..=6).contains(&n_refused), "{n_refused}");
    assert!(outbox.waiting().any(|(name, waiting)| name == "ops" && waiting.n == 1));
}

#[test]
fn a_restart_does_not_begin_the_wait_again() {
    let mut outbox = with_fallback(false);
    let tried = Pending { attempts: 3, ..Pending::new(&card("n1")) };
    outbox.restore(vec![tried], &[], at(1000));
    let own = outbox.next(at(1000)).unwrap();
    assert_eq!(own.instead_of, None, "its own channel is tried first");
    drop(outbox.apply(at(1000), &own.id, unreached()));
    let diverted = outbox.next(at(1000)).unwrap();
    assert_eq!(diverted.channel, "other");
}

#[test]
fn a_restart_does_not_forget_an_outage_of_which_nothing_is_pending() {
    let restarted = || {
        let mut outbox = with_fallback(false);
        outbox.unavailable_before(&[("ops".to_owned(), at(0))]);
        outbox.restore(Vec::new(), &[], at(5000));
        assert_eq!(outbox.next_unavailable(), None, "it may be back");
        outbox.add(vec![Delivery { created: at(5000), ..card("n1") }]);
        outbox
    };
    let mut outbox = restarted();
    let own = outbox.next(at(5000)).unwrap();
    assert_eq!(own.instead_of, None, "its own channel is tried first");
    drop(outbox.apply(at(5000), &own.id, unreached()));
    let diverted = outbox.next(at(5000)).unwrap();
    let since = InsteadOf { channel: "ops".to_owned(), since: at(0) };
    assert_eq!((diverted.channel.as_str(), diverted.instead_of), ("other", Some(since)));
    assert_eq!(outbox.take_unavailable(at(5000)), [("ops".to_owned(), at(0))]);

    let mut outbox = restarted();
    let own = outbox.next(at(5000)).unwrap();
    drop(outbox.apply(at(5000), &own.id, accepted()));
    outbox.add(vec![card("n2")]);
    let own = outbox.next(at(5001)).unwrap();
    drop(outbox.apply(at(5001), &own.id, unreached()));
    assert_eq!(outbox.next(at(5001)), None, "another outage begins");
}

#[test]
fn a_fallback_that_is_not_configured_gets_nothing() {
    let fallback = Fallback { to: "away".to_owned(), after: seconds(1) };
    let mut outbox = paced().with_fallbacks(BTreeMap::from([("ops".to_owned(), fallback)]));
    let adds = vec![(0, card("n1"))];
    let transcript =
        Story { adds, answers: &|_, _| unreached() }.play(&mut outbox, 5000, &by_fallback);
    assert_eq!(transcript, "    1s ops unavailable since 0s\n");
    assert_eq!(outbox.n_pending(), 1);
}

fn incident(n: usize, reason: Reason) -> Delivery {
    Delivery { reason, ..of(card(&format!("n{n}")), Severity::Error, "sales") }
}

/// Which deliveries of a recovery in both channels are sent.
fn ends(mut outbox: Outbox, now: u64) -> Vec<String> {
    let there = Delivery {
        id: "n9@other".into(),
        channel: "other".to_owned(),
        ..incident(9, Reason::Recovered)
    };
    let own = incident(9, Reason::Recovered);
    let created = at(now);
    outbox.add([own, there].map(|one| Delivery { created, ..one }).to_vec());
    let mut sent = Vec::new();
    let mut now = at(now);
    while let Some(wakeup) = outbox.next_wakeup(now).filter(|_| outbox.n_pending() > 0) {
        now = now.max(wakeup);
        while let Some(attempt) = outbox.next(now) {
            sent.push(attempt.id.to_string());
            drop(outbox.apply(now, &attempt.id, accepted()).unwrap());
        }
    }
    sent.sort();
    sent
}

#[test]
fn a_recovery_goes_to_the_own_channel_unless_it_certainly_posted_nothing() {
    let outbox_after = |own: &[(Delivery, Outcome)]| {
        let mut outbox = with_fallback(false);
        outbox.restore_fallback_notices(&[FallbackNotice {
            channel: "ops".to_owned(),
            fingerprint: "sales".into(),
            by: "other".to_owned(),
            at: at(900),
            only_by_fallback: true,
        }]);
        let mut now = at(1000);
        for (delivery, outcome) in own {
            outbox.add(vec![Delivery { created: now, ..delivery.clone() }]);
            while let Some(attempt) = outbox.next(now) {
                drop(outbox.apply(now, &attempt.id, outcome.clone()).unwrap());
                now += seconds(60);
            }
        }
        outbox
    };
    assert_eq!(ends(outbox_after(&[]), 2000), ["n9@other"], "it posted nothing");
    let posted = [(incident(2, Reason::Repeated), accepted())];
    assert_eq!(ends(outbox_after(&posted), 2000), ["n9@ops", "n9@other"], "it posted a repeat");
    let unknown = Outcome::Retry { after: None, pause: false, unsure: true, why: "".into() };
    let may_have_posted = ends(outbox_after(&[(incident(2, Reason::Repeated), unknown)]), 2000);
    assert!(may_have_posted.contains(&"n9@ops".to_owned()), "{may_have_posted:?}");
}

/// A route leads to both: the fallback has a delivery of its own.
#[test]
fn what_the_fallback_gets_anyway_is_not_sent_to_it_again() {
    let mut outbox = with_fallback(false);
    let there = Delivery {
        id: "n1@other".into(),
        channel: "other".to_owned(),
        ..incident(1, Reason::Opened)
    };
    outbox.add(vec![incident(1, Reason::Opened), there]);
    let (mut now, mut by_other) = (start(), Vec::new());
    while now < at(4000) {
        while let Some(attempt) = outbox.next(now) {
            let is_own = attempt.channel == "ops";
            if !is_own {
                by_other.push(attempt.id.to_string());
            }
            let down = Outcome::Unreached { why: "down".into() };
            let outcome = if is_own { down } else { accepted() };
            drop(outbox.apply(now, &attempt.id, outcome).unwrap());
        }
        now = outbox.next_wakeup(now).filter(|wakeup| *wakeup > now).unwrap_or(at(4000));
    }
    assert_eq!((by_other, outbox.n_pending()), (vec!["n1@other".to_owned()], 1));
}

#[test]
fn after_a_restart_the_channel_is_tried_before_its_fallback_and_soon() {
    let mut outbox = with_fallback(false);
    outbox.unavailable_before(&[("ops".to_owned(), start())]);
    let wait = seconds(3000);
    let next_at = Some(at(4000) + wait);
    let waiting =
        Pending { attempts: 6, next_at, wait, ..Pending::new(&incident(1, Reason::Opened)) };
    outbox.restore(vec![waiting], &[], at(4000));
    assert_eq!((outbox.next(at(4000)), outbox.take_unavailable(at(4000))), (None, vec![]));
    let woken = outbox.next_wakeup(at(4000)).unwrap();
    assert!(woken <= at(4060), "{woken}");
    let attempt = outbox.next(woken).unwrap();
    assert_eq!(attempt.channel, "ops");
    drop(outbox.apply(woken, &attempt.id, Outcome::Unreached { why: "down".into() }));
    assert_eq!(outbox.next(woken).unwrap().channel, "other");
}

/// Both are down, and the one that the report is about takes cards first.
#[test]
fn that_a_channel_is_unavailable_never_leaves_through_that_channel() {
    let report = |n: usize, of: &str| {
        let about = About { unavailable: Some(of.to_owned()), ..About::default() };
        Delivery { about, ..card(&format!("r{n}")) }
    };
    for n_others in [1, 30] {
        let mut outbox = with_fallback(false);
        let answers = |channel: &str, now: u64| match channel {
            "other" if now >= 2000 => accepted(),
            _ => unreached(),
        };
        let mut adds = vec![(0, report(1, "other")), (0, report(2, "third"))];
        adds.extend((0..n_others).map(|n| (0, card(&format!("n{n}")))));
        let story = Story { adds, answers: &answers };
        let sent = story.play(&mut outbox, 6000, &by_fallback);
        let own = Series::Single("r1@ops".into());
        let left = outbox.queues["ops"].backlog.of(&own).map(|(_, card)| &*card.pending.id);
        assert_eq!(left.collect::<Vec<_>>(), ["r1@ops"], "{sent}");
        assert_eq!(outbox.n_pending(), 1, "{sent}");
    }
}
