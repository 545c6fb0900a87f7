//! Pure. The product's sentences for templates, with the values of a notice.

use serde::Serialize;

use crate::incident::{Notice, Reason};
use crate::render::catalog::Catalog;
use crate::render::context::{known, runs, timestamp};
use crate::render::fit::{CAUSE, Room};
use crate::render::{Site, catalog, clean, excerpt, words};

/// The object `phrases` of templates. Each has a value for any notice or is `none`; the template
/// decides whether a card shows it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Phrases {
    /// `3rd time`.
    nth_time: String,
    /// ` since Sun 22 Nov 06:14, 2 d 2 h ago.`: follows it.
    since_then: String,
    /// `2 d 2 h · 3 times · since Sun 22 Nov 06:14`.
    was_failing: String,
    /// `3 times`.
    times: String,
    /// `2 held back`.
    held_back: String,
    /// The failures that a stopped service caused.
    effects: String,
    /// `stopped Sun 22 Nov 06:14`.
    stopped_since: String,
    /// `running since Mon 23 Nov 2026 06:13:52 (UTC+1)`.
    running_since: String,
    /// `down for 3 min`.
    down_for: Option<String>,
    /// `In script line 47.`
    in_script_line: Option<String>,
    /// `script line 47: LOAD Amount`.
    at_statement: Option<String>,
    /// `Script log, lines 46–47`.
    excerpt_title: String,
    /// `sent by footman 1.0 on node1`.
    sent_by: String,
    /// `data is 3 d old`.
    data_age: Option<String>,
    /// `usually 9 min`.
    usually: Option<String>,
    /// `3rd failure since Sat 21 Nov 03:13`; `none` for the first.
    in_row: Option<String>,
    /// `It was: Field 'A' not found`.
    pub(crate) it_was: Option<String>,
    /// What to do after a recovery.
    pub(crate) afterwards: Option<String>,
    /// `3 min 31 s · since Mon 23 Nov 03:11`.
    was_down: Option<String>,
}

impl Phrases {
    pub(crate) fn new(notice: &Notice, site: &Site, room: Room) -> Self {
        let catalog = catalog::of(site.language);
        let since = words::short_moment(notice.since, site);
        let lasting =
            (notice.since < notice.at).then(|| words::span(notice.since, notice.at, site.language));
        let lasting = lasting.as_deref();
        let script = notice.script.as_ref();
        let statement = script.and_then(|script| script.statement.as_ref());
        let lines = script.map(|script| excerpt::cut(&script.excerpt, room)).unwrap_or_default();
        let has_failed = script.is_some_and(|script| script.error.is_some());
        let first = lines.first().and_then(|line| line.number);
        let last = lines.last().and_then(|line| line.number);
        Self {
            nth_time: catalog.nth_time(notice.count),
            since_then: catalog.since_then(&since, lasting),
            was_failing: catalog.was_failing(lasting, notice.count, &since),
            times: catalog.times(notice.count),
            held_back: catalog.held_back(notice.held_back),
            effects: catalog.effects(notice.held_back),
            stopped_since: catalog.stopped_since(&since),
            running_since: catalog.running_since(&timestamp(notice, site)),
            down_for: lasting.map(|lasting| catalog.down_for(lasting)),
            in_script_line: statement.map(|statement| catalog.in_script_line(statement.number)),
            at_statement: statement.map(|statement| {
                let text = clean::line(&statement.text, room.width);
                catalog.at_statement(statement.number, &clean::ellipsis(&text, 120))
            }),
            excerpt_title: excerpt_title(catalog, first.zip(last), &lines, has_failed),
            sent_by: catalog.sent_by(site.version, &clean::line(&site.node, 100)),
            data_age: runs::data_age(notice, site).map(|age| catalog.data_age(&age)),
            usually: notice
                .runs
                .usual_duration
                .map(|usual| catalog.usually(&words::duration(usual, site.language))),
            in_row: in_row(notice, site),
            it_was: known(&catalog::reason(notice, site.language), CAUSE)
                .map(|cause| catalog.it_was(&cause)),
            afterwards: (notice.reason == Reason::Recovered).then(|| afterwards(notice, site)),
            was_down: lasting.map(|lasting| catalog.was_down(lasting, &since)),
        }
    }
}

fn excerpt_title(
    catalog: &dyn Catalog,
    numbers: Option<(u64, u64)>,
    lines: &[excerpt::ShownLine],
    has_failed: bool,
) -> String {
    let title = catalog.excerpt_title(numbers);
    let is_marked = lines.iter().any(|line| line.marked);
    if is_marked { format!("{title} · {}", catalog.marked_statement(has_failed)) } else { title }
}

/// A single failure is not a series.
fn in_row(notice: &Notice, site: &Site) -> Option<String> {
    let runs = &notice.runs;
    let since = runs.failing_since.map(|since| words::short_moment(since, site));
    let in_row = || catalog::of(site.language).in_a_row(runs.failures, since.as_deref());
    (runs.failures > 1).then(in_row)
}

fn afterwards(notice: &Notice, site: &Site) -> String {
    let catalog = catalog::of(site.language);
    let is_app = notice.facts.app_id.is_some() || notice.facts.app_name.is_some();
    let is_reload = is_app && notice.subject.is_named_run();
    if notice.still_failing.is_empty() {
        catalog.nothing_to_do(is_reload).to_owned()
    } else {
        catalog.rest_to_do().to_owned()
    }
}
