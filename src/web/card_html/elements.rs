//! Pure. Picks the drawing of each element, with what all elements share: spacing, rule, id.

use serde_json::Value;

use crate::web::card_html::html::{Html, Tag};
use crate::web::card_html::looks::{FILL, SPACING, class};
use crate::web::card_html::{actions, columns, flag, list, note, string, text};

/// One element; an unknown one is replaced by its fallback, as Teams does, or by a note.
pub(in crate::web) fn draw(out: &mut Html, element: &Value) {
    match string(element, "type") {
        "TextBlock" => text::text_block(out, element),
        "RichTextBlock" => text::rich_text_block(out, element),
        "CodeBlock" => text::code_block(out, element),
        "FactSet" => text::fact_set(out, element),
        "ColumnSet" => columns::column_set(out, element),
        "Table" => columns::table(out, element),
        "Container" => container(out, element),
        "ActionSet" => action_set(out, element),
        unknown => replacement(out, element, unknown),
    }
}

/// The elements inside a container, a column or a cell.
pub(in crate::web) fn draw_all(out: &mut Html, parent: &Value) {
    for element in list(parent, "items") {
        draw(out, element);
    }
}

/// Begins the tag of an element.
pub(in crate::web) fn open<'h>(
    out: &'h mut Html,
    tag: &'static str,
    element: &Value,
    classes: &[&str],
) -> Tag<'h> {
    let rule = if flag(element, "separator") { "rule" } else { "" };
    let shared = [class(element, "spacing", SPACING), rule];
    let tag = out.open(tag, &[classes, &shared].concat());
    let tag = match string(element, "id") {
        "" => tag,
        id => tag.attribute("data-id", id),
    };
    tag.mark("hidden", element.get("isVisible").and_then(Value::as_bool) == Some(false))
}

/// The classes of a coloured ground.
pub(in crate::web) fn fill(element: &Value) -> [&'static str; 3] {
    match class(element, "style", FILL) {
        "" => ["", "", ""],
        style => ["fill", style, if flag(element, "bleed") { "bleed" } else { "" }],
    }
}

fn container(out: &mut Html, element: &Value) {
    let mut classes = vec!["items"];
    classes.extend(fill(element));
    open(out, "div", element, &classes).end();
    draw_all(out, element);
    out.close("div");
}

fn action_set(out: &mut Html, element: &Value) {
    open(out, "div", element, &[]).end();
    actions::draw(out, list(element, "actions"), "");
    out.close("div");
}

fn replacement(out: &mut Html, element: &Value, unknown: &str) {
    match element.get("fallback") {
        Some(Value::String(drop)) if drop == "drop" => {}
        Some(fallback @ Value::Object(_)) => draw(out, fallback),
        _ => note(out, &format!("an element of type \"{unknown}\" is not drawn here")),
    }
}
