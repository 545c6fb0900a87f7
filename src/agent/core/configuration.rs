//! I/O. Configuration, pattern and template files that change while the agent runs.

use anyhow::Result;

use crate::agent::core::Core;
use crate::agent::reload_note::{ReloadNote, ReloadResult, Reloadable};
use crate::clock::{self, Timestamp};
use crate::config::Language;
use crate::detection::{AgentProblem, FileMistake};

impl Core {
    /// Routes, times and the log level that were changed on the disk take effect between two
    /// batches; other keys wait for a restart, and a broken file has no effect.
    pub(crate) fn check_configuration(&mut self) -> Result<()> {
        let now = clock::now();
        let Some(followed) = &mut self.configuration else { return Ok(()) };
        let detector = &self.pipeline.recogniser.detector;
        let (result, problem) = match followed.configuration.changed(now, detector) {
            None => return Ok(()),
            Some(Err(problems)) => {
                let problem = FileMistake::first(&problems).map(AgentProblem::FilesBroken);
                (ReloadResult::broken(&problems), problem)
            }
            Some(Ok(changed)) => {
                (followed.set_level)(changed.level);
                let answers = (changed.windows, changed.escalations);
                let (settle, repeat) = (changed.settle, changed.repeat);
                self.pipeline.reconfigure(changed.router, answers, settle, repeat);
                self.replace_channels(changed.channels)?;
                let (taken, waiting) = (changed.taken, changed.waiting);
                (ReloadResult::Applied { taken, waiting }, None)
            }
        };
        self.note_reload(Reloadable::Configuration, &ReloadNote { at: now, result }, problem)
    }

    /// Applies changed patterns and templates between two batches; if they are broken, the current
    /// ones stay.
    pub(crate) fn check_configured_files(&mut self) -> Result<()> {
        let now = clock::now();
        let Some(library) = &mut self.library else { return Ok(()) };
        let (result, problem) = match library.changed(now) {
            None => return Ok(()),
            Some(Err(problems)) => {
                let problem = FileMistake::first(&problems).map(AgentProblem::FilesBroken);
                (ReloadResult::broken(&problems), problem)
            }
            Some(Ok(compiled)) => {
                let logs = library.not_followed(&compiled.detector);
                self.pipeline.adopt(compiled.detector, compiled.renderer);
                let problem = (!logs.is_empty()).then_some(AgentProblem::RestartNeeded { logs });
                (ReloadResult::Reloaded, problem)
            }
        };
        self.note_reload(Reloadable::Patterns, &ReloadNote { at: now, result }, problem)
    }

    /// Logs and stores the result of changed files, and reports their problem.
    fn note_reload(
        &mut self,
        files: Reloadable,
        note: &ReloadNote,
        problem: Option<AgentProblem>,
    ) -> Result<()> {
        let text = note.result.text(files, None, Language::English);
        let label = files.label();
        match &problem {
            Some(AgentProblem::RestartNeeded { logs }) => {
                tracing::warn!("{label}: {text}; restart Footman to follow {}", logs.join(", "));
            }
            _ if note.result.is_in_force() => tracing::info!("{label}: {text}"),
            _ => tracing::warn!("{label}: {text}"),
        }
        let json = note.json();
        self.retry_until_written(|store, _| store.note(files.key(), &json))?;
        let Some(problem) = problem else { return Ok(()) };
        let commit = self.pipeline.report(note.at, problem);
        self.commit(commit)
    }

    /// When the file is checked next.
    pub(crate) fn next_check(&self) -> Option<Timestamp> {
        self.configuration.as_ref().map(|followed| followed.configuration.next_check())
    }
}
