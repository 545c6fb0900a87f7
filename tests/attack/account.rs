//! The tally after an attack: what was written, and what people could read.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OpenFlags};

use crate::support::fake_teams::{Fate, Post};
use crate::support::world::{World, cards_of_digest, n_cards, texts};

/// The prefix of the app name in the title of a card.
const FAILED: &str = "Reload failed: ";

/// The relevant content of one post.
#[derive(Clone, Debug)]
pub(crate) struct PostSummary {
    /// The apps that it names.
    pub(crate) apps: Vec<String>,
    /// Number of cards that it covers.
    pub(crate) times: usize,
    pub(crate) is_digest: bool,
    /// Whether it is marked as a possible repeat.
    pub(crate) is_marked: bool,
    pub(crate) fate: Fate,
    pub(crate) text: String,
}

pub(crate) fn summarize(post: &Post) -> PostSummary {
    let texts = texts(&post.body);
    let apps: BTreeSet<String> = texts.iter().filter_map(|text| app(text)).collect();
    PostSummary {
        apps: apps.into_iter().collect(),
        times: n_cards(&post.body),
        is_digest: cards_of_digest(&post.body).is_some(),
        is_marked: post.body.contains("ossible repeat"),
        fate: post.fate,
        text: texts.join("\n"),
    }
}

/// The app in the title of a card or in a row of a digest: `Reload failed: Sales: no such field`.
fn app(text: &str) -> Option<String> {
    let (_, rest) = text.split_once(FAILED)?;
    Some(rest.split(": ").next().unwrap_or(rest).to_owned())
}

/// Number of cards in the posts that Teams accepted.
pub(crate) fn seen(posts: &[Post]) -> usize {
    posts.iter().filter(|post| post.fate == Fate::Taken).map(|post| summarize(post).times).sum()
}

/// Posts that may repeat an earlier one without a mark.
pub(crate) fn unmarked_repeats(posts: &[Post]) -> Vec<String> {
    let mut shown: BTreeMap<String, usize> = BTreeMap::new();
    let mut complaints = Vec::new();
    for (number, post) in posts.iter().enumerate() {
        let summary = summarize(post);
        let key = if summary.is_digest { digest_key(&summary) } else { summary.apps.join(",") };
        let before = shown.get(&key);
        if let Some(before) = before.filter(|_| !summary.is_marked) {
            complaints.push(format!("post {number} repeats post {before} unmarked: {key}"));
        }
        if summary.fate != Fate::Refused {
            shown.entry(key).or_insert(number);
        }
    }
    complaints
}

/// Title and rows, without the mark of a repeat.
fn digest_key(summary: &PostSummary) -> String {
    let lines = summary.text.lines().filter(|line| !line.contains("ossible repeat"));
    lines.collect::<Vec<_>>().join("|")
}

/// The final state of deliveries: for each channel and app, how often it was sent, alone or in a
/// digest. Pending and dead deliveries are not counted.
pub(crate) fn delivered(world: &World) -> BTreeMap<(String, String), usize> {
    let path = world.state_dir().join(footman::state::FILE_NAME);
    let state = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut query =
        state.prepare("SELECT id, channel, summary, state, receipt FROM delivery").unwrap();
    let rows: Vec<Row> = query.query_map([], Row::read).unwrap().map(Result::unwrap).collect();
    let by_id: BTreeMap<&str, &Row> = rows.iter().map(|row| (row.id.as_str(), row)).collect();
    let mut delivered = BTreeMap::new();
    // The summary of a digest names its worst card, which also has a row of its own.
    for row in rows.iter().filter(|row| !row.id.starts_with("digest-")) {
        let Some(app) = app(&row.summary) else { continue };
        let mut end = row;
        // A digest may be a member of a later one.
        while end.state == "folded" {
            let Some(digest) = end.receipt.as_deref().and_then(|id| by_id.get(id)) else { break };
            end = digest;
        }
        if end.state == "delivered" {
            *delivered.entry((row.channel.clone(), app)).or_default() += 1;
        }
    }
    delivered
}

struct Row {
    id: String,
    channel: String,
    summary: String,
    state: String,
    receipt: Option<String>,
}

impl Row {
    fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            channel: row.get(1)?,
            summary: row.get(2)?,
            state: row.get(3)?,
            receipt: row.get(4)?,
        })
    }
}
