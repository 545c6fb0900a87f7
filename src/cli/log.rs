//! I/O. Footman's own log: the console, and files of a bounded size that Footman never follows.

mod rolling;

use std::fmt;
use std::io::IsTerminal as _;
use std::path::Path;

use jiff::tz::TimeZone;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, MakeWriter};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt as layer};

use crate::cli::log::rolling::RollingFile;
use crate::cli::output::is_coloured;
use crate::clock;
use crate::config::worded::system;

/// The default of 128,000 costs 4 MB, for a log that gets a line a minute.
const LINES_BUFFERED: usize = 1024;

/// Logs to the console and to a file in `folder`. Keep the guard: it writes the last lines.
///
/// A folder that cannot be written is said once; then the console is all there is.
pub(in crate::cli) fn start(folder: &Path, level: &str, zone: &TimeZone) -> Option<WorkerGuard> {
    let rolling = RollingFile::open(folder);
    let filter = || EnvFilter::new(format!("warn,footman={level}"));
    let time = || LocalTime(zone.clone());
    let console = layer::layer()
        .with_target(false)
        .with_timer(time())
        .with_ansi(is_coloured(std::io::stderr().is_terminal()))
        .with_writer(std::io::stderr)
        .with_filter(filter());
    match rolling {
        Ok(rolling) => {
            let (writer, guard) =
                NonBlockingBuilder::default().buffered_lines_limit(LINES_BUFFERED).finish(rolling);
            let file = layer::layer()
                .with_ansi(false)
                .with_timer(time())
                .with_writer(writer)
                .with_filter(filter());
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
    }
}

/// The time where the node is, with its offset.
struct LocalTime(TimeZone);

impl FormatTime for LocalTime {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        let now = clock::now().to_zoned_datetime(self.0.clone());
        write!(writer, "{}", now.strftime("%Y-%m-%dT%H:%M:%S%.3f%:z"))
    }
}

/// For a person who watches: cards and warnings as plain lines, nothing else.
pub(in crate::cli) fn start_plain<W>(writer: W)
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let plain = layer::layer()
        .event_format(Plain)
        .with_writer(writer)
        .with_filter(EnvFilter::new("off,footman=warn,footman::card=info,footman::held=debug"));
    tracing_subscriber::registry().with(plain).init();
}

/// What a line of a watcher begins with: a card is sent, a row is held back.
pub(in crate::cli) const CARD: &str = "  card ▸ ";
pub(in crate::cli) const HELD: &str = "  held ▸ ";

/// The words of an event alone.
struct Plain;

/// Picks the words out of an event's fields.
struct Words(String);

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}

impl<S, N> FormatEvent<S, N> for Plain
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut words = Words(String::new());
        event.record(&mut words);
        let mark = match event.metadata().target() {
            "footman::card" => CARD,
            "footman::held" => HELD,
            _ => "  note ▸ ",
        };
        writeln!(writer, "{mark}{}", words.0)
    }
}
