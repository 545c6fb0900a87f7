//! Pure. The stages of the second half, each over the same step.

use std::collections::BTreeMap;

use crate::clock::Timestamp;
use crate::commit::{Attention, Commit, NoCard};
use crate::detection::Detection;
use crate::ids::{Fingerprint, NoticeId};
use crate::incident::{Decisions, Notice, Reason};
use crate::metrics::Single;
use crate::pipeline::decide::{Decider, entry_of_suppressed};
use crate::pipeline::escalate::Escalated;
use crate::route::{self, Recipient};

/// One step on its way through the stages.
pub(crate) struct Step {
    pub now: Timestamp,
    /// Whether the logs of an absence are still being read.
    pub is_catching_up: bool,
    pub decisions: Decisions,
    /// Where each notice of `decisions` goes, in the same order.
    pub recipients: Vec<Vec<Recipient>>,
    /// The recipient of each escalation, by the id of its notice.
    pub escalated: BTreeMap<NoticeId, Recipient>,
    /// Incidents that reopened and had been acknowledged before: only threads show it.
    pub acknowledged: Vec<Notice>,
    /// Cards of incidents that are still open after a silence.
    pub announced: Vec<(Notice, Vec<Recipient>)>,
    pub commit: Commit,
}

impl Step {
    pub(crate) fn new(now: Timestamp, is_catching_up: bool) -> Self {
        Self {
            now,
            is_catching_up,
            decisions: Decisions::default(),
            recipients: Vec::new(),
            escalated: BTreeMap::new(),
            acknowledged: Vec::new(),
            announced: Vec::new(),
            commit: Commit::default(),
        }
    }
}

impl Decider {
    /// What silences that began or ended change, before [`Self::incident`] might repeat what is
    /// announced here.
    pub(crate) fn review(&mut self, step: &mut Step, detections: &[Detection]) {
        let over = self.book.recovering(detections);
        for print in self.book.acknowledge_reopened(step.now) {
            self.acknowledge_again(step, &print);
        }
        if step.is_catching_up {
            return;
        }
        for mut ended in self.mutes.review(step.now, &mut self.book) {
            ended.open.retain(|print| !over.contains(print));
            self.announce(step, &ended);
        }
    }

    /// Opens, repeats and ends incidents.
    pub(crate) fn incident(&mut self, step: &mut Step, detections: Vec<Detection>) {
        step.decisions = self.book.step(step.now, detections);
        if step.decisions.n_reloads > 0 {
            step.commit.counts.add(Single::ReloadsSucceeded, step.decisions.n_reloads);
        }
    }

    /// Holds back what a cause, a silence or flapping holds back.
    pub(crate) fn mute(&mut self, step: &mut Step) {
        let decisions = std::mem::take(&mut step.decisions);
        let mut decisions = self.mutes.hold(step.now, &mut self.book, decisions);
        for notice in &decisions.unnotified_recoveries {
            self.record(notice, Some(NoCard::NotNotified), &mut step.commit);
        }
        self.mutes.hold_flapping(step.now, &mut self.book, &mut decisions);
        if !step.is_catching_up {
            decisions.notices.extend(self.mutes.end_flapping(step.now, &mut self.book));
        }
        for held in &decisions.suppressed {
            step.commit.counts.add(held.why.counter(), 1);
            step.commit.history.push(entry_of_suppressed(held));
        }
        step.decisions = decisions;
    }

    /// Adds what nobody has acknowledged in time.
    pub(crate) fn escalate(&mut self, step: &mut Step) {
        // Another occurrence in this step may have shown that it is held back.
        let mut due = std::mem::take(&mut step.decisions.escalations);
        due.retain(|print| !self.book.is_held(print));
        for Escalated { notice, recipient } in self.escalations.due(step.now, &mut self.book, due) {
            step.escalated.insert(notice.id.clone(), recipient);
            step.decisions.notices.push(notice);
        }
    }

    /// Selects the recipients of each notice.
    pub(crate) fn route(&mut self, step: &mut Step) {
        let mut notified: BTreeMap<Fingerprint, Vec<String>> = BTreeMap::new();
        for notice in &mut step.decisions.notices {
            notice.note = self.book.note_of(&notice.fingerprint).cloned();
            if notice.reason == Reason::Recovered && notice.notified_channels.is_empty() {
                // Its failure was found in this step, too.
                let channels = notified.get(&notice.fingerprint).cloned().unwrap_or_default();
                notice.notified_channels = channels;
            }
            let mut recipients = self.recipients_to_notify(step.now, notice);
            if let Some(recipient) = step.escalated.remove(&notice.id) {
                recipients = self.around_the_channel(notice, vec![recipient]);
            }
            if notice.reason != Reason::Recovered {
                notified.insert(notice.fingerprint.clone(), route::channels(&recipients));
            }
            step.recipients.push(recipients);
        }
        for notice in &mut step.decisions.also_over {
            // Its failure may have been found in this step, too.
            for channel in notified.remove(&notice.fingerprint).into_iter().flatten() {
                if !notice.notified_channels.contains(&channel) {
                    notice.notified_channels.push(channel);
                }
            }
        }
    }

    /// Adds the cards, and to the history what people are notified of.
    pub(crate) fn render(&self, step: &mut Step) {
        let (now, commit) = (step.now, &mut step.commit);
        for notice in std::mem::take(&mut step.acknowledged) {
            self.deliver_to_threads(now, &notice, Attention::Quiet, commit);
        }
        for (notice, recipients) in &mut step.announced {
            self.card(now, notice, std::mem::take(recipients), commit);
        }
        let recipients = std::mem::take(&mut step.recipients);
        for (notice, recipients) in step.decisions.notices.iter().zip(recipients) {
            self.record(notice, None, commit);
            self.card(now, notice, recipients, commit);
        }
        for notice in &step.decisions.named {
            self.record(notice, Some(NoCard::Named), commit);
        }
        for notice in std::mem::take(&mut step.decisions.also_over) {
            self.deliver_to_threads(now, &notice, Attention::Quiet, commit);
        }
    }

    /// Adds the changed rows of the rooms to the commit.
    pub(crate) fn commit(&mut self, step: Step) -> (Commit, Decisions) {
        let Step { now, mut decisions, announced, mut commit, .. } = step;
        decisions.notices.extend(announced.into_iter().map(|(notice, _)| notice));
        self.escalations.begin(now, &mut self.book);
        self.show(&mut commit);
        commit.rows = self.book.take_changes();
        commit.rows.extend(self.mutes.take_changes());
        (commit, decisions)
    }
}
