//! Pure. The incidents of a channel whose cards its fallback has posted: their recovery is sent
//! there, too.
//!
//! The recovery of such an incident is a delivery of both channels. If its own channel posted no
//! card of the incident, it needs no recovery there.

use std::collections::HashMap;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::commit::{Form, Reason};
use crate::ids::{DeliveryId, Fingerprint};
use crate::outbox::Pending;
use crate::outbox::queue::{ChannelQueue, InFlight};
use crate::outbox::thread::Remaining;

/// An incident that has not recovered for this long is new to the fallback.
const REMEMBERED: Duration = Duration::from_hours(30 * 24);

/// An incident whose cards a fallback has posted in place of its channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FallbackNotice {
    /// The channel that it was meant for.
    pub channel: String,
    pub fingerprint: Fingerprint,
    /// The fallback.
    pub by: String,
    /// When it posted the first card.
    pub at: Timestamp,
    /// Whether the fallback posted the opening, and its own channel certainly nothing.
    pub only_by_fallback: bool,
}

/// A delivery that is not sent, because people already have its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redundant {
    pub id: DeliveryId,
    /// The channel whose own delivery has that content, if there is one.
    pub via: Option<String>,
}

/// The incidents of one channel whose cards its fallback has posted.
#[derive(Debug, Default)]
pub(crate) struct FallbackNotices {
    known: HashMap<Fingerprint, FallbackNotice>,
    /// Those since they were last taken.
    pub(crate) new: Vec<FallbackNotice>,
}

impl FallbackNotices {
    /// Restores what was posted before a restart.
    pub(crate) fn restore(&mut self, notice: FallbackNotice) {
        self.new.push(notice.clone());
        self.known.insert(notice.fingerprint.clone(), notice);
    }

    fn note(&mut self, mut notice: FallbackNotice) {
        let oldest = notice.at.saturating_sub(REMEMBERED).unwrap_or(Timestamp::MIN);
        self.known.retain(|_, known| known.at >= oldest);
        if let Some(before) = self.known.get(&notice.fingerprint) {
            notice.at = before.at;
            notice.only_by_fallback |= before.only_by_fallback;
        }
        self.restore(notice);
    }

    /// Its own channel has posted, or may have posted, a card of this incident.
    pub(crate) fn posted_by_own(&mut self, fingerprint: &Fingerprint) {
        if let Some(notice) = self.known.get_mut(fingerprint) {
            notice.only_by_fallback = false;
        }
    }

    /// Records a new delivery. If it is the recovery of an incident that the fallback has posted,
    /// and the same notice also goes to the fallback, returns the fallback.
    pub(crate) fn counterpart(&mut self, pending: &Pending) -> Option<String> {
        let print = pending.fingerprint.as_ref()?;
        let notice = self.known.get(print)?;
        match pending.reason {
            Reason::Recovered => Some(notice.by.clone()).filter(|by| pending.is_also_in(by)),
            Reason::Opened if pending.created > notice.at => {
                // Its own channel is tried again.
                self.known.remove(print);
                None
            }
            _ => None,
        }
    }

    /// Whether its own channel certainly posted nothing of the incident.
    fn only_by_fallback(&self, pending: &Pending) -> bool {
        let known = pending.fingerprint.as_ref().and_then(|print| self.known.get(print));
        known.is_some_and(|notice| notice.only_by_fallback)
    }

    pub(crate) fn turn_back(&mut self, earlier: impl Fn(&mut Timestamp)) {
        self.known.values_mut().for_each(|notice| earlier(&mut notice.at));
    }
}

impl ChannelQueue {
    /// The fallback `by` has accepted the delivery in flight, or may have: then its recovery goes
    /// to both.
    pub(crate) fn note_fallback(
        &mut self,
        now: Timestamp,
        by: &str,
        flight: &InFlight,
        is_certain: bool,
    ) {
        let (members, unread) = match flight {
            InFlight::Card { number, .. } => (std::slice::from_ref(number), &[][..]),
            InFlight::Digest { members, unread, .. } => (&members[..], &unread[..]),
        };
        for number in members {
            let Some(card) = self.backlog.card(*number) else { continue };
            let pending = &card.pending;
            let Some(fingerprint) = &pending.fingerprint else { continue };
            let is_named = unread.iter().all(|it| it.fingerprint != *fingerprint);
            if pending.form == Form::Card && pending.reason != Reason::Recovered && is_named {
                self.fallback_notices.note(FallbackNotice {
                    channel: pending.channel.clone(),
                    fingerprint: fingerprint.clone(),
                    by: by.to_owned(),
                    at: now,
                    only_by_fallback: is_certain
                        && pending.reason == Reason::Opened
                        && !pending.possible_repeat,
                });
            }
        }
    }

    /// This channel itself has posted these cards, or may have.
    pub(crate) fn note_own(&mut self, numbers: &[u64]) {
        for number in numbers {
            if let Some(card) = self.backlog.card(*number)
                && card.pending.reason != Reason::Recovered
                && let Some(incident) = &card.pending.fingerprint
            {
                self.fallback_notices.posted_by_own(incident);
            }
        }
    }

    /// Removes the cards of incidents that only the fallback has posted, from their beginning to
    /// their end.
    pub(crate) fn drop_redundant(&mut self, now: Timestamp) {
        let is_any = !self.fallback_notices.known.is_empty();
        if !is_any || self.in_flight.is_some() || self.is_unconfigured() {
            return;
        }
        let firsts: Vec<u64> =
            self.backlog.firsts().filter(|first| self.is_over_elsewhere(*first, now)).collect();
        for first in firsts {
            let cards = self.backlog.of_incident(first);
            let redundant: Vec<(u64, Redundant)> = cards
                .map(|(number, card)| {
                    let via = card.counterpart.clone();
                    (number, Redundant { id: card.pending.id.clone(), via })
                })
                .collect();
            for (number, delivery) in redundant {
                self.backlog.remove(number);
                self.redundant.push(delivery);
            }
        }
    }

    fn is_over_elsewhere(&self, first: u64, now: Timestamp) -> bool {
        let mut last = None;
        let all_known = self.backlog.of_incident(first).all(|(_, card)| {
            last = Some(card.pending.reason);
            card.pending.remaining == Remaining::Root
                || card.counterpart.is_some()
                    && self.fallback_notices.only_by_fallback(&card.pending)
        });
        all_known && last == Some(Reason::Recovered) && !self.has_thread(first, now)
    }
}
