//! Who is to blame for a refusal: an outage never kills a good card, whatever its timing.

use std::collections::BTreeMap;

use super::model::{Happening, Mode, World};
use super::*;

const REFUSING: [Mode; 5] =
    [Mode::Refused, Mode::Rejected, Mode::TooLarge, Mode::Failing, Mode::Busy(1)];

fn arrive(time: u64, ids: &[&str]) -> Vec<(u64, Happening)> {
    ids.iter().map(|id| (time, Happening::Arrives(card(id)))).collect()
}

fn outage(from: u64, to: u64, mode: Mode) -> [(u64, Happening); 2] {
    [(from, Happening::Turns(Some(mode))), (to, Happening::Turns(None))]
}

/// Asserts that no card is dead and that everything is delivered in the end.
fn none_is_dead(parts: impl IntoIterator<Item = (u64, Happening)>, mode: Mode) {
    let mut script: Vec<_> = parts.into_iter().collect();
    script.sort_by_key(|(time, _)| *time);
    let mut world = World::new(BTreeMap::new());
    world.play(script);
    world.run_until(200_000);
    assert_eq!(world.dead, BTreeMap::new(), "{mode:?}");
    assert_eq!(world.n_pending(), 0, "{mode:?}");
    assert!(world.unmarked.is_empty(), "{mode:?}: {:?}", world.unmarked);
}

/// Regression: refusals in the first outage counted as the card's fault in the second.
#[test]
fn a_card_refused_in_two_outages_is_not_dead() {
    for mode in REFUSING {
        let script = outage(0, 2000, mode)
            .into_iter()
            .chain(arrive(1, &["x"]))
            // These use up the burst, so that the second outage begins before x is sent again.
            .chain(arrive(3000, &["y1", "y2", "y3", "y4"]))
            .chain(outage(3005, 9000, mode))
            .chain(arrive(9500, &["z"]));
        none_is_dead(script, mode);
    }
}

/// Regression: the card had no outcome, and was suspected without a reason.
#[test]
fn a_card_in_flight_at_a_kill_survives_the_following_outage() {
    for mode in REFUSING {
        let script = arrive(0, &["w1", "w2", "w3", "w4"])
            .into_iter()
            // x is sent at 15 s, y at 30 s.
            .chain(arrive(10, &["x", "y"]))
            .chain([(12, Happening::DiesInFlight)])
            .chain(outage(35, 2000, mode))
            .chain(arrive(2500, &["z"]));
        none_is_dead(script, mode);
    }
}

/// The kill can happen in any second, and any number of times.
#[test]
fn an_outage_with_kills_at_any_moment_costs_no_card() {
    for mode in REFUSING {
        for begins in (0..40).step_by(3) {
            for gap in [1, 7, 15, 31, 61] {
                let kills = (1..4).flat_map(|n| {
                    let at = begins + n * gap;
                    [(at, Happening::DiesInFlight), (at + gap / 2, Happening::Restarts)]
                });
                let script = arrive(0, &["a", "b", "c", "d", "e", "f"])
                    .into_iter()
                    .chain(arrive(begins + 2, &["g", "h", "i"]))
                    .chain(outage(begins, begins + 300, mode))
                    .chain(kills)
                    .chain(arrive(begins + 301, &["j", "k", "l"]));
                none_is_dead(script, mode);
            }
        }
    }
}

/// On a quiet channel, the card is identified after three refusals that each follow an accepted
/// card closely.
#[test]
fn a_poisoned_card_on_a_quiet_channel_is_dead_after_three_other_cards() {
    for mode in [Mode::Refused, Mode::Rejected, Mode::TooLarge, Mode::Failing] {
        let mut world = World::new(BTreeMap::from([("p@ops".into(), mode)]));
        let good = (1..=4).map(|n| (n * 7000, Happening::Arrives(card(&format!("g{n}")))));
        world.play(arrive(0, &["p"]).into_iter().chain(good));
        world.run_until(30_000);
        let at = world.dead["p@ops"];
        assert!(at <= 21_180, "{mode:?}: {at}");
        for n in 1..=4 {
            assert!(world.took(&format!("g{n}@ops")) <= 30, "{mode:?}: g{n}");
        }
    }
}
