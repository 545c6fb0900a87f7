//! Pure. Joins the rooms from block to delivery into one step with one commit.
//!
//! ```text
//! recognise ─▶ review ─▶ incident ─▶ mute ─▶ escalate ─▶ route ─▶ render ─▶ commit
//! ```
//!
//! The first stage is [`Recogniser`], the others are [`Decider::decide`]. The two halves can run in
//! different processes, with [`Findings`] as text between them; the agent calls both in one step and
//! stores the results in one transaction. Commands of people are a parameter of the second.

mod answer;
mod decide;
mod escalate;
mod heartbeat;
mod recognise;
mod stages;
mod threads;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::cloud::TenantNews;
use crate::commit::{About, Commit, Delivery};
use crate::detect::Detector;
use crate::detection::{AgentPart, AgentProblem, Detection, Lately, Named};
use crate::incident::Decisions;
use crate::mute::MaintenanceWindow;
use crate::observe::NodeSnapshot;
use crate::outbox::{Attempt, FallbackNotice, Group, Unread};
use crate::pipeline::stages::Step;
use crate::render::Renderer;
use crate::route::Router;
use crate::tail::Batch;

pub use crate::pipeline::answer::ResolvedCommand;
pub use crate::pipeline::decide::Decider;
pub use crate::pipeline::escalate::{EscalationRule, Escalations};
pub use crate::pipeline::heartbeat::HeartbeatCards;
pub use crate::pipeline::recognise::{Recognised, Recogniser};

/// How far reading has progressed; related records may be in files that have not been read yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadingProgress {
    /// Everything written before this time had been read before the batch.
    pub before: Option<Timestamp>,
    /// Everything written before this time has been read now.
    pub until: Option<Timestamp>,
    /// Whether anything was read.
    pub got_on: bool,
}

/// What the first half tells the second one; it may cross from one process to another as text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    pub detections: Vec<Detection>,
    /// The names of apps and tasks in the rows.
    pub named: Vec<Named>,
    pub reading: ReadingProgress,
}

impl From<Vec<Detection>> for Findings {
    fn from(detections: Vec<Detection>) -> Self {
        Self { detections, ..Self::default() }
    }
}

impl Decider {
    /// The second half: what people ask comes before what was found.
    pub fn decide(
        &mut self,
        now: Timestamp,
        findings: Findings,
        commands: Vec<ResolvedCommand>,
    ) -> (Commit, Decisions) {
        let obeyed = commands.into_iter().map(|command| self.obey(now, command)).collect();
        let (mut commit, decisions) = self.decide_findings(now, findings);
        self.answer(now, obeyed, &mut commit);
        (commit, decisions)
    }

    /// After the start of the step, each line is a stage.
    fn decide_findings(&mut self, now: Timestamp, findings: Findings) -> (Commit, Decisions) {
        let Findings { detections, named, reading } = findings;
        self.book.learn_names(now, named);
        self.note(now, reading);
        let mut step = Step::new(now, self.book.is_catching_up(now));
        self.review(&mut step, &detections);
        self.incident(&mut step, detections);
        self.mute(&mut step);
        self.escalate(&mut step);
        self.route(&mut step);
        self.render(&mut step);
        self.commit(step)
    }
}

/// The pure core of the agent, in the order of the diagram in `lib`.
pub struct Pipeline {
    pub recogniser: Recogniser,
    pub decider: Decider,
}

impl Pipeline {
    /// Turns a batch (empty if only time has passed) into a commit. Begins at block `done`, stops
    /// when enough is found, and moves `done` behind the processed blocks; the batch is complete
    /// when none is left.
    ///
    /// The commit contains the positions behind these blocks and all their effects. The reading
    /// progress counts only with the last part.
    pub fn step(&mut self, now: Timestamp, batch: &mut Batch, done: &mut usize) -> Commit {
        let recognised = self.recogniser.recognise(now, batch, done);
        self.commit(now, recognised)
    }

    /// Turns a snapshot of services and machine into a commit.
    pub fn apply_snapshot(&mut self, now: Timestamp, snapshot: &NodeSnapshot) -> Commit {
        let recognised = self.recogniser.apply_snapshot(now, snapshot);
        self.commit(now, recognised)
    }

    /// Turns news of a tenant of Qlik Cloud into a commit, which records how far the tenant has
    /// been reported.
    pub fn take_tenant(&mut self, now: Timestamp, news: TenantNews) -> Commit {
        let recognised = self.recogniser.take_tenant(now, news);
        self.commit(now, recognised)
    }

    /// Reports a problem of Footman itself, which passes through incidents and routes like any
    /// other.
    pub fn report(&mut self, now: Timestamp, problem: AgentProblem) -> Commit {
        let recognised = self.recogniser.report(now, problem);
        self.commit(now, recognised)
    }

    /// Channels that are reported and no longer configured.
    pub fn removed_channels(&self) -> Vec<AgentPart> {
        let channels = &self.decider.channels;
        let is_removed = |part: &&AgentPart| match part {
            AgentPart::Channel(name) => !channels.contains_key(name),
            AgentPart::Reading => false,
        };
        let reported = self.decider.book.reported_parts(&self.recogniser.node);
        reported.filter(is_removed).cloned().collect()
    }

    /// A part of the agent works again: ends its report. `None` if nothing was reported.
    pub fn end_report(&mut self, now: Timestamp, part: AgentPart) -> Option<Commit> {
        let found = Detection::of_agent_well(now, &self.recogniser.node, part);
        let over = self.decider.book.recovering(std::slice::from_ref(&found));
        if over.is_empty() {
            return None;
        }
        let recognised = self.recogniser.note(now, found);
        Some(self.commit(now, recognised))
    }

    /// Runs the second half, and joins the results of both halves.
    fn commit(&mut self, now: Timestamp, recognised: Recognised) -> Commit {
        let Recognised { findings, positions } = recognised;
        let (decided, _) = self.decider.decide(now, findings, Vec::new());
        positions.and(decided)
    }

    /// Switches to new patterns and templates.
    pub fn adopt(&mut self, detector: Detector, renderer: Renderer) {
        let earlier = std::mem::replace(&mut self.recogniser.detector, detector);
        self.recogniser.detector.succeed(earlier);
        self.decider.renderer = renderer;
    }

    /// Replaces the routes and times.
    pub fn reconfigure(
        &mut self,
        router: Router,
        (windows, rules): (Vec<MaintenanceWindow>, Vec<EscalationRule>),
        settle: SignedDuration,
        repeat: SignedDuration,
    ) {
        self.decider.reconfigure(router, windows, rules);
        self.decider.book.set_times(settle, repeat);
    }

    /// Sends the heartbeat card to these channels, regardless of the routes.
    pub fn heartbeat(&self, now: Timestamp, lately: Lately, channels: &[String]) -> Commit {
        let alive = self.recogniser.alive(now, lately);
        self.decider.heartbeat(now, &alive, channels)
    }

    /// Marks incidents as not notified that no readable card described.
    pub fn unread(&mut self, unread: &[Unread]) -> Commit {
        self.decider.unread(unread)
    }

    /// Records incidents whose cards a fallback has posted in place of their channel.
    pub fn notified_by_fallback(&mut self, notices: &[FallbackNotice]) -> Commit {
        self.decider.notified_by_fallback(notices)
    }

    /// When [`Self::step`] must run next even if no file changes.
    pub fn next_wakeup(&self) -> Option<Timestamp> {
        self.decider.next_wakeup().into_iter().chain(self.recogniser.next_wakeup()).min()
    }

    /// From this time on, a complete reading of the logs would allow a decision.
    pub fn wants_reading(&self) -> Option<Timestamp> {
        self.decider.book.wants_reading()
    }

    /// Builds a digest; `described` describes its incidents, in the order of their rows.
    pub fn digest(
        &self,
        now: Timestamp,
        attempt: &Attempt,
        group: &Group,
        described: &[(String, About)],
    ) -> Delivery {
        self.decider.digest(now, attempt, group, described)
    }
}

#[cfg(test)]
mod apart_tests;
#[cfg(test)]
mod mention_tests;
#[cfg(test)]
mod outage_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod thread_tests;
