//! I/O. The only reader of configuration, pattern and template files and of the environment.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

mod env;
mod settings;

pub use env::Env;

use crate::config::{Config, Problem, Settings, Written};

/// What the command line says; it wins over the file.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    pub config: Option<PathBuf>,
    pub log_root: Option<PathBuf>,
    pub state_dir: Option<PathBuf>,
}

/// What could not be read from the disk.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot list the folder {path}")]
    ListFolder { path: PathBuf, source: io::Error },
    #[error("cannot read {path}")]
    ReadFile { path: PathBuf, source: io::Error },
}

/// Finds and reads the configuration and looks up what it refers to.
///
/// The settings are complete even beside problems, so that a command may show both.
pub fn load(env: &Env, flags: &Flags) -> (Settings, Vec<Problem>) {
    let (path, named) = whereabouts(env, flags);
    let (written, mut problems) = read(&path, named);
    let (config, found) = Config::parse(&written);
    problems.extend(found);
    let (settings, found) = settings::compile(&config, written, &path, env, flags);
    problems.extend(found);
    problems.sort_by_key(|problem| problem.span.start);
    (settings, problems)
}

/// The settings of this environment and command line alone: no file is looked for.
pub fn without_file(env: &Env, flags: &Flags) -> (Settings, Vec<Problem>) {
    let nowhere = Written::new("no file", "");
    settings::compile(&Config::default(), nowhere, Path::new(""), env, flags)
}

/// Where the configuration is looked for, and whether somebody named the place.
pub fn whereabouts(env: &Env, flags: &Flags) -> (PathBuf, bool) {
    match flags.config.clone().or_else(|| env.get("FOOTMAN_CONFIG").map(PathBuf::from)) {
        Some(path) => (path, true),
        None => (env.config_file(), false),
    }
}

/// The files of a folder with this extension, by name: name and text. Subfolders are left alone.
pub fn load_folder(folder: &Path, extension: &str) -> Result<Vec<(String, String)>, Error> {
    let refused = |source| Error::ListFolder { path: folder.to_owned(), source };
    let mut texts = BTreeMap::new();
    for entry in std::fs::read_dir(folder).map_err(refused)? {
        let path = entry.map_err(refused)?.path();
        let wanted = path.extension().is_some_and(|ext| ext.eq_ignore_ascii_case(extension));
        if wanted && path.is_file() {
            let text = std::fs::read_to_string(&path)
                .map_err(|source| Error::ReadFile { path: path.clone(), source })?;
            texts.insert(path.display().to_string(), text);
        }
    }
    Ok(texts.into_iter().collect())
}

/// A missing file is fine unless somebody named it.
fn read(path: &Path, named: bool) -> (Written, Vec<Problem>) {
    let file = path.display().to_string();
    let failed = |message: String, hint: &str| {
        let written = Written::new(file.clone(), "");
        let problem = written.problem(0..0, &message, Some(hint.to_owned()));
        (written, vec![problem])
    };
    match std::fs::read(path) {
        Ok(bytes) => match str::from_utf8(&bytes) {
            Ok(text) => (Written::new(file, text), Vec::new()),
            Err(_) => failed("the file is not UTF-8".to_owned(), "save it with the encoding UTF-8"),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound && !named => {
            (Written::new(file, ""), Vec::new())
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => failed(
            "the configuration file does not exist".to_owned(),
            "check --config and FOOTMAN_CONFIG, or write one with `footman init`",
        ),
        Err(error) => failed(
            format!("cannot read the configuration file: {error}"),
            "let the account that runs Footman read it",
        ),
    }
}
