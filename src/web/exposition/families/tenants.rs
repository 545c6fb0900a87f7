//! Pure. The metrics of tenants of Qlik Cloud. Their counters begin with the agent.

use std::collections::BTreeMap;

use crate::agent::pulse::TenantFigures;
use crate::web::exposition::families::{float, labels, seconds};
use crate::web::exposition::metric::{Metric, MetricLabels};

pub(crate) fn all(tenants: &BTreeMap<String, TenantFigures>) -> [Metric; 5] {
    let each = || tenants.iter().map(|(name, it)| (name.as_str(), &it.tally));
    [
        Metric::gauges(
            "footman_tenant_last_poll_timestamp_seconds",
            "When the ended reloads of the tenant were read completely last; 0 if not since the start",
            each().map(|(name, it)| (labels("tenant", name), it.polled.map_or(0.0, seconds))),
        ),
        Metric::counters(
            "footman_tenant_requests",
            "Requests to the tenant since the start, by result",
            each().flat_map(|(name, it)| by(name, "result", &it.requests)),
        ),
        Metric::counters(
            "footman_tenant_reloads",
            "Reloads that were found to have ended since the start, by status",
            each().flat_map(|(name, it)| by(name, "status", &it.reloads)),
        ),
        Metric::counters(
            "footman_tenant_unreadable_rows",
            "Rows that the tenant listed since the start without a usable id or status",
            each().map(|(name, it)| (labels("tenant", name), it.unreadable)),
        ),
        Metric::gauges(
            "footman_tenant_rate_limit_remaining",
            "Requests that are left in the minute; only of a tenant that says so",
            each().filter_map(|(name, it)| {
                Some((labels("tenant", name), float(it.rate_limit_remaining?)))
            }),
        ),
    ]
}

/// The counters of a tenant with one more label.
fn by(
    tenant: &str,
    label: &'static str,
    counts: &BTreeMap<String, u64>,
) -> impl Iterator<Item = (MetricLabels, u64)> {
    counts
        .iter()
        .map(move |(value, n)| (vec![("tenant", tenant.to_owned()), (label, value.clone())], *n))
}
