//! I/O. Sends deliveries, and stores their outcomes.

use anyhow::Result;

use crate::agent::core::{Core, DispatchRequest, SendOrder};
use crate::agent::failpoint;
use crate::clock::{self, Timestamp};
use crate::commit::Delivery;
use crate::detection::AgentProblem;
use crate::ids::DeliveryId;
use crate::metrics::{Counts, Single};
use crate::outbox::{Attempt, Change, Group, InsteadOf, Outcome, ThreadAnswer, ThreadMessage};
use crate::render;

impl Core {
    /// Sends everything that may be sent now.
    pub(crate) fn send_due(&mut self) -> Result<()> {
        while !self.stop.is_cancelled() {
            let now = clock::now();
            let attempt = self.outbox.next(now);
            self.settle_redundant()?;
            let Some(attempt) = attempt else { break };
            match &attempt.group {
                Some(group) => self.send_digest(now, &attempt, group)?,
                None => self.send_card(attempt)?,
            }
        }
        Ok(())
    }

    /// Stores which deliveries are not sent, because people already have their content.
    fn settle_redundant(&mut self) -> Result<()> {
        let redundant = self.outbox.take_redundant();
        if redundant.is_empty() {
            return Ok(());
        }
        tracing::info!(cards = redundant.len(), "not sent: people know what these cards say");
        self.retry_until_written(|store, now| store.settle_redundant(now, &redundant))
    }

    /// Sends one digest in place of cards that the pace would spread over minutes.
    fn send_digest(&mut self, now: Timestamp, attempt: &Attempt, group: &Group) -> Result<()> {
        let ids: Vec<&DeliveryId> = group.named.iter().map(|row| &row.id).collect();
        let described = self.retry_until_written(|store, _| store.described(&ids))?;
        let open: Vec<&str> =
            group.named.iter().filter(|row| !row.is_over).map(|row| row.id.as_str()).collect();
        let cards = self.retry_until_written(|store, _| store.mentioning_cards(&open))?;
        let digest = self.pipeline.digest(now, attempt, group, &described);
        let payload = render::mentioning_people_of(&digest.payload, &cards);
        let payload = self.marked(payload, attempt.instead_of.as_ref());
        let digest = Delivery { plain: payload.clone(), payload, ..digest };
        failpoint::pass("departing");
        self.retry_until_written(|store, now| {
            store.begin_sending_together(now, &digest, &group.members)
        })?;
        failpoint::pass("departed");
        tracing::info!(target: "footman::card", "{}", digest.summary);
        let possible_repeat = attempt.possible_repeat;
        let (id, channel, created) = (digest.id, digest.channel, digest.created);
        self.requests
            .send(SendOrder::Send(DispatchRequest {
                id,
                channel,
                created,
                card: digest.payload,
                possible_repeat,
                thread: None,
            }))
            .ok();
        Ok(())
    }

    fn send_card(&mut self, attempt: Attempt) -> Result<()> {
        let Attempt { id, channel, instead_of, use_plain, possible_repeat, thread, .. } = attempt;
        failpoint::pass("departing");
        let via = instead_of.is_some().then_some(channel.as_str());
        let threads = self.outbox.take_threads();
        let sent = self.retry_until_written(|store, now| match (via, &thread) {
            (Some(_), _) => store.begin_sending_via(now, &id, via),
            (None, Some(written)) => store.begin_sending_in_thread(now, &id, written, &threads),
            (None, None) => store.begin_sending(now, &id),
        })?;
        let Some(bytes) = sent else {
            self.outbox.withdraw(&id);
            return Ok(());
        };
        failpoint::pass("departed");
        let message = thread.as_ref().map(|written| written.message);
        let is_short = use_plain || message == Some(ThreadMessage::Reply);
        let card = if is_short { bytes.plain } else { bytes.payload };
        let card = self.signed(card, bytes.fingerprint.as_ref());
        let card = self.marked(card, instead_of.as_ref());
        let card = self.continued(card, message);
        let card = self.in_form_of(&channel, card);
        let created = bytes.created;
        let request = DispatchRequest { id, channel, created, card, possible_repeat, thread };
        // The dispatcher is gone only if the agent is ending; the card is sent after the restart.
        self.requests.send(SendOrder::Send(request)).ok();
        Ok(())
    }

    /// The card without a button that would fail in this channel: it may have been rendered for
    /// another one.
    fn in_form_of(&self, channel: &str, card: String) -> String {
        let form = self.pipeline.decider.channels.get(channel);
        if form.is_some_and(|form| form.waits) {
            card
        } else {
            render::without_button(&card).into_owned()
        }
    }

    /// The card with a line that says why another channel sends it.
    fn marked(&self, card: String, instead_of: Option<&InsteadOf>) -> String {
        match instead_of {
            None => card,
            Some(InsteadOf { channel, since }) => {
                let zone = &self.pipeline.decider.site.timezone;
                render::mark_instead_of(&card, channel, *since, zone).into_owned()
            }
        }
    }

    /// The first card of a thread with a line that says which one it continues.
    fn continued(&self, card: String, message: Option<ThreadMessage>) -> String {
        match message {
            Some(ThreadMessage::Root { continues: Some(since), .. }) => {
                let zone = &self.pipeline.decider.site.timezone;
                render::mark_continuation(&card, since, zone).into_owned()
            }
            _ => card,
        }
    }

    /// Reports channels that have become unavailable.
    pub(crate) fn report_unavailable(&mut self) -> Result<()> {
        for (channel, since) in self.outbox.take_unavailable(clock::now()) {
            tracing::error!("channel {channel} has been unavailable since {since:.0}");
            self.to_report.push(AgentProblem::ChannelUnavailable { channel, since });
        }
        self.report()
    }

    /// Ends the reports about parts that work again. Not between the parts of a batch, which share
    /// one time.
    pub(crate) fn end_reports(&mut self) -> Result<()> {
        for part in std::mem::take(&mut self.well) {
            if let Some(over) = self.pipeline.end_report(clock::now(), part) {
                self.commit(over)?;
            }
        }
        Ok(())
    }

    /// Stores the outcome of an attempt.
    pub(crate) fn settle(
        &mut self,
        id: &DeliveryId,
        outcome: Outcome,
        thread: ThreadAnswer,
    ) -> Result<()> {
        let change = self.outbox.apply_with(clock::now(), id, outcome, thread);
        let Some(change) = change else { return Ok(()) };
        let threads = self.outbox.take_threads();
        match &change {
            Change::Accepted { receipt } => {
                tracing::info!(id = id.as_str(), receipt, "card accepted");
            }
            Change::Shown { receipt, given_up, withdrawn, .. } => {
                let id = id.as_str();
                tracing::info!(id, receipt, given_up, withdrawn, "card of a thread updated");
            }
            Change::KnownElsewhere { receipt, .. } => {
                tracing::info!(id = id.as_str(), receipt, "card accepted by the fallback");
            }
            Change::Later { why, next_at, .. } if *next_at <= clock::now() => {
                tracing::warn!(
                    id = id.as_str(),
                    "card not accepted, tried again when its channel may take cards: {why}"
                );
            }
            Change::Later { why, next_at, .. } => {
                let zone = self.pipeline.decider.site.timezone.clone();
                let next_at = next_at.to_zoned_datetime(zone).strftime("%Y-%m-%dT%H:%M:%S%:z");
                tracing::warn!(
                    id = id.as_str(),
                    "card not accepted, not tried again before {next_at}: {why}"
                );
            }
            Change::Dissolved { why, .. } => {
                tracing::warn!(
                    id = id.as_str(),
                    "digest not accepted, its cards are pending again: {why}"
                );
            }
            Change::Dead { why } => {
                tracing::error!(
                    id = id.as_str(),
                    "card refused while its channel accepts others, now dead: {why}"
                );
            }
        }
        // Written before the change: after a crash in between, the delivery is pending and counts
        // as unread again.
        let commit = self.pipeline.unread(&self.outbox.take_unread());
        self.commit(commit)?;
        self.note_fallback_notices()?;
        let mut counts = Counts::default();
        counts.add(change.result().counter(), change.n_results() as u64);
        if let Change::Shown { given_up, withdrawn, .. } = change {
            let replies =
                [(Single::RepliesGivenUp, given_up), (Single::RepliesWithdrawn, withdrawn)];
            for (what, n) in replies.into_iter().filter(|(_, n)| *n > 0) {
                counts.add(what, u64::from(n));
            }
        }
        failpoint::pass("settling");
        self.retry_until_written(|store, now| store.settle(now, id, &change, &counts, &threads))?;
        failpoint::pass("settled");
        Ok(())
    }

    /// Remembers the incidents whose cards a fallback posted: their recovery is sent there, too.
    pub(crate) fn note_fallback_notices(&mut self) -> Result<()> {
        let notices = self.outbox.take_fallback_notices();
        if notices.is_empty() {
            return Ok(());
        }
        let commit = self.pipeline.notified_by_fallback(&notices);
        self.commit(commit)
    }
}
