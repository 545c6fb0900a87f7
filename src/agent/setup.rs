//! I/O. What the agent adds to the engine: the files to follow, the channels, and what looks at the machine.

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

/// How often services are looked at.
const LOOKED_EVERY: Duration = Duration::from_secs(5);

/// Everything that the agent starts from.
pub struct Setup {
    pub state_dir: PathBuf,
    pub log_root: PathBuf,
    pub start: Start,
    /// Where the logs ended when the program began.
    pub ends: Option<Ends>,
    /// Where reading begins after a damaged state was set aside.
    pub on_state_loss: Start,
    /// Whether folders are watched for changes; without, everything is only found later.
    pub hints: bool,
    /// The state could not be written though it opened well: it is set aside.
    pub distrusts_state: bool,
    engine: Engine,
    library: Option<Library>,
    configuration: Option<Followed>,
    channels: BTreeMap<String, config::Channel>,
    probe: ProbeSetup,
    /// What the agent reports about itself before anything else.
    reports: Vec<AgentProblem>,
}

/// A configuration file that is followed, and who takes a changed log level.
pub(in crate::agent) struct Followed {
    pub configuration: Configuration,
    pub set_level: SetLevel,
}

/// Changes how detailed Footman's own log is.
pub type SetLevel = Box<dyn Fn(Level) + Send>;

/// What is looked at besides logs.
struct ProbeSetup {
    services: Source,
    others: Vec<String>,
    /// How often services are looked at.
    every: Duration,
    /// The folders whose disks are measured.
    folders: Vec<PathBuf>,
}

impl Setup {
    /// Compiles the settings. Whatever is broken or cannot be read is left out and named in the
    /// problems.
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

    /// Lets the agent tell something about itself when it starts.
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

    /// The files that patterns and templates are read from, to be looked at again.
    pub(in crate::agent) fn take_library(&mut self) -> Option<Library> {
        self.library.take()
    }

    /// Watches services only, and nothing else of this machine.
    pub fn watch_services(&mut self, services: Source, settle: Duration, every: Duration) {
        self.engine.machine = MachinePolicy {
            settle: SignedDuration::try_from(settle).unwrap_or(SignedDuration::MAX),
            limits: Limits::default(),
            ..self.engine.machine
        };
        self.probe = ProbeSetup { services, others: Vec::new(), every, folders: Vec::new() };
    }

    /// What looks at services and machines, and how often it does.
    pub(in crate::agent) fn node_probe(&self) -> (NodeProbe, Duration) {
        let ProbeSetup { services, others, folders, every } = &self.probe;
        let certificates = self.engine.machine.certificates;
        let exported = certificates.map(|_| source::exported(&self.log_root));
        let node = self.site().node.clone();
        (NodeProbe::new(services.clone(), node, others.clone(), folders.clone(), exported), *every)
    }

    /// What the cards of this node say about it.
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

    /// The channels that hear of the agent itself, for when the state cannot be written.
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

    /// The middle of the agent, with the rows of the ledger as they were stored.
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

/// The files to follow below a log root: the logs that the patterns ask for.
pub fn watches(log_root: &Path, detector: &Detector) -> Vec<Watch> {
    qlik::watches(&whole(log_root.to_owned()), detector.logs())
}

/// Hints name whole paths: a relative root would never meet them.
fn whole(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}

/// The operator's word for where to begin, as the tailer's.
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
        every: LOOKED_EVERY,
        folders: measured(settings),
    }
}

/// Folders whose disks or shares are measured. The logs stand in the data folder of Qlik Sense.
pub fn measured(settings: &Settings) -> Vec<PathBuf> {
    let more = settings.watch.folders.iter().map(PathBuf::from);
    settings.log_root.iter().chain([&settings.state_dir]).cloned().chain(more).collect()
}
