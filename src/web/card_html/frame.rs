//! Pure. Draws the common parts of all elements: spacing, separator, id, background, and notes that
//! replace elements.

use serde_json::Value;

use crate::web::card_html::fields::{flag, string};
use crate::web::card_html::html::{Html, Tag};
use crate::web::card_html::looks::{FILL, SPACING, class};

/// Opens the tag of an element.
pub(crate) fn open<'h>(
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

/// The classes of a colored background.
pub(crate) fn fill(element: &Value) -> [&'static str; 3] {
    match class(element, "style", FILL) {
        "" => ["", "", ""],
        style => ["fill", style, if flag(element, "bleed") { "bleed" } else { "" }],
    }
}

/// A note instead of something that cannot be drawn.
pub(crate) fn note(out: &mut Html, words: &str) {
    out.open("div", &["note"]).end();
    out.text(words);
    out.close("div");
}
