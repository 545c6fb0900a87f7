//! I/O. Whether a log root that a user names can be used, for `init` and `setup`.

use std::path::{Path, PathBuf};

use crate::cli::doctor::logs::{NO_LOG, NO_LOG_TODO, holds_a_log};
use crate::cli::hint::Refused;
use crate::config::LogRootFault;
use crate::config::load::{Env, LogRootProblem, NOT_AMONG_LOGS, among_logs, log_root_problem};

/// Refuses a folder that is not the log root. One that is empty, such as the mount point of a
/// share, is accepted with a note, because the agent waits for its logs; so is one without a log.
/// An empty folder near the log root of a node is refused, because it was probably not meant.
pub(crate) fn check(folder: &Path) -> Result<(), Refused> {
    match log_root_problem(&Env::of_process(), folder) {
        None => {
            if !holds_a_log(folder) {
                eprintln!("note: {NO_LOG} below {}", folder.display());
                eprintln!("  hint: {NO_LOG_TODO}");
            }
            Ok(())
        }
        Some(LogRootProblem { fault: LogRootFault::Empty, message, meant: None, .. }) => {
            eprintln!("note: {message}; Footman waits for logs in it");
            Ok(())
        }
        Some(LogRootProblem { message, hint, .. }) => Err(Refused::new(message, hint)),
    }
}

/// Refuses a log root with one of these files or folders in it, each with its name and the option
/// that moves it.
pub(crate) fn keep_clean(log_root: &Path, written: &[(&str, &Path, &str)]) -> Result<(), Refused> {
    let among = |(what, path, option): &(&str, &Path, &str)| {
        let message = among_logs(what, path, log_root)?;
        Some(Refused::new(message, format!("name another with {option}: {NOT_AMONG_LOGS}")))
    };
    written.iter().find_map(among).map_or(Ok(()), Err)
}

/// The path as the configuration and a service need it: neither is read in this folder.
pub(crate) fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
