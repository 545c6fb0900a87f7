//! Pure. Turns a matching row into a detection, with redacted and bounded text.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::detect::pattern::Pattern;
use crate::detect::row::Row;
use crate::detection::{Detection, Facts, Origin};
use crate::qlik::node::is_guid;
use crate::qlik::stamp::Stamp;
use crate::redact::{redact_and_bound, secrets, without};
use crate::tail::Block;

/// The most characters of a message or an error.
pub(crate) const LONG: usize = 2000;
/// The most characters of a name, an id or a capture.
pub(crate) const SHORT: usize = 500;
/// The most characters of a line of an excerpt.
pub(crate) const LINE: usize = 400;

/// Columns that name the owner of an app or task.
pub(crate) const OWNER: [&str; 3] = ["AppOwner", "OwnerName", "Owner"];
/// Columns that name the stream of an app.
pub(crate) const STREAM: [&str; 2] = ["StreamName", "Stream"];
/// The component that runs a task logs under these names; newer versions may call the slave a
/// worker.
const WORKER_LOGGERS: [&str; 4] =
    [".Slave.Tasks.", ".Worker.Tasks.", ".Slave.Execution.", ".EngineWrapper."];

/// The detection of a row, from the row alone.
pub(crate) fn detection(
    pattern: &Pattern,
    row: &Row<'_>,
    at: Option<Stamp>,
    block: &Block,
    path: &Arc<str>,
    start: usize,
) -> Detection {
    let captures = safe_captures(pattern, row);
    let key = values(&pattern.key, row, &captures);
    let group = group(pattern, key.as_deref(), row, &captures);
    let offset = (block.offset + start as u64).saturating_sub(block.fresh as u64);
    let origin = Origin::Log { log: (&*block.label).into(), path: Arc::clone(path), offset };
    let message = message(pattern, row);
    Detection::of_log(pattern.rule(), origin, at, (key, group), facts(row, message, captures))
}

fn safe_captures(pattern: &Pattern, row: &Row<'_>) -> BTreeMap<String, String> {
    let captures = pattern.captures(row);
    if captures.is_empty() {
        return captures;
    }
    // A capture may hold a secret without the name that marks it as one.
    let known = row.message().map(secrets).unwrap_or_default();
    let safe = |text: String| safe(&without(&text, &known));
    captures.into_iter().map(|(name, text)| (name, safe(text))).collect()
}

/// A name or an id without secrets. A row has half a dozen ids, which are not secrets, and would
/// take longest to search.
fn safe(text: &str) -> String {
    if is_guid(text) { text.to_owned() } else { redact_and_bound(text, SHORT) }
}

/// Captures are named like columns, in lower case with underscores: `task_name` fills in for a
/// missing `TaskName`.
fn facts(row: &Row<'_>, message: Option<String>, captures: BTreeMap<String, String>) -> Facts {
    let named = |column: &str, capture: &str| {
        let cell = row.filled(column).map(safe);
        cell.or_else(|| captures.get(capture).cloned()).filter(|text| !is_nothing(text))
    };
    Facts {
        task_name: named("TaskName", "task_name"),
        task_id: named("TaskId", "task_id").map(Into::into),
        app_name: named("AppName", "app_name"),
        app_id: named("AppId", "app_id").map(Into::into),
        execution_id: named("ExecutionId", "execution_id").map(Into::into),
        user: user(row).or_else(|| captures.get("user").cloned()),
        host: named("Hostname", "host"),
        executing_node: executing_node(row).or_else(|| captures.get("executing_node").cloned()),
        message: message.map(|text| redact_and_bound(&text, LONG)),
        owner: OWNER.into_iter().find_map(|column| named(column, "owner")),
        stream: STREAM.into_iter().find_map(|column| named(column, "stream")),
        captures: captures.into(),
        ..Facts::default()
    }
}

/// Tasks without an app may have an id of zeros in its place.
fn is_nothing(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0' | b'-'))
}

/// The message of the row, followed by text that the pattern found elsewhere: messages of a driver
/// or of .NET are in the column `Exception`.
fn message(pattern: &Pattern, row: &Row<'_>) -> Option<String> {
    let said = row.message()?;
    let found = pattern.conditions.iter().filter(|one| one.column == "Message");
    let found = found.filter_map(|one| one.find_in(row)).find(|text| !said.contains(text.trim()));
    Some(match (found, row.filled("Exception")) {
        (Some(found), Some(exception)) if found.trim() == exception => {
            format!("{said}: {exception}")
        }
        _ => said.to_owned(),
    })
}

fn user(row: &Row<'_>) -> Option<String> {
    let pair = |directory: &str, user: &str| {
        Some(format!("{}\\{}", row.filled(directory)?, row.filled(user)?))
    };
    let user = row.filled("User").map(str::to_owned);
    let user = user.or_else(|| pair("UserDirectory", "UserId"));
    let user = user.or_else(|| pair("ActiveUserDirectory", "ActiveUserId"))?;
    Some(safe(&user))
}

/// The node that runs a task, if the row names it, or if that node wrote the row.
fn executing_node(row: &Row<'_>) -> Option<String> {
    let named = ["ExecutingNodeName", "ExecutingNode"].into_iter().find_map(|one| row.filled(one));
    let is_of_worker = |logger: &&str| WORKER_LOGGERS.iter().any(|part| logger.contains(part));
    let wrote = || row.filled("Logger").filter(is_of_worker).and_then(|_| row.filled("Hostname"));
    Some(safe(named.or_else(wrote)?))
}

/// The group in which the row is counted; `None` if all its values are empty.
fn group(
    pattern: &Pattern,
    key: Option<&str>,
    row: &Row<'_>,
    captures: &BTreeMap<String, String>,
) -> Option<String> {
    if pattern.by.is_empty() {
        return Some(key.unwrap_or(&pattern.id).to_owned());
    }
    values(&pattern.by, row, captures)
}

/// The values of these columns and captures; `None` if they are all empty.
fn values(names: &[String], row: &Row<'_>, captures: &BTreeMap<String, String>) -> Option<String> {
    let value = |name: &String| match (captures.get(name), name.as_str()) {
        (Some(capture), _) => capture.clone(),
        (None, "user") => user(row).unwrap_or_default(),
        (None, "address") => address(row).unwrap_or_default(),
        (None, name) => row.filled(name).map(safe).unwrap_or_default(),
    };
    let values: Vec<String> = names.iter().map(value).collect();
    let any = values.iter().any(|value| !value.is_empty());
    any.then(|| safe(&values.join("|")))
}

/// The client's address, which has several column names.
fn address(row: &Row<'_>) -> Option<String> {
    let named = ["ClientHostAddress", "IpAddress"].into_iter().find_map(|name| row.filled(name));
    named.map(safe)
}
