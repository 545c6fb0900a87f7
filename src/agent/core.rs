//! I/O. The core thread: owns the pipeline, the outbox and the state file.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::Duration;

use anyhow::Result;
use jiff::SignedDuration;
use tokio::runtime::Handle;
use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use crate::agent::failpoint;
use crate::agent::library::Library;
use crate::agent::setup::Setup;
use crate::agent::troubles::{self, Troubles};
use crate::agent::working_set;
use crate::clock::{self, Timestamp};
use crate::commit::Commit;
use crate::metrics::Counts;
use crate::observe::Look;
use crate::outbox::{Change, Departure, Group, Outbox, Outcome};
use crate::pipeline::Pipeline;
use crate::state::{self, Loaded, Opened, Store};
use crate::tail::Batch;

/// A changed clock or a resumed machine is noticed within this time; `status` sees a heartbeat.
const HEARTBEAT: Duration = Duration::from_secs(30);
const PRUNE_EVERY: SignedDuration = SignedDuration::from_hours(6);
/// The start and the first reading are over by then.
const TRIM_AFTER: SignedDuration = SignedDuration::from_secs(30);
/// A state file that cannot be written is tried again, ever more rarely.
const FIRST_RETRY: Duration = Duration::from_millis(500);
const LAST_RETRY: Duration = Duration::from_secs(30);

/// Why the core wakes up.
pub(in crate::agent) enum Wake {
    Batch(Batch),
    Outcome { id: String, outcome: Outcome },
    Look(Look),
}

/// One card on its way to one channel.
pub(in crate::agent) struct Load {
    pub id: String,
    pub channel: String,
    pub created: Timestamp,
    pub card: String,
    pub possible_repeat: bool,
}

pub(in crate::agent) struct Core {
    pipeline: Pipeline,
    library: Option<Library>,
    store: Store,
    outbox: Outbox,
    loads: UnboundedSender<Load>,
    /// Memory of the last batch, for the reader to read into.
    spent: Vec<Vec<u8>>,
    permits: SyncSender<Vec<Vec<u8>>>,
    runtime: Handle,
    stop: CancellationToken,
    troubles: Troubles,
    last_heartbeat: Option<Timestamp>,
    last_prune: Option<Timestamp>,
    next_trim: Timestamp,
    /// What the start has to tell, before anything else.
    to_report: Vec<(&'static str, String)>,
}

impl Core {
    pub(in crate::agent) fn new(
        mut setup: Setup,
        store: Store,
        loaded: &Loaded,
        opened: &Opened,
        loads: UnboundedSender<Load>,
        permits: SyncSender<Vec<Vec<u8>>>,
        stop: CancellationToken,
    ) -> Self {
        let now = clock::now();
        let is_first = loaded.is_blank();
        let mut outbox = Outbox::new(setup.paces());
        outbox.restore(loaded.owed.clone(), &loaded.recent_sends, now);
        let damaged = opened.lost.then(|| ("state-damaged", how_lost(opened)));
        let mut to_report = setup.take_reports();
        to_report.extend(damaged);
        let library = setup.take_library();
        let pipeline = setup.pipeline(now, &loaded.book, is_first);
        Self {
            pipeline,
            library,
            store,
            outbox,
            loads,
            spent: Vec::new(),
            permits,
            runtime: Handle::current(),
            stop,
            troubles: Troubles::default(),
            last_heartbeat: None,
            last_prune: None,
            next_trim: now + TRIM_AFTER,
            to_report,
        }
    }

    /// Works until everyone who could wake it has gone.
    pub(in crate::agent) fn run(mut self, wakes: &Receiver<Wake>) -> Result<()> {
        let none = self.troubles.json();
        self.insist(|store, _| store.note(troubles::NOTE, &none))?;
        for (reason, sentence) in std::mem::take(&mut self.to_report) {
            let commit = self.pipeline.report(clock::now(), reason, &sentence);
            self.commit(commit)?;
        }
        loop {
            self.beat()?;
            self.look_at_files()?;
            self.depart()?;
            match wakes.recv_timeout(self.patience()) {
                Ok(Wake::Batch(batch)) => {
                    // Reading may go on while this batch is worked on.
                    self.permits.send(std::mem::take(&mut self.spent)).ok();
                    self.step(batch)?;
                }
                Ok(Wake::Outcome { id, outcome }) => self.settle(&id, outcome)?,
                Ok(Wake::Look(look)) => {
                    let commit = self.pipeline.look(clock::now(), &look);
                    self.commit(commit)?;
                }
                Err(RecvTimeoutError::Timeout) => self.step(Batch::default())?,
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        self.store.note("stopped", &clock::now().to_string())?;
        Ok(())
    }

    /// Patterns and templates that were changed on the disk take effect between two batches; if
    /// they are broken, those at work stay.
    fn look_at_files(&mut self) -> Result<()> {
        let now = clock::now();
        let Some(library) = &mut self.library else { return Ok(()) };
        let (note, trouble) = match library.changed(now) {
            None => return Ok(()),
            Some(Err(why)) => (
                format!("broken: {why}"),
                Some((
                    "files-broken",
                    format!("changed files are broken, those before stay in force: {why}"),
                )),
            ),
            Some(Ok(compiled)) => {
                let logs = library.not_followed(&compiled.detector).join(", ");
                self.pipeline.adopt(compiled.detector, compiled.renderer);
                let restart =
                    format!("patterns ask for {logs}, which is followed after the next start");
                (
                    format!("taken over at {now}"),
                    (!logs.is_empty()).then_some(("restart-needed", restart)),
                )
            }
        };
        tracing::info!("patterns and templates: {note}");
        self.insist(|store, _| store.note("patterns", &note))?;
        let Some((reason, sentence)) = trouble else { return Ok(()) };
        let commit = self.pipeline.report(now, reason, &sentence);
        self.commit(commit)
    }

    /// How long there is nothing to do, if nobody wakes us.
    fn patience(&self) -> Duration {
        let now = clock::now();
        let look = self.library.as_ref().and_then(Library::next_look);
        let wakeups = [self.pipeline.next_wakeup(), self.outbox.next_wakeup(now), look];
        let until = |at: Timestamp| Duration::try_from(at.duration_since(now)).unwrap_or_default();
        wakeups.into_iter().flatten().map(until).min().unwrap_or(HEARTBEAT).min(HEARTBEAT)
    }

    fn step(&mut self, mut batch: Batch) -> Result<()> {
        let now = clock::now();
        let changed = self.troubles.fold(now, &batch);
        let has_lines = !batch.blocks.is_empty();
        if has_lines {
            failpoint::pass("read");
        }
        let commit = self.pipeline.step(now, &mut batch);
        if has_lines {
            failpoint::pass("matched");
        }
        self.commit(commit)?;
        if has_lines {
            failpoint::pass("committed");
        }
        if batch.behind {
            self.spent = batch.blocks.into_iter().map(|block| block.bytes).collect();
        }
        if changed {
            let json = self.troubles.json();
            self.insist(|store, _| store.note(troubles::NOTE, &json))?;
        }
        Ok(())
    }

    /// One transaction; what it owes is queued only afterwards.
    fn commit(&mut self, commit: Commit) -> Result<()> {
        if commit.is_empty() {
            return Ok(());
        }
        let owes = !commit.deliveries.is_empty();
        if owes {
            failpoint::pass("card-made");
        }
        self.insist(|store, now| store.commit(now, &commit))?;
        if owes {
            failpoint::pass("card-owed");
        }
        for delivery in &commit.deliveries {
            tracing::info!(target: "footman::card", "{}", delivery.summary);
        }
        self.outbox.add(commit.deliveries);
        Ok(())
    }

    /// Lets everything leave that may.
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

    /// Makes one card of what the pace of a channel would spread over minutes.
    fn depart_together(
        &mut self,
        now: Timestamp,
        departure: &Departure,
        group: &Group,
    ) -> Result<()> {
        let ids: Vec<&str> = group.named.iter().map(|row| row.id.as_str()).collect();
        let summaries = self.insist(|store, _| store.summaries(&ids))?;
        let digest = self.pipeline.digest(now, departure, group, &summaries);
        failpoint::pass("departing");
        self.insist(|store, now| store.depart_together(now, &digest, &group.members))?;
        failpoint::pass("departed");
        tracing::info!(target: "footman::card", "{}", digest.summary);
        let possible_repeat = departure.possible_repeat;
        let (id, channel, created) = (digest.id, digest.channel, digest.created);
        self.loads.send(Load { id, channel, created, card: digest.payload, possible_repeat }).ok();
        Ok(())
    }

    fn depart_alone(&mut self, departure: Departure) -> Result<()> {
        let Departure { id, channel, use_plain, possible_repeat, .. } = departure;
        failpoint::pass("departing");
        let Some(bytes) = self.insist(|store, now| store.depart(now, &id))? else {
            self.outbox.withdraw(&id);
            return Ok(());
        };
        failpoint::pass("departed");
        let card = if use_plain { bytes.plain } else { bytes.payload };
        let load = Load { id, channel, created: bytes.created, card, possible_repeat };
        // The courier is gone only when the agent is ending; the card leaves after the restart.
        self.loads.send(load).ok();
        Ok(())
    }

    /// Keeps what became of a departure, then forgets it.
    fn settle(&mut self, id: &str, outcome: Outcome) -> Result<()> {
        let Some(change) = self.outbox.apply(clock::now(), id, outcome) else { return Ok(()) };
        match &change {
            Change::Accepted { receipt } => tracing::info!(id, receipt, "card accepted"),
            Change::Later { why, next_at, .. } => {
                tracing::warn!(id, %next_at, "card not accepted, tried again later: {why}");
            }
            Change::Dissolved { why, .. } => {
                tracing::warn!(id, "digest not accepted, its cards are pending again: {why}");
            }
            Change::Dead { why } => {
                tracing::error!(
                    id,
                    "card refused while its channel takes others, set aside: {why}"
                );
            }
        }
        let mut counts = Counts::default();
        counts.add(change.counter(), 1);
        failpoint::pass("settling");
        self.insist(|store, now| store.settle(now, id, &change, &counts))?;
        failpoint::pass("settled");
        Ok(())
    }

    fn beat(&mut self) -> Result<()> {
        let now = clock::now();
        let due = self
            .last_heartbeat
            .is_none_or(|last| now.duration_since(last).unsigned_abs() >= HEARTBEAT);
        if due {
            self.last_heartbeat = Some(now);
            self.insist(|store, now| store.note("heartbeat", &now.to_string()))?;
        }
        if self.last_prune.is_none_or(|last| now.duration_since(last) >= PRUNE_EVERY) {
            self.last_prune = Some(now);
            self.insist(Store::prune)?;
        }
        if now >= self.next_trim {
            self.next_trim = now + PRUNE_EVERY;
            working_set::trim();
        }
        Ok(())
    }

    /// Writes until it succeeds. Meanwhile nothing is read and nothing leaves: the files keep
    /// what we have not, so a full disk loses nothing.
    fn insist<T>(
        &mut self,
        mut write: impl FnMut(&mut Store, Timestamp) -> Result<T, state::Error>,
    ) -> Result<T> {
        let mut wait = FIRST_RETRY;
        loop {
            let error = match write(&mut self.store, clock::now()) {
                Ok(value) => return Ok(value),
                Err(error) => anyhow::Error::from(error),
            };
            if self.stop.is_cancelled() {
                return Err(error.context("stopping with the state not written"));
            }
            tracing::error!("nothing is read or sent until the state can be written: {error:#}");
            // A timer can only be made inside the runtime.
            let pause = async { tokio::time::timeout(wait, self.stop.cancelled()).await.ok() };
            self.runtime.block_on(pause);
            wait = (wait * 2).min(LAST_RETRY);
        }
    }
}

fn how_lost(opened: &Opened) -> String {
    let what = match &opened.damaged {
        Some(kept) => format!("was damaged; it is kept as {}", kept.display()),
        None => "was gone or empty".to_owned(),
    };
    format!(
        "the state file {what} and a new one was begun: reading begins where on-state-loss says, \
         some cards may be repeated"
    )
}
