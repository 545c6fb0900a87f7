//! I/O. The core thread: owns the pipeline, the outbox and the state file.

pub(in crate::agent) mod configuration;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::Duration;

use anyhow::Result;
use jiff::SignedDuration;
use tokio::runtime::Handle;
use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use crate::agent::alarm::Alarm;
use crate::agent::failpoint;
use crate::agent::file_problems::{self, FileProblems};
use crate::agent::progress::Progress;
use crate::agent::reader::Asker;
use crate::agent::setup::{Followed, Setup};
use crate::agent::working_set;
use crate::clock::{self, Timestamp};
use crate::commit::{Commit, StepProblem};
use crate::detection::AgentProblem;
use crate::engine::Library;
use crate::metrics::Counts;
use crate::observe::NodeSnapshot;
use crate::outbox::{Change, Departure, Group, Outbox, Outcome};
use crate::pipeline::Pipeline;
use crate::state::{self, Loaded, Opened, Stalled, Store};
use crate::tail::{Batch, FileProblemReason};

/// Longest sleep, so that a changed clock or a resumed machine is noticed; also the heartbeat
/// interval.
const HEARTBEAT: Duration = Duration::from_secs(30);
const TRIM_EVERY: SignedDuration = SignedDuration::from_hours(6);
/// By then, the startup and the first reading are done.
const TRIM_AFTER: SignedDuration = SignedDuration::from_secs(30);
/// A batch with fewer blocks than this may stay in memory beside the next one.
const FEW: usize = 100;
/// Buffers of blocks are reused if all are at least this large, in bytes.
const LARGE: usize = 128 << 10;
/// Wait before a failed write to the state is retried; doubles each time.
const FIRST_RETRY: Duration = Duration::from_millis(500);
const LAST_RETRY: Duration = Duration::from_secs(30);

/// The state is not what this program wrote, or not the file that it opened. The caller restarts
/// the agent, which checks the state.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the state cannot be trusted; it is checked when the agent restarts")]
pub struct StateDistrusted;

/// Connections to the reader (a permit for each batch, a turn counter, requests) and the alarm.
pub(in crate::agent) struct Wiring {
    pub permits: SyncSender<Vec<Vec<u8>>>,
    pub turns: Arc<AtomicU64>,
    pub reading: Asker,
    pub alarm: Alarm,
}

/// Why the core wakes up.
pub(in crate::agent) enum Wake {
    /// A batch from the reader.
    Batch(Batch),
    Outcome {
        id: String,
        outcome: Outcome,
    },
    Snapshot(NodeSnapshot),
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

/// One card for one channel.
pub(in crate::agent) struct DispatchRequest {
    pub id: String,
    pub channel: String,
    pub created: Timestamp,
    pub card: String,
    pub possible_repeat: bool,
}

pub(in crate::agent) struct Core {
    pipeline: Pipeline,
    library: Option<Library>,
    configuration: Option<Followed>,
    store: Store,
    outbox: Outbox,
    requests: UnboundedSender<DispatchRequest>,
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
    file_problems: FileProblems,
    last_heartbeat: Option<Timestamp>,
    next_trim: Timestamp,
    /// Problems from the startup, to be reported first.
    to_report: Vec<AgentProblem>,
}

impl Core {
    pub(in crate::agent) fn new(
        mut setup: Setup,
        store: Store,
        loaded: &Loaded,
        opened: &Opened,
        requests: UnboundedSender<DispatchRequest>,
        wiring: Wiring,
        stop: CancellationToken,
    ) -> Self {
        let now = clock::now();
        let is_first = loaded.is_blank();
        let mut outbox = Outbox::new(setup.paces());
        outbox.restore(loaded.pending.clone(), &loaded.recent_sends, now);
        for (channel, cards) in outbox.stranded() {
            tracing::warn!(channel, cards, "cards wait for a channel that is not configured");
        }
        let damaged = opened.lost.then(|| how_lost(opened));
        let mut to_report = setup.take_reports();
        to_report.extend(damaged);
        let (library, configuration) = (setup.take_library(), setup.take_configuration());
        let pipeline = setup.pipeline(now, &loaded.book, is_first);
        Self {
            pipeline,
            library,
            configuration,
            store,
            outbox,
            requests,
            waiting: VecDeque::new(),
            reading: ReaderAgreement::default(),
            spent: Vec::new(),
            wiring,
            progress: Progress::new(now),
            is_reading_stuck: false,
            has_positions: false,
            runtime: Handle::current(),
            stop,
            file_problems: FileProblems::default(),
            last_heartbeat: None,
            next_trim: now + TRIM_AFTER,
            to_report,
        }
    }

    /// Runs until all senders are gone.
    pub(in crate::agent) fn run(mut self, wakes: &Receiver<Wake>) -> Result<()> {
        let none = self.file_problems.json();
        self.retry_until_written(|store, _| store.note(file_problems::NOTE, &none))?;
        loop {
            self.report()?;
            self.write_heartbeat()?;
            self.check_configured_files()?;
            self.check_configuration()?;
            self.depart()?;
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
                Ok(Wake::Outcome { id, outcome }) => self.settle(&id, outcome)?,
                Ok(Wake::Snapshot(snapshot)) => {
                    let commit = self.pipeline.apply_snapshot(clock::now(), &snapshot);
                    self.commit(commit)?;
                }
                Err(RecvTimeoutError::Timeout) => {
                    self.ask_for_reading();
                    let behind = self.reading.is_behind;
                    self.step(Batch { behind, ..Batch::default() }, wakes)?;
                }
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        self.store.note("stopped", &clock::now().to_string())?;
        Ok(())
    }

    /// Records that, from now on, no new log line is missed.
    fn note_positions(&mut self) -> Result<()> {
        if std::mem::replace(&mut self.has_positions, true) {
            return Ok(());
        }
        let now = clock::now().to_string();
        self.retry_until_written(|store, _| store.note(state::WATCHING, &now))
    }

    fn report(&mut self) -> Result<()> {
        for problem in std::mem::take(&mut self.to_report) {
            let commit = self.pipeline.report(clock::now(), problem);
            self.commit(commit)?;
        }
        Ok(())
    }

    /// Applies changed patterns and templates between two batches; if they are broken, the current
    /// ones stay.
    fn check_configured_files(&mut self) -> Result<()> {
        let now = clock::now();
        let Some(library) = &mut self.library else { return Ok(()) };
        let (note, problem) = match library.changed(now) {
            None => return Ok(()),
            Some(Err(why)) => (format!("broken: {why}"), Some(AgentProblem::FilesBroken { why })),
            Some(Ok(compiled)) => {
                let logs = library.not_followed(&compiled.detector);
                self.pipeline.adopt(compiled.detector, compiled.renderer);
                (
                    format!("reloaded at {now}"),
                    (!logs.is_empty()).then_some(AgentProblem::RestartNeeded { logs }),
                )
            }
        };
        tracing::info!("patterns and templates: {note}");
        self.retry_until_written(|store, _| store.note("patterns", &note))?;
        let Some(problem) = problem else { return Ok(()) };
        let commit = self.pipeline.report(now, problem);
        self.commit(commit)
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
            self.pipeline.next_wakeup(),
            self.outbox.next_wakeup(now),
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
            self.serve(wakes)?;
        }
        if batch.behind && has_lines && is_large {
            self.spent = batch.blocks.into_iter().map(|block| block.bytes).collect();
        }
        if changed {
            let json = self.file_problems.json();
            self.retry_until_written(|store, _| store.note(file_problems::NOTE, &json))?;
        }
        Ok(())
    }

    /// Lets the reader continue while a batch is processed. For a batch with many blocks, only when
    /// half of it is done, so that two large batches are never in memory together.
    fn permit_reading(&mut self, may: bool) {
        if may && std::mem::take(&mut self.reading.awaits_permit) {
            self.wiring.permits.send(std::mem::take(&mut self.spent)).ok();
        }
    }

    /// Between two parts of a batch, applies outcomes and sends deliveries.
    fn serve(&mut self, wakes: &Receiver<Wake>) -> Result<()> {
        while let Ok(wake) = wakes.try_recv() {
            match wake {
                Wake::Outcome { id, outcome } => self.settle(&id, outcome)?,
                later => self.waiting.push_back(later),
            }
        }
        self.write_heartbeat()?;
        self.depart()
    }

    /// Writes one transaction, then queues its deliveries.
    fn commit(&mut self, commit: Commit) -> Result<()> {
        commit.problems.iter().for_each(log);
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
        for delivery in &commit.deliveries {
            tracing::info!(target: "footman::card", "{}", delivery.summary);
        }
        for entry in commit.history.iter().filter(|entry| entry.what == "suppressed") {
            tracing::debug!(target: "footman::held", "{}: {}", entry.reason, entry.summary);
        }
        self.outbox.add(commit.deliveries);
        Ok(())
    }

    /// Sends everything that may be sent now.
    fn depart(&mut self) -> Result<()> {
        while !self.stop.is_cancelled() {
            let now = clock::now();
            let Some(departure) = self.outbox.next(now) else { break };
            match &departure.group {
                Some(group) => self.depart_together(now, &departure, group)?,
                None => self.depart_alone(departure)?,
            }
        }
        Ok(())
    }

    /// Sends one digest in place of cards that the pace would spread over minutes.
    fn depart_together(
        &mut self,
        now: Timestamp,
        departure: &Departure,
        group: &Group,
    ) -> Result<()> {
        let ids: Vec<&str> = group.named.iter().map(|row| row.id.as_str()).collect();
        let summaries = self.retry_until_written(|store, _| store.summaries(&ids))?;
        let digest = self.pipeline.digest(now, departure, group, &summaries);
        failpoint::pass("departing");
        self.retry_until_written(|store, now| store.depart_together(now, &digest, &group.members))?;
        failpoint::pass("departed");
        tracing::info!(target: "footman::card", "{}", digest.summary);
        let possible_repeat = departure.possible_repeat;
        let (id, channel, created) = (digest.id, digest.channel, digest.created);
        self.requests
            .send(DispatchRequest { id, channel, created, card: digest.payload, possible_repeat })
            .ok();
        Ok(())
    }

    fn depart_alone(&mut self, departure: Departure) -> Result<()> {
        let Departure { id, channel, use_plain, possible_repeat, .. } = departure;
        failpoint::pass("departing");
        let Some(bytes) = self.retry_until_written(|store, now| store.depart(now, &id))? else {
            self.outbox.withdraw(&id);
            return Ok(());
        };
        failpoint::pass("departed");
        let card = if use_plain { bytes.plain } else { bytes.payload };
        let request =
            DispatchRequest { id, channel, created: bytes.created, card, possible_repeat };
        // The dispatcher is gone only if the agent is ending; the card is sent after the restart.
        self.requests.send(request).ok();
        Ok(())
    }

    /// Stores the outcome of a departure.
    fn settle(&mut self, id: &str, outcome: Outcome) -> Result<()> {
        let Some(change) = self.outbox.apply(clock::now(), id, outcome) else { return Ok(()) };
        match &change {
            Change::Accepted { receipt } => tracing::info!(id, receipt, "card accepted"),
            Change::Later { why, next_at, .. } => {
                let zone = self.pipeline.decider.site.timezone.clone();
                let next_at = next_at.to_zoned_datetime(zone).strftime("%Y-%m-%dT%H:%M:%S%:z");
                tracing::warn!(id, "card not accepted, not tried again before {next_at}: {why}");
            }
            Change::Dissolved { why, .. } => {
                tracing::warn!(id, "digest not accepted, its cards are pending again: {why}");
            }
            Change::Dead { why } => {
                tracing::error!(
                    id,
                    "card refused while its channel accepts others, now dead: {why}"
                );
            }
        }
        // Written before the change: after a crash in between, the delivery is pending and counts
        // as unread again.
        let commit = self.pipeline.unread(&self.outbox.take_unread());
        self.commit(commit)?;
        let mut counts = Counts::default();
        counts.add(change.counter(), 1);
        failpoint::pass("settling");
        self.retry_until_written(|store, now| store.settle(now, id, &change, &counts))?;
        failpoint::pass("settled");
        Ok(())
    }

    fn write_heartbeat(&mut self) -> Result<()> {
        let now = clock::now();
        let due = self
            .last_heartbeat
            .is_none_or(|last| now.duration_since(last).unsigned_abs() >= HEARTBEAT);
        if due {
            self.last_heartbeat = Some(now);
            self.check_place()?;
            self.retry_until_written(|store, now| store.note("heartbeat", &now.to_string()))?;
            self.retry_until_written(Store::prune)?;
            self.check_reading(now);
        }
        if now >= self.next_trim {
            self.next_trim = now + TRIM_EVERY;
            working_set::trim();
        }
        Ok(())
    }

    /// Restores a state folder that was deleted. If another process has taken the folder, the agent
    /// ends.
    fn check_place(&mut self) -> Result<()> {
        if self.store.is_in_place() {
            return Ok(());
        }
        match self.store.put_back() {
            Ok(()) => {
                self.wiring.alarm.allocate();
                tracing::warn!(
                    "the state was deleted while Footman was running; it has been restored"
                );
                self.to_report.push(AgentProblem::StatePutBack);
                Ok(())
            }
            Err(error) if error.is_passing() => {
                tracing::error!("the state folder is gone and cannot be restored: {error}");
                Ok(())
            }
            Err(error @ state::Error::InUse { .. }) => Err(error.into()),
            Err(error) => Err(anyhow::Error::from(error).context(StateDistrusted)),
        }
    }

    /// Detects a reader that hangs, for example on a dead share.
    fn check_reading(&mut self, now: Timestamp) {
        let turns = self.wiring.turns.load(Ordering::Relaxed);
        match self.progress.observe(now, turns) {
            Some(since) if !self.is_reading_stuck => {
                self.is_reading_stuck = true;
                let why = "one turn of reading has not ended; a file or folder hangs, such as one \
                           on a share that does not answer";
                tracing::error!("{why}");
                self.wiring.alarm.note(Stalled::Reading, since, why);
                self.to_report.push(AgentProblem::ReadingStuck);
            }
            None if self.is_reading_stuck => {
                self.is_reading_stuck = false;
                self.wiring.alarm.clear(Stalled::Reading);
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
                    since.is_some().then(|| self.written_again());
                    return Ok(value);
                }
                Err(error) => error,
            };
            let (is_passing, is_busy) = (error.is_passing(), error.is_busy());
            let error = anyhow::Error::from(error);
            if !is_passing {
                return Err(error.context(StateDistrusted));
            }
            if self.stop.is_cancelled() {
                return Err(error.context("stopping without writing the state"));
            }
            tracing::error!("nothing is read or sent until the state can be written: {error:#}");
            let since = *since.get_or_insert_with(clock::now);
            let why = format!("{error:#}");
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

fn log(problem: &StepProblem) {
    match problem {
        StepProblem::Card { notice, problem } => tracing::warn!(notice = notice.0, "{problem}"),
        // Few nodes run every service.
        StepProblem::File { reason: FileProblemReason::MissingFolder, path, detail } => {
            tracing::debug!(path = %path.display(), "{detail}");
        }
        StepProblem::File { reason, path, detail } => {
            tracing::warn!(reason = reason.name(), path = %path.display(), "{detail}");
        }
    }
}

fn how_lost(opened: &Opened) -> AgentProblem {
    let kept = opened.damaged.as_ref().map(|kept| kept.display().to_string());
    AgentProblem::StateDamaged { kept }
}
