//! Values in, the product's sentences out.

mod complete;

use jiff::SignedDuration;

use super::*;
use crate::clock::Timestamp;
use crate::config::ChannelKind;
use crate::detection::{
    AfterCrash, AgentProblem, Detection, GaugeName, Overdue, Reading, ServiceState, ServiceStop,
    StopCause, Subject, UntilExpiry,
};
use crate::incident::StillFailing;
use crate::render::{Renderer, Site, builtin_templates};

const EN: Language = Language::English;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn stop(cause: StopCause) -> Sentences {
    let name = "QlikSenseEngineService".to_owned();
    let stop = ServiceStop {
        display_name: "Qlik Sense Engine Service".to_owned(),
        cause,
        exit_code: 1067,
        up_since: None,
        also_down: Vec::new(),
    };
    let subject = Subject::Service { host: "node1".to_owned(), name };
    condition(&subject, &Condition::ServiceStopped(stop), EN)
}

fn site() -> Site {
    Site {
        url: None,
        page: None,
        node: "node1".to_owned(),
        scripts: None,
        timezone: jiff::tz::TimeZone::UTC,
        language: Language::English,
        version: "0",
    }
}

#[test]
fn a_script_log_that_is_not_here_is_looked_for_where_it_is() {
    let site = Site { scripts: Some(r"D:\Log\Script".to_owned()), ..site() };
    let place = |node: Option<&str>| {
        let mut notice = crate::render::sample::test(at("2026-11-23T06:00:00Z"));
        notice.kind = Kind::ReloadFailed;
        notice.condition = Condition::Logged;
        notice.facts.executing_node = node.map(str::to_owned);
        script_elsewhere(&notice, "NODE1", &site).unwrap_or_default()
    };
    insta::assert_snapshot!(
        [place(Some("node2.example.com")), place(Some("node1.example.com")), place(None)]
            .join("\n")
            .replace('\u{200B}', ""),
        @r"
    No script log found for this run, looked in D:\Log\Script (NODE1). node2.example.com ran it and has the log.
    No script log found for this run, looked in D:\Log\Script (NODE1).
    No script log found for this run, looked in D:\Log\Script (NODE1). If another node ran it, the log is there.
    "
    );
}

#[test]
fn a_task_of_another_kind_fails_and_recovers_in_words_of_its_own() {
    let mut notice = crate::render::sample::test(at("2026-11-23T06:00:00Z"));
    notice.kind = Kind::TaskFailed;
    notice.condition = Condition::Logged;
    notice.facts.task_name = Some("Nightly export".to_owned());
    notice.meaning = String::new();
    let failed = (title(&notice, EN), sentences(&notice, EN).meaning);
    (notice.kind, notice.reason) = (Kind::ReloadRecovered, Reason::Recovered);
    insta::assert_snapshot!(format!("{}\n{}\n{}", failed.0, failed.1, title(&notice, EN)), @r"
    Task failed: Nightly export
    The task has no app, so it is not a reload: an external program, a preload or a user synchronization.
    Recovered: Nightly export runs again
    ");
}

#[test]
fn the_cause_of_a_stopped_service_is_one_sentence() {
    let crashed = |times, then| StopCause::Crashed { times, exit_code: 1067, then };
    let manager = |state, exit_code| StopCause::Manager { state, exit_code };
    let (who, program) = ("LAB\\anna".to_owned(), "shutdown.exe".to_owned());
    let causes = [
        crashed(3, Some(AfterCrash::RestartsService { seconds: Some(60) })),
        crashed(12, Some(AfterCrash::RestartsMachine { seconds: None })),
        crashed(1, None),
        StopCause::EndedWithError(1068),
        StopCause::EndedWithOwnError(42),
        StopCause::StoppedBy { who: who.clone() },
        StopCause::ShutDown { who: who.clone(), program: program.clone() },
        StopCause::NotStartedSince { who, program },
        manager(ServiceState::Starting, 0),
        manager(ServiceState::Stopped, 0),
        manager(ServiceState::Stopped, 1067),
        manager(ServiceState::Stopped, 0xC000_0005),
        manager(ServiceState::Stopped, 5),
    ];
    let reasons: Vec<String> = causes.into_iter().map(|cause| stop(cause).reason).collect();
    insta::assert_snapshot!(reasons.join("\n"), @r"
    Crashed (3rd time), exit code 1067; Windows starts it again after 60 s
    Crashed (12th time), exit code 1067; Windows restarts the machine
    Crashed (1st time), exit code 1067
    Ended with error 1068
    Ended with service-specific error 42
    Stopped with a stop control by LAB\anna
    Stopped: the node was restarted or shut down by LAB\anna (shutdown.exe)
    Not started since the node was restarted or shut down by LAB\anna (shutdown.exe)
    Starting, but does not reach the running state
    Stopped at the request of a user or program
    Stopped unexpectedly: its process ended (1067)
    Stopped unexpectedly, exit code 0xc0000005
    Stopped with error 5
    ");
    let stop = stop(StopCause::EndedWithError(5));
    assert_eq!(stop.title, "Qlik Sense Engine");
    assert_eq!(stop.meaning, "Users on this node cannot open apps, and no reload runs on it.");
}

#[test]
fn gauges_and_certificates_show_their_values_and_limits() {
    let host = "node1".to_owned();
    let reading = Reading {
        used: 91,
        amount: "57.6 GB of 64 GB".to_owned(),
        limit: 85,
        steady: SignedDuration::from_mins(10),
    };
    let gauge = |gauge| {
        let subject = Subject::Gauge { host: host.clone(), gauge };
        condition(&subject, &Condition::GaugeHigh(reading.clone()), EN).reason
    };
    let certificate = |left| {
        let (subject, issuer) = ("node1.lab".to_owned(), "lab-CA".to_owned());
        let subject = Subject::Certificate { host: host.clone(), subject, issuer };
        let on = at("2027-01-07T00:00:00Z");
        condition(&subject, &Condition::CertificateExpires { on, left }, EN).reason
    };
    let reasons = [
        gauge(GaugeName::Memory),
        gauge(GaugeName::Disk("C:\\".to_owned())),
        certificate(UntilExpiry::Days(30)),
        certificate(UntilExpiry::WithinAWeek { days: 1 }),
        certificate(UntilExpiry::Expired),
    ];
    insta::assert_snapshot!(reasons.join("\n"), @r"
    91 % used (57.6 GB of 64 GB), limit 85 % for 10m
    C:\: 91 % used (57.6 GB of 64 GB), limit 85 % for 10m
    Expires on 7 January 2027: 30 days left
    Expires within a week, on 7 January 2027: 1 day left
    Expired on 7 January 2027
    ");
}

#[test]
fn a_pattern_keeps_its_own_texts_and_the_count_is_added() {
    let mut notice = crate::render::sample::test(Timestamp::UNIX_EPOCH);
    (notice.title, notice.meaning) = ("Failed sign-ins".to_owned(), "Somebody guesses.".to_owned());
    (notice.count, notice.counted_within) = (5, Some(SignedDuration::from_mins(5)));
    let worded = sentences(&notice, EN);
    assert_eq!(worded.reason, "", "a row without a message has no reason");
    assert_eq!(worded.meaning, "Found 5 times within 5m. Somebody guesses.");
    let hour = SignedDuration::from_hours(1);
    notice.condition = Condition::Overdue(Overdue { within: hour * 12, usually: Some(hour) });
    let worded = sentences(&notice, EN);
    assert_eq!(worded.title, "Failed sign-ins");
    assert_eq!(
        worded.reason,
        "Started, but did not finish within 12h; it usually takes at most 1h"
    );
}

#[test]
fn a_problem_of_the_agent_is_worded() {
    let problem = AgentProblem::RestartNeeded { logs: vec!["Audit_Proxy".to_owned()] };
    let detection = Detection::of_agent(at("2026-11-23T06:00:00Z"), "node1", problem);
    let notice = Notice::of(&detection, at("2026-11-23T06:00:00Z"));
    assert_eq!(title(&notice, EN), "Footman needs attention");
    let reason = reason(&notice, EN).into_owned();
    assert_eq!(reason, "patterns use Audit_Proxy, which is followed only after a restart");
}

#[test]
fn the_recovery_of_a_cause_names_what_is_still_failing_in_every_card() {
    let (renderer, _) = Renderer::compile(&builtin_templates());
    let site = site();
    let mut notice = crate::render::sample::test(Timestamp::UNIX_EPOCH);
    notice.reason = Reason::Recovered;
    let name = |n: u32| StillFailing { kind: Kind::ReloadFailed, name: format!("App {n}") };
    notice.still_failing = (1..=7).map(name).collect();
    let names = "App 1, App 2, App 3, App 4, App 5 and 2 more";
    for kind in [Kind::ServiceStarted, Kind::Service, Kind::ReloadRecovered] {
        notice.kind = kind;
        let card = renderer.card(&notice, &site, ChannelKind::Teams);
        assert!(card.summary.ends_with(&format!("; still failing: {names}")), "{}", card.summary);
        for body in [&card.payload, &card.plain] {
            assert!(body.contains("Still failing") && body.contains(names), "{kind:?}: {body}");
        }
        assert_eq!(card.problems, Vec::<String>::new());
    }
}

#[test]
fn ordinals_of_11_to_13_end_in_th() {
    let ordinals = [1, 2, 3, 4, 11, 12, 13, 21, 22, 103, 111].map(|n| English.ordinal(n));
    assert_eq!(ordinals.join(" "), "1st 2nd 3rd 4th 11th 12th 13th 21st 22nd 103rd 111th");
}

#[test]
fn the_title_of_a_pattern_is_the_head_of_the_card() {
    let mut notice = crate::render::sample::test(Timestamp::UNIX_EPOCH);
    notice.kind = Kind::Performance;
    assert_eq!(title(&notice, EN), "Performance problem");
    notice.title = "Engine out of memory".to_owned();
    assert_eq!(title(&notice, EN), "Performance: engine out of memory");
    notice.title = "RAM is short".to_owned();
    assert_eq!(title(&notice, EN), "Performance: RAM is short");
}

#[test]
fn an_abort_names_the_user_who_stopped_the_reload() {
    let mut notice = crate::render::sample::test(Timestamp::UNIX_EPOCH);
    notice.kind = Kind::ReloadAborted;
    notice.error = "Execution State Change to Aborting".to_owned();
    assert_eq!(reason(&notice, EN), "Execution State Change to Aborting");
    notice.facts.user = Some(r"LAB\anna".to_owned());
    assert_eq!(reason(&notice, EN), r"Stopped by LAB\anna");
}
