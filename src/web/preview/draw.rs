//! Pure. The views of the preview as HTML: each kind with its card, and problems in place.

use std::fmt::Write as _;

use serde_json::Value;

use crate::channels::teams::message;
use crate::config::{Language, Problem};
use crate::web::card_html::{self, html::escape};

/// One kind, its card, and why its newest template is not in force.
#[derive(Clone, Debug)]
pub struct DrawnPreview<'r> {
    pub kind: &'static str,
    pub card: String,
    pub problems: Vec<&'r Problem>,
    /// Notes of rendering: the card was shortened, or the plain card is shown.
    pub notes: Vec<String>,
}

/// All kinds side by side; `others` are problems of files that no shown kind uses.
pub fn views(shown: &[DrawnPreview<'_>], others: &[&Problem]) -> String {
    let mut html = String::new();
    faults(&mut html, others, false);
    html.push_str("<div class=\"kinds\">");
    for one in shown {
        let _infallible =
            write!(html, "<section class=\"kind\" id=\"kind-{0}\"><h2>{0}</h2>", escape(one.kind));
        faults(&mut html, &one.problems, true);
        for note in &one.notes {
            let _infallible = write!(html, "<p class=\"noted\">{}</p>", escape(note));
        }
        let envelope: Value = serde_json::from_str(&message(&one.card, false)).unwrap_or_default();
        html.push_str(&card_html::draw(&envelope));
        html.push_str("</section>");
    }
    html.push_str("</div>");
    html
}

/// The whole page. `alone`: one file with everything in it, else it follows the templates.
pub fn page(views: &str, alone: bool) -> String {
    let head = if alone {
        format!("<style>{}</style>", style())
    } else {
        "<link rel=\"stylesheet\" href=\"/style.css\"><script src=\"/preview.js\" defer></script>"
            .to_owned()
    };
    let language = Language::English.name();
    format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>Footman: preview</title><link rel=\"icon\" href=\"data:,\">{head}</head>\n\
         <body class=\"preview\"><header class=\"above\"><h1>Preview</h1>\
         <p>Cards with invented content, as Microsoft Teams would show them.</p>\
         <p id=\"live\" role=\"status\"></p></header>\n<main id=\"main\">{views}</main></body></html>\n"
    )
}

pub(crate) fn style() -> String {
    format!("{}{}", card_html::stylesheet(), include_str!("preview.css"))
}

fn faults(html: &mut String, problems: &[&Problem], has_card: bool) {
    for problem in problems {
        let place = problem.place();
        let _infallible = write!(
            html,
            "<div class=\"fault\" role=\"alert\"><p><b>{}</b>: {}</p>",
            escape(&place),
            escape(&problem.message)
        );
        if let Some(line) = problem.text.lines().nth(problem.line() - 1) {
            let _infallible = write!(html, "<pre>{}</pre>", escape(&marked(line, problem)));
        }
        if let Some(hint) = &problem.hint {
            let _infallible = write!(html, "<p>hint: {}</p>", escape(hint));
        }
        html.push_str("</div>");
    }
    if has_card && !problems.is_empty() {
        html.push_str("<p class=\"noted\">Until this is corrected, this card is sent:</p>");
    }
}

/// The line, and a mark below the faulty text.
fn marked(line: &str, problem: &Problem) -> String {
    const LONGEST: usize = 160;
    let column = problem.column().saturating_sub(1);
    let left = column.saturating_sub(LONGEST / 2);
    let shown: String = line.chars().skip(left).take(LONGEST).collect();
    let length = problem.text.get(problem.span.clone()).unwrap_or_default();
    let length = length.lines().next().unwrap_or_default().chars().count();
    let room = shown.chars().count().saturating_sub(column - left);
    let mark = "^".repeat(length.clamp(1, room.max(1)));
    format!("{shown}\n{}{mark}", " ".repeat(column - left))
}

#[cfg(test)]
mod tests;
