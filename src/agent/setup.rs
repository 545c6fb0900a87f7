//! I/O. From settings to a pipeline that is ready to run; the same for `run`, `check` and `demo`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use jiff::SignedDuration;

use crate::agent::emergency::Emergency;
use crate::agent::library::{Compiled, Library};
use crate::clock::Timestamp;
use crate::config::load::{limits, read_text};
use crate::config::{self, Destination, Problem, Settings};
use crate::deliver::{self, LocalFolder, Sender, Timeouts};
use crate::detect::Detector;
use crate::detection::AgentProblem;
use crate::incident::{IncidentBook, Policy};
use crate::observe::source::{self, Eye, Source};
use crate::observe::{Certificates, Gauges, Limits, Services, Watched};
use crate::outbox::Pace;
use crate::pipeline::{Decider, Pipeline, Recogniser};
use crate::qlik;
use crate::render::{Renderer, Site, emergency_notice};
use crate::route::Router;
use crate::tail::{Ends, Start, Watch};

/// A local channel keeps so many cards.
const LOCAL_CARDS_KEPT: usize = 500;

/// How often services are looked at.
const LOOKED_EVERY: Duration = Duration::from_secs(5);

/// Everything compiled from the settings.
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
    channels: BTreeMap<String, Channel>,
    library: Option<Library>,
    detector: Detector,
    router: Router,
    renderer: Renderer,
    policy: Policy,
    watch: NodeWatch,
    site: Site,
    /// What the agent reports about itself before anything else.
    reports: Vec<AgentProblem>,
}

/// What is watched besides logs.
struct NodeWatch {
    services: Source,
    others: Vec<String>,
    /// How long a stop or a start must last before it is said.
    settle: SignedDuration,
    /// How often services are looked at.
    every: Duration,
    limits: Limits,
    /// The folders whose disks are measured.
    folders: Vec<PathBuf>,
    /// How long before its end a certificate is told; `None` is not watched.
    certificates: Option<SignedDuration>,
}

/// One place where cards go.
#[derive(Clone, Debug)]
pub(in crate::agent) struct Channel {
    destination: Destination,
    /// `None` for a local folder, which takes everything at once.
    pace: Option<Pace>,
}

impl Setup {
    /// Compiles the settings. Whatever is broken or cannot be read is left out and named in the
    /// problems.
    pub fn compile(settings: &Settings, log_root: PathBuf) -> (Self, Vec<Problem>) {
        let (library, Compiled { detector, renderer }, mut problems) = Library::open(settings);
        let (router, found) = Router::compile(&settings.written, &settings.routes);
        problems.extend(found);
        let setup = Self {
            state_dir: settings.state_dir.clone(),
            log_root: whole(log_root),
            start: start(settings.start),
            ends: None,
            on_state_loss: start(settings.on_state_loss),
            hints: true,
            distrusts_state: false,
            channels: settings
                .channels
                .iter()
                .map(|(name, from)| (name.clone(), from.into()))
                .collect(),
            library: Some(library),
            detector,
            router,
            renderer,
            policy: policy(settings),
            watch: node_watch(settings),
            site: site(settings),
            reports: Vec::new(),
        };
        (setup, problems)
    }

    /// The files to follow: the logs that the patterns ask for.
    pub fn watches(&self) -> Vec<Watch> {
        qlik::watches(&self.log_root, self.detector.logs())
    }

    /// Lets the agent tell something about itself when it starts.
    pub fn report(&mut self, problem: AgentProblem) {
        self.reports.push(problem);
    }

    pub(in crate::agent) fn take_reports(&mut self) -> Vec<AgentProblem> {
        std::mem::take(&mut self.reports)
    }

    /// The files that patterns and templates are read from, to be looked at again.
    pub(in crate::agent) fn take_library(&mut self) -> Option<Library> {
        self.library.take()
    }

    /// Watches services only, and nothing else of this machine.
    pub fn watch_services(&mut self, services: Source, settle: Duration, every: Duration) {
        self.watch = NodeWatch {
            services,
            others: Vec::new(),
            settle: SignedDuration::try_from(settle).unwrap_or(SignedDuration::MAX),
            every,
            limits: Limits::default(),
            folders: Vec::new(),
            certificates: self.watch.certificates,
        };
    }

    /// What looks at services and machines, and how often it does.
    pub(in crate::agent) fn eye(&self) -> (Eye, Duration) {
        let NodeWatch { services, others, folders, every, certificates, .. } = &self.watch;
        let exported = certificates.map(|_| source::exported(&self.log_root));
        let node = self.site.node.clone();
        (Eye::new(services.clone(), node, others.clone(), folders.clone(), exported), *every)
    }

    /// What the cards of this node say about it.
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// Draws the cards.
    pub fn renderer(&self) -> &Renderer {
        &self.renderer
    }

    /// Knows the patterns.
    pub fn detector(&self) -> &Detector {
        &self.detector
    }

    /// Opens all channels.
    pub fn open_channels(&self) -> Result<BTreeMap<String, deliver::Channel>> {
        let open = |name: &String| Ok((name.clone(), self.open_channel(name)?));
        self.channels.keys().map(open).collect()
    }

    /// Opens one channel.
    pub fn open_channel(&self, name: &str) -> Result<deliver::Channel> {
        let channel = self.channels.get(name);
        let channel = channel.with_context(|| format!("unknown channel `{name}`"))?;
        channel.open(name, &self.state_dir).with_context(|| format!("opening channel {name}"))
    }

    /// The channels that hear of the agent itself, for when the state cannot be written.
    pub(in crate::agent) fn emergency(&self, now: Timestamp) -> Emergency {
        let notice = emergency_notice(&self.site, now, self.policy.environment.as_deref());
        let names = self.router.channels(&notice).into_iter();
        let known =
            names.filter_map(|name| Some((name.to_owned(), self.channels.get(name)?.clone())));
        let (channels, state_dir) = (known.collect(), self.state_dir.clone());
        Emergency { channels, state_dir, site: self.site.clone() }
    }

    pub(in crate::agent) fn paces(&self) -> BTreeMap<String, Option<Pace>> {
        self.channels.iter().map(|(name, channel)| (name.clone(), channel.pace)).collect()
    }

    /// The middle of the agent, with the incident book as it was stored.
    pub fn pipeline(
        self,
        now: Timestamp,
        book: &[(String, String)],
        first_start: bool,
    ) -> Pipeline {
        let since = match self.start {
            Start::Since(age) if first_start => SignedDuration::try_from(age).ok(),
            _ => None,
        };
        let mut incidents = IncidentBook::restore(self.policy.clone(), book);
        incidents.resume(now);
        let environment = self.policy.environment.clone();
        let watched = Watched::restore(
            Services::new(self.watch.settle),
            Gauges::new(self.watch.limits),
            Certificates::new(self.watch.certificates),
            book,
        );
        Pipeline {
            recogniser: Recogniser {
                detector: self.detector,
                watched,
                environment: environment.as_deref().map(Arc::from),
                node: self.site.node.clone(),
                not_before: since.map(|age| now - age),
            },
            decider: Decider {
                book: incidents,
                router: self.router,
                renderer: self.renderer,
                site: self.site,
                environment,
            },
        }
    }
}

impl Channel {
    pub(in crate::agent) fn open(&self, name: &str, state_dir: &Path) -> Result<deliver::Channel> {
        Ok(match &self.destination {
            Destination::Webhook(webhook) => {
                deliver::Channel::Teams(Sender::new(webhook.clone(), Timeouts::default())?)
            }
            Destination::Local => {
                let folder = local_folder(state_dir, name);
                deliver::Channel::Local(LocalFolder::new(folder, LOCAL_CARDS_KEPT))
            }
        })
    }
}

impl From<&crate::config::Channel> for Channel {
    fn from(channel: &crate::config::Channel) -> Self {
        let pace = Pace {
            burst: channel.pace.burst,
            every: channel.pace.every.0,
            share: channel.pace.share,
        };
        let local = channel.destination == Destination::Local;
        Self { destination: channel.destination.clone(), pace: (!local).then_some(pace) }
    }
}

/// Where the cards of a local channel are kept.
pub fn local_folder(state_dir: &Path, channel: &str) -> PathBuf {
    state_dir.join("cards").join(channel)
}

/// Hints name whole paths: a relative root would never meet them.
fn whole(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}

/// The operator's word for where to begin, as the tailer's.
fn start(written: config::Start) -> Start {
    match written {
        config::Start::End => Start::End,
        config::Start::Beginning => Start::Beginning,
        config::Start::Since(period) => Start::Since(period.0),
    }
}

fn policy(settings: &Settings) -> Policy {
    let duration = |period| SignedDuration::try_from(period).unwrap_or(SignedDuration::MAX);
    Policy {
        environment: settings.environment.clone(),
        settle: duration(settings.settle),
        repeat: duration(settings.repeat),
    }
}

fn node_watch(settings: &Settings) -> NodeWatch {
    let node = &settings.watch;
    let limit = |percent: u8| (percent > 0).then(|| f64::from(percent));
    let duration = |period| SignedDuration::try_from(period).unwrap_or(SignedDuration::MAX);
    NodeWatch {
        services: if node.services { Source::System } else { Source::Nothing },
        others: node.others.to_vec(),
        settle: duration(node.settle.0),
        every: LOOKED_EVERY,
        limits: Limits {
            disk: limit(node.disk),
            memory: limit(node.memory),
            processor: limit(node.processor),
            steady: duration(node.steady.0),
        },
        folders: measured(settings),
        certificates: (!node.certificates.0.is_zero()).then(|| duration(node.certificates.0)),
    }
}

/// Folders whose disks or shares are measured. The logs stand in the data folder of Qlik Sense.
pub fn measured(settings: &Settings) -> Vec<PathBuf> {
    let more = settings.watch.folders.iter().map(PathBuf::from);
    settings.log_root.iter().chain([&settings.state_dir]).cloned().chain(more).collect()
}

fn site(settings: &Settings) -> Site {
    let from_host_cfg = || {
        let text = read_text(settings.host_cfg.as_ref()?, limits::VALUE).ok()?;
        qlik::node::site_url(&text)
    };
    Site {
        url: settings.site_url.clone().or_else(from_host_cfg),
        node: settings.node.clone(),
        timezone: settings.timezone.clone(),
        version: env!("CARGO_PKG_VERSION"),
    }
}
