//! I/O. Which logs exist, in which format, and which of them this account cannot read.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::agent;
use crate::cli::doctor::machine::account;
use crate::cli::doctor::{DoctorFinding, FindingLevel};
use crate::cli::run::NO_LOG_ROOT_HINT;
use crate::config::Settings;
use crate::config::load::open_regular;
use crate::config::worded::system;
use crate::detect::Detector;
use crate::qlik::folders::{SCRIPT, is_dispatched, log_at};
use crate::qlik::service_log::Layout;
use crate::qlik::watches;
use crate::tail::Watch;

const AREA: &str = "logs";
/// Header rows are much shorter.
const HEAD: u64 = 16 * 1024;
/// At most this many columns of a header are shown.
const SHOWN: usize = 30;
/// At most this many files of a log are opened, the newest.
const OPENED: usize = 1_000;
/// At most this many of the files that cannot be read are named.
const NAMED: usize = 3;
const UNREADABLE_TODO: &str =
    "grant the account that runs Footman read access to the folder `Log` and everything in it";

pub(crate) fn check(settings: &Settings, detector: &Detector) -> Vec<DoctorFinding> {
    let Some(root) = &settings.log_root else {
        if !settings.tenants.is_empty() {
            return vec![DoctorFinding::well(
                AREA,
                "no log root: only tenants of Qlik Cloud are watched",
            )];
        }
        // This was reported with the configuration.
        return vec![DoctorFinding::untested(
            AREA,
            "no logs were read: there is no log root",
            NO_LOG_ROOT_HINT,
        )];
    };
    // A file in its place was reported with the configuration, too.
    if settings.absent.is_some() || settings.foreign.is_some() || root.is_file() {
        let what = format!("no logs were read in {}", root.display());
        return vec![DoctorFinding::untested(
            AREA,
            what,
            "correct the log root, then run this again",
        )];
    }
    let mut findings = vec![DoctorFinding::well(AREA, format!("log root {}", root.display()))];
    findings.extend(without_logs(settings));
    let (mut missing, mut present) = (BTreeSet::new(), BTreeSet::new());
    let mut unreadable = UnreadableLogs::default();
    for watch in agent::watches(root, detector) {
        let found = files(&watch);
        let is_missing = matches!(&found, Err(error) if error.kind() == ErrorKind::NotFound);
        if is_missing { &mut missing } else { &mut present }.insert(watch.label.clone());
        match found {
            _ if is_missing => {}
            Err(error) => unreadable.add(watch.folder, &error),
            Ok(paths) => {
                match newest(&watch, &paths) {
                    Ok(finding) => findings.push(finding),
                    Err(error) => unreadable.add(paths[0].clone(), &error),
                }
                for (path, error) in paths.into_iter().take(OPENED).filter_map(closed) {
                    unreadable.add(path, &error);
                }
            }
        }
    }
    findings.extend(unreadable.findings());
    // A service may write to any of several folders.
    let missing = missing.difference(&present);
    let (scripts, missing): (Vec<_>, Vec<_>) =
        missing.map(ToString::to_string).partition(|label| label == SCRIPT);
    if !scripts.is_empty() {
        findings.push(DoctorFinding::odd(AREA, FindingLevel::Note, NO_SCRIPTS, NO_SCRIPTS_TODO));
    }
    if !missing.is_empty() {
        let what = format!("no folder for {}", missing.join(", "));
        let todo = "nothing to do if this node does not run these services; they are followed as soon as they appear";
        findings.push(DoctorFinding::odd(AREA, FindingLevel::Note, what, todo));
    }
    // Several logs may have one folder.
    let mut seen = BTreeSet::new();
    findings.retain(|finding| seen.insert(finding.what.clone()));
    findings
}

/// Reports a log root that has folders of Qlik Sense's logs but no log in them: a new node, or a
/// folder of another program with a subfolder of the same name.
pub(crate) fn without_logs(settings: &Settings) -> Option<DoctorFinding> {
    let root = settings.log_root.as_deref()?;
    let is_reported = settings.absent.is_some() || settings.foreign.is_some();
    (!is_reported && !holds_a_log(root)).then(|| {
        let what = format!("{NO_LOG} below {}", root.display());
        DoctorFinding::untested(AREA, what, NO_LOG_TODO)
    })
}

pub(crate) const NO_SCRIPTS: &str = "no folder Script: cards of failed reloads will not have their \
                                     cause, which is in the script log";
const NO_SCRIPTS_TODO: &str = "nothing to do if no reload runs on this node; else name the folder \
                               `Log` that has Script in it";

pub(crate) const NO_LOG: &str = "no log file of Qlik Sense was found";
pub(crate) const NO_LOG_TODO: &str = "nothing to do on a new node; else name the folder `Log` of \
                                      Qlik Sense, and let this account read it";

/// Whether there is a file where Qlik Sense writes one of its logs, and with the name of that log.
pub(crate) fn holds_a_log(root: &Path) -> bool {
    listed(root).any(|folder| {
        listed(&folder).any(|inner| {
            is_log_below(root, &inner) || listed(&inner).any(|file| is_log_below(root, &file))
        })
    })
}

/// The entries of a folder; none if it is not a folder or cannot be listed.
fn listed(folder: &Path) -> impl Iterator<Item = PathBuf> {
    std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}

fn is_log_below(root: &Path, file: &Path) -> bool {
    let Some((log, folder)) = log_at(&file.to_string_lossy()).zip(file.parent()) else {
        return false;
    };
    let folder = folder.to_string_lossy();
    let is_here = |watch: &Watch| watch.folder.to_string_lossy().eq_ignore_ascii_case(&folder);
    watches(root, std::iter::once(log.as_str())).iter().any(is_here)
}

/// The files in the watched folder, the one written last first.
fn files(watch: &Watch) -> io::Result<Vec<PathBuf>> {
    let mut files: Vec<(SystemTime, PathBuf)> = Vec::new();
    for entry in std::fs::read_dir(&watch.folder)? {
        let entry = entry?;
        if !watch.names.is_match(entry.file_name()) {
            continue;
        }
        let written = entry.metadata().and_then(|about| about.modified());
        files.push((written.unwrap_or(SystemTime::UNIX_EPOCH), entry.path()));
    }
    files.sort_by_key(|(at, _)| Reverse(*at));
    Ok(files.into_iter().map(|(_, path)| path).collect())
}

/// A file that cannot be opened, with the reason.
fn closed(path: PathBuf) -> Option<(PathBuf, io::Error)> {
    let error = io::Error::from(open_regular(&path).err()?);
    // Qlik Sense may rename it meanwhile.
    (error.kind() != ErrorKind::NotFound).then_some((path, error))
}

/// What the newest of these files looks like. One that cannot be opened is reported with the others.
fn newest(watch: &Watch, paths: &[PathBuf]) -> io::Result<DoctorFinding> {
    let files = match paths.len() {
        0 => "no file yet".to_owned(),
        1 => "1 file".to_owned(),
        n => format!("{n} files"),
    };
    let begin = format!("{}: {files}", watch.label);
    let mut head = Vec::new();
    let Some((path, Ok(file))) = paths.first().map(|path| (path, open_regular(path))) else {
        return Ok(DoctorFinding::well(AREA, begin));
    };
    file.take(HEAD).read_to_end(&mut head)?;
    let (encoding, text) = decoded(&head);
    let begin = format!("{begin}, {encoding}");
    if *watch.label == *SCRIPT || is_dispatched(&watch.label) {
        return Ok(DoctorFinding::well(AREA, begin));
    }
    let first = text.lines().next().unwrap_or_default();
    Ok(match Layout::from_header(first) {
        Some(layout) => {
            let columns: Vec<&str> = layout.names().take(SHOWN).collect();
            DoctorFinding::well(AREA, format!("{begin}, columns {}", columns.join(" ")))
        }
        None if first.is_empty() => DoctorFinding::well(AREA, format!("{begin}, still empty")),
        None => {
            let todo = "send the first line of this file to the maintainers; until then its lines are matched as plain text";
            let what = format!("{begin}, no known header in {}", path.display());
            DoctorFinding::odd(AREA, FindingLevel::Note, what, todo)
        }
    })
}

fn decoded(head: &[u8]) -> (&'static str, String) {
    match encoding_rs::Encoding::for_bom(head) {
        Some((encoding, skip)) => {
            let name =
                if encoding == encoding_rs::UTF_8 { "UTF-8 with BOM" } else { encoding.name() };
            (name, encoding.decode_without_bom_handling(&head[skip..]).0.into_owned())
        }
        // The head may end inside a character.
        None => match str::from_utf8(head) {
            Err(error) if error.error_len().is_some() => {
                ("not UTF-8", String::from_utf8_lossy(head).into_owned())
            }
            _ => ("UTF-8", String::from_utf8_lossy(head).into_owned()),
        },
    }
}

/// What cannot be read, by the reason.
#[derive(Default)]
struct UnreadableLogs(BTreeMap<String, BTreeSet<PathBuf>>);

impl UnreadableLogs {
    fn add(&mut self, path: PathBuf, error: &io::Error) {
        self.0.entry(system(error)).or_default().insert(path);
    }

    /// One for each reason, with the first paths and the number of the others.
    fn findings(self) -> impl Iterator<Item = DoctorFinding> {
        self.0.into_iter().map(|(why, paths)| {
            let mut named: Vec<String> =
                paths.iter().take(NAMED).map(|path| path.display().to_string()).collect();
            let more = paths.len().saturating_sub(NAMED);
            if more > 0 {
                named.push(format!("and {more} more"));
            }
            let what = format!("{} cannot be read by {}: {why}", named.join(", "), account());
            DoctorFinding::odd(AREA, FindingLevel::Bad, what, UNREADABLE_TODO)
        })
    }
}
