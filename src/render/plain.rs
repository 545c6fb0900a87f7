//! Pure. The smallest card, built in code, so that no template can break it.

use serde_json::{Value, json};

use crate::incident::{Notice, Reason};
use crate::render::catalog::Labels;
use crate::render::context::Context;
use crate::render::fit::Room;
use crate::render::{Site, body, catalog};

const ROOM: Room =
    Room { lines: 0, width: 160, names: 60, texts: 160, brief: true, shortened: false };

/// Head, cause, what to do, task, app, node, who takes care, and buttons; below 8 KB for any notice.
pub(crate) fn card(notice: &Notice, site: &Site) -> Value {
    let context = Context::new(notice, site, ROOM);
    let catalog = catalog::of(site.language);
    let labels = catalog.labels();
    let head_of = &context.head;
    let mut body =
        vec![head(head_of.style, head_of.icon, &head_of.place, &head_of.heading, &head_of.when)];
    let story = &context.story;
    let (error, advice) = match notice.reason {
        Reason::Recovered => words_of_recovery(&context),
        _ => (story.error_message.clone(), story.advice.clone()),
    };
    body.extend(error.map(|error| cause(&error, head_of.cause_size)));
    body.extend(advice.map(|advice| what_to_do(labels, &advice)));
    body.push(json!({ "type": "Container", "spacing": "Medium", "items": rows(&context, labels) }));
    let taken = context.story.acknowledged_by.as_ref().zip(context.story.acknowledged_at.as_ref());
    body.extend(taken.map(|(by, at)| row(labels.taken_by, &format!("{by}, {at}"))));
    body.extend(context.story.remark.as_deref().map(|remark| row(labels.note, remark)));
    body.extend(context.story.note.as_deref().map(|note| row(labels.last_time, note)));
    body.extend(
        context.story.still_failing.as_deref().map(|names| row(labels.still_failing, names)),
    );
    body.extend(context.facts.looked_in.as_deref().map(|place| row(labels.script_log, place)));
    if let Some(path) = &context.log.script_log_path {
        body.push(small(&catalog.shortened(Some(path))));
    }
    body.push(small(&catalog.plain_footer(site.version, &context.site.node)));
    body.push(key(&context.story.fingerprint));
    let rows = serde_json::to_value(&context.button_rows).unwrap_or_default();
    body.extend(rows.as_array().into_iter().flatten().map(action_set));
    body::card(&context.head.banner, site.language, &body, &[])
}

/// The earlier failure, and what to do now, as in the template of a recovery.
fn words_of_recovery(context: &Context) -> (Option<String>, Option<String>) {
    (context.phrases.it_was.clone(), context.phrases.afterwards.clone())
}

/// The head of every card: severity, state and place; event and subject; time.
pub(crate) fn head(style: &str, icon: &str, place: &str, heading: &str, when: &str) -> Value {
    let line = |runs: Value| json!({ "type": "RichTextBlock", "spacing": "None", "inlines": runs });
    json!({ "type": "Container", "style": style, "bleed": true, "items": [
        line(json!([
            { "type": "TextRun", "text": format!("{icon}  "), "size": "Small" },
            { "type": "TextRun", "text": place, "size": "Small", "weight": "Bolder" },
        ])),
        line(json!([{ "type": "TextRun", "text": heading, "size": "Large", "weight": "Bolder" }])),
        line(json!([{ "type": "TextRun", "text": when, "size": "Small" }])),
    ]})
}

/// The cause, the largest text under the head.
pub(crate) fn cause(error: &str, size: &str) -> Value {
    json!({ "type": "RichTextBlock", "spacing": "Medium", "inlines": [
        { "type": "TextRun", "text": error, "size": size, "weight": "Bolder" },
    ]})
}

pub(crate) fn what_to_do(labels: &Labels, advice: &str) -> Value {
    json!({ "type": "RichTextBlock", "spacing": "Small", "inlines": [
        { "type": "TextRun", "text": format!("{}: ", labels.what_to_do), "weight": "Bolder" },
        { "type": "TextRun", "text": advice },
    ]})
}

fn rows(context: &Context, labels: &Labels) -> Vec<Value> {
    let facts = &context.facts;
    let rows = [
        (labels.app, facts.app_name.as_ref()),
        (labels.task, facts.task_name.as_ref()),
        (labels.node, Some(&facts.server_name)),
    ];
    rows.into_iter().filter_map(|(label, value)| Some(row(label, value?))).collect()
}

/// Label and value, readable on a phone.
pub(crate) fn row(label: &str, value: &str) -> Value {
    json!({ "type": "ColumnSet", "spacing": "Small", "columns": [
        { "type": "Column", "width": "90px",
          "items": [run(json!({ "text": label, "isSubtle": true }))] },
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

/// Buttons side by side.
fn action_set(row: &Value) -> Value {
    let buttons = row["buttons"].as_array().into_iter().flatten();
    let buttons = buttons.map(|button| {
        json!({ "type": "Action.OpenUrl", "title": button["title"], "url": button["url"] })
    });
    json!({ "type": "ActionSet", "spacing": "Small", "actions": buttons.collect::<Vec<_>>() })
}
