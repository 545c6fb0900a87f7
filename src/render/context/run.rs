//! Pure. The variables for the times of a run, from its script log.

use serde::Serialize;

use crate::clock::Timestamp;
use crate::detection::ScriptFacts;
use crate::render::{Site, catalog, words};

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RunContext {
    ran: Option<String>,
    duration: Option<String>,
    execution_start_time: StartContext,
    execution_stop_time: RunStop,
    execution_duration: Duration,
}

#[derive(Clone, Debug, Serialize)]
struct StartContext {
    #[serde(rename = "startTimeUTC")]
    utc: Option<String>,
    #[serde(rename = "startTimeLocal1")]
    local: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
struct RunStop {
    #[serde(rename = "stopTimeUTC")]
    utc: Option<String>,
    #[serde(rename = "stopTimeLocal1")]
    local: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
struct Duration {
    hours: Option<i64>,
    minutes: Option<i64>,
    seconds: Option<i64>,
}

impl RunContext {
    pub(crate) fn new(script: Option<&ScriptFacts>, site: &Site) -> Self {
        let started = script.and_then(|script| script.started);
        let ended = script.and_then(|script| script.ended);
        let local = |at: Timestamp| words::stamp(at, &site.timezone);
        let seconds = started.zip(ended).map(|(from, to)| to.duration_since(from).as_secs().max(0));
        Self {
            ran: ran(started, ended, site).map(|ran| match script.and_then(|one| one.ended_or) {
                Some(_) => format!("{ran} · {}", catalog::of(site.language).uncertain()),
                None => ran,
            }),
            duration: started.zip(ended).map(|(from, to)| words::span(from, to, site.language)),
            execution_start_time: StartContext { utc: started.map(utc), local: started.map(local) },
            execution_stop_time: RunStop { utc: ended.map(utc), local: ended.map(local) },
            execution_duration: Duration {
                hours: seconds.map(|seconds| seconds / 3600),
                minutes: seconds.map(|seconds| seconds / 60 % 60),
                seconds: seconds.map(|seconds| seconds % 60),
            },
        }
    }
}

/// `06:10:21 → 06:13:52 · 3 min 31 s`, or the known part of it.
fn ran(started: Option<Timestamp>, ended: Option<Timestamp>, site: &Site) -> Option<String> {
    let clock = |at| words::clock(at, &site.timezone);
    match (started, ended) {
        (Some(from), Some(to)) => Some(format!(
            "{} → {} · {}",
            clock(from),
            clock(to),
            words::span(from, to, site.language)
        )),
        (Some(from), None) => Some(catalog::of(site.language).ran_since(&clock(from))),
        (None, Some(to)) => Some(catalog::of(site.language).ran_until(&clock(to))),
        (None, None) => None,
    }
}

fn utc(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
