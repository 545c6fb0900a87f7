//! Pure. Draws the Adaptive Card elements that Footman uses as HTML; every text stays text.
//!
//! A node may have no internet access and the project ships no third-party script, so the page
//! draws cards itself. The browser test compares the result with that of the official SDK.

use serde_json::Value;

use crate::web::card_html::fields::list;
use crate::web::card_html::frame::note;
use crate::web::card_html::html::Html;

mod actions;
mod columns;
mod elements;
mod fields;
mod frame;
pub mod html;
mod looks;
mod text;

pub use crate::web::card_html::columns::stylesheet;

/// Draws the cards of one message envelope, each in its frame.
pub fn draw(envelope: &Value) -> String {
    let mut out = Html::default();
    let cards: Vec<&Value> = contents(envelope).collect();
    if cards.is_empty() {
        note(&mut out, "there is no card in this file");
    }
    for card in cards {
        draw_card(&mut out, card);
    }
    out.into_string()
}

/// Draws the reason why a file is not a card.
pub fn draw_problem(why: &str) -> String {
    let mut out = Html::default();
    note(&mut out, why);
    out.into_string()
}

fn contents(envelope: &Value) -> impl Iterator<Item = &Value> {
    list(envelope, "attachments").iter().filter_map(|attachment| attachment.get("content"))
}

fn draw_card(out: &mut Html, card: &Value) {
    out.open("div", &["card"]).end();
    out.open("div", &["items"]).end();
    for element in list(card, "body") {
        elements::draw(out, element);
    }
    actions::draw(out, list(card, "actions"), "sp-medium");
    out.close("div");
    out.close("div");
}

#[cfg(test)]
mod tests;
