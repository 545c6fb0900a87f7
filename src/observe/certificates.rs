//! Pure. From the certificates of a machine to what ends soon: told 30 days before (or as set), a
//! week before, and when it has ended; over when a newer one is there.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::commit::RowChange;
use crate::detection::{Condition, Detection, Subject, UntilExpiry};
use crate::ledger::{Row, Table, TableName};
use crate::qlik::certificate::Certificate;

const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);
/// What ended longer ago than this before it was first seen was replaced and left lying.
const LEFT_LYING: SignedDuration = SignedDuration::from_hours(30 * 24);
const DAY: i64 = 24 * 60 * 60;

/// What is known of the certificates of all machines that are watched.
#[derive(Debug, Default)]
pub struct Certificates {
    /// How long before its end one is told; `None` is not watched.
    ahead: Option<SignedDuration>,
    known: Table<Arc<str>, KnownCertificate>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct KnownCertificate {
    host: String,
    subject: String,
    issuer: String,
    ends: Timestamp,
    told: Stage,
    /// Its end was told, and now a newer one is there.
    #[serde(default)]
    renewed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Stage {
    Nothing,
    Ahead,
    Week,
    Ended,
}

impl Row for KnownCertificate {
    const TABLE: TableName = TableName::Certificates;
    type By = ();
    type Terms = ();
}

impl Certificates {
    /// Nothing is known yet.
    pub fn new(ahead: Option<SignedDuration>) -> Self {
        Self { ahead, ..Self::default() }
    }

    pub(in crate::observe) fn take_row(&mut self, key: &str, json: &str) {
        self.known.take_row(key, json);
    }

    pub(in crate::observe) fn take_changes(&mut self) -> Vec<RowChange> {
        self.known.take_changes()
    }

    /// Of those with the same names the newest counts; what is no longer there is forgotten.
    pub(in crate::observe) fn apply_snapshot(
        &mut self,
        now: Timestamp,
        host: &str,
        seen: &[Certificate],
    ) {
        if self.ahead.is_none() {
            return;
        }
        let mut newest: BTreeMap<Arc<str>, &Certificate> = BTreeMap::new();
        for one in seen {
            let id = Arc::from(format!("{host}/{}/{}", one.subject, one.issuer));
            let known = newest.entry(id).or_insert(one);
            if known.ends < one.ends {
                *known = one;
            }
        }
        self.known.retain(|id, known| known.host != host || newest.contains_key(id));
        for (id, one) in newest {
            self.apply(now, host, id, one);
        }
    }

    fn apply(&mut self, now: Timestamp, host: &str, id: Arc<str>, one: &Certificate) {
        let known = self.known.get(&id);
        if known.is_some_and(|known| known.ends == one.ends)
            || known.is_none() && now.duration_since(one.ends) > LEFT_LYING
        {
            return;
        }
        let known = KnownCertificate {
            host: host.to_owned(),
            subject: one.subject.clone(),
            issuer: one.issuer.clone(),
            ends: one.ends,
            told: Stage::Nothing,
            renewed: known.is_some_and(|known| known.told > Stage::Nothing || known.renewed),
        };
        self.known.put(id, known);
    }

    pub(in crate::observe) fn due(&mut self, now: Timestamp) -> Vec<Detection> {
        let Some(ahead) = self.ahead else { return Vec::new() };
        let mut detections = Vec::new();
        self.known.change_each(|_, known| {
            let stage = known.stage(now, ahead);
            let was = (known.renewed, known.told);
            if known.renewed {
                known.renewed = false;
                detections.push(known.well(now));
            }
            if stage > known.told {
                known.told = stage;
                detections.push(known.ending(now, stage));
            }
            was != (known.renewed, known.told)
        });
        detections
    }

    pub(in crate::observe) fn next_wakeup(&self) -> Option<Timestamp> {
        let ahead = self.ahead?;
        let next = |known: &KnownCertificate| match known.told {
            Stage::Nothing => Some(known.ends - ahead),
            Stage::Ahead => Some(known.ends - WEEK.min(ahead)),
            Stage::Week => Some(known.ends),
            Stage::Ended => None,
        };
        self.known.values().filter_map(next).min()
    }
}

impl KnownCertificate {
    fn stage(&self, now: Timestamp, ahead: SignedDuration) -> Stage {
        let left = self.ends.duration_since(now);
        match left {
            _ if left <= SignedDuration::ZERO => Stage::Ended,
            _ if left <= WEEK.min(ahead) => Stage::Week,
            _ if left <= ahead => Stage::Ahead,
            _ => Stage::Nothing,
        }
    }

    fn ending(&self, now: Timestamp, stage: Stage) -> Detection {
        let days = days(self.ends.duration_since(now));
        let left = match stage {
            Stage::Ended => UntilExpiry::Expired,
            Stage::Week => UntilExpiry::WithinAWeek { days },
            Stage::Ahead | Stage::Nothing => UntilExpiry::Days(days),
        };
        self.detection(now, Condition::CertificateExpires { on: self.ends, left })
    }

    fn well(&self, now: Timestamp) -> Detection {
        self.detection(now, Condition::CertificateRenewed)
    }

    fn detection(&self, now: Timestamp, condition: Condition) -> Detection {
        let subject = Subject::Certificate {
            host: self.host.clone(),
            subject: self.subject.clone(),
            issuer: self.issuer.clone(),
        };
        Detection::of_machine(now, &self.host, subject, condition)
    }
}

/// Whole days; the last hours are one, too.
fn days(left: SignedDuration) -> i64 {
    left.as_secs().div_euclid(DAY).max(1)
}

#[cfg(test)]
mod tests;
