//! Detections in any order in, notices out.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::*;
use crate::commit::StoredRows;
use crate::config::Language;
use crate::detect::Detector;
use crate::detection::{Facts, Kind, Origin, Role, Rule, Severity};
use crate::incident::{IncidentBook, Policy, Reason};
use crate::mute::Mutes;
use crate::pipeline::Escalations;
use crate::pipeline::{Decider, Recogniser};
use crate::render::{Renderer, Site, builtin_templates};
use crate::replay::Tally;
use crate::route::Router;

fn at(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1_000_000 + seconds)
}

fn pipeline() -> Pipeline {
    let policy = Policy {
        environment: None,
        settle: SignedDuration::from_secs(3),
        repeat: SignedDuration::from_hours(4),
    };
    let written = crate::config::Written::new("none", "");
    Pipeline {
        recogniser: Recogniser {
            detector: Detector::compile(&[], TimeZone::UTC).0,
            watched: crate::observe::Watched::default(),
            environment: None,
            node: "n".to_owned(),
            language: crate::config::Language::English,
            not_before: None,
        },
        decider: Decider {
            mutes: Mutes::default(),
            escalations: Escalations::default(),
            book: IncidentBook::restore(policy, &StoredRows::default()),
            router: Router::compile(&written, &[]).0,
            renderer: Renderer::compile(&builtin_templates()).0,
            site: Site {
                url: None,
                page: None,
                node: "n".to_owned(),
                scripts: None,
                timezone: TimeZone::UTC,
                language: Language::English,
                version: "0",
            },
            channels: BTreeMap::new(),
            environment: None,
            doubted_until: None,
        },
    }
}

fn detection(role: Role, seconds: Option<i64>, path: &str) -> Detection {
    let from_pattern = Rule {
        pattern: "p".into(),
        kind: Kind::ReloadFailed,
        role,
        severity: Severity::Error,
        words: Arc::default(),
        terms: Arc::default(),
    };
    let offset = u64::try_from(seconds.unwrap_or(0)).unwrap();
    let origin = Origin::Log { log: "System_Scheduler".into(), path: path.into(), offset };
    let facts = Facts {
        task_id: Some("t".into()),
        app_id: Some("a".into()),
        message: Some("failed".to_owned()),
        ..Facts::default()
    };
    let stamp = seconds.map(|seconds| Stamp { at: at(seconds), or: None });
    Detection::of_log(from_pattern, origin, stamp, (None, None), facts)
}

fn notified(found: Vec<Detection>, window: Window) -> Vec<(i64, Reason)> {
    let replayed = decide_in_order(&mut pipeline(), found, window);
    let seconds = |card: &SentCard| card.at.duration_since(at(0)).as_secs();
    replayed.cards.iter().map(|card| (seconds(card), card.notice.reason)).collect()
}

#[test]
fn files_are_merged_by_the_time_of_their_rows() {
    let found = vec![
        detection(Role::Success, Some(100), "b"),
        detection(Role::Verdict, Some(10), "a"),
        detection(Role::Verdict, Some(20_000), "a"),
    ];
    assert_eq!(
        notified(found, Window::default()),
        [(13, Reason::Opened), (100, Reason::Recovered), (20_003, Reason::Opened)]
    );
}

#[test]
fn an_open_incident_repeats_at_its_time_and_not_after_the_end_of_the_logs() {
    let mut found = vec![detection(Role::Verdict, Some(0), "a")];
    found.extend([3600, 7200, 18_000].map(|at| detection(Role::Verdict, Some(at), "a")));
    assert_eq!(
        notified(found, Window::default()),
        [(3, Reason::Opened), (4 * 3600 + 3, Reason::Repeated)]
    );
}

#[test]
fn a_pattern_that_only_says_that_something_starts_is_no_noise() {
    for role in [Role::Start, Role::AttemptStarted] {
        let found = vec![detection(role, Some(0), "a")];
        let replayed = decide_in_order(&mut pipeline(), found, Window::default());
        assert_eq!(replayed.found.get("p"), Some(&1), "{role:?}");
        assert_eq!(
            Tally::of(&replayed, &TimeZone::UTC, Language::English).by_pattern,
            [],
            "{role:?}"
        );
    }
}

#[test]
fn a_copy_of_a_file_is_not_reported_twice() {
    let found = ["a", "copy/a"].map(|path| detection(Role::Verdict, Some(0), path));
    let replayed = decide_in_order(&mut pipeline(), found.into(), Window::default());
    assert_eq!((replayed.cards.len(), replayed.held.len(), replayed.n_copies), (1, 0, 1));
}

#[test]
fn only_the_given_time_range_is_replayed_and_rows_without_time_are_counted() {
    let window = Window { since: Some(at(5)), until: Some(at(10)) };
    let mut found: Vec<Detection> =
        [0, 5, 10].map(|seconds| detection(Role::Verdict, Some(seconds), "a")).into();
    found.push(detection(Role::Verdict, None, "a"));
    let replayed = decide_in_order(&mut pipeline(), found, window);
    assert_eq!((replayed.first, replayed.last, replayed.n_timeless), (Some(at(5)), Some(at(5)), 1));
}
