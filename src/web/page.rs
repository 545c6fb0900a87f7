//! Pure. The page around the cards: each card as a post in a channel, newest first.

use serde_json::Value;

use crate::clock::Timestamp;
use crate::web::PageAddress;
use crate::web::card_html::html::escape;
use crate::web::card_html::{draw, draw_problem};

/// One card file of the folder.
#[derive(Clone, Debug, PartialEq)]
pub struct Post {
    /// The file name; names sort by time.
    pub name: String,
    pub at: Timestamp,
    /// The message envelope, or the reason why it cannot be read.
    pub envelope: Result<Value, String>,
}

/// The whole page. `stalled` is the reason why the agent is stalled.
pub fn page(place: &PageAddress, stalled: Option<&str>, newest_first: &[Post]) -> String {
    let environment = match &place.environment {
        Some(environment) => format!("{} · ", escape(environment)),
        None => String::new(),
    };
    format!(
        include_str!("page.html"),
        node = escape(&place.node),
        environment = environment,
        stalled = stalled.map(warning).unwrap_or_default(),
        posts = newest_first.iter().map(article).collect::<String>(),
    )
}

fn warning(why: &str) -> String {
    format!("<p class=\"stalled\" role=\"alert\"><b>Cards are delayed.</b> {}</p>\n", escape(why))
}

/// A single card, for the page's script.
pub fn article(post: &Post) -> String {
    let card = match &post.envelope {
        Ok(envelope) => draw(envelope),
        Err(why) => draw_problem(why),
    };
    format!(
        concat!(
            r#"<article class="post" data-name="{name}">"#,
            r#"<div class="face" aria-hidden="true">F</div><div class="body">"#,
            r#"<header><b>Footman</b><time datetime="{at}">{at}</time></header>{card}"#,
            "</div></article>\n",
        ),
        name = escape(&post.name),
        at = post.at,
        card = card,
    )
}
