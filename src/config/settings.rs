//! Pure. The resolved configuration that the agent starts with.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use jiff::tz::TimeZone;

use crate::config::{
    Level, NodeConfig, PaceConfig, Problem, RouteConfig, StartSetting, Webhook, Written,
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
    /// The problem with a log root that is absent, empty or cannot be listed. It may be temporary,
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
    pub start: StartSetting,
    pub on_state_loss: StartSetting,
    pub patterns: Option<PathBuf>,
    pub templates: Option<PathBuf>,
    /// Channels by name, always with `default`.
    pub channels: BTreeMap<String, Channel>,
    /// Channels whose webhook was refused or cannot be read: they are local only until that is
    /// fixed, not by design.
    pub refused: BTreeSet<String>,
    pub settle: Duration,
    pub repeat: Duration,
    pub routes: Vec<RouteConfig>,
    pub page: Option<SocketAddr>,
    /// What is monitored besides logs.
    pub watch: NodeConfig,
    pub log: LogSettings,
    /// Warnings: logged once at start, and printed by `footman check`.
    pub notes: Vec<String>,
}

/// One destination for cards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    pub destination: Destination,
    pub pace: PaceConfig,
}

/// Where the cards of a channel go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// A Workflows webhook.
    Webhook(Webhook),
    /// A folder of cards on this machine.
    Local,
}

/// The kind of a channel, which decides how much of a notice it receives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChannelKind {
    #[default]
    Teams,
    Local,
}

impl Destination {
    pub fn kind(&self) -> ChannelKind {
        match self {
            Self::Webhook(_) => ChannelKind::Teams,
            Self::Local => ChannelKind::Local,
        }
    }
}

impl fmt::Display for Destination {
    /// Shows nothing secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Webhook(webhook) => write!(f, "Teams webhook at {webhook}"),
            Self::Local => f.write_str("local"),
        }
    }
}

/// Footman's own log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSettings {
    pub folder: PathBuf,
    pub level: Level,
}
