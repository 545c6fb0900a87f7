//! Pure. Changes that only the threads of an incident show, in channels with threads.

use crate::clock::Timestamp;
use crate::command::Action;
use crate::commit::{Attention, Commit, HistoryEntry};
use crate::config::ChannelKind;
use crate::ids::Fingerprint;
use crate::incident::Notice;
use crate::pipeline::decide::{Decider, entry_of_notice};
use crate::pipeline::stages::Step;
use crate::render;
use crate::route::Recipient;

impl Decider {
    /// The notice of a command's change to the card of an incident. `None` if no thread shows it.
    pub(crate) fn change_by_people(
        &mut self,
        now: Timestamp,
        action: &Action,
        print: &Fingerprint,
    ) -> Option<(Notice, Attention)> {
        let is_taken = match action {
            Action::Acknowledge { .. } => true,
            Action::Unacknowledge { .. } | Action::Note { .. } => false,
            Action::SilenceAdd(_)
            | Action::SilenceExpire { .. }
            | Action::DeliveryRetry { .. }
            | Action::DeliveryDrop { .. } => return None,
        };
        let notified = &self.book.notice_of(print)?.notified_channels;
        notified.iter().find(|channel| self.has_threads(channel))?;
        let notice = self.book.changed_by_people(now, print, is_taken)?;
        Some((notice, if is_taken { Attention::Normal } else { Attention::Quiet }))
    }

    /// Adds to the history and to the threads that somebody takes care of what reopened.
    pub(crate) fn acknowledge_again(&mut self, step: &mut Step, print: &Fingerprint) {
        let Some(by) = self.book.acknowledged(print).map(|known| known.by.clone()) else { return };
        let Some(notice) = self.book.changed_by_people(step.now, print, true) else { return };
        let title = render::title(&notice, self.site.language);
        let entry = HistoryEntry { author: Some(by), ..entry_of_notice(&notice, &title) };
        step.commit.history.push(entry);
        step.acknowledged.push(notice);
    }

    /// Adds deliveries to the channels with threads among those that know the incident.
    pub(crate) fn deliver_to_threads(
        &self,
        now: Timestamp,
        notice: &Notice,
        attention: Attention,
        commit: &mut Commit,
    ) {
        let channels = notice.notified_channels.iter().filter(|channel| self.has_threads(channel));
        let recipients = channels.map(|channel| Recipient::channel(channel)).collect();
        let before = commit.deliveries.len();
        self.deliver(now, notice, recipients, commit);
        commit.deliveries[before..].iter_mut().for_each(|delivery| delivery.attention = attention);
    }

    fn has_threads(&self, channel: &str) -> bool {
        self.channels.get(channel).is_some_and(|form| form.kind == ChannelKind::Flow)
    }
}
