//! Pure. The pending deliveries of one channel, ordered by incident and severity.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use crate::clock::Timestamp;
use crate::commit::Reason;
use crate::detection::Severity;
use crate::ids::{DeliveryId, Fingerprint};
use crate::outbox::Pending;
use crate::outbox::evidence::RefusalEvidence;
use crate::outbox::thread::Remaining;

/// The urgency of a delivery; smaller values go first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Urgency {
    Critical,
    Error,
    Warning,
    /// Recoveries and informational cards.
    Rest,
}

impl Urgency {
    const N: usize = 4;
    pub(crate) const LESSER: [Self; 3] = [Self::Error, Self::Warning, Self::Rest];

    pub(crate) fn of(pending: &Pending) -> Self {
        match (pending.reason, pending.severity) {
            (Reason::Recovered, _) | (_, Severity::Info) => Self::Rest,
            (_, Severity::Warning) => Self::Warning,
            (_, Severity::Error) => Self::Error,
            (_, Severity::Critical) => Self::Critical,
        }
    }
}

/// Deliveries that are sent in order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Series {
    /// Those of one incident.
    Incident(Fingerprint),
    /// A delivery of no known incident, alone.
    Single(DeliveryId),
}

impl Series {
    pub(crate) fn of(pending: &Pending) -> Self {
        let incident = pending.fingerprint.clone().map(Self::Incident);
        incident.unwrap_or_else(|| Self::Single(pending.id.clone()))
    }
}

/// One pending delivery, numbered in the order of arrival.
#[derive(Debug)]
pub(crate) struct Queued {
    pub(crate) pending: Pending,
    /// Waiting since this time, on a clock that never goes back.
    pub(crate) since: Timestamp,
    /// The earliest next attempt of a suspected card.
    pub(crate) due: Option<Timestamp>,
    /// Number of refusals while the channel accepted other cards.
    pub(crate) strikes: u32,
    /// Whether its last refusal is permanent.
    pub(crate) refused_for_good: bool,
    /// Number of refusals of its plain form while it was suspected and the channel accepted other
    /// cards.
    pub(crate) plain_refusals: u32,
    /// Whether it was refused since the channel last accepted a card.
    pub(crate) failed: bool,
    pub(crate) evidence: RefusalEvidence,
    /// Number of refusals after another card was accepted that were not yet blamed on this card.
    pub(crate) n_spared: u32,
    /// Number of refusals of its plain form by the fallback, which accepts others.
    pub(crate) refusals_elsewhere: u32,
    /// The fallback that posted cards for the incident that it ends; there, another delivery ends it.
    pub(crate) counterpart: Option<String>,
    /// Whether the channel accepted another card after refusing this one.
    pub(crate) is_suspect: bool,
    series: Series,
}

impl Queued {
    /// Forgets what may have been the fault of the channel.
    pub(crate) fn forgive(&mut self) {
        self.due = None;
        self.strikes = 0;
        self.plain_refusals = 0;
        self.n_spared = 0;
        self.refusals_elsewhere = 0;
        self.failed = false;
        self.is_suspect = false;
        self.refused_for_good = false;
        self.evidence = RefusalEvidence::default();
        self.pending.refused = None;
    }
}

#[derive(Debug)]
struct IncidentCards {
    /// Numbers of its cards, in order.
    cards: VecDeque<u64>,
    /// Number of its cards by urgency.
    n: [usize; Urgency::N],
}

impl IncidentCards {
    /// The urgency of its most urgent card, because the cards before that one must be sent first.
    fn urgency(&self) -> Urgency {
        let all = [Urgency::Critical, Urgency::Error, Urgency::Warning, Urgency::Rest];
        all.into_iter().find(|urgency| self.n[*urgency as usize] > 0).unwrap_or(Urgency::Rest)
    }
}

#[derive(Debug, Default)]
pub(crate) struct Backlog {
    /// Boxed, because a table grows to twice its size.
    cards: HashMap<u64, Box<Queued>>,
    numbers: HashMap<DeliveryId, u64>,
    incidents: HashMap<Series, IncidentCards>,
    /// First cards of incidents that were not tried on their own, by urgency of the incident.
    fresh: [BTreeSet<u64>; Urgency::N],
    /// The same for incidents with only replies left to post.
    replies: [BTreeSet<u64>; Urgency::N],
    /// First cards of incidents that were tried on their own and failed. There are few.
    tried: BTreeSet<u64>,
    /// Incidents whose next card must wait until then. Their cards are in none of the above.
    resting: BTreeMap<Series, Timestamp>,
    n_cards: [usize; Urgency::N],
    last_number: u64,
}

impl Backlog {
    pub(crate) fn len(&self) -> usize {
        self.cards.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.cards.is_empty()
    }

    /// When the oldest card was created, those in flight included. Each incident's first card is
    /// its oldest.
    pub(crate) fn oldest(&self) -> Option<Timestamp> {
        let sets = self.fresh.iter().chain(&self.replies).chain([&self.tried]);
        let firsts = sets.filter_map(BTreeSet::first);
        let resting = self.resting.keys().filter_map(|incident| self.incidents.get(incident));
        let firsts = firsts.chain(resting.filter_map(|incident| incident.cards.front()));
        let cards = firsts.filter_map(|number| self.cards.get(number));
        cards.map(|card| card.pending.created).min()
    }

    /// Number of cards in incidents that are not critical.
    pub(crate) fn n_lesser(&self) -> usize {
        Urgency::LESSER.iter().map(|urgency| self.n_cards[*urgency as usize]).sum()
    }

    pub(crate) fn has_fresh(&self) -> bool {
        self.fresh.iter().chain(&self.replies).any(|fresh| !fresh.is_empty())
    }

    /// The first card of each incident, in no particular order.
    pub(crate) fn firsts(&self) -> impl Iterator<Item = u64> {
        self.incidents.values().filter_map(|incident| incident.cards.front().copied())
    }

    pub(crate) fn has_incident(&self, incident: &Fingerprint) -> bool {
        self.incidents.contains_key(&Series::Incident(incident.clone()))
    }

    /// Whether any card may be sent, as far as its incident is concerned.
    pub(crate) fn has_ready(&self) -> bool {
        self.has_fresh() || !self.tried.is_empty()
    }

    /// Lets the incident of this card rest until then.
    pub(crate) fn rest(&mut self, number: u64, until: Timestamp) {
        if let Some(card) = self.cards.get(&number) {
            let series = card.series.clone();
            self.rest_series(&series, until);
        }
    }

    /// The same for an incident that may have no card.
    pub(crate) fn rest_incident(&mut self, incident: &Fingerprint, until: Timestamp) {
        self.rest_series(&Series::Incident(incident.clone()), until);
    }

    fn rest_series(&mut self, series: &Series, until: Timestamp) {
        self.unlink(series);
        self.resting.insert(series.clone(), until);
        self.link(series);
    }

    /// Ends the rest of incidents that have rested for long enough.
    pub(crate) fn wake(&mut self, now: Timestamp) {
        let rested = self.resting.iter().filter(|(_, until)| **until <= now);
        let rested: Vec<Series> = rested.map(|(series, _)| series.clone()).collect();
        for series in rested {
            self.unlink(&series);
            self.resting.remove(&series);
            self.link(&series);
        }
    }

    /// When the first incident with cards has rested for long enough.
    pub(crate) fn next_rested(&self) -> Option<Timestamp> {
        let waiting = self.resting.iter().filter(|(it, _)| self.incidents.contains_key(*it));
        waiting.map(|(_, until)| *until).min()
    }

    /// Compensates for a clock that was set back by this much.
    pub(crate) fn turn_back(&mut self, earlier: impl Fn(&mut Timestamp)) {
        self.resting.values_mut().for_each(earlier);
    }

    pub(crate) fn add(&mut self, pending: Pending, since: Timestamp) {
        if self.numbers.contains_key(&pending.id) {
            return;
        }
        self.last_number += 1;
        let number = self.last_number;
        let series = Series::of(&pending);
        self.unlink(&series);
        let urgency = Urgency::of(&pending);
        let fresh = || IncidentCards { cards: VecDeque::new(), n: [0; Urgency::N] };
        let entry = self.incidents.entry(series.clone()).or_insert_with(fresh);
        entry.cards.push_back(number);
        entry.n[urgency as usize] += 1;
        self.numbers.insert(pending.id.clone(), number);
        let card = Queued {
            failed: pending.refused.is_some(),
            evidence: RefusalEvidence::restore(pending.refused),
            n_spared: 0,
            refusals_elsewhere: 0,
            counterpart: None,
            pending,
            since,
            due: None,
            strikes: 0,
            refused_for_good: false,
            is_suspect: false,
            plain_refusals: 0,
            series: series.clone(),
        };
        self.cards.insert(number, Box::new(card));
        self.link(&series);
    }

    pub(crate) fn number(&self, id: &DeliveryId) -> Option<u64> {
        self.numbers.get(id).copied()
    }

    pub(crate) fn remove(&mut self, number: u64) {
        let Some(series) = self.cards.get(&number).map(|card| card.series.clone()) else {
            return;
        };
        self.unlink(&series);
        let Some(card) = self.cards.remove(&number) else { return };
        self.numbers.remove(&card.pending.id);
        if let Some(entry) = self.incidents.get_mut(&series) {
            entry.n[Urgency::of(&card.pending) as usize] -= 1;
            match entry.cards.front() {
                Some(first) if *first == number => drop(entry.cards.pop_front()),
                _ => entry.cards.retain(|one| *one != number),
            }
            if entry.cards.is_empty() {
                self.incidents.remove(&series);
            }
        }
        self.link(&series);
    }

    /// Changes a card without moving it.
    pub(crate) fn change(&mut self, number: u64, change: impl FnOnce(&mut Queued)) {
        let Some(series) = self.cards.get(&number).map(|card| card.series.clone()) else {
            return;
        };
        self.unlink(&series);
        if let Some(card) = self.cards.get_mut(&number) {
            change(card);
        }
        self.link(&series);
    }

    pub(crate) fn card(&self, number: u64) -> Option<&Queued> {
        self.cards.get(&number).map(|card| &**card)
    }

    pub(crate) fn cards_mut(&mut self) -> impl Iterator<Item = &mut Queued> {
        self.cards.values_mut().map(|card| &mut **card)
    }

    pub(crate) fn urgency(&self, number: u64) -> Urgency {
        let incident = self.cards.get(&number).and_then(|card| self.incidents.get(&card.series));
        incident.map_or(Urgency::Rest, IncidentCards::urgency)
    }

    /// First cards that were never tried on their own, in order.
    pub(crate) fn fresh(&self, urgency: Urgency) -> impl Iterator<Item = u64> {
        self.fresh[urgency as usize].iter().copied()
    }

    /// The same for incidents with only replies left to post.
    pub(crate) fn replies(&self, urgency: Urgency) -> impl Iterator<Item = u64> {
        self.replies[urgency as usize].iter().copied()
    }

    /// Whether only replies of this card's incident are left to post.
    pub(crate) fn is_reply(&self, number: u64) -> bool {
        let mut cards = self.of_incident(number).peekable();
        cards.peek().is_some() && cards.all(|(_, card)| card.pending.remaining == Remaining::Reply)
    }

    /// Number of cards in critical incidents.
    pub(crate) fn n_critical(&self) -> usize {
        self.n_cards[Urgency::Critical as usize]
    }

    /// First cards that were tried on their own, in order.
    pub(crate) fn tried(&self) -> impl Iterator<Item = (u64, &Queued)> {
        self.tried.iter().filter_map(|number| Some((*number, self.card(*number)?)))
    }

    /// All cards of the incident of this card, in order.
    pub(crate) fn of_incident(&self, number: u64) -> impl Iterator<Item = (u64, &Queued)> {
        self.cards.get(&number).into_iter().flat_map(|card| self.of(&card.series))
    }

    /// All its cards, in order.
    pub(crate) fn of(&self, series: &Series) -> impl Iterator<Item = (u64, &Queued)> {
        let numbers = self.incidents.get(series).into_iter().flat_map(|one| &one.cards);
        numbers.filter_map(|number| Some((*number, self.card(*number)?)))
    }

    fn unlink(&mut self, series: &Series) {
        let Some(entry) = self.incidents.get(series) else { return };
        let urgency = entry.urgency() as usize;
        self.n_cards[urgency] -= entry.cards.len();
        if let Some(first) = entry.cards.front() {
            self.fresh[urgency].remove(first);
            self.replies[urgency].remove(first);
            self.tried.remove(first);
        }
    }

    fn link(&mut self, series: &Series) {
        let Some(entry) = self.incidents.get(series) else { return };
        let urgency = entry.urgency() as usize;
        self.n_cards[urgency] += entry.cards.len();
        if let Some(first) = entry.cards.front()
            && !self.resting.contains_key(series)
        {
            let tried = self.cards.get(first).is_some_and(|card| card.pending.attempts > 0);
            let first = *first;
            let is_reply = self.is_reply(first);
            let index = match (tried, is_reply) {
                (true, _) => &mut self.tried,
                (false, true) => &mut self.replies[urgency],
                (false, false) => &mut self.fresh[urgency],
            };
            index.insert(first);
        }
    }
}
