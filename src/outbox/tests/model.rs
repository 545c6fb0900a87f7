//! Many short worlds with random outcomes; what must hold in each of them.

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Step {
    Add(usize),
    Outcome(Outcome),
    Wait(u64),
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (1..6_usize).prop_map(Step::Add),
        9 => outcome().prop_map(Step::Outcome),
        3 => (0..90_u64).prop_map(Step::Wait),
        1 => Just(Step::Restart),
    ]
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        6 => Just(accepted()),
        2 => Just(retry(None)),
        1 => (0..100_u64).prop_map(|after| retry(Some(after))),
        1 => (0..100_u64).prop_map(paused),
        1 => Just(unavailable(15)),
        1 => Just(rejected()),
    ]
}

/// An outbox with what a state file would remember of it.
struct World {
    outbox: Outbox,
    now: Timestamp,
    owed: Vec<Owed>,
    sends: Vec<(String, Timestamp)>,
    ended: Vec<String>,
    n_added: usize,
}

impl World {
    fn new() -> Self {
        let (owed, sends, ended) = (Vec::new(), Vec::new(), Vec::new());
        Self { outbox: paced(), now: start(), owed, sends, ended, n_added: 0 }
    }

    fn play(&mut self, step: Step) {
        match step {
            Step::Add(n) => self.add(n),
            Step::Outcome(outcome) => self.attempt(outcome),
            Step::Wait(n) => self.now += seconds(n),
            Step::Restart => {
                self.outbox = paced();
                self.outbox.restore(self.owed.clone(), &self.sends, self.now);
            }
        }
    }

    fn add(&mut self, n: usize) {
        let new: Vec<Delivery> =
            (self.n_added..self.n_added + n).map(|n| card(&format!("n{n}"))).collect();
        self.n_added += n;
        self.owed.extend(new.iter().map(|one| Owed::new(&one.id, &one.channel)));
        self.outbox.add(new);
    }

    /// Jumps to the next departure, if there is one, and answers it.
    fn attempt(&mut self, outcome: Outcome) {
        let Some(departure) = self.departure() else { return };
        self.sends.push((departure.channel.clone(), self.now));
        assert_eq!(self.outbox.next(self.now), None, "one in flight for each channel");
        assert_eq!(departure.id, self.owed[0].id, "in order");
        match self.outbox.fold(self.now, &departure.id, outcome).unwrap() {
            Change::Accepted { .. } | Change::Dead { .. } => {
                self.ended.push(self.owed.remove(0).id);
            }
            Change::Later { next_at, use_plain, possible_repeat, .. } => {
                let owed = &mut self.owed[0];
                owed.attempts += 1;
                (owed.next_at, owed.use_plain) = (Some(next_at), use_plain);
                owed.possible_repeat = possible_repeat;
            }
        }
    }

    fn departure(&mut self) -> Option<Departure> {
        loop {
            if let Some(departure) = self.outbox.next(self.now) {
                return Some(departure);
            }
            let wakeup = self.outbox.next_wakeup(self.now)?;
            assert!(wakeup > self.now, "woken for nothing");
            self.now = wakeup;
        }
    }
}

proptest! {
    #[test]
    fn every_card_ends_once_in_order_and_within_the_pace(
        steps in prop::collection::vec(step(), 0..120)
    ) {
        let mut world = World::new();
        for step in steps {
            world.play(step);
        }
        while !world.owed.is_empty() {
            world.attempt(accepted());
        }
        let expected: Vec<String> = (0..world.n_added).map(|n| format!("n{n}@ops")).collect();
        prop_assert_eq!(&world.ended, &expected);
        prop_assert_eq!(world.outbox.n_owed(), 0);

        let times: Vec<Timestamp> = world.sends.iter().map(|(_, at)| *at).collect();
        for (n, from) in times.iter().enumerate() {
            let window = times[n..].iter().take_while(|at| **at < *from + seconds(300)).count();
            prop_assert!(window <= 25, "{} posts in 300 s", window);
        }
    }
}
