//! Pure. The variables for the earlier runs of a task or app.

use jiff::SignedDuration;
use serde::Serialize;

use crate::incident::{Notice, Reason};
use crate::render::{Site, words};

/// From this age on, the age of the data is highlighted.
const OLD: SignedDuration = SignedDuration::from_hours(1);

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RunsContext {
    last_success: Option<String>,
    data_age: Option<String>,
    data_is_old: bool,
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
            data_is_old: age(notice).is_some_and(|age| age >= OLD),
            usual_duration: runs.usual_duration.map(|usual| words::duration(usual, site.language)),
            failures_in_row: Some(runs.failures).filter(|n| *n > 0),
            failing_since: runs.failing_since.map(moment),
        }
    }
}

/// The age of the data of an app that does not reload.
pub(crate) fn data_age(notice: &Notice, site: &Site) -> Option<String> {
    age(notice).map(|age| words::duration(age, site.language))
}

fn age(notice: &Notice) -> Option<SignedDuration> {
    let has_app = notice.facts.app_id.is_some() || notice.facts.app_name.is_some();
    let is_over = notice.reason == Reason::Recovered;
    let good = notice.runs.last_success.filter(|good| has_app && !is_over && *good < notice.at)?;
    Some(notice.at.duration_since(good))
}
