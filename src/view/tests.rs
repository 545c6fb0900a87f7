//! Ids, stories, filters and figures.

use jiff::tz::TimeZone;
use serde_json::json;

use super::stats::{StatsInput, stats};
use super::story::joined;
use super::*;
use crate::clock::Timestamp;
use crate::command::{MatcherFault, Refusal, TextField, UnusableMatcher};
use crate::commit::{DeliveryState, HistoryEntry, HistoryReason, HistoryType};
use crate::config::Language;
use crate::detection::{Kind, Severity, Source};
use crate::ids::Fingerprint;
use crate::incident::{Acknowledgement, Ends, Overview, State};
use crate::metrics::{CounterSet, Counts};
use crate::mute::Silence;
use crate::route::matcher_fault;
use crate::state::DeliveryStatus;

const PRINT: &str = "3f2a91bc00000001";

fn at(text: &str) -> Timestamp {
    format!("2026-11-27T{text}Z").parse().unwrap()
}

fn overview() -> Overview {
    Overview {
        fingerprint: Fingerprint::from(PRINT),
        kind: Kind::ReloadFailed,
        severity: Severity::Error,
        title: "Reload failed: Sales".to_owned(),
        error: Some("Field 'a' not found".to_owned()),
        error_class: None,
        app: Some("Sales".to_owned()),
        app_id: Some("a1".into()),
        task: None,
        task_id: None,
        node: Some("qlik1".to_owned()),
        environment: None,
        source: Source::Log,
        since: at("05:00:00.25"),
        last: at("05:10:00"),
        count: 3,
        held_back: 2,
        state: State::Acknowledged,
        ends: Ends::Observed,
        acknowledged: Some(Acknowledgement {
            by: "Anna".to_owned(),
            at: at("05:01:00"),
            note: None,
            command: Some("cli-1".into()),
            replaced: None,
        }),
        silenced_by: None,
        inhibited_by: None,
        channels: vec!["default".to_owned()],
        last_success: None,
        ended: None,
    }
}

pub(crate) fn seen() -> IncidentView {
    IncidentView::new(overview(), &IncidentIds::new(vec![PRINT.into()]))
}

fn entry(time: &str, what: HistoryType, reason: &str, summary: &str) -> HistoryEntry {
    HistoryEntry {
        reason: (!reason.is_empty()).then(|| HistoryReason::of(what, reason)),
        kind: Some(Kind::ReloadFailed),
        fingerprint: Some(Fingerprint::from(PRINT)),
        ..HistoryEntry::new(at(time), what, summary.to_owned())
    }
}

fn delivery(created: &str, settled: &str, state: DeliveryState) -> DeliveryStatus {
    DeliveryStatus {
        id: format!("{PRINT}-1@default").into(),
        fingerprint: Some(Fingerprint::from(PRINT)),
        channel: "default".to_owned(),
        severity: Severity::Error,
        summary: "Reload failed: Sales".to_owned(),
        created: at(created),
        state,
        attempts: 1,
        next_at: None,
        settled: Some(at(settled)),
        why: None,
        via: None,
        receipt: Some("run-1".to_owned()),
    }
}

#[test]
fn the_json_of_an_incident_is_that_of_the_contract() {
    let expected = json!({
        "id": "3f2a91bc", "fingerprint": PRINT, "kind": "reload-failed", "severity": "error",
        "title": "Reload failed: Sales", "error": "Field 'a' not found", "error_class": null,
        "app": "Sales", "app_id": "a1", "task": null, "task_id": null, "node": "qlik1",
        "environment": null, "source": "log", "since": "2026-11-27T05:00:00.250Z",
        "last": "2026-11-27T05:10:00.000Z", "count": 3, "held_back": 2, "state": "acknowledged",
        "ends": "observed",
        "acknowledged": {"by": "Anna", "at": "2026-11-27T05:01:00.000Z", "note": null},
        "silenced_by": null, "channels": ["default"], "last_success": null,
    });
    assert_eq!(serde_json::to_value(seen()).unwrap(), expected);
}

#[test]
fn an_id_is_longer_only_where_two_incidents_share_it() {
    let prints = ["3f2a91bc00000001", "3f2a91bc0f000001", "aaaaaaaa00000000"];
    let ids = IncidentIds::new(prints.map(Fingerprint::from).to_vec());
    assert_eq!(ids.id(prints[0]), "3f2a91bc00");
    assert_eq!(ids.id(prints[1]), "3f2a91bc0f");
    assert_eq!(ids.id(prints[2]), "aaaaaaaa");
    assert_eq!(ids.id("bbbbbbbb00000000"), "bbbbbbbb", "one that is not stored");
}

#[test]
fn a_prefix_names_one_incident_none_or_several() {
    let prints = ["3f2a91bc00000001", "3f2a91bc0f000001", "aaaaaaaa00000000"];
    let ids = IncidentIds::new(prints.map(Fingerprint::from).to_vec());
    assert_eq!(ids.find("AAA"), IdMatch::One(Fingerprint::from(prints[2])));
    assert_eq!(ids.find(prints[0]), IdMatch::One(Fingerprint::from(prints[0])));
    assert_eq!(ids.find("b"), IdMatch::None);
    assert_eq!(ids.find(""), IdMatch::None);
    let both = Ambiguous {
        prints: prints[..2].iter().map(|print| Fingerprint::from(*print)).collect(),
        ids: vec!["3f2a91bc00".to_owned(), "3f2a91bc0f".to_owned()],
    };
    assert_eq!(ids.find("3f2a"), IdMatch::Several(both));
}

#[test]
fn an_incident_without_an_observed_end_is_open_for_15_min_and_shown_for_a_day() {
    let unknown = IncidentView { ends: Ends::Unknown, ..seen() };
    for (now, is_open, is_listed) in
        [("05:25:00", true, true), ("05:25:01", false, true), ("23:00:00", false, true)]
    {
        assert_eq!((unknown.is_open(at(now)), is_shown(&unknown, at(now))), (is_open, is_listed));
    }
    let next_day = "2026-11-28T05:10:01Z".parse().unwrap();
    assert!(!is_shown(&unknown, next_day) && is_shown(&seen(), next_day));
}

#[test]
fn a_story_joins_history_and_deliveries_in_the_order_of_time() {
    let mut acknowledged =
        entry("05:01:00", HistoryType::Acknowledged, "command-line", "I take it");
    acknowledged.author = Some("Anna".to_owned());
    let history = vec![
        entry("05:00:00.25", HistoryType::Opened, "", "Reload failed: Sales"),
        entry("05:00:05", HistoryType::Refused, "sales", "Reload failed: Sales (gone)"),
        acknowledged,
        entry("05:02:00", HistoryType::Suppressed, "acknowledged", "Sales"),
        entry("05:03:00", HistoryType::Recovered, "", "Recovered: Sales"),
        entry("05:04:00", HistoryType::Opened, "", "Reload failed: Sales"),
    ];
    let deliveries = vec![
        delivery("05:00:01", "05:00:02", DeliveryState::Delivered),
        delivery("05:04:01", "05:04:02", DeliveryState::Folded),
        delivery("05:00:01", "05:00:05", DeliveryState::Dead),
    ];
    let story = joined(&seen(), history, deliveries);
    let lines: Vec<String> = story
        .iter()
        .map(|entry| {
            let parts = [&entry.by, &entry.reason, &entry.channel, &entry.text];
            let parts = parts.map(|part| part.as_deref().unwrap_or("-"));
            format!("{} {} {}", entry.at.0, entry.what.name(), parts.join(" | "))
        })
        .collect();
    let expected = [
        "2026-11-27T05:00:00.25Z observed - | - | - | Field 'a' not found",
        "2026-11-27T05:00:00.25Z opened - | - | - | Reload failed: Sales",
        "2026-11-27T05:00:02Z delivered - | - | default | Reload failed: Sales",
        "2026-11-27T05:00:05Z refused - | - | sales | Reload failed: Sales (gone)",
        "2026-11-27T05:01:00Z acknowledged Anna | command-line | - | I take it",
        "2026-11-27T05:02:00Z suppressed - | acknowledged | - | Sales",
        "2026-11-27T05:03:00Z recovered - | - | - | Recovered: Sales",
        "2026-11-27T05:04:00Z reopened - | - | - | Reload failed: Sales",
        "2026-11-27T05:04:02Z folded - | - | default | Reload failed: Sales",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn the_recovery_of_an_incident_that_was_not_notified_is_in_its_story() {
    let mut over = seen();
    (over.state, over.ended) = (State::Recovered, Some(Moment(at("06:00:00"))));
    let story = joined(&over, Vec::new(), Vec::new());
    assert_eq!(story.last().map(|entry| entry.what.name()), Some("recovered"));
    over.ends = Ends::Unknown;
    let story = joined(&over, Vec::new(), Vec::new());
    assert_eq!(story.last().map(|entry| entry.what.name()), Some("ended"));
}

#[test]
fn a_silence_that_was_ended_early_shows_when() {
    let silence = Silence {
        id: "0a0b0c0d".into(),
        matchers: [("app".to_owned(), vec!["Sales".to_owned()])].into(),
        incident: None,
        from: at("05:00:00"),
        until: at("07:00:00"),
        by: "Anna".to_owned(),
        reason: "known".to_owned(),
        expired: Some(at("05:30:00")),
        held_back: 4,
        command: Some("cli-2".into()),
    };
    let shown = SilenceView::new(silence, &IncidentIds::default(), at("05:31:00"));
    let expected = json!({
        "id": "0a0b0c0d", "matchers": {"app": ["Sales"]}, "from": "2026-11-27T05:00:00.000Z",
        "until": "2026-11-27T05:30:00.000Z", "by": "Anna", "reason": "known", "state": "expired",
        "held_back": 4,
    });
    assert_eq!(serde_json::to_value(shown).unwrap(), expected);
}

#[test]
fn the_json_of_a_delivery_is_that_of_the_contract() {
    let ids = IncidentIds::new(vec![PRINT.into()]);
    let shown = DeliveryView::new(delivery("05:00:01", "05:00:02", DeliveryState::Delivered), &ids);
    let expected = json!({
        "id": "3f2a91bc00000001-1@default", "incident": "3f2a91bc", "channel": "default",
        "summary": "Reload failed: Sales", "state": "delivered", "attempts": 1,
        "created": "2026-11-27T05:00:01.000Z", "next_at": null, "why": null, "receipt": "run-1",
    });
    assert_eq!(serde_json::to_value(shown).unwrap(), expected);
}

#[test]
fn a_digest_that_was_not_accepted_is_shown_in_a_state_of_the_contract() {
    let shown = |state| {
        DeliveryView::new(delivery("05:00:01", "05:00:02", state), &IncidentIds::default()).state
    };
    for state in DeliveryState::ALL.into_iter().filter(|it| *it != DeliveryState::Dissolved) {
        assert_eq!(shown(state), state);
    }
    assert_eq!(shown(DeliveryState::Dissolved), DeliveryState::Folded);
}

#[test]
fn filters_take_names_globs_and_ids() {
    let takes = |filter: Filter| filter.takes(&seen());
    assert!(takes(Filter::default().app(Some("sales")).unwrap()));
    assert!(takes(Filter::default().app(Some("S*")).unwrap()));
    assert!(takes(Filter::default().app(Some("a1")).unwrap()));
    assert!(!takes(Filter::default().app(Some("Sale")).unwrap()));
    assert!(!takes(Filter::default().task(Some("*")).unwrap()), "it has no task");
    assert!(takes(Filter::default().since(Some(at("05:10:00")))));
    assert!(!takes(Filter::default().since(Some(at("05:10:01")))));
    let refused = Filter::default().kind(Some("reload-faild")).unwrap_err();
    assert_eq!(refused.hint, "did you mean `reload-failed`?");
    assert!(Filter::default().app(Some("/(/")).is_err());
}

#[test]
fn an_entry_is_found_by_its_incident_or_by_its_text() {
    let of_app = Filter::default().app(Some("Sales")).unwrap();
    let opened = entry("05:00:00", HistoryType::Opened, "", "Reload failed: Sales");
    assert!(of_app.takes_entry(&opened, Some(&seen())));
    assert!(of_app.takes_entry(&opened, None));
    let other = entry("05:00:00", HistoryType::Opened, "", "Reload failed: Sales Daily");
    assert!(!of_app.takes_entry(&other, None));
}

#[test]
fn figures_tell_how_long_a_card_an_acknowledgement_and_a_recovery_took() {
    let history = vec![
        entry("05:06:00", HistoryType::Recovered, "", ""),
        entry("05:03:00", HistoryType::Suppressed, "repeat", ""),
        entry("05:02:00", HistoryType::Acknowledged, "page", ""),
        entry("05:01:00", HistoryType::Acknowledged, "page", ""),
        entry("05:00:00", HistoryType::Opened, "", ""),
    ];
    let mut counters = Counts::default();
    counters.add(CounterSet::Patterns.of("reload-failed"), 7);
    let sent = vec![delivery("05:00:01", "05:00:03", DeliveryState::Delivered)];
    let input = StatsInput { history, sent, counters };
    let figures = stats(&input, None, at("06:00:00"), &TimeZone::UTC);
    assert_eq!((figures.opened, figures.suppressed, figures.acknowledged), (1, 1, 2));
    assert_eq!(figures.time_to_card.unwrap().median_ms, 3_000);
    assert_eq!(figures.time_to_acknowledge.unwrap().p90_ms, 60_000);
    assert_eq!(figures.time_to_recover.unwrap().longest_ms, 360_000);
    assert_eq!(figures.patterns[0].count, 7);
    assert_eq!(figures.days[0].name, "2026-11-27");
}

/// The failure counts, not the end of the silence; an incident that another's card names has no card.
#[test]
fn figures_of_what_was_silenced_begin_with_its_failure() {
    let history = vec![
        entry("05:10:00", HistoryType::Recovered, "", ""),
        entry("05:05:00", HistoryType::Repeated, "named", ""),
        entry("05:05:00", HistoryType::Opened, "", ""),
        entry("05:01:00", HistoryType::Suppressed, "silenced", ""),
        entry("05:00:00", HistoryType::Suppressed, "silenced", ""),
    ];
    let sent = vec![delivery("05:05:00", "05:05:02", DeliveryState::Delivered)];
    let input = StatsInput { history, sent, counters: Counts::default() };
    let figures = stats(&input, None, at("06:00:00"), &TimeZone::UTC);
    assert_eq!((figures.opened, figures.repeated, figures.kinds[0].cards), (1, 0, 2));
    assert_eq!(figures.time_to_card.unwrap().median_ms, 302_000);
    assert_eq!(figures.time_to_recover.unwrap().longest_ms, 600_000);
}

#[test]
fn what_recovered_inside_a_silence_is_no_part_of_the_next_failure() {
    let history = vec![
        entry("05:20:00", HistoryType::Recovered, "", ""),
        entry("05:15:00", HistoryType::Opened, "", ""),
        entry("05:05:00", HistoryType::Recovered, "not-notified", ""),
        entry("05:00:00", HistoryType::Suppressed, "silenced", ""),
    ];
    let sent = vec![delivery("05:15:00", "05:15:02", DeliveryState::Delivered)];
    let input = StatsInput { history, sent, counters: Counts::default() };
    let figures = stats(&input, None, at("06:00:00"), &TimeZone::UTC);
    assert_eq!((figures.recovered, figures.time_to_card.unwrap().longest_ms), (1, 2_000));
    assert_eq!(figures.time_to_recover.unwrap().longest_ms, 300_000);
}

#[test]
fn every_refusal_has_a_problem_and_a_hint() {
    let text = || "xyz".to_owned();
    let matcher = |fault| Refusal::Matcher(UnusableMatcher { key: "kind".to_owned(), fault });
    let all = [
        matcher(MatcherFault::Key { known: vec!["app".to_owned()] }),
        matcher(MatcherFault::TooManyRegexes),
        matcher(MatcherFault::Empty),
        matcher(MatcherFault::Regex { word: text(), why: "unclosed group".to_owned() }),
        matcher(MatcherFault::Unrouted { word: text() }),
        matcher(MatcherFault::Word { word: text(), near: Some(text()), known: vec![] }),
        matcher(MatcherFault::Word { word: text(), near: None, known: vec![text()] }),
        matcher(MatcherFault::Ends),
        Refusal::UnknownIncident,
        Refusal::AmbiguousIncident(vec![PRINT.into()]),
        Refusal::IncidentOver,
        Refusal::NotAcknowledged,
        Refusal::NoMatcher,
        Refusal::UntilPast,
        Refusal::UnknownSilence,
        Refusal::AmbiguousSilence(vec!["0a".into()]),
        Refusal::SilenceOver,
        Refusal::TooManySilences(500),
        Refusal::UnknownDelivery,
        Refusal::DeliveryState(DeliveryState::InFlight),
        Refusal::Text { field: TextField::By, most: 100 },
        Refusal::Security,
    ];
    for refusal in all {
        let [english, german] = Language::ALL.map(|language| {
            let words = worded(&refusal, &IncidentIds::default(), language);
            assert!(!words.problem.is_empty() && !words.hint.is_empty(), "{refusal:?}");
            words
        });
        if let Refusal::Matcher(UnusableMatcher { key, fault }) = &refusal {
            let (message, hint) = matcher_fault(fault, key);
            assert!(!german.problem.contains(&message) && german.hint != hint, "{german:?}");
        }
        assert_ne!((english.problem, english.hint), (german.problem, german.hint));
    }
}

#[test]
fn known_reasons_are_listed_once() {
    let error = Filter::default().reason(Some("bogus"), &["silenced", "of-mine"]).unwrap_err();
    let listed: Vec<&str> = error.hint.trim_start_matches("known: ").split(", ").collect();
    let mut once = listed.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), listed.len(), "{}", error.hint);
    assert!(listed.contains(&"of-mine"));
}
