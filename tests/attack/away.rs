//! Eight hours without the channel, in virtual time, and what people read afterwards.

use std::collections::BTreeMap;

use footman::channels::teams::message;
use footman::clock::Timestamp;
use footman::commit::Commit;
use footman::detection::{AgentProblem, FileMistake};
use footman::metrics::Counts;
use footman::outbox::{Attempt, Outbox, Outcome, Pace};
use footman::pipeline::Pipeline;
use footman::state::Store;
use jiff::SignedDuration;

use crate::support::world::{World, cards_of_digest, n_cards, texts};

const AWAY: SignedDuration = SignedDuration::from_hours(8);
const PROBLEM_EVERY: SignedDuration = SignedDuration::from_mins(1);
/// Maximum number of digests for one channel after any outage.
const MOST_DIGESTS: usize = 5;
const READABLE_WITHIN: SignedDuration = SignedDuration::from_mins(5);

/// The core of the agent without threads, in virtual time.
struct VirtualAgent {
    pipeline: Pipeline,
    store: Store,
    outbox: Outbox,
    now: Timestamp,
    /// Posts that the channel accepted, with their times.
    taken: Vec<(Timestamp, String)>,
}

impl VirtualAgent {
    fn new(world: &World, now: Timestamp) -> Self {
        let pipeline = world.setup().pipeline(now, &footman::commit::StoredRows::default(), false);
        let (store, _) = Store::open(&world.state_dir(), now).unwrap();
        let paces = BTreeMap::from([("default".to_owned(), Some(Pace::default()))]);
        Self { pipeline, store, outbox: Outbox::new(paces), now, taken: Vec::new() }
    }

    fn problem(&mut self, n: usize) {
        let sentence = format!("problem {n:04}: it is wrong");
        let commit = self
            .pipeline
            .report(self.now, AgentProblem::BrokenFile(FileMistake::of_sentence(&sentence)));
        self.keep(commit);
    }

    fn keep(&mut self, commit: Commit) {
        self.store.commit(self.now, &commit).unwrap();
        self.outbox.add(commit.deliveries);
    }

    /// Sends everything that can be sent; the channel answers at once.
    fn begin_sending(&mut self, answer: impl Fn() -> Outcome) {
        while let Some(attempt) = self.outbox.next(self.now) {
            let card = self.card(&attempt);
            let outcome = answer();
            if matches!(outcome, Outcome::Accepted { .. }) {
                self.taken.push((self.now, message(&card, false)));
            }
            let change = self.outbox.apply(self.now, &attempt.id, outcome).unwrap();
            let counts = Counts::default();
            self.store.settle(self.now, &attempt.id, &change, &counts, &[]).unwrap();
        }
    }

    /// The payload of the delivery, or of a digest.
    fn card(&mut self, attempt: &Attempt) -> String {
        let Some(group) = &attempt.group else {
            return self.store.begin_sending(self.now, &attempt.id).unwrap().unwrap().payload;
        };
        let ids: Vec<_> = group.named.iter().map(|row| &row.id).collect();
        let summaries = self.store.described(&ids).unwrap();
        let digest = self.pipeline.digest(self.now, attempt, group, &summaries);
        self.store.begin_sending_together(self.now, &digest, &group.members).unwrap();
        digest.payload
    }

    /// Advances the time, and sends what is due in the meantime.
    fn pass(&mut self, until: Timestamp, answer: impl Fn() -> Outcome) {
        while let Some(at) = self.outbox.next_wakeup(self.now).filter(|at| *at < until) {
            self.now = at;
            self.begin_sending(&answer);
        }
        self.now = until;
        self.begin_sending(&answer);
    }
}

fn accepted() -> Outcome {
    Outcome::Accepted { receipt: None }
}

fn refused() -> Outcome {
    let why = "connection refused".into();
    Outcome::Retry { after: None, pause: false, unsure: false, why }
}

fn gone() -> Outcome {
    Outcome::Refused { why: "404".into() }
}

#[tokio::test]
async fn after_eight_hours_away_a_few_digests_report_everything_and_the_newest_problem_is_readable_soon()
 {
    for outage in [refused as fn() -> Outcome, gone] {
        let world = World::new();
        let start: Timestamp = "2026-11-23T20:00:00Z".parse().unwrap();
        let mut agent = VirtualAgent::new(&world, start);
        let mut n = 0;
        while agent.now < start + AWAY {
            n += 1;
            agent.problem(n);
            agent.pass(agent.now + PROBLEM_EVERY, outage);
        }
        let back = agent.now;
        n += 1;
        agent.problem(n);
        agent.pass(back + READABLE_WITHIN, accepted);
        let newest = format!("problem {n:04}");
        let is_readable =
            agent.taken.iter().any(|(_, card)| texts(card).join("\n").contains(&newest));
        agent.pass(back + SignedDuration::from_hours(3), accepted);
        let digests =
            agent.taken.iter().filter(|(_, card)| cards_of_digest(card).is_some()).count();
        assert_eq!(agent.outbox.n_pending(), 0, "everything was sent");
        assert!(digests <= MOST_DIGESTS, "{digests} digests of {n} problems");
        assert!(is_readable, "the newest is not readable 5 min after the return");
        assert_eq!(cards_in(&agent), n, "each problem is in one card or digest row");
    }
}

/// Number of cards that the posts of the channel cover.
fn cards_in(agent: &VirtualAgent) -> usize {
    agent.taken.iter().map(|(_, card)| n_cards(card)).sum()
}
