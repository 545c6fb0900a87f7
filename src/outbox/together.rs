//! Pure. Sends several cards of one channel as a digest, and applies the outcome.

use crate::clock::Timestamp;
use crate::ids::DeliveryId;
use crate::outbox::backlog::Queued;
use crate::outbox::health::{FailureCause, Suspect};
use crate::outbox::queue::{ChannelQueue, InFlight, after};
use crate::outbox::{Attempt, Change, Outcome, Pending, digest};

impl ChannelQueue {
    /// `to`: the other channel that sends it, if it is not this one. What may not leave through it is
    /// no part of the digest.
    pub(crate) fn attempt_digest(
        &mut self,
        firsts: &[u64],
        to: Option<&str>,
        now: Timestamp,
    ) -> Option<Attempt> {
        let is_part =
            |(_, card): &(u64, &Queued)| to.is_none_or(|to| card.pending.may_leave_through(to));
        let of_first = |first: &u64| self.backlog.of_incident(*first).filter(is_part).collect();
        let incidents: Vec<Vec<(u64, &Queued)>> = firsts.iter().map(of_first).collect();
        let members: Vec<u64> = incidents.iter().flatten().map(|(number, _)| *number).collect();
        let cards = || incidents.iter().flatten().map(|(_, card)| &card.pending);
        let first = cards().next()?;
        // A refused digest is built again with the same first delivery, so its id needs the time
        // too.
        let id = format!("digest-{}-{}", now.as_microsecond(), first.id);
        let id = DeliveryId::from(id);
        let pending: Vec<Vec<&Pending>> = incidents
            .iter()
            .map(|cards| cards.iter().map(|(_, card)| &card.pending).collect())
            .collect();
        let group = digest::group(&pending, now);
        let unread = digest::unread(&pending, &group);
        let attempt = Attempt {
            id: id.clone(),
            channel: first.channel.clone(),
            instead_of: None,
            use_plain: false,
            possible_repeat: cards().any(|pending| pending.possible_repeat),
            group: Some(group),
            thread: None,
        };
        self.in_flight = Some(InFlight::Digest { id, members, n_incidents: firsts.len(), unread });
        Some(attempt)
    }

    pub(crate) fn apply_to_digest(
        &mut self,
        now: Timestamp,
        id: &DeliveryId,
        members: &[u64],
        n_incidents: usize,
        outcome: Outcome,
    ) -> Change {
        let (failure, why) = match outcome {
            Outcome::Accepted { receipt } => {
                self.accepted(now, Suspect::Digest(n_incidents));
                self.digests_left = self.digests_left.map(|left| left - 1).filter(|left| *left > 0);
                self.note_own(members);
                for number in members {
                    self.backlog.remove(*number);
                }
                return Change::Accepted { receipt };
            }
            Outcome::TooLarge { why } => {
                self.limit = Some(n_incidents / 2);
                return Change::Dissolved { possible_repeat: false, why: why.text };
            }
            Outcome::Rejected { why } | Outcome::Refused { why } => (FailureCause::Refused, why),
            Outcome::Retry { after, pause, unsure, why } => {
                self.drain(now, pause);
                let passing = FailureCause::Passing { after, unsure };
                (if pause { FailureCause::Busy { after } } else { passing }, why)
            }
            Outcome::Unreached { why } => (FailureCause::Unreached, why),
            Outcome::Unavailable { why } => (FailureCause::Off, why),
            Outcome::Gone { why } => (FailureCause::Gone, why),
        };
        let possible_repeat = matches!(failure, FailureCause::Passing { unsure: true, .. });
        if possible_repeat {
            self.note_own(members);
            for number in members {
                self.backlog.change(*number, |card| card.pending.possible_repeat = true);
            }
        }
        let is_refusal = matches!(failure, FailureCause::Refused | FailureCause::Passing { .. });
        if is_refusal && self.limit.is_some() && self.health.accepted_recently(now) {
            // A larger digest was refused while a card was accepted: halving it finds the bad card.
            self.limit = Some(n_incidents / 2);
            return Change::Dissolved { possible_repeat, why: why.text };
        }
        self.note_unavailable(now);
        let wait = self.health.failed(Suspect::Digest(n_incidents), id, failure);
        let wait = self.until_probe(wait);
        self.rest_until = Some(after(now, wait));
        Change::Dissolved { possible_repeat, why: why.text }
    }
}
