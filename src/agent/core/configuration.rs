//! I/O. Configuration, pattern and template files that change while the agent runs.

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
        let (ok, logged, note, problem) = match followed.configuration.changed(now, detector) {
            None => return Ok(()),
            Some(Err(problems)) => {
                let why = in_one_sentence(&problems);
                let note = format!("broken, the earlier one is in force: {why}");
                let problem = FileMistake::first(&problems).map(AgentProblem::FilesBroken);
                (false, note.clone(), note, problem)
            }
            Some(Ok(changed)) => {
                (followed.set_level)(changed.level);
                let logged = note(&changed, "");
                let note = note(&changed, &format!(" at {now:.0}"));
                let answers = (changed.windows, changed.escalations);
                let (settle, repeat) = (changed.settle, changed.repeat);
                self.pipeline.reconfigure(changed.router, answers, settle, repeat);
                self.replace_channels(changed.channels)?;
                (true, logged, note, None)
            }
        };
        if ok {
            tracing::info!("configuration: {logged}");
        } else {
            tracing::warn!("configuration: {logged}");
        }
        let result = ReloadNote { ok, at: now };
        self.note_reload(Reloadable::Configuration, result, &note)?;
        let Some(problem) = problem else { return Ok(()) };
        let commit = self.pipeline.report(now, problem);
        self.commit(commit)
    }

    /// Applies changed patterns and templates between two batches; if they are broken, the current
    /// ones stay.
    pub(crate) fn check_configured_files(&mut self) -> Result<()> {
        let now = clock::now();
        let Some(library) = &mut self.library else { return Ok(()) };
        let (ok, text, problem) = match library.changed(now) {
            None => return Ok(()),
            Some(Err(problems)) => {
                let problem = FileMistake::first(&problems).map(AgentProblem::FilesBroken);
                (false, format!("broken: {}", in_one_sentence(&problems)), problem)
            }
            Some(Ok(compiled)) => {
                let logs = library.not_followed(&compiled.detector);
                self.pipeline.adopt(compiled.detector, compiled.renderer);
                (
                    true,
                    format!("reloaded at {now}"),
                    (!logs.is_empty()).then_some(AgentProblem::RestartNeeded { logs }),
                )
            }
        };
        match &problem {
            None => tracing::info!("patterns and templates: {text}"),
            Some(AgentProblem::RestartNeeded { logs }) => tracing::warn!(
                "patterns and templates: {text}; restart Footman to follow {}",
                logs.join(", ")
            ),
            Some(_) => tracing::warn!("patterns and templates: {text}"),
        }
        self.note_reload(Reloadable::Patterns, ReloadNote { ok, at: now }, &text)?;
        let Some(problem) = problem else { return Ok(()) };
        let commit = self.pipeline.report(now, problem);
        self.commit(commit)
    }

    /// Stores the result of changed files, for programs and for people.
    fn note_reload(&mut self, files: Reloadable, note: ReloadNote, text: &str) -> Result<()> {
        let json = note.json();
        let notes = [(files.key(), json.as_str()), (files.name(), text)];
        self.retry_until_written(|store, _| store.notes(&notes))
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
