//! I/O. What the agent adds to the engine: files to follow, channels, monitored machine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use jiff::SignedDuration;

use crate::agent::emergency::Emergency;
use crate::channels;
use crate::clock::Timestamp;
use crate::config::{self, Level, Problem, Settings};
use crate::detect::Detector;
use crate::detection::AgentProblem;
use crate::engine::{Configuration, Engine, Library, MachinePolicy};
use crate::observe::Limits;
use crate::observe::source::{self, NodeProbe, Source};
use crate::outbox::Pace;
use crate::pipeline::Pipeline;
use crate::qlik;
use crate::render::{Site, emergency_notice};
use crate::tail::{Ends, Start, Watch};

/// How often services are checked.
const CHECKED_EVERY: Duration = Duration::from_secs(5);

/// Everything needed to start the agent.
pub struct Setup {
    pub state_dir: PathBuf,
    pub log_root: PathBuf,
    pub start: Start,
    /// Log sizes at program start.
    pub ends: Option<Ends>,
    /// Where reading begins after the state was lost.
    pub on_state_loss: Start,
    /// Whether folders are watched for changes; otherwise changes are found only by polling.
    pub hints: bool,
    /// The state opened well but could not be written: it must be set aside.
    pub distrusts_state: bool,
    engine: Engine,
    library: Option<Library>,
    configuration: Option<Followed>,
    channels: BTreeMap<String, config::Channel>,
    probe: ProbeSetup,
    /// Problems of the agent to be reported first.
    reports: Vec<AgentProblem>,
}

/// A configuration file that is followed, and who takes a changed log level.
pub(in crate::agent) struct Followed {
    pub configuration: Configuration,
    pub set_level: SetLevel,
}

/// Changes how detailed Footman's own log is.
pub type SetLevel = Box<dyn Fn(Level) + Send>;

/// What is monitored besides logs.
struct ProbeSetup {
    services: Source,
    others: Vec<String>,
    /// How often services are checked.
    every: Duration,
    /// Folders whose disks are measured.
    folders: Vec<PathBuf>,
}

impl Setup {
    /// Compiles the settings. Broken or unreadable parts are left out and returned as problems.
    pub fn compile(settings: &Settings, log_root: PathBuf) -> (Self, Vec<Problem>) {
        let (engine, library, problems) = Engine::open(settings);
        let setup = Self {
            state_dir: settings.state_dir.clone(),
            log_root: whole(log_root),
            start: start(settings.start),
            ends: None,
            on_state_loss: start(settings.on_state_loss),
            hints: true,
            distrusts_state: false,
            engine,
            library: Some(library),
            configuration: None,
            channels: settings.channels.clone(),
            probe: probe(settings),
            reports: Vec::new(),
        };
        (setup, problems)
    }

    /// The files to follow.
    pub fn watches(&self) -> Vec<Watch> {
        watches(&self.log_root, &self.engine.detector)
    }

    /// Adds a problem to be reported when the agent starts.
    pub fn report(&mut self, problem: AgentProblem) {
        self.reports.push(problem);
    }

    pub(in crate::agent) fn take_reports(&mut self) -> Vec<AgentProblem> {
        std::mem::take(&mut self.reports)
    }

    /// Lets the agent take up what changes in its configuration file.
    pub fn follow(&mut self, configuration: Configuration, set_level: SetLevel) {
        self.configuration = Some(Followed { configuration, set_level });
    }

    pub(in crate::agent) fn take_configuration(&mut self) -> Option<Followed> {
        self.configuration.take()
    }

    /// The files of patterns and templates, to be checked for changes.
    pub(in crate::agent) fn take_library(&mut self) -> Option<Library> {
        self.library.take()
    }

    /// Monitors these services only, and nothing else of this machine.
    pub fn watch_services(&mut self, services: Source, settle: Duration, every: Duration) {
        self.engine.machine = MachinePolicy {
            settle: SignedDuration::try_from(settle).unwrap_or(SignedDuration::MAX),
            limits: Limits::default(),
            ..self.engine.machine
        };
        self.probe = ProbeSetup { services, others: Vec::new(), every, folders: Vec::new() };
    }

    /// The probe for services and machine, and its interval.
    pub(in crate::agent) fn node_probe(&self) -> (NodeProbe, Duration) {
        let ProbeSetup { services, others, folders, every } = &self.probe;
        let certificates = self.engine.machine.certificates;
        let exported = certificates.map(|_| source::exported(&self.log_root));
        let node = self.site().node.clone();
        (NodeProbe::new(services.clone(), node, others.clone(), folders.clone(), exported), *every)
    }

    /// The description of this node for its cards.
    pub fn site(&self) -> &Site {
        &self.engine.site
    }

    /// Opens all channels.
    pub(in crate::agent) fn open_channels(&self) -> Result<BTreeMap<String, channels::Channel>> {
        let open = |(name, channel): (&String, &config::Channel)| {
            let opened = channels::Channel::open(name, &channel.destination, &self.state_dir);
            Ok((name.clone(), opened.with_context(|| format!("opening channel {name}"))?))
        };
        self.channels.iter().map(open).collect()
    }

    /// The channels for problems of the agent itself, used when the state cannot be written.
    pub(in crate::agent) fn emergency(&self, now: Timestamp) -> Emergency {
        let environment = self.engine.policy.environment.as_deref();
        let notice = emergency_notice(self.site(), now, environment);
        let names = self.engine.router.channels(&notice).into_iter();
        let known = names.filter_map(|name| {
            Some((name.to_owned(), self.channels.get(name)?.destination.clone()))
        });
        let (channels, state_dir) = (known.collect(), self.state_dir.clone());
        Emergency { channels, state_dir, site: self.site().clone() }
    }

    pub(in crate::agent) fn paces(&self) -> BTreeMap<String, Option<Pace>> {
        let paces = self.channels.iter();
        paces.map(|(name, channel)| (name.clone(), channels::pace(channel))).collect()
    }

    /// The pipeline, restored from the stored rows of the ledger.
    pub fn pipeline(
        self,
        now: Timestamp,
        rows: &[(String, String)],
        first_start: bool,
    ) -> Pipeline {
        let since = match self.start {
            Start::Since(age) if first_start => SignedDuration::try_from(age).ok(),
            _ => None,
        };
        let mut pipeline = self.engine.pipeline(rows, since.map(|age| now - age));
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
        services: if settings.watch.services { Source::System } else { Source::Nothing },
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
