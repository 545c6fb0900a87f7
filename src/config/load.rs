//! I/O. The only reader of configuration, pattern and template files and of the environment.

use std::path::{Path, PathBuf};

mod bounded;
mod env;
mod log_root;
pub mod secret;
mod settings;
mod within;

pub(crate) use bounded::{CREATE_IT, missing_folder, saved_as_text};
pub use bounded::{Unreadable, decoded, load_folder, open_regular, read_bounded, read_text};
pub use env::Env;
pub use log_root::{LogRootProblem, QLIK_FOLDERS, log_root_problem, nothing_to_follow};
pub(crate) use settings::{is_secret, sound, tenant_secret};
pub(crate) use within::{NOT_AMONG_LOGS, among_logs};

use crate::config::{Config, Problem, Settings, Written, limits};

/// The variable that holds the path of the configuration.
const CONFIG: &str = "FOOTMAN_CONFIG";

/// Options of the command line; they override the file.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    pub config: Option<PathBuf>,
    pub log_root: Option<PathBuf>,
    pub state_dir: Option<PathBuf>,
}

/// Finds and reads the configuration and resolves its references.
///
/// The settings are complete even if there are problems, so that a command can show both.
pub fn load(env: &Env, flags: &Flags) -> (Settings, Vec<Problem>) {
    let (path, named) = whereabouts(env, flags);
    let by = if flags.config.is_some() { "--config" } else { CONFIG };
    let (written, mut problems) = read(&path, named.then_some(by));
    let (config, found) = Config::parse(&written);
    problems.extend(found);
    let (settings, found) = settings::compile(&config, written, &path, env, flags);
    problems.extend(found);
    problems.sort_by_key(|problem| problem.span.start);
    (settings, problems)
}

/// The settings from this environment and command line only; no file is read.
pub fn without_file(env: &Env, flags: &Flags) -> (Settings, Vec<Problem>) {
    let nowhere = Written::new("no file", "");
    settings::compile(&Config::default(), nowhere, Path::new(""), env, flags)
}

/// The path of the configuration, and whether it was named explicitly.
pub fn whereabouts(env: &Env, flags: &Flags) -> (PathBuf, bool) {
    match flags.config.clone().or_else(|| env.get(CONFIG).map(PathBuf::from)) {
        Some(path) => (path, true),
        None => (env.config_file(), false),
    }
}

/// A missing file is fine unless the option or variable `by` names it explicitly.
fn read(path: &Path, by: Option<&str>) -> (Written, Vec<Problem>) {
    let nothing = || Written::new(path.display().to_string(), "");
    match read_text(path, limits::TEXT) {
        Ok(text) => (Written::new(path.display().to_string(), &text), Vec::new()),
        Err(error) if error.is_missing() => {
            let Some(by) = by else { return (nothing(), Vec::new()) };
            let hint = format!("correct {by}, or write the file with `footman init`");
            let message = "the configuration file does not exist";
            (nothing(), vec![nothing().problem(0..0, message, Some(hint))])
        }
        Err(error) => (nothing(), vec![error.problem(path)]),
    }
}
