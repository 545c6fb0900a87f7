//! Pure. Reports certificates before they expire, when they expire, and when they are renewed.
//!
//! Reports are due 30 days before (or as configured), a week before, and at expiry; a newer
//! certificate with the same names resolves them.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::commit::{RowChange, StoredRows};
use crate::detection::{Condition, Detection, Subject, UntilExpiry};
use crate::ledger::{Table, TableName, TableRow};
use crate::qlik::certificate::Certificate;

const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A certificate that expired longer ago than this before it was first seen is a leftover of a
/// replacement.
const LEFTOVER_AFTER: SignedDuration = SignedDuration::from_hours(30 * 24);
const DAY: i64 = 24 * 60 * 60;

/// The known certificates of all monitored machines.
#[derive(Debug, Default)]
pub struct Certificates {
    /// How long before expiry a certificate is reported; `None` turns this off.
    ahead: Option<SignedDuration>,
    known: Table<Arc<str>, KnownCertificate>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct KnownCertificate {
    host: String,
    subject: String,
    issuer: String,
    #[serde(alias = "ends")]
    expires: Timestamp,
    #[serde(alias = "told")]
    reported: Stage,
    /// Its expiry was reported, and now a newer certificate exists.
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

impl TableRow for KnownCertificate {
    const TABLE: TableName = TableName::Certificates;
    type By = ();
    /// How long before expiry a certificate is reported.
    type Terms = Option<SignedDuration>;

    /// When the next stage is reported.
    fn due(&self, ahead: Self::Terms) -> Option<Timestamp> {
        let ahead = ahead?;
        let before = match self.reported {
            Stage::Nothing => ahead,
            Stage::Ahead => WEEK.min(ahead),
            Stage::Week => SignedDuration::ZERO,
            Stage::Ended => return None,
        };
        self.expires.checked_sub(before).ok()
    }
}

impl Certificates {
    /// Starts without known certificates.
    pub fn new(ahead: Option<SignedDuration>) -> Self {
        Self { ahead, known: Table::new(ahead) }
    }

    pub(crate) fn restore(&mut self, rows: &StoredRows) {
        self.known.restore(rows);
    }

    pub(crate) fn take_changes(&mut self) -> Vec<RowChange> {
        self.known.take_changes()
    }

    /// Among certificates with the same names, the newest counts; certificates that no longer exist
    /// are forgotten.
    pub(crate) fn apply_snapshot(&mut self, now: Timestamp, host: &str, seen: &[Certificate]) {
        if self.ahead.is_none() {
            return;
        }
        let mut newest: BTreeMap<Arc<str>, &Certificate> = BTreeMap::new();
        for one in seen {
            let id = Arc::from(format!("{host}/{}/{}", one.subject, one.issuer));
            let known = newest.entry(id).or_insert(one);
            if known.expires < one.expires {
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
        if known.is_some_and(|known| known.expires == one.expires)
            || known.is_none() && now.duration_since(one.expires) > LEFTOVER_AFTER
        {
            return;
        }
        let known = KnownCertificate {
            host: host.to_owned(),
            subject: one.subject.clone(),
            issuer: one.issuer.clone(),
            expires: one.expires,
            reported: Stage::Nothing,
            renewed: known.is_some_and(|known| known.reported > Stage::Nothing || known.renewed),
        };
        self.known.put(id, known);
    }

    pub(crate) fn due(&mut self, now: Timestamp) -> Vec<Detection> {
        let Some(ahead) = self.ahead else { return Vec::new() };
        let mut detections = Vec::new();
        self.known.change_each(|_, known| {
            let stage = known.stage(now, ahead);
            let was = (known.renewed, known.reported);
            if known.renewed {
                known.renewed = false;
                detections.push(known.renewal(now));
            }
            if stage > known.reported {
                known.reported = stage;
                detections.push(known.expiry(now, stage));
            }
            was != (known.renewed, known.reported)
        });
        detections
    }

    pub(crate) fn next_wakeup(&self) -> Option<Timestamp> {
        self.known.next_due()
    }
}

impl KnownCertificate {
    fn stage(&self, now: Timestamp, ahead: SignedDuration) -> Stage {
        let left = self.expires.duration_since(now);
        match left {
            _ if left <= SignedDuration::ZERO => Stage::Ended,
            _ if left <= WEEK.min(ahead) => Stage::Week,
            _ if left <= ahead => Stage::Ahead,
            _ => Stage::Nothing,
        }
    }

    fn expiry(&self, now: Timestamp, stage: Stage) -> Detection {
        let days = days(self.expires.duration_since(now));
        let left = match stage {
            Stage::Ended => UntilExpiry::Expired,
            Stage::Week => UntilExpiry::WithinAWeek { days },
            Stage::Ahead | Stage::Nothing => UntilExpiry::Days(days),
        };
        self.detection(now, Condition::CertificateExpires { on: self.expires, left })
    }

    fn renewal(&self, now: Timestamp) -> Detection {
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

/// Whole days, at least one.
fn days(left: SignedDuration) -> i64 {
    left.as_secs().div_euclid(DAY).max(1)
}

#[cfg(test)]
mod tests;
