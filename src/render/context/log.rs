//! Pure. The variables that show the script log.

use serde::Serialize;

use crate::detection::ScriptFacts;
use crate::render::context::known;
use crate::render::excerpt::{self, ShownLine};
use crate::render::fit::Room;
use crate::render::{Site, catalog, clean, paths};

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LogView {
    script_log: Option<String>,
    script_log_tail: Option<String>,
    script_log_tail_count: usize,
    pub(crate) script_log_path: Option<String>,
    script_log_short: Option<String>,
    error_class: Option<String>,
    error_title: Option<String>,
    connection: Option<String>,
    swallowed: usize,
    swallowed_errors: Option<usize>,
    swallowed_note: Option<String>,
    statement: Option<StatementContext>,
    excerpt_text: Option<String>,
    excerpt_start: Option<u64>,
    excerpt_end: Option<u64>,
    excerpt: Vec<ShownLine>,
    shortened: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
struct StatementContext {
    number: u32,
    text: String,
}

impl LogView {
    pub(crate) fn new(script: Option<&ScriptFacts>, site: &Site, room: Room) -> Self {
        let catalog = catalog::of(site.language);
        let lines = script.map(|script| excerpt::cut(&script.excerpt, room)).unwrap_or_default();
        let text = excerpt::plain(&lines);
        let path = script.and_then(|script| known(&script.path, 260));
        let statement = script.and_then(|script| script.statement.as_ref());
        let text_of = |text: fn(&ScriptFacts) -> &Option<String>, limit| {
            known(text(script?).as_ref()?, limit)
        };
        let swallowed = script.map_or(0, |script| script.n_swallowed);
        let at_least = script.is_some_and(|script| script.swallowed_at_least);
        Self {
            script_log: text.clone(),
            script_log_tail: text,
            script_log_tail_count: lines.len(),
            error_class: text_of(|script| &script.error_class, 40),
            error_title: text_of(|script| &script.error_title, 60),
            connection: text_of(|script| &script.connection, 80),
            swallowed,
            swallowed_errors: (swallowed > 0).then_some(swallowed),
            swallowed_note: (swallowed > 0).then(|| catalog.swallowed(swallowed, at_least)),
            statement: statement.map(|statement| StatementContext {
                number: statement.number,
                text: clean::line(&statement.text, room.width),
            }),
            excerpt_text: excerpt::marked(&lines),
            excerpt_start: lines.first().and_then(|line| line.number),
            excerpt_end: lines.last().and_then(|line| line.number),
            excerpt: lines,
            shortened: room.shortened.then(|| catalog.shortened(path.as_deref())),
            script_log_short: path.as_deref().map(paths::short),
            script_log_path: path,
        }
    }
}
