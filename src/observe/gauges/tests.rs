//! Feeds values in virtual time.

use jiff::SignedDuration;

use crate::clock::Timestamp;
use crate::commit::{RowKey, StoredRows, TableName};
use crate::detection::{Amount, Condition, Detection, GaugeName, Reading};
use crate::observe::{Gauge, Gauges, Limits};

fn at(minutes: i64) -> Timestamp {
    let start: Timestamp = "2026-11-23T03:00:00Z".parse().unwrap();
    start + SignedDuration::from_mins(minutes)
}

fn gauges() -> Gauges {
    let (disk, memory) = (Some(90.0), Some(85.0));
    let steady = SignedDuration::from_mins(10);
    Gauges::new(Limits { disk, memory, processor: None, steady })
}

/// One value per minute; returns the detections with their minutes.
fn play(what: &GaugeName, values: &[f64]) -> Vec<String> {
    let mut gauges = gauges();
    let mut reported = Vec::new();
    for (minute, used) in (0..).zip(values) {
        let amount = Amount::Bytes { used: 57_600_000_000, total: 64_000_000_000 };
        let gauge = Gauge { what: what.clone(), used: *used, amount };
        gauges.apply_snapshot(at(minute), "node1", &[gauge]);
        for detection in gauges.due(at(minute)) {
            let value = match &detection.condition {
                Condition::GaugeHigh(reading) => {
                    format!("{} of {} for {:#}", reading.used, reading.limit, reading.steady)
                }
                other => format!("{other:?}"),
            };
            reported.push(format!("{minute}: {} {value}", detection.subject.identity()));
        }
    }
    reported
}

#[test]
fn a_shortage_is_reported_when_it_lasts_and_resolved_when_it_is_clearly_over() {
    let values = [vec![80.0; 5], vec![91.0; 20], vec![84.0; 20], vec![70.0; 20]].concat();
    assert_eq!(
        play(&GaugeName::Memory, &values),
        ["15: gauge/node1/memory 91 of 85 for 10m", "55: gauge/node1/memory GaugeNormal"]
    );
}

#[test]
fn a_peak_is_not_a_shortage() {
    let values = [vec![95.0; 9], vec![50.0], vec![95.0; 9], vec![50.0]].concat();
    assert_eq!(play(&GaugeName::Memory, &values), Vec::<String>::new());
}

#[test]
fn a_value_that_fluctuates_around_the_limit_is_reported_once() {
    let values: Vec<f64> = (0..120).map(|n| if n % 20 < 15 { 86.0 } else { 83.0 }).collect();
    assert_eq!(play(&GaugeName::Memory, &values).len(), 1);
}

#[test]
fn a_value_without_a_limit_is_not_watched() {
    assert_eq!(play(&GaugeName::Processor, &[100.0; 60]), Vec::<String>::new());
}

#[test]
fn a_disk_is_named_by_its_folder() {
    let reported = play(&GaugeName::Disk(r"C:\ProgramData".into()), &[97.0; 12]);
    assert_eq!(reported.len(), 1);
    assert!(reported[0].contains(r"gauge/node1/disk/C:\ProgramData 97 of 90"), "{reported:?}");
}

#[test]
fn a_report_is_not_repeated_after_a_restart() {
    let mut gauges = gauges();
    let full = [Gauge { what: GaugeName::Memory, used: 99.0, amount: Amount::Cores { cores: 8 } }];
    gauges.apply_snapshot(at(0), "node1", &full);
    assert_eq!(gauges.due(at(10)).len(), 1);
    let (mut restarted, mut rows) = (self::gauges(), StoredRows::default());
    rows.apply(gauges.take_changes());
    restarted.restore(&rows);
    restarted.apply_snapshot(at(20), "node1", &full);
    assert!(restarted.due(at(40)).is_empty());
}

#[test]
fn a_gauge_of_an_earlier_version_keeps_its_text_until_it_is_measured_again() {
    let mut gauges = gauges();
    let earlier = r#"{"host":"node1","what":"memory","told":false,"turned":"2026-11-23T03:00:00Z","used":97.0,"words":"57.6 GB of 64.0 GB"}"#;
    let key = RowKey::new(TableName::Gauges, "node1/memory");
    gauges.restore(&[(key, earlier.to_owned())].into_iter().collect());
    let due = gauges.due(at(10));
    let [Detection { condition: Condition::GaugeHigh(reading), .. }] = due.as_slice() else {
        panic!("{due:?}");
    };
    assert_eq!(reading.amount, Amount::Worded("57.6 GB of 64.0 GB".to_owned()));
    let stored = serde_json::to_string(reading).unwrap();
    assert_eq!(serde_json::from_str::<Reading>(&stored).unwrap(), *reading);
}
