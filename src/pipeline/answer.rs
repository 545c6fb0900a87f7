//! Pure. Applies the commands of people to incidents and silences.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::command::{
    Action, Answered, Applied, Command, CommandResult, MOST_TEXT, NewSilence, Refusal, TextField,
    check, is_blank,
};
use crate::commit::{Attention, Commit, HistoryEntry, HistoryReason, HistoryType};
use crate::detection::Kind;
use crate::ids::Fingerprint;
use crate::incident::{Acknowledgement, Note, Notice};
use crate::metrics::{CounterSet, Single};
use crate::pipeline::decide::Decider;
use crate::render;

/// A command with the incidents, open and over, whose fingerprints begin with the prefix in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResolvedCommand {
    pub command: Command,
    pub matches: Vec<Fingerprint>,
}

/// What a command has changed, before the step that follows from it.
pub(crate) struct Obeyed {
    answered: Answered,
    entry: Option<HistoryEntry>,
    changed: Option<(Notice, Attention)>,
}

impl Decider {
    /// Applies a command.
    ///
    /// Commands for deliveries do not belong to this room and are refused.
    pub(crate) fn obey(&mut self, now: Timestamp, resolved: ResolvedCommand) -> Obeyed {
        let ResolvedCommand { command, matches } = resolved;
        let command = command.cleaned();
        let (entry, changed, result) = match self.apply(now, &command, &matches) {
            Ok((applied, entry)) => {
                // Before what is kept of the book is taken.
                let of = entry.fingerprint.as_ref();
                let changed =
                    of.and_then(|print| self.change_by_people(now, &command.action, print));
                (Some(entry), changed, CommandResult::Applied(applied))
            }
            Err(refusal) => (None, None, CommandResult::Refused(refusal)),
        };
        Obeyed { answered: Answered { command, result, applied_at: now }, entry, changed }
    }

    /// Adds commands to the commit of their step: their entries come first.
    pub(crate) fn answer(&self, now: Timestamp, obeyed: Vec<Obeyed>, commit: &mut Commit) {
        for (nth, Obeyed { answered, entry, changed }) in obeyed.into_iter().enumerate() {
            let outcome = match &answered.result {
                CommandResult::Applied(_) => Single::CommandsApplied,
                CommandResult::Refused(_) => Single::CommandsRefused,
            };
            commit.counts.add(outcome, 1);
            commit.commands.push(answered);
            if let Some(entry) = entry {
                commit.history.insert(nth.min(commit.history.len()), entry);
            }
            // The recovery of what is over by now is in this commit.
            let changed = changed.filter(|(it, _)| self.book.notice_of(&it.fingerprint).is_some());
            if let Some((notice, attention)) = &changed {
                if *attention != Attention::Quiet {
                    commit.counts.add(CounterSet::Notices.of(notice.reason.name()), 1);
                }
                self.deliver_to_threads(now, notice, *attention, commit);
            }
        }
    }

    fn apply(
        &mut self,
        now: Timestamp,
        command: &Command,
        matches: &[Fingerprint],
    ) -> Result<(Applied, HistoryEntry), Refusal> {
        command.check_author()?;
        let (by, at) = (&command.by, command.at.min(now));
        match &command.action {
            Action::Acknowledge { incident, note, is_undoable } => {
                let note = note.clone().filter(|note| !is_blank(note));
                note.as_ref().map_or(Ok(()), |note| check(TextField::Note, note, MOST_TEXT))?;
                let print = self.open_incident(incident, matches)?;
                let by = by.clone();
                let text = note.clone().unwrap_or_default();
                if let Some(text) = note.clone() {
                    self.book.note(&print, Note { at, by: by.clone(), text });
                }
                let id = Some(command.id.clone());
                // Whoever undoes it does not take away what somebody else gave.
                let earlier = self.book.acknowledged(&print).cloned().filter(|_| *is_undoable);
                let replaced = earlier.and_then(|earlier| earlier.replaced_by(&by));
                let known = Acknowledgement { by, at, note, command: id, replaced };
                self.book.acknowledge(now, &print, Some(known));
                Ok(self.of_incident(now, command, &print, HistoryType::Acknowledged, text))
            }
            Action::Unacknowledge { incident, is_undo } => {
                let print = self.open_incident(incident, matches)?;
                let Some(known) = self.book.acknowledged(&print) else {
                    return Err(Refusal::NotAcknowledged);
                };
                let replaced = known.replaced.clone();
                let earlier = replaced.filter(|_| *is_undo);
                let language = self.site.language;
                let again = earlier.as_ref().map(|it| render::acknowledged_again(&it.by, language));
                self.book.acknowledge(now, &print, earlier.map(|earlier| *earlier));
                let text = again.unwrap_or_default();
                Ok(self.of_incident(now, command, &print, HistoryType::Unacknowledged, text))
            }
            Action::Note { incident, text } => {
                check(TextField::Note, text, MOST_TEXT)?;
                let print = self.incident_named(incident, matches)?;
                let note = Note { at, by: by.clone(), text: text.clone() };
                self.book.note(&print, note);
                Ok(self.of_incident(now, command, &print, HistoryType::Noted, text.clone()))
            }
            Action::SilenceAdd(wanted) => self.add_silence(now, command, wanted.clone(), matches),
            Action::SilenceExpire { silence } => {
                let id = self.mutes.expire(now, silence)?;
                let text = render::silence(&id, self.site.language);
                let mut entry = entry(now, command, HistoryType::SilenceExpired, text);
                let of = self.mutes.incident_of(&id);
                entry.fingerprint = of.cloned();
                Ok((Applied::Silence(id), entry))
            }
            Action::DeliveryRetry { .. } | Action::DeliveryDrop { .. } => {
                Err(Refusal::UnknownDelivery)
            }
        }
    }

    fn add_silence(
        &mut self,
        now: Timestamp,
        command: &Command,
        wanted: NewSilence,
        matches: &[Fingerprint],
    ) -> Result<(Applied, HistoryEntry), Refusal> {
        let mut of = None;
        if let Some(incident) = &wanted.incident {
            let print = self.open_incident(incident, matches)?;
            let is_security =
                self.book.notice_of(&print).is_some_and(|notice| notice.kind == Kind::Security);
            if is_security {
                return Err(Refusal::Security);
            }
            of = Some(print);
        }
        let reason = wanted.reason.clone();
        let until = wanted.until;
        let id = self.mutes.add(now, (&command.id, &command.by), wanted, of.clone())?;
        let summary = render::silence_until(&id, until, &reason, &self.site);
        let entry = entry(now, command, HistoryType::Silenced, summary);
        let entry = HistoryEntry { fingerprint: of, ..entry };
        Ok((Applied::Silence(id), entry))
    }

    /// The one open incident that the command names.
    fn open_incident(&self, named: &str, matches: &[Fingerprint]) -> Result<Fingerprint, Refusal> {
        let print = self.incident_named(named, matches)?;
        if self.book.is_known(&print) { Ok(print) } else { Err(Refusal::IncidentOver) }
    }

    /// The one incident that is meant: of several that begin so, the only one that is open.
    fn incident_named(&self, named: &str, matches: &[Fingerprint]) -> Result<Fingerprint, Refusal> {
        if named.is_empty() {
            return Err(Refusal::UnknownIncident);
        }
        if let Some(exact) = matches.iter().find(|print| print.as_str() == named) {
            return Ok(exact.clone());
        }
        let open = matches.iter().filter(|print| self.book.is_known(print));
        match (matches, open.collect::<Vec<_>>().as_slice()) {
            ([], _) => Err(Refusal::UnknownIncident),
            ([one], _) => Ok(one.clone()),
            (_, [one]) => Ok((*one).clone()),
            (many, _) => Err(Refusal::AmbiguousIncident(many.to_vec())),
        }
    }

    fn of_incident(
        &self,
        now: Timestamp,
        command: &Command,
        print: &Fingerprint,
        what: HistoryType,
        text: String,
    ) -> (Applied, HistoryEntry) {
        let mut entry = entry(now, command, what, text);
        entry.fingerprint = Some(print.clone());
        if let Some(notice) = self.book.notice_of(print) {
            entry.kind = Some(notice.kind);
            if entry.summary.is_empty() {
                entry.summary = render::title(notice, self.site.language);
            }
        }
        (Applied::Incident(print.clone()), entry)
    }
}

/// One that was stored while the agent was stopped has the time at which it was given.
fn entry(now: Timestamp, command: &Command, what: HistoryType, summary: String) -> HistoryEntry {
    HistoryEntry {
        reason: Some(HistoryReason::Command(command.origin)),
        author: Some(command.by.clone()),
        ..HistoryEntry::new(command.at.min(now), what, summary)
    }
}

#[cfg(test)]
mod tests;
