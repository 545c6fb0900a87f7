//! Pure. What to do after a setup that starts no service.

use crate::cli::service::Hindrance;
use crate::cli::setup::plan::{ServiceManager, SetupStep, Situation};
use crate::config::{Config, Written, changed_keys, is_live};

/// The last sentence of setup.
pub(crate) fn next(found: &Situation, steps: &[SetupStep]) -> String {
    if found.is_agent_alive {
        return of_running(found, steps);
    }
    let start = "Next: start it with `footman run`";
    match found.services {
        ServiceManager::None(Hindrance::NoSystemd) => start.to_owned(),
        ServiceManager::None(Hindrance::NotRoot) => {
            format!("{start}; for a service, run setup again as root, with --service=yes")
        }
        ServiceManager::Windows | ServiceManager::Systemd(_) => {
            format!("{start}, or run setup again with --service=yes")
        }
    }
}

/// How an agent on this state handles the change.
fn of_running(found: &Situation, steps: &[SetupStep]) -> String {
    let written = steps.iter().find_map(|step| match step {
        SetupStep::Configuration { text, .. } => Some(Config::parse(&Written::new("", text)).0),
        _ => None,
    });
    let keys = written.map(|after| changed_keys(&found.config, &after)).unwrap_or_default();
    let waiting: Vec<String> = keys.into_iter().filter(|key| !is_live(key)).collect();
    if !waiting.is_empty() {
        let keys = waiting.join(", ");
        return format!("Next: restart the agent that runs: it reads {keys} only when it starts");
    }
    let is_change =
        |step: &SetupStep| matches!(step, SetupStep::Secret(_) | SetupStep::Configuration { .. });
    if steps.iter().any(is_change) {
        return "The running agent takes the change within seconds. Next: `footman status`"
            .to_owned();
    }
    "An agent runs already. Next: `footman status`".to_owned()
}

#[cfg(test)]
mod tests;
