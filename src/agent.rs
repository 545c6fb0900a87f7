//! I/O. The only place that spawns, waits and commits.
//!
//! Three threads and one small runtime, all started here:
//!
//! ```text
//! reader (thread) ──batches──▶ core (thread, owns the state file) ──loads──▶ courier (runtime) ──▶ channels
//!        ▲                        │           ▲                                  │
//!        └──── permit for one ────┘           └──────────── outcomes ────────────┘
//! observer (thread) ──looks at services, disks, memory──▶ core
//! ```
//!
//! The log file is the queue in front of the core, the outbox is the queue behind it. Stopping
//! closes the tap and lets the pipe run empty; it is only a crash with less to redo.

mod alarm;
mod core;
mod courier;
pub mod descriptors;
mod emergency;
mod failpoint;
mod library;
mod observer;
mod opening;
mod progress;
mod reader;
mod setup;
pub mod system_log;
pub mod troubles;
mod working_set;

use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, mpsc};

use anyhow::{Context, Result};
use tokio::sync::{mpsc as tokio_mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::agent::alarm::Alarm;
use crate::agent::core::{Core, Wiring};
use crate::agent::reader::Asker;
use crate::clock;
use crate::observe::source::Ringer;
use crate::state::{HealthFile, Loaded};
use crate::tail::{Committed, Hints, Tailer};

pub use crate::agent::core::StateDistrusted;
pub use crate::agent::library::{load_packs, packs};
pub use crate::agent::setup::{Setup, local_folder, measured};
pub use crate::agent::working_set::one_heap;

/// Runs the agent until `stop`, or until a part of it fails.
pub async fn run(mut setup: Setup, stop: CancellationToken) -> Result<()> {
    failpoint::set_up();
    let now = clock::now();
    let health = HealthFile::open(&setup.state_dir, now);
    let mut alarm = Alarm::new(health, setup.emergency(now));
    let (store, opened, loaded) = opening::open(&mut setup, &mut alarm, &stop).await?;

    let watches = setup.watches();
    let folders = watches.iter().map(|watch| watch.folder.clone()).collect();
    let hints = if setup.hints { Hints::new(folders) } else { Hints::off() };
    let waker = hints.waker();
    if loaded.after_loss && loaded.is_blank() {
        setup.start = setup.on_state_loss;
    }
    let ends = setup.ends.take();
    let (start, hinted, log_root) = (setup.start, setup.hints, setup.log_root.clone());

    let (inbox, wake) = mpsc::channel();
    let (permits, permit) = mpsc::sync_channel(1);
    let (loads, departures) = tokio_mpsc::unbounded_channel();
    let channels = setup.open_channels()?;
    let (eye, every) = setup.eye();
    let ringer = Ringer::new().context("making what ends a wait")?;
    let turns = Arc::new(AtomicU64::new(0));
    let asked = Arc::new(AtomicBool::new(false));
    let reading = Asker { asked: Arc::clone(&asked), waker: waker.clone() };
    let wiring = Wiring { permits, turns: Arc::clone(&turns), reading, alarm };
    let core = Core::new(setup, store, &loaded, &opened, loads, wiring, stop.clone());

    let Loaded { checkpoints, folders, last_file, .. } = loaded;
    let folders = folders.into_iter().collect();
    let tailer =
        Tailer::new(watches, Committed { checkpoints, folders, last_file }, start).from_ends(ends);
    let tailer = if hinted { tailer.hinted() } else { tailer };

    let reading = hire("reader", {
        let (inbox, stop) = (inbox.clone(), stop.clone());
        move || {
            let mut reader = reader::Reader { hints, inbox, permit, stop, turns, asked };
            if reader.wait_for(&log_root) {
                reader.follow(tailer);
            }
            Ok(())
        }
    })?;
    let observing = hire("observer", {
        let (inbox, stop, ringer) = (inbox.clone(), stop.clone(), ringer.clone());
        let runtime = tokio::runtime::Handle::current();
        move || {
            observer::observe(eye, every, ringer, &inbox, &runtime, &stop);
            Ok(())
        }
    })?;
    let working = hire("core", move || core.run(&wake))?;
    let courier = courier::carry(channels, departures, inbox, stop.clone());

    let watch = async {
        let first = tokio::select! {
            () = stop.cancelled() => Ok(()),
            ended = ended("reader", reading, &stop) => ended,
            ended = ended("observer", observing, &stop) => ended,
        };
        stop.cancel();
        waker.wake();
        ringer.ring();
        first
    };
    let guarded = async {
        let result = ended("core", working, &stop).await;
        stop.cancel();
        result
    };
    let ((), reader, core) = tokio::join!(courier, watch, guarded);
    core.and(reader)
}

/// Starts a named thread; its end comes through the receiver.
#[expect(clippy::disallowed_methods, reason = "this is the one place that hires")]
fn hire(
    name: &'static str,
    work: impl FnOnce() -> Result<()> + Send + 'static,
) -> Result<oneshot::Receiver<Result<()>>> {
    let (done, ended) = oneshot::channel();
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            // Nobody listens any more only when the agent itself has ended.
            done.send(work()).ok();
        })
        .with_context(|| format!("starting the {name} thread"))?;
    Ok(ended)
}

/// The end of a thread: its own error, a panic, or that it ended without being asked to.
async fn ended(
    name: &str,
    thread: oneshot::Receiver<Result<()>>,
    stop: &CancellationToken,
) -> Result<()> {
    match thread.await {
        Ok(Ok(())) if stop.is_cancelled() => Ok(()),
        Ok(Ok(())) => anyhow::bail!("the {name} ended on its own"),
        Ok(Err(error)) => Err(error.context(format!("the {name} failed"))),
        Err(_) => anyhow::bail!("the {name} panicked; its report is in the log above"),
    }
}
