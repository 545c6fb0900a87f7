//! Pure. The variables that a card template can use, filled from a notice.
//!
//! A template is the JSON of one Adaptive Card; each string in it is a minijinja template. Three
//! members have a meaning of their own:
//!
//! - `"$when": "expression"` on an object leaves it out when false, empty or `none`.
//! - `"$data": "expression"`, or a list written in place, on an object inside a list repeats it:
//!   the element is `item`, its fields are variables too, `index` counts from 0.
//! - `{"$value": "expression"}` stands for the expression's JSON value, where a number or a bool is
//!   needed: `"startLineNumber": {"$value": "excerptStart"}`. Other strings stay strings.
//!
//! Every name below exists always; where a value is not known it is `none`, prints nothing and is
//! false. Any other name is an error. Times are in the site's zone. Foreign text is one line (except
//! `scriptLog`, `excerptText`), bounded, and harmless for Teams clients, but not escaped for
//! markdown: show it in a `TextRun` or `CodeBlock`, never in a `TextBlock` or `FactSet`.
//! The filter `ellipsis(n)` cuts text to `n` characters.
//!
//! | name | meaning |
//! |---|---|
//! | `appName` `appId` `appUrl` | the app; the link needs the site's URL and the id |
//! | `taskName` `taskId` | the task |
//! | `errorMessage` | the reason in one line |
//! | `serverName` `hostName` `executingNodeName` | the node that the trouble is on |
//! | `timestamp` | when: `Mon 23 Nov 2026 06:13:52 (UTC+1)` |
//! | `logTimeStamp` | the same as `2026-11-23 06:13:52` |
//! | `environment` | as configured: `prod` |
//! | `severity` | `info`, `warning`, `error`, `critical` |
//! | `scriptLog` `scriptLogTail` | the excerpt of the script log, line by line |
//! | `scriptLogTailCount` | how many lines that is |
//! | `scriptLogPath` | where the whole script log is |
//! | `qmcUrl` | link to the tasks in the QMC |
//! | `qlikSenseQMC` `qlikSenseHub` | links to the QMC and the hub |
//! | `user` | who: `DIRECTORY\user` of the row, else who executed the script |
//! | `executedBy` | who executed the script, by the script log |
//! | `executionId` | id of the run |
//! | `logMessage` | the row's column Message |
//! | `executionStartTime` | `.startTimeUTC` `.startTimeLocal1`, from the script log |
//! | `executionStopTime` | `.stopTimeUTC` `.stopTimeLocal1` |
//! | `executionDuration` | `.hours` `.minutes` `.seconds` |
//! | `kind` | `reload-failed`, `reload-aborted`, … as routes name it |
//! | `reason` | `opened`, `repeated`, `recovered` |
//! | `title` `subject` `summary` | head of the card; what it is about; one line with the reason |
//! | `count` `ordinal` | how often it happened: `3`, `3rd` |
//! | `heldBack` | how many of them were not posted since the last card |
//! | `since` | when it first happened: `Sun 22 Nov 06:14` |
//! | `lasting` | how long before `timestamp` that was: `2 d 2 h`; `none` for the first time |
//! | `ran` | start, end and span of the run: `06:10:21 → 06:13:52 · 3 min 31 s` |
//! | `duration` | that span: `3 min 31 s` |
//! | `meaning` `advice` | the pattern's words: what it means, what to do |
//! | `pattern` | id of the pattern |
//! | `captures` | what the pattern captured, by name |
//! | `statement` | the failing statement: `.number` `.text` |
//! | `excerpt` | its lines: `.number` (or `none`), `.text`, `.marked` |
//! | `excerptText` | the lines as one text, marked ones with `►` |
//! | `excerptStart` `excerptEnd` | number of the first and last line, or `none` |
//! | `fingerprint` | 16 hex digits that name the incident |
//! | `shortened` | `(shortened, full log at …)` if the card was cut to fit, else `none` |
//! | `brief` | whether only the most needed rows still fit |
//! | `channel` | name of the channel, in a test card only |
//! | `node` `version` | the node that sends, and Footman's version there |

use std::collections::BTreeMap;

use serde::Serialize;

use crate::clock::Timestamp;
use crate::incident::Notice;
use crate::render::excerpt::{self, Line};
use crate::render::fit::Room;
use crate::render::{Site, clean, links, words};

/// See the table of the module.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Context {
    pub(crate) app_name: Option<String>,
    pub(crate) app_id: Option<String>,
    pub(crate) app_url: Option<String>,
    pub(crate) task_name: Option<String>,
    pub(crate) task_id: Option<String>,
    pub(crate) error_message: Option<String>,
    pub(crate) server_name: String,
    host_name: String,
    executing_node_name: String,
    pub(crate) timestamp: String,
    log_time_stamp: String,
    pub(crate) environment: Option<String>,
    severity: &'static str,
    script_log: Option<String>,
    script_log_tail: Option<String>,
    script_log_tail_count: usize,
    pub(crate) script_log_path: Option<String>,
    pub(crate) qmc_url: Option<String>,
    #[serde(rename = "qlikSenseQMC")]
    qlik_sense_qmc: Option<String>,
    qlik_sense_hub: Option<String>,
    user: Option<String>,
    executed_by: Option<String>,
    execution_id: Option<String>,
    log_message: Option<String>,
    execution_start_time: Option<StartTime>,
    execution_stop_time: Option<StopTime>,
    execution_duration: Option<Duration>,
    kind: &'static str,
    reason: &'static str,
    pub(crate) title: String,
    subject: String,
    pub(crate) summary: String,
    count: u32,
    ordinal: String,
    held_back: u32,
    since: String,
    lasting: Option<String>,
    ran: Option<String>,
    duration: Option<String>,
    meaning: Option<String>,
    advice: Option<String>,
    pattern: String,
    captures: BTreeMap<String, String>,
    statement: Option<Statement>,
    excerpt: Vec<Line>,
    excerpt_text: Option<String>,
    excerpt_start: Option<u64>,
    excerpt_end: Option<u64>,
    pub(crate) fingerprint: String,
    shortened: Option<String>,
    brief: bool,
    pub(crate) channel: Option<String>,
    pub(crate) node: String,
    version: &'static str,
}

#[derive(Clone, Debug, Serialize)]
struct Statement {
    number: u32,
    text: String,
}

#[derive(Clone, Debug, Serialize)]
struct StartTime {
    #[serde(rename = "startTimeUTC")]
    utc: String,
    #[serde(rename = "startTimeLocal1")]
    local: String,
}

#[derive(Clone, Debug, Serialize)]
struct StopTime {
    #[serde(rename = "stopTimeUTC")]
    utc: String,
    #[serde(rename = "stopTimeLocal1")]
    local: String,
}

#[derive(Clone, Debug, Serialize)]
struct Duration {
    hours: i64,
    minutes: i64,
    seconds: i64,
}

impl Context {
    /// What a template may say about the notice, within the room that is left.
    pub(crate) fn new(notice: &Notice, site: &Site, room: Room) -> Self {
        let facts = &notice.facts;
        let script = notice.script.as_ref();
        let run = Run::new(notice, site);
        let host = facts.host.as_deref().and_then(|host| known(host, 100));
        let host = host.unwrap_or_else(|| clean::line(&site.node, 100));
        let lines = script.map(|script| excerpt::cut(&script.excerpt, room)).unwrap_or_default();
        let text = excerpt::plain(&lines);
        let path = script.and_then(|script| known(&script.path, 260));
        let executed_by =
            script.and_then(|s| s.executed_by.as_deref()).and_then(|by| known(by, 100));
        Self {
            app_name: optional(facts.app_name.as_ref(), 120),
            app_id: optional(facts.app_id.as_ref(), 60),
            app_url: links::app(site, facts.app_id.as_deref()),
            task_name: optional(facts.task_name.as_ref(), 120),
            task_id: optional(facts.task_id.as_ref(), 60),
            error_message: known(&notice.error, room.error),
            server_name: host.clone(),
            host_name: host.clone(),
            executing_node_name: host,
            timestamp: words::moment(notice.at, &site.timezone),
            log_time_stamp: words::stamp(notice.at, &site.timezone),
            environment: optional(notice.environment.as_ref(), 40),
            severity: words::severity(notice.severity),
            script_log: text.clone(),
            script_log_tail: text,
            script_log_tail_count: lines.len(),
            qmc_url: links::tasks(site),
            qlik_sense_qmc: links::at(site, "/qmc"),
            qlik_sense_hub: links::at(site, "/hub"),
            user: optional(facts.user.as_ref(), 100).or_else(|| executed_by.clone()),
            executed_by,
            execution_id: optional(facts.execution_id.as_ref(), 60),
            log_message: optional(facts.message.as_ref(), room.error),
            execution_start_time: run
                .started
                .map(|at| StartTime { utc: utc(at), local: words::stamp(at, &site.timezone) }),
            execution_stop_time: run
                .ended
                .map(|at| StopTime { utc: utc(at), local: words::stamp(at, &site.timezone) }),
            execution_duration: run.duration(),
            kind: words::kind(notice.kind),
            reason: words::reason(notice.reason),
            title: words::title(notice),
            subject: words::subject(notice),
            summary: words::summary(notice),
            count: notice.count,
            ordinal: words::ordinal(notice.count),
            held_back: notice.held_back,
            since: words::short_moment(notice.since, &site.timezone),
            lasting: (notice.since < notice.at).then(|| words::span(notice.since, notice.at)),
            ran: run.told(),
            duration: run.span(),
            meaning: known(&notice.meaning, 300),
            advice: optional(notice.advice.as_ref(), 300),
            pattern: clean::line(&notice.pattern, 80),
            captures: captures(&facts.captures),
            statement: script.and_then(|script| script.statement.as_ref()).map(|told| Statement {
                number: told.number,
                text: clean::line(&told.text, room.width),
            }),
            excerpt_text: excerpt::marked(&lines),
            excerpt_start: lines.first().and_then(|line| line.number),
            excerpt_end: lines.last().and_then(|line| line.number),
            excerpt: lines,
            fingerprint: clean::line(&notice.fingerprint.0, 40),
            shortened: room.shortened.then(|| shortened(path.as_deref())),
            script_log_path: path,
            brief: room.brief,
            channel: None,
            node: clean::line(&site.node, 100),
            version: site.version,
        }
    }
}

/// The run that the script log tells of.
struct Run {
    started: Option<Timestamp>,
    ended: Option<Timestamp>,
    clocks: Option<String>,
}

impl Run {
    fn new(notice: &Notice, site: &Site) -> Self {
        let script = notice.script.as_ref();
        let started = script.and_then(|script| script.started);
        let ended = script.and_then(|script| script.ended);
        let clock = |at| words::clock(at, &site.timezone);
        let clocks = match (started, ended) {
            (Some(started), Some(ended)) => Some(format!("{} → {}", clock(started), clock(ended))),
            (Some(started), None) => Some(format!("since {}", clock(started))),
            (None, Some(ended)) => Some(format!("until {}", clock(ended))),
            (None, None) => None,
        };
        Self { started, ended, clocks }
    }

    fn told(&self) -> Option<String> {
        let clocks = self.clocks.as_ref()?;
        Some(self.span().map_or_else(|| clocks.clone(), |span| format!("{clocks} · {span}")))
    }

    fn span(&self) -> Option<String> {
        Some(words::span(self.started?, self.ended?))
    }

    fn duration(&self) -> Option<Duration> {
        let seconds = self.ended?.duration_since(self.started?).as_secs().max(0);
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
        Some(Duration { hours, minutes, seconds: seconds % 60 })
    }
}

fn utc(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The words that each cut card carries.
pub(crate) fn shortened(path: Option<&str>) -> String {
    match path {
        Some(path) => format!("(shortened, full log at {path})"),
        None => "(shortened)".to_owned(),
    }
}

fn captures(captures: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    captures.iter().map(|(name, text)| (name.clone(), clean::line(text, 200))).collect()
}

fn optional(text: Option<&String>, limit: usize) -> Option<String> {
    text.and_then(|text| known(text, limit))
}

/// The text for a card; `None` if nothing of it can be seen.
fn known(text: &str, limit: usize) -> Option<String> {
    Some(clean::line(text, limit)).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests;
