//! Pure. The variables that name app, task, user and node.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::incident::Notice;
use crate::qlik::account;
use crate::render::context::{known, optional};
use crate::render::fit::{CAUSE, Room};
use crate::render::{Site, catalog, clean, links};

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FactsContext {
    pub(crate) app_name: Option<String>,
    app_id: Option<String>,
    pub(crate) app_url: Option<String>,
    pub(crate) task_name: Option<String>,
    task_id: Option<String>,
    pub(crate) server_name: String,
    host_name: String,
    executing_node_name: String,
    pub(crate) looked_in: Option<String>,
    source: &'static str,
    owner: Option<String>,
    stream: Option<String>,
    tenant: Option<String>,
    space: Option<String>,
    tags: Option<String>,
    user: Option<String>,
    person: Option<String>,
    executed_by: Option<String>,
    execution_id: Option<String>,
    log_message: Option<String>,
    captures: BTreeMap<String, String>,
}

impl FactsContext {
    pub(crate) fn new(notice: &Notice, site: &Site, room: Room) -> Self {
        let facts = &notice.facts;
        let script = notice.script.as_ref();
        let executed_by = optional(script.and_then(|script| script.executed_by.as_ref()), 100);
        let host = optional(facts.host.as_ref().or(facts.tenant.as_ref()), room.names);
        let host = host.unwrap_or_else(|| clean::line(&site.node, 100));
        let captures = facts.captures.iter();
        Self {
            app_name: optional(facts.app_name.as_ref(), room.names),
            app_id: facts.app_id.as_deref().and_then(|id| known(id, 60)),
            app_url: links::app_of(notice, site),
            task_name: optional(facts.task_name.as_ref(), room.names),
            task_id: facts.task_id.as_deref().and_then(|id| known(id, 60)),
            server_name: host.clone(),
            host_name: host.clone(),
            looked_in: catalog::script_elsewhere(notice, &host, site),
            source: notice.source().name(),
            owner: person(facts.owner.as_deref(), room.names),
            stream: optional(facts.stream.as_ref(), room.names),
            tenant: optional(facts.tenant.as_ref(), room.names),
            space: optional(facts.space.as_ref(), room.names),
            tags: known(&facts.tags.join(", "), room.texts),
            executing_node_name: optional(facts.executing_node.as_ref(), room.names)
                .unwrap_or(host),
            person: person(
                facts.user.as_deref().or(script.and_then(|it| it.executed_by.as_deref())),
                room.names,
            ),
            user: facts
                .user
                .as_deref()
                .and_then(|by| known(by, 100))
                .or_else(|| executed_by.clone()),
            executed_by,
            execution_id: facts.execution_id.as_deref().and_then(|id| known(id, 60)),
            log_message: optional(facts.message.as_ref(), CAUSE),
            captures: captures
                .map(|(name, text)| (name.to_owned(), clean::line(text, 200)))
                .collect(),
        }
    }
}

/// A user that is not a system account, since those are of no use on a card.
fn person(user: Option<&str>, limit: usize) -> Option<String> {
    user.and_then(account::person).and_then(|user| known(user, limit))
}
