//! Rows of the state that earlier versions wrote.

use crate::commit::RowKey;
use crate::incident::tests::{at, book, detection};
use crate::incident::{Overview, SilencedBy, Suppression};

/// One row of each table, byte for byte as version 0.1 wrote them.
const ROWS: [(&str, &str); 7] = [
    ("incident:00f1", INCIDENT),
    ("run:execution/1", DECIDED),
    ("run:execution/2", SETTLING),
    ("sequence", "41"),
    ("tally:denied/", TALLY),
    ("usual:task/t", DURATIONS),
    ("wait:app/w", DEADLINE),
];
const INCIDENT: &str = r#"{"subject":"task/t","last":"2026-11-23T05:59:00Z","told_at":"2026-11-23T05:59:00Z","times_told":1,"notice":{"id":"00f1-41","fingerprint":"00f1","kind":"reload-failed","severity":"error","reason":"opened","environment":"prod","at":"2026-11-23T05:59:00Z","title":"verdict","error":"Max retries reached","meaning":"","advice":null,"pattern":"verdict","facts":{"task_name":null,"task_id":"t","app_name":null,"app_id":"a","execution_id":"1","user":null,"host":null,"message":"Max retries reached"},"script":null,"count":3,"held_back":2,"since":"2026-11-23T05:50:00Z","heard_by":["ops"]}}"#;
const DECIDED: &str = r#"{"id":"execution/1","seen":"2026-11-23T05:59:00Z","at":"2026-11-23T05:59:00Z","facts":{"task_name":null,"task_id":"t","app_name":null,"app_id":"a","execution_id":"1","user":null,"host":null,"message":"Max retries reached"},"script":null,"verdict":{"kind":"reload-failed","severity":"error","pattern":"verdict","title":"verdict","meaning":"","advice":null,"at":"2026-11-23T05:59:00Z","suppressed_by":[],"count":1,"is_counted":false},"due":null,"told":true}"#;
const SETTLING: &str = r#"{"id":"execution/2","seen":"2026-11-23T05:59:59Z","at":"2026-11-23T05:59:59Z","facts":{"task_name":null,"task_id":"u","app_name":null,"app_id":"b","execution_id":"2","user":null,"host":null,"message":"Max retries reached"},"script":null,"verdict":{"kind":"reload-failed","severity":"error","pattern":"verdict","title":"verdict","meaning":"","advice":null,"at":"2026-11-23T05:59:59Z","suppressed_by":[],"count":1,"is_counted":false},"due":"2026-11-23T06:00:02Z","told":false}"#;
const TALLY: &str = r#"{"finds":[{"at":"2026-11-23T05:59:50Z","logs":["A"]},{"at":"2026-11-23T05:59:55Z","logs":["A"]}],"seen":"2026-11-23T05:59:55Z","keep":"PT5M"}"#;
const DURATIONS: &str = r#"{"took":["PT20M"],"seen":"2026-11-23T05:59:00Z"}"#;
const DEADLINE: &str = r#"{"started":"2026-11-23T05:00:00Z","due":"2026-11-23T06:01:40Z","learns":false,"verdict":{"kind":"performance","severity":"error","pattern":"start","title":"start","meaning":"","advice":null,"at":"2026-11-23T06:01:40Z","suppressed_by":[],"count":1,"is_counted":false},"facts":{"task_name":null,"task_id":null,"app_name":null,"app_id":"w","execution_id":null,"user":null,"host":null,"message":"Started, and did not end within 1h"}}"#;

#[test]
fn rows_of_an_older_state_are_continued() {
    let rows = ROWS.map(|(key, json)| (RowKey::parse(key).unwrap(), json.to_owned()));
    let mut book = book(&rows.into_iter().collect());
    let lines = [
        "0 verdict task=t exec=1 app=a message=late",
        "0 verdict task=t exec=9 app=a",
        "0 denied threshold=3/300 log=A",
    ];
    let found = lines.map(|line| detection(line).1).into();
    let decisions = book.step(at(0.0), found);
    let held: Vec<Suppression> = decisions.suppressed.iter().map(|held| held.why).collect();
    assert_eq!(held, [Suppression::SameRun], "the first is a late row of a decided run");
    let emitted = |decisions: crate::incident::Decisions| -> Vec<(String, String)> {
        decisions
            .notices
            .into_iter()
            .map(|notice| (notice.pattern.to_string(), notice.id.to_string()))
            .collect()
    };
    let opened = emitted(decisions);
    assert_eq!(opened.len(), 1, "the window had two finds before this one");
    assert!(opened[0].0 == "denied" && opened[0].1.ends_with("-42"), "{opened:?}");

    assert_eq!(book.next_wakeup(), Some(at(2.0)), "when the stored run is settled");
    let decisions = emitted(book.step(at(2.0), Vec::new()));
    assert!(decisions[0].0 == "verdict" && decisions[0].1.ends_with("-43"), "{decisions:?}");
    drop(book.step(at(3.0), Vec::new()));
    let decisions = emitted(book.step(at(100.0), Vec::new()));
    assert_eq!(decisions.iter().map(|(pattern, _)| &**pattern).collect::<Vec<_>>(), ["start"]);

    let success = detection("101 success task=t exec=10 app=a").1;
    let decisions = book.step(at(101.0), vec![success]);
    assert!(
        decisions.notices.iter().any(|notice| notice.notified_channels == ["ops"]),
        "{decisions:?}"
    );
}

#[test]
fn what_silences_a_shown_incident_is_read_from_rows_of_every_version() {
    let shown = |by: &str| {
        let json = format!(
            r#"{{"fingerprint":"00f1","kind":"reload-failed","severity":"error","title":"t",
                "error":null,"error_class":null,"app":null,"app_id":null,"task":null,"task_id":null,
                "node":null,"environment":null,"source":"log","since":"2026-11-23T05:59:00Z",
                "last":"2026-11-23T05:59:00Z","count":1,"held_back":0,"state":"silenced",
                "ends":"observed","acknowledged":null,"silenced_by":{by},"inhibited_by":null,
                "channels":[],"last_success":null,"ended":null}}"#
        );
        let overview: Overview = serde_json::from_str(&json).unwrap();
        let again: Overview =
            serde_json::from_str(&serde_json::to_string(&overview).unwrap()).unwrap();
        assert_eq!(again, overview);
        overview.silenced_by
    };
    let silence = Some(SilencedBy::Silence("3f2a91bc".into()));
    let window = Some(SilencedBy::Maintenance("nightly".to_owned()));
    assert_eq!(shown("null"), None);
    assert_eq!(shown(r#""3f2a91bc""#), silence);
    assert_eq!(shown(r#""maintenance:nightly""#), window);
    assert_eq!(shown(r#"{"silence":"3f2a91bc"}"#), silence);
    assert_eq!(shown(r#"{"maintenance":"nightly"}"#), window);
}
