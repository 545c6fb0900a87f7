//! Pure. Words the product's own sentences on cards, with one file for each language.
//!
//! Matches of a pattern use the pattern's texts; everything else is worded here. A language is a
//! file (with its `conditions` beside it) that implements [`Catalog`], a member of
//! `config::Language`, and a line in [`of`].

pub(crate) mod cards;
mod english;
mod german;
mod labels;

use std::borrow::Cow;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ZonedDateTime};

use crate::clock::Timestamp;
use crate::config::Language;
use crate::detection::{
    AgentProblem, Amount, AnswerFault, CloudCondition, Condition, GaugeName, Kind, Lately, Overdue,
    Reading, ServiceStop, Severity, StopCause, Subject, TenantFault, UntilExpiry,
};
use crate::incident::{Flapping, Notice, Reason, SilenceEnd, StillFailing};
use crate::qlik;
use crate::qlik::account;
use crate::qlik::services::{self, Part};
use crate::render::catalog::cards::Cards;
use crate::render::catalog::english::English;
use crate::render::catalog::german::German;
use crate::render::{Site, clean, paths, words};
use crate::tail::FileFault;

pub(crate) use crate::render::catalog::labels::Labels;

/// The catalog of a language.
pub(crate) fn of(language: Language) -> &'static dyn Catalog {
    match language {
        Language::English => &English,
        Language::German => &German,
    }
}

/// The sentences of one language. A language implements this trait and those it names: what it lacks
/// does not compile.
pub(crate) trait Catalog: Cards + Conditions + Files + Sync {
    fn labels(&self) -> &'static Labels;

    /// `Mon 23 Nov 2026 06:13:52`.
    fn moment(&self, at: &ZonedDateTime) -> String;
    /// `Sun 22 Nov 06:14`: for times less than a year ago.
    fn short_moment(&self, at: &ZonedDateTime) -> String;
    /// `12 Nov`.
    fn day(&self, at: &ZonedDateTime) -> String;
    /// `Sun 22 Nov`.
    fn weekday(&self, day: Date) -> String;
    /// `41,234`.
    fn number(&self, n: u64) -> String;
    /// `7 January 2027`.
    fn date(&self, at: &ZonedDateTime) -> String;
    /// A duration of no whole second.
    fn instant(&self) -> &'static str;
    /// A duration as a person would configure it: `10m`.
    fn period(&self, time: SignedDuration) -> String;
    /// `41.2 GB of 64.0 GB`, `8 cores`.
    fn amount(&self, amount: &Amount) -> String;
    /// `1st`, `2nd`, `3rd`, `11th`.
    fn ordinal(&self, n: u64) -> String;
    /// Names, and how many more there are.
    fn list(&self, names: &str, more: usize) -> String;
    /// A service, and how many more services there are.
    fn services(&self, name: &str, more: usize) -> String;
    fn severity(&self, severity: Severity) -> &'static str;
    /// Marks a time in the repeated hour, which may be either of two.
    fn uncertain(&self) -> &'static str;

    /// The count of a pattern with a threshold.
    fn counted(&self, n: u32, within: SignedDuration) -> String;
    /// Who stopped a reload.
    fn stopped_by(&self, user: &str) -> String;

    /// The script log of a reload that another node ran.
    fn script_on(&self, place: &str, node: &str) -> String;
    /// No row says which node ran it.
    fn script_not_here(&self, place: &str) -> String;
    fn script_missing(&self, place: &str) -> String;
    /// The number of errors before the one that is shown, after which the script continued.
    fn swallowed(&self, n: usize, at_least: bool) -> String;

    /// The head of an opening card; `name` is the app, task, service, or the problem's title.
    fn opened(&self, kind: Kind, name: &str) -> String;
    /// The head of a repeating card.
    fn repeated(&self, kind: Kind, name: &str) -> String;
    /// The head of a recovery card, whose first line says so.
    fn over(&self, kind: Kind, name: &str) -> String;
    /// The same where nothing else says so.
    fn recovered(&self, over: &str) -> String;
    /// The head of an escalation card, from the head of the first card.
    fn escalated(&self, opened: &str) -> String;
    /// Who takes care of it, with its name.
    fn acknowledged(&self, by: &str, opened: &str) -> String;
    /// Who takes care of it after a later acknowledgement was undone.
    fn acknowledged_again(&self, by: &str) -> String;
    /// A silence by its id.
    fn silence(&self, id: &str) -> String;
    /// The same with its end and reason.
    fn silence_until(&self, id: &str, until: &str, reason: &str) -> String;
    /// The head of a card that says that an incident changes too often, or no longer does.
    fn flapping(&self, title: &str, is_over: bool) -> String;
    /// The head of the card that an incident is still open after a silence.
    fn after_silence(&self, title: &str) -> String;
    /// A recovery that leaves other incidents open.
    fn over_but(&self, title: &str, still_failing: &str) -> String;
    /// A service without a name.
    fn some_service(&self) -> &'static str;
    /// How often an incident changed.
    fn changes(&self, flapping: &Flapping) -> String;
    /// The other open incidents.
    fn also_open(&self, names: &str) -> String;
    /// That a silence has ended.
    fn silence_ended(&self, end: &SilenceEnd, held_back: u32) -> String;

    /// `3rd time`.
    fn nth_time(&self, n: u32) -> String;
    /// The text after it: ` since Sun 22 Nov 06:14, 2 d 2 h ago.`
    fn since_then(&self, since: &str, lasting: Option<&str>) -> String;
    /// How long it was failing.
    fn was_failing(&self, lasting: Option<&str>, count: u32, since: &str) -> String;
    /// `3 times`.
    fn times(&self, n: u32) -> String;
    /// `2 held back`.
    fn held_back(&self, n: u32) -> String;
    /// Failures that a stopped service caused.
    fn effects(&self, n: u32) -> String;
    /// `sent by footman 1.0 on node1`.
    fn sent_by(&self, version: &str, node: &str) -> String;
    /// `stopped Sun 22 Nov 06:14`.
    fn stopped_since(&self, since: &str) -> String;
    /// `running since …`.
    fn running_since(&self, at: &str) -> String;
    /// `down for 3 min`.
    fn down_for(&self, lasting: &str) -> String;
    /// `since 06:10:21`: the start of a run without a known end.
    fn ran_since(&self, at: &str) -> String;
    /// `until 06:13:52`: the end of a run without a known start.
    fn ran_until(&self, at: &str) -> String;
    /// The line of the failing statement, as a sentence.
    fn in_script_line(&self, number: u32) -> String;
    /// The statement that was executed.
    fn at_statement(&self, number: u32, statement: &str) -> String;
    /// The head of the excerpt.
    fn excerpt_title(&self, lines: Option<(u64, u64)>) -> String;
    /// The note on a card that was cut.
    fn shortened(&self, path: Option<&str>) -> String;
    /// A card without its usual form, by the version on the node.
    fn plain_footer(&self, version: &str, node: &str) -> String;
    fn emergency_footer(&self, version: &str) -> String;
    /// A card that may have been sent before.
    fn possible_repeat(&self) -> &'static str;
    /// Why another channel sends a card.
    fn instead_of(&self, channel: &str, since: &str) -> String;
    /// The line under the head of a root that replaces one that is gone.
    fn continues(&self, since: &str) -> String;

    /// The head of a digest: `26 problems in 12 s, shown as one card`.
    fn digest(&self, problems: u32, over: u32, span: &str) -> String;
    /// `2 over`.
    fn digest_over(&self, n: u32) -> String;
    /// The head of a paragraph of incidents that are not in the table.
    fn also(&self, word: &str, n: usize) -> String;
    fn unnamed(&self, n: usize) -> String;
    fn stands_for(&self, cards: u32, node: &str) -> String;
    fn no_summary(&self) -> &'static str;
}

/// The sentences on conditions that are not worded by a log.
pub(crate) trait Conditions {
    /// The impact on users while a part of Qlik Sense is stopped.
    fn impact(&self, part: Part) -> &'static str;
    /// Why a service does not run.
    fn stop_cause(&self, cause: &StopCause) -> String;
    /// Title, meaning and advice of a gauge above its limit.
    fn gauge(&self, gauge: &GaugeName) -> [&'static str; 3];
    /// `place` is the folder of a disk.
    fn gauge_reason(&self, place: Option<&str>, reading: &Reading) -> String;
    fn certificate(&self, owner: &str, issuer: &str, on: &str, left: UntilExpiry) -> Sentences;
    /// `lasting` is how long a channel has accepted no card.
    fn agent(&self, problem: &AgentProblem, lasting: &str) -> Sentences;
    /// Of a tenant of Qlik Cloud; `on` is the date, or the times, that the condition names.
    fn cloud(&self, condition: &CloudCondition, tenant: &str, on: &str) -> Sentences;
    fn tenant_fault(&self, fault: &TenantFault) -> String;
    fn alive(&self, lately: &Lately, since: &str) -> Sentences;
    /// A task that is not a reload failed: its pattern's texts about reloads do not apply.
    fn task_failed(&self) -> Sentences;
    /// The reason of an overdue end.
    fn overdue(&self, overdue: &Overdue) -> String;
}

/// What is wrong with files and folders.
pub(crate) trait Files {
    /// What failed, and what to do.
    fn file_problem(&self, fault: &FileFault) -> String;
}

/// The texts of a card besides times and names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sentences {
    pub title: String,
    /// The reason, in one or a few lines.
    pub reason: String,
    pub meaning: String,
    pub advice: Option<String>,
}

impl Sentences {
    /// Texts without a reason.
    fn new(title: &str, meaning: &str, advice: Option<&str>) -> Self {
        Self {
            title: title.to_owned(),
            reason: String::new(),
            meaning: meaning.to_owned(),
            advice: advice.map(str::to_owned),
        }
    }
}

/// The texts of a notice.
pub(crate) fn sentences(notice: &Notice, language: Language) -> Sentences {
    let catalog = of(language);
    let of_class = notice.script.as_ref().and_then(|script| script.error_advice.as_ref());
    let logged = Sentences {
        title: notice.title.clone(),
        reason: notice.error.clone(),
        meaning: notice.meaning.clone(),
        // What helps against this class of errors is nearer than what the pattern knows.
        advice: of_class.or(notice.advice.as_ref()).cloned(),
    };
    let mut sentences = match &notice.condition {
        Condition::Logged if notice.kind == Kind::TaskFailed && notice.meaning.is_empty() => {
            Sentences { reason: logged.reason, ..catalog.task_failed() }
        }
        Condition::Logged => logged,
        // The pattern's meaning explains what an overdue end means.
        Condition::Overdue(overdue) => Sentences { reason: catalog.overdue(overdue), ..logged },
        Condition::Cloud(cloud) => {
            let tenant = notice.facts.tenant.as_deref().unwrap_or_default();
            let worded = of_cloud(cloud, tenant, language);
            Sentences {
                // The tenant's own words are nearer than the product's.
                reason: if logged.reason.is_empty() { worded.reason } else { logged.reason },
                advice: of_class.cloned().or(worded.advice),
                ..worded
            }
        }
        other => condition(notice, other, language),
    };
    if let Some(within) = notice.counted_within {
        let counted = catalog.counted(notice.count, within);
        sentences.meaning = format!("{counted} {}", sentences.meaning);
    }
    sentences
}

/// The texts of a condition that no log describes.
fn of_cloud(condition: &CloudCondition, tenant: &str, language: Language) -> Sentences {
    let catalog = of(language);
    let on = match condition {
        CloudCondition::KeyExpires { on, .. } => catalog.date(&on.to_zoned_datetime(TimeZone::UTC)),
        CloudCondition::Unread { from, to, .. } if from.is_some() || to.is_some() => {
            let at = |at: &Timestamp| {
                let at = at.to_zoned_datetime(TimeZone::UTC);
                format!("{} {}", catalog.date(&at), at.strftime("%H:%M"))
            };
            let (from, to) = (from.as_ref().map(at), to.as_ref().map(at));
            format!("{} – {} (UTC)", from.unwrap_or_default(), to.unwrap_or_default())
        }
        _ => String::new(),
    };
    catalog.cloud(condition, tenant, &on)
}

fn condition(notice: &Notice, condition: &Condition, language: Language) -> Sentences {
    let (subject, catalog) = (&notice.subject, of(language));
    match condition {
        Condition::ServiceStopped(stop) => stopped(subject, stop, catalog),
        Condition::GaugeHigh(reading) => gauge_high(subject, reading, catalog),
        Condition::CertificateExpires { on, left } => {
            let (owner, issuer) = match subject {
                Subject::Certificate { subject, issuer, .. } => (subject.as_str(), issuer.as_str()),
                _ => ("", ""),
            };
            let on = catalog.date(&on.to_zoned_datetime(TimeZone::UTC));
            catalog.certificate(owner, issuer, &on, *left)
        }
        Condition::Agent(problem) => agent(problem, notice.at, language),
        Condition::Alive(lately) => {
            catalog.alive(lately, &catalog.date(&lately.since.to_zoned_datetime(TimeZone::UTC)))
        }
        Condition::Overdue(overdue) => {
            Sentences { reason: catalog.overdue(overdue), ..Sentences::default() }
        }
        Condition::Logged
        | Condition::ServiceStarted
        | Condition::GaugeNormal
        | Condition::AgentWell
        | Condition::Cloud(_)
        | Condition::CertificateRenewed => Sentences::default(),
    }
}

fn stopped(subject: &Subject, stop: &ServiceStop, catalog: &dyn Catalog) -> Sentences {
    let name = if let Subject::Service { name, .. } = subject { name.as_str() } else { "" };
    let impact = services::find(name).map_or("", |(_, known)| catalog.impact(known.part));
    Sentences {
        title: short_service(&stop.display_name).to_owned(),
        reason: catalog.stop_cause(&stop.cause),
        meaning: impact.to_owned(),
        advice: Some(catalog.start_service().to_owned()),
    }
}

/// A recovery needs no advice; for the rest, `footman doctor` has it.
fn agent(problem: &AgentProblem, at: Timestamp, language: Language) -> Sentences {
    let catalog = of(language);
    let lasting = match problem {
        AgentProblem::ChannelUnavailable { since, .. } => words::span(*since, at, language),
        _ => String::new(),
    };
    let sentences = catalog.agent(problem, &lasting);
    let advice = match problem {
        AgentProblem::StateWrittenAgain | AgentProblem::StatePutBack => {
            catalog.nothing_to_do(false)
        }
        _ => catalog.ask_doctor(),
    };
    Sentences { advice: sentences.advice.or_else(|| Some(advice.to_owned())), ..sentences }
}

fn gauge_high(subject: &Subject, reading: &Reading, catalog: &dyn Catalog) -> Sentences {
    let gauge = if let Subject::Gauge { gauge, .. } = subject { gauge } else { &GaugeName::Memory };
    let [title, meaning, advice] = catalog.gauge(gauge);
    let place = match gauge {
        GaugeName::Disk(folder) => Some(folder.as_str()),
        GaugeName::Memory | GaugeName::Processor => None,
    };
    let reason = catalog.gauge_reason(place, reading);
    Sentences { reason, ..Sentences::new(title, meaning, Some(advice)) }
}

/// The event and its subject, with the state, in at most 100 characters: for lists and
/// notifications.
pub(crate) fn title(notice: &Notice, language: Language) -> String {
    let catalog = of(language);
    let heading = heading(notice, language, 100);
    let title = match (notice.flapping, notice.reason) {
        (Some(flapping), _) => catalog.flapping(&heading, flapping.is_over),
        (None, _) if notice.after_silence.is_some() => catalog.after_silence(&heading),
        (None, Reason::Opened | Reason::Repeated) => heading,
        (None, Reason::Escalated) => catalog.escalated(&heading),
        (None, Reason::Acknowledged) => {
            let by = notice.acknowledged.as_ref().map_or("", |known| &known.by);
            catalog.acknowledged(&clean::line(by, 40), &heading)
        }
        (None, Reason::Recovered) => catalog.recovered(&heading),
    };
    clean::ellipsis(&title, 100)
}

/// The head of the card, whose first line names the state: `Reload failed: Sales Dashboard`. If it is
/// too long, the middle of the name is left out, never the whole name.
pub(crate) fn heading(notice: &Notice, language: Language, limit: usize) -> String {
    const SHORTEST: usize = 16;
    let catalog = of(language);
    let name = match notice.kind {
        Kind::ServiceStopped | Kind::ServiceStarted => service(notice, catalog),
        Kind::Performance | Kind::Security | Kind::Service | Kind::Agent => {
            clean::line(&sentences(notice, language).title, 72)
        }
        _ => words::subject(notice, language),
    };
    let heading = happened(notice, catalog, &name);
    let excess = heading.chars().count().saturating_sub(limit);
    if excess == 0 {
        return heading;
    }
    let room = name.chars().count().saturating_sub(excess).max(SHORTEST);
    clean::ellipsis(&happened(notice, catalog, &clean::middle(&name, room)), limit)
}

/// The event, for the subject with this name.
fn happened(notice: &Notice, catalog: &dyn Catalog, name: &str) -> String {
    let has_state = notice.flapping.is_some() || notice.after_silence.is_some();
    let has_own_verb =
        !matches!(notice.kind, Kind::Performance | Kind::Security | Kind::Service | Kind::Agent);
    match notice.reason {
        Reason::Recovered => {
            // What has no app does not reload.
            let is_task = notice.kind == Kind::ReloadRecovered && !has_app(notice);
            catalog.over(if is_task { Kind::TaskFailed } else { notice.kind }, name)
        }
        // A state says so before.
        Reason::Repeated if has_own_verb || !has_state => catalog.repeated(notice.kind, name),
        Reason::Opened | Reason::Repeated | Reason::Escalated | Reason::Acknowledged => {
            catalog.opened(notice.kind, name)
        }
    }
}

/// Why the card is sent now, if that is not obvious.
pub(crate) fn remark(notice: &Notice, language: Language) -> Option<String> {
    let catalog = of(language);
    if let Some(flapping) = &notice.flapping {
        return Some(catalog.changes(flapping));
    }
    let end = notice.after_silence.as_ref()?;
    let ended = catalog.silence_ended(end, notice.held_back);
    let also = still_failing(notice, language).map(|names| catalog.also_open(&names));
    Some([Some(ended), also].into_iter().flatten().collect::<Vec<_>>().join(" "))
}

/// The head as one line for lists, with the incidents that are still failing.
pub(crate) fn headline(notice: &Notice, language: Language) -> String {
    let title = title(notice, language);
    match still_failing(notice, language) {
        Some(names) => of(language).over_but(&title, &names),
        None => title,
    }
}

/// The reason. The row of an abort has none, but names the user who stopped the reload; if that is
/// a system account, the pattern's text is more useful than the row.
pub(crate) fn reason(notice: &Notice, language: Language) -> Cow<'_, str> {
    let has_script_error = notice.script.as_ref().is_some_and(|script| script.error.is_some());
    let is_abort = notice.recovered_from.unwrap_or(notice.kind) == Kind::ReloadAborted
        && notice.condition == Condition::Logged;
    let user = notice.facts.user.as_deref().filter(|_| is_abort && !has_script_error);
    match (user.and_then(account::person), user) {
        (Some(person), _) => Cow::Owned(of(language).stopped_by(person)),
        (None, Some(_)) if !notice.title.is_empty() => Cow::Borrowed(&notice.title),
        (None, _) => Cow::Owned(sentences(notice, language).reason),
    }
}

fn has_app(notice: &Notice) -> bool {
    notice.facts.app_id.is_some() || notice.facts.app_name.is_some()
}

/// Where the script log of a failed reload was searched for, if it was not found on this node.
pub(crate) fn script_elsewhere(notice: &Notice, host: &str, site: &Site) -> Option<String> {
    let catalog = of(site.language);
    let folder = site.scripts.as_deref().map(paths::whole);
    let place = folder.map_or_else(|| host.to_owned(), |folder| format!("{folder} ({host})"));
    let is_reload = matches!(notice.kind, Kind::ReloadFailed | Kind::ReloadAborted);
    if !is_reload || notice.script.is_some() || notice.condition != Condition::Logged {
        return None;
    }
    match &notice.facts.executing_node {
        Some(node) if !qlik::node::is_same(node, host) => {
            Some(catalog.script_on(&place, &clean::line(node, 100)))
        }
        _ if notice.kind == Kind::ReloadAborted => None,
        Some(_) => Some(catalog.script_missing(&place)),
        None => Some(catalog.script_not_here(&place)),
    }
}

/// `Qlik Sense Engine and 2 more`.
fn service(notice: &Notice, catalog: &dyn Catalog) -> String {
    let (name, also) = match &notice.condition {
        Condition::ServiceStopped(stop) => {
            (short_service(&stop.display_name), stop.also_down.len())
        }
        _ => (notice.title.as_str(), 0),
    };
    let name = clean::line(name, 60);
    let name = if name.is_empty() { catalog.some_service() } else { &name };
    catalog.services(name, also)
}

/// `Sales`, or `qlik1: Engine out of memory` for an incident without an app and a task.
fn named(one: &StillFailing, language: Language) -> String {
    let translated = one.translations.get(&language).and_then(|it| it.title.as_deref());
    let name = one.name.as_deref().unwrap_or(of(language).labels().unknown);
    let name = clean::line(name, 60);
    match translated.unwrap_or(&one.title) {
        "" => name,
        title => format!("{name}: {}", clean::line(title, 60)),
    }
}

/// The incidents that a recovered cause leaves open: `Sales, Finance and 3 more`.
pub(crate) fn still_failing(notice: &Notice, language: Language) -> Option<String> {
    const NAMED: usize = 5;
    let mut names: Vec<String> =
        notice.still_failing.iter().map(|one| named(one, language)).collect();
    names.dedup();
    let more = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    (!names.is_empty()).then(|| of(language).list(&names.join(", "), more))
}

/// The other services of the same outage: `Qlik Sense Proxy · Qlik Sense Engine`.
pub(crate) fn also_down(names: &[String]) -> Option<String> {
    let names: Vec<&str> = names.iter().map(|name| short_service(name)).collect();
    (!names.is_empty()).then(|| names.join(" · "))
}

/// `Qlik Sense Engine` for `Qlik Sense Engine Service`.
fn short_service(display_name: &str) -> &str {
    display_name.strip_suffix(" Service").unwrap_or(display_name)
}

/// The request and what is wrong with its answer.
fn tenant_fault(fault: &TenantFault, answer: impl Fn(&AnswerFault) -> String) -> String {
    match fault {
        TenantFault::Request { method, path, fault } => {
            format!("{method} {path}: {}", answer(fault))
        }
        TenantFault::Worded(words) => words.clone(),
    }
}

#[cfg(test)]
mod tests;
