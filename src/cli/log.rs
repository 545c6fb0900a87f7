//! I/O. Footman's own log: the console, and files of limited size that Footman never follows.

mod rolling;

use std::fmt;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt as layer, reload};

use crate::cli::log::rolling::RollingFile;
use crate::cli::output::is_coloured;
use crate::clock;
use crate::config::Level;
use crate::config::worded::system;

/// The default of 128,000 uses 4 MB, too much for one line a minute.
const LINES_BUFFERED: usize = 1024;

/// Logs to the console and to a file in `folder`. Keep the guard: dropping it writes the last
/// lines. The function changes the level.
///
/// A folder that cannot be written is reported once; then only the console is used.
pub(crate) fn start(
    folder: &Path,
    level: Level,
    zone: &TimeZone,
) -> (Option<WorkerGuard>, impl Fn(Level) + Clone + Send + 'static) {
    let rolling = RollingFile::open(folder);
    let (for_console, set_console) = reload::Layer::new(filter(level));
    let (for_file, set_file) = reload::Layer::new(filter(level));
    let time = || LocalTime(zone.clone());
    let console = layer::layer()
        .with_target(false)
        .with_timer(time())
        .with_ansi(is_coloured(std::io::stderr().is_terminal()))
        .with_writer(std::io::stderr)
        .with_filter(for_console);
    let guard = match rolling {
        Ok(rolling) => {
            let (writer, guard) =
                NonBlockingBuilder::default().buffered_lines_limit(LINES_BUFFERED).finish(rolling);
            let file = layer::layer()
                .with_ansi(false)
                .with_timer(time())
                .with_writer(writer)
                .with_filter(for_file);
            tracing_subscriber::registry().with(console).with(file).init();
            Some(guard)
        }
        Err(error) => {
            tracing_subscriber::registry().with(console).init();
            tracing::warn!(
                "no log file in {}: {}; logging to the console only",
                folder.display(),
                system(&error)
            );
            None
        }
    };
    let set_level = move |level| {
        // Without a file there is nothing to change.
        set_file.reload(filter(level)).ok();
        set_console.reload(filter(level)).ok();
    };
    (guard, set_level)
}

/// The file that was written last in a folder of logs, or the folder if there is none.
pub(crate) fn latest(folder: &Path) -> PathBuf {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let written =
        files.filter_map(|file| Some((file.metadata().ok()?.modified().ok()?, file.path())));
    written.max().map_or_else(|| folder.to_owned(), |(_, path)| path)
}

fn filter(level: Level) -> EnvFilter {
    EnvFilter::new(format!("warn,footman={}", level.name()))
}

/// The local time of the node, with its offset.
struct LocalTime(TimeZone);

impl FormatTime for LocalTime {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        let now = clock::now().to_zoned_datetime(self.0.clone());
        write!(writer, "{}", now.strftime("%Y-%m-%dT%H:%M:%S%.3f%:z"))
    }
}

/// Gives a viewer the cards, what was held back, and warnings; nothing else.
pub(crate) fn start_with(viewer: impl Layer<Registry> + Send + Sync) {
    let shown = EnvFilter::new("off,footman=warn,footman::card=info,footman::held=debug");
    tracing_subscriber::registry().with(viewer.with_filter(shown)).init();
}
