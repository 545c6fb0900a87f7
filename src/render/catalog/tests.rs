//! Values in, the product's sentences out.

mod complete;

use jiff::SignedDuration;

use super::*;
use crate::clock::Timestamp;
use crate::config::{ChannelKind, LogRootFault, ProblemKind, SystemError, SystemErrorKind};
use crate::detection::{
    AfterCrash, AgentProblem, Amount, Detection, FileMistake, GaugeName, MissingLogRoot, Overdue,
    Reading, ServiceState, ServiceStop, StopCause, Subject, Translations, UntilExpiry,
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
    condition(&of(subject), &Condition::ServiceStopped(stop), EN)
}

fn of(subject: Subject) -> Notice {
    Notice { subject, ..crate::render::sample::test(at("2026-11-23T06:00:00Z")) }
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
        amount: Amount::Bytes { used: 57_600_000_000, total: 64_000_000_000 },
        limit: 85,
        steady: SignedDuration::from_mins(10),
    };
    let gauge = |gauge| {
        let subject = Subject::Gauge { host: host.clone(), gauge };
        condition(&of(subject), &Condition::GaugeHigh(reading.clone()), EN).reason
    };
    let certificate = |left| {
        let (subject, issuer) = ("node1.lab".to_owned(), "lab-CA".to_owned());
        let subject = Subject::Certificate { host: host.clone(), subject, issuer };
        let on = at("2027-01-07T00:00:00Z");
        condition(&of(subject), &Condition::CertificateExpires { on, left }, EN).reason
    };
    let reasons = [
        gauge(GaugeName::Memory),
        gauge(GaugeName::Disk("C:\\".to_owned())),
        certificate(UntilExpiry::Days(30)),
        certificate(UntilExpiry::WithinAWeek { days: 1 }),
        certificate(UntilExpiry::Expired),
    ];
    insta::assert_snapshot!(reasons.join("\n"), @r"
    91 % used (57.6 GB of 64.0 GB), limit 85 % for 10m
    C:\: 91 % used (57.6 GB of 64.0 GB), limit 85 % for 10m
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
    assert_eq!(reason, "Patterns use Audit_Proxy, which is followed only after a restart");
}

#[test]
fn the_recovery_of_a_cause_names_what_is_still_failing_in_every_card() {
    let (renderer, _) = Renderer::compile(&builtin_templates());
    let site = site();
    let mut notice = crate::render::sample::test(Timestamp::UNIX_EPOCH);
    notice.reason = Reason::Recovered;
    let name = |n: u32| StillFailing {
        kind: Kind::ReloadFailed,
        name: Some(format!("App {n}")),
        title: String::new(),
        translations: Translations::new(),
    };
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
    (notice.kind, notice.reason) = (Kind::ReloadRecovered, Reason::Recovered);
    notice.recovered_from = Some(Kind::ReloadAborted);
    assert_eq!(reason(&notice, EN), r"Stopped by LAB\anna", "also when it is over");
}

#[test]
fn an_account_of_the_system_is_never_named_as_a_person() {
    let mut notice = crate::render::sample::test(Timestamp::UNIX_EPOCH);
    (notice.kind, notice.title) = (Kind::ReloadAborted, "Reload aborted by the system".to_owned());
    notice.error = "Execution State Change to Aborting".to_owned();
    let accounts =
        [r"INTERNAL\sa_scheduler", r"NT AUTHORITY\SYSTEM", r"NT-AUTORITÄT\SYSTEM", "SYSTEM"];
    for account in accounts {
        notice.facts.user = Some(account.to_owned());
        notice.facts.owner = Some(account.to_owned());
        for language in Language::ALL {
            assert_eq!(reason(&notice, language), "Reload aborted by the system");
            let site = Site { language, ..site() };
            let (renderer, _) = Renderer::compile(&builtin_templates());
            let card = renderer.card(&notice, &site, ChannelKind::Teams);
            for text in [&card.payload, &card.plain, &card.summary] {
                assert!(!text.contains("sa_scheduler") && !text.contains("SYSTEM"), "{text}");
            }
            let (who, program) = (account.to_owned(), "TrustedInstaller.exe".to_owned());
            for cause in [
                StopCause::StoppedBy { who: who.clone() },
                StopCause::ShutDown { who: who.clone(), program: program.clone() },
                StopCause::NotStartedSince { who, program },
            ] {
                let text = super::of(language).stop_cause(&cause);
                assert!(!text.contains("SYSTEM") && !text.contains("sa_"), "{text}");
            }
        }
    }
}

#[test]
fn a_heading_has_at_most_one_prefix_and_keeps_begin_and_end_of_the_name() {
    let mut notice = crate::render::sample::test(at("2026-11-23T06:00:00Z"));
    notice.facts.app_name =
        Some("Sales Dashboard of the northern region, monthly, 2026".to_owned());
    notice.facts.task_name = Some("Daily 06:10 – Sales Dashboard, northern region".to_owned());
    notice.facts.app_id = Some("6f2c3c5e-0f5b-4a38-9d55-0c52e3a4d0e1".into());
    let silence = || {
        Some(crate::incident::SilenceEnd {
            of: crate::incident::EndedSilencer::By("anna".to_owned()),
            reason: String::new(),
        })
    };
    let since = notice.at;
    let mut headings = Vec::new();
    for language in Language::ALL {
        for kind in
            [Kind::TaskNotStarted, Kind::TaskFailed, Kind::CloudTaskDisabled, Kind::ReloadFailed]
        {
            for reason in [Reason::Opened, Reason::Repeated, Reason::Escalated, Reason::Recovered] {
                for (after_silence, is_flapping) in
                    [(None, false), (silence(), false), (None, true)]
                {
                    let flapping =
                        is_flapping.then_some(Flapping { changes: 3, since, is_over: false });
                    let notice = Notice { kind, reason, after_silence, flapping, ..notice.clone() };
                    let heading = heading(&notice, language, 60);
                    assert!(heading.chars().count() <= 60, "{heading}");
                    assert!(
                        heading.contains("Sales D") || heading.contains("Daily 06:1"),
                        "{heading}"
                    );
                    assert!(heading.contains("region") || heading.contains("2026"), "{heading}");
                    headings.push(heading);
                }
            }
        }
    }
    headings.dedup();
    insta::assert_snapshot!(headings.join("\n"), @r"
    Task could not start: Daily 06:10 – Sales…d, northern region
    Task still cannot start: Daily 06:10 – Sal…, northern region
    Task could not start: Daily 06:10 – Sales…d, northern region
    Daily 06:10 – Sales Dashboard, northern region runs again
    Task failed: Daily 06:10 – Sales Dashboard, northern region
    Task still fails: Daily 06:10 – Sales D…ard, northern region
    Task failed: Daily 06:10 – Sales Dashboard, northern region
    Daily 06:10 – Sales Dashboard, northern region runs again
    Task switched off: Daily 06:10 – Sales …ard, northern region
    Task still switched off: Daily 06:10 – Sal…, northern region
    Task switched off: Daily 06:10 – Sales …ard, northern region
    Daily 06:10 – Sales D…ard, northern region switched on again
    Reload failed: Sales Dashboard of the… region, monthly, 2026
    Reload still fails: Sales Dashboard of t…gion, monthly, 2026
    Reload failed: Sales Dashboard of the… region, monthly, 2026
    Sales Dashboard of the … region, monthly, 2026 reloads again
    Aufgabe nicht gestartet: Daily 06:10 – Sal…, northern region
    Startet weiterhin nicht: Daily 06:10 – Sal…, northern region
    Aufgabe nicht gestartet: Daily 06:10 – Sal…, northern region
    Daily 06:10 – Sales Dashboard, northern region läuft wieder
    Aufgabe fehlgeschlagen: Daily 06:10 – Sale…, northern region
    Aufgabe scheitert weiter: Daily 06:10 – Sal… northern region
    Aufgabe fehlgeschlagen: Daily 06:10 – Sale…, northern region
    Daily 06:10 – Sales Dashboard, northern region läuft wieder
    Aufgabe abgeschaltet: Daily 06:10 – Sales…d, northern region
    Weiterhin abgeschaltet: Daily 06:10 – Sale…, northern region
    Aufgabe abgeschaltet: Daily 06:10 – Sales…d, northern region
    Daily 06:10 – Sales…rd, northern region wieder eingeschaltet
    Laden fehlgeschlagen: Sales Dashboard of …ion, monthly, 2026
    Laden schlägt weiterhin fehl: Sales Dashboard… monthly, 2026
    Laden fehlgeschlagen: Sales Dashboard of …ion, monthly, 2026
    Sales Dashboard of…ion, monthly, 2026 lädt wieder fehlerfrei
    ");
    notice.kind = Kind::Performance;
    (notice.reason, notice.title) = (Reason::Repeated, "Engine low on memory".to_owned());
    let after = |notice: &Notice, language| {
        let notice = Notice { after_silence: silence(), ..notice.clone() };
        [title(&notice, language), heading(&notice, language, 60)].join("\n")
    };
    let texts: Vec<String> = Language::ALL
        .into_iter()
        .flat_map(|language| [title(&notice, language), after(&notice, language)])
        .collect();
    insta::assert_snapshot!(texts.join("\n"), @r"
    Still: engine low on memory
    After a silence: Performance: engine low on memory
    Performance: engine low on memory
    Weiterhin: Engine low on memory
    Nach einer Stummschaltung: Leistung: Engine low on memory
    Leistung: Engine low on memory
    ");
}

#[test]
fn no_sentence_has_marks_that_a_card_shows_as_they_are() {
    for language in Language::ALL {
        for (name, text) in complete::everything(language) {
            assert!(!text.contains('`'), "{name}: {text}");
        }
    }
}

#[test]
fn numbers_of_one_have_words_of_their_own() {
    let days = |language, days| {
        let on = Timestamp::UNIX_EPOCH;
        let left = crate::detection::UntilExpiry::Days(days);
        super::of(language).cloud(&CloudCondition::KeyExpires { on, left }, "acme", "x").reason
    };
    let texts: Vec<String> = Language::ALL
        .into_iter()
        .flat_map(|language| [super::of(language).effects(1), days(language, 1), days(language, 2)])
        .collect();
    insta::assert_snapshot!(texts.join("\n"), @r"
    1 failure on this node was its effect and not posted
    Expires on x, in 1 day
    Expires on x, in 2 days
    1 Fehlschlag auf diesem Knoten war die Folge und wurde nicht gesendet
    Läuft am x ab, in 1 Tag
    Läuft am x ab, in 2 Tagen
    ");
}

#[test]
fn how_long_a_channel_takes_no_cards_is_a_duration_in_both_languages() {
    let (now, channel) = (at("2026-11-23T06:00:00Z"), "ops".to_owned());
    let since = at("2026-11-23T05:40:00Z");
    let problem = AgentProblem::ChannelUnavailable { channel, since };
    let notice = Notice::of(&Detection::of_agent(now, "node1", problem), now);
    let reasons = Language::ALL.map(|language| reason(&notice, language).into_owned());
    assert_eq!(reasons, ["No card accepted for 20 min", "Seit 20 min keine Karte angenommen"]);
}

#[test]
fn what_is_wrong_with_files_is_worded_in_the_language_of_the_card() {
    let mistake = |kind, key: Option<&str>, more| FileMistake {
        file: "own.toml".to_owned(),
        kind,
        at: Some((3, 5)),
        key: key.map(str::to_owned),
        more,
    };
    let fault = LogRootFault::Unreadable(SystemError::Known(SystemErrorKind::PermissionDenied));
    let problems = [
        AgentProblem::BrokenFile(mistake(ProblemKind::UnknownKey, Some("sverity"), 0)),
        AgentProblem::FilesBroken(mistake(ProblemKind::Syntax, None, 2)),
        AgentProblem::NoLogRoot(MissingLogRoot { folder: "/x".to_owned(), fault }),
    ];
    let reasons = |language| {
        let reason = |problem| agent(problem, at("2026-11-23T06:00:00Z"), language).reason;
        problems.each_ref().map(reason).join("\n")
    };
    insta::assert_snapshot!(reasons(EN), @"
    Left out: own.toml:3:5: unknown key “sverity” (run “footman check” for details)
    Changed files have problems; the previous ones stay in force: own.toml:3:5: invalid syntax (and 2 more; run “footman check” for details)
    The log root /x cannot be read: access is denied; Footman waits for it
    ");
    insta::assert_snapshot!(reasons(Language::German), @"
    Ausgelassen: own.toml:3:5: unbekannter Schlüssel „sverity“ (Einzelheiten mit „footman check“)
    Geänderte Dateien sind fehlerhaft; die bisherigen gelten weiter: own.toml:3:5: fehlerhafte Syntax (und 2 weitere; Einzelheiten mit „footman check“)
    Der Ordner der Protokolle /x kann nicht gelesen werden: Zugriff verweigert; Footman wartet darauf
    ");
}

#[test]
fn an_amount_is_worded_in_the_language_of_the_card() {
    let amounts = [
        Amount::Bytes { used: 57_650_000_000, total: 64_000_000_000 },
        Amount::Bytes { used: 512_000_000, total: 900_000_000 },
        Amount::Cores { cores: 8 },
        Amount::Worded("41.2 GB of 64.0 GB".to_owned()),
    ];
    let words = |language| amounts.each_ref().map(|it| super::of(language).amount(it)).join("; ");
    assert_eq!(words(EN), "57.6 GB of 64.0 GB; 512 MB of 900 MB; 8 cores; 41.2 GB of 64.0 GB");
    assert_eq!(
        words(Language::German),
        "57,6 GB von 64,0 GB; 512 MB von 900 MB; 8 Kerne; 41.2 GB of 64.0 GB"
    );
}
