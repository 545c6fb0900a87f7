//! I/O. Notes what does not advance, as `/healthz` sees it, for `status`, `doctor` and the page.

use anyhow::Result;

use crate::agent::core::Core;
use crate::clock;
use crate::state::{NOT_ADVANCING, NotAdvancing};

impl Core {
    /// Records which parts of the work do not advance, and why, if that changed.
    pub(crate) fn note_not_advancing(&mut self) -> Result<()> {
        let note = NotAdvancing::note(&self.not_advancing());
        if self.noted_not_advancing.as_ref() == Some(&note) {
            return Ok(());
        }
        self.note_with_not_advancing(None)
    }

    /// Writes this note in one transaction with what does not advance, so that `status` never shows
    /// the one without the other.
    pub(crate) fn note_with_not_advancing(&mut self, other: Option<(&str, &str)>) -> Result<()> {
        let note = NotAdvancing::note(&self.not_advancing());
        let mut notes = vec![(NOT_ADVANCING, note.as_str())];
        notes.extend(other);
        self.retry_until_written(|store, _| store.notes(&notes))?;
        self.noted_not_advancing = Some(note);
        Ok(())
    }

    /// Each part. A state that cannot be written is reported in the health file, and an agent
    /// without positions is starting.
    fn not_advancing(&self) -> Vec<NotAdvancing> {
        let (now, pulse) = (clock::now(), &self.published.pulse);
        let mut parts = Vec::new();
        let hidden = self.file_problems.hidden_logs(&self.published.folders);
        if self.has_positions && (hidden.is_some() || !pulse.works(now).read) {
            parts.push(hidden.unwrap_or(NotAdvancing::Reading));
        }
        let figures = pulse.figures();
        parts.extend(figures.undelivered(now).map(|(channel, since)| NotAdvancing::Channel {
            channel: channel.to_owned(),
            since,
            why: self.last_answers.get(channel).cloned(),
        }));
        parts
    }
}
