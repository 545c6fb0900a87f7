use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::agent::pulse::TenantFigures;
use crate::cloud::RequestTally;
use crate::commit::Reason;
use crate::incident::State;
use crate::metrics::{Counter, Counts};
use crate::outbox::Waiting;

const BROKEN: &str =
    r#"{"at":"2026-11-27T05:12:03Z","result":{"broken":{"place":"a","message":"b","more":0}}}"#;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + seconds).unwrap()
}

fn snapshot(counters: &[(&str, u64)]) -> Snapshot {
    let mut counts = Counts::default();
    for (name, n) in counters {
        counts.add(Counter::parse(name), *n);
    }
    let note = |key: &str, text: &str| (key.to_owned(), text.to_owned());
    Snapshot {
        taken: at(0),
        counters: counts,
        notes: BTreeMap::from([
            note("configuration", BROKEN),
            note("patterns", "a sentence of an earlier version"),
        ]),
        incidents: BTreeMap::from([(State::Open, 3), (State::Inhibited, 1)]),
        dead: BTreeMap::from([("default".to_owned(), 2)]),
    }
}

fn tenants() -> BTreeMap<String, TenantFigures> {
    let count = |name: &str, n| (name.to_owned(), n);
    let tally = RequestTally {
        polled: Some(at(-30)),
        requests: BTreeMap::from([count("accepted", 40), count("rate-limited", 0)]),
        reloads: BTreeMap::from([count("failed", 2)]),
        unreadable: 1,
        unordered: BTreeSet::new(),
        rate_limit_remaining: Some(997),
    };
    let polled = TenantFigures { tally, ..TenantFigures::default() };
    let never = TenantFigures::default();
    BTreeMap::from([("acme".to_owned(), polled), ("other".to_owned(), never)])
}

fn pulse() -> Pulse {
    let pulse = Pulse::new(at(-60), std::iter::empty());
    pulse.polled(at(-1), Some(at(-2)), 17, 4096);
    pulse.wrote(at(-3));
    let mut figures = pulse.figures();
    figures.has_positions = true;
    let waiting = Waiting { n: 4, oldest: Some(at(-90)) };
    figures.waiting = BTreeMap::from([("default".to_owned(), waiting)]);
    figures.tenants = tenants();
    drop(figures);
    pulse
}

fn exposed(format: ExpositionFormat) -> String {
    let counters = [
        ("bytes.read", 12_345),
        ("thread.reply-given-up", 6),
        ("thread.reply-withdrawn", 8),
        ("kind.reload-failed", 7),
        ("suppressed.repeat", 5),
        ("channel-delivery.accepted.default", 9),
        ("channel-delivery.accepted.old", 1),
        ("pattern.my-own", 3),
    ];
    let (pulse, snapshot) = (pulse(), snapshot(&counters));
    let process = [("process_open_fds", "Open files", 11.0)];
    let exposed =
        Exposed { now: at(0), pulse: &pulse, snapshot: Some(&snapshot), process: &process };
    exposition(&exposed, format)
}

/// The value of a sample.
fn value(text: &str, sample: &str) -> Option<f64> {
    let line = text.lines().find(|line| line.rsplit_once(' ').is_some_and(|it| it.0 == sample))?;
    line.rsplit_once(' ')?.1.parse().ok()
}

#[test]
fn figures_have_the_names_that_others_rely_on() {
    let text = exposed(ExpositionFormat::Text);
    let expected = [
        ("footman_detections_total{kind=\"reload-failed\"}", 7.0),
        ("footman_detections_total{kind=\"security\"}", 0.0),
        ("footman_suppressed_total{reason=\"repeat\"}", 5.0),
        ("footman_suppressed_total{reason=\"inhibited\"}", 0.0),
        ("footman_deliveries_total{channel=\"default\",result=\"accepted\"}", 9.0),
        ("footman_deliveries_total{channel=\"default\",result=\"dead\"}", 0.0),
        ("footman_deliveries_total{channel=\"old\",result=\"accepted\"}", 1.0),
        ("footman_deliveries_pending{channel=\"default\"}", 4.0),
        ("footman_deliveries_pending_age_seconds{channel=\"default\"}", 90.0),
        ("footman_deliveries_dead{channel=\"default\"}", 2.0),
        ("footman_incidents{state=\"open\"}", 3.0),
        ("footman_incidents{state=\"inhibited\"}", 1.0),
        ("footman_incidents{state=\"silenced\"}", 0.0),
        ("footman_last_commit_timestamp_seconds", 1_794_999_997.0),
        ("footman_read_bytes_total", 12_345.0),
        ("footman_thread_replies_given_up_total", 6.0),
        ("footman_thread_replies_withdrawn_total", 8.0),
        ("footman_reading_lag_seconds", 2.0),
        ("footman_unread_bytes", 4096.0),
        ("footman_followed_files", 17.0),
        ("footman_works{part=\"deliver\"}", 1.0),
        ("footman_config_last_reload_successful{files=\"configuration\"}", 0.0),
        ("footman_config_last_reload_successful{files=\"patterns and templates\"}", 1.0),
        ("footman_state_readable", 1.0),
        ("process_open_fds", 11.0),
    ];
    for (sample, expected) in expected {
        assert_eq!(value(&text, sample), Some(expected), "{sample} in:\n{text}");
    }
    let help = text.lines().find(|line| line.starts_with("# HELP footman_notices")).unwrap();
    assert!(Reason::ALL.iter().all(|reason| help.contains(reason.name())), "{help}");
    let version = env!("CARGO_PKG_VERSION");
    assert!(text.contains(&format!("footman_build_info{{version=\"{version}\"}} 1")), "{text}");
}

#[test]
fn each_tenant_says_when_it_was_polled_and_what_it_answered() {
    let text = exposed(ExpositionFormat::Text);
    let expected = [
        ("footman_tenant_last_poll_timestamp_seconds{tenant=\"acme\"}", Some(1_794_999_970.0)),
        ("footman_tenant_last_poll_timestamp_seconds{tenant=\"other\"}", Some(0.0)),
        ("footman_tenant_requests_total{tenant=\"acme\",result=\"accepted\"}", Some(40.0)),
        ("footman_tenant_requests_total{tenant=\"acme\",result=\"rate-limited\"}", Some(0.0)),
        ("footman_tenant_reloads_total{tenant=\"acme\",status=\"failed\"}", Some(2.0)),
        ("footman_tenant_unreadable_rows_total{tenant=\"acme\"}", Some(1.0)),
        ("footman_tenant_rate_limit_remaining{tenant=\"acme\"}", Some(997.0)),
        ("footman_tenant_rate_limit_remaining{tenant=\"other\"}", None),
    ];
    for (sample, expected) in expected {
        assert_eq!(value(&text, sample), expected, "{sample} in:\n{text}");
    }
}

#[test]
fn the_patterns_of_users_make_no_labels() {
    assert!(!exposed(ExpositionFormat::Text).contains("my-own"));
}

#[test]
fn a_state_that_cannot_be_read_leaves_the_figures_of_the_agent() {
    let pulse = pulse();
    let exposed = Exposed { now: at(0), pulse: &pulse, snapshot: None, process: &[] };
    let text = exposition(&exposed, ExpositionFormat::Text);
    assert_eq!(value(&text, "footman_state_readable"), Some(0.0));
    assert_eq!(value(&text, "footman_works{part=\"commit\"}"), Some(1.0));
    assert!(!text.contains("footman_read_bytes_total"), "a counter must not fall back to 0");
}

#[test]
fn both_formats_end_as_they_must() {
    let (text, open) = (exposed(ExpositionFormat::Text), exposed(ExpositionFormat::OpenMetrics));
    assert!(text.contains("# TYPE footman_detections_total counter\n") && !text.contains("# EOF"));
    assert!(open.contains("# TYPE footman_detections counter\n") && open.ends_with("# EOF\n"));
    assert_eq!(value(&open, "footman_read_bytes_total"), Some(12_345.0));
}

#[test]
fn the_format_is_the_one_that_the_client_prefers() {
    let of = |accept| ExpositionFormat::of(Some(accept));
    assert_eq!(ExpositionFormat::of(None), ExpositionFormat::Text);
    assert_eq!(of("*/*"), ExpositionFormat::Text);
    assert_eq!(of("text/plain"), ExpositionFormat::Text);
    assert_eq!(of("application/openmetrics-text"), ExpositionFormat::OpenMetrics);
    assert_eq!(of("application/openmetrics-text;q=0"), ExpositionFormat::Text);
    let prometheus = "application/openmetrics-text;version=1.0.0;q=0.5,\
                      application/openmetrics-text;version=0.0.1;q=0.4,\
                      text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
    assert_eq!(of(prometheus), ExpositionFormat::OpenMetrics);
    assert_eq!(of("application/openmetrics-text;q=0.2, text/plain;q=0.9"), ExpositionFormat::Text);
    assert_eq!(of(";;q=,,q=x;q=nan"), ExpositionFormat::Text);
}
