//! I/O. Logs the problems of a step, and names that of a lost state.

use crate::commit::StepProblem;
use crate::detection::AgentProblem;
use crate::state::Opened;
use crate::tail::FileProblemReason;

/// Logs a problem of a step when its commit is written.
pub(crate) fn problem(problem: &StepProblem) {
    match problem {
        StepProblem::Card { notice, problem } => {
            tracing::warn!(notice = notice.as_str(), "{problem}");
        }
        // Few nodes run every service.
        StepProblem::File { reason: FileProblemReason::MissingFolder, path, detail } => {
            tracing::debug!(path = %path.display(), "{detail}");
        }
        StepProblem::File { reason, path, detail } => {
            tracing::warn!(reason = reason.name(), "{}: {detail}", path.display());
        }
    }
}

/// The problem to report when the state was lost.
pub(crate) fn how_lost(opened: &Opened) -> AgentProblem {
    let kept = opened.damaged.as_ref().map(|kept| kept.display().to_string());
    AgentProblem::StateDamaged { kept }
}
