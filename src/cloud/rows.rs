//! Pure. The rows of the ledger that are kept for a tenant between polls and restarts.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::clock::{Timestamp, later};
use crate::cloud::reload::ReloadStatus;
use crate::commit::{RowChange, StoredRows};
use crate::detection::{CloudList, TenantRefusal};
use crate::ledger::{Key, Table, TableName, TableRow};

/// An app that has not reloaded for this long is forgotten.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Where polling begins at the very first start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PollStart {
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
pub(crate) struct ReportedReload {
    pub status: ReloadStatus,
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
    pub failing: Option<FailingTenant>,
    /// The latest success.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub succeeded: Option<Timestamp>,
    /// The latest success of a partial reload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partly: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FailingTenant {
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
pub(crate) struct TenantHealth {
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
        impl TableRow for $row {
            const TABLE: TableName = TableName::$table;
            type By = ();
            type Terms = ();
        }
    )+};
}

rows! { Cursor CloudCursors Active CloudActive Off CloudTasks TenantHealth CloudHealth }

impl TableRow for ReportedReload {
    const TABLE: TableName = TableName::CloudReloads;
    type By = ();
    type Terms = ();

    fn expires(&self) -> Option<Timestamp> {
        Some(self.listed_until)
    }
}

impl TableRow for App {
    const TABLE: TableName = TableName::CloudApps;
    type By = ();
    type Terms = ();

    fn expires(&self) -> Option<Timestamp> {
        let failed = self.failing.map(|failing| failing.at);
        let latest = failed.max(self.succeeded).max(self.partly)?;
        Some(later(latest, KEPT_FOR))
    }
}

/// What a tenant calls by an id. The name of a tenant has no slash.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct OfTenant {
    tenant: Arc<str>,
    /// Empty for the tenant itself.
    pub id: Arc<str>,
}

impl Key for OfTenant {
    fn of(text: &str) -> Self {
        let (tenant, id) = text.split_once('/').unwrap_or((text, ""));
        Self { tenant: tenant.into(), id: id.into() }
    }

    fn text(&self) -> Cow<'_, str> {
        Cow::Owned(format!("{}/{}", self.tenant, self.id))
    }
}

/// The rows of one tenant.
#[derive(Debug)]
pub(crate) struct Rows {
    tenant: Arc<str>,
    cursor: Table<OfTenant, Cursor>,
    health: Table<OfTenant, TenantHealth>,
    pub(crate) seen: Table<OfTenant, ReportedReload>,
    pub(crate) active: Table<OfTenant, Active>,
    pub(crate) apps: Table<OfTenant, App>,
    pub(crate) off: Table<OfTenant, Off>,
}

impl Rows {
    /// The rows of this tenant among all.
    pub(crate) fn restore(tenant: &str, stored: &StoredRows) -> Self {
        let mut rows = Self {
            tenant: tenant.into(),
            cursor: Table::default(),
            health: Table::default(),
            seen: Table::default(),
            active: Table::default(),
            apps: Table::default(),
            off: Table::default(),
        };
        let is_own = |key: &OfTenant| *key.tenant == *tenant;
        rows.cursor.restore_if(stored, is_own);
        rows.health.restore_if(stored, is_own);
        rows.seen.restore_if(stored, is_own);
        rows.active.restore_if(stored, is_own);
        rows.apps.restore_if(stored, is_own);
        rows.off.restore_if(stored, is_own);
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

    /// The key of what has this id in the tenant.
    pub(crate) fn key(&self, id: &str) -> OfTenant {
        OfTenant { tenant: Arc::clone(&self.tenant), id: id.into() }
    }

    pub(crate) fn cursor(&self) -> Option<Cursor> {
        self.cursor.get(&self.key("")).copied()
    }

    pub(crate) fn set_cursor(&mut self, cursor: Cursor) {
        if self.cursor() != Some(cursor) {
            self.cursor.put(self.key(""), cursor);
        }
    }

    pub(crate) fn health(&self) -> TenantHealth {
        self.health.get(&self.key("")).cloned().unwrap_or_default()
    }

    pub(crate) fn set_health(&mut self, health: TenantHealth) {
        if self.health() != health {
            self.health.put(self.key(""), health);
        }
    }
}
