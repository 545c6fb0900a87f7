//! I/O. `footman run`: the agent in the foreground.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use tokio_util::sync::CancellationToken;

use crate::agent::{self, PageNote, Setup, StateDistrusted};
use crate::channels::local;
use crate::cli::test_send::webhook_hint;
use crate::cli::{End, Global, diagnose, hint, log, runtime};
use crate::config::load::{Env, nothing_to_follow};
use crate::config::worded::plain;
use crate::config::{Destination, Problem, Settings, SettingsNote, StartSetting};
use crate::detection::{AgentProblem, FileMistake, MissingLogRoot};
use crate::engine::Configuration;
use crate::state::{self, StateLock};
use crate::tail::FileEnds;
use crate::web::{self, PageAddress};

/// A service manager kills a process that takes longer than 10 s to stop.
const LONGEST_STOP: Duration = Duration::from_secs(8);

/// A lower limit on open files may be exceeded at busy times.
const FEW_FILES: u64 = 256;

/// How often the agent restarts with a state that cannot be trusted. After that the program ends,
/// and the service manager decides.
const RESTARTS: u32 = 3;

/// The error on a machine without Qlik Sense.
pub(crate) const NO_LOG_ROOT: &str = "no Qlik Sense logs found on this machine";
pub(crate) const NO_LOG_ROOT_HINT: &str = "give the folder that holds Scheduler, Engine and \
     Script as --log-root DIR or log-root in the configuration";

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Do not use file system notifications; check every second instead
    #[arg(long)]
    no_notifications: bool,
    /// Started by the service control manager of Windows
    #[arg(long, hide = true)]
    service: bool,
}

impl Args {
    pub(crate) fn is_service(&self) -> bool {
        self.service
    }
}

pub(crate) fn run(global: &Global, args: &Args) -> Result<End> {
    serve(global, args, &CancellationToken::new(), || {})
}

/// Runs until `stop` or a signal; calls `ready` once configuration and setup are valid.
pub(crate) fn serve(
    global: &Global,
    args: &Args,
    stop: &CancellationToken,
    ready: impl FnOnce(),
) -> Result<End> {
    agent::one_heap();
    let (settings, problems) = global.settings();
    diagnose::print(&problems, false);
    if !problems.is_empty() {
        eprintln!("footman: nothing was started");
        let hint = "fix the problems above; `footman check` verifies the result";
        eprintln!("hint: {}", hint::complete(hint));
        return Ok(End::Problems);
    }
    if follows_nothing(&settings) {
        eprintln!("footman: {NO_LOG_ROOT}");
        eprintln!("hint: {NO_LOG_ROOT_HINT}");
        return Ok(End::Problems);
    }
    if let Some(foreign) = &settings.foreign {
        diagnose::print(std::slice::from_ref(foreign), false);
        eprintln!("footman: nothing was started: there is nothing to follow in the log root");
        return Ok(End::Problems);
    }
    // The ends are looked up by the paths that are followed, and those are absolute.
    let log_root = settings.log_root.clone();
    let log_root = log_root.map(|root| std::path::absolute(&root).unwrap_or(root));
    // Before anything slow: lines written from now on count as new.
    let ends = log_root.as_deref().and_then(|root| ends(&settings, root));
    let (_guard, set_level) =
        log::start(&settings.log.folder, settings.log.level, &settings.timezone);
    if let Some(limit) = agent::descriptors::raise_limit().filter(|limit| *limit < FEW_FILES) {
        tracing::warn!(
            "only {limit} files and connections may be open at once; raise ulimit -n (LimitNOFILE of the unit) to {FEW_FILES} or more"
        );
    }
    let set_up = || {
        let mut setup = set_up(&settings, log_root.clone(), args);
        let configuration = Configuration::of(&settings, Env::of_process(), global.flags());
        setup.follow(configuration, Box::new(set_level.clone()));
        setup
    };
    let mut setup = set_up();
    setup.ends = ends;
    ready();
    let mut next = setup;
    for n in 0.. {
        let is_first = n == 0;
        let ended = runtime()?.block_on(work(&settings, next, is_first, stop.child_token()));
        match ended {
            Err(error) if error.is::<StateDistrusted>() && n < RESTARTS && !stop.is_cancelled() => {
                tracing::error!("{}; starting again", plain(&format!("{error:#}")));
                next = set_up();
                // A state that passed the checks and still cannot be written is set aside.
                next.distrusts_state = n > 0;
            }
            ended => {
                ended?;
                break;
            }
        }
    }
    Ok(End::Done)
}

/// Whether there is neither a log root nor a tenant.
fn follows_nothing(settings: &Settings) -> bool {
    settings.log_root.is_none() && settings.tenants.is_empty()
}

/// Whether `footman run` would start nothing, with these problems of the configuration.
pub(crate) fn refuses(settings: &Settings, problems: &[Problem]) -> bool {
    !problems.is_empty() || follows_nothing(settings) || settings.foreign.is_some()
}

/// The current ends of the logs, if reading begins there for the first time.
fn ends(settings: &Settings, log_root: &Path) -> Option<FileEnds> {
    let is_first = !settings.state_dir.join(state::FILE_NAME).exists();
    let is_there = settings.absent.is_none();
    if settings.start == StartSetting::End && is_first && is_there {
        FileEnds::take(log_root)
    } else {
        None
    }
}

/// Compiles everything, and adds the agent's problems to report.
fn set_up(settings: &Settings, log_root: Option<PathBuf>, args: &Args) -> Setup {
    let (mut setup, problems) = Setup::compile(settings, log_root);
    setup.hints = !args.no_notifications;
    for problem in &problems {
        // Broken parts are left out; the rest keeps working.
        tracing::error!("{}: left out: {}", problem.place(), problem.message);
    }
    for mistake in FileMistake::all(&problems) {
        setup.report(AgentProblem::BrokenFile(mistake));
    }
    // The reader logs that it is waiting.
    if settings.absent.is_some()
        && let Some(root) = &settings.log_root
        && let Some((fault, _)) = nothing_to_follow(root)
    {
        let folder = root.display().to_string();
        setup.report(AgentProblem::NoLogRoot(MissingLogRoot { folder, fault }));
    }
    setup
}

/// Logs where it reads and where cards go, before the first line is read.
fn introduce(settings: &Settings, setup: &Setup) {
    tracing::info!(version = env!("CARGO_PKG_VERSION"), node = setup.site().node, log_root = %shown_root(setup), "footman starts");
    for (name, tenant) in &settings.tenants {
        tracing::info!("tenant {name}: {} every {}", tenant.url, tenant.every);
    }
    for (name, channel) in &settings.channels {
        match channel.destination {
            Destination::Webhook(_) | Destination::Flow(_) => {
                tracing::info!("channel {name}: {}", channel.destination);
            }
            Destination::Local => {
                let folder = local::folder(&settings.state_dir, name);
                tracing::warn!(
                    "channel {name} has no webhook: its cards are kept on this machine, in {}; {}",
                    folder.display(),
                    webhook_hint(name)
                );
            }
        }
    }
    // A local channel was logged with the channels.
    let is_new = |note: &&SettingsNote| **note != SettingsNote::NoWebhook;
    for note in settings.notes.iter().filter(is_new) {
        tracing::warn!("{note}");
    }
}

fn shown_root(setup: &Setup) -> String {
    setup.log_root.as_ref().map_or("none".to_owned(), |root| root.display().to_string())
}

async fn work(
    settings: &Settings,
    mut setup: Setup,
    is_first: bool,
    stop: CancellationToken,
) -> Result<()> {
    #[cfg(unix)]
    outlive_size_limits();
    let place = PageAddress {
        state_dir: settings.state_dir.clone(),
        node: setup.site().node.clone(),
        environment: settings.environment.clone(),
        timezone: settings.timezone.clone(),
        language: settings.language,
        url: settings.page.url.clone(),
        desk: Some(setup.open_desk()),
        pulse: setup.pulse(),
    };
    // Another agent has the address of the page, too: it is not what is wrong.
    match StateLock::take(&settings.state_dir) {
        Ok(lock) => setup.lock = Some(lock),
        Err(error @ state::Error::InUse { .. }) => return Err(error.into()),
        // The agent reports it, and tries again.
        Err(_) => {}
    }
    if is_first {
        introduce(settings, &setup);
    }
    let (bound, note) = web::bind(&settings.page);
    match &note {
        PageNote::Off => {}
        PageNote::Served { .. } => {
            tracing::info!("local page on {}", note.text().trim_end_matches('/'));
        }
        // The page is optional: cards are sent without it.
        PageNote::Unserved(why) => tracing::warn!("local page {why}"),
    }
    setup.page = note;
    let agent = async {
        let result = tokio::select! {
            result = agent::run(setup, stop.clone()) => result,
            () = too_long(&stop) => Ok(()),
        };
        stop.cancel();
        result
    };
    let page = async {
        match bound {
            Some(bound) => web::serve_beside(bound, place, stop.clone()).await,
            None => Ok(()),
        }
    };
    let asked = async {
        tokio::select! {
            () = asked_to_stop() => tracing::info!("asked to stop"),
            () = stop.cancelled() => {}
        }
        stop.cancel();
    };
    let (agent, page, ()) = tokio::join!(agent, page, asked);
    agent.and(page)
}

/// Ends a stop that hangs: committed work is kept, the rest is read again.
async fn too_long(stop: &CancellationToken) {
    stop.cancelled().await;
    tokio::time::sleep(LONGEST_STOP).await;
    tracing::error!("stopping took too long; what was not committed is read again");
}

/// A limit on file sizes (`ulimit -f`, `LimitFSIZE`) would kill the process at the first write
/// beyond it; with a handler the write fails instead, as on a full disk.
#[cfg(unix)]
fn outlive_size_limits() {
    use tokio::signal::unix::{SignalKind, signal};
    /// The number on Linux.
    const SIGXFSZ: i32 = 25;
    // The handler stays installed when the receiver is dropped.
    if let Err(error) = signal(SignalKind::from_raw(SIGXFSZ)) {
        tracing::warn!("a limit on the size of files would end Footman: {error}");
    }
}

/// Waits for Ctrl-C, or for the service manager on Linux.
pub(crate) async fn asked_to_stop() {
    let ctrl_c = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! { () = ctrl_c => {}, _ = terminated.recv() => {} }
            return;
        }
    }
    ctrl_c.await;
}
