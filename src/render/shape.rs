//! Pure. Finds elements that a webhook accepts but Teams does not show.

use serde_json::{Map, Value};

use crate::config::nearest;
use crate::render::expand::TemplateFault;
use crate::render::spans::child;

/// Elements, actions and parts that work in a card posted by a webhook.
const TYPES: [&str; 19] = [
    "AdaptiveCard",
    "TextBlock",
    "RichTextBlock",
    "TextRun",
    "FactSet",
    "ColumnSet",
    "Column",
    "Container",
    "Table",
    "TableRow",
    "TableCell",
    "TableColumnDefinition",
    "Image",
    "ImageSet",
    "ActionSet",
    "CodeBlock",
    "Action.OpenUrl",
    "Action.ShowCard",
    "Action.ToggleVisibility",
];

/// The elements that would make the card fail or stay invisible.
pub(crate) fn faults(template: &Value) -> Vec<TemplateFault> {
    let mut faults = Vec::new();
    check_node(template, "", false, &mut faults);
    faults
}

/// The most values of a template; the largest built-in one has 300.
const VALUES: usize = 20_000;
/// The most bytes of a member's name.
const NAME: usize = 200;

/// Refuses a template that would take too much time or memory.
pub(crate) fn too_large(template: &Value) -> Option<TemplateFault> {
    let mut left = VALUES;
    is_too_large(template, &mut left).then(|| {
        let message = format!(
            "the template has more than {VALUES} values, or a name of more than {NAME} bytes"
        );
        TemplateFault::new("", message).hint("Teams accepts cards of at most 28 KB")
    })
}

fn is_too_large(node: &Value, left: &mut usize) -> bool {
    let Some(rest) = left.checked_sub(1) else { return true };
    *left = rest;
    match node {
        Value::Array(nodes) => nodes.iter().any(|node| is_too_large(node, left)),
        Value::Object(members) => {
            members.iter().any(|(name, node)| name.len() > NAME || is_too_large(node, left))
        }
        _ => false,
    }
}

/// `first`: whether this is the first of a container's items.
fn check_node(node: &Value, at: &str, first: bool, faults: &mut Vec<TemplateFault>) {
    match node {
        Value::Array(nodes) => {
            for (i, node) in nodes.iter().enumerate() {
                let first = i == 0 && at.ends_with("/items");
                check_node(node, &child(at, &i.to_string()), first, faults);
            }
        }
        Value::Object(members) => {
            faults.extend(element(members, at, first));
            // The types inside mentions and `$data` are not card elements.
            for (key, node) in
                members.iter().filter(|(key, _)| *key != "msteams" && *key != "$data")
            {
                check_node(node, &child(at, key), false, faults);
            }
        }
        _ => {}
    }
}

fn element(members: &Map<String, Value>, at: &str, first: bool) -> Option<TemplateFault> {
    let kind = members.get("type")?.as_str().filter(|kind| !kind.contains('{'))?;
    let at = child(at, "type");
    if !TYPES.contains(&kind) {
        let fault = TemplateFault::new(
            &at,
            format!("Teams does not show `{kind}` in a card from a webhook"),
        );
        return Some(match nearest(kind, TYPES) {
            Some(near) => fault.hint(format!("did you mean `{near}`?")),
            None => fault.hint("inputs, submit buttons and media need a bot"),
        });
    }
    // After a list of actions, the flow bot's parser treats an unknown element as an action; only
    // the first element of a new container is safe.
    let misplaced = kind == "CodeBlock" && !first;
    misplaced.then(|| {
        TemplateFault::new(&at, "a CodeBlock that is not the first element of its own Container")
            .hint("put it alone into a Container, else the flow fails after it accepted the card")
    })
}
