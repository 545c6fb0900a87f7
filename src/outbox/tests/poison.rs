//! Cards that their channel never accepts: the others are sent at once, and the bad cards soon
//! become dead.

use std::collections::BTreeMap;

use super::model::{Happening, Mode, World};
use super::*;

const MODES: [Mode; 5] =
    [Mode::Refused, Mode::Rejected, Mode::TooLarge, Mode::Failing, Mode::FailingAfter(600)];
/// The time after which a poisoned card is dead at the default pace, in seconds.
const DEAD_WITHIN: u64 = 180;

fn poisoned(mode: Mode, ids: &[&str]) -> World {
    World::new(ids.iter().map(|id| (format!("{id}@ops").into(), mode)).collect())
}

fn arrive(world: &mut World, time: u64, cards: impl IntoIterator<Item = Delivery>) {
    world.play(cards.into_iter().map(|card| (time, Happening::Arrives(card))));
}

fn good(n: usize) -> Vec<Delivery> {
    (1..=n).map(|n| card(&format!("g{n}"))).collect()
}

fn all_within(world: &World, cards: &[Delivery], seconds: u64, mode: Mode) {
    for card in cards {
        let took = world.took(&card.id);
        assert!(took <= seconds, "{mode:?}: {} took {took} s", card.id);
    }
}

fn dead_within(world: &World, ids: &[&str], seconds: u64, mode: Mode) {
    for id in ids {
        let at = world.dead.get(&*format!("{id}@ops"));
        assert!(at.is_some_and(|at| *at <= seconds), "{mode:?}: {id} is dead at {at:?}");
    }
    assert_eq!(world.dead.len(), ids.len(), "{mode:?}: {:?}", world.dead);
}

#[test]
fn ten_good_cards_behind_a_poisoned_one_are_sent_and_it_is_dead() {
    for mode in MODES {
        let mut world = poisoned(mode, &["p"]);
        arrive(&mut world, 0, [card("p")]);
        arrive(&mut world, 0, good(10));
        world.run_until(1000);
        // The cards begin in one digest, which is halved until the poisoned one is alone.
        all_within(&world, &good(10), 180, mode);
        dead_within(&world, &["p"], DEAD_WITHIN, mode);
    }
}

#[test]
fn two_poisoned_cards_among_ten_good_ones_are_dead() {
    for mode in MODES {
        let mut world = poisoned(mode, &["p", "q"]);
        arrive(&mut world, 0, [card("p"), card("q")]);
        arrive(&mut world, 0, good(10));
        world.run_until(1000);
        // Two refusals look like a bad channel.
        all_within(&world, &good(10), 240, mode);
        dead_within(&world, &["p", "q"], 2 * DEAD_WITHIN, mode);
    }
}

#[test]
fn a_poisoned_card_that_waits_alone_is_dead_soon_after_good_ones_arrive() {
    for mode in MODES {
        let mut world = poisoned(mode, &["p"]);
        arrive(&mut world, 0, [card("p")]);
        arrive(&mut world, 5000, good(3));
        world.run_until(6000);
        all_within(&world, &good(3), 30, mode);
        dead_within(&world, &["p"], 5000 + DEAD_WITHIN, mode);
    }
}

#[test]
fn a_poisoned_card_is_dead_despite_a_restart_in_between() {
    for mode in MODES {
        let mut world = poisoned(mode, &["p"]);
        arrive(&mut world, 0, [card("p")]);
        arrive(&mut world, 0, good(5));
        world.play([(20, Happening::Restarts)]);
        arrive(&mut world, 21, [card("h1"), card("h2")]);
        world.run_until(1000);
        all_within(&world, &good(5), 60, mode);
        all_within(&world, &[card("h1"), card("h2")], 90, mode);
        dead_within(&world, &["p"], 20 + DEAD_WITHIN, mode);
    }
}

#[test]
fn poisoned_critical_cards_do_not_delay_errors() {
    for mode in MODES {
        let mut world = poisoned(mode, &["p", "q"]);
        let critical = |id| of(card(id), Severity::Critical, id);
        arrive(&mut world, 0, [critical("p"), critical("q")]);
        arrive(&mut world, 1, good(10));
        arrive(&mut world, 100, [critical("c")]);
        world.run_until(1000);
        all_within(&world, &good(10), 200, mode);
        all_within(&world, &[critical("c")], 60, mode);
        dead_within(&world, &["p", "q"], 2 * DEAD_WITHIN, mode);
    }
}

#[test]
fn a_poisoned_card_in_a_digest_is_found_by_halving() {
    for mode in MODES {
        let mut world = poisoned(mode, &["g17"]);
        arrive(&mut world, 0, good(40));
        world.run_until(2000);
        let others: Vec<_> = good(40).into_iter().filter(|card| card.id != "g17@ops").collect();
        all_within(&world, &others, 300, mode);
        dead_within(&world, &["g17"], 300, mode);
    }
}

#[test]
fn a_channel_that_fails_at_random_costs_no_good_card() {
    for percent in [10, 30, 50, 70] {
        let mut world = World::new(BTreeMap::new());
        world.play([(0, Happening::Turns(Some(Mode::Flaky(percent))))]);
        let cards = (0..500_u64).map(|n| (n * 40, Happening::Arrives(card(&format!("g{n}")))));
        world.play(cards);
        world.run_until(100_000);
        assert_eq!(world.dead, BTreeMap::new(), "{percent} %");
        assert_eq!(world.n_pending(), 0, "{percent} %");
    }
}
