//! Pure. Which open incident speaks for another: what a stopped service causes is not told by itself.

use crate::detect::Kind;
use crate::incident::Notice;
use crate::qlik;

/// Whether `cause`, which is open, explains `effect`: the node's repository or its database is
/// stopped, so its reloads fail.
pub(in crate::incident) fn speaks_for(cause: &Notice, effect: &Notice) -> bool {
    is_reload(effect.kind) && stops_reloads(cause) && same_node(cause, effect)
}

fn is_reload(kind: Kind) -> bool {
    matches!(kind, Kind::ReloadFailed | Kind::TaskFailed | Kind::TaskNotStarted)
}

fn stops_reloads(cause: &Notice) -> bool {
    let service =
        cause.facts.captures.get("service").filter(|_| cause.kind == Kind::ServiceStopped);
    let known = service.and_then(|name| qlik::services::find(name));
    known.is_some_and(|(_, known)| known.fails_reloads)
}

fn same_node(one: &Notice, other: &Notice) -> bool {
    let host = |notice: &'_ Notice| notice.facts.host.clone().unwrap_or_default();
    qlik::node::is_same(&host(one), &host(other))
}
