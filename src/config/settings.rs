//! Pure. The resolved configuration that the agent starts with.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use jiff::tz::TimeZone;
use url::Url;

use crate::config::{
    EscalationConfig, Language, Level, MaintenanceConfig, NodeConfig, PaceConfig, PageConfig,
    Period, PingUrl, Problem, RouteConfig, SettingsNote, StartSetting, Tenant, Webhook, Written,
};

/// The resolved configuration.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The configuration file; its text is empty if there is none.
    pub written: Written,
    pub environment: Option<String>,
    /// Whether the environment is set in the file, not by a variable or an option.
    pub environment_is_written: bool,
    /// `None` if none is configured and this machine is not a Qlik node.
    pub log_root: Option<PathBuf>,
    /// The problem with a log root that is absent, empty or cannot be read. It may be temporary,
    /// as with a share that is mounted late.
    pub absent: Option<Problem>,
    /// The problem with a log root that has other content.
    pub foreign: Option<Problem>,
    /// `Host.cfg` beside the log root, if it exists: the site's name, as base64.
    pub host_cfg: Option<PathBuf>,
    pub state_dir: PathBuf,
    /// The name of this machine.
    pub node: String,
    /// Without a trailing slash.
    pub site_url: Option<String>,
    pub timezone: TimeZone,
    /// Of cards, the page and the report.
    pub language: Language,
    pub start: StartSetting,
    pub on_state_loss: StartSetting,
    pub patterns: Option<PathBuf>,
    pub templates: Option<PathBuf>,
    /// Channels by name, always with `default`.
    pub channels: BTreeMap<String, Channel>,
    /// Tenants of Qlik Cloud by name.
    pub tenants: BTreeMap<String, Tenant>,
    /// Channels whose webhook was refused or cannot be read: they are local until that is fixed,
    /// not by design.
    pub refused: BTreeSet<String>,
    /// The problems of webhooks and other secrets, which matter only to those who use them.
    pub secret_problems: Vec<Problem>,
    /// The files that webhooks and authorities of channels were read from.
    pub channel_files: Vec<PathBuf>,
    pub settle: Period,
    pub repeat: Period,
    pub routes: Vec<RouteConfig>,
    pub maintenance: Vec<MaintenanceConfig>,
    pub escalation: Vec<EscalationConfig>,
    /// How long history and incidents that ended are kept.
    pub keep: Period,
    /// The local page; its files are absolute or relative to the folder of the program.
    pub page: PageConfig,
    pub heartbeat: Heartbeat,
    /// What is monitored besides logs.
    pub watch: NodeConfig,
    pub log: LogSettings,
    /// Warnings: logged once at start, and printed by `footman check`.
    pub notes: Vec<SettingsNote>,
}

impl Settings {
    /// The languages of the node and of its channels.
    pub fn languages(&self) -> BTreeSet<Language> {
        let of_channels = self.channels.values().map(|channel| channel.language);
        of_channels.chain([self.language]).collect()
    }
}

/// One destination for cards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    pub destination: Destination,
    /// The webhook that replaces the one of the destination, used once that one is refused.
    pub next: Option<Webhook>,
    pub connection: Connection,
    /// The destination of its cards while it is unavailable.
    pub fallback: Option<FallbackTo>,
    /// The language of its cards.
    pub language: Language,
    /// Templates that take precedence over those of the node.
    pub templates: Option<PathBuf>,
    /// Whether its flow waits until somebody takes a card, so that cards have a button for that.
    pub waiting_card: bool,
    pub pace: PaceConfig,
}

/// Another channel, and how long the first one must have been unavailable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FallbackTo {
    pub channel: String,
    pub after: Duration,
}

/// How a channel is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Connection {
    /// Without a user name and a password; `None` is the proxy of the machine.
    pub proxy: Option<Url>,
    /// Certificates (DER) of authorities that are trusted besides those of the machine.
    pub authorities: Vec<Vec<u8>>,
}

/// Where the cards of a channel go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// A Workflows webhook.
    Webhook(Webhook),
    /// The webhook of a flow that Footman wrote, which keeps threads.
    Flow(Webhook),
    /// A folder of cards on this machine.
    Local,
}

named! {
    /// The kind of a channel, which decides how much of a notice it receives.
    #[derive(Default)]
    pub enum ChannelKind {
        /// The webhook of a workflow from a template: each card is a message.
        #[default]
        Teams => "teams",
        /// The webhook of a flow that Footman wrote: one incident is one thread.
        Flow => "flow",
        /// A folder on this machine.
        Local => "local",
    }
}

impl Destination {
    /// The webhook; a local channel has none.
    pub fn webhook(&self) -> Option<&Webhook> {
        match self {
            Self::Webhook(webhook) | Self::Flow(webhook) => Some(webhook),
            Self::Local => None,
        }
    }

    pub fn kind(&self) -> ChannelKind {
        match self {
            Self::Webhook(_) => ChannelKind::Teams,
            Self::Flow(_) => ChannelKind::Flow,
            Self::Local => ChannelKind::Local,
        }
    }
}

impl fmt::Display for Destination {
    /// Shows no secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Webhook(webhook) => write!(f, "Teams webhook at {webhook}"),
            Self::Flow(webhook) => write!(f, "Teams flow with threads at {webhook}"),
            Self::Local => f.write_str("local"),
        }
    }
}

/// Requests and cards that show that the agent is alive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heartbeat {
    /// The dead man's switch; `None` if none is configured or its address was refused.
    pub url: Option<PingUrl>,
    /// The time between two requests.
    pub every: Duration,
    /// The time between two cards; `None` is off.
    pub card_every: Option<Period>,
}

/// Footman's own log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSettings {
    pub folder: PathBuf,
    pub level: Level,
}
