//! I/O. Logs the problems of a step, and names that of a lost state.

use crate::commit::StepProblem;
use crate::config::Language;
use crate::detection::AgentProblem;
use crate::render;
use crate::state::{Loaded, Opened};
use crate::tail::FileFault;

/// The language of the log.
const ENGLISH: Language = Language::English;

/// Logs a problem of a step when its commit is written.
pub(crate) fn problem(problem: &StepProblem) {
    match problem {
        StepProblem::Card { notice, problem } => {
            tracing::warn!(notice = notice.as_str(), "{problem}");
        }
        // Few nodes run every service.
        StepProblem::File { path, fault: fault @ FileFault::MissingFolder(_) } => {
            tracing::debug!(path = %path.display(), "{}", render::file_problem(fault, ENGLISH));
        }
        StepProblem::File { path, fault } => {
            let (reason, detail) = (fault.reason().name(), render::file_problem(fault, ENGLISH));
            tracing::warn!(reason, "{}: {detail}", path.display());
        }
    }
}

/// The problem to report when the state was lost, or went back.
pub(crate) fn how_lost(opened: &Opened, loaded: &Loaded) -> Option<AgentProblem> {
    if opened.lost {
        let kept = opened.damaged.as_ref().map(|kept| kept.display().to_string());
        return Some(AgentProblem::StateDamaged { kept });
    }
    let at = loaded.doubted_until.filter(|_| loaded.must_report_back)?;
    Some(AgentProblem::StateWentBack { at })
}
