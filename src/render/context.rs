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
//! | `source` | where it was found: `log`, `machine`, `cloud`, `agent` |
//! | `owner` `stream` | who owns the app and its stream, if any log names them |
//! | `tenant` `space` `tags` | of Qlik Cloud: the tenant, the space, the tags, one after the other; else `none` |
//! | `executingNodeName` | the node that runs it, where a row names it, else the same |
//! | `lookedIn` | where the script log of a failed reload is or was looked for, if it is not on this node |
//! | `timestamp` | when: `Mon 23 Nov 2026 06:13:52 (UTC+1)`; with `· time uncertain` if the log leaves open which hour |
//! | `logTimeStamp` | the same as `2026-11-23 06:13:52` |
//! | `environment` | as configured: `prod` |
//! | `severity` | `info`, `warning`, `error`, `critical` |
//! | `scriptLog` `scriptLogTail` | the excerpt of the script log, line by line |
//! | `scriptLogTailCount` | how many lines that is |
//! | `scriptLogPath` | where the whole script log is |
//! | `scriptLogShort` | the same, shortened in its middle for a phone |
//! | `qmcUrl` | link to the tasks in the QMC |
//! | `qlikSenseQMC` `qlikSenseHub` | links to the QMC and the hub |
//! | `user` | who: `DIRECTORY\user` of the row, else who executed the script |
//! | `person` | the same, if it is no account of the system |
//! | `executedBy` | who executed the script, by the script log |
//! | `executionId` | id of the run |
//! | `logMessage` | the row's column Message |
//! | `executionStartTime` | `.startTimeUTC` `.startTimeLocal1`, by the script log, else each `none` |
//! | `executionStopTime` | `.stopTimeUTC` `.stopTimeLocal1` |
//! | `executionDuration` | `.hours` `.minutes` `.seconds` |
//! | `kind` | `reload-failed`, `reload-aborted`, … as routes name it |
//! | `reason` | `opened`, `repeated`, `escalated`, `acknowledged` (in threads only), `recovered` |
//! | `banner` | what a notification shows: severity, environment, title and cause in one line |
//! | `icon` `style` | an emoji and the style of a container, by severity: `❌`, `attention`; a recovery is `✅`, `good` |
//! | `place` | `Error · escalated · PROD · node1`: severity, state, environment, node |
//! | `heading` `when` | `title` without the state, which `place` names, the middle of the name left out if it exceeds two lines of a phone; `timestamp`, with how long nobody has acknowledged an escalated incident |
//! | `causeSize` | the size that fits `errorMessage`: `Large`, `Default` |
//! | `title` `subject` `summary` | head of the card; what it is about; one line with the reason |
//! | `count` `ordinal` | how often it happened: `3`, `3rd` |
//! | `heldBack` | how many of them were held back since the last card |
//! | `since` | when it first happened: `Sun 22 Nov 06:14` |
//! | `lasting` | how long before `timestamp` that was: `2 d 2 h`; `none` for the first time |
//! | `ran` | start, end and span of the run: `06:10:21 → 06:13:52 · 3 min 31 s` |
//! | `duration` | that span: `3 min 31 s` |
//! | `lastSuccess` | when the app last reloaded, or the task last ran, without an error: `Fri 20 Nov 03:19` |
//! | `dataAge` | how long before `timestamp` that was, of an app: `2 d 23 h` |
//! | `dataIsOld` | whether that is an hour or more |
//! | `usualDuration` | the median of its latest successful runs, from the third on: `9 min` |
//! | `failuresInRow` `failingSince` | failures since the last success, this one included: `3`; the first of them: `Sat 21 Nov 03:13` |
//! | `meaning` `advice` | the pattern's texts: what it means, what to do |
//! | `pattern` | id of the pattern |
//! | `captures` | what the pattern captured, by name |
//! | `errorClass` `errorTitle` | the class of the error: `login-failed`, and what it is called |
//! | `connection` | the data connection that the script opened last before it failed |
//! | `swallowedErrors` `swallowedNote` | how many errors the script ignored before: `2`, and as a sentence; `swallowed` is the number, too |
//! | `answerUrl` | signed link to acknowledge or silence the incident, if `page.url` is set; none in a recovery |
//! | `incidentUrl` `incidentId` | its view on the page, if `page.url` is set; its short id: `4f2c1d9a` |
//! | `buttonRows` | the usual buttons in rows that fit a phone: `.buttons`, each with `.title` `.url` |
//! | `links` | pages that help: `.title` `.url`; those of the pattern, then of the error's class |
//! | `statement` | the failing statement: `.number` `.text` |
//! | `excerpt` | its lines: `.number` (or `none`), `.text`, `.marked`; `.gutter` and `.code` are an arrow with the number of the statement, and the rest of the line; `.weight`: `Bolder` if it is marked |
//! | `excerptText` | the lines as one text, marked ones with `►` |
//! | `excerptStart` `excerptEnd` | number of the first and last line, or `none` |
//! | `serviceName` `serviceId` | the Windows service: `Qlik Sense Engine Service`, `QlikSenseEngineService` |
//! | `wasUp` `startType` `exitCode` | how long it ran before, if that was observed; `Automatic`; its exit code |
//! | `alsoDown` | the other services of the same outage: `Qlik Sense Proxy · Qlik Sense Engine` |
//! | `stillFailing` | incidents that a recovered cause leaves open: `Sales, Finance and 3 more` |
//! | `acknowledgedBy` `acknowledgedAt` | who takes care of it, and since when: `Mon 23 Nov 07:55` |
//! | `note` | what somebody wrote down the last time: `12 Nov, Anna: the share was full` |
//! | `remark` | why the card comes now: a silence has ended, or it changes too often |
//! | `fingerprint` | 16 hex digits that name the incident |
//! | `shortened` | `(shortened, full log at …)` if the card was cut to fit, else `none` |
//! | `brief` | whether only the most needed rows still fit |
//! | `channel` | name of the channel, in a test card only |
//! | `words` | the labels and buttons of the built-in templates in the channel's language: `words.whatToDo` |
//! | `phrases` | the product's sentences with values, in that language: `phrases.nthTime` |
//! | `language` | that language: `en`, `de` |
//! | `node` `version` | the node that sends, and Footman's version there |

pub(crate) mod buttons;
mod facts;
pub(crate) mod head;
pub(crate) mod log;
mod phrases;
mod run;
pub(crate) mod runs;
mod service;

use serde::Serialize;

use crate::incident::Notice;
use crate::render::catalog::Labels;
use crate::render::fit::{CAUSE, Room};
use crate::render::{Site, catalog, clean, links, words};

use crate::render::context::buttons::{Button, ButtonRow};
use crate::render::context::facts::FactsContext;
use crate::render::context::head::HeadContext;
use crate::render::context::log::LogView;
use crate::render::context::phrases::Phrases;
use crate::render::context::run::RunContext;
use crate::render::context::runs::RunsContext;
use crate::render::context::service::ServiceView;

/// All variables; the module's documentation lists them.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Context {
    #[serde(flatten)]
    pub(crate) head: HeadContext,
    #[serde(flatten)]
    pub(crate) facts: FactsContext,
    #[serde(flatten)]
    run: RunContext,
    #[serde(flatten)]
    runs: RunsContext,
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
    pub(crate) button_rows: Vec<ButtonRow>,
    words: &'static Labels,
    pub(crate) phrases: Phrases,
    language: &'static str,
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
    pub(crate) advice: Option<String>,
    pub(crate) answer_url: Option<String>,
    incident_url: Option<String>,
    incident_id: String,
    links: Vec<Button>,
    pub(crate) acknowledged_by: Option<String>,
    pub(crate) acknowledged_at: Option<String>,
    pub(crate) note: Option<String>,
    pub(crate) remark: Option<String>,
    pattern: String,
    pub(crate) fingerprint: String,
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
            head: HeadContext::new(notice, site),
            facts: FactsContext::new(notice, site, room),
            run: RunContext::new(script, site),
            runs: RunsContext::new(notice, site),
            service: ServiceView::new(notice, site),
            log: LogView::new(script, site, room),
            story: NoticeContext::new(notice, site, room),
            site: Links::new(notice, site),
            brief: room.brief,
            channel: None,
            button_rows: buttons::rows(notice, site),
            words: catalog::of(site.language).labels(),
            phrases: Phrases::new(notice, site, room),
            language: site.language.name(),
        }
    }
}

impl NoticeContext {
    fn new(notice: &Notice, site: &Site, room: Room) -> Self {
        let language = site.language;
        let lasts = notice.since < notice.at;
        let sentences = catalog::sentences(notice, language);
        Self {
            error_message: known(&catalog::reason(notice, language), CAUSE),
            timestamp: timestamp(notice, site),
            log_time_stamp: words::stamp(notice.at, &site.timezone),
            environment: optional(notice.environment.as_ref(), 40),
            severity: notice.severity.name(),
            kind: notice.kind.name(),
            reason: notice.reason.name(),
            title: catalog::title(notice, language),
            subject: words::subject(notice, language),
            summary: words::summary(notice, language),
            count: notice.count,
            ordinal: catalog::of(language).ordinal(notice.count.into()),
            held_back: notice.held_back,
            since: words::short_moment(notice.since, site),
            still_failing: catalog::still_failing(notice, language),
            lasting: lasts.then(|| words::span(notice.since, notice.at, language)),
            meaning: known(&sentences.meaning, room.texts),
            advice: optional(sentences.advice.as_ref(), room.texts),
            answer_url: links::answer(site, notice),
            incident_url: links::incident(site, notice),
            incident_id: notice.fingerprint.as_str().chars().take(8).collect(),
            links: buttons::of_packs(notice),
            acknowledged_by: notice.acknowledged.as_ref().map(|by| clean::line(&by.by, room.names)),
            acknowledged_at: notice
                .acknowledged
                .as_ref()
                .map(|by| words::short_moment(by.at, site)),
            note: notice.note.as_ref().and_then(|note| {
                let day = words::day(note.at, site);
                known(&format!("{day}, {}: {}", note.by, note.text), room.texts)
            }),
            remark: catalog::remark(notice, language).and_then(|remark| known(&remark, room.texts)),
            pattern: clean::line(&notice.pattern, 80),
            fingerprint: clean::line(notice.fingerprint.as_str(), 40),
        }
    }
}

impl Links {
    fn new(notice: &Notice, site: &Site) -> Self {
        let of_site = |link: Option<String>| link.filter(|_| !notice.subject.is_in_cloud());
        Self {
            qmc_url: of_site(links::tasks(site)),
            qlik_sense_qmc: of_site(links::at(site, "/qmc")),
            qlik_sense_hub: of_site(links::at(site, "/hub")),
            node: clean::line(&site.node, 100),
            version: site.version,
        }
    }
}

/// When it happened, with a mark if the time is ambiguous.
fn timestamp(notice: &Notice, site: &Site) -> String {
    let moment = words::moment(notice.at, site);
    match notice.facts.at_or {
        Some(_) => format!("{moment} · {}", catalog::of(site.language).uncertain()),
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
