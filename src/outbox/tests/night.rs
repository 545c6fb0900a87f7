//! A night of faults: for ten hours, a channel and its fallback are up, slow, busy, failing, hanging,
//! half open, refusing, switched off or deleted, in random turns, and the program is killed.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

const NIGHT: u64 = 10 * 3600;
/// Then everything works, for long enough that every probe comes.
const MORNING: u64 = 3 * 3600;
const AFTER: u64 = 900;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Up,
    Slow,
    Busy,
    Failing,
    /// No answer; half of the cards arrive.
    Hanging,
    /// No answer; all cards arrive.
    HalfOpen,
    Unreached,
    Refusing,
    Off,
    Deleted,
}

const MODES: [Mode; 10] = [
    Mode::Up,
    Mode::Slow,
    Mode::Busy,
    Mode::Failing,
    Mode::Hanging,
    Mode::HalfOpen,
    Mode::Unreached,
    Mode::Refusing,
    Mode::Off,
    Mode::Deleted,
];

/// A source of numbers that follows from a seed.
#[derive(Clone, Debug)]
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

#[derive(Debug)]
struct Flight {
    done: u64,
    attempt: Attempt,
    ids: Vec<DeliveryId>,
    outcome: Outcome,
}

struct Night {
    outbox: Outbox,
    time: u64,
    chance: Chance,
    modes: BTreeMap<&'static str, Mode>,
    is_local: bool,
    flights: Vec<Flight>,
    /// The state file.
    state: Vec<Pending>,
    sends: Vec<(String, Timestamp)>,
    accepted: BTreeMap<String, Timestamp>,
    /// Channels that have said that they are deleted.
    deleted: BTreeSet<String>,
    created: BTreeMap<DeliveryId, u64>,
    fingerprints: BTreeMap<DeliveryId, Option<Fingerprint>>,
    /// When each first arrived, and in which order.
    arrived: BTreeMap<DeliveryId, u64>,
    order: Vec<DeliveryId>,
    unmarked: Vec<DeliveryId>,
    too_early: Vec<String>,
    dead: Vec<DeliveryId>,
}

fn outbox(is_local: bool) -> Outbox {
    let other = (!is_local).then(Pace::default);
    let channels =
        BTreeMap::from([("ops".to_owned(), Some(Pace::default())), ("other".to_owned(), other)]);
    let fallback = Fallback { to: "other".to_owned(), after: seconds(AFTER) };
    Outbox::new(channels).with_fallbacks(BTreeMap::from([("ops".to_owned(), fallback)]))
}

impl Night {
    fn new(seed: u64, is_local: bool) -> Self {
        Self {
            outbox: outbox(is_local),
            time: 0,
            chance: Chance(seed),
            modes: BTreeMap::from([("ops", Mode::Up), ("other", Mode::Up)]),
            is_local,
            flights: Vec::new(),
            state: Vec::new(),
            sends: Vec::new(),
            accepted: BTreeMap::new(),
            deleted: BTreeSet::new(),
            created: BTreeMap::new(),
            fingerprints: BTreeMap::new(),
            arrived: BTreeMap::new(),
            order: Vec::new(),
            unmarked: Vec::new(),
            too_early: Vec::new(),
            dead: Vec::new(),
        }
    }

    fn turn(&mut self, channel: &'static str, mode: Mode) {
        let before = self.modes.insert(channel, mode);
        if before == Some(Mode::Deleted) && mode != Mode::Deleted {
            // Somebody gives Footman the new URL.
            let pace = (channel == "ops" || !self.is_local).then(Pace::default);
            self.outbox.replaced(at(self.time), channel, pace);
            self.deleted.remove(channel);
        }
    }

    fn add(&mut self, n: u64) {
        let incident = self.chance.below(12);
        let severity = [Severity::Critical, Severity::Error, Severity::Warning]
            [usize::try_from(self.chance.below(3)).unwrap()];
        let channel = if self.chance.below(5) == 0 { "other" } else { "ops" };
        let card = card_for(&format!("n{n}"), channel);
        let card = of(card, severity, &format!("{channel}{incident}"));
        let card = Delivery { created: at(self.time), ..card };
        self.created.insert(card.id.clone(), self.time);
        self.fingerprints.insert(card.id.clone(), card.fingerprint.clone());
        self.state.push(Pending::new(&card));
        self.outbox.add(vec![card]);
    }

    /// How long an attempt takes, whether the card arrives, and what the sender learns.
    fn answer(&mut self, mode: Mode) -> (u64, bool, Outcome) {
        let why = AttemptFault::from(format!("{mode:?}"));
        let retry = |after: Option<u64>, pause, unsure| Outcome::Retry {
            after: after.map(seconds),
            pause,
            unsure,
            why: why.clone(),
        };
        match mode {
            Mode::Up => (1, true, accepted()),
            Mode::Slow => (5 + self.chance.below(20), true, accepted()),
            Mode::Busy => (1, false, retry(Some(10 + self.chance.below(300)), true, false)),
            Mode::Failing => (2, false, retry(None, false, false)),
            Mode::Hanging => (30, self.chance.below(2) == 0, retry(None, false, true)),
            Mode::HalfOpen => (30, true, retry(None, false, true)),
            Mode::Unreached => (10, false, Outcome::Unreached { why }),
            Mode::Refusing => (1, false, Outcome::Refused { why }),
            Mode::Off => (1, false, Outcome::Unavailable { why }),
            Mode::Deleted => (1, false, Outcome::Gone { why }),
        }
    }

    fn send(&mut self, attempt: Attempt) {
        let ids = match &attempt.group {
            Some(group) => group.members.clone(),
            None => vec![attempt.id.clone()],
        };
        self.sends.push((attempt.channel.clone(), at(self.time)));
        if let Some(InsteadOf { channel, .. }) = &attempt.instead_of {
            let last = self.accepted.get(channel).copied().unwrap_or_else(start);
            let is_long = at(self.time).duration_since(last).unsigned_abs() >= seconds(AFTER);
            if !is_long && !self.deleted.contains(channel) {
                self.too_early.push(format!("{}s {}", self.time, attempt.id));
            }
        }
        for one in self.state.iter_mut().filter(|one| ids.contains(&one.id)) {
            one.attempts += u32::from(attempt.group.is_none());
        }
        let mode = self.modes[attempt.channel.as_str()];
        let (takes, arrives, outcome) = self.answer(mode);
        if arrives {
            self.arrive(&attempt, &ids);
        }
        self.flights.push(Flight { done: self.time + takes, attempt, ids, outcome });
    }

    fn arrive(&mut self, attempt: &Attempt, ids: &[DeliveryId]) {
        for id in ids {
            if self.arrived.contains_key(id) {
                if !attempt.possible_repeat {
                    self.unmarked.push(id.clone());
                }
                continue;
            }
            self.arrived.insert(id.clone(), self.time);
            self.order.push(id.clone());
        }
    }

    fn land(&mut self, flight: Flight) {
        let Flight { attempt, ids, outcome, .. } = flight;
        match &outcome {
            Outcome::Accepted { .. } => {
                self.accepted.insert(attempt.channel.clone(), at(self.time));
            }
            Outcome::Gone { .. } => _ = self.deleted.insert(attempt.channel.clone()),
            _ => {}
        }
        let change = self.outbox.apply(at(self.time), &attempt.id, outcome).unwrap();
        match change {
            Change::Shown { .. } | Change::KnownElsewhere { .. } => {
                panic!("no threads: {change:?}")
            }
            Change::Accepted { .. } => self.state.retain(|one| !ids.contains(&one.id)),
            Change::Dead { .. } => {
                self.dead.extend(ids.iter().cloned());
                self.state.retain(|one| !ids.contains(&one.id));
            }
            Change::Later { next_at, wait, use_plain, possible_repeat, refused, .. } => {
                let one = self.state.iter_mut().find(|one| one.id == ids[0]).unwrap();
                (one.next_at, one.wait, one.refused) = (Some(next_at), wait, refused);
                (one.use_plain, one.possible_repeat) = (use_plain, possible_repeat);
            }
            Change::Dissolved { possible_repeat, .. } => {
                for one in self.state.iter_mut().filter(|one| ids.contains(&one.id)) {
                    one.possible_repeat |= possible_repeat;
                }
            }
        }
    }

    fn kill(&mut self) {
        for flight in std::mem::take(&mut self.flights) {
            for one in self.state.iter_mut().filter(|one| flight.ids.contains(&one.id)) {
                one.possible_repeat = true;
            }
        }
        // A deleted channel is found out again.
        self.deleted.clear();
        self.outbox = outbox(self.is_local);
        let accepted: Vec<_> = self.accepted.clone().into_iter().collect();
        self.outbox.accepted_before(&accepted);
        self.outbox.restore(self.state.clone(), &self.sends, at(self.time));
    }

    /// Sends and receives until this time.
    fn run_until(&mut self, end: u64) {
        loop {
            while let Some(attempt) = self.outbox.next(at(self.time)) {
                self.send(attempt);
            }
            let landing = self.flights.iter().map(|flight| flight.done).min();
            let wakeup = self.outbox.next_wakeup(at(self.time)).map(|wakeup| {
                let wait = wakeup.duration_since(at(self.time));
                assert!(wait.is_positive(), "woken without a reason");
                // Rounded up, so that time always advances.
                let wait = wait.unsigned_abs().as_nanos().div_ceil(1_000_000_000);
                self.time.saturating_add(u64::try_from(wait).unwrap_or(u64::MAX))
            });
            let Some(next) = landing.into_iter().chain(wakeup).min().filter(|next| *next <= end)
            else {
                break;
            };
            self.time = next;
            while let Some(n) = self.flights.iter().position(|flight| flight.done <= self.time) {
                let flight = self.flights.remove(n);
                self.land(flight);
            }
        }
        self.time = end;
    }

    /// The most sends of a channel in any 300 s.
    fn most_in_five_minutes(&self, channel: &str) -> usize {
        let sends: Vec<Timestamp> =
            self.sends.iter().filter(|(of, _)| of == channel).map(|(_, at)| *at).collect();
        let within = |(n, from): (usize, &Timestamp)| {
            let end = *from + seconds(300);
            sends[n..].iter().take_while(|at| **at < end).count()
        };
        sends.iter().enumerate().map(within).max().unwrap_or(0)
    }

    /// The deliveries of each incident in the order in which they first arrived.
    fn orders(&self) -> BTreeMap<Option<Fingerprint>, Vec<u64>> {
        let mut orders: BTreeMap<Option<Fingerprint>, Vec<u64>> = BTreeMap::new();
        for id in &self.order {
            orders.entry(self.incident(id)).or_default().push(number(id));
        }
        orders
    }

    fn incident(&self, id: &DeliveryId) -> Option<Fingerprint> {
        self.fingerprints.get(id).cloned().flatten()
    }
}

fn number(id: &DeliveryId) -> u64 {
    id.trim_start_matches('n').split('@').next().unwrap().parse().unwrap()
}

/// Plays a night; the fallback has faults, too, unless it is always up.
fn night(seed: u64, is_local: bool, has_reliable_fallback: bool) -> Night {
    let mut night = Night::new(seed, is_local);
    let (mut turn, mut card, mut death) = (0, 0, 0);
    let mut n = 0;
    while night.time < NIGHT {
        let next = turn.min(card).min(death);
        night.run_until(next.max(night.time));
        if turn <= night.time {
            let channel = if night.chance.below(2) == 0 { "ops" } else { "other" };
            let mode = MODES[usize::try_from(night.chance.below(10)).unwrap()];
            if channel == "ops" || !has_reliable_fallback {
                night.turn(channel, mode);
            }
            turn = night.time + 120 + night.chance.below(3600);
        }
        if card <= night.time {
            n += 1;
            night.add(n);
            card = night.time + night.chance.below(400);
        }
        if death <= night.time {
            night.kill();
            death = night.time + 600 + night.chance.below(7200);
        }
    }
    night.turn("ops", Mode::Up);
    night.turn("other", Mode::Up);
    night.run_until(NIGHT + MORNING);
    night
}

fn check(night: &Night) {
    assert!(night.dead.is_empty(), "no card is to blame: {:?}", night.dead);
    assert_eq!(night.outbox.n_pending(), 0, "{:?}", night.state);
    let missing: Vec<_> =
        night.created.keys().filter(|id| !night.arrived.contains_key(*id)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(night.unmarked.is_empty(), "arrived twice without a mark: {:?}", night.unmarked);
    assert_eq!(night.too_early, Vec::<String>::new(), "through the fallback without need");
    for (incident, order) in night.orders() {
        assert!(order.is_sorted(), "{incident:?}: {order:?}");
    }
    assert!(night.most_in_five_minutes("ops") <= 25);
    assert!(night.is_local || night.most_in_five_minutes("other") <= 25);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn every_card_arrives_once_or_marked_in_order_and_within_the_pace(
        seed in any::<u64>(),
        is_local in any::<bool>(),
    ) {
        check(&night(seed, is_local, false));
    }

    /// With a fallback that works, no card waits much longer than until the fallback is used. If the
    /// program dies just then, the cards that were not tried yet wait for that time once more.
    #[test]
    fn a_fallback_that_works_gets_what_its_channel_does_not_take(
        seed in any::<u64>(),
        is_local in any::<bool>(),
    ) {
        let night = night(seed, is_local, true);
        check(&night);
        for (id, created) in &night.created {
            let waited = night.arrived[id] - created;
            prop_assert!(waited <= 2 * AFTER + 600, "{id} waited {waited} s");
        }
    }
}
