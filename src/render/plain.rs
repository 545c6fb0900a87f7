//! Pure. The smallest card, built in code, so that no template can break it.

use serde_json::{Value, json};

use crate::incident::Notice;
use crate::render::context::Context;
use crate::render::context::log::shortened;
use crate::render::fit::Room;
use crate::render::{Site, body};

const ROOM: Room = Room { lines: 0, width: 160, error: 500, brief: true, shortened: false };

/// Head, reason, task, node, time and buttons; below 8 KB for any notice.
pub(crate) fn card(notice: &Notice, site: &Site) -> Value {
    let context = Context::new(notice, site, ROOM);
    let mut body = vec![head(&context)];
    body.extend(context.story.error_message.as_deref().map(error));
    body.push(json!({ "type": "Container", "spacing": "Medium", "items": rows(&context) }));
    body.extend(context.story.still_failing.as_deref().map(|names| row("Still failing", names)));
    body.extend(context.facts.looked_in.as_deref().map(|place| row("Script log", place)));
    if let Some(path) = &context.log.script_log_path {
        body.push(small(&shortened(Some(path))));
    }
    body.push(small(&format!(
        "plain card · sent by footman {} on {}",
        site.version, context.site.node
    )));
    body.push(key(&context.story.fingerprint));
    let actions = [("Task in QMC", &context.site.qmc_url), ("Open app", &context.facts.app_url)];
    let actions = actions
        .into_iter()
        .filter_map(|(title, url)| Some(button(title, url.as_deref()?)))
        .collect::<Vec<_>>();
    body::card(&context.story.summary, &body, &actions)
}

fn head(context: &Context) -> Value {
    let environment = context.story.environment.as_ref().map(|name| name.to_uppercase());
    let place =
        [environment.as_deref(), Some(&context.facts.server_name), Some(&context.story.timestamp)];
    let place: Vec<&str> = place.into_iter().flatten().collect();
    json!({ "type": "Container", "style": "emphasis", "bleed": true, "items": [
        run(json!({ "text": context.story.title, "size": "Large", "weight": "Bolder" })),
        small(&place.join(" · ")),
    ]})
}

fn error(error: &str) -> Value {
    run(json!({ "text": error, "fontType": "Monospace", "weight": "Bolder", "color": "Attention" }))
}

fn rows(context: &Context) -> Vec<Value> {
    let rows =
        [("Task", context.facts.task_name.as_ref()), ("App", context.facts.app_name.as_ref())];
    let rows = rows.into_iter().chain([("Node", Some(&context.facts.server_name))]);
    rows.filter_map(|(label, value)| Some(row(label, value?))).collect()
}

/// Label and value, readable on a phone.
pub(crate) fn row(label: &str, value: &str) -> Value {
    let label = json!({ "type": "TextBlock", "text": label, "wrap": true, "weight": "Bolder",
        "size": "Small", "isSubtle": true });
    json!({ "type": "ColumnSet", "spacing": "Small", "columns": [
        { "type": "Column", "width": "95px", "items": [label] },
        { "type": "Column", "width": "stretch", "items": [run(json!({ "text": value }))] },
    ]})
}

/// A small, subtle line.
pub(crate) fn small(text: &str) -> Value {
    run(json!({ "text": text, "size": "Small", "isSubtle": true }))
}

/// One line of text without markdown.
pub(crate) fn run(mut run: Value) -> Value {
    run["type"] = "TextRun".into();
    json!({ "type": "RichTextBlock", "spacing": "Small", "inlines": [run] })
}

/// The hidden key by which a flow finds the card again.
pub(crate) fn key(fingerprint: &str) -> Value {
    json!({ "type": "TextBlock", "text": format!("footman:{fingerprint}"), "isVisible": false })
}

fn button(title: &str, url: &str) -> Value {
    json!({ "type": "Action.OpenUrl", "title": title, "url": url })
}
