//! I/O. Compiles the settings to packs, templates, routes and policy, without starting an agent.
//!
//! ```text
//! settings ─▶ Library (reads the files, and again when they change) ─▶ Detector, Renderer ─┐
//!     └─────▶ Router, Policy, MachinePolicy, Site ──────────────────────────────────────────┴▶ Engine ─▶ Pipeline
//! ```
//!
//! Log roots, open channels and threads belong to the agent, not here.

mod answers;
mod configuration;
mod library;
mod routes;
mod untranslated;
mod unused;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::SignedDuration;

use crate::clock::Timestamp;
use crate::commit::StoredRows;
use crate::config::limits;
use crate::config::load::read_text;
use crate::config::{Channel, Problem, Settings};
use crate::detect::Detector;
use crate::incident::{IncidentBook, Policy};
use crate::mute::{MaintenanceWindow, Mutes};
use crate::observe::{Certificates, Gauges, Limits, Services, Watched};
use crate::pipeline::{Decider, EscalationRule, Escalations, Pipeline, Recogniser};
use crate::qlik;
use crate::qlik::folders::SCRIPT;
use crate::render::{ChannelForm, Renderer, Site};
use crate::route::Router;

pub use crate::engine::configuration::{Configuration, Reconfigured};
pub use crate::engine::library::{Compiled, Library, Templates, load_packs, notes, packs};
pub use crate::engine::routes::unfillable_matcher;

/// The compiled settings: everything that recognises and decides.
pub struct Engine {
    /// The compiled patterns.
    pub detector: Detector,
    pub router: Router,
    pub windows: Vec<MaintenanceWindow>,
    pub escalations: Vec<EscalationRule>,
    /// Renders the cards.
    pub renderer: Renderer,
    /// How each channel shows cards.
    pub channels: BTreeMap<String, ChannelForm>,
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
        problems.extend(routes::unreachable(settings, &router));
        let (windows, escalations, found) = answers::compile(settings);
        problems.extend(found);
        let (policy, machine, site) = (policy(settings), machine_policy(settings), site(settings));
        let channels = settings.channels.iter();
        let channels = channels.map(|(name, channel)| (name.clone(), form(channel))).collect();
        let engine = Self {
            detector,
            router,
            windows,
            escalations,
            renderer,
            channels,
            policy,
            machine,
            site,
        };
        (engine, library, problems)
    }

    /// The pipeline, restored from the stored rows of the ledger. Records older than `not_before`
    /// are ignored.
    pub fn pipeline(self, rows: &StoredRows, not_before: Option<Timestamp>) -> Pipeline {
        let MachinePolicy { settle, limits, certificates } = self.machine;
        let environment = self.policy.environment.clone();
        let mut pipeline = Pipeline {
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
                language: self.site.language,
                not_before,
            },
            decider: Decider {
                mutes: Mutes::restore(self.windows, rows),
                escalations: Escalations::default(),
                book: IncidentBook::restore(self.policy, rows),
                router: self.router,
                renderer: self.renderer,
                channels: self.channels,
                site: self.site,
                environment,
                doubted_until: None,
            },
        };
        pipeline.decider.set_escalations(self.escalations);
        pipeline
    }
}

fn form(channel: &Channel) -> ChannelForm {
    ChannelForm {
        kind: channel.destination.kind(),
        language: channel.language,
        waits: channel.waiting_card,
    }
}

fn policy(settings: &Settings) -> Policy {
    Policy {
        environment: settings.environment.clone(),
        settle: settings.settle.signed(),
        repeat: settings.repeat.signed(),
    }
}

fn machine_policy(settings: &Settings) -> MachinePolicy {
    let node = &settings.watch;
    let limit = |percent: u8| (percent > 0).then(|| f64::from(percent));
    MachinePolicy {
        settle: node.settle.signed(),
        limits: Limits {
            disk: limit(node.disk),
            memory: limit(node.memory),
            processor: limit(node.processor),
            steady: node.steady.signed(),
        },
        certificates: (!node.certificates.0.is_zero()).then(|| node.certificates.signed()),
    }
}

/// What cards say of the site.
pub fn site(settings: &Settings) -> Site {
    let from_host_cfg = || {
        let text = read_text(settings.host_cfg.as_ref()?, limits::VALUE).ok()?;
        qlik::node::site_url(&text)
    };
    Site {
        url: settings.site_url.clone().or_else(from_host_cfg),
        page: settings.page.url.clone(),
        node: settings.node.clone(),
        scripts: settings.log_root.as_ref().map(|root| root.join(SCRIPT).display().to_string()),
        timezone: settings.timezone.clone(),
        language: settings.language,
        version: env!("CARGO_PKG_VERSION"),
    }
}
