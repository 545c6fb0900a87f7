//! I/O. A configuration file that changes while the agent runs.

use anyhow::Result;

use crate::agent::core::Core;
use crate::agent::reload_note::{ReloadNote, Reloadable};
use crate::clock::{self, Timestamp};
use crate::detection::{AgentProblem, FileMistake};
use crate::engine::{Reconfigured, in_one_sentence};

impl Core {
    /// Routes, times and the log level that were changed on the disk take effect between two
    /// batches; other keys wait for a restart, and a broken file has no effect.
    pub(crate) fn check_configuration(&mut self) -> Result<()> {
        let now = clock::now();
        let Some(followed) = &mut self.configuration else { return Ok(()) };
        let detector = &self.pipeline.recogniser.detector;
        let (logged, note, problem) = match followed.configuration.changed(now, detector) {
            None => return Ok(()),
            Some(Err(problems)) => {
                let why = in_one_sentence(&problems);
                let note = format!("broken, the earlier one is in force: {why}");
                let problem = FileMistake::first(&problems).map(AgentProblem::FilesBroken);
                (note.clone(), note, problem)
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
        let result = ReloadNote { ok: problem.is_none(), at: now };
        self.note_reload(Reloadable::Configuration, result, &note)?;
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
