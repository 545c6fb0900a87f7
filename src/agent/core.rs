//! I/O. The core thread: owns the pipeline, the outbox and the state file.

mod configuration;
mod failing;
mod heartbeat;
mod log;
mod not_advancing;
mod obey;
mod place;
pub(crate) mod publish;
mod sending;
mod sign;
mod webhooks;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::Duration;

use anyhow::Result;
use jiff::SignedDuration;
use tokio::runtime::Handle;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::agent::alarm::Alarm;
pub use crate::agent::core::failing::{FailingChannel, NOTE as FAILING_NOTE, failing_channels};
use crate::agent::core::publish::Published;
use crate::agent::dispatcher::Arrived;
use crate::agent::failpoint;
use crate::agent::file_problems::{self, CurrentProblems};
use crate::agent::progress::Progress;
use crate::agent::reader::Asker;
use crate::agent::setup::{FollowedConfiguration, Setup};
use crate::agent::working_set;
use crate::channels::OpenChannel;
use crate::clock::{self, Timestamp};
use crate::cloud::TenantNews;
use crate::command::{Command, CommandResult};
use crate::commit::{Commit, Delivery, HistoryEntry, HistoryType, Reason};
use crate::config::Language;
use crate::detection::{AgentPart, AgentProblem, Kind};
use crate::engine::Library;
use crate::ids::DeliveryId;
use crate::observe::NodeSnapshot;
use crate::outbox::{self, Outbox, ThreadWrite};
use crate::pipeline::{HeartbeatCards, Pipeline};
use crate::state::{self, Loaded, Opened, Stalled, Store};
use crate::tail::Batch;
use crate::view;

/// Longest sleep, so that a changed clock is noticed; also the heartbeat interval.
const HEARTBEAT: Duration = Duration::from_secs(30);
const TRIM_EVERY: SignedDuration = SignedDuration::from_hours(6);
/// By then, the startup and the first reading are done.
const TRIM_AFTER: SignedDuration = SignedDuration::from_secs(30);
/// Maximum number of commands that are applied between two parts of a batch; others wait for its
/// end.
const COMMANDS_AT_ONCE: u32 = 50;
/// A batch with fewer blocks than this may stay in memory beside the next one.
const FEW: usize = 100;
/// Buffers of blocks are reused if all are at least this large, in bytes.
const LARGE: usize = 128 << 10;
/// Time until a failed write to the state is retried; doubles each time.
const FIRST_RETRY: Duration = Duration::from_millis(500);
const LAST_RETRY: Duration = Duration::from_secs(30);

/// The state is not what this program wrote, or not the file that it opened. The caller restarts
/// the agent, which checks the state.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the state cannot be trusted; it is checked when the agent restarts")]
pub struct StateDistrusted;

/// Connections to the reader (a permit for each batch, a turn counter, requests) and the alarm.
pub(crate) struct Wiring {
    pub permits: SyncSender<Vec<Vec<u8>>>,
    pub turns: Arc<AtomicU64>,
    pub reading: Asker,
    pub alarm: Alarm,
}

/// Why the core wakes up.
pub(crate) enum Wake {
    /// A batch from the reader.
    Batch(Batch),
    Outcome(Arrived),
    Snapshot(NodeSnapshot),
    /// What is new in a tenant of Qlik Cloud.
    Tenant {
        news: TenantNews,
        /// Answered when it is committed.
        committed: oneshot::Sender<()>,
    },
    /// A command of a person.
    Command {
        command: Command,
        /// Receives the result, if somebody waits for it.
        answer: Option<oneshot::Sender<CommandResult>>,
    },
}

/// What the core knows about the reader.
#[derive(Default)]
struct ReaderAgreement {
    /// Whether more remained to be read after the last batch.
    is_behind: bool,
    /// Whether the reader was asked to check everything.
    is_asked: bool,
    /// Whether the reader waits for a permit to continue.
    awaits_permit: bool,
}

/// A task for the dispatcher.
pub(crate) enum SendOrder {
    Send(DispatchRequest),
    /// Replace the channel of this name with this one.
    Replace(String, OpenChannel),
}

/// One card for one channel.
pub(crate) struct DispatchRequest {
    pub id: DeliveryId,
    pub channel: String,
    pub created: Timestamp,
    pub card: String,
    pub possible_repeat: bool,
    /// The message that it writes in a thread.
    pub thread: Option<ThreadWrite>,
}

pub(crate) struct Core {
    pipeline: Pipeline,
    library: Option<Library>,
    configuration: Option<FollowedConfiguration>,
    store: Store,
    outbox: Outbox,
    requests: UnboundedSender<SendOrder>,
    /// Channels whose cards are sent through their next webhook.
    on_next: BTreeSet<String>,
    /// Parts that work again, or are no longer configured, since the last decision.
    well: BTreeSet<AgentPart>,
    /// The reason of each channel's last refusal.
    last_answers: BTreeMap<String, String>,
    /// The last record of the channels that accept nothing.
    noted_failing: Option<String>,
    /// What was recorded of parts that do not advance.
    noted_not_advancing: Option<String>,
    /// Whether something else is in place of the lock file.
    is_lock_replaced: bool,
    /// What arrived while a batch was processed and can wait.
    waiting: VecDeque<Wake>,
    reading: ReaderAgreement,
    /// Buffers of the last batch, for reuse by the reader.
    spent: Vec<Vec<u8>>,
    wiring: Wiring,
    progress: Progress,
    is_reading_stuck: bool,
    has_positions: bool,
    runtime: Handle,
    stop: CancellationToken,
    file_problems: CurrentProblems,
    last_heartbeat: Option<Timestamp>,
    next_trim: Timestamp,
    state_dir: PathBuf,
    /// Where the keys of links are, if cards have links.
    link_keys: Option<PathBuf>,
    /// Problems from the startup, to be reported first.
    to_report: Vec<AgentProblem>,
    published: Published,
    heartbeat_cards: HeartbeatCards,
}

impl Core {
    pub(crate) fn new(
        mut setup: Setup,
        store: Store,
        loaded: &Loaded,
        opened: &Opened,
        requests: UnboundedSender<SendOrder>,
        wiring: Wiring,
        stop: CancellationToken,
    ) -> Self {
        let now = clock::now();
        let is_first = loaded.is_blank();
        let paces = setup.paces();
        let pending = loaded.pending.iter().map(|pending| pending.channel.as_str());
        for (channel, cards) in outbox::stranded(&paces, pending) {
            tracing::warn!(channel, cards, "cards wait for a channel that is not configured");
        }
        let outbox = Outbox::new(paces).with_fallbacks(setup.fallbacks());
        let mut outbox = outbox.with_threads(&setup.threaded(), loaded.threads.clone());
        outbox.written_before(now, &loaded.operations);
        outbox.accepted_before(&loaded.last_accepted);
        outbox.unavailable_before(&loaded.unavailable);
        outbox.restore_fallback_notices(&loaded.fallback_notices);
        outbox.restore(loaded.pending.clone(), &loaded.recent_sends, now);
        let mut to_report = setup.take_reports();
        to_report.extend(log::how_lost(opened, loaded));
        let state_dir = setup.state_dir.clone();
        let link_keys = setup.site().page.is_some().then(|| setup.state_dir.clone());
        let (library, configuration) = (setup.take_library(), setup.take_configuration());
        let published = Published::new(&setup);
        let heartbeat_cards = HeartbeatCards::restore(setup.card_every(), &loaded.rows);
        let mut pipeline = setup.pipeline(now, &loaded.rows, is_first);
        pipeline.decider.doubted_until = loaded.doubted_until;
        Self {
            pipeline,
            library,
            configuration,
            store,
            outbox,
            requests,
            on_next: BTreeSet::new(),
            well: BTreeSet::new(),
            last_answers: BTreeMap::new(),
            noted_failing: None,
            noted_not_advancing: None,
            is_lock_replaced: false,
            waiting: VecDeque::new(),
            reading: ReaderAgreement::default(),
            spent: Vec::new(),
            wiring,
            progress: Progress::new(now),
            is_reading_stuck: false,
            has_positions: false,
            runtime: Handle::current(),
            stop,
            file_problems: CurrentProblems::default(),
            last_heartbeat: None,
            next_trim: now + TRIM_AFTER,
            to_report,
            state_dir,
            link_keys,
            published,
            heartbeat_cards,
        }
    }

    /// Runs until all senders are gone.
    pub(crate) fn run(mut self, wakes: &Receiver<Wake>) -> Result<()> {
        let none = self.file_problems.json();
        self.retry_until_written(|store, _| store.note(file_problems::NOTE, &none))?;
        self.note_webhooks()?;
        self.note_failing()?;
        self.well.extend(self.pipeline.removed_channels());
        self.note_fallback_notices()?;
        loop {
            self.report()?;
            self.write_heartbeat()?;
            self.check_configured_files()?;
            self.check_configuration()?;
            self.send_heartbeat_card()?;
            self.end_reports()?;
            self.report_unavailable()?;
            self.send_due()?;
            self.publish();
            self.note_not_advancing()?;
            let wake = match self.waiting.pop_front() {
                Some(wake) => Ok(wake),
                None => wakes.recv_timeout(self.time_until_next_wakeup()),
            };
            match wake {
                Ok(Wake::Batch(batch)) => {
                    self.reading.awaits_permit = true;
                    self.reading.is_asked = false;
                    self.step(batch, wakes)?;
                    self.note_positions()?;
                }
                Ok(Wake::Outcome(arrived)) => self.arrived(arrived)?,
                Ok(Wake::Snapshot(snapshot)) => {
                    let commit = self.pipeline.apply_snapshot(clock::now(), &snapshot);
                    self.commit(commit)?;
                }
                Ok(Wake::Tenant { news, committed }) => {
                    let commit = self.pipeline.take_tenant(clock::now(), news);
                    self.commit(commit)?;
                    // `status` shows the first poll at once.
                    self.note_tenants(false)?;
                    // The tenant's task is gone only if the agent is ending.
                    committed.send(()).ok();
                }
                Ok(Wake::Command { command, answer }) => {
                    self.obey(clock::now(), command, answer)?;
                }
                Err(RecvTimeoutError::Timeout) => {
                    self.ask_for_reading();
                    let behind = self.reading.is_behind;
                    self.step(Batch { behind, ..Batch::default() }, wakes)?;
                }
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        self.store.note_time(state::STOPPED, clock::now())?;
        Ok(())
    }

    /// Records that, from now on, no new log line is missed.
    fn note_positions(&mut self) -> Result<()> {
        if std::mem::replace(&mut self.has_positions, true) {
            return Ok(());
        }
        // An earlier process may have reported that it hung.
        self.well.insert(AgentPart::Reading);
        let now = clock::now().to_string();
        self.note_with_not_advancing(Some((state::WATCHING, &now)))
    }

    fn report(&mut self) -> Result<()> {
        for problem in std::mem::take(&mut self.to_report) {
            let is_of_state = matches!(problem, AgentProblem::StateWentBack { .. });
            let commit = self.pipeline.report(clock::now(), problem);
            self.commit(commit)?;
            if is_of_state {
                self.retry_until_written(|store, _| store.confirm_went_back())?;
            }
        }
        Ok(())
    }

    /// Time until there is something to do, unless a message arrives earlier.
    fn time_until_next_wakeup(&self) -> Duration {
        let now = clock::now();
        let library_check = self.library.as_ref().and_then(Library::next_check);
        let configuration_check = self.next_check();
        let heartbeat = self.last_heartbeat.map(|last| last + HEARTBEAT);
        let ask = self
            .pipeline
            .wants_reading()
            .filter(|_| !self.reading.is_asked && !self.reading.is_behind);
        let wakeups = [
            self.heartbeat_cards.next(),
            self.pipeline.next_wakeup(),
            self.outbox.next_wakeup(now),
            self.outbox.next_unavailable(),
            library_check,
            configuration_check,
            heartbeat,
            ask,
        ];
        let until = |at: Timestamp| Duration::try_from(at.duration_since(now)).unwrap_or_default();
        wakeups.into_iter().flatten().map(until).min().unwrap_or(HEARTBEAT).min(HEARTBEAT)
    }

    /// Before a verdict is given without a script log, the reader must confirm that there is none.
    fn ask_for_reading(&mut self) {
        let is_wanted = self.pipeline.wants_reading().is_some_and(|due| due <= clock::now());
        if is_wanted && !self.reading.is_asked && !self.reading.is_behind {
            self.reading.is_asked = true;
            self.wiring.reading.ask();
        }
    }

    /// Processes a batch in parts, one transaction each, so that outcomes and deliveries do not
    /// wait for its end. All parts have the same `now`, so that no deadline passes in between.
    fn step(&mut self, mut batch: Batch, wakes: &Receiver<Wake>) -> Result<()> {
        let now = clock::now();
        let changed = self.file_problems.apply(now, &batch);
        let has_lines = !batch.blocks.is_empty();
        self.reading.is_behind = batch.behind;
        // In a batch of many small files, a large buffer would soon hold a small block, and every
        // buffer would grow.
        let is_large = batch.blocks.iter().all(|block| block.bytes.len() >= LARGE);
        self.permit_reading(is_large || batch.blocks.len() < FEW);
        let mut done = 0;
        loop {
            let begun = done;
            if has_lines {
                failpoint::pass("read");
            }
            let commit = self.pipeline.step(now, &mut batch, &mut done);
            if has_lines {
                failpoint::pass("matched");
            }
            self.commit(commit)?;
            if has_lines {
                failpoint::pass("committed");
            }
            if !is_large {
                batch.blocks[begun..done].iter_mut().for_each(|block| block.bytes = Vec::new());
            }
            self.permit_reading(done * 2 >= batch.blocks.len());
            if done == batch.blocks.len() {
                break;
            }
            self.serve(now, wakes)?;
        }
        if batch.behind && has_lines && is_large {
            self.spent = batch.blocks.into_iter().map(|block| block.bytes).collect();
        }
        if changed { self.note_file_problems() } else { Ok(()) }
    }

    fn note_file_problems(&mut self) -> Result<()> {
        let json = self.file_problems.json();
        self.note_with_not_advancing(Some((file_problems::NOTE, &json)))
    }

    /// Lets the reader continue while a batch is processed. For a batch with many blocks, only when
    /// half of it is done, so that two large batches are never in memory together.
    fn permit_reading(&mut self, may: bool) {
        if may && std::mem::take(&mut self.reading.awaits_permit) {
            self.wiring.permits.send(std::mem::take(&mut self.spent)).ok();
        }
    }

    /// Between two parts of a batch, applies outcomes and sends deliveries.
    fn serve(&mut self, now: Timestamp, wakes: &Receiver<Wake>) -> Result<()> {
        let mut n_commands = 0;
        while let Ok(wake) = wakes.try_recv() {
            match wake {
                Wake::Outcome(arrived) => self.arrived(arrived)?,
                Wake::Command { command, answer } if n_commands < COMMANDS_AT_ONCE => {
                    n_commands += 1;
                    self.obey(now, command, answer)?;
                }
                later => self.waiting.push_back(later),
            }
        }
        self.write_heartbeat()?;
        self.send_due()
    }

    /// Writes one transaction, then queues its deliveries.
    fn commit(&mut self, mut commit: Commit) -> Result<()> {
        let (outbox, now) = (&self.outbox, clock::now());
        outbox.retain_useful(now, &mut commit.deliveries);
        commit.problems.iter().for_each(log::problem);
        if commit.is_empty() {
            return Ok(());
        }
        let has_cards = !commit.deliveries.is_empty();
        if has_cards {
            failpoint::pass("card-made");
        }
        self.retry_until_written(|store, now| store.commit(now, &commit))?;
        if has_cards {
            failpoint::pass("card-pending");
        }
        // A new problem of Footman itself was logged where it was found.
        let is_logged =
            |it: &&Delivery| it.about.kind == Some(Kind::Agent) && it.reason == Reason::Opened;
        for delivery in commit.deliveries.iter().filter(|it| !is_logged(it)) {
            let channel = &delivery.channel;
            tracing::info!(target: "footman::card", channel, "{}", delivery.summary);
        }
        let is_held = |it: &&HistoryEntry| it.what == HistoryType::Suppressed;
        for entry in commit.history.iter().filter(is_held) {
            let (reason, subject) = (entry.reason_name(), entry.subject.as_deref());
            tracing::debug!(target: "footman::held", reason, subject, "{reason}: {}", entry.summary);
        }
        self.outbox.add(commit.deliveries);
        // A new card may be tried sooner than those that wait.
        if has_cards { self.note_failing() } else { Ok(()) }
    }

    fn write_heartbeat(&mut self) -> Result<()> {
        let now = clock::now();
        let due = self
            .last_heartbeat
            .is_none_or(|last| now.duration_since(last).unsigned_abs() >= HEARTBEAT);
        if due {
            let is_first = self.last_heartbeat.replace(now).is_none();
            self.check_place()?;
            self.retry_until_written(|store, now| store.note_time(state::HEARTBEAT, now))?;
            self.note_tenants(is_first)?;
            self.retry_until_written(Store::prune)?;
            self.check_reading(now);
        }
        if now >= self.next_trim {
            self.next_trim = now + TRIM_EVERY;
            working_set::trim();
        }
        Ok(())
    }

    /// Detects a reader that hangs, for example on a dead share.
    fn check_reading(&mut self, now: Timestamp) {
        let turns = self.wiring.turns.load(Ordering::Relaxed);
        match self.progress.observe(now, turns) {
            Some(since) if !self.is_reading_stuck => {
                self.is_reading_stuck = true;
                let (what, why) = (Stalled::Reading, "");
                tracing::error!("{}", view::stall(what, why, Language::English));
                self.wiring.alarm.note(what, since, why);
                self.to_report.push(AgentProblem::ReadingStuck);
            }
            None if self.is_reading_stuck => {
                self.is_reading_stuck = false;
                self.wiring.alarm.clear(Stalled::Reading);
                self.well.insert(AgentPart::Reading);
            }
            Some(_) | None => {}
        }
    }

    /// Retries a write until it succeeds. Meanwhile nothing is read or sent, and the alarm is
    /// raised outside the state; nothing is lost, because the log files keep what has not been
    /// read. An error that cannot pass ends the agent, and its restart checks the state.
    fn retry_until_written<T>(
        &mut self,
        mut write: impl FnMut(&mut Store, Timestamp) -> Result<T, state::Error>,
    ) -> Result<T> {
        let mut wait = FIRST_RETRY;
        let mut since = None;
        loop {
            let error = match write(&mut self.store, clock::now()) {
                Ok(value) => {
                    self.published.pulse.wrote(clock::now());
                    since.is_some().then(|| self.written_again());
                    return Ok(value);
                }
                Err(error) => error,
            };
            self.published.pulse.write_failed();
            let (is_passing, is_busy) = (error.is_passing(), error.is_busy());
            if !is_passing {
                return Err(anyhow::Error::from(error).context(StateDistrusted));
            }
            if self.stop.is_cancelled() {
                let error = anyhow::Error::from(error);
                return Err(error.context("stopping without writing the state"));
            }
            let why = error.to_string();
            tracing::error!(
                "nothing is read or sent until the state can be written: {}",
                error.with_hint()
            );
            let since = *since.get_or_insert_with(clock::now);
            // A timer can only be created inside the runtime.
            let pause = async {
                self.wiring.alarm.raise(Stalled::Writing, since, is_busy, &why).await;
                tokio::time::timeout(wait, self.stop.cancelled()).await.ok();
            };
            self.runtime.block_on(pause);
            wait = (wait * 2).min(LAST_RETRY);
        }
    }

    fn written_again(&mut self) {
        tracing::info!("the state can be written again");
        if self.wiring.alarm.clear(Stalled::Writing) {
            self.to_report.push(AgentProblem::StateWrittenAgain);
        }
    }
}
