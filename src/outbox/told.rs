//! Pure. What of a channel's incidents its fallback has told: there, they also end.
//!
//! The recovery of such an incident is a delivery of both channels. If nothing of the incident was told
//! in its own channel, nothing is left to say there when it is over.

use std::collections::HashMap;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::commit::{DeliveryId, Form, Reason};
use crate::outbox::Pending;
use crate::outbox::queue::{ChannelQueue, InFlight};
use crate::outbox::thread::Remaining;

/// An incident that did not end for so long is told anew.
const REMEMBERED: Duration = Duration::from_hours(30 * 24);

/// An incident that a fallback has told of in place of its channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The channel that it was meant for.
    pub channel: String,
    pub fingerprint: String,
    /// The fallback.
    pub by: String,
    /// When it told first: an end that comes later is told there, too.
    pub at: Timestamp,
    /// Whether its own channel did not tell that it opened.
    pub is_whole: bool,
}

/// A delivery that is not sent, because people know what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub id: DeliveryId,
    /// The channel that tells it, if another delivery of that channel does.
    pub via: Option<String>,
}

/// The incidents of one channel of which its fallback has told.
#[derive(Debug, Default)]
pub(crate) struct ToldElsewhere {
    known: HashMap<String, Told>,
    /// Those since they were last taken.
    pub(crate) new: Vec<Told>,
}

impl ToldElsewhere {
    pub(crate) fn restore(&mut self, told: Told) {
        self.known.insert(told.fingerprint.clone(), told);
    }

    fn note(&mut self, mut told: Told) {
        let oldest = told.at.saturating_sub(REMEMBERED).unwrap_or(Timestamp::MIN);
        self.known.retain(|_, known| known.at >= oldest);
        if let Some(before) = self.known.get(&told.fingerprint) {
            told.at = before.at;
            told.is_whole |= before.is_whole;
        }
        self.new.push(told.clone());
        self.restore(told);
    }

    /// Takes in a new delivery. If it ends an incident that was told elsewhere, it has a counterpart there.
    pub(crate) fn counterpart(&mut self, pending: &Pending) -> Option<Told> {
        // One from before is a part of what was told, or goes the same way.
        let told = self.known.get(&pending.fingerprint).filter(|it| pending.created > it.at)?;
        match pending.reason {
            Reason::Recovered => Some(told.clone()),
            Reason::Opened => {
                // Its own channel is tried again.
                self.known.remove(&pending.fingerprint);
                None
            }
            _ => None,
        }
    }

    pub(crate) fn turn_back(&mut self, earlier: impl Fn(&mut Timestamp)) {
        self.known.values_mut().for_each(|told| earlier(&mut told.at));
    }
}

impl ChannelQueue {
    /// The fallback `by` has accepted what was in flight.
    pub(crate) fn note_told(&mut self, now: Timestamp, by: &str, flight: &InFlight) {
        let (members, unread) = match flight {
            InFlight::Card { number, .. } => (std::slice::from_ref(number), &[][..]),
            InFlight::Digest { members, unread, .. } => (&members[..], &unread[..]),
        };
        for number in members {
            let Some(card) = self.backlog.card(*number) else { continue };
            let pending = &card.pending;
            let is_named = unread.iter().all(|it| it.fingerprint != pending.fingerprint);
            if pending.form == Form::Card
                && pending.reason != Reason::Recovered
                && !pending.fingerprint.is_empty()
                && is_named
            {
                self.told.note(Told {
                    channel: pending.channel.clone(),
                    fingerprint: pending.fingerprint.clone(),
                    by: by.to_owned(),
                    at: now,
                    is_whole: pending.reason == Reason::Opened,
                });
            }
        }
    }

    /// Takes out the cards of incidents that were told elsewhere from their beginning to their end.
    pub(crate) fn drop_known(&mut self, now: Timestamp) {
        if self.in_flight.is_some() || self.is_unconfigured() {
            return;
        }
        let firsts: Vec<u64> =
            self.backlog.firsts().filter(|first| self.is_over_elsewhere(*first, now)).collect();
        for first in firsts {
            let cards = self.backlog.of_incident(first);
            let known: Vec<(u64, Known)> = cards
                .map(|(number, card)| {
                    let via = card.told.as_ref().map(|told| told.by.clone());
                    (number, Known { id: card.pending.id.clone(), via })
                })
                .collect();
            for (number, known) in known {
                self.backlog.remove(number);
                self.known.push(known);
            }
        }
    }

    fn is_over_elsewhere(&self, first: u64, now: Timestamp) -> bool {
        let mut last = None;
        let all_known = self.backlog.of_incident(first).all(|(_, card)| {
            last = Some(card.pending.reason);
            card.pending.remaining == Remaining::Root
                || card.told.as_ref().is_some_and(|told| told.is_whole)
        });
        all_known && last == Some(Reason::Recovered) && !self.has_thread(first, now)
    }
}
