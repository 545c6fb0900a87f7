//! An adversary chooses the answer for each card and channel over time, kills the program and moves
//! the clock; the properties must hold nevertheless.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::model::{Happening, Mode, World};
use super::*;

fn passing_mode() -> impl Strategy<Value = Mode> {
    prop_oneof![
        Just(Mode::Failing),
        Just(Mode::Hanging),
        Just(Mode::Unreached),
        (0..4000_u64).prop_map(Mode::FailingAfter),
    ]
}

fn mode() -> impl Strategy<Value = Mode> {
    prop_oneof![
        passing_mode(),
        Just(Mode::Refused),
        Just(Mode::Rejected),
        Just(Mode::TooLarge),
        Just(Mode::Off),
        (0..400_u64).prop_map(Mode::Busy),
    ]
}

fn poison_mode() -> impl Strategy<Value = Mode> {
    prop_oneof![
        Just(Mode::Refused),
        Just(Mode::Rejected),
        Just(Mode::TooLarge),
        Just(Mode::Failing),
        Just(Mode::FailingAfter(600)),
    ]
}

fn severity() -> impl Strategy<Value = Severity> {
    prop_oneof![
        1 => Just(Severity::Critical),
        6 => Just(Severity::Error),
        3 => Just(Severity::Warning),
    ]
}

/// Cards of some incidents with their creation times; every third card of an incident is its
/// recovery.
fn arrivals(most: usize, within: u64) -> impl Strategy<Value = Vec<(u64, Happening)>> {
    let one = (0..within, 0..most.max(1), severity());
    prop::collection::vec(one, 0..most).prop_map(|mut all| {
        all.sort_by_key(|(time, ..)| *time);
        let mut seen = BTreeMap::<usize, (usize, Severity)>::new();
        let card = |(n, (time, incident, severity)): (usize, (u64, usize, Severity))| {
            let (k, severity) =
                *seen.entry(incident).and_modify(|(k, _)| *k += 1).or_insert((0, severity));
            let reason = [Reason::Opened, Reason::Repeated, Reason::Recovered][k % 3];
            let card = of(super::card(&format!("n{n}")), severity, &format!("f{incident}"));
            (time, Happening::Arrives(Delivery { reason, ..card }))
        };
        all.into_iter().enumerate().map(card).collect()
    })
}

/// Outages of at least two minutes with at least ten minutes between them.
fn outages() -> impl Strategy<Value = Vec<(u64, Happening)>> {
    let one = (600..4000_u64, 120..9000_u64, mode());
    prop::collection::vec(one, 0..4).prop_map(|all| {
        let mut time = 0;
        let mut script = Vec::new();
        for (gap, length, mode) in all {
            time += gap;
            script.push((time, Happening::Turns(Some(mode))));
            time += length;
            script.push((time, Happening::Turns(None)));
        }
        script
    })
}

fn mishaps(clock: std::ops::Range<i64>) -> impl Strategy<Value = Vec<(u64, Happening)>> {
    let mishap = prop_oneof![
        Just(Happening::Restarts),
        Just(Happening::DiesInFlight),
        clock.prop_map(Happening::ClockMoves),
    ];
    prop::collection::vec((0..12_000_u64, mishap), 0..6)
}

fn poison(most: usize) -> impl Strategy<Value = BTreeMap<DeliveryId, Mode>> {
    let id = (0..40_usize).prop_map(|n| format!("n{n}@ops").into());
    prop::collection::btree_map(id, poison_mode(), 0..=most)
}

fn together(parts: [Vec<(u64, Happening)>; 3]) -> Vec<(u64, Happening)> {
    let mut script: Vec<_> = parts.into_iter().flatten().collect();
    script.sort_by_key(|(time, _)| *time);
    script
}

fn ids(script: &[(u64, Happening)]) -> Vec<Delivery> {
    let arrives = |(_, happening): &(u64, Happening)| match happening {
        Happening::Arrives(delivery) => Some(delivery.clone()),
        _ => None,
    };
    script.iter().filter_map(arrives).collect()
}

fn in_order_within_incidents(world: &World, cards: &[Delivery]) -> bool {
    let number = |id: &str| cards.iter().position(|card| card.id == id).unwrap();
    let mut last = BTreeMap::new();
    world.delivered.iter().all(|id| {
        let number = number(id);
        let last = last.insert(&cards[number].fingerprint, number);
        last.is_none_or(|last| last < number)
    })
}

/// Cards for the following days, so that a bad card can be identified.
fn aftermath() -> Vec<(u64, Happening)> {
    let one = |n: u64| (60_000 + n * 900, Happening::Arrives(card(&format!("z{n}"))));
    (0..40).map(one).collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        // Each case simulates hours of a channel.
        cases: ProptestConfig::default().cases.div_ceil(8),
        max_shrink_iters: 200,
        ..ProptestConfig::default()
    })]

    #[test]
    fn each_card_ends_in_order_and_no_good_card_is_dead(
        arrivals in arrivals(80, 12_000),
        outages in outages(),
        mishaps in mishaps(-5000..5000),
        poison in poison(3),
    ) {
        let script = together([arrivals, outages, mishaps]);
        let cards = ids(&script);
        let mut world = World::new(poison.clone());
        world.play(script.into_iter().chain(aftermath()));
        world.run_until(1_000_000);
        prop_assert_eq!(world.n_pending(), 0);
        for card in &cards {
            let delivered = world.delivered_at.contains_key(&card.id);
            let dead = world.dead.contains_key(&card.id);
            prop_assert!(delivered || dead, "{} is gone", card.id);
            prop_assert!(!dead || poison.contains_key(&card.id), "{} is dead", card.id);
        }
        world.delivered.retain(|id| !id.starts_with('z'));
        prop_assert!(in_order_within_incidents(&world, &cards), "{:?}", world.delivered);
        prop_assert!(world.unmarked.is_empty(), "{:?}", world.unmarked);
    }

    #[test]
    fn the_pace_is_kept_through_outages_kills_and_clock_changes(
        arrivals in arrivals(80, 12_000),
        outages in outages(),
        mishaps in mishaps(-5000..0),
        poison in poison(3),
    ) {
        let mut world = World::new(poison);
        world.play(together([arrivals, outages, mishaps]));
        world.run_until(100_000);
        prop_assert!(world.most_in_five_minutes() <= 25, "{:?}", world.true_sends);
    }

    #[test]
    fn in_a_healthy_channel_a_critical_card_takes_a_minute_and_an_error_five(
        arrivals in arrivals(400, 900),
    ) {
        let cards = ids(&arrivals);
        let mut world = World::new(BTreeMap::new());
        world.play(arrivals);
        world.run_until(10_000);
        for card in cards.iter().filter(|card| card.reason != Reason::Recovered) {
            let bound = match card.severity {
                Severity::Critical => 60,
                Severity::Error => 300,
                Severity::Warning | Severity::Info => 900,
            };
            prop_assert!(world.took(&card.id) <= bound, "{}: {}", card.id, world.took(&card.id));
        }
    }

    #[test]
    fn one_poisoned_card_does_not_delay_others_for_long(
        arrivals in arrivals(60, 900),
        restarts in prop::collection::vec((0..900_u64, Just(Happening::Restarts)), 0..3),
        poison in poison(1),
    ) {
        let cards = ids(&arrivals);
        let script = together([arrivals, restarts, Vec::new()]);
        let mut world = World::new(poison.clone());
        world.play(script);
        world.run_until(20_000);
        let blamed = |card: &&Delivery| {
            poison.keys().any(|id| cards.iter().any(|one| one.id == *id && one.fingerprint == card.fingerprint))
        };
        for card in cards.iter().filter(|card| !blamed(card)) {
            let bound = match (card.reason, card.severity) {
                (Reason::Recovered, _) => 900,
                (_, Severity::Critical) => 180,
                _ => 600,
            };
            prop_assert!(world.took(&card.id) <= bound, "{}: {}", card.id, world.took(&card.id));
        }
    }

    #[test]
    fn after_an_outage_a_few_digests_report_everything(
        arrivals in arrivals(250, 7200),
        mode in mode(),
    ) {
        let back = 7200;
        let mut script = vec![(0, Happening::Turns(Some(mode)))];
        script.extend(arrivals);
        script.push((back, Happening::Turns(None)));
        let mut world = World::new(BTreeMap::new());
        world.play(script);
        let before = (world.n_digests, world.true_sends.len());
        world.run_until(100_000);
        prop_assert_eq!(world.n_pending(), 0);
        prop_assert!(world.n_digests - before.0 <= 5, "{} digests", world.n_digests - before.0);
        if let Some(first) = world.true_sends.get(before.1) {
            let last = world.delivered_at.values().map(|(at, _)| *at).max().unwrap_or(0);
            prop_assert!(last <= first + 300, "{first} to {last}");
        }
    }
}
