//! Pure. Joins the rooms from block to delivery into one step whose result is one commit.
//!
//! ```text
//! recognise ─▶ incident ─▶ mute ─▶ route ─▶ render ─▶ commit
//! ```
//!
//! The first stage is one half, [`Recogniser`]; the others are the other half, [`Decider`]. They can
//! run apart; the agent calls both in one step and keeps what they did in one transaction.

mod decide;
mod recognise;

use jiff::SignedDuration;

use crate::clock::Timestamp;
use crate::commit::{Commit, Delivery};
use crate::detect::Detector;
use crate::detection::AgentProblem;
use crate::observe::NodeSnapshot;
use crate::outbox::{Departure, Group, Unread};
use crate::render::Renderer;
use crate::route::Router;
use crate::tail::Batch;

pub use crate::pipeline::decide::Decider;
pub use crate::pipeline::recognise::{Recognised, Recogniser};

/// How far reading has come: what belongs together may stand in what was not read yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadingProgress {
    /// Everything that was written until then was read before.
    pub before: Option<Timestamp>,
    /// Everything that was written until then is read now.
    pub until: Option<Timestamp>,
    /// Something was read.
    pub got_on: bool,
}

/// The middle of the agent: values in, values out, in the order of the diagram in `lib`.
pub struct Pipeline {
    pub recogniser: Recogniser,
    pub decider: Decider,
}

impl Pipeline {
    /// Takes what the tailer found (or nothing, when only time has passed) to what is to be kept:
    /// from block `done` on, until much is found. `done` is moved behind those blocks; the batch is
    /// done when none is left.
    ///
    /// A commit has the positions behind its blocks, and everything that follows from them. How
    /// far reading has come counts when the batch is done.
    pub fn step(&mut self, now: Timestamp, batch: &mut Batch, done: &mut usize) -> Commit {
        let recognised = self.recogniser.recognise(now, batch, done);
        self.commit(now, recognised)
    }

    /// Takes what was observed of services and machines to what is to be kept.
    pub fn apply_snapshot(&mut self, now: Timestamp, snapshot: &NodeSnapshot) -> Commit {
        let recognised = self.recogniser.apply_snapshot(now, snapshot);
        self.commit(now, recognised)
    }

    /// Reports a problem of Footman itself: through incidents and routes like any other.
    pub fn report(&mut self, now: Timestamp, problem: AgentProblem) -> Commit {
        let recognised = self.recogniser.report(now, problem);
        self.commit(now, recognised)
    }

    /// Both halves in one transaction.
    fn commit(&mut self, now: Timestamp, recognised: Recognised) -> Commit {
        let Recognised { detections, positions, reading } = recognised;
        let (decided, _) = self.decider.decide(now, detections, reading);
        positions.and(decided)
    }

    /// Goes on with other patterns and templates.
    pub fn adopt(&mut self, detector: Detector, renderer: Renderer) {
        let earlier = std::mem::replace(&mut self.recogniser.detector, detector);
        self.recogniser.detector.succeed(earlier);
        self.decider.renderer = renderer;
    }

    /// Goes on with other routes and times.
    pub fn reconfigure(&mut self, router: Router, settle: SignedDuration, repeat: SignedDuration) {
        self.decider.router = router;
        self.decider.book.set_times(settle, repeat);
    }

    /// What nobody could read was not said.
    pub fn unread(&mut self, unread: &[Unread]) -> Commit {
        self.decider.unread(unread)
    }

    /// When [`Self::step`] has something to do even if no file changes.
    pub fn next_wakeup(&self) -> Option<Timestamp> {
        self.decider.next_wakeup().into_iter().chain(self.recogniser.next_wakeup()).min()
    }

    /// From when on it would be worth knowing that everything is read until then.
    pub fn wants_reading(&self) -> Option<Timestamp> {
        self.decider.book.wants_reading()
    }

    /// The card that stands for many: `summaries` are those of the incidents that it names.
    pub fn digest(
        &self,
        now: Timestamp,
        departure: &Departure,
        group: &Group,
        summaries: &[String],
    ) -> Delivery {
        self.decider.digest(now, departure, group, summaries)
    }
}

#[cfg(test)]
mod outage_tests;
#[cfg(test)]
mod tests;
