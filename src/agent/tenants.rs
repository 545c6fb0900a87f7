//! I/O. Polls the tenants of Qlik Cloud and sends what is new to the core, one commit after another.

use std::sync::Arc;
use std::sync::mpsc::Sender;

use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::agent::core::Wake;
use crate::agent::pulse::{Pulse, TenantFigures};
use crate::cloud::{SourceTurn, TenantSource};
use crate::config::Language;
use crate::render::tenant_fault;

/// Polls all tenants until `stop`.
pub(crate) async fn run(
    sources: Vec<(String, TenantSource)>,
    inbox: Sender<Wake>,
    pulse: Arc<Pulse>,
    stop: CancellationToken,
) {
    let mut polls = JoinSet::new();
    for (name, source) in sources {
        polls.spawn(poll(name, source, inbox.clone(), Arc::clone(&pulse), stop.clone()));
    }
    // The core ends when no sender is left.
    drop(inbox);
    while polls.join_next().await.is_some() {}
}

async fn poll(
    name: String,
    mut source: TenantSource,
    inbox: Sender<Wake>,
    pulse: Arc<Pulse>,
    stop: CancellationToken,
) {
    let mut before = publish(&name, &source, &pulse, Logged::default());
    loop {
        // A turn that is cut short has committed nothing; the next start goes on from the rows.
        let Some(turn) = stop.run_until_cancelled(source.turn()).await else { return };
        before = publish(&name, &source, &pulse, before);
        match turn {
            SourceTurn::News(news) => {
                let (committed, wait) = oneshot::channel();
                // The core is gone only if the agent is ending.
                if inbox.send(Wake::Tenant { news, committed }).is_err() || wait.await.is_err() {
                    return;
                }
            }
            SourceTurn::Wait(wait) => drop(timeout(wait, stop.cancelled()).await),
        }
    }
}

/// The state of a tenant as it was logged last.
#[derive(Clone, Copy, Default)]
struct Logged {
    is_failing: bool,
    is_unordered: bool,
}

/// Publishes the state of the tenant, and logs when it changes.
fn publish(name: &str, source: &TenantSource, pulse: &Pulse, before: Logged) -> Logged {
    let fault = source.fault();
    let why = fault.map(|(since, fault)| (*since, tenant_fault(&fault.why, Language::English)));
    match &why {
        Some((_, why)) if !before.is_failing => tracing::warn!("tenant {name}: {why}"),
        None if before.is_failing => tracing::info!("tenant {name} is polled again"),
        _ => {}
    }
    let tally = source.tally();
    let logged = Logged { is_failing: why.is_some(), is_unordered: !tally.unordered.is_empty() };
    match (before.is_unordered, logged.is_unordered) {
        (false, true) => tracing::warn!(
            "tenant {name} does not sort its lists as asked; nothing is lost, but more is read"
        ),
        (true, false) => tracing::info!("tenant {name} sorts its lists as asked again"),
        _ => {}
    }
    let (failing_since, why) = why.unzip();
    let figures = TenantFigures { tally, failing_since, why };
    pulse.figures().tenants.insert(name.to_owned(), figures);
    logged
}
