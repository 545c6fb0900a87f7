//! Pure. Selects what to send next from one channel's queue: a card, a probe, or a digest.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::commit::Form;
use crate::outbox::backlog::{Queued, Urgency};
use crate::outbox::digest::NAMED;
use crate::outbox::queue::{ChannelQueue, after};
use crate::outbox::thread::insists;

const MINUTE: Duration = Duration::from_mins(1);
/// Cards are sent one by one if the pace allows all of them within this time; at the default pace,
/// eight.
pub(crate) const SINGLE_CARDS_WITHIN: Duration = MINUTE;
/// Critical cards are sent one by one if each can leave within this time, slightly less than the
/// promised minute.
const CRITICAL_WITHIN: Duration = Duration::from_secs(58);
/// After this wait, cards that are not critical go before critical ones.
const LESSER_WITHIN: Duration = Duration::from_secs(200);
/// Digests are large enough to report everything pending within this time.
const REPORTED_WITHIN: Duration = Duration::from_mins(4);
/// Everything that has waited this long is in the next digest.
const LONGEST_WAIT: Duration = Duration::from_mins(10);
/// A bad channel is probed with this many different cards; later, a new card is used ever less
/// often.
const PROBES: usize = 64;
/// The same if each attempt makes another card a possible repeat.
const UNSURE_PROBES: usize = 3;

/// Up to this many suspected cards are sent on their own, so that no digest is refused because of
/// them.
const FEW_SUSPECTS: usize = 3;
/// A suspected card goes first if it has been ready for longer than this.
const SUSPECT_OVERDUE: Duration = MINUTE;

/// What to send next.
pub(crate) enum Choice {
    Card(u64),
    /// The first cards of the incidents of a digest, in order.
    Digest(Vec<u64>),
}

impl ChannelQueue {
    pub(crate) fn choose(&self, now: Timestamp) -> Option<Choice> {
        if !self.health.is_well() {
            let next = if self.health.doubts_cards { self.probe() } else { self.best(now) };
            return next.map(Choice::Card);
        }
        let Some(bucket) = &self.bucket else { return self.best(now).map(Choice::Card) };
        if bucket.within(now, Duration::ZERO) == 0 {
            // No send is free now; the caller's attempt to take one returns the time of the next.
            return self.best(now).map(Choice::Card);
        }
        let waits_too_long =
            self.lesser_wait(now, Urgency::Error) > LESSER_WITHIN || self.reply_is_late(now);
        if waits_too_long && let Some(choice) = self.lesser(now, true) {
            return Some(choice);
        }
        self.critical(now).or_else(|| self.lesser(now, false))
    }

    /// While the channel may be bad, each attempt uses another card.
    fn probe(&self) -> Option<u64> {
        let tried = self.backlog.tried();
        let oldest_try = tried.min_by_key(|(number, card)| (card.pending.attempts, *number));
        let most = if self.health.unsure { UNSURE_PROBES } else { PROBES };
        let new = self.backlog.tried().count() < most || self.health.failures.is_power_of_two();
        let fresh = || self.fresh_in_order().next();
        match oldest_try {
            Some((number, _)) if !new => Some(number),
            Some((number, _)) => fresh().or(Some(number)),
            None => fresh(),
        }
    }

    pub(crate) fn fresh_in_order(&self) -> impl Iterator<Item = u64> {
        let critical = self.backlog.fresh(Urgency::Critical);
        critical.chain(self.backlog.replies(Urgency::Critical)).chain(self.lesser_in_order())
    }

    fn lesser_in_order(&self) -> impl Iterator<Item = u64> {
        let fresh = Urgency::LESSER.into_iter().flat_map(|urgency| self.backlog.fresh(urgency));
        fresh.chain(Urgency::LESSER.into_iter().flat_map(|urgency| self.backlog.replies(urgency)))
    }

    /// The most urgent card that can be sent now.
    fn best(&self, now: Timestamp) -> Option<u64> {
        let tried = self.ready(now).map(|(number, _)| number);
        let first = self.fresh_in_order().next();
        tried.chain(first).min_by_key(|number| self.rank(*number))
    }

    /// Sort key, smaller goes first: critical cards, then cards that are not a reply to a root that
    /// shows the state, then urgency, then unsuspected cards, then age.
    pub(crate) fn rank(&self, number: u64) -> (bool, bool, Urgency, bool, u64) {
        let urgency = self.backlog.urgency(number);
        let is_lesser = urgency != Urgency::Critical;
        let is_suspect = self.backlog.card(number).is_some_and(|card| card.is_suspect);
        (is_lesser, self.backlog.is_reply(number), urgency, is_suspect, number)
    }

    /// A suspected card that is in no digest and has waited too long behind others.
    fn overdue(&self, now: Timestamp) -> Option<u64> {
        let overdue = self.ready(now).filter(|(number, card)| {
            let waits = card.due.map(|due| now.duration_since(due));
            let waits = waits.and_then(|wait| Duration::try_from(wait).ok());
            self.is_sent_alone(card)
                && waits.is_some_and(|wait| wait > SUSPECT_OVERDUE)
                && self.backlog.urgency(*number) != Urgency::Critical
        });
        overdue.map(|(number, _)| number).min_by_key(|number| self.rank(*number))
    }

    /// The oldest reply that has waited too long behind roots, if no root has waited longer.
    fn overdue_reply(&self, now: Timestamp) -> Option<u64> {
        let lesser = Urgency::LESSER.into_iter();
        let roots = lesser.filter_map(|urgency| self.backlog.fresh(urgency).next());
        let oldest_root = roots.filter_map(|root| Some(self.backlog.card(root)?.since)).min();
        let overdue = self.lesser_replies().filter(|(_, card)| {
            let longest = if insists(&card.pending) { MINUTE } else { LESSER_WITHIN };
            now >= after(card.since, longest)
        });
        let (number, reply) = overdue.min_by_key(|(_, card)| card.since)?;
        oldest_root.is_none_or(|root| reply.since <= root).then_some(number)
    }

    /// Whether a reply has waited so long that it goes before critical cards.
    fn reply_is_late(&self, now: Timestamp) -> bool {
        self.lesser_replies().any(|(_, card)| now >= after(card.since, LESSER_WITHIN))
    }

    fn lesser_replies(&self) -> impl Iterator<Item = (u64, &Queued)> {
        let replies = Urgency::LESSER.into_iter().flat_map(|it| self.backlog.replies(it));
        replies.filter_map(|number| Some((number, self.backlog.card(number)?)))
    }

    fn is_sent_alone(&self, card: &Queued) -> bool {
        let suspects = || self.backlog.tried().filter(|(_, card)| card.is_suspect);
        card.strikes > 0 || (card.is_suspect && suspects().count() <= FEW_SUSPECTS)
    }

    /// Cards that were tried on their own and can be sent now.
    fn ready(&self, now: Timestamp) -> impl Iterator<Item = (u64, &Queued)> {
        self.backlog.tried().filter(move |(_, card)| card.due.is_none_or(|due| due <= now))
    }

    /// First cards of one urgency that can be sent now, in order. A card that is refused while
    /// others are accepted is in no digest.
    fn digestible(&self, now: Timestamp, urgency: Urgency) -> Vec<u64> {
        let tried = self.ready(now).filter(|(_, card)| !self.is_sent_alone(card));
        let tried = tried.map(|(number, _)| number);
        let tried = tried.filter(|number| self.backlog.urgency(*number) == urgency);
        // A digest of an earlier version is stored as one card and cannot be a member of another
        // digest.
        let is_card = |number: &u64| {
            self.backlog.card(*number).is_some_and(|card| card.pending.form == Form::Card)
        };
        let fresh = self.backlog.fresh(urgency).filter(is_card);
        let all = fresh.chain(tried).filter(|number| !self.has_thread(*number, now));
        let mut all: Vec<u64> = all.collect();
        all.sort_unstable();
        all
    }

    fn critical(&self, now: Timestamp) -> Option<Choice> {
        let is_critical = |number: &u64| self.backlog.urgency(*number) == Urgency::Critical;
        let first = self.best(now).filter(is_critical)?;
        if self.limit.is_some_and(|n| n < 2) {
            return Some(Choice::Card(first));
        }
        let waiting = self.digestible(now, Urgency::Critical);
        let others = self.backlog.n_critical() - self.n_cards_of(&waiting);
        if self.leave_in_time(now, others, &waiting) {
            return Some(Choice::Card(first));
        }
        // Combine just enough of the oldest cards that the others can be sent on their own in time.
        let shares: Vec<usize> = (2..waiting.len()).collect();
        let too_few = |n: &usize| !self.leave_in_time(now, 1, &waiting[*n..]);
        let share = shares.get(shares.partition_point(too_few)).copied().unwrap_or(waiting.len());
        let together = waiting[..share.min(self.limit.unwrap_or(usize::MAX))].to_vec();
        Some(if together.len() < 2 { Choice::Card(first) } else { Choice::Digest(together) })
    }

    fn n_cards_of(&self, firsts: &[u64]) -> usize {
        firsts.iter().map(|first| self.backlog.of_incident(*first).count()).sum()
    }

    /// Whether all critical cards of these incidents can be sent in time one by one, in order,
    /// after this many other cards.
    fn leave_in_time(&self, now: Timestamp, others: usize, firsts: &[u64]) -> bool {
        let Some(bucket) = &self.bucket else { return true };
        // One send fewer if a lesser card takes one in the meantime.
        let is_claimed = Urgency::LESSER
            .into_iter()
            .any(|urgency| self.lesser_wait(now, urgency) + MINUTE > LESSER_WITHIN);
        let others = others + usize::from(is_claimed);
        let cards = firsts.iter().flat_map(|first| self.backlog.of_incident(*first));
        // Cards beyond the sends within that time are late.
        let most = bucket.within(now, CRITICAL_WITHIN);
        let in_time = |(n, (_, card)): (usize, (u64, &Queued))| {
            let waited = Duration::try_from(now.duration_since(card.since)).unwrap_or_default();
            n < most && n < bucket.within(now, CRITICAL_WITHIN.saturating_sub(waited))
        };
        (others..).zip(cards).all(in_time)
    }

    /// Selects among the cards that are not critical: one by one if the pace allows it soon enough,
    /// otherwise as a digest.
    fn lesser(&self, now: Timestamp, late: bool) -> Option<Choice> {
        if let Some(number) = self.overdue(now).or_else(|| self.overdue_reply(now)) {
            return Some(Choice::Card(number));
        }
        let n = self.backlog.n_lesser();
        let many = n > self.bucket.as_ref()?.pace.within(SINGLE_CARDS_WITHIN) || (late && n > 1);
        if many && self.limit.is_none_or(|limit| limit >= 2) {
            let mut together = Vec::new();
            for urgency in Urgency::LESSER {
                together.extend(self.digestible(now, urgency));
            }
            together.truncate(self.share(now, together.len(), late));
            if together.len() >= 2 {
                return Some(Choice::Digest(together));
            }
        }
        let is_lesser = |number: &u64| self.backlog.urgency(*number) != Urgency::Critical;
        let tried = self.ready(now).map(|(number, _)| number);
        let all = tried.chain(self.lesser_in_order().take(1)).filter(is_lesser);
        all.min_by_key(|number| self.rank(*number)).map(Choice::Card)
    }

    /// How many of these incidents the next digest covers: as many as it can name, or more if
    /// needed to report everything soon enough.
    fn share(&self, now: Timestamp, n_incidents: usize, late: bool) -> usize {
        let pace = self.bucket.as_ref().map_or(1, |bucket| bucket.pace.within(REPORTED_WITHIN));
        let digests = self.digests_left.unwrap_or(usize::MAX).min(pace).max(1);
        let waits = [Urgency::Warning, Urgency::Rest].map(|urgency| self.lesser_wait(now, urgency));
        let all = late || waits.into_iter().any(|wait| wait > LONGEST_WAIT);
        let share = if all { n_incidents } else { NAMED.max(n_incidents.div_ceil(digests)) };
        share.min(self.limit.unwrap_or(usize::MAX))
    }

    /// How long the oldest card of one urgency that was never tried has been waiting.
    fn lesser_wait(&self, now: Timestamp, urgency: Urgency) -> Duration {
        let oldest = self.backlog.fresh(urgency).next().and_then(|one| self.backlog.card(one));
        let wait = oldest.map(|card| now.duration_since(card.since));
        wait.and_then(|wait| Duration::try_from(wait).ok()).unwrap_or_default()
    }
}
