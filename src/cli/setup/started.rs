//! I/O. Waits until a started service runs, or reports why it does not.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use crate::cli::setup::plan::{ServiceManager, UNIT};
use crate::cli::{runtime, service};
use crate::clock;
use crate::config::Language;
use crate::state::{AgentCondition, Vitals};
use crate::view;

/// How long the service may take until it has its positions in the logs.
const TIMEOUT: Duration = Duration::from_secs(30);
const TURN: Duration = Duration::from_millis(250);
/// Lines of the journal that are shown: the reason is among the last.
const JOURNAL: &str = "8";

/// How the service is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Started {
    /// It follows the logs.
    Runs,
    /// It has not reported that in time; holds the last known state.
    NotYet(String),
    /// It ended; holds the exit code and the reason, as far as they are known.
    Ended(String),
}

/// Waits until the agent of this state folder runs, its service ends, or the timeout expires.
pub(crate) fn wait(services: &ServiceManager, state_dir: &Path) -> Result<Started> {
    let settled = async {
        let mut turns = tokio::time::interval(TURN);
        loop {
            turns.tick().await;
            let vitals = Vitals::read(state_dir, clock::now());
            let ended = ended(services);
            if let Some(started) = judge(vitals.condition, ended) {
                return started;
            }
        }
    };
    let in_time = runtime()?.block_on(async { tokio::time::timeout(TIMEOUT, settled).await });
    Ok(in_time.unwrap_or_else(|_| {
        let vitals = Vitals::read(state_dir, clock::now());
        let known = vitals.why.map(|why| view::reason(&why, Language::English, &view::utc));
        let known = known.unwrap_or_else(|| vitals.condition.name().to_owned());
        Started::NotYet(format!("{known} (after {} s)", TIMEOUT.as_secs()))
    }))
}

/// `None` while neither is known. The state may still be that of the previous agent.
fn judge(condition: AgentCondition, ended: Option<String>) -> Option<Started> {
    match (ended, condition) {
        (Some(why), _) => Some(Started::Ended(why)),
        (None, AgentCondition::Running) => Some(Started::Runs),
        (None, _) => None,
    }
}

/// The exit code and the reason if the service does not run any more.
fn ended(services: &ServiceManager) -> Option<String> {
    match services {
        ServiceManager::Windows => service::ended(),
        ServiceManager::Systemd(_) => {
            let properties = "--property=ActiveState,SubState,Result,ExecMainStatus";
            let shown = output("systemctl", &["show", UNIT, properties])?;
            let code = exit_of(&shown)?;
            Some(format!("{code}{}", journal()))
        }
        ServiceManager::None(_) => None,
    }
}

/// The exit of a unit that has ended, from the output of `systemctl show`.
fn exit_of(shown: &str) -> Option<String> {
    let property = |name: &str| {
        let mut lines = shown.lines().filter_map(|line| line.split_once('='));
        lines.find(|(known, _)| *known == name).map_or("", |(_, value)| value)
    };
    let has_ended = matches!(property("ActiveState"), "failed" | "inactive")
        || property("SubState") == "auto-restart";
    let result = property("Result");
    has_ended.then(|| match (result, property("ExecMainStatus")) {
        ("exit-code", code) => format!("exit code {code}"),
        ("success" | "", _) => "it was stopped".to_owned(),
        (result, _) => format!("systemd says {result}"),
    })
}

/// The last lines that the unit wrote, on lines of their own.
pub(crate) fn journal() -> String {
    let args = ["--unit", UNIT, "--lines", JOURNAL, "--output", "cat", "--no-pager", "--quiet"];
    let lines = output("journalctl", &args).unwrap_or_default();
    lines.lines().flat_map(|line| ["\n  | ", line]).collect()
}

fn output(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests;
