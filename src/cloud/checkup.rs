//! I/O. Asks a tenant once for everything that Footman needs of it, for `doctor`.

use serde_json::Value;

use crate::clock::Timestamp;
use crate::cloud::answers::{Answer, Fault};
use crate::cloud::client::Client;
use crate::cloud::poller::Request;
use crate::redact::redact_and_bound;

const SHOWN: usize = 100;

/// What a tenant answers.
#[derive(Debug)]
pub struct Checkup {
    /// Who the requests come from: name and roles.
    pub user: Result<String, Fault>,
    /// The reloads on the first page, and the clock of the tenant.
    pub reloads: Result<(usize, Option<Timestamp>), Fault>,
    /// The tasks on the first page.
    pub tasks: Result<usize, Fault>,
    /// How many requests are left, if the tenant says so.
    pub left: Option<u64>,
}

/// Makes four requests.
pub async fn check_up(client: &mut Client) -> Checkup {
    let me = client.get(client.url("/api/v1/users/me", None, &[])).await;
    let user = me.map(|reply| name_of(&reply.body)).map_err(|refused| refused.fault);
    // The requests of polling itself: what is wrong with one of them is found here.
    let reloads = match client.ask(&Request::Ended(None)).await {
        Answer::Reloads(page) => Ok((page.rows.len(), page.date)),
        Answer::Fault(fault) => Err(fault),
        Answer::Tasks(_) | Answer::One(_) => Ok((0, None)),
    };
    let reloads = match client.ask(&Request::Active(None)).await {
        Answer::Fault(fault) => reloads.and(Err(fault)),
        _ => reloads,
    };
    let left = client.left();
    let tasks = match client.ask(&Request::Tasks(None)).await {
        Answer::Tasks(page) => Ok(page.rows.len()),
        Answer::Fault(fault) => Err(fault),
        Answer::Reloads(_) | Answer::One(_) => Ok(0),
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
