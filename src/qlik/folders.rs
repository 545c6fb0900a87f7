//! Pure. The folder and file names of each log below Qlik Sense's log folder.

use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobMatcher};

use crate::qlik::script_log::{self, Name};
use crate::tail::{Lookback, Watch};

/// The name of the script log, of which every reload writes its own file.
pub const SCRIPT: &str = "Script";

/// Services that the Service Dispatcher runs and that write to a folder of their name. Others are
/// recognized by the end of that name.
const DISPATCHED: [&str; 6] = [
    "AppMigration",
    "ConnectorRegistryProxy",
    "DataProfiling",
    "HybridSetupConsoleBff",
    "NPrinting",
    "ServiceDispatcher",
];

const SERVICE_LOOKBACK: usize = 16 * 1024;
const SCRIPT_LOOKBACK: usize = 64 * 1024;
/// The lookback before the end of a failed script log, whose error may contain a whole page of
/// HTML.
const FAILED_SCRIPT_LOOKBACK: usize = (1024 + 64) * 1024;

const SERVICE: &str = "Service";
const ANY_LOG: &str = "*.{log,txt}";

/// The watches below `log_root` (`%ProgramData%\Qlik\Sense\Log`) for these logs.
///
/// A log is named like its files, without the machine name: `System_Scheduler`,
/// `Service_Repository`, or `Script`. Other names give no watch. Archived logs are not watched:
/// every node would read the rows of all others.
pub fn watches<'a>(log_root: &Path, logs: impl Iterator<Item = &'a str>) -> Vec<Watch> {
    let mut watches: Vec<Watch> = Vec::new();
    for log in logs {
        if !watches.iter().any(|watch| *watch.label == *log) {
            watches.extend(watches_of(log_root, log));
        }
    }
    watches
}

/// The log of a file by its name alone, in any folder: a live, rolled or script log.
pub fn log_of(file_name: &str) -> Option<String> {
    if Name::new(file_name).is_some() {
        return Some(SCRIPT.to_owned());
    }
    let (name, ending) = file_name.rsplit_once('.')?;
    let live = match ending.to_ascii_lowercase().as_str() {
        "txt" => name,
        "log" => name.rsplit_once('_').filter(|(_, at)| at.ends_with(['Z', 'z']))?.0,
        _ => return None,
    };
    let (rest, service) = live.rsplit_once('_')?;
    let (_, kind) = rest.rsplit_once('_')?;
    let log = format!("{kind}_{service}");
    is_log(&log).then_some(log)
}

/// The log that a file belongs to by its name, or by that of its folder: the dispatched services
/// give all their files the same names, such as `1444921956216_Global.log`.
pub fn log_at(path: &str) -> Option<String> {
    // Written on Windows, but replayed anywhere.
    let mut parts = path.rsplit(['/', '\\']);
    let (name, folder) = (parts.next()?, parts.next().unwrap_or_default());
    let is_of_folder = is_dispatched(folder) && ignoring_case(ANY_LOG)?.is_match(name);
    log_of(name).or_else(|| is_of_folder.then(|| folder.to_owned()))
}

/// Whether this is a possible name of a log.
pub fn is_log(name: &str) -> bool {
    name == SCRIPT || is_dispatched(name) || folder(name).is_some()
}

/// Whether this is the log of a dispatched service: lines of JSON or plain text.
pub fn is_dispatched(name: &str) -> bool {
    let is_word = name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_service = name.len() > SERVICE.len() && name.ends_with(SERVICE);
    is_word && (is_service || DISPATCHED.contains(&name))
}

/// The lookback of a log of this name.
pub fn lookback(log: &str) -> Lookback {
    if log == SCRIPT {
        let deep = Some((script_log::FAILED, FAILED_SCRIPT_LOOKBACK));
        Lookback { bytes: SCRIPT_LOOKBACK, deep }
    } else {
        SERVICE_LOOKBACK.into()
    }
}

fn watches_of(log_root: &Path, log: &str) -> Vec<Watch> {
    let mut watches = Vec::from_iter(watch(log_root, log));
    // Printing spreads its logs over both of its folders.
    let other = match log.strip_suffix("_Printing") {
        Some("Service") => "Trace",
        Some(_) => "System",
        None => return watches,
    };
    for mut watch in watches.clone() {
        watch.folder = log_root.join("Printing").join(other);
        watches.push(watch);
    }
    watches
}

fn watch(log_root: &Path, log: &str) -> Option<Watch> {
    if log == SCRIPT {
        return Some(Watch {
            label: log.into(),
            folder: log_root.join(SCRIPT),
            names: ignoring_case("*.log")?,
            lookback: lookback(log),
            subject: Some(script_log::run_of),
        });
    }
    if is_dispatched(log) {
        return Some(Watch {
            label: log.into(),
            folder: log_root.join(log),
            names: ignoring_case(ANY_LOG)?,
            lookback: lookback(log),
            subject: None,
        });
    }
    Some(Watch {
        label: log.into(),
        folder: log_root.join(folder(log)?),
        names: ignoring_case(&format!("{{*_{log}.txt,*_{log}_*.log}}"))?,
        lookback: lookback(log),
        subject: None,
    })
}

/// `Scheduler/Trace` for `System_Scheduler`.
fn folder(log: &str) -> Option<PathBuf> {
    let (kind, service) = log.split_once('_')?;
    let is_word = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if !is_word(kind) || !is_word(service) {
        return None;
    }
    let part = match kind {
        "Service" | "QixCounter" => "System",
        "AuditActivity" | "AuditSecurity" => "Audit",
        _ => "Trace",
    };
    Some(Path::new(service).join(part))
}

fn ignoring_case(glob: &str) -> Option<GlobMatcher> {
    let glob = GlobBuilder::new(glob).case_insensitive(true).build().ok()?;
    Some(glob.compile_matcher())
}

#[cfg(test)]
mod tests;
