//! Pure. Turns measurements of a machine into shortages of disk, memory and processor.
//!
//! A shortage begins when a value stays above its limit, and ends when it stays clearly below. A
//! value that fluctuates around the limit is reported once.

use std::sync::Arc;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::commit::{RowChange, StoredRows};
use crate::detection::{Amount, Condition, Detection, GaugeName, Reading, Subject};
use crate::ledger::{Table, TableName, TableRow};

/// A value is normal again this many percentage points below its limit.
const WELL_BELOW: f64 = 5.0;

/// One measured value of a machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Gauge {
    pub what: GaugeName,
    /// Percent in use, 0 to 100.
    pub used: f64,
    pub amount: Amount,
}

/// Usage in percent above which a shortage begins; `None` turns the gauge off.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Limits {
    pub disk: Option<f64>,
    pub memory: Option<f64>,
    pub processor: Option<f64>,
    /// How long a value must stay above the limit, or clearly below it.
    pub steady: SignedDuration,
}

/// The known values of all monitored machines.
#[derive(Debug, Default)]
pub struct Gauges {
    limits: Limits,
    known: Table<Arc<str>, KnownGauge>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct KnownGauge {
    host: String,
    what: GaugeName,
    /// Whether a shortage was reported.
    #[serde(alias = "told")]
    is_reported: bool,
    /// Since when the value is on the other side: above the limit if not reported, well below if
    /// reported.
    turned: Option<Timestamp>,
    used: f64,
    #[serde(alias = "words")]
    amount: Amount,
}

impl TableRow for KnownGauge {
    const TABLE: TableName = TableName::Gauges;
    type By = ();
    /// How long a value must stay on the other side.
    type Terms = SignedDuration;

    fn due(&self, steady: Self::Terms) -> Option<Timestamp> {
        self.turned?.checked_add(steady).ok()
    }
}

impl Gauges {
    /// Starts without known values.
    pub fn new(limits: Limits) -> Self {
        Self { limits, known: Table::new(limits.steady) }
    }

    pub(crate) fn restore(&mut self, rows: &StoredRows) {
        self.known.restore(rows);
    }

    pub(crate) fn take_changes(&mut self) -> Vec<RowChange> {
        self.known.take_changes()
    }

    pub(crate) fn apply_snapshot(&mut self, now: Timestamp, host: &str, gauges: &[Gauge]) {
        for gauge in gauges {
            if let Some(limit) = self.limits.of(&gauge.what) {
                self.apply(now, host, gauge, limit);
            }
        }
    }

    fn apply(&mut self, now: Timestamp, host: &str, gauge: &Gauge, limit: f64) {
        let id = Arc::from(format!("{host}/{}", gauge.what.name()));
        self.known.change_or(&id, KnownGauge::new(host, gauge), |known| {
            let other_side = if known.is_reported {
                gauge.used <= limit - WELL_BELOW
            } else {
                gauge.used >= limit
            };
            let turned = other_side.then(|| known.turned.unwrap_or(now));
            // The row is written only if the side changes, not for each value.
            let has_turned = turned != known.turned;
            known.turned = turned;
            known.used = gauge.used;
            known.amount.clone_from(&gauge.amount);
            has_turned
        });
    }

    pub(crate) fn due(&mut self, now: Timestamp) -> Vec<Detection> {
        let steady = self.limits.steady;
        let mut detections = Vec::new();
        let limits = self.limits;
        self.known.change_each(|_, known| {
            let since = known.turned.filter(|since| *since + steady <= now);
            let Some(since) = since else { return false };
            known.is_reported = !known.is_reported;
            known.turned = None;
            detections.extend(limits.of(&known.what).map(|limit| {
                if known.is_reported {
                    known.high(since, limit, steady)
                } else {
                    known.normal(since)
                }
            }));
            true
        });
        detections
    }

    pub(crate) fn next_wakeup(&self) -> Option<Timestamp> {
        self.known.next_due()
    }
}

impl Limits {
    fn of(&self, what: &GaugeName) -> Option<f64> {
        match what {
            GaugeName::Disk(_) => self.disk,
            GaugeName::Memory => self.memory,
            GaugeName::Processor => self.processor,
        }
    }
}

impl KnownGauge {
    fn new(host: &str, gauge: &Gauge) -> Self {
        Self {
            host: host.to_owned(),
            what: gauge.what.clone(),
            is_reported: false,
            turned: None,
            used: gauge.used,
            amount: gauge.amount.clone(),
        }
    }

    fn high(&self, since: Timestamp, limit: f64, steady: SignedDuration) -> Detection {
        let reading = Reading {
            used: percent(self.used),
            amount: self.amount.clone(),
            limit: percent(limit),
            steady,
        };
        self.detection(since, Condition::GaugeHigh(reading))
    }

    fn normal(&self, since: Timestamp) -> Detection {
        self.detection(since, Condition::GaugeNormal)
    }

    fn detection(&self, at: Timestamp, condition: Condition) -> Detection {
        let subject = Subject::Gauge { host: self.host.clone(), gauge: self.what.clone() };
        Detection::of_machine(at, &self.host, subject, condition)
    }
}

/// Rounded to a whole percentage.
fn percent(value: f64) -> u32 {
    format!("{value:.0}").parse().unwrap_or(0)
}

#[cfg(test)]
mod tests;
