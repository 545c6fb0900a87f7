//! What a card of Qlik Cloud says when nothing can be looked up, in whatever way that fails.

use std::collections::BTreeSet;
use std::time::Duration;

use footman::clock::{self, Timestamp};
use footman::cloud::{
    LookedUp, NamedTenant, PollStart, Poller, Polling, SourceTurn, TenantSource, describe,
};
use footman::commit::StoredRows;
use footman::config::{StartSetting, Tenant};
use footman::demo::tenant::{API_KEY, CloudReload, Mishap};
use footman::detection::{Detection, Facts, ScriptFacts};
use jiff::SignedDuration;
use proptest::prelude::*;
use serde_json::Value;

use crate::support::cloud::{Cloud, Driver, SALES};
use crate::support::world::World;

/// Every look-up. The list of reloads is none.
const LOOK_UPS: [&str; 5] =
    ["/api/v1/items", "/api/v1/spaces", "/api/v1/users", "/api/v1/reloads/", "/api/v1/apps"];
/// Longer than any card may wait here, and shorter than the limit of a request.
const WATCHDOG: Duration = Duration::from_secs(25);

fn failing() -> impl Strategy<Value = Mishap> {
    let status =
        proptest::sample::select(vec![400_u16, 401, 403, 404, 408, 410, 429, 500, 502, 503]);
    prop_oneof![
        6 => (status, proptest::option::of(0_u64..900))
            .prop_map(|(status, retry_after)| Mishap::Refuses { status, retry_after }),
        1 => Just(Mishap::WebPage),
        1 => Just(Mishap::Cut),
        1 => Just(Mishap::Hangs),
        1 => Just(Mishap::Endless),
        1 => Just(Mishap::Redirects("https://elsewhere.example.com/".to_owned())),
        2 => malformed().prop_map(Mishap::Says),
    ]
}

/// JSON of another form, and what is none.
fn malformed() -> impl Strategy<Value = String> {
    let odd = [
        "",
        "null",
        "[]",
        "{}",
        "{\"data\":null}",
        "{\"data\":{}}",
        "{\"data\":[null,1]}",
        "{\"data\":[{\"resourceId\":1,\"name\":{}}]}",
        "{\"name\":7}",
        "{\"id\":null,\"log\":[]}",
        "{\"data\":[",
        "\u{0}",
        "[[[[[[[[",
    ];
    proptest::sample::select(odd.map(str::to_owned).to_vec())
}

fn reload() -> impl Strategy<Value = CloudReload> {
    let status = proptest::sample::select(vec!["FAILED", "FAILED", "CANCELED", "EXCEEDED_LIMIT"]);
    let text = || proptest::option::of("\\PC{0,40}");
    (status, text(), text(), 0_i64..5000, any::<[bool; 3]>()).prop_map(
        |(status, code, message, ago, [starts, is_task, is_partial])| {
            let ended = clock::now() - SignedDuration::from_secs(ago);
            CloudReload {
                id: "6a849f7f18ec290e00000001".to_owned(),
                app: SALES.to_owned(),
                status: status.to_owned(),
                created: ended - SignedDuration::from_secs(60),
                started: starts.then(|| ended - SignedDuration::from_secs(50)),
                ended: (starts || status != "EXCEEDED_LIMIT").then_some(ended),
                partial: is_partial,
                code,
                message,
                task: is_task.then(|| "6a84a0018ec290e6ceb0250d".to_owned()),
                // They can be looked up, and are not.
                log: Some("The following error occurred:\nnever shown\n".to_owned()),
                script_log: Some("never shown".to_owned()),
            }
        },
    )
}

/// The first detections of a tenant that is polled from the beginning of its history.
async fn detections(cloud: &Cloud, settle: Duration) -> Vec<Detection> {
    let tenant = Tenant::simulated(cloud.url(), API_KEY, Duration::from_secs(30));
    let tenant = Tenant { start: StartSetting::Beginning, ..tenant };
    let mut source = TenantSource::new("acme", &tenant, settle, &StoredRows::default()).unwrap();
    for _ in 0..10 {
        if let SourceTurn::News(news) = source.turn().await
            && !news.detections.is_empty()
        {
            return news.detections;
        }
    }
    panic!("nothing is reported");
}

/// What the same tenant comes to when nothing is looked up at all.
async fn without_look_ups(cloud: &Cloud) -> Vec<Detection> {
    let polling = Polling::new(SignedDuration::from_secs(30), PollStart::Beginning);
    let poller = Poller::restore("acme", polling, &StoredRows::default());
    let mut driver = Driver { poller, ..Driver::new(cloud) };
    driver.poll().await;
    let named = NamedTenant { tenant: "acme".into(), url: cloud.url() };
    describe(Timestamp::UNIX_EPOCH, &named, &driver.news, &LookedUp::default())
}

/// A detection without what is looked up.
fn bare(detection: Detection) -> Detection {
    let facts = Facts {
        task_name: None,
        app_name: None,
        space: None,
        owner: None,
        tags: Vec::new(),
        app_link: None,
        ..detection.facts
    };
    let script = detection.script.map(|script| ScriptFacts {
        started: script.started,
        ended: script.ended,
        ..ScriptFacts::default()
    });
    Detection { facts, script, ..detection }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn with_every_look_up_failing_a_detection_is_the_one_without_look_ups(
        reload in reload(),
        mishaps in proptest::collection::vec(failing(), LOOK_UPS.len()),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let cloud = Cloud::start().await;
            cloud.tenant.world().reloads.push(reload);
            let looked = detections(&cloud, Duration::from_secs(3)).await;
            let paths = LOOK_UPS.map(str::to_owned).into_iter();
            cloud.tenant.world().lasting = paths.zip(mishaps).collect();
            let left = tokio::time::timeout(WATCHDOG, detections(&cloud, Duration::from_millis(300)));
            let left = left.await.expect("the card waits for its look-ups");
            let expected = without_look_ups(&cloud).await;
            prop_assert_eq!(&left, &expected);
            let looked: Vec<Detection> = looked.into_iter().map(bare).collect();
            prop_assert_eq!(looked, expected);
            Ok(())
        })?;
    }
}

/// All texts of a card.
fn texts(json: &Value, found: &mut BTreeSet<String>) {
    match json {
        Value::String(text) => _ = found.insert(text.clone()),
        Value::Array(parts) => parts.iter().for_each(|part| texts(part, found)),
        Value::Object(parts) => parts.values().for_each(|part| texts(part, found)),
        _ => {}
    }
}

/// The texts of the card of one reload that failed at a given time.
async fn card(ended: Timestamp, mishaps: &[(String, Mishap)]) -> BTreeSet<String> {
    let cloud = Cloud::start().await;
    let failed = crate::support::cloud::reload(1, "FAILED", ended);
    cloud.tenant.world().reloads.push(failed);
    cloud.tenant.world().lasting = mishaps.to_vec();
    let mut world = World::new();
    world.config.push_str(&cloud.config("start = \"1d\""));
    world.variables.push(("ACME_KEY".to_owned(), API_KEY.to_owned()));
    let posts = world.run_until(1).await;
    let json: Value = serde_json::from_str(&posts[0].body).unwrap();
    let mut found = BTreeSet::new();
    texts(&json, &mut found);
    // Each tenant has a port of its own, and each incident an id.
    let found = found.into_iter().filter(|text| !text.starts_with("Incident "));
    found.map(|text| text.replace(&cloud.address.to_string(), "TENANT")).collect()
}

#[tokio::test]
async fn a_card_without_look_ups_lacks_the_rows_of_context_and_nothing_else() {
    let ended = clock::now() - SignedDuration::from_mins(5);
    let refuses = Mishap::Refuses { status: 503, retry_after: None };
    let all = LOOK_UPS.map(|path| (path.to_owned(), refuses.clone()));
    let (full, bare) = (card(ended, &[]).await, card(ended, &all).await);
    // The id stands in for the name, the tenant's own words for the reason, and what helps against
    // its code for what helps against the reason.
    let instead = ["116dbfae", "error in app script or datasource", "Correct the script"];
    let stands_in = |text: &&String| instead.iter().any(|it| text.contains(it));
    let only_bare: Vec<&String> = bare.difference(&full).filter(|text| !stands_in(text)).collect();
    assert_eq!(only_bare, [""; 0], "{full:#?}");
    // Values, labels and layout of the rows, and the buttons.
    let values =
        ["Sales Forecast", "Finance", "Anna Berg", "critical", "Amout", "TENANT/sense/app"];
    let words = ["App", "Space", "Owner", "Tags", "Open app", "CodeBlock", "Sql", "Monospace"];
    let excerpt = ["►", "44px", "Compare the field names"];
    let of_context = |text: &&String| {
        let has = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
        has(&values) || has(&excerpt) || words.contains(&text.as_str())
    };
    let lost: Vec<&String> = full.difference(&bare).filter(|text| !of_context(text)).collect();
    assert_eq!(lost, [""; 0], "{bare:#?}");
}

const SCRIPT_BEGIN: &str = "20261126T050006.351+0000      Execution started.\r\n";
const SCRIPT_END: &str = "20261126T050007.001+0000 0002 LOAD Amout\r\n20261126T050007.001+0000 0003 FROM [lib://Data/orders.qvd] (qvd)\r\n20261126T050007.351+0000      Error: Field 'Amout' not found\r\n20261126T050008.351+0000      Execution Failed\r\n";

/// A tenant with a reload that failed, and whose script log has the only reason.
async fn with_script_log(log: String) -> Cloud {
    let cloud = Cloud::start().await;
    let failed = crate::support::cloud::reload(1, "FAILED", clock::now());
    let failed = CloudReload { log: None, script_log: Some(log), ..failed };
    cloud.tenant.world().reloads.push(failed);
    cloud
}

fn error(detections: &[Detection]) -> Option<&str> {
    detections[0].script.as_ref()?.error.as_deref()
}

#[tokio::test]
async fn a_script_log_that_appears_late_gives_the_reason() {
    let cloud = with_script_log([SCRIPT_BEGIN, SCRIPT_END].concat()).await;
    let missing = Mishap::Refuses { status: 404, retry_after: None };
    for _ in 0..2 {
        let late = ("/api/v1/apps".to_owned(), missing.clone());
        cloud.tenant.world().mishaps.push_back(late);
    }
    let found = detections(&cloud, Duration::from_secs(10)).await;
    assert_eq!(error(&found), Some("Field 'Amout' not found"));
    assert_eq!(cloud.n_requests("/reloads/logs/"), 3);
}

#[tokio::test]
async fn the_end_of_a_large_script_log_gives_the_reason() {
    let filler =
        "20261126T050006.351+0000 0001 LOAD * FROM [lib://Data/x.qvd] (qvd)\r\n".repeat(100_000);
    let cloud = with_script_log([SCRIPT_BEGIN, &filler, SCRIPT_END].concat()).await;
    let found = detections(&cloud, Duration::from_secs(20)).await;
    assert_eq!(error(&found), Some("Field 'Amout' not found"));
}

#[tokio::test]
async fn a_script_log_beyond_64_mb_is_not_read_on_and_the_failure_is_reported_without_it() {
    let filler = "20261126T050006.351+0000 0001 LOAD * FROM [lib://Data/x.qvd] (qvd)\r\n";
    let filler = filler.repeat((64 << 20) / filler.len());
    let cloud = with_script_log([SCRIPT_BEGIN, &filler, SCRIPT_END].concat()).await;
    let found = detections(&cloud, Duration::from_mins(1)).await;
    assert_eq!(error(&found), None);
    assert_eq!(cloud.n_requests("/reloads/logs/"), 1);
}

#[tokio::test]
async fn a_request_that_the_tenant_no_longer_accepts_is_a_card_that_says_what_to_do() {
    let cloud = Cloud::start().await;
    let refused = Mishap::Refuses { status: 400, retry_after: None };
    cloud.tenant.world().lasting = vec![("/api/v1/reloads".to_owned(), refused)];
    let mut world = World::new();
    world.config.push_str(&cloud.config(""));
    world.variables.push(("ACME_KEY".to_owned(), API_KEY.to_owned()));
    let posts = world.run_until(1).await;
    for expected in ["Tenant acme cannot be polled", "HTTP-400", "newest version of Footman"] {
        assert!(posts[0].body.contains(expected), "{expected}: {}", posts[0].body);
    }
}
