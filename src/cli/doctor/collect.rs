//! I/O. `footman doctor --collect-shapes FILE`: writes a masked summary of this node's logs.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, IsTerminal as _, Read, Write as _};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use indicatif::ProgressBar;

use crate::cli::output::counted;
use crate::cli::replay::progress;
use crate::cli::run::NO_LOG_ROOT_HINT;
use crate::cli::{End, Global};
use crate::config::load::{QLIK_FOLDERS, open_regular};
use crate::config::worded::system;
use crate::qlik::folders::{SCRIPT, log_of, lookback};
use crate::replay::files::OldFile;
use crate::replay::survey::Survey;
use crate::tail::{FileId, Stream};

/// Without a progress bar, a line is printed after this many bytes.
const PROGRESS_EVERY: u64 = 1 << 30;
pub(crate) fn run(global: &Global, target: &Path) -> End {
    let (settings, _) = global.settings();
    let Some(root) = settings.log_root.as_deref().filter(|root| root.is_dir()) else {
        return refuse("there is no log root to collect from", NO_LOG_ROOT_HINT);
    };
    if is_within(target, root) {
        let what = format!("{} is inside the log root", target.display());
        return refuse(&what, "name a file elsewhere: nothing is written beside the logs");
    }
    // Checked before the long work; an interrupted run leaves no file.
    if let Err(error) = create(target).and_then(|_| fs::remove_file(target)) {
        return refuse_target(target, &error);
    }
    let survey = survey(root);
    let page = survey.page(env!("CARGO_PKG_VERSION"));
    let mut file = match create(target) {
        Ok(file) => file,
        Err(error) => return refuse_target(target, &error),
    };
    if let Err(error) = file.write_all(page.as_bytes()).and_then(|()| file.sync_all()) {
        drop(file);
        fs::remove_file(target).ok();
        let what = format!("cannot write {}: {}", target.display(), system(&error));
        return refuse(&what, "free space on the disk, or name a file on another one");
    }
    let (n_logs, n_shapes) = survey.size();
    let (logs, shapes) = (counted(n_logs, "log"), counted(n_shapes, "shape"));
    println!("wrote {}: {logs}, {shapes}", target.display());
    println!("nothing was sent; read the file before you pass it on");
    End::Done
}

fn create(target: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(target)
}

fn refuse_target(target: &Path, error: &io::Error) -> End {
    if error.kind() == ErrorKind::AlreadyExists {
        let what = format!("{} exists and is not overwritten", target.display());
        return refuse(&what, "name another file, or move this one away");
    }
    let what = format!("cannot create {}: {}", target.display(), system(error));
    refuse(&what, "name a file in a folder that exists and that this account may write to")
}

fn refuse(what: &str, hint: &str) -> End {
    eprintln!("footman: {what}");
    eprintln!("hint: {hint}");
    End::Problems
}

/// Whether the file would be below the folder.
fn is_within(file: &Path, folder: &Path) -> bool {
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = fs::canonicalize(parent.unwrap_or(Path::new(".")));
    match (parent, fs::canonicalize(folder)) {
        (Ok(parent), Ok(folder)) => parent.starts_with(folder),
        _ => false,
    }
}

fn survey(root: &Path) -> Survey {
    let (mut survey, mut files) = (Survey::default(), Vec::new());
    list(root, &mut files, &mut survey.n_unreadable);
    let bar = progress(&files);
    let is_watched = io::stderr().is_terminal();
    let (all, mut said) = (files.iter().map(|file| file.size).sum::<u64>(), 0);
    for (number, file) in (1..).zip(&files) {
        let before = bar.position();
        if read(root, file, FileId(number), &mut survey, &bar).is_err() {
            survey.n_unreadable += 1;
        }
        bar.set_position(before + file.size);
        if !is_watched && bar.position() >= said + PROGRESS_EVERY {
            said = bar.position();
            eprintln!("read {} of {} MB", said / 1_000_000, all / 1_000_000);
        }
    }
    bar.finish_and_clear();
    survey
}

/// The files of a folder and its subfolders; links are not followed.
fn list(folder: &Path, files: &mut Vec<OldFile>, n_unreadable: &mut u64) {
    let Ok(entries) = fs::read_dir(folder) else {
        *n_unreadable += 1;
        return;
    };
    let mut entries: Vec<_> = entries.flatten().collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        match entry.metadata() {
            Ok(about) if about.is_dir() => list(&entry.path(), files, n_unreadable),
            Ok(about) if about.is_file() && is_log(&entry.path()) => {
                files.push(OldFile { path: entry.path(), size: about.len() });
            }
            Ok(_) => {}
            Err(_) => *n_unreadable += 1,
        }
    }
}

fn is_log(path: &Path) -> bool {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    matches!(ending.as_deref(), Some("txt" | "log" | "gz"))
}

fn read(
    root: &Path,
    file: &OldFile,
    id: FileId,
    survey: &mut Survey,
    bar: &ProgressBar,
) -> io::Result<()> {
    let is_packed = file.path.extension().is_some_and(|it| it.eq_ignore_ascii_case("gz"));
    let name = if is_packed { file.path.with_extension("") } else { file.path.clone() };
    let label = label(root, &name);
    let mut opened = open(&file.path)?;
    let mut mark = [0; 3];
    let n = opened.read(&mut mark)?;
    drop(opened);
    // Later additions are ignored: a log may grow faster than it is read.
    let from = bar.wrap_read(open(&file.path)?.take(file.size));
    survey.begin_file(&label, if is_packed { "packed" } else { encoding(&mark[..n]) });
    if is_packed {
        return take(MultiGzDecoder::new(from), id, &label, &name, survey);
    }
    take(from, id, &label, &name, survey)
}

fn open(path: &Path) -> io::Result<File> {
    open_regular(path).map_err(io::Error::from)
}

fn take(
    from: impl Read,
    id: FileId,
    label: &str,
    path: &Path,
    survey: &mut Survey,
) -> io::Result<()> {
    let mut stream = Stream::open(from, id, label.into(), path, lookback(label))?;
    while let Some(block) = stream.next_block()? {
        survey.take(&block);
    }
    Ok(())
}

/// The name of a log, or the folder of the service that writes it; any other name may be
/// site-specific and is not shown.
fn label(root: &Path, path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let below = path.strip_prefix(root).unwrap_or(path);
    let is_named = |part: &OsStr, known: &str| part.eq_ignore_ascii_case(known);
    let known = |part| QLIK_FOLDERS.into_iter().find(|known| is_named(part, known));
    let folder = below.iter().find_map(known);
    match (log_of(&name).filter(|log| is_product_log(log)), folder) {
        (Some(log), _) => log,
        (None, Some(folder)) => folder.to_owned(),
        (None, None) => "other files".to_owned(),
    }
}

/// Whether both parts of a log's name are Qlik's own: any file may have the form of such a name.
fn is_product_log(log: &str) -> bool {
    const KINDS: [&str; 22] = [
        "AuditActivity",
        "AuditSecurity",
        "QixCounter",
        "Service",
        "System",
        "Performance",
        "Session",
        "QixPerformance",
        "Audit",
        "SSE",
        "Traffic",
        "HttpTraffic",
        "ExternalServices",
        "TaskExecution",
        "Application",
        "Security",
        "License",
        "UserManagement",
        "Synchronization",
        "Maintenance",
        "Exit",
        "ManagementConsole",
    ];
    const SERVICES: [&str; 11] = [
        "Engine",
        "Scheduler",
        "Repository",
        "Proxy",
        "Printing",
        "AppDistributionService",
        "EntitlementProvisioningService",
        "HybridDeploymentService",
        "Hub",
        "Broker",
        "AppMigration",
    ];
    let is_in = |list: &[&str], word: &str| list.contains(&word);
    log == SCRIPT
        || log.split_once('_').is_some_and(|(kind, of)| is_in(&KINDS, kind) && is_in(&SERVICES, of))
}

fn encoding(mark: &[u8]) -> &'static str {
    match encoding_rs::Encoding::for_bom(mark) {
        Some((encoding, _)) if encoding == encoding_rs::UTF_8 => "UTF-8 with BOM",
        Some((encoding, _)) => encoding.name(),
        None => "no BOM",
    }
}
