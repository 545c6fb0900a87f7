//! Nights of a node in virtual time: snapshots in, notices out.

use std::fmt::Write as _;
use std::sync::Arc;

use jiff::SignedDuration;

use crate::clock::Timestamp;
use crate::commit::StoredRows;
use crate::detection::{
    Condition, Detection, Facts, Kind, Origin, Role, Rule, ServiceState, Severity, StopCause,
    Terms, Words,
};
use crate::incident::{IncidentBook, Policy};
use crate::mute::Mutes;
use crate::observe::{
    Certificates, Gauges, Limits, NodeSnapshot, Service, Services, StartType, Watched,
};
use crate::qlik::stamp::Stamp;
use crate::render::catalog;

fn at(seconds: i64) -> Timestamp {
    let start: Timestamp = "2026-11-23T03:00:00Z".parse().unwrap();
    start + SignedDuration::from_secs(seconds)
}

/// The incident book and the machine state, with the stored rows of both.
struct Night {
    rows: StoredRows,
    book: IncidentBook,
    watched: Watched,
    services: Vec<Service>,
    transcript: String,
}

impl Night {
    fn new() -> Self {
        let mut night = Self {
            rows: StoredRows::default(),
            book: book(&StoredRows::default()),
            watched: watched(&StoredRows::default()),
            services: Vec::new(),
            transcript: String::new(),
        };
        for name in ["Repository", "Proxy", "Engine", "Scheduler"] {
            night.services.push(Service {
                name: format!("QlikSense{name}Service"),
                display_name: format!("Qlik Sense {name} Service"),
                state: ServiceState::Running,
                start: StartType::Automatic,
                exit_code: 0,
                process: Some(100),
                stop_cause: None,
            });
        }
        night
    }

    /// `60 Engine stopped 1067`, `75 Engine running`, `80 fail`, `90 crash`.
    fn play(mut self, script: &str) -> String {
        self.apply_snapshot(at(0));
        for line in script.lines().map(str::trim) {
            let words: Vec<&str> = line.split(' ').collect();
            let now = at(words[0].parse().unwrap());
            self.wait_until(now);
            match words[1] {
                "crash" => {
                    self.book = book(&self.rows);
                    self.watched = watched(&self.rows);
                }
                "fail" => self.step(now, vec![failure(now)]),
                name => self.change(name, words[2], words.get(3).copied()),
            }
            self.apply_snapshot(now);
        }
        self.wait_until(at(100_000));
        self.transcript
    }

    fn change(&mut self, name: &str, state: &str, exit_code: Option<&str>) {
        let service = self.services.iter_mut().find(|service| service.name.contains(name)).unwrap();
        service.exit_code = exit_code.map_or(0, |code| code.parse().unwrap());
        match state {
            "running" => service.state = ServiceState::Running,
            "stopped" => service.state = ServiceState::Stopped,
            "starting" => service.state = ServiceState::Starting,
            "stopping" => service.state = ServiceState::Stopping,
            // Stopped and started between two snapshots.
            "restarted" => service.process = service.process.map(|id| id + 4),
            "manual" => service.start = StartType::Manual,
            "explained" => {
                let cause = StopCause::Crashed { times: 3, exit_code: 1067, then: None };
                service.stop_cause = Some(cause);
            }
            "gone" => {
                let gone = service.name.clone();
                self.services.retain(|service| service.name != gone);
            }
            _ => panic!("unknown state {state}"),
        }
    }

    fn apply_snapshot(&mut self, now: Timestamp) {
        let services = Some(self.services.clone());
        self.watched.apply_snapshot(
            now,
            &NodeSnapshot { host: "node1".into(), services, ..NodeSnapshot::default() },
        );
        self.step(now, Vec::new());
    }

    fn wait_until(&mut self, until: Timestamp) {
        let wakeup = |night: &Self| {
            night.watched.next_wakeup().into_iter().chain(night.book.next_wakeup()).min()
        };
        let mut last = None;
        while let Some(now) = wakeup(self).filter(|now| *now < until) {
            assert_ne!(last.replace(now), Some(now), "woken twice without a reason");
            self.step(now, Vec::new());
        }
    }

    fn step(&mut self, now: Timestamp, mut found: Vec<Detection>) {
        let seen = self.watched.due(now, &found);
        found.splice(0..0, seen.detections);
        let decisions = self.book.step(now, found);
        let decisions = Mutes::default().hold(now, &mut self.book, decisions);
        let seconds = now.duration_since(at(0)).as_secs();
        for (name, n) in seen.counts.iter() {
            writeln!(self.transcript, "{seconds}s   {name} {n}").unwrap();
        }
        for held in &decisions.suppressed {
            writeln!(self.transcript, "{seconds}s   held back: {}", held.why.name()).unwrap();
        }
        for notice in &decisions.notices {
            self.book.note_notified(&notice.fingerprint, &["ops".into()]);
            let also = match &notice.condition {
                Condition::ServiceStopped(stop) => catalog::also_down(&stop.also_down),
                _ => None,
            };
            let also = also.map(|names| format!(" (also {names})")).unwrap_or_default();
            let sentences = catalog::sentences(notice, crate::config::Language::English);
            let lasted = notice.at.duration_since(notice.since).as_secs();
            writeln!(
                self.transcript,
                "{seconds}s {} {} {}{also}: {} [{lasted} s, {} held back]",
                notice.reason.name(),
                notice.kind.name(),
                sentences.title,
                sentences.reason,
                notice.held_back
            )
            .unwrap();
        }
        self.rows.apply(self.book.take_changes());
        self.rows.apply(self.watched.take_changes());
    }
}

fn book(rows: &StoredRows) -> IncidentBook {
    let policy = Policy {
        environment: None,
        settle: SignedDuration::from_secs(3),
        repeat: SignedDuration::from_hours(40),
    };
    IncidentBook::restore(policy, rows)
}

fn watched(rows: &StoredRows) -> Watched {
    let services = Services::new(SignedDuration::from_secs(30));
    Watched::restore(services, Gauges::new(Limits::default()), Certificates::default(), rows)
}

/// A failed reload of this node.
fn failure(now: Timestamp) -> Detection {
    let terms = Terms { suppressed_by: vec!["repository-stopped".into()], ..Terms::default() };
    let rule = Rule {
        pattern: "reload-failed".into(),
        kind: Kind::ReloadFailed,
        role: Role::Verdict,
        severity: Severity::Error,
        words: Arc::new(Words { title: "Reload failed".to_owned(), ..Words::default() }),
        terms: Arc::new(terms),
    };
    let facts = Facts {
        task_id: Some(format!("task {now}").into()),
        task_name: Some("Sales".into()),
        app_name: Some("Sales".into()),
        host: Some("NODE1.example.com".into()),
        message: Some("Reload failed".into()),
        ..Facts::default()
    };
    let origin = Origin::Log { log: "".into(), path: "".into(), offset: 0 };
    let at = Some(Stamp { at: now, or: None });
    Detection::of_log(rule, origin, at, (None, None), facts)
}

fn play(script: &str) -> String {
    Night::new().play(script)
}

#[test]
fn a_crash_is_reported_once_and_its_end_with_the_duration() {
    insta::assert_snapshot!(play("60 Engine stopped 1067
        271 Engine running"), @"
    90s opened service-stopped Qlik Sense Engine: Stopped unexpectedly: its process ended (1067) [0 s, 0 held back]
    301s recovered service-started Qlik Sense Engine: Stopped unexpectedly: its process ended (1067) [211 s, 0 held back]
    ");
}

#[test]
fn a_quick_restart_is_counted_and_not_reported() {
    insta::assert_snapshot!(play("60 Engine stopped
        70 Engine starting
        85 Engine running"), @"85s   service.restarted 1");
}

#[test]
fn a_restart_between_two_snapshots_is_counted_by_the_process_id() {
    insta::assert_snapshot!(play("60 Engine restarted
        65 crash
        70 Engine restarted"), @"
    60s   service.restarted 1
    70s   service.restarted 1
    ");
}

#[test]
fn a_stop_soon_after_an_unobserved_restart_began_with_it() {
    insta::assert_snapshot!(play("60 Engine restarted
        80 Engine stopped 1067"), @"
    60s   service.restarted 1
    90s opened service-stopped Qlik Sense Engine: Stopped unexpectedly: its process ended (1067) [0 s, 0 held back]
    ");
}

#[test]
fn an_outage_continues_while_the_service_restarts_between_snapshots() {
    insta::assert_snapshot!(play("60 Engine stopped 1067
        100 Engine running
        120 Engine restarted
        140 Engine restarted"), @"
    90s opened service-stopped Qlik Sense Engine: Stopped unexpectedly: its process ended (1067) [0 s, 0 held back]
    120s   service.restarted 1
    140s   service.restarted 1
    170s recovered service-started Qlik Sense Engine: Stopped unexpectedly: its process ended (1067) [80 s, 0 held back]
    ");
}

#[test]
fn the_system_log_gives_the_reason_of_a_stop() {
    insta::assert_snapshot!(play("60 Engine stopped 1067
        62 Engine explained 1067
        65 crash
        271 Engine running"), @"
    90s opened service-stopped Qlik Sense Engine: Crashed (3rd time), exit code 1067 [0 s, 0 held back]
    301s recovered service-started Qlik Sense Engine: Crashed (3rd time), exit code 1067 [211 s, 0 held back]
    ");
}

#[test]
fn restarts_during_patching_join_into_one_outage() {
    insta::assert_snapshot!(play("60 Repository stopped
        62 Engine stopped
        65 Proxy stopped
        120 Repository starting
        150 Repository running
        160 Engine running
        165 Repository stopped
        170 Proxy running
        260 Repository running"), @"
    90s opened service-stopped Qlik Sense Repository (also Qlik Sense Proxy · Qlik Sense Engine): Stopped at the request of a user or program [0 s, 0 held back]
    290s recovered service-started Qlik Sense Repository (also Qlik Sense Proxy · Qlik Sense Engine): Stopped at the request of a user or program [200 s, 0 held back]
    ");
}

#[test]
fn a_service_that_keeps_crashing_is_reported_although_each_stop_is_short() {
    insta::assert_snapshot!(play("60 Engine stopped 1067
        70 Engine running
        80 Engine stopped 1067
        100 Engine running
        400 Engine stopped 1067
        410 Engine running"), @"
    70s   service.restarted 1
    90s opened service-stopped Qlik Sense Engine: Stopped unexpectedly: its process ended (1067) [0 s, 0 held back]
    130s recovered service-started Qlik Sense Engine: Stopped unexpectedly: its process ended (1067) [40 s, 0 held back]
    410s   service.restarted 1
    ");
}

#[test]
fn an_outage_is_not_reported_again_after_a_restart_of_the_agent() {
    insta::assert_snapshot!(play("60 Engine stopped
        95 crash
        500 crash
        600 Engine running
        610 crash"), @"
    90s opened service-stopped Qlik Sense Engine: Stopped at the request of a user or program [0 s, 0 held back]
    630s recovered service-started Qlik Sense Engine: Stopped at the request of a user or program [540 s, 0 held back]
    ");
}

#[test]
fn a_stop_found_at_the_start_of_the_agent_is_reported_once() {
    let mut night = Night::new();
    night.change("Engine", "stopped", None);
    insta::assert_snapshot!(night.play("40 crash
        50 crash"), @"30s opened service-stopped Qlik Sense Engine: Stopped at the request of a user or program [0 s, 0 held back]");
}

#[test]
fn services_get_time_to_come_up_after_a_boot() {
    let mut night = Night::new();
    night.change("Engine", "stopped", Some("1077"));
    night.change("Proxy", "starting", None);
    insta::assert_snapshot!(night.play("200 Engine running
        250 crash"), @"
    200s   service.restarted 1
    300s opened service-stopped Qlik Sense Proxy: Starting, but does not reach the running state [0 s, 0 held back]
    ");
}

#[test]
fn a_service_that_is_not_started_automatically_is_ignored() {
    let mut night = Night::new();
    night.change("Engine", "manual", None);
    night.change("Engine", "stopped", None);
    insta::assert_snapshot!(night.play("60 Proxy stopped
        70 Proxy manual
        80 Scheduler stopped
        85 Scheduler gone"), @"");
}

#[test]
fn reloads_that_fail_without_the_repository_are_counted_with_its_stop() {
    insta::assert_snapshot!(play("60 Repository stopped 1067
        65 fail
        120 fail
        300 Repository running
        400 fail"), @"
    65s   held back: inhibited
    65s opened service-stopped Qlik Sense Repository: Stopped unexpectedly: its process ended (1067) [0 s, 0 held back]
    120s   held back: inhibited
    330s recovered service-started Qlik Sense Repository: Stopped unexpectedly: its process ended (1067) [240 s, 2 held back]
    400s opened reload-failed Reload failed: Reload failed [0 s, 0 held back]
    ");
}

#[test]
fn a_stopped_engine_does_not_hold_back_reload_failures() {
    insta::assert_snapshot!(play("60 Engine stopped
        120 fail
        300 Engine running"), @"
    90s opened service-stopped Qlik Sense Engine: Stopped at the request of a user or program [0 s, 0 held back]
    120s opened reload-failed Reload failed: Reload failed [0 s, 0 held back]
    330s recovered service-started Qlik Sense Engine: Stopped at the request of a user or program [240 s, 0 held back]
    ");
}

#[test]
fn a_service_stuck_while_stopping_is_reported() {
    insta::assert_snapshot!(play("60 Engine stopping"), @"90s opened service-stopped Qlik Sense Engine: Stopping, but does not finish [0 s, 0 held back]");
}

#[test]
fn a_database_service_alone_is_ignored() {
    let mut night = Night::new();
    night.services.truncate(1);
    night.services[0].name = "postgresql-x64-14".into();
    night.services[0].state = ServiceState::Stopped;
    assert_eq!(night.play("60 crash"), "");
}
