//! Pure. Draws texts: `TextBlock`, `RichTextBlock`, `CodeBlock`, `FactSet`.

use serde_json::Value;

use crate::web::card_html::actions::is_https;
use crate::web::card_html::fields::{flag, list, string};
use crate::web::card_html::frame::open;
use crate::web::card_html::html::Html;
use crate::web::card_html::looks::{ALIGN, COLOR, FONT, SIZE, WEIGHT, class};

/// One text. Footman puts only fixed words into it, so markdown is not interpreted.
pub(crate) fn text_block(out: &mut Html, block: &Value) {
    let cut = if flag(block, "wrap") { "" } else { "cut" };
    let mut classes = vec!["text", cut, class(block, "horizontalAlignment", ALIGN)];
    classes.extend(style_classes(block));
    open(out, "p", block, &classes).end();
    // A mention, which Teams shows as the name of the person.
    out.text(&string(block, "text").replace("<at>", "@").replace("</at>", ""));
    out.close("p");
}

/// A line of differently styled texts.
pub(crate) fn rich_text_block(out: &mut Html, block: &Value) {
    let runs = list(block, "inlines");
    let align = class(block, "horizontalAlignment", ALIGN);
    open(out, "p", block, &["text", align, common_size(runs)]).end();
    for run in runs {
        text_run(out, run);
    }
    out.close("p");
}

/// The size that all texts of a line share, which sets the line height.
fn common_size(runs: &[Value]) -> &'static str {
    let mut sizes = runs.iter().map(|run| class(run, "size", SIZE));
    let first = sizes.next().unwrap_or_default();
    if sizes.all(|size| size == first) { first } else { "" }
}

fn text_run(out: &mut Html, run: &Value) {
    if let Some(text) = run.as_str() {
        return out.text(text);
    }
    let link = run.get("selectAction").map(|action| string(action, "url"));
    let (tag, link) = match link.filter(|url| is_https(url)) {
        Some(url) => ("a", url),
        None => ("span", ""),
    };
    let opened = out.open(tag, &style_classes(run));
    let opened = if link.is_empty() { opened } else { opened.link(link) };
    opened.end();
    out.text(string(run, "text"));
    out.close(tag);
}

fn style_classes(text: &Value) -> [&'static str; 8] {
    let marked = |property, class| if flag(text, property) { class } else { "" };
    [
        class(text, "size", SIZE),
        class(text, "weight", WEIGHT),
        class(text, "color", COLOR),
        class(text, "fontType", FONT),
        marked("isSubtle", "subtle"),
        marked("italic", "it"),
        marked("strikethrough", "st"),
        marked("highlight", "hl"),
    ]
}

/// Lines of a log with their numbers.
pub(crate) fn code_block(out: &mut Html, block: &Value) {
    let first = block.get("startLineNumber").and_then(Value::as_u64).unwrap_or(1);
    open(out, "div", block, &["code"]).attribute("tabindex", "0").end();
    out.open("table", &[]).attribute("role", "presentation").end();
    for (number, line) in (first..).zip(string(block, "codeSnippet").lines()) {
        out.open("tr", &[]).end();
        cell(out, "td", &["no"], &number.to_string());
        cell(out, "td", &[], line);
        out.close("tr");
    }
    out.close("table");
    out.close("div");
}

/// Names and values.
pub(crate) fn fact_set(out: &mut Html, set: &Value) {
    open(out, "table", set, &["facts"]).end();
    for fact in list(set, "facts") {
        out.open("tr", &[]).end();
        cell(out, "th", &[], string(fact, "title"));
        cell(out, "td", &[], string(fact, "value"));
        out.close("tr");
    }
    out.close("table");
}

fn cell(out: &mut Html, tag: &'static str, classes: &[&str], text: &str) {
    out.open(tag, classes).end();
    out.text(text);
    out.close(tag);
}
