//! Pure. What Teams does not show, although a webhook takes it without a word.

use serde_json::{Map, Value};

use crate::render::expand::Fault;
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

/// Every element that would make the card fail or stay invisible.
pub(crate) fn faults(template: &Value) -> Vec<Fault> {
    let mut faults = Vec::new();
    check_node(template, "", false, &mut faults);
    faults
}

/// Values that a template may have; the largest built-in one has 300.
const VALUES: usize = 20_000;
/// Bytes of a member's name.
const NAME: usize = 200;

/// A template of which no card can be made in reasonable time and memory.
pub(crate) fn too_large(template: &Value) -> Option<Fault> {
    let mut left = VALUES;
    is_too_large(template, &mut left).then(|| {
        let message = format!(
            "the template has more than {VALUES} values, or a name of more than {NAME} bytes"
        );
        Fault::new("", message).hint("Teams takes cards of 28 KB at most")
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

/// `first`: whether this is the first element of a list of its own.
fn check_node(node: &Value, at: &str, first: bool, faults: &mut Vec<Fault>) {
    match node {
        Value::Array(nodes) => {
            for (i, node) in nodes.iter().enumerate() {
                let first = i == 0 && at.ends_with("/items");
                check_node(node, &child(at, &i.to_string()), first, faults);
            }
        }
        Value::Object(members) => {
            faults.extend(element(members, at, first));
            // Mentions and `$data` have types of their own.
            for (key, node) in
                members.iter().filter(|(key, _)| *key != "msteams" && *key != "$data")
            {
                check_node(node, &child(at, key), false, faults);
            }
        }
        _ => {}
    }
}

fn element(members: &Map<String, Value>, at: &str, first: bool) -> Option<Fault> {
    let kind = members.get("type")?.as_str().filter(|kind| !kind.contains('{'))?;
    let at = child(at, "type");
    if !TYPES.contains(&kind) {
        let fault =
            Fault::new(&at, format!("Teams does not show `{kind}` in a card from a webhook"));
        return Some(fault.hint("inputs, submit buttons and media need a bot"));
    }
    // The flow bot's parser takes an unknown element for an action once it has seen a list of
    // actions; only the first element of a fresh container is safe.
    let misplaced = kind == "CodeBlock" && !first;
    misplaced.then(|| {
        Fault::new(&at, "a CodeBlock that is not the first element of its own Container")
            .hint("put it alone into a Container, else the flow fails after it took the card")
    })
}
