//! Simulates the world of one outbox: a channel that answers by time and by card, a persistent
//! state file, a clock that can be moved, and a program that can be killed.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// How a channel or a card is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Refused,
    Rejected,
    TooLarge,
    Failing,
    FailingAfter(u64),
    Busy(u64),
    Hanging,
    Unreached,
    Off,
    /// This percentage of cards fails, at random.
    Flaky(u64),
}

impl Mode {
    fn outcome(self) -> Outcome {
        let why = AttemptFault::from(format!("{self:?}"));
        let retry = |after: Option<u64>, pause, unsure| Outcome::Retry {
            after: after.map(seconds),
            pause,
            unsure,
            why: why.clone(),
        };
        match self {
            Self::Refused => Outcome::Refused { why },
            Self::Rejected => Outcome::Rejected { why },
            Self::TooLarge => Outcome::TooLarge { why },
            Self::Failing | Self::Flaky(_) => retry(None, false, false),
            Self::FailingAfter(after) => retry(Some(after), false, false),
            Self::Busy(after) => retry(Some(after), true, false),
            Self::Hanging => retry(None, false, true),
            Self::Unreached => Outcome::Unreached { why },
            Self::Off => Outcome::Unavailable { why },
        }
    }
}

#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "a test has few of them")]
pub(crate) enum Happening {
    Arrives(Delivery),
    /// Changes how the channel answers from now on.
    Turns(Option<Mode>),
    Restarts,
    /// The next card is answered, but the program is killed and the answer lost.
    DiesInFlight,
    /// Moves the wall clock by this many seconds.
    ClockMoves(i64),
}

#[derive(Debug)]
pub(crate) struct World {
    outbox: Outbox,
    pub(crate) poison: BTreeMap<DeliveryId, Mode>,
    mode: Option<Mode>,
    /// True seconds since the start; the wall clock has an offset to it.
    pub(crate) time: u64,
    offset: i64,
    dies: bool,
    /// The state file: pending deliveries in order, and the times of sends.
    state: Vec<Pending>,
    sends: Vec<(String, Timestamp)>,
    pub(crate) true_sends: Vec<u64>,
    arrived_at: BTreeMap<DeliveryId, u64>,
    /// The fingerprint of each card; empty if it has none.
    incidents: BTreeMap<DeliveryId, Option<Fingerprint>>,
    /// In the order of delivery.
    pub(crate) delivered: Vec<DeliveryId>,
    /// When each was delivered, and whether it was named.
    pub(crate) delivered_at: BTreeMap<DeliveryId, (u64, bool)>,
    /// Delivered twice without a mark.
    pub(crate) unmarked: BTreeSet<DeliveryId>,
    /// When each became dead.
    pub(crate) dead: BTreeMap<DeliveryId, u64>,
    chance: u64,
    pub(crate) n_digests: usize,
}

impl World {
    pub(crate) fn new(poison: BTreeMap<DeliveryId, Mode>) -> Self {
        Self {
            outbox: paced(),
            poison,
            mode: None,
            time: 0,
            offset: 0,
            dies: false,
            state: Vec::new(),
            sends: Vec::new(),
            true_sends: Vec::new(),
            arrived_at: BTreeMap::new(),
            incidents: BTreeMap::new(),
            delivered_at: BTreeMap::new(),
            delivered: Vec::new(),
            unmarked: BTreeSet::new(),
            dead: BTreeMap::new(),
            chance: 1,
            n_digests: 0,
        }
    }

    fn now(&self) -> Timestamp {
        at(self.time) + jiff::SignedDuration::from_secs(self.offset)
    }

    /// Time to delivery of each card, in true seconds.
    pub(crate) fn took(&self, id: &str) -> u64 {
        let (at, named) =
            self.delivered_at.get(id).unwrap_or_else(|| panic!("{id} was not delivered"));
        assert!(*named, "{id} has no name in its digest");
        at - self.arrived_at[id]
    }

    pub(crate) fn play(&mut self, script: impl IntoIterator<Item = (u64, Happening)>) {
        for (time, happening) in script {
            // Events of the same second happen before anything is sent.
            if time > self.time {
                self.run_until(time);
                self.time = time;
            }
            self.happen(happening);
        }
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Arrives(delivery) => {
                let delivery = Delivery { created: self.now(), ..delivery };
                self.arrived_at.insert(delivery.id.clone(), self.time);
                self.incidents.insert(delivery.id.clone(), delivery.fingerprint.clone());
                self.state.push(Pending::new(&delivery));
                self.outbox.add(vec![delivery]);
            }
            Happening::Turns(mode) => self.mode = mode,
            Happening::Restarts => self.restart(),
            Happening::DiesInFlight => self.dies = true,
            Happening::ClockMoves(by) => self.offset += by,
        }
    }

    fn restart(&mut self) {
        self.outbox = paced();
        self.outbox.restore(self.state.clone(), &self.sends, self.now());
    }

    /// Sends what can be sent until the true time is reached.
    pub(crate) fn run_until(&mut self, end: u64) {
        loop {
            if let Some(attempt) = self.outbox.next(self.now()) {
                self.answer(&attempt);
                continue;
            }
            let Some(wakeup) = self.outbox.next_wakeup(self.now()) else { break };
            let wait = wakeup.duration_since(self.now());
            assert!(wait.is_positive(), "woken without a reason");
            // Rounded up, so that time always advances.
            let wait = wait.unsigned_abs().as_nanos().div_ceil(1_000_000_000);
            let wait = u64::try_from(wait).unwrap();
            assert!(wait <= 3601, "a wait of {wait} s");
            if self.time + wait > end {
                break;
            }
            self.time += wait;
        }
    }

    fn answer(&mut self, attempt: &Attempt) {
        let ids = match &attempt.group {
            Some(group) => group.members.clone(),
            None => vec![attempt.id.clone()],
        };
        self.n_digests += usize::from(attempt.group.is_some());
        self.sends.push(("ops".to_owned(), self.now()));
        self.true_sends.push(self.time);
        let poisoned = ids.iter().find_map(|id| self.poison.get(id)).copied();
        let outcome = self.mode().or(poisoned).map_or(accepted(), Mode::outcome);
        let arrives =
            matches!(outcome, Outcome::Accepted { .. } | Outcome::Retry { unsure: true, .. });
        if arrives {
            self.deliver(attempt, &ids);
        }
        if std::mem::take(&mut self.dies) {
            for one in self.state.iter_mut().filter(|one| ids.contains(&one.id)) {
                one.attempts += u32::from(attempt.group.is_none());
                one.possible_repeat = true;
            }
            return self.restart();
        }
        let change = self.outbox.apply(self.now(), &attempt.id, outcome).unwrap();
        self.store(&ids, &change);
    }

    /// How the channel answers now.
    fn mode(&mut self) -> Option<Mode> {
        self.mode.filter(|mode| match mode {
            Mode::Flaky(percent) => {
                self.chance = self.chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (self.chance >> 33) % 100 < *percent
            }
            _ => true,
        })
    }

    fn deliver(&mut self, attempt: &Attempt, ids: &[DeliveryId]) {
        let incident = |id: &str| match &self.incidents[id] {
            None => id.to_owned(),
            Some(incident) => incident.to_string(),
        };
        let named = attempt.group.as_ref().map(|group| {
            group.named.iter().map(|row| incident(&row.id)).collect::<BTreeSet<String>>()
        });
        for id in ids {
            if self.delivered_at.contains_key(id) {
                if !attempt.possible_repeat {
                    self.unmarked.insert(id.clone());
                }
                continue;
            }
            let named = named.as_ref().is_none_or(|named| named.contains(&incident(id)));
            self.delivered_at.insert(id.clone(), (self.time, named));
            self.delivered.push(id.clone());
        }
    }

    fn store(&mut self, ids: &[DeliveryId], change: &Change) {
        match *change {
            Change::Shown { .. } | Change::KnownElsewhere { .. } => {
                panic!("no threads: {change:?}")
            }
            Change::Accepted { .. } => self.state.retain(|one| !ids.contains(&one.id)),
            Change::Dead { .. } => {
                self.dead.extend(ids.iter().map(|id| (id.clone(), self.time)));
                self.state.retain(|one| !ids.contains(&one.id));
            }
            Change::Later { next_at, wait, use_plain, possible_repeat, refused, .. } => {
                let one = self.state.iter_mut().find(|one| one.id == ids[0]).unwrap();
                one.attempts += 1;
                (one.next_at, one.wait) = (Some(next_at), wait);
                (one.use_plain, one.possible_repeat) = (use_plain, possible_repeat);
                one.refused = refused;
            }
            Change::Dissolved { possible_repeat, .. } => {
                for one in self.state.iter_mut().filter(|one| ids.contains(&one.id)) {
                    one.possible_repeat |= possible_repeat;
                }
            }
        }
    }

    pub(crate) fn n_pending(&self) -> usize {
        assert_eq!(self.state.len(), self.outbox.n_pending());
        self.state.len()
    }

    /// The maximum number of sends in any 300 true seconds.
    pub(crate) fn most_in_five_minutes(&self) -> usize {
        let window = |(n, from): (usize, &u64)| {
            self.true_sends[n..].iter().take_while(|at| **at < from + 300).count()
        };
        self.true_sends.iter().enumerate().map(window).max().unwrap_or(0)
    }
}
