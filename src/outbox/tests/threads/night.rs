//! A night of faults in a channel with threads: the story of roots and replies is that of each
//! incident, whatever was lost, refused, deleted or killed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;

const NIGHT: u64 = 4 * 3600;
/// Roots that a flow without an answer finds: the newest messages of the channel.
const PAGE: usize = 20;
/// Teams refuses two changes of one thread within this time.
const CONTESTED: u64 = 2;

#[derive(Debug)]
struct Root {
    incident: Fingerprint,
    key: String,
    /// The card that it shows.
    shown: DeliveryId,
    /// The first card, then the replies, each with its mark.
    messages: Vec<(DeliveryId, bool)>,
    changed: Option<u64>,
    is_deleted: bool,
}

/// What happens to a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Well,
    /// Written, but the answer is lost.
    Unanswered,
    /// Not written, and no answer.
    Lost,
    Failing,
    /// The program is killed when it is written.
    Killed,
    /// The program is killed before it is written.
    KilledBefore,
}

struct Night {
    outbox: Outbox,
    time: u64,
    /// How far the clock was set back.
    behind: u64,
    dice: u64,
    /// Whether the flow returns ids.
    answers: bool,
    has_faults: bool,
    roots: Vec<Root>,
    /// Deliveries that were sent outside of threads, in digests.
    folded: BTreeSet<DeliveryId>,
    state: Vec<Pending>,
    threads: BTreeMap<Fingerprint, Thread>,
    operations: Vec<ThreadOperation>,
    sends: Vec<u64>,
    /// The same by the clock.
    departed: Vec<Timestamp>,
    story: BTreeMap<String, Vec<DeliveryId>>,
    given_up: usize,
    withdrawn: usize,
    /// Of these, those that may have been posted as a root.
    withdrawn_roots: usize,
    contested: usize,
}

impl Night {
    fn new(seed: u64, answers: bool, has_faults: bool) -> Self {
        Self {
            outbox: threaded(),
            time: 0,
            behind: 0,
            dice: seed,
            answers,
            has_faults,
            roots: Vec::new(),
            folded: BTreeSet::new(),
            state: Vec::new(),
            threads: BTreeMap::new(),
            operations: Vec::new(),
            sends: Vec::new(),
            departed: Vec::new(),
            story: BTreeMap::new(),
            given_up: 0,
            withdrawn: 0,
            withdrawn_roots: 0,
            contested: 0,
        }
    }

    fn below(&mut self, n: u64) -> u64 {
        self.dice = self
            .dice
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.dice >> 33) % n
    }

    fn now(&self) -> Timestamp {
        at(self.time) - SignedDuration::from_secs(i64::try_from(self.behind).unwrap())
    }

    /// The next card of an incident.
    fn happen(&mut self, incident: &str) {
        let n = self.story.get(incident).map_or(0, Vec::len);
        let reason = match n % 4 {
            0 => Reason::Opened,
            1 => Reason::Repeated,
            2 => Reason::Acknowledged,
            _ => Reason::Recovered,
        };
        let delivery = Delivery { created: self.now(), ..super::about(incident, n, reason) };
        self.story.entry(incident.to_owned()).or_default().push(delivery.id.clone());
        self.state.push(Pending::new(&delivery));
        self.outbox.add(vec![delivery]);
    }

    fn fate(&mut self) -> Fate {
        if !self.has_faults {
            return Fate::Well;
        }
        match self.below(20) {
            0 => Fate::Unanswered,
            1 => Fate::Lost,
            2 => Fate::Failing,
            3 => Fate::Killed,
            4 => Fate::KilledBefore,
            _ => Fate::Well,
        }
    }

    /// Writes as the flow does; `None` if Teams refuses.
    fn write(
        &mut self,
        attempt: &Attempt,
        write: &ThreadWrite,
    ) -> Result<ThreadAnswer, ThreadAnswer> {
        let incident = self.state.iter().find(|one| one.id == attempt.id).unwrap();
        let incident = incident.fingerprint.clone().unwrap();
        let page = self.roots.len().saturating_sub(PAGE);
        let mark = attempt.possible_repeat && write.message != ThreadMessage::Update;
        let found = match (&write.root, write.message) {
            (Some(id), _) => Some(id.parse::<usize>().unwrap()),
            (None, ThreadMessage::Root { may_exist: false, .. }) => None,
            (None, _) => (page..self.roots.len())
                .rev()
                .find(|n| self.roots[*n].key == write.key && !self.roots[*n].is_deleted),
        };
        let Some(n) = found else {
            let is_posted = attempt.id == write.card;
            let root = Root {
                incident,
                key: write.key.clone(),
                shown: write.card.clone(),
                // The replies follow a root that shows the card of another delivery.
                messages: is_posted.then(|| (write.card.clone(), mark)).into_iter().collect(),
                changed: Some(self.time),
                is_deleted: false,
            };
            self.roots.push(root);
            return Ok(self.answer(self.roots.len() - 1, true));
        };
        let time = self.time;
        let root = &mut self.roots[n];
        if root.is_deleted {
            return Err(ThreadAnswer::Lost);
        }
        if root.changed.is_some_and(|changed| time < changed + CONTESTED) {
            self.contested += 1;
            return Err(ThreadAnswer::Busy);
        }
        root.changed = Some(time);
        match write.message {
            ThreadMessage::Reply => root.messages.push((write.card.clone(), mark)),
            ThreadMessage::Root { .. } | ThreadMessage::Update => root.shown = write.card.clone(),
        }
        Ok(self.answer(n, false))
    }

    fn answer(&self, n: usize, is_new: bool) -> ThreadAnswer {
        if !self.answers {
            return ThreadAnswer::Unknown;
        }
        ThreadAnswer::Root { id: Some(n.to_string()), is_new }
    }

    fn send(&mut self, attempt: &Attempt) {
        self.sends.push(self.time);
        self.departed.push(self.now());
        self.store_threads();
        let fate = self.fate();
        let ids = match &attempt.group {
            Some(group) => group.members.clone(),
            None => vec![attempt.id.clone()],
        };
        for one in self.state.iter_mut().filter(|one| ids.contains(&one.id)) {
            one.attempts += 1;
        }
        let is_written = matches!(fate, Fate::Well | Fate::Unanswered | Fate::Killed);
        let mut answer = Ok(ThreadAnswer::Unknown);
        if let Some(write) = &attempt.thread {
            let delivery = self.state.iter().find(|one| one.id == attempt.id).unwrap();
            self.operations.push(ThreadOperation {
                channel: "ops".to_owned(),
                fingerprint: delivery.fingerprint.clone().unwrap(),
                at: self.now(),
            });
            if is_written {
                answer = self.write(attempt, write);
            }
        } else if is_written {
            self.folded.extend(ids.iter().cloned());
        }
        let why = format!("{fate:?}").into();
        let unsure = Outcome::Retry { after: None, pause: false, unsure: true, why };
        let (outcome, answer) = match (fate, answer) {
            (Fate::Killed | Fate::KilledBefore, _) => return self.kill(attempt, &ids),
            (Fate::Failing, _) => (retry(None), ThreadAnswer::Unknown),
            (Fate::Unanswered | Fate::Lost, _) => (unsure, ThreadAnswer::Unknown),
            (Fate::Well, Err(refusal)) => (retry(None), refusal),
            (Fate::Well, Ok(answer)) => (accepted(), answer),
        };
        let change = self.outbox.apply_with(self.now(), &attempt.id, outcome, answer).unwrap();
        self.store(&ids, change);
    }

    fn store_threads(&mut self) {
        for change in self.outbox.take_threads() {
            match change {
                ThreadChange::Put(thread) => {
                    self.threads.insert(thread.fingerprint.clone(), thread);
                }
                ThreadChange::Remove { fingerprint, .. } => {
                    self.threads.remove(&fingerprint);
                }
            }
        }
    }

    /// As the state file does, in one transaction.
    fn store(&mut self, ids: &[DeliveryId], change: Change) {
        self.store_threads();
        match change {
            Change::Accepted { .. } => self.state.retain(|one| !ids.contains(&one.id)),
            Change::Shown { to_reply, done, given_up, withdrawn, .. } => {
                self.given_up += given_up as usize;
                self.withdrawn += withdrawn as usize;
                let may_be_root =
                    |it: &&Pending| it.possible_repeat && it.remaining == Remaining::All;
                let done_here = self.state.iter().filter(|one| done.contains(&one.id));
                self.withdrawn_roots += done_here.filter(may_be_root).count();
                self.state.retain(|one| !done.contains(&one.id));
                for one in self.state.iter_mut().filter(|one| to_reply.contains(&one.id)) {
                    (one.remaining, one.attempts, one.next_at) = (Remaining::Reply, 0, None);
                    (one.use_plain, one.refused) = (false, None);
                }
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
            Change::Dead { why } => panic!("no card is to blame: {why}"),
            Change::KnownElsewhere { .. } => panic!("there is no fallback"),
        }
    }

    fn kill(&mut self, attempt: &Attempt, ids: &[DeliveryId]) {
        let is_update =
            attempt.thread.as_ref().is_some_and(|it| it.message == ThreadMessage::Update);
        for one in self.state.iter_mut().filter(|one| ids.contains(&one.id)) {
            one.possible_repeat |= !is_update;
        }
        self.time += 1;
        let threads = self.threads.values().cloned().collect();
        self.outbox = paced().with_threads(&["ops".to_owned()], threads);
        self.outbox.written_before(self.now(), &self.operations);
        let sends: Vec<_> = self.departed.iter().map(|at| ("ops".to_owned(), *at)).collect();
        let recent = sends.len().saturating_sub(100);
        self.outbox.restore(self.state.clone(), &sends[recent..], self.now());
    }

    fn run_until(&mut self, end: u64) {
        loop {
            while let Some(attempt) = self.outbox.next(self.now()) {
                self.send(&attempt);
            }
            let Some(wakeup) = self.outbox.next_wakeup(self.now()) else { break };
            let wait = wakeup.duration_since(self.now());
            assert!(wait.is_positive(), "woken without a reason");
            let wait = wait.unsigned_abs().as_nanos().div_ceil(1_000_000_000);
            let next = self.time + u64::try_from(wait).unwrap();
            if next > end {
                break;
            }
            self.time = next;
        }
        self.time = self.time.max(end);
    }

    /// A person deletes a root; but not one that replaces another and has no replies yet, because
    /// then replies look as if they were always refused.
    fn delete(&mut self) {
        if self.answers && !self.roots.is_empty() {
            let n = self.below(self.roots.len() as u64);
            let (earlier, roots) = self.roots.split_at_mut(usize::try_from(n).unwrap());
            let root = &mut roots[0];
            let replaces = earlier.iter().any(|one| one.incident == root.incident);
            root.is_deleted |= !replaces || root.messages.len() > 1;
        }
    }

    fn most_in_five_minutes(&self) -> usize {
        let within = |(n, from): (usize, &u64)| {
            self.sends[n..].iter().take_while(|sent| **sent < from + 300).count()
        };
        self.sends.iter().enumerate().map(within).max().unwrap_or(0)
    }
}

/// Plays a night; `every` is the time between two cards.
fn night(seed: u64, answers: bool, has_faults: bool, every: u64) -> Night {
    let mut night = Night::new(seed, answers, has_faults);
    while night.time < NIGHT {
        let incident = format!("i{}-", night.below(12));
        night.happen(&incident);
        if has_faults && night.below(200) == 0 {
            for n in 0..20 {
                night.happen(&format!("more{n}-"));
            }
        }
        if has_faults && night.below(300) == 0 {
            night.behind += 3600;
        }
        if has_faults && night.below(40) == 0 {
            night.delete();
        }
        let pause = night.below(2 * every);
        night.run_until(night.time + pause);
    }
    night.has_faults = false;
    night.run_until(NIGHT + 6 * 3600);
    night
}

fn check(night: &Night) {
    assert_eq!(night.outbox.n_pending(), 0, "{:?}", night.state);
    assert!(night.most_in_five_minutes() <= 25, "{}", night.most_in_five_minutes());
    assert_eq!(night.contested, 0, "two writes of one thread in {CONTESTED} s");
    let mut untold = 0;
    for (incident, story) in &night.story {
        let roots: Vec<&Root> =
            night.roots.iter().filter(|it| it.incident == incident.as_str()).collect();
        let place = |id: &DeliveryId| story.iter().position(|one| one == id).unwrap();
        let messages: Vec<(usize, bool)> = roots
            .iter()
            .flat_map(|root| &root.messages)
            .map(|(id, mark)| (place(id), *mark))
            .collect();
        for pair in messages.windows(2) {
            let [(before, _), (after, is_marked)] = [pair[0], pair[1]];
            assert!(before < after || (before == after && is_marked), "{incident}: {messages:?}");
        }
        let is_posted = |id: &&DeliveryId| {
            night.folded.contains(*id) || messages.iter().any(|(n, _)| *n == place(id))
        };
        untold += story.len() - story.iter().filter(is_posted).count();
        let last = story.last().unwrap();
        let Some(root) = roots.last() else {
            assert!(night.folded.contains(last), "{incident} is nowhere");
            continue;
        };
        // A root that somebody deleted after the last change shows nothing.
        assert!(root.is_deleted || root.shown == *last, "{incident}: {root:?} but {last}");
    }
    // Only replies that were given up, or withdrawn when the incident was over, are missing.
    let most = night.given_up + night.withdrawn;
    assert!((most - night.withdrawn_roots..=most).contains(&untold), "{untold} of {most}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn roots_and_replies_tell_the_story_whatever_happens(
        seed in any::<u64>(),
        every in prop::sample::select(vec![20_u64, 60, 400]),
    ) {
        check(&night(seed, true, true, every));
    }

    #[test]
    fn a_flow_that_does_not_answer_tells_it_too(seed in any::<u64>()) {
        check(&night(seed, false, true, 200));
    }

    #[test]
    fn without_faults_and_haste_nothing_is_given_up(seed in any::<u64>(), answers in any::<bool>()) {
        let night = night(seed, answers, false, 400);
        check(&night);
        prop_assert_eq!(night.given_up, 0);
        prop_assert!(night.folded.is_empty());
    }
}
