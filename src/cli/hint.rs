//! I/O. Errors that the user can fix, and hints whose commands can be typed as shown.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::{LazyLock, OnceLock};

use regex::Regex;

use crate::cli::Global;
use crate::config::worded;
use crate::replay::files;
use crate::state;

/// A refusal with its hint: the command ends with exit code 3.
#[derive(Debug)]
pub(crate) struct Refused {
    pub what: String,
    pub hint: String,
}

impl Refused {
    pub(crate) fn new(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { what: what.into(), hint: hint.into() }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl Error for Refused {}

/// The hint for an error; `None` if the error is internal.
pub(crate) fn remedy(error: &anyhow::Error) -> Option<String> {
    if let Some(refused) = error.downcast_ref::<Refused>() {
        return Some(refused.hint.clone());
    }
    if let Some(path) = error.downcast_ref::<files::Error>() {
        return Some(path.hint().to_owned());
    }
    if let Some(error) = error.downcast_ref::<state::Error>() {
        return error.hint().map(str::to_owned);
    }
    let system = error.downcast_ref::<io::Error>().filter(|it| worded::is_known(it.kind()))?;
    Some(of_system(system).to_owned())
}

fn of_system(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::PermissionDenied => "run this as an account that may read and write there",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free space on that disk",
        io::ErrorKind::AlreadyExists => {
            "use another path, or move the existing file or folder away"
        }
        io::ErrorKind::AddrInUse => "name another port, or 0 for any that is free",
        _ => "check the path, and that this account may read and write there",
    }
}

/// Options of this call that a hint must repeat to address the same agent.
static GIVEN: OnceLock<RepeatedOptions> = OnceLock::new();

/// The options in the form in which they are repeated, and which of them a configuration does not
/// replace.
struct RepeatedOptions {
    all: String,
    unwritten: String,
}

pub(crate) fn remember(global: &Global) {
    let shown = |name: &str, path: &Option<PathBuf>| {
        let path = path.as_ref().map(|path| path.display().to_string())?;
        let quoted = if path.contains(' ') { format!("\"{path}\"") } else { path };
        Some(format!(" {name} {quoted}"))
    };
    let config = shown("--config", &global.config).unwrap_or_default();
    let log_root = shown("--log-root", &global.log_root).unwrap_or_default();
    let state_dir = shown("--state-dir", &global.state_dir).unwrap_or_default();
    let all = format!("{config}{log_root}{state_dir}");
    // Set once per process.
    GIVEN.set(RepeatedOptions { all, unwritten: format!("{config}{state_dir}") }).ok();
}

/// A hint with the options of this call added to its commands.
pub(crate) fn complete(hint: &str) -> String {
    with_options(hint, GIVEN.get().map_or("", |given| &given.all))
}

/// The same if the configuration contains the log root.
pub(crate) fn complete_written(hint: &str) -> String {
    with_options(hint, GIVEN.get().map_or("", |given| &given.unwritten))
}

fn with_options(hint: &str, options: &str) -> String {
    static COMMAND: LazyLock<Regex> = LazyLock::new(|| {
        let text = "`(footman (?:run|setup|init|check|doctor|test-send|explain|patterns|status|history|incidents|show|acknowledge|note|silence|outbox|stats|secret)[^`]*)`";
        Regex::new(text).expect("the regex is a literal")
    });
    COMMAND
        .replace_all(hint, |found: &regex::Captures<'_>| format!("`{}{options}`", &found[1]))
        .into_owned()
}

#[cfg(test)]
mod tests;
