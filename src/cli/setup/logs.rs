//! I/O. Whether a folder is the `Log` of Qlik Sense, and which one was probably meant if not.

use std::path::{Path, PathBuf};

use crate::agent;
use crate::cli::Global;
use crate::cli::setup::plan::NoPlan;
use crate::detect::Detector;
use crate::engine::Engine;

/// Where `Log` may be below a folder.
const BELOW: [&[&str]; 3] = [&["Log"], &["Sense", "Log"], &["Qlik", "Sense", "Log"]];
/// How many parent folders are tried.
const ABOVE: usize = 3;

/// The state of a folder that was named as the log root.
pub(in crate::cli::setup) enum LogRoot {
    Fine,
    /// A node that has not logged yet, or a share that is mounted later.
    Empty,
    Absent,
    /// A folder with other content; holds the folder that was probably meant.
    Foreign(Option<PathBuf>),
}

impl LogRoot {
    pub(in crate::cli::setup) fn of(global: &Global, folder: &Path) -> Self {
        let (engine, _) = Engine::compile(&global.settings().0);
        let has_logs = |folder: &Path| has_logs(folder, &engine.detector);
        if has_logs(folder) {
            return Self::Fine;
        }
        match std::fs::read_dir(folder).map(|mut entries| entries.next().is_none()) {
            Err(_) => Self::Absent,
            Ok(true) => Self::Empty,
            Ok(false) => {
                let below = BELOW.iter().map(|way| folder.join(way.iter().collect::<PathBuf>()));
                let above = folder.ancestors().skip(1).take(ABOVE).map(Path::to_owned);
                Self::Foreign(below.chain(above).find(|folder| has_logs(folder)))
            }
        }
    }

    /// Why it is refused, if it is.
    pub(in crate::cli::setup) fn refusal(&self, folder: &Path) -> Option<NoPlan> {
        let folder = folder.display();
        let (why, hint) = match self {
            Self::Fine | Self::Empty => return None,
            Self::Absent => (
                format!("the log root {folder} does not exist, or cannot be listed"),
                "name the folder `Log` of Qlik Sense".to_owned(),
            ),
            Self::Foreign(Some(near)) => (
                format!("{folder} is not the folder `Log` of Qlik Sense"),
                format!("did you mean {}?", near.display()),
            ),
            Self::Foreign(None) => (
                format!("{folder} has no logs of Qlik Sense"),
                "name the folder that holds Scheduler, Engine and Script".to_owned(),
            ),
        };
        Some(NoPlan { why, hint })
    }
}

/// Whether it has one of the folders that patterns read.
fn has_logs(folder: &Path, detector: &Detector) -> bool {
    agent::watches(folder, detector).iter().any(|watch| watch.folder.is_dir())
}
