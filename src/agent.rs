//! I/O. The only room that starts threads, waits for the sources and commits.
//!
//! Four threads and one small runtime, all started here:
//!
//! ```text
//! reader (thread) ──batches──▶ core (thread, owns the state) ──requests──▶ dispatcher (runtime) ──▶ channels
//!        ▲                        │        ▲                                   │
//!        └──── permit for one ────┘        └──────────── outcomes ─────────────┘
//! observer (thread) ──snapshots──▶ core
//! commands (thread) ──commands──▶ core
//! desk (runtime, from the page) ──commands──▶ core
//! tenants (runtime) ──what is new in Qlik Cloud──▶ core
//! ```
//!
//! The log file is the queue in front of the core, the outbox is the queue behind it. A stop ends
//! the input and lets the queues drain; compared with a crash, it only leaves less to redo.
//!
//! How a stop propagates:
//!
//! 1. `stop` is cancelled by the caller, or by [`run`] as soon as a thread has ended.
//! 2. The reader and the observer are woken, return, and drop their senders of the core's inbox.
//!    The desk and the tenants drop their senders, too. The dispatcher waits for the cards in flight, reports their
//!    outcomes, and drops the last sender. [`run`] keeps none, because the core would then wait forever.
//! 3. The core processes what is left in its inbox and returns when no sender is left. It drops
//!    the sender of requests and the permits.
//!
//! If the core ends first, by an error, its permits are gone: a reader that waits for one returns,
//! sending to the inbox fails, and steps 1 and 2 follow.

mod alarm;
mod commands;
mod core;
pub mod descriptors;
mod desk;
mod dispatcher;
mod emergency;
mod failpoint;
pub mod file_problems;
mod heartbeat;
mod observer;
mod opening;
mod page_note;
mod progress;
pub mod pulse;
mod reader;
pub(crate) mod reload_note;
mod rush;
mod setup;
pub mod system_log;
mod tenants;
mod webhooks_note;
mod working_set;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::sync::{mpsc as tokio_mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::agent::alarm::Alarm;
use crate::agent::core::{Core, Wake, Wiring};
use crate::agent::reader::{Asker, LogReader};
use crate::clock;
use crate::observe::source::{ListenerWaker, NodeProbe};
use crate::state::{HealthFile, Loaded};
use crate::tail::{Committed, FileEnds, Hints, Start, Tailer, Watch};

pub(crate) use crate::agent::core::publish::TENANTS_NOTE;
pub use crate::agent::core::{FAILING_NOTE, FailingChannel, StateDistrusted, failing_channels};
pub use crate::agent::desk::{Desk, Given, Requests, desk};
pub use crate::agent::page_note::{PAGE_NOTE, PageNote};
pub use crate::agent::setup::{SetLevel, Setup, measured, watches};
pub(crate) use crate::agent::webhooks_note::{WEBHOOKS_NOTE, WebhooksNote};
pub use crate::agent::working_set::one_heap;

/// Receives the result of a thread when it ends.
type Ended = oneshot::Receiver<Result<()>>;

/// Runs the agent until `stop`, or until one of its parts fails.
pub async fn run(mut setup: Setup, stop: CancellationToken) -> Result<()> {
    failpoint::set_up();
    let now = clock::now();
    let health = HealthFile::open(&setup.state_dir, now);
    let mut alarm = Alarm::new(health, setup.emergency());
    let (mut store, opened, loaded) = opening::open(&mut setup, &mut alarm, &stop).await?;
    store.set_keep(setup.keep);
    if loaded.after_loss && loaded.is_blank() {
        setup.start = setup.on_state_loss;
    }

    let (inbox, wake) = mpsc::channel();
    let (permits, permit) = mpsc::sync_channel(1);
    let (requests, orders) = tokio_mpsc::unbounded_channel();
    let turns = Arc::new(AtomicU64::new(0));
    let channels = setup.open_channels()?;

    let following = Following::of(&mut setup);
    let hints = following.hints();
    let (waker, listener_waker) =
        (hints.waker(), ListenerWaker::new().context("creating the waker of the observer")?);
    let (to_core, turned) = (inbox.clone(), Arc::clone(&turns));
    let asked = Arc::new(AtomicBool::new(false));
    let reading = Asker { asked: Arc::clone(&asked), waker: waker.clone() };
    let (pulse, stopping) = (setup.pulse(), stop.clone());
    let reader =
        LogReader { hints, inbox: to_core, permit, stop: stopping, turns: turned, asked, pulse };
    let probe = (setup.node_probe(), listener_waker.clone(), inbox.clone());
    let heartbeat = setup.take_heartbeat();
    let tenants = setup.tenants(&loaded.rows)?;
    let tenants = tenants::run(tenants, inbox.clone(), setup.pulse(), stop.clone());
    let desk = desk::pass(setup.take_requests(), inbox.clone(), stop.clone());
    let passing = start_commands(&setup, inbox.clone(), &stop)?;
    let wiring = Wiring { permits, turns, reading, alarm };
    let core = Core::new(setup, store, &loaded, &opened, requests, wiring, stop.clone());

    let reading = start_reader(reader, following, loaded)?;
    let observing = start_observer(probe, &stop)?;
    let working = spawn_named("core", move || core.run(&wake))?;
    // The dispatcher owns the last sender of the inbox; this function keeps none.
    let dispatcher = dispatcher::run(channels, orders, inbox, stop.clone());

    let first_end = async {
        let first = tokio::select! {
            () = stop.cancelled() => Ok(()),
            ended = ended("reader", reading, &stop) => ended,
            ended = ended("observer", observing, &stop) => ended,
            ended = ended("commands", passing, &stop) => ended,
        };
        stop.cancel();
        waker.wake();
        listener_waker.wake();
        first
    };
    let core_end = async {
        let result = ended("core", working, &stop).await;
        stop.cancel();
        result
    };
    let beating = heartbeat::run(heartbeat, stop.clone());
    let ((), reader, core, (), (), ()) =
        tokio::join!(dispatcher, first_end, core_end, beating, desk, tenants);
    core.and(reader)
}

/// What the reader needs from the setup, taken before the setup moves to the core.
struct Following {
    watches: Vec<Watch>,
    log_root: Option<PathBuf>,
    start: Start,
    is_hinted: bool,
    ends: Option<FileEnds>,
}

impl Following {
    fn of(setup: &mut Setup) -> Self {
        Self {
            watches: setup.watches(),
            log_root: setup.log_root.clone(),
            start: setup.start,
            is_hinted: setup.hints,
            ends: setup.ends.take(),
        }
    }

    fn hints(&self) -> Hints {
        let folders = self.watches.iter().map(|watch| watch.folder.clone()).collect();
        if self.is_hinted { Hints::new(folders) } else { Hints::off() }
    }

    fn tailer(self, loaded: Loaded) -> Tailer {
        let Loaded { checkpoints, folders, last_file, .. } = loaded;
        let folders = folders.into_iter().collect();
        let committed = Committed { checkpoints, folders, last_file };
        let tailer = Tailer::new(self.watches, committed, self.start).from_ends(self.ends);
        if self.is_hinted { tailer.hinted() } else { tailer }
    }
}

fn start_reader(mut reader: LogReader, following: Following, loaded: Loaded) -> Result<Ended> {
    let log_root = following.log_root.clone();
    let tailer = following.tailer(loaded);
    spawn_named("reader", move || {
        let is_there = log_root.as_deref().is_none_or(|root| reader.wait_for(root));
        if is_there {
            reader.follow(tailer, log_root.as_deref());
        }
        Ok(())
    })
}

fn start_observer(
    probe: ((NodeProbe, Duration), ListenerWaker, mpsc::Sender<Wake>),
    stop: &CancellationToken,
) -> Result<Ended> {
    let ((node_probe, every), listener_waker, inbox) = probe;
    let (stop, runtime) = (stop.clone(), tokio::runtime::Handle::current());
    spawn_named("observer", move || {
        observer::observe(node_probe, every, listener_waker, &inbox, &runtime, &stop);
        Ok(())
    })
}

/// Runs work on a named thread of its own, so that it does not delay the agent; returns when the
/// work ends.
pub async fn beside(
    name: &'static str,
    work: impl FnOnce() -> Result<()> + Send + 'static,
) -> Result<()> {
    let ended = spawn_named(name, work)?;
    ended.await.unwrap_or_else(|_| anyhow::bail!("the {name} panicked"))
}

fn start_commands(
    setup: &Setup,
    inbox: mpsc::Sender<Wake>,
    stop: &CancellationToken,
) -> Result<Ended> {
    let (state_dir, stop) = (setup.state_dir.clone(), stop.clone());
    spawn_named("commands", move || {
        commands::pass(&state_dir, &inbox, &stop);
        Ok(())
    })
}

/// Starts a named thread and returns a receiver for its result.
#[expect(clippy::disallowed_methods, reason = "this is the only place that spawns threads")]
fn spawn_named(
    name: &'static str,
    work: impl FnOnce() -> Result<()> + Send + 'static,
) -> Result<Ended> {
    let (done, ended) = oneshot::channel();
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            // The receiver is gone only if the agent itself has ended.
            done.send(work()).ok();
        })
        .with_context(|| format!("starting the {name} thread"))?;
    Ok(ended)
}

/// The result of a thread: its own error, a panic, or an unexpected end.
async fn ended(name: &str, thread: Ended, stop: &CancellationToken) -> Result<()> {
    match thread.await {
        Ok(Ok(())) if stop.is_cancelled() => Ok(()),
        Ok(Ok(())) => anyhow::bail!("the {name} ended unexpectedly"),
        Ok(Err(error)) => Err(error.context(format!("the {name} failed"))),
        Err(_) => anyhow::bail!("the {name} panicked; check the log above for its report"),
    }
}
