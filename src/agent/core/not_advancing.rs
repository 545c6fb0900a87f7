//! I/O. Notes what does not advance, as `/healthz` sees it, for `status`, `doctor` and the page.

use anyhow::Result;

use crate::agent::core::Core;
use crate::clock;
use crate::state;

impl Core {
    /// Records which parts of the work do not advance, and why, if that changed.
    pub(crate) fn note_not_advancing(&mut self) -> Result<()> {
        let note = self.not_advancing().join("; ");
        if self.noted_not_advancing.as_ref() == Some(&note) {
            return Ok(());
        }
        self.note_with_not_advancing(None)
    }

    /// Writes this note in one transaction with what does not advance, so that `status` never shows
    /// the one without the other.
    pub(crate) fn note_with_not_advancing(&mut self, other: Option<(&str, &str)>) -> Result<()> {
        let note = self.not_advancing().join("; ");
        let mut notes = vec![(state::NOT_ADVANCING, note.as_str())];
        notes.extend(other);
        self.retry_until_written(|store, _| store.notes(&notes))?;
        self.noted_not_advancing = Some(note);
        Ok(())
    }

    /// A sentence for each part. A state that cannot be written is reported in the health file, and
    /// an agent without positions is starting.
    fn not_advancing(&self) -> Vec<String> {
        let (now, pulse) = (clock::now(), &self.published.pulse);
        let mut sentences = Vec::new();
        let hidden = self.file_problems.hidden_logs(&self.published.folders);
        if self.has_positions && (hidden.is_some() || !pulse.works(now).read) {
            sentences
                .push(hidden.unwrap_or_else(|| "reading the logs does not advance".to_owned()));
        }
        let figures = pulse.figures();
        sentences.extend(figures.undelivered(now).map(|(channel, since)| {
            let why = self.last_answers.get(channel).map(|why| format!(": {why}"));
            let why = why.unwrap_or_default();
            format!("cards for channel {channel} wait since {since:.0}{why}")
        }));
        sentences
    }
}
