//! Pure. The contents of `footman.toml`, one to one, and the problems in it.
//!
//! ```text
//!  text ─▶ parse ─▶ Config ─▶ check ─▶ load ─▶ Settings
//!            └─ Problem ───────┴─ Problem ┴─ Problem      all of them, not the first
//! ```
//!
//! Only `load` touches the disk and the environment.

mod changes;
mod check;
mod check_cloud;
mod file_origin;
mod fill;
mod key_form;
pub mod keys;
mod language;
pub mod limits;
mod listen;
pub mod load;
mod log_root_fault;
mod match_key;
mod mention;
mod near;
mod page_url;
mod parse;
mod period;
mod ping;
mod problem;
mod routes;
mod secret_source;
mod settings;
mod settings_note;
mod system_error;
pub(crate) mod tables;
mod tenant;
#[cfg(test)]
mod tests;
mod webhook;
pub mod worded;
mod words;
mod written;

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::WeekSchedule;

pub use changes::{changed_keys, is_live};
pub use check::{MOST_ROUTES, is_name};
pub use file_origin::FileOrigin;
pub use fill::{Fill, fill};
pub use key_form::KeyForm;
pub use language::Language;
pub use listen::Listen;
pub use log_root_fault::LogRootFault;
pub use match_key::MatchKey;
pub use mention::Mention;
pub use near::nearest;
pub use page_url::{is_loopback_host, page_url_fault};
pub use period::{OnStateLoss, Period, StartSetting};
pub use ping::{PingRefusal, PingUrl};
pub use problem::{Problem, ProblemKind};
pub use routes::{MOST_LEVELS, RoutePlace, all_routes};
pub use secret_source::{SecretSource, Which};
pub use settings::{
    Channel, ChannelKind, Connection, Destination, FallbackTo, Heartbeat, LogSettings, Settings,
};
pub use settings_note::SettingsNote;
pub use system_error::{SystemError, SystemErrorKind};
pub use tenant::{Credentials, Secret, SecretPlace, Tenant};
pub use webhook::{Caution, Webhook, WebhookRefusal};
pub use words::StringList;
pub use written::Written;

/// The commented `footman.toml` that `footman init` writes. With every line commented out, it is
/// equivalent to no file.
pub const EXAMPLE: &str = include_str!("../packaging/footman.toml");

/// The channel that always exists.
pub const DEFAULT_CHANNEL: &str = "default";
/// The variable that holds the webhook URL of the default channel.
pub const DEFAULT_WEBHOOK: &str = "FOOTMAN_TEAMS_WEBHOOK";

/// `footman.toml` as written: nothing is derived or looked up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Config {
    /// Shown on every card, and a matcher in routes. Default: none.
    pub environment: Option<String>,
    /// The folder `Log` of Qlik Sense. Default: detected automatically on a Qlik node.
    pub log_root: Option<PathBuf>,
    /// Where positions, incidents and pending cards are kept. Default: the platform's path.
    pub state_dir: Option<PathBuf>,
    /// Where people open Qlik Sense, for links. Default: the name in `Host.cfg`.
    pub site_url: Option<String>,
    /// IANA name of the zone that times are shown in. Default: the machine's zone.
    pub timezone: Option<String>,
    /// The language of cards, the page and the report. Default: English.
    pub language: Language,
    /// Where reading begins in files that exist at the very first start. Default: at their end.
    pub start: StartSetting,
    /// Where reading begins after a damaged state was set aside. Default: one hour back.
    pub on_state_loss: OnStateLoss,
    /// A folder of patterns that add to the built-in ones or replace them. Default: `patterns`
    /// beside this file, if it exists.
    pub patterns: Option<PathBuf>,
    /// A folder of card templates that replace the built-in ones. Default: `templates` beside
    /// this file, if it exists.
    pub templates: Option<PathBuf>,
    /// Channels by name. `default` exists even if the file has no channel.
    pub channel: BTreeMap<String, ChannelConfig>,
    /// Tenants of Qlik Cloud by name.
    pub cloud: BTreeMap<String, CloudConfig>,
    pub incident: IncidentConfig,
    /// In order: the first matching route wins.
    pub route: Vec<RouteConfig>,
    pub maintenance: Vec<MaintenanceConfig>,
    pub escalation: Vec<EscalationConfig>,
    pub history: HistoryConfig,
    pub page: PageConfig,
    pub heartbeat: HeartbeatConfig,
    pub node: NodeConfig,
    pub log: LogConfig,
}

impl Config {
    /// Parses and checks the text. Everything that could be read is returned, despite problems.
    pub fn parse(written: &Written) -> (Self, Vec<Problem>) {
        let (config, mut problems) = parse::parse(written);
        problems.extend(check::check(&config, written));
        problems.sort_by_key(|problem| problem.span.start);
        problems.truncate(limits::PROBLEMS);
        (config, problems)
    }
}

/// `[channel.NAME]`: one destination for cards. Without a webhook it is local.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct ChannelConfig {
    /// Default: `teams` with a webhook, `local` without.
    pub kind: Option<ChannelKind>,
    /// The environment variable that holds the webhook URL. Default: none.
    pub webhook_env: Option<String>,
    /// The file that holds the webhook URL and nothing else. Default: none.
    pub webhook_file: Option<PathBuf>,
    /// The name of the stored secret that is the webhook URL. Default: none.
    pub webhook_secret: Option<String>,
    /// The same for the URL that replaces it. Default: none.
    pub webhook_env_next: Option<String>,
    pub webhook_file_next: Option<PathBuf>,
    pub webhook_secret_next: Option<String>,
    /// The proxy to this channel. Default: that of the machine.
    pub proxy: Option<String>,
    /// A PEM file with authorities that are trusted besides those of the machine. Default: none.
    pub ca_file: Option<PathBuf>,
    /// The channel that gets its cards while it is unavailable. Default: none.
    pub fallback: Option<String>,
    /// How long it must have been unavailable. Default: 15 min.
    pub fallback_after: Option<Period>,
    /// The language of its cards. Default: that of the node.
    pub language: Option<Language>,
    /// A folder of card templates that come before those of the node. Default: none.
    pub templates: Option<PathBuf>,
    /// Whether its flow waits until somebody takes a card. Default: no.
    pub waiting_card: bool,
    pub pace: PaceConfig,
}

/// `[cloud.NAME]`: one tenant of Qlik Cloud whose reloads are watched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct CloudConfig {
    /// The address at which people open the tenant. Required.
    pub tenant_url: Option<String>,
    /// The environment variable that holds an API key. Default: none.
    pub api_key_env: Option<String>,
    /// The file that holds an API key and nothing else. Default: none.
    pub api_key_file: Option<PathBuf>,
    /// The name of the stored secret that is an API key. Default: none.
    pub api_key_secret: Option<String>,
    /// The id of an OAuth client, in place of an API key. Default: none.
    pub client_id: Option<String>,
    /// The environment variable that holds the client's secret. Default: none.
    pub client_secret_env: Option<String>,
    /// The file that holds the client's secret and nothing else. Default: none.
    pub client_secret_file: Option<PathBuf>,
    /// The name of the stored secret that is the client's secret. Default: none.
    pub client_secret_secret: Option<String>,
    /// The time between two polls. Default: 30 s.
    pub every: Period,
    /// Where polling begins at the very first start. Default: at its end, which is now.
    pub start: StartSetting,
}

impl Default for CloudConfig {
    fn default() -> Self {
        Self {
            tenant_url: None,
            api_key_env: None,
            api_key_file: None,
            api_key_secret: None,
            client_id: None,
            client_secret_env: None,
            client_secret_file: None,
            client_secret_secret: None,
            every: Period(Duration::from_secs(30)),
            start: StartSetting::default(),
        }
    }
}

/// Teams accepts this many posts, replies and updates of one connection of a flow within
/// `FLOW_LIMITED`.
const MOST_OF_FLOW: u32 = 25;
const FLOW_LIMITED: Duration = Duration::from_mins(5);

/// The posting rate of a channel. Teams accepts 25 posts in 300 s from one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct PaceConfig {
    /// Number of cards that may be sent at once. Default: 4.
    pub burst: NonZeroU32,
    /// The time between two cards after a burst. Default: 15 s.
    pub every: Period,
    /// Number of nodes that post to the same webhook; each takes its share. Default: 1.
    pub share: NonZeroU32,
}

impl Default for PaceConfig {
    fn default() -> Self {
        Self {
            burst: NonZeroU32::MIN.saturating_add(3),
            every: Period(Duration::from_secs(15)),
            share: NonZeroU32::MIN,
        }
    }
}

impl PaceConfig {
    /// The same, but never more than Teams accepts from a flow that keeps threads: every message of
    /// a thread counts.
    pub(crate) fn of_flow(self) -> Self {
        let burst = self.burst.get().min(MOST_OF_FLOW - 1);
        // The messages after the burst within that time.
        let slowest = Period(FLOW_LIMITED / (MOST_OF_FLOW - burst));
        let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
        let every = if self.every.0 < slowest.0 { slowest } else { self.every };
        Self { burst, every, ..self }
    }

    /// What Teams would not accept from a flow that keeps threads.
    pub(crate) fn caution_of_flow(self) -> Option<FlowCaution> {
        let kept = self.of_flow();
        if kept != self {
            return Some(FlowCaution::Slowed(kept));
        }
        let is_shared_by_too_many = self.share.get() >= MOST_OF_FLOW;
        is_shared_by_too_many.then_some(FlowCaution::Shared(self.share))
    }
}

/// Why the pace of a flow that keeps threads is more than Teams accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowCaution {
    /// Its cards leave at this pace instead.
    Slowed(PaceConfig),
    /// So many nodes share the flow.
    Shared(NonZeroU32),
}

impl fmt::Display for FlowCaution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limit = format!("Teams takes {MOST_OF_FLOW} messages of a flow in 300 s");
        match self {
            Self::Slowed(PaceConfig { burst, every, .. }) => {
                let seconds = every.0.as_millis().div_ceil(1000);
                let pace = format!("burst {burst}, every {seconds} s");
                write!(f, "{limit}, which its pace exceeds: cards leave at {pace}")
            }
            Self::Shared(nodes) => write!(f, "{nodes} nodes share it, but {limit}"),
        }
    }
}

/// `[incident]`: when an incident is reported, and when it is reported again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct IncidentConfig {
    /// How long a failed reload waits for its script log. At most 15 s. Default: 3 s.
    pub settle: Period,
    /// How long further failures of an open incident are only counted. Default: 4 h.
    pub repeat: Period,
}

impl Default for IncidentConfig {
    fn default() -> Self {
        Self { settle: Period(Duration::from_secs(3)), repeat: Period(Duration::from_hours(4)) }
    }
}

/// One `[[route]]`: matching notices go to these channels. The routes within it refine it: the
/// first of them that matches decides, and takes missing keys from this one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct RouteConfig {
    /// The conditions of the route. Default: every notice matches.
    #[serde(rename = "match")]
    pub matches: MatchConfig,
    /// One channel or several. Default: those of the route around it.
    pub channel: StringList,
    /// Whether the routes below are evaluated too. Default: no.
    #[serde(rename = "continue")]
    pub continues: bool,
    /// When the route applies. Default: always.
    pub when: Option<WeekSchedule>,
    /// IANA name of the zone of `when`. Default: that of the route around it, else `timezone`.
    pub timezone: Option<String>,
    /// The people whom its cards mention. Default: those of the route around it.
    pub mention: Option<StringList>,
    /// Routes within this one.
    pub route: Vec<RouteConfig>,
}

/// One `[[maintenance]]`: a recurring silence.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct MaintenanceConfig {
    /// Its name on cards and in lists. Required and unique.
    pub name: String,
    /// When the window is open. Required.
    pub when: Option<WeekSchedule>,
    /// IANA name of the zone of `when`. Default: `timezone`.
    pub timezone: Option<String>,
    /// What it holds back. Default: everything except security.
    #[serde(rename = "match")]
    pub matches: MatchConfig,
    /// Why. Default: empty.
    pub reason: String,
}

/// One `[[escalation]]`: the destination of incidents that nobody has acknowledged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct EscalationConfig {
    /// What is escalated. Default: everything.
    #[serde(rename = "match")]
    pub matches: MatchConfig,
    /// The time after the first card. Required.
    pub after: Option<Period>,
    /// The channel that it is escalated to. Required.
    pub channel: String,
    /// The people whom its card mentions. Default: nobody.
    pub mention: StringList,
}

/// `[history]`: how long past events can be looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct HistoryConfig {
    /// How long history and incidents that ended are kept. Default: 90 d.
    pub keep: Period,
}

impl Default for HistoryConfig {
    fn default() -> Self {
        Self { keep: Period(Duration::from_hours(90 * 24)) }
    }
}

/// The matchers of a route: every given matcher must match, and any of its words is enough.
///
/// A word is exact, a glob with `*` and `?`, or a regex between slashes. Exact words and globs
/// ignore case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct MatchConfig {
    pub kind: StringList,
    pub severity: StringList,
    pub environment: StringList,
    /// Name or id of the app.
    pub app: StringList,
    /// Name or id of the task.
    pub task: StringList,
    pub stream: StringList,
    /// The tenant of Qlik Cloud, by its name in this file.
    pub tenant: StringList,
    /// The space of the app in its tenant.
    pub space: StringList,
    /// A tag of the app in its tenant.
    pub tag: StringList,
    /// The node that wrote the row.
    pub node: StringList,
    /// `DIRECTORY\user`.
    pub user: StringList,
    /// The class of the error that ended a reload.
    pub error_class: StringList,
    /// The data connection that a script opened last before it failed.
    pub connection: StringList,
    /// The id of the pattern.
    pub pattern: StringList,
}

impl MatchConfig {
    /// Every matcher with its key, in the order of the documentation.
    pub fn all(&self) -> [(MatchKey, &StringList); 14] {
        [
            (MatchKey::Kind, &self.kind),
            (MatchKey::Severity, &self.severity),
            (MatchKey::Environment, &self.environment),
            (MatchKey::App, &self.app),
            (MatchKey::Task, &self.task),
            (MatchKey::Stream, &self.stream),
            (MatchKey::Tenant, &self.tenant),
            (MatchKey::Space, &self.space),
            (MatchKey::Tag, &self.tag),
            (MatchKey::Node, &self.node),
            (MatchKey::User, &self.user),
            (MatchKey::ErrorClass, &self.error_class),
            (MatchKey::Connection, &self.connection),
            (MatchKey::Pattern, &self.pattern),
        ]
    }

    /// Whether the route has no matcher, so that every notice matches.
    pub fn is_empty(&self) -> bool {
        self.all().iter().all(|(_, words)| words.is_empty())
    }
}

/// `[page]`: the local web page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct PageConfig {
    /// Address and port; empty is off. Default: `127.0.0.1:8640`.
    pub listen: Listen,
    /// The address at which people reach the page. With it, cards have a link. Default: none.
    pub url: Option<String>,
    /// The PEM file with the certificate, for an address that other machines can reach. Default: none.
    pub certificate: Option<PathBuf>,
    /// The PEM file with the certificate's private key. Default: none.
    pub key: Option<PathBuf>,
}

impl PageConfig {
    /// Why nothing is served: an address that other machines can reach needs TLS. The only place
    /// that decides this.
    pub fn unserved(&self) -> Option<String> {
        let address = self.listen.beyond_loopback()?;
        let missing = match (&self.certificate, &self.key) {
            (Some(_), Some(_)) => return None,
            (None, None) => "page.certificate and page.key",
            (None, Some(_)) => "page.certificate",
            (Some(_), None) => "page.key",
        };
        Some(format!(
            "page.listen is {address}, which other machines can reach, without {missing}: \
             nothing is served there without TLS; name PEM files, or write a loopback address such \
             as \"127.0.0.1:8640\", with a reverse proxy before it if others need it"
        ))
    }
}

/// `[heartbeat]`: requests and cards that show that the agent is alive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct HeartbeatConfig {
    /// The environment variable that holds the address of the dead man's switch. Default: none.
    pub url_env: Option<String>,
    /// The file that holds this address and nothing else. Default: none.
    pub url_file: Option<PathBuf>,
    /// The time between two requests. Default: 1 min.
    pub every: Period,
    /// The time between two cards; 0 is off. Default: 30 d.
    pub card_every: Period,
}

impl Default for HeartbeatConfig {
    fn default() -> Self {
        Self {
            url_env: None,
            url_file: None,
            every: Period(Duration::from_mins(1)),
            card_every: Period(Duration::from_hours(30 * 24)),
        }
    }
}

/// `[node]`: what is monitored besides logs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct NodeConfig {
    /// Whether the services of Qlik Sense are monitored. Default: yes.
    pub services: bool,
    /// Other machines whose services are monitored from here. Default: none.
    pub others: StringList,
    /// How long a stop or a start of a service must last before it is reported. Default: 30 s.
    pub settle: Period,
    /// More folders whose disks or shares are measured. Default: none.
    pub folders: StringList,
    /// Disk usage, in percent, above which a card is sent; 0 is off. Default: 90.
    pub disk: u8,
    /// Memory usage, in percent, above which a card is sent; 0 is off. Default: 95.
    pub memory: u8,
    /// Processor usage, in percent, above which a card is sent; 0 is off. Default: 95.
    pub processor: u8,
    /// How long a value must stay above its limit. Default: 10 min.
    pub steady: Period,
    /// How long before a certificate expires a card is sent; 0 is off. Default: 30 d.
    pub certificates: Period,
}

impl Default for NodeConfig {
    fn default() -> Self {
        Self {
            services: true,
            others: StringList::default(),
            settle: Period(Duration::from_secs(30)),
            folders: StringList::default(),
            disk: 90,
            memory: 95,
            processor: 95,
            steady: Period(Duration::from_mins(10)),
            certificates: Period(Duration::from_hours(30 * 24)),
        }
    }
}

/// `[log]`: Footman's own log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct LogConfig {
    /// Default: `log` beside the state folder.
    pub folder: Option<PathBuf>,
    /// Default: info.
    pub level: Level,
}

/// How detailed Footman's own log is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    Error,
    Warn,
    #[default]
    Info,
    Debug,
    Trace,
}

impl Level {
    /// The level as log filters spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}
