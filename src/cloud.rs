//! Pure. App reloads of Qlik Cloud tenants, found by polling.
//!
//! ```text
//! Poller::next ──▶ request ──▶ source (I/O: the tenant) ──▶ answer ──▶ Poller::take
//!       └────────▶ PollResult: what is new, and the rows that say so ──▶ detections, in one commit
//! ```
//!
//! The poller makes no request and reads no clock: it determines the next request, takes the
//! answer, and returns each final status once. What it has returned is in rows of the ledger, which
//! are written in the same commit as its effects.

mod answers;
mod backoff;
mod checkup;
mod client;
mod describe;
mod lookups;
mod poller;
mod reason;
mod reload;
mod rows;
mod source;
mod task;
#[cfg(test)]
mod tests;

use crate::commit::RowChange;
use crate::detection::Detection;
use crate::metrics::Counts;

pub use crate::cloud::answers::{Fault, Page, TenantAnswer};
pub use crate::cloud::checkup::{Checkup, FirstPage, check_up};
pub use crate::cloud::client::Client;
pub use crate::cloud::describe::{AppContext, LookedUp, NamedTenant, describe};
pub use crate::cloud::poller::{News, Next, PartSize, PollRequest, PollResult, Poller, Polling};
pub use crate::cloud::reload::{Reload, ReloadStatus};
pub use crate::cloud::rows::PollStart;
pub use crate::cloud::source::{RequestTally, SourceTurn, TenantSource};
pub use crate::cloud::task::Task;

/// What is new in a tenant, for one commit.
#[derive(Debug, Default)]
pub struct TenantNews {
    pub detections: Vec<Detection>,
    /// How far the tenant has been reported.
    pub rows: Vec<RowChange>,
    pub counts: Counts,
}
