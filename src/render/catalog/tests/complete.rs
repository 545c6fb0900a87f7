//! Every sentence of every language, beside the English one.

use serde_json::Value;

use crate::clock::Timestamp;
use crate::config::{Language, LogRootFault, ProblemKind, SystemError, SystemErrorKind};
use crate::detection::{
    AfterCrash, AgentProblem, Amount, AnswerFault, BadEnd, CloudCondition, CloudList, FileMistake,
    GaugeName, Kind, Lately, MissingLogRoot, Overdue, Reading, ServiceState, Severity, StopCause,
    TenantFault, TenantRefusal, UntilExpiry,
};
use crate::incident::{EndedSilencer, Flapping, SilenceEnd};
use crate::qlik::services::Part;
use crate::render::catalog::cards::HeadState;
use crate::render::catalog::{Catalog, Sentences, of};
use crate::tail::FileFault;
use jiff::SignedDuration;

/// What is the same in English and in German.
const SAME: [&str; 3] = ["labels app", "labels stream", "banner same"];

type Lines = Vec<(String, String)>;

fn sentences(name: &str, it: Sentences, lines: &mut Lines) {
    lines.push((format!("{name}.title"), it.title));
    lines.push((format!("{name}.reason"), it.reason));
    lines.push((format!("{name}.meaning"), it.meaning));
    lines.push((format!("{name}.advice"), it.advice.unwrap_or_default()));
}

fn conditions(catalog: &dyn Catalog, lines: &mut Lines) {
    let parts = [
        Part::Database,
        Part::Repository,
        Part::Dispatcher,
        Part::Proxy,
        Part::Engine,
        Part::Scheduler,
        Part::Printing,
        Part::Logging,
    ];
    for part in parts {
        lines.push((format!("impact {part:?}"), catalog.impact(part).to_owned()));
    }
    let manager = |state, exit_code| StopCause::Manager { state, exit_code };
    let who = || "LAB\\anna".to_owned();
    let crashed = |then| StopCause::Crashed { times: 3, exit_code: 5, then };
    let causes = [
        manager(ServiceState::Starting, 0),
        manager(ServiceState::Stopping, 0),
        manager(ServiceState::Paused, 0),
        manager(ServiceState::Stopped, 0),
        manager(ServiceState::Stopped, 1077),
        manager(ServiceState::Stopped, 1067),
        manager(ServiceState::Stopped, 1066),
        manager(ServiceState::Stopped, 1069),
        manager(ServiceState::Stopped, 0xC000_0005),
        manager(ServiceState::Stopped, 5),
        StopCause::StoppedBy { who: who() },
        StopCause::ShutDown { who: who(), program: "x.exe".to_owned() },
        StopCause::NotStartedSince { who: who(), program: "x.exe".to_owned() },
        crashed(None),
        crashed(Some(AfterCrash::RestartsService { seconds: Some(60) })),
        crashed(Some(AfterCrash::RestartsMachine { seconds: None })),
        StopCause::EndedWithError(7),
        StopCause::EndedWithOwnError(8),
    ];
    for cause in &causes {
        lines.push((format!("stop_cause {cause:?}"), catalog.stop_cause(cause)));
    }
    for gauge in [GaugeName::Disk("C:\\".to_owned()), GaugeName::Memory, GaugeName::Processor] {
        for text in catalog.gauge(&gauge) {
            lines.push((format!("gauge {gauge:?}"), text.to_owned()));
        }
    }
    let reading = Reading {
        used: 91,
        amount: Amount::Bytes { used: 57_600_000_000, total: 64_000_000_000 },
        limit: 85,
        steady: SignedDuration::from_mins(10),
    };
    lines.push(("gauge_reason".to_owned(), catalog.gauge_reason(Some("C:\\"), &reading)));
    for amount in [reading.amount, Amount::Cores { cores: 1 }, Amount::Cores { cores: 8 }] {
        lines.push((format!("amount {amount:?}"), catalog.amount(&amount)));
    }
    for left in [UntilExpiry::Expired, UntilExpiry::WithinAWeek { days: 1 }, UntilExpiry::Days(30)]
    {
        let one = catalog.certificate("node1", "node1", "7.1.2027", left);
        sentences(&format!("certificate {left:?}"), one, lines);
    }
    agent_conditions(catalog, lines);
    cloud_conditions(catalog, lines);
    for n in [0, 1, 2] {
        let lately = Lately { since: Timestamp::UNIX_EPOCH, reloads: n, incidents: n, cards: n };
        sentences(&format!("alive {n}"), catalog.alive(&lately, "1.1.1970"), lines);
    }
    sentences("task_failed", catalog.task_failed(), lines);
    let within = SignedDuration::from_hours(12);
    for usually in [None, Some(SignedDuration::from_hours(1))] {
        lines.push(("overdue".to_owned(), catalog.overdue(&Overdue { within, usually })));
    }
}

fn agent_conditions(catalog: &dyn Catalog, lines: &mut Lines) {
    let text = || "x".to_owned();
    let no_log_root = |fault| AgentProblem::NoLogRoot(MissingLogRoot { folder: text(), fault });
    let mistake = |kind, key, more| FileMistake { file: text(), kind, at: Some((3, 5)), key, more };
    let problems = [
        AgentProblem::StateDamaged { kept: Some(text()) },
        AgentProblem::StateDamaged { kept: None },
        AgentProblem::StateWentBack { at: Timestamp::UNIX_EPOCH },
        AgentProblem::StateNotWritten,
        AgentProblem::StateWrittenAgain,
        AgentProblem::StatePutBack,
        AgentProblem::LockFileReplaced,
        no_log_root(LogRootFault::Absent),
        no_log_root(LogRootFault::NotAFolder),
        no_log_root(LogRootFault::Empty),
        no_log_root(LogRootFault::Unreadable(SystemError::Other(text()))),
        no_log_root(LogRootFault::Foreign),
        AgentProblem::BrokenFile(mistake(ProblemKind::Syntax, None, 0)),
        AgentProblem::RestartNeeded { logs: vec![text()] },
        AgentProblem::ReadingStuck,
        AgentProblem::UnknownLayout { log: text() },
        AgentProblem::ChannelUnavailable { channel: text(), since: Timestamp::UNIX_EPOCH },
    ];
    let of_kind = |kind| {
        [(None, 0), (Some(text()), 2)]
            .map(|(key, more)| AgentProblem::FilesBroken(mistake(kind, key, more)))
    };
    for problem in problems.iter().chain(&ProblemKind::ALL.map(of_kind).concat()) {
        sentences(&format!("agent {problem:?}"), catalog.agent(problem, "1 s"), lines);
    }
    let holds = || vec!["junk".to_owned(), "…".to_owned()];
    let root = |fault| FileFault::NoLogRoot { fault, holds: holds() };
    let denied = || SystemError::Known(SystemErrorKind::PermissionDenied);
    let faults = [
        FileFault::UnreadableFolder(denied()),
        FileFault::UnreadableFile(denied()),
        FileFault::UnreadableFile(SystemError::Known(SystemErrorKind::TooManyOpenFiles)),
        FileFault::VanishedFolder(denied()),
        FileFault::MissingFolder(denied()),
        root(LogRootFault::Absent),
        root(LogRootFault::NotAFolder),
        root(LogRootFault::Empty),
        root(LogRootFault::Unreadable(denied())),
        root(LogRootFault::Foreign),
        FileFault::NoContent,
        FileFault::Truncated,
        FileFault::UnknownLayout { log: text() },
    ];
    for fault in &faults {
        lines.push((format!("file_problem {fault:?}"), catalog.file_problem(fault)));
    }
    for kind in SystemErrorKind::ALL {
        let root = no_log_root(LogRootFault::Unreadable(SystemError::Known(kind)));
        sentences(&format!("system error {kind:?}"), catalog.agent(&root, "1 s"), lines);
    }
}

fn cloud_conditions(catalog: &dyn Catalog, lines: &mut Lines) {
    let cloud =
        |condition| (format!("cloud {condition:?}"), catalog.cloud(&condition, "acme", "x"));
    let codes = [None, Some("EngineConnectionError"), Some("EngineReloadScriptError"), Some("x")];
    let ends = BadEnd::ALL.into_iter().flat_map(|end| {
        codes.map(|code| CloudCondition::ReloadEnded { end, code: code.map(str::to_owned) })
    });
    let off = ["CONSECUTIVE-FAILURES", "APP-SCRIPT-UPDATED", "OWNER-DELETED", "x"];
    let off = off.map(|code| CloudCondition::TaskOff { code: code.to_owned() });
    // The reason is the tenant's own.
    let refused = TenantRefusal::ALL.map(|refusal| CloudCondition::NotPolled {
        refusal,
        why: TenantFault::Worded(String::new()),
    });
    let on = Timestamp::UNIX_EPOCH;
    let expires = [UntilExpiry::Expired, UntilExpiry::Days(1), UntilExpiry::Days(14)]
        .map(|left| CloudCondition::KeyExpires { on, left });
    let unread = CloudList::ALL.into_iter().flat_map(|list| {
        [None, Some(TenantFault::Worded("x".to_owned()))].map(|why| CloudCondition::Unread {
            list,
            from: None,
            to: None,
            why,
        })
    });
    for condition in ends.chain(off).chain(refused).chain(expires).chain(unread) {
        let (name, texts) = cloud(condition);
        sentences(&name, texts, lines);
    }
    let (list, from, to, why) = (CloudList::Ended, None, None, None);
    let unknown = catalog.cloud(&CloudCondition::Unread { list, from, to, why }, "acme", "");
    sentences("cloud unread at unknown times", unknown, lines);
    let statuses = [302, 400, 401, 403, 404, 407, 429, 503];
    let statuses = statuses.map(|status| AnswerFault::Status { status, detail: None });
    let others = [
        AnswerFault::NotJson,
        AnswerFault::TooLarge,
        AnswerFault::OtherForm,
        AnswerFault::Elsewhere { host: None },
        AnswerFault::Elsewhere { host: Some("example.com".to_owned()) },
        AnswerFault::NoScriptLog,
        AnswerFault::ScriptLogTooLarge,
        AnswerFault::NoToken,
        AnswerFault::UnusableToken,
    ];
    for fault in statuses.into_iter().chain(others) {
        let name = format!("tenant_fault {fault:?}");
        lines.push((name, catalog.tenant_fault(&TenantFault::of("GET", "/api", fault))));
    }
}

fn forms(catalog: &dyn Catalog, lines: &mut Lines) {
    let mut add = |name: &str, text: String| lines.push((name.to_owned(), text));
    let at = "2026-10-07T05:13:52Z".parse::<Timestamp>().unwrap();
    let at = at.to_zoned_datetime(jiff::tz::TimeZone::UTC);
    add("moment", catalog.moment(&at));
    add("short_moment", catalog.short_moment(&at));
    add("day", catalog.day(&at));
    add("date", catalog.date(&at));
    add("weekday", catalog.weekday(at.date()));
    add("number", catalog.number(41_234));
    add("instant", catalog.instant().to_owned());
    add("period", catalog.period(SignedDuration::from_mins(90)));
    add("ordinal", catalog.ordinal(2));
    add("list", catalog.list("a, b", 1));
    add("list", catalog.list("a, b", 2));
    add("services", catalog.services("a", 1));
    add("services", catalog.services("a", 2));
    for severity in Severity::ALL.into_iter().skip(1) {
        add("severity", catalog.severity(severity).to_owned());
    }
    add("uncertain", catalog.uncertain().to_owned());
}

fn heads(catalog: &dyn Catalog, lines: &mut Lines) {
    let mut add = |name: String, text: String| lines.push((name, text));
    for kind in Kind::ALL {
        for name in ["", "X"] {
            // The head of a problem of the agent is the problem's own title.
            if kind != Kind::Agent || name.is_empty() {
                add(format!("opened {kind:?} {name}"), catalog.opened(kind, name));
            }
            add(format!("repeated {kind:?} {name}"), catalog.repeated(kind, name));
            // That of a recovery may be only the name.
            if kind != Kind::Agent || name.is_empty() {
                add(format!("over {kind:?} {name}"), catalog.over(kind, name));
            }
        }
    }
    add("recovered".to_owned(), catalog.recovered("X"));
    add("escalated".to_owned(), catalog.escalated("X"));
    for is_over in [false, true] {
        let flapping = Flapping { changes: 5, since: Timestamp::UNIX_EPOCH, is_over };
        add("flapping".to_owned(), catalog.flapping("X", is_over));
        add("changes".to_owned(), catalog.changes(&flapping));
    }
    add("after_silence".to_owned(), catalog.after_silence("X"));
    add("over_but".to_owned(), catalog.over_but("X", "Y"));
    add("some_service".to_owned(), catalog.some_service().to_owned());
    add("also_open".to_owned(), catalog.also_open("X"));
    let by = || EndedSilencer::By("anna".to_owned());
    for (of, held_back) in [(EndedSilencer::Window("x".to_owned()), 0), (by(), 1), (by(), 2)] {
        let end = SilenceEnd { of, reason: "y".to_owned() };
        add("silence_ended".to_owned(), catalog.silence_ended(&end, held_back));
    }
}

fn phrases(catalog: &dyn Catalog, lines: &mut Lines) {
    let mut add = |name: &str, text: String| lines.push((name.to_owned(), text));
    add("counted", catalog.counted(5, SignedDuration::from_mins(5)));
    add("stopped_by", catalog.stopped_by("X"));
    add("script_on", catalog.script_on("X", "Y"));
    add("script_not_here", catalog.script_not_here("X"));
    add("script_missing", catalog.script_missing("X"));
    for n in [1, 2] {
        add("swallowed", catalog.swallowed(n, n == 2));
        add("times", catalog.times(u32::try_from(n).unwrap()));
        add("effects", catalog.effects(u32::try_from(n).unwrap()));
        add("digest", catalog.digest(u32::try_from(n).unwrap(), 0, "1 s"));
        add("digest", catalog.digest(0, u32::try_from(n).unwrap(), "1 s"));
        add("stands_for", catalog.stands_for(u32::try_from(n).unwrap(), "X"));
    }
    add("nth_time", catalog.nth_time(3));
    add("since_then", catalog.since_then("X", Some("1 s")));
    add("since_then", catalog.since_then("X", None));
    add("was_failing", catalog.was_failing(Some("1 s"), 2, "X"));
    add("held_back", catalog.held_back(2));
    add("sent_by", catalog.sent_by("1", "X"));
    add("stopped_since", catalog.stopped_since("X"));
    add("running_since", catalog.running_since("X"));
    add("down_for", catalog.down_for("X"));
    add("ran_since", catalog.ran_since("X"));
    add("ran_until", catalog.ran_until("X"));
    add("in_script_line", catalog.in_script_line(3));
    add("at_statement", catalog.at_statement(3, "X"));
    add("excerpt_title", catalog.excerpt_title(Some((1, 2))));
    add("excerpt_title", catalog.excerpt_title(None));
    add("shortened", catalog.shortened(Some("X")));
    add("shortened", catalog.shortened(None));
    add("plain_footer", catalog.plain_footer("1", "X"));
    add("emergency_footer", catalog.emergency_footer("1"));
    add("instead_of", catalog.instead_of("ops", "x"));
    add("continues", catalog.continues("x"));
    add("acknowledged", catalog.acknowledged("Anna", "x"));
    add("acknowledged_again", catalog.acknowledged_again("Anna"));
    add("silence", catalog.silence("1a2b3c4d"));
    add("silence_until", catalog.silence_until("1a2b3c4d", "18:00", "x"));
    add("possible_repeat", catalog.possible_repeat().to_owned());
    add("digest_over", catalog.digest_over(2));
    add("also", catalog.also("x", 2));
    add("unnamed", catalog.unnamed(2));
    add("no_summary", catalog.no_summary().to_owned());
}

fn cards(catalog: &dyn Catalog, lines: &mut Lines) {
    let mut add = |name: &str, text: String| lines.push((name.to_owned(), text));
    for state in [
        HeadState::Acknowledged,
        HeadState::Escalated,
        HeadState::Flapping,
        HeadState::FlappingEnded,
        HeadState::Recovered,
        HeadState::Reopened,
        HeadState::SilenceEnded,
    ] {
        add("head_state", catalog.head_state(state).to_owned());
    }
    add("banner same", catalog.banner("X", Some("PROD")));
    add("app_by_id", catalog.app_by_id("X"));
    add("task_by_id", catalog.task_by_id("X"));
    add("unacknowledged", catalog.unacknowledged("1 s"));
    add("data_age", catalog.data_age("1 s"));
    add("usually", catalog.usually("1 s"));
    add("in_a_row", catalog.in_a_row(3, Some("X")));
    add("in_a_row", catalog.in_a_row(1, None));
    add("marked_statement", catalog.marked_statement(true).to_owned());
    add("marked_statement", catalog.marked_statement(false).to_owned());
    add("it_was", catalog.it_was("X"));
    add("take", catalog.take().to_owned());
    add("stays_in_teams", catalog.stays_in_teams("X", None));
    add("stays_in_teams", catalog.stays_in_teams("X", Some("Y")));
    add("taken", catalog.taken("X", "Y"));
    add("taken_format", catalog.taken_format().to_owned());
    for is_app in [false, true] {
        add("nothing_to_do.advice", catalog.nothing_to_do(is_app).to_owned());
    }
    add("rest_to_do.advice", catalog.rest_to_do().to_owned());
    add("start_service.advice", catalog.start_service().to_owned());
    add("ask_doctor.advice", catalog.ask_doctor().to_owned());
    add("was_down", catalog.was_down("1 s", "X"));
    for n in [1, 2] {
        let kinds = [Kind::ReloadFailed, Kind::TaskFailed, Kind::ServiceStopped, Kind::Security];
        for kind in kinds {
            add("units", catalog.units(Some(kind), n));
        }
        add("causes", catalog.causes(n as usize));
    }
    add("last_at", catalog.last_at("1 s"));
    add("recovered_meanwhile", catalog.recovered_meanwhile(2));
}

fn labels(catalog: &dyn Catalog, lines: &mut Lines) {
    let Value::Object(labels) = serde_json::to_value(catalog.labels()).unwrap() else { panic!() };
    for (name, text) in labels {
        lines.push((format!("labels {name}"), text.as_str().unwrap().to_owned()));
    }
}

pub(crate) fn everything(language: Language) -> Lines {
    let (catalog, mut lines) = (of(language), Vec::new());
    for part in [labels, forms, conditions, heads, phrases, cards] {
        part(catalog, &mut lines);
    }
    lines
}

#[test]
fn no_sentence_of_another_language_is_left_in_english() {
    let english = everything(Language::English);
    for language in Language::ALL.into_iter().filter(|it| *it != Language::English) {
        for ((name, text), (_, other)) in english.iter().zip(everything(language)) {
            let is_same = SAME.contains(&name.as_str()) || text.is_empty();
            assert_eq!(*text == other, is_same, "{}: {name}: {other}", language.name());
        }
    }
}

#[test]
fn every_sentence_of_the_catalog_is_compared() {
    let texts = [include_str!("../../catalog.rs"), include_str!("../cards.rs")];
    let declared = texts.iter().flat_map(|text| text.lines());
    let declared = declared.filter_map(|line| line.strip_prefix("    fn ")?.split('(').next());
    let lines = everything(Language::English);
    let is_compared =
        |name: &str| lines.iter().any(|(it, _)| it.split([' ', '.']).next() == Some(name));
    let missing: Vec<&str> = declared.filter(|name| !is_compared(name) && *name != "new").collect();
    assert_eq!(missing, Vec::<&str>::new());
}

#[test]
fn sentences_begin_and_end_alike_in_every_language() {
    let english = everything(Language::English);
    for language in Language::ALL {
        for ((name, text), (_, other)) in english.iter().zip(everything(language)) {
            let end = |text: &str| text.ends_with(['.', '!', '?']);
            assert!(!other.contains(['{', '}']), "{name}: {other}");
            if name.ends_with("meaning") || name.ends_with("advice") {
                assert_eq!(end(text), end(&other), "{}: {name}: {other}", language.name());
                assert!(!other.contains("  "), "{name}: {other}");
            }
        }
    }
}
