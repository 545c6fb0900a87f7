//! I/O. Requests everything once that Footman needs from a tenant, for `doctor`.

use serde_json::Value;

use crate::clock::Timestamp;
use crate::cloud::answers::{Fault, Page, TenantAnswer};
use crate::cloud::client::Client;
use crate::cloud::poller::PollRequest;
use crate::cloud::reload::Reload;
use crate::redact::redact_and_bound;

const SHOWN: usize = 100;

/// The answers of a tenant.
#[derive(Debug)]
pub struct Checkup {
    /// Who the requests come from: name and roles.
    pub user: Result<String, Fault>,
    /// The reloads on the first page.
    pub reloads: Result<FirstPage, Fault>,
    /// The tasks on the first page.
    pub tasks: Result<usize, Fault>,
    /// How many requests are left, if the tenant reports it.
    pub left: Option<u64>,
}

/// The first page of the reloads that have ended.
#[derive(Clone, Copy, Debug, Default)]
pub struct FirstPage {
    pub n_reloads: usize,
    /// The clock of the tenant.
    pub date: Option<Timestamp>,
    /// Whether they are in an order other than the requested one.
    pub is_unordered: bool,
}

impl FirstPage {
    fn of(page: &Page<Reload>) -> Self {
        let ends = page.rows.iter().filter_map(|reload| reload.ended);
        let is_unordered = !ends.is_sorted_by(|one, next| one >= next);
        Self { n_reloads: page.rows.len(), date: page.date, is_unordered }
    }
}

/// Makes four requests.
pub async fn check_up(client: &mut Client) -> Checkup {
    let me = client.get(client.url("/api/v1/users/me", None, &[])).await;
    let user = me.map(|reply| name_of(&reply.body)).map_err(|refused| refused.fault);
    // The requests of polling itself: what is wrong with one of them is found here.
    let reloads = match client.ask(&PollRequest::Ended(None)).await {
        TenantAnswer::Reloads(page) => Ok(FirstPage::of(&page)),
        TenantAnswer::Fault(fault) => Err(fault),
        TenantAnswer::Tasks(_) | TenantAnswer::One(_) => Ok(FirstPage::default()),
    };
    let reloads = match client.ask(&PollRequest::Active(None)).await {
        TenantAnswer::Fault(fault) => reloads.and(Err(fault)),
        _ => reloads,
    };
    let left = client.left();
    let tasks = match client.ask(&PollRequest::Tasks(None)).await {
        TenantAnswer::Tasks(page) => Ok(page.rows.len()),
        TenantAnswer::Fault(fault) => Err(fault),
        TenantAnswer::Reloads(_) | TenantAnswer::One(_) => Ok(0),
    };
    Checkup { user, reloads, tasks, left }
}

/// `footman (TenantAdmin)`.
fn name_of(user: &Value) -> String {
    let name = user.get("name").and_then(Value::as_str).unwrap_or("a user without a name");
    let roles = user.get("assignedRoles").and_then(Value::as_array).into_iter().flatten();
    let roles = roles.filter_map(|role| role.get("name").and_then(Value::as_str));
    let roles = roles.collect::<Vec<_>>().join(", ");
    let roles = if roles.is_empty() { String::new() } else { format!(" ({roles})") };
    redact_and_bound(&format!("{name}{roles}"), SHOWN)
}
