//! Answers in the forms that Qlik's descriptions of the API show, and answers in any other form.

use jiff::SignedDuration;
use proptest::prelude::*;
use serde_json::{Value, json};
use url::Url;

use super::tenant::seconds;
use crate::cloud::answers::parsed;
use crate::cloud::{
    AppContext, LookedUp, NamedTenant, News, Next, Page, PollRequest, PollStart, Poller, Polling,
    Reload, ReloadStatus, Task, TenantAnswer, describe,
};
use crate::commit::StoredRows;
use crate::detection::AnswerFault;

/// The forms of the examples in the descriptions of Reloads, Items and Tasks, with other values.
const RELOADS: &str = include_str!("documented/reloads.json");
const ITEMS: &str = include_str!("documented/items.json");
const TASKS: &str = include_str!("documented/tasks.json");

fn json_of(text: &str) -> Value {
    parsed(text.as_bytes(), 1 << 20).unwrap()
}

#[test]
fn the_documented_list_of_reloads_is_read() {
    let page = Page::of(&json_of(RELOADS), None, Reload::of).unwrap();
    assert_eq!((page.rows.len(), page.n_unreadable), (3, 0));
    assert_eq!(
        page.next.as_deref(),
        Some("https://acme.eu.qlikcloud.com/api/v1/reloads?limit=100&next=b3BhcXVl")
    );
    let failed = &page.rows[0];
    let stamp = |text: &str| Some(text.parse().unwrap());
    let expected = Reload {
        id: "6a849f7f18ec290e6ceb025d".to_owned(),
        app: "116dbfae-7fb9-4983-8e23-5ccd8c508722".to_owned(),
        status: Some(ReloadStatus::Failed),
        caused_by: Some("chronos".to_owned()),
        partial: false,
        created: stamp("2026-11-26T05:00:00.164Z"),
        started: stamp("2026-11-26T05:00:06.351Z"),
        ended: stamp("2026-11-26T05:03:11.865Z"),
        error_code: Some("EngineConnectionError".to_owned()),
        error_message: Some("failed to complete reload: unexpected EOF".to_owned()),
        user: Some("FyPG0hcQ2dBvX1eWmRkUoYt7sLnZa4Ki".to_owned()),
        task: Some("6a84a0018ec290e6ceb0250d".to_owned()),
        log: None,
    };
    assert_eq!(failed, &expected);
    assert!(page.rows[1].log.as_ref().is_some_and(|log| log.contains("Finished successfully")));
    // Only what every reload has.
    assert_eq!((page.rows[2].end(), page.rows[2].at()), (None, page.rows[2].created));
}

#[test]
fn the_documented_items_are_read() {
    let body = json_of(ITEMS);
    let items = body["data"].as_array().unwrap().iter().map(AppContext::of);
    let items: Vec<_> = items.collect::<Option<_>>().unwrap();
    let (id, app) = &items[0];
    assert_eq!(id, "116dbfae-7fb9-4983-8e23-5ccd8c508722");
    assert_eq!(app.name.as_deref(), Some("Sales Forecast"));
    assert_eq!((app.space.is_some(), app.owner.is_some()), (true, true));
    assert_eq!(app.tags, ["critical"]);
    assert!(
        app.link
            .as_ref()
            .is_some_and(|link| link.ends_with("/sense/app/116dbfae-7fb9-4983-8e23-5ccd8c508722"))
    );
    // A personal app of which nothing else is said.
    assert_eq!((&items[1].1.space, items[1].1.tags.len()), (&None, 0));
}

#[test]
fn a_card_leads_to_no_other_host_than_the_tenants() {
    let url = Url::parse("https://acme.eu.qlikcloud.com").unwrap();
    let named = NamedTenant { tenant: "acme".into(), url };
    let failed = Page::of(&json_of(RELOADS), None, Reload::of).unwrap().rows.swap_remove(0);
    let app = failed.app.clone();
    let news = [News::Failed(failed)];
    let link_of = |link: &str| {
        let context = AppContext { link: Some(link.to_owned()), ..AppContext::default() };
        let looked = LookedUp { apps: [(app.clone(), context)].into(), ..LookedUp::default() };
        let detections = describe(seconds(0), &named, &news, &looked);
        let home: Vec<_> = detections[0].words.links.iter().map(|link| link.url.clone()).collect();
        assert_eq!(home, ["https://acme.eu.qlikcloud.com/analytics/home"]);
        detections[0].facts.app_link.clone()
    };
    for own in [
        "https://acme.eu.qlikcloud.com/sense/app/1",
        // A tenant may have a second name.
        "https://acme-finance.eu.qlikcloud.com/sense/app/1",
    ] {
        assert_eq!(link_of(own).as_deref(), Some(own));
    }
    for other in [
        "https://evil.example.com/sense/app/1",
        "https://qlikcloud.com.example.com/",
        "http://other.eu.qlikcloud.com/sense/app/1",
        "javascript:alert(1)",
        "/sense/app/1",
    ] {
        assert_eq!(link_of(other), None, "{other}");
    }
}

#[test]
fn the_documented_tasks_are_read() {
    let page = Page::of(&json_of(TASKS), None, Task::of).unwrap();
    let off: Vec<_> = page.rows.iter().map(|task| task.off.as_deref()).collect();
    assert_eq!(off, [None, Some("CONSECUTIVE-FAILURES"), None]);
    assert_eq!((page.next, page.n_unreadable), (None, 0));
}

/// Any JSON, with the names that answers have.
fn any_json() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        "\\PC{0,12}",
        proptest::sample::select(
            [
                "FAILED",
                "QUEUED",
                "6a849f7f18ec290e6ceb025d",
                "9999-12-30T22:00:00Z",
                "-009999-01-02T01:59:59Z",
                "2026-11-26T05:00:00Z",
                "",
                "https://x/y"
            ]
            .map(str::to_owned)
            .to_vec()
        ),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    let name = proptest::sample::select(
        [
            "data",
            "links",
            "next",
            "href",
            "id",
            "appId",
            "status",
            "creationTime",
            "startTime",
            "endTime",
            "errorCode",
            "log",
            "meta",
            "tags",
            "name",
            "resourceId",
            "resourceType",
            "metadata",
            "disabledCode",
            "enabled",
            "partial",
            "open",
        ]
        .map(str::to_owned)
        .to_vec(),
    );
    leaf.prop_recursive(5, 64, 8, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::btree_map(name.clone(), inner, 0..8)
                .prop_map(|members| json!(members)),
        ]
    })
}

/// A documented list of which some members are replaced by anything.
fn odd_list() -> impl Strategy<Value = Value> {
    let names = [
        "id",
        "appId",
        "status",
        "creationTime",
        "startTime",
        "endTime",
        "errorCode",
        "errorMessage",
        "partial",
        "type",
        "resourceId",
        "resourceType",
        "log",
        "userId",
    ];
    let change = (0_usize..3, proptest::sample::select(names.to_vec()), any_json());
    proptest::collection::vec(change, 0..6).prop_map(|changes| {
        let mut list = json_of(RELOADS);
        for (row, name, value) in changes {
            list["data"][row][name] = value;
        }
        list
    })
}

/// Lets a poller take a list, and describes what is new.
fn taken(body: &Value) {
    let polling = Polling::new(SignedDuration::from_secs(30), PollStart::Beginning);
    let mut poller = Poller::restore("acme", polling, &StoredRows::default());
    let named = NamedTenant {
        tenant: "acme".into(),
        url: Url::parse("https://acme.eu.qlikcloud.com").unwrap(),
    };
    for step in 0..12 {
        let now = seconds(step * 10);
        match poller.next(now) {
            Next::Ask(PollRequest::Ended(_) | PollRequest::Active(_)) => {
                // What is no list is a fault, which the client makes of it.
                let Some(mut page) = Page::of(body, Some(now), Reload::of) else { return };
                page.next = None;
                poller.take(now, TenantAnswer::Reloads(page));
            }
            Next::Ask(PollRequest::One(_)) => poller.take(now, TenantAnswer::One(Reload::of(body))),
            Next::Ask(PollRequest::Tasks(_)) => {
                let Some(page) = Page::of(body, Some(now), Task::of) else { return };
                poller.take(now, TenantAnswer::Tasks(page));
            }
            Next::Found(found) => {
                let detections = describe(now, &named, &found.news, &LookedUp::default());
                assert_eq!(detections.len(), found.news.len());
            }
            Next::Wait(_) => {}
        }
    }
}

proptest! {
    #[test]
    fn no_json_breaks_anything(body in any_json()) {
        taken(&body);
        AppContext::of(&body);
        Task::of(&body);
    }

    #[test]
    fn no_row_breaks_anything(body in odd_list()) {
        taken(&body);
    }

    #[test]
    fn an_answer_that_is_cut_is_an_error(of in 0_usize..3, part in 0.0..1.0_f64) {
        let text = [RELOADS, ITEMS, TASKS][of].trim_end();
        let bytes = text.as_bytes();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a part of a short text")]
        let cut = (bytes.len() as f64 * part) as usize;
        let why = parsed(&bytes[..cut], 1 << 20).unwrap_err();
        prop_assert_eq!(why, AnswerFault::NotJson);
    }

    #[test]
    fn any_bytes_are_json_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(body) = parsed(&bytes, 1 << 20) {
            taken(&body);
        }
    }
}

#[test]
fn a_next_page_of_another_form_is_no_end_of_the_list() {
    for next in [json!(7), json!({ "href": 7 }), json!({ "href": {} }), json!(["x"]), json!("x")] {
        let body = json!({ "data": [], "links": { "next": next } });
        assert_eq!(Page::of(&body, None, Reload::of), None, "{next}");
    }
    for next in [json!(null), json!({}), json!({ "href": null }), json!({ "href": " " })] {
        let body = json!({ "data": [], "links": { "next": next } });
        assert_eq!(Page::of(&body, None, Reload::of).unwrap().next, None, "{next}");
    }
    for body in [json!({ "data": [] }), json!({ "data": [], "links": null })] {
        assert_eq!(Page::of(&body, None, Reload::of).unwrap().next, None, "{body}");
    }
}
