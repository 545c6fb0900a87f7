//! I/O. Checks whether state and log can be kept: writes a file, tests the lock, measures the disk.

use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;

use crate::agent::file_problems::{self, Current};
use crate::cli::doctor::machine::account;
use crate::cli::doctor::{DoctorFinding, FindingLevel};
use crate::cli::output::counted;
use crate::cli::{log, service, when};
use crate::clock;
use crate::config::worded::system;
use crate::config::{Language, Settings};
use crate::observe::source::space;
use crate::render::bytes;
use crate::state::{self, AgentCondition, Reader, Vitals, VitalsHint, can_be_locked, private_file};
use crate::tail::FileProblemReason;
use crate::view;

const AREA: &str = "state";
const LOG: &str = "log";
/// A disk with less free space gets a note.
const LITTLE_ROOM: u64 = 256 << 20;
/// The size that the state and its journal may reach.
const NO_ROOM: u64 = 64 << 20;
/// More than a usual write, so that a nearly full disk is detected.
const PROBE: usize = 256 << 10;

/// At most this many of the folders that vanished are named.
const NAMED: usize = 3;
const VANISHED_TODO: &str = "nothing to do if its service was removed from this node; else check \
                             the disk or share: the folder is followed again when it is back";

const GRANT_READING: &str =
    "grant this account read access; a damaged state is set aside at the next start";

/// What to do before an agent can be started at all.
const FIX_ABOVE: &str = "fix the problem above first; then start Footman";
const FIX_BELOW: &str = "fix the problem below first; then start Footman";

/// `is_refused`: a problem in the hand-written files keeps an agent from starting.
pub(crate) fn test(settings: &Settings, is_refused: bool) -> Vec<DoctorFinding> {
    let dir = &settings.state_dir;
    if let Some(refused) = no_folder(dir) {
        return vec![
            refused,
            DoctorFinding::untested(
                AREA,
                "writing, lock and disk of the state",
                "correct `state-dir` first",
            ),
        ];
    }
    let vitals = Vitals::read(dir, clock::now());
    let written = written(AREA, dir);
    let can_be_written = probed(&written).is_none_or(|probe| probe.level < FindingLevel::Bad);
    let state_file = state_file(dir);
    let start = match is_refused {
        true => FIX_ABOVE,
        false if !can_be_written || state_file.is_some() => FIX_BELOW,
        false => start(service::is_installed()),
    };
    let mut findings = vec![agent_of(&vitals, start, settings)];
    if let Ok(reader) = Reader::open(dir) {
        let pending = reader.pending().map_or(0, |pending| pending.len());
        let version = reader.note("version").ok().flatten().unwrap_or_default();
        let pending = counted(pending, "card");
        let what = format!("{}, written by {version}, {pending} pending", dir.display());
        findings.push(DoctorFinding::well(AREA, what));
        findings.extend(vanished(&vitals, &reader));
    }
    findings.extend(written);
    findings.push(lock(&vitals, dir, can_be_written));
    findings.extend(state_file);
    findings.extend(self::written(LOG, &settings.log.folder));
    findings
}

/// Why an agent of this account could not keep its state and its log there.
pub(crate) fn unusable(settings: &Settings) -> Vec<DoctorFinding> {
    let dir = &settings.state_dir;
    if let Some(refused) = no_folder(dir) {
        return vec![refused];
    }
    let mut findings = written(AREA, dir);
    findings.extend(state_file(dir));
    findings.extend(written(LOG, &settings.log.folder));
    findings.retain(|finding| finding.level == FindingLevel::Bad);
    findings
}

/// Why an agent could not keep its state there.
pub(crate) fn unwritable(dir: &Path) -> Option<DoctorFinding> {
    let written =
        || probed(&written(AREA, dir)).filter(|probe| probe.level == FindingLevel::Bad).cloned();
    no_folder(dir).or_else(written)
}

/// Whether a file could be written, according to the findings, regardless of free space.
fn probed(written: &[DoctorFinding]) -> Option<&DoctorFinding> {
    written.last()
}

/// A folder on another machine, or a file in place of the folder.
fn no_folder(dir: &Path) -> Option<DoctorFinding> {
    let file = || dir.is_file().then(|| state::Error::NotAFolder { path: dir.to_owned() });
    let error = state::check_is_local(dir).err().or_else(file)?;
    let todo = error.hint().unwrap_or("name a folder on a local disk as `state-dir`");
    Some(DoctorFinding::odd(AREA, FindingLevel::Bad, error.to_string(), todo))
}

/// Whether the agent of the state folder is alive and makes progress.
fn agent_of(vitals: &Vitals, start: &str, settings: &Settings) -> DoctorFinding {
    let odd = |level, what: String, todo: &str| DoctorFinding::odd(AREA, level, what, todo);
    let shown = |at| when::local(at, &settings.timezone);
    let why = vitals.why.as_ref().map(|why| view::reason(why, Language::English, &shown));
    let why = why.unwrap_or_default();
    let advice = |hint| view::advice(hint, Language::English);
    let todo = advice(vitals.hint.unwrap_or(VitalsHint::RemoveCause));
    match vitals.condition {
        AgentCondition::Starting => {
            let todo = "nothing; check again in a moment";
            odd(FindingLevel::Note, format!("the agent runs, but {why}"), todo)
        }
        AgentCondition::Running if !vitals.is_well() => {
            odd(FindingLevel::Bad, format!("the agent runs, but not as it should: {why}"), todo)
        }
        AgentCondition::Running => DoctorFinding::well(AREA, "the agent runs and writes its state"),
        AgentCondition::Stopped => {
            odd(FindingLevel::Note, "the agent was stopped".to_owned(), start)
        }
        AgentCondition::Missing => odd(FindingLevel::Note, why, start),
        AgentCondition::Dead => {
            let log = log::latest(&settings.log.folder);
            let todo = format!("its log may say why: {}; then {start}", log.display());
            odd(FindingLevel::Bad, format!("the agent is dead: {why}"), &todo)
        }
        AgentCondition::Stalled => {
            odd(FindingLevel::Bad, format!("the agent is stalled: {why}"), todo)
        }
        AgentCondition::Unreadable => {
            let todo = vitals.hint.map_or(GRANT_READING, advice);
            odd(FindingLevel::Bad, format!("{why} (checked as {})", account()), todo)
        }
    }
}

/// The folders of logs that a running agent lost. That one does not exist is normal otherwise.
fn vanished(vitals: &Vitals, reader: &Reader) -> Option<DoctorFinding> {
    if vitals.condition != AgentCondition::Running {
        return None;
    }
    let problems = reader.note(file_problems::NOTE).ok().flatten()?;
    let problems: Vec<Current> = serde_json::from_str(&problems).ok()?;
    let is_vanished = |it: &&Current| it.is_of(FileProblemReason::VanishedFolder);
    let folders: Vec<&str> =
        problems.iter().filter(is_vanished).map(|problem| problem.path.as_str()).collect();
    let shown = folders.get(..NAMED).unwrap_or(&folders).join(", ");
    let more = folders.get(NAMED..).map_or(0, <[_]>::len);
    let more = if more > 0 { format!(", and {more} more") } else { String::new() };
    (!folders.is_empty()).then(|| {
        let what = format!("folders that the agent followed no longer exist: {shown}{more}");
        DoctorFinding::odd(AREA, FindingLevel::Note, what, VANISHED_TODO)
    })
}

/// How to start the agent.
fn start(has_service: bool) -> &'static str {
    match (has_service, cfg!(windows)) {
        (false, _) => "start Footman: `footman run` in a console",
        (true, true) => "start Footman: `footman service start`, or `footman run` in a console",
        (true, false) => "start Footman: `systemctl start footman`, or `footman run` in a console",
    }
}

/// Whether an agent could take the lock, or which process holds it.
fn lock(vitals: &Vitals, dir: &Path, can_be_written: bool) -> DoctorFinding {
    match can_be_locked(dir) {
        Ok(true) if can_be_written => DoctorFinding::well(AREA, "the lock is free"),
        Err(error @ state::Error::Lock { .. }) => {
            let todo = error.hint().unwrap_or_default();
            DoctorFinding::odd(AREA, FindingLevel::Bad, error.to_string(), todo)
        }
        Ok(true) | Err(_) if !can_be_written => {
            let todo = "make the state folder writable first, see above";
            DoctorFinding::untested(AREA, "the lock of the state", todo)
        }
        Ok(_) => {
            let health = vitals.signs.health.as_ref().filter(|_| !vitals.signs.is_read_only);
            let process = health.and_then(|health| health.process);
            let process = process.map_or_else(String::new, |id| format!(", process {id}"));
            DoctorFinding::well(AREA, format!("the lock is held by a live agent{process}"))
        }
        Err(error) => {
            let what = format!("{} cannot take the lock: {error}", account());
            let todo = "grant the account that runs Footman write access to the state folder";
            DoctorFinding::odd(AREA, FindingLevel::Bad, what, todo)
        }
    }
}

/// An existing state file must be writable, too.
fn state_file(dir: &Path) -> Option<DoctorFinding> {
    let path = dir.join(state::FILE_NAME);
    // A state that is not a file was reported with the agent.
    let is_file = fs::metadata(&path).is_ok_and(|found| found.is_file());
    let error = is_file.then(|| fs::File::options().append(true).open(&path).err())??;
    let what = format!("{} cannot write {}: {}", account(), path.display(), system(&error));
    let todo = "grant the account that runs Footman write access to this file";
    Some(DoctorFinding::odd(AREA, FindingLevel::Bad, what, todo))
}

/// Whether a folder can be written or created, and how much space its disk has.
fn written(area: &'static str, folder: &Path) -> Vec<DoctorFinding> {
    let Some(there) = folder.ancestors().find(|it| it.exists()) else {
        let there = if folder.is_absolute() { folder } else { Path::new(".") };
        return measured(area, folder, there);
    };
    let there = if there.as_os_str().is_empty() { Path::new(".") } else { there };
    measured(area, folder, there)
}

/// The setting that names the folder of an area.
fn setting(area: &str) -> &'static str {
    if area == AREA { "--state-dir or `state-dir`" } else { "`folder` in [log]" }
}

/// `there` is the folder itself, or its nearest existing ancestor.
fn measured(area: &'static str, folder: &Path, there: &Path) -> Vec<DoctorFinding> {
    let shown = folder.display();
    let mut findings = Vec::new();
    findings.push(room(area, folder, there));
    let is_there = there == folder;
    findings.push(match probe(there) {
        Ok(()) if is_there => DoctorFinding::well(area, format!("{shown} can be written")),
        Ok(()) => {
            DoctorFinding::well(area, format!("{shown} can be created; the first start does so"))
        }
        Err(error) => {
            let what = if is_there { "write in" } else { "create" };
            let what = format!("{} cannot {what} {shown}: {}", account(), system(&error));
            let todo = match error.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "or free space on that disk",
                ErrorKind::ReadOnlyFilesystem => "or mount that file system for writing",
                ErrorKind::NotADirectory | ErrorKind::NotFound | ErrorKind::AlreadyExists => {
                    "or move the file in its path away"
                }
                ErrorKind::PermissionDenied => {
                    "or grant the account that runs Footman write access to it"
                }
                _ => "or free space on that disk, and let the account that runs Footman write",
            };
            let todo = format!("name another folder with {}, {todo}", setting(area));
            DoctorFinding::odd(area, FindingLevel::Bad, what, &todo)
        }
    });
    findings
}

fn room(area: &'static str, folder: &Path, there: &Path) -> DoctorFinding {
    let shown = folder.display();
    let Some((all, free)) = space(there) else {
        let todo = "check by hand that it has some hundred megabytes";
        return DoctorFinding::untested(area, format!("the room on the disk of {shown}"), todo);
    };
    let what = format!("{} of {} free for {shown}", bytes(free, '.'), bytes(all, '.'));
    let todo = "free space on that disk before it is full";
    match free {
        ..NO_ROOM => DoctorFinding::odd(area, FindingLevel::Bad, what, todo),
        NO_ROOM..LITTLE_ROOM => DoctorFinding::odd(area, FindingLevel::Note, what, todo),
        _ => DoctorFinding::well(area, what),
    }
}

/// Writes a file and removes it again.
fn probe(folder: &Path) -> io::Result<()> {
    let path = folder.join(format!("footman.probe-{}", std::process::id()));
    let written = private_file().create_new(true).write(true).open(&path).and_then(|mut file| {
        file.write_all(&vec![0x20; PROBE])?;
        file.sync_all()
    });
    let removed = fs::remove_file(&path);
    written.and(removed)
}
