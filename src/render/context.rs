//! Pure. The variables of card templates, filled from a notice.
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
//! Every name below always exists; an unknown value is `none`, prints nothing and is false. Any
//! other name is an error. Times are in the site's zone. Foreign text is one line (except
//! `scriptLog`, `excerptText`), bounded, and harmless for Teams clients, but not escaped for
//! markdown: show it in a `TextRun` or `CodeBlock`, never in a `TextBlock` or `FactSet`.
//! The filter `ellipsis(n)` cuts text to `n` characters.
//!
//! | name | meaning |
//! |---|---|
//! | `appName` `appId` `appUrl` | the app; the link needs the site's URL and the id |
//! | `taskName` `taskId` | the task |
//! | `errorMessage` | the reason in one line |
//! | `serverName` `hostName` | the node with the problem |
//! | `executingNodeName` | the node that runs it, where a row names it, else the same |
//! | `lookedIn` | where the script log of a failed reload is or was looked for, if it is not on this node |
//! | `timestamp` | when: `Mon 23 Nov 2026 06:13:52 (UTC+1)`; with `· time uncertain` if the log leaves open which hour |
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
//! | `executionStartTime` | `.startTimeUTC` `.startTimeLocal1`, by the script log, else each `none` |
//! | `executionStopTime` | `.stopTimeUTC` `.stopTimeLocal1` |
//! | `executionDuration` | `.hours` `.minutes` `.seconds` |
//! | `kind` | `reload-failed`, `reload-aborted`, … as routes name it |
//! | `reason` | `opened`, `repeated`, `recovered` |
//! | `title` `subject` `summary` | head of the card; what it is about; one line with the reason |
//! | `count` `ordinal` | how often it happened: `3`, `3rd` |
//! | `heldBack` | how many of them were held back since the last card |
//! | `since` | when it first happened: `Sun 22 Nov 06:14` |
//! | `lasting` | how long before `timestamp` that was: `2 d 2 h`; `none` for the first time |
//! | `ran` | start, end and span of the run: `06:10:21 → 06:13:52 · 3 min 31 s` |
//! | `duration` | that span: `3 min 31 s` |
//! | `meaning` `advice` | the pattern's texts: what it means, what to do |
//! | `pattern` | id of the pattern |
//! | `captures` | what the pattern captured, by name |
//! | `errorClass` `errorTitle` | the class of the error: `login-failed`, and what it is called |
//! | `connection` | the data connection that the script opened last before it failed |
//! | `swallowed` `swallowedNote` | how many errors the script ignored before: `2`, and as a sentence |
//! | `links` | pages that help: `.title` `.url`; those of the pattern, then of the error's class |
//! | `statement` | the failing statement: `.number` `.text` |
//! | `excerpt` | its lines: `.number` (or `none`), `.text`, `.marked` |
//! | `excerptText` | the lines as one text, marked ones with `►` |
//! | `excerptStart` `excerptEnd` | number of the first and last line, or `none` |
//! | `serviceName` `serviceId` | the Windows service: `Qlik Sense Engine Service`, `QlikSenseEngineService` |
//! | `wasUp` `startType` `exitCode` | how long it ran before, if that was observed; `Automatic`; its exit code |
//! | `alsoDown` | the other services of the same outage: `Qlik Sense Proxy · Qlik Sense Engine` |
//! | `stillFailing` | incidents that a recovered cause leaves open: `Sales, Finance and 3 more` |
//! | `fingerprint` | 16 hex digits that name the incident |
//! | `shortened` | `(shortened, full log at …)` if the card was cut to fit, else `none` |
//! | `brief` | whether only the most needed rows still fit |
//! | `channel` | name of the channel, in a test card only |
//! | `node` `version` | the node that sends, and Footman's version there |

mod facts;
pub(crate) mod log;
mod run;
mod service;

use jiff::tz::TimeZone;
use serde::Serialize;

use crate::detection::MOST_LINKS;
use crate::incident::Notice;
use crate::render::fit::Room;
use crate::render::{Site, catalog, clean, links, words};

use crate::render::context::facts::FactsContext;
use crate::render::context::log::LogView;
use crate::render::context::run::RunContext;
use crate::render::context::service::ServiceView;

/// All variables; the module's documentation lists them.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Context {
    #[serde(flatten)]
    pub(crate) facts: FactsContext,
    #[serde(flatten)]
    run: RunContext,
    #[serde(flatten)]
    service: ServiceView,
    #[serde(flatten)]
    pub(crate) log: LogView,
    #[serde(flatten)]
    pub(crate) story: NoticeContext,
    #[serde(flatten)]
    pub(crate) site: Links,
    brief: bool,
    pub(crate) channel: Option<String>,
}

/// The variables of the incident and its texts.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NoticeContext {
    pub(crate) error_message: Option<String>,
    pub(crate) timestamp: String,
    log_time_stamp: String,
    pub(crate) environment: Option<String>,
    severity: &'static str,
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
    pub(crate) still_failing: Option<String>,
    meaning: Option<String>,
    advice: Option<String>,
    links: Vec<Button>,
    pattern: String,
    pub(crate) fingerprint: String,
}

/// A button that a pack asks for.
#[derive(Clone, Debug, Serialize)]
struct Button {
    title: String,
    url: String,
}

/// Links, and the sending node.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Links {
    pub(crate) qmc_url: Option<String>,
    #[serde(rename = "qlikSenseQMC")]
    qlik_sense_qmc: Option<String>,
    qlik_sense_hub: Option<String>,
    pub(crate) node: String,
    version: &'static str,
}

impl Context {
    /// The variables of a notice, cut to the given room.
    pub(crate) fn new(notice: &Notice, site: &Site, room: Room) -> Self {
        let script = notice.script.as_ref();
        Self {
            facts: FactsContext::new(notice, site, room),
            run: RunContext::new(script, site),
            service: ServiceView::new(notice),
            log: LogView::new(script, room),
            story: NoticeContext::new(notice, site, room),
            site: Links::new(site),
            brief: room.brief,
            channel: None,
        }
    }
}

impl NoticeContext {
    fn new(notice: &Notice, site: &Site, room: Room) -> Self {
        let zone = &site.timezone;
        let lasts = notice.since < notice.at;
        let sentences = catalog::sentences(notice);
        Self {
            error_message: known(&catalog::reason(notice), room.error),
            timestamp: timestamp(notice, zone),
            log_time_stamp: words::stamp(notice.at, zone),
            environment: optional(notice.environment.as_ref(), 40),
            severity: notice.severity.name(),
            kind: notice.kind.name(),
            reason: notice.reason.name(),
            title: catalog::title(notice),
            subject: words::subject(notice),
            summary: words::summary(notice),
            count: notice.count,
            ordinal: catalog::ordinal(notice.count),
            held_back: notice.held_back,
            since: words::short_moment(notice.since, zone),
            still_failing: catalog::still_failing(notice),
            lasting: lasts.then(|| words::span(notice.since, notice.at)),
            meaning: known(&sentences.meaning, 300),
            advice: optional(sentences.advice.as_ref(), 300),
            links: buttons(notice),
            pattern: clean::line(&notice.pattern, 80),
            fingerprint: clean::line(&notice.fingerprint.0, 40),
        }
    }
}

impl Links {
    fn new(site: &Site) -> Self {
        Self {
            qmc_url: links::tasks(site),
            qlik_sense_qmc: links::at(site, "/qmc"),
            qlik_sense_hub: links::at(site, "/hub"),
            node: clean::line(&site.node, 100),
            version: site.version,
        }
    }
}

/// The links of the pattern, then those of the error's class: each page once, as many as fit.
fn buttons(notice: &Notice) -> Vec<Button> {
    let of_class = notice.script.iter().flat_map(|script| &script.error_links);
    let mut buttons: Vec<Button> = Vec::new();
    for link in notice.links.iter().chain(of_class).filter(|link| links::is_safe(&link.url)) {
        if buttons.len() < MOST_LINKS && !buttons.iter().any(|one| one.url == link.url) {
            buttons.push(Button { title: clean::line(&link.title, 40), url: link.url.clone() });
        }
    }
    buttons
}

/// When it happened, with a mark if the time is ambiguous.
fn timestamp(notice: &Notice, zone: &TimeZone) -> String {
    let moment = words::moment(notice.at, zone);
    match notice.facts.at_or {
        Some(_) => format!("{moment} · {}", catalog::UNCERTAIN),
        None => moment,
    }
}

fn optional(text: Option<&String>, limit: usize) -> Option<String> {
    text.and_then(|text| known(text, limit))
}

/// The cleaned text; `None` if nothing visible is left.
fn known(text: &str, limit: usize) -> Option<String> {
    Some(clean::line(text, limit)).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests;
