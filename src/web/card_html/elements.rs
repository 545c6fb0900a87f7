//! Pure. Draws each element by its type, and those that contain others.

use serde_json::Value;

use crate::web::card_html::fields::{list, string};
use crate::web::card_html::frame::{fill, note, open};
use crate::web::card_html::html::Html;
use crate::web::card_html::{actions, columns, text};

/// One element; an unknown one is replaced by its fallback, as Teams does, or by a note.
pub(crate) fn draw(out: &mut Html, element: &Value) {
    match string(element, "type") {
        "TextBlock" => text::text_block(out, element),
        "RichTextBlock" => text::rich_text_block(out, element),
        "CodeBlock" => text::code_block(out, element),
        "FactSet" => text::fact_set(out, element),
        "ColumnSet" => columns::column_set(out, element, draw_all),
        "Table" => columns::table(out, element, draw_all),
        "Container" => container(out, element),
        "ActionSet" => action_set(out, element),
        unknown => replacement(out, element, unknown),
    }
}

/// The elements inside a container, a column or a cell.
fn draw_all(out: &mut Html, parent: &Value) {
    for element in list(parent, "items") {
        draw(out, element);
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
