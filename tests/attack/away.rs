//! Eight hours without the channel, in virtual time: what people read when it is back.

use std::collections::BTreeMap;

use footman::channels::teams::message;
use footman::clock::Timestamp;
use footman::commit::Commit;
use footman::detection::AgentProblem;
use footman::metrics::Counts;
use footman::outbox::{Departure, Outbox, Outcome, Pace};
use footman::pipeline::Pipeline;
use footman::state::Store;
use jiff::SignedDuration;

use crate::support::world::{World, texts};

const AWAY: SignedDuration = SignedDuration::from_hours(8);
const A_PROBLEM_EACH: SignedDuration = SignedDuration::from_mins(1);
/// After any outage, no more of them for one channel.
const MOST_DIGESTS: usize = 5;
const READABLE_WITHIN: SignedDuration = SignedDuration::from_mins(5);

/// The agent's core without its threads: decides, keeps and sends, and time only passes.
struct Life {
    pipeline: Pipeline,
    store: Store,
    outbox: Outbox,
    now: Timestamp,
    /// What the channel took, and when.
    taken: Vec<(Timestamp, String)>,
}

impl Life {
    fn new(world: &World, now: Timestamp) -> Self {
        let pipeline = world.setup().pipeline(now, &[], false);
        let (store, _) = Store::open(&world.state_dir(), now).unwrap();
        let paces = BTreeMap::from([("default".to_owned(), Some(Pace::default()))]);
        Self { pipeline, store, outbox: Outbox::new(paces), now, taken: Vec::new() }
    }

    fn problem(&mut self, n: usize) {
        let commit = self
            .pipeline
            .report(self.now, AgentProblem::BrokenFile { problem: format!("problem {n:04}") });
        self.keep(commit);
    }

    fn keep(&mut self, commit: Commit) {
        self.store.commit(self.now, &commit).unwrap();
        self.outbox.add(commit.deliveries);
    }

    /// Lets everything leave that may; the channel answers at once.
    fn depart(&mut self, answer: impl Fn() -> Outcome) {
        while let Some(departure) = self.outbox.next(self.now) {
            let card = self.card(&departure);
            let outcome = answer();
            if matches!(outcome, Outcome::Accepted { .. }) {
                self.taken.push((self.now, message(&card, false)));
            }
            let change = self.outbox.apply(self.now, &departure.id, outcome).unwrap();
            let counts = Counts::default();
            self.store.settle(self.now, &departure.id, &change, &counts).unwrap();
        }
    }

    /// The delivery itself, or a digest of many.
    fn card(&mut self, departure: &Departure) -> String {
        let Some(group) = &departure.group else {
            return self.store.depart(self.now, &departure.id).unwrap().unwrap().payload;
        };
        let ids: Vec<&str> = group.named.iter().map(|row| row.id.as_str()).collect();
        let summaries = self.store.summaries(&ids).unwrap();
        let digest = self.pipeline.digest(self.now, departure, group, &summaries);
        self.store.depart_together(self.now, &digest, &group.members).unwrap();
        digest.payload
    }

    /// Passes the time until then, with everything that leaves meanwhile.
    fn pass(&mut self, until: Timestamp, answer: impl Fn() -> Outcome) {
        while let Some(at) = self.outbox.next_wakeup(self.now).filter(|at| *at < until) {
            self.now = at;
            self.depart(&answer);
        }
        self.now = until;
        self.depart(&answer);
    }
}

fn accepted() -> Outcome {
    Outcome::Accepted { receipt: None }
}

fn refused() -> Outcome {
    let why = "connection refused".to_owned();
    Outcome::Retry { after: None, pause: false, unsure: false, why }
}

fn gone() -> Outcome {
    Outcome::Refused { why: "404".to_owned() }
}

#[tokio::test]
async fn after_eight_hours_away_a_few_digests_tell_all_and_the_newest_problem_is_soon_there() {
    for outage in [refused as fn() -> Outcome, gone] {
        let world = World::new();
        let start: Timestamp = "2026-11-23T20:00:00Z".parse().unwrap();
        let mut life = Life::new(&world, start);
        let mut n = 0;
        while life.now < start + AWAY {
            n += 1;
            life.problem(n);
            life.pass(life.now + A_PROBLEM_EACH, outage);
        }
        let back = life.now;
        n += 1;
        life.problem(n);
        life.pass(back + READABLE_WITHIN, accepted);
        let newest = format!("problem {n:04}");
        let is_there = life.taken.iter().any(|(_, card)| texts(card).join("\n").contains(&newest));
        life.pass(back + SignedDuration::from_hours(3), accepted);
        let digests = life.taken.iter().filter(|(_, card)| card.contains("\"Table\"")).count();
        assert_eq!(life.outbox.n_pending(), 0, "everything has left");
        assert!(digests <= MOST_DIGESTS, "{digests} digests of {n} problems");
        assert!(is_there, "the newest is not readable 5 min after the return");
        assert_eq!(cards_in(&life), n, "each problem is in one card or digest row");
    }
}

/// How many cards the channel's posts stand for.
fn cards_in(life: &Life) -> usize {
    life.taken.iter().map(|(_, card)| crate::account::stands_for(card)).sum()
}
