//! Pure. Decides when a tenant that cannot be polled, or a key that expires, causes a card.

use jiff::SignedDuration;

use crate::clock::Timestamp;
use crate::cloud::answers::Fault;
use crate::cloud::backoff;
use crate::cloud::poller::{News, Poller};
use crate::cloud::rows::TenantHealth;
use crate::detection::UntilExpiry;

const DAY: SignedDuration = SignedDuration::from_hours(24);
/// A key that expires within this time is reported.
const SOON: SignedDuration = SignedDuration::from_hours(14 * 24);
/// And once more within this time.
const URGENT: SignedDuration = SignedDuration::from_hours(7 * 24);

impl Poller {
    /// Records that the list of ended reloads was read to its end.
    pub(crate) fn reached(&mut self, now: Timestamp) {
        (self.n_faults, self.failing, self.last_poll) = (0, None, Some(now));
        let health = self.rows.health();
        if health.trouble.is_some() {
            self.news.push(News::Works);
            self.rows.set_health(TenantHealth { trouble: None, ..health });
        }
    }

    /// Records a fault that delays the list of ended reloads.
    pub(crate) fn troubled(&mut self, now: Timestamp, fault: &Fault) {
        let since = self.failing.as_ref().map_or(now, |(since, _)| *since);
        self.failing = Some((since, fault.clone()));
        let health = self.rows.health();
        let is_long = now.duration_since(since).abs() >= backoff::tolerated_for(fault.refusal);
        if self.n_faults > 1 && is_long && health.trouble != Some(fault.refusal) {
            self.rows.set_health(TenantHealth { trouble: Some(fault.refusal), ..health });
            self.news.push(News::Trouble(fault.clone()));
        }
    }

    /// Records when the key expires, if it contains that time.
    pub fn key_expires(&mut self, now: Timestamp, on: Option<Timestamp>) {
        let health = self.rows.health();
        let left = on.map(|on| (on, on.duration_since(now)));
        let Some((on, left)) = left.filter(|(_, left)| *left <= SOON) else {
            if health.expires.is_some() {
                self.rows.set_health(TenantHealth { expires: None, ..health });
                self.news.push(News::KeyRenewed);
            }
            return;
        };
        let days = left.as_secs() / DAY.as_secs();
        let (urgency, left) = match left {
            left if left <= SignedDuration::ZERO => (3, UntilExpiry::Expired),
            left if left <= URGENT => (2, UntilExpiry::WithinAWeek { days }),
            _ => (1, UntilExpiry::Days(days)),
        };
        let known = health.expires.filter(|(known, _)| *known == on).map_or(0, |(_, known)| known);
        if urgency > known {
            self.rows.set_health(TenantHealth { expires: Some((on, urgency)), ..health });
            self.news.push(News::KeyExpires { on, left });
        }
    }
}
