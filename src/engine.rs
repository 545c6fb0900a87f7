//! I/O. Compiles the settings to packs, templates, routes and policy, without starting an agent.
//!
//! ```text
//! settings ─▶ Library (reads the files, and again when they change) ─▶ Detector, Renderer ─┐
//!     └─────▶ Router, Policy, MachinePolicy, Site ──────────────────────────────────────────┴▶ Engine ─▶ Pipeline
//! ```
//!
//! Log roots, open channels and threads belong to the agent, not here.

mod configuration;
mod library;
mod routes;
mod unused;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::SignedDuration;

use crate::clock::Timestamp;
use crate::config::load::{limits, read_text};
use crate::config::{Channel, ChannelKind, Problem, Settings};
use crate::detect::Detector;
use crate::incident::{IncidentBook, Policy};
use crate::observe::{Certificates, Gauges, Limits, Services, Watched};
use crate::pipeline::{Decider, Pipeline, Recogniser};
use crate::qlik;
use crate::render::{Renderer, Site};
use crate::route::Router;

pub use crate::engine::configuration::{Configuration, Reconfigured};
pub use crate::engine::library::{Compiled, Library, load_packs, notes, packs};

/// The compiled settings: everything that recognises and decides.
pub struct Engine {
    /// The compiled patterns.
    pub detector: Detector,
    pub router: Router,
    /// Renders the cards.
    pub renderer: Renderer,
    /// The kind of each channel.
    pub channels: BTreeMap<String, ChannelKind>,
    pub policy: Policy,
    pub machine: MachinePolicy,
    /// The site's values for cards.
    pub site: Site,
}

/// When observations of services and of the machine open an incident.
#[derive(Clone, Copy, Debug)]
pub struct MachinePolicy {
    /// How long a stop or a start of a service must last.
    pub settle: SignedDuration,
    pub limits: Limits,
    /// How long before its expiry a certificate is reported; `None` disables the check.
    pub certificates: Option<SignedDuration>,
}

impl Engine {
    /// Compiles the settings. Broken or unreadable parts are left out and reported as problems.
    pub fn compile(settings: &Settings) -> (Self, Vec<Problem>) {
        let (engine, _, problems) = Self::open(settings);
        (engine, problems)
    }

    /// The same, with the library of pattern and template files.
    pub fn open(settings: &Settings) -> (Self, Library, Vec<Problem>) {
        let (library, Compiled { detector, renderer }, mut problems) = Library::open(settings);
        let (router, found) = Router::compile(&settings.written, &settings.routes);
        problems.extend(found);
        let (policy, machine, site) = (policy(settings), machine_policy(settings), site(settings));
        let channels = settings.channels.iter();
        let kind =
            |(name, channel): (&String, &Channel)| (name.clone(), channel.destination.kind());
        let channels = channels.map(kind).collect();
        let engine = Self { detector, router, renderer, channels, policy, machine, site };
        (engine, library, problems)
    }

    /// The pipeline, restored from the stored rows of the ledger. Records older than `not_before`
    /// are ignored.
    pub fn pipeline(self, rows: &[(String, String)], not_before: Option<Timestamp>) -> Pipeline {
        let MachinePolicy { settle, limits, certificates } = self.machine;
        let environment = self.policy.environment.clone();
        Pipeline {
            recogniser: Recogniser {
                detector: self.detector,
                watched: Watched::restore(
                    Services::new(settle),
                    Gauges::new(limits),
                    Certificates::new(certificates),
                    rows,
                ),
                environment: environment.as_deref().map(Arc::from),
                node: self.site.node.clone(),
                not_before,
            },
            decider: Decider {
                book: IncidentBook::restore(self.policy, rows),
                router: self.router,
                renderer: self.renderer,
                channels: self.channels,
                site: self.site,
                environment,
            },
        }
    }
}

fn policy(settings: &Settings) -> Policy {
    Policy {
        environment: settings.environment.clone(),
        settle: signed(settings.settle),
        repeat: signed(settings.repeat),
    }
}

fn machine_policy(settings: &Settings) -> MachinePolicy {
    let node = &settings.watch;
    let limit = |percent: u8| (percent > 0).then(|| f64::from(percent));
    MachinePolicy {
        settle: signed(node.settle.0),
        limits: Limits {
            disk: limit(node.disk),
            memory: limit(node.memory),
            processor: limit(node.processor),
            steady: signed(node.steady.0),
        },
        certificates: (!node.certificates.0.is_zero()).then(|| signed(node.certificates.0)),
    }
}

fn signed(duration: std::time::Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
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
