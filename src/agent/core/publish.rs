//! I/O. Publishes the figures of the core: what is pending, and whether logs are unreadable.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;

use crate::agent::core::Core;
use crate::agent::pulse::Pulse;
use crate::agent::setup::Setup;
use crate::clock;

/// Where the core publishes.
pub(crate) struct Published {
    pub(crate) pulse: Arc<Pulse>,
    /// The folders of the logs that are followed.
    pub(crate) folders: BTreeSet<PathBuf>,
}

impl Published {
    pub(crate) fn new(setup: &Setup) -> Self {
        let folders = setup.watches().into_iter().map(|watch| watch.folder).collect();
        Self { pulse: setup.pulse(), folders }
    }
}

/// Key of the note with the state of the tenants of Qlik Cloud.
pub(crate) const TENANTS_NOTE: &str = "tenants";

impl Core {
    /// Records the state of the tenants. If there are none, the record of an earlier configuration
    /// is replaced once.
    pub(crate) fn note_tenants(&mut self, is_first: bool) -> Result<()> {
        let tenants = self.published.pulse.figures().tenants.clone();
        if tenants.is_empty() && !is_first {
            return Ok(());
        }
        let json = serde_json::to_string(&tenants)?;
        self.retry_until_written(|store, _| store.note(TENANTS_NOTE, &json))
    }

    /// Publishes what the last step changed.
    pub(crate) fn publish(&mut self) {
        let hides_logs = self.file_problems.hidden_logs(&self.published.folders).is_some();
        let mut figures = self.published.pulse.figures();
        (figures.has_positions, figures.hides_logs) = (self.has_positions, hides_logs);
        let next = self.outbox.resting(clock::now());
        figures.next = next.map(|(channel, at)| (channel.to_owned(), at)).collect();
        for (channel, waiting) in self.outbox.waiting() {
            match figures.waiting.get_mut(channel) {
                Some(known) => *known = waiting,
                None => _ = figures.waiting.insert(channel.to_owned(), waiting),
            }
        }
    }
}
