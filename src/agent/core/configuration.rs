//! I/O. A configuration file that changes while the agent runs.

use anyhow::Result;

use crate::agent::core::Core;
use crate::clock::{self, Timestamp};
use crate::detection::AgentProblem;
use crate::engine::Reconfigured;

/// The note with the result of the last check of the file.
pub(crate) const NOTE: &str = "configuration";

impl Core {
    /// Routes, times and the log level that were changed on the disk take effect between two
    /// batches; other keys wait for a restart, and a broken file has no effect.
    pub(crate) fn check_configuration(&mut self) -> Result<()> {
        let now = clock::now();
        let Some(followed) = &mut self.configuration else { return Ok(()) };
        let detector = &self.pipeline.recogniser.detector;
        let (logged, note, problem) = match followed.configuration.changed(now, detector) {
            None => return Ok(()),
            Some(Err(why)) => {
                let note = format!("broken, the earlier one is in force: {why}");
                (note.clone(), note, Some(AgentProblem::FilesBroken { why }))
            }
            Some(Ok(changed)) => {
                (followed.set_level)(changed.level);
                let logged = note(&changed, "");
                let note = note(&changed, &format!(" at {now:.0}"));
                let answers = (changed.windows, changed.escalations);
                let (settle, repeat) = (changed.settle, changed.repeat);
                self.pipeline.reconfigure(changed.router, answers, settle, repeat);
                self.replace_channels(changed.channels)?;
                (logged, note, None)
            }
        };
        if problem.is_some() {
            tracing::warn!("configuration: {logged}");
        } else {
            tracing::info!("configuration: {logged}");
        }
        self.retry_until_written(|store, _| store.note(NOTE, &note))?;
        let Some(problem) = problem else { return Ok(()) };
        let commit = self.pipeline.report(now, problem);
        self.commit(commit)
    }

    /// When the file is checked next.
    pub(crate) fn next_check(&self) -> Option<Timestamp> {
        self.configuration.as_ref().map(|followed| followed.configuration.next_check())
    }
}

/// What took effect; `at` gives the time, where the text does not show it otherwise.
fn note(changed: &Reconfigured, at: &str) -> String {
    let taken = match changed.taken.as_slice() {
        [] => format!("read{at}"),
        keys => format!("applied{at}: {}", keys.join(", ")),
    };
    match changed.waiting.as_slice() {
        [] => taken,
        keys => format!("{taken}; waiting for a restart: {}", keys.join(", ")),
    }
}
