//! I/O. Whether a folder is the folder `Log` of Qlik Sense, and which folder was probably meant.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::config::load::Env;
use crate::config::{LogRootFault, SystemError, nearest, worded};

/// Folders that Qlik Sense creates in `Log`; a node has those of the services it runs.
pub const QLIK_FOLDERS: [&str; 31] = [
    "AboutService",
    "AppDistributionService",
    "AppMigration",
    "BrokerService",
    "CapabilityService",
    "ConnectorRegistryProxy",
    "ConverterService",
    "DataProfiling",
    "DepGraphService",
    "DeploymentBasedWarningsService",
    "DownloadPrepService",
    "Engine",
    "EntitlementProvisioningService",
    "HubService",
    "HybridDeploymentService",
    "HybridSetupConsoleBff",
    "Licenses",
    "MobilityRegistrarService",
    "NPrinting",
    "NotifierService",
    "OdagService",
    "PrecedentsService",
    "Printing",
    "Proxy",
    "Repository",
    "ResourceDistributionService",
    "Scheduler",
    "Script",
    "ServiceDispatcher",
    "TaskScheduler",
    "WebExtensionService",
];

/// Files that file managers and file systems leave in a folder that looks empty.
const NOTHING: [&str; 6] = [
    "desktop.ini",
    "thumbs.db",
    ".ds_store",
    "lost+found",
    "$recycle.bin",
    "system volume information",
];

/// The path of `Log` below folders that are commonly mistaken for it.
const BELOW: [&[&str]; 3] = [&["Log"], &["Sense", "Log"], &["Qlik", "Sense", "Log"]];
/// How many parent folders are tried.
const UP: usize = 5;
/// How many entries of a folder are read to classify it.
const READ: usize = 10_000;

const HINT: &str =
    "name the folder `Log` of Qlik Sense, and let the account that runs Footman read it";

/// The problem of a log root, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogRootProblem {
    pub fault: LogRootFault,
    pub message: String,
    pub hint: String,
    /// The folder that was probably meant.
    pub meant: Option<PathBuf>,
}

/// How many names of a foreign folder are shown.
const NAMED: usize = 3;

/// Why there is nothing to follow in a log root, and the first names of other content; `None` if it
/// holds logs of Qlik Sense.
pub fn nothing_to_follow(folder: &Path) -> Option<(LogRootFault, Vec<String>)> {
    let fault = fault(folder)?;
    if fault != LogRootFault::Foreign {
        return Some((fault, Vec::new()));
    }
    let names = names(folder).unwrap_or_default();
    let more = (names.len() > NAMED).then(|| "…".to_owned());
    let shown = names.iter().take(NAMED).map(|name| name.replace(char::is_control, "?"));
    Some((fault, shown.chain(more).collect()))
}

/// Whether none of the known folders is visible in a folder that cannot be listed.
fn hides_all(folder: &Path) -> bool {
    !QLIK_FOLDERS.iter().any(|known| folder.join(known).is_dir())
}

/// Checks whether a folder is the `Log` of Qlik Sense; the hint names the folder that was probably
/// meant.
pub fn log_root_problem(env: &Env, folder: &Path) -> Option<LogRootProblem> {
    let fault = fault(folder)?;
    let what = match &fault {
        LogRootFault::Absent => "does not exist".to_owned(),
        LogRootFault::NotAFolder => "is not a folder".to_owned(),
        LogRootFault::Empty => "is empty".to_owned(),
        LogRootFault::Unreadable(why) => format!("cannot be read: {}", worded::of_system(why)),
        LogRootFault::Foreign => "holds no logs of Qlik Sense".to_owned(),
    };
    let meant = meant(folder, env.qlik_log_root());
    let hint = meant.as_ref().map_or_else(
        || HINT.to_owned(),
        |meant| format!("did you mean {}? Else {HINT}", meant.display()),
    );
    let message = format!("the log root {} {what}", folder.display());
    Some(LogRootProblem { fault, message, hint, meant })
}

/// The problem with a log root, if there is one.
fn fault(folder: &Path) -> Option<LogRootFault> {
    let names = match names(folder) {
        Ok(names) => names,
        Err(error) => return unlisted(folder, &error),
    };
    if names.is_empty() {
        return Some(LogRootFault::Empty);
    }
    let known = names.iter().filter(|name| is_known(name));
    let known: Vec<_> = known.map(|name| fs::metadata(folder.join(name))).collect();
    let is_known = known.iter().flatten().any(fs::Metadata::is_dir);
    // Its names can be listed, but nothing in it can be reached.
    let is_denied = |error: &&io::Error| error.kind() == io::ErrorKind::PermissionDenied;
    let denied = known.iter().filter_map(|found| found.as_ref().err()).find(is_denied);
    if let Some(error) = denied.filter(|_| !is_known) {
        return Some(LogRootFault::Unreadable(SystemError::of(error)));
    }
    // The data folder of Qlik Sense has folders of the same names next to `Log`.
    let holds_log = names.iter().any(|name| {
        name.eq_ignore_ascii_case("Log")
            && !folder_named_log(folder)
            && is_log_root(&folder.join(name))
    });
    (!is_known || holds_log).then_some(LogRootFault::Foreign)
}

fn unlisted(folder: &Path, error: &io::Error) -> Option<LogRootFault> {
    Some(match fs::metadata(folder) {
        Ok(found) if !found.is_dir() => LogRootFault::NotAFolder,
        Ok(_) if !hides_all(folder) => return None,
        Ok(_) => LogRootFault::Unreadable(SystemError::of(error)),
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => LogRootFault::Absent,
            _ => LogRootFault::Unreadable(SystemError::of(&error)),
        },
    })
}

fn folder_named_log(folder: &Path) -> bool {
    folder.file_name().is_some_and(|name| name.eq_ignore_ascii_case("Log"))
}

fn is_known(name: &str) -> bool {
    QLIK_FOLDERS.iter().any(|known| known.eq_ignore_ascii_case(name))
}

fn is_log_root(folder: &Path) -> bool {
    let names = names(folder).unwrap_or_default();
    names.iter().any(|name| is_known(name) && folder.join(name).is_dir())
}

/// The names in a folder, without the leftovers of file managers.
fn names(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)?.take(READ) {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !NOTHING.contains(&name.to_ascii_lowercase().as_str()) {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// The log root that was probably meant: below the folder, above it, or with a similar name.
fn meant(folder: &Path, usual: Option<PathBuf>) -> Option<PathBuf> {
    let whole = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let meant = likely(&whole, usual)?;
    // A relative path gets a relative answer.
    let here = std::env::current_dir().ok().filter(|_| folder.is_relative());
    let short = here.and_then(|here| meant.strip_prefix(here).map(Path::to_owned).ok());
    Some(short.filter(|short| !short.as_os_str().is_empty()).unwrap_or(meant))
}

fn likely(folder: &Path, usual: Option<PathBuf>) -> Option<PathBuf> {
    let below = BELOW.iter().filter_map(|steps| child(folder, steps));
    let beside = folder.ancestors().skip(1).filter(|above| above.is_dir()).take(UP);
    let beside = beside.flat_map(|above| {
        let misspelt = misspelt(folder, above);
        let itself = Some(above.to_owned()).filter(|above| leads_to_known(folder, above));
        itself
            .into_iter()
            .chain(misspelt)
            .chain(BELOW.iter().filter_map(|steps| child(above, steps)))
    });
    let mut candidates = below.chain(beside).chain(usual);
    // A folder that merely has a similar name would be the next mistake.
    candidates.find(|it| it.as_path() != folder && fault(it).is_none())
}

/// Whether the path from `above` to `folder` begins with a folder of a log root.
fn leads_to_known(folder: &Path, above: &Path) -> bool {
    let step = folder.strip_prefix(above).ok().and_then(|rest| rest.components().next());
    step.is_some_and(|step| is_known(&step.as_os_str().to_string_lossy())) && is_log_root(above)
}

/// The folder at these path components, ignoring case.
fn child(folder: &Path, steps: &[&str]) -> Option<PathBuf> {
    steps.iter().try_fold(folder.to_owned(), |here, step| {
        let names = names(&here).ok()?;
        let name = names.into_iter().find(|name| name.eq_ignore_ascii_case(step))?;
        Some(here.join(name)).filter(|path| path.is_dir())
    })
}

/// The path below `above` with its first component corrected to an existing folder.
fn misspelt(folder: &Path, above: &Path) -> Option<PathBuf> {
    let rest = folder.strip_prefix(above).ok()?;
    let mut steps = rest.components().map(Component::as_os_str);
    let first = steps.next()?.to_string_lossy().into_owned();
    let names = names(above).ok()?;
    let near = nearest(&first, names.iter().map(String::as_str))?;
    let path = steps.fold(above.join(near), |path, step| path.join(step));
    path.is_dir().then_some(path)
}
