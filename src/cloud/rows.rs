//! Pure. The rows of the ledger that are kept for a tenant between polls and restarts.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::cloud::later;
use crate::cloud::reload::Status;
use crate::commit::RowChange;
use crate::detection::{CloudList, TenantRefusal};
use crate::ledger::{Row, Table, TableName};

/// An app that has not reloaded for this long is forgotten.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Where polling begins at the very first start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Reloads that had ended by then are not reported.
    Now,
    Beginning,
    Since(SignedDuration),
}

/// How far the reloads of a tenant have been reported, by the tenant's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cursor {
    /// Reloads that ended before are not reported.
    pub since: Timestamp,
    /// Reloads that were listed as ended before this time have been reported.
    pub until: Timestamp,
    /// Whether the tasks were listed once: those that were off then are not reported.
    #[serde(default)]
    pub knows_tasks: bool,
}

/// A final status that was reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Seen {
    pub status: Status,
    /// Lists reach back no further than this, so that it is listed again until then.
    pub listed_until: Timestamp,
}

/// A reload that had not ended when it was listed last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Active {
    pub since: Timestamp,
    /// The number of lists in which it was missing, without a final status.
    #[serde(default)]
    pub n_missing: u32,
}

/// How the latest reloads of an app ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct App {
    /// The latest failure that no success has followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing: Option<Failing>,
    /// The latest success.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub succeeded: Option<Timestamp>,
    /// The latest success of a partial reload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partly: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failing {
    pub at: Timestamp,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
}

/// A task that is switched off, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Off {
    pub code: String,
}

/// The notifications that concern the tenant itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Health {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<TenantRefusal>,
    /// The expiry of the key that was reported, and how urgent that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<(Timestamp, u8)>,
    /// Lists that are not read to their end.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unread: BTreeSet<CloudList>,
}

macro_rules! rows {
    ($($row:ident $table:ident)+) => {$(
        impl Row for $row {
            const TABLE: TableName = TableName::$table;
            type By = ();
            type Terms = ();
        }
    )+};
}

rows! { Cursor CloudCursors Active CloudActive Off CloudTasks Health CloudHealth }

impl Row for Seen {
    const TABLE: TableName = TableName::CloudReloads;
    type By = ();
    type Terms = ();

    fn expires(&self) -> Option<Timestamp> {
        Some(self.listed_until)
    }
}

impl Row for App {
    const TABLE: TableName = TableName::CloudApps;
    type By = ();
    type Terms = ();

    fn expires(&self) -> Option<Timestamp> {
        let failed = self.failing.map(|failing| failing.at);
        let latest = failed.max(self.succeeded).max(self.partly)?;
        Some(later(latest, KEPT_FOR))
    }
}

/// The rows of one tenant.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    tenant: String,
    cursor: Table<Arc<str>, Cursor>,
    health: Table<Arc<str>, Health>,
    pub(crate) seen: Table<Arc<str>, Seen>,
    pub(crate) active: Table<Arc<str>, Active>,
    pub(crate) apps: Table<Arc<str>, App>,
    pub(crate) off: Table<Arc<str>, Off>,
}

impl Rows {
    /// The rows of this tenant among all.
    pub(crate) fn restore(tenant: &str, stored: &[(String, String)]) -> Self {
        let mut rows = Self { tenant: tenant.to_owned(), ..Self::default() };
        let begins = format!("{tenant}/");
        let own = |key: &str| key.split_once(':').is_some_and(|(_, key)| key.starts_with(&begins));
        for (key, json) in stored.iter().filter(|(key, _)| own(key)) {
            rows.cursor.take_row(key, json);
            rows.health.take_row(key, json);
            rows.seen.take_row(key, json);
            rows.active.take_row(key, json);
            rows.apps.take_row(key, json);
            rows.off.take_row(key, json);
        }
        rows
    }

    pub(crate) fn take_changes(&mut self) -> Vec<RowChange> {
        let mut changes = self.cursor.take_changes();
        changes.extend(self.health.take_changes());
        changes.extend(self.seen.take_changes());
        changes.extend(self.active.take_changes());
        changes.extend(self.apps.take_changes());
        changes.extend(self.off.take_changes());
        changes
    }

    /// The key of the row with this id in the tenant.
    pub(crate) fn key(&self, id: &str) -> Arc<str> {
        format!("{}/{id}", self.tenant).into()
    }

    /// The id of a key.
    pub(crate) fn id<'k>(&self, key: &'k str) -> &'k str {
        key.get(self.tenant.len() + 1..).unwrap_or_default()
    }

    pub(crate) fn cursor(&self) -> Option<Cursor> {
        self.cursor.get(&self.key("")).copied()
    }

    pub(crate) fn set_cursor(&mut self, cursor: Cursor) {
        if self.cursor() != Some(cursor) {
            self.cursor.put(self.key(""), cursor);
        }
    }

    pub(crate) fn health(&self) -> Health {
        self.health.get(&self.key("")).cloned().unwrap_or_default()
    }

    pub(crate) fn set_health(&mut self, health: Health) {
        if self.health() != health {
            self.health.put(self.key(""), health);
        }
    }
}
