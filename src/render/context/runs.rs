//! Pure. The variables for the earlier runs of a task or app.

use serde::Serialize;

use crate::incident::{Notice, Reason};
use crate::render::{Site, words};

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RunsContext {
    last_success: Option<String>,
    data_age: Option<String>,
    usual_duration: Option<String>,
    failures_in_row: Option<u32>,
    failing_since: Option<String>,
}

impl RunsContext {
    pub(crate) fn new(notice: &Notice, site: &Site) -> Self {
        let runs = &notice.runs;
        let moment = |at| words::short_moment(at, site);
        Self {
            last_success: runs.last_success.map(moment),
            data_age: data_age(notice, site),
            usual_duration: runs.usual_duration.map(|usual| words::duration(usual, site.language)),
            failures_in_row: Some(runs.failures).filter(|n| *n > 0),
            failing_since: runs.failing_since.map(moment),
        }
    }
}

/// How old the data of an app is that does not reload.
pub(crate) fn data_age(notice: &Notice, site: &Site) -> Option<String> {
    let has_app = notice.facts.app_id.is_some() || notice.facts.app_name.is_some();
    let is_over = notice.reason == Reason::Recovered;
    let good = notice.runs.last_success.filter(|good| has_app && !is_over && *good < notice.at)?;
    Some(words::span(good, notice.at, site.language))
}
