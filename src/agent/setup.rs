//! I/O. What the agent adds to the engine: files to follow, channels, monitored machine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use jiff::SignedDuration;

use crate::agent::desk::{Desk, Requests, desk};
use crate::agent::emergency::Emergency;
use crate::agent::heartbeat::HeartbeatPing;
use crate::agent::page_note::PageNote;
use crate::agent::pulse::Pulse;
use crate::channels;
use crate::clock::{self, Timestamp};
use crate::cloud::TenantSource;
use crate::commit::StoredRows;
use crate::config::{self, ChannelKind, FallbackTo, Level, Period, Problem, Settings};
use crate::detect::Detector;
use crate::detection::AgentProblem;
use crate::engine::{Configuration, Engine, Library, MachinePolicy};
use crate::observe::Limits;
use crate::observe::source::{self, NodeProbe, SnapshotSource};
use crate::outbox::{Fallback, Pace};
use crate::pipeline::Pipeline;
use crate::qlik;
use crate::render::Site;
use crate::state::StateLock;
use crate::tail::{FileEnds, Start, Watch};

/// How often services are checked.
const CHECKED_EVERY: Duration = Duration::from_secs(5);

/// Everything needed to start the agent.
pub struct Setup {
    pub state_dir: PathBuf,
    /// `None` if only tenants of Qlik Cloud are watched.
    pub log_root: Option<PathBuf>,
    pub start: Start,
    /// How long history is kept.
    pub keep: SignedDuration,
    /// Log sizes at program start.
    pub ends: Option<FileEnds>,
    /// Where reading begins after the state was lost.
    pub on_state_loss: Start,
    /// Whether folders are watched for changes; otherwise changes are found only by polling.
    pub hints: bool,
    /// The state could be opened but not written: it must be set aside.
    pub distrusts_state: bool,
    /// The lock of the state folder, if it is taken already.
    pub lock: Option<StateLock>,
    engine: Engine,
    library: Option<Library>,
    configuration: Option<FollowedConfiguration>,
    channels: BTreeMap<String, config::Channel>,
    tenants: BTreeMap<String, config::Tenant>,
    /// How long a card waits for records that explain it.
    settle: Duration,
    probe: ProbeSetup,
    /// Problems of the agent to be reported first.
    reports: Vec<AgentProblem>,
    pulse: Arc<Pulse>,
    heartbeat: config::Heartbeat,
    requests: Option<Requests>,
    /// Where the local page is served, or why it is not, for `status`.
    pub page: PageNote,
}

/// A configuration file that is followed, and the function that applies a changed log level.
pub(crate) struct FollowedConfiguration {
    pub configuration: Configuration,
    pub set_level: SetLevel,
}

/// Changes the level of Footman's own log.
pub type SetLevel = Box<dyn Fn(Level) + Send>;

/// What is monitored besides logs.
struct ProbeSetup {
    services: SnapshotSource,
    others: Vec<String>,
    /// How often services are checked.
    every: Duration,
    /// Folders whose disks are measured.
    folders: Vec<PathBuf>,
}

impl Setup {
    /// Compiles the settings. Broken or unreadable parts are left out and returned as problems.
    pub fn compile(
        settings: &Settings,
        log_root: impl Into<Option<PathBuf>>,
    ) -> (Self, Vec<Problem>) {
        let (engine, library, problems) = Engine::open(settings);
        let setup = Self {
            state_dir: settings.state_dir.clone(),
            log_root: log_root.into().map(whole),
            start: start(settings.start),
            keep: settings.keep.signed(),
            ends: None,
            on_state_loss: start(settings.on_state_loss),
            hints: true,
            distrusts_state: false,
            lock: None,
            engine,
            library: Some(library),
            configuration: None,
            channels: settings.channels.clone(),
            tenants: settings.tenants.clone(),
            settle: settings.settle.0,
            probe: probe(settings),
            reports: Vec::new(),
            pulse: Arc::new(Pulse::new(clock::now(), settings.channels.keys().cloned())),
            heartbeat: settings.heartbeat.clone(),
            requests: None,
            page: PageNote::default(),
        };
        (setup, problems)
    }

    /// The files to follow.
    pub fn watches(&self) -> Vec<Watch> {
        let root = self.log_root.as_deref();
        root.map(|root| watches(root, &self.engine.detector)).unwrap_or_default()
    }

    /// The tenants of Qlik Cloud, each continuing from the stored rows.
    pub(crate) fn tenants(&self, rows: &StoredRows) -> Result<Vec<(String, TenantSource)>> {
        let open = |(name, tenant): (&String, &config::Tenant)| {
            let source = TenantSource::new(name, tenant, self.settle, rows);
            let source = source.map_err(|why| anyhow::anyhow!("opening tenant {name}: {why}"))?;
            Ok((name.clone(), source))
        };
        self.tenants.iter().map(open).collect()
    }

    /// Adds a problem to be reported when the agent starts.
    pub fn report(&mut self, problem: AgentProblem) {
        self.reports.push(problem);
    }

    /// Opens the desk for commands of this process. The page checks the page key first.
    pub fn open_desk(&mut self) -> Desk {
        let (desk, requests) = desk();
        self.requests = Some(requests);
        desk
    }

    pub(crate) fn take_requests(&mut self) -> Option<Requests> {
        self.requests.take()
    }

    /// What the agent publishes about itself while it runs.
    pub fn pulse(&self) -> Arc<Pulse> {
        Arc::clone(&self.pulse)
    }

    /// The requests to a dead man's switch, if one is configured.
    pub(crate) fn take_heartbeat(&mut self) -> Option<HeartbeatPing> {
        let url = self.heartbeat.url.take()?;
        Some(HeartbeatPing { url, every: self.heartbeat.every, pulse: self.pulse() })
    }

    /// The time between two heartbeat cards; `None` is off.
    pub(crate) fn card_every(&self) -> Option<SignedDuration> {
        self.heartbeat.card_every.map(Period::signed)
    }

    pub(crate) fn take_reports(&mut self) -> Vec<AgentProblem> {
        std::mem::take(&mut self.reports)
    }

    /// Lets the agent apply changes of its configuration file.
    pub fn follow(&mut self, configuration: Configuration, set_level: SetLevel) {
        self.configuration = Some(FollowedConfiguration { configuration, set_level });
    }

    pub(crate) fn take_configuration(&mut self) -> Option<FollowedConfiguration> {
        self.configuration.take()
    }

    /// The files of patterns and templates, to be checked for changes.
    pub(crate) fn take_library(&mut self) -> Option<Library> {
        self.library.take()
    }

    /// Monitors these services only, and nothing else of this machine.
    pub fn watch_services(&mut self, services: SnapshotSource, settle: Period, every: Duration) {
        self.engine.machine = MachinePolicy {
            settle: settle.signed(),
            limits: Limits::default(),
            ..self.engine.machine
        };
        self.probe = ProbeSetup { services, others: Vec::new(), every, folders: Vec::new() };
    }

    /// The probe for services and machine, and its interval.
    pub(crate) fn node_probe(&self) -> (NodeProbe, Duration) {
        let ProbeSetup { services, others, folders, every } = &self.probe;
        let certificates = self.engine.machine.certificates;
        let exported = certificates.and(self.log_root.as_deref()).map(source::exported);
        let node = self.site().node.clone();
        (NodeProbe::new(services.clone(), node, others.clone(), folders.clone(), exported), *every)
    }

    /// The description of this node for its cards.
    pub fn site(&self) -> &Site {
        &self.engine.site
    }

    /// Opens all channels.
    pub(crate) fn open_channels(&self) -> Result<BTreeMap<String, channels::OpenChannel>> {
        let open = |(name, channel): (&String, &config::Channel)| {
            let opened = channels::OpenChannel::open(name, channel, &self.state_dir);
            Ok((name.clone(), opened.with_context(|| format!("opening channel {name}"))?))
        };
        self.channels.iter().map(open).collect()
    }

    /// The channels for problems of the agent itself, used when the state cannot be written.
    pub(crate) fn emergency(&self) -> Emergency {
        let channels = self.channels.iter();
        Emergency {
            channels: channels.map(|(name, it)| (name.clone(), it.clone())).collect(),
            router: self.engine.router.clone(),
            environment: self.engine.policy.environment.clone(),
            state_dir: self.state_dir.clone(),
            site: self.site().clone(),
        }
    }

    pub(crate) fn paces(&self) -> BTreeMap<String, Option<Pace>> {
        let paces = self.channels.iter();
        paces.map(|(name, channel)| (name.clone(), channels::pace(channel))).collect()
    }

    /// The channels that keep threads.
    pub(crate) fn threaded(&self) -> Vec<String> {
        let threaded = |(name, channel): (&String, &config::Channel)| {
            (channel.destination.kind() == ChannelKind::Flow).then(|| name.clone())
        };
        self.channels.iter().filter_map(threaded).collect()
    }

    pub(crate) fn fallbacks(&self) -> BTreeMap<String, Fallback> {
        let fallback = |(name, channel): (&String, &config::Channel)| {
            let FallbackTo { channel, after } = channel.fallback.clone()?;
            Some((name.clone(), Fallback { to: channel, after }))
        };
        self.channels.iter().filter_map(fallback).collect()
    }

    /// The pipeline, restored from the stored rows of the ledger.
    pub fn pipeline(self, now: Timestamp, rows: &StoredRows, first_start: bool) -> Pipeline {
        let since = match self.start {
            Start::Since(age) if first_start => Some(Period(age).signed()),
            _ => None,
        };
        let since = since.map(|age| now.saturating_sub(age).unwrap_or(Timestamp::MIN));
        let mut pipeline = self.engine.pipeline(rows, since);
        pipeline.decider.book.resume(now);
        pipeline
    }
}

/// The files below a log root that the patterns need.
pub fn watches(log_root: &Path, detector: &Detector) -> Vec<Watch> {
    qlik::watches(&whole(log_root.to_owned()), detector.logs())
}

/// Hints have absolute paths and would never match a relative root.
fn whole(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}

/// Converts the setting to the tailer's type.
fn start(written: config::StartSetting) -> Start {
    match written {
        config::StartSetting::End => Start::End,
        config::StartSetting::Beginning => Start::Beginning,
        config::StartSetting::Since(period) => Start::Since(period.0),
    }
}

fn probe(settings: &Settings) -> ProbeSetup {
    ProbeSetup {
        services: if settings.watch.services {
            SnapshotSource::System
        } else {
            SnapshotSource::Nothing
        },
        others: settings.watch.others.to_vec(),
        every: CHECKED_EVERY,
        folders: measured(settings),
    }
}

/// Folders whose disks or shares are measured. The log root is in the data folder of Qlik Sense.
pub fn measured(settings: &Settings) -> Vec<PathBuf> {
    let more = settings.watch.folders.iter().map(PathBuf::from);
    settings.log_root.iter().chain([&settings.state_dir]).cloned().chain(more).collect()
}
