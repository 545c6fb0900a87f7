//! Pure. The resolved configuration: what the agent starts from.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use jiff::tz::TimeZone;

use crate::config::{
    Level, NodeConfig, PaceConfig, Problem, RouteConfig, StartSetting, Webhook, Written,
};

/// What the agent starts from.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The file that was read; an empty text when there was none.
    pub written: Written,
    pub environment: Option<String>,
    /// Whether it stands in the file, and not in a variable or an option.
    pub environment_is_written: bool,
    /// `None` when nothing was written and this machine is no Qlik node.
    pub log_root: Option<PathBuf>,
    /// What is wrong with a log root that is absent, empty or cannot be listed: that may pass, as
    /// for a share that is mounted late.
    pub absent: Option<Problem>,
    /// What is wrong with a log root that holds something else.
    pub foreign: Option<Problem>,
    /// `Host.cfg` beside the log root, if it is there: the site's name, as base64.
    pub host_cfg: Option<PathBuf>,
    pub state_dir: PathBuf,
    /// The name of this machine.
    pub node: String,
    /// Without a slash at its end.
    pub site_url: Option<String>,
    pub timezone: TimeZone,
    pub start: StartSetting,
    pub on_state_loss: StartSetting,
    pub patterns: Option<PathBuf>,
    pub templates: Option<PathBuf>,
    /// By name; `default` is always among them.
    pub channels: BTreeMap<String, Channel>,
    /// Channels whose webhook was refused or cannot be read: they are local in the meantime, and not
    /// by design.
    pub refused: BTreeSet<String>,
    pub settle: Duration,
    pub repeat: Duration,
    pub routes: Vec<RouteConfig>,
    pub page: Option<SocketAddr>,
    /// What is watched besides logs.
    pub watch: NodeConfig,
    pub log: LogSettings,
    /// Warnings: logged once at start, and printed by `footman check`.
    pub notes: Vec<String>,
}

/// One place where cards go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    pub destination: Destination,
    pub pace: PaceConfig,
}

/// What stands behind a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// A Workflows webhook.
    Webhook(Webhook),
    /// A folder of cards on this machine.
    Local,
}

/// What a channel is: what it gets of a notice depends on it.
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
    /// Without anything secret.
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
