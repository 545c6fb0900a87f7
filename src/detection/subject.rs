//! Pure. The subject of a problem.

use serde::{Deserialize, Serialize};

use crate::detection::{AppId, CloudPart, Facts, PatternId, Role, TaskId};

/// The subject of a problem: its incidents end together, and it is part of the fingerprint.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// The runs of a task of any type.
    Task(TaskId),
    /// The reloads of an app without a known task.
    Reload(AppId),
    /// One run of an unknown task and app, by its key.
    Run(String),
    /// One key of a pattern on one node.
    Node {
        host: String,
        pattern: PatternId,
        key: String,
    },
    /// A Windows service, by its short name.
    Service {
        host: String,
        name: String,
    },
    Gauge {
        host: String,
        gauge: GaugeName,
    },
    /// A certificate, by its subject and issuer.
    Certificate {
        host: String,
        subject: String,
        issuer: String,
    },
    /// The agent itself.
    Agent {
        host: String,
    },
    /// A part of the agent whose problems have an end that the agent observes.
    AgentPart {
        host: String,
        part: AgentPart,
    },
    /// A part of a tenant of Qlik Cloud, which has a name of its own in the configuration.
    Cloud {
        tenant: String,
        part: CloudPart,
    },
}

/// A part of the agent that can be observed to work again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AgentPart {
    /// A channel, by its name: it accepted a card.
    Channel(String),
    /// The reader: its pass has ended.
    Reading,
}

/// A measured value of a machine.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GaugeName {
    /// The disk that holds this folder.
    Disk(String),
    Memory,
    Processor,
}

impl Subject {
    /// The task or app of a run: its success ends the run's incidents.
    pub fn of_run(facts: &Facts) -> Option<Self> {
        let task = facts.task_id.clone();
        let task = task.or_else(|| facts.task_name.as_deref().map(TaskId::from));
        task.map(Self::Task).or_else(|| facts.app_id.clone().map(Self::Reload))
    }

    /// The subject of a pattern's key on the node that wrote the row; without a key, of the pattern.
    pub fn of_node(facts: &Facts, pattern: &PatternId, key: Option<&str>) -> Self {
        let key = key.unwrap_or(pattern).to_owned();
        let host = facts.host.clone().unwrap_or_default();
        Self::Node { host, pattern: pattern.clone(), key }
    }

    pub(crate) fn of_row(
        role: Role,
        facts: &Facts,
        pattern: &PatternId,
        key: Option<&str>,
    ) -> Self {
        let of_run = if role == Role::Standalone { None } else { Self::of_run(facts) };
        of_run.unwrap_or_else(|| Self::of_node(facts, pattern, key))
    }

    /// Whether its end is always observed: its incidents are kept until then, and hold back their
    /// consequences for as long.
    pub fn end_is_observed(&self) -> bool {
        match self {
            Self::Service { .. } | Self::Gauge { .. } | Self::Certificate { .. } => true,
            Self::Cloud { part, .. } => !matches!(part, CloudPart::App(_) | CloudPart::Lists),
            _ => false,
        }
    }

    /// Whether anything ends its problems, seen or not: a success, or that it is well again.
    pub fn has_end(&self) -> bool {
        match self {
            Self::Node { .. } | Self::Agent { .. } => false,
            Self::Cloud { part, .. } => !matches!(part, CloudPart::Lists),
            _ => true,
        }
    }

    /// Whether it is in a tenant of Qlik Cloud, where the site has no part.
    pub fn is_in_cloud(&self) -> bool {
        matches!(self, Self::Cloud { .. })
    }

    /// Whether rows of logs report it.
    pub fn is_logged(&self) -> bool {
        matches!(self, Self::Task(_) | Self::Reload(_) | Self::Run(_) | Self::Node { .. })
    }

    /// Whether successful runs end its problems.
    pub fn is_run(&self) -> bool {
        let is_of_node = matches!(self, Self::Task(_) | Self::Reload(_) | Self::Run(_));
        is_of_node || matches!(self, Self::Cloud { part: CloudPart::App(_), .. })
    }

    /// Whether it has runs that can be distinguished from those of others.
    pub fn is_named_run(&self) -> bool {
        let is_of_node = matches!(self, Self::Task(_) | Self::Reload(_));
        is_of_node || matches!(self, Self::Cloud { part: CloudPart::App(_), .. })
    }

    /// Its part of the fingerprint. The prefixes must not change.
    pub fn identity(&self) -> String {
        match self {
            Self::Task(id) => format!("task/{id}"),
            Self::Reload(app) => format!("app/{app}"),
            Self::Run(key) => format!("run/{key}"),
            Self::Node { host, pattern, key } => format!("node/{host}/{pattern}/{key}"),
            Self::Service { host, name } => format!("service/{host}/{name}"),
            Self::Gauge { host, gauge } => format!("gauge/{host}/{}", gauge.name()),
            Self::Certificate { host, subject, issuer } => {
                format!("certificate/{host}/{subject}/{issuer}")
            }
            Self::Agent { host } => format!("agent/{host}"),
            Self::AgentPart { host, part: AgentPart::Channel(name) } => {
                format!("channel/{host}/{name}")
            }
            Self::AgentPart { host, part: AgentPart::Reading } => format!("reading/{host}"),
            Self::Cloud { tenant, part: CloudPart::App(app) } => {
                format!("cloud/{tenant}/app/{app}")
            }
            Self::Cloud { tenant, part: CloudPart::Task(task) } => {
                format!("cloud/{tenant}/task/{task}")
            }
            Self::Cloud { tenant, part: CloudPart::Polling } => format!("cloud/{tenant}/polling"),
            Self::Cloud { tenant, part: CloudPart::Key } => format!("cloud/{tenant}/key"),
            Self::Cloud { tenant, part: CloudPart::Lists } => format!("cloud/{tenant}/lists"),
            Self::Cloud { tenant, part: CloudPart::List(list) } => {
                format!("cloud/{tenant}/list/{}", list.name())
            }
        }
    }
}

impl GaugeName {
    /// `disk/C:\\`, `memory`, `processor`.
    pub fn name(&self) -> String {
        match self {
            Self::Disk(folder) => format!("disk/{folder}"),
            Self::Memory => "memory".to_owned(),
            Self::Processor => "processor".to_owned(),
        }
    }
}
