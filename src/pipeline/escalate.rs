//! Pure. Escalates incidents that nobody has acknowledged in time to another channel.

use jiff::SignedDuration;

use crate::clock::{Timestamp, later};
use crate::config::Mention;
use crate::ids::Fingerprint;
use crate::incident::{Escalation, IncidentBook, Notice};
use crate::route::{self, Matchers, Recipient};

/// The destination of an incident that was not acknowledged and has not recovered within a time.
#[derive(Clone, Debug)]
pub struct EscalationRule {
    pub matchers: Matchers,
    pub after: SignedDuration,
    pub channel: String,
    /// The people that its cards mention.
    pub mentions: Vec<Mention>,
}

/// A notice for the channel of a rule.
#[derive(Debug)]
pub(crate) struct Escalated {
    pub notice: Notice,
    /// The channel, with the people of the rules that are due.
    pub recipient: Recipient,
}

/// The rules of the configuration.
#[derive(Clone, Debug, Default)]
pub struct Escalations {
    pub rules: Vec<EscalationRule>,
}

impl Escalations {
    /// Starts the time of the rules for incidents that were notified in this step, in any card;
    /// even without a rule, since one may be added.
    pub(crate) fn begin(&self, now: Timestamp, book: &mut IncidentBook) {
        for print in book.changed() {
            if !book.needs_clock(&print) {
                continue;
            }
            let escalation = Escalation { since: Some(now), ..Escalation::default() };
            let next = book.notice_of(&print).and_then(|notice| self.next(notice, &escalation));
            book.set_escalation(&print, Escalation { next, ..escalation });
        }
    }

    /// The escalations that are due now, each for one channel.
    pub(crate) fn due(
        &self,
        now: Timestamp,
        book: &mut IncidentBook,
        prints: Vec<Fingerprint>,
    ) -> Vec<Escalated> {
        let mut escalated = Vec::new();
        for print in prints {
            let Some(mut escalation) = book.escalation(&print).cloned() else { continue };
            let Some(notice) = book.notice_of(&print).cloned() else { continue };
            let due = self.open(&notice, &escalation).filter(|(at, _)| *at <= now);
            let due = due.map(|(_, rule)| Recipient {
                mentions: rule.mentions.clone(),
                ..Recipient::channel(&rule.channel)
            });
            for recipient in route::joined(due.collect::<Vec<_>>()) {
                let channel = recipient.channel.clone();
                let notice = book.escalated(now, &print, &channel);
                escalated.extend(notice.map(|notice| Escalated { notice, recipient }));
                escalation.channels.push(channel);
            }
            escalation.next = self.next(&notice, &escalation);
            book.set_escalation(&print, escalation);
        }
        escalated
    }

    /// Replaces the rules.
    pub(crate) fn set(&mut self, rules: Vec<EscalationRule>, book: &mut IncidentBook) {
        self.rules = rules;
        let prints: Vec<Fingerprint> = book.known().map(|(print, _)| print.clone()).collect();
        for print in prints {
            let Some(escalation) = book.escalation(&print).cloned() else { continue };
            let Some(notice) = book.notice_of(&print) else { continue };
            let next = self.next(notice, &escalation);
            book.set_escalation(&print, Escalation { next, ..escalation });
        }
    }

    fn next(&self, notice: &Notice, escalation: &Escalation) -> Option<Timestamp> {
        self.open(notice, escalation).map(|(at, _)| at).min()
    }

    /// The rules that are still to come, and when.
    fn open<'a>(
        &'a self,
        notice: &'a Notice,
        escalation: &'a Escalation,
    ) -> impl Iterator<Item = (Timestamp, &'a EscalationRule)> {
        let rules = self.rules.iter().filter(|_| !escalation.is_given_up);
        let rules = rules.filter(|rule| !escalation.channels.contains(&rule.channel));
        let rules = rules.filter(|rule| rule.matchers.matches(notice));
        rules.filter_map(|rule| {
            let since = escalation.since?;
            Some((later(since, rule.after), rule))
        })
    }
}
