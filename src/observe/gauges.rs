//! Pure. From what was measured of a machine to shortages: disks that fill, memory, processor.
//!
//! A shortage begins when a value stays above its limit, and ends when it stays clearly below:
//! what swings around the limit is told once.

use std::sync::Arc;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::commit::RowChange;
use crate::detect::{Detection, Facts, Kind, Role, Severity, Terms};
use crate::ledger::{Row, Table, TableName};

/// So many points below its limit a value is well again.
const WELL_BELOW: f64 = 5.0;
/// The pattern of a shortage.
const SHORT: &str = "node-short";

/// One value of a machine at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct Gauge {
    pub what: What,
    /// Percent in use, 0 to 100.
    pub used: f64,
    /// The same in words: `41.2 GB of 64 GB`.
    pub words: String,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// The disk that holds this folder.
    Disk(String),
    Memory,
    Processor,
}

/// Above how many percent in use a shortage begins; `None` is not watched.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Limits {
    pub disk: Option<f64>,
    pub memory: Option<f64>,
    pub processor: Option<f64>,
    /// How long a value must stay above, or clearly below.
    pub steady: SignedDuration,
}

/// What is known of the values of all machines that are watched.
#[derive(Debug, Default)]
pub struct Gauges {
    limits: Limits,
    known: Table<Arc<str>, Known>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Known {
    host: String,
    what: What,
    /// Whether people were told of a shortage.
    told: bool,
    /// Since when it is on the other side: above while not told, well below while told.
    turned: Option<Timestamp>,
    used: f64,
    words: String,
}

impl Row for Known {
    const TABLE: TableName = TableName::Gauges;
    type By = ();
    type Terms = ();
}

impl Gauges {
    /// Nothing is known yet.
    pub fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    pub(in crate::observe) fn take_row(&mut self, key: &str, json: &str) {
        self.known.take_row(key, json);
    }

    pub(in crate::observe) fn take_changes(&mut self) -> Vec<RowChange> {
        self.known.take_changes()
    }

    pub(in crate::observe) fn look(&mut self, now: Timestamp, host: &str, gauges: &[Gauge]) {
        for gauge in gauges {
            if let Some(limit) = self.limits.of(&gauge.what) {
                self.fold(now, host, gauge, limit);
            }
        }
    }

    fn fold(&mut self, now: Timestamp, host: &str, gauge: &Gauge, limit: f64) {
        let id = Arc::from(format!("{host}/{}", gauge.what.name()));
        self.known.change_or(&id, Known::new(host, gauge), |known| {
            let other_side =
                if known.told { gauge.used <= limit - WELL_BELOW } else { gauge.used >= limit };
            let turned = other_side.then(|| known.turned.unwrap_or(now));
            // A row is written when something turns, not for each value.
            let has_turned = turned != known.turned;
            known.turned = turned;
            known.used = gauge.used;
            known.words.clone_from(&gauge.words);
            has_turned
        });
    }

    pub(in crate::observe) fn due(&mut self, now: Timestamp) -> Vec<Detection> {
        let steady = self.limits.steady;
        let mut detections = Vec::new();
        let limits = self.limits;
        self.known.change_each(|_, known| {
            let since = known.turned.filter(|since| *since + steady <= now);
            let Some(since) = since else { return false };
            known.told = !known.told;
            known.turned = None;
            detections.extend(limits.of(&known.what).map(|limit| {
                if known.told { known.short(since, limit, steady) } else { known.well(since) }
            }));
            true
        });
        detections
    }

    pub(in crate::observe) fn next_wakeup(&self) -> Option<Timestamp> {
        self.known.values().filter_map(|known| known.turned).min().map(|at| at + self.limits.steady)
    }
}

impl Limits {
    fn of(&self, what: &What) -> Option<f64> {
        match what {
            What::Disk(_) => self.disk,
            What::Memory => self.memory,
            What::Processor => self.processor,
        }
    }
}

impl What {
    /// `disk/C:\\`, `memory`, `processor`.
    pub fn name(&self) -> String {
        match self {
            Self::Disk(folder) => format!("disk/{folder}"),
            Self::Memory => "memory".to_owned(),
            Self::Processor => "processor".to_owned(),
        }
    }
}

impl Known {
    fn new(host: &str, gauge: &Gauge) -> Self {
        Self {
            host: host.to_owned(),
            what: gauge.what.clone(),
            told: false,
            turned: None,
            used: gauge.used,
            words: String::new(),
        }
    }

    fn short(&self, since: Timestamp, limit: f64, steady: SignedDuration) -> Detection {
        let (title, meaning, advice) = match &self.what {
            What::Disk(_) => (
                "Disk nearly full",
                "When it is full, Qlik Sense can neither write logs nor save apps.",
                "Make room, or give the disk more.",
            ),
            What::Memory => (
                "Memory of the node nearly used up",
                "Reloads and users get slow, then apps fail to open.",
                "See in the QMC and the operations monitor which apps are large or reload together.",
            ),
            What::Processor => (
                "Processor of the node busy all the time",
                "Reloads and users wait for each other.",
                "Spread the tasks over time or over nodes.",
            ),
        };
        let place =
            if let What::Disk(folder) = &self.what { format!("{folder}: ") } else { String::new() };
        let words = format!(
            "{place}{:.0} % used ({}), limit {limit:.0} % for {steady:#}",
            self.used, self.words
        );
        let mut detection = self.detection(since, title, words);
        detection.meaning = meaning.into();
        detection.advice = Some(advice.into());
        detection
    }

    fn well(&self, since: Timestamp) -> Detection {
        let mut detection = self.detection(since, "", String::new());
        "node-well".clone_into(&mut detection.pattern);
        detection.severity = Severity::Info;
        let closes = vec![SHORT.to_owned()];
        detection.terms = Arc::new(Terms { closes, until_over: true, ..Terms::default() });
        detection
    }

    fn detection(&self, at: Timestamp, title: &str, words: String) -> Detection {
        Detection {
            pattern: SHORT.to_owned(),
            kind: Kind::Performance,
            role: Role::Standalone,
            severity: Severity::Warning,
            title: title.into(),
            meaning: "".into(),
            advice: None,
            at: Some(at),
            log: "".into(),
            path: "".into(),
            offset: 0,
            key: self.what.name(),
            group: None,
            terms: Arc::new(Terms { until_over: true, ..Terms::default() }),
            facts: Facts {
                host: Some(self.host.clone()),
                message: Some(words).filter(|words| !words.is_empty()),
                ..Facts::default()
            },
            script: None,
        }
    }
}

#[cfg(test)]
mod tests;
